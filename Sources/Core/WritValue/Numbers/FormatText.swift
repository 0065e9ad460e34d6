/// Text arguments of Go's `fmt`: `%s %v %q %x %X`, and quoting.
extension GoFormat {
    static func appendString(_ text: [UInt8], _ spec: FormatSpec, sharpV: Bool, to out: inout [UInt8]) -> Bool {
        switch spec.verb {
        case UInt32(UInt8(ascii: "v")):
            if sharpV { appendQuoted(text, spec, to: &out) } else { appendPlain(text, spec, to: &out) }
        case UInt32(UInt8(ascii: "s")): appendPlain(text, spec, to: &out)
        case UInt32(UInt8(ascii: "q")): appendQuoted(text, spec, to: &out)
        case UInt32(UInt8(ascii: "x")): appendHexadecimal(text, spec, upper: false, to: &out)
        case UInt32(UInt8(ascii: "X")): appendHexadecimal(text, spec, upper: true, to: &out)
        default: return false
        }
        return true
    }

    /// The first `precision` characters, padded; a byte that is no UTF-8 counts as a character.
    static func appendPlain(_ text: [UInt8], _ spec: FormatSpec, to out: inout [UInt8]) {
        let cut = truncated(text, spec)
        spec.pad(cut, count: characters(cut), to: &out)
    }

    private static func truncated(_ text: [UInt8], _ spec: FormatSpec) -> [UInt8] {
        guard let limit = spec.digits, limit < text.count else { return text }
        var index = 0
        var left = limit
        while left > 0, index < text.count {
            index &+= decode(text, index).width
            left &-= 1
        }
        return Array(text[0..<min(index, text.count)])
    }

    static func characters(_ text: [UInt8]) -> Int {
        var index = 0
        var count = 0
        while index < text.count {
            index &+= decode(text, index).width
            count &+= 1
        }
        return count
    }

    private static func appendQuoted(_ text: [UInt8], _ spec: FormatSpec, to out: inout [UInt8]) {
        let cut = truncated(text, spec)
        var quoted: [UInt8] = []
        if spec.sharp, canBackquote(cut) {
            quoted.append(UInt8(ascii: "`"))
            quoted.append(contentsOf: cut)
            quoted.append(UInt8(ascii: "`"))
        } else {
            quote(cut, asciiOnly: spec.plus, to: &quoted)
        }
        spec.pad(quoted, count: characters(quoted), to: &out)
    }

    /// Text in double quotes with Go's escapes (`strconv.Quote`).
    public static func quote(_ text: [UInt8], asciiOnly: Bool = false, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        var index = 0
        while index < text.count {
            let (scalar, width, valid) = decode(text, index)
            if valid {
                appendEscaped(scalar, UInt8(ascii: "\""), asciiOnly, to: &out)
            } else {
                appendEscape(UInt8(ascii: "x"), UInt32(text[index]), digits: 2, to: &out)
            }
            index &+= width
        }
        out.append(UInt8(ascii: "\""))
    }

    static func appendEscaped(_ scalar: UInt32, _ mark: UInt8, _ asciiOnly: Bool, to out: inout [UInt8]) {
        if scalar == UInt32(mark) || scalar == UInt32(UInt8(ascii: "\\")) {
            out.append(UInt8(ascii: "\\"))
            out.append(UInt8(truncatingIfNeeded: scalar))
            return
        }
        if (scalar < 0x80 || !asciiOnly) && PrintableScalars.contains(scalar) {
            encode(scalar, to: &out)
            return
        }
        let letters: StaticString = "abtnvfr"
        if scalar >= 7, scalar <= 13 {
            out.append(UInt8(ascii: "\\"))
            letters.withUTF8Buffer { out.append($0[Int(truncatingIfNeeded: scalar &- 7)]) }
        } else if scalar < 0x20 || scalar == 0x7F {
            appendEscape(UInt8(ascii: "x"), scalar, digits: 2, to: &out)
        } else if scalar < 0x10000 {
            appendEscape(UInt8(ascii: "u"), scalar, digits: 4, to: &out)
        } else {
            appendEscape(UInt8(ascii: "U"), scalar, digits: 8, to: &out)
        }
    }

