import WritValue

/// `object.*`: looking into objects and making objects of objects.
enum Objects {
    static let builtins: [Builtin] = [
        Builtin(
            "object.get",
            [
                Parameter("object", .anyObject, "the object looked into"),
                Parameter("key", .any, "a key, or an array of keys that is followed as a path"),
                Parameter("default", .any, "what stands for a missing value"),
            ], Parameter("value", .any),
            .pure { (context, arguments) throws(Fault) in
                let object = try arguments.object(0, context)
                let found =
                    arguments[1].isArray
                    ? try follow(object, arguments[1], context) : context.space.member(object, arguments[1])
                return found.isUndefined ? arguments[2] : found
            },
            """
            The value of `object` under `key`, or `default` when there is none. A `key` that is an array is a \
            path through objects, arrays (by position) and sets (by member); the empty path gives the object. A \
            first operand that is no object is an error.
            """),
        Builtin(
            "object.keys", [Parameter("object", .anyObject)], Parameter("value", .anySet),
            .pure { (context, arguments) throws(Fault) in
                let keys = context.space.entries(try arguments.object(0, context)).keys
                try context.spend(keys.count)
                var list = ValueList()
                try list.reserve(keys.count, in: context.space)
                for index in 0..<keys.count { try list.append(keys[index], in: context.space) }
                return context.space.set(adoptingUnique: list)
            }, "The set of the keys of `object`. An operand that is no object is an error."),
        Builtin(
            "object.remove", selection, Parameter("output", .anyObject),
            .pure { (context, arguments) throws(Fault) in try select(context, arguments, keeping: false) },
            """
            `object` without the entries whose keys are listed: the elements of an array or a set, or the keys of \
            an object. Other types are errors.
            """),
        Builtin(
            "object.filter", selection, Parameter("filtered", .anyObject),
            .pure { (context, arguments) throws(Fault) in try select(context, arguments, keeping: true) },
            """
            The entries of `object` whose keys are listed: the elements of an array or a set, or the keys of an \
            object. Other types are errors.
            """),
        Builtin(
            "object.union", [Parameter("a", .anyObject), Parameter("b", .anyObject)], Parameter("output", .anyObject),
            .pure { (context, arguments) throws(Fault) in
                let left = try arguments.object(0, context)
                let right = try arguments.object(1, context)
                if left.count == 0 { return right }
                if right.count == 0 { return left }
                return try merged(left, right, depth: 0, context)
            },
            """
            The entries of both objects. Where both have a key, two objects are merged likewise, and of anything \
            else the value of `b` stands. An operand that is no object is an error.
            """),
        Builtin(
            "object.union_n", [Parameter("objects", .array(.anyObject))], Parameter("output", .anyObject),
            .pure { (context, arguments) throws(Fault) in
                let objects = context.space.elements(try arguments.array(0, context))
                var list: [Value] = []
                list.reserveCapacity(objects.count)
                for index in 0..<objects.count {
                    guard objects[index].isObject else {
                        throw context.elementError(1, of: arguments[0], "objects", got: objects[index])
                    }
                    list.append(objects[index])
                }
                return try union(of: list, depth: 0, context)
            },
            """
            The union of all objects in an array, from left to right: later values win, objects under the same key \
            are merged. The empty array gives the empty object; an element that is no object is an error.
            """),
        Builtin(
            "object.subset", [Parameter("super", compared), Parameter("sub", compared)], Parameter("result", .boolean),
            .pure { (context, arguments) throws(Fault) in
                guard let result = try Subset.holds(arguments[0], arguments[1], depth: 0, context) else {
                    throw context.typeError(
                        "both arguments object.subset must be of the same type or array and set")
                }
                return .boolean(result)
            },
            """
            Whether `sub` is part of `super`. An object is when its keys are there with equal values, or with \
            objects, sets and arrays that are subsets in turn; a set when all its elements are there; an array \
            when its elements occur in the same order without gaps. A set may also be compared with an array that \
            holds its elements. Other pairs of types are errors.
            """),
    ]

    private static let selection = [
        Parameter("object", .anyObject), Parameter("keys", .union([.anyArray, .anyObject, .anySet])),
    ]
    private static let compared = TypeSpec.union([.anyArray, .anyObject, .anySet])

    private static func follow(
        _ document: Value, _ path: Value, _ context: BuiltinContext
    ) throws(Fault) -> Value {
        let space = context.space
        let keys = space.elements(path)
        try context.spend(keys.count)
        var value = document
        for index in 0..<keys.count {
            switch value.kind {
            case .object: value = space.member(value, keys[index])
            case .set: value = space.member(ofSet: value, keys[index])
            case .array:
                guard let position = context.integerBySpelling(keys[index]), position >= 0,
                    position < Int64(value.count)
                else {
                    return .undefined
                }
                value = space.element(value, Int(truncatingIfNeeded: position))
            default: return .undefined
            }
        }
        return value
    }

