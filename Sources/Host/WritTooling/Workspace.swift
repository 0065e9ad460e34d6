import Writ
import WritHostBuiltins

/// Loaded and compiled files: what commands work on.
public struct Workspace: Sendable {
    public let snapshot: Snapshot
    public let data: BaseData
    public let files: [PolicyFile]

    /// Loads and compiles. The report is that of the first stage that finds something wrong.
    public static func load(
        _ paths: [String], loader: LoaderOptions = LoaderOptions(),
        compile: CompileOptions = CompileOptions(functions: .all)
    ) throws(ProblemReport) -> Workspace {
        let loaded = try Loader.load(paths, options: loader)
        var options = compile
        if options.schemas != nil, options.readYAML == nil { options.readMetadata() }
        let data = loaded.data
        options.dataConflicts = { data.contains($0) }
        options.queryVersion = loader.version
        let policy: Policy
        do throws(CompileFailure) { policy = try Policy.compile(loaded.policies, options: options) } catch {
            throw ProblemReport(error)
        }
        let piece: Piece
        do throws(DataFailure) { piece = try data.freeze() } catch {
            throw ProblemReport(.loading, [Problem(message: error.message)])
        }
        return Workspace(snapshot: Snapshot(policy: policy, data: piece), data: data, files: loaded.policies)
    }
}
