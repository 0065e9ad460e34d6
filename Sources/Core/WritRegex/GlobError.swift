/// Why a glob pattern is not valid. The texts are those of OPA's glob library.
public enum GlobError: Error, Equatable {
    /// The pattern has a byte sequence that is no UTF-8, or U+FFFD.
    case invalidCharacter
    /// A `[` without its `]`.
    case unexpectedEnd
    /// More than one range between brackets, as in `[a-z0]`.
    case expectedRangeClose
    /// Nothing between brackets.
    case emptyRange
    /// A range such as `[z-a]`; the scalar values of its ends.
    case rangeOutOfOrder(lo: UInt32, hi: UInt32)
    /// Alternatives nest deeper than 500 or the compiled pattern is too large.
    case tooComplex

    public var message: [UInt8] {
        var out: [UInt8] = []
        switch self {
        case .invalidCharacter: out.append("could not read rune")
        case .unexpectedEnd: out.append("unexpected end of input")
        case .expectedRangeClose: out.append("expected close range character")
        case .emptyRange: out.append("could not parse range")
        case .rangeOutOfOrder(let lo, let hi):
            out.append("hi character '")
            UTF8Text.append(hi, to: &out)
            out.append("' should be greater than lo '")
            UTF8Text.append(lo, to: &out)
            out.append("'")
        case .tooComplex: out.append("glob pattern too complex")
        }
        return out
    }
}
