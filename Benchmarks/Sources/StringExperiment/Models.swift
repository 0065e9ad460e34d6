import WritValue

// Two ways to hold strings, behind one interface, so that the same policy runs on both.
// Everything but strings is the same in both: 16-byte values, bump memory, objects as key and value lists with a
// hash index over content.

/// How strings are held.
protocol StringModel {
    /// Adds an image's strings and objects; gives its number.
    mutating func load(_ image: Image) -> Int
    /// A new string of this evaluation.
    mutating func make(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Value
    /// A constant of an image.
    func constant(_ index: Int, of image: Int) -> Value
    func equal(_ a: Value, _ b: Value) -> Bool
    /// Copies the bytes to `out`; gives how many.
    func copy(_ value: Value, to out: UnsafeMutablePointer<UInt8>) -> Int
    /// The value under a key in an object of an image, or undefined.
    func member(_ object: Int, of image: Int, _ key: Value) -> Value
    /// The value in a field of a record (an object's value that is a record's number).
    func field(_ record: Int, _ field: Int, of image: Int) -> Value
    /// Forgets what the evaluation made.
    mutating func reset()
    /// Bytes that the loaded images take, with all tables.
    var memory: Int { get }
}

/// What an image is built from, before any layout: strings by number, and objects over them.
struct Image {
    var strings: [[UInt8]] = []
    /// Objects: pairs of string number and either a string number or, for records, a row number.
    var objects: [[(key: Int, value: Value)]] = []
    /// Rows of string numbers, all of the same width.
    var records: [[Int]] = []

    mutating func add(_ text: String) -> Int {
        strings.append(Array(text.utf8))
        return strings.count - 1
    }
}

/// Memory that is handed out from its start, 16-byte aligned, and never moved.
struct Bump {
    let base: UnsafeMutableRawPointer
    let capacity: Int
    var used = 16

    init(capacity: Int) {
        self.capacity = capacity
        base = .allocate(byteCount: capacity, alignment: 16)
    }

    @inline(__always)
    mutating func take(_ bytes: Int) -> Int {
        let start = used
        used = start &+ (bytes &+ 15) & ~15
        precondition(used <= capacity)
        return start
    }
}

/// An object's place in an image: keys, values, then an index of slots.
struct ObjectPlace {
    var keys: Int
    var values: Int
    var index: Int
    var slots: Int
}

@inline(__always)
func sameBytes(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int) -> Bool {
    var index = 0
    while index &+ 8 <= count {
        if a.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            != b.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        {
            return false
        }
        index &+= 8
    }
    while index < count {
        if a.load(fromByteOffset: index, as: UInt8.self) != b.load(fromByteOffset: index, as: UInt8.self) {
            return false
        }
        index &+= 1
    }
    return true
}

func slotCount(_ count: Int) -> Int {
    var slots = 16
    while slots < count * 2 { slots *= 2 }
    return slots
}

// MARK: (a) Inline up to 14 bytes, {hash, reference} beyond

/// The layout that Writ has: short strings lie in the value, long ones are a content hash and a place.
struct InlineStrings: StringModel {
    private var pieces: UnsafeMutablePointer<UnsafeMutableRawPointer>
    private var loaded = 1
    private var region = Bump(capacity: 1 << 20)
    private var constants: [[Value]] = []
    private var objects: [[ObjectPlace]] = []
    private var records: [(start: Int, width: Int)] = []
    private(set) var memory = 0

    init() {
        pieces = .allocate(capacity: 8)
        // Piece 0 is the evaluation's own memory.
        pieces[0] = region.base
    }

    @inline(__always)
    private func address(_ value: Value) -> UnsafeMutableRawPointer {
        pieces[Int(value.piece)] + Int(value.offset) &* 16
    }

    private static func long(_ place: Int, _ bytes: UnsafeRawPointer, _ count: Int, piece: Int) -> Value {
        let hash = ContentHash.bytes(bytes, count) & 0xffff_ffff
        return Value(
            low: UInt64(place / 16) | hash &<< 32,
            high: UInt64(count) | UInt64(piece) &<< 32 | UInt64(Value.Tag.longString) &<< 56)
    }

