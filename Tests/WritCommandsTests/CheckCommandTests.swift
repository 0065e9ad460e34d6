import Testing

@testable import WritCommands

/// `writ check`, `writ capabilities`, `writ explain`.
@Suite struct CheckCommandTests {
    private static let schema = #"{"type": "object", "properties": {"name": {"type": "string"}}}"#
    private static let files = [
        "p/a.rego": "package a\n\nx := input.nam\n", "p/broken.json": "{", "s/device.json": schema,
        "s/in/b.json": schema,
        "named.rego":
            "# METADATA\n# scope: package\n# schemas:\n#   - input: schema.in.b\npackage a\n\nx := input.nam\n",
        "caps.json": #"{"builtins": [{"name": "plus"}], "features": ["rego_v1"]}"#,
        "call.rego": "package a\n\nx := count([1])\n", "old.rego": "package a\n\nimport rego.v1\n\nx if input.y\n",
        "b/data.json": "{\"a\": 1}", "b/other.json": "{", "b/.manifest": "{}", "b/p.rego": "package b\n\nx := 1\n",
    ]

    @Test func folders() throws {
        let bench = try Workbench(Self.files)
        #expect(bench.writ("check", "@p").status == 0)
        #expect(bench.writ("check", "-b", "@b").status == 0)
        #expect(bench.writ("check", "-b", "@b.tar.gz").status == 1)
        #expect(bench.writ("check", "--v0-v1", "@old.rego").status == 0)
        #expect(bench.writ("check", "--v0-v1", "@call.rego").status == 0)
        #expect(bench.writ("check").errors.contains("specify at least one file"))
        #expect(bench.writ("check", "-f", "jsn", "@p").errors.contains("must be one of {pretty,json}"))
    }

    @Test func schemas() throws {
        let bench = try Workbench(Self.files)
        let run = bench.writ("check", "-f", "json", "-s", "@s/device.json", "@p")
        #expect(run.status == 1)
        #expect(
            run.errors == """
                {
                  "errors": [
                    {
                      "message": "undefined ref: input.nam",
                      "code": "rego_type_error",
                      "location": {
                        "file": "p/a.rego",
                        "row": 3,
                        "col": 6
                      },
                      "details": {
                        "want": {
                          "type": "string"
                        },
                        "oneOf": [
                          "name"
                        ],
                        "ref": [
                          {
                            "type": "var",
                            "value": "input"
                          },
                          {
                            "type": "string",
                            "value": "nam"
                          }
                        ],
                        "pos": 1
                      }
                    }
                  ]
                }

                """)
        #expect(bench.writ("check", "-s", "@s", "@p").status == 0)
        let named = bench.writ("check", "-s", "@s", "@named.rego")
        #expect(named.status == 1)
        #expect(named.errors.contains("did you mean `name`?"))
        #expect(bench.writ("check", "-s", "@p", "@named.rego").errors.contains("p/a.rego: invalid character"))
        #expect(bench.writ("check", "-s", "@nope", "@named.rego").errors.contains("no such file or directory"))
        #expect(bench.writ("eval", "-f", "raw", "-s", "@s", "-d", "@named.rego", "1").errors.contains("undefined ref"))
    }

    @Test func capabilities() throws {
        let bench = try Workbench(Self.files)
        #expect(
            bench.writ("check", "--capabilities", "@caps.json", "@call.rego").errors.contains(
                "undefined function count"))
        #expect(bench.writ("check", "--capabilities", "v1.20.2", "@call.rego").status == 0)
        #expect(
            bench.writ("check", "--capabilities", "v9", "@call.rego").errors
                == "error: no such file or capabilities version found: v9\n")
        let versions = bench.writ("capabilities").output.split(separator: "\n")
        #expect(versions.first == "v0.17.0" && versions.last == "v1.20.2" && versions.contains("v1.9.0"))
        let old = bench.writ("capabilities", "--version", "v0.40.0").output
        #expect(old.contains("\"rego.metadata.chain\"") && !old.contains("\"units.parse\""))
        #expect(
            bench.writ("check", "--v0-compatible", "--capabilities", "v0.16.0", "@call.rego").errors.contains(
                "capabilities version found"))
        #expect(bench.writ("check", "--capabilities", "v0.70.0", "@call.rego").errors.contains("rego_v1 feature"))
        let current = bench.writ("capabilities", "--current").output
        #expect(
            current.hasPrefix(
                "{\n  \"builtins\": [\n    {\n      \"name\": \"abs\",\n      \"decl\": {\n        \"args\": ["))
        #expect(bench.writ("capabilities", "--version", "v1.20.2").output == current)
        #expect(bench.writ("capabilities", "--version", "v9").status == 1)
        #expect(
            bench.writ("capabilities", "--file", "@caps.json").output == """
                {
                  "builtins": [
                    {
                      "name": "plus",
                      "decl": {
                        "args": [
                          {
                            "type": "number"
                          },
                          {
                            "type": "number"
                          }
                        ],
                        "result": {
                          "type": "number"
                        },
                        "type": "function"
                      },
                      "infix": "+"
                    }
                  ],
                  "features": [
                    "rego_v1"
                  ]
                }

                """)
    }

    @Test func explain() throws {
        let bench = try Workbench()
        #expect(
            bench.writ("explain", "unsafe-variable").output == """
                rego_unsafe_var_error: a variable that nothing binds (unsafe-variable)

                Every variable must get its values from some expression that is not negated:
                an assignment, `some ... in`, a reference into a document. Calls, comparisons
                and `not` only use values. Often it is a misspelt name.

                To mend it: bind it first: `x := ...`, `some x in ...`, or a positive expression that gives it a value

                This fails:

                    package p

                    allow if input.user == usr

                This does not:

                    package p

                    allow if {
                    \tusr := input.owner
                    \tinput.user == usr
                    }

                """)
        #expect(bench.writ("explain", "rego_unsafe_var_error").output.contains("(unsafe-expression)"))
        #expect(bench.writ("explain").output.contains("rego_type_error\n  undefined-function: "))
        let unknown = bench.writ("explain", "rego_unsafe_error")
        #expect(unknown.status == 1)
        #expect(unknown.errors.contains("Did you mean rego_unsafe_var_error?"))
    }

    /// Where no person reads them, errors are OPA's lines.
    @Test func lines() throws {
        var errors: [UInt8] = []
        let console = Console(stdin: { [] }, showsExcerpts: false) { bytes, _ in errors += bytes }
        let bench = try Workbench(["p.rego": "package p\n\nx := upper(1)\n"])
        #expect(CommandLineInterface.run(["check", bench.path + "/p.rego"], console) == 1)
        #expect(
            String(decoding: errors, as: UTF8.self) == """
                1 error occurred: \(bench.path)/p.rego:3: rego_type_error: upper: invalid argument(s)
                \thave: (number, ???)
                \twant: (x: string, y: string)

                """)
    }
}
