/// Shortest decimal text, as Go's `big.Float.Text` prints it.
extension BinaryFloat {
    /// Largest decimal exponent that is written out in digits; beyond it texts are `tooLarge`.
    static let maximumDigits = 1_000_000

    /// The text of a result of OPA's arithmetic: all digits when the value is an integer, otherwise `%g` form
    /// (an exponent from 10^6 up and below 10^-4), both with the fewest digits that read back as this value at
    /// `precision` bits. "-0" for negative zero.
    public func text(precision: Int = 64) throws(NumberError) -> [UInt8] {
        var out: [UInt8] = []
        try append(to: &out, precision: precision)
        return out
    }

    /// Appends `text(precision:)`.
    public func append(to out: inout [UInt8], precision: Int = 64) throws(NumberError) {
        if isNegative { out.append(UInt8(ascii: "-")) }
        if mantissa == 0 {
            out.append(UInt8(ascii: "0"))
            return
        }
        let shortest = try shortestDigits(precision: precision)
        if isInteger {
            guard shortest.point <= BinaryFloat.maximumDigits else { throw .tooLarge }
            shortest.appendFixed(precision: 0, to: &out)
            return
        }
        let exponent = shortest.point - 1
        if exponent < -4 || exponent >= 6 {
            shortest.appendExponential(UInt8(ascii: "e"), precision: shortest.digits.count - 1, to: &out)
        } else {
            shortest.appendFixed(precision: max(0, shortest.digits.count - shortest.point), to: &out)
        }
    }

    /// The fewest digits that read back as this value.
    ///
    /// Digits of the value are kept until they differ from those of both neighbours' midpoints. As in Go the lower
    /// midpoint takes no account of the closer neighbour below a power of two, and digits are compared by place in
    /// the text even where a midpoint has one digit more.
    func shortestDigits(precision: Int = 64) throws(NumberError) -> DecimalDigits {
        guard mantissa != 0 else { return DecimalDigits(digits: [], point: 0) }
        let unitBit = UInt64(64 - max(1, min(64, precision)))
        if let short = shortestSmall(unitBit) { return short }
        // Twice the mantissa, so that half a unit of its last place is a whole number.
        let doubled: [UInt64] = [mantissa &<< 1, 1]
        let half: [UInt64] = [1 &<< unitBit]
        let below = Limbs.subtract(doubled, half)
        let above = Limbs.add(doubled, half)
        let scale = exponent &- 1
        let inclusive = mantissa &>> unitBit & 1 == 0
        if scale > BinaryFloat.exactDigitsLimit || scale < 0 &- BinaryFloat.exactDigitsLimit {
            if let leading = LeadingDigits(doubled, below, above, exponent: scale) {
                return BinaryFloat.shorten(leading.value, leading.below, leading.above, inclusive)
            }
            guard scale.magnitude <= UInt64(BigInteger.maximumBits) else { throw .tooLarge }
        }
        let power = Int(truncatingIfNeeded: scale)
        return BinaryFloat.shorten(
            DecimalDigits(limbs: doubled, exponent: power), DecimalDigits(limbs: below, exponent: power),
            DecimalDigits(limbs: above, exponent: power), inclusive)
    }

    /// The same within 128 bits, for values of everyday size.
    private func shortestSmall(_ unitBit: UInt64) -> DecimalDigits? {
        let half: UInt64 = 1 &<< unitBit
        let low = mantissa &<< 1
        let (lowBelow, under) = low.subtractingReportingOverflow(half)
        let (lowAbove, over) = low.addingReportingOverflow(half)
        guard let value = DecimalDigits(high: 1, low: low, exponent: exponent &- 1),
            let below = DecimalDigits(high: under ? 0 : 1, low: lowBelow, exponent: exponent &- 1),
            let above = DecimalDigits(high: over ? 2 : 1, low: lowAbove, exponent: exponent &- 1)
        else { return nil }
        return BinaryFloat.shorten(value, below, above, mantissa &>> unitBit & 1 == 0)
    }

    /// Binary exponent up to which all digits are computed; there are too many of them beyond it.
    private static let exactDigitsLimit: Int64 = 600

    private static func shorten(
        _ value: DecimalDigits, _ below: DecimalDigits, _ above: DecimalDigits, _ inclusive: Bool
    ) -> DecimalDigits {
        var result = value
        for index in 0..<value.digits.count {
            let digit = value.digits[index]
            let lower = below.at(index)
            let upper = above.at(index)
            let last = index + 1
            let down = lower != digit || (inclusive && last == below.digits.count)
            let up = digit != upper && (inclusive || digit + 1 < upper || last < above.digits.count)
            if down && up {
                result.round(last)
                return result
            }
            if down {
                result.roundDown(last)
                return result
            }
            if up {
                result.roundUp(last)
                return result
            }
        }
        return result
    }
}

