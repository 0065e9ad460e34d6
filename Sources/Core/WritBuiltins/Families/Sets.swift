import WritValue

/// Operations on sets: `&`, `|`, `intersection`, `union`, and the difference that `-` shares with numbers.
enum Sets {
    static let builtins: [Builtin] = [
        Builtin(
            "and", pair, Parameter("z", .anySet), infix: "&",
            .pure { (context, arguments) throws(Fault) in
                let left = try arguments.set(0, context)
                return try intersection(left, arguments.set(1, context), context)
            },
            """
            The elements that both `x` and `y` hold. Of equal numbers in different spellings that of the smaller \
            set stays. An operand that is no set is an error.
            """),
        Builtin(
            "or", pair, Parameter("z", .anySet), infix: "|",
            .pure { (context, arguments) throws(Fault) in
                let left = try arguments.set(0, context)
                return try union(left, arguments.set(1, context), context)
            },
            """
            The elements that `x` or `y` holds. Of equal numbers in different spellings that of `x` stays. An \
            operand that is no set is an error.
            """),
        Builtin(
            "intersection", [Parameter("xs", .set(.anySet))], Parameter("y", .anySet),
            .pure { (context, arguments) throws(Fault) in try intersection(of: members(arguments, context), context) },
            """
            The elements that every set in `xs` holds; the empty set when `xs` is empty. An element of `xs` that \
            is no set is an error.
            """),
        Builtin(
            "union", [Parameter("xs", .set(.anySet))], Parameter("y", .anySet),
            .pure { (context, arguments) throws(Fault) in try union(of: members(arguments, context), context) },
            """
            The elements of all sets in `xs`; the empty set when `xs` is empty. An element of `xs` that is no set \
            is an error.
            """),
        Builtin(
            "set_diff", [Parameter("", .anySet), Parameter("", .anySet)], Parameter("", .anySet), deprecated: true,
            .pure { (context, arguments) throws(Fault) in
                let left = try arguments.set(0, context)
                return try difference(left, arguments.set(1, context), context)
            }, "The elements of the first set that the second does not hold. Deprecated: write `x - y`."),
    ]

    private static let pair = [Parameter("x", .anySet), Parameter("y", .anySet)]

    private static func members(_ arguments: Arguments, _ context: BuiltinContext) throws(Fault) -> Elements {
        let outer = try arguments.set(0, context)
        let members = context.space.elements(outer)
        for index in 0..<members.count where !members[index].isSet {
            throw context.typeError(1, "set", got: members[index])
        }
        return members
    }

    static func union(_ x: Value, _ y: Value, _ context: BuiltinContext) throws(Fault) -> Value {
        if x.count == 0 { return y }
        if y.count == 0 { return x }
        let space = context.space
        let left = space.elements(x)
        let right = space.elements(y)
        try context.spend(left.count &+ right.count)
        var list = ValueList()
        try list.reserve(left.count &+ right.count, in: space)
        var i = 0
        var j = 0
        while i < left.count, j < right.count {
            let order = space.compare(left[i], right[j])
            try list.append(order <= 0 ? left[i] : right[j], in: space)
            if order <= 0 { i &+= 1 }
            if order >= 0 { j &+= 1 }
        }
        while i < left.count {
            try list.append(left[i], in: space)
            i &+= 1
        }
        while j < right.count {
            try list.append(right[j], in: space)
            j &+= 1
        }
        return space.set(adoptingUnique: list)
    }

    static func intersection(_ x: Value, _ y: Value, _ context: BuiltinContext) throws(Fault) -> Value {
        // The spelling of equal numbers is the smaller set's, the first one's when both have the same size.
        let (small, large) = y.count < x.count ? (y, x) : (x, y)
        if small.count == 0 { return .emptySet }
        return try filtered(small, against: large, keepingMembers: true, context)
    }

    static func difference(_ x: Value, _ y: Value, _ context: BuiltinContext) throws(Fault) -> Value {
        if x.count == 0 || y.count == 0 { return x }
        return try filtered(x, against: y, keepingMembers: false, context)
    }

    /// The elements of `set` that `other` holds, or does not hold.
    private static func filtered(
        _ set: Value, against other: Value, keepingMembers: Bool, _ context: BuiltinContext
    ) throws(Fault) -> Value {
        let space = context.space
        let elements = space.elements(set)
        try context.spend(elements.count)
        var list = ValueList()
        if other.count > 8 &* elements.count {
            for index in 0..<elements.count where space.contains(other, elements[index]) == keepingMembers {
                try list.append(elements[index], in: space)
            }
        } else {
            // Sets of like sizes: both in order, once.
            let others = space.elements(other)
            try context.spend(others.count)
            var next = 0
            for index in 0..<elements.count {
                let element = elements[index]
                var order = 1
                while next < others.count {
                    order = space.compare(others[next], element)
                    if order >= 0 { break }
                    next &+= 1
                }
                if (next < others.count && order == 0) == keepingMembers { try list.append(element, in: space) }
            }
        }
        return list.count == elements.count ? set : space.set(adoptingUnique: list)
    }

    private static func intersection(of members: Elements, _ context: BuiltinContext) throws(Fault) -> Value {
        guard members.count > 0 else { return .emptySet }
        var result = members[0]
        for index in 1..<max(1, members.count) where result.count > 0 {
            result = try intersection(result, members[index], context)
        }
        return result
    }

    private static func union(of members: Elements, _ context: BuiltinContext) throws(Fault) -> Value {
        if members.count == 2 { return try union(members[0], members[1], context) }
        let space = context.space
        var list = ValueList()
        for index in 0..<members.count {
            let elements = space.elements(members[index])
            try context.spend(elements.count)
            for position in 0..<elements.count { try list.append(elements[position], in: space) }
        }
        return try space.set(list)
    }
}
