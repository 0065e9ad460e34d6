/// A binary floating-point number with a mantissa of 64 bits and a huge exponent: Go's `big.Float` as OPA uses it.
///
/// The value is ±mantissa × 2^`exponent` with the highest bit of the mantissa set, or a signed zero. Every operation
/// rounds to nearest, ties to even, to 64 bits or to the smaller precision asked for. A result beyond 2^(2^31) is
/// `tooLarge` (Go has infinities there, which no number can be spelled from), one below 2^(-2^31) is zero.
public struct BinaryFloat: Equatable, Sendable {
    /// Range of the exponent of the value seen as 0.1xxx₂ × 2^e.
    static let maximumExponent = Int(Int32.max)
    static let minimumExponent = Int(Int32.min)

    public let isNegative: Bool
    /// Top bit set, or 0 for zero.
    let mantissa: UInt64
    /// Exponent of the lowest bit of the mantissa.
    let exponent: Int64

    public static let zero = BinaryFloat(negative: false, mantissa: 0, exponent: 0)
    public static let one = BinaryFloat(1 as Int64)
    static let half = BinaryFloat(negative: false, mantissa: 1 << 63, exponent: -64)

    init(negative: Bool, mantissa: UInt64, exponent: Int64) {
        isNegative = negative
        self.mantissa = mantissa
        self.exponent = mantissa == 0 ? 0 : exponent
    }

    public init(_ value: Int64) {
        let magnitude = value.magnitude
        let shift = magnitude == 0 ? 0 : magnitude.leadingZeroBitCount
        self.init(negative: value < 0, mantissa: magnitude &<< UInt64(shift), exponent: Int64(0 &- shift))
    }

    /// Rounds high × 2^64 + low, with more non-zero bits below when `sticky`, times 2^exponent of the lowest bit.
    init(
        negative: Bool, high: UInt64, low: UInt64, exponent: Int64, sticky: Bool, precision: Int = 64
    ) throws(NumberError) {
        var high = high
        var low = low
        var exponent = exponent
        if high == 0 {
            if low == 0 {
                self = BinaryFloat(negative: negative, mantissa: 0, exponent: 0)
                return
            }
            high = low
            low = 0
            exponent &-= 64
        }
        let shift = UInt64(high.leadingZeroBitCount)
        if shift > 0 {
            high = high &<< shift | low &>> (64 &- shift)
            low = low &<< shift
            exponent &-= Int64(shift)
        }
        exponent &+= 64
        if precision < 64 {
            let dropped = UInt64(64 - max(1, precision))
            let below = (1 &<< dropped) &- 1
            // The bits that fall out move to the front of `low`; what was there is only sticky.
            let rest = low != 0 || sticky
            low = (high & below) &<< (64 &- dropped) | (rest ? 1 : 0)
            high &= ~below
            let unit = below &+ 1
            if low > 1 << 63 || (low == 1 << 63 && high & unit != 0) {
                let (sum, over) = high.addingReportingOverflow(unit)
                high = over ? 1 << 63 : sum
                exponent &+= over ? 1 : 0
            }
        } else if low > 1 << 63 || (low == 1 << 63 && (sticky || high & 1 == 1)) {
            let (sum, over) = high.addingReportingOverflow(1)
            high = over ? 1 << 63 : sum
            exponent &+= over ? 1 : 0
        }
        let scientific = exponent &+ 64
        if scientific > Int64(BinaryFloat.maximumExponent) { throw .tooLarge }
        let underflow = scientific < Int64(BinaryFloat.minimumExponent)
        self.init(negative: negative, mantissa: underflow ? 0 : high, exponent: exponent)
    }

    /// Rounds a natural number times 2^exponent.
    init(
        negative: Bool, limbs: [UInt64], exponent: Int64, sticky: Bool = false, precision: Int = 64
    ) throws(NumberError) {
        let count = limbs.count
        if count <= 2 {
            self = try BinaryFloat(
                negative: negative, high: count > 1 ? limbs[1] : 0, low: count > 0 ? limbs[0] : 0,
                exponent: exponent, sticky: sticky, precision: precision)
            return
        }
        let dropped = Limbs.bitWidth(limbs) - 128
        let top = Limbs.shiftRight(limbs, dropped)
        self = try BinaryFloat(
            negative: negative, high: top.count > 1 ? top[1] : 0, low: top.count > 0 ? top[0] : 0,
            exponent: exponent &+ Int64(dropped), sticky: sticky || Limbs.anyBit(limbs, below: dropped),
            precision: precision)
    }

