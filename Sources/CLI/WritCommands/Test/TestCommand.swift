import ArgumentParser
import Foundation
import Writ
import WritHostBuiltins
import WritTooling

/// `writ test`: runs the rules named `test_*`.
struct TestCommand: WritCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Runs the rules named test_* of policies.",
        discussion: """
            Tests run on all cores; results are in the order of files and rules. Exits with 1 when a test failed, was \
            skipped (see -z) or could not be run. Rules named todo_test_* are skipped. The entries of a test such as \
            test_x[note] are cases of their own.
            """)
    static let usage = "<path> [path [...]] [flags]"
    static let example = "writ test -v policy data.json"
    static let flags =
        [
            FlagSpec("verbose", "v", .boolean), FlagSpec("run", "r"), FlagSpec("coverage", "c", .boolean),
            FlagSpec("threshold"), FlagSpec("coverage-format"), FlagSpec("format", "f"), FlagSpec("timeout"),
            FlagSpec("ignore"), FlagSpec("bundle", "b", .boolean),
            FlagSpec("max-errors", "m"), FlagSpec("parallel", "p"), FlagSpec("exit-zero-on-skipped", "z", .boolean),
            FlagSpec("fail-on-empty", nil, .boolean), FlagSpec("explain"), FlagSpec("var-values", nil, .boolean),
            FlagSpec("bench", nil, .boolean), FlagSpec("benchmem", nil, .boolean), FlagSpec("count"),
            FlagSpec("watch", "w", .boolean), FlagSpec("target", "t"),
        ] + SharedFlags.versions + SharedFlags.declarations

    @Flag(name: [.customLong("verbose"), .customShort("v")], help: "Show every test, and why tests failed.")
    var isVerbose = false
    @Option(name: [.customLong("run"), .customShort("r")], help: "Run only the tests whose name matches this pattern.")
    var pattern: String?
    @Flag(name: [.customLong("coverage"), .customShort("c")], help: "Report which lines the tests evaluated.")
    var measuresCoverage = false
    @Option(name: .customLong("threshold"), help: "The coverage in percent below which the command fails.")
    var threshold = 0.0
    @Option(name: .customLong("coverage-format"), help: "How to report coverage: json, pretty, html, lcov.")
    var coverageFormat = "json"
    @Option(
        name: [.customLong("format"), .customShort("f")],
        help: "How to report: pretty, json, gobench, junit, github, tap.")
    var format = "pretty"
    @Option(name: .customLong("timeout"), help: "The time that a test may take, such as 500ms. (default: 5s)")
    var timeout: String?
    @Option(name: .customLong("ignore"), help: "A shell pattern for names to leave out within folders (repeatable).")
    var ignored: [String] = []
    @Flag(name: [.customLong("bundle"), .customShort("b")], help: "The paths are bundles.")
    var isBundle = false
    @Option(name: [.customLong("max-errors"), .customShort("m")], help: "Errors after which no more are shown.")
    var errorLimit = 10
    @Option(
        name: [.customLong("parallel"), .customShort("p")], help: "How many tests to run at once. (default: cores)")
    var parallel = 0
    @Flag(
        name: [.customLong("exit-zero-on-skipped"), .customShort("z")], help: "Skipped tests do not fail the command.")
    var toleratesSkipped = false
    @Flag(name: .customLong("fail-on-empty"), help: "Fail when no test was run.")
    var failsWhenEmpty = false
    @Option(
        name: .customLong("explain"), help: "What of a failed test's evaluation to show: fails, full, notes, debug.")
    var explain: String?
    @Flag(name: .customLong("var-values"), help: "Show the expression that failed with the values of its variables.")
    var showsValues = false
    @Flag(name: .customLong("bench"), help: "Measure how long each test takes.")
    var isBenchmark = false
    @Flag(name: .customLong("benchmem"), help: "With --bench: show memory, too.")
    var showsMemory = false
    @Option(name: .customLong("count"), help: "How many times to run the tests.")
    var count = 1
    @Flag(name: [.customLong("watch"), .customShort("w")], help: "Run the tests again whenever a file changes.")
    var isWatching = false
    @Option(name: [.customLong("target"), .customShort("t")], help: "The engine: rego.")
    var target = "rego"
    @OptionGroup var versions: VersionOptions
    @OptionGroup var declarations: DeclarationOptions
    @Argument(help: "Files and folders.")
    var paths: [String] = []

    private static let formats = ["pretty", "json", "gobench", "junit", "github", "tap"]
    private static let coverageFormats = ["json", "pretty", "html", "lcov"]

    func execute(_ console: Console) throws -> Int32 {
        guard !paths.isEmpty else { throw UsageFailure(message: "specify at least one file") }
        let mode = try checkUsage()
        if format == "gobench", !isBenchmark {
            console.report("cannot use output format gobench without running benchmarks (--bench)")
            return ExitStatus.success
        }
        guard (0...100).contains(threshold) else {
            console.report("Code coverage threshold must be between 0 and 100")
            return ExitStatus.failure
        }
        if coversLines, isBenchmark {
            console.report("coverage reporting is not supported when benchmarking tests")
            return ExitStatus.failure
        }
        guard isWatching else { return try run(console, mode) }
        return try watch(console, mode)
    }

    /// A threshold asks for coverage.
    private var coversLines: Bool { measuresCoverage || threshold > 0 }

    private func checkUsage() throws(UsageFailure) -> ExplainMode? {
        try choose(format, "-f, --format", Self.formats)
        try choose(coverageFormat, "--coverage-format", Self.coverageFormats)
        guard count >= 1 else { throw UsageFailure(message: "--count must be at least 1") }
        guard target == "rego" else { throw UsageFailure(message: "the target \(target) is not supported yet") }
        guard let explain else { return nil }
        try choose(explain, "--explain", ["fails", "full", "notes", "debug"])
        return ExplainMode(rawValue: explain)
    }

    private func choose(_ value: String, _ flag: String, _ values: [String]) throws(UsageFailure) {
        guard !values.contains(value) else { return }
        throw UsageFailure(
            message:
                "invalid argument \"\(value)\" for \"\(flag)\" flag: must be one of {\(values.joined(separator: ","))}",
            suggestion: nearest(value, among: values))
    }

    /// Loads and runs everything once.
    private func run(_ console: Console, _ mode: ExplainMode?) throws -> Int32 {
        var options = TestRunner.Options()
        if parallel > 0 { options.workers = parallel }
        options.timeout = isBenchmark ? 30 : 5
        if let timeout {
            guard let seconds = GoDuration.seconds(timeout) else {
                throw UsageFailure(
                    message: "invalid argument \"\(timeout)\" for \"--timeout\" flag: write it like 500ms")
            }
            if seconds > 0 { options.timeout = seconds }
        }
        let isVerbose = isVerbose || mode != nil
        // On a terminal the expression that failed is shown anyway.
        let showsExpressions = showsValues || console.terminal.isOutput && !isVerbose
        let isForCI = ["junit", "github", "tap"].contains(format)
        options.tracesFailures = isVerbose || showsExpressions || isForCI
        options.keepsValues = showsExpressions || isForCI
        options.measuresCoverage = coversLines
        options.benchmarkSeconds = isBenchmark ? 1 : 0
        let workspace: Workspace
        var tests: [TestRule]
        do throws(ProblemReport) {
            (workspace, tests) = try load()
        } catch {
            console.report(error)
            return ExitStatus.failure
        }
        if let pattern {
            guard let matches = NamePattern(pattern) else {
                console.report("error parsing regexp: `\(pattern)`")
                return ExitStatus.failure
            }
            tests = tests.filter { matches.isIn($0.fullName) }
        }
        var status = ExitStatus.success
        do throws(ProblemReport) {
            for _ in 0..<count {
                let result = try runOnce(workspace, tests, options, console)
                status = report(result, workspace, isVerbose, showsExpressions, mode, console)
                if status != ExitStatus.success { return status }
            }
        } catch {
            console.report(error)
            return ExitStatus.failure
        }
        if tests.isEmpty, failsWhenEmpty {
            console.report("no tests were run")
            return ExitStatus.failure
        }
        return status
    }

    private func load() throws(ProblemReport) -> (Workspace, [TestRule]) {
        var loader = LoaderOptions()
        loader.version = versions.version
        loader.ignored = ignored.flatMap { $0.split(separator: ",").map(String.init) }
        var compile = CompileOptions(functions: .all)
        compile.errorLimit = errorLimit > 0 ? errorLimit : .max
        try declarations.apply(to: &compile)
        let catalog = TestCatalog()
        compile.transform = catalog.transform
        loader.isBundle = isBundle
        let loaded = try Loader.load(paths, options: loader)
        let workspace = try Workspace.make(loaded, versions.version, compile)
        return (workspace, catalog.tests)
    }

    private func runOnce(
        _ workspace: Workspace, _ tests: [TestRule], _ options: TestRunner.Options, _ console: Console
    ) throws(ProblemReport) -> TestRun {
        let runner = try TestRunner(workspace, tests, options)
        guard console.terminal.isErrors, tests.count >= 100 else { return try runner.run() }
        let progress = Progress("tests", of: tests.count)
        defer { progress.clear() }
        return try runner.run { progress.show($0) }
    }

    private func report(
        _ run: TestRun, _ workspace: Workspace, _ isVerbose: Bool, _ showsExpressions: Bool, _ mode: ExplainMode?,
        _ console: Console
    ) -> Int32 {
        var isGood = true
        for outcome in run.outcomes where !outcome.isPassed {
            if !(outcome.isSkipped && toleratesSkipped) { isGood = false }
        }
        var report = TestReport(run: run)
        report.isVerbose = isVerbose
        report.showsExpressions = showsExpressions
        report.mode = mode
        report.terminal = console.terminal
        report.isGoFormat = format == "gobench"
        report.showsMemory = showsMemory
        if let coverage = run.coverage { return self.report(coverage, report, workspace, console) }
        let formats = TestFormats(run: run)
        switch format {
        case "json": console.print(Array(formats.json().utf8))
        case "junit": console.print(Array(formats.junit().utf8))
        case "github": console.print(Array(formats.github().utf8))
        case "tap": console.print(Array(formats.tap().utf8))
        default: console.print(Array(report.text().utf8))
        }
        return isGood ? ExitStatus.success : ExitStatus.failure
    }

    /// Coverage stands in place of results, unless a test failed.
    private func report(
        _ coverage: CoverageReport, _ report: TestReport, _ workspace: Workspace, _ console: Console
    ) -> Int32 {
        if let outcome = report.run.outcomes.first(where: { $0.error != nil }), let error = outcome.error {
            console.report(TestReport.text(error))
            return ExitStatus.failure
        }
        let failed = report.run.outcomes.filter { $0.isFailed }
        if let first = failed.first {
            var failures = report
            failures.run.outcomes = failed
            console.print(Array(failures.text().utf8))
            console.report(
                "\(first.test.fullName): \(first.word) (\(GoDuration.text(nanoseconds: first.nanoseconds)))\n")
            return ExitStatus.failure
        }
        guard coverage.coverage >= threshold else {
            var text =
                "Code coverage threshold not met: got \(CoverageReport.hundredths(coverage.coverage)) instead of \(CoverageReport.hundredths(threshold))"
            if isVerbose {
                text += "\nLines not covered:"
                for file in coverage.files {
                    for range in file.notCovered {
                        text += "\n\t\(file.name):\(range.first)"
                        if range.last != range.first { text += "-\(range.last)" }
                    }
                }
            }
            console.report(text)
            return ExitStatus.failure
        }
        switch coverageFormat {
        case "pretty": console.print(coverage.pretty())
        case "html": console.print(coverage.html(workspace.files))
        case "lcov": console.print(coverage.lcov())
        default: console.print(coverage.json() + [0x0A])
        }
        let isSkipped = report.run.outcomes.contains { $0.isSkipped }
        return isSkipped && !toleratesSkipped ? ExitStatus.failure : ExitStatus.success
    }

    // MARK: Watching

    private func watch(_ console: Console, _ mode: ExplainMode?) throws -> Int32 {
        let watcher = FileWatcher(paths.map { Loader.path(of: $0) })
        while true {
            _ = try run(console, mode)
            console.print(String(repeating: "*", count: 80))
            console.print("Watching for changes ...")
            guard watcher.wait() else { return ExitStatus.success }
        }
    }
}
