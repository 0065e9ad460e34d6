/// Whether two patterns, in the small syntax of OPA's `regex.globs_match`, have a non-empty string in common, as the library
/// that OPA uses decides it. (It misses some: `ab*` and `a` have none for it.)
///
/// A pattern is a row of characters, `.` for any character and `[...]` for one of a set, each with `*` (any number) or
/// `+` (at least one) behind it or nothing. A backslash takes the meaning from the next character. Sets have ranges
/// but no complement.
public enum GlobIntersection {
    /// Why a pattern is not valid.
    public enum Failure: Error, Equatable {
        /// The library's text.
        case invalid([UInt8])
        /// The patterns are too long together: more than 16 million pairs of positions.
        case tooComplex

        public var message: [UInt8] {
            switch self {
            case .invalid(let text):
                return text
            case .tooComplex:
                var out: [UInt8] = []
                out.append("patterns too complex")
                return out
            }
        }
    }

    private enum Flag {
        case none, plus, star
    }

    private enum Kind {
        case character, dot, set
    }

    /// A character of a pattern and what is behind it.
    private struct Token {
        var kind: Kind
        /// Sorted ranges.
        var set: CharSet
        var flag: Flag
    }

    private static let maxPairs = 1 << 24

    /// - Throws: `Failure` if a pattern is not valid, the first one first.
    public static func isNonEmpty(
        _ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>
    ) throws(Failure) -> Bool {
        let first = simplified(try tokens(a))
        let second = simplified(try tokens(b))
        guard let (one, two) = trimmed(first, second) else { return false }
        let (pairs, overflow) = (one.count + 1).multipliedReportingOverflow(by: two.count + 1)
        if overflow || pairs > maxPairs { throw .tooComplex }
        return intersect(Array(one), Array(two))
    }

    /// Joins neighbours such as `a*a+`.
    private static func simplified(_ tokens: [Token]) -> [Token] {
        var result: [Token] = []
        for token in tokens {
            if let last = result.last, last.flag != .none, token.flag != .none, last.kind == token.kind,
                last.set == token.set
            {
                if token.flag == .plus { result[result.count - 1].flag = .plus }
            } else {
                result.append(token)
            }
        }
        return result
    }

    /// Takes away what both have at either end without `*` or `+`, but for one token; nil if that differs.
    private static func trimmed(_ a: [Token], _ b: [Token]) -> (ArraySlice<Token>, ArraySlice<Token>)? {
        var left = 0
        while left < a.count, left < b.count, a[left].flag == .none, b[left].flag == .none {
            if !match(a[left], b[left]) { return nil }
            left += 1
        }
        if left > 0 { left -= 1 }
        var endA = a.count
        var endB = b.count
        while endA > left, endB > left, a[endA - 1].flag == .none, b[endB - 1].flag == .none {
            if !match(a[endA - 1], b[endB - 1]) { return nil }
            endA -= 1
            endB -= 1
        }
        if endA < a.count {
            endA += 1
            endB += 1
        }
        return (a[left..<endA], b[left..<endB])
    }

    /// For a pair of positions (i in a, j in b), whether the rests have a string in common. The reference does not try
    /// every way, and the answer depends on which pattern it looks at first; so both orders are kept.
    private struct Cell {
        /// Looking at a first, or at b first.
        var normalA = false
        var normalB = false
        /// Where a's token takes any number of b's, or b's of a's.
        var starA = false
        var starB = false
    }

    /// Fills the table of all pairs from the end, a row at a time.
    private static func intersect(_ a: [Token], _ b: [Token]) -> Bool {
        var below = [Cell](repeating: Cell(), count: b.count + 1)
        var row = below
        for i in stride(from: a.count, through: 0, by: -1) {
            for j in stride(from: b.count, through: 0, by: -1) {
                row[j] = cell(
                    a, b, i, j, right: j < b.count ? row[j + 1] : Cell(), below: below[j],
                    diagonal: j < b.count ? below[j + 1] : Cell())
            }
            swap(&row, &below)
        }
        return below[0].normalA
    }

    private static func cell(
        _ a: [Token], _ b: [Token], _ i: Int, _ j: Int, right: Cell, below: Cell, diagonal: Cell
    ) -> Cell {
        var cell = Cell()
        if i == a.count, j == b.count {
            cell.normalA = true
            cell.normalB = true
            return cell
        }
        if i == a.count {
            cell.starB = j + 1 == b.count
            return cell
        }
        if j == b.count {
            cell.starA = i + 1 == a.count
            return cell
        }
        let same = match(a[i], b[j])
        cell.starA = i + 1 < a.count && match(b[j], a[i + 1]) && below.normalA || same && right.starA
        cell.starB = j + 1 < b.count && match(a[i], b[j + 1]) && right.normalB || same && below.starB
        let byA: Bool
        switch a[i].flag {
        case .none: byA = false
        case .plus: byA = same && (right.starA || b[j].flag != .none && below.normalA)
        case .star: byA = cell.starA
        }
        let byB: Bool
        switch b[j].flag {
        case .none: byB = false
        case .plus: byB = same && (below.starB || a[i].flag != .none && right.normalB)
        case .star: byB = cell.starB
        }
        if a[i].flag == .none, b[j].flag == .none {
            cell.normalA = same && diagonal.normalA
            cell.normalB = same && diagonal.normalB
        } else {
            cell.normalA = a[i].flag != .none ? byA : byB
            cell.normalB = b[j].flag != .none ? byB : byA
        }
        return cell
    }

