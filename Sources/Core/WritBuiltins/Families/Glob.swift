import WritRegex
import WritValue

/// Globs: patterns with `*`, `**`, `?`, `[...]` and `{...}` over parts between delimiters.
enum GlobBuiltins {
    static let builtins: [Builtin] = [
        Builtin(
            "glob.match",
            [
                Parameter("pattern", .string), Parameter("delimiters", .union([.null, .array(.string)])),
                Parameter("match", .string),
            ], Parameter("result", .boolean), .pure(match),
            """
            Whether `pattern` matches the whole of `match`. `*` and `?` stop at the delimiters, `**` does not. \
            `delimiters` is an array of single characters, `.` when it is empty, or null for none; an element of more \
            characters is a type error. A malformed pattern is an error.
            """),
        Builtin(
            "glob.quote_meta", [Parameter("pattern", .string)], Parameter("output", .string), .pure(quote),
            "The glob that matches exactly the text of `pattern`."),
    ]

    private static func match(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let pattern = try context.text(arguments, 0)
        let delimiters = arguments[1]
        let result: Result<Bool, Fault>
        if delimiters.isNull {
            let text = try context.text(arguments, 2)
            result = match(context, pattern, UnsafeBufferPointer(start: nil, count: 0), text)
        } else {
            guard delimiters.isArray else { throw context.typeError(2, "one of {array, null}", got: delimiters) }
            let count = delimiters.count
            let elements = context.space.elements(delimiters)
            for index in 0..<count {
                let element = elements[index]
                guard element.isString else {
                    throw context.elementError(2, of: delimiters, "strings", got: element)
                }
                guard scalar(context, element) != nil else {
                    throw context.elementError(2, of: delimiters, "runes", got: element)
                }
            }
            let text = try context.text(arguments, 2)
            try context.spend(count)
            result = withUnsafeTemporaryAllocation(of: UInt32.self, capacity: max(1, count)) { buffer in
                buffer.initialize(repeating: UInt32(UInt8(ascii: ".")))
                for index in 0..<count { buffer[index] = scalar(context, elements[index]) ?? 0 }
                return match(context, pattern, UnsafeBufferPointer(buffer), text)
            }
        }
        return .boolean(try result.get())
    }

    private static func match(
        _ context: BuiltinContext, _ pattern: Bytes, _ delimiters: UnsafeBufferPointer<UInt32>, _ text: Bytes
    ) -> Result<Bool, Fault> {
        do throws(GlobError) {
            let isMatch = try context.globCache.matches(pattern: pattern, delimiters: delimiters, text)
            do throws(Fault) {
                try context.spend(1 &+ (pattern.count &+ text.count) &>> 3)
                return .success(isMatch)
            } catch {
                return .failure(error)
            }
        } catch {
            return .failure(RegexBuiltins.fault(context, error.message))
        }
    }

    /// The one scalar of a string; nil when it has none or several.
    private static func scalar(_ context: BuiltinContext, _ value: Value) -> UInt32? {
        if value.tag == Value.Tag.shortString, value.shortLength == 1, value.low < 0x80 {
            return UInt32(truncatingIfNeeded: value.low)
        }
        return context.space.withBytes(value) { bytes in
            guard bytes.count > 0 else { return nil }
            let (scalar, length) = Scalars.decode(bytes, at: 0)
            return length == bytes.count ? scalar : nil
        }
    }

    private static func quote(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let text = try context.text(arguments, 0)
        try context.spend(text.count &>> 3)
        let buffer = context.begin()
        for byte in text {
            switch byte {
            case UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "\\"), UInt8(ascii: "["), UInt8(ascii: "]"),
                UInt8(ascii: "{"), UInt8(ascii: "}"):
                try buffer.append(UInt8(ascii: "\\"))
            default: break
            }
            try buffer.append(byte)
        }
        return try context.written()
    }
}
