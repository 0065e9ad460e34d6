import ArgumentParser
import Writ
import WritHostBuiltins
import WritTooling

/// `writ bench`: how long a query takes.
struct BenchCommand: WritCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measures how long a query takes, evaluated again and again.",
        discussion: """
            A measurement repeats the query for about a second; the input is read each time, as a server does. --metrics \
            tells what the steps of a run took, as histograms. --e2e starts a server on a free port of the loopback \
            interface and asks it over one connection: what is measured then is the whole request.
            """)
    static let usage = "<query> [flags]"
    static let example = "writ bench -d policy.rego -d data.json -i input.json 'data.fleet.access.allow'"
    static let flags =
        [
            FlagSpec("data", "d"), FlagSpec("bundle", "b"), FlagSpec("input", "i"),
            FlagSpec("stdin-input", "I", .boolean), FlagSpec("format", "f"), FlagSpec("count"),
            FlagSpec("benchmem", nil, .required, isOn: true), FlagSpec("metrics", nil, .required, isOn: true),
            FlagSpec("package"), FlagSpec("import"), FlagSpec("ignore"), FlagSpec("fail", nil, .required, isOn: true),
            FlagSpec("e2e", nil, .boolean),
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
    @Option(name: .customLong("benchmem"), help: "Show by how much the memory in use grows with each run.")
    var showsMemory = true
    @Option(name: .customLong("metrics"), help: "Show what the steps of a run take.")
    var showsMetrics = true
    @Option(name: .customLong("package"), help: "The package that the query stands in.")
    var package: String?
    @Option(name: .customLong("import"), help: "An import for the query (repeatable).")
    var imports: [String] = []
    @Option(name: .customLong("ignore"), help: "A shell pattern for names to leave out within folders (repeatable).")
    var ignored: [String] = []
    @Option(name: .customLong("fail"), help: "Exit with 1 when there is no answer.")
    var failsWhenUndefined = true
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
    @Flag(name: .customLong("e2e"), help: "Ask a server that is started for it, over HTTP.")
    var isEndToEnd = false
    @Option(
        name: [.customLong("config-file"), .customShort("c")], help: "With --e2e: the configuration of the server.")
    var configFile: String?
    @Option(name: .customLong("shutdown-grace-period"), help: "With --e2e: seconds that the last request gets.")
    var gracePeriod = 10
    @Option(name: .customLong("shutdown-wait-period"), help: "With --e2e: accepted; nobody else asks this server.")
    var waitPeriod = 0
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
            return isEndToEnd
                ? try measureServer(text, document, workspace.snapshot, console)
                : try measureHere(text, document, workspace.snapshot, console)
        } catch {
            console.report(error)
            return ExitStatus.failure
        }
    }

    private func measureHere(
        _ text: [UInt8], _ document: [UInt8]?, _ snapshot: Snapshot, _ console: Console
    ) throws(ProblemReport) -> Int32 {
        let query: PreparedQuery
        do throws(CompileFailure) {
            query = try PreparedQuery.prepare(text, for: snapshot, package: package, imports: imports)
        } catch {
            throw ProblemReport(error, stage: .compiling)
        }
        let evaluator = query.makeEvaluator()
        return try repeated(console) { (steps) throws(ProblemReport) in
            do throws(DecisionFailure) {
                evaluator.begin()
                let start = steps.start()
                let value = try Self.read(document, evaluator)
                let parsed = steps.end("timer_rego_input_parse_ns", from: start)
                let isDefined = try !evaluator.answers(to: query, input: value).isEmpty
                steps.end("timer_rego_query_eval_ns", from: parsed)
                return isDefined
            } catch {
                throw ProblemReport(error, sources: query.sources)
            }
        }
    }

    private static func read(_ document: [UInt8]?, _ evaluator: Evaluator) throws(DecisionFailure) -> Value {
        guard let document else { return .undefined }
        let read: Result<Value, DecisionFailure> = document.withUnsafeBufferPointer { bytes in
            do throws(DecisionFailure) { return .success(try evaluator.read(bytes)) } catch { return .failure(error) }
        }
        return try read.get()
    }

    private func measureServer(
        _ text: [UInt8], _ document: [UInt8]?, _ snapshot: Snapshot, _ console: Console
    ) throws(ProblemReport) -> Int32 {
        // A query that cannot be answered is told as it is elsewhere, with its place.
        do throws(CompileFailure) {
            _ = try PreparedQuery.prepare(text, for: snapshot, package: package, imports: imports)
        } catch {
            throw ProblemReport(error, stage: .compiling)
        }
        let server = try MeasuredServer(
            snapshot, configFile, query: String(decoding: text, as: UTF8.self), input: document,
            showsMetrics: showsMetrics, gracePeriod: Double(max(0, gracePeriod)))
        defer { server.stop() }
        return try repeated(console) { (steps) throws(ProblemReport) in
            let start = Measurements.now()
            let answer = try server.ask()
            if steps.isMeasured { try steps.add(answer.metrics(), spent: Measurements.now() &- start) }
            return answer.isDefined
        }
    }

    /// Makes and prints as many measurements as are asked for. `run` gives whether there is an answer.
    private func repeated(
        _ console: Console, _ run: (inout Steps) throws(ProblemReport) -> Bool
    ) throws(ProblemReport) -> Int32 {
        for _ in 0..<max(1, count) {
            let (result, isDefined) = try measure(run)
            if !isDefined, failsWhenUndefined {
                throw ProblemReport(.evaluating, [Problem(message: "undefined result")])
            }
            console.print(result.text(format))
        }
        return ExitStatus.success
    }

    /// Repeats the query for about a second.
    private func measure(
        _ run: (inout Steps) throws(ProblemReport) -> Bool
    ) throws(ProblemReport) -> (BenchResult, isDefined: Bool) {
        var isDefined = true
        var runs = 1
        while true {
            var steps = Steps(isMeasured: showsMetrics)
            let memory = Benchmark.memoryInUse
            let start = Measurements.now()
            for _ in 0..<runs where isDefined || !failsWhenUndefined { isDefined = try run(&steps) }
            let passed = Measurements.now() &- start
            let growth = Benchmark.memoryInUse - memory
            // Taking note of the steps is no part of what is measured.
            let spent = showsMetrics ? steps.spent : passed
            if passed >= 1_000_000_000 || runs >= 1_000_000_000 || !isDefined && failsWhenUndefined {
                let benchmark = Benchmark(runs: runs, nanoseconds: spent, growth: growth)
                let result = BenchResult(benchmark: benchmark, showsMemory: showsMemory, steps: steps.samples)
                return (result, isDefined)
            }
            let predicted = 1.2e9 * Double(runs) / Double(max(passed, 1))
            runs = max(runs + 1, min(runs * 100, Int(min(predicted, 1e9))))
        }
    }

    private static func read(_ path: String) throws(ProblemReport) -> [UInt8] {
        do throws(FileFailure) { return try FileSystem.read(path) } catch {
            throw ProblemReport(.loading, [Problem(message: error.message)])
        }
    }
}
