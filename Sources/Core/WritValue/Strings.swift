extension Space {
    /// A string value with a copy of these bytes, which must be UTF-8.
    ///
    /// Throws `memoryLimit`, or `sizeLimit` above 4 GiB.
    @inlinable
    public func string(_ bytes: UnsafeBufferPointer<UInt8>) throws(Fault) -> Value {
        if bytes.count <= 14 { return Value.packed(bytes.baseAddress, bytes.count) }
        return try longString(bytes)
    }

    /// Whether a text of this many bytes has room in a value: 2 GiB. (Every text has on a 32-bit host; that this
    /// is a function keeps the compiler from calling the other branch dead there.)
    @usableFromInline
    static func holdsText(_ count: Int) -> Bool { count <= Int(Int32.max) }

    @usableFromInline
    func longString(_ bytes: UnsafeBufferPointer<UInt8>) throws(Fault) -> Value {
        guard let source = bytes.baseAddress else { return .emptyString }
        guard Space.holdsText(bytes.count) else { throw Fault(.sizeLimit) }
        let memory = try allocate(bytes.count)
        memory.address.copyMemory(from: source, byteCount: bytes.count)
        return Value.reference(
            Value.Tag.longString, offset: memory.offset,
            upper: UInt32(truncatingIfNeeded: ContentHash.bytes(memory.address, bytes.count)), piece: memory.piece,
            extra: UInt32(truncatingIfNeeded: bytes.count))
    }

    /// A string value with a copy of these bytes, which must be UTF-8.
    public func string(_ bytes: [UInt8]) throws(Fault) -> Value {
        let result: Result<Value, Fault> = bytes.withUnsafeBufferPointer { buffer in
            do throws(Fault) { return .success(try string(buffer)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// A string value of a literal's text.
    public func string(_ literal: StaticString) throws(Fault) -> Value {
        guard literal.hasPointerRepresentation else { return .emptyString }
        return try string(UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Length in bytes of a string (0 for anything else).
    @inlinable @inline(__always)
    public func byteCount(_ value: Value) -> Int {
        value.tag == Value.Tag.shortString
            ? value.shortLength : value.tag == Value.Tag.longString ? value.longLength : 0
    }

    /// Calls `body` with the bytes of a string, or of a number's kept text; with no bytes for anything else.
    ///
    /// The buffer is good until `body` returns.
    @inlinable @inline(__always)
    public func withBytes<R>(_ value: Value, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        if value.tag == Value.Tag.shortString {
            var words = (value.low.littleEndian, value.high.littleEndian)
            return withUnsafeBytes(of: &words) { raw in
                body(
                    UnsafeBufferPointer(
                        start: raw.baseAddress.map { $0.assumingMemoryBound(to: UInt8.self) },
                        count: value.shortLength))
            }
        }
        return body(longBytes(value))
    }

    /// As `withBytes`, for a body that throws a fault.
    @inlinable @inline(__always)
    public func withBytes<R>(
        _ value: Value, throwing body: (UnsafeBufferPointer<UInt8>) throws(Fault) -> R
    ) throws(Fault) -> R {
        if value.tag == Value.Tag.shortString {
            var words = (value.low.littleEndian, value.high.littleEndian)
            let result: Result<R, Fault> = withUnsafeBytes(of: &words) { raw in
                do throws(Fault) {
                    return .success(
                        try body(
                            UnsafeBufferPointer(
                                start: raw.baseAddress.map { $0.assumingMemoryBound(to: UInt8.self) },
                                count: value.shortLength)))
                } catch {
                    return .failure(error)
                }
            }
            return try result.get()
        }
        return try body(longBytes(value))
    }

    /// The bytes behind a long string or a number's text; empty for anything else.
    ///
    /// They stay good as long as the piece does, or until the space is reset.
    @inlinable @inline(__always)
    public func longBytes(_ value: Value) -> UnsafeBufferPointer<UInt8> {
        guard value.tag == Value.Tag.longString || value.tag == Value.Tag.numberText else {
            return UnsafeBufferPointer(start: nil, count: 0)
        }
        let count = value.longLength
        guard let address = address(value, bytes: count) else {
            note(.malformed)
            return UnsafeBufferPointer(start: nil, count: 0)
        }
        return UnsafeBufferPointer(start: address.assumingMemoryBound(to: UInt8.self), count: count)
    }

    /// A copy of a string's bytes. Allocates: for hosts and error paths.
    public func bytes(_ value: Value) -> [UInt8] { withBytes(value) { Array($0) } }

    /// Whether a string equals a literal.
    public func string(_ value: Value, equals literal: StaticString) -> Bool {
        guard value.isString, literal.hasPointerRepresentation, byteCount(value) == literal.utf8CodeUnitCount else {
            return false
        }
        return withBytes(value) { bytes in
            for index in 0..<bytes.count where bytes[index] != literal.utf8Start[index] { return false }
            return true
        }
    }
}
