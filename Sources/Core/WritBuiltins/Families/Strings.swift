import WritValue

/// Comparing, joining and changing strings. A character is a Unicode scalar; positions count characters.
enum Strings {
    static let builtins: [Builtin] = matching + searching + splitting + changing + trimming

    private static let matching: [Builtin] = [
        Builtin(
            "contains", [Parameter("haystack", .string), Parameter("needle", .string)], result, .pure(contains),
            "Whether `needle` occurs in `haystack`. The empty string occurs in every string."),
        Builtin(
            "startswith", [Parameter("search", .string), Parameter("base", .string)], result, .pure(startsWith),
            "Whether `search` begins with `base`."),
        Builtin(
            "endswith", [Parameter("search", .string), Parameter("base", .string)], result, .pure(endsWith),
            "Whether `search` ends with `base`."),
        Builtin(
            "strings.any_prefix_match", [Parameter("search", oneOrMany), Parameter("base", oneOrMany)], result,
            .pure(anyPrefix),
            """
            Whether any of the strings in `search` begins with any of those in `base`. Each operand is one string or \
            an array or set of them; other elements are a type error. False when either is empty.
            """),
        Builtin(
            "strings.any_suffix_match", [Parameter("search", oneOrMany), Parameter("base", oneOrMany)], result,
            .pure(anySuffix),
            """
            Whether any of the strings in `search` ends with any of those in `base`. Each operand is one string or \
            an array or set of them; other elements are a type error. False when either is empty.
            """),
    ]

    private static let oneOrMany = TypeSpec.union([.string, .array(.string), .set(.string)])
    private static let result = Parameter("result", .boolean)

    private static func contains(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let text = try context.text(arguments, 0)
        let needle = try context.text(arguments, 1)
        try context.spend(text.count &>> 4)
        return .boolean(ByteSearch.find(needle, in: text) >= 0)
    }

    private static func startsWith(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        .boolean(try context.text(arguments, 0).hasPrefix(try context.text(arguments, 1)))
    }

    private static func endsWith(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        .boolean(try context.text(arguments, 0).hasSuffix(try context.text(arguments, 1)))
    }

    // MARK: Any prefix, any suffix

    private static func anyPrefix(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        try any(context, arguments, suffix: false)
    }

    private static func anySuffix(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        try any(context, arguments, suffix: true)
    }

    private static func any(
        _ context: BuiltinContext, _ arguments: Arguments, suffix: Bool
    ) throws(Fault) -> Value {
        let left = try count(context, arguments, 0)
        let right = try count(context, arguments, 1)
        if left == 0 || right == 0 { return .false }
        // Few pairs are compared one by one; many by binary search in sorted texts.
        if left == 1 || right == 1 || left &* right <= 64 {
            try context.spend(left &+ right)
            for one in 0..<left {
                let text = item(context, arguments[0], one)
                for two in 0..<right where ends(context, text, item(context, arguments[1], two), suffix: suffix) {
                    return .true
                }
            }
            return .false
        }
        let sorted = try sorted(context, arguments[0], left, reversed: suffix)
        for index in 0..<right {
            let wanted =
                suffix
                ? try reversed(context, item(context, arguments[1], index))
                : item(
                    context, arguments[1], index)
            try context.spend(context.space.byteCount(wanted) &+ 16)
            // The texts with this prefix, if any, begin at the first that is not before it.
            var low = 0
            var high = sorted.count
            while low < high {
                let middle = (low &+ high) &>> 1
                if context.space.compare(sorted[middle], wanted) < 0 { low = middle &+ 1 } else { high = middle }
            }
            if low < sorted.count, ends(context, sorted[low], wanted, suffix: false) { return .true }
        }
        return .false
    }

    private static func ends(_ context: BuiltinContext, _ text: Value, _ end: Value, suffix: Bool) -> Bool {
        context.space.withBytes(text) { one in
            context.space.withBytes(end) { two in suffix ? one.hasSuffix(two) : one.hasPrefix(two) }
        }
    }

    /// How many strings an operand holds; throws unless it is a string, or an array or set of strings.
    private static func count(
        _ context: BuiltinContext, _ arguments: Arguments, _ index: Int
    ) throws(Fault) -> Int {
        let value = arguments[index]
        if value.isString { return 1 }
        guard value.isArray || value.isSet else {
            throw context.typeError(index &+ 1, "one of {string, set, array}", got: value)
        }
        let elements = context.space.elements(value)
        for position in 0..<elements.count where !elements[position].isString {
            throw context.elementError(index &+ 1, of: value, "strings", got: elements[position])
        }
        return elements.count
    }

    private static func item(_ context: BuiltinContext, _ value: Value, _ index: Int) -> Value {
        value.isString ? value : context.space.elements(value)[index]
    }

    private static func sorted(
        _ context: BuiltinContext, _ value: Value, _ count: Int, reversed: Bool
    ) throws(Fault) -> Elements {
        if value.isSet, !reversed { return context.space.elements(value) }
        var list = ValueList()
        try list.reserve(count, in: context.space)
        for index in 0..<count {
            let text = item(context, value, index)
            try context.spend(context.space.byteCount(text) &+ 16)
            try list.append(reversed ? try self.reversed(context, text) : text, in: context.space)
        }
        return context.space.elements(try context.space.set(list))
    }

    /// The bytes of a string in reverse: good for comparing only.
    private static func reversed(_ context: BuiltinContext, _ text: Value) throws(Fault) -> Value {
        let buffer = context.begin()
        try context.space.withBytes(text, throwing: { (bytes) throws(Fault) in try buffer.append(bytes) })
        buffer.reverse(from: 0)
        return try context.written()
    }
}
