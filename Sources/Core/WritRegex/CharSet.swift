/// A set of characters as sorted, disjoint, non-adjacent ranges of scalar values, once `normalize` has run.
struct CharSet: Equatable {
    struct Range: Equatable {
        var lo: UInt32
        var hi: UInt32
    }

    static let maxScalar: UInt32 = 0x10FFFF

    private(set) var ranges: [Range] = []
    /// Number of ranges that were left by the last `normalize`; adding far more compacts, so that a class that
    /// repeats a large group stays small.
    private var compacted = 0

    init() {}

    init(_ lo: UInt32, _ hi: UInt32) {
        ranges.append(Range(lo: lo, hi: hi))
    }

    var isEmpty: Bool { ranges.isEmpty }

    mutating func add(_ lo: UInt32, _ hi: UInt32) {
        if let last = ranges.last, lo >= last.lo, lo <= last.hi &+ 1 {
            ranges[ranges.count - 1].hi = max(last.hi, hi)
            return
        }
        ranges.append(Range(lo: lo, hi: hi))
        if ranges.count > 2 * compacted + 4096 { normalize() }
    }

    mutating func add(_ other: CharSet) {
        for range in other.ranges { add(range.lo, range.hi) }
    }

    /// Sorts and merges.
    mutating func normalize() {
        var sorted = true
        for index in ranges.indices.dropFirst() where ranges[index].lo <= ranges[index - 1].hi &+ 1 {
            sorted = false
            break
        }
        if !sorted {
            ranges.sort { $0.lo < $1.lo }
            var kept = 0
            for index in ranges.indices.dropFirst() {
                let range = ranges[index]
                if range.lo <= ranges[kept].hi &+ 1 {
                    ranges[kept].hi = max(ranges[kept].hi, range.hi)
                } else {
                    kept += 1
                    ranges[kept] = range
                }
            }
            ranges.removeLast(ranges.count - kept - 1)
        }
        compacted = ranges.count
    }

    /// Whether a character is a member. The set must be normalized.
    func contains(_ scalar: UInt32) -> Bool {
        var (start, end) = (0, ranges.count)
        while start < end {
            let middle = (start + end) / 2
            if ranges[middle].hi < scalar { start = middle + 1 } else { end = middle }
        }
        return start < ranges.count && ranges[start].lo <= scalar
    }

    /// The complement in U+0000...U+10FFFF. The set must be normalized, and so is the result.
    func inverted() -> CharSet {
        var result = CharSet()
        var next: UInt32 = 0
        for range in ranges {
            if range.lo > next { result.ranges.append(Range(lo: next, hi: range.lo - 1)) }
            next = range.hi + 1
        }
        if next <= Self.maxScalar { result.ranges.append(Range(lo: next, hi: Self.maxScalar)) }
        result.compacted = result.ranges.count
        return result
    }

    /// Adds every character that simple case folding makes equal to a member. Leaves the set normalized.
    mutating func foldCase(_ folds: FoldTable) {
        normalize()
        let before = ranges
        for range in before { folds.addOrbits(of: range, to: &self) }
        normalize()
    }

    static func == (a: CharSet, b: CharSet) -> Bool { a.ranges == b.ranges }
}