    /// The nearest value to an integer.
    public init(_ value: BigInteger) throws(NumberError) {
        self = try BinaryFloat(negative: value.isNegative, limbs: value.magnitude, exponent: 0)
    }

    public var isZero: Bool { mantissa == 0 }
    public var negated: BinaryFloat { BinaryFloat(negative: !isNegative, mantissa: mantissa, exponent: exponent) }
    public var magnitude: BinaryFloat { BinaryFloat(negative: false, mantissa: mantissa, exponent: exponent) }

    /// Whether the value has no fraction.
    public var isInteger: Bool {
        mantissa == 0 || exponent >= 0
            || (exponent > -64 && mantissa.trailingZeroBitCount >= Int(truncatingIfNeeded: 0 &- exponent))
    }

    /// Order by value: -1, 0 or 1; the two zeros are equal.
    public func compare(_ other: BinaryFloat) -> Int {
        let left = mantissa == 0 ? 0 : isNegative ? -1 : 1
        let right = other.mantissa == 0 ? 0 : other.isNegative ? -1 : 1
        if left != right { return left < right ? -1 : 1 }
        if left == 0 { return 0 }
        if exponent != other.exponent { return (exponent < other.exponent) == (left > 0) ? -1 : 1 }
        if mantissa == other.mantissa { return 0 }
        return (mantissa < other.mantissa) == (left > 0) ? -1 : 1
    }

    public func adding(_ other: BinaryFloat) throws(NumberError) -> BinaryFloat {
        if isZero || other.isZero {
            if isZero && other.isZero {
                return BinaryFloat(negative: isNegative && other.isNegative, mantissa: 0, exponent: 0)
            }
            return isZero ? other : self
        }
        // The larger magnitude first.
        let swap = exponent < other.exponent || (exponent == other.exponent && mantissa < other.mantissa)
        let a = swap ? other : self
        let b = swap ? self : other
        let distance = a.exponent &- b.exponent
        // b below a, with 64 bits of room and one sticky bit for what lies further down.
        var high: UInt64 = 0
        var low: UInt64 = 0
        var sticky = false
        if distance == 0 {
            high = b.mantissa
        } else if distance < 64 {
            high = b.mantissa &>> UInt64(distance)
            low = b.mantissa &<< UInt64(64 &- distance)
        } else if distance == 64 {
            low = b.mantissa
        } else if distance < 128 {
            low = b.mantissa &>> UInt64(distance &- 64)
            sticky = b.mantissa &<< UInt64(128 &- distance) != 0
        } else {
            sticky = true
        }
        if a.isNegative == b.isNegative {
            let (sum, over) = a.mantissa.addingReportingOverflow(high)
            if !over {
                return try BinaryFloat(
                    negative: a.isNegative, high: sum, low: low, exponent: a.exponent &- 64, sticky: sticky)
            }
            return try BinaryFloat(
                negative: a.isNegative, high: 1 << 63 | sum &>> 1, low: (sum & 1) &<< 63 | low &>> 1,
                exponent: a.exponent &- 63, sticky: sticky || low & 1 == 1)
        }
        // A sticky remainder of b makes the difference a little smaller: borrow one unit of `low`.
        let (lowDifference, under) = (0 as UInt64).subtractingReportingOverflow(low)
        let (lowResult, underAgain) = lowDifference.subtractingReportingOverflow(sticky ? 1 : 0)
        let highResult = a.mantissa &- high &- (under ? 1 : 0) &- (underAgain ? 1 : 0)
        if highResult == 0 && lowResult == 0 && !sticky { return .zero }
        return try BinaryFloat(
            negative: a.isNegative, high: highResult, low: lowResult, exponent: a.exponent &- 64, sticky: sticky)
    }

    public func subtracting(_ other: BinaryFloat) throws(NumberError) -> BinaryFloat {
        try adding(other.negated)
    }

    /// Product rounded to `precision` bits, 64 at most.
    public func multiplied(by other: BinaryFloat, precision: Int = 64) throws(NumberError) -> BinaryFloat {
        let negative = isNegative != other.isNegative
        if isZero || other.isZero { return BinaryFloat(negative: negative, mantissa: 0, exponent: 0) }
        let (high, low) = mantissa.multipliedFullWidth(by: other.mantissa)
        return try BinaryFloat(
            negative: negative, high: high, low: low, exponent: exponent &+ other.exponent, sticky: false,
            precision: precision)
    }

