import RegoSyntax
import WritBuiltins
import WritSource

extension NameResolver {
    /// The value of `rego.metadata.rule()` or `rego.metadata.chain()` within a rule: a constant. Nil for any other call.
    mutating func metadataValue(
        _ number: Int, _ call: Call, _ span: Span, isNested: Bool, output: inout ResolvedTerm?
    ) -> ResolvedTerm? {
        guard let metadata, call.function.headName == .rego, call.arguments.count <= (isNested ? 0 : 1) else {
            return nil
        }
        let name = Registry.all[number].name.withUTF8Buffer { Array($0) }
        let value: Term
        if name == Array("rego.metadata.rule".utf8) {
            value = isInElse ? Term(.object([]), span) : metadata.rule
        } else if name == Array("rego.metadata.chain".utf8) {
            value = isInElse ? metadata.elseChain : metadata.chain
        } else {
            return nil
        }
        output = call.arguments.first.map { term($0) }
        return term(value).at(span)
    }
}
