import Glibc
import Writ
import WritBundle
import WritHostBuiltins

/// Bundles at paths: folders, and archives of any name.
public enum Bundles {
    /// How bundles are read.
    public struct Options: Sendable {
        public var version = RegoVersion.v1
        /// Shell patterns for names within folders and archives that are left out.
        public var ignored: [String] = []
        public var followsLinks = false
        public var verification: BundleVerification?
        /// Believe what is in the bundles.
        public var skipsVerification = true
        public var limits = BundleLimits()

        public init() {}
    }

    /// Reads the bundle at a path. Failures name it.
    public static func load(_ path: String, _ options: Options = Options()) throws(BundleFailure) -> LoadedBundle {
        if ImageFile.isImage(path) {
            let file = try ImageFile(
                opening: path, options: CompileOptions(functions: .all), verification: options.verification,
                skipsVerification: options.skipsVerification)
            return try file.bundle(named: path)
        }
        var (members, isFolder) = try members(path, options)
        var reader = BundleReader(name: path)
        reader.version = options.version
        reader.verification = options.verification
        reader.skipsVerification = options.skipsVerification
        reader.limits = options.limits
        reader.isFolder = isFolder
        let files = members
        // Contents are let go one by one while they are read: this copy of the list must not keep them.
        members = []
        do throws(BundleFailure) { return try reader.read(files) } catch { throw named(error, path) }
    }

    /// Whether there is a policy image at a path.
    public static func isImage(_ path: String) -> Bool { ImageFile.isImage(path) }

    /// The files of the bundle at a path, before anything is made of them.
    public static func members(
        _ path: String, _ options: Options = Options()
    ) throws(BundleFailure) -> (members: [BundleMember], isFolder: Bool) {
        let archive: [UInt8]
        let isFolder: Bool
        do throws(FileFailure) {
            isFolder = try FileSystem.entry(path).isFolder
            archive = isFolder ? [] : try FileSystem.read(path)
        } catch {
            throw BundleFailure("error reading \"\(path)\": \(error.message)", code: .archive)
        }
        if isFolder {
            let root = FileSystem.clean(path)
            var walk = FolderWalk(root: root, options: options)
            try walk.visit(root, depth: 0)
            return (walk.members, true)
        }
        let all: [BundleMember]
        do throws(BundleFailure) {
            all = try BundleReader.members(ofArchive: archive, at: path, limits: options.limits)
        } catch { throw named(error, path) }
        return (all.filter { !isIgnored($0.path, options) }, false)
    }

    private static func named(_ failure: BundleFailure, _ path: String) -> BundleFailure {
        var failure = failure
        failure.message = "bundle \(path): \(failure.message)"
        return failure
    }

    /// Whether a name of a path's matches a pattern.
    fileprivate static func isIgnored(_ path: String, _ options: Options) -> Bool {
        guard !options.ignored.isEmpty else { return false }
        return path.split(separator: "/").contains { name in
            options.ignored.contains { FileSystem.matches(String(name), pattern: $0) }
        }
    }

    /// Throws where roots of two bundles lie in each other: each document has one owner.
    public static func checkOverlaps(_ bundles: [LoadedBundle]) throws(BundleFailure) {
        var colliding: Set<String> = []
        var withEmptyRoots: Set<String> = []
        var conflicts: Set<String> = []
        for (index, one) in bundles.enumerated() where one.changes == nil {
            for two in bundles[(index + 1)...] where two.changes == nil {
                for a in one.manifest.roots {
                    for b in two.manifest.roots where Manifest.overlap(a, b) {
                        colliding.formUnion([one.name, two.name])
                        if a.isEmpty { withEmptyRoots.insert(one.name) }
                        if b.isEmpty { withEmptyRoots.insert(two.name) }
                        conflicts.insert(
                            a == b ? "root \(a) is in multiple bundles" : "\(min(a, b)) overlaps \(max(a, b))")
                    }
                }
            }
        }
        guard !colliding.isEmpty else { return }
        func list(_ names: Set<String>) -> String { names.sorted().joined(separator: ", ") }
        guard withEmptyRoots.isEmpty else {
            throw BundleFailure(
                "bundles [\(list(colliding))] have overlapping roots and cannot be activated simultaneously because "
                    + "bundle(s) [\(list(withEmptyRoots))] specify empty root paths ('') which overlap with any other "
                    + "bundle root", code: .roots)
        }
        throw BundleFailure(
            "detected overlapping roots in manifests for these bundles: [\(list(colliding))] (\(list(conflicts)))",
            code: .roots)
    }
}

/// The regular files below a bundle's folder in the order of their names.
private struct FolderWalk {
    let root: String
    let options: Bundles.Options
    var members: [BundleMember] = []
    private var total = 0

    init(root: String, options: Bundles.Options) {
        self.root = root
        self.options = options
    }

    mutating func visit(_ path: String, depth: Int) throws(BundleFailure) {
        var info = stat()
        guard lstat(path, &info) == 0 else { throw unreadable("lstat", path) }
        if depth > 0, Bundles.isIgnored(FileSystem.name(of: path), options) { return }
        var kind = info.st_mode & S_IFMT
        if kind == S_IFLNK, options.followsLinks || depth == 0 {
            guard stat(path, &info) == 0 else { throw unreadable("stat", path) }
            // Links to folders are not followed, as in OPA: they may lead in circles.
            kind = depth > 0 && info.st_mode & S_IFMT == S_IFDIR ? S_IFLNK : info.st_mode & S_IFMT
        }
        switch kind {
        case S_IFDIR:
            guard depth < options.limits.depth else {
                throw BundleFailure(
                    "bundle read failed: \(path): more than \(options.limits.depth) folders deep", code: .limit,
                    member: path)
            }
            let names: [String]
            do throws(FileFailure) { names = try FileSystem.names(in: path) } catch {
                throw BundleFailure("bundle read failed: \(error.message)", code: .archive, member: path)
            }
            for name in names { try visit(FileSystem.join(path, name), depth: depth + 1) }
        case S_IFREG: try add(path, Int(info.st_size))
        default: return
        }
    }

    private func unreadable(_ operation: String, _ path: String) -> BundleFailure {
        let failure = FileFailure(operation: operation, path: path, number: errno)
        return BundleFailure("bundle read failed: \(failure.message)", code: .archive, member: path)
    }

    private mutating func add(_ path: String, _ size: Int) throws(BundleFailure) {
        guard size <= options.limits.fileSize else {
            throw BundleFailure(
                "bundle file \(path) size (\(size) bytes) exceeds configured size_limit_bytes "
                    + "(\(options.limits.fileSize) bytes)", code: .limit, member: path)
        }
        guard members.count < options.limits.memberCount else {
            throw BundleFailure(
                "bundle read failed: \(root): more than \(options.limits.memberCount) files", code: .limit)
        }
        total += size
        guard total <= options.limits.totalSize else {
            throw BundleFailure(
                "bundle read failed: \(root): more than \(options.limits.totalSize) bytes in all", code: .limit)
        }
        var below = path[...]
        if root != ".", path.hasPrefix(root) { below = below.dropFirst(root.count) }
        while below.hasPrefix("/") { below = below.dropFirst() }
        let name = String(below)
        let content: [UInt8]
        do throws(FileFailure) { content = try FileSystem.read(path) } catch {
            throw BundleFailure("bundle read failed: \(error.message)", code: .archive, member: path)
        }
        members.append(BundleMember(path: name, shown: "/" + name, location: path, content: content))
    }
}
