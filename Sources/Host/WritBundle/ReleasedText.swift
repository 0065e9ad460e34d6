import Glibc

/// A large text in memory that is read once from its start to its end: what was read is given back to the system before
/// the rest is, so that a document and what is made of it are not in memory together.
enum ReleasedText {
    /// Texts of this many bytes or more are worth it.
    static let least = 16 << 20

    /// Lets a text be read. The reader says with the function that it is given how many bytes from the start it does not
    /// look at again.
    static func read<Failure: Error>(
        _ text: consuming [UInt8],
        _ body: (UnsafeBufferPointer<UInt8>, @escaping (Int) -> Void) throws(Failure) -> Void
    ) throws(Failure) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let result: Result<Void, Failure> = text.withUnsafeMutableBufferPointer { bytes in
            let start = UnsafeMutableRawPointer(bytes.baseAddress)
            let count = bytes.count
            var released = 0
            let release = { (offset: Int) in
                guard let start, page > 0 else { return }
                // Whole pages of the text's own: what shares the first and the last with it stays.
                let from = (UInt(bitPattern: start) + UInt(released) + UInt(page) - 1) / UInt(page) * UInt(page)
                let to = (UInt(bitPattern: start) + UInt(max(0, min(offset, count)))) / UInt(page) * UInt(page)
                guard to > from, let first = UnsafeMutableRawPointer(bitPattern: from) else { return }
                // They read as zeros from then on.
                madvise(first, Int(to - from), MADV_DONTNEED)
                released = Int(to - UInt(bitPattern: start))
            }
            return withoutActuallyEscaping(release) { release in
                do throws(Failure) { return .success(try body(UnsafeBufferPointer(bytes), release)) } catch {
                    return .failure(error)
                }
            }
        }
        try result.get()
    }
}
