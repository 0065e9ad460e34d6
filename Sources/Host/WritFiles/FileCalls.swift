import Glibc

/// A file that was opened by `FileCalls`.
public struct OpenedFile: Sendable {
    public let descriptor: Int32
    /// Its number in the recording.
    let number: Int

    public func close() { Glibc.close(descriptor) }
}

/// A call of the system that failed.
public struct FileCallFailure: Error, Sendable {
    /// The call's name.
    public let call: String
    /// The system's number of the error.
    public let number: Int32
}

/// The system's calls that change files, repeated where a signal interrupted them.
public struct FileCalls: Sendable {
    /// Records what the calls changed; nil but in tests.
    let trace: FileTrace?

    public init(recording trace: FileTrace? = nil) { self.trace = trace }

    /// Opens a file; one that is made is its owner's alone, or has the mode. A descriptor does not outlive `exec`.
    public func open(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(FileCallFailure) -> OpenedFile {
        let descriptor = try Self.repeated("open") { Glibc.open(path, flags | O_CLOEXEC, mode) }
        guard let trace else { return OpenedFile(descriptor: descriptor, number: 0) }
        let file = OpenedFile(descriptor: descriptor, number: trace.nextFile())
        trace.note(.open(file: file.number, path: path, truncates: flags & O_TRUNC != 0))
        return file
    }

    /// Writes all bytes behind those that were written before.
    public func write(_ bytes: UnsafeRawBufferPointer, to file: OpenedFile) throws(FileCallFailure) {
        var offset = 0
        while offset < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[offset..<min(bytes.count, offset + 1 << 24)])
            let start = trace == nil ? 0 : Int(lseek(file.descriptor, 0, SEEK_CUR))
            let count = Glibc.write(file.descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileCallFailure(call: "write", number: count < 0 ? errno : EIO) }
            trace?.note(.write(file: file.number, offset: start, bytes: Array(rest.prefix(count))))
            offset += count
        }
    }

    /// Gives a file blocks of the disk for so many bytes, so that storing in it later cannot fail for want of room.
    public func allocate(_ file: OpenedFile, _ bytes: Int) throws(FileCallFailure) {
        while true {
            let number = posix_fallocate(file.descriptor, 0, off_t(bytes))
            if number == 0 { break }
            if number != EINTR { throw FileCallFailure(call: "fallocate", number: number) }
        }
        trace?.note(.resize(file: file.number, size: bytes))
    }

    /// Tells that bytes were stored in the memory that a file is mapped to.
    @inline(__always)
    public func stored(_ bytes: UnsafeRawBufferPointer, at offset: Int, of file: OpenedFile) {
        if let trace { trace.note(.write(file: file.number, offset: offset, bytes: Array(bytes))) }
    }

    /// Has a file's bytes and size on the disk.
    public func sync(_ file: OpenedFile) throws(FileCallFailure) {
        let before = trace?.count ?? 0
        try Self.repeated("fsync") { fsync(file.descriptor) }
        trace?.note(.sync(file: file.number, range: 0..<Int.max, before: before))
    }

    /// Has a part of a mapped file on the disk: `base` is the address of its first byte, the part begins with a page.
    public func sync(
        _ file: OpenedFile, mappedAt base: UnsafeMutableRawPointer, _ range: Range<Int>
    ) throws(FileCallFailure) {
        let before = trace?.count ?? 0
        try Self.repeated("msync") { msync(base + range.lowerBound, range.count, MS_SYNC) }
        trace?.note(.sync(file: file.number, range: range, before: before))
    }

    public func rename(_ old: String, _ new: String) throws(FileCallFailure) {
        try Self.repeated("rename") { Glibc.rename(old, new) }
        trace?.note(.rename(from: old, to: new))
    }

    /// Takes a name away, if it is there.
    public func remove(_ path: String) {
        if unlink(path) == 0 { trace?.note(.remove(path)) }
    }

    /// Makes a folder, and has its name on the disk; gives false where it was there.
    @discardableResult
    public func makeFolder(_ path: String, mode: mode_t) throws(FileCallFailure) -> Bool {
        guard mkdir(path, mode) == 0 else {
            let number = errno
            if number == EEXIST { return false }
            throw FileCallFailure(call: "mkdir", number: number)
        }
        trace?.note(.makeFolder(path))
        try syncFolder(Self.folder(of: path))
        return true
    }

    /// Has the names in a folder on the disk.
    public func syncFolder(_ path: String) throws(FileCallFailure) {
        let before = trace?.count ?? 0
        let folder = try Self.repeated("open") { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { Glibc.close(folder) }
        try Self.repeated("fsync") { fsync(folder) }
        trace?.note(.syncFolder(path, before: before))
    }

    /// The folder that a path's last step lies in.
    static func folder(of path: String) -> String {
        let path = path.last == "/" ? path.dropLast() : path[...]
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Repeats a call that a signal interrupted.
    @discardableResult
    private static func repeated(_ name: String, _ call: () -> Int32) throws(FileCallFailure) -> Int32 {
        while true {
            let result = call()
            if result >= 0 { return result }
            let number = errno
            if number != EINTR { throw FileCallFailure(call: name, number: number) }
        }
    }
}
