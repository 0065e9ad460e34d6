/// An immutable, position-independent piece of memory that holds one value and all it is made of.
///
/// References inside are relative to the piece, so the same bytes can be read by any number of spaces at
/// once, from any address, or from a file. Equal strings and equal key lists are stored once; collections of
/// more than `Layout.scanned` elements carry a hash index.
public final class Piece: @unchecked Sendable {
    // Sendable: the memory is never written after `init`.
    @usableFromInline let base: UnsafeRawPointer
    /// Size in bytes.
    public let size: Int
    /// The value, its references relative to the piece (piece number 0).
    @usableFromInline let root: Value
    private let owned: UnsafeMutableRawPointer?
    /// Gives back memory that somebody else lent.
    private let release: (() -> Void)?
    /// Pieces that this one refers to: its stored piece number n + 1 means `imports[n]`. Nil where nothing does.
    let imports: [Piece?]

    /// Freezes a value: copies it out of its space. Throws `depthLimit`, `sizeLimit` above 64 GiB, or `memoryLimit`
    /// above `limit` bytes: what a value holds many times over is written as often.
    public init(freezing value: Value, of space: Space, limit: Int = .max) throws(Fault) {
        var writer = PieceWriter(source: space)
        writer.limit = limit
        do throws(Fault) {
            root = try writer.write(value, depth: 0)
        } catch {
            writer.discard()
            throw error
        }
        owned = writer.memory
        base = UnsafeRawPointer(writer.memory)
        size = writer.used
        release = nil
        imports = []
        writer.forgetTables()
    }

    /// Freezes a value of a space that the pieces are attached to: what of it lies in them is not copied but referred to,
    /// so that a changed document costs what changed. Throws as the other one.
    ///
    /// The pieces come in the order in which they were made, without any that a later one of them refers to missing.
    public init(freezing value: Value, of space: Space, sharing pieces: [Piece], limit: Int = .max) throws(Fault) {
        var writer = PieceWriter(source: space)
        writer.limit = limit
        writer.shared = pieces.map { space.number(of: $0) ?? 0 }
        writer.isUsed = [Bool](repeating: false, count: pieces.count)
        do throws(Fault) {
            root = try writer.write(value, depth: 0)
        } catch {
            writer.discard()
            throw error
        }
        writer.trim()
        owned = writer.memory
        base = UnsafeRawPointer(writer.memory)
        size = writer.used
        release = nil
        let isUsed = writer.isUsed
        imports = pieces.indices.map { isUsed[$0] ? pieces[$0] : nil }
        writer.forgetTables()
    }

    /// What a writer has laid out, which belongs to the piece from then on.
    init(_ writer: PieceWriter, root: Value) {
        self.root = root
        owned = writer.memory
        base = UnsafeRawPointer(writer.memory)
        size = writer.used
        release = nil
        imports = []
        writer.forgetTables()
    }

    /// Whether its memory is lent, such as that of a mapped file: to copy it would bring it into memory of its own.
    public var isLent: Bool { release != nil }

    /// This piece and all that it refers to, in the order in which they were made.
    public var parts: [Piece] {
        var found: [Piece] = []
        collect(&found)
        return found
    }

    /// Each is looked at once: those of a long history refer to all before them.
    private func collect(_ found: inout [Piece]) {
        for piece in imports {
            if let piece, !found.contains(where: { $0 === piece }) { piece.collect(&found) }
        }
        found.append(self)
    }

    /// Whether it refers to no other piece.
    public var isWhole: Bool { imports.allSatisfy { $0 == nil } }

    /// Whether all that it refers to by itself is among some pieces.
    public func rests(on pieces: [Piece]) -> Bool {
        imports.allSatisfy { piece in piece == nil || pieces.contains { $0 === piece } }
    }

    /// A piece of bytes that another one held: from a file, or damaged on purpose in a test. `root` is the value
    /// as seen from inside the piece, as `innerRoot` gave it.
    ///
    /// Nothing is verified: a space that reads it checks every reference that it follows.
    public init(copying bytes: UnsafeBufferPointer<UInt8>, root: Value) {
        let copy = UnsafeMutableRawPointer.allocate(byteCount: max(16, bytes.count), alignment: 16)
        if let source = bytes.baseAddress { copy.copyMemory(from: source, byteCount: bytes.count) }
        owned = copy
        release = nil
        base = UnsafeRawPointer(copy)
        size = bytes.count
        imports = []
        self.root = root.isReference ? root.inPiece(0) : root.tag < Value.Tag.address ? root : .undefined
    }

