import WritValue

/// `yaml.*`. Reading needs a parser that only a host has.
enum YAML {
    static let builtins: [Builtin] = [
        Builtin(
            "yaml.is_valid",
            [Parameter("x", .string)],
            Parameter("output", .boolean), .host(.function),
            """
            Whether a string is a YAML text.
            """),
        Builtin(
            "yaml.marshal",
            [Parameter("x", .any)],
            Parameter("output", .string),
            .pure { (context, arguments) throws(Fault) in
                var value = arguments[0]
                if value.isCollection {
                    // Sets become arrays, and keys strings.
                    do throws(JSONError) {
                        value = try context.space.readJSON(try json(value, context))
                    } catch {
                        throw error.fault(in: context.space)
                    }
                }
                var emitter = YAMLEmitter(context)
                try emitter.write(value)
                return try context.space.string(emitter.bytes)
            },
            """
            The YAML text of a value. Strings with characters that YAML does not allow are errors.
            """),
        Builtin(
            "yaml.unmarshal",
            [Parameter("x", .string)],
            Parameter("output", .any), .host(.function),
            """
            The value that a YAML text describes. A text that is no YAML is an error.
            """),
    ]

    private static func json(_ value: Value, _ context: BuiltinContext) throws(JSONError) -> [UInt8] {
        do throws(Fault) {
            return try context.space.json(value)
        } catch {
            throw JSONError(error.code == .depthLimit ? .depthLimit : .memoryLimit, offset: 0)
        }
    }
}
