import Writ

/// `/health`: the server answers; `/health/NAME`: `data.system.health.NAME` holds.
extension Worker {
    func health(_ request: Request, prefix: Int) -> AnswerHead? {
        let names = request.target.segments(after: prefix)
        guard !names.isEmpty else {
            output.append("{}\n")
            return AnswerHead(status: 200)
        }
        let path = [Array("system".utf8), Array("health".utf8)] + names
        let evaluator = evaluator()
        evaluator.begin()
        evaluator.isStrict = false
        let input = (try? evaluator.space.readJSON(Self.state)) ?? .undefined
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
        output.append("{\"error\":")
        output.appendJSONString(problem)
        output.append("}\n")
        return AnswerHead(status: 500)
    }

    /// What health policies are told: nothing is waited for.
    private static let state = Array(#"{"plugin_state":{},"plugins_ready":true}"#.utf8)
}
