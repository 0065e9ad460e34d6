/// Reads the compact numbers of `UnicodeTables`.
struct TableReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(_ text: StaticString) {
        bytes = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }

    /// The next number, or nil at the end.
    mutating func next() -> UInt32? {
        guard position < bytes.count else { return nil }
        var value: UInt32 = 0
        while position < bytes.count {
            let character = UInt32(bytes[position])
            position += 1
            let digit = character > 92 ? character &- 36 : character &- 35
            value = value &<< 5 | (digit & 31)
            if digit < 32 { break }
        }
        return value
    }
}

/// Simple case folding: maps each character to the next one of its orbit (`k`, `K`, `K` (Kelvin), back to `k`).
struct FoldTable {
    private struct Run {
        var lo: UInt32
        var hi: UInt32
        var stride: UInt32
        var delta: Int32
    }
    private var runs: [Run] = []

    init() {
        var reader = TableReader(UnicodeTables.folds)
        var start: UInt32 = 0
        while let gap = reader.next(), let shape = reader.next(), let zigzag = reader.next() {
            start &+= gap
            let stride = (shape & 1) + 1
            let magnitude = Int32(truncatingIfNeeded: zigzag >> 1)
            runs.append(
                Run(
                    lo: start, hi: start &+ (shape >> 1) &* stride, stride: stride,
                    delta: zigzag & 1 == 0 ? magnitude : -magnitude))
        }
    }

    /// The next character of the orbit of `scalar`; itself when nothing folds with it.
    func next(_ scalar: UInt32) -> UInt32 {
        var index = firstRun(endingAtOrAfter: scalar)
        while index < runs.count, runs[index].lo <= scalar {
            let run = runs[index]
            if run.hi >= scalar, (scalar &- run.lo) % run.stride == 0 { return Self.apply(run, scalar) }
            index += 1
        }
        return scalar
    }

    /// Adds the orbits of all members of a range.
    func addOrbits(of range: CharSet.Range, to set: inout CharSet) {
        var index = firstRun(endingAtOrAfter: range.lo)
        while index < runs.count, runs[index].lo <= range.hi {
            let run = runs[index]
            index += 1
            var scalar = run.lo
            if scalar < range.lo {
                scalar = run.lo &+ (range.lo &- run.lo &+ run.stride &- 1) / run.stride &* run.stride
            }
            while scalar <= run.hi, scalar <= range.hi {
                var other = Self.apply(run, scalar)
                // An orbit has at most four members.
                for _ in 0..<4 where other != scalar {
                    set.add(other, other)
                    other = next(other)
                }
                scalar &+= run.stride
            }
        }
    }

    private static func apply(_ run: Run, _ scalar: UInt32) -> UInt32 {
        UInt32(truncatingIfNeeded: Int64(scalar) &+ Int64(run.delta))
    }

    /// Runs with stride 2 interleave with their neighbour, so that `hi` is only almost sorted: step back past the
    /// few runs that may still reach `scalar`.
    private func firstRun(endingAtOrAfter scalar: UInt32) -> Int {
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].lo < scalar { low = middle + 1 } else { high = middle }
        }
        var index = low
        while index > 0, index > low - 3 { index -= 1 }
        return index
    }
}

/// Looks up Unicode classes by name and characters by category.
enum UnicodeData {
    /// Which characters a class name means.
    enum Class: Equatable {
        case any
        case ascii
        /// A bit for each general category.
        case categories(UInt32)
        case script(UInt32)
    }

    private static let allCategories: UInt32 = 0x3FFF_FFFF
    private static let unassigned: UInt32 = 1

