import Testing

@testable import WritCommands

/// `writ bench` and what `writ exec` is told besides its inputs.
@Suite struct MeasuringTests {
    private static let files = [
        "b/p.rego": "package a\n\nallow if input.x == 1\n", "p.rego": "package a\n\nallow if input.x == 1\n",
        "i.json": #"{"x": 1}"#,
        "s.json": #"{"type": "object", "properties": {"y": {"type": "number"}}}"#,
    ]

    @Test func bench() throws {
        let bench = try Workbench(Self.files)
        let run = bench.writ(
            "bench", "-f", "json", "--stdin", "-d", "@p.rego", "-i", "@i.json", stdin: "data.a.allow")
        #expect(run.status == 0)
        #expect(run.output.hasPrefix("{\n  \"N\": "))
        // OPA's flags that change nothing here are understood.
        let undefined = bench.writ(
            "bench", "--fail", "--optimize-store-for-read-speed", "-u", "input", "--shutdown-grace-period", "1",
            "data.nothing.x")
        #expect(undefined.status == 1)
    }

    @Test(arguments: [
        (["bench", "-s", "@s.json", "-d", "@p.rego", "data.a.allow"], "undefined ref: input.x"),
        (["bench", "--stdin", "1"], "specify exactly one query argument"),
        (["bench", "--stdin", "-I"], "specify --stdin or --stdin-input but not both"),
        (["bench", "--e2e", "1"], "measuring over HTTP (--e2e): not supported"),
        (["bench", "-t", "wasm", "1"], "engine not found"),
        (["exec", "-c", "c.yaml", "@i.json"], "not supported"),
    ])
    func refused(_ arguments: [String], _ message: String) throws {
        let run = try Workbench(Self.files).writ(arguments: arguments)
        #expect(run.status == 1)
        #expect(run.errors.contains(message))
    }

    @Test func exec() throws {
        let bench = try Workbench(Self.files)
        let run = bench.writ(
            "exec", "--decision", "a/allow", "-b", "@b", "--log-timestamp-format", "15:04", "@i.json")
        #expect(run.output.contains("\"result\": true"))
    }
}
