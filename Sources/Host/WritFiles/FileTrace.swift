import Synchronization

/// What was done to files, in the order in which it was done.
///
/// Files are told apart by the numbers of their openings, as names change.
public enum FileOperation: Sendable, Equatable {
    /// A file was opened, or made if it was not there.
    case open(file: Int, path: String, truncates: Bool)
    /// A file has this size now.
    case resize(file: Int, size: Int)
    /// Bytes were written, by a call or by a store in mapped memory.
    case write(file: Int, offset: Int, bytes: [UInt8])
    /// What was written there by the first `before` operations is on the disk, and the file's size.
    case sync(file: Int, range: Range<Int>, before: Int)
    case rename(from: String, to: String)
    case remove(String)
    case makeFolder(String)
    /// The names in the folder are on the disk as the first `before` operations left them.
    case syncFolder(String, before: Int)
    /// Whoever records says how far it is.
    case mark(Int)
}

/// A recording of operations. Any number of threads record.
public final class FileTrace: Sendable {
    private let state = Mutex((operations: [FileOperation](), files: 0))

    public init() {}

    public var operations: [FileOperation] { state.withLock { $0.operations } }

    public func mark(_ number: Int) { note(.mark(number)) }

    func note(_ operation: FileOperation) { state.withLock { $0.operations.append(operation) } }

    var count: Int { state.withLock { $0.operations.count } }

    func nextFile() -> Int {
        state.withLock { state in
            state.files += 1
            return state.files
        }
    }
}
