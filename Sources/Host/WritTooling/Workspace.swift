import Writ
import WritBundle
import WritHostBuiltins

/// Loaded and compiled files: what commands work on.
public struct Workspace: Sendable {
    public let snapshot: Snapshot
    public let data: BaseData
    public let files: [PolicyFile]
    private let options: CompileOptions
    private let piece: Piece?

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

    /// A policy image by itself: its data stays where it is mapped, and its policy is not compiled again unless it is
    /// asked for what is not in the image.
    public static func open(image path: String, _ compile: CompileOptions) throws(ProblemReport) -> Workspace {
        let image: PolicyImage
        do throws(BundleFailure) {
            image = try ImageFile(opening: path, options: compile, skipsVerification: true).image
        } catch { throw ProblemReport(.loading, [Problem(message: error.message)]) }
        return try Workspace(image.snapshot, compile)
    }

    private init(_ snapshot: Snapshot, _ compile: CompileOptions) throws(ProblemReport) {
        files = snapshot.policy.files
        data = BaseData()
        options = compile
        piece = snapshot.data
        guard compile.isTraced || compile.isStrict else {
            self.snapshot = snapshot
            return
        }
        do throws(CompileFailure) {
            self.snapshot = Snapshot(policy: try Policy.compile(files, options: compile), data: snapshot.data)
        } catch { throw ProblemReport(error) }
    }

    private init(snapshot: Snapshot, data: BaseData, files: [PolicyFile], options: CompileOptions, piece: Piece?) {
        self.snapshot = snapshot
        self.data = data
        self.files = files
        self.options = options
        self.piece = piece
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
