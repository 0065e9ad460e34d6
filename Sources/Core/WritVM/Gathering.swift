import WritPlan
import WritValue

/// A collection being gathered: by a comprehension or by the rules of a partial document.
///
/// Lives in the results area, because the loops that add to it rewind temporaries; what is added is kept.
struct Gatherer {
    var kind: Gathering
    /// The values of an array or set; keys and values in turn of an object.
    var list = ValueList()
    /// Open addressing over the elements or keys: position + 1. None while a scan is quicker.
    var slots: UnsafeMutablePointer<UInt32>?
    var slotCount = 0
    /// Whether the list's memory became a value, so that it must be copied before the next addition.
    var isShared = false

    private var stride: Int { kind == .object ? 2 : 1 }
    private static var scanned: Int { 8 }

    /// The position of an element or key in the list, or -1.
    func find(_ wanted: Value, _ space: Space) -> Int {
        if let slots {
            var slot = Int(truncatingIfNeeded: space.hash(wanted)) & (slotCount &- 1)
            while slots[slot] != 0 {
                let position = Int(slots[slot] &- 1)
                if space.equal(list[position], wanted) { return position }
                slot = (slot &+ 1) & (slotCount &- 1)
            }
            return -1
        }
        var position = 0
        while position < list.count {
            if space.equal(list[position], wanted) { return position }
            position &+= stride
        }
        return -1
    }

    /// Adds an element, or an entry whose key is known to be new.
    mutating func append(_ value: Value, entry: Value = .undefined, _ space: Space) throws(Fault) {
        if isShared { try unshare(space) }
        let position = list.count
        try list.append(value, in: space)
        if kind == .object { try list.append(entry, in: space) }
        guard kind != .array else { return }
        if slots != nil, (list.count / stride) &* 2 <= slotCount {
            place(position, space)
        } else if list.count / stride > Self.scanned {
            try index(space)
        }
    }

    private mutating func index(_ space: Space) throws(Fault) {
        var count = 32
        while count < (list.count / stride) &* 4 { count &*= 2 }
        slots = try space.slots(count)
        slotCount = count
        var position = 0
        while position < list.count {
            place(position, space)
            position &+= stride
        }
    }

    private func place(_ position: Int, _ space: Space) {
        guard let slots else { return }
        var slot = Int(truncatingIfNeeded: space.hash(list[position])) & (slotCount &- 1)
        while slots[slot] != 0 { slot = (slot &+ 1) & (slotCount &- 1) }
        slots[slot] = UInt32(truncatingIfNeeded: position &+ 1)
    }

    private mutating func unshare(_ space: Space) throws(Fault) {
        var copy = ValueList()
        for index in 0..<list.count { try copy.append(list[index], in: space) }
        list = copy
        slots = nil
        slotCount = 0
        isShared = false
        if kind != .array, list.count / stride > Self.scanned { try index(space) }
    }

    /// What was gathered so far, as a value.
    mutating func value(_ space: Space, depth: Int = 0) throws(Fault) -> Value {
        guard depth < Space.depthLimit else { throw Fault(.depthLimit) }
        switch kind {
        case .array:
            isShared = true
            return space.array(adopting: list)
        case .set:
            isShared = true
            // Sorting moves the elements: the index is made anew if gathering goes on.
            slots = nil
            slotCount = 0
            return space.set(adoptingUnique: list)
        case .object:
            var pairs = ValueList()
            try pairs.reserve(list.count, in: space)
            for index in 0..<list.count {
                var item = list[index]
                if item.tag == Value.Tag.address, let nested = Gatherer.pointer(item) {
                    item = try nested.pointee.value(space, depth: depth &+ 1)
                }
                try pairs.append(item, in: space)
            }
            return try space.object(pairs: pairs)
        }
    }

    // MARK: In registers

    static func make(_ kind: Gathering, _ space: Space) throws(Fault) -> Value {
        let memory = try space.scratch(bytes: MemoryLayout<Gatherer>.size)
        memory.bindMemory(to: Gatherer.self, capacity: 1).initialize(to: Gatherer(kind: kind))
        return Value(
            low: UInt64(UInt(bitPattern: memory)), high: UInt64(Value.Tag.address) &<< 56)
    }

    @inline(__always)
    static func pointer(_ value: Value) -> UnsafeMutablePointer<Gatherer>? {
        guard value.tag == Value.Tag.address else { return nil }
        return UnsafeMutablePointer(bitPattern: UInt(truncatingIfNeeded: value.low))
    }
}

extension Space {
    /// Runs `body` with new values going to the results area.
    @inline(__always)
    func inResults<R>(_ body: () throws(Fault) -> R) throws(Fault) -> R {
        let before = allocatesTemporaries
        allocatesTemporaries = false
        defer { allocatesTemporaries = before }
        return try body()
    }
}
