/// Answers as OPA's glob library does where that differs from the documented meaning of a pattern.
///
/// The library turns a pattern into matchers that guess lengths, in characters where it cuts bytes, and that search
/// for one piece and match what is left and right of it. So `a/{b*,c}/d` does not match "a/bxx/d", nor `?é` "aé".
/// Policies are written and tested against these answers, therefore `Glob` asks here for the patterns concerned.
/// `ReferenceGlobBuilder` makes the matchers.
///
/// Their time is not linear; so only short patterns and texts are asked, and each question has a budget of steps.
struct ReferenceGlob {
    enum Kind {
        case text([UInt8])
        /// `*`, with the delimiters.
        case any([UInt32])
        /// `**`
        case anything
        case single([UInt32])
        case list([UInt32], negated: Bool)
        case range(UInt32, UInt32, negated: Bool)
        /// Matches the empty text.
        case nothing
        /// Matchers of fixed lengths, one behind the other.
        case row([Int], length: Int)
        case atLeast(Int)
        case atMost(Int)
        case contains([UInt8], negated: Bool)
        case everyOf([Int])
        case anyOf([Int])
        case prefix([UInt8])
        case suffix([UInt8])
        case prefixSuffix([UInt8], [UInt8])
        case prefixAny([UInt8], [UInt32])
        case suffixAny([UInt8], [UInt32])
        /// Looks for `value` and matches what is before and behind it; -1 for nothing.
        case tree(value: Int, left: Int, right: Int)
    }

    struct Matcher {
        var kind: Kind
        /// Length in characters, or -1 if it varies. As the library computes it, which is not always right.
        var length = -1
        /// For a tree.
        var leftLength = 0
        var rightLength = 0
    }

    /// Longer texts are not asked.
    static let maxText = 4096
    /// Patterns with more tokens are not asked.
    static let maxTokens = 64
    private static let stepsPerQuestion = 20_000

    private let matchers: [Matcher]
    private let root: Int
    /// Ends of what was found, for all searches under way.
    private var ends: [Int] = []
    private var steps = 0
    /// The library would fail, or the budget is spent.
    private var hasGivenUp = false

    init(_ matchers: [Matcher], root: Int) {
        self.matchers = matchers
        self.root = root
    }

    var byteCount: Int { matchers.count * 96 + ends.capacity * 8 }

    /// Whether the pattern matches the whole text; nil if that cannot be told here.
    mutating func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool? {
        if text.count > Self.maxText { return nil }
        steps = 0
        hasGivenUp = false
        ends.removeAll(keepingCapacity: true)
        let result = match(root, text, 0, text.count)
        return hasGivenUp ? nil : result
    }

    // MARK: Matching text[from..<to]

    private mutating func match(_ index: Int, _ text: UnsafeBufferPointer<UInt8>, _ from: Int, _ to: Int) -> Bool {
        steps += 1 + (to - from) / 16
        if steps > Self.stepsPerQuestion { hasGivenUp = true }
        if hasGivenUp { return false }
        let matcher = matchers[index]
        switch matcher.kind {
        case .text(let bytes):
            return to - from == bytes.count && Self.hasPrefix(bytes, text, from, to)
        case .any(let delimiters):
            return Self.firstDelimiter(delimiters, text, from, to) < 0
        case .anything:
            return true
        case .single(let delimiters):
            guard let scalar = Self.onlyScalar(text, from, to) else { return false }
            return !delimiters.contains(scalar)
        case .list(let list, let negated):
            guard let scalar = Self.onlyScalar(text, from, to) else { return false }
            return list.contains(scalar) != negated
        case .range(let lo, let hi, let negated):
            guard let scalar = Self.onlyScalar(text, from, to) else { return false }
            return (lo <= scalar && scalar <= hi) != negated
        case .nothing:
            return from == to
        case .row(let parts, let length):
            return Self.countScalars(text, from, to, limit: length + 1) == length
                && matchParts(parts, text, from, to)
        case .atLeast(let limit):
            return Self.countScalars(text, from, to, limit: limit) >= limit
        case .atMost(let limit):
            return Self.countScalars(text, from, to, limit: limit + 1) <= limit
        case .contains(let bytes, let negated):
            return (Self.find(bytes, text, from, to) >= 0) != negated
        case .everyOf(let parts):
            for part in parts where !match(part, text, from, to) { return false }
            return true
        case .anyOf(let parts):
            for part in parts where match(part, text, from, to) { return true }
            return false
        case .prefix(let bytes):
            return Self.hasPrefix(bytes, text, from, to)
        case .suffix(let bytes):
            return Self.hasSuffix(bytes, text, from, to)
        case .prefixSuffix(let head, let tail):
            return Self.hasPrefix(head, text, from, to) && Self.hasSuffix(tail, text, from, to)
        case .prefixAny(let bytes, let delimiters):
            return Self.hasPrefix(bytes, text, from, to)
                && Self.firstDelimiter(delimiters, text, from + bytes.count, to) < 0
        case .suffixAny(let bytes, let delimiters):
            return Self.hasSuffix(bytes, text, from, to)
                && Self.firstDelimiter(delimiters, text, from, to - bytes.count) < 0
        case .tree(let value, let left, let right):
            return matchTree(matcher, value, left, right, text, from, to)
        }
    }

