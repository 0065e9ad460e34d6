import WritValue

/// Builtins that make one value of a collection: `count`, `sum`, `product`, `max`, `min`, `sort`, `all`, `any`.
enum Aggregates {
    static let builtins: [Builtin] = [
        Builtin(
            "count", [Parameter("collection", .union([.string, .anyArray, .anyObject, .anySet]))],
            Parameter("n", .number),
            .pure { (context, arguments) throws(Fault) in
                let value = arguments[0]
                if value.isCollection { return .integer(value.count) }
                guard value.isString else {
                    throw context.typeError(1, "one of {array, object, set, string}", got: value)
                }
                return .integer(context.space.withBytes(value) { Scalars.count($0) })
            },
            """
            The number of elements of an array or a set, of entries of an object, of characters (Unicode code \
            points) of a string. Anything else is an error.
            """),
        Builtin(
            "sum", numbers, Parameter("n", .number),
            .pure { (context, arguments) throws(Fault) in try ExactNumbers.sum(arguments, context) },
            "The sum of the numbers in an array or a set; 0 when it is empty. An element that is no number is an error."
        ),
        Builtin(
            "product", numbers, Parameter("n", .number),
            .pure { (context, arguments) throws(Fault) in try ExactNumbers.product(arguments, context) },
            """
            The product of the numbers in an array or a set; 1 when it is empty. An element that is no number is \
            an error.
            """),
        Builtin(
            "max", collection, Parameter("n", .any),
            .pure { (context, arguments) throws(Fault) in try extreme(context, arguments, sign: 1) },
            """
            The greatest element of an array or a set in Rego's order of all values. Undefined when there is \
            none; anything else than an array or a set is an error.
            """),
        Builtin(
            "min", collection, Parameter("n", .any),
            .pure { (context, arguments) throws(Fault) in try extreme(context, arguments, sign: -1) },
            """
            The least element of an array or a set in Rego's order of all values. Undefined when there is none; \
            anything else than an array or a set is an error.
            """),
        Builtin(
            "sort", collection, Parameter("n", .anyArray),
            .pure { (context, arguments) throws(Fault) in try sort(context, arguments) },
            """
            The elements of an array or a set as an array in Rego's order of all values. Equal elements of an \
            array all stay. Anything else than an array or a set is an error.
            """),
        Builtin(
            "all", [Parameter("", .union([.anyArray, .anySet]))], Parameter("", .boolean), deprecated: true,
            .pure { (context, arguments) throws(Fault) in
                let elements = try arguments.elements(0, context, expected: "one of {array, set}")
                try context.spend(elements.count)
                for index in 0..<elements.count where !elements[index].isTrue { return .false }
                return .true
            }, "Whether every element of an array or a set is true. Deprecated: write `every`."),
        Builtin(
            "any", [Parameter("", .union([.anyArray, .anySet]))], Parameter("", .boolean), deprecated: true,
            .pure { (context, arguments) throws(Fault) in
                let elements = try arguments.elements(0, context, expected: "one of {array, set}")
                try context.spend(elements.count)
                for index in 0..<elements.count where elements[index].isTrue { return .true }
                return .false
            }, "Whether an element of an array or a set is true. Deprecated: write `true in x`."),
    ]

    private static let numbers = [Parameter("collection", .union([.array(.number), .set(.number)]))]
    private static let collection = [Parameter("collection", .union([.anyArray, .anySet]))]

    private static func extreme(
        _ context: BuiltinContext, _ arguments: Arguments, sign: Int
    ) throws(Fault) -> Value {
        let elements = try arguments.elements(0, context)
        guard elements.count > 0 else { return .undefined }
        if arguments[0].isSet { return elements[sign > 0 ? elements.count &- 1 : 0] }
        try context.spend(elements.count)
        var best = elements[0]
        // Of equal numbers in different spellings the last one stands.
        for index in 1..<max(1, elements.count)
        where context.space.compare(elements[index], best) &* sign >= 0 {
            best = elements[index]
        }
        try context.space.check()
        return best
    }

    private static func sort(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let elements = try arguments.elements(0, context)
        guard elements.count > 0 else { return .emptyArray }
        let space = context.space
        try context.spend(elements.count)
        var isSorted = true
        if arguments[0].isArray {
            for index in 1..<max(1, elements.count) where space.compare(elements[index &- 1], elements[index]) > 0 {
                isSorted = false
                break
            }
            if isSorted { return arguments[0] }
        }
        var list = ValueList()
        try list.reserve(elements.count, in: space)
        for index in 0..<elements.count { try list.append(elements[index], in: space) }
        if !isSorted {
            try context.spend(elements.count &* (Int.bitWidth &- elements.count.leadingZeroBitCount))
            // Adopting as a set sorts the list where it lies; nothing is dropped, so equal elements all stay.
            _ = space.set(adoptingUnique: list)
            try space.check()
        }
        return space.array(adopting: list)
    }
}
