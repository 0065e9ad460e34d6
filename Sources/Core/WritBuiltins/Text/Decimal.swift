import WritValue

/// A decimal number in text, taken apart: sign, digits with a point among them, exponent.
struct Decimal {
    let isNegative: Bool
    /// Digits and at most one point.
    let digits: Bytes
    /// The power of ten by which the digits, read without their point, are multiplied.
    let exponent: Int
    private let exponentDigits: Int

    /// Reads `[+-] digits [. digits] [e [+-] digits]`, with at least one digit before the `e`; nil otherwise.
    init?(_ text: Bytes) {
        var index = 0
        isNegative = text.count > 0 && text[0] == UInt8(ascii: "-")
        if isNegative || (text.count > 0 && text[0] == UInt8(ascii: "+")) { index = 1 }
        let start = index
        var point = -1
        var count = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "."), point < 0 {
                point = index
            } else if text[index] &- UInt8(ascii: "0") < 10 {
                count &+= 1
            } else {
                break
            }
            index &+= 1
        }
        guard count > 0 else { return nil }
        digits = text.part(start, index)
        var power = 0
        var powerDigits = 0
        if index < text.count {
            guard text[index] | 0x20 == UInt8(ascii: "e") else { return nil }
            index &+= 1
            guard index < text.count else { return nil }
            let down = text[index] == UInt8(ascii: "-")
            if down || text[index] == UInt8(ascii: "+") { index &+= 1 }
            while index < text.count, text[index] &- UInt8(ascii: "0") < 10 {
                if power < 100_000_000 { power = power &* 10 &+ Int(text[index] &- UInt8(ascii: "0")) }
                powerDigits &+= 1
                index &+= 1
            }
            guard index == text.count, powerDigits > 0 else { return nil }
            if down { power = 0 &- power }
        }
        exponentDigits = powerDigits
        exponent = point < 0 ? power : power &- (start &+ digits.count &- point &- 1)
    }

    /// The number, unless its exponent has more than six digits.
    var checked: Decimal? { exponentDigits > 6 ? nil : self }

    /// The number as an integer of at most 18 digits without exponent, if it is written as one.
    var smallInteger: Int64? {
        guard exponent == 0, digits.count <= 18 else { return nil }
        var value: Int64 = 0
        for byte in digits {
            guard byte != UInt8(ascii: ".") else { continue }
            value = value &* 10 &+ Int64(byte &- UInt8(ascii: "0"))
        }
        return isNegative ? 0 &- value : value
    }

    /// Writes the digits without point and without zeros in front; "0" when there are no others.
    func writeDigits(to buffer: Scratch) throws(Fault) {
        let start = buffer.count
        for byte in digits {
            if byte == UInt8(ascii: ".") || (byte == UInt8(ascii: "0") && buffer.count == start) { continue }
            try buffer.append(byte)
        }
        if buffer.count == start { try buffer.append(UInt8(ascii: "0")) }
    }

    /// Writes the number in JSON's grammar: digits and an exponent.
    func write(to buffer: Scratch) throws(Fault) {
        if isNegative { try buffer.append(UInt8(ascii: "-")) }
        try writeDigits(to: buffer)
        if exponent != 0 {
            try buffer.append(UInt8(ascii: "e"))
            try buffer.append(decimal: exponent)
        }
    }
}
