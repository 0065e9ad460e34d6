/// Finding fixed bytes in a text.
enum LiteralSearch {
    /// The first position in `from..<end` of a byte; nil if there is none.
    static func firstIndex(
        of byte: UInt8, in text: UnsafeBufferPointer<UInt8>, from: Int, end: Int
    ) -> Int? {
        guard let base = text.baseAddress, from < end else { return nil }
        var position = from
        let pattern = UInt64(byte) &* 0x0101_0101_0101_0101
        while position &+ 8 <= end {
            // A byte of `word` is zero where the text has the byte that is searched.
            let word = UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self) ^ pattern
            let zeros = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
            if zeros != 0 { return position &+ UInt64(littleEndian: zeros).trailingZeroBitCount &>> 3 }
            position &+= 8
        }
        while position < end {
            if base[position] == byte { return position }
            position &+= 1
        }
        return nil
    }

    /// Whether `needle` stands at `position` and ends by `end`.
    @inline(__always)
    static func matches(
        _ needle: UnsafeBufferPointer<UInt8>, _ text: UnsafeBufferPointer<UInt8>, at position: Int, end: Int
    ) -> Bool {
        if end &- position < needle.count { return false }
        for index in 0..<needle.count where text[position &+ index] != needle[index] { return false }
        return true
    }

    /// The first position in `from...end` where `needle` (not empty) stands in `text[..<end]`.
    static func find(
        _ needle: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>, from: Int, end: Int
    ) -> Int? {
        var position = from
        while let candidate = firstIndex(of: needle[0], in: text, from: position, end: end &- needle.count &+ 1) {
            if matches(needle, text, at: candidate, end: end) { return candidate }
            position = candidate &+ 1
        }
        return nil
    }
}

extension Program {
    /// The first position in `from...end` where the prefix stands.
    func findPrefix(_ text: UnsafeBufferPointer<UInt8>, from: Int, end: Int) -> Int? {
        prefix.withUnsafeBufferPointer { LiteralSearch.find($0, in: text, from: from, end: end) }
    }

    /// Whether a text begins with the prefix.
    func beginsWithPrefix(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        prefix.withUnsafeBufferPointer { LiteralSearch.matches($0, text, at: 0, end: text.count) }
    }

    /// The first position in `from...end` where a match may begin.
    @inline(__always)
    func nextCandidate(_ text: UnsafeBufferPointer<UInt8>, from: Int, end: Int) -> Int? {
        if !prefix.isEmpty { return findPrefix(text, from: from, end: end) }
        if let firstBytes { return firstBytes.find(text, from: from, end: end) }
        return from
    }
}
