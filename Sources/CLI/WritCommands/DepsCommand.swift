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
        // A column where there is something to list.
        let columns = [("BASE DOCUMENTS", found.base), ("VIRTUAL DOCUMENTS", found.virtual)].filter { !$1.isEmpty }
        guard let longest = columns.map({ $0.1.count }).max() else { return "" }
        var table = TextTable(columns.map(\.0))
        for index in 0..<longest {
            table.add(columns.map { index < $0.1.count ? PathText.reference($0.1[index]) : "" })
        }
        return table.text()
    }

    private static func json(_ found: Dependencies) -> String {
        func list(_ paths: [[[UInt8]]]) -> String {
            "[\n" + paths.map { "    " + PathText.json($0, indent: 4) }.joined(separator: ",\n") + "\n  ]"
        }
        let members = [("base", found.base), ("virtual", found.virtual)].filter { !$1.isEmpty }
        guard !members.isEmpty else { return "{}\n" }
        return "{\n" + members.map { "  \"\($0.0)\": \(list($0.1))" }.joined(separator: ",\n") + "\n}\n"
    }
}
