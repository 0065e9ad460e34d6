/// The arithmetic of OPA 1.20 on the texts of numbers.
///
/// - `+ - * %`, `sum`, `product`, `bits.*`, `numbers.range`: when every operand's exact value is an integer, however
///   spelled (5, 5.0, 1e20), the result is an exact integer, and zero is "0" even from "-0".
/// - Otherwise each operand is rounded to a binary float of 64 bits and so is the result, except that `product`
///   rounds its running result to 53 bits. `%` has no such form.
/// - `/` is always a float quotient: 123456789012345678901234567890 / 10 is 12345678901234567890000000000, and
///   0 / -5 is -0. A zero divisor of any spelling is an error.
/// - `abs`, `round`, `ceil`, `floor` leave integers of 32 bits alone and take the others through the float, so that
///   round(1e30) is 1000000000000000000024696061952 while abs(1e30) is 10^30.
/// - Results are spelled by `BinaryFloat.text`: 0.1 + 0.2 is 0.3, 1 / 3 is 0.33333333333333333334,
///   1.1 - 1 is 0.10000000000000000002.
public enum NumberArithmetic {
    /// A binary operator.
    public enum Operator: Sendable {
        case plus, minus, multiply, divide, remainder
    }

    /// A function of one number.
    public enum Function: Sendable {
        case abs, round, ceil, floor
    }

    /// The result's spelling.
    ///
    /// Throws `divideByZero`, `moduloByZero`, `moduloOnFloat`, `tooLarge`, or `syntax` when an operand is no number.
    public static func apply(
        _ operation: Operator, _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>
    ) throws(NumberError) -> [UInt8] {
        guard let a = DecimalScan(left), let b = DecimalScan(right) else { throw .syntax }
        if operation != .divide, a.isIntegral, b.isIntegral,
            let x = try NumberText.integer(a), let y = try NumberText.integer(b)
        {
            switch operation {
            case .plus: return try x.adding(y).decimalText
            case .minus: return try x.subtracting(y).decimalText
            case .multiply: return try x.multiplied(by: y).decimalText
            case .remainder, .divide:
                if y.isZero { throw .moduloByZero }
                return try x.divided(by: y).remainder.decimalText
            }
        }
        if operation == .remainder { throw .moduloOnFloat }
        let x = try BinaryFloat(a)
        let y = try BinaryFloat(b)
        switch operation {
        case .plus: return try x.adding(y).text()
        case .minus: return try x.subtracting(y).text()
        case .multiply: return try x.multiplied(by: y).text()
        case .divide, .remainder: return try x.divided(by: y).text()
        }
    }

    /// The result's spelling; throws `tooLarge`, or `syntax` when the operand is no number.
    public static func apply(
        _ function: Function, _ operand: UnsafeBufferPointer<UInt8>
    ) throws(NumberError) -> [UInt8] {
        guard let scan = DecimalScan(operand) else { throw .syntax }
        if scan.isPlainInteger, scan.count <= 10, let small = NumberText.exactInt64(operand),
            small >= Int64(Int32.min), small <= Int64(Int32.max)
        {
            return BigInteger(function == .abs ? abs(small) : small).decimalText
        }
        let value = try BinaryFloat(scan)
        switch function {
        case .abs: return try value.magnitude.text()
        case .round: return try value.rounded().decimalText
        case .ceil: return try value.ceiling().decimalText
        case .floor: return try value.floored().decimalText
        }
    }

    public static func apply(_ operation: Operator, _ left: [UInt8], _ right: [UInt8]) throws(NumberError) -> [UInt8] {
        let result: Result<[UInt8], NumberError> = left.withUnsafeBufferPointer { a in
            right.withUnsafeBufferPointer { b in
                do throws(NumberError) { return .success(try apply(operation, a, b)) } catch { return .failure(error) }
            }
        }
        return try result.get()
    }

