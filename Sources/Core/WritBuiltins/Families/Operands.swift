import WritValue

/// Operands of the type that a builtin asks for. Positions count from 0; errors count from 1.
extension Arguments {
    func number(_ index: Int, _ context: BuiltinContext) throws(Fault) -> Value {
        let value = self[index]
        guard value.isNumber else { throw context.typeError(index + 1, "number", got: value) }
        return value
    }

    func text(_ index: Int, _ context: BuiltinContext) throws(Fault) -> Value {
        let value = self[index]
        guard value.isString else { throw context.typeError(index + 1, "string", got: value) }
        return value
    }

    func array(_ index: Int, _ context: BuiltinContext) throws(Fault) -> Value {
        let value = self[index]
        guard value.isArray else { throw context.typeError(index + 1, "array", got: value) }
        return value
    }

    func object(_ index: Int, _ context: BuiltinContext) throws(Fault) -> Value {
        let value = self[index]
        guard value.isObject else { throw context.typeError(index + 1, "object", got: value) }
        return value
    }

    func set(_ index: Int, _ context: BuiltinContext) throws(Fault) -> Value {
        let value = self[index]
        guard value.isSet else { throw context.typeError(index + 1, "set", got: value) }
        return value
    }

    /// An array or a set. The order of the two words in the error differs between builtins.
    func elements(
        _ index: Int, _ context: BuiltinContext, expected: StaticString = "one of {set, array}"
    ) throws(Fault) -> Elements {
        let value = self[index]
        guard value.isArray || value.isSet else { throw context.typeError(index + 1, expected, got: value) }
        return context.space.elements(value)
    }
}

extension BuiltinContext {
    func notInteger(_ position: Int) -> Fault {
        operandError(position, "must be integer number but got floating-point number")
    }

    /// An error of type with a message of its own.
    func typeError(_ text: StaticString) -> Fault {
        message(.type) { (buffer) throws(Fault) in try buffer.append(text) }
    }
}
