/// Double to and from text, correctly rounded, without the C library.
public enum DoubleText {
    /// The nearest Double to a number in JSON's grammar, ties to even; infinite beyond Double's range, nil for other
    /// bytes. The cost is bounded: digits beyond the 800th only break ties.
    public static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
        guard let scan = DecimalScan(bytes) else { return nil }
        return parse(scan)
    }

    /// The nearest Double to a number in JSON's grammar.
    public static func parse(_ bytes: [UInt8]) -> Double? { bytes.withUnsafeBufferPointer { parse($0) } }

    static func parse(_ scan: DecimalScan) -> Double {
        let zero = scan.isNegative ? -0.0 : 0.0
        if scan.isZero { return zero }
        if scan.exponentIsHuge || scan.pointPosition > 310 || scan.pointPosition < -330 {
            let negative = scan.exponentIsHuge ? scan.exponentIsNegative : scan.pointPosition < 0
            return negative ? zero : scan.isNegative ? -Double.infinity : Double.infinity
        }
        let position = Int(truncatingIfNeeded: scan.pointPosition)
        if let digits = scan.smallDigits(), let value = small(digits, power: position - scan.count) {
            return scan.isNegative ? -value : value
        }
        // 769 digits tell every Double from the midpoint to its neighbour.
        let kept = min(scan.count, 800)
        var feed = DigitFeed()
        for index in 0..<kept { _ = feed.append(scan.digit(index)) }
        return nearest(
            feed.finish(), power: position - kept, sticky: scan.count > kept, negative: scan.isNegative)
    }

    /// Cases where one exact operation rounds once.
    private static func small(_ digits: UInt64, power: Int) -> Double? {
        if digits <= 1 << 53, power >= -22, power <= 22 {
            var ten = 1.0
            for _ in 0..<abs(power) { ten *= 10 }
            return power < 0 ? Double(digits) / ten : Double(digits) * ten
        }
        if power < -27 || power > 27 { return nil }
        return (try? BinaryFloat(negative: false, digits: digits, powerOfTen: power, precision: 53))?.double
    }

    /// Rounds limbs × 10^power, a little more when `sticky`.
    private static func nearest(_ limbs: [UInt64], power: Int, sticky: Bool, negative: Bool) -> Double {
        let five = BigInteger.powerOfFive(abs(power))
        if power >= 0 {
            return nearest(Limbs.multiply(limbs, five), exponent: power, sticky: sticky, negative: negative)
        }
        // At least 128 bits of quotient, the rest in the sticky bit.
        let places = max(0, Limbs.bitWidth(five) + 128 - Limbs.bitWidth(limbs))
        let (quotient, remainder) = Limbs.divide(Limbs.shiftLeft(limbs, places), five)
        return nearest(
            quotient, exponent: power - places, sticky: sticky || !remainder.isEmpty, negative: negative)
    }

    /// Rounds limbs × 2^exponent, a little more when `sticky`; the limbs have more than 54 bits or nothing below.
    private static func nearest(_ limbs: [UInt64], exponent: Int, sticky: Bool, negative: Bool) -> Double {
        let width = Limbs.bitWidth(limbs)
        let sign: UInt64 = negative ? 1 << 63 : 0
        if width == 0 { return Double(bitPattern: sign) }
        let top = exponent + width - 1
        if top > 1023 { return Double(bitPattern: sign | 0x7FF << 52) }
        let lowest = max(top - 52, -1074)
        let dropped = lowest - exponent
        var bits: UInt64
        if dropped > 0 {
            bits = Limbs.shiftRight(limbs, dropped).first ?? 0
            let half = Limbs.bit(limbs, dropped - 1)
            let below = sticky || Limbs.anyBit(limbs, below: dropped - 1)
            if half, below || bits & 1 == 1 { bits += 1 }
        } else {
            bits = Limbs.shiftLeft(limbs, 0 - dropped).first ?? 0
        }
        // With the implicit bit set, adding the exponent minus one carries it where it belongs.
        let biased = top - 52 >= -1074 ? UInt64(truncatingIfNeeded: top + 1022) : 0
        return Double(bitPattern: sign | (biased &<< 52 &+ bits))
    }
}