    mutating func make(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Value {
        if let short = Value.shortString(UnsafeBufferPointer(start: bytes, count: count)) { return short }
        let place = region.take(count)
        (region.base + place).copyMemory(from: bytes, byteCount: count)
        return Self.long(place, bytes, count, piece: 0)
    }

    mutating func load(_ image: Image) -> Int {
        // What a build step does once; loading maps the result. The sizes are the image's.
        var block = Bump(capacity: 64 << 20)
        let piece = loaded
        var values: [Value] = []
        var known: [[UInt8]: Value] = [:]
        for text in image.strings {
            if let value = known[text] {
                values.append(value)
                continue
            }
            let value = text.withUnsafeBufferPointer { bytes -> Value in
                guard let start = bytes.baseAddress else { return .emptyString }
                if let short = Value.shortString(bytes) { return short }
                let place = block.take(bytes.count)
                (block.base + place).copyMemory(from: start, byteCount: bytes.count)
                return Self.long(place, start, bytes.count, piece: piece)
            }
            known[text] = value
            values.append(value)
        }
        objects.append(
            image.objects.map { pairs in
                let place = ObjectPlace(
                    keys: block.take(pairs.count * 16), values: block.take(pairs.count * 16),
                    index: block.take(slotCount(pairs.count) * 4), slots: slotCount(pairs.count))
                let slots = (block.base + place.index).bindMemory(to: UInt32.self, capacity: place.slots)
                slots.initialize(repeating: 0, count: place.slots)
                for (number, pair) in pairs.enumerated() {
                    let key = values[pair.key]
                    block.base.storeBytes(of: key, toByteOffset: place.keys + number * 16, as: Value.self)
                    block.base.storeBytes(
                        of: pair.value.isInteger ? pair.value : values[Int(pair.value.low)],
                        toByteOffset: place.values + number * 16, as: Value.self)
                    var slot = Int(truncatingIfNeeded: Self.hash(key)) & (place.slots - 1)
                    while slots[slot] != 0 { slot = (slot + 1) & (place.slots - 1) }
                    slots[slot] = UInt32(number + 1)
                }
                return place
            })
        let width = image.records.first?.count ?? 0
        let start = block.take(image.records.count * width * 16)
        for (row, record) in image.records.enumerated() {
            for (column, text) in record.enumerated() {
                block.base.storeBytes(
                    of: values[text], toByteOffset: start + (row * width + column) * 16, as: Value.self)
            }
        }
        records.append((start, width))
        constants.append(values)
        pieces[piece] = block.base
        loaded += 1
        memory += block.used
        return piece - 1
    }

    @inline(__always)
    func constant(_ index: Int, of image: Int) -> Value { constants[image][index] }

    @inline(__always)
    func equal(_ a: Value, _ b: Value) -> Bool {
        if Value.identical(a, b) { return true }
        guard a.tag == Value.Tag.longString, b.tag == Value.Tag.longString, a.storedHash == b.storedHash,
            a.longLength == b.longLength
        else { return false }
        return sameBytes(address(a), address(b), a.longLength)
    }

    @inline(__always)
    private static func hash(_ value: Value) -> UInt64 {
        value.tag == Value.Tag.shortString
            ? ContentHash.mix(value.low, value.high)
            : ContentHash.mix(UInt64(value.storedHash), UInt64(value.longLength))
    }

    @inline(__always)
    func copy(_ value: Value, to out: UnsafeMutablePointer<UInt8>) -> Int {
        if value.tag == Value.Tag.shortString {
            let raw = UnsafeMutableRawPointer(out)
            raw.storeBytes(of: value.low.littleEndian, as: UInt64.self)
            raw.storeBytes(of: value.high.littleEndian, toByteOffset: 8, as: UInt64.self)
            return value.shortLength
        }
        UnsafeMutableRawPointer(out).copyMemory(from: address(value), byteCount: value.longLength)
        return value.longLength
    }

    @inline(__always)
    func member(_ object: Int, of image: Int, _ key: Value) -> Value {
        let place = objects[image][object]
        let base = pieces[image + 1]
        let slots = (base + place.index).assumingMemoryBound(to: UInt32.self)
        var slot = Int(truncatingIfNeeded: Self.hash(key)) & (place.slots - 1)
        while slots[slot] != 0 {
            let number = Int(slots[slot]) - 1
            if equal(base.load(fromByteOffset: place.keys + number * 16, as: Value.self), key) {
                return base.load(fromByteOffset: place.values + number * 16, as: Value.self)
            }
            slot = (slot + 1) & (place.slots - 1)
        }
        return .undefined
    }

    @inline(__always)
    func field(_ record: Int, _ field: Int, of image: Int) -> Value {
        let table = records[image]
        return pieces[image + 1].load(
            fromByteOffset: table.start + (record * table.width + field) * 16, as: Value.self)
    }

    @inline(__always)
    mutating func reset() { region.used = 16 }
}

// MARK: (b) Interned ids

/// A hash table from texts to ids.
struct Interner {
    struct Entry {
        var text: UnsafeRawPointer
        var count: UInt32
        var hash: UInt64
    }

