import Glibc

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

    /// Writes a file so that it has, whatever happens meanwhile, its old content or the new one: to another name, to
    /// the disk, then under its own name, and the folder to the disk.
    static func save(_ bytes: [UInt8], as name: String, in folder: String) throws(ServiceFailure) {
        try makeFolder(folder)
        let path = folder + "/" + name
        let temporary = "\(folder)/.\(name).\(getpid())"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("open", temporary, errno) }
        var number: Int32 = 0
        var offset = 0
        while offset < bytes.count, number == 0 {
            let count = bytes.withUnsafeBytes {
                Glibc.write(file, $0.baseAddress.map { $0 + offset }, min(bytes.count - offset, 1 << 24))
            }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { number = count < 0 ? errno : EIO } else { offset += count }
        }
        if number == 0, fsync(file) != 0 { number = errno }
        close(file)
        if number == 0, rename(temporary, path) != 0 { number = errno }
        guard number == 0 else {
            unlink(temporary)
            throw failure("write", path, number)
        }
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if directory >= 0 {
            _ = fsync(directory)
            close(directory)
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

    static func makeFolder(_ path: String) throws(ServiceFailure) {
        var made = path.hasPrefix("/") ? "/" : ""
        for step in path.split(separator: "/") {
            made += made.isEmpty || made.hasSuffix("/") ? String(step) : "/" + step
            guard mkdir(made, 0o755) == 0 || errno == EEXIST else { throw failure("mkdir", made, errno) }
        }
        var info = stat()
        guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR else { throw failure("mkdir", path, ENOTDIR) }
    }

    static func failure(_ operation: String, _ path: String, _ number: Int32) -> ServiceFailure {
        ServiceFailure("\(operation) \(path): \(String(cString: strerror(number)).lowercased())")
    }
}
