/// Digits of numbers that lie inside values.
enum DecimalText {
    /// The lower-case hexadecimal digit of the lowest four bits.
    @inline(__always)
    static func hexDigit(_ value: UInt32) -> UInt8 {
        let nibble = UInt8(truncatingIfNeeded: value & 0xf)
        return nibble < 10 ? nibble &+ UInt8(ascii: "0") : nibble &- 10 &+ UInt8(ascii: "a")
    }

    /// Writes an integer; gives its length. There must be room for 24 bytes.
    @inline(__always)
    static func write(_ value: Int64, to out: UnsafeMutablePointer<UInt8>) -> Int {
        guard value < 0 else { return write(magnitude: value.magnitude, to: out) }
        out.pointee = UInt8(ascii: "-")
        return write(magnitude: value.magnitude, to: out + 1) &+ 1
    }

    /// Writes `value / 10^scale` with `scale` digits behind the point; gives its length. There must be room for 48
    /// bytes.
    static func write(_ value: Int64, scale: UInt8, to out: UnsafeMutablePointer<UInt8>) -> Int {
        var start = 0
        if value < 0 {
            out.pointee = UInt8(ascii: "-")
            start = 1
        }
        // A damaged piece may hold any scale.
        let scale = min(18, Int(scale))
        let digits = out + start
        var count = write(magnitude: value.magnitude, to: digits)
        guard scale > 0 else { return start &+ count }
        if count <= scale {
            // Zeros in front, one before the point.
            let missing = scale &+ 1 &- count
            var index = count
            while index > 0 {
                index &-= 1
                digits[index &+ missing] = digits[index]
            }
            for index in 0..<missing { digits[index] = UInt8(ascii: "0") }
            count = scale &+ 1
        }
        var index = count
        while index > count &- scale {
            digits[index] = digits[index &- 1]
            index &-= 1
        }
        digits[index] = UInt8(ascii: ".")
        return start &+ count &+ 1
    }

    /// Writes digits without leading zeros; gives their number. There must be room for 24 bytes.
    @inline(__always)
    private static func write(magnitude: UInt64, to out: UnsafeMutablePointer<UInt8>) -> Int {
        if magnitude < 10 {
            out.pointee = UInt8(truncatingIfNeeded: magnitude) &+ UInt8(ascii: "0")
            return 1
        }
        if magnitude < 100_000_000 { return writeFirst(magnitude, to: out) }
        return writeLong(magnitude, to: out)
    }

    private static func writeLong(_ magnitude: UInt64, to out: UnsafeMutablePointer<UInt8>) -> Int {
        let upper = magnitude / 100_000_000
        let count = upper < 100_000_000 ? writeFirst(upper, to: out) : writeLong(upper, to: out)
        let digits = eightDigits(magnitude &- upper &* 100_000_000) | 0x3030_3030_3030_3030
        UnsafeMutableRawPointer(out + count).storeBytes(of: digits.littleEndian, as: UInt64.self)
        return count &+ 8
    }

    @inline(__always)
    private static func writeFirst(_ value: UInt64, to out: UnsafeMutablePointer<UInt8>) -> Int {
        let digits = eightDigits(value)
        // The first digit is in the lowest byte; of zero the last digit is kept.
        let zeros = (digits | 1 &<< 56).trailingZeroBitCount & ~7
        let text = (digits | 0x3030_3030_3030_3030) &>> UInt64(truncatingIfNeeded: zeros)
        UnsafeMutableRawPointer(out).storeBytes(of: text.littleEndian, as: UInt64.self)
        return 8 &- zeros &>> 3
    }

    /// The eight decimal digits of a number below 10^8, a byte each, the first one lowest: three rounds of
    /// splitting every part in two at once.
    @inline(__always)
    private static func eightDigits(_ value: UInt64) -> UInt64 {
        let upper = value / 10_000
        let fours = upper | (value &- upper &* 10_000) &<< 32
        let hundreds = ((fours &* 10_486) &>> 20) & 0x0000_007f_0000_007f
        let twos = hundreds | (fours &- hundreds &* 100) &<< 16
        let tens = ((twos &* 103) &>> 10) & 0x000f_000f_000f_000f
        return tens | (twos &- tens &* 10) &<< 8
    }
}
