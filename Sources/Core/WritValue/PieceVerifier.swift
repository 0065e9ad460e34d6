extension Piece {
    /// Checks that the piece is as freezing makes pieces: every reference leads back to a whole block of its kind, blocks do
    /// not overlap, texts are UTF-8 and have their hashes, keys and elements of sets are in order, indices lead to them.
    ///
    /// Reading a piece needs none of this to be safe; it is what answers depend on. Takes time with the piece's size, and
    /// a twentieth of its size of memory. Throws `malformed`; `stepLimit` where keys are not to be compared in
    /// bounded time.
    public func verify() throws(Fault) {
        guard imports.isEmpty, size % 16 == 0 else { throw Fault(.malformed) }
        let space = Space.create()
        defer { space.destroy() }
        var verifier = PieceVerifier(self, space)
        defer { verifier.close() }
        try verifier.check(root, depth: 0)
        try space.check()
    }
}

/// A walk over everything that a piece's value is made of; each block is looked into once.
struct PieceVerifier {
    private let base: UnsafeRawPointer
    private let size: Int
    private let space: Space
    private let number: UInt16
    /// A bit a granule: those that belong to a block, those where one starts, and those where one ends; those where one
    /// starts that the walk is in.
    private var covered: Bits
    private var starts: Bits
    private var around: Bits
    private var ends: Bits
    /// The kind of block that starts there, where one does: four bits a granule.
    private var kinds: Nibbles
    /// What long texts were found to be; shorter ones are looked at each time.
    private var longTexts = KnownTexts()
    /// What comparing and hashing keys that are collections may still visit.
    private var visitsLeft: Int

    init(_ piece: Piece, _ space: Space) {
        base = piece.base
        size = piece.size
        self.space = space
        number = space.attach(piece)
        covered = Bits(size / 16)
        starts = Bits(size / 16)
        around = Bits(size / 16)
        ends = Bits(size / 16)
        kinds = Nibbles(size / 16)
        visitsLeft = 64 &* (size / 16) &+ (1 &<< 16)
    }

    func close() {
        covered.memory.deallocate()
        starts.memory.deallocate()
        around.memory.deallocate()
        ends.memory.deallocate()
        kinds.memory.deallocate()
        longTexts.close()
    }

    /// Checks a value and all that it is made of.
    mutating func check(_ value: Value, depth: Int) throws(Fault) {
        switch value.tag {
        case Value.Tag.null: guard value.low == 0, value.high &<< 8 == 0 else { throw Fault(.malformed) }
        case Value.Tag.boolean: guard value.low <= 1, value.high &<< 8 == 0 else { throw Fault(.malformed) }
        case Value.Tag.integer: guard value.high &<< 8 == 0 else { throw Fault(.malformed) }
        case Value.Tag.decimal:
            guard value.high &<< 8 == UInt64(value.decimalScale) &<< 8, (1...18).contains(Int(value.decimalScale))
            else {
                throw Fault(.malformed)
            }
        case Value.Tag.shortString: try checkShort(value)
        case Value.Tag.longString, Value.Tag.numberText: try checkText(value)
        case Value.Tag.array, Value.Tag.object, Value.Tag.set:
            if value.low == 0, value.high &<< 8 == 0 { return }
            try checkBlock(value, depth: depth)
        default: throw Fault(.malformed)
        }
    }

    private func checkShort(_ value: Value) throws(Fault) {
        let length = value.shortLength
        guard length <= 14, value.high &>> 52 & 0xf == 0 else { throw Fault(.malformed) }
        // What is behind the text is zero, as equality compares all of it.
        let low = length >= 8 ? value.low : value.low & (UInt64(1) &<< UInt64(length &* 8) &- 1)
        let bits = UInt64(max(0, length &- 8) &* 8)
        guard low == value.low, value.high & 0xffff_ffff_ffff & ~(UInt64(1) &<< bits &- 1) == 0 else {
            throw Fault(.malformed)
        }
        if value.low & 0x8080_8080_8080_8080 == 0, value.high & 0x0000_8080_8080_8080 == 0 { return }
        guard space.withBytes(value, Self.isUTF8) else { throw Fault(.malformed) }
    }