    /// Quotient; `divideByZero` when the divisor is zero.
    public func divided(by other: BinaryFloat) throws(NumberError) -> BinaryFloat {
        if other.isZero { throw .divideByZero }
        let negative = isNegative != other.isNegative
        if isZero { return BinaryFloat(negative: negative, mantissa: 0, exponent: 0) }
        return try BinaryFloat.quotient(
            negative, mantissa, exponent, by: other.mantissa, exponent: other.exponent, precision: 64)
    }

    /// (a + low / 2^64) × 2^ea / (b × 2^eb) for mantissas with their top bits set.
    static func quotient(
        _ negative: Bool, _ a: UInt64, low: UInt64 = 0, _ ea: Int64, by b: UInt64, exponent eb: Int64, precision: Int
    ) throws(NumberError) -> BinaryFloat {
        // Integer part is 0 or 1, then 64 bits of fraction, then 64 more for rounding.
        let whole: UInt64 = a >= b ? 1 : 0
        let (first, rest) = Limbs.divide(whole == 1 ? a &- b : a, low, by: b)
        let (second, last) = Limbs.divide(rest, 0, by: b)
        if whole == 0 {
            return try BinaryFloat(
                negative: negative, high: first, low: second, exponent: ea &- eb &- 128, sticky: last != 0,
                precision: precision)
        }
        return try BinaryFloat(
            negative: negative, high: 1 << 63 | first &>> 1, low: (first & 1) &<< 63 | second &>> 1,
            exponent: ea &- eb &- 127, sticky: last != 0 || second & 1 == 1, precision: precision)
    }

    /// The integer towards zero; `tooLarge` beyond the limit on size.
    public func truncated() throws(NumberError) -> BigInteger {
        if exponent >= 0 {
            guard exponent <= Int64(BigInteger.maximumBits - 64) else { throw .tooLarge }
            let limbs = mantissa == 0 ? [] : Limbs.shiftLeft([mantissa], Int(truncatingIfNeeded: exponent))
            return BigInteger(magnitude: limbs, negative: isNegative)
        }
        if exponent <= -64 { return .zero }
        return BigInteger(mantissa &>> UInt64(truncatingIfNeeded: 0 &- exponent), negative: isNegative)
    }

    /// The value, when it is an integer that fits.
    public var int64: Int64? {
        guard isInteger, exponent <= 0, let integer = try? truncated() else { return nil }
        return integer.int64
    }

    /// The nearest Double, ties to even; infinite beyond its range.
    public var double: Double {
        if mantissa == 0 { return isNegative ? -0.0 : 0.0 }
        // Position of the lowest bit of a Double that the value reaches.
        let top = exponent &+ 63
        if top > 1023 { return isNegative ? -Double.infinity : Double.infinity }
        let lowest = max(top &- 52, -1074)
        let shift = lowest &- exponent
        var bits: UInt64 = 0
        if shift <= 64 {
            // 11 ≤ shift.
            let kept = shift == 64 ? 0 : mantissa &>> UInt64(shift)
            let below = mantissa &<< UInt64(64 &- shift)
            let rest = shift == 64 ? mantissa : below
            bits = kept &+ (rest > 1 << 63 || (rest == 1 << 63 && kept & 1 == 1) ? 1 : 0)
        }
        // A carry out of the mantissa runs into the exponent, which is what it should do.
        let biased = top &- 52 >= -1074 ? UInt64(truncatingIfNeeded: top &+ 1022) : 0
        let pattern = biased &<< 52 &+ bits
        return Double(bitPattern: pattern | (isNegative ? 1 << 63 : 0))
    }

    /// Exactly the value of a finite Double; nil for the others.
    public init?(_ value: Double) {
        guard value.isFinite else { return nil }
        let pattern = value.bitPattern
        let fraction = pattern & 0xF_FFFF_FFFF_FFFF
        let biased = pattern &>> 52 & 0x7FF
        let significand = biased == 0 ? fraction : fraction | 1 << 52
        let lowest = Int64(truncatingIfNeeded: max(biased, 1)) &- 1075
        let shift = significand == 0 ? 0 : significand.leadingZeroBitCount
        self.init(
            negative: pattern &>> 63 == 1, mantissa: significand &<< UInt64(shift), exponent: lowest &- Int64(shift))
    }
}
