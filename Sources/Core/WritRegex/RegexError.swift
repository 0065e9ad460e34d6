/// Why a pattern is no valid regular expression.
///
/// The text of `message` is Go's, because callers of OPA see and match on it.
public struct RegexError: Error {
    /// The kinds of error, in Go's terms.
    public enum Code: UInt8, Sendable {
        case invalidCharRange
        case invalidEscape
        case invalidNamedCapture
        case invalidPerlOp
        case invalidRepeatOp
        case invalidRepeatSize
        case invalidUTF8
        case missingBracket
        case missingParen
        case missingRepeatArgument
        case trailingBackslash
        case unexpectedParen
        case nestingDepth
        case tooLarge

        /// Go's wording of the kind.
        var text: StaticString {
            switch self {
            case .invalidCharRange: "invalid character class range"
            case .invalidEscape: "invalid escape sequence"
            case .invalidNamedCapture: "invalid named capture"
            case .invalidPerlOp: "invalid or unsupported Perl syntax"
            case .invalidRepeatOp: "invalid nested repetition operator"
            case .invalidRepeatSize: "invalid repeat count"
            case .invalidUTF8: "invalid UTF-8"
            case .missingBracket: "missing closing ]"
            case .missingParen: "missing closing )"
            case .missingRepeatArgument: "missing argument to repetition operator"
            case .trailingBackslash: "trailing backslash at end of expression"
            case .unexpectedParen: "unexpected )"
            case .nestingDepth: "expression nests too deeply"
            case .tooLarge: "expression too large"
            }
        }
    }

    public let code: Code
    /// The part of the pattern that is at fault.
    public let fragment: [UInt8]

    init(_ code: Code, _ fragment: some Sequence<UInt8>) {
        self.code = code
        self.fragment = [UInt8](fragment)
    }

    /// The whole text, for example ``error parsing regexp: missing closing ): `a(b` ``.
    public var message: [UInt8] {
        var out: [UInt8] = []
        out.append("error parsing regexp: ")
        out.append(code.text)
        out.append(": `")
        out.append(contentsOf: fragment)
        out.append(UInt8(ascii: "`"))
        return out
    }
}

extension [UInt8] {
    /// Appends the bytes of a literal.
    mutating func append(_ literal: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }
}
