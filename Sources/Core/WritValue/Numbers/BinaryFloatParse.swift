/// Decimal text to BinaryFloat, by the steps of Go's `big.Float`, so that the last bit agrees.
///
/// The digits are taken whole; the power of five is exact up to 5^55 and rounded to 128 bits beyond it (its square
/// chain to 192), then one multiplication or division rounds to 64 bits. The cost does not grow with the exponent.
extension BinaryFloat {
    /// The nearest value to a number in JSON's grammar.
    ///
    /// Throws `syntax` for other bytes, `tooLarge` when the binary exponent leaves 32 bits (OPA panics there) or the
    /// text has more digits than the limit on size.
    public init(_ bytes: UnsafeBufferPointer<UInt8>) throws(NumberError) {
        guard let scan = DecimalScan(bytes) else { throw .syntax }
        self = try BinaryFloat(scan)
    }

    /// The nearest value to a number in JSON's grammar.
    public init(_ bytes: [UInt8]) throws(NumberError) {
        let result: Result<BinaryFloat, NumberError> = bytes.withUnsafeBufferPointer { buffer in
            do throws(NumberError) { return .success(try BinaryFloat(buffer)) } catch { return .failure(error) }
        }
        self = try result.get()
    }

    /// Digits beyond these count only as being there. They could matter in a text that agrees with the midpoint of
    /// two floats in the 20,000 digits before.
    private static let maximumDigitsRead = 20_000

    /// Powers of ten beyond which a value overflows or is zero: 10^646456993 is about 2^(2^31).
    private static let decimalRange: Int64 = 650_000_000

    init(_ scan: DecimalScan) throws(NumberError) {
        if scan.isZero {
            self = BinaryFloat(negative: scan.isNegative, mantissa: 0, exponent: 0)
            return
        }
        let power = scan.pointPosition &- Int64(scan.count)
        if scan.exponentIsHuge || power < Int64(Int32.min) || scan.pointPosition > BinaryFloat.decimalRange {
            throw .tooLarge
        }
        if scan.pointPosition < 0 &- BinaryFloat.decimalRange {
            self = BinaryFloat(negative: scan.isNegative, mantissa: 0, exponent: 0)
            return
        }
        if let small = scan.smallDigits() {
            self = try BinaryFloat(negative: scan.isNegative, digits: small, powerOfTen: Int(truncatingIfNeeded: power))
            return
        }
        if let value = try BinaryFloat.medium(scan, power) {
            self = value
            return
        }
        let dropped = max(0, scan.count - BinaryFloat.maximumDigitsRead)
        guard let limbs = scan.digitLimbs(dropping: dropped) else { throw .tooLarge }
        self = try BinaryFloat(
            negative: scan.isNegative, limbs: limbs, powerOfTen: Int(truncatingIfNeeded: power) + dropped)
    }

    /// Up to 38 digits, most of them after the point: what earlier arithmetic spells. Within 128 bits.
    private static func medium(_ scan: DecimalScan, _ power: Int64) throws(NumberError) -> BinaryFloat? {
        guard scan.count <= 38, power <= 0, power >= -27 else { return nil }
        var first: UInt64 = 0
        var second: UInt64 = 0
        var ten: UInt64 = 1
        for index in 0..<scan.count {
            let digit = UInt64(scan.digit(index))
            if index < 19 {
                first = first &* 10 &+ digit
            } else {
                second = second &* 10 &+ digit
                ten = ten &* 10
            }
        }
        var (high, low) = first.multipliedFullWidth(by: ten)
        low = low &+ second
        if low < second { high = high &+ 1 }
        if power == 0 {
            return try BinaryFloat(negative: scan.isNegative, high: high, low: low, exponent: 0, sticky: false)
        }
        if high == 0 { return nil }
        var five: UInt64 = 1
        for _ in 0..<(0 &- power) { five = five &* 5 }
        let up = UInt64(high.leadingZeroBitCount)
        if up > 0 { high = high &<< up | low &>> (64 &- up) }
        let divisorUp = five.leadingZeroBitCount
        return try quotient(
            scan.isNegative, high, low: low &<< up, 64 &+ power &- Int64(up), by: five &<< UInt64(divisorUp),
            exponent: Int64(0 &- divisorUp), precision: 64)
    }

