import RegoSyntax
import WritPlan
import WritValue

extension Lowering {
    /// The value of a term without variables, references, calls and comprehensions; nil for any other.
    func constantValue(_ term: ResolvedTerm) -> Value? {
        let space = builder.space
        switch term.kind {
        case .null: return .null
        case .boolean(let value): return .boolean(value)
        case .number(let name): return try? space.number(Array(policy.names[name]))
        case .string(let name): return try? space.string(Array(policy.names[name]))
        case .array(let terms):
            guard let list = constants(terms) else { return nil }
            return try? space.array(list)
        case .set(let terms):
            guard let list = constants(terms) else { return nil }
            return try? space.set(list)
        case .object(let entries):
            var list = ValueList()
            for entry in entries {
                guard let key = constantValue(entry.key), let value = constantValue(entry.value),
                    (try? list.append(key, in: space)) != nil, (try? list.append(value, in: space)) != nil
                else { return nil }
            }
            return try? space.object(pairs: list)
        default: return nil
        }
    }

    private func constants(_ terms: [ResolvedTerm]) -> ValueList? {
        var list = ValueList()
        for term in terms {
            guard let value = constantValue(term), (try? list.append(value, in: builder.space)) != nil else {
                return nil
            }
        }
        return list
    }

    /// The constant's number, if the term is one.
    mutating func constant(_ term: ResolvedTerm) -> Int32? {
        guard let value = constantValue(term) else { return nil }
        return builder.constant(value)
    }

    // MARK: What `with` replaces

    /// Whether some `with` replaces this path, something below it or something above it.
    func isReplaceable(_ path: [Name]) -> Bool {
        for replaced in replacedPaths {
            let common = min(replaced.count, path.count)
            if replaced.prefix(common) == path.prefix(common) { return true }
        }
        return false
    }

    mutating func findReplaced(_ query: ResolvedQuery?) {
        replacedBuiltins = policy.replacedBuiltins
        replacedPaths = policy.replacedPaths
        guard let query else { return }
        var finder = ReplacementFinder()
        finder.visit(query.body)
        replacedBuiltins.formUnion(finder.builtins)
        replacedPaths += finder.paths
    }
}

/// Finds every `with` target of a policy.
struct ReplacementFinder {
    var builtins: Set<Int> = []
    var paths: [[Name]] = []

    mutating func visit(_ rule: ResolvedRule) { rule.forEachPart({ visit($0) }, { visit($0) }) }

    mutating func visit(_ body: [ResolvedExpression]) {
        for expression in body {
            for with in expression.with {
                switch with.target {
                case .input: break
                case .data(let path): paths.append(path)
                case .callee(.builtin(let builtin)): builtins.insert(builtin)
                case .callee(.group): break
                }
                if case .term(let term) = with.replacement { visit(term) }
            }
            expression.forEachPart({ visit($0) }, { visit($0) })
        }
    }

    private mutating func visit(_ term: ResolvedTerm) { term.forEachPart({ visit($0) }, { visit($0) }) }
}
