import RegoCompiler
import Testing
import WritBuiltins
import WritPlan
import WritSource

@Suite struct LoweringIndexTests {
    @Test(arguments: [
        // Fewer than three rules are tried one by one.
        ("p := 1 if input.k == \"a\"\np := 2 if input.k == \"b\"", "0 1"),
        (
            "p := 1 if input.k == \"a\"\np := 2 if input.k == \"b\"\np := 3 if input.k == \"c\"",
            #"0{"a": 0, "b": 1, "c": 2, else: }"#
        ),
        // Rules without a demand stand in every branch, in their order.
        (
            "p := 1 if input.x\np := 2 if input.k == \"a\"\np := 3 if \"b\" == input.k\np := 4 if input.k == \"a\"",
            #"0{"a": 0 1 3, "b": 0 2, else: 0}"#
        ),
        // Equal numbers are one branch, however they are spelled.
        (
            "p := 1 if input.k == 1\np := 2 if input.k == 1.0\np := 3 if input.k == 2", #"0{1: 0 1, 2: 2, else: }"#
        ),
        // Sets stand for each of their elements.
        (
            "p := 1 if input.k in {\"a\", \"b\"}\np := 2 if input.k == \"b\"\np := 3 if input.k == \"c\"",
            #"0{"a": 0, "b": 0 1, "c": 2, else: }"#
        ),
        // An else branch may hold where the body fails.
        (
            "p := 1 if { input.k == \"a\" } else := 9\np := 2 if input.k == \"b\"\np := 3 if input.k == \"c\"\np := 4 if input.k == \"d\"",
            #"0{"b": 0 1, "c": 0 2, "d": 0 3, else: 0}"#
        ),
        // Loops, negations and replaced inputs demand nothing.
        ("p := 1 if input.k[_] == \"a\"\np := 2 if not input.k == \"b\"\np := 3 if input.k != \"c\"", "0 1 2"),
    ])
    func trees(_ policy: String, _ tree: String) {
        let lowered = Lowered(policy)
        #expect(lowered.errors == [])
        #expect(lowered.text(lowered.index("test.p")) == tree)
    }

    @Test func operandsOfFunctions() {
        let lowered = Lowered(
            "f(\"a\", _) := 1\nf(\"b\", x) := x\nf(\"c\", 1) := 3\nf(x, _) := 4 if x == \"c\"\np := f(\"a\", 1)")
        #expect(lowered.text(lowered.index("test.f")) == #"0{"a": 0, "b": 1, "c": 1{1: 2 3, else: 3}, else: }"#)
    }

    @Test func twoKeys() {
        let lowered = Lowered(
            (0..<9).map { "p := \($0) if { input.a == \($0 / 3); input.b == \($0 % 3) }" }.joined(separator: "\n"))
        let inner = (0..<3).map { a in
            let list = (0..<3).map { "\($0): \(a * 3 + $0)" }.joined(separator: ", ")
            return "\(a): 1{\(list), else: }"
        }
        #expect(lowered.text(lowered.index("test.p")) == "0{\(inner.joined(separator: ", ")), else: }")
    }

    @Test func keysAreComputedOnceAndMayBeMissing() {
        let lowered = Lowered(
            (0..<5).map { "p := \($0) if input.a.b == \($0)" }.joined(separator: "\n"))
        let kinds = lowered.kinds("test.p")
        let before = kinds.prefix { $0 != "dispatch" }
        #expect(Array(before) == ["reset", "block", "input", "dot", "dot", "assign", "block"])
    }
}

@Suite struct LoweringMemoTests {
    private let policy = """
        constant := [1 | true]
        fromInput := input.x
        fromData := data.base
        fromClock := time.now_ns()
        throughRule := [fromInput, constant]
        throughFunction := f(1)
        f(x) := input.y + x
        throughComprehension := [x | x := fromClock]
        throughNegation if not fromInput
        throughEvery if every x in [1] { fromInput == x }
        pure := g(1)
        g(x) := x
        dynamic := data.test[constant[0]]
        """

