import Writ
import WritBundle
import WritYAML

/// What is loaded, and how.
public struct LoaderOptions: Sendable {
    /// Shell patterns for names below the given folders that are left out.
    public var ignored: [String] = []
    /// The version that modules are written in.
    public var version = RegoVersion.v1
    public var yaml = YAMLOptions()
    /// Folders inside folders.
    public var depthLimit = 200
    /// Leaves out everything within folders that is no policy.
    public var onlyPolicies = false
    /// The paths are bundles: folders and archives.
    public var isBundle = false
    /// What signatures of bundles are held against; without it bundles are believed.
    public var verification: BundleVerification?
    /// Refuse signed bundles where there is nothing to hold them against.
    public var requiresVerification = false
    public var followsLinks = false
    /// Leave the data of bundles with them, too; it takes its memory twice.
    public var keepsBundleData = false

    public init() {}
}

/// Base data put together from files. Changes only while it is loaded.
public final class BaseData: @unchecked Sendable {
    var builder = DataBuilder()

    public init() {}

    /// Whether there is something at a path below `data`.
    public func contains(_ path: [[UInt8]]) -> Bool { builder.contains(path) }

    /// Merges a JSON document into the data.
    public func add(_ json: [UInt8]) throws(DataFailure) { try builder.add(json) }

    /// The data as one JSON text.
    public func json() throws(DataFailure) -> [UInt8] { try builder.json() }

    /// What of the data lies at these paths, as JSON, and what else there is; see `DataBuilder`.
    public func keeping(
        _ paths: [[[UInt8]]]
    ) throws(DataFailure) -> (json: [UInt8], dropped: [(path: [[UInt8]], bytes: Int)]) {
        try builder.keeping(paths)
    }

    /// The data as an immutable piece.
    public func freeze() throws(DataFailure) -> Piece { try builder.freeze() }
}

/// Policies and data of files and folders.
public struct LoadedFiles: Sendable {
    public let policies: [PolicyFile]
    public let data: BaseData
    /// The bundles among what was loaded, sorted by name; their modules and data are also in the members above.
    public let bundles: [LoadedBundle]
}

/// Loads policies (`.rego`) and data (`.json`, `.yaml`, `.yml`) from files and folders, as OPA's loader does.
///
/// A folder's documents lie below `data` as their subfolders do in the folder; a path may begin with where its
/// documents are to lie: `a.b:folder`. Other files are left out within folders; when named themselves they are tried
/// as a policy and as YAML.
public struct Loader {
    private var options: LoaderOptions
    private var policies: [PolicyFile] = []
    private var names: Set<[UInt8]> = []
    private let data = BaseData()
    private var bundles: [LoadedBundle] = []
    private var problems: [Problem] = []
    private var sources = SourceMap()
    /// The folders around the one being read.
    private var folders: [[UInt64]] = []

    /// Loads every path; the report has all that is wrong with them.
    public static func load(
        _ paths: [String], options: LoaderOptions = LoaderOptions()
    ) throws(ProblemReport) -> LoadedFiles {
        if options.isBundle { return try load([], bundles: paths, options: options) }
        var loader = Loader(options: options)
        for path in paths { loader.add(path) }
        return try loader.finish()
    }

    private mutating func finish() throws(ProblemReport) -> LoadedFiles {
        guard problems.isEmpty else {
            addParseErrors()
            throw ProblemReport(.loading, problems, sources: sources)
        }
        return LoadedFiles(policies: policies, data: data, bundles: bundles)
    }

    /// Loads paths, and bundles beside them.
    public static func load(
        _ paths: [String], bundles: [String], options: LoaderOptions = LoaderOptions()
    ) throws(ProblemReport) -> LoadedFiles {
        var loader = Loader(options: options)
        loader.options.isBundle = false
        for path in paths { loader.add(path) }
        loader.addBundles(bundles)
        return try loader.finish()
    }

    private init(options: LoaderOptions) { self.options = options }

    // MARK: Bundles

    var bundleOptions: Bundles.Options {
        var result = Bundles.Options()
        result.version = options.version
        result.ignored = options.ignored
        result.followsLinks = options.followsLinks
        result.verification = options.verification
        result.skipsVerification = options.verification == nil && !options.requiresVerification
        return result
    }

