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
    /// The instruction's number among those that can be reached in more than one way, from 1; 0 for the others, which
    /// follow one instruction only. See `Backtracker`.
    var junction: UInt32 = 0

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

    /// The members, repeated over a word, if they are three at most; the last one again for those that lack.
    private(set) var few: (UInt64, UInt64, UInt64)?

    /// To be called after the last `insert`.
    mutating func seal() {
        guard count > 0, count <= 3 else { return }
        var members: [UInt64] = []
        for byte in UInt8.min...UInt8.max where contains(byte) {
            members.append(UInt64(byte) &* 0x0101_0101_0101_0101)
        }
        few = (members[0], members[min(1, members.count - 1)], members[members.count - 1])
    }

    /// The first position in `from..<end` of one of `few`; `end` if there is none.
    static func find(
        _ few: (UInt64, UInt64, UInt64), _ base: UnsafePointer<UInt8>, _ from: Int, _ end: Int
    ) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var position = from
        while position &+ 8 <= end {
            // A byte of a difference is zero where the text has the byte that is searched.
            let word = UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self)
            let (a, b, c) = (word ^ few.0, word ^ few.1, word ^ few.2)
            let zeros = ((a &- ones) & ~a | (b &- ones) & ~b | (c &- ones) & ~c) & 0x8080_8080_8080_8080
            if zeros != 0 { return position &+ UInt64(littleEndian: zeros).trailingZeroBitCount &>> 3 }
            position &+= 8
        }
        while position < end {
            let byte = UInt64(base[position])
            if byte == few.0 & 0xFF || byte == few.1 & 0xFF || byte == few.2 & 0xFF { return position }
            position &+= 1
        }
        return end
    }

    /// The first position in `from..<end` of a member; nil if there is none.
    func find(_ text: UnsafeBufferPointer<UInt8>, from: Int, end: Int) -> Int? {
        if let few, let base = text.baseAddress {
            let found = Self.find(few, base, from, end)
            return found < end ? found : nil
        }
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
    /// More instructions than this (16 bytes each) are refused as "expression too large".
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
    /// How many instructions have a number of their own as `junction`.
    var junctionCount = 0

    /// Whether the lazy DFA may jump to the next place where a match can begin: only if no assertion looks behind.
    var canSkipInDFA: Bool {
        (!prefix.isEmpty || firstBytes?.few != nil) && assertions & ~(Assertion.endLine | Assertion.endText) == 0
    }

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
