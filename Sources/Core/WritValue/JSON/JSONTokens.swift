/// Strings and numbers of a JSON text.
extension JSONParser {
    // MARK: Strings

    /// Reads a string behind its opening quote.
    @inline(__always)
    mutating func string() throws(JSONError) -> Value {
        let first = at
        guard let plain = try shortString() else {
            let text = try longText(first)
            if text.count <= Value.shortCapacity { return Value.packed(text.baseAddress, text.count) }
            return try stored(text)
        }
        return plain
    }

    /// Reads an object's key behind its opening quote. Long keys are stored once.
    @inline(__always)
    mutating func keyString() throws(JSONError) -> Value {
        let first = at
        guard let plain = try shortString() else {
            let text = try longText(first)
            if text.count <= Value.shortCapacity { return Value.packed(text.baseAddress, text.count) }
            return try longKey(text)
        }
        return plain
    }

    /// A string of at most 14 bytes of plain ASCII, or nil with `at` unchanged.
    @inline(__always)
    private mutating func shortString() throws(JSONError) -> Value? {
        guard end - at >= 16 else { return nil }
        let low = Lanes.load(at)
        let stops = Lanes.stops(low)
        if stops != 0 {
            let length = Lanes.first(stops)
            guard at[length] == UInt8(ascii: "\"") else { return nil }
            at += length &+ 1
            return Value(
                low: Lanes.before(stops, low),
                high: UInt64(truncatingIfNeeded: length) &<< 48 | UInt64(Value.Tag.shortString) &<< 56)
        }
        let high = Lanes.load(at + 8)
        let more = Lanes.stops(high)
        let length = Lanes.first(more)
        // Without a stop `length` is 8, which the next line refuses too.
        guard length <= 6, at[8 &+ length] == UInt8(ascii: "\"") else { return nil }
        at += length &+ 9
        return Value(
            low: low,
            high: Lanes.before(more, high) | UInt64(truncatingIfNeeded: length &+ 8) &<< 48
                | UInt64(Value.Tag.shortString) &<< 56)
    }

    /// The content of the string that starts at `first`: in place when it is plain, else in scratch memory.
    @inline(never)
    private mutating func longText(_ first: UnsafePointer<UInt8>) throws(JSONError) -> UnsafeBufferPointer<UInt8> {
        var here = first
        while true {
            while end - here >= 8 {
                let stops = Lanes.stops(Lanes.load(here))
                if stops != 0 {
                    here += Lanes.first(stops)
                    break
                }
                here += 8
            }
            guard here < end else { break }
            let byte = here.pointee
            if byte == UInt8(ascii: "\"") {
                at = here + 1
                return UnsafeBufferPointer(start: first, count: here - first)
            }
            if byte < 0x20 {
                at = here
                throw unexpected(.inString)
            }
            if byte == UInt8(ascii: "\\") { return try unescaped(first, here) }
            let length = UTF8Decoding.length(here, end - here)
            if length == 0 { return try unescaped(first, here) }
            here += length
        }
        at = end
        throw unexpected(.inString)
    }

    /// The content of a string with escapes or invalid UTF-8, of which `first..<special` is plain.
    private mutating func unescaped(
        _ first: UnsafePointer<UInt8>, _ special: UnsafePointer<UInt8>
    ) throws(JSONError) -> UnsafeBufferPointer<UInt8> {
        // Find the end first: it bounds the memory, which is 3 bytes for each that has to be replaced.
        var here = special
        var size = special - first
        while here < end, here.pointee != UInt8(ascii: "\"") {
            size &+= here.pointee < 0x80 ? 1 : 3
            here += here.pointee == UInt8(ascii: "\\") ? 2 : 1
        }
        scratch.pointee.reserveText(size &+ 4)
        let text = scratch.pointee.text
        text.update(from: first, count: special - first)
        var out = special - first
        at = special
        while at < end {
            let byte = at.pointee
            if byte == UInt8(ascii: "\"") {
                at += 1
                return UnsafeBufferPointer(start: text, count: out)
            }
            if byte == UInt8(ascii: "\\") {
                out &+= try escape(text + out)
            } else if byte < 0x20 {
                throw unexpected(.inString)
            } else {
                let length = UTF8Decoding.length(at, end - at)
                if length == 0 {
                    out &+= UTF8Decoding.encode(0xfffd, into: text + out)
                    at += 1
                } else {
                    for index in 0..<length { text[out &+ index] = at[index] }
                    out &+= length
                    at += length
                }
            }
        }
        throw unexpected(.inString)
    }

