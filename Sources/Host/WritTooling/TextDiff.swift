/// The differences between two texts, by characters: Myers' algorithm from both ends with the shortcuts of Google's
/// diff-match-patch, whose answers OPA shows.
public struct TextDiff {
    public enum Kind: Sendable {
        case equal, delete, insert
    }

    public struct Piece: Equatable, Sendable {
        public var kind: Kind
        /// Unicode scalars.
        public var text: ArraySlice<UInt32>
    }

    /// The pieces of both texts in order.
    public let pieces: [Piece]

    /// Steps of the search after which what is left counts as replaced.
    private static let limit = 40_000

    public init(_ before: [UInt8], _ after: [UInt8]) {
        pieces = Self.main(Self.scalars(before)[...], Self.scalars(after)[...])
    }

    /// The pieces with the colours of a terminal, line by line: green was added, red was removed.
    public func coloured() -> [UInt8] {
        marked(added: ("\u{1B}[32m", "\u{1B}[0m"), removed: ("\u{1B}[31m", "\u{1B}[0m"))
    }

    /// The pieces with marks that need no colours, line by line: `{+added+}`, `[-removed-]`.
    public func plain() -> [UInt8] { marked(added: ("{+", "+}"), removed: ("[-", "-]")) }

    private func marked(added: (String, String), removed: (String, String)) -> [UInt8] {
        var bytes: [UInt8] = []
        for piece in pieces {
            let text = Self.utf8(piece.text)
            guard piece.kind != .equal else {
                bytes += text
                continue
            }
            let marks = piece.kind == .insert ? added : removed
            let begin = Array(marks.0.utf8)
            let end = Array(marks.1.utf8)
            for (index, line) in text.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
                if index > 0 { bytes.append(0x0A) }
                bytes += begin + line + end
            }
        }
        return bytes
    }

    private static func scalars(_ bytes: [UInt8]) -> [UInt32] {
        String(decoding: bytes, as: UTF8.self).unicodeScalars.map { $0.value }
    }

    private static func utf8(_ scalars: ArraySlice<UInt32>) -> [UInt8] {
        var text = String.UnicodeScalarView()
        for value in scalars { if let scalar = Unicode.Scalar(value) { text.append(scalar) } }
        return Array(String(text).utf8)
    }

    // MARK: Splitting

    private static func main(_ left: ArraySlice<UInt32>, _ right: ArraySlice<UInt32>) -> [Piece] {
        if left == right { return left.isEmpty ? [] : [Piece(kind: .equal, text: left)] }
        let prefix = commonPrefix(left, right)
        var (a, b) = (left.dropFirst(prefix), right.dropFirst(prefix))
        let suffix = commonSuffix(a, b)
        (a, b) = (a.dropLast(suffix), b.dropLast(suffix))
        var pieces: [Piece] = prefix > 0 ? [Piece(kind: .equal, text: left.prefix(prefix))] : []
        pieces += middle(a, b)
        if suffix > 0 { pieces.append(Piece(kind: .equal, text: left.suffix(suffix))) }
        return merged(pieces)
    }

    /// Two texts that differ at both ends.
    private static func middle(_ a: ArraySlice<UInt32>, _ b: ArraySlice<UInt32>) -> [Piece] {
        if a.isEmpty { return [Piece(kind: .insert, text: b)] }
        if b.isEmpty { return [Piece(kind: .delete, text: a)] }
        let (long, short) = a.count > b.count ? (a, b) : (b, a)
        if let place = find(short, in: long, from: long.startIndex) {
            let kind: Kind = a.count > b.count ? .delete : .insert
            return [
                Piece(kind: kind, text: long[long.startIndex..<place]), Piece(kind: .equal, text: short),
                Piece(kind: kind, text: long[(place + short.count)...]),
            ]
        }
        if short.count == 1 { return [Piece(kind: .delete, text: a), Piece(kind: .insert, text: b)] }
        if let half = HalfMatch(a, b) {
            return main(half.beforeA, half.beforeB) + [Piece(kind: .equal, text: half.common)]
                + main(half.afterA, half.afterB)
        }
        return bisected(a, b)
    }

    static func commonPrefix(_ a: ArraySlice<UInt32>, _ b: ArraySlice<UInt32>) -> Int {
        var count = 0
        for (x, y) in zip(a, b) {
            if x != y { break }
            count += 1
        }
        return count
    }

    static func commonSuffix(_ a: ArraySlice<UInt32>, _ b: ArraySlice<UInt32>) -> Int {
        var count = 0
        while count < min(a.count, b.count), a[a.endIndex - 1 - count] == b[b.endIndex - 1 - count] { count += 1 }
        return count
    }

    /// Where a text first stands in another.
    static func find(_ needle: ArraySlice<UInt32>, in text: ArraySlice<UInt32>, from start: Int) -> Int? {
        guard let first = needle.first else { return start <= text.endIndex ? start : nil }
        var index = start
        while index + needle.count <= text.endIndex {
            if text[index] == first, text[index..<index + needle.count] == needle { return index }
            index += 1
        }
        return nil
    }

    // MARK: Bisecting

    /// Walks the edit graph from both ends until the paths meet, and splits there.
    private static func bisected(_ a: ArraySlice<UInt32>, _ b: ArraySlice<UInt32>) -> [Piece] {
        let (left, right) = (Array(a), Array(b))
        let bound = (left.count + right.count + 1) / 2
        let delta = left.count - right.count
        let isOdd = delta % 2 != 0
        var forward = Frontier(bound)
        var backward = Frontier(bound)
        var distance = 0
        while distance < bound, distance < limit {
            var diagonal = forward.first(distance)
            while diagonal <= forward.last(distance) {
                var x = forward.next(diagonal, distance)
                var y = x - diagonal
                while x < left.count, y < right.count, left[x] == right[y] {
                    x += 1
                    y += 1
                }
                forward.set(diagonal, x)
                if x > left.count {
                    forward.skipEnd += 2
                } else if y > right.count {
                    forward.skipStart += 2
                } else if isOdd, let met = backward.reached(delta - diagonal), x >= left.count - met {
                    return split(a, b, x, y)
                }
                diagonal += 2
            }
            diagonal = backward.first(distance)
            while diagonal <= backward.last(distance) {
                var x = backward.next(diagonal, distance)
                var y = x - diagonal
                while x < left.count, y < right.count, left[left.count - x - 1] == right[right.count - y - 1] {
                    x += 1
                    y += 1
                }
                backward.set(diagonal, x)
                if x > left.count {
                    backward.skipEnd += 2
                } else if y > right.count {
                    backward.skipStart += 2
                } else if !isOdd, let met = forward.reached(delta - diagonal), met >= left.count - x {
                    return split(a, b, met, met - (delta - diagonal))
                }
                diagonal += 2
            }
            distance += 1
        }
        return [Piece(kind: .delete, text: a), Piece(kind: .insert, text: b)]
    }

    private static func split(
        _ a: ArraySlice<UInt32>, _ b: ArraySlice<UInt32>, _ x: Int, _ y: Int
    ) -> [Piece] {
        main(a.prefix(x), b.prefix(y)) + main(a.dropFirst(x), b.dropFirst(y))
    }

    /// How far each diagonal has been walked from one end.
    private struct Frontier {
        private var reach: [Int]
        private let offset: Int
        var skipStart = 0
        var skipEnd = 0

        init(_ bound: Int) {
            reach = Array(repeating: -1, count: 2 * bound + 2)
            offset = bound
            reach[offset + 1] = 0
        }

        func first(_ distance: Int) -> Int { -distance + skipStart }

        func last(_ distance: Int) -> Int { distance - skipEnd }

        func next(_ diagonal: Int, _ distance: Int) -> Int {
            let index = offset + diagonal
            if diagonal == -distance || diagonal != distance && reach[index - 1] < reach[index + 1] {
                return reach[index + 1]
            }
            return reach[index - 1] + 1
        }

        mutating func set(_ diagonal: Int, _ value: Int) { reach[offset + diagonal] = value }

        func reached(_ diagonal: Int) -> Int? {
            let index = offset + diagonal
            guard index >= 0, index < reach.count, reach[index] != -1 else { return nil }
            return reach[index]
        }
    }

    // MARK: Merging

    /// Joins neighbours of one kind, takes out what deleted and inserted texts share, and shifts edits that stand between
    /// equal texts so that one of those goes away.
    private static func merged(_ pieces: [Piece]) -> [Piece] {
        var current = pieces
        while true {
            var (result, hasShifted) = shifted(joined(current))
            if !hasShifted { return result }
            swap(&current, &result)
        }
    }

    private static func joined(_ pieces: [Piece]) -> [Piece] {
        var result: [Piece] = []
        var deleted: [UInt32] = []
        var inserted: [UInt32] = []
        func addEqual(_ text: ArraySlice<UInt32>) {
            if text.isEmpty { return }
            if let last = result.last, last.kind == .equal {
                result[result.count - 1].text = (Array(last.text) + text)[...]
            } else {
                result.append(Piece(kind: .equal, text: text))
            }
        }
        func flush() -> ArraySlice<UInt32> {
            defer {
                deleted = []
                inserted = []
            }
            var (a, b) = (deleted[...], inserted[...])
            var shared: ArraySlice<UInt32> = []
            if !a.isEmpty, !b.isEmpty {
                let prefix = commonPrefix(a, b)
                addEqual(a.prefix(prefix))
                (a, b) = (a.dropFirst(prefix), b.dropFirst(prefix))
                let suffix = commonSuffix(a, b)
                shared = a.suffix(suffix)
                (a, b) = (a.dropLast(suffix), b.dropLast(suffix))
            }
            if !a.isEmpty { result.append(Piece(kind: .delete, text: a)) }
            if !b.isEmpty { result.append(Piece(kind: .insert, text: b)) }
            return shared
        }
        for piece in pieces {
            switch piece.kind {
            case .delete: deleted += piece.text
            case .insert: inserted += piece.text
            case .equal:
                addEqual(flush())
                addEqual(piece.text)
            }
        }
        addEqual(flush())
        return result
    }

    private static func shifted(_ pieces: [Piece]) -> ([Piece], Bool) {
        var result = pieces
        var hasShifted = false
        var index = 1
        while index < result.count - 1 {
            let (before, edit, after) = (result[index - 1], result[index], result[index + 1])
            if before.kind == .equal, after.kind == .equal {
                if edit.text.count >= before.text.count, edit.text.suffix(before.text.count) == before.text {
                    result[index].text = (Array(before.text) + edit.text.dropLast(before.text.count))[...]
                    result[index + 1].text = (Array(before.text) + after.text)[...]
                    result.remove(at: index - 1)
                    hasShifted = true
                } else if edit.text.count >= after.text.count, edit.text.prefix(after.text.count) == after.text {
                    result[index - 1].text = (Array(before.text) + after.text)[...]
                    result[index].text = (Array(edit.text.dropFirst(after.text.count)) + after.text)[...]
                    result.remove(at: index + 1)
                    hasShifted = true
                }
            }
            index += 1
        }
        return (result, hasShifted)
    }
}

