import WritValue

extension Scratch {
    /// Appends a text in Go's double quotes (`%q`): escapes for what cannot be printed.
    func append(quoted text: Bytes, asciiOnly: Bool = false) throws(Fault) {
        try append(UInt8(ascii: "\""))
        var index = 0
        while index < text.count {
            let (scalar, length) = Scalars.decode(text, at: index)
            if length == 1, text[index] >= 0x80 {
                try append("\\x")
                try append(hex: UInt32(text[index]), digits: 2)
            } else {
                try append(escaped: scalar, quote: UInt8(ascii: "\""), asciiOnly: asciiOnly)
            }
            index &+= length
        }
        try append(UInt8(ascii: "\""))
    }

    /// Appends a scalar as it stands between Go's quotes.
    func append(escaped scalar: UInt32, quote: UInt8, asciiOnly: Bool) throws(Fault) {
        if scalar == UInt32(quote) || scalar == 0x5c {
            try append(0x5c)
            try append(UInt8(truncatingIfNeeded: scalar))
            return
        }
        if scalar < 0x80 ? scalar >= 0x20 && scalar < 0x7f : !asciiOnly && Printable.contains(scalar) {
            try append(scalar: scalar)
            return
        }
        switch scalar {
        case 7: try append("\\a")
        case 8: try append("\\b")
        case 12: try append("\\f")
        case 10: try append("\\n")
        case 13: try append("\\r")
        case 9: try append("\\t")
        case 11: try append("\\v")
        case 0..<0x20, 0x7f:
            try append("\\x")
            try append(hex: scalar, digits: 2)
        case 0..<0x10000:
            try append("\\u")
            try append(hex: scalar, digits: 4)
        default:
            try append("\\U")
            try append(hex: scalar, digits: 8)
        }
    }

    /// Appends lower-case hexadecimal digits, as many as asked for.
    func append(hex number: UInt32, digits: Int) throws(Fault) {
        var shift = digits &* 4
        while shift > 0 {
            shift &-= 4
            let digit = UInt8(truncatingIfNeeded: (number &>> UInt32(truncatingIfNeeded: shift)) & 15)
            try append(digit < 10 ? digit &+ UInt8(ascii: "0") : digit &+ (UInt8(ascii: "a") &- 10))
        }
    }
}
