import Glibc

// Files that are written as a whole. Whatever happens meanwhile, a file has its old content or the new one.
extension FileCalls {
    /// Writes a file: to another name, to the disk, then under its own name, and the folder to the disk. When this
    /// returns, it is the new one.
    public func save(_ bytes: [UInt8], to path: String, mode: mode_t = 0o600) throws(FileCallFailure) {
        try place(try write(bytes, beside: path, mode: mode), at: path)
    }

    /// Writes bytes to the disk under a name that is for `place`, and gives the name: hidden, in the folder of `path`,
    /// and one that nobody can have put anything at.
    public func write(_ bytes: [UInt8], beside path: String, mode: mode_t = 0o600) throws(FileCallFailure) -> String {
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? path
        let temporary = "\(Self.folder(of: path))/.\(name).\(String(UInt32.random(in: 0 ... .max), radix: 16))"
        try fill(temporary, bytes, mode)
        return temporary
    }

    /// Puts what `write` wrote in the place of a file. When this returns, it is there on the disk, too.
    public func place(_ temporary: String, at path: String) throws(FileCallFailure) {
        do throws(FileCallFailure) { try rename(temporary, path) } catch {
            remove(temporary)
            throw error
        }
        try syncFolder(Self.folder(of: path))
    }

    /// Writes a file that is not there yet, and never over or through what is. When this returns, it is on the disk.
    public func create(_ bytes: [UInt8], at path: String, mode: mode_t = 0o600) throws(FileCallFailure) {
        try fill(path, bytes, mode)
        try syncFolder(Self.folder(of: path))
    }

    /// A new file with its content on the disk. Nothing of it is left where that fails.
    private func fill(_ path: String, _ bytes: [UInt8], _ mode: mode_t) throws(FileCallFailure) {
        let file = try open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode)
        defer { file.close() }
        do throws(FileCallFailure) {
            let outcome = bytes.withUnsafeBytes { buffer in
                Result<Void, FileCallFailure> { () throws(FileCallFailure) in try write(buffer, to: file) }
            }
            try outcome.get()
            try sync(file)
        } catch {
            remove(path)
            throw error
        }
    }

    /// Removes a file, if it is there. When this returns, its name is gone from the disk, too.
    public func removeForGood(_ path: String) throws(FileCallFailure) {
        remove(path)
        guard access(path, F_OK) != 0, errno == ENOENT else { throw FileCallFailure(call: "unlink", number: errno) }
        try syncFolder(Self.folder(of: path))
    }
}
