/// Reads the syntax of OPA's globs: `*`, `**`, `?`, `[abc]`, `[!abc]`, `[a-z]`, `[!a-z]`, `{a,b}` and backslash.
///
/// It accepts what the reference accepts, oddities included: an open `{` needs no `}`, a `,` or `}` outside of
/// braces is itself, a backslash at the end is dropped, and U+0000 ends a run of text or, elsewhere, the pattern.
struct GlobParser {
    enum Token: Equatable {
        case text([UInt32])
        /// `*`
        case any
        /// `**`
        case anything
        /// `?`
        case single
        case list([UInt32], negated: Bool)
        case range(UInt32, UInt32, negated: Bool)
        case open
        case separator
        case close
    }

    private let text: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var level = 0
    private var atEnd = false
    /// Whether the brackets being read are `[]`; they are complete before an error behind them is seen.
    private var closesAtOnce = false

    static let maxDepth = 500

    init(_ text: UnsafeBufferPointer<UInt8>) {
        self.text = text
    }

    /// Reads a character; 0 at the end.
    private mutating func read() throws(GlobError) -> UInt32 {
        let (scalar, width) = try peek()
        position += width
        return scalar
    }

    private func peek() throws(GlobError) -> (scalar: UInt32, width: Int) {
        guard position < text.count else { return (0, 0) }
        let decoded = UTF8Text.decode(text, position)
        if decoded.scalar == UTF8Text.replacement { throw .invalidCharacter }
        return decoded
    }

    /// The next token, or nil at the end.
    mutating func next() throws(GlobError) -> Token? {
        while !atEnd {
            let start = position
            let scalar = try read()
            switch scalar {
            case 0:
                atEnd = true
                return nil
            case 0x7B:  // {
                level += 1
                if level > Self.maxDepth { throw .tooComplex }
                return .open
            case 0x2C where level > 0:  // ,
                return .separator
            case 0x7D where level > 0:  // }
                level -= 1
                return .close
            case 0x5B:  // [
                return try range()
            case 0x3F:  // ?
                return .single
            case 0x2A:  // *
                if try peek().scalar == 0x2A {
                    position += 1
                    return .anything
                }
                return .any
            default:
                position = start
                let run = try run(inRange: false)
                if !run.isEmpty { return .text(run) }
            }
        }
        return nil
    }

    /// Literal characters up to one that means something here.
    private mutating func run(inRange: Bool) throws(GlobError) -> [UInt32] {
        var scalars: [UInt32] = []
        var escaped = false
        while true {
            let start = position
            let scalar = try read()
            if scalar == 0 { break }
            if !escaped {
                if scalar == 0x5C {
                    escaped = true
                    continue
                }
                let stops =
                    switch scalar {
                    case 0x5D: inRange
                    case 0x3F, 0x2A, 0x5B, 0x7B: !inRange
                    case 0x7D, 0x2C: !inRange && level > 0
                    default: false
                    }
                if stops {
                    position = start
                    break
                }
            }
            escaped = false
            scalars.append(scalar)
        }
        return scalars
    }

    /// What follows a `[`. A character that is none ends the pattern here.
    private mutating func range() throws(GlobError) -> Token {
        do throws(GlobError) {
            return try readRange()
        } catch {
            throw error == .invalidCharacter && !closesAtOnce ? .unexpectedEnd : error
        }
    }

    private mutating func readRange() throws(GlobError) -> Token {
        var start = position
        var negated = false
        var first = try read()
        if first == 0x21 {  // !
            negated = true
            start = position
            first = try read()
        }
        if first == 0 { throw .unexpectedEnd }
        closesAtOnce = first == 0x5D
        if try peek().scalar == 0x2D {  // -
            position += 1
            let last = try read()
            if last == 0 { throw .unexpectedEnd }
            try closeRange()
            if last < first { throw .rangeOutOfOrder(lo: first, hi: last) }
            return .range(first, last, negated: negated)
        }
        position = start
        let scalars = try run(inRange: true)
        try closeRange()
        if scalars.isEmpty { throw .emptyRange }
        return .list(scalars, negated: negated)
    }

    private mutating func closeRange() throws(GlobError) {
        let scalar = try read()
        if scalar == 0 { throw .unexpectedEnd }
        if scalar != 0x5D { throw .expectedRangeClose }
    }
}

/// Appends the pattern that matches exactly `text`.
public func appendGlobQuoted(_ text: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
    for byte in text {
        switch byte {
        case UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "\\"), UInt8(ascii: "["), UInt8(ascii: "]"),
            UInt8(ascii: "{"), UInt8(ascii: "}"):
            output.append(UInt8(ascii: "\\"))
        default: break
        }
        output.append(byte)
    }
}
