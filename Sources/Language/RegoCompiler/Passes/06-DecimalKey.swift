/// A number as a key of a static type: `1`, `1.0` and `1e0` are the same key.
struct DecimalKey {
    private var isNegative = false
    /// Without zeros at either end; empty for zero.
    private var digits: [UInt8] = []
    /// The power of ten of the first digit.
    private var magnitude = 0

    /// Reads the text of a number literal.
    init(_ text: ArraySlice<UInt8>) {
        var exponent = 0
        var isInExponent = false
        var isExponentNegative = false
        var hasPoint = false
        var whole = 0
        for byte in text {
            switch byte {
            case UInt8(ascii: "-"): if isInExponent { isExponentNegative = true } else { isNegative = true }
            case UInt8(ascii: "."): hasPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"): isInExponent = true
            case 0x30...0x39:
                if isInExponent {
                    exponent = min(exponent * 10 + Int(byte - 0x30), 1 << 40)
                } else {
                    digits.append(byte)
                    if !hasPoint { whole += 1 }
                }
            default: break
            }
        }
        let zeros = digits.prefix { $0 == 0x30 }.count
        digits.removeFirst(zeros)
        while digits.last == 0x30 { digits.removeLast() }
        magnitude = whole - zeros + (isExponentNegative ? -exponent : exponent)
        if digits.isEmpty {
            isNegative = false
            magnitude = 0
        }
    }

    /// -1, 0 or 1: the order of the numbers.
    func compare(_ other: DecimalKey) -> Int {
        if isNegative != other.isNegative { return isNegative ? -1 : 1 }
        let order = compareSize(other)
        return isNegative ? -order : order
    }

    private func compareSize(_ other: DecimalKey) -> Int {
        if digits.isEmpty != other.digits.isEmpty { return digits.isEmpty ? -1 : 1 }
        if magnitude != other.magnitude { return magnitude < other.magnitude ? -1 : 1 }
        if digits == other.digits { return 0 }
        return digits.lexicographicallyPrecedes(other.digits) ? -1 : 1
    }
}
