import WritValue

/// What is said of rules. The compiler puts the values in the place of the calls; what is left stands in a query, where
/// there is no rule to speak of.
enum Metadata {
    static func chain(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        throw try context.failure("rego.metadata.chain")
    }

    static func rule(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        throw try context.failure("rego.metadata.rule")
    }
}

extension BuiltinContext {
    fileprivate func failure(_ name: StaticString) throws(Fault) -> Fault {
        var text = TextBuilder()
        text.append("the ")
        text.append(name)
        text.append(" function must only be called within the scope of a rule")
        return Fault(.builtin, message: text.value(in: space))
    }
}
