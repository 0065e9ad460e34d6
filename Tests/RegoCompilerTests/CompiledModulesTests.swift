import RegoSyntax
import Testing
import WritSource

@testable import RegoCompiler

/// What `GET /v1/policies` shows of modules: what OPA's compiler makes of them, stage by stage.
@Suite struct CompiledModulesTests {
    struct Case: Sendable {
        let name: String
        let sources: [String]
        /// The rules of all modules as text: the head, what the body has; `*` before what was not written.
        let rules: [String]
        var keepsPrints = false

        init(_ name: String, _ sources: [String], _ rules: [String], keepsPrints: Bool = false) {
            self.name = name
            self.sources = sources
            self.rules = rules
            self.keepsPrints = keepsPrints
        }
    }

    static let cases: [Case] = [
        Case(
            "references of imports, of the package and of other modules",
            [
                "package a\n\nimport data.b.list as xs\nimport input.user\nimport data.b\n\n"
                    + "p if { xs[0] == user.id; q; b.f(1) }\n\nq := 1",
                "package b\n\nf(x) := x\n\nlist := [1]",
            ],
            [
                "p = true { eq(data.b.list[0], input.user.id); data.a.q; data.b.f(1) }", "q = 1 { true }",
                "f(__local0__) = __local0__ { true }", "list = [1] { true }",
            ]),
        Case(
            "a name that is declared hides an import and a rule",
            ["package a\n\nimport data.b.x\n\np if { x := 1; q := x; q > 0 }\n\nq := x"],
            [
                "p = true { eq(__local0__, 1); eq(__local1__, __local0__); gt(__local1__, 0) }",
                "q = __local2__ { true; *eq(__local2__, data.b.x) }",
            ]),
        Case(
            "calls and operands are taken out; heads come after bodies",
            ["package c\n\nq := data.a.p + 1\n\nr contains upper(input.x) if input.x\n\ns[input.k] := input.v"],
            [
                "q = __local1__ { true; *eq(__local4__, data.a.p); *plus(__local4__, 1, __local1__) }",
                "r contains __local2__ { input.x; *eq(__local5__, input.x); *upper(__local5__, __local2__) }",
                "s[__local0__] = __local3__ { true; *eq(__local0__, input.k); *eq(__local3__, input.v) }",
            ]),
        Case(
            "`some` with one name and with two, and without `in`",
            [
                "package d\n\np if { some x in input.xs; x > 1 }\n\nq contains [k, v] if some k, v in input.o\n\n"
                    + "r if { some i; input.a[i] == i }\n\ns if { some [a, _] in input.o; a }"
            ],
            [
                "p = true { eq(__local2__, input.xs[__local1__]); gt(__local2__, 1) }",
                "q contains [__local3__, __local4__] { eq(__local4__, input.o[__local3__]) }",
                "r = true { eq(input.a[__local5__], __local5__) }",
                "s = true { eq([__local9__, __local7__], input.o[__local8__]); __local9__ }",
            ]),
        Case(
            "arguments, patterns and `else`",
            [
                "package e\n\nf(x, [y, z], {\"k\": w}, _) := x + y if { z == w }\n\nelse := count(x) if { not y }\n\n"
                    + "else := input.n"
            ],
            [
                "f(__local0__, [__local1__, __local2__], {\"k\": __local3__}, __local4__) = __local5__ "
                    + "{ eq(__local2__, __local3__); *plus(__local0__, __local1__, __local5__) }",
                "else f(__local0__, [__local1__, __local2__], {\"k\": __local3__}, $1) = __local6__ "
                    + "{ not __local1__; *count(__local0__, __local6__) }",
                "else f(__local0__, [__local1__, __local2__], {\"k\": __local3__}, $2) = __local7__ "
                    + "{ true; *eq(__local7__, input.n) }",
            ]),
        Case(
            "comprehensions inside of each other",
            [
                "package f\n\np := [x | x := {input.a[i] | input.b[i]; i > 1}[_]]\n\nq if count({y: 1 | y := input.z}) > 1"
            ],
            [
                "p = __local5__ { true; *eq(__local5__, [__local0__ | *eq(__local2__, {__local4__ | input.b[i]; gt(i, 1); "
                    + "*eq(__local4__, input.a[i])}); eq(__local0__, __local2__[$0])]) }",
                "q = true { *eq(__local6__, {__local1__: 1 | eq(__local1__, input.z)}); *count(__local6__, __local3__); "
                    + "gt(__local3__, 1) }",
            ]),
        Case(
            "`every`",
            ["package g\n\np if every v in input.l { v > count(input.m) }\n\nq if every k, v in {1: 2} { k == v }"],
            [
                "p = true { *eq(__local4__, input.l); every __local0__, __local1__ in __local4__ "
                    + "{ *eq(__local7__, input.m); *count(__local7__, __local5__); gt(__local1__, __local5__) } }",
                "q = true { *eq(__local6__, {1: 2}); every __local2__, __local3__ in __local6__ "
                    + "{ eq(__local2__, __local3__) } }",
            ]),
        Case(
            "`with`: values, functions and builtins",
            [
                "package h\n\np if { q with input.u as upper(input.n) with data.l as [1, input.x] }\n\n"
                    + "q if { g(1) with g as h with count as 5 }\n\ng(x) := x\n\nh(x) := 2 * x"
            ],
            [
                "p = true { *eq(__local5__, input.n); *upper(__local5__, __local2__); *eq(__local6__, input.x); "
                    + "*eq(__local4__, [1, __local6__]); "
                    + "data.h.q with input.u as __local2__ with data.l as __local4__ }",
                "q = true { data.h.g(1) with data.h.g as data.h.h with count as 5 }",
                "g(__local0__) = __local0__ { true }",
                "h(__local1__) = __local3__ { true; *mul(2, __local1__, __local3__) }",
            ]),
        Case(
            "the order in which bodies are safe",
            [
                "package i\n\np if { not a; b > 1; a = b; b = input.c[_] }\n\nq if { x > y; y = count(z); z = input.z; x = 1 }"
            ],
            [
                "p = true { eq(b, input.c[$0]); gt(b, 1); eq(a, b); not a }",
                "q = true { eq(z, input.z); eq(x, 1); *count(z, __local0__); "
                    + "eq(y, __local0__); gt(x, y) }",
            ]),
        Case(
            "`print` that nothing shows, and that is shown",
            ["package j\n\np if { print(input.x) }\n\nq if { print(\"a\"); [1 | print(2); true] }"],
            ["p = true { true }", "q = true { [1 | true] }"]),
        Case(
            "`print` that is shown", ["package j\n\np if { print(\"a\", input.x) }"],
            [
                "p = true { *eq(__local2__, {__local0__ | eq(__local0__, \"a\")}); "
                    + "*eq(__local3__, {__local1__ | eq(__local1__, input.x)}); internal.print([__local2__, __local3__]) }"
            ], keepsPrints: true),
        Case(
            "template strings", ["package k\n\np := $\"x {input.a} y\""],
            [
                "p = __local1__ { true; *eq(__local2__, {__local0__ | eq(__local0__, input.a)}); "
                    + "*internal.template_string([\"x \", __local2__, \" y\"], __local1__) }"
            ]),
        Case(
            "template strings of what always has a value",
            [
                "package k\n\na := 1\n\ndefault b := 2\n\nc contains 3 if input.x\n\nd := input.d\n\n"
                    + "p if { x := 1; $\"{x}{a}{b}{c}{d}\" }"
            ],
            [
                "a = 1 { true }", "default b = 2 { true }", "c contains 3 { input.x }",
                "d = __local3__ { true; *eq(__local3__, input.d) }",
                "p = true { eq(__local0__, 1); *eq(__local4__, data.k.a); *eq(__local5__, data.k.b); "
                    + "*eq(__local6__, data.k.c); *eq(__local7__, {__local1__ | eq(__local1__, data.k.d)}); "
                    + "*internal.template_string([{__local0__}, {__local4__}, {__local5__}, {__local6__}, __local7__], "
                    + "__local2__); __local2__ }",
            ]),
        Case(
            "the value of a `with` over several steps is computed once",
            ["package o\n\np if count(input.x) == 1 with input as [input.y]"],
            [
                "p = true { *eq(__local2__, input.y); *eq(__local1__, [__local2__]); *eq(__local3__, input.x) with input as __local1__; "
                    + "*count(__local3__, __local0__) with input as __local1__; "
                    + "eq(__local0__, 1) with input as __local1__ }"
            ]),
        Case(
            "metadata of the rule", ["package l\n\np if { rego.metadata.rule().title == \"t\" }"],
            ["p = true { *eq(__local1__, {}); *eq(__local0__, __local1__); eq(__local0__.title, \"t\") }"]),
        Case(
            "a rule by default, membership, negation",
            [
                "package m\n\ndefault p := false\n\np if { \"x\" in input.l; not \"y\" in input.l; not input.a[input.b] }"
            ],
            [
                "default p = false { true }",
                "p = true { *eq(__local0__, input.l); internal.member_2(\"x\", __local0__); *eq(__local1__, input.l); "
                    + "not internal.member_2(\"y\", __local1__); *eq(__local2__, input.b); not input.a[__local2__] }",
            ]),
        Case(
            "a variable that is called as generated ones are",
            ["package n\n\np if { __local0__ = input.x; y := __local0__; y }"],
            ["p = true { eq(__local0__, input.x); eq(__local1__, __local0__); __local1__ }"]),
    ]

