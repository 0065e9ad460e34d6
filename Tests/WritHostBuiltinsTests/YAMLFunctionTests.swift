import Testing
import Writ
import WritHostBuiltins

@Suite struct YAMLFunctionTests {
    @Test(arguments: [
        (#"yaml.unmarshal("a: [1, yes]")"#, #"{"a":[1,true]}"#),
        (#"yaml.is_valid("a: [1")"#, "false"),
        (#"yaml.is_valid("a: 1")"#, "true"),
        (#"yaml.is_valid(json.unmarshal("7"))"#, "false"),
    ])
    func value(_ expression: String, _ expected: String) throws {
        #expect(try Asked.value(expression) == expected)
    }

    @Test func malformedTextIsAnError() {
        #expect(throws: DecisionFailure.self) { try Asked.value(#"yaml.unmarshal("a: [1")"#) }
        do { _ = try Asked.value(#"yaml.unmarshal("a: [1")"#) } catch let error as DecisionFailure {
            #expect(error.code == "eval_builtin_error")
            #expect(error.message.utf8.starts(with: "yaml.unmarshal: ".utf8))
        } catch { Issue.record("\(error)") }
    }

    @Test func withoutTheLibraryACallDoesNotCompile() {
        let file = PolicyFile(name: "t.rego", text: Array("package t\np := yaml.unmarshal(\"a\")".utf8))
        #expect(throws: CompileFailure.self) { try Policy.compile([file]) }
        #expect(throws: Never.self) { try Policy.compile([file], options: CompileOptions(functions: .all)) }
    }
}

/// Asks for the value of one expression, with every builtin and strict errors.
enum Asked {
    static func value(_ expression: String) throws -> String {
        let file = PolicyFile(name: "t.rego", text: Array("package t\np := \(expression)".utf8))
        let snapshot = Snapshot(policy: try Policy.compile([file], options: CompileOptions(functions: .all)))
        let evaluator = Evaluator(snapshot)
        evaluator.isStrict = true
        var answer = ByteBuffer()
        let target = snapshot.target([Array("t".utf8), Array("p".utf8)])
        guard try evaluator.decide(target, input: nil, into: &answer) else { return "undefined" }
        return answer.withBytes { String(decoding: $0, as: UTF8.self) }
    }
}
