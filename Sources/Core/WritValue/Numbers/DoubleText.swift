extension DoubleText {
    /// Text in one of the formats of Go's `strconv.FormatFloat` for 64 bits.
    ///
    /// - Parameters:
    ///   - format: `e E f g G x X b`; any other counts as `g`.
    ///   - precision: digits after the point (`e f x`), significant digits (`g`), or negative for the fewest digits
    ///     that read back as the same Double. It is limited to 1,000,010.
    public static func format(_ value: Double, _ format: UInt8, precision: Int = -1) -> [UInt8] {
        var out: [UInt8] = []
        append(value, format, precision: precision, to: &out)
        return out
    }

    /// Appends `format(_:_:precision:)`.
    public static func append(_ value: Double, _ format: UInt8, precision: Int = -1, to out: inout [UInt8]) {
        let pattern = value.bitPattern
        let negative = pattern &>> 63 == 1
        if !value.isFinite {
            let name: StaticString = value.isNaN ? "NaN" : negative ? "-Inf" : "+Inf"
            name.withUTF8Buffer { out.append(contentsOf: $0) }
            return
        }
        if negative { out.append(UInt8(ascii: "-")) }
        let precision = min(precision, FormatSpec.maximumSize)
        let biased = pattern &>> 52 & 0x7FF
        let fraction = pattern & 0xF_FFFF_FFFF_FFFF
        let mantissa = biased == 0 ? fraction : fraction | 1 << 52
        let exponent = Int(truncatingIfNeeded: max(biased, 1)) - 1075
        switch format {
        case UInt8(ascii: "b"):
            DecimalDigits.appendNumber(mantissa, to: &out)
            out.append(UInt8(ascii: "p"))
            out.append(exponent < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
            DecimalDigits.appendNumber(UInt64(exponent.magnitude), to: &out)
        case UInt8(ascii: "x"), UInt8(ascii: "X"):
            appendHexadecimal(mantissa, exponent + 52, format, precision, &out)
        default:
            let digits =
                precision < 0 ? shortest(value.magnitude) : DecimalDigits(limbs: [mantissa], exponent: exponent)
            appendDecimal(digits, format, precision, &out)
        }
    }

    private static func appendDecimal(_ value: DecimalDigits, _ format: UInt8, _ precision: Int, _ out: inout [UInt8]) {
        var digits = value
        switch format {
        case UInt8(ascii: "e"), UInt8(ascii: "E"):
            if precision >= 0 { digits.round(precision + 1) }
            let places = precision >= 0 ? precision : max(0, digits.digits.count - 1)
            digits.appendExponential(format, precision: places, to: &out)
        case UInt8(ascii: "f"):
            if precision >= 0 {
                let kept = digits.point + precision
                if kept < 0 { digits = DecimalDigits(digits: [], point: 0) } else { digits.round(kept) }
            }
            let places = precision >= 0 ? precision : max(0, digits.digits.count - digits.point)
            digits.appendFixed(precision: places, to: &out)
        default:
            let letter = format == UInt8(ascii: "G") ? UInt8(ascii: "E") : UInt8(ascii: "e")
            appendGeneral(&digits, letter, precision, &out)
        }
    }

    /// Exponential form below 10^-4 and from 10^precision (10^21 never plays a part here: 10^6 when shortest).
    private static func appendGeneral(
        _ digits: inout DecimalDigits, _ letter: UInt8, _ precision: Int, _ out: inout [UInt8]
    ) {
        let wanted = precision < 0 ? digits.digits.count : max(1, precision)
        if precision >= 0 { digits.round(wanted) }
        let count = digits.digits.count
        var threshold = wanted > count && count >= digits.point ? count : wanted
        if precision < 0 { threshold = 6 }
        let exponent = digits.point - 1
        if exponent < -4 || exponent >= threshold {
            digits.appendExponential(letter, precision: max(0, min(wanted, count) - 1), to: &out)
            return
        }
        let places = wanted > digits.point ? count : wanted
        digits.appendFixed(precision: max(places - digits.point, 0), to: &out)
    }

    /// The value is mantissa / 2^52 × 2^exponent.
    private static func appendHexadecimal(
        _ value: UInt64, _ valueExponent: Int, _ format: UInt8, _ precision: Int, _ out: inout [UInt8]
    ) {
        // The leading one goes to bit 60, so that a digit is a shift by four.
        let lift = value == 0 ? 0 : value.leadingZeroBitCount - 3
        var mantissa = value &<< UInt64(lift)
        var exponent = value == 0 ? 0 : valueExponent - (lift - 8)
        let one: UInt64 = 1 << 60
        if precision >= 0 && precision < 15 {
            let kept = UInt64(precision * 4)
            let rest = mantissa &<< kept & (one - 1)
            mantissa = mantissa &>> (60 - kept)
            if rest > one >> 1 || (rest == one >> 1 && mantissa & 1 == 1) { mantissa += 1 }
            mantissa = mantissa &<< (60 - kept)
            if mantissa & (one << 1) != 0 {
                mantissa = mantissa &>> 1
                exponent += 1
            }
        }
        let letter = format == UInt8(ascii: "X") ? UInt8(ascii: "A") : UInt8(ascii: "a")
        out.append(UInt8(ascii: "0"))
        out.append(format)
        out.append(UInt8(ascii: "0") + (mantissa & one != 0 ? 1 : 0))
        mantissa = mantissa &<< 4
        var places = precision
        if places > 0 || (places < 0 && mantissa != 0) { out.append(UInt8(ascii: ".")) }
        while places > 0 || (places < 0 && mantissa != 0) {
            let digit = UInt8(truncatingIfNeeded: mantissa &>> 60)
            out.append(digit < 10 ? digit + UInt8(ascii: "0") : digit - 10 + letter)
            mantissa = mantissa &<< 4
            if places > 0 { places -= 1 }
        }
        out.append(format == UInt8(ascii: "X") ? UInt8(ascii: "P") : UInt8(ascii: "p"))
        out.append(exponent < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        if exponent.magnitude < 10 { out.append(UInt8(ascii: "0")) }
        DecimalDigits.appendNumber(UInt64(exponent.magnitude), to: &out)
    }

    /// The fewest digits that read back as a finite value that is not negative; among them the closest.
    static func shortest(_ value: Double) -> DecimalDigits {
        if value == 0 { return DecimalDigits(digits: [], point: 0) }
        if let short = shortFraction(value) { return short }
        let pattern = value.bitPattern
        let biased = pattern &>> 52
        let fraction = pattern & 0xF_FFFF_FFFF_FFFF
        let mantissa = biased == 0 ? fraction : fraction | 1 << 52
        let exponent = Int(truncatingIfNeeded: max(biased, 1)) - 1075
        // In quarters of a unit of the last place; below a power of two the neighbour is half as far.
        let closer = fraction == 0 && biased > 1
        let power = Int64(exponent - 2)
        if let middle = DecimalDigits(high: 0, low: mantissa &<< 2, exponent: power),
            let lower = DecimalDigits(high: 0, low: mantissa &<< 2 &- (closer ? 1 : 2), exponent: power),
            let upper = DecimalDigits(high: 0, low: mantissa &<< 2 &+ 2, exponent: power)
        {
            return shorten(middle, lower, upper, inclusive: mantissa & 1 == 0)
        }
        let middle = DecimalDigits(limbs: [mantissa &<< 2], exponent: exponent - 2)
        let lower = DecimalDigits(limbs: [mantissa &<< 2 &- (closer ? 1 : 2)], exponent: exponent - 2)
        let upper = DecimalDigits(limbs: [mantissa &<< 2 &+ 2], exponent: exponent - 2)
        return shorten(middle, lower, upper, inclusive: mantissa & 1 == 0)
    }

    /// Values of at most 15 digits with up to 15 of them after the point: found by trying, each step exact.
    private static func shortFraction(_ value: Double) -> DecimalDigits? {
        guard value < 1e15, value >= 1e-5 else { return nil }
        var ten = 1.0
        for places in 0...15 {
            let scaled = value * ten
            guard scaled < 1e15 else { return nil }
            let whole = Int64(scaled + 0.5)
            // Both are exact, so the quotient is the nearest Double to the decimal.
            if Double(whole) / ten == value {
                var digits: [UInt8] = []
                DecimalDigits.appendNumber(UInt64(whole), to: &digits)
                for index in 0..<digits.count { digits[index] -= UInt8(ascii: "0") }
                return DecimalDigits(digits: digits, point: digits.count - places)
            }
            ten *= 10
        }
        return nil
    }

    /// Keeps digits of `middle` until they tell it from both bounds.
    private static func shorten(
        _ middle: DecimalDigits, _ lower: DecimalDigits, _ upper: DecimalDigits, inclusive: Bool
    ) -> DecimalDigits {
        var result = middle
        // Positions count from the first digit of the upper bound, which is the longest.
        let middleShift = middle.point - upper.point
        let lowerShift = lower.point - upper.point
        // How far the digits so far of the upper bound lie above those of the middle: 0, 1 or more.
        var above = 0
        var position = 0
        while position + middleShift < middle.digits.count {
            let index = position + middleShift
            let low = lower.at(position + lowerShift)
            let mid = middle.at(index)
            let high = upper.at(position)
            let down = low != mid || (inclusive && position + lowerShift + 1 == lower.digits.count)
            if above == 0 {
                above = mid + 1 < high ? 2 : mid != high ? 1 : 0
            } else if above == 1, mid != 9 || high != 0 {
                above = 2
            }
            let up = above > 0 && (inclusive || above > 1 || position + 1 < upper.digits.count)
            if down && up {
                result.round(index + 1)
                return result
            }
            if down {
                result.roundDown(index + 1)
                return result
            }
            if up {
                result.roundUp(index + 1)
                return result
            }
            position += 1
        }
        return result
    }
}
