import WritValue

/// `base64.*`, `base64url.*` and `hex.*`. Decoded bytes become a string as they are, even where they are no UTF-8.
enum Encoding {
    static let builtins: [Builtin] = [
        Builtin(
            "base64.encode", operand, Parameter("y", .string),
            .pure { (context, arguments) throws(Fault) in
                try encode(context, arguments, url: false, padding: true)
            }, "The bytes of a string in base64. An operand that is no string is an error."),
        Builtin(
            "base64.decode", operand, Parameter("y", .string),
            .pure { (context, arguments) throws(Fault) in
                try decode(try context.text(arguments, 0), url: false, missing: 0, context)
            },
            """
            The string whose bytes a base64 text holds. Line breaks are skipped; other characters, and a missing \
            padding, are errors.
            """),
        Builtin(
            "base64.is_valid", operand, Parameter("result", .boolean),
            .pure { (context, arguments) throws(Fault) in
                guard arguments[0].isString else { return .false }
                let bytes = arguments.bytes(0, in: context.space)
                try context.spend(bytes.count &>> 4)
                return .boolean(try Base64.decode(bytes, url: false, missing: 0, to: nil) == nil)
            }, "Whether a string is padded base64; false for anything that is no string."),
        Builtin(
            "base64url.encode", operand, Parameter("y", .string),
            .pure { (context, arguments) throws(Fault) in
                try encode(context, arguments, url: true, padding: true)
            }, "The bytes of a string in base64 with the alphabet for URLs. An operand that is no string is an error."),
        Builtin(
            "base64url.encode_no_pad", operand, Parameter("y", .string),
            .pure { (context, arguments) throws(Fault) in
                try encode(context, arguments, url: true, padding: false)
            },
            """
            The bytes of a string in base64 with the alphabet for URLs, without padding. An operand that is no \
            string is an error.
            """),
        Builtin(
            "base64url.decode", operand, Parameter("y", .string),
            .pure { (context, arguments) throws(Fault) in
                let bytes = try context.text(arguments, 0)
                var missing = 0
                if bytes.count == 0 || bytes[bytes.count - 1] != UInt8(ascii: "=") {
                    missing = (4 - bytes.count % 4) % 4
                }
                guard missing != 3 else {
                    let text = Array(bytes)
                    throw context.message(.builtin) { (buffer) throws(Fault) in
                        try buffer.append("illegal base64url string: ")
                        try text.withUnsafeBufferPointer { (bytes) throws(Fault) in try buffer.append(bytes) }
                    }
                }
                return try decode(bytes, url: true, missing: missing, context)
            },
            """
            The string whose bytes a base64 text in the alphabet for URLs holds, with or without padding. Other \
            characters and impossible lengths are errors.
            """),
        Builtin(
            "hex.encode", operand, Parameter("y", .string),
            .pure { (context, arguments) throws(Fault) in
                let bytes = try context.text(arguments, 0)
                try context.spend(bytes.count &>> 4)
                let buffer = context.begin()
                try buffer.reserve(bytes.count &* 2)
                for byte in bytes {
                    try buffer.append(Hexadecimal.digit(byte &>> 4))
                    try buffer.append(Hexadecimal.digit(byte & 15))
                }
                return try context.written()
            }, "The bytes of a string as hexadecimal digits in lower case. An operand that is no string is an error."),
        Builtin(
            "hex.decode", operand, Parameter("y", .string),
            .pure { (context, arguments) throws(Fault) in try decodeHexadecimal(context, arguments) },
            """
            The string whose bytes a text of hexadecimal digits holds, in either case. Other characters and an odd \
            number of digits are errors.
            """),
    ]

    private static let operand = [Parameter("x", .string)]

    private static func encode(
        _ context: BuiltinContext, _ arguments: Arguments, url: Bool, padding: Bool
    ) throws(Fault) -> Value {
        let bytes = try context.text(arguments, 0)
        try context.spend(bytes.count &>> 4)
        let buffer = context.begin()
        try Base64.encode(bytes, url: url, padding: padding, to: buffer)
        return try context.written()
    }

    private static func decode(
        _ bytes: Bytes, url: Bool, missing: Int, _ context: BuiltinContext
    ) throws(Fault) -> Value {
        try context.spend(bytes.count &>> 4)
        let buffer = context.begin()
        if let position = try Base64.decode(bytes, url: url, missing: missing, to: buffer) {
            throw context.message(.builtin) { (buffer) throws(Fault) in
                try buffer.append("illegal base64 data at input byte ")
                try buffer.append(decimal: position)
            }
        }
        return try context.written()
    }

    private static func decodeHexadecimal(
        _ context: BuiltinContext, _ arguments: Arguments
    ) throws(Fault) -> Value {
        let bytes = try context.text(arguments, 0)
        try context.spend(bytes.count &>> 4)
        let buffer = context.begin()
        try buffer.reserve(bytes.count / 2)
        var high: UInt8 = 0
        for index in 0..<bytes.count {
            guard let digit = Hexadecimal.value(bytes[index]) else { throw badByte(bytes[index], context) }
            if index & 1 == 1 { try buffer.append(high &<< 4 | digit) }
            high = digit
        }
        guard bytes.count & 1 == 0 else { throw context.error("encoding/hex: odd length hex string") }
        return try context.written()
    }

