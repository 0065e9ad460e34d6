import Glibc

/// The system's calls that the journal makes, with typed errors.
enum SystemCalls {
    static func text(of number: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Repeats a call that a signal interrupted; -1 becomes an error that names the call.
    @discardableResult
    static func check(
        _ name: String, _ path: String, _ call: () -> Int32
    ) throws(JournalFailure) -> Int32 {
        while true {
            let result = call()
            if result >= 0 { return result }
            if errno != EINTR { throw .system(name, path, errno) }
        }
    }

    /// Makes a folder for its owner alone, if there is none.
    static func makeFolder(_ path: String) throws(JournalFailure) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        throw .system("mkdir", path, errno)
    }

    /// Opens a file that is not followed if it is a link.
    static func open(_ path: String, _ flags: Int32) throws(JournalFailure) -> Int32 {
        try check("open", path) { Glibc.open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0o600) }
    }

    static func size(_ file: Int32, _ path: String) throws(JournalFailure) -> Int {
        var info = stat()
        try check("fstat", path) { fstat(file, &info) }
        guard info.st_mode & S_IFMT == S_IFREG else {
            throw JournalFailure(.format, path, "is not a file")
        }
        return Int(info.st_size)
    }

    /// Gives a file blocks of the disk for so many bytes, so that storing in it later cannot fail for want of room.
    static func allocate(_ file: Int32, _ bytes: Int, _ path: String) throws(JournalFailure) {
        while true {
            let number = posix_fallocate(file, 0, off_t(bytes))
            if number == 0 { return }
            if number != EINTR { throw .system("fallocate", path, number) }
        }
    }

    static func map(_ file: Int32, _ bytes: Int, _ path: String) throws(JournalFailure) -> UnsafeMutableRawPointer {
        guard let base = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), base != MAP_FAILED else {
            throw .system("mmap", path, errno)
        }
        return base
    }

    static func rename(_ old: String, _ new: String) throws(JournalFailure) {
        try check("rename", old) { Glibc.rename(old, new) }
    }

    /// Whether the number of an error says that the disk has no room.
    static func isFull(_ number: Int32) -> Bool { number == ENOSPC || number == EDQUOT }

    /// Makes the names in a folder durable.
    static func syncFolder(_ path: String) throws(JournalFailure) {
        let folder = try check("open", path) { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { close(folder) }
        try check("fsync", path) { fsync(folder) }
    }

    static func names(in folder: String) throws(JournalFailure) -> [String] {
        guard let stream = opendir(folder) else { throw .system("opendir", folder, errno) }
        defer { closedir(stream) }
        var result: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { result.append(name) }
        }
        return result.sorted()
    }
}
