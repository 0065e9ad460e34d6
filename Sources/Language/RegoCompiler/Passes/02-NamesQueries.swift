import RegoSyntax
import WritBuiltins
import WritSource

extension NameResolver {
    /// A query with its names resolved, and which of its expressions have a value to show.
    struct Query {
        var body: [ResolvedExpression]
        var shown: [(span: Span, term: ResolvedTerm?)]
    }

    mutating func query(_ body: Body, package: [Name]?, imports: [Import]) -> Query {
        for item in imports { bind(item) }
        self.package = packageNode(package)
        scopes.reset()
        scopes.push()
        hideDeclared(in: body)
        enter(body, heads: [])
        let resolved = self.body(body)
        checkUnused(body)
        return capture(resolved)
    }

    /// The node of a package; one that exports nothing where there is none.
    private func packageNode(_ path: [Name]?) -> Int32 {
        guard let path else { return -1 }
        var node: Int32 = 0
        for name in path {
            guard let next = collection.tree.child(node, name) else { return -1 }
            node = next
        }
        return node
    }

    /// Values are caught in variables, so that a query can answer `false`: only where it iterates, or has further
    /// expressions, a value must hold as well.
    private mutating func capture(_ body: [ResolvedExpression]) -> Query {
        let mustHold = body.count > 1 || body.contains { iterates($0) }
        var result = Query(body: [], shown: [])
        var checks: [ResolvedExpression] = []
        for var expression in body {
            guard case .term(let term) = expression.kind else {
                result.body.append(expression)
                result.shown.append((expression.span, nil))
                continue
            }
            let variable = ResolvedTerm(.variable(generate()), expression.span)
            expression.kind = .unify(term, variable)
            result.body.append(expression)
            result.shown.append((expression.span, variable))
            if mustHold { checks.append(ResolvedExpression(.term(variable), expression.span)) }
        }
        result.body += checks
        return result
    }

    private func iterates(_ expression: ResolvedExpression) -> Bool {
        switch expression.kind {
        case .term(let term): iterates(term)
        case .unify(let left, let right): iterates(left) || iterates(right)
        case .member: true
        case .not(let body): body.contains { iterates($0) }
        case .every(_, _, let domain, let body): iterates(domain) || body.contains { iterates($0) }
        case .and(let left, let right), .or(let left, let right):
            left.contains { iterates($0) } || right.contains { iterates($0) }
        case .print: false
        }
    }

    private func iterates(_ term: ResolvedTerm) -> Bool {
        switch term.kind {
        case .null, .boolean, .number, .string, .variable, .template: return false
        case .arrayComprehension, .setComprehension, .objectComprehension: return false
        case .reference(let reference):
            if case .term(let base) = reference.base, iterates(base) { return true }
            return reference.parts.contains { part in
                if case .variable = part.kind { return true }
                return iterates(part)
            }
        case .array(let elements), .set(let elements): return elements.contains { iterates($0) }
        case .object(let entries): return entries.contains { iterates($0.key) || iterates($0.value) }
        case .call(let callee, let arguments):
            if case .builtin(let number) = callee, Registry.all[number].isRelation { return true }
            return arguments.contains { iterates($0) }
        }
    }
}

extension Safety {
    /// Orders a query's body and finds the variables that its answer binds.
    mutating func treat(query: NameResolver.Query, variables: [Name]) -> ResolvedQuery {
        begin(variables)
        beginGathering()
        for expression in query.body { gather(expression) }
        let bindings = found.filter {
            let name = variables[Int($0)]
            return name != generatedName && !names.isWildcard(name)
        }
        let body = self.body(query.body)
        reportUnsafe()
        return ResolvedQuery(
            body: body, variables: self.variables, bindings: bindings.map { Variable(Int($0)) }, shown: query.shown)
    }
}
