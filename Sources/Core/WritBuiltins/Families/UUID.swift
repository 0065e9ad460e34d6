import WritValue

/// Universally unique identifiers (RFC 4122).
enum UUIDBuiltins {
    static let builtins: [Builtin] = [
        Builtin(
            "uuid.parse", [Parameter("uuid", .string)], Parameter("result", .dictionary(.string, .any)),
            .pure(parse),
            """
            What a UUID says: its `version` and `variant`, and for versions 1 and 2 also `time` (nanoseconds since \
            1970), `clocksequence`, `nodeid` and `macvariables`, for version 2 `id` and `domain`. Undefined for a \
            string that is no UUID; the plain form, 32 digits, braces and `urn:uuid:` are understood.
            """),
        Builtin(
            "uuid.rfc4122", [Parameter("k", .string)], Parameter("output", .string), deterministic: false,
            .host(.uuid), "A random UUID (version 4), the same for equal `k` within one query."),
    ]

    private typealias Sixteen = InlineArray<16, UInt8>

    private static func parse(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        guard let id = read(try context.text(arguments, 0)) else { return .undefined }
        let space = context.space
        let version = id[6] &>> 4
        var list = ValueList()
        try add("version", .integer(Int(version)), &list, space)
        try add("variant", variant(id[8]), &list, space)
        if version == 1 || version == 2 {
            try add("nodeid", try node(context, id), &list, space)
            try add("macvariables", try space.string(kind(id[10])), &list, space)
            try add("clocksequence", .integer(Int(id[8] & 0x3f) &<< 8 | Int(id[9])), &list, space)
            try add("time", .integer(time(id)), &list, space)
        }
        if version == 2 {
            try add("id", .integer(Int64(truncatingIfNeeded: number(id, 0, 4))), &list, space)
            try add("domain", try domain(context, id[9]), &list, space)
        }
        return try space.object(pairs: list)
    }

    private static func add(
        _ key: StaticString, _ value: Value, _ list: inout ValueList, _ space: Space
    ) throws(Fault) {
        try list.append(try space.string(key), in: space)
        try list.append(value, in: space)
    }

    private static func number(_ id: Sixteen, _ from: Int, _ to: Int) -> UInt64 {
        var result: UInt64 = 0
        for index in from..<to { result = result &<< 8 | UInt64(id[index]) }
        return result
    }

    /// Nanoseconds since 1970 of a count of 100 ns since October 1582; wraps around as OPA's does.
    private static func time(_ id: Sixteen) -> Int64 {
        let ticks = number(id, 0, 4) | number(id, 4, 6) &<< 32 | (number(id, 6, 8) & 0xfff) &<< 48
        return (Int64(bitPattern: ticks) &- 122_192_928_000_000_000) &* 100
    }

    private static func variant(_ byte: UInt8) -> Value {
        if byte & 0xc0 == 0x80 { return .short("RFC4122") }
        if byte & 0xe0 == 0xc0 { return .short("Microsoft") }
        if byte & 0xe0 == 0xe0 { return .short("Future") }
        return .short("Reserved")
    }

    private static func kind(_ byte: UInt8) -> StaticString {
        switch byte & 3 {
        case 0: "global:unicast"
        case 1: "global:multicast"
        case 2: "local:unicast"
        default: "local:multicast"
        }
    }

    private static func node(_ context: BuiltinContext, _ id: Sixteen) throws(Fault) -> Value {
        let buffer = context.begin()
        for index in 10..<16 {
            if index > 10 { try buffer.append(UInt8(ascii: "-")) }
            try buffer.append(hex: UInt32(id[index]), digits: 2)
        }
        return try context.written()
    }

    private static func domain(_ context: BuiltinContext, _ byte: UInt8) throws(Fault) -> Value {
        switch byte {
        case 0: return .short("Person")
        case 1: return .short("Group")
        case 2: return .short("Org")
        default:
            let buffer = context.begin()
            try buffer.append("Domain")
            try buffer.append(decimal: Int(byte))
            return try context.written()
        }
    }

    /// The sixteen bytes of a UUID in one of its four spellings.
    private static func read(_ whole: Bytes) -> Sixteen? {
        var text = whole
        switch whole.count {
        case 32, 36: break
        case 38: text = whole.part(1, 37)
        case 45:
            let prefix: StaticString = "urn:uuid:"
            for index in 0..<9 {
                let byte = whole[index]
                guard (byte &- 65 < 26 ? byte | 0x20 : byte) == prefix.utf8Start[index] else { return nil }
            }
            text = whole.part(9, 45)
        default: return nil
        }
        var result = Sixteen(repeating: 0)
        var index = 0
        for position in 0..<16 {
            if text.count == 36, position == 4 || position == 6 || position == 8 || position == 10 {
                guard text[index] == UInt8(ascii: "-") else { return nil }
                index &+= 1
            }
            guard let high = digit(text[index]), let low = digit(text[index &+ 1]) else { return nil }
            result[position] = high &<< 4 | low
            index &+= 2
        }
        return result
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        if byte &- UInt8(ascii: "0") < 10 { return byte &- UInt8(ascii: "0") }
        let letter = (byte | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? letter &+ 10 : nil
    }
}