    /// The same in memory that is lent, such as a mapped file: it must not change before `release` is called. Nil where
    /// it does not begin at a multiple of 16.
    public init?(at bytes: UnsafeBufferPointer<UInt8>, root: Value, release: @escaping @Sendable () -> Void) {
        guard let start = bytes.baseAddress, Int(bitPattern: start) % 16 == 0 else { return nil }
        owned = nil
        self.release = release
        base = UnsafeRawPointer(start)
        size = bytes.count
        imports = []
        self.root = root.isReference ? root.inPiece(0) : root.tag < Value.Tag.address ? root : .undefined
    }

    /// The piece's value as seen from inside it: what `init(copying:root:)` wants beside the bytes.
    public var innerRoot: Value { root }

    /// Calls `body` with the piece's memory.
    public func withBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        body(UnsafeBufferPointer(start: base.assumingMemoryBound(to: UInt8.self), count: size))
    }

    deinit {
        owned?.deallocate()
        release?()
    }
}

/// Lays values out in one growing block of memory.
struct PieceWriter {
    let source: Space
    var memory: UnsafeMutableRawPointer
    var used = 0
    var capacity: Int
    var limit = Int.max
    /// The numbers in `source` of pieces that are referred to rather than copied, and which of them were.
    var shared: [UInt16] = []
    var isUsed: [Bool] = []
    private struct Stored {
        var hash: UInt64
        var value: Value
    }

    /// Open addressing over what is stored once: content hash → reference. Power of two slots.
    private var table: UnsafeMutablePointer<Stored>
    private var slots: Int
    private var filled = 0

    /// The number under which the source reads what is written here, while that grows; 0 for none.
    private var number: UInt16 = 0