    public static func apply(_ function: Function, _ operand: [UInt8]) throws(NumberError) -> [UInt8] {
        let result: Result<[UInt8], NumberError> = operand.withUnsafeBufferPointer { a in
            do throws(NumberError) { return .success(try apply(function, a)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// `format_int`: an integer's digits in base 2, 8, 10 or 16, a fraction cut off. A spelling with a point or an
    /// exponent goes through the float and loses what 64 bits do not hold; "-0.5" gives "0".
    public static func formatInteger(
        _ operand: UnsafeBufferPointer<UInt8>, base: Int
    ) throws(NumberError) -> [UInt8] {
        guard let scan = DecimalScan(operand) else { throw .syntax }
        if scan.isPlainInteger, let integer = try NumberText.integer(scan) { return integer.text(base: base) }
        return try BinaryFloat(scan).truncated().text(base: base)
    }
}

extension BinaryFloat {
    /// Half away from zero, by adding 0.5 (rounded to 64 bits) and cutting off, as OPA does.
    public func rounded() throws(NumberError) -> BigInteger {
        try (isNegative ? subtracting(.half) : adding(.half)).truncated()
    }

    /// The integer cut off, plus one when something was cut off and the integer is not negative: of -0.5 it is 1.
    public func ceiling() throws(NumberError) -> BigInteger {
        let whole = try truncated()
        return whole.isNegative || isInteger ? whole : try whole.adding(BigInteger(1 as Int64))
    }

    /// The integer cut off, minus one when something was cut off and the integer is negative: of -0.5 it is 0.
    public func floored() throws(NumberError) -> BigInteger {
        let whole = try truncated()
        return !whole.isNegative || isInteger ? whole : try whole.subtracting(BigInteger(1 as Int64))
    }
}

/// `sum` and `product` while their elements come in: exact while all are integers, then in floats from the start.
///
/// Feed every element to `add`, then take `result`. When `needsFloats` is true at the end the elements must be fed a
/// second time to an accumulator made with `floats: true`, since the exact prefix is rounded element by element.
public struct NumberAccumulator {
    private let isProduct: Bool
    private let inFloats: Bool
    private var integer: BigInteger
    private var float: BinaryFloat
    /// Whether an element was not an integer, so that the elements must be fed again in floats.
    public private(set) var needsFloats = false

    public init(product: Bool, floats: Bool = false) {
        isProduct = product
        inFloats = floats
        integer = BigInteger(product ? 1 as Int64 : 0)
        float = product ? .one : .zero
    }

    public mutating func add(_ bytes: UnsafeBufferPointer<UInt8>) throws(NumberError) {
        if inFloats {
            let value = try BinaryFloat(bytes)
            float = isProduct ? try float.multiplied(by: value, precision: 53) : try float.adding(value)
            return
        }
        if needsFloats { return }
        guard let value = try NumberText.integer(bytes) else {
            needsFloats = true
            return
        }
        integer = isProduct ? try integer.multiplied(by: value) : try integer.adding(value)
    }

    /// Adds mantissa / 10^scale, a scale of at most 18, as `add` does its text.
    public mutating func add(mantissa: Int64, scale: UInt8) throws(NumberError) {
        if inFloats {
            let value = try BinaryFloat(
                negative: mantissa < 0, digits: mantissa.magnitude, powerOfTen: 0 - Int(scale))
            float = isProduct ? try float.multiplied(by: value, precision: 53) : try float.adding(value)
            return
        }
        if needsFloats { return }
        var whole = mantissa
        for _ in 0..<scale {
            if whole % 10 != 0 {
                needsFloats = true
                return
            }
            whole /= 10
        }
        let value = BigInteger(whole)
        integer = isProduct ? try integer.multiplied(by: value) : try integer.adding(value)
    }

    /// The spelling of the result.
    public func result() throws(NumberError) -> [UInt8] {
        inFloats ? try float.text(precision: isProduct ? 53 : 64) : integer.decimalText
    }
}
