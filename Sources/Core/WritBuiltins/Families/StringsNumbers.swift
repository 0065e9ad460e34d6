import WritValue

extension Strings {
    /// `format_int`: the integer part of a number in another base.
    static func formatInteger(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let number = arguments[0]
        guard number.isNumber else { throw context.typeError(1, "number", got: number) }
        guard arguments[1].isNumber else { throw context.typeError(2, "number", got: arguments[1]) }
        let base = arguments[1].isInteger ? arguments[1].integerValue : 0
        guard base == 2 || base == 8 || base == 10 || base == 16 else {
            throw context.operandError(2, "must be one of {2, 8, 10, 16}")
        }
        if number.isInteger { return try digits(context, number.integerValue, UInt64(base)) }
        if number.tag == Value.Tag.decimal {
            var whole = number.integerValue
            for _ in 0..<min(18, Int(number.decimalScale)) { whole /= 10 }
            return try digits(context, whole, UInt64(base))
        }
        let text = context.space.longBytes(number)
        try context.spend(text.count)
        let big: BigInteger
        do throws(NumberError) {
            big = isInteger(text) ? try BigInteger(decimal: text) : try BinaryFloat(text).truncated()
        } catch {
            throw Fault(.sizeLimit)
        }
        try context.spend(big.bitWidth)
        return try context.space.string(big.text(base: Int(base)))
    }

    private static func isInteger(_ text: Bytes) -> Bool {
        for byte in text where byte != UInt8(ascii: "-") && byte &- UInt8(ascii: "0") > 9 { return false }
        return true
    }

    private static func digits(_ context: BuiltinContext, _ number: Int64, _ base: UInt64) throws(Fault) -> Value {
        let buffer = context.begin()
        if number < 0 { try buffer.append(UInt8(ascii: "-")) }
        let start = buffer.count
        var magnitude = number.magnitude
        repeat {
            let digit = UInt8(truncatingIfNeeded: magnitude % base)
            try buffer.append(digit < 10 ? digit &+ UInt8(ascii: "0") : digit &+ (UInt8(ascii: "a") &- 10))
            magnitude /= base
        } while magnitude > 0
        buffer.reverse(from: start)
        return try context.written()
    }
}