/// The first 38 digits of three neighbouring numbers m × 2^e whose digits are too many to compute.
///
/// The power of five is rounded to 320 bits with an error far below the 38th digit; nil in the case, never seen,
/// that the error reaches a digit.
struct LeadingDigits {
    let value: DecimalDigits
    let below: DecimalDigits
    let above: DecimalDigits
    private static let wanted = 38

    init?(_ value: [UInt64], _ below: [UInt64], _ above: [UInt64], exponent: Int64) {
        guard exponent.magnitude < 1 << 40 else { return nil }
        // Decimal exponent of the value, by log10(2) = 30103 / 100000 - 4.3e-9.
        let bits = exponent &+ Int64(Limbs.bitWidth(value))
        let decimal = LeadingDigits.floorLog(bits)
        // value × 10^(wanted - decimal) has `wanted` digits or a few more.
        let power = Int64(LeadingDigits.wanted) &- decimal
        let ten = WidePower(power)
        let binary = exponent &+ power
        guard let first = LeadingDigits.digits(value, ten, binary, power),
            let second = LeadingDigits.digits(below, ten, binary, power),
            let third = LeadingDigits.digits(above, ten, binary, power)
        else { return nil }
        self.value = first
        self.below = second
        self.above = third
    }

    /// floor(bits × log10(2)), at most two below it.
    static func floorLog(_ bits: Int64) -> Int64 {
        // 646456993 / 2^31 = 0.30102999554947019..., log10(2) = 0.30102999566398119...
        let (high, low) = bits.multipliedFullWidth(by: 646_456_993)
        return high &<< 33 | Int64(truncatingIfNeeded: low &>> 31) &- 1
    }

    /// The digits of m × 5^power × 2^binary.
    private static func digits(_ m: [UInt64], _ five: WidePower, _ binary: Int64, _ power: Int64) -> DecimalDigits? {
        let product = Limbs.multiply(m, five.limbs)
        let shift = binary &+ five.exponent
        // The integer part is what is kept; the fraction must stay clear of 0 and 1 by more than the error.
        guard shift < 0, shift > -4096 else { return nil }
        let places = Int(truncatingIfNeeded: 0 &- shift)
        if places > 120 {
            let window = Limbs.shiftRight(product, places - 64)
            let fraction = window.first ?? 0
            if fraction == 0 || fraction == UInt64.max { return nil }
        }
        var text: [UInt8] = []
        Limbs.appendDecimal(Limbs.shiftRight(product, places), to: &text)
        for index in 0..<text.count { text[index] &-= UInt8(ascii: "0") }
        let point = Int(truncatingIfNeeded: Int64(text.count) &- power)
        if text.count < 30 { return nil }
        // A digit that is never zero stands for the many that follow.
        text.append(1)
        return DecimalDigits(digits: text, point: point)
    }
}

/// 5^n, n of either sign, as limbs × 2^exponent with some 300 right bits.
struct WidePower {
    private(set) var limbs: [UInt64] = [1]
    private(set) var exponent: Int64 = 0
    private static let bits = 384

    init(_ power: Int64) {
        var rest = power.magnitude
        var square: [UInt64] = [5]
        var squareExponent: Int64 = 0
        while rest > 0 {
            if rest & 1 == 1 {
                limbs = Limbs.multiply(limbs, square)
                exponent &+= squareExponent
                WidePower.cut(&limbs, &exponent)
            }
            rest >>= 1
            if rest == 0 { break }
            square = Limbs.multiply(square, square)
            squareExponent = squareExponent &* 2
            WidePower.cut(&square, &squareExponent)
        }
        if power >= 0 { return }
        // The reciprocal, to as many bits.
        let width = Limbs.bitWidth(limbs) + WidePower.bits
        let (quotient, _) = Limbs.divide(Limbs.shiftLeft([1], width), limbs)
        limbs = quotient
        exponent = 0 &- exponent &- Int64(width)
    }

    private static func cut(_ limbs: inout [UInt64], _ exponent: inout Int64) {
        let dropped = Limbs.bitWidth(limbs) - bits
        if dropped <= 0 { return }
        limbs = Limbs.shiftRight(limbs, dropped)
        exponent &+= Int64(dropped)
    }
}
