/// Arithmetic on small decimals, mantissa / 10^scale, without text and without allocation.
///
/// Every function gives nil where the result is not a decimal of at most 18 digits in plain spelling, or where it is
/// not certain to be what `NumberArithmetic` would spell; the caller then takes that way. Certain means: the operation
/// is done in 64-bit floats as there, and the exact decimal result rounds to the very float that comes out. Decimals
/// of at most 18 digits are more than two units of such a float apart, so this one is then its shortest text.
public enum DecimalArithmetic {
    /// mantissa / 10^scale with no trailing zero in the fraction.
    public typealias Decimal = (mantissa: Int64, scale: UInt8)

    private static let limit: UInt64 = 1_000_000_000_000_000_000

    /// `apply` of `NumberArithmetic` for `+ - * /`; nil for `%` and for a zero divisor.
    public static func apply(
        _ operation: NumberArithmetic.Operator, _ left: Decimal, _ right: Decimal
    ) -> Decimal? {
        guard left.scale <= 18, right.scale <= 18, let x = float(left), let y = float(right) else { return nil }
        let exact: Decimal?
        let rounded: BinaryFloat?
        switch operation {
        case .plus:
            exact = sum(left, right)
            rounded = try? x.adding(y)
        case .minus:
            if right.mantissa == Int64.min { return nil }
            exact = sum(left, (0 &- right.mantissa, right.scale))
            rounded = try? x.subtracting(y)
        case .multiply:
            exact = product(left, right)
            rounded = try? x.multiplied(by: y)
        case .divide:
            exact = quotient(left, right)
            rounded = try? x.divided(by: y)
        case .remainder: return nil
        }
        guard let exact, let rounded, let expected = float(exact), expected == rounded else { return nil }
        return spelledPlainly(exact) ? exact : nil
    }

    /// `apply` of `NumberArithmetic` for a function of one number.
    public static func apply(_ function: NumberArithmetic.Function, _ operand: Decimal) -> Decimal? {
        guard operand.scale <= 18 else { return nil }
        if function == .abs {
            if operand.mantissa == Int64.min { return nil }
            let result = trimmed((Swift.abs(operand.mantissa), operand.scale))
            return result.mantissa.magnitude < limit && spelledPlainly(result) ? result : nil
        }
        guard let value = float(operand) else { return nil }
        let integer: BigInteger?
        switch function {
        case .round: integer = try? value.rounded()
        case .ceil: integer = try? value.ceiling()
        case .floor, .abs: integer = try? value.floored()
        }
        guard let small = integer?.int64 else { return nil }
        return (small, 0)
    }

    /// a × b, nil when it does not fit.
    ///
    /// Unlike `*` and `multipliedReportingOverflow` on 64 bits, this needs no 128-bit multiplication of the runtime
    /// (`__multi3`), which 32-bit WebAssembly does not have.
    @inlinable
    public static func multiply(_ a: Int64, _ b: Int64) -> Int64? {
        let (high, low) = a.magnitude.multipliedFullWidth(by: b.magnitude)
        if high != 0 { return nil }
        if (a < 0) != (b < 0) { return low <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- low) : nil }
        return low <= UInt64(Int64.max) ? Int64(truncatingIfNeeded: low) : nil
    }

    static func float(_ value: Decimal) -> BinaryFloat? {
        try? BinaryFloat(
            negative: value.mantissa < 0, digits: value.mantissa.magnitude,
            powerOfTen: 0 - Int(value.scale))
    }

    private static func trimmed(_ value: Decimal) -> Decimal {
        var value = value
        while value.scale > 0, value.mantissa % 10 == 0 {
            value.mantissa /= 10
            value.scale -= 1
        }
        return value
    }

    /// Whether the text has no exponent: integers, and fractions from 10^-4 up to 10^6.
    private static func spelledPlainly(_ value: Decimal) -> Bool {
        if value.scale == 0 { return true }
        let size = value.mantissa.magnitude
        let unit = power(value.scale)
        return size / unit < 1_000_000 && (value.scale <= 4 || size >= unit / 10_000)
    }

    /// 10^n for n up to 18.
    private static func power(_ exponent: UInt8) -> UInt64 {
        var result: UInt64 = 1
        for _ in 0..<min(exponent, 18) { result = result &* 10 }
        return result
    }

    private static func scaled(_ mantissa: Int64, _ places: UInt8) -> Int64? {
        if places > 18 { return nil }
        return multiply(mantissa, Int64(power(places)))
    }

    private static func sum(_ a: Decimal, _ b: Decimal) -> Decimal? {
        let scale = max(a.scale, b.scale)
        guard let left = scaled(a.mantissa, scale - a.scale), let right = scaled(b.mantissa, scale - b.scale)
        else { return nil }
        let (total, overflow) = left.addingReportingOverflow(right)
        return overflow ? nil : bounded((total, scale))
    }

    private static func product(_ a: Decimal, _ b: Decimal) -> Decimal? {
        let left = trimmed(a)
        let right = trimmed(b)
        guard let total = multiply(left.mantissa, right.mantissa) else { return nil }
        return bounded((total, left.scale + right.scale))
    }

    /// A quotient that ends within 18 digits.
    private static func quotient(_ a: Decimal, _ b: Decimal) -> Decimal? {
        if a.mantissa == 0 || b.mantissa == 0 || b.mantissa == Int64.min { return nil }
        // (a / 10^sa) / (b / 10^sb) = a × 10^(places + sb - sa) / b / 10^places
        guard var dividend = scaled(a.mantissa, b.scale > a.scale ? b.scale - a.scale : 0),
            let divisor = scaled(b.mantissa, a.scale > b.scale ? a.scale - b.scale : 0)
        else { return nil }
        for places in 0...(18 as UInt8) {
            if dividend % divisor == 0 { return bounded((dividend / divisor, places)) }
            guard let next = scaled(dividend, 1) else { return nil }
            dividend = next
        }
        return nil
    }

    private static func bounded(_ value: Decimal) -> Decimal? {
        let result = trimmed(value)
        return result.mantissa.magnitude < limit && result.scale <= 18 ? result : nil
    }
}
