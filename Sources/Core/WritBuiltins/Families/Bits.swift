import WritValue

/// `bits.*`: integers of any size as infinite strings of bits in two's complement.
enum Bits {
    static let builtins: [Builtin] = [
        binary(
            "bits.and", "The bits set in both `x` and `y`. An operand that is no integer is an error.",
            small: { $0 & $1 }, large: { $0.and($1) }),
        binary(
            "bits.or", "The bits set in `x` or `y`. An operand that is no integer is an error.",
            small: { $0 | $1 }, large: { $0.or($1) }),
        binary(
            "bits.xor", "The bits set in exactly one of `x` and `y`. An operand that is no integer is an error.",
            small: { $0 ^ $1 }, large: { $0.xor($1) }),
        Builtin(
            "bits.negate", [Parameter("x", .number)], Parameter("z", .number),
            .pure { (context, arguments) throws(Fault) in
                let x = try Integer(arguments, 0, context)
                if let small = x.small { return .integer(~small) }
                return try context.number { (_) throws(NumberError) in x.big.complement.decimalText }
            }, "`x` with every bit flipped: -x - 1. An operand that is no integer is an error."),
        Builtin(
            "bits.lsh", shifted, Parameter("z", .number),
            .pure { (context, arguments) throws(Fault) in
                let x = try Integer(arguments, 0, context)
                let s = try distance(arguments, context)
                if let value = x.small, let count = s.small, count < 63, (value << count) >> count == value {
                    return .integer(value << count)
                }
                return try context.number { (_) throws(NumberError) in
                    try x.big.shiftedLeft(by: s.big).decimalText
                }
            },
            """
            `x` shifted left by `s` bits: x * 2^s. A negative `s` is an error, as is an operand that is no integer; a \
            result of more than a million bits exceeds the limit on size.
            """),
        Builtin(
            "bits.rsh", shifted, Parameter("z", .number),
            .pure { (context, arguments) throws(Fault) in
                let x = try Integer(arguments, 0, context)
                let s = try distance(arguments, context)
                if let value = x.small { return .integer(value >> min(63, s.small ?? 63)) }
                return try context.number { (_) throws(NumberError) in
                    try x.big.shiftedRight(by: s.big).decimalText
                }
            },
            """
            `x` shifted right by `s` bits, the sign kept: x / 2^s, rounded down. A negative `s` is an error, as is an \
            operand that is no integer.
            """),
    ]

    private static let shifted = [Parameter("x", .number), Parameter("s", .number, "how many bits, 0 or more")]

    private static func distance(_ arguments: Arguments, _ context: BuiltinContext) throws(Fault) -> Integer {
        let count = try Integer(arguments, 1, context)
        guard count.signum >= 0 else {
            throw context.typeError("operand 2 must be an unsigned integer number but got a negative integer")
        }
        if count.small != nil { return count }
        // OPA takes the low 64 bits of a larger number.
        return Integer(count.big.and(BigInteger(UInt64.max)))
    }

    private static func binary(
        _ name: StaticString, _ documentation: StaticString, small: @escaping @Sendable (Int64, Int64) -> Int64,
        large: @escaping @Sendable (BigInteger, BigInteger) -> BigInteger
    ) -> Builtin {
        Builtin(
            name, [Parameter("x", .number), Parameter("y", .number)], Parameter("z", .number),
            .pure { (context, arguments) throws(Fault) in
                let x = try Integer(arguments, 0, context)
                let y = try Integer(arguments, 1, context)
                if let left = x.small, let right = y.small { return .integer(small(left, right)) }
                return try context.number { (_) throws(NumberError) in large(x.big, y.big).decimalText }
            }, documentation)
    }
}
