import ArgumentParser
import Writ
import WritHostBuiltins
import WritTooling

/// `writ bench`: how long a query takes.
struct BenchCommand: WritCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measures how long a query takes, evaluated again and again.")
    static let usage = "<query> [flags]"
    static let example = "writ bench -d policy.rego -d data.json -i input.json 'data.fleet.access.allow'"
    static let flags =
        [
            FlagSpec("data", "d"), FlagSpec("bundle", "b"), FlagSpec("input", "i"),
            FlagSpec("stdin-input", "I", .boolean), FlagSpec("format", "f"), FlagSpec("count"),
            FlagSpec("benchmem", nil, .boolean), FlagSpec("metrics", nil, .boolean), FlagSpec("package"),
            FlagSpec("import"), FlagSpec("ignore"), FlagSpec("fail", nil, .boolean), FlagSpec("e2e", nil, .boolean),
            FlagSpec("partial", "p", .boolean), FlagSpec("unknowns", "u"), FlagSpec("schema", "s"),
            FlagSpec("stdin", nil, .boolean), FlagSpec("target", "t"), FlagSpec("config-file", "c"),
            FlagSpec("shutdown-grace-period"), FlagSpec("shutdown-wait-period"),
            FlagSpec("optimize-store-for-read-speed", nil, .boolean),
        ] + SharedFlags.versions

    @Option(name: [.customLong("data"), .customShort("d")], help: "A file or folder to load (repeatable).")
    var data: [String] = []
    @Option(
        name: [.customLong("bundle"), .customShort("b")], help: "A bundle to load, a folder or an archive (repeatable)."
    )
    var bundles: [String] = []
    @Option(name: [.customLong("input"), .customShort("i")], help: "The file with the input, as JSON or YAML.")
    var input: String?
    @Flag(name: [.customLong("stdin-input"), .customShort("I")], help: "Read the input from standard input.")
    var isInputOnStandardInput = false
    @Option(name: [.customLong("format"), .customShort("f")], help: "How to print: pretty, json, gobench.")
    var format = "pretty"
    @Option(name: .customLong("count"), help: "How many times to measure.")
    var count = 1
    @Flag(name: .customLong("benchmem"), help: "Show memory, too.")
    var showsAllocations = false
    @Flag(name: .customLong("metrics"), help: "Accepted; there is one measurement.")
    var showsMetrics = false
    @Option(name: .customLong("package"), help: "The package that the query stands in.")
    var package: String?
    @Option(name: .customLong("import"), help: "An import for the query (repeatable).")
    var imports: [String] = []
    @Option(name: .customLong("ignore"), help: "A shell pattern for names to leave out within folders (repeatable).")
    var ignored: [String] = []
    @Flag(name: .customLong("fail"), help: "Exit with 1 when there is no answer.")
    var failsWhenUndefined = false
    @Flag(name: .customLong("stdin"), help: "Read the query from standard input.")
    var isQueryOnStandardInput = false
    @Option(
        name: [.customLong("schema"), .customShort("s")], help: "A JSON schema of the input, or a folder of schemas.")
    var schema: String?
    @Option(name: [.customLong("target"), .customShort("t")], help: "The engine: rego.")
    var target = "rego"
    @Flag(name: .customLong("optimize-store-for-read-speed"), help: "Accepted; documents are always kept so.")
    var optimizesStore = false
    @Option(name: [.customLong("unknowns"), .customShort("u")], help: .hidden) var unknowns: [String] = []
    @Flag(name: .customLong("e2e"), help: .hidden) var isEndToEnd = false
    @Option(name: [.customLong("config-file"), .customShort("c")], help: .hidden) var configFile: String?
    @Option(name: .customLong("shutdown-grace-period"), help: .hidden) var gracePeriod: String?
    @Option(name: .customLong("shutdown-wait-period"), help: .hidden) var waitPeriod: String?
    @Flag(name: [.customLong("partial"), .customShort("p")], help: .hidden) var partial = false
    @OptionGroup var versions: VersionOptions
    @Argument(help: "The query.")
    var queries: [String] = []

    func execute(_ console: Console) throws -> Int32 {
        guard !isQueryOnStandardInput || !isInputOnStandardInput else {
            throw UsageFailure(message: "specify --stdin or --stdin-input but not both")
        }
        guard queries.count == (isQueryOnStandardInput ? 0 : 1) else {
            throw UsageFailure(message: "specify exactly one query argument")
        }
        let text = isQueryOnStandardInput ? console.input() : Array((queries.first ?? "").utf8)
        guard target == "rego" else {
            throw UsageFailure(message: "engine not found (--target \(target)): there is rego only")
        }
        if partial { throw UsageFailure(message: "partial evaluation (--partial): not supported yet") }
        // What configures the server that is measured says nothing without it, as in OPA.
        if isEndToEnd {
            throw UsageFailure(
                message: "measuring over HTTP (--e2e): not supported; start `writ run --server` and load it")
        }
        guard ["pretty", "json", "gobench"].contains(format) else {
            throw UsageFailure(
                message:
                    "invalid argument \"\(format)\" for \"-f, --format\" flag: must be one of {json,pretty,gobench}")
        }
        do throws(ProblemReport) {
            var loader = LoaderOptions()
            loader.version = versions.version
            loader.ignored = ignored.flatMap { $0.split(separator: ",").map(String.init) }
            let loaded = try Loader.load(data, bundles: bundles, options: loader)
            var options = CompileOptions(functions: .all)
            if let schema { options.schemas = try SchemaSet.load(schema) }
            let workspace = try Workspace.make(loaded, versions.version, options)
            var document: [UInt8]?
            if isInputOnStandardInput {
                document = try Document.json(console.input(), name: "standard input")
            } else if let input {
                document = try Document.json(try Self.read(input), name: input)
            }
            let query: PreparedQuery
            do throws(CompileFailure) {
                query = try PreparedQuery.prepare(
                    text, for: workspace.snapshot, package: package, imports: imports)
            } catch {
                throw ProblemReport(error, stage: .compiling)
            }
            for _ in 0..<max(1, count) {
                let (result, isDefined) = try measure(query, document)
                console.print(show(result))
                if failsWhenUndefined, !isDefined { return ExitStatus.failure }
            }
            return ExitStatus.success
        } catch {
            console.report(error)
            return ExitStatus.failure
        }
    }

    private static func read(_ path: String) throws(ProblemReport) -> [UInt8] {
        do throws(FileFailure) { return try FileSystem.read(path) } catch {
            throw ProblemReport(.loading, [Problem(message: error.message)])
        }
    }

    /// Repeats the query for about a second. The input is read each time, as a server does.
    private func measure(
        _ query: PreparedQuery, _ document: [UInt8]?
    ) throws(ProblemReport) -> (Benchmark, isDefined: Bool) {
        let evaluator = query.makeEvaluator()
        var isDefined = false
        var runs = 1
        while true {
            let start = Measurements.now()
            do throws(DecisionFailure) {
                for _ in 0..<runs {
                    evaluator.begin()
                    var value = Value.undefined
                    if let document {
                        let read: Result<Value, DecisionFailure> = document.withUnsafeBufferPointer { bytes in
                            do throws(DecisionFailure) { return .success(try evaluator.read(bytes)) } catch {
                                return .failure(error)
                            }
                        }
                        value = try read.get()
                    }
                    isDefined = try !evaluator.answers(to: query, input: value).isEmpty
                }
            } catch {
                throw ProblemReport(error, sources: query.sources)
            }
            let spent = Measurements.now() &- start
            if spent >= 1_000_000_000 || runs >= 1_000_000_000 {
                return (Benchmark(runs: runs, nanoseconds: spent), isDefined)
            }
            let predicted = 1.2e9 * Double(runs) / Double(max(spent, 1))
            runs = max(runs + 1, min(runs * 100, Int(min(predicted, 1e9))))
        }
    }

    private func show(_ result: Benchmark) -> String {
        switch format {
        case "json":
            return
                "{\n  \"N\": \(result.runs),\n  \"T\": \(result.nanoseconds),\n  \"Bytes\": 0,\n  \"MemAllocs\": 0,\n  \"MemBytes\": 0,\n  \"Extra\": {}\n}"
        case "gobench": return "BenchmarkOPAEval\t" + BenchmarkText.line(result, allocations: showsAllocations)
        default:
            var table = TextTable(["samples", String(result.runs)])
            table.add(["ns/op", BenchmarkText.time(result.average).split(separator: " ").first.map(String.init) ?? ""])
            return String(table.text().dropLast())
        }
    }
}
