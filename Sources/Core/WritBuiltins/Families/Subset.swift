import WritValue

/// The relation of `object.subset`.
enum Subset {
    /// Whether `sub` is part of `whole`; nil when the two types cannot be compared.
    static func holds(
        _ whole: Value, _ sub: Value, depth: Int, _ context: BuiltinContext
    ) throws(Fault) -> Bool? {
        guard depth < Space.depthLimit else { throw Fault(.depthLimit) }
        switch (whole.kind, sub.kind) {
        case (.object, .object): return try objects(whole, sub, depth, context)
        case (.set, .set): return try sets(whole, sub, context)
        case (.array, .array): return try arrays(context.space.elements(whole), context.space.elements(sub), context)
        case (.array, .set): return try contains(whole, sub, context)
        default: return nil
        }
    }

    private static func objects(
        _ whole: Value, _ sub: Value, _ depth: Int, _ context: BuiltinContext
    ) throws(Fault) -> Bool {
        guard sub.count <= whole.count else { return false }
        let space = context.space
        let entries = space.entries(sub)
        try context.spend(entries.count)
        for index in 0..<entries.count {
            let wanted = entries.values[index]
            let found = space.member(whole, entries.keys[index])
            guard found.isDefined else { return false }
            if found.kind == wanted.kind, found.isCollection {
                guard try holds(found, wanted, depth: depth &+ 1, context) ?? false else { return false }
            } else if !space.equal(found, wanted) {
                return false
            }
        }
        return true
    }

    private static func sets(_ whole: Value, _ sub: Value, _ context: BuiltinContext) throws(Fault) -> Bool {
        guard sub.count <= whole.count else { return false }
        let elements = context.space.elements(sub)
        try context.spend(elements.count)
        for index in 0..<elements.count where !context.space.contains(whole, elements[index]) { return false }
        return true
    }

    /// Whether an array holds all elements of a set. As in OPA, the empty array holds not even the empty set's.
    private static func contains(_ array: Value, _ sub: Value, _ context: BuiltinContext) throws(Fault) -> Bool {
        guard array.count > 0, sub.count <= array.count else { return false }
        let elements = context.space.elements(array)
        try context.spend(elements.count)
        var list = ValueList()
        try list.reserve(elements.count, in: context.space)
        for index in 0..<elements.count { try list.append(elements[index], in: context.space) }
        return try sets(try context.space.set(list), sub, context)
    }

    /// Whether the elements of `sub` occur in `whole` one after another: the search of Knuth, Morris and Pratt,
    /// which compares each element at most twice.
    private static func arrays(
        _ whole: Elements, _ sub: Elements, _ context: BuiltinContext
    ) throws(Fault) -> Bool {
        guard sub.count > 0 else { return true }
        guard sub.count <= whole.count else { return false }
        let space = context.space
        try context.spend((whole.count &+ sub.count) &* 2)
        // borders[n]: length of the longest proper prefix of the first n + 1 elements that is their suffix too.
        var borders = [Int](repeating: 0, count: sub.count)
        var matched = 0
        for index in 1..<max(1, sub.count) {
            while matched > 0, !space.equal(sub[index], sub[matched]) { matched = borders[matched &- 1] }
            if space.equal(sub[index], sub[matched]) { matched &+= 1 }
            borders[index] = matched
        }
        matched = 0
        for index in 0..<whole.count {
            while matched > 0, !space.equal(whole[index], sub[matched]) { matched = borders[matched &- 1] }
            if space.equal(whole[index], sub[matched]) { matched &+= 1 }
            if matched == sub.count { return true }
        }
        return false
    }
}
