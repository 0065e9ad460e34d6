import WritValue

/// Builtins behind Rego's own syntax (`=`, `:=`, `in`, template strings) and those that talk to the operator.
enum Core {
    static let builtins: [Builtin] = [
        Builtin(
            "eq", operands, Parameter("", .boolean), infix: "=", .compiled,
            "Unifies two terms: binds the variables in them so that both become equal. Undefined when they cannot."),
        Builtin(
            "assign", operands, Parameter("", .boolean), infix: ":=", .compiled,
            "Declares the variables of its left side in this scope and gives them the values of its right side."),
        Builtin(
            "internal.member_2", [Parameter("", .any), Parameter("", .any)], Parameter("", .boolean), infix: "in",
            .pure { (context, arguments) throws(Fault) in
                try .boolean(isMember(arguments[0], of: arguments[1], context))
            },
            """
            `x in xs`: whether an element of an array or a set, or a value of an object, equals the first operand. \
            False when the second is no collection.
            """),
        Builtin(
            "internal.member_3", [Parameter("", .any), Parameter("", .any), Parameter("", .any)],
            Parameter("", .boolean), infix: "in",
            .pure { (context, arguments) throws(Fault) in
                let found = lookUp(arguments[0], in: arguments[2], context)
                return .boolean(found.isDefined && context.space.equal(found, arguments[1]))
            },
            """
            `k, x in xs`: whether a collection holds the second operand under the first: an object under a key, an \
            array at a position; a set holds each element under itself. False when the third is no collection.
            """),
        Builtin(
            "internal.template_string", [Parameter("", .anyArray)], Parameter("", .string),
            .pure { (context, arguments) throws(Fault) in try templateString(context, arguments) },
            """
            The text of a template string. Its operand lists the parts in turn: strings, and for each expression a \
            set with its value, or an empty set when it is undefined. A set of several values is a conflict.
            """),
        Builtin(
            "internal.print", [Parameter("", .array(.anySet))], Parameter("", .none), .compiled,
            "What the compiler makes of `print`: each operand as the set of its values, empty when undefined."),
        Builtin(
            "internal.test_case", [Parameter("", .anyArray)], Parameter("", .none), .pure { _, _ in .true },
            "Marks, in a test that runs over many cases, the names of the case that an expression belongs to."),
        Builtin(
            "print", [], Parameter("", .none), .compiled,
            """
            Writes its operands, any number of them, to the operator's log. Undefined operands show as \
            `<undefined>`; it never makes an expression fail.
            """),
        Builtin(
            "trace", [Parameter("note", .string, "the note")], Parameter("result", .boolean), .host(.trace),
            "Puts a note into the explanation of the query and gives true. An operand that is no string is an error."),
        Builtin(
            "opa.runtime", [], Parameter("output", .dictionary(.string, .any)), deterministic: false, .host(.runtime),
            "What the host tells of itself: its configuration, environment and version, where it has any."),
    ]

    private static let operands = [Parameter("", .any), Parameter("", .any)]

    private static func isMember(
        _ element: Value, of collection: Value, _ context: BuiltinContext
    ) throws(Fault) -> Bool {
        let space = context.space
        if collection.isSet { return space.contains(collection, element) }
        let elements = collection.isObject ? space.entries(collection).values : space.elements(collection)
        for index in 0..<elements.count where space.equal(elements[index], element) {
            try context.spend(index)
            return true
        }
        try context.spend(elements.count)
        return false
    }

    private static func lookUp(_ key: Value, in collection: Value, _ context: BuiltinContext) -> Value {
        let space = context.space
        switch collection.kind {
        case .object: return space.member(collection, key)
        case .set: return space.member(ofSet: collection, key)
        case .array:
            guard let position = context.integerBySpelling(key), position >= 0, position < Int64(collection.count)
            else {
                return .undefined
            }
            return space.element(collection, Int(truncatingIfNeeded: position))
        default: return .undefined
        }
    }

    private static func templateString(
        _ context: BuiltinContext, _ arguments: Arguments
    ) throws(Fault) -> Value {
        let parts = context.space.elements(try arguments.array(0, context))
        for index in 0..<parts.count {
            let part = parts[index]
            if part.isSet, part.count > 1 {
                throw Fault(
                    .conflict, message: try context.space.string("template-strings must not produce multiple outputs"))
            }
            if part.isArray { throw context.typeError("illegal argument type: array") }
            if part.isObject { throw context.typeError("illegal argument type: object") }
        }
        let buffer = context.begin()
        for index in 0..<parts.count {
            let part = parts[index]
            let value = part.isSet ? context.space.elements(part)[0] : part
            if value.isUndefined {
                try buffer.append("<undefined>")
            } else if value.isString {
                try context.space.withBytes(value) { (bytes) throws(Fault) in try buffer.append(bytes) }
            } else if value.isNumber {
                let failure = context.space.withNumberText(value) { bytes -> Fault? in
                    do throws(Fault) {
                        try buffer.append(bytes)
                        return nil
                    } catch {
                        return error
                    }
                }
                if let failure { throw failure }
            } else {
                var term = ByteBuffer(limit: context.space.memoryLimit)
                try context.space.writeRego(value, to: &term)
                let text = term.bytes
                try text.withUnsafeBufferPointer { (bytes) throws(Fault) in try buffer.append(bytes) }
            }
            try context.spend(1)
        }
        return try context.written()
    }
}

extension TypeSpec {
    /// No result: calls of the builtin stand as expressions of their own.
    static var none: TypeSpec { .union([]) }
}
