import Testing
import Writ

/// Each limit is a failure of its own, and the evaluator goes on with the next decision.
@Suite struct LimitTests {
    /// Runs an input that hits a limit between two that do not.
    private func expectLimit(
        _ text: String, limits: DecisionLimits, small: String, large: String, gives: String, _ code: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let snapshot = try snapshot(of: text)
        let evaluator = Evaluator(snapshot, limits: limits)
        let target = snapshot.target(steps("t/p"))
        for _ in 0..<3 {
            #expect(answer(of: evaluator, target, input: small) == .value(gives), sourceLocation: sourceLocation)
            #expect(answer(of: evaluator, target, input: large) == .fails(code), sourceLocation: sourceLocation)
        }
        #expect(answer(of: evaluator, target, input: small) == .value(gives), sourceLocation: sourceLocation)
    }

    @Test func steps_loops() throws {
        var limits = DecisionLimits()
        limits.steps = 50_000
        try expectLimit(
            "p := n if n := count([1 | some x in input; some y in input; x == y])", limits: limits,
            small: "[1, 2, 3]", large: "[" + (0..<1000).map { "\($0)" }.joined(separator: ",") + "]", gives: "3",
            "writ_step_limit")
    }

    @Test func steps_builtins() throws {
        var limits = DecisionLimits()
        limits.steps = 10_000
        try expectLimit(
            "p := count(numbers.range(1, input))", limits: limits, small: "10", large: "1000000", gives: "10",
            "writ_step_limit")
        try expectLimit(
            "p := count([x | walk(input, x)])", limits: limits, small: "[[]]",
            large: "[" + String(repeating: "[],", count: 20_000) + "1]", gives: "2", "writ_step_limit")
    }

    @Test func steps_calls() throws {
        var limits = DecisionLimits()
        limits.steps = 5_000
        try expectLimit(
            "f(x) := x + 1\np := sum([y | some x in input; y := f(f(f(x)))])", limits: limits, small: "[1]",
            large: "[" + String(repeating: "1,", count: 3_000) + "1]", gives: "4", "writ_step_limit")
    }

    @Test func memory() throws {
        var limits = DecisionLimits()
        limits.memory = 8 << 20
        try expectLimit(
            "p := count([[x, y, \"abcdefghijklmnopqrstuvwxyz\"] | some x in input; some y in input])",
            limits: limits, small: "[1, 2]", large: "[" + (0..<1000).map { "\($0)" }.joined(separator: ",") + "]",
            gives: "4", "writ_memory_limit")
        try expectLimit(
            "p := count(concat(\"\", [s | some x in numbers.range(1, input); s := \"0123456789012345678901234567890123456789\"]))",
            limits: limits, small: "2", large: "1000000", gives: "80", "writ_memory_limit")
    }

    @Test func memoryOfTheInput() throws {
        var limits = DecisionLimits()
        limits.memory = 1 << 20
        let snapshot = try snapshot(of: "p := input[0]")
        let evaluator = Evaluator(snapshot, limits: limits)
        let target = snapshot.target(steps("t/p"))
        let large = "[1" + String(repeating: ",\"text that is not short\"", count: 100_000) + "]"
        guard case .fails = answer(of: evaluator, target, input: large) else {
            Issue.record("an input larger than the limit was read")
            return
        }
        #expect(answer(of: evaluator, target, input: "[7]") == .value("7"))
    }

    @Test func depthOfCalls() throws {
        let links = (0..<300).map { "f\($0)(x) := f\($0 + 1)(x) if x > 0" }.joined(separator: "\n")
        var limits = DecisionLimits()
        limits.depth = 200
        try expectLimit(
            links + "\nf300(x) := x\np := f299(1) if input == 1\np := f0(1) if input == 2", limits: limits, small: "1",
            large: "2", gives: "1", "writ_depth_limit")
        limits.depth = 400
        #expect(try decide(links + "\nf300(x) := x\np := f0(1)", limits: limits) == .value("1"))
    }

    @Test func depthOfInputs() throws {
        let snapshot = try snapshot(of: "p := count([1 | walk(input, _)])")
        let evaluator = Evaluator(snapshot)
        let target = snapshot.target(steps("t/p"))
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(answer(of: evaluator, target, input: nested(1_000)) == .value("1000"))
        for depth in [10_000, 200_000] {
            guard case .fails = answer(of: evaluator, target, input: nested(depth)) else {
                Issue.record("\(depth) nested arrays were read")
                return
            }
            guard case .fails = answer(of: evaluator, target, input: String(repeating: "{\"a\":", count: depth)) else {
                Issue.record("half an object was read")
                return
            }
        }
        #expect(answer(of: evaluator, target, input: "[[]]") == .value("2"))
    }

