import Glibc
import WritFiles

/// The system's calls that the journal makes, with typed errors.
struct SystemCalls: Sendable {
    /// Those that change files.
    let files: FileCalls

    init(recording trace: FileTrace? = nil) { files = FileCalls(recording: trace) }

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

    /// An error of a call with the path that it was about.
    private func told<Result>(
        _ path: String, _ call: () throws(FileCallFailure) -> Result
    ) throws(JournalFailure) -> Result {
        do throws(FileCallFailure) { return try call() } catch { throw .system(error.call, path, error.number) }
    }

    /// Makes a folder for its owner alone, if there is none.
    func makeFolder(_ path: String) throws(JournalFailure) {
        _ = try told(path) { () throws(FileCallFailure) in try files.makeFolder(path, mode: 0o700) }
    }

    /// Opens a file that is not followed if it is a link.
    func open(_ path: String, _ flags: Int32) throws(JournalFailure) -> OpenedFile {
        try told(path) { () throws(FileCallFailure) in try files.open(path, flags | O_NOFOLLOW) }
    }

    static func size(_ file: OpenedFile, _ path: String) throws(JournalFailure) -> Int {
        var info = stat()
        try check("fstat", path) { fstat(file.descriptor, &info) }
        guard info.st_mode & S_IFMT == S_IFREG else {
            throw JournalFailure(.format, path, "is not a file")
        }
        return Int(info.st_size)
    }

    /// Gives a file blocks of the disk for so many bytes, so that storing in it later cannot fail for want of room.
    func allocate(_ file: OpenedFile, _ bytes: Int, _ path: String) throws(JournalFailure) {
        try told(path) { () throws(FileCallFailure) in try files.allocate(file, bytes) }
    }

    static func map(_ file: OpenedFile, _ bytes: Int, _ path: String) throws(JournalFailure) -> UnsafeMutableRawPointer
    {
        guard let base = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.descriptor, 0), base != MAP_FAILED
        else {
            throw .system("mmap", path, errno)
        }
        return base
    }

    /// Has a part of a mapped file on the disk.
    func sync(
        _ file: OpenedFile, mappedAt base: UnsafeMutableRawPointer, _ range: Range<Int>, _ path: String
    ) throws(JournalFailure) {
        try told(path) { () throws(FileCallFailure) in try files.sync(file, mappedAt: base, range) }
    }

    func rename(_ old: String, _ new: String) throws(JournalFailure) {
        try told(old) { () throws(FileCallFailure) in try files.rename(old, new) }
    }

    /// Whether the number of an error says that the disk has no room.
    static func isFull(_ number: Int32) -> Bool { number == ENOSPC || number == EDQUOT }

    /// Makes the names in a folder durable.
    func syncFolder(_ path: String) throws(JournalFailure) {
        try told(path) { () throws(FileCallFailure) in try files.syncFolder(path) }
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
