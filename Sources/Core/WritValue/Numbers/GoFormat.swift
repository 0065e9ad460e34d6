/// One argument formatted by one verb, as Go's `fmt` does it for the four kinds of argument that OPA's `sprintf` has.
///
/// Parsing the format, choosing arguments, `%%`, `%!(NOVERB)`, `%!v(MISSING)` and `%!(EXTRA ...)` are the caller's.
public enum GoFormat {
    /// Appends an argument; a verb that does not fit it gives Go's `%!verb(type=value)`.
    ///
    /// The flags are those written: `%+v` and `%#v` are told apart here.
    public static func append(_ argument: FormatArgument, _ spec: FormatSpec, to out: inout [UInt8]) {
        if spec.verb == UInt32(UInt8(ascii: "T")) {
            var plain = spec
            plain.verb = UInt32(UInt8(ascii: "s"))
            appendPlain(typeName(argument), plain, to: &out)
            return
        }
        var spec = spec
        var sharpV = false
        let isValueVerb = spec.verb == UInt32(UInt8(ascii: "v")) || spec.verb == UInt32(UInt8(ascii: "w"))
        if isValueVerb, !isBigInteger(argument) {
            // Of a number or string, %+v is %v, and # asks for Go syntax. %w is an error that shows %v.
            sharpV = spec.sharp
            spec.sharp = false
            spec.plus = false
        }
        if appendMatching(argument, spec, sharpV: sharpV, to: &out) { return }
        appendMismatch(argument, spec, sharpV: sharpV, to: &out)
    }

    /// Go's name for an argument's type, as in `%T` and `%!(EXTRA int64=1)`.
    public static func typeName(_ argument: FormatArgument) -> [UInt8] {
        let name: StaticString =
            switch argument {
            case .integer: "int64"
            case .bigInteger: "*big.Int"
            case .double: "float64"
            case .string: "string"
            }
        return name.withUTF8Buffer { Array($0) }
    }

    private static func isBigInteger(_ argument: FormatArgument) -> Bool {
        if case .bigInteger = argument { return true }
        return false
    }

    private static func appendMatching(
        _ argument: FormatArgument, _ spec: FormatSpec, sharpV: Bool, to out: inout [UInt8]
    ) -> Bool {
        switch argument {
        case .integer(let value): return appendInteger(value, spec, to: &out)
        case .bigInteger(let value): return appendBigInteger(value, spec, to: &out)
        case .double(let value): return appendDouble(value, spec, to: &out)
        case .string(let text): return appendString(text, spec, sharpV: sharpV, to: &out)
        }
    }

    /// `%!verb(type=value)`, the value as `%v` with the flags that stand.
    private static func appendMismatch(
        _ argument: FormatArgument, _ spec: FormatSpec, sharpV: Bool, to out: inout [UInt8]
    ) {
        out.append(UInt8(ascii: "%"))
        out.append(UInt8(ascii: "!"))
        encode(spec.verb, to: &out)
        out.append(UInt8(ascii: "("))
        if case .bigInteger(let value) = argument {
            // big.Int writes this itself, without the star and without flags.
            let name: StaticString = "big.Int="
            name.withUTF8Buffer { out.append(contentsOf: $0) }
            out.append(contentsOf: value.decimalText)
        } else {
            out.append(contentsOf: typeName(argument))
            out.append(UInt8(ascii: "="))
            var plain = spec
            plain.verb = UInt32(UInt8(ascii: "v"))
            _ = appendMatching(argument, plain, sharpV: sharpV, to: &out)
        }
        out.append(UInt8(ascii: ")"))
    }

    // MARK: Integers of 64 bits

    private static func appendInteger(_ value: Int64, _ spec: FormatSpec, to out: inout [UInt8]) -> Bool {
        switch spec.verb {
        case UInt32(UInt8(ascii: "v")), UInt32(UInt8(ascii: "d")): appendDigits(value, 10, spec, to: &out)
        case UInt32(UInt8(ascii: "b")): appendDigits(value, 2, spec, to: &out)
        case UInt32(UInt8(ascii: "o")), UInt32(UInt8(ascii: "O")): appendDigits(value, 8, spec, to: &out)
        case UInt32(UInt8(ascii: "x")), UInt32(UInt8(ascii: "X")): appendDigits(value, 16, spec, to: &out)
        case UInt32(UInt8(ascii: "c")):
            var text: [UInt8] = []
            encode(scalar(value), to: &text)
            spec.pad(text, count: 1, to: &out)
        case UInt32(UInt8(ascii: "q")):
            var text: [UInt8] = [UInt8(ascii: "'")]
            let code = scalar(value)
            let valid = code < 0xD800 || code >= 0xE000
            appendEscaped(valid ? code : 0xFFFD, UInt8(ascii: "'"), spec.plus, to: &text)
            text.append(UInt8(ascii: "'"))
            spec.pad(text, count: characters(text), to: &out)
        case UInt32(UInt8(ascii: "U")): appendUnicode(value, spec, to: &out)
        default: return false
        }
        return true
    }

