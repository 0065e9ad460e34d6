/// A parsed verb of Go's `fmt`: `%[flags][width][.precision]verb`.
public struct FormatSpec: Sendable {
    /// The letter, as a Unicode scalar value.
    public var verb: UInt32
    public var plus = false
    public var minus = false
    public var sharp = false
    public var space = false
    public var zero = false
    public var width: Int?
    public var precision: Int?

    /// Go reads no digit of a width or precision once the number is above 1,000,000, so this is the largest one.
    /// Larger values in a spec are cut down to it.
    public static let maximumSize = 1_000_009

    public init(verb: UInt32) { self.verb = verb }

    /// Width to pad to, 0 without one.
    var padding: Int { max(0, min(width ?? 0, FormatSpec.maximumSize)) }
    /// Precision within bounds.
    var digits: Int? { precision.map { max(0, min($0, FormatSpec.maximumSize)) } }

    /// Pads text of `count` characters on the side that the flags say.
    func pad(_ text: [UInt8], count: Int, to out: inout [UInt8]) {
        let missing = padding - count
        if missing > 0, !minus { appendPadding(missing, to: &out) }
        out.append(contentsOf: text)
        if missing > 0, minus { appendPadding(missing, to: &out) }
    }

    /// Spaces, or zeros where the flags ask for them on the left.
    func appendPadding(_ count: Int, to out: inout [UInt8]) {
        if count <= 0 { return }
        let byte = zero && !minus ? UInt8(ascii: "0") : UInt8(ascii: " ")
        out.append(contentsOf: repeatElement(byte, count: count))
    }
}

/// An argument of `sprintf` as OPA hands it to Go's `fmt`.
public enum FormatArgument: Sendable {
    /// Go's `int64`.
    case integer(Int64)
    /// Go's `*big.Int`.
    case bigInteger(BigInteger)
    /// Go's `float64`.
    case double(Double)
    /// Go's `string`: strings, composites and constants as Rego text, and numbers with an exponent but no point.
    case string([UInt8])
}

extension NumberText {
    /// The integer that a number is where a builtin takes an index or a count: plain digits that fit 64 bits, or at
    /// most 18 digits with a fraction of zeros (3, 3.00). 3e0 is none, nor is a longer spelling.
    public static func operandInt64(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard let scan = DecimalScan(bytes), !scan.hasExponent else { return nil }
        if !scan.isPlainInteger, scan.writtenDigits > 18 { return nil }
        return exactInt64(bytes)
    }

    /// The argument of `sprintf` that a number becomes: `operandInt64`, else an integer of plain digits, else with a
    /// point in the spelling and within Double's range a Double, else its text. Larger integers are text as well.
    public static func formatArgument(_ bytes: UnsafeBufferPointer<UInt8>) -> FormatArgument {
        if let small = operandInt64(bytes) { return .integer(small) }
        if let scan = DecimalScan(bytes) {
            if scan.isPlainInteger, let exact = try? integer(scan) { return .bigInteger(exact) }
            if scan.scale > 0 {
                let value = DoubleText.parse(scan)
                if value.isFinite { return .double(value) }
            }
        }
        return .string(Array(bytes))
    }
}
