import WritValue

/// `+`, `-`, `*`, `/`, `%`, `abs`, `round`, `ceil`, `floor`: exact on integers of any size, rounded to 64 bits of
/// mantissa otherwise.
///
/// Integers of 64 bits are done in place, most short decimals by `DecimalArithmetic`, everything else by
/// `NumberArithmetic`.
enum Arithmetic {
    static let builtins: [Builtin] = [
        Builtin(
            "plus", numbers, Parameter("z", .number), infix: "+",
            .pure { (context, arguments) throws(Fault) in
                let (x, y) = (arguments[0], arguments[1])
                if x.isInteger, y.isInteger {
                    let (sum, overflow) = x.integerValue.addingReportingOverflow(y.integerValue)
                    if !overflow { return .integer(sum) }
                }
                return try slowly(.plus, context, arguments)
            },
            """
            The sum of two numbers. Exact when both are integers, whatever their size; otherwise both and the result \
            are rounded to 64 binary digits. An operand that is no number is an error.
            """),
        Builtin(
            "minus", [Parameter("x", .union([.number, .anySet])), Parameter("y", .union([.number, .anySet]))],
            Parameter("z", .union([.number, .anySet])), infix: "-",
            .pure { (context, arguments) throws(Fault) in try minus(context, arguments) },
            """
            The difference of two numbers, exact when both are integers; or the elements of the set `x` that the set \
            `y` does not hold. Operands of other or of different types are errors.
            """),
        Builtin(
            "mul", numbers, Parameter("z", .number), infix: "*",
            .pure { (context, arguments) throws(Fault) in
                let (x, y) = (arguments[0], arguments[1])
                if x.isInteger, y.isInteger {
                    let (product, overflow) = x.integerValue.multipliedReportingOverflow(by: y.integerValue)
                    if !overflow { return .integer(product) }
                }
                return try slowly(.multiply, context, arguments)
            },
            """
            The product of two numbers. Exact when both are integers, whatever their size; otherwise rounded to 64 \
            binary digits. An operand that is no number is an error.
            """),
        Builtin(
            "div", [Parameter("x", .number, "the dividend"), Parameter("y", .number, "the divisor")],
            Parameter("z", .number), infix: "/",
            .pure { (context, arguments) throws(Fault) in
                let (x, y) = (arguments[0], arguments[1])
                // 0 / -5 is -0 and -2^63 / -1 has 64 bits: not here.
                if x.isInteger, y.isInteger, y.integerValue > 0, x.integerValue % y.integerValue == 0 {
                    return .integer(x.integerValue / y.integerValue)
                }
                return try slowly(.divide, context, arguments)
            },
            """
            The quotient of two numbers, rounded to 64 binary digits, so that 1 / 3 is 0.33333333333333333334. A \
            divisor of 0 is an error, as is an operand that is no number.
            """),
        Builtin(
            "rem", numbers, Parameter("z", .number), infix: "%",
            .pure { (context, arguments) throws(Fault) in
                let (x, y) = (arguments[0], arguments[1])
                if x.isInteger, y.isInteger, y.integerValue > 0 { return .integer(x.integerValue % y.integerValue) }
                return try slowly(.remainder, context, arguments)
            },
            """
            What is left of `x` after division by `y`, with the sign of `x`. Both must be integers; a fraction and a \
            divisor of 0 are errors.
            """),
        rounding(
            "abs", .abs, Parameter("y", .number),
            "`x` without its sign. An operand that is no number is an error."),
        rounding(
            "round", .round, Parameter("y", .number),
            "The integer nearest to `x`, halves away from zero. An operand that is no number is an error."),
        rounding(
            "ceil", .ceil, Parameter("y", .number),
            """
            `x` if it is an integer, else the next integer above it; as in OPA, numbers between -1 and 0 give 1. An \
            operand that is no number is an error.
            """),
        rounding(
            "floor", .floor, Parameter("y", .number),
            """
            `x` if it is an integer, else the next integer below it; as in OPA, numbers between -1 and 0 give 0. An \
            operand that is no number is an error.
            """),
    ]

    private static let numbers = [Parameter("x", .number), Parameter("y", .number)]

    private static func minus(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let (x, y) = (arguments[0], arguments[1])
        if x.isInteger, y.isInteger {
            let (difference, overflow) = x.integerValue.subtractingReportingOverflow(y.integerValue)
            if !overflow { return .integer(difference) }
        }
        if x.isSet {
            guard y.isSet else { throw context.typeError(2, y.isNumber ? "set" : "number", got: y) }
            return try Sets.difference(x, y, context)
        }
        guard x.isNumber else { throw context.typeError(1, "one of {number, set}", got: x) }
        return try slowly(.minus, context, arguments)
    }

