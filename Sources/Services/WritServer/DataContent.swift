import Glibc
import NIOCore

/// The body of a request that changes base data, for a thread away from the event loops.
struct DataContent: Sendable {
    let bytes: NIOCore.ByteBuffer
    let isPacked: Bool
    /// Bytes that it may have once it is unpacked.
    let limit: Int

    /// Bodies of so many bytes are given back piece by piece.
    private static let large = 16 << 20
    private static let piece = 4 << 20

    /// Gives the plain bytes to what answers. It is used once.
    func use(_ answer: (UnsafeBufferPointer<UInt8>) -> FinishedAnswer) -> FinishedAnswer {
        bytes.withUnsafeReadableBytes { body in
            let body = body.bindMemory(to: UInt8.self)
            guard isPacked else {
                let result = answer(body)
                Self.giveBack(body)
                return result
            }
            do throws(Compression.Failure) {
                return try Compression.unpack(body, limit: limit).withUnsafeBufferPointer(answer)
            } catch {
                return FinishedAnswer(WriteFailure(error.message))
            }
        }
    }

    /// Gives a large body's pages back to the system in small steps. Freed as a whole, a hundred megabytes would hold the
    /// process's table of pages for many milliseconds, for which an event loop that asks for memory waits.
    private static func giveBack(_ body: UnsafeBufferPointer<UInt8>) {
        let page = UInt(max(1, sysconf(Int32(_SC_PAGESIZE))))
        guard body.count >= large, let start = body.baseAddress else { return }
        var from = (UInt(bitPattern: start) + page - 1) / page * page
        let end = (UInt(bitPattern: start) + UInt(body.count)) / page * page
        while from < end {
            let next = min(end, from + UInt(piece))
            // They read as zeros from then on; nobody reads them any more.
            madvise(UnsafeMutableRawPointer(bitPattern: from), Int(next - from), MADV_DONTNEED)
            from = next
        }
    }
}
