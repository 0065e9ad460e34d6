/// Strings in JSON text.
extension JSONWriter {
    /// Marks the bytes that do not stand for themselves.
    @inline(__always)
    private func marks(_ word: UInt64) -> UInt64 {
        let slash = word ^ (Lanes.ones &* 0x5c)
        let common = (slash &- Lanes.ones) & ~slash | (word &- Lanes.ones &* 0x20) | word
        if style.escapesHTML {
            // With bit 2 set, 22 (quote) is 26 (&); with bit 1 set, 3c (<) is 3e (>).
            let quote = (word | Lanes.ones &* 0x04) ^ (Lanes.ones &* 0x26)
            let angle = (word | Lanes.ones &* 0x02) ^ (Lanes.ones &* 0x3e)
            return (common | (quote &- Lanes.ones) & ~quote | (angle &- Lanes.ones) & ~angle) & Lanes.highs
        }
        let quote = word ^ (Lanes.ones &* 0x22)
        return (common | (quote &- Lanes.ones) & ~quote) & Lanes.highs
    }

    /// Writes a short string; there is room for it.
    @inline(__always)
    mutating func shortString(_ value: Value) {
        let length = value.shortLength
        let high = value.high & 0x0000_ffff_ffff_ffff
        // The zero padding behind the text would look like control characters: look at it with spaces there.
        let padding = Lanes.ones &* 0x20
        let marked: UInt64
        if length < 8 {
            marked = marks(value.low | padding &<< UInt64(truncatingIfNeeded: length &* 8))
        } else {
            marked =
                marks(value.low) | marks(high | padding &<< UInt64(truncatingIfNeeded: (length &- 8) &* 8))
        }
        guard marked == 0 else { return escapedShortString(value) }
        let raw = UnsafeMutableRawPointer(out)
        out.pointee = UInt8(ascii: "\"")
        raw.storeBytes(of: value.low.littleEndian, toByteOffset: 1, as: UInt64.self)
        raw.storeBytes(of: high.littleEndian, toByteOffset: 9, as: UInt64.self)
        out[length &+ 1] = UInt8(ascii: "\"")
        out += length &+ 2
    }

    @inline(never)
    private mutating func escapedShortString(_ value: Value) {
        out.pointee = UInt8(ascii: "\"")
        out += 1
        var words = (value.low.littleEndian, value.high.littleEndian)
        let length = min(Value.shortCapacity, value.shortLength)
        withUnsafeBytes(of: &words) { raw in
            if let base = raw.baseAddress { part(base.assumingMemoryBound(to: UInt8.self), 0, length, length) }
        }
        out.pointee = UInt8(ascii: "\"")
        out += 1
    }

    /// Writes a string of any length, and makes room for what follows.
    mutating func string(_ bytes: UnsafeBufferPointer<UInt8>, _ buffer: inout ByteBuffer) throws(Fault) {
        let count = bytes.count
        try reserve(count &+ 16, &buffer)
        out.pointee = UInt8(ascii: "\"")
        out += 1
        if let base = bytes.baseAddress {
            // Plain text is copied eight bytes at a time while it is looked at.
            var index = 0
            while index &+ 8 <= count {
                let word = Lanes.load(base + index)
                if marks(word) != 0 { break }
                UnsafeMutableRawPointer(out + index).storeBytes(of: word.littleEndian, as: UInt64.self)
                index &+= 8
            }
            if index &+ 8 > count, index < count, count >= 8 {
                // The last bytes, together with some that are copied already.
                let word = Lanes.load(base + (count &- 8))
                if marks(word) == 0 {
                    UnsafeMutableRawPointer(out + (count &- 8)).storeBytes(of: word.littleEndian, as: UInt64.self)
                    index = count
                }
            }
            out += index
            // In parts, so that the limit holds.
            while index < count {
                let stop = min(count, index &+ 4096)
                try reserve((stop &- index) &* 6 &+ 16, &buffer)
                index = part(base, index, stop, count)
            }
        }
        out.pointee = UInt8(ascii: "\"")
        out += 1
        try reserve(0, &buffer)
    }

    /// Writes the characters that start in `start..<stop`; gives where the next one starts. There must be room
    /// for 6 bytes for each of theirs.
    @discardableResult
    private mutating func part(_ base: UnsafePointer<UInt8>, _ start: Int, _ stop: Int, _ count: Int) -> Int {
        var index = start
        while index < stop {
            let byte = base[index]
            if isPlain(byte) {
                out.pointee = byte
                out += 1
                index &+= 1
            } else if byte < 0x80 {
                escape(byte)
                index &+= 1
            } else {
                let length = UTF8Decoding.length(base + index, count &- index)
                if length == 0 {
                    unicodeEscape(0xfffd)
                    index &+= 1
                } else if length == 3, byte == 0xe2, base[index &+ 1] == 0x80, base[index &+ 2] & 0xfe == 0xa8 {
                    // U+2028 and U+2029 end lines in JavaScript.
                    unicodeEscape(0x2000 | UInt32(base[index &+ 2] & 0x3f))
                    index &+= 3
                } else {
                    for step in 0..<length { out[step] = base[index &+ step] }
                    out += length
                    index &+= length
                }
            }
        }
        return index
    }

    @inline(__always)
    private func isPlain(_ byte: UInt8) -> Bool {
        if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return false }
        return !style.escapesHTML
            || (byte != UInt8(ascii: "<") && byte != UInt8(ascii: ">") && byte != UInt8(ascii: "&"))
    }

    private mutating func escape(_ byte: UInt8) {
        let letter: UInt8
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): letter = byte
        case 8: letter = UInt8(ascii: "b")
        case 9: letter = UInt8(ascii: "t")
        case 10: letter = UInt8(ascii: "n")
        case 12: letter = UInt8(ascii: "f")
        case 13: letter = UInt8(ascii: "r")
        default: return unicodeEscape(UInt32(byte))
        }
        out[0] = UInt8(ascii: "\\")
        out[1] = letter
        out += 2
    }

    private mutating func unicodeEscape(_ unit: UInt32) {
        out[0] = UInt8(ascii: "\\")
        out[1] = UInt8(ascii: "u")
        for digit in 0..<4 { out[5 &- digit] = DecimalText.hexDigit(unit &>> UInt32(digit &* 4)) }
        out += 6
    }
}