    private static func rounding(
        _ name: StaticString, _ function: NumberArithmetic.Function, _ result: Parameter,
        _ documentation: StaticString
    ) -> Builtin {
        Builtin(
            name, [Parameter("x", .number)], result,
            .pure { (context, arguments) throws(Fault) in
                let x = try arguments.number(0, context)
                if x.isInteger, function != .abs || x.integerValue >= 0 { return x }
                if x.isInteger, x.integerValue > Int64.min { return .integer(0 &- x.integerValue) }
                if let quick = DecimalArithmetic.apply(function, x) { return quick }
                return try context.number { (space) throws(NumberError) in
                    try NumberArithmetic.apply(function, space.numberBytes(x))
                }
            }, documentation)
    }

    private static func slowly(
        _ operation: NumberArithmetic.Operator, _ context: BuiltinContext, _ arguments: Arguments
    ) throws(Fault) -> Value {
        let x = try arguments.number(0, context)
        let y = try arguments.number(1, context)
        if let quick = DecimalArithmetic.apply(operation, x, y) { return quick }
        return try context.number { (space) throws(NumberError) in
            try NumberArithmetic.apply(operation, space.numberBytes(x), space.numberBytes(y))
        }
    }
}

extension Space {
    /// A copy of a number's spelling.
    func numberBytes(_ value: Value) -> [UInt8] { withNumberText(value) { Array($0) } }
}

extension BuiltinContext {
    /// A number whose spelling `body` computes, its errors turned into the builtin's.
    func number(_ body: (Space) throws(NumberError) -> [UInt8]) throws(Fault) -> Value {
        let text: [UInt8]
        do throws(NumberError) {
            text = try body(space)
        } catch {
            throw fault(error)
        }
        // Work on numbers of many digits is paid after the fact: one of them is bounded. Multiplying, dividing and
        // printing take the square of the length.
        let words = text.count &>> 4
        try spend(words &+ (words &* words) &>> 8)
        return try space.number(text)
    }

    func fault(_ error: NumberError) -> Fault {
        switch error {
        case .divideByZero: return self.error("divide by zero")
        case .moduloByZero: return self.error("modulo by zero")
        case .moduloOnFloat: return self.error("modulo on floating-point number")
        case .tooLarge: return Fault(.sizeLimit)
        case .notAnInteger: return typeError("must be integer number but got floating-point number")
        case .negativeInteger: return typeError("must be an unsigned integer number but got a negative integer")
        case .syntax: return self.error("illegal number")
        }
    }
}

/// `sum` and `product`.
enum ExactNumbers {
    static func sum(_ arguments: Arguments, _ context: BuiltinContext) throws(Fault) -> Value {
        try fold(arguments, context, product: false)
    }

    static func product(_ arguments: Arguments, _ context: BuiltinContext) throws(Fault) -> Value {
        try fold(arguments, context, product: true)
    }

    private static func fold(
        _ arguments: Arguments, _ context: BuiltinContext, product: Bool
    ) throws(Fault) -> Value {
        let elements = try arguments.elements(0, context)
        try context.spend(elements.count)
        var total: Int64 = product ? 1 : 0
        for index in 0..<elements.count {
            let element = elements[index]
            guard element.isInteger else { return try foldSlowly(elements, arguments, context, product) }
            let (next, overflow) =
                product
                ? total.multipliedReportingOverflow(by: element.integerValue)
                : total.addingReportingOverflow(element.integerValue)
            if overflow { return try foldSlowly(elements, arguments, context, product) }
            total = next
        }
        return .integer(total)
    }

    private static func foldSlowly(
        _ elements: Elements, _ arguments: Arguments, _ context: BuiltinContext, _ product: Bool
    ) throws(Fault) -> Value {
        for index in 0..<elements.count where !elements[index].isNumber {
            throw context.elementError(1, of: arguments[0], "numbers", got: elements[index])
        }
        for pass in 0..<2 {
            var accumulator = NumberAccumulator(product: product, floats: pass == 1)
            for index in 0..<elements.count {
                let failure = context.space.withNumberText(elements[index]) { bytes -> NumberError? in
                    do throws(NumberError) {
                        try accumulator.add(bytes)
                        return nil
                    } catch {
                        return error
                    }
                }
                if let failure { throw context.fault(failure) }
                // The digits of a product grow with every factor.
                try context.spend(1 &+ (product ? index &>> 3 : 0))
                if accumulator.needsFloats { break }
            }
            if accumulator.needsFloats { continue }
            return try context.number { (_) throws(NumberError) in try accumulator.result() }
        }
        throw Fault(.defect)
    }
}