    @Test func readsDecideHowLongResultsLast() {
        let lowered = Lowered(policy.replacing("dynamic := data.test[constant[0]]", with: ""))
        #expect(lowered.errors == [])
        let expected: [(String, Reads, Function.Memo)] = [
            ("fromInput", .input, .context), ("fromData", .data, .snapshot), ("fromClock", .host, .context),
            ("throughRule", .input, .context), ("throughFunction", .input, .context), ("f", .input, .never),
            ("throughComprehension", .host, .context), ("throughNegation", .input, .context),
            ("throughEvery", .input, .context), ("pure", [], .snapshot), ("g", [], .never),
            ("constant", [], .snapshot),
        ]
        for (name, reads, memo) in expected {
            let function = lowered.function("test." + name)
            #expect(function?.reads == reads, "\(name)")
            #expect(function?.memo == memo, "\(name)")
        }
    }

    @Test func documentsReadWhatTheirRulesRead() {
        let lowered = Lowered("package a.b\np := input.x", "package a.c\nq := 1")
        #expect(lowered.errors == [])
        #expect(lowered.function("a.b")?.memo == .context)
        #expect(lowered.function("a.c")?.memo == .snapshot)
        #expect(lowered.function("a")?.reads.contains(.input) == true)
    }

    @Test func dynamicReferencesReadWhatTheyMayReach() {
        let lowered = Lowered("package lib\na := 1\nb := input.x", "package test\np := data.lib[data.which]")
        #expect(lowered.errors == [])
        #expect(lowered.function("test.p")?.reads.contains(.input) == true)
        #expect(lowered.function("test.p")?.memo == .context)
    }

    @Test func longChainsNeedNoStack() {
        var text = "r0 := input.x\n"
        for number in 1...2_000 { text += "r\(number) if r\(number - 1)\n" }
        let lowered = Lowered(text)
        #expect(lowered.errors == [])
        #expect(lowered.function("test.r2000")?.reads == .input)
    }
}

@Suite struct LoweringStatementTests {
    @Test func constantRulesFoldIntoTheirUsers() {
        let lowered = Lowered(
            "limit := 10\np if input.n < limit\nq if input.n < other\nother := 5\nm if q with other as 1")
        #expect(lowered.count("call", in: "test.p") == 0)
        #expect(lowered.count("call", in: "test.q") == 1)
    }

