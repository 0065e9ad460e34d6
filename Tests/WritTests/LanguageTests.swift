import Testing
import Writ

/// The language from end to end: modules, data and input to JSON.
@Suite struct LanguageTests {
    @Test(arguments: Case.rules) func rules(_ row: Case) { check(row) }
    @Test(arguments: Case.functions) func functions(_ row: Case) { check(row) }
    @Test(arguments: Case.bodies) func bodies(_ row: Case) { check(row) }
    @Test(arguments: Case.with) func with(_ row: Case) { check(row) }
    @Test(arguments: Case.documents) func documents(_ row: Case) { check(row) }
    @Test(arguments: Case.index) func index(_ row: Case) { check(row) }
    @Test(arguments: Case.types) func types(_ row: Case) { check(row) }
    @Test(arguments: Case.inferredTypes) func inferredTypes(_ row: Case) { check(row) }
    @Test(arguments: Case.replacedTypes) func replacedTypes(_ row: Case) { check(row) }
    @Test(arguments: Case.values) func values(_ row: Case) { check(row) }

    private func check(_ row: Case) {
        let given = row.run()
        for (wanted, given) in zip(row.answers, given) {
            #expect(given == wanted.answer, "\(row.name), input \(wanted.input ?? "none")")
        }
    }

    /// The rows that a decision runs through one after the other leave nothing behind.
    @Test func ordersOfInputsDoNotMatter() throws {
        for row in Case.index + Case.with {
            let turned = Case(
                row.name, row.text, data: row.data, path: row.path,
                answers: (row.answers.reversed() + row.answers).map { ($0.input, $0.answer) })
            check(turned)
        }
    }

    @Test func builtinErrorsAreUndefinedUnlessStrict() throws {
        #expect(try decide("p := 1 / 0") == .undefined)
        #expect(try decide("p := 1 / 0", isStrict: true) == .fails("eval_builtin_error"))
        #expect(try decide("default p := 7\np := count(input.n)", input: #"{"n": 1}"#) == .value("7"))
        // A call inside a negated expression is computed before it.
        #expect(try decide("p if not to_number(input.s) == 1", input: #"{"s": "x"}"#) == .undefined)
        #expect(try decide("p if not to_number(input.s)", input: #"{"s": "x"}"#) == .value("true"))
        #expect(try decide("p := [x | x := 1 / 0]") == .value("[]"))
    }

    @Test func constantKeysOfOtherSpelling() {
        let row = Case("", #"p := {1: "a"}[1.0]"#, gives: .value(#""a""#))
        #expect(row.run() == [.value(#""a""#)])
        #expect(throws: CompileFailure.self) { try decide(#"p := {1: "a"}[2]"#) }
    }

    @Test func conflictsAreErrorsEvenWhenNotStrict() throws {
        #expect(try decide("p := 1\np := 2") == .fails("eval_conflict_error"))
        #expect(try decide("p if not q\nq := 1\nq := 2") == .fails("eval_conflict_error"))
    }
}
