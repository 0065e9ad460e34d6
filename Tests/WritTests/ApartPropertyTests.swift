import Testing
import Writ

/// Random edits of modules that refer to each other in every way: compiling again gives what a full compilation gives.
@Suite struct ApartPropertyTests {
    /// Rules that modules may have; `@` is another module's number, `#` a small number.
    private static let rules = [
        "default allow := false", "allow if input.a == #", "allow if data.m@.allow", "allow if data.m@.level > #",
        "level := #", "level := \"#\"", "level := # if input.b", "f(x) := x + # if x > 0", "f(x) := y if y := x",
        "g := data.m@.f(#)", "g := f(#)", "h := [x | some x in data.m@.set]", "set contains # if input.a",
        "set contains x if some x in data.m@.set", "obj[k] := # if some k in [\"a\", \"b\"]", "obj.c := #",
        "deep.er.one := #", "deep.er.two := data.m@.level", "deep[x] := 1 if some x in input.c",
        "w if data.m@.allow with input.a as #", "w if data.m@.g with data.m@.level as #",
        "w if data.m@.g with data.m@.f as 7", "n := count(data.m@.set) with count as 3",
        "all := {p | some p; data[p].level == #}", "every_ok if every x in data.m@.set { x > # }",
        "bad := unknown", "bad if f(1, 2, 3)", "cyc if data.m@.cyc", "u := data.m@", "t := $\"{data.m@.level}\"",
        "e := 1 if input.a == # else := 2 if data.m@.allow else := 3", "imp := lib.thing", "level2 := level + #",
        "p.q contains # if data.m@.level", "not_ok if not data.m@.allow", "extra := to_number(data.m@.level)",
        "broken := := 1", "same := {\"level\": level, \"x\": #}",
    ]

    private struct Draft {
        var package: Int
        var lines: [String]

        var text: [UInt8] {
            let imported = lines.contains { $0.contains("lib.") } ? "import data.m\((package + 1) % 5) as lib\n" : ""
            return Array("package m\(package)\n\n\(imported)\n\(lines.joined(separator: "\n"))\n".utf8)
        }
    }

    private struct Numbers {
        var state: UInt64
        mutating func next(_ below: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(below))
        }
    }

    private static func line(_ numbers: inout Numbers) -> String {
        // Most lines are sound, so that edits often lead from one sound policy to another.
        var line = rules[numbers.next(rules.count)]
        let isBad = ["bad", "cyc", "broken", "u :=", "deep["].contains { line.hasPrefix($0) }
        if isBad, numbers.next(15) > 0 { line = rules[numbers.next(5)] }
        var result = ""
        for character in line {
            switch character {
            case "@": result += "\(numbers.next(5))"
            case "#": result += "\(numbers.next(3))"
            default: result.append(character)
            }
        }
        return result
    }

    private static func edit(_ drafts: inout [(name: Int, draft: Draft)], _ numbers: inout Numbers) {
        let index = drafts.isEmpty ? 0 : numbers.next(drafts.count)
        switch drafts.isEmpty ? 9 : numbers.next(10) {
        case 0...3: drafts[index].draft.lines.append(line(&numbers))
        case 4...6 where !drafts[index].draft.lines.isEmpty:
            drafts[index].draft.lines.remove(at: numbers.next(drafts[index].draft.lines.count))
        case 7 where !drafts[index].draft.lines.isEmpty:
            drafts[index].draft.lines[numbers.next(drafts[index].draft.lines.count)] = line(&numbers)
        case 8: drafts.remove(at: index)
        default:
            let lines = (0..<numbers.next(4)).map { _ in line(&numbers) }
            let draft = Draft(package: numbers.next(5), lines: lines)
            drafts.insert((numbers.next(1_000), draft), at: numbers.next(drafts.count + 1))
        }
    }

    /// What a compilation gives: the errors, or the plan and answers.
    private static func outcome(_ result: Result<Policy, CompileFailure>) -> [String] {
        switch result {
        case .failure(let failure):
            return failure.diagnostics.map { diagnostic in
                var place = "-"
                if let span = diagnostic.span, let file = failure.sources.file(span.source) {
                    let position = file.position(at: span.start)
                    place = "\(String(decoding: file.name, as: UTF8.self)):\(position.row):\(position.column)"
                }
                return "\(place): \(diagnostic.code): \(diagnostic.message) \(diagnostic.notes)"
            }
        case .success(let policy):
            return functions(of: policy.planText) + answers(of: policy)
        }
    }

    /// The functions of a plan in the order of their names, without those that do nothing, and without numbers that
    /// depend on what was compiled before.
    private static func functions(of text: String) -> [String] {
        var functions: [String] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("document ") { continue }
            if !line.hasPrefix(" ") { functions.append("") }
            var parts = line.split(separator: " ", omittingEmptySubsequences: false)
            if let trace = parts.firstIndex(of: "trace") { parts = Array(parts[...trace]) }
            var isNumber = false
            for character in parts.joined(separator: " ") {
                isNumber = character == "#" || isNumber && character.isNumber
                if !isNumber { functions[functions.count - 1].append(character) }
            }
            functions[functions.count - 1] += "\n"
        }
        return functions.filter { !$0.hasPrefix("function  (") }.sorted()
    }

    private static func answers(of policy: Policy) -> [String] {
        let snapshot = Snapshot(policy: policy)
        var answers: [String] = []
        let evaluator = Evaluator(snapshot)
        for path in ["", "m0", "m1", "m2", "m3/allow", "m4/level"] {
            for input in [#"{}"#, #"{"a": 1, "b": true, "c": ["x"]}"#] {
                answers.append("\(path): \(answer(of: evaluator, snapshot.target(steps(path)), input: input))")
            }
        }
        return answers
    }

    private static func compile(_ files: [PolicyFile], _ compiler: inout PolicyCompiler) -> Result<
        Policy, CompileFailure
    > {
        do throws(CompileFailure) { return .success(try compiler.compile(files)) } catch { return .failure(error) }
    }

    // Fewer where nothing is optimized.
    #if DEBUG
        private static let seeds = 1...4
    #else
        private static let seeds = 1...12
    #endif

    @Test(arguments: seeds) func randomEdits(_ seed: Int) {
        var numbers = Numbers(state: UInt64(seed))
        var drafts: [(name: Int, draft: Draft)] = []
        var compiler = PolicyCompiler()
        var sound = 0
        for step in 0..<60 {
            if step % 15 == 14 { drafts = [] }
            for _ in 0...numbers.next(2) { Self.edit(&drafts, &numbers) }
            let files = drafts.map { PolicyFile(name: "f\($0.name).rego", text: $0.draft.text) }
            var fresh = PolicyCompiler()
            let full = Self.compile(files, &fresh)
            if case .success = full { sound += 1 }
            let want = Self.outcome(full)
            let have = Self.outcome(Self.compile(files, &compiler))
            let isSame = have == want
            #expect(isSame, "seed \(seed), step \(step)")
            guard isSame else {
                for (a, b) in zip(have, want) where a != b {
                    print("have: \(a)\nwant: \(b)")
                    break
                }
                print(have.count, want.count)
                for file in files { print(String(decoding: file.text, as: UTF8.self)) }
                return
            }
        }
        #expect(sound > 0)
    }
}
