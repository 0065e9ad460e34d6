/// Single characters of UTF-8 text, read as Go's `utf8.DecodeRune` does.
@usableFromInline
enum UTF8Decoding {
    /// Length of the character at the start of `bytes` (of which `count` may be read, at least 1), or 0 when
    /// there is none: a stray or missing continuation byte, an overlong form, a surrogate, beyond U+10FFFF.
    @inlinable @inline(__always)
    static func length(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
        let first = bytes[0]
        if first < 0x80 { return 1 }
        if first < 0xc2 || count < 2 { return 0 }
        let second = bytes[1]
        if first < 0xe0 { return second & 0xc0 == 0x80 ? 2 : 0 }
        if first < 0xf0 {
            // E0 must be followed by A0…BF (else overlong), ED by 80…9F (else a surrogate).
            guard count >= 3, second & 0xc0 == 0x80, bytes[2] & 0xc0 == 0x80,
                first != 0xe0 || second >= 0xa0, first != 0xed || second < 0xa0
            else { return 0 }
            return 3
        }
        guard first < 0xf5, count >= 4, second & 0xc0 == 0x80, bytes[2] & 0xc0 == 0x80, bytes[3] & 0xc0 == 0x80,
            first != 0xf0 || second >= 0x90, first != 0xf4 || second < 0x90
        else { return 0 }
        return 4
    }

    /// The scalar of a character of `length` bytes that `length` found well formed.
    @inlinable
    static func scalar(_ bytes: UnsafePointer<UInt8>, length: Int) -> UInt32 {
        switch length {
        case 1: return UInt32(bytes[0])
        case 2: return UInt32(bytes[0] & 0x1f) &<< 6 | UInt32(bytes[1] & 0x3f)
        case 3:
            return UInt32(bytes[0] & 0x0f) &<< 12 | UInt32(bytes[1] & 0x3f) &<< 6 | UInt32(bytes[2] & 0x3f)
        default:
            return UInt32(bytes[0] & 0x07) &<< 18 | UInt32(bytes[1] & 0x3f) &<< 12
                | UInt32(bytes[2] & 0x3f) &<< 6 | UInt32(bytes[3] & 0x3f)
        }
    }

    /// Writes a scalar that is no surrogate; gives its length.
    @inlinable
    static func encode(_ scalar: UInt32, into out: UnsafeMutablePointer<UInt8>) -> Int {
        if scalar < 0x80 {
            out[0] = UInt8(truncatingIfNeeded: scalar)
            return 1
        }
        if scalar < 0x800 {
            out[0] = UInt8(truncatingIfNeeded: 0xc0 | scalar &>> 6)
            out[1] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3f)
            return 2
        }
        if scalar < 0x10000 {
            out[0] = UInt8(truncatingIfNeeded: 0xe0 | scalar &>> 12)
            out[1] = UInt8(truncatingIfNeeded: 0x80 | (scalar &>> 6) & 0x3f)
            out[2] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3f)
            return 3
        }
        out[0] = UInt8(truncatingIfNeeded: 0xf0 | scalar &>> 18)
        out[1] = UInt8(truncatingIfNeeded: 0x80 | (scalar &>> 12) & 0x3f)
        out[2] = UInt8(truncatingIfNeeded: 0x80 | (scalar &>> 6) & 0x3f)
        out[3] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3f)
        return 4
    }
}

/// Eight bytes at a time in one 64-bit word.
@usableFromInline
enum Lanes {
    @usableFromInline static var ones: UInt64 { @inlinable @inline(__always) get { 0x0101_0101_0101_0101 } }
    @usableFromInline static var highs: UInt64 { @inlinable @inline(__always) get { 0x8080_8080_8080_8080 } }

    @inlinable @inline(__always)
    static func load(_ bytes: UnsafePointer<UInt8>) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self))
    }

    /// The high bit of each lane that equals `byte`. Exact up to and including the lowest such lane; above it a
    /// borrow may mark more.
    @inlinable @inline(__always)
    static func equal(_ word: UInt64, _ byte: UInt8) -> UInt64 {
        let difference = word ^ (ones &* UInt64(byte))
        return (difference &- ones) & ~difference & highs
    }

    /// The high bit of each lane below `bound` (at most 0x80); exact as `equal` is.
    @inlinable @inline(__always)
    static func below(_ word: UInt64, _ bound: UInt8) -> UInt64 {
        (word &- ones &* UInt64(bound)) & ~word & highs
    }

    /// Marks what ends the plain part of a JSON string: quote, backslash, control characters, non-ASCII.
    @inlinable @inline(__always)
    static func stops(_ word: UInt64) -> UInt64 {
        let quote = word ^ (ones &* 0x22)
        let slash = word ^ (ones &* 0x5c)
        return ((quote &- ones) & ~quote | (slash &- ones) & ~slash | (word &- ones &* 0x20) | word) & highs
    }

    @inlinable @inline(__always)
    static func first(_ marks: UInt64) -> Int { marks.trailingZeroBitCount &>> 3 }

    /// The bytes below the first mark, the others zero.
    @inlinable @inline(__always)
    static func before(_ marks: UInt64, _ word: UInt64) -> UInt64 {
        word & ((marks & (0 &- marks)) &>> 7 &- 1)
    }
}
