/// Values that lie one after another: the elements of an array or a set, the keys or the values of an object.
///
/// Good as long as the space is not reset (or rewound past them).
public struct Elements: BitwiseCopyable {
    @usableFromInline let base: UnsafePointer<Value>?
    public let count: Int
    @usableFromInline let piece: UInt16
    @usableFromInline let space: Space

    @inlinable @inline(__always)
    init(base: UnsafePointer<Value>?, count: Int, piece: UInt16, space: Space) {
        self.base = base
        self.count = base == nil ? 0 : count
        self.piece = piece
        self.space = space
    }

    /// The element at `index`, undefined outside `0..<count`.
    @inlinable @inline(__always)
    public subscript(_ index: Int) -> Value {
        guard let base, UInt(bitPattern: index) < UInt(bitPattern: count) else { return .undefined }
        return space.load(base + index, from: piece)
    }
}

/// The keys and values of an object, in Rego's order of keys.
public struct Entries: BitwiseCopyable {
    public let keys: Elements
    public let values: Elements
    @inlinable @inline(__always) public var count: Int { keys.count }

    @inlinable @inline(__always)
    init(keys: Elements, values: Elements) {
        self.keys = keys
        self.values = values
    }
}

/// How collections lie in memory.
///
///     array   Value × count
///     set     header, Value × count (sorted), UInt32 × slots
///     object  shape (a Value), Value × count
///     shape   header, Value × count (sorted keys), UInt32 × slots
///     patch   see Patch.swift
///     header  UInt32 slots (0 or a power of 2), 12 bytes kept zero (in a region see LateIndex.swift)
///
/// A slot holds the position + 1 of an element whose hash leads there, 0 when free.
@usableFromInline
enum Layout {
    @usableFromInline static var header: Int { @inlinable get { 16 } }
    @usableFromInline static var value: Int { @inlinable get { 16 } }
    /// Up to this many elements a scan of the whole collection beats hashing.
    @usableFromInline static var scanned: Int { @inlinable get { 8 } }
    /// Slots probed before a lookup falls back to binary search.
    @usableFromInline static var probes: Int { @inlinable get { 8 } }

    @usableFromInline
    static func slots(for count: Int) -> Int {
        guard count > scanned else { return 0 }
        var slots = 16
        while slots < count &* 2 { slots &*= 2 }
        return slots
    }
}

extension Space {
    // MARK: Arrays and sets

    /// The elements of an array, or of a set in Rego's order; none for anything else.
    @inlinable @inline(__always)
    public func elements(_ value: Value) -> Elements {
        let isSet = value.tag == Value.Tag.set
        guard isSet || value.tag == Value.Tag.array, value.count > 0 else {
            return Elements(base: nil, count: 0, piece: 0, space: self)
        }
        let skip = isSet ? Layout.header : 0
        let count = value.count
        guard let address = address(value, bytes: skip &+ count &* Layout.value) else {
            note(.malformed)
            return Elements(base: nil, count: 0, piece: 0, space: self)
        }
        return Elements(
            base: (address + skip).assumingMemoryBound(to: Value.self), count: count, piece: value.piece, space: self)
    }

    /// The element of an array at `index`, or undefined.
    @inlinable @inline(__always)
    public func element(_ array: Value, _ index: Int) -> Value {
        guard array.tag == Value.Tag.array, index >= 0, index < array.count,
            let address = address(array, bytes: (index &+ 1) &* Layout.value)
        else { return .undefined }
        return load(address.assumingMemoryBound(to: Value.self) + index, from: array.piece)
    }

    /// Whether a set holds a value equal to `element`.
    @inlinable
    public func contains(_ set: Value, _ element: Value) -> Bool { position(in: set, of: element) >= 0 }

    /// The element of a set that equals `element` (their spellings may differ), or undefined.
    @inlinable
    public func member(ofSet set: Value, _ element: Value) -> Value {
        let position = position(in: set, of: element)
        return position < 0 ? .undefined : elements(set)[position]
    }

