import ArgumentParser
import Glibc
import Writ
import WritTooling

/// `writ test`: runs the rules named `test_*`. Small now: coverage, traces, benchmarks and bundles come later.
struct TestCommand: WritCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Runs the rules named test_* of policies. (Coverage, traces and bundles come later.)")
    static let usage = "<path> [path [...]] [flags]"
    static let example = "writ test -v policy data.json"
    static let flags =
        [
            FlagSpec("verbose", "v", .boolean), FlagSpec("run", "r"), FlagSpec("ignore"), FlagSpec("count"),
            FlagSpec("parallel", "p"),
        ] + SharedFlags.versions

    @Flag(name: [.customLong("verbose"), .customShort("v")], help: "Show every test.")
    var isVerbose = false
    @Option(name: [.customLong("run"), .customShort("r")], help: "Run only the tests whose name contains this text.")
    var pattern: String?
    @Option(name: .customLong("ignore"), help: "A shell pattern for names to leave out within folders (repeatable).")
    var ignored: [String] = []
    @Option(name: .customLong("count"), help: "How many times to run the tests.")
    var count = 1
    @Option(name: [.customLong("parallel"), .customShort("p")], help: "Accepted; tests run in the order of the files.")
    var parallel: Int?
    @OptionGroup var versions: VersionOptions
    @Argument(help: "Files and folders.")
    var paths: [String] = []

    func execute(_ console: Console) throws -> Int32 {
        guard !paths.isEmpty else { throw UsageFailure(message: "specify at least one file") }
        guard count >= 1 else { throw UsageFailure(message: "--count must be at least 1") }
        var loader = LoaderOptions()
        loader.version = versions.version
        loader.ignored = ignored.flatMap { $0.split(separator: ",").map(String.init) }
        let workspace: Workspace
        do throws(ProblemReport) { workspace = try Workspace.load(paths, loader: loader) } catch {
            console.report(error.excerpts())
            return ExitStatus.failure
        }
        var tests = TestCase.all(in: workspace)
        if let pattern { tests = tests.filter { $0.name.contains(pattern) } }
        var isPassed = true
        for _ in 0..<count {
            let results = tests.map { TestResult(running: $0, of: workspace) }
            TestReport(results: results, isVerbose: isVerbose).print(on: console)
            if results.contains(where: { !$0.isPassed }) { isPassed = false }
        }
        return isPassed ? ExitStatus.success : ExitStatus.failure
    }
}

/// One rule named `test_*`.
struct TestCase {
    let file: String
    /// Below `data`.
    let path: [[UInt8]]
    /// Such as `data.a.test_b`.
    let name: String

    /// The tests of a workspace, in the order of its files. Rules of one name are one test.
    static func all(in workspace: Workspace) -> [TestCase] {
        var tests: [TestCase] = []
        var names = NameTable()
        var seen: Set<[[UInt8]]> = []
        for (index, file) in workspace.files.enumerated() {
            let source = SourceFile(id: SourceID(UInt32(clamping: index)), name: file.name, text: file.text)
            let (module, _) = parseModule(source, options: ParserOptions(version: file.version), names: &names)
            guard let module else { continue }
            let package = module.package.path.parts.compactMap { Self.text($0, names) }
            for rule in module.rules {
                guard let head = rule.head.reference.headName else { continue }
                let own = Array(names[head])
                guard own.starts(with: "test_".utf8), seen.insert(package + [own]).inserted else { continue }
                let shown = (["data"] + (package + [own]).map { String(decoding: $0, as: UTF8.self) })
                tests.append(
                    TestCase(
                        file: String(decoding: file.name, as: UTF8.self), path: package + [own],
                        name: shown.joined(separator: ".")))
            }
        }
        return tests
    }

    private static func text(_ part: Term, _ names: NameTable) -> [UInt8]? {
        if case .string(let name) = part.kind { return Array(names[name]) }
        return nil
    }
}

/// What came of a test.
struct TestResult {
    let test: TestCase
    let isPassed: Bool
    let error: DecisionFailure?
    let nanoseconds: UInt64
    /// What the test printed.
    let output: [String]

    init(running test: TestCase, of workspace: Workspace) {
        self.test = test
        var lines: [String] = []
        let evaluator = Evaluator(workspace.snapshot)
        evaluator.onPrint = { line, _, _ in lines.append(line) }
        var failure: DecisionFailure?
        var isTrue = false
        let start = Self.now()
        do throws(DecisionFailure) {
            evaluator.begin()
            let value = try evaluator.evaluate(workspace.snapshot.target(test.path), input: .undefined)
            isTrue = value.isDefined && !value.isFalse
        } catch {
            failure = error
        }
        nanoseconds = Self.now() &- start
        isPassed = isTrue
        error = failure
        output = lines
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}

/// OPA's report of tests.
struct TestReport {
    let results: [TestResult]
    let isVerbose: Bool

    private static let rule = String(repeating: "-", count: 80)

    func print(on console: Console) {
        guard !results.isEmpty else { return }
        let failed = results.filter { !$0.isPassed && $0.error == nil }.count
        let errors = results.filter { $0.error != nil }.count
        let passed = results.count - failed - errors
        let shown = isVerbose ? results : results.filter { !$0.isPassed }
        var file: String?
        for result in shown {
            if file != result.test.file {
                if file != nil, isVerbose { console.print("") }
                console.print("\(result.test.file):")
                file = result.test.file
            }
            let word = result.error != nil ? "ERROR" : result.isPassed ? "PASS" : "FAIL"
            console.print("\(result.test.name): \(word) (\(GoDuration.text(nanoseconds: result.nanoseconds)))")
            if let error = result.error {
                let place = error.position.map { "\(String(decoding: error.file, as: UTF8.self)):\($0.row): " } ?? ""
                console.print("  \(place)\(error.code): \(error.message)")
            }
            if !result.isPassed, !result.output.isEmpty {
                console.print("")
                for line in result.output { console.print("  \(line)") }
                console.print("")
            }
        }
        if !shown.isEmpty { console.print(Self.rule) }
        if passed > 0 { console.print("PASS: \(passed)/\(results.count)") }
        if failed > 0 { console.print("FAIL: \(failed)/\(results.count)") }
        if errors > 0 { console.print("ERROR: \(errors)/\(results.count)") }
    }
}
