import Testing
import Writ
import WritHostBuiltins

/// What the documentation of the builtins shows and says is so.
struct BuiltinExampleTests {
    @Test func examplesGiveWhatTheySay() throws {
        var count = 0
        for builtin in BuiltinReference.all {
            for example in builtin.examples {
                count += 1
                if let problem = try ExampleRun.all.problem(with: example) {
                    Issue.record("\(example.text): \(problem)")
                }
            }
        }
        #expect(count > 400)
    }

    /// What the pages say of types: an operand of another type is an error, or it is not.
    @Test func typeErrorsAreTold() throws {
        for builtin in BuiltinReference.all where !builtin.name.hasPrefix("internal.") {
            let open = builtin.signature.split(separator: "(", maxSplits: 1)
            guard open.count == 2, !open[1].hasPrefix(")"), builtin.name != "walk", builtin.name != "eq",
                builtin.name != "assign"
            else { continue }
            let count = Self.operands(open[1])
            // One of the two is of a wrong type for the first operand, unless it takes any.
            var codes: Set<String> = []
            for value in ["null", "\"a\"", "7", "[7]"] {
                let operands = ["input"] + Array(repeating: "input", count: count - 1)
                let expression = "\(builtin.name)(\(operands.joined(separator: ", "))) with input as \(value)"
                if case .failure(let code, _) = try ExampleRun.all.answer(to: expression) { codes.insert(code) }
            }
            #expect(
                codes.contains("eval_type_error") == builtin.errors.contains("eval_type_error"),
                "\(builtin.name): \(codes)")
        }
    }

    /// The number of operands in `x: number, y: any<a, b>) -> ...`.
    private static func operands(_ text: Substring) -> Int {
        var depth = 0
        var count = 1
        for character in text {
            if "<[(".contains(character) { depth += 1 }
            if ">])".contains(character) {
                if depth == 0 { break }
                depth -= 1
            }
            if character == ",", depth == 0 { count += 1 }
        }
        return count
    }
}
