extension Space {
    /// A number with the spelling of its literal kept.
    ///
    /// `bytes` must be a JSON number; anything else throws `syntax`. Integers that fit 64 bits and plain
    /// decimals of up to 18 digits lie inside the value, everything else keeps its text in the space.
    public func number(_ bytes: UnsafeBufferPointer<UInt8>) throws(Fault) -> Value {
        if let inline = Self.inlineNumber(bytes) { return inline }
        guard NumberText.isValid(bytes) else { throw Fault(.syntax) }
        return try numberText(bytes)
    }

    /// A number with the spelling of its literal kept.
    public func number(_ bytes: [UInt8]) throws(Fault) -> Value {
        let result: Result<Value, Fault> = bytes.withUnsafeBufferPointer { buffer in
            do throws(Fault) { return .success(try number(buffer)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// The number if it can lie inside a value: digits, an optional sign and an optional fraction, in a
    /// spelling that mantissa and scale give back exactly.
    @inlinable
    static func inlineNumber(_ bytes: UnsafeBufferPointer<UInt8>) -> Value? {
        let count = bytes.count
        guard count > 0, count <= 20 else { return nil }
        var index = 0
        let negative = bytes[0] == UInt8(ascii: "-")
        if negative { index = 1 }
        let first = index
        var mantissa: UInt64 = 0
        var digits = 0
        var point = -1
        while index < count {
            let byte = bytes[index]
            if byte &- UInt8(ascii: "0") < 10 {
                mantissa = mantissa &* 10 &+ UInt64(byte &- UInt8(ascii: "0"))
                digits &+= 1
            } else if byte == UInt8(ascii: "."), point < 0, index > first, index &+ 1 < count {
                point = index
            } else {
                return nil
            }
            index &+= 1
        }
        guard digits > 0, digits <= 18 else { return nil }
        // "01" is no JSON number; "-0" and "-0.0" would lose their sign.
        if bytes[first] == UInt8(ascii: "0"), digits > 1, point != first &+ 1 { return nil }
        if negative, mantissa == 0 { return nil }
        let value = negative ? 0 &- Int64(bitPattern: mantissa) : Int64(bitPattern: mantissa)
        return point < 0
            ? .integer(value)
            : .decimal(mantissa: value, scale: UInt8(truncatingIfNeeded: count &- point &- 1))
    }

    func numberText(_ bytes: UnsafeBufferPointer<UInt8>) throws(Fault) -> Value {
        // 19 digits may still fit 64 bits.
        if let small = NumberText.int64(bytes) { return .integer(small) }
        guard let source = bytes.baseAddress, Space.holdsText(bytes.count) else { throw Fault(.sizeLimit) }
        let memory = try allocate(bytes.count)
        memory.address.copyMemory(from: source, byteCount: bytes.count)
        return Value.reference(
            Value.Tag.numberText, offset: memory.offset,
            upper: UInt32(truncatingIfNeeded: NumberText.hash(bytes)), piece: memory.piece,
            extra: UInt32(truncatingIfNeeded: bytes.count))
    }

    /// Calls `body` with the spelling of a number.
    public func withNumberText<R>(_ value: Value, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        if value.tag == Value.Tag.numberText { return body(longBytes(value)) }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { buffer in
            let start = Self.spell(value, into: buffer)
            return body(UnsafeBufferPointer(rebasing: buffer[start..<32]))
        }
    }

    /// Writes the spelling of an integer or decimal to the end of a buffer of 32 bytes; gives its start.
    @inlinable
    static func spell(_ value: Value, into buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var magnitude = value.integerValue.magnitude
        var index = 32
        var scale = value.tag == Value.Tag.decimal ? min(18, Int(value.decimalScale)) : 0
        let hasPoint = scale > 0
        repeat {
            index &-= 1
            buffer[index] = UInt8(truncatingIfNeeded: magnitude % 10) &+ UInt8(ascii: "0")
            magnitude /= 10
            if hasPoint {
                scale &-= 1
                if scale == 0 {
                    index &-= 1
                    buffer[index] = UInt8(ascii: ".")
                }
            }
        } while magnitude > 0 || (hasPoint && scale >= 0)
        if value.integerValue < 0 {
            index &-= 1
            buffer[index] = UInt8(ascii: "-")
        }
        return index
    }

    /// The exact integer that a number is, if it fits 64 bits: 3, 3.0 and 3e0 are all 3.
    public func int64(_ value: Value) -> Int64? {
        switch value.tag {
        case Value.Tag.integer: return value.integerValue
        case Value.Tag.decimal:
            var mantissa = value.integerValue
            for _ in 0..<min(18, Int(value.decimalScale)) {
                if mantissa % 10 != 0 { return nil }
                mantissa /= 10
            }
            return mantissa
        case Value.Tag.numberText: return NumberText.exactInt64(longBytes(value))
        default: return nil
        }
    }

    /// The place in an array that a number stands for. As in OPA, 1 and 1.0 are places and 1e0 is none, though all are
    /// equal: a number written with an exponent keeps its spelling, and an array does not work it out.
    public func arrayIndex(_ value: Value) -> Int64? {
        if value.tag == Value.Tag.numberText, longBytes(value).contains(where: { $0 | 0x20 == UInt8(ascii: "e") }) {
            return nil
        }
        return int64(value)
    }

    /// Order of two numbers by exact value.
    @usableFromInline
    func compareNumbers(_ a: Value, _ b: Value) -> Int {
        if a.tag == Value.Tag.integer, b.tag == Value.Tag.integer {
            return a.integerValue == b.integerValue ? 0 : a.integerValue < b.integerValue ? -1 : 1
        }
        if a.tag != Value.Tag.numberText, b.tag != Value.Tag.numberText {
            return NumberText.compareDecimal(
                mantissa: a.integerValue, scale: a.tag == Value.Tag.decimal ? a.decimalScale : 0,
                mantissa: b.integerValue, scale: b.tag == Value.Tag.decimal ? b.decimalScale : 0)
        }
        return withNumberText(a) { left in withNumberText(b) { right in NumberText.compare(left, right) } }
    }

    /// Hash of a number's exact value: 1, 1.0 and 1e0 have the hash of the integer 1.
    func numberHash(_ value: Value) -> UInt64 {
        if let small = int64(value) { return ContentHash.mix(UInt64(bitPattern: small), 3) }
        return withNumberText(value) { ContentHash.mix(NumberText.hash($0), 4) }
    }
}
