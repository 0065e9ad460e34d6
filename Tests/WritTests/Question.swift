import Writ

/// Asks for the value of an expression, with the façade's own builtins and strict errors.
enum Question {
    /// The value as JSON text, or the message of the error.
    static func answer(_ expression: String) throws -> String {
        let file = PolicyFile(name: "t.rego", text: Array("package t\np := \(expression)".utf8))
        let snapshot = Snapshot(policy: try Policy.compile([file]))
        let evaluator = Evaluator(snapshot)
        evaluator.isStrict = true
        var answer = ByteBuffer()
        let target = snapshot.target([Array("t".utf8), Array("p".utf8)])
        do throws(DecisionFailure) {
            guard try evaluator.decide(target, input: nil, into: &answer) else { return "undefined" }
        } catch {
            return error.message
        }
        return answer.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    static func holds(_ expression: String) throws -> Bool { try answer(expression) == "true" }
}
