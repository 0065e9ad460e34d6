/// Letters and decimal digits: Unicode's categories L and Nd, which Go asks for by `unicode.IsLetter` and `IsDigit`.
///
/// Made from a packed table, once for many questions.
public struct LettersAndDigits {
    private let letters: CharSet
    private let digits: CharSet

    /// Unpacks the table: some thousand steps.
    public init() {
        letters = UnicodeData.members(.categories(0b11_1110))
        digits = UnicodeData.members(.categories(1 << 9))
    }

    /// Whether a character, given by its number, is a letter.
    public func isLetter(_ scalar: UInt32) -> Bool {
        if scalar < 0x80 { return (scalar | 0x20) &- 0x61 < 26 }
        return letters.contains(scalar)
    }

    /// Whether a character, given by its number, is a decimal digit of any script.
    public func isDigit(_ scalar: UInt32) -> Bool {
        if scalar < 0x80 { return scalar &- 0x30 < 10 }
        return digits.contains(scalar)
    }
}
