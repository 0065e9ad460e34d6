/// Objects of a JSON text: from (key, value) pairs in the text's order to a shape and values in Rego's order.
extension JSONParser {
    /// The object of `count` pairs, whose keys' sequence has this hash.
    @inline(__always)
    func object(_ pairs: UnsafeMutablePointer<Value>, _ count: Int, _ hash: UInt64) throws(JSONError) -> Value {
        guard let known = scratch.pointee.shapes.find(hash, pairs, count), let source = known.pointee.source else {
            return try newObject(pairs, count, hash)
        }
        let places = (source + count &* Layout.value).assumingMemoryBound(to: UInt8.self)
        let shape = known.pointee.shape
        let memory = try allocate(Layout.header &+ shape.count &* Layout.value)
        let object = memory.address.bindMemory(to: Value.self, capacity: shape.count &+ 1)
        object[0] = shape
        // Of equal keys the last value stays.
        for index in 0..<count { object[Int(places[index]) &+ 1] = pairs[index &* 2 &+ 1] }
        return reference(memory, shape.count)
    }

    @inline(__always)
    private func reference(_ memory: Allocation, _ count: Int) -> Value {
        Value.reference(
            Value.Tag.object, offset: memory.offset, upper: UInt32(truncatingIfNeeded: count), piece: memory.piece)
    }

    /// The object of keys that are not known: sorts them, and remembers them if they were met before.
    @inline(never)
    private func newObject(
        _ pairs: UnsafeMutablePointer<Value>, _ count: Int, _ hash: UInt64
    ) throws(JSONError) -> Value {
        scratch.pointee.reserveOrder(count &* 2)
        let order = KeySort(space: space, pairs: pairs).sorted(scratch.pointee.order, count)
        var unique = 0
        var last = 0
        // Number the different keys; `prefix` now holds the position of each.
        for rank in 0..<count {
            let index = Int(order[rank].index)
            if rank == 0 || !space.equal(pairs[index &* 2], pairs[last &* 2]) {
                unique &+= 1
                last = index
            }
            order[rank].prefix = UInt64(truncatingIfNeeded: unique &- 1)
        }
        let memory: Allocation
        let object: UnsafeMutablePointer<Value>
        if let shape = lastingShape(pairs, order, count, unique, hash) {
            memory = try allocate(Layout.header &+ unique &* Layout.value)
            object = memory.address.bindMemory(to: Value.self, capacity: unique &+ 1)
            object[0] = shape
        } else {
            // The object and its shape in one piece of memory.
            let size = Layout.header &+ unique &* Layout.value
            memory = try allocate(size &* 2)
            object = memory.address.bindMemory(to: Value.self, capacity: (unique &+ 1) &* 2)
            let shape = object + (unique &+ 1)
            object[0] = Value.reference(
                Value.Tag.shape, offset: memory.offset &+ UInt32(truncatingIfNeeded: unique &+ 1),
                upper: UInt32(truncatingIfNeeded: unique), piece: memory.piece)
            shape[0] = Value(low: 0, high: 0)
            for rank in 0..<count { shape[Int(order[rank].prefix) &+ 1] = pairs[Int(order[rank].index) &* 2] }
        }
        // Equal keys stand in the text's order, so the last one's value stays.
        for rank in 0..<count { object[Int(order[rank].prefix) &+ 1] = pairs[Int(order[rank].index) &* 2 &+ 1] }
        return reference(memory, unique)
    }

    /// A shape of these keys in the memory of lasting ones, if they are worth it and there is room.
    private func lastingShape(
        _ pairs: UnsafeMutablePointer<Value>, _ order: UnsafeMutablePointer<KeyOrder>, _ count: Int, _ unique: Int,
        _ hash: UInt64
    ) -> Value? {
        guard count <= ShapeCache.maximumKeys, scratch.pointee.shapes.meets(hash), !scratch.pointee.shapes.isFull
        else { return nil }
        scratch.pointee.shapes.prepare(space.state.pointee.pieces + PieceNumber.shapes)
        for index in 0..<count where pairs[index &* 2].tag == Value.Tag.longString {
            guard let key = lastingKey(pairs[index &* 2]) else { return nil }
            pairs[index &* 2] = key
        }
        let slots = Layout.slots(for: unique)
        let body = Layout.header &+ unique &* Layout.value &+ slots &* 4
        guard let offset = scratch.pointee.shapes.allocate(body &+ count &* (Layout.value &+ 1)),
            let block = scratch.pointee.shapes.block
        else { return nil }
        let header = block + offset
        header.storeBytes(of: UInt32(truncatingIfNeeded: slots), as: UInt32.self)
        let keys = (header + Layout.header).bindMemory(to: Value.self, capacity: unique)
        let source = (header + body).bindMemory(to: Value.self, capacity: count)
        let places = (header + (body &+ count &* Layout.value)).bindMemory(to: UInt8.self, capacity: count)
        for rank in 0..<count {
            let index = Int(order[rank].index)
            let place = Int(order[rank].prefix)
            keys[place] = pairs[index &* 2]
            source[index] = pairs[index &* 2]
            places[index] = UInt8(truncatingIfNeeded: place)
        }
        if slots > 0 {
            let table = (header + (Layout.header &+ unique &* Layout.value)).bindMemory(
                to: UInt32.self, capacity: slots)
            space.fillIndex(table, slots, keys, unique)
        }
        let shape = Value.reference(
            Value.Tag.shape, offset: UInt32(truncatingIfNeeded: offset &>> 4),
            upper: UInt32(truncatingIfNeeded: unique), piece: UInt16(truncatingIfNeeded: PieceNumber.shapes),
            extra: scratch.pointee.shapes.epoch)
        scratch.pointee.shapes.remember(hash, shape, source: header + body, count: count)
        return shape
    }

