import Writ

/// `/health`: the server answers; `/health/NAME`: `data.system.health.NAME` holds.
extension Worker {
    func health(_ request: Request, prefix: Int) -> AnswerHead {
        let names = request.target.segments(after: prefix)
        guard !names.isEmpty else {
            output.append("{}\n")
            return AnswerHead(status: 200)
        }
        let path = [Array("system".utf8), Array("health".utf8)] + names
        let evaluator = evaluator()
        evaluator.begin()
        var problem: String?
        do throws(DecisionFailure) {
            let input = (try? evaluator.space.readJSON(Self.state)) ?? .undefined
            evaluator.isStrict = false
            let value = try evaluator.evaluate(evaluator.snapshot.target(path), input: input)
            let name = "health check (\(Self.reference(path)))"
            if !value.isDefined {
                problem = "\(name) was undefined"
            } else if !value.isTrue {
                problem = "\(name) returned unexpected value"
            }
        } catch {
            problem = error.message
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
