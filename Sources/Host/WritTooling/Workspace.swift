import Writ
import WritHostBuiltins

/// Loaded and compiled files: what commands work on.
public struct Workspace: Sendable {
    public let snapshot: Snapshot
    public let data: BaseData
    public let files: [PolicyFile]
    private let options: CompileOptions
    private let piece: Piece

    /// Loads and compiles. The report is that of the first stage that finds something wrong.
    public static func load(
        _ paths: [String], loader: LoaderOptions = LoaderOptions(),
        compile: CompileOptions = CompileOptions(functions: .all)
    ) throws(ProblemReport) -> Workspace {
        let loaded = try Loader.load(paths, options: loader)
        return try make(loaded, loader.version, compile)
    }

    /// Compiles what was loaded.
    public static func make(
        _ loaded: LoadedFiles, _ version: RegoVersion, _ compile: CompileOptions
    ) throws(ProblemReport) -> Workspace {
        var options = compile
        let data = loaded.data
        options.dataConflicts = { data.contains($0) }
        options.queryVersion = version
        let policy: Policy
        do throws(CompileFailure) { policy = try Policy.compile(loaded.policies, options: options) } catch {
            throw ProblemReport(error)
        }
        let piece: Piece
        do throws(DataFailure) { piece = try data.freeze() } catch {
            throw ProblemReport(.loading, [Problem(message: error.message)])
        }
        return Workspace(
            snapshot: Snapshot(policy: policy, data: piece), data: data, files: loaded.policies, options: options,
            piece: piece)
    }

    /// The same compiled with the marks that traces, profiles and coverage need.
    public func traced() throws(ProblemReport) -> Workspace {
        guard !options.isTraced else { return self }
        var options = options
        options.isTraced = true
        let policy: Policy
        do throws(CompileFailure) { policy = try Policy.compile(files, options: options) } catch {
            throw ProblemReport(error)
        }
        return Workspace(
            snapshot: Snapshot(policy: policy, data: piece), data: data, files: files, options: options, piece: piece)
    }
}
