/// A time zone read from a TZif file (RFC 8536): its past transitions, and the rule for what follows them.
final class TimeZone: Sendable {
    /// A stretch of time with one offset, from `start` up to `end` (seconds since 1970).
    struct Period {
        var name: [UInt8]
        var offset: Int
        var start: Int64
        var end: Int64
    }

    struct Kind: Sendable {
        var offset: Int
        var isDaylight: Bool
        var name: [UInt8]
    }

    private let transitions: [Int64]
    private let indexes: [UInt8]
    private let kinds: [Kind]
    private let rule: TimeZoneRule?

    static let utc = TimeZone()

    private init() {
        transitions = []
        indexes = []
        kinds = [Kind(offset: 0, isDaylight: false, name: [0x55, 0x54, 0x43])]
        rule = nil
    }

    /// Reads a file; nil when it is damaged.
    init?(_ bytes: [UInt8]) {
        var reader = TZifReader(bytes: bytes)
        guard var header = reader.header() else { return nil }
        var wide = false
        if header.version >= 0x32 {
            // The first block has 32-bit times; later versions repeat everything with 64 bits.
            guard reader.skip(header.size(timeSize: 4)), let second = reader.header() else { return nil }
            header = second
            wide = true
        }
        guard let times = reader.take(header.times * (wide ? 8 : 4)), let indexes = reader.take(header.times),
            let kindBytes = reader.take(header.kinds * 6), let names = reader.take(header.characters),
            reader.skip(header.leaps * (wide ? 12 : 8) + header.standards + header.universals), header.kinds > 0
        else { return nil }
        var kinds: [Kind] = []
        for number in 0..<header.kinds {
            let at = number * 6
            let offset = Int32(truncatingIfNeeded: TZifReader.integer(kindBytes, at, 4))
            let nameStart = Int(kindBytes[at + 5])
            guard nameStart < names.count, offset > -90_000, offset < 95_000 else { return nil }
            var end = nameStart
            while end < names.count, names[end] != 0 { end += 1 }
            kinds.append(
                Kind(offset: Int(offset), isDaylight: kindBytes[at + 4] != 0, name: [UInt8](names[nameStart..<end])))
        }
        var transitions: [Int64] = []
        for number in 0..<header.times {
            let time =
                wide
                ? TZifReader.integer(times, number * 8, 8)
                : Int64(Int32(truncatingIfNeeded: TZifReader.integer(times, number * 4, 4)))
            if let last = transitions.last, time < last { return nil }
            guard Int(indexes[number]) < header.kinds else { return nil }
            transitions.append(time)
        }
        self.kinds = kinds
        self.transitions = transitions
        self.indexes = indexes
        rule = wide ? TimeZoneRule(reader.footer()) : nil
    }

    /// The period that a moment lies in.
    func period(at seconds: Int64) -> Period {
        guard let first = transitions.first, seconds >= first else {
            let kind = kinds[firstKind]
            return Period(name: kind.name, offset: kind.offset, start: .min, end: transitions.first ?? .max)
        }
        // The last transition at or before the moment.
        var low = 0
        var high = transitions.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if seconds < transitions[middle] { high = middle } else { low = middle }
        }
        let start = transitions[low]
        if low == transitions.count - 1, let rule { return rule.period(at: seconds, after: start) }
        let kind = kinds[Int(indexes[low])]
        let end = low + 1 < transitions.count ? transitions[low + 1] : .max
        return Period(name: kind.name, offset: kind.offset, start: start, end: end)
    }

    /// What holds before the first transition: a kind that no transition leads to, else the standard time before
    /// the first daylight time, else the first standard time there is.
    private var firstKind: Int {
        if !indexes.contains(0) { return 0 }
        if let first = indexes.first, kinds[Int(first)].isDaylight {
            var index = Int(first) - 1
            while index >= 0 {
                if !kinds[index].isDaylight { return index }
                index -= 1
            }
        }
        for index in 0..<kinds.count where !kinds[index].isDaylight { return index }
        return 0
    }

    /// Seconds since 1970 of a wall time given as seconds since 1970 of the same wall time in UTC.
    func universal(_ wall: Int64) -> Int64 {
        let period = period(at: wall)
        guard period.offset != 0 else { return wall }
        let guess = wall &- Int64(period.offset)
        if guess >= period.start, guess < period.end { return guess }
        return wall &- Int64(self.period(at: guess).offset)
    }
}

/// Reads the parts of a TZif file.
private struct TZifReader {
    let bytes: [UInt8]
    var index = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    struct Header {
        var version: UInt8
        var universals, standards, leaps, times, kinds, characters: Int

        func size(timeSize: Int) -> Int {
            times * (timeSize + 1) + kinds * 6 + characters + leaps * (timeSize + 4) + standards + universals
        }
    }

    mutating func header() -> Header? {
        guard let raw = take(44), raw[0] == 0x54, raw[1] == 0x5a, raw[2] == 0x69, raw[3] == 0x66 else { return nil }
        var counts: [Int] = []
        for number in 0..<6 {
            let count = Self.integer(raw, 20 + number * 4, 4)
            // A file of a thousand years has some thousand transitions.
            guard count >= 0, count <= 100_000 else { return nil }
            counts.append(Int(count))
        }
        return Header(
            version: raw[4], universals: counts[0], standards: counts[1], leaps: counts[2], times: counts[3],
            kinds: counts[4], characters: counts[5])
    }

    mutating func take(_ count: Int) -> [UInt8]? {
        guard count >= 0, count <= bytes.count - index else { return nil }
        defer { index += count }
        return [UInt8](bytes[index..<(index + count)])
    }

    mutating func skip(_ count: Int) -> Bool {
        guard count >= 0, count <= bytes.count - index else { return false }
        index += count
        return true
    }

    /// The text between two newlines at the end of the file.
    func footer() -> [UInt8] {
        let rest = bytes[index...]
        guard rest.count > 2, rest.first == 10, rest.last == 10 else { return [] }
        return [UInt8](rest.dropFirst().dropLast())
    }

    /// A big-endian number of `size` bytes, unsigned below 8 bytes.
    static func integer(_ bytes: [UInt8], _ start: Int, _ size: Int) -> Int64 {
        var value: UInt64 = 0
        for offset in 0..<size { value = value << 8 | UInt64(bytes[start + offset]) }
        return Int64(bitPattern: value)
    }
}