    private static func isUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        let raw = UnsafeRawPointer(base)
        var index = 0
        while index < bytes.count {
            if index &+ 8 <= bytes.count,
                raw.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
            {
                index &+= 8
                continue
            }
            let length = UTF8Decoding.length(base + index, bytes.count &- index)
            guard length > 0 else { return false }
            index &+= length
        }
        return true
    }

    /// Where a block starts, if the piece has so many bytes there.
    private func address(_ value: Value, _ bytes: Int) throws(Fault) -> Int {
        let start = Int(value.offset) &* 16
        guard value.piece == 0, start >= 16, start < size, bytes <= size &- start else { throw Fault(.malformed) }
        return start
    }

    /// Notes a block; gives false for one that is known. It must be the same then.
    private mutating func enter(_ start: Int, _ bytes: Int, _ tag: UInt8) throws(Fault) -> Bool {
        let first = start / 16
        let last = (start &+ max(1, bytes) &- 1) / 16
        if starts[first] {
            guard kinds[first] == tag, ends[last], !starts.hasAny(first &+ 1, last), !around[first] else {
                throw Fault(.malformed)
            }
            return false
        }
        guard !covered.hasAny(first, last) else { throw Fault(.malformed) }
        covered.setAll(first, last)
        starts.set(first)
        ends.set(last)
        kinds.set(first, tag)
        return true
    }

    private mutating func checkText(_ value: Value) throws(Fault) {
        let length = value.longLength
        let isNumber = value.tag == Value.Tag.numberText
        guard value.high & 0x00ff_0000_8000_0000 == 0, length > (isNumber ? 0 : 14) else { throw Fault(.malformed) }
        let start = try address(value, length)
        let isNew = try enter(start, length, value.tag)
        if !isNew, length > 128 {
            guard longTexts.contains(value) else { throw Fault(.malformed) }
            return
        }
        let bytes = UnsafeBufferPointer(start: (base + start).assumingMemoryBound(to: UInt8.self), count: length)
        let hash = isNumber ? NumberText.hash(bytes) : ContentHash.bytes(base + start, length)
        guard UInt32(truncatingIfNeeded: hash) == value.storedHash,
            isNumber ? NumberText.isValid(bytes) : Self.isUTF8(bytes)
        else { throw Fault(.malformed) }
        if length > 128 { longTexts.insert(value) }
    }

    private mutating func checkBlock(_ value: Value, depth: Int) throws(Fault) {
        let count = value.count
        guard count > 0, count <= size / 16, value.high & 0x00ff_0000_ffff_ffff == 0 else { throw Fault(.malformed) }
        guard depth < Space.depthLimit else { throw Fault(.depthLimit) }
        switch value.tag {
        case Value.Tag.array:
            let start = try address(value, count &* 16)
            guard try enter(start, count &* 16, value.tag) else { return }
            around.set(start / 16)
            try checkValues(at: start, count, depth)
            around.clear(start / 16)
        case Value.Tag.object:
            let start = try address(value, 16 &+ count &* 16)
            guard try enter(start, 16 &+ count &* 16, value.tag) else { return }
            let shape = load(start)
            guard shape.tag == Value.Tag.shape, shape.count == count, shape.high & 0x00ff_0000_ffff_ffff == 0 else {
                throw Fault(.malformed)
            }
            around.set(start / 16)
            try checkSorted(shape, depth)
            try checkValues(at: start &+ 16, count, depth)
            around.clear(start / 16)
        default: try checkSorted(value, depth)
        }
    }

    /// A set or a key list: a header, sorted values, an index.
    private mutating func checkSorted(_ value: Value, _ depth: Int) throws(Fault) {
        let count = value.count
        let slots = Layout.slots(for: count)
        let bytes = 16 &+ count &* 16 &+ slots &* 4
        let start = try address(value, bytes)
        guard try enter(start, bytes, value.tag) else { return }
        let header = load(start)
        guard header.low == UInt64(slots), header.high == 0 else { throw Fault(.malformed) }
        around.set(start / 16)
        try checkValues(at: start &+ 16, count, depth)
        around.clear(start / 16)
        for index in 0..<count {
            let current = load(start &+ 16 &+ index &* 16)
            if index > 0 {
                let former = load(start &+ index &* 16)
                guard try isOrdered(former, current) else { throw Fault(.malformed) }
            }
        }
        if slots > 0 { try checkIndex(start &+ 16, count, slots) }
    }

    private mutating func isOrdered(_ one: Value, _ two: Value) throws(Fault) -> Bool {
        if one.tag == Value.Tag.shortString, two.tag == Value.Tag.shortString {
            return ByteOrder.compareShort(one, two) < 0
        }
        let order = space.compare(here(one), here(two))
        if one.isCollection || two.isCollection {
            visitsLeft &-= (1 &<< 26) &- space.state.pointee.visitsLeft
            guard visitsLeft > 0 else { throw Fault(.stepLimit) }
        }
        return order < 0
    }

    /// The index is the one that freezing writes for these values.
    private mutating func checkIndex(_ start: Int, _ count: Int, _ slots: Int) throws(Fault) {
        let found = (base + start + count &* 16).assumingMemoryBound(to: UInt32.self)
        let wanted = UnsafeMutablePointer<UInt32>.allocate(capacity: slots)
        defer { wanted.deallocate() }
        wanted.initialize(repeating: 0, count: slots)
        for position in 0..<count {
            let value = load(start &+ position &* 16)
            if value.isCollection {
                space.state.pointee.visitsLeft = 0
                Space.enter(position, space.hash(here(value)), wanted, slots)
                visitsLeft &-= max(1, (1 &<< 22) &- space.state.pointee.visitsLeft)
                guard visitsLeft > 0 else { throw Fault(.stepLimit) }
            } else {
                Space.enter(position, space.hash(here(value)), wanted, slots)
            }
        }
        for slot in 0..<slots where found[slot] != wanted[slot] { throw Fault(.malformed) }
    }

    private mutating func checkValues(at start: Int, _ count: Int, _ depth: Int) throws(Fault) {
        for index in 0..<count { try check(load(start &+ index &* 16), depth: depth &+ 1) }
    }

    private func load(_ offset: Int) -> Value { base.load(fromByteOffset: offset, as: Value.self) }

    /// A value of the piece as the space sees it.
    private func here(_ value: Value) -> Value { value.isReference ? value.inPiece(number) : value }
}

