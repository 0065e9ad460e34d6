import CZlib

/// gzip as requests and answers use it, by zlib.
enum Compression {
    enum Failure: Error {
        /// The bytes are no gzip.
        case malformed
        /// Unpacked they are more than the limit.
        case tooLarge

        var message: String {
            self == .tooLarge ? "request body too large" : "could not decompress the body"
        }
    }

    /// Unpacks gzip, at most `limit` bytes of it: a few bytes can stand for gigabytes.
    static func unpack(_ bytes: UnsafeBufferPointer<UInt8>, limit: Int) throws(Failure) -> [UInt8] {
        var stream = z_stream()
        let status = inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw .malformed }
        defer { inflateEnd(&stream) }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        stream.next_in = bytes.baseAddress.map { UnsafeMutablePointer(mutating: $0) }
        stream.avail_in = UInt32(clamping: bytes.count)
        while true {
            var result = Z_OK
            var produced = 0
            chunk.withUnsafeMutableBufferPointer { buffer in
                stream.next_out = buffer.baseAddress
                stream.avail_out = UInt32(buffer.count)
                result = inflate(&stream, Z_NO_FLUSH)
                produced = buffer.count - Int(stream.avail_out)
            }
            output.append(contentsOf: chunk[..<produced])
            guard output.count <= limit else { throw .tooLarge }
            if result == Z_STREAM_END {
                // Several members may follow each other.
                if stream.avail_in == 0 { return output }
                guard inflateReset(&stream) == Z_OK else { throw .malformed }
                continue
            }
            guard result == Z_OK, produced > 0 || stream.avail_in > 0 else { throw .malformed }
        }
    }

    /// Packs bytes as gzip; nil where zlib has no memory.
    static func pack(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var stream = z_stream()
        let status = deflateInit2_(
            &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK, bytes.count < Int(UInt32.max) else { return nil }
        defer { deflateEnd(&stream) }
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
        stream.next_in = bytes.baseAddress.map { UnsafeMutablePointer(mutating: $0) }
        stream.avail_in = UInt32(bytes.count)
        var result = Z_OK
        output.withUnsafeMutableBufferPointer { buffer in
            stream.next_out = buffer.baseAddress
            stream.avail_out = UInt32(clamping: buffer.count)
            result = deflate(&stream, Z_FINISH)
        }
        guard result == Z_STREAM_END else { return nil }
        output.removeLast(output.count - Int(stream.total_out))
        return output
    }
}
