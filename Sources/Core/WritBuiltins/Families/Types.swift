import WritValue

/// `is_*` and `type_name`: what kind of value something is. None of them raises an error.
enum Types {
    static let builtins: [Builtin] = [
        test("is_null", "Whether `x` is null.") { $0.isNull },
        test("is_boolean", "Whether `x` is a boolean.") { $0.isBoolean },
        test("is_number", "Whether `x` is a number.") { $0.isNumber },
        test("is_string", "Whether `x` is a string.") { $0.isString },
        test("is_array", "Whether `x` is an array.") { $0.isArray },
        test("is_object", "Whether `x` is an object.") { $0.isObject },
        test("is_set", "Whether `x` is a set.") { $0.isSet },
        Builtin(
            "type_name", [Parameter("x", .any)], Parameter("type", .string),
            .pure { (context, arguments) throws(Fault) in
                try context.space.string(BuiltinContext.typeName(arguments[0]))
            }, "The name of the type of `x`: null, boolean, number, string, array, object or set."),
    ]

    private static func test(
        _ name: StaticString, _ documentation: StaticString, _ holds: @escaping @Sendable (Value) -> Bool
    ) -> Builtin {
        Builtin(
            name, [Parameter("x", .any)], Parameter("result", .boolean),
            .pure { (_, arguments) throws(Fault) in .boolean(holds(arguments[0])) }, documentation)
    }
}
