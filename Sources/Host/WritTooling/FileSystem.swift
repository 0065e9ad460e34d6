import Glibc

/// Why a file or folder cannot be read, in the words of OPA: `open x.json: no such file or directory`.
public struct FileFailure: Error, Sendable {
    public let operation: String
    public let path: String
    public let number: Int32

    /// `number` is the system's of the error, `operation` the name of the call.
    public init(operation: String, path: String, number: Int32) {
        self.operation = operation
        self.path = path
        self.number = number
    }

    public var message: String { "\(operation) \(path): \(FileSystem.describe(number))" }
}

/// The few questions to the file system that loading asks.
public enum FileSystem {
    /// What stands at a path.
    struct Entry {
        var isFolder: Bool
        var isRegular: Bool
        /// Device and inode, so that a folder that contains itself is noticed.
        var identity: [UInt64]
    }

    /// Files of more bytes are not read.
    public static var sizeLimit: Int { Int(Int32.max) }

    static func entry(_ path: String) throws(FileFailure) -> Entry {
        var info = stat()
        guard stat(path, &info) == 0 else { throw FileFailure(operation: "stat", path: path, number: errno) }
        let kind = info.st_mode & S_IFMT
        return Entry(
            isFolder: kind == S_IFDIR, isRegular: kind == S_IFREG,
            identity: [UInt64(truncatingIfNeeded: info.st_dev), UInt64(truncatingIfNeeded: info.st_ino)])
    }

    /// Names in a folder, sorted by their bytes, without `.` and `..`.
    static func names(in path: String) throws(FileFailure) -> [String] {
        guard let folder = opendir(path) else { throw FileFailure(operation: "open", path: path, number: errno) }
        defer { closedir(folder) }
        var names: [[UInt8]] = []
        while let next = readdir(folder) {
            let name = withUnsafePointer(to: &next.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: UInt8.self, capacity: Int(NAME_MAX) + 1) { bytes in
                    Array(
                        UnsafeBufferPointer(
                            start: bytes,
                            count: Int(
                                strlen(
                                    UnsafeRawPointer(bytes)
                                        .assumingMemoryBound(to: CChar.self)))))
                }
            }
            if name != [0x2E], name != [0x2E, 0x2E] { names.append(name) }
        }
        names.sort { $0.lexicographicallyPrecedes($1) }
        return names.map { String(decoding: $0, as: UTF8.self) }
    }

    /// The content of a file, or of a pipe up to its end.
    public static func read(_ path: String) throws(FileFailure) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw FileFailure(operation: "open", path: path, number: errno) }
        defer { close(file) }
        guard let bytes = read(descriptor: file) else {
            throw FileFailure(operation: "read", path: path, number: errno)
        }
        return bytes
    }

    /// Everything up to the end; nil (and `errno`) for an error.
    public static func read(descriptor: Int32) -> [UInt8]? {
        var info = stat()
        let expected = fstat(descriptor, &info) == 0 ? max(0, Int(info.st_size)) : 0
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(expected, sizeLimit) + 1)
        let chunk = 1 << 18
        while true {
            var failed: Int32 = 0
            var count = 0
            let piece = [UInt8](unsafeUninitializedCapacity: chunk) { buffer, filled in
                count = Glibc.read(descriptor, buffer.baseAddress, chunk)
                failed = errno
                filled = max(0, count)
            }
            if count < 0 {
                if failed == EINTR { continue }
                errno = failed
                return nil
            }
            if count == 0 { return bytes }
            guard bytes.count + count <= sizeLimit else {
                errno = EFBIG
                return nil
            }
            bytes += piece
        }
    }

    /// An error number in Go's words.
    static func describe(_ number: Int32) -> String {
        switch number {
        case ENOENT: "no such file or directory"
        case EACCES: "permission denied"
        case EISDIR: "is a directory"
        case ENOTDIR: "not a directory"
        case ELOOP: "too many levels of symbolic links"
        case ENAMETOOLONG: "file name too long"
        case EMFILE: "too many open files"
        case EFBIG: "file too large"
        default: String(cString: strerror(number)).lowercased()
        }
    }

    /// A path without `.`, `..` and doubled slashes where that is possible, as Go's `filepath.Clean`.
    static func clean(_ path: String) -> String {
        let bytes = Array(path.utf8)
        let isAbsolute = bytes.first == 0x2F
        var parts: [ArraySlice<UInt8>] = []
        for part in bytes.split(separator: 0x2F) {
            if part.elementsEqual([0x2E]) { continue }
            if part.elementsEqual([0x2E, 0x2E]) {
                if let last = parts.last, !last.elementsEqual([0x2E, 0x2E]) {
                    parts.removeLast()
                    continue
                }
                if isAbsolute { continue }
            }
            parts.append(part)
        }
        var result: [UInt8] = isAbsolute ? [0x2F] : []
        result += parts.joined(separator: [0x2F])
        return result.isEmpty ? "." : String(decoding: result, as: UTF8.self)
    }

    static func join(_ folder: String, _ name: String) -> String { clean(folder + "/" + name) }

    /// The last part of a path.
    static func name(of path: String) -> String {
        String(decoding: Array(clean(path).utf8).split(separator: 0x2F).last ?? [], as: UTF8.self)
    }

    /// The last part's ending from its last dot on, such as `.rego`.
    static func ending(of path: String) -> [UInt8] {
        let name = Array(name(of: path).utf8)
        guard let dot = name.lastIndex(of: 0x2E) else { return [] }
        return Array(name[dot...])
    }

    /// Whether a name matches a shell pattern.
    static func matches(_ name: String, pattern: String) -> Bool { fnmatch(pattern, name, 0) == 0 }
}
