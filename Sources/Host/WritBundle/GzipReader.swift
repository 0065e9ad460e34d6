import CZlib

/// Unpacks a gzip file (RFC 1952) piece by piece, under limits. Several gzip members behind each other are one file.
final class GzipReader {
    private let input: [UInt8]
    private let limits: BundleLimits
    /// zlib keeps the address of its stream, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var position = 0
    private var produced = 0
    private var isAtEnd = false

    init(_ input: [UInt8], limits: BundleLimits) throws(BundleFailure) {
        self.input = input
        self.limits = limits
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 16 more than the size of the window asks for gzip's header.
        let status = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            throw BundleFailure("zlib cannot begin to unpack (\(status))", code: .archive)
        }
        guard input.count >= 2, input[0] == 0x1F, input[1] == 0x8B else {
            throw BundleFailure(
                input.isEmpty
                    ? "bundle read failed: archive read failed: EOF"
                    : "bundle read failed: archive read failed: gzip: invalid header",
                code: input.isEmpty ? .truncated : .archive)
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Fills a buffer; fewer bytes than it has room for come only at the end.
    func read(into buffer: UnsafeMutableBufferPointer<UInt8>) throws(BundleFailure) -> Int {
        var filled = 0
        while filled < buffer.count, !isAtEnd {
            // zlib counts in 32 bits.
            let room = min(buffer.count - filled, 1 << 30)
            let given = min(input.count - position, 1 << 30)
            var status = Z_OK
            var consumed = 0
            var made = 0
            input.withUnsafeBufferPointer { source in
                // zlib does not write to its input.
                stream.pointee.next_in = source.baseAddress.map { UnsafeMutablePointer(mutating: $0 + position) }
                stream.pointee.avail_in = UInt32(given)
                stream.pointee.next_out = buffer.baseAddress.map { $0 + filled }
                stream.pointee.avail_out = UInt32(room)
                status = inflate(stream, Z_NO_FLUSH)
                consumed = given - Int(stream.pointee.avail_in)
                made = room - Int(stream.pointee.avail_out)
            }
            position += consumed
            filled += made
            produced += made
            try checkLimits()
            switch status {
            case Z_STREAM_END: try next()
            case Z_OK, Z_BUF_ERROR:
                guard made > 0 || consumed > 0 || position < input.count else { throw Self.truncated }
                if status == Z_BUF_ERROR, made == 0, consumed == 0 { throw Self.damaged }
            default: throw Self.damaged
            }
        }
        return filled
    }

    /// Behind one gzip member: another, padding, or the end.
    private func next() throws(BundleFailure) {
        guard position < input.count else {
            isAtEnd = true
            return
        }
        if input.count - position >= 2, input[position] == 0x1F, input[position + 1] == 0x8B {
            guard inflateReset(stream) == Z_OK else { throw Self.damaged }
            return
        }
        guard input[position...].allSatisfy({ $0 == 0 }) else {
            throw BundleFailure(
                "bundle read failed: gzip: invalid header: \(input.count - position) bytes follow the archive",
                code: .archive)
        }
        isAtEnd = true
    }

    private func checkLimits() throws(BundleFailure) {
        guard produced <= limits.totalSize else {
            throw BundleFailure(
                "bundle read failed: the archive unpacks to more than \(limits.totalSize) bytes", code: .limit)
        }
        guard produced <= limits.ratioFloor || produced / limits.ratio <= position else {
            throw BundleFailure(
                "bundle read failed: the archive unpacks to more than \(limits.ratio) times its size", code: .limit)
        }
    }

    static var truncated: BundleFailure { BundleFailure("bundle read failed: unexpected EOF", code: .truncated) }
    private static var damaged: BundleFailure {
        BundleFailure("bundle read failed: gzip: invalid checksum or damaged data", code: .archive)
    }
}
