import RegoSyntax
import Testing

struct RuleTests {
    /// A rule under `package t`, and how it reads back.
    @Test(arguments: [
        ("p := 1", "p := 1"),
        ("p = 1 if x", "p = 1 if {x}"),
        ("p if { x; y }", "p if {x; y}"),
        ("p if {\n x\n y\n}", "p if {x; y}"),
        ("p if { x }", "p if {x}"),
        ("p if {\"a\": 1} == x", "p if {{\"a\": 1} == x}"),
        ("p if x == 1", "p if {x == 1}"),
        ("p contains x if x := 1", "p contains x if {x := 1}"),
        ("p contains \"a\"", "p contains \"a\""),
        ("p.q contains 1", "p.q contains 1"),
        ("p[x] := y if { some x, y in z }", "p[x] := y if {some x, y in z}"),
        ("p[x].r[y] := 1 if q(x, y)", "p[x].r[y] := 1 if {q(x, y)}"),
        ("p.q.r", "error"),
        ("p[\"a b\"].c := 1", "p[\"a b\"].c := 1"),
        ("f(x) := x + 1", "f(x) := plus(x, 1)"),
        ("f(x, [y, _]) = z if { z := x }", "f(x, [y, _]) = z if {z := x}"),
        ("f() := 1", "f := 1"),
        ("g.f(x) if x > 1", "g.f(x) if {x > 1}"),
        ("default p := {\"a\": [1, {2}]}", "default p := {\"a\": [1, {2}]}"),
        ("default f(_, x) := 1", "default f(_, x) := 1"),
        ("p := 1 if x else := 2 if y else := 3", "p := 1 if {x} else := 2 if {y} else := 3"),
        ("p if { x } else if { y } else = z", "p if {x} else if {y} else = z"),
        ("p if not x", "p if {not x}"),
        ("p if x with input as 1 with data.a as {}", "p if {x with input as 1 with data.a as {}}"),
        ("p if every k, v in x { k == v }", "p if {every k, v in x { k == v }}"),
        ("p if some x, y", "p if {some x, y}"),
        ("p if 1, 2 in x", "p if {internal.member_3(1, 2, x)}"),
        ("if.x := 1", "if.x := 1"),
        ("p if else.x == input.if.contains", "p if {else.x == input[\"if\"][\"contains\"]}"),
        ("p := [x | x := 1]", "p := [x | x := 1]"),
        ("p := {x | x := 1; y}", "p := {x | x := 1; y}"),
        ("p := {x: y | x := y}", "p := {x: y | x := y}"),
        ("p := {1 | 2, 3}", "p := {or(1, 2), 3}"),
        ("p := [1 | 2, 3]", "p := [or(1, 2), 3]"),
        ("p := {(a | b)}", "p := {or(a, b)}"),
        ("p := {a + 1: b | c}", "p := {plus(a, 1): b | c}"),
        ("p := set()", "p := set()"),
        ("p := [, 1, 2,]", "p := [1, 2]"),
        ("p := f(1)[0].x(2)", "p := f(1)[0].x(2)"),
        ("p := [1, 2][i]", "p := [1, 2][i]"),
        ("p := -x", "p := minus(0, x)"),
        ("p := -1", "p := -1"),
        ("p := .5", "p := .5"),
        ("p := - 1.50e-2", "p := -1.50e-2"),
        ("p := 1 + 2 * 3 - 4", "p := minus(plus(1, mul(2, 3)), 4)"),
        ("p := (1 + 2) * 3", "p := mul(plus(1, 2), 3)"),
        ("p := a | b & c", "p := or(a, and(b, c))"),
        ("p := a < b | c == d", "p := equal(lt(a, or(b, c)), d)"),
        ("p := x in y in z", "p := internal.member_2(internal.member_2(x, y), z)"),
        ("p := $\"a{x}b{1}\\{\"", "p := $\"a{x}b{1}{\""),
        ("p := $`a\\n{f(x)}`", "p := $`a\\n{f(x)}`"),
        ("p := `raw \\n`", "p := \"raw \\\\n\""),
        ("p := \"\\u00e9\\ud83d\\ude00\\n\"", "p := \"é😀\\n\""),
    ])
    func readsRules(text: String, expected: String) {
        let parsed = Parsed("package t\n\n" + text + "\n")
        if expected == "error" {
            #expect(!parsed.diagnostics.isEmpty)
        } else {
            #expect(parsed.errors == "")
            #expect(parsed.rules == [expected])
        }
    }