    var entries: UnsafeMutablePointer<Entry>
    var count = 0
    private var capacity: Int
    private var slots: UnsafeMutablePointer<UInt32>
    private var slotCount: Int

    init(capacity: Int) {
        self.capacity = capacity
        entries = .allocate(capacity: capacity)
        slotCount = 16
        while slotCount < capacity * 2 { slotCount *= 2 }
        slots = .allocate(capacity: slotCount)
        slots.initialize(repeating: 0, count: slotCount)
    }

    /// The id of a text, or nil.
    @inline(__always)
    func find(_ text: UnsafeRawPointer, _ length: Int, _ hash: UInt64) -> Int? {
        var slot = Int(truncatingIfNeeded: hash) & (slotCount - 1)
        while slots[slot] != 0 {
            let id = Int(slots[slot]) - 1
            if entries[id].hash == hash, Int(entries[id].count) == length, sameBytes(entries[id].text, text, length) {
                return id
            }
            slot = (slot + 1) & (slotCount - 1)
        }
        return nil
    }

    /// Adds a text that is not there; its bytes must stay.
    @inline(__always)
    mutating func add(_ text: UnsafeRawPointer, _ length: Int, _ hash: UInt64) -> Int {
        precondition(count < capacity)
        var slot = Int(truncatingIfNeeded: hash) & (slotCount - 1)
        while slots[slot] != 0 { slot = (slot + 1) & (slotCount - 1) }
        entries[count] = Entry(text: text, count: UInt32(length), hash: hash)
        count += 1
        slots[slot] = UInt32(count)
        return count - 1
    }

    /// Takes all entries out again, one by one: what one evaluation adds is few.
    @inline(__always)
    mutating func removeAll() {
        for id in 0..<count {
            var slot = Int(truncatingIfNeeded: entries[id].hash) & (slotCount - 1)
            while slots[slot] != 0 {
                slots[slot] = 0
                slot = (slot + 1) & (slotCount - 1)
            }
        }
        count = 0
    }

    var memory: Int { capacity * 24 + slotCount * 4 }
}

/// Every string is an id of one table. An image keeps ids of its own, which are mapped to the table's when they are
/// loaded into a register; strings of an evaluation go to a table of its own behind it.
struct InternedStrings: StringModel {
    private var global: Interner
    private var local = Interner(capacity: 4096)
    private var region = Bump(capacity: 1 << 20)
    private var blocks: UnsafeMutablePointer<UnsafeMutableRawPointer>
    /// Per image, its ids in the table's numbering.
    private var remaps: UnsafeMutablePointer<UnsafeMutablePointer<UInt32>>
    private var objects: [[ObjectPlace]] = []
    private var records: [(start: Int, width: Int)] = []
    private var imageMemory = 0

    /// Ids of the evaluation's own strings have this bit.
    private static var localBit: UInt64 { 1 << 31 }

    init(globalCapacity: Int) {
        global = Interner(capacity: globalCapacity)
        blocks = .allocate(capacity: 8)
        remaps = .allocate(capacity: 8)
    }

    var memory: Int { imageMemory + global.memory }

    @inline(__always)
    private static func string(_ id: UInt64) -> Value {
        Value(low: id, high: UInt64(Value.Tag.longString) &<< 56)
    }

    @inline(__always)
    private func entry(_ value: Value) -> Interner.Entry {
        value.low & Self.localBit == 0
            ? global.entries[Int(value.low)] : local.entries[Int(value.low & ~Self.localBit)]
    }

