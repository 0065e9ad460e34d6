import WritValue

/// The JSON text by which `const`, `enum` and `uniqueItems` compare: numbers as 64-bit floats, as Go's
/// `encoding/json` writes them.
struct SchemaCanonical {
    let context: BuiltinContext
    private(set) var bytes: [UInt8] = []

    init(_ context: BuiltinContext) { self.context = context }

    static func text(_ value: Value, _ context: BuiltinContext) throws(Fault) -> [UInt8] {
        var writer = SchemaCanonical(context)
        try writer.write(value, depth: 0)
        return writer.bytes
    }

    private mutating func write(_ value: Value, depth: Int) throws(Fault) {
        guard depth < SchemaCompiler.depthLimit else { throw Fault(.depthLimit) }
        try context.spend(1)
        switch value.kind {
        case .array:
            bytes.append(UInt8(ascii: "["))
            let elements = context.space.elements(value)
            for index in 0..<elements.count {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                try write(elements[index], depth: depth + 1)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object:
            bytes.append(UInt8(ascii: "{"))
            let entries = context.space.entries(value)
            for index in 0..<entries.count {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                try write(entries.keys[index], depth: depth + 1)
                bytes.append(UInt8(ascii: ":"))
                try write(entries.values[index], depth: depth + 1)
            }
            bytes.append(UInt8(ascii: "}"))
        case .number:
            bytes += context.space.withNumberText(value) { Self.number($0) }
        default:
            try context.spend(context.space.byteCount(value) &>> 3)
            bytes += try context.space.json(value)
        }
    }

    private static func number(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        guard let value = DoubleText.parse(text) else { return Array(text) }
        let magnitude = value.magnitude
        guard magnitude != 0, magnitude < 1e-6 || magnitude >= 1e21 else {
            return DoubleText.format(value, UInt8(ascii: "f"))
        }
        var digits = DoubleText.format(value, UInt8(ascii: "e"))
        // "e-09" is written "e-9".
        let count = digits.count
        if count >= 4, digits[count - 4] == UInt8(ascii: "e"), digits[count - 3] == UInt8(ascii: "-"),
            digits[count - 2] == UInt8(ascii: "0")
        {
            digits.remove(at: count - 2)
        }
        return digits
    }
}
