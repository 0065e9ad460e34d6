import Testing
import Writ

/// What is said of rules, as policies see it. JSON is YAML, so the tests need no reader of YAML.
@Suite struct MetadataTests {
    private static func options() -> CompileOptions {
        var options = CompileOptions()
        options.readYAML = { .json($0) }
        return options
    }

    private static func value(_ policy: Policy, _ query: String) throws -> String {
        let prepared = try PreparedQuery.prepare(Array("x := \(query)".utf8), for: Snapshot(policy: policy))
        let evaluator = prepared.makeEvaluator()
        evaluator.isStrict = true
        evaluator.begin()
        guard let answer = try evaluator.answers(to: prepared, input: .undefined).first else { return "undefined" }
        return String(decoding: try evaluator.space.json(answer.bindings[0]), as: UTF8.self)
    }

    private static func value(of rule: String) throws -> String {
        let text = "# METADATA\n# {\"title\": \"pkg\"}\npackage test\n\n" + rule + "\n"
        let file = PolicyFile(name: "test.rego", text: Array(text.utf8))
        return try value(Policy.compile([file], options: options()), "data.test.p")
    }

    private static let title = "# METADATA\n# {\"title\": \"t\"}\n"

    @Test(
        "Calls in rules are constants",
        arguments: [
            (title + "p := rego.metadata.rule().title", #""t""#),
            ("p := rego.metadata.rule()", "{}"),
            (title + "p if rego.metadata.rule()", "true"),
            (title + "p := x if rego.metadata.rule(x)", #"{"scope":"rule","title":"t"}"#),
            (title + "p contains rego.metadata.rule().scope", #"["rule"]"#),
            (title + "p := [y | y := rego.metadata.rule().title]", #"["t"]"#),
            (title + "f(x) := [x, rego.metadata.rule().title]\np := f(1)", #"[1,"t"]"#),
            (title + "p := $\"{rego.metadata.rule().title}\"", #""t""#),
            (
                title + "p := rego.metadata.chain()",
                #"[{"annotations":{"scope":"rule","title":"t"},"path":["test","p"]},"#
                    + #"{"annotations":{"scope":"package","title":"pkg"},"path":["test"]}]"#
            ),
            (
                title + "p := 1 if false\nelse := [rego.metadata.rule(), count(rego.metadata.chain())]", "[{},2]"
            ),
            ("p := x if { rego := {\"metadata\": {\"rule\": 3}}; x := rego.metadata.rule }", "3"),
            (
                "p[\"a b\"][1] := rego.metadata.chain()[0]", #"{"a b":{"1":{"path":["test","p","a b","1"]}}}"#
            ),
        ])
    func constants(rule: String, value: String) throws { #expect(try Self.value(of: rule) == value) }

    @Test func inQueries() throws {
        let policy = try Policy.compile([], options: Self.options())
        #expect {
            try Self.value(policy, "rego.metadata.rule()")
        } throws: { error in
            (error as? DecisionFailure)?.message
                == "rego.metadata.rule: the rego.metadata.rule function must only be called within the scope of a rule"
        }
    }

    /// A round of compiling sees what other modules say.
    @Test func rounds() throws {
        func file(_ name: String, _ text: String) -> PolicyFile { PolicyFile(name: name, text: Array(text.utf8)) }
        let asking = file(
            "a.rego",
            "package a.b\np := [t | t := object.get(rego.metadata.chain()[_], [\"annotations\", \"title\"], 0); t != 0]\n"
        )
        func outer(_ title: String) -> PolicyFile {
            file("b.rego", "# METADATA\n# {\"scope\": \"subpackages\", \"title\": \"\(title)\"}\npackage a\n")
        }
        var compiler = PolicyCompiler(options: Self.options())
        for (files, expected) in [
            ([asking, outer("x")], #"["x"]"#), ([asking, outer("y")], #"["y"]"#), ([asking], "[]"),
            ([asking, outer("x")], #"["x"]"#),
        ] {
            #expect(try Self.value(compiler.compile(files), "data.a.b.p") == expected)
        }
        #expect(throws: CompileFailure.self) {
            try compiler.compile([asking, outer("x"), file("c.rego", String(decoding: outer("z").text, as: UTF8.self))])
        }
    }

    @Test func parsing() throws {
        let policy = try Policy.compile([])
        let tree = try Self.value(policy, #"rego.parse_module("t.rego", "package a\np := 1 # c").comments"#)
        #expect(tree == #"[{"Location":{"col":8,"file":"t.rego","row":2},"Text":"IGM="}]"#)
        #expect {
            try Self.value(policy, #"rego.parse_module("t.rego", "package a\np := ")"#)
        } throws: { error in
            (error as? DecisionFailure)?.message
                == "rego.parse_module: 2 errors occurred:\nt.rego:2: rego_parse_error: unexpected eof token\n\tp := \n\t   ^"
                + "\nt.rego:2: rego_parse_error: unexpected eof token: expected rule value term (e.g., p := <VALUE> { ... })"
                + "\n\tp := \n\t   ^"
        }
    }
}
