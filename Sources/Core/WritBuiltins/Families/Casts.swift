import WritValue

/// `to_number` and the deprecated `cast_*`, which only check a type but for arrays and sets.
enum Casts {
    static let builtins: [Builtin] = [
        Builtin(
            "to_number", [Parameter("value", .union([.null, .boolean, .number, .string]))], Parameter("num", .number),
            .pure { (context, arguments) throws(Fault) in
                let value = arguments[0]
                switch value.kind {
                case .null: return .integer(0 as Int64)
                case .boolean: return .integer(value.isTrue ? 1 as Int64 : 0)
                case .number: return value
                case .string: return try parse(arguments.bytes(0, in: context.space), context)
                default: throw context.typeError(1, "one of {null, boolean, number, string}", got: value)
                }
            },
            """
            The number for a value: 0 for null and false, 1 for true, a number itself, and what a string spells in \
            decimal or hexadecimal notation. Other strings, numbers beyond the range of 64-bit floating point and \
            collections are errors.
            """),
        cast("cast_array", .anyArray, "one of {array, set}", "The elements of an array or a set as an array.") {
            (context, value) throws(Fault) in
            if value.isArray { return value }
            guard value.isSet else { return .undefined }
            var list = ValueList()
            let elements = context.space.elements(value)
            try context.spend(elements.count)
            try list.reserve(elements.count, in: context.space)
            for index in 0..<elements.count { try list.append(elements[index], in: context.space) }
            return context.space.array(adopting: list)
        },
        cast("cast_set", .anySet, "one of {array, set}", "The elements of an array or a set as a set.") {
            (context, value) throws(Fault) in
            if value.isSet { return value }
            guard value.isArray else { return .undefined }
            var list = ValueList()
            let elements = context.space.elements(value)
            try context.spend(elements.count)
            try list.reserve(elements.count, in: context.space)
            for index in 0..<elements.count { try list.append(elements[index], in: context.space) }
            return try context.space.set(list)
        },
        cast("cast_string", .string, "string", "The operand, if it is a string.") { (_, value) throws(Fault) in
            value.isString ? value : .undefined
        },
        cast("cast_boolean", .boolean, "boolean", "The operand, if it is a boolean.") { (_, value) throws(Fault) in
            value.isBoolean ? value : .undefined
        },
        cast("cast_null", .null, "null", "The operand, if it is null.") { (_, value) throws(Fault) in
            value.isNull ? value : .undefined
        },
        cast("cast_object", .anyObject, "object", "The operand, if it is an object.") { (_, value) throws(Fault) in
            value.isObject ? value : .undefined
        },
    ]

    private static func cast(
        _ name: StaticString, _ type: TypeSpec, _ expected: StaticString, _ documentation: StaticString,
        _ convert: @escaping @Sendable (BuiltinContext, Value) throws(Fault) -> Value
    ) -> Builtin {
        Builtin(
            name, [Parameter("", .any)], Parameter("", type), deprecated: true,
            .pure { (context, arguments) throws(Fault) in
                let result = try convert(context, arguments[0])
                if result.isUndefined { throw context.typeError(1, expected, got: arguments[0]) }
                return result
            }, documentation)
    }

    // MARK: Numbers in strings

    private static func parse(_ text: Bytes, _ context: BuiltinContext) throws(Fault) -> Value {
        try context.spend(text.count &>> 4)
        // What is a number in JSON keeps its spelling.
        if NumberText.isValid(text) {
            guard !isBeyondDouble(text) else { throw invalid(text, "value out of range", context) }
            return try context.space.number(text)
        }
        if isSpecial(text) {
            throw context.typeError("operand 1 must be valid number string but got string")
        }
        guard let plain = LenientNumber.json(text) else { throw invalid(text, "invalid syntax", context) }
        let isTooLarge = plain.withUnsafeBufferPointer { isBeyondDouble($0) }
        guard !isTooLarge else { throw invalid(text, "value out of range", context) }
        return try context.space.number(plain)
    }

