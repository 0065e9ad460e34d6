/// Character classes as small automata over the bytes of UTF-8, for the lazy DFA. Only valid UTF-8 is accepted.
///
/// The nodes of a class are numbered from 0 for its root; equal nodes are shared, so that `.` has eight.
struct ByteGraph {
    struct Transition: Equatable {
        var lo: UInt8
        var hi: UInt8
        /// A node of the same class, or `accept`.
        var target: UInt16
    }

    struct Node {
        var start: UInt32
        var count: UInt32
    }

    /// Where the nodes of a class are.
    struct Class {
        var firstNode: UInt32
        var count: UInt32
    }

    static let accept = UInt16.max
    /// More than this is refused; such a pattern goes without a DFA.
    static let maxTransitions = 1 << 16
    static let maxNodes = 1 << 12

    private(set) var nodes: [Node] = []
    private(set) var transitions: [Transition] = []
    private(set) var isTooLarge = false
    private var hashes: [UInt64] = []
    /// The node, by number of bytes, that accepts all continuations.
    private var fullNodes: [UInt16] = []
    private var first = 0

    /// Adds the class of a set of characters, whose ranges must be sorted and disjoint.
    mutating func add(_ ranges: [CharSet.Range]) -> Class {
        first = nodes.count
        fullNodes = [Self.accept, Self.accept, Self.accept]
        hashes.removeAll(keepingCapacity: true)
        // The root comes first, so its place is taken before its transitions are known.
        nodes.append(Node(start: 0, count: 0))
        hashes.append(0)
        var root: [Transition] = []
        for range in Self.clip(ranges, 0, 0x7F) {
            root.append(Transition(lo: UInt8(range.lo), hi: UInt8(range.hi), target: Self.accept))
        }
        block(Self.clip(ranges, 0x80, 0x7FF), level: 2, base: 0, bytes: 0xC2...0xDF, firstByte: 0xC0, into: &root)
        let three = Self.clip(ranges, 0x800, 0xD7FF) + Self.clip(ranges, 0xE000, 0xFFFF)
        block(three, level: 3, base: 0, bytes: 0xE0...0xEF, firstByte: 0xE0, into: &root)
        block(
            Self.clip(ranges, 0x10000, 0x10FFFF), level: 4, base: 0, bytes: 0xF0...0xF4, firstByte: 0xF0, into: &root)
        nodes[first] = Node(start: UInt32(transitions.count), count: UInt32(root.count))
        transitions.append(contentsOf: root)
        return Class(firstNode: UInt32(first), count: UInt32(nodes.count - first))
    }

    private static func clip(_ ranges: [CharSet.Range], _ lo: UInt32, _ hi: UInt32) -> [CharSet.Range] {
        var result: [CharSet.Range] = []
        for range in ranges where range.hi >= lo && range.lo <= hi {
            result.append(CharSet.Range(lo: max(range.lo, lo), hi: min(range.hi, hi)))
        }
        return result
    }

    /// Adds the transitions on `bytes`, each of which stands for one block of characters, the block of `firstByte`
    /// beginning at `base`. With `level` n a character of the block has n bytes left, the one read here included.
    private mutating func block(
        _ ranges: [CharSet.Range], level: Int, base: UInt32, bytes: ClosedRange<UInt8>, firstByte: UInt8,
        into list: inout [Transition]
    ) {
        let shift = UInt32(6 * (level - 1))
        var index = 0
        for byte in bytes {
            let lo = base + UInt32(byte - firstByte) << shift
            let hi = lo + (1 << shift - 1)
            while index < ranges.count, ranges[index].hi < lo { index += 1 }
            guard index < ranges.count else { return }
            if ranges[index].lo > hi { continue }
            let target: UInt16
            if ranges[index].lo <= lo, ranges[index].hi >= hi {
                target = full(level - 1)
            } else {
                var last = index
                while last < ranges.count, ranges[last].lo <= hi { last += 1 }
                var part: [Transition] = []
                block(
                    Array(ranges[index..<last]), level: level - 1, base: lo, bytes: 0x80...0xBF, firstByte: 0x80,
                    into: &part)
                target = intern(part)
            }
            if let previous = list.last, previous.target == target, previous.hi == byte &- 1 {
                list[list.count - 1].hi = byte
            } else {
                list.append(Transition(lo: byte, hi: byte, target: target))
            }
        }
    }

    /// The node that accepts any `count` continuation bytes.
    private mutating func full(_ count: Int) -> UInt16 {
        if count == 0 { return Self.accept }
        if fullNodes[count - 1] == Self.accept {
            let next = full(count - 1)
            fullNodes[count - 1] = intern([Transition(lo: 0x80, hi: 0xBF, target: next)])
        }
        return fullNodes[count - 1]
    }

    private mutating func intern(_ list: [Transition]) -> UInt16 {
        if isTooLarge { return 0 }
        var hash: UInt64 = UInt64(list.count)
        for transition in list {
            hash = ContentHash.mix(
                hash ^ (UInt64(transition.lo) << 32 | UInt64(transition.hi) << 16 | UInt64(transition.target)))
        }
        // The root, at 0, is never the same as another node.
        for index in hashes.indices.dropFirst() where hashes[index] == hash {
            let node = nodes[first + index]
            if transitions[Int(node.start)..<Int(node.start + node.count)].elementsEqual(list) {
                return UInt16(index)
            }
        }
        if nodes.count >= Self.maxNodes || transitions.count + list.count > Self.maxTransitions {
            isTooLarge = true
            return 0
        }
        nodes.append(Node(start: UInt32(transitions.count), count: UInt32(list.count)))
        transitions.append(contentsOf: list)
        hashes.append(hash)
        return UInt16(nodes.count - 1 - first)
    }
}
