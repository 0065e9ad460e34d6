import ArgumentParser
import Writ
import WritHostBuiltins
import WritTooling

/// `writ eval`: the answers of a query.
struct EvalCommand: WritCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval", abstract: "Evaluates a query.",
        discussion: """
            Loads policies and data, evaluates the query and prints its answers. Exits with 1 for an error; with \
            --fail also when there is no answer, with --fail-defined also when there is one.
            """)
    static let usage = "<query> [flags]"
    static let example = "writ eval -d policy.rego -d data.json -i input.json 'data.fleet.access.allow'"
    static let flags =
        [
            FlagSpec("data", "d"), FlagSpec("input", "i"), FlagSpec("stdin-input", "I", .boolean),
            FlagSpec("stdin", nil, .boolean),
            FlagSpec("format", "f"), FlagSpec("fail", nil, .boolean), FlagSpec("fail-defined", nil, .boolean),
            FlagSpec("strict-builtin-errors", nil, .boolean), FlagSpec("show-builtin-errors", nil, .boolean),
            FlagSpec("package"), FlagSpec("import"), FlagSpec("timeout"), FlagSpec("count"),
            FlagSpec("strict", "S", .boolean),
            FlagSpec("ignore"), FlagSpec("pretty-limit"), FlagSpec("entrypoint", "e"), FlagSpec("optimize", "O"),
            FlagSpec("disable-indexing", nil, .boolean), FlagSpec("disable-early-exit", nil, .boolean),
            FlagSpec("target", "t"), FlagSpec("bundle", "b"), FlagSpec("explain"),
            FlagSpec("var-values", nil, .boolean), FlagSpec("profile", nil, .boolean), FlagSpec("profile-limit"),
            FlagSpec("profile-sort"), FlagSpec("coverage", nil, .boolean), FlagSpec("metrics", nil, .boolean),
            FlagSpec("instrument", nil, .boolean), FlagSpec("optimize-store-for-read-speed", nil, .boolean),
        ] + SharedFlags.versions + SharedFlags.declarations + SharedFlags.refusedByEval

    @Option(
        name: [.customLong("data"), .customShort("d")],
        help:
            "A file or folder to load (repeatable): *.rego, *.json, *.yaml, *.yml. `a.b:PATH` puts its data below data.a.b."
    )
    var data: [String] = []
    @Option(name: [.customLong("input"), .customShort("i")], help: "The file with the input, as JSON or YAML.")
    var input: String?
    @Flag(name: [.customLong("stdin-input"), .customShort("I")], help: "Read the input from standard input.")
    var isInputOnStandardInput = false
    @Flag(name: .customLong("stdin"), help: "Read the query from standard input.")
    var isQueryOnStandardInput = false
    @Option(
        name: [.customLong("format"), .customShort("f")],
        help: "How to print: json, pretty, values, bindings, raw, discard.")
    var format = "json"
    @Flag(name: .customLong("fail"), help: "Exit with 1 when there is no answer.")
    var failsWhenUndefined = false
    @Flag(name: .customLong("fail-defined"), help: "Exit with 1 when there is an answer.")
    var failsWhenDefined = false
    @Flag(name: .customLong("strict-builtin-errors"), help: "The first error of a builtin ends the evaluation.")
    var isStrictWithBuiltins = false
    @Flag(name: .customLong("show-builtin-errors"), help: "Report the first error of a builtin.")
    var showsBuiltinErrors = false
    @Option(name: .customLong("package"), help: "The package that the query stands in.")
    var package: String?
    @Option(name: .customLong("import"), help: "An import for the query, such as 'data.devices as d' (repeatable).")
    var imports: [String] = []
    @Option(name: .customLong("timeout"), help: "The time after which the evaluation is ended, such as 500ms.")
    var timeout: String?
    @Option(name: .customLong("count"), help: "How many times to evaluate.")
    var count = 1
    @Flag(name: [.customLong("strict"), .customShort("S")], help: "Compile with the checks of `check --strict`.")
    var isStrict = false
    @Option(name: .customLong("ignore"), help: "A shell pattern for names to leave out within folders (repeatable).")
    var ignored: [String] = []
    @Option(name: .customLong("pretty-limit"), help: "The length at which a table's cells are cut; 0 for none.")
    var prettyLimit = 80
    @Option(name: [.customLong("entrypoint"), .customShort("e")], help: "Accepted; says nothing without a bundle.")
    var entrypoints: [String] = []
    @Option(name: [.customLong("optimize"), .customShort("O")], help: "Accepted; policies are always optimised.")
    var optimize: String?
    @Flag(name: .customLong("optimize-store-for-read-speed"), help: "Accepted; documents are always kept so.")
    var optimizesStore = false
    @Flag(name: .customLong("disable-indexing"), help: "Accepted; does not change answers.")
    var disablesIndexing = false
    @Flag(name: .customLong("disable-early-exit"), help: "Accepted; does not change answers.")
    var disablesEarlyExit = false
    @Option(name: [.customLong("target"), .customShort("t")], help: "The engine: rego.")
    var target = "rego"
    @Option(
        name: [.customLong("bundle"), .customShort("b")], help: "A bundle to load, a folder or an archive (repeatable)."
    )
    var bundles: [String] = []
    @Option(name: .customLong("explain"), help: "What of the evaluation to show: off, fails, notes, full, debug.")
    var explain = "off"
    @Flag(name: .customLong("var-values"), help: "With --explain: show the values of variables.")
    var showsValues = false
    @Flag(name: .customLong("profile"), help: "Show where the evaluation spent its time.")
    var isProfiled = false
    @Option(name: .customLong("profile-limit"), help: "How many lines of the profile to show; 0 for all.")
    var profileLimit = 10
    @Option(
        name: .customLong("profile-sort"),
        help: "What the profile is sorted by: total_time_ns, num_eval, num_redo, num_gen_expr, file, line (repeatable)."
    )
    var profileOrder: [String] = []
    @Flag(name: .customLong("coverage"), help: "Show which lines were evaluated.")
    var measuresCoverage = false
    @Flag(name: .customLong("metrics"), help: "Show how long each step took.")
    var showsMetrics = false
    @Flag(name: .customLong("instrument"), help: "As --metrics, with what the steps of the evaluation took.")
    var isInstrumented = false
    @OptionGroup var versions: VersionOptions
    @OptionGroup var declarations: DeclarationOptions
    @OptionGroup var refused: RefusedEvalOptions
    @Argument(help: "The query.")
    var queries: [String] = []

    func execute(_ console: Console) throws -> Int32 {
        let format = try checkUsage()
        do throws(ProblemReport) {
            return try evaluate(console, format)
        } catch {
            switch format {
            case .json, .discard: console.print(error.json())
            case .pretty, .source: console.report(error)
            case .values, .bindings, .raw: console.report(error.concise())
            }
            return ExitStatus.failure
        }
    }

    private func checkUsage() throws(UsageFailure) -> EvalFormat {
        if failsWhenUndefined, failsWhenDefined {
            throw UsageFailure(message: "specify --fail or --fail-defined but not both")
        }
        if isQueryOnStandardInput {
            guard queries.isEmpty else {
                throw UsageFailure(message: "specify query argument or --stdin but not both")
            }
            guard !isInputOnStandardInput else {
                throw UsageFailure(message: "specify --stdin or --stdin-input but not both")
            }
        } else if queries.isEmpty {
            throw UsageFailure(message: "specify query argument or --stdin")
        } else if queries.count > 1 {
            throw UsageFailure(message: "specify at most one query argument")
        }
        if input != nil, isInputOnStandardInput {
            throw UsageFailure(message: "specify --stdin-input or --input but not both")
        }
        try refused.check()
        guard let format = EvalFormat(rawValue: format) else {
            let names = EvalFormat.allCases.map(\.rawValue).filter { $0 != "source" }.joined(separator: ",")
            throw UsageFailure(
                message: "invalid argument \"\(self.format)\" for \"-f, --format\" flag: must be one of {\(names)}",
                suggestion: nearest(self.format, among: EvalFormat.allCases.map(\.rawValue)))
        }
        // Sources are what partial evaluation gives.
        guard format != .source else { throw UsageFailure(message: "invalid output format for evaluation") }
        guard ["rego", "wasm"].contains(target) else {
            throw UsageFailure(
                message: "invalid argument \"\(target)\" for \"-t, --target\" flag: must be one of {rego,wasm}")
        }
        guard count >= 1 else { throw UsageFailure(message: "--count must be at least 1") }
        guard ExplainMode(rawValue: explain) != nil else {
            throw UsageFailure(
                message:
                    "invalid argument \"\(explain)\" for \"--explain\" flag: must be one of {off,full,notes,fails,debug}",
                suggestion: nearest(explain, among: ExplainMode.allCases.map(\.rawValue)))
        }
        for criterion in profileOrder.flatMap({ $0.split(separator: ",") })
        where !ProfileReport.orders.contains(String(criterion)) {
            throw UsageFailure(
                message: "invalid argument \"\(criterion)\" for \"--profile-sort\" flag",
                suggestion: nearest(String(criterion), among: ProfileReport.orders))
        }
        return format
    }

    private func evaluate(_ console: Console, _ format: EvalFormat) throws(ProblemReport) -> Int32 {
        guard target == "rego" else {
            throw ProblemReport(
                .compiling, [Problem(message: "engine not found: there is no WebAssembly in this build of Writ yet")])
        }
        let document: [UInt8]?
        switch try readInput(console) {
        case .success(let bytes): document = bytes
        case .failure(let failure):
            // OPA tells of a bad input in one line, whatever the format is.
            if let report = failure.report, format == .pretty, console.showsExcerpts { throw report }
            console.report(failure.message)
            return ExitStatus.failure
        }
        var measurements = Measurements()
        let workspace = try load(&measurements)
        let text = isQueryOnStandardInput ? console.input() : Array((queries.first ?? "").utf8)
        let query: PreparedQuery
        do throws(CompileFailure) {
            var snapshot = workspace.snapshot
            if isInstrumented { snapshot = Snapshot(policy: try snapshot.policy.measured(), data: snapshot.data) }
            let start = Measurements.now()
            query = try PreparedQuery.prepare(text, for: snapshot, package: package, imports: imports)
            let total = Measurements.now() &- start
            measurements.add(
                total, first: "rego_query_parse", Self.parseTime(of: text, versions.version),
                second: "rego_query_compile")
        } catch {
            throw ProblemReport(error, stage: .compiling)
        }
        let evaluator = query.makeEvaluator()
        evaluator.isStrict = isStrictWithBuiltins
        evaluator.onPrint = { line, _, _ in console.report(line) }
        let deadline = try Deadline(after: timeout)
        let tracer = detail.map { Tracer(evaluator, $0) }
        let meter = isInstrumented ? StepMeter(evaluator) : nil
        let answers: [Answer]
        var runs: [UInt64] = []
        do throws(DecisionFailure) {
            for _ in 1..<count {
                deadline.apply(to: evaluator)
                let start = Measurements.now()
                _ = try answer(query, evaluator, document)
                runs.append(Measurements.now() &- start)
                tracer?.reset()
            }
            deadline.apply(to: evaluator)
            let start = Measurements.now()
            var found = try answer(query, evaluator, document)
            tracer?.finish()
            runs.append(Measurements.now() &- start)
            measurements.add("rego_query_eval", runs.reduce(0, &+))
            measurements.steps = meter?.figures ?? []
            if showsBuiltinErrors {
                // The first error of a builtin, which else only makes its expression undefined.
                evaluator.isStrict = true
                deadline.apply(to: evaluator)
                found = try answer(query, evaluator, document)
            }
            answers = found
        } catch {
            throw ProblemReport(error, sources: query.sources)
        }
        var presentation = EvalPresentation(answers, of: query, in: evaluator.space)
        presentation.cellLimit = prettyLimit
        presentation.members = members(measurements, workspace, tracer, query)
        if count > 1, presentation.members.measurements != nil {
            presentation.members.statistics = measurements.sorted.map { timer in
                (timer.name, timer.name == "timer_rego_query_eval_ns" ? runs : [timer.nanoseconds])
            }
        }
        do throws(Fault) {
            console.print(try presentation.text(format))
        } catch {
            throw ProblemReport(.evaluating, [Problem(message: "an answer is too large or too deep to be written")])
        }
        let isFailure = answers.isEmpty ? failsWhenUndefined : failsWhenDefined
        return isFailure ? ExitStatus.failure : ExitStatus.success
    }

    /// What the tracer has to keep; nil where nothing is traced.
    private var detail: Tracer.Detail? {
        if explain != ExplainMode.off.rawValue { return showsValues ? .values : .events }
        if isProfiled { return .profile }
        return measuresCoverage ? .coverage : nil
    }

    private func load(_ measurements: inout Measurements) throws(ProblemReport) -> Workspace {
        var loader = LoaderOptions()
        loader.version = versions.version
        loader.ignored = ignored.flatMap { $0.split(separator: ",").map(String.init) }
        var options = CompileOptions(functions: .all)
        options.isStrict = isStrict
        options.isTraced = detail != nil
        try declarations.apply(to: &options)
        var start = Measurements.now()
        if data.isEmpty, bundles.count == 1, let path = bundles.first, Bundles.isImage(path),
            declarations.isEmpty
        {
            options.queryVersion = versions.version
            let workspace = try Workspace.open(image: path, options)
            measurements.add("rego_load_bundles", Measurements.now() &- start)
            return workspace
        }
        let loaded = try Loader.load(data, bundles: bundles, options: loader)
        measurements.add(
            data.isEmpty && !bundles.isEmpty ? "rego_load_bundles" : "rego_load_files", Measurements.now() &- start)
        start = Measurements.now()
        let workspace = try Workspace.make(loaded, versions.version, options)
        let total = Measurements.now() &- start
        guard showsMetrics || isInstrumented || isProfiled else { return workspace }
        start = Measurements.now()
        var names = NameTable()
        for file in loaded.policies {
            _ = parseModule(
                SourceFile(name: file.name, text: file.text), options: ParserOptions(version: file.version),
                names: &names)
        }
        measurements.add(
            total, first: "rego_module_parse", Measurements.now() &- start, second: "rego_module_compile")
        // Documents are parsed while they are loaded; nothing outside is asked for answers.
        measurements.add("rego_data_parse", 0)
        measurements.add("rego_external_resolve", 0)
        return workspace
    }

    /// How long it takes to parse a query: compiling it parses it as well.
    private static func parseTime(of text: [UInt8], _ version: RegoVersion) -> UInt64 {
        let start = Measurements.now()
        var names = NameTable()
        _ = parseQuery(SourceFile(name: [], text: text), options: ParserOptions(version: version), names: &names)
        return Measurements.now() &- start
    }

    /// What is shown beside the answers.
    private func members(
        _ measurements: Measurements, _ workspace: Workspace, _ tracer: Tracer?, _ query: PreparedQuery
    ) -> EvalMembers {
        var members = EvalMembers()
        if showsMetrics || isInstrumented || isProfiled { members.measurements = measurements }
        guard let tracer else { return members }
        if let mode = ExplainMode(rawValue: explain), mode != .off {
            let trace = Trace(tracer.events, TraceNodes(tracer, query.sources))
            members.explanation = (trace, trace.events(mode), showsValues)
        } else if isProfiled {
            var profile = ProfileReport(tracer, query.sources)
            profile.arrange(
                profileOrder.flatMap { $0.split(separator: ",").map(String.init) }, limit: profileLimit)
            members.profile = profile
        }
        if measuresCoverage { members.coverage = CoverageReport(workspace, tracer, hits: tracer.hits) }
        return members
    }

    private func answer(
        _ query: PreparedQuery, _ evaluator: Evaluator, _ document: [UInt8]?
    ) throws(DecisionFailure) -> [Answer] {
        evaluator.begin()
        var input = Value.undefined
        if let document {
            let result: Result<Value, DecisionFailure> = document.withUnsafeBufferPointer { bytes in
                do throws(DecisionFailure) { return .success(try evaluator.read(bytes)) } catch {
                    return .failure(error)
                }
            }
            input = try result.get()
        }
        return try evaluator.answers(to: query, input: input)
    }

    private struct InputFailure: Error {
        let message: String
        let report: ProblemReport?
    }

    private func readInput(_ console: Console) throws(ProblemReport) -> Result<[UInt8]?, InputFailure> {
        let bytes: [UInt8]
        if isInputOnStandardInput {
            bytes = console.input()
        } else if let input {
            do throws(FileFailure) {
                bytes = try FileSystem.read(input.hasPrefix("file://") ? String(input.dropFirst(7)) : input)
            } catch {
                return .failure(InputFailure(message: error.message, report: nil))
            }
        } else {
            return .success(nil)
        }
        do throws(ProblemReport) {
            return .success(try Document.json(bytes, name: input ?? "standard input"))
        } catch {
            let message = error.problems.first?.message ?? ""
            return .failure(InputFailure(message: "unable to parse input: \(message)", report: error))
        }
    }
}
