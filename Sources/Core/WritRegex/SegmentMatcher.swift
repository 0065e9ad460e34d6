/// Matches a glob without braces by the pieces between its stars, without looking at most of the text.
///
/// The piece before the first star must begin the text and the one behind the last must end it. Between them, each
/// piece is placed as near as possible: from the left up to the first `**`, from the right down to the last. That loses
/// no match, since a `*` that begins earlier reaches at least as far, and a `**` reaches everything. Only a `*` between
/// two `**` would need more; the regular expression engines match such patterns.
///
/// Works on bytes. With `?` or brackets it is only right for ASCII text, which the caller checks.
struct SegmentMatcher {
    private struct Segment {
        /// Where its bytes are.
        var start: Int
        var count: Int
        /// Whether the star before it is a `**` (or a `*` without delimiters).
        var afterSuper: Bool
        /// Whether all of it are literal bytes.
        var isLiteral: Bool
    }

    /// A set of ASCII characters.
    private struct Bits {
        var low: UInt64 = 0
        var high: UInt64 = 0

        @inline(__always)
        func contains(_ byte: UInt8) -> Bool {
            if byte < 64 { return low &>> UInt64(byte) & 1 != 0 }
            return byte < 128 && high &>> UInt64(byte &- 64) & 1 != 0
        }

        mutating func insert(_ scalar: UInt32) {
            if scalar < 64 { low |= 1 << UInt64(scalar) } else { high |= 1 << UInt64(scalar - 64) }
        }

        func intersects(_ other: Bits) -> Bool { low & other.low | high & other.high != 0 }
    }

    // Raw memory, owned by the `Glob`: matching must not count references.
    private let segments: UnsafeMutableBufferPointer<Segment>
    /// Literal bytes; 0 where `setAt` holds the number of a set plus one.
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private let setAt: UnsafeMutableBufferPointer<UInt8>
    private let sets: UnsafeMutableBufferPointer<Bits>
    private let delimiters: Bits
    private let hasDelimiters: Bool
    private let minimum: Int
    /// Whether the first and the last segment may share bytes of the text.
    let mayOverlap: Bool
    /// Segments placed from the left (the first one included), and from the right (the last one included).
    private let leftCount: Int
    private let rightCount: Int
    /// Whether it is only right for ASCII text.
    let needsASCII: Bool

    var byteCount: Int { segments.count * MemoryLayout<Segment>.stride + bytes.count * 2 + sets.count * 16 }

    func deallocate() {
        segments.deallocate()
        bytes.deallocate()
        setAt.deallocate()
        sets.deallocate()
    }

    /// The pieces while they are collected.
    private struct Builder {
        var segments: [Segment] = []
        var bytes: [UInt8] = []
        var setAt: [UInt8] = []
        var sets: [Bits] = []
        var delimiters = Bits()
        var start = 0
        var isLiteral = true
        var afterSuper = false

        mutating func finishSegment() {
            segments.append(
                Segment(start: start, count: bytes.count - start, afterSuper: afterSuper, isLiteral: isLiteral))
            start = bytes.count
            isLiteral = true
        }

        mutating func addSet(_ token: GlobParser.Token) -> Bool {
            var bits = Bits()
            var negate = false
            switch token {
            case .single:
                bits = delimiters
                negate = true
            case .list(let scalars, let negated):
                for scalar in scalars where scalar < 128 { bits.insert(scalar) }
                negate = negated
            case .range(let lo, let hi, let negated):
                var scalar = lo
                while scalar <= hi, scalar < 128 {
                    bits.insert(scalar)
                    scalar += 1
                }
                negate = negated
            default: return false
            }
            if negate {
                bits.low = ~bits.low
                bits.high = ~bits.high
            }
            guard sets.count < 255 else { return false }
            isLiteral = false
            sets.append(bits)
            bytes.append(0)
            setAt.append(UInt8(sets.count))
            return true
        }
    }

