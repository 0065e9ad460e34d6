import ArgumentParser
import Writ
import WritHostBuiltins
import WritTooling

/// `writ check`: whether modules parse and compile.
struct CheckCommand: WritCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Checks that policies parse and compile.",
        discussion: """
            Exits with 1 for an error. Errors are shown with excerpts of the source on a terminal, else in OPA's lines \
            (WRIT_DIAGNOSTICS=excerpt or concise decides); `writ explain CODE` says what an error's code means.
            """)
    static let usage = "<path> [path [...]] [flags]"
    static let example = "writ check --strict policy"
    static let flags =
        [
            FlagSpec("format", "f"), FlagSpec("strict", "S", .boolean), FlagSpec("max-errors", "m"), FlagSpec("ignore"),
            FlagSpec("bundle", "b", .boolean), FlagSpec("v0-v1", nil, .boolean), FlagSpec("rego-v1", nil, .boolean),
        ] + SharedFlags.versions + SharedFlags.declarations

    @Option(name: [.customLong("format"), .customShort("f")], help: "How to print: pretty, json.")
    var format = "pretty"
    @Flag(name: [.customLong("strict"), .customShort("S")], help: "Refuse what is unused or deprecated too.")
    var isStrict = false
    @Option(
        name: [.customLong("max-errors"), .customShort("m")], help: "Errors after which no more are shown; 0 for all.")
    var errorLimit = 10
    @Option(name: .customLong("ignore"), help: "A shell pattern for names to leave out within folders (repeatable).")
    var ignored: [String] = []
    @Flag(
        name: [.customLong("bundle"), .customShort("b")],
        help: "The paths are bundles: folders and archives.")
    var isBundle = false
    @Flag(name: .customLong("v0-v1"), help: "Modules must be valid both before and after OPA 1.0.")
    var isBothVersions = false
    @Flag(name: .customLong("rego-v1"), help: .hidden) var isRegoV1 = false
    @OptionGroup var versions: VersionOptions
    @OptionGroup var declarations: DeclarationOptions
    @Argument(help: "Files and folders.")
    var paths: [String] = []

    /// From so many files on it is said that it may take a while.
    private static let manyFiles = 50

    func execute(_ console: Console) throws -> Int32 {
        guard !paths.isEmpty else { throw UsageFailure(message: "specify at least one file") }
        guard format == "pretty" || format == "json" else {
            throw UsageFailure(
                message: "invalid argument \"\(format)\" for \"-f, --format\" flag: must be one of {pretty,json}",
                suggestion: nearest(format, among: ["pretty", "json"]))
        }
        do throws(ProblemReport) {
            let report = try check(console)
            if format == "pretty", !report.warnings.isEmpty {
                console.report(ProblemReport(.compiling, report.warnings.map { Problem($0) }, sources: report.sources))
            }
        } catch {
            if format == "json" { console.report(error.json()) } else { console.report(error) }
            return ExitStatus.failure
        }
        return ExitStatus.success
    }

    private func check(_ console: Console) throws(ProblemReport) -> CheckReport {
        var loader = LoaderOptions()
        loader.version = isBothVersions || isRegoV1 ? .v0v1 : versions.version
        loader.ignored = ignored.flatMap { $0.split(separator: ",").map(String.init) }
        loader.isBundle = isBundle
        // Only policies are checked: data may be absent or conflict.
        loader.onlyPolicies = !isBundle
        var options = CompileOptions(functions: .all)
        options.isStrict = isStrict
        options.errorLimit = errorLimit > 0 ? errorLimit : .max
        try declarations.apply(to: &options)
        let files = try Loader.load(paths, options: loader)
        let progress =
            console.terminal.isErrors && files.policies.count >= Self.manyFiles
            ? Progress("checking files:", of: files.policies.count) : nil
        progress?.announce()
        defer { progress?.clear() }
        do throws(CompileFailure) { return try Policy.check(files.policies, options: options) } catch {
            throw ProblemReport(error)
        }
    }
}
