/// An integer of any size up to a limit: sign and magnitude, exact arithmetic, Go's `big.Int` meaning.
///
/// An operation whose result could need more than `maximumBits` bits throws `tooLarge` instead of computing it, so
/// that no chain of multiplications grows without bound.
public struct BigInteger: Equatable, Sendable {
    /// Largest size of a result, in bits of the magnitude (some 315,000 decimal digits).
    public static let maximumBits = 1 << 20

    /// Whether the value is below zero.
    public let isNegative: Bool
    /// Magnitude as limbs, least significant first, no leading zero.
    let magnitude: [UInt64]

    public static let zero = BigInteger(magnitude: [], negative: false)

    init(magnitude: [UInt64], negative: Bool) {
        self.magnitude = magnitude
        isNegative = negative && !magnitude.isEmpty
    }

    public init(_ value: Int64) {
        self.init(value.magnitude, negative: value < 0)
    }

    public init(_ value: UInt64) {
        self.init(value, negative: false)
    }

    /// From magnitude and sign.
    public init(_ magnitude: UInt64, negative: Bool) {
        self.init(magnitude: magnitude == 0 ? [] : [magnitude], negative: negative)
    }

    public var isZero: Bool { magnitude.isEmpty }
    /// -1, 0 or 1.
    public var signum: Int { magnitude.isEmpty ? 0 : isNegative ? -1 : 1 }
    /// Bits of the magnitude.
    public var bitWidth: Int { Limbs.bitWidth(magnitude) }

    /// The value, when it fits.
    public var int64: Int64? {
        if magnitude.isEmpty { return 0 }
        if magnitude.count > 1 { return nil }
        if isNegative { return magnitude[0] <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- magnitude[0]) : nil }
        return Int64(exactly: magnitude[0])
    }

    /// The value, when it fits.
    public var uint64: UInt64? {
        if magnitude.isEmpty { return 0 }
        return isNegative || magnitude.count > 1 ? nil : magnitude[0]
    }

    /// Order: -1, 0 or 1.
    public func compare(_ other: BigInteger) -> Int {
        if isNegative != other.isNegative { return isNegative ? -1 : 1 }
        let order = Limbs.compare(magnitude, other.magnitude)
        return isNegative ? 0 &- order : order
    }

    public var negated: BigInteger { BigInteger(magnitude: magnitude, negative: !isNegative) }
    public var absolute: BigInteger { BigInteger(magnitude: magnitude, negative: false) }

    public func adding(_ other: BigInteger) throws(NumberError) -> BigInteger {
        if isNegative == other.isNegative {
            return try BigInteger.checked(Limbs.add(magnitude, other.magnitude), isNegative)
        }
        let order = Limbs.compare(magnitude, other.magnitude)
        if order == 0 { return .zero }
        return order > 0
            ? BigInteger(magnitude: Limbs.subtract(magnitude, other.magnitude), negative: isNegative)
            : BigInteger(magnitude: Limbs.subtract(other.magnitude, magnitude), negative: other.isNegative)
    }

    public func subtracting(_ other: BigInteger) throws(NumberError) -> BigInteger {
        try adding(other.negated)
    }

    public func multiplied(by other: BigInteger) throws(NumberError) -> BigInteger {
        if isZero || other.isZero { return .zero }
        guard bitWidth + other.bitWidth <= BigInteger.maximumBits + 1 else { throw .tooLarge }
        return try BigInteger.checked(Limbs.multiply(magnitude, other.magnitude), isNegative != other.isNegative)
    }

    /// Quotient towards zero and the remainder with the sign of the dividend; `divideByZero` for a zero divisor.
    public func divided(by other: BigInteger) throws(NumberError) -> (quotient: BigInteger, remainder: BigInteger) {
        if other.isZero { throw .divideByZero }
        let (quotient, remainder) = Limbs.divide(magnitude, other.magnitude)
        return (
            BigInteger(magnitude: quotient, negative: isNegative != other.isNegative),
            BigInteger(magnitude: remainder, negative: isNegative)
        )
    }

    /// 10 to a power; `tooLarge` beyond the limit.
    static func powerOfTen(_ exponent: Int) throws(NumberError) -> BigInteger {
        guard exponent >= 0 else { throw .notAnInteger }
        // 3 bits a digit is a lower bound: it refuses before anything is computed.
        guard exponent <= maximumBits / 3 else { throw .tooLarge }
        return try checked(Limbs.shiftLeft(powerOfFive(exponent), exponent), false)
    }

    /// 5 to a power that the caller has bounded.
    static func powerOfFive(_ exponent: Int) -> [UInt64] {
        var result: [UInt64] = [1]
        // 5^27 is the largest power in one limb.
        var small = exponent % 27
        var factor: UInt64 = 1
        while small > 0 {
            factor &*= 5
            small &-= 1
        }
        Limbs.multiplyAdd(&result, by: factor, adding: 0)
        var rest = exponent / 27
        var base: [UInt64] = [7_450_580_596_923_828_125]
        while rest > 0 {
            if rest & 1 == 1 { result = Limbs.multiply(result, base) }
            rest >>= 1
            if rest > 0 { base = Limbs.multiply(base, base) }
        }
        return result
    }

    static func checked(_ magnitude: [UInt64], _ negative: Bool) throws(NumberError) -> BigInteger {
        guard Limbs.bitWidth(magnitude) <= maximumBits else { throw .tooLarge }
        return BigInteger(magnitude: magnitude, negative: negative)
    }
}
