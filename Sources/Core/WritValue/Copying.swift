extension Space {
    /// The value with everything of it that a rewind could take away copied to the results area.
    ///
    /// What lies in results or in immutable pieces is shared, not copied.
    @inlinable @inline(__always)
    public func kept(_ value: Value) throws(Fault) -> Value {
        guard isTemporary(value) else { return value }
        return try keptSlowly(value)
    }

    @usableFromInline
    func keptSlowly(_ value: Value) throws(Fault) -> Value {
        let before = state.pointee.allocatesTemporaries
        state.pointee.allocatesTemporaries = false
        defer { state.pointee.allocatesTemporaries = before }
        return try copy(value, depth: 0) { !isTemporary($0) }
    }

    /// A copy of a value of another space; nothing of it is shared.
    public func copy(_ value: Value, from source: Space) throws(Fault) -> Value {
        try Copier(source: source, target: self).copy(value, depth: 0)
    }

    /// Rewrites a value into the current area, stopping at parts that `isShared`.
    func copy(_ value: Value, depth: Int, isShared: (Value) -> Bool) throws(Fault) -> Value {
        guard value.isReference, !isShared(value) else { return value }
        guard depth < Space.depthLimit else { throw Fault(.depthLimit) }
        switch value.tag {
        case Value.Tag.longString: return try string(longBytes(value))
        case Value.Tag.numberText: return try numberText(longBytes(value))
        case Value.Tag.array:
            let list = try copies(elements(value), depth, isShared)
            return try array(list)
        case Value.Tag.set:
            let list = try copies(elements(value), depth, isShared)
            return try set(sorted: UnsafeBufferPointer(start: list.base, count: list.count))
        case Value.Tag.object:
            let entries = entries(value)
            guard entries.count > 0 else { return .emptyObject }
            let values = try copies(entries.values, depth, isShared)
            var shape = shape(value)
            if shape.isUndefined || !isShared(shape) {
                let keys = try copies(entries.keys, depth, isShared)
                shape = try self.shape(sorted: UnsafeBufferPointer(start: keys.base, count: keys.count))
            }
            return try object(shape: shape, UnsafeBufferPointer(start: values.base, count: values.count))
        default: return .undefined
        }
    }

    func copies(_ elements: Elements, _ depth: Int, _ isShared: (Value) -> Bool) throws(Fault) -> ValueList {
        var list = ValueList()
        try list.reserve(elements.count, in: self)
        for index in 0..<elements.count {
            try list.append(try copy(elements[index], depth: depth &+ 1, isShared: isShared), in: self)
        }
        return list
    }
}

/// Copies values from one space to another.
struct Copier {
    let source: Space
    let target: Space

    func copy(_ value: Value, depth: Int) throws(Fault) -> Value {
        guard value.isReference else { return value }
        guard depth < Space.depthLimit else { throw Fault(.depthLimit) }
        switch value.tag {
        case Value.Tag.longString: return try target.string(source.longBytes(value))
        case Value.Tag.numberText: return try target.numberText(source.longBytes(value))
        case Value.Tag.array: return try target.array(copies(source.elements(value), depth))
        case Value.Tag.set:
            let list = try copies(source.elements(value), depth)
            return try target.set(sorted: UnsafeBufferPointer(start: list.base, count: list.count))
        case Value.Tag.object:
            let entries = source.entries(value)
            guard entries.count > 0 else { return .emptyObject }
            let keys = try copies(entries.keys, depth)
            let values = try copies(entries.values, depth)
            let shape = try target.shape(sorted: UnsafeBufferPointer(start: keys.base, count: keys.count))
            return try target.object(shape: shape, UnsafeBufferPointer(start: values.base, count: values.count))
        default: return .undefined
        }
    }

    func copies(_ elements: Elements, _ depth: Int) throws(Fault) -> ValueList {
        var list = ValueList()
        try list.reserve(elements.count, in: target)
        for index in 0..<elements.count {
            try list.append(try copy(elements[index], depth: depth &+ 1), in: target)
        }
        return list
    }
}
