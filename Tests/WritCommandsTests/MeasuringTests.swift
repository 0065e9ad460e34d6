import Testing
import Writ

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
        #expect(run.output.contains("\"histogram_timer_rego_query_eval_ns_99.9%\": "))
        let undefined = bench.writ(
            "bench", "--fail", "--optimize-store-for-read-speed", "-u", "input", "--shutdown-grace-period", "1",
            "data.nothing.x")
        #expect(undefined.status == 1)
        #expect(undefined.errors.contains("undefined result"))
        let tolerated = bench.writ("bench", "--fail=false", "--benchmem=false", "--metrics=false", "data.nothing.x")
        #expect(tolerated.status == 0)
        #expect(tolerated.output.split(separator: "\n").count == 4)
        #expect(tolerated.output.contains("| samples |"))
        #expect(tolerated.output.contains("| ns/op   |"))
    }

    /// Over HTTP: a document by its path, and what is no path by the query API.
    @Test(arguments: ["data.a.allow", "x := data.a.allow"])
    func benchOfAServer(_ query: String) throws {
        let bench = try Workbench(Self.files)
        let run = bench.writ("bench", "--e2e", "-f", "json", "-d", "@p.rego", "-i", "@i.json", query)
        #expect(run.status == 0)
        #expect(run.output.contains("\"histogram_timer_server_handler_ns_count\": "))
        let undefined = bench.writ("bench", "--e2e", "-d", "@p.rego", "data.a.allow")
        #expect(undefined.status == 1)
        #expect(undefined.errors.contains("undefined result"))
        let refused = bench.writ("bench", "--e2e", "-d", "@p.rego", "data.a.allow ==")
        #expect(refused.status == 1)
        #expect(refused.errors.contains("rego_parse_error"))
    }

    @Test func benchOfAConfiguredServer() throws {
        let bench = try Workbench(Self.files.merging(["c.yaml": "nonsense: 1\n"]) { $1 })
        let run = bench.writ("bench", "--e2e", "-c", "@c.yaml", "-d", "@p.rego", "data.a.allow")
        #expect(run.status == 1)
        #expect(run.errors.contains("nonsense"))
    }

    @Test func samples() {
        var samples = TimeSamples()
        for run in 1...100_000 { samples.add(UInt64(run)) }
        let figures = Dictionary(uniqueKeysWithValues: samples.figures.map { ($0.name, $0.value) })
        #expect(figures["count"] == 100_000)
        #expect(figures["min"] == 1)
        #expect(figures["max"] == 100_000)
        #expect(figures["mean"] == 50_000.5)
        // Told from a part of the runs: 4,096 of them miss by a percent or two.
        #expect(abs((figures["median"] ?? 0) - 50_000) < 8_000)
    }

    @Test(arguments: [
        (["bench", "-s", "@s.json", "-d", "@p.rego", "data.a.allow"], "undefined ref: input.x"),
        (["bench", "--stdin", "1"], "specify exactly one query argument"),
        (["bench", "--stdin", "-I"], "specify --stdin or --stdin-input but not both"),
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
