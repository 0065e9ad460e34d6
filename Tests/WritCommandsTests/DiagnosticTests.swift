import Testing

@testable import WritCommands

/// What people see when something is wrong, letter by letter.
@Suite struct DiagnosticTests {
    private static let broken = [
        "syntax.rego": "package bad\n\np if {\n", "types.rego": "package bad\n\nq := foo(1)\n\nr if x > 1\n",
        "d.json": "{\"a\": 1\n \"b\": 2}", "d.yaml": "a: 1\nb: [\n", "n.json": "[1]", "a.json": "{\"k\": 1}",
        "b.json": "{\"k\": 2}", "rule.rego": "package k\n\nx := 1\n",
    ]

    @Test func policyThatDoesNotParse() throws {
        let run = try Workbench(Self.broken).writ("eval", "-f", "pretty", "-d", "@syntax.rego", "1")
        #expect(run.status == 1)
        #expect(run.output == "")
        #expect(
            run.errors == """
                error[rego_parse_error]: unexpected eof token
                  ┌─ syntax.rego:4:0
                3 │ p if {
                  │       ^

                """)
    }

    @Test func policyThatDoesNotParseAsJSON() throws {
        let run = try Workbench(Self.broken).writ("eval", "-d", "@syntax.rego", "1")
        #expect(run.status == 1)
        #expect(run.errors == "")
        #expect(
            run.output == """
                {
                  "errors": [
                    {
                      "message": "unexpected eof token",
                      "code": "rego_parse_error",
                      "location": {
                        "file": "syntax.rego",
                        "row": 4,
                        "col": 0
                      },
                      "details": {
                        "line": "p if {",
                        "idx": 5
                      }
                    }
                  ]
                }

                """)
    }

    @Test func query() throws {
        let bench = try Workbench()
        let run = bench.writ("eval", "-f", "pretty", "foo(1)")
        #expect(
            run.errors == """
                error[rego_type_error]: undefined function foo
                  ┌─ query:1:1
                1 │ foo(1)
                  │ ^^^^^^
                  = help: check its name and its package; `writ capabilities --current` lists the builtins

                """)
        #expect(
            bench.writ("eval", "-f", "raw", "foo(1)").errors
                == "1 error occurred: 1:1: rego_type_error: undefined function foo\n")
    }

    @Test(arguments: [
        (
            "d.json",
            """
            error[load_error]: invalid character '"' after object key:value pair
              ┌─ d.json:2:2
            2 │  "b": 2}
              │  ^

            """
        ),
        (
            "d.yaml",
            """
            error[load_error]: did not find expected node content
              ┌─ d.yaml:3:1
            2 │ b: [
              │     ^

            """
        ),
        ("n.json", "error: n.json: bad document type\n"),
        ("nope.json", "error: stat nope.json: no such file or directory\n"),
    ])
    func data(_ file: String, _ want: String) throws {
        let run = try Workbench(Self.broken).writ("eval", "-f", "pretty", "-d", "@" + file, "1")
        #expect(run.status == 1)
        #expect(run.errors == want)
    }

    @Test func dataAsJSON() throws {
        let bench = try Workbench(Self.broken)
        #expect(
            bench.writ("eval", "-d", "@nope", "-d", "@n.json", "1").output == """
                {
                  "errors": [
                    {
                      "message": "stat nope: no such file or directory"
                    },
                    {
                      "message": "n.json: bad document type"
                    }
                  ]
                }

                """)
        let both = bench.writ("eval", "-f", "raw", "-d", "@a.json", "-d", "@b.json", "1")
        #expect(both.errors == "1 error occurred during loading: b.json: merge error\n")
    }

    @Test func rulesOverData() throws {
        let run = try Workbench(["p.rego": "package k\n\nx := 1\n", "d.json": "{\"k\": {\"x\": 2}}"])
            .writ("eval", "-f", "pretty", "-d", "@", "1")
        #expect(run.status == 1)
        #expect(
            run.errors.hasPrefix(
                "error[rego_compile_error]: conflicting rule for data path k/x found\n  ┌─ p.rego:3:1\n"))
    }

    @Test func decisions() throws {
        let run = try Workbench(["p.rego": "package a\n\nx := 1 / input.zero\n", "i.json": "{\"zero\": 0}"])
            .writ("eval", "-f", "pretty", "--strict-builtin-errors", "-d", "@p.rego", "-i", "@i.json", "data.a.x")
        #expect(
            run.errors == """
                error[eval_builtin_error]: div: divide by zero
                  ┌─ p.rego:3:6
                3 │ x := 1 / input.zero
                  │      ^^^^^^^^^^^^^^

                """)
    }
}