    mutating func make(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Value {
        let hash = ContentHash.bytes(bytes, count)
        if let id = global.find(bytes, count, hash) { return Self.string(UInt64(id)) }
        if let id = local.find(bytes, count, hash) { return Self.string(UInt64(id) | Self.localBit) }
        let place = region.take(count)
        (region.base + place).copyMemory(from: bytes, byteCount: count)
        return Self.string(UInt64(local.add(region.base + place, count, hash)) | Self.localBit)
    }

    mutating func load(_ image: Image) -> Int {
        var block = Bump(capacity: 64 << 20)
        let number = objects.count
        // The image's own table, as a build step would leave it: texts, and for each its place, length and hash.
        var ids: [Int] = []
        var known: [[UInt8]: Int] = [:]
        var texts: [(place: Int, count: Int, hash: UInt64)] = []
        for text in image.strings {
            if let id = known[text] {
                ids.append(id)
                continue
            }
            let place = block.take(text.count)
            text.withUnsafeBytes { bytes in
                if let start = bytes.baseAddress {
                    (block.base + place).copyMemory(from: start, byteCount: bytes.count)
                }
            }
            known[text] = texts.count
            ids.append(texts.count)
            texts.append((place, text.count, ContentHash.bytes(block.base + place, text.count)))
        }
        objects.append(
            image.objects.map { pairs in
                let place = ObjectPlace(
                    keys: block.take(pairs.count * 16), values: block.take(pairs.count * 16),
                    index: block.take(slotCount(pairs.count) * 4), slots: slotCount(pairs.count))
                let slots = (block.base + place.index).bindMemory(to: UInt32.self, capacity: place.slots)
                slots.initialize(repeating: 0, count: place.slots)
                for (number, pair) in pairs.enumerated() {
                    block.base.storeBytes(
                        of: Self.string(UInt64(ids[pair.key])), toByteOffset: place.keys + number * 16, as: Value.self)
                    block.base.storeBytes(
                        of: pair.value.isInteger ? pair.value : Self.string(UInt64(ids[Int(pair.value.low)])),
                        toByteOffset: place.values + number * 16, as: Value.self)
                    var slot = Int(truncatingIfNeeded: texts[ids[pair.key]].hash) & (place.slots - 1)
                    while slots[slot] != 0 { slot = (slot + 1) & (place.slots - 1) }
                    slots[slot] = UInt32(number + 1)
                }
                return place
            })
        let width = image.records.first?.count ?? 0
        let start = block.take(image.records.count * width * 16)
        for (row, record) in image.records.enumerated() {
            for (column, text) in record.enumerated() {
                block.base.storeBytes(
                    of: Self.string(UInt64(ids[text])), toByteOffset: start + (row * width + column) * 16,
                    as: Value.self)
            }
        }
        records.append((start, width))
        blocks[number] = block.base
        // Place, length and hash of each text, in the image.
        imageMemory += block.used + texts.count * 16
        mapIds(number, ids, texts, block.base)
        return number
    }

    /// What loading an image costs at run time: each of its texts is looked up or entered. (Constants are mapped
    /// by position, so that both models index them the same way.)
    private var constantIds: [[Int]] = []
    private(set) var loadTime = Duration.zero

    private mutating func mapIds(
        _ image: Int, _ ids: [Int], _ texts: [(place: Int, count: Int, hash: UInt64)], _ base: UnsafeMutableRawPointer
    ) {
        let clock = ContinuousClock()
        let start = clock.now
        let remap = UnsafeMutablePointer<UInt32>.allocate(capacity: max(1, texts.count))
        for (id, text) in texts.enumerated() {
            let found = global.find(base + text.place, text.count, text.hash)
            remap[id] = UInt32(found ?? global.add(base + text.place, text.count, text.hash))
        }
        remaps[image] = remap
        loadTime += clock.now - start
        imageMemory += texts.count * 4
        constantIds.append(ids)
    }

    @inline(__always)
    private func loaded(_ value: Value, from image: Int) -> Value {
        value.tag == Value.Tag.longString ? Self.string(UInt64(remaps[image][Int(value.low)])) : value
    }

    @inline(__always)
    func constant(_ index: Int, of image: Int) -> Value {
        Self.string(UInt64(remaps[image][constantIds[image][index]]))
    }

    @inline(__always)
    func equal(_ a: Value, _ b: Value) -> Bool { Value.identical(a, b) }

    @inline(__always)
    func copy(_ value: Value, to out: UnsafeMutablePointer<UInt8>) -> Int {
        let entry = entry(value)
        UnsafeMutableRawPointer(out).copyMemory(from: entry.text, byteCount: Int(entry.count))
        return Int(entry.count)
    }

    @inline(__always)
    func member(_ object: Int, of image: Int, _ key: Value) -> Value {
        // A string that only this evaluation knows is in no image.
        if key.low & Self.localBit != 0 { return .undefined }
        let place = objects[image][object]
        let base = blocks[image]
        let slots = (base + place.index).assumingMemoryBound(to: UInt32.self)
        var slot = Int(truncatingIfNeeded: entry(key).hash) & (place.slots - 1)
        while slots[slot] != 0 {
            let number = Int(slots[slot]) - 1
            let stored = base.load(fromByteOffset: place.keys + number * 16, as: Value.self)
            if remaps[image][Int(stored.low)] == UInt32(truncatingIfNeeded: key.low) {
                return loaded(base.load(fromByteOffset: place.values + number * 16, as: Value.self), from: image)
            }
            slot = (slot + 1) & (place.slots - 1)
        }
        return .undefined
    }

    @inline(__always)
    func field(_ record: Int, _ field: Int, of image: Int) -> Value {
        let table = records[image]
        return loaded(
            blocks[image].load(fromByteOffset: table.start + (record * table.width + field) * 16, as: Value.self),
            from: image)
    }

    @inline(__always)
    mutating func reset() {
        region.used = 16
        local.removeAll()
    }
}
