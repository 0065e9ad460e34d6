import WritValue

extension Strings {
    static let changing: [Builtin] = [
        Builtin(
            "lower", [Parameter("x", .string)], Parameter("y", .string), .pure(lower),
            "`x` in lower case, character by character as Unicode's simple mapping has it."),
        Builtin(
            "upper", [Parameter("x", .string)], Parameter("y", .string), .pure(upper),
            "`x` in upper case, character by character as Unicode's simple mapping has it: `ß` stays."),
        Builtin(
            "strings.reverse", [Parameter("x", .string)], Parameter("y", .string), .pure(reverse),
            "The characters of `x` in reverse order."),
        Builtin(
            "replace", [Parameter("x", .string), Parameter("old", .string), Parameter("new", .string)],
            Parameter("y", .string), .pure(replace), "`x` with every occurrence of `old` replaced by `new`."),
        Builtin(
            "strings.replace_n",
            [Parameter("patterns", .dictionary(.string, .string)), Parameter("value", .string)],
            Parameter("output", .string), .pure(replaceMany),
            """
            `value` with every key of `patterns` that occurs in it replaced by the key's value, in one pass from left \
            to right. Where several keys match, the first in sorted order wins. Keys or values that are not strings \
            are a type error.
            """),
        Builtin(
            "format_int", [Parameter("number", .number), Parameter("base", .number)], Parameter("output", .string),
            .pure(formatInteger),
            """
            `number`, cut off to an integer, written in base 2, 8, 10 or 16. Any other base is a type error.
            """),
    ]

    // MARK: Case and order

    private static func lower(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let text = try context.text(arguments, 0)
        if arguments[0].tag == Value.Tag.shortString, let short = ShortCase.lower(arguments[0]) { return short }
        try context.spend(text.count &>> 3)
        let buffer = context.begin()
        var index = 0
        while index < text.count {
            if let word = ShortCase.word(text, index, from: 0x41) {
                try buffer.append(word: word)
                index &+= 8
                continue
            }
            let byte = text[index]
            if byte < 0x80 {
                try buffer.append(byte &- 65 < 26 ? byte | 0x20 : byte)
                index &+= 1
            } else {
                let (scalar, length) = Scalars.decode(text, at: index)
                try buffer.append(scalar: CaseMapping.lower(scalar))
                index &+= length
            }
        }
        return try context.written()
    }

    private static func upper(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let text = try context.text(arguments, 0)
        if arguments[0].tag == Value.Tag.shortString, let short = ShortCase.upper(arguments[0]) { return short }
        try context.spend(text.count &>> 3)
        let buffer = context.begin()
        var index = 0
        while index < text.count {
            if let word = ShortCase.word(text, index, from: 0x61) {
                try buffer.append(word: word)
                index &+= 8
                continue
            }
            let byte = text[index]
            if byte < 0x80 {
                try buffer.append(byte &- 97 < 26 ? byte & 0xdf : byte)
                index &+= 1
            } else {
                let (scalar, length) = Scalars.decode(text, at: index)
                try buffer.append(scalar: CaseMapping.upper(scalar))
                index &+= length
            }
        }
        return try context.written()
    }

    private static func reverse(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let text = try context.text(arguments, 0)
        try context.spend(text.count &>> 3)
        let buffer = context.begin()
        var end = text.count
        while end > 0 {
            let length = Scalars.lengthBefore(text, end)
            try buffer.append(text.part(end &- length, end))
            end &-= length
        }
        return try context.written()
    }

    // MARK: Replacing

    private static func replace(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let text = try context.text(arguments, 0)
        let old = try context.text(arguments, 1)
        let new = try context.text(arguments, 2)
        try context.spend(text.count &>> 4)
        let buffer = context.begin()
        if old.count == 0 {
            for byte in text {
                try buffer.append(new)
                try buffer.append(byte)
            }
            try buffer.append(new)
            try context.spend(buffer.count &>> 4)
            return try context.written()
        }
        var position = ByteSearch.find(old, in: text)
        if position < 0 { return arguments[0] }
        var start = 0
        while position >= 0 {
            try buffer.append(text.part(start, position))
            try buffer.append(new)
            start = position &+ old.count
            position = ByteSearch.find(old, in: text, from: start)
        }
        try buffer.append(text.part(start, text.count))
        try context.spend(buffer.count &>> 4)
        return try context.written()
    }