    /// The class of a name, compared without case, spaces, hyphens and underscores; nil if there is none.
    static func lookUp(_ name: some Sequence<UInt8>) -> Class? {
        var key: [UInt8] = []
        for byte in name {
            switch byte {
            case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: " "): continue
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): key.append(byte | 0x20)
            default: key.append(byte)
            }
            if key.count > 32 { return nil }
        }
        if matches(key, "any") { return .any }
        if matches(key, "ascii") { return .ascii }
        if matches(key, "assigned") { return .categories(allCategories & ~unassigned) }
        if let mask = categoryMask(key) { return .categories(mask) }
        if let script = position(of: key, in: UnicodeTables.scriptNames) { return .script(UInt32(script) + 1) }
        if let mask = aliasMask(key) { return .categories(mask) }
        return nil
    }

    /// The members of a class, normalized.
    static func members(_ kind: Class) -> CharSet {
        var set = CharSet()
        switch kind {
        case .any:
            set.add(0, CharSet.maxScalar)
        case .ascii:
            set.add(0, 0x7F)
        case .categories(let mask):
            forEachCategoryRun { category, lo, hi in
                if category == 30 {
                    let pair = mask >> 1 & 3
                    if pair == 3 {
                        set.add(lo, hi)
                    } else if pair != 0 {
                        var scalar = pair == 1 ? lo : lo + 1
                        while scalar <= hi {
                            set.add(scalar, scalar)
                            scalar += 2
                        }
                    }
                } else if mask >> category & 1 != 0 {
                    set.add(lo, hi)
                }
                return true
            }
        case .script(let wanted):
            var reader = TableReader(UnicodeTables.scripts)
            var lo: UInt32 = 0
            while let script = reader.next(), let length = reader.next() {
                if script == wanted { set.add(lo, lo &+ length) }
                lo = lo &+ length &+ 1
            }
        }
        set.normalize()
        return set
    }

    /// Whether a character is a letter or a decimal digit.
    static func isLetterOrDigit(_ scalar: UInt32) -> Bool {
        if scalar < 0x80 {
            let folded = scalar | 0x20
            return (folded >= 0x61 && folded <= 0x7A) || (scalar >= 0x30 && scalar <= 0x39)
        }
        var result = false
        forEachCategoryRun { category, _, hi in
            if scalar > hi { return true }
            // Lu, Ll, Lt, Lm, Lo are 1...5, Nd is 9, 30 is pairs of Lu and Ll.
            result = (category >= 1 && category <= 5) || category == 9 || category == 30
            return false
        }
        return result
    }

    private static func forEachCategoryRun(_ body: (_ category: UInt32, _ lo: UInt32, _ hi: UInt32) -> Bool) {
        var reader = TableReader(UnicodeTables.categories)
        var lo: UInt32 = 0
        while let category = reader.next(), let length = reader.next() {
            let hi = category == 30 ? lo &+ 2 &* length &+ 1 : lo &+ length
            if !body(category, lo, hi) { return }
            lo = hi &+ 1
        }
    }

    private static func matches(_ key: [UInt8], _ literal: StaticString) -> Bool {
        guard key.count == literal.utf8CodeUnitCount else { return false }
        for index in key.indices where key[index] != literal.utf8Start[index] { return false }
        return true
    }

    /// The bits of a category ("lu"), of a group of them ("l") or of "lc".
    private static func categoryMask(_ key: [UInt8]) -> UInt32? {
        guard let first = key.first, key.count <= 2 else { return nil }
        if matches(key, "lc") { return 0b1110 }
        let names = UnsafeBufferPointer(
            start: UnicodeTables.categoryNames.utf8Start, count: UnicodeTables.categoryNames.utf8CodeUnitCount)
        var mask: UInt32 = 0
        var number = 0
        while 3 * number + 1 < names.count {
            let major = names[3 * number] | 0x20
            let minor = names[3 * number + 1]
            if major == first, key.count == 1 || minor == key[1] { mask |= 1 &<< UInt32(number) }
            number += 1
        }
        return mask == 0 ? nil : mask
    }

    /// The index of a word in a list whose words each end with a comma.
    private static func position(of key: [UInt8], in list: StaticString) -> Int? {
        let bytes = UnsafeBufferPointer(start: list.utf8Start, count: list.utf8CodeUnitCount)
        var word = 0
        var start = 0
        while start < bytes.count {
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: ",") { end += 1 }
            if bytes[start..<end].elementsEqual(key) { return word }
            word += 1
            start = end + 1
        }
        return nil
    }

    private static func aliasMask(_ key: [UInt8]) -> UInt32? {
        let list = UnicodeTables.categoryAliases
        let bytes = UnsafeBufferPointer(start: list.utf8Start, count: list.utf8CodeUnitCount)
        var start = 0
        while start < bytes.count {
            var end = start
            var equals = start
            while end < bytes.count, bytes[end] != UInt8(ascii: ",") {
                if bytes[end] == UInt8(ascii: "=") { equals = end }
                end += 1
            }
            if bytes[start..<equals].elementsEqual(key) {
                var category: [UInt8] = []
                for byte in bytes[(equals + 1)..<end] { category.append(byte | 0x20) }
                return categoryMask(category)
            }
            start = end + 1
        }
        return nil
    }
}
