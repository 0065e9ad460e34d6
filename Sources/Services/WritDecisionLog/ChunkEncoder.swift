import CZlib

/// Gzipped JSON arrays of events, each of bounded size.
///
/// How many events fit is known only after they are compressed. It begins with as many as the ratio of the array before
/// lets expect, and takes fewer until they fit; no array is sent that is larger than the limit.
struct ChunkEncoder {
    /// Bytes of an array, compressed.
    let limit: Int
    /// Compressed bytes for one of text, as seen last.
    private var ratio = 0.25

    struct Chunk {
        let bytes: [UInt8]
        /// How many of the events are in it, or are passed over.
        let count: Int
    }

    init(limit: Int) { self.limit = max(limit, 1) }

    /// An array of the first events, as many as fit; nil where the first one alone is too large.
    mutating func encode(_ events: ArraySlice<[UInt8]>) throws(ShippingFailure) -> Chunk? {
        let room = Double(limit) * 0.95
        var count = 0
        var size = 0
        for event in events {
            guard count == 0 || Double(size + event.count) * ratio <= room else { break }
            size += event.count
            count += 1
        }
        while count > 0 {
            var text: [UInt8] = []
            text.reserveCapacity(size + count + 2)
            for (index, event) in events.prefix(count).enumerated() {
                text.append(index == 0 ? UInt8(ascii: "[") : UInt8(ascii: ","))
                text += event
            }
            text.append(UInt8(ascii: "]"))
            let packed = try Self.gzip(text)
            // Small arrays say little: headers and tables weigh too much in them.
            if text.count > 1024 { ratio = min(1, max(0.02, Double(packed.count) / Double(text.count))) }
            if packed.count <= limit { return Chunk(bytes: packed, count: count) }
            count = count == 1 ? 0 : min(count - 1, max(1, Int(Double(count) * room / Double(packed.count))))
        }
        return nil
    }

    /// The bytes as one gzip file without a name or a time.
    static func gzip(_ bytes: [UInt8]) throws(ShippingFailure) -> [UInt8] {
        var stream = z_stream()
        guard
            deflateInit2_(
                &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)) == Z_OK, bytes.count <= Int(UInt32.max)
        else { throw ShippingFailure("zlib cannot compress \(bytes.count) bytes") }
        defer { deflateEnd(&stream) }
        let bound = Int(deflateBound(&stream, UInt(bytes.count)))
        var status = Z_OK
        let result = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            bytes.withUnsafeBufferPointer { input in
                // zlib does not write to its input.
                stream.next_in = input.baseAddress.map { UnsafeMutablePointer(mutating: $0) }
                stream.avail_in = UInt32(input.count)
                stream.next_out = buffer.baseAddress
                stream.avail_out = UInt32(clamping: buffer.count)
                status = deflate(&stream, Z_FINISH)
                count = bound - Int(stream.avail_out)
            }
        }
        guard status == Z_STREAM_END else { throw ShippingFailure("zlib cannot compress (\(status))") }
        return result
    }
}