    /// Values may be nested deeper by rules than any input may be: everything that looks at them whole ends.
    @Test func depthOfValues() throws {
        let questions = [
            "a", "a == b", "count({a, b})", "{a: 1}", "json.marshal(a)", "sprintf(\"%v\", [a])",
            "count([1 | walk(a, _)])",
            "object.union({\"x\": a}, {\"x\": b})", "a < b", "{\"x\": a}", "sort([a, b])", "[x | x := a[_]]",
            "{a} | {b}",
            "object.get({a: 1}, b, 2)", "input with input as a", "[v | walk(b, [_, v]); is_number(v)]",
        ]
        // Ten levels a rule, 2,200 in all.
        let last = 220
        let arrays = (open: String(repeating: "[", count: 10), close: String(repeating: "]", count: 10))
        let objects = (open: String(repeating: "{\"a\": ", count: 10), close: String(repeating: "}", count: 10))
        var text = "a := r\(last)\nb := s\(last)\nr0 := 1\ns0 := 1\n"
        for number in 1...last {
            // `object.get`, because the types of such rules would take the compiler long.
            text += "r\(number) := object.get(input, \"k\", \(arrays.open)r\(number - 1)\(arrays.close))\n"
            text += "s\(number) := object.get(input, \"k\", \(objects.open)s\(number - 1)\(objects.close))\n"
        }
        for (number, question) in questions.enumerated() { text += "p\(number) := out if out := \(question)\n" }
        let snapshot = try snapshot(of: text)
        let evaluator = Evaluator(snapshot)
        var limited = 0
        for number in questions.indices {
            // Either way is right, as long as it ends; what must not happen is a crash or a defect.
            switch answer(of: evaluator, snapshot.target(steps("t/p\(number)")), input: "{}") {
            case .fails(let code):
                limited += 1
                #expect(code == "writ_depth_limit", "\(questions[number])")
            case .value(let text): #expect(!text.isEmpty)
            case .undefined: break
            }
            let small = answer(of: evaluator, snapshot.target(steps("t/r1")), input: "{}")
            #expect(small == .value("\(arrays.open)1\(arrays.close)"))
        }
        #expect(limited > 0)
    }

    @Test func interrupt() throws {
        let snapshot = try snapshot(of: "p := count([1 | some x in input; some y in input])")
        let evaluator = Evaluator(snapshot)
        let target = snapshot.target(steps("t/p"))
        let flag = UnsafeMutablePointer<Bool>.allocate(capacity: 1)
        flag.initialize(to: false)
        defer { flag.deallocate() }
        evaluator.interrupt = UnsafePointer(flag)
        #expect(answer(of: evaluator, target, input: "[1, 2]") == .value("4"))
        flag.pointee = true
        #expect(answer(of: evaluator, target, input: "[1, 2]") == .fails("eval_cancel_error"))
        flag.pointee = false
        #expect(answer(of: evaluator, target, input: "[1]") == .value("1"))
        evaluator.interrupt = nil
    }

    @Test func malformedInputs() throws {
        let snapshot = try snapshot(of: "p := input")
        let evaluator = Evaluator(snapshot)
        let target = snapshot.target(steps("t/p"))
        for text in ["", "{", "[1,]", "nul", "\"\u{1}\"", "1 2", "{\"a\" 1}", "01", "\"\\ud800x", "--1"] {
            #expect(answer(of: evaluator, target, input: text) == .fails("invalid_parameter"), "\(text)")
        }
        #expect(answer(of: evaluator, target, input: " [1] ") == .value("[1]"))
    }

    @Test func failuresSayWhere() throws {
        let snapshot = try snapshot(of: "p := x if {\n\tx := count(input)\n}\n\nq := 1 / input")
        let evaluator = Evaluator(snapshot)
        evaluator.isStrict = true
        for (path, row, message) in [
            ("t/p", 4, "count: operand 1 must be one of {array, object, set, string} but got number"),
            ("t/q", 7, "div: divide by zero"),
        ] {
            evaluator.begin()
            do throws(DecisionFailure) {
                let input = try [UInt8(ascii: "0")].withUnsafeBufferPointer { (text) throws(DecisionFailure) in
                    try evaluator.read(text)
                }
                _ = try evaluator.evaluate(snapshot.target(steps(path)), input: input)
                Issue.record("no failure")
            } catch {
                #expect(error.message == message)
                #expect(error.position?.row == row)
                #expect(error.file == Array("f0.rego".utf8))
            }
        }
    }
}

/// Limits of one evaluation that need a policy made for them.
@Suite struct HeldLimitTests {
    @Test func wallClock() throws {
        var limits = DecisionLimits()
        limits.nanoseconds = 50_000_000
        let snapshot = try snapshot(of: "p := count([1 | some x in input; some y in input; some z in input])")
        let evaluator = Evaluator(snapshot, limits: limits)
        let target = snapshot.target(steps("t/p"))
        let large = "[" + (0..<2_000).map { "\($0)" }.joined(separator: ",") + "]"
        #expect(answer(of: evaluator, target, input: "[1]") == .value("1"))
        #expect(answer(of: evaluator, target, input: large) == .fails("eval_cancel_error"))
        #expect(answer(of: evaluator, target, input: "[1]") == .value("1"))
    }