    @Test(arguments: cases) func rulesAreWhatTheyCompileTo(_ item: Case) throws {
        var map = SourceMap()
        var names = NameTable()
        var modules: [Module] = []
        for (number, source) in item.sources.enumerated() {
            let id = map.add(name: Array("test-\(number).rego".utf8), text: Array(source.utf8))
            let file = try #require(map.file(id))
            let (module, problems) = parseModule(file, options: ParserOptions(version: .v1), names: &names)
            try #require(problems.isEmpty)
            modules.append(try #require(module))
        }
        let compiled = CompiledModules(modules, names: names, sources: map, keepsPrints: item.keepsPrints)
        let writer = CompiledText(names: compiled.names)
        #expect(compiled.modules.flatMap { $0.rules.flatMap { writer.lines($0) } } == item.rules, "\(item.name)")
        #expect(compiled.modules.allSatisfy { $0.imports.isEmpty && $0.annotations.isEmpty })
    }

    /// `every` in comprehensions, one in the other, and a body whose order is found from its end.
    static let long: [String] = [
        "package p\n\nq if { "
            + (0..<40).map { "every x\($0) in input.xs { y\($0) := [1 | " }.joined() + "true"
            + String(repeating: "]; true }", count: 40) + " }",
        "package p\n\nq if {\n" + (0..<4_000).map { "v\($0) = [v\($0 + 1)]\n" }.joined() + "v4000 = 1\n}",
    ]

    @Test(arguments: long.indices) func whatTakesTooLongIsGivenUp(_ number: Int) throws {
        let text = Self.long[number]
        var names = NameTable()
        var map = SourceMap()
        let id = map.add(name: Array("p".utf8), text: Array(text.utf8))
        let source = try #require(map.file(id))
        let module = try #require(parseModule(source, options: ParserOptions(version: .v1), names: &names).0)
        let steps = 200_000
        let compiled = CompiledModules([module], names: names, sources: map, keepsPrints: false, steps: steps)
        #expect(!compiled.isComplete)
    }

    @Test func jsonMarksWhatWasNotWritten() throws {
        var names = NameTable()
        var map = SourceMap()
        let text = "package p\n\n# c\nq if { abs(input.x) with abs as ceil }"
        let id = map.add(name: Array("p".utf8), text: Array(text.utf8))
        let source = try #require(map.file(id))
        let module = try #require(parseModule(source, options: ParserOptions(version: .v1), names: &names).0)
        let compiled = CompiledModules([module], names: names, sources: map, keepsPrints: false)
        let json = ASTJSON.module(
            compiled.modules[0], file: source, names: compiled.names,
            options: .init(includesComments: true, isCompiled: true))
        let shown = String(decoding: json, as: UTF8.self)
        #expect(
            shown.contains(
                #"{"generated":true,"index":0,"terms":[{"type":"ref","value":[{"type":"var","value":"eq"}]}"#))
        #expect(shown.contains(#""with":[{"target":{"type":"ref","value":[{"type":"var","value":"abs"}]}"#))
        #expect(shown.contains(#""comments":[{"Text":"IGM=","Location":{"file":"p","row":3,"col":1}}]"#))
    }
}

/// Writes compiled rules as text, calls as calls.
private struct CompiledText {
    let names: NameTable

    func lines(_ rule: Rule) -> [String] {
        var head = (rule.isDefault ? "default " : "") + term(Term(.ref(rule.head.reference), rule.span))
        if let arguments = rule.head.arguments { head += list(arguments, "(", ")") }
        if let key = rule.head.key { head += " contains " + term(key) } else { head += " = " + value(rule.head.value) }
        var result = [head + " { " + body(rule.body) + " }"]
        for other in rule.elseBranches {
            let head = "else " + names.text(rule.head.name) + list(other.arguments ?? [], "(", ")")
            result.append(head + " = " + value(other.value) + " { " + body(other.body) + " }")
        }
        return result
    }

    private func value(_ term: Term?) -> String { term.map { self.term($0) } ?? "true" }

    private func body(_ body: Body?) -> String { (body ?? []).map { expression($0) }.joined(separator: "; ") }

    private func list(_ terms: [Term], _ start: String, _ end: String) -> String {
        start + terms.map { term($0) }.joined(separator: ", ") + end
    }

    private func expression(_ expression: Expr) -> String {
        var text = expression.isGenerated ? "*" : ""
        if expression.isNegated { text += "not " }
        switch expression.kind {
        case .term(let term): text += self.term(term)
        case .call(let call): text += reference(call.function) + list(call.arguments, "(", ")")
        case .every(let every):
            text += "every \(value(every.key)), \(term(every.value)) in \(term(every.domain)) { \(body(every.body)) }"
        case .not(let not): text += "not { \(body(not.body)) }"
        case .some, .and, .or: text += "?"
        }
        for with in expression.with { text += " with \(reference(with.target)) as \(term(with.value))" }
        return text
    }

    private func reference(_ ref: Ref) -> String {
        ref.parts.reduce(term(ref.head)) { text, part in
            if case .string(let name) = part.kind { return text + "." + names.text(name) }
            return text + "[" + term(part) + "]"
        }
    }

    private func term(_ term: Term) -> String {
        switch term.kind {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let name), .variable(let name): names.text(name)
        case .string(let name): "\"" + names.text(name) + "\""
        case .ref(let ref): reference(ref)
        case .array(let terms): list(terms, "[", "]")
        case .set(let terms): list(terms, "{", "}")
        case .object(let entries):
            "{" + entries.map { self.term($0.key) + ": " + self.term($0.value) }.joined(separator: ", ") + "}"
        case .arrayComprehension(let head, let body): "[" + self.term(head) + " | " + self.body(body) + "]"
        case .setComprehension(let head, let body): "{" + self.term(head) + " | " + self.body(body) + "}"
        case .objectComprehension(let key, let value, let body):
            "{" + self.term(key) + ": " + self.term(value) + " | " + self.body(body) + "}"
        case .call, .template: "?"
        }
    }
}
