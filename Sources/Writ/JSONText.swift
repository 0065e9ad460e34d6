/// JSON that hosts put together by hand: messages, error bodies and other texts around the values of decisions.
extension ByteBuffer {
    /// Appends bytes as a JSON string, escaped as Go's `encoding/json` does; invalid UTF-8 becomes U+FFFD.
    public mutating func appendJSONString(_ text: [UInt8]) {
        append(UInt8(ascii: "\""))
        var index = 0
        while index < text.count {
            let byte = text[index]
            let width = Self.scalarWidth(text, index)
            if width == 0 {
                append("\\ufffd")
            } else if width == 1 {
                appendEscaped(byte)
            } else if width == 3, byte == 0xE2, text[index + 1] == 0x80, text[index + 2] & 0xFE == 0xA8 {
                append(text[index + 2] == 0xA8 ? "\\u2028" : "\\u2029")
            } else {
                for offset in 0..<width { append(text[index + offset]) }
            }
            index += max(1, width)
        }
        append(UInt8(ascii: "\""))
    }

    /// Appends a text as a JSON string.
    public mutating func appendJSONString(_ text: String) { appendJSONString(Array(text.utf8)) }

    /// Appends a finite number as Go's `encoding/json` writes it.
    public mutating func appendJSONNumber(_ value: Double) {
        guard value != 0, value.magnitude < 1e-6 || value.magnitude >= 1e21 else {
            return append(DoubleText.format(value, UInt8(ascii: "f")))
        }
        var text = DoubleText.format(value, UInt8(ascii: "e"))
        // A small exponent goes without its leading zero: 1e-7.
        let count = text.count
        if count >= 4, text[count - 3] == UInt8(ascii: "-"), text[count - 2] == UInt8(ascii: "0") {
            text.remove(at: count - 2)
        }
        append(text)
    }

    /// Appends a whole number.
    public mutating func appendDecimal(_ number: Int) {
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
        withUnsafeMutableBytes(of: &digits) { digits in
            // From the last digit to the first; 64 bits have 20 at most.
            var index = digits.count
            var rest = number.magnitude
            repeat {
                index -= 1
                digits[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            if number < 0 {
                index -= 1
                digits[index] = UInt8(ascii: "-")
            }
            append(UnsafeBufferPointer(rebasing: digits.bindMemory(to: UInt8.self)[index...]))
        }
    }

    /// Appends JSON text that stands at the start of a line so that it can stand deeper: `spaces` after each line feed.
    public mutating func appendIndented(_ json: [UInt8], by spaces: Int) {
        for byte in json {
            append(byte)
            if byte == 0x0A { for _ in 0..<spaces { append(0x20) } }
        }
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case 0x08: append("\\b")
        case 0x0C: append("\\f")
        case 0x0A: append("\\n")
        case 0x0D: append("\\r")
        case 0x09: append("\\t")
        case 0..<0x20, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"):
            let digits: StaticString = "0123456789abcdef"
            append("\\u00")
            digits.withUTF8Buffer { table in
                append(table[Int(byte >> 4)])
                append(table[Int(byte & 15)])
            }
        default: append(byte)
        }
    }

    /// The number of bytes of the scalar at `index`; 0 where the bytes are none.
    private static func scalarWidth(_ text: [UInt8], _ index: Int) -> Int {
        let first = text[index]
        let width: Int
        let second: ClosedRange<UInt8>
        switch first {
        case 0..<0x80: return 1
        case 0xC2...0xDF: (width, second) = (2, 0x80...0xBF)
        case 0xE0: (width, second) = (3, 0xA0...0xBF)
        case 0xED: (width, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (width, second) = (3, 0x80...0xBF)
        case 0xF0: (width, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (width, second) = (4, 0x80...0xBF)
        case 0xF4: (width, second) = (4, 0x80...0x8F)
        default: return 0
        }
        guard index + width <= text.count, second.contains(text[index + 1]) else { return 0 }
        for offset in 2..<max(2, width) where text[index + offset] & 0xC0 != 0x80 { return 0 }
        return width
    }
}