    /// Values that hold the same part over and over stand for far more than there is memory.
    @Test(arguments: ["p := count(x60)", "p if {x60: 1}[x60]"])
    func sharedValues(_ question: String) throws {
        var text = "x0 := [input]\ny0 := [input]\n"
        for level in 1...60 {
            text += "x\(level) := [x\(level - 1), x\(level - 1)]\ny\(level) := [y\(level - 1), y\(level - 1)]\n"
        }
        var limits = DecisionLimits()
        limits.memory = 4 << 20
        let snapshot = try snapshot(of: text + question)
        let evaluator = Evaluator(snapshot, limits: limits)
        switch answer(of: evaluator, snapshot.target(steps("t/p")), input: "1") {
        case .value, .undefined: break
        case .fails(let code): #expect(code.hasPrefix("writ_"), "\(code)")
        }
    }

    @Test func sharedValuesOfTheSnapshot() throws {
        var text = "x0 := [data.a]\n"
        for level in 1...60 { text += "x\(level) := [x\(level - 1), x\(level - 1)]\n" }
        var limits = DecisionLimits()
        limits.memory = 4 << 20
        let snapshot = try snapshot(of: text + "p := count(x60)\nq := count(x5)", data: #"{"a": 1}"#)
        let evaluator = Evaluator(snapshot, limits: limits)
        #expect(answer(of: evaluator, snapshot.target(steps("t/p")), input: nil) == .fails("writ_memory_limit"))
        #expect(answer(of: evaluator, snapshot.target(steps("t/q")), input: nil) == .value("2"))
    }

    @Test func deepPaths() {
        let text = "package a" + String(repeating: ".a", count: 100_000) + "\n\np := 1\n"
        do throws(CompileFailure) {
            _ = try Policy.compile([PolicyFile(name: "deep.rego", text: Array(text.utf8))])
            Issue.record("compiled")
        } catch { #expect(error.diagnostics.first?.code == DiagnosticCode("writ_limit_error")) }
    }

    /// Expressions that each wait for the one below them, thousands of them.
    @Test(arguments: [("x# = x@ + 1 ", "3004"), ("[x#, 1] = [x@, 1]", "4")])
    func chainsWrittenBackwards(_ link: String, _ wanted: String) throws {
        let count = 3_000
        var text = "p := x\(count) if {\n"
        for number in (1...count).reversed() {
            let parts = link.split(separator: "#")
            let rest = parts[1].split(separator: "@")
            text += "\t\(parts[0])\(number)\(rest[0])\(number - 1)\(rest[1])\n"
        }
        #expect(try decide(text + "\tx0 = input\n}\n", input: "4") == .value(wanted))
    }

    @Test func largeFiles() {
        var options = CompileOptions()
        options.limits.totalSize = 100
        do throws(CompileFailure) {
            _ = try Policy.compile(
                (0..<20).map { PolicyFile(name: "m\($0).rego", text: Array("package m\($0)\n".utf8)) }, options: options
            )
            Issue.record("compiled")
        } catch { #expect(error.diagnostics.first?.code == DiagnosticCode("writ_limit_error")) }
    }

    /// Unions of objects, each compared with each.
    @Test(arguments: [(2_000, DiagnosticCode("writ_limit_error")), (200_000, nil)])
    func typesThatTakeLongToCompare(_ steps: Int, _ code: DiagnosticCode?) {
        var text = "package t\n\n"
        for number in 0..<40 {
            text += "p := {\"a\": {\"k\(number)\": \(number)}} if input.x == \(number)\n"
            text += "q := {\"a\": {\"k\(number + 39)\": \(number)}} if input.x == \(number)\n"
        }
        text += "r if p == q\ns if q == p\n"
        var options = CompileOptions()
        options.limits.typeSteps = steps
        var found: Diagnostic?
        do throws(CompileFailure) {
            _ = try Policy.compile([PolicyFile(name: "types.rego", text: Array(text.utf8))], options: options)
        } catch { found = error.diagnostics.first }
        #expect(found?.code == code)
        #expect((found?.span != nil) == (code != nil))
    }

    /// Rules of which half can be told apart by a key and half stand in each of its branches.
    @Test func rulesThatHardlyCanBeIndexed() throws {
        var text = "default p := 0\n"
        for number in 0..<4_000 {
            text += number % 2 == 0 ? "p := 1 if input.a == \(number)\n" : "p := 1 if input.b > \(number + 10)\n"
        }
        let snapshot = try snapshot(of: text)
        let evaluator = Evaluator(snapshot)
        let target = snapshot.target(steps("t/p"))
        #expect(answer(of: evaluator, target, input: #"{"a": 3998, "b": 0}"#) == .value("1"))
        #expect(answer(of: evaluator, target, input: #"{"a": 1, "b": 0}"#) == .value("0"))
    }

    /// A large constant that many rules name is there once, not once for each of them.
    @Test func constants_shared() throws {
        #if DEBUG
            let count = 1_000
        #else
            let count = 3_000
        #endif
        var text = "p := count(table)\ntable := {" + (0..<count).map { "\"k\($0)\": \($0)" }.joined(separator: ", ")
        text += "}\n" + (0..<count).map { "q\($0) := table[input.x\($0)]\n" }.joined()
        #expect(try decide(text) == .value("\(count)"))
    }
}