    /// The position of `element` in a set in Rego's order, or -1.
    @inlinable
    public func position(in set: Value, of element: Value) -> Int {
        guard set.tag == Value.Tag.set, set.count > 0,
            let address = address(set, bytes: Layout.header &+ set.count &* Layout.value)
        else { return -1 }
        return find(element, in: address, piece: set.piece, offset: set, count: set.count)
    }

    // MARK: Objects

    /// The keys and values of an object; none for anything else.
    ///
    /// A patched object is first written out flat, which costs memory of this space.
    @inlinable @inline(__always)
    public func entries(_ object: Value) -> Entries {
        let none = Elements(base: nil, count: 0, piece: 0, space: self)
        guard object.tag == Value.Tag.object, object.count > 0 else { return Entries(keys: none, values: none) }
        let count = object.count
        guard let address = address(object, bytes: Layout.header &+ count &* Layout.value) else {
            // A patched object is shorter than its count; everything else that does not fit is malformed.
            return flattenedEntries(object)
        }
        let shape = load(address.assumingMemoryBound(to: Value.self), from: object.piece)
        if shape.tag == Value.Tag.patch { return flattenedEntries(object) }
        guard shape.count == count, let keys = keyAddress(shape) else {
            note(.malformed)
            return Entries(keys: none, values: none)
        }
        return Entries(
            keys: Elements(base: keys, count: count, piece: shape.piece, space: self),
            values: Elements(
                base: (address + Layout.header).assumingMemoryBound(to: Value.self), count: count,
                piece: object.piece, space: self))
    }

    @inlinable @inline(__always)
    func keyAddress(_ shape: Value) -> UnsafePointer<Value>? {
        guard let address = address(shape, bytes: Layout.header &+ shape.count &* Layout.value) else { return nil }
        return (address + Layout.header).assumingMemoryBound(to: Value.self)
    }

    /// The value under `key`, or undefined.
    @inlinable
    public func member(_ object: Value, _ key: Value) -> Value {
        guard object.tag == Value.Tag.object, object.count > 0,
            let address = address(object, bytes: Layout.header)
        else { return .undefined }
        let shape = load(address.assumingMemoryBound(to: Value.self), from: object.piece)
        if shape.tag == Value.Tag.patch { return patchedMember(object, shape, key) }
        let position = position(inShape: shape, of: key)
        return position < 0 ? .undefined : member(object, at: position)
    }

    /// The value at a position that `position(inShape:of:)` gave for this object's shape.
    @inlinable @inline(__always)
    public func member(_ object: Value, at position: Int) -> Value {
        guard let address = address(object, bytes: Layout.header &+ (position &+ 1) &* Layout.value) else {
            return .undefined
        }
        return load((address + Layout.header).assumingMemoryBound(to: Value.self) + position, from: object.piece)
    }

    /// The key at a position of an object that is not patched, or undefined.
    @inlinable @inline(__always)
    public func key(_ object: Value, at position: Int) -> Value {
        let shape = shape(object)
        guard let keys = keyAddress(shape), position >= 0, position < shape.count else { return .undefined }
        return load(keys + position, from: shape.piece)
    }

    /// The elements of a set as an array, in Rego's order, without copying.
    public func array(elementsOf set: Value) -> Value {
        guard set.tag == Value.Tag.set, set.count > 0 else { return .emptyArray }
        return Value.reference(
            Value.Tag.array, offset: set.offset &+ 1, upper: UInt32(truncatingIfNeeded: set.count), piece: set.piece)
    }

    /// The shape of an object: equal bits mean equal keys at equal positions. Undefined when it has none
    /// (empty or patched objects).
    @inlinable @inline(__always)
    public func shape(_ object: Value) -> Value {
        guard object.tag == Value.Tag.object, object.count > 0,
            let address = address(object, bytes: Layout.header)
        else { return .undefined }
        let shape = load(address.assumingMemoryBound(to: Value.self), from: object.piece)
        return shape.tag == Value.Tag.shape ? shape : .undefined
    }