    private static func replaceMany(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let space = context.space
        guard arguments[0].isObject else { throw context.typeError(1, "object", got: arguments[0]) }
        guard arguments[1].isString else { throw context.typeError(2, "string", got: arguments[1]) }
        let entries = space.entries(arguments[0])
        try context.spend(entries.count)
        // Keys come sorted, and the first that matches wins: one that begins with another never does. What is
        // left are keys of which at most one matches at any position.
        var keys = ValueList()
        var values = ValueList()
        var empty = Value.undefined
        var firstBytes: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        for index in 0..<entries.count {
            let key = entries.keys[index]
            let value = entries.values[index]
            guard key.isString else { throw context.operandError(1, "non-string key found in pattern object") }
            guard value.isString else { throw context.operandError(1, "non-string value found in pattern object") }
            if space.byteCount(key) == 0 {
                empty = value
            } else if keys.count == 0 || !starts(space, key, with: keys[keys.count &- 1]) {
                try keys.append(key, in: space)
                try values.append(value, in: space)
                let first = space.withBytes(key) { $0[0] }
                set(&firstBytes, first)
            }
        }
        let text = try context.text(arguments, 1)
        try context.spend(text.count &>> 2)
        let buffer = context.begin()
        var position = 0
        var start = 0
        while true {
            if empty.isDefined {
                try buffer.append(text.part(start, position))
                start = position
                try space.withBytes(empty, throwing: { (bytes) throws(Fault) in try buffer.append(bytes) })
            }
            if position >= text.count { break }
            let found = has(firstBytes, text[position]) ? try match(context, keys, text, at: position) : -1
            if found >= 0 {
                try buffer.append(text.part(start, position))
                try space.withBytes(values[found], throwing: { (bytes) throws(Fault) in try buffer.append(bytes) })
                position &+= space.byteCount(keys[found])
                start = position
            } else {
                position &+= 1
            }
            if position >= text.count, empty.isUndefined { break }
        }
        try buffer.append(text.part(start, text.count))
        try context.spend(buffer.count &>> 4)
        return try context.written()
    }

    /// The key that stands at `position`, or -1. No key may begin with another.
    private static func match(
        _ context: BuiltinContext, _ keys: ValueList, _ text: Bytes, at position: Int
    ) throws(Fault) -> Int {
        let rest = text.part(position, text.count)
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low &+ high) &>> 1
            let order = context.space.withBytes(keys[middle]) { key in
                rest.hasPrefix(key) ? 0 : key.order(rest.part(0, key.count))
            }
            try context.spend(context.space.byteCount(keys[middle]) &>> 4 &+ 1)
            if order == 0 { return middle }
            if order < 0 { low = middle &+ 1 } else { high = middle }
        }
        return -1
    }

    private static func starts(_ space: Space, _ key: Value, with other: Value) -> Bool {
        space.withBytes(key) { one in space.withBytes(other) { two in one.hasPrefix(two) } }
    }

    private static func set(_ bits: inout (UInt64, UInt64, UInt64, UInt64), _ byte: UInt8) {
        let bit = UInt64(1) &<< UInt64(byte & 63)
        switch byte &>> 6 {
        case 0: bits.0 |= bit
        case 1: bits.1 |= bit
        case 2: bits.2 |= bit
        default: bits.3 |= bit
        }
    }

    private static func has(_ bits: (UInt64, UInt64, UInt64, UInt64), _ byte: UInt8) -> Bool {
        let word = byte &>> 6 == 0 ? bits.0 : byte &>> 6 == 1 ? bits.1 : byte &>> 6 == 2 ? bits.2 : bits.3
        return word &>> UInt64(byte & 63) & 1 == 1
    }
}

/// Case of short strings without leaving their two words.
enum ShortCase {
    /// The string in lower case, or nil when it is not ASCII.
    static func lower(_ value: Value) -> Value? { flip(value, from: 0x41) }
    static func upper(_ value: Value) -> Value? { flip(value, from: 0x61) }

    /// Changes the case of the 26 letters that begin at `first`, eight bytes at a time.
    private static func flip(_ value: Value, from first: UInt64) -> Value? {
        let text = value.high & 0x0000_ffff_ffff_ffff
        guard (value.low | text) & 0x8080_8080_8080_8080 == 0 else { return nil }
        return Value(
            low: flip(value.low, first), high: value.high & 0xffff_0000_0000_0000 | flip(text, first))
    }

    /// The eight bytes at `index` with their case changed; nil when there are fewer or they are not ASCII.
    @inline(__always)
    static func word(_ text: Bytes, _ index: Int, from first: UInt64) -> UInt64? {
        guard index &+ 8 <= text.count, let base = text.baseAddress else { return nil }
        let word = UInt64(
            littleEndian: UnsafeRawPointer(base).loadUnaligned(fromByteOffset: index, as: UInt64.self))
        return word & 0x8080_8080_8080_8080 == 0 ? flip(word, first) : nil
    }

    @inline(__always)
    private static func flip(_ word: UInt64, _ first: UInt64) -> UInt64 {
        // A byte's high bit is set where it is at least the first letter, and not above the last.
        let ones: UInt64 = 0x0101_0101_0101_0101
        let least = word &+ ones &* (0x80 &- first)
        let above = word &+ ones &* (0x80 &- first &- 26)
        return word ^ ((least & ~above & 0x8080_8080_8080_8080) &>> 2)
    }
}
