import CZlib

/// Compression as gzip, by zlib.
public enum Gzip {
    /// The bytes as a gzip file without a name or a time, so that the same bytes give the same file.
    ///
    /// Throws where zlib has no memory.
    public static func compress(_ bytes: [UInt8]) throws(BundleFailure) -> [UInt8] {
        var stream = z_stream()
        // 16 more than the size of the window asks for gzip's header.
        let status = deflateInit2_(
            &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw BundleFailure("zlib cannot begin to compress (\(status))") }
        defer { deflateEnd(&stream) }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        var position = 0
        var result = Z_OK
        // zlib counts input in 32 bits: larger input goes in by parts.
        while result != Z_STREAM_END {
            let part = min(bytes.count - position, 1 << 30)
            let isLast = position + part == bytes.count
            var consumed = 0
            var produced = 0
            bytes.withUnsafeBufferPointer { input in
                chunk.withUnsafeMutableBufferPointer { buffer in
                    // zlib does not write to its input.
                    stream.next_in = input.baseAddress.map { UnsafeMutablePointer(mutating: $0 + position) }
                    stream.avail_in = UInt32(part)
                    stream.next_out = buffer.baseAddress
                    stream.avail_out = UInt32(buffer.count)
                    result = deflate(&stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                    consumed = part - Int(stream.avail_in)
                    produced = buffer.count - Int(stream.avail_out)
                }
            }
            guard result == Z_OK || result == Z_STREAM_END else {
                throw BundleFailure("zlib cannot compress (\(result))")
            }
            position += consumed
            output.append(contentsOf: chunk[..<produced])
        }
        return output
    }

    /// The SHA-256 of what a gzip file holds; nothing of it is kept.
    ///
    /// Throws for what is no whole gzip file, and beyond the limits.
    public static func contentDigest(
        of file: [UInt8], limits: BundleLimits = BundleLimits()
    ) throws(BundleFailure) -> [UInt8] {
        let reader = try GzipReader(file, limits: limits)
        var digest = RunningDigest(.sha256)
        var part = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            var failure: BundleFailure?
            let count = part.withUnsafeMutableBufferPointer { buffer -> Int in
                do throws(BundleFailure) { return try reader.read(into: buffer) } catch {
                    failure = error
                    return 0
                }
            }
            if let failure { throw failure }
            if count == 0 { return digest.finish() }
            digest.update(Array(part[..<count]))
        }
    }
}
