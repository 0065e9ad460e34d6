import WritValue

/// Arithmetic on decimals of up to 18 digits without going through text.
///
/// OPA rounds operands and results to 64 binary digits and prints the shortest decimal that reads back as the
/// result. Decimals of up to 18 digits are all told apart by 64 binary digits. So when the exact decimal result has
/// no more of them and reads back as the rounded one, it is the shortest; when it does not (1.1 - 1), or would be
/// printed with an exponent, the answer is nil and `NumberArithmetic` has to do it.
enum DecimalArithmetic {
    /// An integer or decimal as mantissa / 10^scale.
    private struct Number {
        var mantissa: Int64
        var scale: Int

        init?(_ value: Value) {
            mantissa = value.integerValue
            switch value.tag {
            case Value.Tag.integer: scale = 0
            case Value.Tag.decimal: scale = Int(value.decimalScale)
            default: return nil
            }
            guard scale <= 18, mantissa.magnitude < limit else { return nil }
        }

        init?(mantissa: Int64, scale: Int) {
            guard scale <= 18, mantissa.magnitude < limit else { return nil }
            self.mantissa = mantissa
            self.scale = scale
        }

        /// Rounded to 64 binary digits.
        var float: BinaryFloat? {
            if scale == 0 { return BinaryFloat(mantissa) }
            do throws(NumberError) {
                return try BinaryFloat(mantissa).divided(by: BinaryFloat(power(scale)))
            } catch {
                return nil
            }
        }

        /// The number as OPA prints results; nil where that takes an exponent.
        var value: Value? {
            var mantissa = mantissa
            var scale = scale
            while scale > 0, mantissa % 10 == 0 {
                mantissa /= 10
                scale &-= 1
            }
            if scale == 0 { return .integer(mantissa) }
            // From 0.0001 up to a million.
            if scale > 4, mantissa.magnitude < UInt64(power(scale &- 4)) { return nil }
            if scale < 12, mantissa.magnitude >= UInt64(power(scale &+ 6)) { return nil }
            return .decimal(mantissa: mantissa, scale: UInt8(truncatingIfNeeded: scale))
        }
    }

    private static let limit: UInt64 = 1_000_000_000_000_000_000

    /// 10^exponent for 0…18.
    private static func power(_ exponent: Int) -> Int64 {
        var result: Int64 = 1
        var left = exponent
        while left >= 6 {
            result &*= 1_000_000
            left &-= 6
        }
        while left > 0 {
            result &*= 10
            left &-= 1
        }
        return result
    }

    /// The result of an operator other than `%`, nil when it has to be worked out otherwise.
    static func apply(_ operation: NumberArithmetic.Operator, _ x: Value, _ y: Value) -> Value? {
        guard let a = Number(x), let b = Number(y), let exact = exact(operation, a, b), exact.mantissa != 0,
            let left = a.float, let right = b.float, let wanted = exact.float
        else { return nil }
        do throws(NumberError) {
            let rounded: BinaryFloat
            switch operation {
            case .plus: rounded = try left.adding(right)
            case .minus: rounded = try left.subtracting(right)
            case .multiply: rounded = try left.multiplied(by: right)
            case .divide: rounded = try left.divided(by: right)
            case .remainder: return nil
            }
            return rounded == wanted ? exact.value : nil
        } catch {
            return nil
        }
    }

    private static func exact(_ operation: NumberArithmetic.Operator, _ a: Number, _ b: Number) -> Number? {
        switch operation {
        case .plus, .minus:
            let scale = max(a.scale, b.scale)
            let (left, over) = a.mantissa.multipliedReportingOverflow(by: power(scale &- a.scale))
            let (right, overAgain) = b.mantissa.multipliedReportingOverflow(by: power(scale &- b.scale))
            if over || overAgain || left.magnitude >= limit || right.magnitude >= limit { return nil }
            return Number(mantissa: operation == .plus ? left &+ right : left &- right, scale: scale)
        case .multiply:
            let (product, over) = a.mantissa.multipliedReportingOverflow(by: b.mantissa)
            return over ? nil : Number(mantissa: product, scale: a.scale &+ b.scale)
        case .divide: return quotient(a, b)
        case .remainder: return nil
        }
    }

    /// A quotient of at most six digits after the point.
    private static func quotient(_ a: Number, _ b: Number) -> Number? {
        let shift = b.scale &- a.scale
        let (dividend, over) = a.mantissa.magnitude.multipliedReportingOverflow(by: UInt64(power(max(0, shift))))
        let (divisor, overAgain) = b.mantissa.magnitude.multipliedReportingOverflow(
            by: UInt64(power(max(0, 0 &- shift))))
        guard !over, !overAgain, divisor > 0, divisor < limit else { return nil }
        var digits = dividend / divisor
        var rest = dividend % divisor
        var scale = 0
        while rest != 0 {
            guard scale < 6, digits < limit / 10 else { return nil }
            rest &*= 10
            digits = digits &* 10 &+ rest / divisor
            rest %= divisor
            scale &+= 1
        }
        guard digits < limit else { return nil }
        let isNegative = (a.mantissa < 0) != (b.mantissa < 0)
        return Number(mantissa: isNegative ? 0 &- Int64(digits) : Int64(digits), scale: scale)
    }

    /// The result of a function of a decimal, nil when it has to be worked out otherwise.
    static func apply(_ function: NumberArithmetic.Function, _ x: Value) -> Value? {
        guard let number = Number(x) else { return nil }
        let one = power(number.scale)
        let whole = number.mantissa / one
        let isWhole = number.mantissa % one == 0
        switch function {
        case .abs: return Number(mantissa: abs(number.mantissa), scale: number.scale)?.value
        case .round: return .integer((number.mantissa &+ (number.mantissa < 0 ? 0 &- one / 2 : one / 2)) / one)
        case .ceil: return .integer(isWhole || whole < 0 ? whole : whole &+ 1)
        case .floor: return .integer(isWhole || whole >= 0 ? whole : whole &- 1)
        }
    }
}
