import Glibc

extension FileSystem {
    /// Writes a file as a whole: it has its old content or the new one, never a part.
    public static func save(_ bytes: [UInt8], to path: String) throws(FileFailure) {
        let temporary = path + ".writing"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw FileFailure(operation: "open", path: path, number: errno) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let number = errno
                close(file)
                unlink(temporary)
                throw FileFailure(operation: "write", path: path, number: number)
            }
            rest = rest.dropFirst(count)
        }
        guard close(file) == 0, rename(temporary, path) == 0 else {
            let number = errno
            unlink(temporary)
            throw FileFailure(operation: "write", path: path, number: number)
        }
    }
}
