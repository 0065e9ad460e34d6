import RegoSyntax
import WritBuiltins
import WritSource

/// Checks of calls: numbers of operands, functions without a value, deprecated and missing builtins.
extension NameResolver {
    mutating func checkBuiltin(_ number: Int, _ call: Call, _ span: Span, isNested: Bool) {
        let builtin = Registry.all[number]
        if case .missing = builtin.kind {
            errors.add(.unsupported, .writUnsupported, "builtin `\(builtin.name)` is not built yet", at: span)
        }
        if builtin.isDeprecated, isV1 || options.isStrict {
            errors.add(
                .deprecated, .regoTypeError,
                "deprecated built-in function calls in expression: \(builtin.name)", at: span)
        }
        if isNested, number == printName {
            errors.add(
                .voidCalls, .regoTypeError, "\(names.text(of: Term(.call(call), span))) used as value", at: span)
        }
    }

    mutating func arityError(_ callee: Callee, _ arity: Int, _ count: Int, _ span: Span) {
        let message: String
        switch callee {
        case .builtin(let number): message = "\(Registry.all[number].name): arity mismatch"
        case .group(let group):
            let plural = count == 1 ? "" : "s"
            message =
                "function \(dataPath(collection.groups[group].path)) has arity \(arity), got \(count) argument\(plural)"
        }
        errors.add(.functions, .regoTypeError, message, at: span)
    }
}