    @Test func comparisonsAreStatements() {
        let lowered = Lowered(
            "p if { input.a < 1; input.b == 2; input.c != 3; input.d >= 4 }\nq := x if x := input.a < 1")
        #expect(
            lowered.kinds("test.p").filter { ["ordered", "equal", "notEqual"].contains($0) } == [
                "ordered", "equal", "notEqual", "ordered",
            ])
        #expect(lowered.count("truthy", in: "test.p") == 0)
        #expect(lowered.count("lt", in: "test.q") == 1)
    }

    @Test func mockedComparisonsAreCalls() {
        let lowered = Lowered(
            "m(_, _) := true\np if input.a < 1\nq if p with lt as m\nr if input.a == 1\ns if r with equal as m")
        #expect(lowered.errors == [])
        #expect(lowered.count("lt", in: "test.p") == 1)
        #expect(lowered.count("ordered", in: "test.p") == 0)
        // `==` as an expression is a unification, which nothing replaces.
        #expect(lowered.count("equal", in: "test.r") == 1)
        #expect(lowered.count("truthy", in: "test.r") == 0)
    }

    @Test func walksAreGenerators() {
        let lowered = Lowered(
            "p contains v if walk(input, [_, v])\nq contains path if walk(input, [path, _])\nr := [x | walk(input, x)]")
        #expect(lowered.count("walk without paths", in: "test.p") == 1)
        #expect(lowered.count("walk", in: "test.q") == 1)
        #expect(lowered.count("walk", in: "test.r") == 1)
        #expect(lowered.count("makeArray", in: "test.p") == 0)
    }

    @Test func objectsWithKnownKeysAreRecords() {
        let lowered = Lowered("p := {\"a\": input.x, \"b\": 1}\nq := {input.k: 1}\nr := {\"a\": 1, \"b\": [2]}")
        #expect(lowered.count("makeRecord", in: "test.p") == 1)
        #expect(lowered.count("makeObject", in: "test.q") == 1)
        #expect(lowered.count("makeRecord", in: "test.r") + lowered.count("makeObject", in: "test.r") == 0)
    }

    @Test func equalConstantsLeaveAtTheFirstSuccess() {
        let lowered = Lowered(
            "p if input.xs[_] == 1\np if input.ys[_] == 2\nq := x if some x in input.xs\nr := 1 if input.a\nr := 2 if input.b"
        )
        #expect(lowered.count("leave", in: "test.p") == 2)
        #expect(lowered.count("leave", in: "test.q") == 0)
        #expect(lowered.count("leave", in: "test.r") == 0)
        #expect(lowered.count("assignOnce", in: "test.q") == 1)
    }

    @Test func withKeepsWhatFollowsOutside() {
        let lowered = Lowered("q := input.x\np := [a, b] if { a := q with input.x as 1; b := input.y }")
        let kinds = lowered.kinds("test.p")
        let with = kinds.firstIndex(of: "with") ?? .max
        let outside = kinds.firstIndex(of: "outside") ?? .max
        let call = kinds.firstIndex(of: "call") ?? .max
        let input = kinds.lastIndex(of: "input") ?? .max
        #expect(with < call && call < outside && outside < input && input != .max)
    }

    @Test func registersAreSharedByRules() {
        func registers(_ count: Int) -> Int {
            let rules = (0..<count).map { "p contains x if { x := input.a[\($0)].b.c.d; x > \($0) }" }
            return Lowered(rules.joined(separator: "\n")).function("test.p")?.localCount ?? 0
        }
        #expect(registers(5) > 0)
        #expect(registers(200) == registers(5))
    }

    @Test func documentsOfTheTree() {
        let lowered = Lowered("package a.b\np := 1\nf(x) := x", "package a\nq := 2")
        let nodes = lowered.plan.documents
        func child(_ parent: Int32, _ key: String) -> Int32? {
            nodes[Int(parent)].children.first { nodes[Int($0)].key.map { lowered.json($0) } == "\"\(key)\"" }
        }
        let a = child(0, "a")
        let b = a.flatMap { child($0, "b") }
        let p = b.flatMap { child($0, "p") }
        let f = b.flatMap { child($0, "f") }
        #expect(p.map { nodes[Int($0)].isRule } == true)
        #expect(b.map { nodes[Int($0)].isRule } == false)
        #expect(b.flatMap { nodes[Int($0)].function } != nil)
        #expect(f.map { nodes[Int($0)].function == nil } ?? true)
        #expect(nodes[0].key == nil && nodes[0].parent == nil)
    }

    @Test func loopsWithoutMeasureAreRefused() {
        let loops = (0..<1_200).map { "some x\($0) in input; x\($0) > 0" }.joined(separator: "\n")
        let lowered = Lowered("p if {\n\(loops)\n}")
        #expect(lowered.errors.count == 1)
        #expect(lowered.errors.first?.hasPrefix("tooDeep at ") == true)
    }

    /// Every plan is one that a reader of plans would accept.
    @Test(arguments: [
        "p := 1", "p contains x if some x in input", "p[k] := v if some k, v in input",
        "default p := 1\np := 2 if input.x",
        "p := 1 if input.a else := 2 if input.b else := 3", "p.q[x].r[y] := z if { x := input.x; y := 1; z := 2 }",
        "p[x] contains y if { some x, ys in input; some y in ys }", "p if { some x in input; not x.y }",
        "p if every k, v in input { k == v }",
        "f(x) := y if { y := [z | z := x[_]] }\np := f(input)",
        "default f(_) := 1\nf([x, {\"a\": y}]) := x + y\np := f(input)",
        "q := 1\np := [x, y] if { x := q with input.a as 1 with data.b.c as 2; y := q }",
        "f(x) := x\ng(x) := f(x)\np := y if y := f(1) with f as g", "p := x if x := count([1]) with count as 3",
        "p contains v if { some k; v := data.test2[k][_].z }", "p := {x: y | some x, y in input}",
        "p := $\"a {input.x}\"",
        "p := [path | walk(input, [path, 1])]", "p if { print(input.x); [a, {\"b\": b}] = input.y; a < b }",
        "p := data", "p := [1, {2, [3]}, {\"a\": {\"b\": null}}]",
        "p if { input.a == 1; not input.b == 2; input.c in {1, 2} }",
    ])
    func plansAreSound(_ policy: String) throws {
        let sources = [policy, "package test2.a\nr := [{\"z\": 1}]"]
        let lowered = Lowered(policy == "p := data" ? ["package other\np := data.base", sources[1]] : sources)
        #expect(lowered.errors == [])
        try lowered.plan.validate { number in
            Registry.all.indices.contains(number) ? Registry.all[number].parameters.count : nil
        }
        let text = lowered.plan.text()
        #expect(!text.isEmpty)
        #expect(
            text
                == Lowered(policy == "p := data" ? ["package other\np := data.base", sources[1]] : sources).plan.text())
    }
}