    /// Reads an escape and writes its character; gives the length written.
    private mutating func escape(_ out: UnsafeMutablePointer<UInt8>) throws(JSONError) -> Int {
        at += 1
        let byte = peek()
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.pointee = byte
        case UInt8(ascii: "b"): out.pointee = 8
        case UInt8(ascii: "f"): out.pointee = 12
        case UInt8(ascii: "n"): out.pointee = 10
        case UInt8(ascii: "r"): out.pointee = 13
        case UInt8(ascii: "t"): out.pointee = 9
        case UInt8(ascii: "u"):
            at += 1
            var unit = try hexUnit()
            if unit & 0xf800 == 0xd800 {
                // A high surrogate counts only with a low one right behind it; else it is replaced alone, and
                // what follows is read on its own.
                let behind = at
                var low: UInt32 = 0
                if unit < 0xdc00, end - at >= 6, at[0] == UInt8(ascii: "\\"), at[1] == UInt8(ascii: "u") {
                    at += 2
                    low = try hexUnit()
                }
                if low & 0xfc00 == 0xdc00 {
                    unit = 0x10000 &+ (unit & 0x3ff) &<< 10 &+ (low & 0x3ff)
                } else {
                    unit = 0xfffd
                    at = behind
                }
            }
            return UTF8Decoding.encode(unit, into: out)
        default: throw unexpected(.inEscape)
        }
        at += 1
        return 1
    }

    private mutating func hexUnit() throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            let byte = peek()
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte &- UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte &- UInt8(ascii: "a") &+ 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte &- UInt8(ascii: "A") &+ 10
            default: throw unexpected(.inHexEscape)
            }
            unit = unit &<< 4 | UInt32(digit)
            at += 1
        }
        return unit
    }

    /// A value of the text, which is longer than fits into one.
    private func stored(_ text: UnsafeBufferPointer<UInt8>) throws(JSONError) -> Value {
        do throws(Fault) {
            return try space.longString(text)
        } catch {
            throw JSONError(.memoryLimit, offset: at - start)
        }
    }

    /// The value of a long key: the stored one if this document, or a lasting shape, has it already.
    @inline(never)
    private mutating func longKey(_ text: UnsafeBufferPointer<UInt8>) throws(JSONError) -> Value {
        guard let bytes = text.baseAddress else { return .emptyString }
        let hash = UInt32(truncatingIfNeeded: ContentHash.bytes(bytes, text.count))
        let slot = scratch.pointee.shapes.keySlot(hash)
        let known = scratch.pointee.shapes.longKeys[slot]
        if known.storedHash == hash, known.longLength == text.count, ByteOrder.equal(space.longBytes(known), text) {
            return known
        }
        let key = try stored(text)
        if Int(known.piece) != PieceNumber.shapes { scratch.pointee.shapes.keep(key, at: slot) }
        return key
    }

    // MARK: Numbers

    /// Reads a number at its sign or first digit.
    @inline(__always)
    mutating func number() throws(JSONError) -> Value {
        let first = at
        var here = at
        let isNegative = here.pointee == UInt8(ascii: "-")
        if isNegative { here += 1 }
        let digits = here
        var mantissa: UInt64 = 0
        while here < end, here.pointee &- UInt8(ascii: "0") < 10 {
            mantissa = mantissa &* 10 &+ UInt64(here.pointee &- UInt8(ascii: "0"))
            here += 1
        }
        let next = here < end ? here.pointee : 0
        // Up to 18 digits fit; a leading zero ends the number; "-0" keeps its sign only as text.
        let isPlain =
            here - digits <= 18 && here != digits && (digits.pointee != UInt8(ascii: "0") || here - digits == 1)
        if isPlain, next != UInt8(ascii: "."), next | 0x20 != UInt8(ascii: "e"), !isNegative || mantissa != 0 {
            at = here
            return .integer(Int64(bitPattern: isNegative ? 0 &- mantissa : mantissa))
        }
        if isPlain, next == UInt8(ascii: ".") {
            let point = here
            here += 1
            while here < end, here.pointee &- UInt8(ascii: "0") < 10 {
                mantissa = mantissa &* 10 &+ UInt64(here.pointee &- UInt8(ascii: "0"))
                here += 1
            }
            let next = here < end ? here.pointee : 0
            let scale = here - point &- 1
            if scale > 0, here - digits <= 19, next | 0x20 != UInt8(ascii: "e"), !isNegative || mantissa != 0 {
                at = here
                return .decimal(
                    mantissa: Int64(bitPattern: isNegative ? 0 &- mantissa : mantissa),
                    scale: UInt8(truncatingIfNeeded: scale))
            }
        }
        at = first
        return try longNumber()
    }

    /// Reads a number of any spelling and keeps its text unless it fits into a value.
    @inline(never)
    private mutating func longNumber() throws(JSONError) -> Value {
        let first = at
        if at.pointee == UInt8(ascii: "-") { at += 1 }
        if peek() == UInt8(ascii: "0") { at += 1 } else { try digits(.inNumber) }
        if peek() == UInt8(ascii: ".") {
            at += 1
            try digits(.inFraction)
        }
        if peek() | 0x20 == UInt8(ascii: "e") {
            at += 1
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { at += 1 }
            try digits(.inExponent)
        }
        let text = UnsafeBufferPointer(start: first, count: at - first)
        if let inline = Space.inlineNumber(text) { return inline }
        do throws(Fault) {
            return try space.numberText(text)
        } catch {
            throw JSONError(error.code == .sizeLimit ? .sizeLimit : .memoryLimit, offset: first - start)
        }
    }

    private mutating func digits(_ reason: JSONError.Reason) throws(JSONError) {
        guard peek() &- UInt8(ascii: "0") < 10 else { throw unexpected(reason) }
        while at < end, at.pointee &- UInt8(ascii: "0") < 10 { at += 1 }
    }
}