    private static func appendEscape(_ letter: UInt8, _ value: UInt32, digits: Int, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\\"))
        out.append(letter)
        var place = digits
        while place > 0 {
            place &-= 1
            out.append(hexadecimalDigit(UInt8(truncatingIfNeeded: value &>> UInt32(place &* 4)) & 15, upper: false))
        }
    }

    private static func canBackquote(_ text: [UInt8]) -> Bool {
        var index = 0
        while index < text.count {
            let (scalar, width, valid) = decode(text, index)
            if !valid || scalar == 0xFEFF || scalar == 0x60 || scalar == 0x7F { return false }
            // Go takes a written U+FFFD for a fault only when it is one byte wide.
            if scalar < 0x20, scalar != 9 { return false }
            index &+= width
        }
        return true
    }

    private static func appendHexadecimal(
        _ text: [UInt8], _ spec: FormatSpec, upper: Bool, to out: inout [UInt8]
    ) {
        let length = min(text.count, spec.digits ?? text.count)
        if length == 0 {
            spec.appendPadding(spec.padding, to: &out)
            return
        }
        let mark: [UInt8] = spec.sharp ? [UInt8(ascii: "0"), UInt8(ascii: upper ? "X" : "x")] : []
        var text16 = mark
        for index in 0..<length {
            if spec.space, index > 0 {
                text16.append(UInt8(ascii: " "))
                text16.append(contentsOf: mark)
            }
            text16.append(hexadecimalDigit(text[index] &>> 4, upper: upper))
            text16.append(hexadecimalDigit(text[index] & 15, upper: upper))
        }
        spec.pad(text16, count: text16.count, to: &out)
    }

    static func hexadecimalDigit(_ value: UInt8, upper: Bool) -> UInt8 {
        value < 10 ? value &+ UInt8(ascii: "0") : value &- 10 &+ UInt8(ascii: upper ? "A" : "a")
    }

    // MARK: UTF-8

    /// The scalar at an index that lies in the text; a byte that starts none is U+FFFD of width 1, not valid.
    static func decode(_ text: [UInt8], _ index: Int) -> (scalar: UInt32, width: Int, valid: Bool) {
        let first = UInt32(text[index])
        if first < 0x80 { return (first, 1, true) }
        let fault: (UInt32, Int, Bool) = (0xFFFD, 1, false)
        let count = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        if first < 0xC2 || first > 0xF4 || text.count &- index < count { return fault }
        var scalar = first & (count == 2 ? 0x1F : count == 3 ? 0x0F : 0x07)
        for offset in 1..<count {
            let next = UInt32(text[index &+ offset])
            if next & 0xC0 != 0x80 { return fault }
            scalar = scalar &<< 6 | next & 0x3F
        }
        let least: UInt32 = count == 2 ? 0x80 : count == 3 ? 0x800 : 0x10000
        if scalar < least || scalar > 0x10FFFF || (scalar >= 0xD800 && scalar < 0xE000) { return fault }
        return (scalar, count, true)
    }

    /// Appends a scalar; surrogates and numbers beyond Unicode become U+FFFD.
    static func encode(_ value: UInt32, to out: inout [UInt8]) {
        let scalar = value > 0x10FFFF || (value >= 0xD800 && value < 0xE000) ? 0xFFFD : value
        if scalar < 0x80 {
            out.append(UInt8(truncatingIfNeeded: scalar))
            return
        }
        let count: UInt32 = scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4
        let lead: UInt32 = count == 2 ? 0xC0 : count == 3 ? 0xE0 : 0xF0
        out.append(UInt8(truncatingIfNeeded: lead | scalar &>> ((count &- 1) &* 6)))
        var place = count &- 1
        while place > 0 {
            place &-= 1
            out.append(UInt8(truncatingIfNeeded: 0x80 | (scalar &>> (place &* 6)) & 0x3F))
        }
    }
}
