/// Values being gathered for an array, a set or an object. Its memory is the space's; it grows by doubling.
///
/// Plain data: copies share memory, so use one variable and pass it `inout`.
public struct ValueList: BitwiseCopyable {
    @usableFromInline var filled: Int
    @usableFromInline var capacity: Int
    @usableFromInline var base: UnsafeMutablePointer<Value>?
    /// Where the list's memory lies: a header's room, then the values. So a list can become a collection in place.
    @usableFromInline var offset: UInt32
    @usableFromInline var piece: UInt16

    public var count: Int { @inlinable @inline(__always) get { filled } }

    @inlinable
    public init() {
        filled = 0
        capacity = 0
        base = nil
        offset = 0
        piece = 0
    }

    @inlinable @inline(__always)
    public subscript(_ index: Int) -> Value {
        get {
            guard let base, UInt(bitPattern: index) < UInt(bitPattern: count) else { return .undefined }
            return base[index]
        }
        nonmutating set {
            guard let base, UInt(bitPattern: index) < UInt(bitPattern: count) else { return }
            base[index] = newValue
        }
    }

    /// Adds a value. Throws `memoryLimit`.
    @inlinable
    public mutating func append(_ value: Value, in space: Space) throws(Fault) {
        if count == capacity { try reserve(max(8, capacity &* 2), in: space) }
        guard let base else { throw Fault(.defect) }
        base[filled] = value
        filled &+= 1
    }

    /// Makes room for `capacity` values in all.
    public mutating func reserve(_ wanted: Int, in space: Space) throws(Fault) {
        guard wanted > capacity else { return }
        guard wanted < Int(Int32.max) &>> 4 else { throw Fault(.sizeLimit) }
        let memory = try space.allocate(Layout.header &+ wanted &* Layout.value)
        let grown = (memory.address + Layout.header).bindMemory(to: Value.self, capacity: wanted)
        if let base, count > 0 { grown.update(from: base, count: count) }
        base = grown
        offset = memory.offset
        piece = memory.piece
        capacity = wanted
    }

    @inlinable
    public mutating func removeAll() { filled = 0 }

    /// Forgets all but the first `kept` values.
    @inlinable
    public mutating func truncate(to kept: Int) { if kept >= 0, kept < filled { filled = kept } }
}

extension Space {
    /// The list as an array, without copying: the list must not change afterwards.
    public func array(adopting list: ValueList) -> Value {
        guard list.count > 0 else { return .emptyArray }
        return Value.reference(
            Value.Tag.array, offset: list.offset &+ 1, upper: UInt32(truncatingIfNeeded: list.count), piece: list.piece)
    }

    /// The list as a set, sorted in place, without copying: the list must not change afterwards.
    ///
    /// Its values must be unique.
    public func set(adoptingUnique list: ValueList) -> Value {
        guard let base = list.base, list.count > 0 else { return .emptySet }
        sort(base, list.count, stride: 1)
        let header = UnsafeMutableRawPointer(base) - Layout.header
        header.storeBytes(of: 0, as: UInt64.self)
        header.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
        return Value.reference(
            Value.Tag.set, offset: list.offset, upper: UInt32(truncatingIfNeeded: list.count), piece: list.piece)
    }

    /// An array of these values.
    public func array(_ list: ValueList) throws(Fault) -> Value {
        guard let base = list.base else { return .emptyArray }
        return try array(UnsafeBufferPointer(start: base, count: list.count))
    }

    /// An array of these values.
    @inlinable
    public func array(_ values: UnsafeBufferPointer<Value>) throws(Fault) -> Value {
        guard let base = values.baseAddress, values.count > 0 else { return .emptyArray }
        let memory = try allocate(values.count &* Layout.value)
        memory.address.bindMemory(to: Value.self, capacity: values.count).update(from: base, count: values.count)
        return Value.reference(
            Value.Tag.array, offset: memory.offset, upper: UInt32(truncatingIfNeeded: values.count),
            piece: memory.piece)
    }

    /// An array of the elements in `range` of another one, clamped to it.
    public func array(slicing array: Value, from: Int, to: Int) throws(Fault) -> Value {
        let elements = elements(array)
        let start = max(0, from)
        let end = min(elements.count, to)
        guard start < end else { return .emptyArray }
        var list = ValueList()
        try list.reserve(end - start, in: self)
        for index in start..<end { try list.append(elements[index], in: self) }
        return try self.array(list)
    }

    /// A set of these values: sorted, and of equal ones the first kept. Reorders the list.
    public func set(_ list: ValueList) throws(Fault) -> Value {
        guard let base = list.base, list.count > 0 else { return .emptySet }
        let count = sortUnique(base, list.count)
        try check()
        return try set(sorted: UnsafeBufferPointer(start: base, count: count))
    }