    /// Nil if the pattern is not of this kind.
    init?(_ tokens: [GlobParser.Token], delimiters set: CharSet) {
        var builder = Builder()
        for range in set.ranges {
            if range.hi >= 128 { return nil }
            for scalar in range.lo...range.hi { builder.delimiters.insert(scalar) }
        }
        delimiters = builder.delimiters
        hasDelimiters = !set.ranges.isEmpty
        for token in tokens {
            switch token {
            case .text(let scalars):
                for scalar in scalars { UTF8Text.append(scalar, to: &builder.bytes) }
                for _ in builder.setAt.count..<builder.bytes.count { builder.setAt.append(0) }
            case .any, .anything:
                builder.finishSegment()
                builder.afterSuper = token == .anything || !hasDelimiters
            case .single, .list, .range:
                guard builder.addSet(token) else { return nil }
            case .open, .separator, .close:
                return nil
            }
        }
        builder.finishSegment()
        needsASCII = !builder.sets.isEmpty

        let pieces = builder.segments
        // In `a**b` the reference lets both ends use the same bytes, so that `a/**/b` matches "a/b".
        mayOverlap = pieces.count == 2 && pieces[1].afterSuper && pieces.allSatisfy { $0.isLiteral && $0.count > 0 }
        minimum = mayOverlap ? max(pieces[0].count, pieces[1].count) : builder.bytes.count

        var left = pieces.count
        var right = 0
        if let first = pieces.firstIndex(where: { $0.afterSuper }),
            let last = pieces.lastIndex(where: { $0.afterSuper })
        {
            left = first
            right = pieces.count - last
            for index in first...last where !pieces[index].afterSuper { return nil }
        }
        leftCount = left
        rightCount = right
        // A bracket that accepts a delimiter could be placed before it or on it.
        for index in pieces.indices.dropFirst().dropLast() where index < left || index >= pieces.count - right {
            for position in pieces[index].start..<(pieces[index].start + pieces[index].count) {
                let set = builder.setAt[position]
                if set > 0, builder.sets[Int(set) - 1].intersects(builder.delimiters) { return nil }
            }
        }
        segments = .allocate(capacity: pieces.count)
        _ = segments.initialize(from: pieces)
        bytes = .allocate(capacity: builder.bytes.count)
        _ = bytes.initialize(from: builder.bytes)
        setAt = .allocate(capacity: builder.setAt.count)
        _ = setAt.initialize(from: builder.setAt)
        sets = .allocate(capacity: builder.sets.count)
        _ = sets.initialize(from: builder.sets)
    }

    // MARK: Matching

    func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let end = text.count
        if end < minimum { return false }
        let last = segments.count &- 1
        let first = segments[0]
        guard place(first, text, at: 0) else { return false }
        if last == 0 { return end == first.count }
        let tail = end &- segments[last].count
        guard place(segments[last], text, at: tail) else { return false }
        if mayOverlap { return true }
        return inner(text, from: first.count, to: tail)
    }

    /// Places the segments between the first and the last in `text[from..<to]`.
    private func inner(
        _ text: UnsafeBufferPointer<UInt8>, from: Int, to: Int
    ) -> Bool {
        var left = from
        var right = to
        let last = segments.count &- 1
        var index = 1
        while index < min(leftCount, last) {
            guard let found = leftmost(segments[index], text, from: left, to: right, within: true) else {
                return false
            }
            left = found &+ segments[index].count
            index &+= 1
        }
        if rightCount == 0 { return !crosses(text, left, right) }
        let firstRight = segments.count &- rightCount
        var behind = last
        while behind > firstRight {
            behind &-= 1
            guard let found = rightmost(segments[behind], text, from: left, to: right) else { return false }
            right = found
        }
        while index < firstRight {
            guard let found = leftmost(segments[index], text, from: left, to: right, within: false) else {
                return false
            }
            left = found &+ segments[index].count
            index &+= 1
        }
        return left <= right
    }

    /// Whether a `*` cannot cover `text[from..<to]`.
    @inline(__always)
    private func crosses(_ text: UnsafeBufferPointer<UInt8>, _ from: Int, _ to: Int) -> Bool {
        if from > to { return true }
        if !hasDelimiters { return false }
        for position in from..<to where delimiters.contains(text[position]) { return true }
        return false
    }

    @inline(__always)
    private func place(
        _ segment: Segment, _ text: UnsafeBufferPointer<UInt8>, at position: Int
    ) -> Bool {
        if segment.isLiteral {
            for offset in 0..<segment.count
            where text[position &+ offset] != bytes[segment.start &+ offset] { return false }
            return true
        }
        return placeSets(segment, text, at: position)
    }

    private func placeSets(
        _ segment: Segment, _ text: UnsafeBufferPointer<UInt8>, at position: Int
    ) -> Bool {
        for offset in 0..<segment.count {
            let byte = text[position &+ offset]
            let set = setAt[segment.start &+ offset]
            if set == 0 ? byte != bytes[segment.start &+ offset] : !sets[Int(set) &- 1].contains(byte) {
                return false
            }
        }
        return true
    }

    /// The first place of a segment in `text[from..<to]`, behind a star that begins at `from` and stays `within`
    /// delimiters or not.
    private func leftmost(
        _ segment: Segment, _ text: UnsafeBufferPointer<UInt8>, from: Int, to: Int, within: Bool
    ) -> Int? {
        var position = from
        while position &+ segment.count <= to {
            if place(segment, text, at: position) { return position }
            if within, delimiters.contains(text[position]) { return nil }
            position &+= 1
        }
        return nil
    }

    /// The last place of a segment in `text[from..<to]`, before a `*` that ends at `to`.
    private func rightmost(
        _ segment: Segment, _ text: UnsafeBufferPointer<UInt8>, from: Int, to: Int
    ) -> Int? {
        var position = to &- segment.count
        while position >= from {
            if place(segment, text, at: position) { return position }
            // The star would have to cover this byte too.
            if delimiters.contains(text[position &+ segment.count &- 1]) { return nil }
            position &-= 1
        }
        return nil
    }
}