    mutating func note(_ problem: Problem) { problems.append(problem) }

    /// Takes over what a bundle holds.
    mutating func add(_ bundle: LoadedBundle) {
        bundles.append(bundle)
        for module in bundle.modules {
            var file = module.file
            let id = ModuleID.of(module, in: bundle.name)
            // Archives have names of their own inside; several may have the same.
            if file.name.first == UInt8(ascii: "/"), bundles.count > 1 { file.name = Array(module.location.utf8) }
            guard names.insert(file.name).inserted else { continue }
            file.id = id
            policies.append(file)
        }
        do throws(DataFailure) {
            if data.builder.isEmpty, !options.keepsBundleData {
                swap(&data.builder, &bundle.data.builder)
            } else if !bundle.data.builder.isEmpty {
                try data.builder.add(bundle.data.builder.json())
            }
        } catch { report(error, bundle.name, []) }
    }

    /// The file or folder that an argument such as `a.b:folder` names.
    public static func path(of argument: String) -> String { FileSystem.clean(split(argument).path) }

    /// What is wrong with the policies, so that one run tells everything. Without other problems compiling tells it.
    private mutating func addParseErrors() {
        var names = NameTable()
        for policy in policies {
            let id = sources.add(name: policy.name, text: policy.text)
            guard let file = sources.file(id) else { continue }
            let (_, found) = parseModule(file, options: ParserOptions(version: policy.version), names: &names)
            problems += found.map { Problem($0) }
        }
    }

    private mutating func add(_ argument: String) {
        let (prefix, path) = Self.split(argument)
        visit(FileSystem.clean(path), at: prefix, depth: 0)
    }

    /// The place below `data` and the path of an argument such as `a.b:folder`.
    static func split(_ argument: String) -> (prefix: [[UInt8]], path: String) {
        var bytes = Array(argument.utf8)
        let scheme = Array("file://".utf8)
        if let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0,
            !bytes[(colon + 1)...].starts(with: [0x2F, 0x2F])
        {
            let prefix = bytes[..<colon].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            var path = Array(bytes[(colon + 1)...])
            if path.starts(with: scheme) { path.removeFirst(scheme.count) }
            return (prefix.map { Array($0) }, String(decoding: path, as: UTF8.self))
        }
        if bytes.starts(with: scheme) { bytes.removeFirst(scheme.count) }
        return ([], String(decoding: bytes, as: UTF8.self))
    }

    private mutating func visit(_ path: String, at place: [[UInt8]], depth: Int) {
        do throws(FileFailure) {
            let entry = try FileSystem.entry(path)
            let name = FileSystem.name(of: path)
            if depth > 0, options.ignored.contains(where: { FileSystem.matches(name, pattern: $0) }) { return }
            guard entry.isFolder else {
                try file(path, at: place, depth: depth, isRegular: entry.isRegular)
                return
            }
            guard depth < options.depthLimit, !folders.contains(entry.identity) else {
                problems.append(Problem(message: "\(path): the folder contains itself or nests too deep"))
                return
            }
            folders.append(entry.identity)
            defer { folders.removeLast() }
            let inner = depth > 0 ? place + [Array(name.utf8)] : place
            for name in try FileSystem.names(in: path) {
                visit(FileSystem.join(path, name), at: inner, depth: depth + 1)
            }
        } catch {
            problems.append(Problem(message: error.message))
        }
    }

    private mutating func file(
        _ path: String, at place: [[UInt8]], depth: Int, isRegular: Bool
    ) throws(FileFailure) {
        guard depth == 0 || isRegular, depth == 0 || isWanted(path) else { return }
        switch FileSystem.ending(of: path) {
        case Array(".rego".utf8): policy(path, try FileSystem.read(path))
        case Array(".json".utf8):
            if let text = try LargeText(path) {
                try document(path, text, at: place)
            } else {
                document(path, try FileSystem.read(path), at: place)
            }
        case Array(".yaml".utf8), Array(".yml".utf8): yaml(path, try FileSystem.read(path), at: place)
        default:
            if Array(path.utf8).suffix(7).elementsEqual(".tar.gz".utf8) {
                addBundle(path)
            } else if depth == 0 {
                anything(path, try FileSystem.read(path), at: place)
            }
        }
    }

