/// UTF-8 at the level of bytes: the parser never makes characters of the text.
enum UTF8Bytes {
    /// The scalar at an offset and its length in bytes; nil for broken, overlong or surrogate encodings.
    static func decode(_ text: [UInt8], _ index: Int, _ limit: Int) -> (value: UInt32, width: Int)? {
        guard index < limit else { return nil }
        let first = text[index]
        if first < 0x80 { return (UInt32(first), 1) }
        let width: Int
        var value: UInt32
        let least: UInt32
        switch first {
        case 0xC2...0xDF: (width, value, least) = (2, UInt32(first & 0x1F), 0x80)
        case 0xE0...0xEF: (width, value, least) = (3, UInt32(first & 0x0F), 0x800)
        case 0xF0...0xF4: (width, value, least) = (4, UInt32(first & 0x07), 0x10000)
        default: return nil
        }
        guard index + width <= limit else { return nil }
        for offset in 1..<width {
            let byte = text[index + offset]
            guard byte & 0xC0 == 0x80 else { return nil }
            value = value << 6 | UInt32(byte & 0x3F)
        }
        guard value >= least, value <= 0x10FFFF, !(0xD800...0xDFFF).contains(value) else { return nil }
        return (value, width)
    }

    /// Appends the encoding of a scalar value; surrogates and values out of range become U+FFFD.
    static func append(_ scalar: UInt32, to bytes: inout [UInt8]) {
        let value = scalar > 0x10FFFF || (0xD800...0xDFFF).contains(scalar) ? 0xFFFD : scalar
        func tail(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: value >> shift & 0x3F | 0x80) }
        switch value {
        case 0..<0x80:
            bytes.append(UInt8(truncatingIfNeeded: value))
        case 0x80..<0x800:
            bytes.append(UInt8(truncatingIfNeeded: value >> 6 | 0xC0))
            bytes.append(tail(0))
        case 0x800..<0x10000:
            bytes.append(UInt8(truncatingIfNeeded: value >> 12 | 0xE0))
            bytes.append(tail(6))
            bytes.append(tail(0))
        default:
            bytes.append(UInt8(truncatingIfNeeded: value >> 18 | 0xF0))
            bytes.append(tail(12))
            bytes.append(tail(6))
            bytes.append(tail(0))
        }
    }

    /// Whether a scalar beyond ASCII is a decimal digit (Unicode's category Nd), which may stand in an identifier.
    static func isDigit(_ scalar: UInt32) -> Bool {
        for range in digitRanges where scalar >= range.0 && scalar <= range.1 { return true }
        return false
    }

    private static let digitRanges: [(UInt32, UInt32)] = [
        (0x660, 0x669), (0x6F0, 0x6F9), (0x7C0, 0x7C9), (0x966, 0x96F), (0x9E6, 0x9EF), (0xA66, 0xA6F),
        (0xAE6, 0xAEF), (0xB66, 0xB6F), (0xBE6, 0xBEF), (0xC66, 0xC6F), (0xCE6, 0xCEF), (0xD66, 0xD6F),
        (0xDE6, 0xDEF), (0xE50, 0xE59), (0xED0, 0xED9), (0xF20, 0xF29), (0x1040, 0x1049), (0x1090, 0x1099),
        (0x17E0, 0x17E9), (0x1810, 0x1819), (0x1946, 0x194F), (0x19D0, 0x19D9), (0x1A80, 0x1A89), (0x1A90, 0x1A99),
        (0x1B50, 0x1B59), (0x1BB0, 0x1BB9), (0x1C40, 0x1C49), (0x1C50, 0x1C59), (0xA620, 0xA629), (0xA8D0, 0xA8D9),
        (0xA900, 0xA909), (0xA9D0, 0xA9D9), (0xA9F0, 0xA9F9), (0xAA50, 0xAA59), (0xABF0, 0xABF9), (0xFF10, 0xFF19),
        (0x104A0, 0x104A9), (0x10D30, 0x10D39), (0x11066, 0x1106F), (0x110F0, 0x110F9), (0x11136, 0x1113F),
        (0x111D0, 0x111D9), (0x112F0, 0x112F9), (0x11450, 0x11459), (0x114D0, 0x114D9), (0x11650, 0x11659),
        (0x116C0, 0x116C9), (0x11730, 0x11739), (0x118E0, 0x118E9), (0x11950, 0x11959), (0x11C50, 0x11C59),
        (0x11D50, 0x11D59), (0x11DA0, 0x11DA9), (0x16A60, 0x16A69), (0x16AC0, 0x16AC9), (0x16B50, 0x16B59),
        (0x1D7CE, 0x1D7FF), (0x1E140, 0x1E149), (0x1E2F0, 0x1E2F9), (0x1E950, 0x1E959), (0x1FBF0, 0x1FBF9),
    ]
}
