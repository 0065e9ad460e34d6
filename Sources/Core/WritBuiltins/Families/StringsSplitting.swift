import WritValue

extension Strings {
    static let splitting: [Builtin] = [
        Builtin(
            "concat",
            [
                Parameter("delimiter", .string),
                Parameter("collection", .union([.array(.string), .set(.string)])),
            ], Parameter("output", .string), .pure(concat),
            """
            The strings of an array, or of a set in sorted order, one after another with `delimiter` between them. \
            Elements of another type are a type error.
            """),
        Builtin(
            "split", [Parameter("x", .string), Parameter("delimiter", .string)], Parameter("ys", .array(.string)),
            .pure(split),
            "The parts of `x` between occurrences of `delimiter`; its characters when `delimiter` is empty."),
        Builtin(
            "strings.split_n", [Parameter("x", .string), Parameter("delimiter", .string), Parameter("n", .number)],
            Parameter("ys", .array(.string)), .pure(splitN),
            """
            The first `n` parts of `x` between occurrences of `delimiter`, or the last `-n` when `n` is negative; \
            what lies beyond them is dropped.
            """),
    ]

    private static func concat(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let delimiter = arguments[0]
        guard delimiter.isString else { throw context.typeError(1, "string", got: delimiter) }
        let collection = arguments[1]
        guard collection.isArray || collection.isSet else {
            throw context.typeError(2, "one of {set, array}", got: collection)
        }
        let elements = context.space.elements(collection)
        if elements.count == 1, elements[0].isString { return elements[0] }
        try context.spend(elements.count)
        let buffer = context.begin()
        for index in 0..<elements.count {
            let element = elements[index]
            guard element.isString else {
                throw context.elementError(2, of: collection, "strings", got: element)
            }
            if index > 0 { try buffer.append(delimiter, in: context.space) }
            try buffer.append(element, in: context.space)
        }
        try context.spend(buffer.count &>> 4)
        return try context.written()
    }

    private static func split(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        try split(context, arguments[0], try context.text(arguments, 0), try context.text(arguments, 1), limit: .max)
    }

    private static func splitN(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let text = try context.text(arguments, 0)
        let delimiter = try context.text(arguments, 1)
        let wanted = try context.integer(arguments, 2)
        if wanted == 0 { return .emptyArray }
        if wanted > 0 { return try split(context, arguments[0], text, delimiter, limit: wanted) }
        let all = try split(context, arguments[0], text, delimiter, limit: .max)
        let count = all.isArray ? all.count : 0
        guard count > 0, wanted > 0 &- count else { return all }
        return try context.space.array(slicing: all, from: count &+ wanted, to: count)
    }

    /// The first `limit` parts of a text.
    private static func split(
        _ context: BuiltinContext, _ whole: Value, _ text: Bytes, _ delimiter: Bytes, limit: Int
    ) throws(Fault) -> Value {
        let space = context.space
        var list = ValueList()
        var start = 0
        if delimiter.count == 0 {
            try context.spend(min(text.count, limit))
            while start < text.count, list.count < limit {
                let length = Scalars.length(text, at: start)
                try list.append(try space.string(text.part(start, start &+ length)), in: space)
                start &+= length
            }
            return try space.array(list)
        }
        try context.spend(text.count &>> 4)
        while list.count < limit {
            let position = ByteSearch.find(delimiter, in: text, from: start)
            let end = position < 0 ? text.count : position
            try context.spend(1)
            try list.append(try context.slice(text, start, end, of: whole), in: space)
            if position < 0 { break }
            start = position &+ delimiter.count
        }
        return try space.array(list)
    }
}
