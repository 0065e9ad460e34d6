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

        func intersects(_ other: Bits) -> Bool { low & other.low | high & other.high != 0 }
    }

    private var segments: [Segment] = []
    /// Literal bytes; 0 where `sets` holds the number of a set plus one.
    private var bytes: [UInt8] = []
    private var setAt: [UInt8] = []
    private var sets: [Bits] = []
    private var delimiters = Bits()
    private var hasDelimiters = false
    private var minimum = 0
    private(set) var mayOverlap = false
    /// Segments placed from the left (the first one included), and from the right (the last one included).
    private var leftCount = 0
    private var rightCount = 0
    /// Whether it is only right for ASCII text.
    private(set) var needsASCII = false

    var byteCount: Int { segments.capacity * 24 + bytes.capacity * 2 + sets.capacity * 16 }

    /// Nil if the pattern is not of this kind.
    init?(_ tokens: [GlobParser.Token], delimiters set: CharSet) {
        for range in set.ranges {
            if range.hi >= 128 { return nil }
            for scalar in range.lo...range.hi { Self.insert(scalar, &delimiters) }
            hasDelimiters = true
        }
        var start = 0
        var literal = true
        var afterSuper = false
        for token in tokens {
            switch token {
            case .text(let scalars):
                for scalar in scalars { UTF8Text.append(scalar, to: &bytes) }
                for _ in setAt.count..<bytes.count { setAt.append(0) }
            case .any, .anything:
                segments.append(
                    Segment(
                        start: start, count: bytes.count - start, afterSuper: afterSuper, isLiteral: literal))
                start = bytes.count
                literal = true
                afterSuper = token == .anything || !hasDelimiters
            case .single, .list, .range:
                literal = false
                needsASCII = true
                guard addSet(token) else { return nil }
            case .open, .separator, .close:
                return nil
            }
        }
        segments.append(
            Segment(start: start, count: bytes.count - start, afterSuper: afterSuper, isLiteral: literal))
        // In `a**b` the reference lets both ends use the same bytes, so that `a/**/b` matches "a/b".
        mayOverlap =
            segments.count == 2 && segments[1].afterSuper && segments.allSatisfy { $0.isLiteral && $0.count > 0 }
        minimum = mayOverlap ? max(segments[0].count, segments[1].count) : bytes.count

        leftCount = segments.count
        rightCount = 0
        if let first = segments.firstIndex(where: { $0.afterSuper }),
            let last = segments.lastIndex(where: { $0.afterSuper })
        {
            leftCount = first
            rightCount = segments.count - last
            for index in first...last where !segments[index].afterSuper { return nil }
        }
        // A bracket that accepts a delimiter could be placed before it or on it.
        for index in segments.indices.dropFirst().dropLast()
        where index < leftCount || index >= segments.count - rightCount {
            for position in segments[index].start..<(segments[index].start + segments[index].count) {
                let set = setAt[position]
                if set > 0, sets[Int(set) - 1].intersects(delimiters) { return nil }
            }
        }
    }

    private static func insert(_ scalar: UInt32, _ bits: inout Bits) {
        if scalar < 64 { bits.low |= 1 << UInt64(scalar) } else { bits.high |= 1 << UInt64(scalar - 64) }
    }

    private mutating func addSet(_ token: GlobParser.Token) -> Bool {
        var bits = Bits()
        var negate = false
        switch token {
        case .single:
            bits = delimiters
            negate = true
        case .list(let scalars, let negated):
            for scalar in scalars where scalar < 128 { Self.insert(scalar, &bits) }
            negate = negated
        case .range(let lo, let hi, let negated):
            var scalar = lo
            while scalar <= hi, scalar < 128 {
                Self.insert(scalar, &bits)
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
        sets.append(bits)
        bytes.append(0)
        setAt.append(UInt8(sets.count))
        return true
    }

    // MARK: Matching

    func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let end = text.count
        if end < minimum { return false }
        return segments.withUnsafeBufferPointer { segments in
            bytes.withUnsafeBufferPointer { bytes in
                let last = segments.count &- 1
                let first = segments[0]
                guard place(first, bytes, text, at: 0) else { return false }
                if last == 0 { return end == first.count }
                let tail = end &- segments[last].count
                guard place(segments[last], bytes, text, at: tail) else { return false }
                if mayOverlap { return true }
                return inner(segments, bytes, text, from: first.count, to: tail)
            }
        }
    }

    /// Places the segments between the first and the last in `text[from..<to]`.
    private func inner(
        _ segments: UnsafeBufferPointer<Segment>, _ bytes: UnsafeBufferPointer<UInt8>,
        _ text: UnsafeBufferPointer<UInt8>, from: Int, to: Int
    ) -> Bool {
        var left = from
        var right = to
        let last = segments.count &- 1
        var index = 1
        while index < min(leftCount, last) {
            guard let found = leftmost(segments[index], bytes, text, from: left, to: right, within: true) else {
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
            guard let found = rightmost(segments[behind], bytes, text, from: left, to: right) else { return false }
            right = found
        }
        while index < firstRight {
            guard let found = leftmost(segments[index], bytes, text, from: left, to: right, within: false) else {
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
        _ segment: Segment, _ bytes: UnsafeBufferPointer<UInt8>, _ text: UnsafeBufferPointer<UInt8>, at position: Int
    ) -> Bool {
        if segment.isLiteral {
            for offset in 0..<segment.count
            where text[position &+ offset] != bytes[segment.start &+ offset] { return false }
            return true
        }
        return placeSets(segment, bytes, text, at: position)
    }

    private func placeSets(
        _ segment: Segment, _ bytes: UnsafeBufferPointer<UInt8>, _ text: UnsafeBufferPointer<UInt8>, at position: Int
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
        _ segment: Segment, _ bytes: UnsafeBufferPointer<UInt8>, _ text: UnsafeBufferPointer<UInt8>, from: Int,
        to: Int, within: Bool
    ) -> Int? {
        var position = from
        while position &+ segment.count <= to {
            if place(segment, bytes, text, at: position) { return position }
            if within, delimiters.contains(text[position]) { return nil }
            position &+= 1
        }
        return nil
    }

    /// The last place of a segment in `text[from..<to]`, before a `*` that ends at `to`.
    private func rightmost(
        _ segment: Segment, _ bytes: UnsafeBufferPointer<UInt8>, _ text: UnsafeBufferPointer<UInt8>, from: Int, to: Int
    ) -> Int? {
        var position = to &- segment.count
        while position >= from {
            if place(segment, bytes, text, at: position) { return position }
            // The star would have to cover this byte too.
            if delimiters.contains(text[position &+ segment.count &- 1]) { return nil }
            position &-= 1
        }
        return nil
    }
}
