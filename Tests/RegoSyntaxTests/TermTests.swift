import RegoSyntax
import Testing
import WritSource

struct TermTests {
    private func term(_ text: String) -> (Term?, [Diagnostic], NameTable) {
        var names = NameTable()
        let (term, diagnostics) = parseTerm(SourceFile(name: [], text: Array(text.utf8)), names: &names)
        return (term, diagnostics, names)
    }

    @Test(arguments: [
        ("{}", "{}"),
        (" {\"a\": {1, 2,}, [1]: set(), }\n", "{\"a\": {1, 2}, [1]: set()}"),
        ("null", "null"),
        ("-1.0e2", "-1.0e2"),
        ("# comment\n\"x\"", "\"x\""),
        ("x", "x"),
        ("`a`", "\"a\""),
    ])
    func singleTerms(text: String, expected: String) {
        let (term, diagnostics, names) = term(text)
        #expect(diagnostics.isEmpty)
        #expect(term.map { names.text(of: $0) } == expected)
    }

    @Test(arguments: ["", "1 2", "1; 2", "[", "f(x)", "1 == 1", "not x", "x with input as 1", "x := 1", "{\"a\": }"])
    func notTerms(text: String) {
        let (term, diagnostics, _) = term(text)
        #expect(term == nil)
        #expect(!diagnostics.isEmpty)
    }

    private func query(_ text: String) -> (String, Int) {
        var names = NameTable()
        let (body, diagnostics) = parseQuery(SourceFile(name: [], text: Array(text.utf8)), names: &names)
        return (body.map { names.text(of: $0) }.joined(separator: "; "), diagnostics.count)
    }

    @Test func queries() {
        #expect(query("x = data.t.p") == ("x = data.t.p", 0))
        #expect(query("x := 1; y == x") == ("x := 1; y == x", 0))
        #expect(query("x := 1\ny == x\n") == ("x := 1; y == x", 0))
        #expect(query("some x in [1]; x > 0 with input as {}") == ("some x in [1]; x > 0 with input as {}", 0))
        #expect(query("") == ("", 0))
        #expect(query("x = ").1 == 1)
        #expect(query("p if true").1 == 1)
    }

    /// Sets and objects are written sorted and without duplicates.
    @Test func syntaxTreeAsJSON() {
        let parsed = Parsed("package t\np := {3, 1.0, 1, \"a\", null, {\"b\": 1, \"a\": x}, [1], -2}\n")
        #expect(
            parsed.json == """
                {"package":{"path":[{"type":"var","value":"data"},{"type":"string","value":"t"}]},"rules":[{"body":\
                [{"index":0,"terms":{"type":"boolean","value":true}}],"head":{"name":"p","value":{"type":"set",\
                "value":[{"type":"null","value":{}},{"type":"number","value":-2},{"type":"number","value":1.0},\
                {"type":"number","value":3},{"type":"string","value":"a"},{"type":"array","value":[{"type":"number",\
                "value":1}]},{"type":"object","value":[[{"type":"string","value":"a"},{"type":"var","value":"x"}],\
                [{"type":"string","value":"b"},{"type":"number","value":1}]]}]},"assign":true,"ref":[{"type":"var",\
                "value":"p"}]}}]}
                """)
    }

    @Test func locationsAndComments() {
        let parsed = Parsed("package t\n# é\np if not x\n")
        guard let module = parsed.module else {
            Issue.record("no module")
            return
        }
        let json = ASTJSON.module(
            module, file: parsed.file, names: parsed.names,
            options: .init(includesLocations: true, includesComments: true))
        let text = String(decoding: json, as: UTF8.self)
        #expect(
            text.contains(
                #""comments":[{"Text":"IMOp","Location":{"file":"test.rego","row":2,"col":1,"text":"IyDDqQ=="}}]"#))
        #expect(
            text.contains(
                #"{"index":0,"location":{"file":"test.rego","row":3,"col":6,"text":"bm90IHg="},"negated":true,"terms":"#
                    + #"{"location":{"file":"test.rego","row":3,"col":10,"text":"eA=="},"type":"var","value":"x"}}"#))
    }

    @Test func numbersCompareByValue() {
        var names = NameTable()
        func number(_ text: String) -> Term { Term(.number(names.intern(Array(text.utf8))), .none) }
        let ascending = ["-1e400", "-2", "-1.5", "-1", "0", "1e-400", "0.1", "1", "1.05", "9", "10", "1e2", "1e400"]
        let terms = ascending.map { number($0) }
        for (index, left) in terms.enumerated() {
            for (other, right) in terms.enumerated() {
                let order = names.compare(left, right)
                #expect((order < 0) == (index < other) && (order == 0) == (index == other))
            }
        }
        for (left, right) in [("1", "1.0"), ("100", "1e2"), ("0", "-0.0"), ("0.10", "1e-1")] {
            let (l, r) = (number(left), number(right))
            #expect(names.compare(l, r) == 0)
        }
    }
}

struct NameTableTests {
    @Test func equalBytesHaveOneName() {
        var names = NameTable()
        let first = names.intern(Array("hello".utf8))
        #expect(names.intern("hello") == first)
        #expect(names.intern(Array("say hello".utf8), 4, 9) == first)
        #expect(names.intern(Array("hell".utf8)) != first)
        #expect(names.find(Array("hello".utf8)) == first)
        #expect(names.find(Array("unknown".utf8)) == nil)
        #expect(Array(names[first]) == Array("hello".utf8))
        // Code points decide, not characters.
        #expect(names.intern(Array("\u{E9}".utf8)) != names.intern(Array("e\u{301}".utf8)))
    }

    @Test func wellKnownNamesAreTheFirst() {
        var names = NameTable()
        let expected: [(Name, StaticString)] = [
            (.empty, ""), (.data, "data"), (.input, "input"), (.underscore, "_"), (.set, "set"),
            (.contains, "contains"),
            (.not, "not"), (.package, "package"), (.internal, "internal"), (.member3, "member_3"), (.rem, "rem"),
            (.print, "print"), (.zero, "0"), (.one, "1"),
        ]
        for (name, text) in expected { #expect(names.intern(text) == name) }
    }

    @Test func growsWithoutLosingNames() {
        var names = NameTable()
        let all = (0..<5000).map { names.intern(Array("n\($0)".utf8)) }
        for (number, name) in all.enumerated() {
            #expect(names.intern(Array("n\(number)".utf8)) == name)
            #expect(names.text(name) == "n\(number)")
        }
    }

    @Test func unknownNamesAreEmpty() {
        #expect(NameTable()[Name(id: 1_000_000)].isEmpty)
    }
}