    private static func match(_ a: Token, _ b: Token) -> Bool {
        // A `.` even matches the empty set.
        a.kind == .dot || b.kind == .dot || overlap(a.set, b.set)
    }

    private static func overlap(_ a: CharSet, _ b: CharSet) -> Bool {
        var i = 0
        var j = 0
        while i < a.ranges.count, j < b.ranges.count {
            if a.ranges[i].hi < b.ranges[j].lo {
                i += 1
            } else if b.ranges[j].hi < a.ranges[i].lo {
                j += 1
            } else {
                return true
            }
        }
        return false
    }

    // MARK: Reading

    private static func tokens(_ text: UnsafeBufferPointer<UInt8>) throws(Failure) -> [Token] {
        var reader = Reader(text)
        var result: [Token] = []
        while reader.position < reader.scalars.count {
            let character = try reader.next()
            var kind = Kind.character
            var set = CharSet(character.scalar, character.scalar)
            switch character.scalar {
            case _ where character.escaped:
                break
            case 0x2E:  // .
                kind = .dot
            case 0x5B:  // [
                kind = .set
                set = try reader.set()
            case 0x5D:  // ]
                throw reader.failure("set-close ']' with no preceding '['")
            case 0x2A, 0x2B:  // * +
                throw reader.failure(
                    character.scalar == 0x2A
                        ? "flag '*' must be preceded by a non-flag" : "flag '+' must be preceded by a non-flag")
            default:
                break
            }
            set.normalize()
            let flag: Flag =
                switch try reader.flag() {
                case 0x2A: .star
                case 0x2B: .plus
                default: .none
                }
            result.append(Token(kind: kind, set: set, flag: flag))
        }
        return result
    }

    /// Positions count characters, as in the library's texts.
    private struct Reader {
        let text: UnsafeBufferPointer<UInt8>
        var scalars: [UInt32] = []
        var position = 0

        init(_ text: UnsafeBufferPointer<UInt8>) {
            self.text = text
            var index = 0
            while index < text.count {
                let (scalar, width) = UTF8Text.decode(text, index)
                scalars.append(scalar)
                index += width
            }
        }

        func failure(_ reason: StaticString) -> Failure { failure { $0.append(reason) } }

        private func failure(_ reason: (inout [UInt8]) -> Void) -> Failure {
            var out: [UInt8] = []
            out.append("input:")
            out.append(contentsOf: text)
            out.append(", pos:")
            var digits: [UInt8] = []
            var rest = position
            repeat {
                digits.append(UInt8(ascii: "0") + UInt8(rest % 10))
                rest /= 10
            } while rest > 0
            out.append(contentsOf: digits.reversed())
            out.append(", ")
            reason(&out)
            out.append(": the input provided is invalid")
            return .invalid(out)
        }

        /// Reads a character, which must be there.
        mutating func next() throws(Failure) -> (scalar: UInt32, escaped: Bool) {
            let scalar = scalars[position]
            if scalar != 0x5C {
                position += 1
                return (scalar, false)
            }
            guard position + 1 < scalars.count else { throw failure("input ends with a \\ (escape) character") }
            position += 2
            return (scalars[position - 1], true)
        }

        /// Reads a `*` or `+` if there is one.
        mutating func flag() throws(Failure) -> UInt32 {
            guard position < scalars.count else { return 0 }
            let start = position
            let character = try next()
            if !character.escaped, character.scalar == 0x2A || character.scalar == 0x2B { return character.scalar }
            position = start
            return 0
        }

        /// Reads what follows a `[`.
        mutating func set() throws(Failure) -> CharSet {
            var set = CharSet()
            var previous: UInt32?
            while position < scalars.count {
                let character = try next()
                if !character.escaped, character.scalar == 0x5D { return set }
                guard !character.escaped, character.scalar == 0x2D else {
                    set.add(character.scalar, character.scalar)
                    previous = character.scalar
                    continue
                }
                guard let lo = previous else {
                    throw failure("range character '-' must be preceded by a Unicode character")
                }
                if position >= scalars.count - 1 {
                    throw failure("range character '-' must be followed by a Unicode character")
                }
                let hi = try next()
                if !hi.escaped, hi.scalar == 0x5D || hi.scalar == 0x2D {
                    throw failure("range character '-' cannot be followed by a special symbol")
                }
                if hi.scalar < lo {
                    throw failure { out in
                        out.append("range is out of order: '")
                        UTF8Text.append(hi.scalar, to: &out)
                        out.append("' comes before '")
                        UTF8Text.append(lo, to: &out)
                        out.append("' in Unicode")
                    }
                }
                set.add(lo, hi.scalar)
                previous = nil
            }
            throw failure("found [ without matching ]")
        }
    }
}
