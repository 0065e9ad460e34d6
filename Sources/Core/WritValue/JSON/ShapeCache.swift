/// The key lists that JSON objects had lately, in memory that outlives `Space.reset`.
///
/// An object whose keys come in a known order needs no sorting and no key list of its own: its values are moved
/// to their places, and it shares the list with all objects like it, also those of later documents. A list is
/// kept when its keys are met the second time, so that maps with keys of their own do not crowd it out. The
/// memory is a piece of the space, of bounded size; when it is full, the next `Space.reset` (which ends the life
/// of every value that could refer to it) empties it.
struct ShapeCache {
    /// One known sequence of keys.
    struct Known {
        var hash: UInt64
        var shape: Value
        /// The keys in the order of the text, as they come from the reader; then for each its position in the
        /// shape, a byte each.
        var source: UnsafeMutableRawPointer?
        var count: Int

        init() {
            hash = 0
            shape = .undefined
            source = nil
            count = 0
        }
    }

    /// Memory of the shapes; its own piece of the space.
    var block: UnsafeMutableRawPointer?
    var blockSize = 0
    var used = 0
    var isFull = false
    /// Counts how often the memory was emptied. It is kept in the otherwise unused bits of each shape, so that no
    /// two shapes of one space ever have the same bits.
    var epoch: UInt32 = 0

    private var known: UnsafeMutablePointer<Known>
    private var seen: UnsafeMutablePointer<UInt64>
    /// Keys that do not fit into a value, so that each is stored once a document, and once for all when lasting.
    var longKeys: UnsafeMutablePointer<Value>
    private var hasKeysOfDocument = false

    // Objects of more than `maximumKeys` keys are not remembered; positions must fit a byte.
    #if _pointerBitWidth(_32)
        // Small hosts: a browser, a microcontroller.
        static var slots: Int { 16 }
        static var keySlots: Int { 16 }
        static var maximumKeys: Int { 32 }
        static var firstBlock: Int { 1 &<< 10 }
        static var largestBlock: Int { 16 &<< 10 }
    #else
        static var slots: Int { 128 }
        static var keySlots: Int { 128 }
        static var maximumKeys: Int { 96 }
        static var firstBlock: Int { 8 &<< 10 }
        static var largestBlock: Int { 128 &<< 10 }
    #endif

    init() {
        known = .allocate(capacity: ShapeCache.slots)
        known.initialize(repeating: Known(), count: ShapeCache.slots)
        seen = .allocate(capacity: ShapeCache.slots)
        seen.initialize(repeating: 0, count: ShapeCache.slots)
        longKeys = .allocate(capacity: ShapeCache.keySlots)
        longKeys.initialize(repeating: .undefined, count: ShapeCache.keySlots)
    }

    /// The block itself belongs to the space's table.
    func deallocate() {
        known.deallocate()
        seen.deallocate()
        longKeys.deallocate()
    }

    @inline(__always)
    static func slot(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash &>> 40) & (slots &- 1) }

    /// The shape of the keys of `count` pairs at `pairs`, if it is known, and where its values go.
    @inline(__always)
    func find(_ hash: UInt64, _ pairs: UnsafeMutablePointer<Value>, _ count: Int) -> UnsafeMutablePointer<Known>? {
        let entry = known + ShapeCache.slot(hash)
        guard entry.pointee.hash == hash, entry.pointee.count == count, let source = entry.pointee.source else {
            return nil
        }
        let keys = source.assumingMemoryBound(to: Value.self)
        for index in 0..<count where !Value.identical(keys[index], pairs[index &* 2]) { return nil }
        return entry
    }

    /// Whether these keys were met before, so that they are worth keeping.
    mutating func meets(_ hash: UInt64) -> Bool {
        let slot = ShapeCache.slot(hash)
        if seen[slot] == hash { return true }
        seen[slot] = hash
        return false
    }

    /// Makes a shape of this cache known. At `source` lie its keys in the order of the text and their positions.
    mutating func remember(_ hash: UInt64, _ shape: Value, source: UnsafeMutableRawPointer, count: Int) {
        let entry = known + ShapeCache.slot(hash)
        entry.pointee.hash = hash
        entry.pointee.shape = shape
        entry.pointee.source = source
        entry.pointee.count = count
    }

    /// Memory of the piece, or nil when it is full.
    mutating func allocate(_ bytes: Int) -> Int? {
        let end = used &+ (bytes &+ 15) & ~15
        guard block != nil, end <= blockSize else {
            isFull = true
            return nil
        }
        let start = used
        used = end
        return start
    }

    /// Where a long key of this hash is kept.
    @inline(__always)
    func keySlot(_ hash: UInt32) -> Int { Int(truncatingIfNeeded: hash) & (ShapeCache.keySlots &- 1) }

    /// Keeps a long key of the document being read.
    mutating func keep(_ key: Value, at slot: Int) {
        longKeys[slot] = key
        hasKeysOfDocument = true
    }

    /// Forgets the keys that lie in memory which the document before this one may have lost.
    @inline(__always)
    mutating func startDocument() {
        if hasKeysOfDocument { forgetKeysOfDocument() }
    }

    private mutating func forgetKeysOfDocument() {
        for index in 0..<ShapeCache.keySlots where Int(longKeys[index].piece) != PieceNumber.shapes {
            longKeys[index] = .undefined
        }
        hasKeysOfDocument = false
    }

    /// Empties the memory when it is full, taking a larger block up to the limit. Only for `Space.reset`.
    mutating func renew(_ entry: UnsafeMutablePointer<PieceEntry>) {
        guard isFull else { return }
        known.initialize(repeating: Known(), count: ShapeCache.slots)
        seen.initialize(repeating: 0, count: ShapeCache.slots)
        longKeys.initialize(repeating: .undefined, count: ShapeCache.keySlots)
        epoch &+= 1
        used = 0
        isFull = false
        if blockSize < ShapeCache.largestBlock {
            block?.deallocate()
            take(max(ShapeCache.firstBlock, blockSize &* 2), entry)
        }
    }

    /// Takes the first block when nothing has been kept yet.
    mutating func prepare(_ entry: UnsafeMutablePointer<PieceEntry>) {
        if block == nil { take(ShapeCache.firstBlock, entry) }
    }

    private mutating func take(_ size: Int, _ entry: UnsafeMutablePointer<PieceEntry>) {
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        fresh.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        block = fresh
        blockSize = size
        entry.pointee.base = UnsafeRawPointer(fresh)
        entry.pointee.size = size
    }
}
