/// Whole numbers of any size, as keys and certificates hold them.
enum BigDecimal {
    /// The decimal digits of a number of these bytes, most significant first.
    ///
    /// Its time grows with the square of the length: callers bound it.
    static func text(magnitude bytes: some Collection<UInt8>) -> [UInt8] {
        // Groups of nine digits, least significant first.
        var groups: [UInt32] = [0]
        for byte in bytes {
            var carry = UInt64(byte)
            for index in groups.indices {
                let value = UInt64(groups[index]) &<< 8 &+ carry
                groups[index] = UInt32(value % 1_000_000_000)
                carry = value / 1_000_000_000
            }
            if carry > 0 { groups.append(UInt32(carry)) }
        }
        var text = Array(String(groups[groups.count - 1]).utf8)
        for group in groups.dropLast().reversed() {
            let digits = Array(String(group).utf8)
            text.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 9 - digits.count))
            text.append(contentsOf: digits)
        }
        return text
    }
}