    /// digits × 10^power.
    init(negative: Bool, digits: UInt64, powerOfTen power: Int, precision: Int = 64) throws(NumberError) {
        if digits == 0 {
            self = BinaryFloat(negative: negative, mantissa: 0, exponent: 0)
            return
        }
        if power > 27 || power < -27 {
            self = try BinaryFloat(negative: negative, limbs: [digits], powerOfTen: power)
            return
        }
        // 5^27 is the largest power of five in 64 bits.
        var five: UInt64 = 1
        for _ in 0..<abs(power) { five = five &* 5 }
        let exponent = Int64(power)
        if power >= 0 {
            let (high, low) = digits.multipliedFullWidth(by: five)
            self = try BinaryFloat(
                negative: negative, high: high, low: low, exponent: exponent, sticky: false, precision: precision)
            return
        }
        let up = digits.leadingZeroBitCount
        let divisorUp = five.leadingZeroBitCount
        self = try BinaryFloat.quotient(
            negative, digits &<< UInt64(up), exponent &- Int64(up), by: five &<< UInt64(divisorUp),
            exponent: Int64(0 &- divisorUp), precision: precision)
    }

    /// digits × 10^power for digits of any length that are not zero.
    init(negative: Bool, limbs: [UInt64], powerOfTen power: Int) throws(NumberError) {
        // The range that Go checks before it applies the power of five.
        let binary = Int64(Limbs.bitWidth(limbs)) &+ Int64(power)
        if binary > Int64(BinaryFloat.maximumExponent) || binary < Int64(BinaryFloat.minimumExponent) {
            throw .tooLarge
        }
        if power == 0 {
            self = try BinaryFloat(negative: negative, limbs: limbs, exponent: 0)
            return
        }
        let five = PowerOfFive(abs(power))
        if power > 0 {
            self = try BinaryFloat(
                negative: negative, limbs: Limbs.multiply(limbs, five.limbs), exponent: Int64(power) &+ five.exponent)
            return
        }
        // Enough low zero limbs that the quotient has at least 128 bits.
        let places = max(0, five.limbs.count &+ 3 &- limbs.count)
        let dividend = [UInt64](repeating: 0, count: places) + limbs
        let (quotient, remainder) = Limbs.divide(dividend, five.limbs)
        self = try BinaryFloat(
            negative: negative, limbs: quotient,
            exponent: Int64(power) &- five.exponent &- Int64(places &* 64), sticky: !remainder.isEmpty)
    }
}

/// 5^n rounded to 128 bits the way Go computes it: limbs × 2^exponent.
struct PowerOfFive {
    private(set) var limbs: [UInt64]
    private(set) var exponent: Int64 = 0

    init(_ power: Int) {
        var small: UInt64 = 1
        for _ in 0..<min(power, 27) { small = small &* 5 }
        limbs = [small]
        var rest = power - 27
        if rest <= 0 { return }
        var square: [UInt64] = [5]
        var squareExponent: Int64 = 0
        while rest > 0 {
            if rest & 1 == 1 {
                limbs = Limbs.multiply(limbs, square)
                exponent &+= squareExponent
                PowerOfFive.round(&limbs, &exponent, to: 128)
            }
            rest >>= 1
            if rest == 0 { break }
            square = Limbs.multiply(square, square)
            squareExponent = squareExponent &* 2
            PowerOfFive.round(&square, &squareExponent, to: 192)
        }
    }

    /// Rounds to nearest, ties to even.
    private static func round(_ limbs: inout [UInt64], _ exponent: inout Int64, to bits: Int) {
        let dropped = Limbs.bitWidth(limbs) - bits
        if dropped <= 0 { return }
        let half = Limbs.bit(limbs, dropped - 1)
        let below = Limbs.anyBit(limbs, below: dropped - 1)
        limbs = Limbs.shiftRight(limbs, dropped)
        if half, below || Limbs.bit(limbs, 0) { limbs = Limbs.add(limbs, [1]) }
        exponent &+= Int64(dropped)
    }
}
