import WritValue

extension Strings {
    static let trimming: [Builtin] = [
        Builtin(
            "trim", cutset, output, .pure { (context, arguments) throws(Fault) in try trim(context, arguments, 3) },
            "`value` without the characters of `cutset` at its beginning and end."),
        Builtin(
            "trim_left", cutset, output,
            .pure { (context, arguments) throws(Fault) in try trim(context, arguments, 1) },
            "`value` without the characters of `cutset` at its beginning."),
        Builtin(
            "trim_right", cutset, output,
            .pure { (context, arguments) throws(Fault) in try trim(context, arguments, 2) },
            "`value` without the characters of `cutset` at its end."),
        Builtin(
            "trim_prefix", [Parameter("value", .string), Parameter("prefix", .string)], output, .pure(trimPrefix),
            "`value` without `prefix`, once, if it begins with it."),
        Builtin(
            "trim_suffix", [Parameter("value", .string), Parameter("suffix", .string)], output, .pure(trimSuffix),
            "`value` without `suffix`, once, if it ends with it."),
        Builtin(
            "trim_space", [Parameter("value", .string)], output, .pure(trimSpace),
            "`value` without white space (as Unicode has it) at its beginning and end."),
    ]

    private static let cutset = [Parameter("value", .string), Parameter("cutset", .string)]
    private static let output = Parameter("output", .string)

    /// Trims the beginning if bit 0 of `sides` is set, the end if bit 1 is.
    private static func trim(
        _ context: BuiltinContext, _ arguments: Arguments, _ sides: Int
    ) throws(Fault) -> Value {
        let text = try context.text(arguments, 0)
        let cutset = CharacterSet(try context.text(arguments, 1))
        var start = 0
        var end = text.count
        if sides & 1 != 0 {
            while start < end {
                let (scalar, length) = Scalars.decode(text, at: start)
                guard cutset.contains(scalar) else { break }
                start &+= length
            }
        }
        if sides & 2 != 0 {
            while end > start {
                let length = Scalars.lengthBefore(text, end)
                guard cutset.contains(Scalars.decode(text, at: end &- length).scalar) else { break }
                end &-= length
            }
        }
        try context.spend((text.count &- end &+ start) &>> 2)
        return try context.slice(text, start, end, of: arguments[0])
    }

    private static func trimSpace(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let text = try context.text(arguments, 0)
        var start = 0
        var end = text.count
        while start < end {
            let (scalar, length) = Scalars.decode(text, at: start)
            guard Scalars.isSpace(scalar) else { break }
            start &+= length
        }
        while end > start {
            let length = Scalars.lengthBefore(text, end)
            guard Scalars.isSpace(Scalars.decode(text, at: end &- length).scalar) else { break }
            end &-= length
        }
        try context.spend((text.count &- end &+ start) &>> 2)
        return try context.slice(text, start, end, of: arguments[0])
    }

    private static func trimPrefix(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let text = try context.text(arguments, 0)
        let prefix = try context.text(arguments, 1)
        guard text.hasPrefix(prefix) else { return arguments[0] }
        return try context.slice(text, prefix.count, text.count, of: arguments[0])
    }

    private static func trimSuffix(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let text = try context.text(arguments, 0)
        let suffix = try context.text(arguments, 1)
        guard text.hasSuffix(suffix) else { return arguments[0] }
        return try context.slice(text, 0, text.count &- suffix.count, of: arguments[0])
    }
}

/// The characters of a text, as a set: ASCII as bits, others sorted when they are many.
private struct CharacterSet {
    private var low: UInt64 = 0
    private var high: UInt64 = 0
    /// Scalars beyond ASCII, sorted. Not allocated for the usual sets.
    private var others: [UInt32] = []

    init(_ text: Bytes) {
        var index = 0
        while index < text.count {
            let (scalar, length) = Scalars.decode(text, at: index)
            if scalar < 64 {
                low |= 1 &<< UInt64(scalar)
            } else if scalar < 128 {
                high |= 1 &<< UInt64(scalar & 63)
            } else {
                others.append(scalar)
            }
            index &+= length
        }
        if others.count > 1 { others.sort() }
    }

    func contains(_ scalar: UInt32) -> Bool {
        if scalar < 64 { return low &>> UInt64(scalar) & 1 == 1 }
        if scalar < 128 { return high &>> UInt64(scalar & 63) & 1 == 1 }
        var first = 0
        var end = others.count
        while first < end {
            let middle = (first &+ end) &>> 1
            if others[middle] == scalar { return true }
            if others[middle] < scalar { first = middle &+ 1 } else { end = middle }
        }
        return false
    }
}
