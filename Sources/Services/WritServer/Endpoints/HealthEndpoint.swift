import Writ

/// `/health`: the server answers; `/health/NAME`: `data.system.health.NAME` holds.
extension Worker {
    func health(_ request: Request, prefix: Int) -> AnswerHead? {
        let names = request.target.segments(after: prefix)
        guard !names.isEmpty else { return health(request.target) }
        let path = [Array("system".utf8), Array("health".utf8)] + names
        let evaluator = evaluator()
        evaluator.begin()
        evaluator.isStrict = false
        let input = (try? evaluator.space.readJSON(pluginState())) ?? .undefined
        let name = "health check (\(Self.reference(path)))"
        let evaluation: Evaluation
        do throws(DecisionFailure) {
            evaluation = try evaluator.start(evaluator.snapshot.target(path), input: input)
        } catch {
            return verdict(.failure(error), name)
        }
        switch evaluation {
        case .finished(let value): return verdict(.success(value), name)
        case .waiting(let wait):
            return suspend(evaluator, wait) { [unowned self] outcome in verdict(outcome, name) }
        }
    }

    private func verdict(_ outcome: Result<Value, DecisionFailure>, _ name: String) -> AnswerHead {
        var problem: String?
        switch outcome {
        case .success(let value):
            if !value.isDefined {
                problem = "\(name) was undefined"
            } else if !value.isTrue {
                problem = "\(name) returned unexpected value"
            }
        case .failure(let failure): problem = failure.message
        }
        guard let problem else {
            output.append("{}\n")
            return AnswerHead(status: 200)
        }
        return unhealthy(problem)
    }

    /// Whether the server and, where that is asked, bundles and plugins are ready.
    private func health(_ target: RequestTarget) -> AnswerHead {
        let states = configuration.pluginStates()
        func isReady(_ name: String) -> Bool { !states.contains { $0.name == name && $0.state != "OK" } }
        if target.isSet("bundle") || target.isSet("bundles"), !isReady("discovery") || !isReady("bundle") {
            return unhealthy("one or more bundles are not activated")
        }
        if target.isSet("plugins") {
            let excluded = target.parameters().filter { $0.0 == Array("exclude-plugin".utf8) }.map { $0.1 }
            let counted = states.filter { !excluded.contains(Array($0.name.utf8)) }
            if counted.contains(where: { $0.state != "OK" }) {
                return unhealthy("one or more plugins are not up")
            }
        }
        output.append("{}\n")
        return AnswerHead(status: 200)
    }

    private func unhealthy(_ problem: String) -> AnswerHead {
        output.append("{\"error\":")
        output.appendJSONString(problem)
        output.append("}\n")
        return AnswerHead(status: 500)
    }

    /// What health policies are told. Once all plugins were ready they count as ready.
    private func pluginState() -> [UInt8] {
        let states = configuration.pluginStates()
        if states.allSatisfy({ $0.state == "OK" }) { wasReady = true }
        var text = OutputBuffer()
        text.append("{\"plugin_state\":{")
        for (index, plugin) in states.enumerated() {
            if index > 0 { text.append(",") }
            text.appendJSONString(plugin.name)
            text.append(":")
            text.appendJSONString(plugin.state)
        }
        text.append(wasReady ? "},\"plugins_ready\":true}" : "},\"plugins_ready\":false}")
        return text.bytes
    }
}
