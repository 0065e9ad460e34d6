import Glibc
import WritFiles

/// The few files that services and bundles need.
enum Files {
    /// A whole file. Throws for one that is larger than `limit` bytes.
    static func read(_ path: String, limit: Int = 1 << 20) throws(ServiceFailure) -> [UInt8] {
        guard let bytes = try content(path, limit: limit) else { throw failure("open", path, ENOENT) }
        return bytes
    }

    /// A whole file; nil where there is none.
    static func content(_ path: String, limit: Int) throws(ServiceFailure) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        if file < 0, errno == ENOENT { return nil }
        guard file >= 0 else { throw failure("open", path, errno) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var info = stat()
        if fstat(file, &info) == 0 { bytes.reserveCapacity(min(max(0, Int(info.st_size)), limit) + 1) }
        let chunk = 1 << 18
        while true {
            var count = 0
            var number: Int32 = 0
            bytes.append(
                contentsOf: [UInt8](unsafeUninitializedCapacity: chunk) { buffer, filled in
                    count = Glibc.read(file, buffer.baseAddress, chunk)
                    number = errno
                    filled = max(0, count)
                })
            if count < 0, number == EINTR { continue }
            guard count >= 0 else { throw failure("read", path, number) }
            if count == 0 { return bytes }
            guard bytes.count <= limit else {
                throw ServiceFailure("read \(path): larger than \(limit) bytes")
            }
        }
    }

    /// Writes a file so that it has, whatever happens meanwhile, its old content or the new one. When this returns, it
    /// is the new one, on the disk.
    static func save(
        _ bytes: [UInt8], as name: String, in folder: String, _ calls: FileCalls = FileCalls()
    ) throws(ServiceFailure) {
        try makeFolder(folder, calls)
        let path = folder + "/" + name
        do throws(FileCallFailure) { try calls.save(bytes, to: path) } catch {
            throw failure(error.call == "open" ? "open" : "write", path, error.number)
        }
    }

    /// Gives a file, whose content is on the disk, another name. When this returns, it has it on the disk, too.
    static func rename(_ name: String, to new: String, in folder: String) throws(ServiceFailure) {
        do throws(FileCallFailure) {
            try FileCalls().rename("\(folder)/\(name)", "\(folder)/\(new)")
            try FileCalls().syncFolder(folder)
        } catch { throw failure(error.call, "\(folder)/\(new)", error.number) }
    }

    /// Removes a file, where there is one. When this returns, it is gone from the disk, too.
    static func remove(
        _ name: String, in folder: String, _ calls: FileCalls = FileCalls()
    ) throws(ServiceFailure) {
        let path = folder + "/" + name
        guard access(path, F_OK) == 0 || errno != ENOENT else { return }
        calls.remove(path)
        guard access(path, F_OK) != 0, errno == ENOENT else { throw failure("unlink", path, errno) }
        do throws(FileCallFailure) { try calls.syncFolder(folder) } catch {
            throw failure(error.call, folder, error.number)
        }
    }

    /// Removes what a process that was killed while it saved a file left of it.
    static func removeRemains(of name: String, in folder: String) {
        guard let directory = opendir(folder) else { return }
        defer { closedir(directory) }
        while let next = readdir(directory) {
            let found = withUnsafePointer(to: &next.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if found.hasPrefix(".\(name).") { unlink("\(folder)/\(found)") }
        }
    }

    static func makeFolder(_ path: String, _ calls: FileCalls = FileCalls()) throws(ServiceFailure) {
        var made = path.hasPrefix("/") ? "/" : ""
        for step in path.split(separator: "/") {
            made += made.isEmpty || made.hasSuffix("/") ? String(step) : "/" + step
            do throws(FileCallFailure) { try calls.makeFolder(made, mode: 0o755) } catch {
                throw failure(error.call, made, error.number)
            }
        }
        var info = stat()
        guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR else { throw failure("mkdir", path, ENOTDIR) }
    }

    static func failure(_ operation: String, _ path: String, _ number: Int32) -> ServiceFailure {
        ServiceFailure("\(operation) \(path): \(String(cString: strerror(number)).lowercased())")
    }
}
