import Testing
import Writ

/// Policies and documents far larger than usual compile and run, or are refused with a clear error.
@Suite struct ScaleTests {
    @Test func longBody() throws {
        let conditions = (0..<5_000).map { "    input.n != \($0)" }.joined(separator: "\n")
        let snapshot = try snapshot(of: "p if {\n\(conditions)\n}")
        let evaluator = Evaluator(snapshot)
        #expect(answer(of: evaluator, snapshot.target(steps("t/p")), input: #"{"n": 5000}"#) == .value("true"))
        #expect(answer(of: evaluator, snapshot.target(steps("t/p")), input: #"{"n": 4999}"#) == .undefined)
    }

    @Test func longBodyOfAssignments() throws {
        let lines = (1...2_000).map { "    x\($0) := x\($0 - 1) + 1" }.joined(separator: "\n")
        #expect(try decide("p := x2000 if {\n    x0 := input\n\(lines)\n}", input: "1") == .value("2001"))
    }

    @Test func nestedLoopsWithoutMeasure() {
        let loops = (0..<5_000).map { "    some x\($0) in input" }.joined(separator: "\n")
        let uses = (0..<5_000).map { "    x\($0) == 1" }.joined(separator: "\n")
        let diagnostic = refusal(of: "p if {\n\(loops)\n\(uses)\n}")
        #expect(diagnostic?.code == DiagnosticCode("writ_limit_error"))
        #expect(diagnostic?.span != nil)
        #expect(diagnostic?.help != nil)
    }

    @Test func nestedLoopsWithinMeasure() throws {
        let loops = (0..<60).map { "some x\($0) in input" }.joined(separator: "; ")
        let sum = (0..<60).map { "x\($0)" }.joined(separator: " + ")
        #expect(try decide("p := y if { \(loops); y := \(sum) }", input: "[2]") == .value("120"))
    }

    @Test(arguments: ["[", "{\"a\": ", "f(", "(", "{1 | ", "not "])
    func nestedTermsWithoutMeasure(_ opening: String) {
        let closing = ["[": "]", "{\"a\": ": "}", "f(": ")", "(": ")", "{1 | ": "}", "not ": ""][opening] ?? ""
        let text =
            "f(x) := x\np if " + String(repeating: opening, count: 20_000) + "1"
            + String(repeating: closing, count: 20_000)
        #expect(refusal(of: text)?.code == DiagnosticCode("rego_parse_error"))
    }

    /// The first error of a policy. (An error that the test library sees is written out with all its sources.)
    private func refusal(of text: String) -> Diagnostic? {
        do throws(CompileFailure) { _ = try Policy.compile(modules(text)) } catch { return error.diagnostics.first }
        return nil
    }

    @Test func manyRules() throws {
        var text = "default p := \"none\"\n"
        for number in 0..<20_000 { text += "p := \(number) if input.k == \"k\(number)\"\n" }
        let snapshot = try snapshot(of: text)
        let evaluator = Evaluator(snapshot)
        let target = snapshot.target(steps("t/p"))
        for number in [0, 1, 2_500, 19_999] {
            #expect(answer(of: evaluator, target, input: "{\"k\": \"k\(number)\"}") == .value("\(number)"))
        }
        #expect(answer(of: evaluator, target, input: "{\"k\": \"k20000\"}") == .value("\"none\""))
    }

    @Test func manyNames() throws {
        var text = ""
        for number in 0..<3_000 { text += "r\(number) := \(number) if input.on\n" }
        let snapshot = try snapshot(of: text)
        let evaluator = Evaluator(snapshot)
        #expect(answer(of: evaluator, snapshot.target(steps("t/r2999")), input: #"{"on": true}"#) == .value("2999"))
        guard case .value(let whole) = answer(of: evaluator, snapshot.target(steps("t")), input: #"{"on": true}"#)
        else {
            Issue.record("the package has no document")
            return
        }
        #expect(whole.split(separator: ",").count == 3_000)
    }

    @Test func manyPackages() throws {
        let text = (0..<500).map { "package all.a\($0 % 50).b\($0)\nr := \($0)" }.joined(separator: "\n")
        let question = "\npackage t\np := count([v | v := data.all[_][_].r])"
        #expect(try decide(text + question) == .value("500"))
    }

    @Test func wideObjects() throws {
        let entries = (0..<20_000).map { "\"k\($0)\": \($0)" }.joined(separator: ", ")
        let policy = "p := [count(data.wide), data.wide[input.k], input.wide[input.k], count(input.wide)]"
        let answer = try decide(
            policy, data: "{\"wide\": {\(entries)}}", input: "{\"k\": \"k12345\", \"wide\": {\(entries)}}")
        #expect(answer == .value("[20000,12345,12345,20000]"))
    }

    @Test func wideLiteral() throws {
        let entries = (0..<3_000).map { "\"k\($0)\": input.n + \($0)" }.joined(separator: ", ")
        #expect(try decide("o := {\(entries)}\np := [count(o), o.k2999]", input: #"{"n": 1}"#) == .value("[3000,3000]"))
    }

    @Test func longStrings() throws {
        let long = String(repeating: "é", count: 100_000)
        #expect(
            try decide("p := [count(input), count(\"\(long)\")]", input: "\"\(long)\"") == .value("[100000,100000]"))
    }

    @Test func longNumbers() throws {
        let digits = String(repeating: "9", count: 2_000)
        #expect(try decide("p := input", input: digits) == .value(digits))
        #expect(try decide("p := input == \(digits)", input: digits) == .value("true"))
        // An exponent without measure must not take memory without measure.
        for text in ["1e999999999", "1e-999999999", "1e99999999999999999999"] {
            for rule in [
                "p := input + 1", "p := input * input", "p := input == 1", "p := {input: 1}[1]", "p := round(input)",
            ] {
                _ = try decide(rule, input: text)
            }
        }
    }
}
