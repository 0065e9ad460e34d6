/// One instruction of the character-level program. All engines run this program or one derived from it.
struct Instruction {
    enum Kind: UInt8 {
        /// The pattern has matched.
        case match
        /// Goes on at `out`, and with less priority at `argument`.
        case split
        /// Stores the position in slot `argument`.
        case capture
        /// Goes on if the assertion `argument` holds.
        case assertion
        /// Consumes the character `argument`.
        case scalar
        /// Consumes a character of class `argument`.
        case set
        /// Consumes any character.
        case any
        case anyNotNewline
    }

    var kind: Kind
    var out: UInt32 = 0
    var argument: UInt32 = 0

    @inline(__always)
    var consumes: Bool { kind.rawValue >= Kind.scalar.rawValue }
}

/// The characters of one class, laid out for matching.
struct ClassTable {
    /// Bits of U+0000...U+007F.
    var low: UInt64 = 0
    var high: UInt64 = 0
    /// Where the ranges beyond ASCII are in the program's `ranges`, as (lo, hi) pairs.
    var start = 0
    var count = 0
}

/// A set of bytes.
struct ByteSet {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    var count: Int {
        words.0.nonzeroBitCount + words.1.nonzeroBitCount + words.2.nonzeroBitCount + words.3.nonzeroBitCount
    }

    mutating func insert(_ range: ClosedRange<UInt8>) {
        for byte in range {
            let bit: UInt64 = 1 &<< UInt64(byte & 63)
            switch byte >> 6 {
            case 0: words.0 |= bit
            case 1: words.1 |= bit
            case 2: words.2 |= bit
            default: words.3 |= bit
            }
        }
    }

    /// Adds the bytes of two words of bits, for 0...63 and 64...127.
    mutating func insertASCII(_ low: UInt64, _ high: UInt64) {
        words.0 |= low
        words.1 |= high
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        let word =
            byte < 128 ? (byte < 64 ? words.0 : words.1) : (byte < 192 ? words.2 : words.3)
        return word &>> UInt64(byte & 63) & 1 != 0
    }

    /// The first position in `from..<end` of a member; nil if there is none.
    func find(_ text: UnsafeBufferPointer<UInt8>, from: Int, end: Int) -> Int? {
        var position = from
        while position < end {
            if contains(text[position]) { return position }
            position &+= 1
        }
        return nil
    }
}

/// A compiled pattern. Immutable; the memory is owned by the `Regex` that holds it.
struct Program {
    /// More instructions than this (12 bytes each) are refused as "expression too large".
    static let maxInstructions = 1 << 19

    let instructions: UnsafeMutableBufferPointer<Instruction>
    let classes: UnsafeMutableBufferPointer<ClassTable>
    let ranges: UnsafeMutableBufferPointer<CharSet.Range>
    let start: UInt32
    /// Two slots a group, the whole match included.
    let slotCount: Int
    /// Whether a match can only begin at the beginning of the text.
    let anchoredAtStart: Bool
    /// All assertions that occur.
    let assertions: UInt8
    /// Bytes that every match begins with.
    let prefix: [UInt8]
    /// Whether `prefix` is all there is, except for assertions at either end.
    let isLiteral: Bool
    /// For a literal: whether it must also end the text.
    let literalEndsText: Bool

    /// The bytes that a match can begin with, if they are few and a match cannot be empty.
    var firstBytes: ByteSet?

    /// Whether the lazy DFA may jump to the next place of the prefix: only if no assertion looks behind.
    var canSkipInDFA: Bool { !prefix.isEmpty && assertions & ~(Assertion.endLine | Assertion.endText) == 0 }

    @inline(__always)
    func contains(_ index: UInt32, _ scalar: UInt32) -> Bool {
        let table = classes[Int(index)]
        if scalar < 64 { return table.low &>> UInt64(scalar) & 1 != 0 }
        if scalar < 128 { return table.high &>> UInt64(scalar &- 64) & 1 != 0 }
        return containsBeyondASCII(table, scalar)
    }

    private func containsBeyondASCII(_ table: ClassTable, _ scalar: UInt32) -> Bool {
        var low = table.start
        var high = low &+ table.count
        while low < high {
            let middle = (low &+ high) / 2
            let range = ranges[middle]
            if scalar < range.lo {
                high = middle
            } else if scalar > range.hi {
                low = middle &+ 1
            } else {
                return true
            }
        }
        return false
    }

    /// Whether a consuming instruction accepts a character.
    @inline(__always)
    func accepts(_ instruction: Instruction, _ scalar: UInt32) -> Bool {
        switch instruction.kind {
        case .scalar: instruction.argument == scalar
        case .set: contains(instruction.argument, scalar)
        case .any: true
        case .anyNotNewline: scalar != 0x0A
        default: false
        }
    }

    /// The characters of a class.
    func members(of index: UInt32) -> [CharSet.Range] {
        let table = classes[Int(index)]
        var set = CharSet()
        for scalar in 0..<UInt32(128) where contains(index, scalar) { set.add(scalar, scalar) }
        for range in ranges[table.start..<(table.start + table.count)] { set.add(range.lo, range.hi) }
        return set.ranges
    }

    /// Bytes of memory of the program itself.
    var byteCount: Int {
        instructions.count * MemoryLayout<Instruction>.stride + classes.count * MemoryLayout<ClassTable>.stride
            + ranges.count * MemoryLayout<CharSet.Range>.stride + prefix.count
    }

    func deallocate() {
        instructions.deallocate()
        classes.deallocate()
        ranges.deallocate()
    }
}
