import Glibc
import WritBundle

/// The files of a bundle that lies unpacked in a folder.
enum BundleFolder {
    /// All regular files in the order of their names. What hides behind a dot counts only where bundles use it.
    static func members(of folder: String, _ limits: BundleLimits) throws(BundleFailure) -> [BundleMember] {
        var members: [BundleMember] = []
        var total = 0
        var waiting: [(path: String, depth: Int)] = [("", 0)]
        while let (below, depth) = waiting.popLast() {
            let place = below.isEmpty ? folder : "\(folder)/\(below)"
            guard depth <= limits.depth else {
                throw BundleFailure(
                    "bundle read failed: \(place): more than \(limits.depth) folders deep", code: .limit)
            }
            for name in try names(in: place) {
                let path = below.isEmpty ? name : "\(below)/\(name)"
                var info = stat()
                // Links are not followed: they would lead out of the bundle.
                guard lstat("\(folder)/\(path)", &info) == 0 else { continue }
                switch info.st_mode & S_IFMT {
                case S_IFDIR: waiting.append((path, depth + 1))
                case S_IFREG:
                    total += Int(info.st_size)
                    guard members.count < limits.memberCount, total <= limits.totalSize else {
                        throw BundleFailure("bundle read failed: \(folder): too many files, or too large", code: .limit)
                    }
                    let content: [UInt8]
                    do throws(ServiceFailure) {
                        content = try Files.read("\(folder)/\(path)", limit: limits.fileSize)
                    } catch {
                        throw BundleFailure("bundle read failed: \(error.message)", code: .limit, member: path)
                    }
                    members.append(
                        BundleMember(
                            path: path, shown: "/\(path)", location: "\(folder)/\(path)", content: content))
                default: continue
                }
            }
        }
        return members.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    private static func names(in path: String) throws(BundleFailure) -> [String] {
        guard let folder = opendir(path) else {
            throw BundleFailure(
                "bundle read failed: \(Files.failure("open", path, errno).message)", code: .archive)
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let next = readdir(folder) {
            let name = withUnsafePointer(to: &next.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