    /// Names a byte as the character of Latin-1 that it would be.
    private static func badByte(_ byte: UInt8, _ context: BuiltinContext) -> Fault {
        context.message(.builtin) { (buffer) throws(Fault) in
            try buffer.append("encoding/hex: invalid byte: U+00")
            try buffer.append(Hexadecimal.upperDigit(byte &>> 4))
            try buffer.append(Hexadecimal.upperDigit(byte & 15))
            guard Printable.contains(UInt32(byte)) else { return }
            try buffer.append(" '")
            try buffer.append(scalar: UInt32(byte))
            try buffer.append("'")
        }
    }
}

/// Hexadecimal digits.
enum Hexadecimal {
    static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? value &+ UInt8(ascii: "0") : value &- 10 &+ UInt8(ascii: "a")
    }

    static func upperDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? value &+ UInt8(ascii: "0") : value &- 10 &+ UInt8(ascii: "A")
    }

    static func value(_ digit: UInt8) -> UInt8? {
        if digit &- UInt8(ascii: "0") < 10 { return digit &- UInt8(ascii: "0") }
        let lower = digit | 0x20
        return lower &- UInt8(ascii: "a") < 6 ? lower &- UInt8(ascii: "a") &+ 10 : nil
    }
}

/// Base64 (RFC 4648), read as Go's decoder reads it: the unused bits at the end may be anything, line breaks may
/// stand anywhere.
enum Base64 {
    static func encode(_ bytes: Bytes, url: Bool, padding: Bool, to buffer: Scratch) throws(Fault) {
        try buffer.reserve((bytes.count &+ 2) / 3 &* 4)
        var index = 0
        while index &+ 2 < bytes.count {
            let group = UInt32(bytes[index]) &<< 16 | UInt32(bytes[index &+ 1]) &<< 8 | UInt32(bytes[index &+ 2])
            try buffer.append(digit(group &>> 18, url))
            try buffer.append(digit(group &>> 12, url))
            try buffer.append(digit(group &>> 6, url))
            try buffer.append(digit(group, url))
            index &+= 3
        }
        let rest = bytes.count &- index
        guard rest > 0 else { return }
        let group = UInt32(bytes[index]) &<< 16 | (rest == 2 ? UInt32(bytes[index &+ 1]) &<< 8 : 0)
        try buffer.append(digit(group &>> 18, url))
        try buffer.append(digit(group &>> 12, url))
        if rest == 2 { try buffer.append(digit(group &>> 6, url)) }
        if padding { try buffer.append(repeating: UInt8(ascii: "="), count: 3 &- rest) }
    }

    private static func digit(_ bits: UInt32, _ url: Bool) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: bits & 63)
        if value < 26 { return value &+ UInt8(ascii: "A") }
        if value < 52 { return value &- 26 &+ UInt8(ascii: "a") }
        if value < 62 { return value &- 52 &+ UInt8(ascii: "0") }
        if value == 62 { return url ? UInt8(ascii: "-") : UInt8(ascii: "+") }
        return url ? UInt8(ascii: "_") : UInt8(ascii: "/")
    }

    private static func value(_ digit: UInt8, _ url: Bool) -> UInt32? {
        if digit &- UInt8(ascii: "A") < 26 { return UInt32(digit &- UInt8(ascii: "A")) }
        if digit &- UInt8(ascii: "a") < 26 { return UInt32(digit &- UInt8(ascii: "a") &+ 26) }
        if digit &- UInt8(ascii: "0") < 10 { return UInt32(digit &- UInt8(ascii: "0") &+ 52) }
        if digit == (url ? UInt8(ascii: "-") : UInt8(ascii: "+")) { return 62 }
        return digit == (url ? UInt8(ascii: "_") : UInt8(ascii: "/")) ? 63 : nil
    }

    /// Decodes a text as if `missing` padding characters followed it. Gives the position of the first byte that is
    /// refused, nil when all is well.
    static func decode(_ text: Bytes, url: Bool, missing: Int, to buffer: Scratch?) throws(Fault) -> Int? {
        let count = text.count &+ missing
        func byte(_ index: Int) -> UInt8 { index < text.count ? text[index] : UInt8(ascii: "=") }
        func isLineBreak(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
        var group: UInt32 = 0
        var digits = 0
        var index = 0
        while index < count {
            let next = byte(index)
            index &+= 1
            if let value = value(next, url) {
                group = group &<< 6 | value
                digits &+= 1
                if digits == 4 {
                    try write(group, 3, buffer)
                    digits = 0
                    group = 0
                }
                continue
            }
            if isLineBreak(next) { continue }
            // Only padding is left to be good: after two digits two of it, after three one.
            guard next == UInt8(ascii: "="), digits >= 2 else { return index &- 1 }
            if digits == 2 {
                while index < count, isLineBreak(byte(index)) { index &+= 1 }
                guard index < count else { return count }
                guard byte(index) == UInt8(ascii: "=") else { return index &- 1 }
                index &+= 1
            }
            while index < count, isLineBreak(byte(index)) { index &+= 1 }
            if index < count { return index }
            try write(group &<< UInt32((4 &- digits) &* 6), digits &- 1, buffer)
            return nil
        }
        return digits == 0 ? nil : count &- digits
    }

    private static func write(_ group: UInt32, _ count: Int, _ buffer: Scratch?) throws(Fault) {
        guard let buffer else { return }
        try buffer.append(UInt8(truncatingIfNeeded: group &>> 16))
        if count > 1 { try buffer.append(UInt8(truncatingIfNeeded: group &>> 8)) }
        if count > 2 { try buffer.append(UInt8(truncatingIfNeeded: group)) }
    }
}