    private static func select(
        _ context: BuiltinContext, _ arguments: Arguments, keeping: Bool
    ) throws(Fault) -> Value {
        let space = context.space
        let object = try arguments.object(0, context)
        let listed = arguments[1]
        guard listed.isCollection else {
            throw context.typeError(2, "one of {object, set, array}", got: listed)
        }
        let entries = space.entries(object)
        var chosen = listed
        if listed.isArray {
            let keys = space.elements(listed)
            try context.spend(keys.count)
            var list = ValueList()
            for index in 0..<keys.count { try list.append(keys[index], in: space) }
            chosen = try space.set(list)
        }
        try context.spend(entries.count)
        var list = ValueList()
        for index in 0..<entries.count {
            let key = entries.keys[index]
            let isChosen = chosen.isSet ? space.contains(chosen, key) : space.member(chosen, key).isDefined
            guard isChosen == keeping else { continue }
            // As in OPA, keys are the object's unless more are asked for than it has.
            let isRespelled = keeping && key.isNumber && chosen.count > object.count
            try list.append(isRespelled ? spelling(of: key, in: chosen, space) : key, in: space)
            try list.append(entries.values[index], in: space)
        }
        let isWhole = list.count == entries.count &* 2 && (!keeping || chosen.count <= object.count)
        return isWhole ? object : try space.object(pairs: list)
    }

    /// The element of a set, or the key of an object, that equals `key`.
    private static func spelling(of key: Value, in collection: Value, _ space: Space) -> Value {
        if collection.isSet { return space.member(ofSet: collection, key) }
        let position = space.position(inShape: space.shape(collection), of: key)
        return position < 0 ? key : space.entries(collection).keys[position]
    }

    /// Both objects' entries, merged in their order of keys.
    private static func merged(
        _ left: Value, _ right: Value, depth: Int, _ context: BuiltinContext
    ) throws(Fault) -> Value {
        guard depth < Space.depthLimit else { throw Fault(.depthLimit) }
        let space = context.space
        let one = space.entries(left)
        let two = space.entries(right)
        try context.spend(one.count &+ two.count)
        var list = ValueList()
        try list.reserve((one.count &+ two.count) &* 2, in: space)
        var i = 0
        var j = 0
        while i < one.count || j < two.count {
            let order =
                i == one.count ? 1 : j == two.count ? -1 : space.compare(one.keys[i], two.keys[j])
            var value = order < 0 ? one.values[i] : two.values[j]
            if order == 0, value.isObject, one.values[i].isObject {
                value = try merged(one.values[i], value, depth: depth &+ 1, context)
            }
            try list.append(order <= 0 ? one.keys[i] : two.keys[j], in: space)
            try list.append(value, in: space)
            if order <= 0 { i &+= 1 }
            if order >= 0 { j &+= 1 }
        }
        return try space.object(pairs: list)
    }

    private struct Entry {
        var key: Value
        var value: Value
        var source: Int
    }

    /// The union of many objects at once: sorting all entries by key costs n log n, where merging one object
    /// after the other could cost n².
    private static func union(
        of objects: [Value], depth: Int, _ context: BuiltinContext
    ) throws(Fault) -> Value {
        guard depth < Space.depthLimit else { throw Fault(.depthLimit) }
        if objects.count < 2 { return objects.first ?? .emptyObject }
        let space = context.space
        var entries: [Entry] = []
        for source in 0..<objects.count {
            let own = space.entries(objects[source])
            try context.spend(own.count)
            for index in 0..<own.count {
                entries.append(Entry(key: own.keys[index], value: own.values[index], source: source))
            }
        }
        entries.sort { one, two in
            let order = space.compare(one.key, two.key)
            return order == 0 ? one.source < two.source : order < 0
        }
        try space.check()
        var list = ValueList()
        var start = 0
        while start < entries.count {
            var end = start &+ 1
            while end < entries.count, space.equal(entries[start].key, entries[end].key) { end &+= 1 }
            // What comes before a value that is no object is overwritten by it.
            var first = end &- 1
            while first > start, entries[first].value.isObject, entries[first &- 1].value.isObject { first &-= 1 }
            var value = entries[end &- 1].value
            if first < end &- 1 {
                var objects: [Value] = []
                objects.reserveCapacity(end &- first)
                for index in first..<end { objects.append(entries[index].value) }
                value = try union(of: objects, depth: depth &+ 1, context)
            }
            try list.append(entries[end &- 1].key, in: space)
            try list.append(value, in: space)
            start = end
        }
        return try space.object(pairs: list)
    }
}
