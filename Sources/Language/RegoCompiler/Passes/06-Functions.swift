import RegoSyntax
import WritBuiltins
import WritSource

/// Checks of calls: numbers of operands, functions without a value, deprecated and missing builtins.
extension NameResolver {
    mutating func checkBuiltin(_ number: Int, _ call: Call, _ span: Span, isNested: Bool) {
        let builtin = Registry.all[number]
        switch builtin.kind {
        case .missing: missingCalls.append((number, span))
        case .host(.function) where !options.isProvided(number): missingCalls.append((number, span))
        default: break
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

    /// Calls of builtins that are declared but not built, but for those that a `with` replaces: the policy's tests
    /// bring their own. Without the replacement such a call fails when it is evaluated.
    static func missing(
        _ calls: [(number: Int, span: Span)], _ mocked: Set<Int>, _ options: CompilerOptions
    ) -> [Diagnostic] {
        var found: [Diagnostic] = []
        for (number, span) in calls where !mocked.contains(number) {
            let message = "builtin `\(Registry.all[number].name)` is not provided here"
            found.append(
                Diagnostic(
                    .writUnsupported, message, at: span,
                    severity: options.toleratesMissingBuiltins ? .warning : .error))
        }
        return found
    }

    /// Refuses them, unless they are tolerated.
    mutating func reportMissing() {
        guard !options.toleratesMissingBuiltins else { return }
        for diagnostic in Self.missing(missingCalls, mockedBuiltins, options) { errors.add(.unsupported, diagnostic) }
    }

    mutating func arityError(
        _ callee: Callee, _ arity: Int, _ arguments: [ResolvedTerm], _ span: Span, isNested: Bool
    ) {
        switch callee {
        case .builtin(let number):
            var types = StaticTypes(names: names)
            var builtins = BuiltinTypes()
            var have = arguments.map { literalType($0, types) }
            if isNested { have.append(nil) }
            let want = builtins.operands(number, withResult: false, &types)
            errors.add(
                .functions,
                types.diagnostic(
                    "\(Registry.all[number].name): arity mismatch", at: span, .operands(have: have, want: want)))
        case .group(let group):
            let count = arguments.count
            let text = count == 1 ? "1 argument" : "\(count) arguments"
            let message = "function \(dataPath(collection.groups[group].path)) has arity \(arity), got \(text)"
            errors.add(.functions, .regoTypeError, message, at: span)
        }
    }

    /// The type of an operand as far as it is known before types are inferred.
    private func literalType(_ term: ResolvedTerm, _ types: StaticTypes) -> StaticType? {
        switch term.kind {
        case .null: return .null
        case .boolean: return .boolean
        case .number: return .number
        case .string: return .string
        case .variable, .call, .template: return nil
        case .reference(let reference):
            switch reference.base {
            case .input, .data: return .anything
            case .variable, .term: return nil
            }
        case .array(let elements):
            let isEmpty = elements.isEmpty
            return .array(
                elements.map { literalType($0, types) }, rest: isEmpty ? .anything : nil, hasRest: isEmpty)
        case .set(let elements):
            var result: StaticType?
            for element in elements { result = types.union(result, literalType(element, types)) }
            return .set(result ?? .anything)
        case .object(let entries):
            if entries.isEmpty { return .object([], rest: StaticEntry(key: .anything, value: .anything)) }
            var properties: [StaticProperty] = []
            var rest: StaticEntry?
            for entry in entries {
                let value = literalType(entry.value, types)
                if let key = TypeChecker.key(entry.key) {
                    properties.append(StaticProperty(key: key, type: value))
                } else {
                    rest = StaticEntry(key: literalType(entry.key, types), value: value)
                }
            }
            return types.object(properties, rest: rest)
        case .arrayComprehension(let head, _):
            return .array([], rest: literalType(head, types), hasRest: true)
        case .setComprehension(let head, _): return .set(literalType(head, types))
        case .objectComprehension(let key, let value, _):
            return .object([], rest: StaticEntry(key: literalType(key, types), value: literalType(value, types)))
        }
    }
}