    private func isWanted(_ path: String) -> Bool {
        if FileSystem.ending(of: path) == Array(".rego".utf8) { return true }
        return !options.onlyPolicies
    }

    private mutating func policy(_ path: String, _ text: [UInt8]) {
        // The same file named twice is one module.
        guard names.insert(Array(path.utf8)).inserted else { return }
        policies.append(PolicyFile(name: path, text: text, version: options.version))
    }

    private mutating func document(_ path: String, _ text: [UInt8], at place: [[UInt8]]) {
        do throws(DataFailure) {
            try data.builder.add(Self.withoutMark(text), at: place)
        } catch {
            report(error, path, text)
        }
    }

    /// A document whose text is given away as it is read. Where that fails, the file is read once more for the place.
    private mutating func document(_ path: String, _ text: LargeText, at place: [[UInt8]]) throws(FileFailure) {
        do throws(DataFailure) {
            try data.builder.add(text.bytes, at: place) { text.release(upTo: $0) }
        } catch {
            guard error.reason == .syntax else {
                report(error, path, [])
                return
            }
            document(path, try FileSystem.read(path), at: place)
        }
    }

    private mutating func yaml(_ path: String, _ text: [UInt8], at place: [[UInt8]]) {
        let json: [UInt8]
        do throws(YAMLFailure) { json = try convertYAML(text, options: options.yaml) } catch {
            problems.append(
                problem(
                    "\(path): error converting YAML to JSON: \(error.message)", shown: error.problem, path, text,
                    at: error.position))
            return
        }
        do throws(DataFailure) { try data.builder.add(json, at: place) } catch { report(error, path, text) }
    }

    /// A file of unknown kind: a policy if it parses as one, else YAML.
    private mutating func anything(_ path: String, _ text: [UInt8], at place: [[UInt8]]) {
        var names = NameTable()
        let file = SourceFile(name: Array(path.utf8), text: text)
        let (module, found) = parseModule(file, options: ParserOptions(version: options.version), names: &names)
        if module != nil, found.isEmpty {
            policy(path, text)
        } else if (try? convertYAML(text, options: options.yaml)) != nil {
            yaml(path, text, at: place)
        } else {
            problems.append(Problem(message: "\(path): can't recognize file type"))
        }
    }

    private mutating func report(_ failure: DataFailure, _ path: String, _ text: [UInt8]) {
        switch failure.reason {
        case .syntax:
            problems.append(
                problem("\(path): \(failure.message)", shown: failure.message, path, text, at: failure.position))
        case .notAnObject: problems.append(Problem(message: "\(path): bad document type"))
        case .conflict: problems.append(Problem(message: "\(path): merge error"))
        case .limit: problems.append(Problem(message: "\(path): \(failure.message)"))
        }
    }

    private mutating func problem(
        _ message: String, shown: String, _ path: String, _ text: [UInt8], at position: Position?
    ) -> Problem {
        guard let position else { return Problem(message: message) }
        return Problem(
            message: message,
            diagnostic: sources.diagnostic(.loadError, shown, name: path, text: text, at: position))
    }

    /// Without a byte order mark.
    static func withoutMark(_ text: [UInt8]) -> [UInt8] {
        text.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(text.dropFirst(3)) : text
    }
}

extension SourceMap {
    /// Adds a text and makes a diagnostic at a row and column (in bytes) of it.
    mutating func diagnostic(
        _ code: DiagnosticCode, _ message: String, name: String, text: [UInt8], at position: Position
    ) -> Diagnostic {
        let id = add(name: Array(name.utf8), text: text)
        guard let line = file(id)?.lineRange(row: position.row) else { return Diagnostic(code, message, at: nil) }
        let offset = UInt32(clamping: min(line.lowerBound + max(0, position.column - 1), line.upperBound))
        return Diagnostic(code, message, at: Span(source: id, start: offset, end: offset &+ 1))
    }
}
