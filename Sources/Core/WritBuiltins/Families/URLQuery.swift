import WritValue

/// `urlquery.*`: the encoding of parameters behind a URL's question mark.
enum URLQuery {
    static let builtins: [Builtin] = [
        Builtin(
            "urlquery.encode", [Parameter("x", .string)], Parameter("y", .string),
            .pure { (context, arguments) throws(Fault) in
                let bytes = try context.text(arguments, 0)
                try context.spend(bytes.count &>> 4)
                try escape(bytes, to: context.begin())
                return try context.written()
            },
            """
            A string made fit for a URL's query: letters, digits and `-_.~` stay, a space becomes `+`, every other \
            byte `%XX`. An operand that is no string is an error.
            """),
        Builtin(
            "urlquery.decode", [Parameter("x", .string)], Parameter("y", .string),
            .pure { (context, arguments) throws(Fault) in
                let bytes = try context.text(arguments, 0)
                try context.spend(bytes.count &>> 4)
                let buffer = context.begin()
                if let position = try unescape(bytes, to: buffer) { throw badEscape(bytes, position, context) }
                return try context.written()
            },
            """
            The string that an encoded one stands for: `+` is a space, `%XX` a byte. A `%` without two hexadecimal \
            digits is an error, as is an operand that is no string.
            """),
        Builtin(
            "urlquery.encode_object",
            [Parameter("object", .dictionary(.string, .union([.string, .array(.string), .set(.string)])))],
            Parameter("y", .string),
            .pure { (context, arguments) throws(Fault) in try encodeObject(context, arguments) },
            """
            The query text of an object of parameters, in the order of their names. A value is a string, or an array \
            or set of strings: one parameter each. Anything else is an error.
            """),
        Builtin(
            "urlquery.decode_object", [Parameter("x", .string)],
            Parameter("object", .dictionary(.string, .array(.string))),
            .pure { (context, arguments) throws(Fault) in try decodeObject(context, arguments) },
            """
            The parameters in a query text: each name with the array of its values in order. A bad escape and a \
            semicolon are errors, as is an operand that is no string.
            """),
    ]

    // MARK: Escapes

    static func escape(_ bytes: Bytes, to buffer: Scratch) throws(Fault) {
        for byte in bytes {
            if isPlain(byte) {
                try buffer.append(byte)
            } else if byte == UInt8(ascii: " ") {
                try buffer.append(UInt8(ascii: "+"))
            } else {
                try buffer.append(UInt8(ascii: "%"))
                try buffer.append(Hexadecimal.upperDigit(byte &>> 4))
                try buffer.append(Hexadecimal.upperDigit(byte & 15))
            }
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "~")
    }

    /// Appends what the bytes stand for. Gives the position of the first bad escape, nil when all is well.
    static func unescape(_ bytes: Bytes, to buffer: Scratch) throws(Fault) -> Int? {
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%") {
                guard index &+ 2 < bytes.count, let high = Hexadecimal.value(bytes[index &+ 1]),
                    let low = Hexadecimal.value(bytes[index &+ 2])
                else { return index }
                try buffer.append(high &<< 4 | low)
                index &+= 3
            } else {
                try buffer.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                index &+= 1
            }
        }
        return nil
    }

    static func badEscape(_ bytes: Bytes, _ position: Int, _ context: BuiltinContext) -> Fault {
        let quoted = context.quoted(bytes.part(position, position &+ 3))
        return context.message(.builtin) { (buffer) throws(Fault) in
            try buffer.append("invalid URL escape ")
            try quoted.withUnsafeBufferPointer { (bytes) throws(Fault) in try buffer.append(bytes) }
        }
    }

    // MARK: Objects

    private static func encodeObject(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let space = context.space
        let entries = space.entries(try arguments.object(0, context))
        try context.spend(entries.count)
        let buffer = context.begin()
        // Keys that are no strings stand for their JSON text, which does not sort as the keys do.
        var order: [(name: [UInt8], value: Value)] = []
        for index in 0..<entries.count {
            let (key, value) = (entries.keys[index], entries.values[index])
            let elements = space.elements(value)
            var isGood = value.isString || value.isArray || value.isSet
            for position in 0..<elements.count where !elements[position].isString { isGood = false }
            guard isGood else {
                throw context.typeError("operand 1 values must be string, array[string], or set[string]")
            }
            order.append((key.isString ? space.bytes(key) : try space.json(key), value))
        }
        order.sort { one, two in
            one.name.withUnsafeBufferPointer { a in two.name.withUnsafeBufferPointer { b in a.order(b) < 0 } }
        }
        for (name, value) in order {
            if value.isString {
                try append(name, value, to: buffer, space)
                continue
            }
            let elements = space.elements(value)
            try context.spend(elements.count)
            for position in 0..<elements.count { try append(name, elements[position], to: buffer, space) }
        }
        return try context.written()
    }

    private static func append(
        _ name: [UInt8], _ value: Value, to buffer: Scratch, _ space: Space
    ) throws(Fault) {
        if buffer.count > 0 { try buffer.append(UInt8(ascii: "&")) }
        try name.withUnsafeBufferPointer { (bytes) throws(Fault) in try escape(bytes, to: buffer) }
        try buffer.append(UInt8(ascii: "="))
        try space.withBytes(value, throwing: { (bytes) throws(Fault) in try escape(bytes, to: buffer) })
    }

    private struct Pair {
        var name: Value
        var value: Value
        var order: Int
    }

    private static func decodeObject(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let bytes = try context.text(arguments, 0)
        try context.spend(bytes.count)
        for byte in bytes where byte == UInt8(ascii: ";") {
            throw context.error("invalid semicolon separator in query")
        }
        var pairs: [Pair] = []
        var start = 0
        while start <= bytes.count {
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: "&") { end &+= 1 }
            let part = bytes.part(start, end)
            start = end &+ 1
            if part.count == 0 { continue }
            var equals = part.count
            for index in 0..<part.count where part[index] == UInt8(ascii: "=") && equals == part.count {
                equals = index
            }
            let name = try unescaped(part.part(0, equals), context)
            let value = try unescaped(part.part(equals &+ 1, part.count), context)
            pairs.append(Pair(name: name, value: value, order: pairs.count))
        }
        let space = context.space
        pairs.sort { one, two in
            let order = space.compare(one.name, two.name)
            return order == 0 ? one.order < two.order : order < 0
        }
        var list = ValueList()
        var index = 0
        while index < pairs.count {
            let name = pairs[index].name
            var values = ValueList()
            while index < pairs.count, space.equal(pairs[index].name, name) {
                try values.append(pairs[index].value, in: space)
                index += 1
            }
            try list.append(name, in: space)
            try list.append(space.array(adopting: values), in: space)
        }
        return try space.object(pairs: list)
    }

    private static func unescaped(_ bytes: Bytes, _ context: BuiltinContext) throws(Fault) -> Value {
        let buffer = context.begin()
        if let position = try unescape(bytes, to: buffer) { throw badEscape(bytes, position, context) }
        return try context.written()
    }
}

extension BuiltinContext {
    /// A text quoted as Go's `%q` does, for messages.
    func quoted(_ bytes: Bytes) -> [UInt8] {
        let copy = Array(bytes)
        do throws(Fault) { return try space.rego(try space.string(copy)) } catch { return [] }
    }
}
