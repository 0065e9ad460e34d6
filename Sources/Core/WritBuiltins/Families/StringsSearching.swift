import WritValue

extension Strings {
    static let searching: [Builtin] = [
        Builtin(
            "indexof", [Parameter("haystack", .string), Parameter("needle", .string)], Parameter("output", .number),
            .pure(indexOf),
            """
            The position of the first `needle` in `haystack`, counted in characters from 0, or -1. An empty `needle` \
            is an error.
            """),
        Builtin(
            "indexof_n", [Parameter("haystack", .string), Parameter("needle", .string)],
            Parameter("output", .array(.number)), .pure(indexOfAll),
            """
            All positions of `needle` in `haystack`, counted in characters from 0; occurrences may overlap. An empty \
            `needle` is an error.
            """),
        Builtin(
            "strings.count", [Parameter("search", .string), Parameter("substring", .string)],
            Parameter("output", .number), .pure(count),
            """
            How often `substring` occurs in `search` without overlap. The empty string occurs before every character \
            and at the end.
            """),
        Builtin(
            "substring",
            [Parameter("value", .string), Parameter("offset", .number), Parameter("length", .number)],
            Parameter("output", .string), .pure(substring),
            """
            The part of `value` from character `offset` on, at most `length` characters long; a negative `length` \
            means up to the end. Empty when `offset` lies beyond the end. A negative `offset` is an error.
            """),
    ]

    private static func indexOf(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let text = try context.text(arguments, 0)
        let needle = try context.text(arguments, 1)
        guard needle.count > 0 else { throw context.error("empty search character") }
        try context.spend(text.count &>> 4)
        let position = ByteSearch.find(needle, in: text)
        return .integer(position <= 0 ? position : Scalars.count(text.part(0, position)))
    }

    private static func indexOfAll(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let text = try context.text(arguments, 0)
        let needle = try context.text(arguments, 1)
        guard needle.count > 0 else { throw context.error("empty search character") }
        try context.spend(text.count &+ needle.count)
        var list = ValueList()
        // Knuth, Morris and Pratt's automaton: occurrences that overlap are found in one pass. A needle that is
        // whole characters can only match where a character begins.
        guard needle.count <= text.count else { return .emptyArray }
        var failure = [Int32](repeating: 0, count: needle.count)
        var length = 0
        var index = 1
        while index < needle.count {
            while length > 0, needle[index] != needle[length] { length = Int(failure[length &- 1]) }
            if needle[index] == needle[length] { length &+= 1 }
            failure[index] = Int32(truncatingIfNeeded: length)
            index &+= 1
        }
        let needleScalars = Scalars.count(needle)
        var matched = 0
        // Characters that ended at or before the current byte.
        var scalars = 0
        var boundary = 0
        for position in 0..<text.count {
            if position == boundary {
                boundary &+= Scalars.length(text, at: position)
                scalars &+= 1
            }
            while matched > 0, text[position] != needle[matched] { matched = Int(failure[matched &- 1]) }
            if text[position] == needle[matched] { matched &+= 1 }
            if matched == needle.count {
                try list.append(.integer(scalars &- needleScalars), in: context.space)
                matched = Int(failure[matched &- 1])
            }
        }
        return try context.space.array(list)
    }

    private static func count(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let text = try context.text(arguments, 0)
        let needle = try context.text(arguments, 1)
        try context.spend(text.count &>> 3)
        if needle.count == 0 { return .integer(Scalars.count(text) &+ 1) }
        var found = 0
        var position = ByteSearch.find(needle, in: text)
        while position >= 0 {
            found &+= 1
            position = ByteSearch.find(needle, in: text, from: position &+ needle.count)
        }
        return .integer(found)
    }

    private static func substring(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let text = try context.text(arguments, 0)
        let offset = try context.integer(arguments, 1)
        let length = try context.integer(arguments, 2)
        guard offset >= 0 else { throw context.error("negative offset") }
        try context.spend(text.count &>> 4)
        if Scalars.isASCII(text) {
            let end = length < 0 || length > text.count ? text.count : min(offset, text.count) &+ length
            return try context.slice(text, offset, end, of: arguments[0])
        }
        let start = Scalars.position(text, after: offset)
        let end = length < 0 ? text.count : Scalars.position(text, after: length, from: start)
        return try context.slice(text, start, end, of: arguments[0])
    }
}
