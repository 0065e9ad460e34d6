import WritValue

/// `json.*` on values and on JSON text.
enum JSONBuiltins {
    static let builtins: [Builtin] = [
        Builtin(
            "json.filter", selection, Parameter("filtered", .anyObject),
            .pure { (context, arguments) throws(Fault) in
                try PathSelection.apply(context, arguments, keeping: true)
            },
            """
            `object` with only what the paths lead to. A path is a string such as "a/b/0" (with "~1" for "/" and \
            "~0" for "~" in a key) or an array of keys; one that leads nowhere is ignored, as far as it goes. Other \
            types are errors.
            """),
        Builtin(
            "json.remove", selection, Parameter("output", .anyObject),
            .pure { (context, arguments) throws(Fault) in
                try PathSelection.apply(context, arguments, keeping: false)
            },
            """
            `object` without what the paths lead to. A path is a string such as "a/b/0" (with "~1" for "/" and "~0" \
            for "~" in a key) or an array of keys; one that leads nowhere is ignored. Other types are errors.
            """),
        Builtin(
            "json.patch",
            [
                Parameter("target", .any, "the document"),
                Parameter(
                    "patches",
                    .array(
                        .record([(key: "op", type: .string), (key: "path", type: .any)], rest: .of(.any, .any))),
                    "the operations, done in turn"),
            ], Parameter("output", .any),
            .pure { (context, arguments) throws(Fault) in try PatchedDocument.apply(context, arguments) },
            """
            `target` after the operations of a JSON patch (RFC 6902): `add`, `remove`, `replace`, `move`, `copy` and \
            `test`. Paths are strings or arrays of keys, and may lead into sets, where a member is its own key. An \
            operation that cannot be done, or a test that fails, is an error.
            """),
        Builtin(
            "json.marshal", [Parameter("x", .any)], Parameter("y", .string),
            .pure { (context, arguments) throws(Fault) in
                var buffer = ByteBuffer(limit: context.space.memoryLimit)
                try context.space.writeJSON(arguments[0], to: &buffer)
                return try text(buffer, context)
            },
            """
            The JSON text of a value. Sets become arrays, keys that are no strings become the JSON text of the key, \
            and `<`, `>` and `&` are escaped.
            """),
        Builtin(
            "json.marshal_with_options",
            [
                Parameter("x", .any),
                Parameter(
                    "opts",
                    .record(
                        [
                            (key: "indent", type: .string), (key: "prefix", type: .string),
                            (key: "pretty", type: .boolean),
                        ],
                        rest: .of(.string, .any)),
                    "`pretty`: one member a line; `indent`: for each level, a tab by default; `prefix`: for each line"),
            ], Parameter("y", .string),
            .pure { (context, arguments) throws(Fault) in try JSONLayout.marshal(context, arguments) },
            """
            The JSON text of a value, laid out over several lines when `pretty` is true, or when `indent` or \
            `prefix` is given and `pretty` is not false. Other options, and options of the wrong type, are errors.
            """),
        Builtin(
            "json.unmarshal", [Parameter("x", .string)], Parameter("y", .any),
            .pure { (context, arguments) throws(Fault) in
                let bytes = try context.text(arguments, 0)
                try context.spend(bytes.count &>> 3)
                do throws(JSONError) {
                    return try context.space.readJSON(bytes)
                } catch {
                    guard error.reason == .afterTopLevel else { throw failure(error, context) }
                    switch context.space.trailing(error, bytes) {
                    case .value(let value): return value
                    case .problem(let message):
                        var fault = failure(error, context)
                        fault.message = try context.space.string(message)
                        throw fault
                    }
                }
            },
            """
            The value that a JSON text describes. A text that is no JSON is an error, as is an operand that is no \
            string.
            """),
        Builtin(
            "json.is_valid", [Parameter("x", .string)], Parameter("result", .boolean),
            .pure { (context, arguments) throws(Fault) in
                guard arguments[0].isString else { return .false }
                let bytes = arguments.bytes(0, in: context.space)
                try context.spend(bytes.count &>> 3)
                do throws(JSONError) {
                    _ = try context.space.readJSON(bytes)
                    return .true
                } catch {
                    if error.isLimit { throw failure(error, context) }
                    return .false
                }
            }, "Whether a string is a JSON text; false for anything that is no string."),
    ]

    private static let selection = [
        Parameter("object", .anyObject),
        Parameter(
            "paths", .union([.array(.union([.string, .anyArray])), .set(.union([.string, .anyArray]))])),
    ]

    static func text(_ buffer: borrowing ByteBuffer, _ context: BuiltinContext) throws(Fault) -> Value {
        try context.spend(buffer.count &>> 4)
        let result: Result<Value, Fault> = buffer.withBytes { bytes in
            do throws(Fault) { return .success(try context.space.string(bytes)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    static func failure(_ error: JSONError, _ context: BuiltinContext) -> Fault {
        var fault = error.fault(in: context.space)
        if !error.isLimit { fault.code = .builtin }
        return fault
    }
}

extension JSONError {
    /// Whether memory ran out, rather than the text being wrong or nested too deep.
    fileprivate var isLimit: Bool {
        switch reason {
        case .sizeLimit, .memoryLimit: true
        default: false
        }
    }
}
