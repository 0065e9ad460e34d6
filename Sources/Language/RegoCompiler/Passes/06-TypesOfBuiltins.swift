import RegoSyntax
import WritBuiltins

/// The builtins' declared types in the checker's terms, converted when first asked for.
struct BuiltinTypes {
    struct Signature {
        var parameters: [StaticType?]
        /// Nil for builtins without a value.
        var result: StaticType?
    }

    private var known: [Signature?] = Array(repeating: nil, count: Registry.all.count)

    mutating func signature(_ number: Int, _ types: inout StaticTypes) -> Signature {
        if let signature = known[number] { return signature }
        let builtin = Registry.all[number]
        let signature = Signature(
            parameters: builtin.parameters.map { Self.convert($0.type, &types) },
            result: Self.isVoid(builtin.result.type) ? nil : Self.convert(builtin.result.type, &types))
        known[number] = signature
        return signature
    }

    /// The whole type of a builtin.
    mutating func declaration(_ number: Int, _ types: inout StaticTypes) -> StaticType {
        let signature = signature(number, &types)
        return .function(signature.parameters, result: signature.result)
    }

    /// The parameters as messages show them, with the result if `withResult`.
    mutating func operands(_ number: Int, withResult: Bool, _ types: inout StaticTypes) -> [TypeDetail.Operand] {
        let builtin = Registry.all[number]
        let signature = signature(number, &types)
        var operands: [TypeDetail.Operand] = []
        for (index, parameter) in builtin.parameters.enumerated() {
            operands.append(
                TypeDetail.Operand(
                    name: parameter.name, documentation: parameter.documentation, type: signature.parameters[index]))
        }
        if withResult, let result = signature.result {
            operands.append(
                TypeDetail.Operand(
                    name: builtin.result.name, documentation: builtin.result.documentation, type: result))
        }
        return operands
    }

    private static func isVoid(_ type: TypeSpec) -> Bool {
        if case .union(let members) = type { return members.isEmpty }
        return false
    }

    private static func convert(_ type: TypeSpec, _ types: inout StaticTypes) -> StaticType {
        switch type {
        case .any: return .anything
        case .null: return .null
        case .boolean: return .boolean
        case .number: return .number
        case .string: return .string
        case .array(let element): return .array([], rest: convert(element, &types), hasRest: true)
        case .tuple(let elements):
            return .array(elements.map { convert($0, &types) }, rest: nil, hasRest: false)
        case .set(let element): return .set(convert(element, &types))
        case .dictionary(let key, let value):
            return .object([], rest: StaticEntry(key: convert(key, &types), value: convert(value, &types)))
        case .record(let fields, let rest):
            var properties: [StaticProperty] = []
            for field in fields {
                let name = types.names.intern(field.key.withUTF8Buffer { Array($0) })
                properties.append(
                    StaticProperty(key: TreeKey(.string, name), type: convert(field.type, &types)))
            }
            switch rest {
            case .none: return types.object(properties, rest: nil)
            case .of(let key, let value):
                let entry = StaticEntry(key: convert(key, &types), value: convert(value, &types))
                return types.object(properties, rest: entry)
            }
        case .union(let members):
            var result: StaticType?
            for member in members { result = types.union(result, convert(member, &types)) }
            guard let result else { return .anything }
            // A union of one type is written as such.
            if case .any = result { return result }
            return .any([result])
        case .function(let parameters, let result):
            return .function(parameters.map { convert($0, &types) }, result: convert(result, &types))
        }
    }
}
