import WritValue

/// `array.*`: builtins that make arrays of arrays.
enum Arrays {
    static let builtins: [Builtin] = [
        Builtin(
            "array.concat", [Parameter("x", .anyArray), Parameter("y", .anyArray)], Parameter("z", .anyArray),
            .pure { (context, arguments) throws(Fault) in
                let left = try arguments.array(0, context)
                let right = try arguments.array(1, context)
                if left.count == 0 { return right }
                if right.count == 0 { return left }
                var list = ValueList()
                try list.reserve(left.count &+ right.count, in: context.space)
                try append(left, to: &list, context)
                try append(right, to: &list, context)
                return context.space.array(adopting: list)
            }, "The elements of `x` followed by those of `y`. An operand that is no array is an error."),
        Builtin(
            "array.slice",
            [
                Parameter("arr", .anyArray, "the array"),
                Parameter("start", .number, "position of the first element taken, from 0"),
                Parameter("stop", .number, "position after the last element taken"),
            ], Parameter("slice", .anyArray),
            .pure { (context, arguments) throws(Fault) in try slice(context, arguments) },
            """
            The elements of `arr` from position `start` up to, but not including, `stop`. Both are first brought \
            into the array's bounds; the result is empty when `start` is not before `stop`. A position that is no \
            integer is an error.
            """),
        Builtin(
            "array.reverse", [Parameter("arr", .anyArray)], Parameter("rev", .anyArray),
            .pure { (context, arguments) throws(Fault) in
                let array = try arguments.array(0, context)
                let elements = context.space.elements(array)
                guard elements.count > 1 else { return array }
                try context.spend(elements.count)
                var list = ValueList()
                try list.reserve(elements.count, in: context.space)
                var index = elements.count &- 1
                while index >= 0 {
                    try list.append(elements[index], in: context.space)
                    index &-= 1
                }
                return context.space.array(adopting: list)
            }, "The elements of `arr` in opposite order. An operand that is no array is an error."),
        Builtin(
            "array.flatten", [Parameter("arr", .anyArray)], Parameter("flattened", .anyArray),
            .pure { (context, arguments) throws(Fault) in
                let elements = context.space.elements(try arguments.array(0, context))
                try context.spend(elements.count)
                var list = ValueList()
                for index in 0..<elements.count {
                    let element = elements[index]
                    if element.isArray {
                        try append(element, to: &list, context)
                    } else {
                        try list.append(element, in: context.space)
                    }
                }
                return context.space.array(adopting: list)
            },
            """
            `arr` with each element that is an array replaced by that array's elements. One level only: arrays \
            inside those stay. An operand that is no array is an error.
            """),
    ]

    private static func append(
        _ array: Value, to list: inout ValueList, _ context: BuiltinContext
    ) throws(Fault) {
        let elements = context.space.elements(array)
        try context.spend(elements.count)
        for index in 0..<elements.count { try list.append(elements[index], in: context.space) }
    }

    private static func slice(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let array = try arguments.array(0, context)
        let start = try context.integer(arguments, 1)
        let stop = try context.integer(arguments, 2)
        let from = max(0, start)
        let to = min(array.count, stop)
        guard from < to else { return .emptyArray }
        if from == 0, to == array.count { return array }
        try context.spend(to &- from)
        return try context.space.array(slicing: array, from: from, to: to)
    }
}