    private mutating func matchTree(
        _ matcher: Matcher, _ value: Int, _ left: Int, _ right: Int, _ text: UnsafeBufferPointer<UInt8>, _ from: Int,
        _ to: Int
    ) -> Bool {
        if matcher.length >= 0, matcher.length > to - from { return false }
        var offset = from + max(0, matcher.leftLength)
        let limit = to - max(0, matcher.rightLength)
        let base = ends.count
        defer { ends.removeLast(ends.count - base) }
        while offset < limit, !hasGivenUp {
            let found = search(value, text, offset, limit)
            if found < 0 { return false }
            if left >= 0 ? match(left, text, from, found) : found == from {
                while ends.count > base, let length = ends.popLast() {
                    let rest = min(to, found + length)
                    if right >= 0 ? match(right, text, rest, to) : rest == to { return true }
                }
            }
            ends.removeLast(ends.count - base)
            offset = found + max(1, found < to ? UTF8Text.width(Self.part(text, found, to), 0) : 1)
        }
        return false
    }

    /// The parts of a row, each with as many characters as its length. The last character of a part counts as one
    /// byte, as in the library.
    private mutating func matchParts(
        _ parts: [Int], _ text: UnsafeBufferPointer<UInt8>, _ from: Int, _ to: Int
    ) -> Bool {
        var position = from
        for part in parts {
            let length = matchers[part].length
            var last = position
            var next = position
            var count = 0
            while next < to {
                last = next
                count += 1
                if count == length { break }
                next += UTF8Text.width(Self.part(text, next, to), 0)
            }
            if count < length { return false }
            if last + 1 > to {
                hasGivenUp = true
                return false
            }
            if !match(part, text, position, last + 1) { return false }
            position = last + 1
        }
        return true
    }

    // MARK: Searching in text[from..<to]

