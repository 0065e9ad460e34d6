/// Patched objects: a base object and sorted changes to it, so that changing one field of an object with
/// 500,000 keys costs the size of the change.
///
///     object  patch (a Value), …           count = entries after the changes
///     patch   base object (a Value), changes × (key, value), sorted by key; value undefined = removed
extension Space {
    /// `object` with one key changed; undefined removes it. The object itself stays as it is.
    ///
    /// Small objects are rewritten; large ones become (or stay) patched until `patchLimit` changes are
    /// gathered, then they are written out flat.
    public func setting(_ object: Value, _ key: Value, to value: Value) throws(Fault) -> Value {
        guard object.isObject, object.count > 64 else { return try rewritten(object, key, value) }
        var base = object
        var changes = ValueList()
        if let patch = patch(of: object) {
            base = patch.base
            for index in 0..<patch.changes.count { try changes.append(patch.changes[index], in: self) }
        }
        guard changes.count < 2 &* Space.patchLimit else { return try rewritten(object, key, value) }
        var position = 0
        while position < changes.count, compare(changes[position], key) < 0 { position &+= 2 }
        if position < changes.count, equal(changes[position], key) {
            changes[position &+ 1] = value
        } else {
            try changes.append(.undefined, in: self)
            try changes.append(.undefined, in: self)
            var index = changes.count &- 1
            while index > position &+ 1 {
                changes[index] = changes[index &- 2]
                index &-= 1
            }
            changes[position] = key
            changes[position &+ 1] = value
        }
        var count = base.count
        for index in stride(from: 0, to: changes.count, by: 2) {
            let had = member(base, changes[index]).isDefined
            let has = changes[index &+ 1].isDefined
            count = count &+ (has ? 1 : 0) &- (had ? 1 : 0)
        }
        let memory = try allocate((changes.count &+ 1) &* Layout.value)
        let words = memory.address.bindMemory(to: Value.self, capacity: changes.count &+ 1)
        words[0] = base
        for index in 0..<changes.count { words[index &+ 1] = changes[index] }
        let header = try allocate(Layout.header)
        header.address.bindMemory(to: Value.self, capacity: 1).pointee = Value.reference(
            Value.Tag.patch, offset: memory.offset, upper: UInt32(truncatingIfNeeded: changes.count),
            piece: memory.piece)
        return Value.reference(
            Value.Tag.object, offset: header.offset, upper: UInt32(truncatingIfNeeded: count), piece: header.piece)
    }

    /// Changes that one patched object gathers before it is written out flat.
    static var patchLimit: Int { 64 }

    func rewritten(_ object: Value, _ key: Value, _ value: Value) throws(Fault) -> Value {
        var list = ValueList()
        let entries = entries(object)
        for index in 0..<entries.count where !equal(entries.keys[index], key) {
            try list.append(entries.keys[index], in: self)
            try list.append(entries.values[index], in: self)
        }
        if value.isDefined {
            try list.append(key, in: self)
            try list.append(value, in: self)
        }
        return try self.object(pairs: list)
    }

    /// `document` with the value at a path of object keys replaced; missing objects on the way are made.
    public func upserting(_ document: Value, path: ValueList, value: Value) throws(Fault) -> Value {
        try upserting(document, path: UnsafeBufferPointer(start: path.base, count: path.count), value: value)
    }

    /// An object as it is, or written out flat if it is patched.
    public func flattened(_ object: Value) -> Value {
        guard object.tag == Value.Tag.object, object.count > 0 else { return object }
        let entries = entries(object)
        guard let keys = entries.keys.base, let values = entries.values.base else { return .emptyObject }
        if shape(object).isDefined { return object }
        // The entries of a patched object were just written to this space, keys and values in two blocks.
        do throws(Fault) {
            let shape = try self.shape(sorted: UnsafeBufferPointer(start: keys, count: entries.count))
            return try self.object(shape: shape, UnsafeBufferPointer(start: values, count: entries.count))
        } catch {
            note(error.code)
            return .emptyObject
        }
    }

    /// `document` with the value at a path of object keys replaced; missing objects on the way are made.
    public func upserting(
        _ document: Value, path: UnsafeBufferPointer<Value>, value: Value
    ) throws(Fault) -> Value {
        guard let key = path.first else { return value }
        let rest = UnsafeBufferPointer(rebasing: path.dropFirst())
        let object = document.isObject ? document : .emptyObject
        return try setting(object, key, to: upserting(member(object, key), path: rest, value: value))
    }

    func patch(of object: Value) -> (base: Value, changes: Elements)? {
        guard object.tag == Value.Tag.object, object.count > 0, let address = address(object, bytes: Layout.header)
        else { return nil }
        let patch = load(address.assumingMemoryBound(to: Value.self), from: object.piece)
        guard patch.tag == Value.Tag.patch else { return nil }
        return contents(of: patch)
    }

    func contents(of patch: Value) -> (base: Value, changes: Elements)? {
        guard let words = address(patch, bytes: (patch.count &+ 1) &* Layout.value) else {
            note(.malformed)
            return nil
        }
        let values = words.assumingMemoryBound(to: Value.self)
        let base = load(values, from: patch.piece)
        // A patch is never the base of another one, so a damaged piece cannot make these functions recurse.
        guard base.tag == Value.Tag.object else { return nil }
        return (base, Elements(base: values + 1, count: patch.count, piece: patch.piece, space: self))
    }

    @usableFromInline
    func patchedMember(_ object: Value, _ patch: Value, _ key: Value) -> Value {
        guard let (base, changes) = contents(of: patch) else { return .undefined }
        var low = 0
        var high = changes.count / 2
        while low < high {
            let middle = (low &+ high) / 2
            let order = compare(changes[middle &* 2], key)
            if order == 0 { return changes[middle &* 2 &+ 1] }
            if order < 0 { low = middle &+ 1 } else { high = middle }
        }
        let shape = shape(base)
        let position = position(inShape: shape, of: key)
        return position < 0 ? .undefined : member(base, at: position)
    }

    @usableFromInline
    func flattenedEntries(_ object: Value) -> Entries {
        let none = Elements(base: nil, count: 0, piece: 0, space: self)
        guard let (base, changes) = patch(of: object), shape(base).isDefined || base.count == 0 else {
            note(.malformed)
            return Entries(keys: none, values: none)
        }
        do throws(Fault) {
            var list = ValueList()
            let old = entries(base)
            var change = 0
            for index in 0..<old.count {
                let key = old.keys[index]
                while change < changes.count, compare(changes[change], key) < 0 {
                    try appendChange(changes, change, &list)
                    change &+= 2
                }
                if change < changes.count, equal(changes[change], key) {
                    try appendChange(changes, change, &list)
                    change &+= 2
                } else {
                    try list.append(key, in: self)
                    try list.append(old.values[index], in: self)
                }
            }
            while change < changes.count {
                try appendChange(changes, change, &list)
                change &+= 2
            }
            let flat = try self.object(pairs: list)
            return shape(flat).isDefined ? entries(flat) : Entries(keys: none, values: none)
        } catch {
            note(error.code)
            return Entries(keys: none, values: none)
        }
    }

    func appendChange(_ changes: Elements, _ index: Int, _ list: inout ValueList) throws(Fault) {
        guard changes[index &+ 1].isDefined else { return }
        try list.append(changes[index], in: self)
        try list.append(changes[index &+ 1], in: self)
    }
}
