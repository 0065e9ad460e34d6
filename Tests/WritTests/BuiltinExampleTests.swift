import Testing
import Writ

/// That every builtin has examples; the tests of WritHostBuiltins, which have all builtins, run them.
struct BuiltinExampleTests {
    @Test func everyBuiltinHasExamples() {
        for builtin in BuiltinReference.all where builtin.examples.isEmpty {
            Issue.record("\(builtin.name) has no example")
        }
        for builtin in BuiltinReference.all {
            for example in builtin.examples {
                // What the compiler makes of something else is shown by that: `internal.print` by `print`.
                let operation = builtin.infix ?? builtin.name.replacing("internal.", with: "")
                #expect(example.text.contains(operation) || example.text.contains("$\""), "\(example.text)")
            }
        }
    }
}
