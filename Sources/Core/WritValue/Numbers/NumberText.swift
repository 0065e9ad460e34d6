/// What can be said of a number's text without arithmetic: grammar, class, exact order, hash.
///
/// Bytes that are no number in JSON's grammar count as zero in `compare` and `hash`; nothing here traps. The cost is
/// linear in the length of the text, whatever the exponent: 1e999999999 and 1e-99999999999999999999 are as cheap as 1.
///
/// OPA differs in corners that are hidden here on purpose: numbers whose exponent overflows 32 bits make it panic, and
/// sets in it can hold two spellings of one value beyond Double's range (1e400 and 10e399).
public enum NumberText {
    /// Where a number can be stored.
    public enum Form: Equatable, Sendable {
        /// The canonical spelling of an integer of 64 bits ("-0" is not).
        case integer(Int64)
        /// mantissa / 10^scale, a fraction of `scale` digits that spelling them again gives back.
        case decimal(mantissa: Int64, scale: UInt8)
        /// Everything else keeps its text.
        case text
    }

    /// Whether the bytes are one number in JSON's grammar.
    public static func isValid(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool { DecimalScan(bytes) != nil }

    /// The class of a valid number; nil for other bytes.
    public static func classify(_ bytes: UnsafeBufferPointer<UInt8>) -> Form? {
        guard let scan = DecimalScan(bytes) else { return nil }
        if let integer = int64(scan) { return .integer(integer) }
        if scan.hasExponent || scan.scale == 0 || scan.writtenDigits > 18 || (scan.isNegative && scan.isZero) {
            return .text
        }
        var mantissa: Int64 = 0
        for byte in bytes where byte &- UInt8(ascii: "0") < 10 {
            mantissa = mantissa &* 10 &+ Int64(byte &- UInt8(ascii: "0"))
        }
        return .decimal(
            mantissa: scan.isNegative ? 0 &- mantissa : mantissa, scale: UInt8(truncatingIfNeeded: scan.scale))
    }

    /// The integer of 64 bits that the bytes spell canonically: no point, no exponent, not "-0".
    public static func int64(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard let scan = DecimalScan(bytes) else { return nil }
        return int64(scan)
    }

    private static func int64(_ scan: DecimalScan) -> Int64? {
        if !scan.isPlainInteger || (scan.isNegative && scan.isZero) { return nil }
        return exactInt64(scan)
    }

    /// The integer of 64 bits that is the exact value, however spelled: 3, 3.0, 30e-1.
    public static func exactInt64(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard let scan = DecimalScan(bytes) else { return nil }
        return exactInt64(scan)
    }

    private static func exactInt64(_ scan: DecimalScan) -> Int64? {
        if scan.isZero { return 0 }
        if scan.exponentIsHuge || scan.pointPosition > 19 || scan.pointPosition < Int64(scan.count) { return nil }
        guard var magnitude = scan.smallDigits() else { return nil }
        for _ in scan.count..<Int(truncatingIfNeeded: scan.pointPosition) {
            // At most 19 digits: below 10^19, which fits.
            magnitude = magnitude &* 10
        }
        if scan.isNegative { return magnitude <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil }
        return Int64(exactly: magnitude)
    }

    /// Whether the exact value is an integer of any size.
    public static func isIntegral(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        DecimalScan(bytes)?.isIntegral ?? false
    }

    /// The exact value as an integer; nil when it has a fraction, `tooLarge` beyond the limit on size.
    public static func integer(_ bytes: UnsafeBufferPointer<UInt8>) throws(NumberError) -> BigInteger? {
        guard let scan = DecimalScan(bytes) else { throw .syntax }
        return try integer(scan)
    }

    static func integer(_ scan: DecimalScan) throws(NumberError) -> BigInteger? {
        if scan.isZero { return .zero }
        guard scan.isIntegral else { return nil }
        let zeros = scan.pointPosition &- Int64(scan.count)
        guard !scan.exponentIsHuge, zeros <= Int64(BigInteger.maximumBits), let digits = scan.digitLimbs() else {
            throw .tooLarge
        }
        let power = try BigInteger.powerOfTen(Int(truncatingIfNeeded: zeros))
        return try BigInteger(magnitude: digits, negative: scan.isNegative).multiplied(by: power)
    }

    /// Order of two numbers by exact value: -1, 0 or 1.
    public static func compare(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Int {
        guard let left = DecimalScan(a) else { return 0 &- (DecimalScan(b)?.signum ?? 0) }
        guard let right = DecimalScan(b) else { return left.signum }
        if left.signum != right.signum { return left.signum < right.signum ? -1 : 1 }
        if left.signum == 0 { return 0 }
        let order = compareMagnitudes(left, right)
        return left.isNegative ? 0 &- order : order
    }

    private static func compareMagnitudes(_ a: DecimalScan, _ b: DecimalScan) -> Int {
        let position =
            a.exponentIsHuge || b.exponentIsHuge
            ? compareHugeExponents(a, b)
            : a.pointPosition == b.pointPosition ? 0 : a.pointPosition < b.pointPosition ? -1 : 1
        if position != 0 { return position }
        for index in 0..<max(a.count, b.count) {
            let left = a.digit(index)
            let right = b.digit(index)
            if left != right { return left < right ? -1 : 1 }
        }
        return 0
    }

    /// Order of the point positions when an exponent has more than 18 digits.
    private static func compareHugeExponents(_ a: DecimalScan, _ b: DecimalScan) -> Int {
        let left = exponentSign(a)
        let right = exponentSign(b)
        // A huge exponent outweighs any position of the point in the text.
        if left != right { return left < right ? -1 : 1 }
        let magnitude = differenceOfExponents(a, b)
        let difference = a.exponentIsNegative ? 0 &- magnitude : magnitude
        let total = difference &+ (a.shift &- b.shift)
        return total == 0 ? 0 : total < 0 ? -1 : 1
    }

    private static func exponentSign(_ scan: DecimalScan) -> Int {
        scan.exponentDigits.isEmpty ? 0 : scan.exponentIsNegative ? -1 : 1
    }

    /// |exponent of a| - |exponent of b|, limited to ±10^18.
    private static func differenceOfExponents(_ a: DecimalScan, _ b: DecimalScan) -> Int64 {
        let limit: Int64 = 1_000_000_000_000_000_000
        let longest = max(a.exponentDigits.count, b.exponentDigits.count)
        var total: Int64 = 0
        for place in 0..<longest {
            let left = exponentDigit(a, place &- (longest &- a.exponentDigits.count))
            let right = exponentDigit(b, place &- (longest &- b.exponentDigits.count))
            total = total &* 10 &+ left &- right
            // Once this far apart, later digits cannot bring the two together again.
            if total > limit / 100 { return limit }
            if total < 0 &- limit / 100 { return 0 &- limit }
        }
        return total
    }

    private static func exponentDigit(_ scan: DecimalScan, _ index: Int) -> Int64 {
        index < 0 ? 0 : Int64(scan.bytes[scan.exponentDigits.lowerBound &+ index] &- UInt8(ascii: "0"))
    }

    /// Hash of the exact value: equal numbers have equal hashes, however spelled.
    public static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        guard let scan = DecimalScan(bytes), !scan.isZero else { return 0x9E37_79B9_7F4A_7C15 }
        // Huge exponents share one bucket by sign: telling them apart is left to the comparison. The border lies
        // where no position of the point in a text can carry a value across it.
        let border: Int64 = 900_000_000_000_000_000
        var position = scan.pointPosition
        if scan.exponentIsHuge || position > border || position < 0 &- border {
            position = scan.exponentIsNegative ? Int64.min : Int64.max
        }
        var state = mix(UInt64(bitPattern: position), scan.isNegative ? 1 : 2)
        var chunk: UInt64 = 0
        for index in 0..<scan.count {
            chunk = chunk &* 10 &+ UInt64(scan.digit(index))
            if index % 16 == 15 {
                state = mix(state, chunk)
                chunk = 0
            }
        }
        return mix(mix(state, chunk), UInt64(truncatingIfNeeded: scan.count))
    }

    private static func mix(_ state: UInt64, _ word: UInt64) -> UInt64 {
        let (high, low) = (state ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: word ^ 0xD1B5_4A32_D192_ED03)
        return high ^ low &+ 0x2545_F491_4F6C_DD1D
    }

    /// Order of m1 / 10^s1 and m2 / 10^s2: -1, 0 or 1. Exact for all operands, without allocation.
    @inlinable
    public static func compareDecimal(
        mantissa m1: Int64, scale s1: UInt8, mantissa m2: Int64, scale s2: UInt8
    ) -> Int {
        if s1 == s2 { return m1 == m2 ? 0 : m1 < m2 ? -1 : 1 }
        if m1.signum() != m2.signum() { return m1 < m2 ? -1 : 1 }
        let order =
            s1 < s2
            ? compareScaled(m1.magnitude, s2 &- s1, m2.magnitude)
            : 0 &- compareScaled(m2.magnitude, s1 &- s2, m1.magnitude)
        return m1 < 0 ? 0 &- order : order
    }

    /// Order of a × 10^places and b.
    @usableFromInline
    static func compareScaled(_ a: UInt64, _ places: UInt8, _ b: UInt64) -> Int {
        if a == 0 { return b == 0 ? 0 : -1 }
        // 10^20 is above every 64-bit number.
        if places > 19 { return 1 }
        var factor: UInt64 = 1
        for _ in 0..<places { factor = factor &* 10 }
        let (high, low) = a.multipliedFullWidth(by: factor)
        return high != 0 || low > b ? 1 : low == b ? 0 : -1
    }
}
