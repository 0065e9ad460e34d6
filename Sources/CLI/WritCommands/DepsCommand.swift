import ArgumentParser
import Writ
import WritHostBuiltins
import WritTooling

/// `writ deps`: what a query reads.
struct DepsCommand: WritCommand {
    static let configuration = CommandConfiguration(
        commandName: "deps", abstract: "Shows the documents that a query reads: base documents, and those of rules.")
    static let usage = "<query> [flags]"
    static let example = "writ deps -d policy.rego 'data.fleet.access.allow'"
    static let flags =
        [FlagSpec("data", "d"), FlagSpec("bundle", "b"), FlagSpec("format", "f"), FlagSpec("ignore")]
        + SharedFlags.versions

    @Option(name: [.customLong("data"), .customShort("d")], help: "A file or folder to load (repeatable).")
    var data: [String] = []
    @Option(
        name: [.customLong("bundle"), .customShort("b")], help: "A bundle to load, a folder or an archive (repeatable)."
    )
    var bundles: [String] = []
    @Option(name: [.customLong("format"), .customShort("f")], help: "How to print: pretty, json.")
    var format = "pretty"
    @Option(name: .customLong("ignore"), help: "A shell pattern for names to leave out within folders (repeatable).")
    var ignored: [String] = []
    @OptionGroup var versions: VersionOptions
    @Argument(help: "The query.")
    var queries: [String] = []

    func execute(_ console: Console) throws -> Int32 {
        guard let query = queries.first else { throw UsageFailure(message: "specify exactly one query argument") }
        guard queries.count == 1 else { throw UsageFailure(message: "specify exactly one query argument") }
        guard format == "pretty" || format == "json" else {
            throw UsageFailure(
                message: "invalid argument \"\(format)\" for \"-f, --format\" flag: must be one of {pretty,json}")
        }
        var loader = LoaderOptions()
        loader.version = versions.version
        loader.ignored = ignored.flatMap { $0.split(separator: ",").map(String.init) }
        let found: Dependencies
        do throws(ProblemReport) {
            let loaded = try Loader.load(data, bundles: bundles, options: loader)
            let workspace = try Workspace.make(loaded, versions.version, CompileOptions(functions: .all))
            do throws(CompileFailure) {
                found = try Dependencies.of(Array(query.utf8), in: workspace.snapshot.policy)
            } catch {
                throw ProblemReport(error, stage: .compiling)
            }
        } catch {
            console.report(error)
            return ExitStatus.failure
        }
        console.print(Array((format == "json" ? Self.json(found) : Self.pretty(found)).utf8))
        return ExitStatus.success
    }

    private static func pretty(_ found: Dependencies) -> String {
        guard !found.base.isEmpty || !found.virtual.isEmpty else { return "" }
        var table = TextTable(["BASE DOCUMENTS", "VIRTUAL DOCUMENTS"])
        for index in 0..<max(found.base.count, found.virtual.count) {
            table.add([
                index < found.base.count ? PathText.reference(found.base[index]) : "",
                index < found.virtual.count ? PathText.reference(found.virtual[index]) : "",
            ])
        }
        return table.text()
    }

    private static func json(_ found: Dependencies) -> String {
        func list(_ paths: [[[UInt8]]]) -> String {
            guard !paths.isEmpty else { return "[]" }
            return "[\n" + paths.map { "    " + PathText.json($0, indent: 4) }.joined(separator: ",\n") + "\n  ]"
        }
        return "{\n  \"base\": \(list(found.base)),\n  \"virtual\": \(list(found.virtual))\n}\n"
    }
}
