import Glibc
import Synchronization
import WritBundle
import WritFiles

/// Where the body of a response goes while it comes, if it begins as an image does: those are used from a file, and may
/// be larger than what there is of memory.
final class BodyFile: Sendable {
    private struct State {
        var file: OpenedFile?
        var count = 0
    }

    let folder: String
    private let state = Mutex(State())
    private let calls = FileCalls()
    private static let part = "incoming.part"
    /// Its own, so that it is not that of another which is not gone yet.
    private let name = ".\(part).\(getpid()).\(UInt32.random(in: 0 ... .max))"

    init(folder: String) { self.folder = folder }

    deinit { drop() }

    /// So many bytes of a body tell whether it is an image's.
    static let startLength = 8
    static func begins(_ bytes: [UInt8]) -> Bool { ImageFile.isImage(bytes) }

    private var path: String { folder + "/" + name }

    /// Whether something is in it.
    var isOpen: Bool { state.withLock { $0.file != nil } }

    /// Begins anew with these bytes.
    func begin(_ bytes: [UInt8]) throws(ServiceFailure) {
        drop()
        try Files.makeFolder(folder)
        Self.removeRemains(in: folder)
        do throws(FileCallFailure) {
            let file = try calls.open(path, O_RDWR | O_CREAT | O_TRUNC)
            state.withLock { $0 = State(file: file) }
        } catch { throw Files.failure(error.call, path, error.number) }
        try append(bytes)
    }

    func append(_ bytes: [UInt8]) throws(ServiceFailure) {
        let (path, calls) = (path, calls)
        let outcome = state.withLock { state -> Result<Void, ServiceFailure> in
            guard let file = state.file else { return .failure(ServiceFailure("write \(path): it is not open")) }
            return bytes.withUnsafeBytes { buffer in
                do throws(FileCallFailure) { try calls.write(buffer, to: file) } catch {
                    return .failure(Files.failure(error.call, path, error.number))
                }
                state.count += buffer.count
                return .success(())
            }
        }
        try outcome.get()
    }

    /// Has what is in it on the disk, and gives it a name in the folder; then it is empty. Blocks.
    func finish(as name: String) throws(ServiceFailure) {
        let file = state.withLock { state in
            let file = state.file
            state = State()
            return file
        }
        guard let file else { throw ServiceFailure("write \(path): it is not open") }
        defer { file.close() }
        do throws(FileCallFailure) { try calls.sync(file) } catch {
            throw Files.failure(error.call, path, error.number)
        }
        try Files.rename(self.name, to: name, in: folder)
    }

    /// Reads what is in it, as it is mapped. Blocks.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) throws(ServiceFailure) -> Result {
        let (descriptor, count) = state.withLock { ($0.file?.descriptor ?? -1, $0.count) }
        guard count > 0, let base = mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0), base != MAP_FAILED else {
            throw Files.failure("mmap", path, count > 0 ? errno : ENODATA)
        }
        defer { munmap(base, count) }
        return body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// Removes what a process that was killed left.
    static func removeRemains(in folder: String) { Files.removeRemains(of: part, in: folder) }

    /// Forgets what is in it.
    func drop() {
        let wasOpen = state.withLock { state in
            let wasOpen = state.file != nil
            state.file?.close()
            state = State()
            return wasOpen
        }
        if wasOpen { calls.remove(path) }
    }
}
