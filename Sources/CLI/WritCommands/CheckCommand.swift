import ArgumentParser
import Writ
import WritHostBuiltins
import WritTooling

/// `writ check`: whether modules parse and compile. Small now: schemas and bundles come later.
struct CheckCommand: WritCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Checks that policies parse and compile. (Schemas and bundles come later.)")
    static let usage = "<path> [path [...]] [flags]"
    static let example = "writ check --strict policy"
    static let flags =
        [
            FlagSpec("format", "f"), FlagSpec("strict", "S", .boolean), FlagSpec("max-errors", "m"), FlagSpec("ignore"),
        ] + SharedFlags.versions

    @Option(name: [.customLong("format"), .customShort("f")], help: "How to print: pretty, json.")
    var format = "pretty"
    @Flag(name: [.customLong("strict"), .customShort("S")], help: "Refuse what is unused or deprecated too.")
    var isStrict = false
    @Option(
        name: [.customLong("max-errors"), .customShort("m")], help: "Errors after which no more are shown; 0 for all.")
    var errorLimit = 10
    @Option(name: .customLong("ignore"), help: "A shell pattern for names to leave out within folders (repeatable).")
    var ignored: [String] = []
    @OptionGroup var versions: VersionOptions
    @Argument(help: "Files and folders.")
    var paths: [String] = []

    func execute(_ console: Console) throws -> Int32 {
        guard !paths.isEmpty else { throw UsageFailure(message: "specify at least one file") }
        guard format == "pretty" || format == "json" else {
            throw UsageFailure(
                message: "invalid argument \"\(format)\" for \"-f, --format\" flag: must be one of {pretty,json}")
        }
        var loader = LoaderOptions()
        loader.version = versions.version
        loader.ignored = ignored.flatMap { $0.split(separator: ",").map(String.init) }
        var options = CompileOptions(functions: .all)
        options.isStrict = isStrict
        options.errorLimit = errorLimit > 0 ? errorLimit : .max
        do throws(ProblemReport) {
            // Only policies are checked: data may be absent or conflict.
            let files = try Loader.load(paths, options: loader)
            do throws(CompileFailure) { _ = try Policy.compile(files.policies, options: options) } catch {
                throw ProblemReport(error)
            }
        } catch {
            console.report(format == "json" ? error.json() : error.excerpts())
            return ExitStatus.failure
        }
        return ExitStatus.success
    }
}
