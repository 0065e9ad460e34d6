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
                let value = try reread(arguments[0], context)
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

    /// A value as OPA comes to it: by way of JSON, in which sets are arrays and keys strings, and which go-yaml reads.
    private static func reread(_ value: Value, _ context: BuiltinContext) throws(Fault) -> Value {
        guard value.isCollection || value.isString else { return value }
        let json = try context.space.json(value)
        try context.spend(json.count &>> 4)
        let text: [UInt8]
        do throws(YAMLRereading.Refusal) { text = try YAMLRereading.read(json) } catch {
            var message = TextBuilder()
            message.append("yaml: ")
            if error.line > 0 {
                message.append("line ")
                message.append(error.line)
                message.append(": ")
            }
            message.append(error.message)
            throw context.error(message)
        }
        do throws(JSONError) { return try context.space.readJSON(text) } catch { throw error.fault(in: context.space) }
    }
}
