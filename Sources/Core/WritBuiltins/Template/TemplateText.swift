import WritValue

/// Values as templates print them: Go's `%v` of what `encoding/json` reads.
enum TemplateText {
    /// What an action prints.
    static func shown(_ value: TemplateValue, _ context: BuiltinContext) throws(TemplateError) -> [UInt8] {
        switch value {
        case .missing: return ascii("<undefined>")
        case .data(let data) where data.isNull: return ascii("<undefined>")
        default: return try text(value, context)
        }
    }

    /// What `print` makes of a value.
    static func text(_ value: TemplateValue, _ context: BuiltinContext) throws(TemplateError) -> [UInt8] {
        var bytes: [UInt8] = []
        switch value {
        case .missing: bytes = ascii("<nil>")
        case .integer(let number):
            var text = TextBuilder()
            text.append(Int(clamping: number))
            bytes = text.bytes
        case .float(let number): bytes = DoubleText.format(number, UInt8(ascii: "g"))
        case .data(let data): try append(data, context, 0, &bytes)
        }
        return bytes
    }

    static func append(
        _ value: Value, _ context: BuiltinContext, _ depth: Int, _ bytes: inout [UInt8]
    ) throws(TemplateError) {
        guard depth < SchemaCompiler.depthLimit else { throw .fault(Fault(.depthLimit)) }
        do throws(Fault) { try context.spend(1 + context.space.byteCount(value) &>> 3) } catch { throw .fault(error) }
        switch value.kind {
        case .string:
            bytes += context.space.bytes(value)
        case .number: bytes += context.space.withNumberText(value) { Array($0) }
        case .boolean:
            bytes += ascii(value.isTrue ? "true" : "false")
        case .array:
            bytes.append(UInt8(ascii: "["))
            let elements = context.space.elements(value)
            for index in 0..<elements.count {
                if index > 0 { bytes.append(0x20) }
                try append(elements[index], context, depth + 1, &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object:
            bytes += ascii("map[")
            let entries = context.space.entries(value)
            for index in 0..<entries.count {
                if index > 0 { bytes.append(0x20) }
                try append(entries.keys[index], context, depth + 1, &bytes)
                bytes.append(UInt8(ascii: ":"))
                try append(entries.values[index], context, depth + 1, &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        default: bytes += ascii("<nil>")
        }
    }

    /// Zero, empty, false and nothing are false. Numbers of JSON are texts: 0 is not empty.
    static func isTrue(_ value: TemplateValue, _ context: BuiltinContext) -> Bool {
        switch value {
        case .missing: return false
        case .integer(let number): return number != 0
        case .float(let number): return number != 0
        case .data(let data):
            switch data.kind {
            case .boolean: return data.isTrue
            case .string: return context.space.byteCount(data) > 0
            case .array, .object: return data.count > 0
            case .number: return true
            default: return false
            }
        }
    }

    /// Go's name for a value's type.
    static func typeName(_ value: TemplateValue) -> StaticString {
        switch value {
        case .missing: return "<nil>"
        case .integer: return "int"
        case .float: return "float64"
        case .data(let data):
            switch data.kind {
            case .boolean: return "bool"
            case .string: return "string"
            case .number: return "json.Number"
            case .array: return "[]interface {}"
            case .object: return "map[string]interface {}"
            default: return "<nil>"
            }
        }
    }
}