    /// The same key in the memory of lasting shapes.
    private func lastingKey(_ key: Value) -> Value? {
        if Int(key.piece) == PieceNumber.shapes { return key }
        let bytes = space.longBytes(key)
        guard let source = bytes.baseAddress, bytes.count <= 256,
            let offset = scratch.pointee.shapes.allocate(bytes.count), let block = scratch.pointee.shapes.block
        else { return nil }
        (block + offset).copyMemory(from: source, byteCount: bytes.count)
        let lasting = Value.reference(
            Value.Tag.longString, offset: UInt32(truncatingIfNeeded: offset &>> 4), upper: key.storedHash,
            piece: UInt16(truncatingIfNeeded: PieceNumber.shapes), extra: UInt32(truncatingIfNeeded: bytes.count))
        let slot = scratch.pointee.shapes.keySlot(key.storedHash)
        scratch.pointee.shapes.longKeys[slot] = lasting
        return lasting
    }
}

/// Sorts the keys of (key, value) pairs by their bytes, equal ones by their place.
struct KeySort {
    let space: Space
    let pairs: UnsafeMutablePointer<Value>

    /// The order of `count` keys, in `memory` (which has room for twice as many).
    func sorted(_ memory: UnsafeMutablePointer<KeyOrder>, _ count: Int) -> UnsafeMutablePointer<KeyOrder> {
        for index in 0..<count {
            let key = pairs[index &* 2]
            // Zero padding sorts a shorter key first; what the prefix cannot tell is compared in full.
            let prefix =
                key.tag == Value.Tag.shortString
                ? key.low : space.longBytes(key).baseAddress.map { Lanes.load($0) } ?? 0
            memory[index] = KeyOrder(prefix: prefix.byteSwapped, index: UInt32(truncatingIfNeeded: index))
        }
        let run = 16
        var start = 0
        while start < count {
            insertionSort(memory + start, min(run, count &- start))
            start &+= run
        }
        var source = memory
        var target = memory + count
        var width = run
        while width < count {
            var left = 0
            while left < count {
                let middle = min(count, left &+ width)
                merge(source, target, left, middle, min(count, middle &+ width))
                left = middle &+ width
            }
            (source, target) = (target, source)
            width &*= 2
        }
        return source
    }

    @inline(__always)
    private func isBefore(_ a: KeyOrder, _ b: KeyOrder) -> Bool {
        a.prefix == b.prefix ? isBeforeInFull(a, b) : a.prefix < b.prefix
    }

    @inline(never)
    private func isBeforeInFull(_ a: KeyOrder, _ b: KeyOrder) -> Bool {
        let order = space.compare(pairs[Int(a.index) &* 2], pairs[Int(b.index) &* 2])
        return order == 0 ? a.index < b.index : order < 0
    }

    private func insertionSort(_ items: UnsafeMutablePointer<KeyOrder>, _ count: Int) {
        guard count > 1 else { return }
        for index in 1..<count {
            let item = items[index]
            var hole = index
            while hole > 0, isBefore(item, items[hole &- 1]) {
                items[hole] = items[hole &- 1]
                hole &-= 1
            }
            items[hole] = item
        }
    }

    private func merge(
        _ source: UnsafeMutablePointer<KeyOrder>, _ target: UnsafeMutablePointer<KeyOrder>, _ low: Int, _ middle: Int,
        _ high: Int
    ) {
        var left = low
        var right = middle
        for out in low..<high {
            if left < middle, right >= high || !isBefore(source[right], source[left]) {
                target[out] = source[left]
                left &+= 1
            } else {
                target[out] = source[right]
                right &+= 1
            }
        }
    }
}