    private static func scalar(_ value: Int64) -> UInt32 {
        value < 0 || value > 0x10FFFF ? 0xFFFD : UInt32(truncatingIfNeeded: value)
    }

    private static func appendDigits(_ value: Int64, _ base: Int, _ spec: FormatSpec, to out: inout [UInt8]) {
        var least = 0
        if let digits = spec.digits {
            least = digits
            if digits == 0, value == 0 {
                out.append(contentsOf: repeatElement(UInt8(ascii: " "), count: spec.padding))
                return
            }
        } else if spec.zero, !spec.minus, spec.width != nil {
            least = spec.padding - (value < 0 || spec.plus || spec.space ? 1 : 0)
        }
        let upper = spec.verb == UInt32(UInt8(ascii: "X"))
        var digits: [UInt8] = []
        BigInteger(value.magnitude, negative: false).appendMagnitude(base: base, upper: upper, to: &digits)
        var text: [UInt8] = []
        if value < 0 {
            text.append(UInt8(ascii: "-"))
        } else if spec.plus {
            text.append(UInt8(ascii: "+"))
        } else if spec.space {
            text.append(UInt8(ascii: " "))
        }
        let octal0 = base == 8 && spec.sharp && least <= digits.count && digits[0] != UInt8(ascii: "0")
        appendPrefix(spec, base, upper: upper, octalZero: octal0, to: &text)
        if least > digits.count {
            text.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: least - digits.count))
        }
        text.append(contentsOf: digits)
        var spaces = spec
        spaces.zero = false
        spaces.pad(text, count: text.count, to: &out)
    }

    private static func appendPrefix(
        _ spec: FormatSpec, _ base: Int, upper: Bool, octalZero: Bool, to text: inout [UInt8]
    ) {
        if spec.verb == UInt32(UInt8(ascii: "O")) {
            text.append(UInt8(ascii: "0"))
            text.append(UInt8(ascii: "o"))
        }
        if octalZero { text.append(UInt8(ascii: "0")) }
        if spec.sharp, base == 2 || base == 16 {
            text.append(UInt8(ascii: "0"))
            text.append(base == 2 ? UInt8(ascii: "b") : UInt8(ascii: upper ? "X" : "x"))
        }
    }

    private static func appendUnicode(_ value: Int64, _ spec: FormatSpec, to out: inout [UInt8]) {
        var digits: [UInt8] = []
        BigInteger(UInt64(bitPattern: value)).appendMagnitude(base: 16, upper: true, to: &digits)
        var text: [UInt8] = [UInt8(ascii: "U"), UInt8(ascii: "+")]
        let least = max(4, spec.digits ?? 4)
        if least > digits.count {
            text.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: least - digits.count))
        }
        text.append(contentsOf: digits)
        if spec.sharp, value >= 0, value <= 0x10FFFF,
            PrintableScalars.contains(UInt32(truncatingIfNeeded: value))
        {
            text.append(UInt8(ascii: " "))
            text.append(UInt8(ascii: "'"))
            encode(UInt32(truncatingIfNeeded: value), to: &text)
            text.append(UInt8(ascii: "'"))
        }
        var spaces = spec
        spaces.zero = false
        spaces.pad(text, count: characters(text), to: &out)
    }

    // MARK: Big integers

    private static func appendBigInteger(_ value: BigInteger, _ spec: FormatSpec, to out: inout [UInt8]) -> Bool {
        let base: Int
        switch spec.verb {
        case UInt32(UInt8(ascii: "b")): base = 2
        case UInt32(UInt8(ascii: "o")), UInt32(UInt8(ascii: "O")): base = 8
        case UInt32(UInt8(ascii: "d")), UInt32(UInt8(ascii: "s")), UInt32(UInt8(ascii: "v")): base = 10
        case UInt32(UInt8(ascii: "x")), UInt32(UInt8(ascii: "X")): base = 16
        default: return false
        }
        let upper = spec.verb == UInt32(UInt8(ascii: "X"))
        var digits: [UInt8] = []
        value.appendMagnitude(base: base, upper: upper, to: &digits)
        var lead: [UInt8] = []
        if value.isNegative {
            lead.append(UInt8(ascii: "-"))
        } else if spec.plus {
            lead.append(UInt8(ascii: "+"))
        } else if spec.space {
            lead.append(UInt8(ascii: " "))
        }
        let octalZero = spec.sharp && spec.verb == UInt32(UInt8(ascii: "o"))
        appendPrefix(spec, base, upper: upper, octalZero: octalZero, to: &lead)
        var zeros = max(0, (spec.digits ?? 0) - digits.count)
        if value.isZero, spec.digits == 0 { return true }
        let missing = max(0, spec.padding - lead.count - zeros - digits.count)
        if missing > 0, !spec.minus {
            if spec.zero, spec.digits == nil {
                zeros = missing
            } else {
                out.append(contentsOf: repeatElement(UInt8(ascii: " "), count: missing))
            }
        }
        out.append(contentsOf: lead)
        out.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: zeros))
        out.append(contentsOf: digits)
        if spec.minus { out.append(contentsOf: repeatElement(UInt8(ascii: " "), count: missing)) }
        return true
    }
}