    @Test(arguments: [
        ("p { x }", ["p {x}"]),
        ("p[x] { x = 1 }", ["p ∋ x {x = 1}"]),
        ("p[x] = y { x = y }", ["p[x] = y {x = y}"]),
        ("p[1]", ["p ∋ 1"]),
        ("p { x } { y }", ["p {x}", "p {y}"]),
        ("f(_) { x } { y }", ["f(_) {x}", "f(_) {y}"]),
        ("p = 1 { x } else = 2 { y }", ["p = 1 {x} else = 2 {y}"]),
        ("default p = 1", ["default p = 1"]),
        ("in = 1", ["in = 1"]),
        ("import future.keywords.if\np if x", ["p if {x}"]),
        ("import future.keywords.every\np { every x in y { x } }", ["p {every x in y { x }}"]),
        ("import rego.v1\np contains 1 if x", ["p contains 1 if {x}"]),
    ])
    func readsVersion0(text: String, expected: [String]) {
        let parsed = Parsed("package t\n" + text + "\n", .v0)
        #expect(parsed.errors == "")
        #expect(parsed.rules == expected)
    }

    @Test(arguments: [
        ("p if a and b or c", "p if {a and b or c}"),
        ("p if { a; b } or c", "p if {{ a; b } or c}"),
        ("p if (a or b) and c with input as 1", "p if {a or b and c with input as 1}"),
        ("p if not { a; b }", "p if {not { a; b }}"),
        ("p if not a == b", "p if {not a == b}"),
        ("p if not (a or b)", "p if {not a or b}"),
        ("p if and(a, b) == or(c, d)", "p if {and(a, b) == or(c, d)}"),
    ])
    func readsLogic(text: String, expected: String) {
        let parsed = Parsed("package t\nimport future.keywords\n\n" + text + "\n")
        #expect(parsed.errors == "")
        #expect(parsed.rules == [expected])
    }

    @Test func andBindsTighterThanOr() throws {
        let parsed = Parsed("package t\nimport future.keywords\n\np if a or b and c or d\n")
        let body = try #require(parsed.module?.rules.first?.body)
        guard case .or(let outer) = body[0].kind, case .or(let inner) = outer.left[0].kind,
            case .and = inner.right[0].kind, case .term = outer.right[0].kind
        else {
            Issue.record("wrong shape")
            return
        }
    }

    @Test func wildcardsHaveNamesOfTheirOwn() throws {
        let parsed = Parsed("package t\np if x[_][_]\n")
        guard case .term(let term)? = parsed.module?.rules.first?.body?.first?.kind, case .ref(let ref) = term.kind,
            case .variable(let first) = ref.parts[0].kind, case .variable(let second) = ref.parts[1].kind
        else {
            Issue.record("wrong shape")
            return
        }
        #expect(first != second)
        #expect(parsed.names.isWildcard(first) && parsed.names.isWildcard(second))
        #expect(parsed.names.text(first) == "$0")
    }

    @Test func kindsOfHeads() {
        let parsed = Parsed("package t\na := 1\nb contains 1\nc[x] := 1 if x := 2\nf(x) := x\nd.e := 1\n")
        let kinds = parsed.module?.rules.map { $0.head.kind }
        #expect(kinds == [.complete, .partialSet, .partialObject, .function, .complete])
    }

    @Test func versionFollowsTheImport() {
        #expect(Parsed("package t\nimport rego.v1\n", .v0).module?.version == .v0v1)
        #expect(Parsed("package t\n", .v0).module?.version == .v0)
        #expect(Parsed("package t\nimport rego.v1\n").module?.version == .v1)
    }

    @Test func importsBindNames() {
        let parsed = Parsed("package a.b[\"c d\"]\nimport data.x.y\nimport input.z as w\nimport data.q\n")
        #expect(parsed.errors == "")
        #expect(parsed.module.map { parsed.names.text(of: $0.package.path) } == "data.a.b[\"c d\"]")
        let bound = parsed.module?.imports.map { $0.boundName.map { parsed.names.text($0) } ?? "-" }
        #expect(bound == ["y", "w", "q"])
    }

    @Test func metadataIsCommentWithoutAReader() throws {
        let parsed = Parsed("# METADATA\n# title: [\npackage t\n\n# plain\np := 1 # behind")
        let module = try #require(parsed.module)
        let texts = module.comments.map { String(decoding: parsed.file.bytes(of: $0.textSpan), as: UTF8.self) }
        #expect(texts == [" METADATA", " title: [", " plain", " behind"])
        #expect(module.annotations.isEmpty)
    }
}