/// A long text that both sides share, at least half as long as the longer side.
private struct HalfMatch {
    var beforeA: ArraySlice<UInt32> = []
    var afterA: ArraySlice<UInt32> = []
    var beforeB: ArraySlice<UInt32> = []
    var afterB: ArraySlice<UInt32> = []
    var common: ArraySlice<UInt32> = []

    init?(_ a: ArraySlice<UInt32>, _ b: ArraySlice<UInt32>) {
        let isSwapped = a.count <= b.count
        let (long, short) = isSwapped ? (b, a) : (a, b)
        guard long.count >= 4, short.count * 2 >= long.count else { return nil }
        let second = Self.match(long, short, (long.count + 3) / 4)
        let third = Self.match(long, short, (long.count + 1) / 2)
        let best: HalfMatch
        switch (second, third) {
        case (nil, nil): return nil
        case (let found?, nil), (nil, let found?): best = found
        case (let found?, let other?): best = found.common.count > other.common.count ? found : other
        }
        self = best
        if isSwapped {
            swap(&beforeA, &beforeB)
            swap(&afterA, &afterB)
        }
    }

    private init() {}

    /// The longest text around a seed of the long text that the short one has too.
    private static func match(_ long: ArraySlice<UInt32>, _ short: ArraySlice<UInt32>, _ start: Int) -> HalfMatch? {
        let from = long.startIndex + start
        let seed = long[from..<from + long.count / 4]
        var best = HalfMatch()
        var place = TextDiff.find(seed, in: short, from: short.startIndex)
        while let found = place {
            let prefix = TextDiff.commonPrefix(long[from...], short[found...])
            let suffix = TextDiff.commonSuffix(long[..<from], short[..<found])
            if best.common.count < prefix + suffix {
                best.common = short[found - suffix..<found + prefix]
                best.beforeA = long[..<(from - suffix)]
                best.afterA = long[(from + prefix)...]
                best.beforeB = short[..<(found - suffix)]
                best.afterB = short[(found + prefix)...]
            }
            place = found < short.endIndex ? TextDiff.find(seed, in: short, from: found + 1) : nil
        }
        return best.common.count * 2 >= long.count ? best : nil
    }
}
