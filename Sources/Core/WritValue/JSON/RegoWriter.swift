extension Space {
    /// Appends a value as a Rego term, the way OPA prints values (`sprintf("%v", [x])`, template strings, errors):
    /// `{"a": [1, 2.50, {true}], [1]: set()}`, strings quoted as Go's `strconv.Quote` does.
    ///
    /// Throws `depthLimit`, `sizeLimit` past the buffer's limit, `malformed` for damaged pieces.
    public func writeRego(_ value: Value, to buffer: inout ByteBuffer) throws(Fault) {
        try RegoWriter(space: self).write(value, &buffer)
        try check()
        try buffer.checkLimit()
    }

    /// The Rego text of a value. Allocates: for hosts and error paths.
    public func rego(_ value: Value) throws(Fault) -> [UInt8] {
        var buffer = ByteBuffer()
        try writeRego(value, to: &buffer)
        return buffer.bytes
    }
}

/// Writes one value as a Rego term. The open containers lie on a stack in scratch memory, as in `JSONWriter`; the
/// index of an object's frame counts keys and values in turn.
struct RegoWriter {
    let space: Space

    func write(_ root: Value, _ buffer: inout ByteBuffer) throws(Fault) {
        let scratch = space.jsonScratch
        var value = root
        var depth = 0
        var frame = WriterFrame(
            keys: nil, values: UnsafePointer(scratch.pointee.values), keyPiece: 0, valuePiece: 0, index: 0, count: 0)
        while true {
            try buffer.checkLimit()
            if let inner = try open(value, &buffer) {
                guard depth < Space.depthLimit else { throw Fault(.depthLimit) }
                if depth >= scratch.pointee.writingCapacity { scratch.pointee.growWriting(depth) }
                scratch.pointee.writing[depth] = frame
                depth &+= 1
                frame = inner
                value = item(frame)
                continue
            }
            while true {
                if depth == 0 { return }
                frame.index &+= 1
                if frame.index < frame.count {
                    buffer.append(frame.keys != nil && frame.index & 1 == 1 ? ": " : ", ")
                    value = item(frame)
                    break
                }
                buffer.append(frame.isArray ? UInt8(ascii: "]") : UInt8(ascii: "}"))
                depth &-= 1
                frame = scratch.pointee.writing[depth]
            }
        }
    }

    /// The key, value or element that is due.
    private func item(_ frame: WriterFrame) -> Value {
        guard let keys = frame.keys else { return space.load(frame.values + frame.index, from: frame.valuePiece) }
        let place = frame.index &>> 1
        return frame.index & 1 == 0
            ? space.load(keys + place, from: frame.keyPiece) : space.load(frame.values + place, from: frame.valuePiece)
    }

    /// Writes a scalar or an empty container and gives nil, or writes the bracket that opens a container.
    private func open(_ value: Value, _ buffer: inout ByteBuffer) throws(Fault) -> WriterFrame? {
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
        case Value.Tag.array, Value.Tag.set:
            let elements = space.elements(value)
            guard let values = elements.base else {
                buffer.append(value.isArray ? "[]" : "set()")
                return nil
            }
            buffer.append(value.isArray ? UInt8(ascii: "[") : UInt8(ascii: "{"))
            return WriterFrame(
                keys: nil, values: values, keyPiece: 0, valuePiece: elements.piece, index: 0, count: elements.count,
                isArray: value.isArray)
        case Value.Tag.object:
            let entries = space.entries(value)
            guard let keys = entries.keys.base, let values = entries.values.base else {
                buffer.append("{}")
                return nil
            }
            buffer.append(UInt8(ascii: "{"))
            return WriterFrame(
                keys: keys, values: values, keyPiece: entries.keys.piece, valuePiece: entries.values.piece,
                index: 0, count: entries.count &* 2)
        default: throw Fault(space.state.pointee.pending ?? .defect)
        }
        return nil
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
