/// Patched objects: a base object and sorted changes to it, so that changing one field of an object with
/// 500,000 keys costs the size of the change.
///
///     object  patch (a Value), …           count = entries after the changes
///     patch   base object (a Value), changes × (key, value), sorted by key; value undefined = removed
///
/// The base may be patched itself: the newest changes lie outermost in a small level, older ones in levels of up to 16
/// times the size below it, so that a change rewrites few of those before it.
extension Space {
    /// `object` with one key changed; undefined removes it. The object itself stays as it is.
    ///
    /// Small objects are rewritten; large ones become (or stay) patched until so many changes are gathered that writing
    /// all out flat costs no more than they did.
    public func setting(_ object: Value, _ key: Value, to value: Value) throws(Fault) -> Value {
        guard object.isObject, object.count > 64 else { return try rewritten(object, key, value) }
        let had = member(object, key).isDefined
        guard had || value.isDefined else { return object }
        let count = object.count &+ (value.isDefined ? 1 : 0) &- (had ? 1 : 0)
        var added = ValueList()
        try added.append(key, in: self)
        try added.append(value, in: self)
        guard let (base, changes) = patch(of: object) else { return try patched(object, added, count) }
        let news = Elements(base: added.base, count: 2, piece: added.piece, space: self)
        let isKnown = change(in: changes, of: key) != nil
        if isKnown || changes.count < 2 &* Space.patchLimit {
            return try patched(base, try merged(changes, under: news), count)
        }
        // The newest level is full: it becomes the one below, with those that are no larger put into it.
        var older = changes
        var rest = base
        var level = 1
        while let (below, next) = patch(of: rest), Space.patchLevel(next.count / 2) <= level {
            let list = try merged(next, under: older)
            older = Elements(base: list.base, count: list.count, piece: list.piece, space: self)
            level = max(level, Space.patchLevel(list.count / 2))
            rest = below
        }
        guard level < Space.patchLevels, older.count / 2 <= max(1024, rest.count / 4) else {
            return try rewritten(object, key, value)
        }
        var list = ValueList()
        try list.reserve(older.count, in: self)
        for index in 0..<older.count { try list.append(older[index], in: self) }
        return try patched(try patched(rest, list, object.count), added, count)
    }

    /// Changes of the outermost level.
    static var patchLimit: Int { 64 }
    /// Levels that lie on each other at most.
    static var patchLevels: Int { 4 }

    /// The level that so many changes make.
    static func patchLevel(_ changes: Int) -> Int {
        var level = 0
        var limit = patchLimit
        while changes > limit, level < patchLevels {
            level &+= 1
            limit &*= 16
        }
        return level
    }

    /// `base` with sorted changes to it.
    private func patched(_ base: Value, _ changes: ValueList, _ count: Int) throws(Fault) -> Value {
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

    /// Two sorted lists of changes as one; where both change a key, `news` stands.
    private func merged(_ changes: Elements, under news: Elements) throws(Fault) -> ValueList {
        var list = ValueList()
        try list.reserve(changes.count &+ news.count, in: self)
        var (old, new) = (0, 0)
        while old < changes.count || new < news.count {
            let order =
                old >= changes.count ? 1 : new >= news.count ? -1 : compare(changes[old], news[new])
            let source = order < 0 ? changes : news
            let index = order < 0 ? old : new
            try list.append(source[index], in: self)
            try list.append(source[index &+ 1], in: self)
            if order <= 0 { old &+= 2 }
            if order >= 0 { new &+= 2 }
        }
        return list
    }

    /// Where sorted changes say something of a key.
    private func change(in changes: Elements, of key: Value) -> Int? {
        var low = 0
        var high = changes.count / 2
        while low < high {
            let middle = (low &+ high) / 2
            let order = compare(changes[middle &* 2], key)
            if order == 0 { return middle &* 2 }
            if order < 0 { low = middle &+ 1 } else { high = middle }
        }
        return nil
    }

    func rewritten(_ object: Value, _ key: Value, _ value: Value) throws(Fault) -> Value {
        var list = ValueList()
        let entries = entries(object)
        // An object that keeps its keys keeps its shape.
        let shape = shape(object)
        let position = value.isDefined ? self.position(inShape: shape, of: key) : -1
        if position >= 0 {
            try list.reserve(entries.count, in: self)
            for index in 0..<entries.count {
                try list.append(index == position ? value : entries.values[index], in: self)
            }
            return try self.object(shape: shape, UnsafeBufferPointer(start: list.base, count: list.count))
        }
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

    /// The pieces that a value itself lies in: with a patched object also those of what its changes lie on.
    public func homes(of value: Value) -> [UInt16] {
        guard value.isReference else { return [] }
        var found = [value.piece]
        var object = value
        for _ in 0...Space.patchLevels {
            guard let (base, _) = patch(of: object) else { break }
            found.append(base.piece)
            object = base
        }
        return found
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
        guard base.tag == Value.Tag.object else { return nil }
        return (base, Elements(base: values + 1, count: patch.count, piece: patch.piece, space: self))
    }

    @usableFromInline
    func patchedMember(_ object: Value, _ patch: Value, _ key: Value) -> Value {
        var patch = patch
        // In a damaged piece a patch may lie on itself.
        for _ in 0...Space.patchLevels {
            guard let (base, changes) = contents(of: patch) else { return .undefined }
            if let index = change(in: changes, of: key) { return changes[index &+ 1] }
            guard base.count > 0, let address = address(base, bytes: Layout.header) else { return .undefined }
            let shape = load(address.assumingMemoryBound(to: Value.self), from: base.piece)
            guard shape.tag == Value.Tag.patch else {
                let position = position(inShape: shape, of: key)
                return position < 0 ? .undefined : member(base, at: position)
            }
            patch = shape
        }
        note(.malformed)
        return .undefined
    }

    /// The object below all patches of an object, and all changes to it.
    private func unpatched(_ object: Value) throws(Fault) -> (base: Value, changes: Elements)? {
        guard var (base, changes) = patch(of: object) else { return nil }
        var levels = 1
        while let (below, older) = patch(of: base) {
            guard levels <= Space.patchLevels else { throw Fault(.malformed) }
            let list = try merged(older, under: changes)
            changes = Elements(base: list.base, count: list.count, piece: list.piece, space: self)
            base = below
            levels &+= 1
        }
        return (base, changes)
    }

    @usableFromInline
    func flattenedEntries(_ object: Value) -> Entries {
        let none = Elements(base: nil, count: 0, piece: 0, space: self)
        do throws(Fault) {
            guard let (base, changes) = try unpatched(object), shape(base).isDefined || base.count == 0 else {
                throw Fault(.malformed)
            }
            var list = ValueList()
            try list.reserve(2 &* base.count &+ changes.count, in: self)
            let old = entries(base)
            var change = 0
            for index in 0..<old.count {
                let key = old.keys[index]
                var order = -1
                while change < changes.count {
                    order = compare(changes[change], key)
                    guard order < 0 else { break }
                    try appendChange(changes, change, &list)
                    change &+= 2
                }
                if change < changes.count, order == 0 {
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