    /// Whether a shape lies in an immutable piece or among the remembered shapes of JSON objects, so that what is
    /// learnt of it holds until pieces change.
    @inlinable @inline(__always)
    public func isLasting(_ value: Value) -> Bool { Int(value.piece) >= PieceNumber.shapes }

    /// The position of `key` in a shape, or -1.
    @inlinable
    public func position(inShape shape: Value, of key: Value) -> Int {
        guard shape.tag == Value.Tag.shape,
            let address = address(shape, bytes: Layout.header &+ shape.count &* Layout.value)
        else { return -1 }
        return find(key, in: address, piece: shape.piece, offset: shape, count: shape.count)
    }

    // MARK: Finding

    /// Enters a position into an index, if there is a free slot where a lookup would see it.
    static func enter(_ position: Int, _ hash: UInt64, _ table: UnsafeMutablePointer<UInt32>, _ slots: Int) {
        var slot = Int(truncatingIfNeeded: hash) & (slots &- 1)
        for _ in 0..<Layout.probes {
            if table[slot] == 0 {
                table[slot] = UInt32(truncatingIfNeeded: position &+ 1)
                return
            }
            slot = (slot &+ 1) & (slots &- 1)
        }
        // Where all those are taken the lookup turns to binary search, so chosen keys make neither slow.
    }

    /// Fills the index of `count` values that all lie in numbered pieces.
    func fillIndex(_ table: UnsafeMutablePointer<UInt32>, _ slots: Int, _ values: UnsafePointer<Value>, _ count: Int) {
        for slot in 0..<slots { table[slot] = 0 }
        for position in 0..<count { Space.enter(position, hash(values[position]), table, slots) }
    }

    /// Finds `wanted` among sorted values behind a header, by scan, hash or binary search.
    @inlinable @inline(__always)
    func find(_ wanted: Value, in header: UnsafeRawPointer, piece: UInt16, offset owner: Value, count: Int) -> Int {
        let values = (header + Layout.header).assumingMemoryBound(to: Value.self)
        if count <= Layout.scanned {
            if wanted.tag == Value.Tag.shortString {
                // The common case: one 128-bit comparison a key.
                for index in 0..<count where Value.identical(values[index], wanted) { return index }
                return -1
            }
            for index in 0..<count where equal(load(values + index, from: piece), wanted) { return index }
            return -1
        }
        return findHashed(wanted, header, piece, owner, count)
    }

    @usableFromInline
    func findHashed(
        _ wanted: Value, _ header: UnsafeRawPointer, _ piece: UInt16, _ owner: Value, _ count: Int
    ) -> Int {
        let values = (header + Layout.header).assumingMemoryBound(to: Value.self)
        var slots = Int(truncatingIfNeeded: header.load(as: UInt32.self))
        var index: UnsafePointer<UInt32>?
        if slots > 0, slots & (slots &- 1) == 0 {
            if let whole = address(owner, bytes: Layout.header &+ count &* Layout.value &+ slots &* 4) {
                index = (whole + (Layout.header &+ count &* Layout.value)).assumingMemoryBound(to: UInt32.self)
            }
        } else if slots == 0, let late = lateIndex(header, piece, count) {
            (index, slots) = (late.table, late.slots)
        }
        if let table = index {
            var slot = Int(truncatingIfNeeded: hash(wanted)) & (slots &- 1)
            for _ in 0..<Layout.probes {
                let entry = Int(truncatingIfNeeded: table[slot])
                if entry == 0 { return -1 }
                if entry > 0, entry <= count, equal(load(values + (entry &- 1), from: piece), wanted) {
                    return entry &- 1
                }
                slot = (slot &+ 1) & (slots &- 1)
            }
        }
        var low = 0
        var high = count
        while low < high {
            let middle = (low &+ high) &>> 1
            let order = compare(load(values + middle, from: piece), wanted)
            if order == 0 { return middle }
            if order < 0 { low = middle &+ 1 } else { high = middle }
        }
        return -1
    }
}
