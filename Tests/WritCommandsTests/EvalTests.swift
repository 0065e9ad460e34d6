import Testing

@testable import WritCommands

@Suite struct EvalTests {
    private static let files = [
        "p.rego": """
        package app

        default allow := false

        allow if input.user == "jo"

        list := [1, 1.0, 1e3, "<a>"]

        text := "a\\nb"

        bad := 1 / input.zero

        c := 1

        c := 2 if input.zero == 0
        """,
        "d.json": #"{"devices": {"gw": {"roles": ["x", "y"]}, "s1": {"roles": ["x"]}}}"#,
        "i.json": #"{"user": "jo"}"#, "i.yaml": "user: jo\nzero: 0\n", "zero.json": #"{"zero": 0}"#,
    ]

    private func bench() throws -> Workbench { try Workbench(Self.files) }

    @Test func json() throws {
        let run = try bench().writ("eval", "x := 1; y := [x, \"<\"]; x < 2")
        #expect(run.status == 0)
        #expect(run.errors == "")
        #expect(
            run.output == """
                {
                  "result": [
                    {
                      "expressions": [
                        {
                          "value": true,
                          "text": "x := 1",
                          "location": {
                            "row": 1,
                            "col": 1
                          }
                        },
                        {
                          "value": true,
                          "text": "y := [x, \\"\\u003c\\"]",
                          "location": {
                            "row": 1,
                            "col": 9
                          }
                        },
                        {
                          "value": true,
                          "text": "x \\u003c 2",
                          "location": {
                            "row": 1,
                            "col": 24
                          }
                        }
                      ],
                      "bindings": {
                        "x": 1,
                        "y": [
                          1,
                          "\\u003c"
                        ]
                      }
                    }
                  ]
                }

                """)
    }

    @Test(arguments: [
        ("values", "data.app.allow", "[\n  true\n]\n"), ("values", "data.app.no", ""),
        ("bindings", "x := 1", "{\n  \"x\": 1\n}\n"), ("bindings", "1", "{}\n"), ("bindings", "data.app.no", ""),
        ("pretty", "data.app.allow", "true\n"), ("pretty", "data.app.no", "undefined\n"),
        ("pretty", "data.app.text", "\"a\\nb\"\n"),
        ("pretty", "data.app.list", "[\n  1,\n  1.0,\n  1e3,\n  \"\\u003ca\\u003e\"\n]\n"),
        (
            "pretty", "x := 1; y := [x, \"a\"]; x < 2",
            "+---+---------+\n| x |    y    |\n+---+---------+\n| 1 | [1,\"a\"] |\n+---+---------+\n"
        ),
        (
            "pretty", "x = data.devices[d].roles[i]",
            """
            +------+---+-----+
            |  d   | i |  x  |
            +------+---+-----+
            | "gw" | 0 | "x" |
            | "gw" | 1 | "y" |
            | "s1" | 0 | "x" |
            +------+---+-----+

            """
        ),
        ("raw", "data.app.text", "a\nb\n"), ("raw", "data.app.list", "[1,1.0,1e3,\"\\u003ca\\u003e\"]\n"),
        ("raw", "x := 1; y := 2", "true true\n"), ("raw", "data.app.no", ""),
        ("discard", "1", "{\n  \"result\": \"discarded\"\n}\n"), ("discard", "data.app.no", "{}\n"),
        ("json", "data.app.no", "{}\n"),
    ])
    func formats(_ format: String, _ query: String, _ want: String) throws {
        let run = try bench().writ("eval", "-f", format, "-d", "@p.rego", "-d", "@d.json", "-i", "@i.json", query)
        #expect(run.output == want)
        #expect(run.errors == "")
        #expect(run.status == 0)
    }

    @Test func inputs() throws {
        let bench = try bench()
        #expect(bench.writ("eval", "-fraw", "-i@i.yaml", "input").output == "{\"user\":\"jo\",\"zero\":0}\n")
        #expect(bench.writ("eval", "-fraw", "-I", "input.a", stdin: "{\"a\": 1.0}").output == "1.0\n")
        #expect(bench.writ("eval", "-fraw", "-I", "input.a", stdin: "a: yes").output == "true\n")
        #expect(bench.writ("eval", "-fraw", "--stdin", stdin: "1 + 1").output == "2\n")
        #expect(bench.writ("eval", "-fraw", "input").output == "")
    }

    @Test func inputsThatAreNone() throws {
        let bench = try bench()
        let missing = bench.writ("eval", "-i", "@nope.json", "1")
        #expect(missing.status == 1)
        #expect(missing.errors == "open nope.json: no such file or directory\n")
        let bad = bench.writ("eval", "-I", "input", stdin: "{\"a\":")
        #expect(bad.status == 1)
        #expect(bad.errors == "unable to parse input: yaml: line 1: did not find expected node content\n")
        let pretty = bench.writ("eval", "-I", "-f", "pretty", "input", stdin: "{\n  \"a\": 1\n  \"b\": 2\n}")
        #expect(
            pretty.errors == """
                error[load_error]: invalid character '"' after object key:value pair
                  ┌─ standard input:3:3
                3 │   "b": 2
                  │   ^

                """)
    }

    @Test func exitCodes() throws {
        let bench = try bench()
        #expect(bench.writ("eval", "--fail", "data.no").status == 1)
        #expect(bench.writ("eval", "--fail", "1").status == 0)
        #expect(bench.writ("eval", "--fail", "false").status == 0)
        #expect(bench.writ("eval", "--fail-defined", "data.no").status == 0)
        #expect(bench.writ("eval", "--fail-defined", "1").status == 1)
        #expect(bench.writ("eval", "--fail=false", "data.no").status == 0)
        let both = bench.writ("eval", "--fail", "--fail-defined", "1")
        #expect(both.status == 1)
        #expect(both.errors.hasPrefix("Error: specify --fail or --fail-defined but not both\nUsage:\n  writ eval"))
    }

    @Test func builtinErrors() throws {
        let bench = try bench()
        #expect(bench.writ("eval", "-d", "@p.rego", "-i", "@zero.json", "data.app.bad").output == "{}\n")
        for flag in ["--strict-builtin-errors", "--show-builtin-errors"] {
            let run = bench.writ("eval", flag, "-d", "@p.rego", "-i", "@zero.json", "data.app.bad")
            #expect(run.status == 1)
            #expect(
                run.output == """
                    {
                      "errors": [
                        {
                          "message": "div: divide by zero",
                          "code": "eval_builtin_error",
                          "location": {
                            "file": "p.rego",
                            "row": 11,
                            "col": 8
                          }
                        }
                      ]
                    }

                    """)
        }
    }

    @Test func scope() throws {
        let bench = try bench()
        let run = bench.writ(
            "eval", "--package", "app", "--import", "data.devices as d", "-d", "@p.rego", "-d", "@d.json", "-f", "raw",
            "[allow, d.s1.roles]")
        #expect(run.output == "[false,[\"x\"]]\n")
    }

    @Test func time() throws {
        let bench = try bench()
        let run = bench.writ(
            "eval", "--timeout", "50ms",
            "count([1 | some x in numbers.range(1, 3000); some y in numbers.range(1, 3000); x == y + 10000])")
        #expect(run.status == 1)
        #expect(run.output.contains("eval_cancel_error"))
        #expect(bench.writ("eval", "--timeout", "soon", "1").status == 1)
        #expect(bench.writ("eval", "--timeout", "1m", "1").status == 0)
    }

    @Test func printing() throws {
        let run = try Workbench(["p.rego": "package a\n\nx if print(\"hello\", input)\n"])
            .writ("eval", "-f", "raw", "-d", "@p.rego", "data.a.x")
        #expect(run.output == "true\n")
        #expect(run.errors == "hello <undefined>\n")
    }

    @Test func olderRego() throws {
        let bench = try Workbench(["p.rego": "package a\n\np[x] { x := 1 }\n"])
        #expect(bench.writ("eval", "-f", "raw", "--v0-compatible", "-d", "@p.rego", "data.a.p").output == "[1]\n")
        #expect(bench.writ("eval", "-d", "@p.rego", "data.a.p").status == 1)
        #expect(bench.writ("eval", "--v0-compatible", "--v1-compatible", "-d", "@p.rego", "data.a.p").status == 1)
    }

    @Test(arguments: [
        "--partial", "--unknowns=input.x",
    ])
    func notThereYet(_ flag: String) throws {
        let run = try bench().writ("eval", flag, "1")
        #expect(run.status == 1)
        #expect(run.errors.contains("not supported yet"))
    }
}
