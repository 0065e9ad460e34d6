/// The parsed form of a pattern: nodes in one array, children as linked siblings, so that no destructor recurses.
struct SyntaxTree {
    enum Kind: UInt8 {
        /// Matches the empty string.
        case empty
        /// One character; `a` is its scalar value.
        case literal
        /// One character of class `a` in `classes`.
        case set
        /// Any character; without a line feed unless the flag `s` is on.
        case any
        case anyNotNewline
        /// Matches nothing but asserts something about the position; `a` is the `Assertion`.
        case assertion
        /// A capturing group with number `a` around its one child.
        case capture
        case star
        case plus
        case quest
        /// Between `a` and `b` times the child; `b` is -1 for no upper bound.
        case repetition
        case concatenation
        case alternation
    }

    struct Node {
        var kind: Kind
        var isLazy = false
        /// Can match the empty string, by the rule of the compiler.
        var isNullable = false
        var a: Int32 = 0
        var b: Int32 = 0
        var firstChild: Int32 = -1
        var nextSibling: Int32 = -1
        /// Nesting depth of the tree below, as Go counts it.
        var height: Int32 = 1
        /// The largest product of nested repeat counts in this tree.
        var repeatProduct: Int32 = 1
        /// Number of instructions of the tree below, as Go estimates it.
        var size: Int64 = 1
    }

    /// Go refuses deeper trees than this.
    static let maxHeight: Int32 = 1000
    /// Go refuses larger trees than this.
    static let maxSize: Int64 = (128 << 20) / 40
    /// Go refuses larger counts than this, nested counts multiplied.
    static let maxRepeat: Int32 = 1000

    var nodes: [Node] = []
    var classes: [CharSet] = []
    /// Total number of ranges of all classes.
    var rangeCount = 0
    var root: Int32 = -1
    /// Number of capturing groups, not counting the whole match.
    var captureCount = 0
    /// Names by group number; index 0 is the whole match and never has one.
    var captureNames: [[UInt8]] = [[]]

    mutating func append(_ node: Node) -> Int32 {
        nodes.append(node)
        return Int32(nodes.count - 1)
    }
}

/// What a position in the text must fulfil; the raw values are bits, so that several can be tested at once.
enum Assertion {
    static let beginLine: UInt8 = 1
    static let endLine: UInt8 = 2
    static let beginText: UInt8 = 4
    static let endText: UInt8 = 8
    static let wordBoundary: UInt8 = 16
    static let noWordBoundary: UInt8 = 32

    /// Those that need nothing but the text before the position.
    static let behind: UInt8 = beginLine | beginText

    @inline(__always)
    static func isWord(_ byte: UInt8) -> Bool {
        let folded = byte | 0x20
        return (folded >= 0x61 && folded <= 0x7A) || (byte >= 0x30 && byte <= 0x39) || byte == 0x5F
    }

    /// All assertions that hold at `position` of `text`.
    @inline(__always)
    static func holding(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> UInt8 {
        var flags: UInt8 = 0
        var before = false
        var after = false
        if position == 0 {
            flags |= beginText | beginLine
        } else {
            let byte = text[position &- 1]
            if byte == 0x0A { flags |= beginLine }
            before = isWord(byte)
        }
        if position == text.count {
            flags |= endText | endLine
        } else {
            let byte = text[position]
            if byte == 0x0A { flags |= endLine }
            after = isWord(byte)
        }
        return flags | (before != after ? wordBoundary : noWordBoundary)
    }
}

/// UTF-8 as Go reads it: a byte that starts no valid sequence is U+FFFD, one byte wide.
enum UTF8Text {
    static let replacement: UInt32 = 0xFFFD

    /// Decodes the character at `position`, which must be inside the text. The result packs scalar << 3 | width.
    @inline(__always)
    static func decode(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> (scalar: UInt32, width: Int) {
        let first = text[position]
        if first < 0x80 { return (UInt32(first), 1) }
        return decodeMultiByte(text, position)
    }

    static func decodeMultiByte(
        _ text: UnsafeBufferPointer<UInt8>, _ position: Int
    ) -> (scalar: UInt32, width: Int) {
        let bad = (scalar: replacement, width: 1)
        let left = text.count &- position
        let first = UInt32(text[position])
        if first < 0xC2 || first > 0xF4 || left < 2 { return bad }
        let second = UInt32(text[position &+ 1])
        if second & 0xC0 != 0x80 { return bad }
        if first < 0xE0 { return ((first & 0x1F) << 6 | second & 0x3F, 2) }
        if left < 3 { return bad }
        let third = UInt32(text[position &+ 2])
        if third & 0xC0 != 0x80 { return bad }
        if first < 0xF0 {
            let scalar = (first & 0x0F) << 12 | (second & 0x3F) << 6 | third & 0x3F
            if scalar < 0x800 || (scalar >= 0xD800 && scalar < 0xE000) { return bad }
            return (scalar, 3)
        }
        if left < 4 { return bad }
        let fourth = UInt32(text[position &+ 3])
        if fourth & 0xC0 != 0x80 { return bad }
        let scalar = (first & 0x07) << 18 | (second & 0x3F) << 12 | (third & 0x3F) << 6 | fourth & 0x3F
        if scalar < 0x10000 || scalar > 0x10FFFF { return bad }
        return (scalar, 4)
    }

    /// The width of the character at `position`; 0 at the end of the text.
    @inline(__always)
    static func width(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Int {
        position < text.count ? decode(text, position).width : 0
    }

    /// The first byte of the encoding of a scalar value.
    static func firstByte(_ scalar: UInt32) -> UInt8 {
        if scalar < 0x80 { return UInt8(truncatingIfNeeded: scalar) }
        if scalar < 0x800 { return UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6) }
        if scalar < 0x10000 { return UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12) }
        return UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18)
    }

    static func append(_ scalar: UInt32, to bytes: inout [UInt8]) {
        func byte(_ value: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: value) }
        if scalar < 0x80 {
            bytes.append(byte(scalar))
        } else if scalar < 0x800 {
            bytes.append(byte(0xC0 | scalar >> 6))
            bytes.append(byte(0x80 | scalar & 0x3F))
        } else if scalar < 0x10000 {
            bytes.append(byte(0xE0 | scalar >> 12))
            bytes.append(byte(0x80 | scalar >> 6 & 0x3F))
            bytes.append(byte(0x80 | scalar & 0x3F))
        } else {
            bytes.append(byte(0xF0 | scalar >> 18))
            bytes.append(byte(0x80 | scalar >> 12 & 0x3F))
            bytes.append(byte(0x80 | scalar >> 6 & 0x3F))
            bytes.append(byte(0x80 | scalar & 0x3F))
        }
    }
}