    init(source: Space, expected: Int = 0) {
        self.source = source
        capacity = max(4096, (expected + 15) & ~15)
        memory = .allocate(byteCount: capacity, alignment: 16)
        slots = 256
        table = .allocate(capacity: slots)
        table.initialize(repeating: Stored(hash: 0, value: .undefined), count: slots)
        // Granule 0 is left empty, so that no reference is all zero but for its tag.
        used = 16
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: 16)
    }

    func discard() {
        memory.deallocate()
        table.deallocate()
    }

    func forgetTables() { table.deallocate() }

    // MARK: Writing while reading

    /// Lets the source read what is written here. False where it can read no more pieces.
    mutating func attach() -> Bool {
        guard let number = source.attachGrowing(UnsafeRawPointer(memory), capacity) else { return false }
        self.number = number
        return true
    }

    func detach() { source.detachLast(number) }

    /// Writes a value and gives it as the source sees it.
    mutating func writeHere(_ value: Value) throws(Fault) -> Value {
        guard value.isReference, value.piece != number else { return value }
        let written = try write(value, depth: 0)
        return written.isReference ? written.inPiece(number) : written
    }

    /// The piece of a value and all that was written before it; it stays attached.
    mutating func finished(_ value: Value) throws(Fault) -> (piece: Piece, value: Value) {
        let root = try write(value, depth: 0)
        source.settleGrowing(number, size: used)
        return (Piece(self, root: root), root.isReference ? root.inPiece(number) : root)
    }

    /// Gives back what was taken ahead, where there will be many small pieces.
    mutating func trim() {
        guard capacity < 1 &<< 16, used < capacity else { return }
        let fitting = UnsafeMutableRawPointer.allocate(byteCount: used, alignment: 16)
        fitting.copyMemory(from: memory, byteCount: used)
        memory.deallocate()
        memory = fitting
        capacity = used
    }

    /// A reference into another piece, as it is stored here; nil for what is to be copied.
    private mutating func elsewhere(_ value: Value) -> Value? {
        guard !shared.isEmpty, value.isReference, value.piece != 0 else { return nil }
        for index in shared.indices where shared[index] == value.piece {
            isUsed[index] = true
            return value.inPiece(UInt16(truncatingIfNeeded: index &+ 1))
        }
        return nil
    }

    /// Objects of more keys are written as patches, where they are that; others flat, as that is read faster.
    private static var flatLimit: Int { 128 }

    private mutating func patched(
        _ value: Value, _ base: Value, _ changes: Elements, _ depth: Int
    ) throws(Fault) -> Value {
        let below = try write(base, depth: depth &+ 1)
        let words = UnsafeMutablePointer<Value>.allocate(capacity: max(1, changes.count))
        defer { words.deallocate() }
        for index in 0..<changes.count { words[index] = try write(changes[index], depth: depth &+ 1) }
        let start = try reserve((changes.count + 1) * Layout.value)
        put(below, at: start)
        for index in 0..<changes.count { put(words[index], at: start + (index + 1) * Layout.value) }
        let header = try reserve(Layout.header)
        put(reference(Value.Tag.patch, start, changes.count), at: header)
        return reference(Value.Tag.object, header, value.count)
    }

    /// Writes a value and gives it as seen from inside the piece.
    mutating func write(_ value: Value, depth: Int) throws(Fault) -> Value {
        guard value.isReference else { return value }
        if number != 0, value.piece == number { return value.inPiece(0) }
        guard depth < Space.depthLimit else { throw Fault(.depthLimit) }
        if let reference = elsewhere(value) { return reference }
        switch value.tag {
        case Value.Tag.longString, Value.Tag.numberText: return try text(value)
        case Value.Tag.array:
            guard value.count > 0 else { return .emptyArray }
            let start = try block(source.elements(value), header: false, indexed: false, depth)
            return reference(Value.Tag.array, start, value.count)
        case Value.Tag.set:
            guard value.count > 0 else { return .emptySet }
            let start = try block(source.elements(value), header: true, indexed: true, depth)
            return reference(Value.Tag.set, start, value.count)
        case Value.Tag.object:
            if !shared.isEmpty, value.count > PieceWriter.flatLimit, let (base, changes) = source.patch(of: value) {
                return try patched(value, base, changes, depth)
            }
            let entries = source.entries(value)
            guard entries.count > 0 else { return .emptyObject }
            var shape = elsewhere(source.shape(value)) ?? .undefined
            if shape.isUndefined { shape = try self.shape(entries.keys, depth) }
            let start = try reserve(Layout.header + entries.count * Layout.value)
            put(shape, at: start)
            for index in 0..<entries.count {
                let item = try write(entries.values[index], depth: depth &+ 1)
                put(item, at: start + Layout.header + index * Layout.value)
            }
            return reference(Value.Tag.object, start, entries.count)
        default: return .undefined
        }
    }

    private mutating func text(_ value: Value) throws(Fault) -> Value {
        let bytes = source.longBytes(value)
        let hash = UInt64(value.storedHash) ^ UInt64(value.tag) &<< 40
        var slot = find(hash)
        var steps = 0
        while true {
            let known = table[slot].value
            if known.isUndefined { break }
            steps &+= 1
            if known.tag == value.tag, known.storedHash == value.storedHash, known.longLength == bytes.count,
                ByteOrder.equal(bytes, stored(known))
            {
                return known
            }
            slot = (slot &+ 1) & (slots &- 1)
        }
        let start = try reserve(bytes.count)
        if let from = bytes.baseAddress { memory.advanced(by: start).copyMemory(from: from, byteCount: bytes.count) }
        let result = Value.reference(
            value.tag, offset: UInt32(truncatingIfNeeded: start / 16), upper: value.storedHash, piece: 0,
            extra: UInt32(truncatingIfNeeded: bytes.count))
        if steps < PieceWriter.longestSearch { remember(result, hash, at: slot) }
        return result
    }

    /// Sharing is given up where this many others are in the way, so that chosen texts cannot make it slow.
    private static var longestSearch: Int { 32 }

    /// Slots of 24 bytes.
    private static var largestTable: Int { 1 &<< 18 }

    private func stored(_ value: Value) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(
            start: UnsafePointer(memory.advanced(by: Int(value.offset) * 16).assumingMemoryBound(to: UInt8.self)),
            count: value.longLength)
    }

    /// Writes a key list unless an equal one is there already.
    private mutating func shape(_ keys: Elements, _ depth: Int) throws(Fault) -> Value {
        let hash = source.hashKeys(keys)
        let start = try block(keys, header: true, indexed: true, depth)
        let end = used
        var slot = find(hash)
        var steps = 0
        while true {
            let known = table[slot].value
            if known.isUndefined { break }
            steps &+= 1
            if known.tag == Value.Tag.shape, known.count == keys.count, sameKeys(known, start, keys.count) {
                // Equal strings were stored once, so equal lists are equal bytes: drop the new copy.
                used = start
                return known
            }
            slot = (slot &+ 1) & (slots &- 1)
        }
        used = end
        let result = reference(Value.Tag.shape, start, keys.count)
        if steps < PieceWriter.longestSearch { remember(result, hash, at: slot) }
        return result
    }

    private func sameKeys(_ known: Value, _ start: Int, _ count: Int) -> Bool {
        let one = memory.advanced(by: Int(known.offset) * 16 + Layout.header).assumingMemoryBound(to: Value.self)
        let two = memory.advanced(by: start + Layout.header).assumingMemoryBound(to: Value.self)
        for index in 0..<count where !Value.identical(one[index], two[index]) { return false }
        return true
    }

    private mutating func block(
        _ elements: Elements, header: Bool, indexed: Bool, _ depth: Int
    ) throws(Fault) -> Int {
        let slots = indexed ? Layout.slots(for: elements.count) : 0
        let skip = header ? Layout.header : 0
        // Texts of keys come first, so that a dropped key list leaves no hole behind it.
        let written = UnsafeMutablePointer<Value>.allocate(capacity: max(1, elements.count))
        defer { written.deallocate() }
        for index in 0..<elements.count { written[index] = try write(elements[index], depth: depth &+ 1) }
        let start = try reserve(skip + elements.count * Layout.value + slots * 4)
        if header {
            memory.storeBytes(of: UInt32(truncatingIfNeeded: slots), toByteOffset: start, as: UInt32.self)
            memory.storeBytes(of: 0, toByteOffset: start + 4, as: UInt32.self)
            memory.storeBytes(of: 0, toByteOffset: start + 8, as: UInt64.self)
        }
        for index in 0..<elements.count { put(written[index], at: start + skip + index * Layout.value) }
        if slots > 0 { index(elements, at: start + skip + elements.count * Layout.value, slots) }
        return start
    }

    private func index(_ elements: Elements, at start: Int, _ slots: Int) {
        let slotTable = memory.advanced(by: start).bindMemory(to: UInt32.self, capacity: slots)
        for position in 0..<slots { slotTable[position] = 0 }
        for position in 0..<elements.count { Space.enter(position, source.hash(elements[position]), slotTable, slots) }
    }

    private func put(_ value: Value, at offset: Int) {
        memory.storeBytes(of: value, toByteOffset: offset, as: Value.self)
    }

    private func reference(_ tag: UInt8, _ start: Int, _ count: Int) -> Value {
        Value.reference(
            tag, offset: UInt32(truncatingIfNeeded: start / 16), upper: UInt32(truncatingIfNeeded: count), piece: 0)
    }

    private mutating func reserve(_ bytes: Int) throws(Fault) -> Int {
        let start = used
        let end = start + (bytes + 15) & ~15
        guard end / 16 <= Int(UInt32.max >> 1) else { throw Fault(.sizeLimit) }
        guard end <= limit else { throw Fault(.memoryLimit) }
        if end > capacity {
            let grown = max(end, capacity * 2)
            let fresh = UnsafeMutableRawPointer.allocate(byteCount: grown, alignment: 16)
            fresh.copyMemory(from: memory, byteCount: used)
            memory.deallocate()
            memory = fresh
            capacity = grown
            if number != 0 { source.moveGrowing(number, UnsafeRawPointer(memory), capacity) }
        }
        used = end
        // What is behind the last byte of a text is part of the image too.
        if end > start { memory.storeBytes(of: Value.undefined, toByteOffset: end - 16, as: Value.self) }
        return start
    }

    private func find(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: ContentHash.mix(hash, 7)) & (slots &- 1) }

    private mutating func remember(_ value: Value, _ hash: UInt64, at slot: Int) {
        table[slot] = Stored(hash: hash, value: value)
        filled += 1
        guard filled * 2 > slots else { return }
        // Beyond that it is forgotten and begun again: what is met again soon is still shared, and the table of a large
        // document is not as large as the document.
        guard slots < PieceWriter.largestTable else {
            table.update(repeating: Stored(hash: 0, value: .undefined), count: slots)
            filled = 0
            return
        }
        let old = table
        let count = slots
        slots *= 2
        table = .allocate(capacity: slots)
        table.initialize(repeating: Stored(hash: 0, value: .undefined), count: slots)
        for index in 0..<count where old[index].value.isDefined {
            var slot = find(old[index].hash)
            while table[slot].value.isDefined { slot = (slot &+ 1) & (slots &- 1) }
            table[slot] = old[index]
        }
        old.deallocate()
    }
}
