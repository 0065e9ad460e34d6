import Glibc

/// A large text in memory that is read once, from its start to its end: what was read is given back to the system before
/// the rest is, so that a document and what is made of it are not in memory together.
public struct PassedText {
    /// Texts of this many bytes or more are worth it.
    public static let least = 16 << 20

    /// Bytes that are given back at a time. While the system takes pages away, other threads of the process that ask for
    /// memory wait: a hundred megabytes at once would hold an event loop for many milliseconds.
    private static let step = 4 << 20

    private let start: UInt
    private let count: Int
    private let page: UInt
    /// Where the pages begin that are still there.
    private var from: UInt

    /// The text must be memory of the process's own that is written to by nobody else, and nobody reads again what is
    /// given back: it is zeros from then on.
    public init(_ text: UnsafeBufferPointer<UInt8>) {
        start = UInt(bitPattern: text.baseAddress)
        count = text.count
        page = UInt(max(1, sysconf(Int32(_SC_PAGESIZE))))
        // Whole pages of the text's own: what shares the first and the last with it stays.
        from = start == 0 ? 0 : (start + page - 1) / page * page
    }

    /// Gives back what lies before a place, in bytes from the start.
    public mutating func release(upTo offset: Int) {
        guard start != 0 else { return }
        let end = (start + UInt(max(0, min(offset, count)))) / page * page
        while from < end {
            let next = min(end, from + UInt(Self.step))
            madvise(UnsafeMutableRawPointer(bitPattern: from), Int(next - from), MADV_DONTNEED)
            from = next
        }
    }

    /// Lets a text be read. The reader says with the function that it is given how many bytes from the start it does not
    /// look at again.
    public static func read<Failure: Error>(
        _ text: consuming [UInt8],
        _ body: (UnsafeBufferPointer<UInt8>, @escaping (Int) -> Void) throws(Failure) -> Void
    ) throws(Failure) {
        let result: Result<Void, Failure> = text.withUnsafeMutableBufferPointer { bytes in
            let bytes = UnsafeBufferPointer(bytes)
            var passed = PassedText(bytes)
            return withoutActuallyEscaping({ (offset: Int) in passed.release(upTo: offset) }) { release in
                do throws(Failure) { return .success(try body(bytes, release)) } catch { return .failure(error) }
            }
        }
        try result.get()
    }
}
