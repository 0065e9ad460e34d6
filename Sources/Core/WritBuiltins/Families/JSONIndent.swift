import WritValue

/// `json.marshal_with_options`: JSON text over several lines.
struct JSONLayout {
    private var isPretty = false
    private var prefix: [UInt8] = []
    private var indent: [UInt8] = [UInt8(ascii: "\t")]

    static func marshal(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let layout = try JSONLayout(try arguments.object(1, context), context)
        var compact = ByteBuffer(limit: context.space.memoryLimit)
        try context.space.writeJSON(arguments[0], to: &compact)
        guard layout.isPretty else { return try JSONBuiltins.text(compact, context) }
        let buffer = context.begin()
        let failure = compact.withBytes { bytes -> Fault? in
            do throws(Fault) {
                try layout.write(bytes, to: buffer)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
        try context.spend(buffer.count &>> 4)
        return try context.written()
    }

    private init(_ options: Value, _ context: BuiltinContext) throws(Fault) {
        let entries = context.space.entries(options)
        var explicit: Bool?
        for index in 0..<entries.count {
            let (key, value) = (entries.keys[index], entries.values[index])
            guard key.isString else { throw try Self.unreadable(key, index, context) }
            if context.space.string(key, equals: "pretty") {
                guard value.isBoolean else {
                    throw context.typeError("operand 2 key \"pretty\" failed cast to bool")
                }
                explicit = value.isTrue
            } else if context.space.string(key, equals: "prefix") {
                prefix = try Self.text(value, "prefix", index, context)
                isPretty = true
            } else if context.space.string(key, equals: "indent") {
                indent = try Self.text(value, "indent", index, context)
                isPretty = true
            } else {
                throw context.message(.type) { (buffer) throws(Fault) in
                    try buffer.append("operand 2 object contained unknown key ")
                    try context.space.withBytes(
                        key, throwing: { (bytes) throws(Fault) in try buffer.append(quoted: bytes) })
                }
            }
        }
        isPretty = explicit ?? isPretty
    }

    private static func text(
        _ value: Value, _ name: StaticString, _ index: Int, _ context: BuiltinContext
    ) throws(Fault) -> [UInt8] {
        if value.isString { return context.space.bytes(value) }
        throw context.message(.type) { (buffer) throws(Fault) in
            try buffer.append("operand 2 key \"")
            try buffer.append(name)
            try buffer.append("\" failed cast to string: operand ")
            try buffer.append(decimal: index)
            try buffer.append(" must be string but got ")
            try buffer.append(BuiltinContext.typeName(value))
        }
    }

    private static func unreadable(_ key: Value, _ index: Int, _ context: BuiltinContext) throws(Fault) -> Fault {
        let text = try context.space.rego(key)
        return context.message(.type) { (buffer) throws(Fault) in
            try buffer.append("operand 2 failed to stringify key ")
            try text.withUnsafeBufferPointer { (bytes) throws(Fault) in try buffer.append(bytes) }
            try buffer.append(" at index ")
            try buffer.append(decimal: index)
            try buffer.append(": operand ")
            try buffer.append(decimal: index)
            try buffer.append(" must be string but got ")
            try buffer.append(BuiltinContext.typeName(key))
        }
    }

    /// Lays compact JSON out: the text is known to be good, so only strings and brackets matter.
    private func write(_ text: Bytes, to buffer: Scratch) throws(Fault) {
        try append(prefix, to: buffer)
        var level = 0
        var isInString = false
        var index = 0
        while index < text.count {
            let byte = text[index]
            index += 1
            if isInString {
                try buffer.append(byte)
                if byte == UInt8(ascii: "\\"), index < text.count {
                    try buffer.append(text[index])
                    index += 1
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""):
                isInString = true
                try buffer.append(byte)
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                try buffer.append(byte)
                if index < text.count, text[index] == byte + 2 {
                    try buffer.append(text[index])
                    index += 1
                } else {
                    level += 1
                    try newLine(level, buffer)
                }
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                level -= 1
                try newLine(level, buffer)
                try buffer.append(byte)
            case UInt8(ascii: ","):
                try buffer.append(byte)
                try newLine(level, buffer)
            case UInt8(ascii: ":"):
                try buffer.append(byte)
                try buffer.append(UInt8(ascii: " "))
            default: try buffer.append(byte)
            }
        }
    }

    private func newLine(_ level: Int, _ buffer: Scratch) throws(Fault) {
        try buffer.append(UInt8(ascii: "\n"))
        try append(prefix, to: buffer)
        for _ in 0..<max(0, level) { try append(indent, to: buffer) }
    }

    private func append(_ bytes: [UInt8], to buffer: Scratch) throws(Fault) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(Fault) in try buffer.append(bytes) }
    }
}
