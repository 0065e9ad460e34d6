import NIOCore
import WritMemory

/// The body of a request that changes base data, for a thread away from the event loops.
struct DataContent: Sendable {
    let bytes: NIOCore.ByteBuffer
    let isPacked: Bool
    /// Bytes that it may have once it is unpacked.
    let limit: Int

    /// Gives the plain bytes to what answers. That says with the function that it is given how many bytes from their start
    /// it does not look at again: a large body is given back while it is read. It is used once.
    func use(_ answer: (UnsafeBufferPointer<UInt8>, @escaping (Int) -> Void) -> FinishedAnswer) -> FinishedAnswer {
        guard isPacked else {
            return bytes.withUnsafeReadableBytes { Self.use($0.bindMemory(to: UInt8.self), answer) }
        }
        do throws(Compression.Failure) {
            let plain = try bytes.withUnsafeReadableBytes { (body) throws(Compression.Failure) in
                try Compression.unpack(body.bindMemory(to: UInt8.self), limit: limit)
            }
            return plain.withUnsafeBufferPointer { Self.use($0, answer) }
        } catch {
            return FinishedAnswer(WriteFailure(error.message))
        }
    }

    private static func use(
        _ body: UnsafeBufferPointer<UInt8>,
        _ answer: (UnsafeBufferPointer<UInt8>, @escaping (Int) -> Void) -> FinishedAnswer
    ) -> FinishedAnswer {
        guard body.count >= PassedText.least else { return answer(body) { _ in } }
        var passed = PassedText(body)
        let result = withoutActuallyEscaping({ (offset: Int) in passed.release(upTo: offset) }) { answer(body, $0) }
        passed.release(upTo: body.count)
        return result
    }
}
