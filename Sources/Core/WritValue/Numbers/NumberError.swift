/// Why an operation on numbers has no result.
public enum NumberError: Error, Equatable, Sendable {
    /// The bytes are not a number in the grammar that was asked for.
    case syntax
    /// The result, or an intermediate, would be larger than the limit on size.
    case tooLarge
    /// "divide by zero"
    case divideByZero
    /// "modulo by zero"
    case moduloByZero
    /// "modulo on floating-point number"
    case moduloOnFloat
    /// "must be integer number but got floating-point number"
    case notAnInteger
    /// "must be an unsigned integer number but got a negative integer"
    case negativeInteger
}