/// A bit for each of many things.
private struct Bits {
    let memory: UnsafeMutablePointer<UInt64>

    init(_ count: Int) {
        let words = count / 64 &+ 1
        memory = .allocate(capacity: words)
        memory.initialize(repeating: 0, count: words)
    }

    subscript(_ index: Int) -> Bool { memory[index &>> 6] &>> UInt64(index & 63) & 1 != 0 }

    func set(_ index: Int) { memory[index &>> 6] |= 1 &<< UInt64(index & 63) }

    func clear(_ index: Int) { memory[index &>> 6] &= ~(1 &<< UInt64(index & 63)) }

    /// The bits of a word that lie between two places, both included.
    private func mask(_ word: Int, _ first: Int, _ last: Int) -> UInt64 {
        var mask = UInt64.max
        if word == first &>> 6 { mask &= UInt64.max &<< UInt64(first & 63) }
        if word == last &>> 6 { mask &= UInt64.max &>> UInt64(63 &- last & 63) }
        return mask
    }

    func hasAny(_ first: Int, _ last: Int) -> Bool {
        guard first <= last else { return false }
        for word in first &>> 6...last &>> 6 where memory[word] & mask(word, first, last) != 0 { return true }
        return false
    }

    func setAll(_ first: Int, _ last: Int) {
        for word in first &>> 6...last &>> 6 { memory[word] |= mask(word, first, last) }
    }
}

/// Four bits for each of many things.
private struct Nibbles {
    let memory: UnsafeMutablePointer<UInt8>

    init(_ count: Int) {
        memory = .allocate(capacity: count / 2 &+ 1)
        memory.initialize(repeating: 0, count: count / 2 &+ 1)
    }

    subscript(_ index: Int) -> UInt8 { memory[index &>> 1] &>> UInt8((index & 1) &* 4) & 0xf }

    func set(_ index: Int, _ number: UInt8) { memory[index &>> 1] |= (number & 0xf) &<< UInt8((index & 1) &* 4) }
}

/// References to texts, by their offset: open addressing, a power of two of slots.
private struct KnownTexts {
    private var table: UnsafeMutablePointer<Value>
    private var slots = 64
    private var count = 0

    init() {
        table = .allocate(capacity: slots)
        table.initialize(repeating: .undefined, count: slots)
    }

    func close() { table.deallocate() }

    private func place(_ value: Value) -> Int {
        var slot = Int(truncatingIfNeeded: ContentHash.mix(UInt64(value.offset), 5)) & (slots &- 1)
        while table[slot].isDefined, table[slot].offset != value.offset { slot = (slot &+ 1) & (slots &- 1) }
        return slot
    }

    func contains(_ value: Value) -> Bool { Value.identical(table[place(value)], value) }

    mutating func insert(_ value: Value) {
        if count &* 2 >= slots {
            let former = UnsafeBufferPointer(start: table, count: slots)
            slots &*= 2
            table = .allocate(capacity: slots)
            table.initialize(repeating: .undefined, count: slots)
            for known in former where known.isDefined { table[place(known)] = known }
            former.deallocate()
        }
        table[place(value)] = value
        count &+= 1
    }
}
