import Writ
import WritHostBuiltins

/// Runs the examples of builtins, with strict builtin errors.
struct ExampleRun {
    enum Answer: Equatable {
        /// JSON text.
        case value(String)
        case undefined
        case failure(code: String, message: String)
    }

    static let all = ExampleRun(functions: .all)
    private static let data = BuiltinReference.pages.first { $0.name == "data.json" }.map { Array($0.text.utf8) } ?? []

    let functions: HostFunctions

    /// What is wrong with an example; nil when it gives what it says.
    func problem(with example: BuiltinExample) throws -> String? {
        let answer = example.isModule ? try self.answer(toModule: example.text) : try self.answer(to: example.text)
        switch (example.outcome, answer) {
        case (.value(let term), .value(let json)):
            // The example's own text must hold, so that sets are not taken for arrays.
            let wanted = try self.answer(to: term)
            guard wanted == answer else { return "gives \(json)" }
            guard !example.isModule else { return nil }
            let comparison = try self.answer(to: "1; got = \(example.text); got == \(term)")
            return comparison == .undefined ? "is of another type" : nil
        case (.undefined, .undefined): return nil
        case (.failure(let code, let message, let isWhole), .failure(let gotCode, let got)):
            let isSame = isWhole ? got == message : got.hasPrefix(message)
            return code == gotCode && isSame ? nil : "fails with \(gotCode): \(got)"
        default: return "gives \(answer)"
        }
    }

    /// The value of an expression.
    func answer(to expression: String) throws -> Answer {
        try answer(module: "package example", query: "answer = " + expression)
    }

    private func answer(toModule text: String) throws -> Answer {
        try answer(module: text, query: "answer = data.example.p")
    }

    private func answer(module: String, query: String) throws -> Answer {
        do {
            var options = CompileOptions(functions: functions)
            options.readYAML = functions.readYAML
            let file = PolicyFile(name: "example.rego", text: Array(module.utf8))
            var data = DataBuilder()
            try data.add(Self.data)
            let snapshot = Snapshot(policy: try Policy.compile([file], options: options), data: try data.freeze())
            let prepared = try PreparedQuery.prepare(Array(query.utf8), for: snapshot)
            let evaluator = prepared.makeEvaluator()
            evaluator.isStrict = true
            evaluator.begin()
            guard let answer = try evaluator.answers(to: prepared, input: .undefined).first,
                let position = prepared.bindings.firstIndex(of: "answer")
            else { return .undefined }
            return .value(String(decoding: try evaluator.space.json(answer.bindings[position]), as: UTF8.self))
        } catch let failure as CompileFailure {
            let first = failure.diagnostics.first
            return .failure(
                code: first.map { String(describing: $0.code.text) } ?? "?", message: first?.message ?? "")
        } catch let failure as DecisionFailure {
            return .failure(code: failure.code, message: failure.message)
        }
    }
}