    /// Where a matcher first matches, or -1. Pushes the lengths that it may have there, in ascending order.
    private mutating func search(_ index: Int, _ text: UnsafeBufferPointer<UInt8>, _ from: Int, _ to: Int) -> Int {
        steps += 1 + (to - from) / 16
        let matcher = matchers[index]
        switch matcher.kind {
        case .text(let bytes):
            let found = Self.find(bytes, text, from, to)
            if found >= 0 { ends.append(bytes.count) }
            return found
        case .any(let delimiters):
            let delimiter = Self.firstDelimiter(delimiters, text, from, to)
            pushStarts(text, from, delimiter < 0 ? to : delimiter)
            return from
        case .anything:
            pushStarts(text, from, to)
            return from
        case .single, .list, .range:
            var position = from
            while position < to {
                let (scalar, width) = UTF8Text.decode(Self.part(text, position, to), 0)
                if Self.accepts(matcher.kind, scalar) {
                    ends.append(Self.encodedLength(scalar))
                    return position
                }
                position += width
            }
            return -1
        case .nothing:
            ends.append(0)
            return from
        case .row(let parts, let length):
            var position = from
            while position < to, to - position >= length, !hasGivenUp {
                if matchParts(parts, text, position, to) {
                    ends.append(length)
                    return position
                }
                position += UTF8Text.width(Self.part(text, position, to), 0)
            }
            return -1
        case .atLeast(let limit):
            return searchAtLeast(limit, text, from, to)
        case .atMost(let limit):
            ends.append(0)
            pushEnds(text, from, from, to, limit: limit)
            return from
        case .contains(let bytes, let negated):
            let found = Self.find(bytes, text, from, to)
            if negated {
                pushStarts(text, from, found < 0 ? to : found)
                return from
            }
            if found < 0 { return -1 }
            let base = ends.count
            pushStarts(text, found + bytes.count, to)
            for item in base..<ends.count { ends[item] += found + bytes.count - from }
            return from
        case .everyOf(let parts):
            return searchEvery(parts, text, from, to)
        case .anyOf(let parts):
            return searchAny(parts, text, from, to)
        case .prefix(let bytes):
            let found = Self.find(bytes, text, from, to)
            if found < 0 { return -1 }
            ends.append(bytes.count)
            pushEnds(text, found, found + bytes.count, to, limit: .max)
            return found
        case .suffix(let bytes):
            let found = Self.find(bytes, text, from, to)
            if found < 0 { return -1 }
            ends.append(found + bytes.count - from)
            return from
        case .prefixAny(let bytes, let delimiters):
            let found = Self.find(bytes, text, from, to)
            if found < 0 { return -1 }
            let delimiter = Self.firstDelimiter(delimiters, text, found + bytes.count, to)
            ends.append(bytes.count)
            pushEnds(text, found, found + bytes.count, delimiter < 0 ? to : delimiter, limit: .max)
            return found
        case .suffixAny(let bytes, let delimiters):
            let found = Self.find(bytes, text, from, to)
            if found < 0 { return -1 }
            let start = Self.lastDelimiter(delimiters, text, from, found) + 1
            ends.append(found + bytes.count - start)
            return start
        case .prefixSuffix(let head, let tail):
            return searchBetween(head, tail, text, from, to)
        case .tree:
            // The library never finds one.
            return -1
        }
    }

    /// Every place of `tail` from where `head` is found ends a match, even those inside of `head`.
    private mutating func searchBetween(
        _ head: [UInt8], _ tail: [UInt8], _ text: UnsafeBufferPointer<UInt8>, _ from: Int, _ to: Int
    ) -> Int {
        let found = Self.find(head, text, from, to)
        if found < 0 { return -1 }
        let base = ends.count
        var limit = to
        var position = to - tail.count
        while position >= found {
            if position + tail.count <= limit, Self.hasPrefix(tail, text, position, to) {
                ends.append(position + tail.count - found)
                limit = position
            }
            position -= 1
        }
        ends[base...].reverse()
        return ends.count > base ? found : -1
    }

    private mutating func searchAtLeast(
        _ limit: Int, _ text: UnsafeBufferPointer<UInt8>, _ from: Int, _ to: Int
    ) -> Int {
        let base = ends.count
        var position = from
        var count = 0
        while position < to {
            let (scalar, width) = UTF8Text.decode(Self.part(text, position, to), 0)
            count += 1
            if count >= limit { ends.append(position - from + Self.encodedLength(scalar)) }
            position += width
        }
        return ends.count > base ? from : -1
    }

    private mutating func searchAny(
        _ parts: [Int], _ text: UnsafeBufferPointer<UInt8>, _ from: Int, _ to: Int
    ) -> Int {
        let base = ends.count
        var first = -1
        for part in parts {
            let start = ends.count
            let found = search(part, text, from, to)
            if found < 0 || (first >= 0 && found > first) {
                ends.removeLast(ends.count - start)
            } else if first < 0 || found < first {
                first = found
                ends.removeSubrange(base..<start)
            } else {
                ends[base...].sort()
                var kept = base
                for item in (base + 1)..<ends.count where ends[item] != ends[kept] {
                    kept += 1
                    ends[kept] = ends[item]
                }
                ends.removeLast(ends.count - kept - 1)
            }
        }
        return first
    }

    private mutating func searchEvery(
        _ parts: [Int], _ text: UnsafeBufferPointer<UInt8>, _ from: Int, _ to: Int
    ) -> Int {
        // Those that occur (lengths and excluded delimiters) are all found where the search begins.
        let base = ends.count
        for (number, part) in parts.enumerated() {
            let start = ends.count
            let found = search(part, text, from, to)
            if found != from {
                ends.removeLast(ends.count - base)
                return -1
            }
            if number == 0 { continue }
            var kept = base
            for item in base..<start where ends[start...].contains(ends[item]) {
                ends[kept] = ends[item]
                kept += 1
            }
            ends.removeLast(ends.count - kept)
            steps += start - base
            if kept == base { return -1 }
        }
        return from
    }

