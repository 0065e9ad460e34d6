import WritValue

/// A decimal number taken apart: digits without zeros at either end, times a power of ten.
struct SchemaNumber {
    private(set) var digits: [UInt8] = []
    private(set) var exponent = 0
    private var isNegative = false

    /// Reads a number of JSON. Nil for exponents beyond any use.
    init?(_ text: UnsafeBufferPointer<UInt8>) {
        var index = 0
        if text.count > 0, text[0] == UInt8(ascii: "-") {
            isNegative = true
            index = 1
        }
        var isFraction = false
        while index < text.count {
            let byte = text[index]
            index += 1
            if byte == UInt8(ascii: ".") {
                isFraction = true
            } else if byte &- UInt8(ascii: "0") < 10 {
                if !digits.isEmpty || byte != UInt8(ascii: "0") { digits.append(byte) }
                if isFraction { exponent -= 1 }
            } else {
                break
            }
        }
        if index < text.count {
            var power = 0
            let isBelow = text[index] == UInt8(ascii: "-")
            if isBelow || text[index] == UInt8(ascii: "+") { index += 1 }
            while index < text.count {
                power = power * 10 + Int(text[index] &- UInt8(ascii: "0"))
                guard power < 1_000_000_000 else { return nil }
                index += 1
            }
            exponent += isBelow ? 0 - power : power
        }
        while let last = digits.last, last == UInt8(ascii: "0") {
            digits.removeLast()
            exponent += 1
        }
        if digits.isEmpty { exponent = 0 }
    }

    /// Zeros that numbers may need behind their digits.
    private static let zeroLimit = 2_000

    /// Whether a whole number of times `other` gives this one; nil where they lie too far apart to compute it.
    func isMultiple(of other: SchemaNumber) -> Bool? {
        if digits.isEmpty { return true }
        let distance = exponent - other.exponent
        // Digits without zeros at the end: fewer powers of ten than the divisor's last digit asks for.
        guard distance.magnitude <= UInt(Self.zeroLimit) else { return distance < 0 ? false : nil }
        var left = digits
        var right = other.digits
        if distance > 0 { left += Array(repeating: UInt8(ascii: "0"), count: distance) }
        if distance < 0 { right += Array(repeating: UInt8(ascii: "0"), count: 0 - distance) }
        do throws(NumberError) {
            return try BigInteger(decimal: left).divided(by: try BigInteger(decimal: right)).remainder.isZero
        } catch {
            return nil
        }
    }

    /// A bound as messages show it: Go's `%g` with the fewest digits.
    static func shown(_ text: [UInt8]) -> [UInt8] {
        guard let number = text.withUnsafeBufferPointer({ SchemaNumber($0) }) else { return text }
        guard !number.digits.isEmpty else { return ascii("0") }
        var result: [UInt8] = number.isNegative ? [UInt8(ascii: "-")] : []
        let power = number.digits.count + number.exponent - 1
        if power < -4 || power >= 6 {
            result.append(number.digits[0])
            if number.digits.count > 1 { result += [UInt8(ascii: ".")] + number.digits[1...] }
            result += [UInt8(ascii: "e"), power < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+")]
            if power.magnitude < 10 { result.append(UInt8(ascii: "0")) }
            var exponent = TextBuilder()
            exponent.append(Int(power.magnitude))
            return result + exponent.bytes
        }
        if power < 0 {
            result += ascii("0.")
            result += Array(repeating: UInt8(ascii: "0"), count: -1 - power)
            return result + number.digits
        }
        let whole = power + 1
        result += number.digits.prefix(whole)
        if number.digits.count <= whole {
            return result + Array(repeating: UInt8(ascii: "0"), count: whole - number.digits.count)
        }
        result.append(UInt8(ascii: "."))
        return result + number.digits.dropFirst(whole)
    }
}
