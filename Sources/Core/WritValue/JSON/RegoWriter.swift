extension Space {
    /// Appends a value as a Rego term, the way OPA prints values (`sprintf("%v", [x])`, template strings, errors):
    /// `{"a": [1, 2.50, {true}], [1]: set()}`, strings quoted as Go's `strconv.Quote` does.
    ///
    /// Throws `depthLimit`, `sizeLimit` past the buffer's limit, `malformed` for damaged pieces.
    public func writeRego(_ value: Value, to buffer: inout ByteBuffer) throws(Fault) {
        try RegoWriter(space: self).write(value, &buffer, depth: 0)
        try check()
    }

    /// The Rego text of a value. Allocates: for hosts and error paths.
    public func rego(_ value: Value) throws(Fault) -> [UInt8] {
        var buffer = ByteBuffer()
        try writeRego(value, to: &buffer)
        return buffer.bytes
    }
}

/// Writes values as Rego terms.
struct RegoWriter {
    let space: Space

    func write(_ value: Value, _ buffer: inout ByteBuffer, depth: Int) throws(Fault) {
        try buffer.checkLimit()
        switch value.tag {
        case Value.Tag.null: buffer.append("null")
        case Value.Tag.boolean: buffer.append(value.isTrue ? "true" : "false")
        case Value.Tag.integer: buffer.filled &+= DecimalText.write(value.integerValue, to: buffer.room(24))
        case Value.Tag.decimal:
            let out = buffer.room(48)
            buffer.filled &+= DecimalText.write(value.integerValue, scale: value.decimalScale, to: out)
        case Value.Tag.numberText: buffer.append(space.longBytes(value))
        case Value.Tag.shortString, Value.Tag.longString:
            space.withBytes(value) { GoQuote.append($0, to: &buffer) }
        case Value.Tag.array:
            guard depth < Space.depthLimit else { throw Fault(.depthLimit) }
            buffer.append(UInt8(ascii: "["))
            try list(space.elements(value), &buffer, depth)
            buffer.append(UInt8(ascii: "]"))
        case Value.Tag.set:
            let elements = space.elements(value)
            guard elements.count > 0 else {
                buffer.append("set()")
                return
            }
            guard depth < Space.depthLimit else { throw Fault(.depthLimit) }
            buffer.append(UInt8(ascii: "{"))
            try list(elements, &buffer, depth)
            buffer.append(UInt8(ascii: "}"))
        case Value.Tag.object:
            guard depth < Space.depthLimit else { throw Fault(.depthLimit) }
            let entries = space.entries(value)
            buffer.append(UInt8(ascii: "{"))
            for index in 0..<entries.count {
                if index > 0 { buffer.append(", ") }
                try write(entries.keys[index], &buffer, depth: depth &+ 1)
                buffer.append(": ")
                try write(entries.values[index], &buffer, depth: depth &+ 1)
            }
            buffer.append(UInt8(ascii: "}"))
        default: throw Fault(.defect)
        }
    }

    private func list(_ elements: Elements, _ buffer: inout ByteBuffer, _ depth: Int) throws(Fault) {
        for index in 0..<elements.count {
            if index > 0 { buffer.append(", ") }
            try write(elements[index], &buffer, depth: depth &+ 1)
        }
    }
}

/// Text quoted as Go's `strconv.Quote` does.
public enum GoQuote {
    /// Appends the text between double quotes, with what is not printable escaped.
    public static func append(_ text: UnsafeBufferPointer<UInt8>, to buffer: inout ByteBuffer) {
        buffer.append(UInt8(ascii: "\""))
        if let base = text.baseAddress {
            var index = 0
            while index < text.count {
                let byte = base[index]
                let length = UTF8Decoding.length(base + index, text.count &- index)
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                    buffer.append(UInt8(ascii: "\\"))
                    buffer.append(byte)
                } else if length == 0 {
                    hexEscape(UInt32(byte), letter: UInt8(ascii: "x"), digits: 2, &buffer)
                } else {
                    append(UTF8Decoding.scalar(base + index, length: length), to: &buffer)
                }
                index &+= max(1, length)
            }
        }
        buffer.append(UInt8(ascii: "\""))
    }

    /// Appends one character, escaped where it is not printable. Quotes and backslash are the caller's affair.
    static func append(_ scalar: UInt32, to buffer: inout ByteBuffer) {
        if Printable.contains(scalar) {
            let out = buffer.room(4)
            buffer.filled &+= UTF8Decoding.encode(scalar, into: out)
            return
        }
        switch scalar {
        case 7: buffer.append("\\a")
        case 8: buffer.append("\\b")
        case 9: buffer.append("\\t")
        case 10: buffer.append("\\n")
        case 11: buffer.append("\\v")
        case 12: buffer.append("\\f")
        case 13: buffer.append("\\r")
        case 0..<0x80: hexEscape(scalar, letter: UInt8(ascii: "x"), digits: 2, &buffer)
        case 0x80..<0x10000: hexEscape(scalar, letter: UInt8(ascii: "u"), digits: 4, &buffer)
        default: hexEscape(scalar, letter: UInt8(ascii: "U"), digits: 8, &buffer)
        }
    }

    private static func hexEscape(_ value: UInt32, letter: UInt8, digits: Int, _ buffer: inout ByteBuffer) {
        buffer.append(UInt8(ascii: "\\"))
        buffer.append(letter)
        for digit in 0..<digits {
            buffer.append(DecimalText.hexDigit(value &>> UInt32(truncatingIfNeeded: (digits &- 1 &- digit) &* 4)))
        }
    }
}