    private static func isBeyondDouble(_ text: Bytes) -> Bool {
        do throws(NumberError) {
            return try BinaryFloat(text).double.isInfinite
        } catch {
            return true
        }
    }

    /// Whether the text is an infinity or "not a number", which Go's parser takes and Rego has not.
    private static func isSpecial(_ text: Bytes) -> Bool {
        var start = 0
        while start < text.count, text[start] == UInt8(ascii: "+") || text[start] == UInt8(ascii: "-") { start &+= 1 }
        let rest = text.part(start, text.count)
        return rest.equalsIgnoringCase("inf") || rest.equalsIgnoringCase("infinity") || rest.equalsIgnoringCase("nan")
    }

    private static func invalid(_ text: Bytes, _ reason: StaticString, _ context: BuiltinContext) -> Fault {
        let quoted = context.quoted(text)
        return context.message(.builtin) { (buffer) throws(Fault) in
            try buffer.append("strconv.ParseFloat: parsing ")
            try quoted.withUnsafeBufferPointer { (bytes) throws(Fault) in try buffer.append(bytes) }
            try buffer.append(": ")
            try buffer.append(reason)
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether these are the bytes of a literal in lower case, in any case.
    func equalsIgnoringCase(_ literal: StaticString) -> Bool {
        guard literal.hasPointerRepresentation, literal.utf8CodeUnitCount == count else { return false }
        for index in 0..<count {
            let byte = self[index]
            let lower = byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
            if lower != literal.utf8Start[index] { return false }
        }
        return true
    }
}

/// Spellings of numbers that Go's `ParseFloat` takes beyond JSON's: a plus sign, zeros in front, no digits on one
/// side of the point, underscores between digits, hexadecimal mantissas with a binary exponent.
enum LenientNumber {
    /// The same number in JSON's grammar; nil when the text is no number.
    static func json(_ text: Bytes) -> [UInt8]? {
        var index = 0
        var isNegative = false
        if index < text.count, text[index] == UInt8(ascii: "+") || text[index] == UInt8(ascii: "-") {
            isNegative = text[index] == UInt8(ascii: "-")
            index += 1
        }
        guard index < text.count, hasGoodUnderscores(text) else { return nil }
        let isHexadecimal =
            index + 1 < text.count && text[index] == UInt8(ascii: "0") && text[index + 1] | 0x20 == UInt8(ascii: "x")
        if isHexadecimal { return hexadecimal(text, from: index + 2, isNegative) }
        return decimal(text, from: index, isNegative)
    }

    private static func decimal(_ text: Bytes, from start: Int, _ isNegative: Bool) -> [UInt8]? {
        var whole: [UInt8] = []
        var fraction: [UInt8] = []
        var hasPoint = false
        var index = start
        while index < text.count {
            let byte = text[index]
            if byte &- UInt8(ascii: "0") < 10 {
                if hasPoint { fraction.append(byte) } else { whole.append(byte) }
            } else if byte == UInt8(ascii: "."), !hasPoint {
                hasPoint = true
            } else if byte != UInt8(ascii: "_") {
                break
            }
            index += 1
        }
        guard whole.count + fraction.count > 0 else { return nil }
        var result: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
        var first = 0
        while first < whole.count, whole[first] == UInt8(ascii: "0") { first += 1 }
        if first == whole.count { result.append(UInt8(ascii: "0")) }
        result.append(contentsOf: whole[first...])
        if fraction.count > 0 {
            result.append(UInt8(ascii: "."))
            result.append(contentsOf: fraction)
        }
        if index == text.count { return result }
        guard let exponent = exponent(text, from: index, marker: UInt8(ascii: "e")) else { return nil }
        result.append(UInt8(ascii: "e"))
        result.append(contentsOf: exponent)
        return result
    }

    /// The exponent's sign and digits, when one stands there up to the end.
    private static func exponent(_ text: Bytes, from start: Int, marker: UInt8) -> [UInt8]? {
        guard text[start] | 0x20 == marker else { return nil }
        var index = start + 1
        var result: [UInt8] = []
        if index < text.count, text[index] == UInt8(ascii: "+") || text[index] == UInt8(ascii: "-") {
            if text[index] == UInt8(ascii: "-") { result.append(text[index]) }
            index += 1
        }
        let digits = index
        while index < text.count {
            if text[index] &- UInt8(ascii: "0") < 10 {
                result.append(text[index])
            } else if text[index] != UInt8(ascii: "_") {
                return nil
            }
            index += 1
        }
        return index > digits ? result : nil
    }

    /// mantissa × 2^exponent, worked out in decimal.
    private static func hexadecimal(_ text: Bytes, from start: Int, _ isNegative: Bool) -> [UInt8]? {
        var mantissa = BigInteger.zero
        var scale = 0
        var digits = 0
        var hasPoint = false
        var index = start
        let sixteen = BigInteger(16 as Int64)
        do throws(NumberError) {
            while index < text.count {
                let byte = text[index]
                if byte == UInt8(ascii: "."), !hasPoint {
                    hasPoint = true
                } else if let digit = Hexadecimal.value(byte) {
                    // Far beyond what a Double holds: such a text is of no use.
                    guard digits < 512 else { return nil }
                    mantissa = try mantissa.multiplied(by: sixteen).adding(BigInteger(Int64(digit)))
                    digits += 1
                    if hasPoint { scale -= 4 }
                } else if byte != UInt8(ascii: "_") {
                    break
                }
                index += 1
            }
            guard digits > 0, index < text.count,
                let written = exponent(text, from: index, marker: UInt8(ascii: "p")), written.count < 12
            else { return nil }
            var magnitude: Int64 = 0
            for byte in written where byte != UInt8(ascii: "-") {
                magnitude = magnitude * 10 + Int64(byte &- UInt8(ascii: "0"))
            }
            // Beyond this all are too large, or nothing.
            let size = Int(truncatingIfNeeded: min(magnitude, 1_000_000))
            var power = (written.first == UInt8(ascii: "-") ? -size : size) + scale
            if power >= 0 {
                mantissa = try mantissa.shiftedLeft(by: BigInteger(Int64(min(power, 100_000))))
                return (isNegative && !mantissa.isZero ? [UInt8(ascii: "-")] : []) + mantissa.decimalText
            }
            let one = BigInteger(1 as Int64)
            while power < 0, !mantissa.isZero, mantissa.and(one).isZero {
                mantissa = try mantissa.shiftedRight(by: one)
                power += 1
            }
            if power == 0 { return (isNegative ? [UInt8(ascii: "-")] : []) + mantissa.decimalText }
            // m / 2^n is m × 5^n / 10^n.
            guard power > -2_000 else { return [UInt8(ascii: "0")] }
            let five = BigInteger(5 as Int64)
            for _ in 0..<(-power) { mantissa = try mantissa.multiplied(by: five) }
            var result = (isNegative && !mantissa.isZero ? [UInt8(ascii: "-")] : []) + mantissa.decimalText
            result.append(contentsOf: [UInt8(ascii: "e"), UInt8(ascii: "-")])
            result.append(contentsOf: BigInteger(Int64(-power)).decimalText)
            return result
        } catch {
            return nil
        }
    }

    /// Underscores must stand between digits (or after the 0x of a hexadecimal number).
    private static func hasGoodUnderscores(_ text: Bytes) -> Bool {
        for index in 0..<text.count where text[index] == UInt8(ascii: "_") {
            guard index > 0, index + 1 < text.count else { return false }
            let before = text[index - 1]
            let isAfterPrefix = before | 0x20 == UInt8(ascii: "x")
            guard Hexadecimal.value(before) != nil || isAfterPrefix, Hexadecimal.value(text[index + 1]) != nil
            else { return false }
        }
        return true
    }
}
