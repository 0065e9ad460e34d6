import Glibc

// Walking through folders as Go's `filepath.Walk` does, and writing back what was read.
extension FileSystem {
    /// The files at or below a path whose names end in `ending` (with its dot), in the order of their names.
    ///
    /// Symbolic links are not followed: one that stands for a folder is passed over, one that stands for a file is a
    /// file.
    public static func files(below path: String, ending: String) throws(FileFailure) -> [String] {
        var found: [String] = []
        try walk(path, Array(ending.utf8), depth: 0, &found)
        return found
    }

    private static func walk(
        _ path: String, _ ending: [UInt8], depth: Int, _ found: inout [String]
    ) throws(FileFailure) {
        var info = stat()
        guard lstat(path, &info) == 0 else { throw FileFailure(operation: "lstat", path: path, number: errno) }
        guard info.st_mode & S_IFMT == S_IFDIR else {
            if self.ending(of: path).elementsEqual(ending) { found.append(path) }
            return
        }
        guard depth < 1000 else { throw FileFailure(operation: "open", path: path, number: ENAMETOOLONG) }
        for name in try names(in: path) { try walk(join(path, name), ending, depth: depth + 1, &found) }
    }

    /// Replaces what is in a file; its permissions stay.
    public static func overwrite(_ path: String, _ bytes: [UInt8]) throws(FileFailure) {
        let file = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
        guard file >= 0 else { throw FileFailure(operation: "open", path: path, number: errno) }
        var rest = bytes[...]
        var failed: Int32 = 0
        while !rest.isEmpty, failed == 0 {
            let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno != EINTR { failed = errno }
            } else {
                rest = rest.dropFirst(count)
            }
        }
        guard close(file) == 0 || failed != 0 else { throw FileFailure(operation: "close", path: path, number: errno) }
        guard failed == 0 else { throw FileFailure(operation: "write", path: path, number: failed) }
    }
}
