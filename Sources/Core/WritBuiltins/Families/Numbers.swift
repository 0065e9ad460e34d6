import WritValue

/// `numbers.range`, `numbers.range_step` and `rand.intn`.
enum Numbers {
    static let builtins: [Builtin] = [
        Builtin(
            "numbers.range", [Parameter("a", .number), Parameter("b", .number)],
            Parameter("range", .array(.number)),
            .pure { (context, arguments) throws(Fault) in
                let start = try Integer(arguments, 0, context)
                let stop = try Integer(arguments, 1, context)
                return try range(start, stop, step: Integer(small: 1), context)
            },
            """
            The integers from `a` to `b`, both included, ascending or descending. An operand that is no integer is \
            an error.
            """),
        Builtin(
            "numbers.range_step",
            [Parameter("a", .number), Parameter("b", .number), Parameter("step", .number, "the distance, above 0")],
            Parameter("range", .array(.number)),
            .pure { (context, arguments) throws(Fault) in
                let start = try Integer(arguments, 0, context)
                let stop = try Integer(arguments, 1, context)
                let step = try Integer(arguments, 2, context)
                guard step.signum > 0 else {
                    throw context.error("numbers.range_step: step must be a positive integer")
                }
                return try range(start, stop, step: step, context)
            },
            """
            Every `step`-th integer from `a` towards `b`, `b` included where it is met, ascending or descending. A \
            step below 1 is an error, as is an operand that is no integer.
            """),
        Builtin(
            "rand.intn",
            [
                Parameter("str", .string, "names the random number: the same string gives the same one in a query"),
                Parameter("n", .number, "the bound"),
            ], Parameter("y", .number), deterministic: false, .host(.random),
            """
            A random integer from 0 up to, but not including, the magnitude of `n`; 0 when `n` is 0. Equal operands \
            give the same number throughout one query. An `n` that is no integer is an error.
            """),
    ]

    private static func range(
        _ start: Integer, _ stop: Integer, step: Integer, _ context: BuiltinContext
    ) throws(Fault) -> Value {
        guard let first = start.small, let last = stop.small, let stride = step.small else {
            return try largeRange(start, stop, step: step, context)
        }
        let space = context.space
        let distance = last >= first ? last.magnitude(from: first) : first.magnitude(from: last)
        let count = distance / UInt64(stride)
        guard count < UInt64(Int32.max) else { throw Fault(.sizeLimit) }
        try context.spend(Int(truncatingIfNeeded: count))
        var list = ValueList()
        try list.reserve(Int(truncatingIfNeeded: count) &+ 1, in: space)
        var value = first
        for _ in 0...count {
            try list.append(.integer(value), in: space)
            value = last >= first ? value &+ stride : value &- stride
        }
        return space.array(adopting: list)
    }

    private static func largeRange(
        _ start: Integer, _ stop: Integer, step: Integer, _ context: BuiltinContext
    ) throws(Fault) -> Value {
        var list = ValueList()
        let last = stop.big
        let ascending = start.big.compare(last) <= 0
        let stride = ascending ? step.big : step.big.negated
        var value = start.big
        while ascending ? value.compare(last) <= 0 : value.compare(last) >= 0 {
            let text = value.decimalText
            try context.spend(1 &+ text.count)
            try list.append(try context.space.number(text), in: context.space)
            do throws(NumberError) { value = try value.adding(stride) } catch { throw context.fault(error) }
        }
        return context.space.array(adopting: list)
    }
}

extension Int64 {
    /// The distance to a number that is not greater.
    fileprivate func magnitude(from other: Int64) -> UInt64 { UInt64(bitPattern: self) &- UInt64(bitPattern: other) }
}

/// An operand of any number of digits that must be an integer, in whatever spelling.
struct Integer {
    /// The value where it fits 64 bits.
    let small: Int64?
    private let large: BigInteger?

    init(small: Int64) {
        self.small = small
        large = nil
    }

    init(_ integer: BigInteger) {
        small = integer.int64
        large = small == nil ? integer : nil
    }

    /// Throws an error of type for the operand at `index` (from 0).
    init(_ arguments: Arguments, _ index: Int, _ context: BuiltinContext) throws(Fault) {
        let value = arguments[index]
        guard value.isNumber else { throw context.typeError(index + 1, "integer", got: value) }
        small = context.space.int64(value)
        if small != nil {
            large = nil
            return
        }
        try context.spend(context.space.byteCount(value) &>> 4)
        let parsed: Result<BigInteger?, NumberError> = context.space.withNumberText(value) { bytes in
            do throws(NumberError) { return .success(try NumberText.integer(bytes)) } catch { return .failure(error) }
        }
        switch parsed {
        case .failure(let error): throw context.fault(error)
        case .success(.some(let integer)): large = integer
        case .success(.none): throw context.notInteger(index + 1)
        }
    }

    var big: BigInteger { large ?? BigInteger(small ?? 0) }
    var signum: Int { small.map { Int($0.signum()) } ?? (large ?? .zero).signum }
}
