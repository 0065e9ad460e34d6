import WritValue

/// `json.match_schema` and `json.verify_schema`: JSON Schema.
enum JSONSchema {
    private static let text = TypeSpec.union([.string, .anyObject])

    static let builtins: [Builtin] = [
        Builtin(
            "json.match_schema", [Parameter("document", text), Parameter("schema", text)],
            Parameter(
                "output",
                .tuple([
                    .boolean,
                    .array(
                        .record(
                            [
                                (key: "desc", type: .string), (key: "error", type: .string),
                                (key: "field", type: .string), (key: "type", type: .string),
                            ], rest: .none)),
                ])),
            .pure { (context, arguments) throws(Fault) in try match(context, arguments) },
            """
            Whether a document (or its JSON text) fits a JSON schema, and where it does not. A schema that cannot be \
            read is an error. References lead into the schema itself; nothing is loaded from elsewhere.
            """),
        Builtin(
            "json.verify_schema", [Parameter("schema", text)],
            Parameter("output", .tuple([.boolean, .union([.null, .string])])),
            .pure { (context, arguments) throws(Fault) in try verify(context, arguments) },
            """
            Whether an object (or a JSON text) is a JSON schema, and null or what is wrong with it.
            """),
    ]

    private static func match(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let space = context.space
        do throws(SchemaError) {
            let document = try read(try json(arguments[0], context), context)
            let schema = try compiled(try json(arguments[1], context), context)
            do throws(Fault) {
                var matcher = SchemaMatcher(schema, context)
                let problems = try matcher.match(document).problems
                var list = ValueList()
                for problem in problems { try list.append(try object(problem, space), in: space) }
                return try pair(.boolean(problems.isEmpty), try space.array(list), space)
            } catch {
                throw .fault(error)
            }
        } catch {
            switch error {
            case .fault(let fault): throw fault
            case .message(let message): throw Fault(.builtin, message: try space.string(message))
            }
        }
    }

    private static func verify(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        do throws(SchemaError) {
            _ = try compiled(try json(arguments[0], context), context)
        } catch {
            switch error {
            case .fault(let fault): throw fault
            case .message(let message):
                let text = try context.space.string(ascii("jsonschema: ") + message)
                return try pair(.false, text, context.space)
            }
        }
        return try pair(.true, .null, context.space)
    }

    /// The JSON text of an operand.
    private static func json(_ value: Value, _ context: BuiltinContext) throws(SchemaError) -> [UInt8] {
        if value.isString { return context.space.bytes(value) }
        guard value.isObject || value.isArray else { throw .text("wrong type, expected string or object") }
        do throws(Fault) { return try context.space.json(value) } catch { throw .fault(error) }
    }

    private static func read(_ text: [UInt8], _ context: BuiltinContext) throws(SchemaError) -> Value {
        do throws(Fault) { try context.spend(text.count &>> 3) } catch { throw .fault(error) }
        do throws(JSONError) { return try context.space.readJSON(text) } catch {
            switch error.reason {
            case .sizeLimit, .memoryLimit: throw .fault(error.fault(in: context.space))
            default: throw .text("invalid JSON string")
            }
        }
    }

    private static func compiled(_ text: [UInt8], _ context: BuiltinContext) throws(SchemaError) -> CompiledSchema {
        if let known = context.schemas.find(text) {
            do throws(Fault) { try context.spend(text.count &>> 3) } catch { throw .fault(error) }
            return known
        }
        let schema = try SchemaCompiler.compile(try read(text, context), context)
        context.schemas.insert(text, schema)
        return schema
    }

    private static func pair(_ first: Value, _ second: Value, _ space: Space) throws(Fault) -> Value {
        var list = ValueList()
        try list.append(first, in: space)
        try list.append(second, in: space)
        return try space.array(list)
    }

    private static func object(_ problem: SchemaProblem, _ space: Space) throws(Fault) -> Value {
        var list = ValueList()
        try list.append(.short("desc"), in: space)
        try list.append(try space.string(problem.description), in: space)
        try list.append(.short("error"), in: space)
        try list.append(try space.string(problem.field + ascii(": ") + problem.description), in: space)
        try list.append(.short("field"), in: space)
        try list.append(try space.string(problem.field), in: space)
        try list.append(.short("type"), in: space)
        try list.append(try space.string(problem.type), in: space)
        return try space.object(pairs: list)
    }
}