    /// A set of values that are sorted and unique already.
    public func set(sorted values: UnsafeBufferPointer<Value>) throws(Fault) -> Value {
        guard values.count > 0, let base = values.baseAddress else { return .emptySet }
        let memory = try sorted(base, values.count)
        return Value.reference(
            Value.Tag.set, offset: memory.offset, upper: UInt32(truncatingIfNeeded: values.count), piece: memory.piece)
    }

    /// Memory of a header and sorted values, without an index: what a decision builds is mostly iterated;
    /// pieces get their index when they are frozen.
    @usableFromInline
    func sorted(_ base: UnsafePointer<Value>, _ count: Int) throws(Fault) -> Allocation {
        let memory = try allocate(Layout.header &+ count &* Layout.value)
        memory.address.storeBytes(of: 0, as: UInt64.self)
        memory.address.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
        (memory.address + Layout.header).bindMemory(to: Value.self, capacity: count).update(from: base, count: count)
        return memory
    }

    /// The shape of sorted, unique keys.
    public func shape(sorted keys: UnsafeBufferPointer<Value>) throws(Fault) -> Value {
        guard let base = keys.baseAddress, keys.count > 0 else { return .undefined }
        let memory = try sorted(base, keys.count)
        return Value.reference(
            Value.Tag.shape, offset: memory.offset, upper: UInt32(truncatingIfNeeded: keys.count), piece: memory.piece)
    }

    /// An object of a shape and its values, in the shape's order.
    @inlinable
    public func object(shape: Value, _ values: UnsafeBufferPointer<Value>) throws(Fault) -> Value {
        guard shape.tag == Value.Tag.shape, let base = values.baseAddress, values.count == shape.count else {
            return .emptyObject
        }
        let memory = try allocate(Layout.header &+ values.count &* Layout.value)
        memory.address.bindMemory(to: Value.self, capacity: values.count &+ 1).pointee = shape
        (memory.address + Layout.header).bindMemory(to: Value.self, capacity: values.count)
            .update(from: base, count: values.count)
        return Value.reference(
            Value.Tag.object, offset: memory.offset, upper: UInt32(truncatingIfNeeded: values.count),
            piece: memory.piece)
    }

    /// An object of keys and values that lie in turn in the list: key, value, key, value.
    ///
    /// Of equal keys the last value wins, under the spelling of the first key. Reorders the list.
    public func object(pairs list: ValueList) throws(Fault) -> Value {
        let count = list.count / 2
        guard count > 0, let base = list.base else { return .emptyObject }
        let unique = sortPairs(base, count)
        try check()
        // The object and its shape in one piece of memory.
        let memory = try allocate((Layout.header &+ unique &* Layout.value) &* 2)
        let object = memory.address.bindMemory(to: Value.self, capacity: (unique &+ 1) &* 2)
        let shape = object + (unique &+ 1)
        object[0] = Value.reference(
            Value.Tag.shape, offset: memory.offset &+ UInt32(truncatingIfNeeded: unique &+ 1),
            upper: UInt32(truncatingIfNeeded: unique), piece: memory.piece)
        shape[0] = Value(low: 0, high: 0)
        for index in 0..<unique {
            shape[index &+ 1] = base[index &* 2]
            object[index &+ 1] = base[index &* 2 &+ 1]
        }
        return Value.reference(
            Value.Tag.object, offset: memory.offset, upper: UInt32(truncatingIfNeeded: unique), piece: memory.piece)
    }

    /// Merges two objects; where both have a key and both values are objects they are merged too, else the
    /// value of `over` stands.
    public func merged(_ base: Value, _ over: Value, depth: Int = 0) throws(Fault) -> Value {
        guard base.isObject, over.isObject, base.count > 0 else { return over.isUndefined ? base : over }
        guard depth < Space.depthLimit else { throw Fault(.depthLimit) }
        var list = ValueList()
        let left = entries(base)
        let right = entries(over)
        try list.reserve((left.count &+ right.count) &* 2, in: self)
        for index in 0..<left.count {
            let key = left.keys[index]
            let other = member(over, key)
            try list.append(key, in: self)
            try list.append(
                other.isUndefined ? left.values[index] : try merged(left.values[index], other, depth: depth &+ 1),
                in: self)
        }
        for index in 0..<right.count where member(base, right.keys[index]).isUndefined {
            try list.append(right.keys[index], in: self)
            try list.append(right.values[index], in: self)
        }
        return try object(pairs: list)
    }
}
