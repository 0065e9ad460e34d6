/// An interned byte string: a variable, the text of a string, the spelling of a number.
///
/// Two names of one `NameTable` are equal exactly when their bytes are. Every table starts with the names of
/// `WellKnownNames.swift`, so those may be compared across tables.
public struct Name: Equatable, Hashable, Sendable {
    public let id: UInt32

    @inlinable
    public init(id: UInt32) { self.id = id }
}

/// The table behind `Name`: every byte string once, found by hash.
public struct NameTable: Sendable {
    /// All bytes, one name after the other.
    @usableFromInline var bytes: [UInt8] = []
    /// Offset behind the last byte of each name.
    @usableFromInline var ends: [UInt32] = []
    private var hashes: [UInt32] = []
    /// Open addressing, a power of two; 0 is free, otherwise the id + 1.
    private var slots: [UInt32]

    /// A table that holds the well-known names.
    public init() {
        slots = [UInt32](repeating: 0, count: 512)
        for text in Name.wellKnown { _ = intern(text) }
    }

    /// A table without any name, to stand in for one that is lent.
    init(empty: Void) { slots = [0] }

    /// A table without any name, not even the well-known ones: stands in for one that is lent.
    public static var none: NameTable { NameTable(empty: ()) }

    /// The number of names.
    public var count: Int { ends.count }

    /// The name of a text.
    public mutating func intern(_ text: StaticString) -> Name {
        intern(text.withUTF8Buffer { Array($0) })
    }

    /// The name of a byte string.
    public mutating func intern(_ text: [UInt8]) -> Name { intern(text, 0, text.count) }

    /// The name of a piece of a text.
    public mutating func intern(_ text: ArraySlice<UInt8>) -> Name { intern(Array(text)) }

    /// The name of the bytes from `start` up to `end` (cut to the text).
    public mutating func intern(_ text: [UInt8], _ start: Int, _ end: Int) -> Name {
        let end = min(end, text.count)
        let start = min(max(start, 0), end)
        let hash = Self.hash(text, start, end)
        let mask = UInt32(truncatingIfNeeded: slots.count - 1)
        var slot = hash & mask
        while true {
            let entry = slots[Int(slot)]
            if entry == 0 { break }
            if hashes[Int(entry - 1)] == hash, equals(entry - 1, text, start, end) { return Name(id: entry - 1) }
            slot = (slot &+ 1) & mask
        }
        let id = UInt32(truncatingIfNeeded: ends.count)
        bytes.append(contentsOf: text[start..<end])
        ends.append(UInt32(truncatingIfNeeded: bytes.count))
        hashes.append(hash)
        slots[Int(slot)] = id + 1
        if ends.count * 2 > slots.count { grow() }
        return Name(id: id)
    }

    /// The name of a byte string if it is in the table already.
    public func find(_ text: [UInt8]) -> Name? {
        let hash = Self.hash(text, 0, text.count)
        let mask = UInt32(truncatingIfNeeded: slots.count - 1)
        var slot = hash & mask
        while true {
            let entry = slots[Int(slot)]
            if entry == 0 { return nil }
            if hashes[Int(entry - 1)] == hash, equals(entry - 1, text, 0, text.count) { return Name(id: entry - 1) }
            slot = (slot &+ 1) & mask
        }
    }

    /// The bytes of a name of this table (an empty slice for a name of another table that is unknown here).
    @inlinable
    public subscript(_ name: Name) -> ArraySlice<UInt8> {
        let id = Int(name.id)
        guard id < ends.count else { return [] }
        return bytes[(id == 0 ? 0 : Int(ends[id - 1]))..<Int(ends[id])]
    }

    /// A name's text for a message.
    public func text(_ name: Name) -> String { String(decoding: self[name], as: UTF8.self) }

    /// Whether a variable was written as `_`. Each of them has a name of its own: `$0`, `$1`, ...
    public func isWildcard(_ name: Name) -> Bool { self[name].first == 0x24 }

    private func equals(_ id: UInt32, _ text: [UInt8], _ from: Int, _ to: Int) -> Bool {
        let start = id == 0 ? 0 : Int(ends[Int(id) - 1])
        let end = Int(ends[Int(id)])
        guard end - start == to - from else { return false }
        var index = 0
        while index < end - start {
            if bytes[start + index] != text[from + index] { return false }
            index += 1
        }
        return true
    }

    private mutating func grow() {
        let size = slots.count * 2
        let mask = UInt32(truncatingIfNeeded: size - 1)
        var fresh = [UInt32](repeating: 0, count: size)
        for (id, hash) in hashes.enumerated() {
            var slot = hash & mask
            while fresh[Int(slot)] != 0 { slot = (slot &+ 1) & mask }
            fresh[Int(slot)] = UInt32(truncatingIfNeeded: id) + 1
        }
        slots = fresh
    }

    /// FNV-1a with a final mix, so that the low bits that choose the slot depend on every byte.
    private static func hash(_ text: [UInt8], _ start: Int, _ end: Int) -> UInt32 {
        var hash: UInt32 = 0x811C_9DC5
        var index = start
        while index < end {
            hash = (hash ^ UInt32(text[index])) &* 0x0100_0193
            index += 1
        }
        hash ^= hash >> 16
        return hash &* 0x85EB_CA6B ^ (hash >> 13)
    }
}