    /// Pushes the offset of each character of text[from..<to], and of the end.
    private mutating func pushStarts(_ text: UnsafeBufferPointer<UInt8>, _ from: Int, _ to: Int) {
        var position = from
        while position < to {
            ends.append(position - from)
            position += UTF8Text.width(Self.part(text, position, to), 0)
        }
        ends.append(to - from)
    }

    /// Pushes the offset, from `start`, behind each of the first `limit` characters of text[from..<to].
    private mutating func pushEnds(
        _ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ from: Int, _ to: Int, limit: Int
    ) {
        var position = from
        var count = 0
        while position < to, count < limit {
            let (scalar, width) = UTF8Text.decode(Self.part(text, position, to), 0)
            ends.append(position - start + Self.encodedLength(scalar))
            position += width
            count += 1
        }
    }

    // MARK: Text

    private static func part(
        _ text: UnsafeBufferPointer<UInt8>, _ from: Int, _ to: Int
    ) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: text[from..<max(from, to)])
    }

    private static func accepts(_ kind: Kind, _ scalar: UInt32) -> Bool {
        switch kind {
        case .single(let delimiters): !delimiters.contains(scalar)
        case .list(let list, let negated): list.contains(scalar) != negated
        case .range(let lo, let hi, let negated): (lo <= scalar && scalar <= hi) != negated
        default: false
        }
    }

    /// The character that is all of the text, U+FFFD for the empty text; nil if there are more.
    private static func onlyScalar(_ text: UnsafeBufferPointer<UInt8>, _ from: Int, _ to: Int) -> UInt32? {
        if from == to { return UTF8Text.replacement }
        let (scalar, width) = UTF8Text.decode(part(text, from, to), 0)
        return width == to - from ? scalar : nil
    }

    private static func countScalars(
        _ text: UnsafeBufferPointer<UInt8>, _ from: Int, _ to: Int, limit: Int
    ) -> Int {
        var position = from
        var count = 0
        while position < to, count < limit {
            position += UTF8Text.width(part(text, position, to), 0)
            count += 1
        }
        return count
    }

    private static func encodedLength(_ scalar: UInt32) -> Int {
        scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4
    }

    private static func hasPrefix(
        _ bytes: [UInt8], _ text: UnsafeBufferPointer<UInt8>, _ from: Int, _ to: Int
    ) -> Bool {
        to - from >= bytes.count && text[from..<(from + bytes.count)].elementsEqual(bytes)
    }

    private static func hasSuffix(
        _ bytes: [UInt8], _ text: UnsafeBufferPointer<UInt8>, _ from: Int, _ to: Int
    ) -> Bool {
        to - from >= bytes.count && text[(to - bytes.count)..<to].elementsEqual(bytes)
    }

    private static func find(
        _ bytes: [UInt8], _ text: UnsafeBufferPointer<UInt8>, _ from: Int, _ to: Int
    ) -> Int {
        if bytes.isEmpty { return from }
        return bytes.withUnsafeBufferPointer { LiteralSearch.find($0, in: text, from: from, end: to) ?? -1 }
    }

    /// Where the first of the delimiters that occurs at all occurs first.
    private static func firstDelimiter(
        _ delimiters: [UInt32], _ text: UnsafeBufferPointer<UInt8>, _ from: Int, _ to: Int
    ) -> Int {
        for delimiter in delimiters {
            var position = from
            while position < to {
                let (scalar, width) = UTF8Text.decode(part(text, position, to), 0)
                if scalar == delimiter { return position }
                position += width
            }
        }
        return -1
    }

    /// Where the first of the delimiters that occurs at all occurs last; `from` - 1 if none does.
    private static func lastDelimiter(
        _ delimiters: [UInt32], _ text: UnsafeBufferPointer<UInt8>, _ from: Int, _ to: Int
    ) -> Int {
        for delimiter in delimiters {
            var position = from
            var last = -1
            while position < to {
                let (scalar, width) = UTF8Text.decode(part(text, position, to), 0)
                if scalar == delimiter { last = position }
                position += width
            }
            if last >= 0 { return last }
        }
        return from - 1
    }
}
