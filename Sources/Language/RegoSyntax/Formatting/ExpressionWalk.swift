/// Collects the expressions of rules, those of bodies within terms too.
struct ExpressionWalk {
    private(set) var found: [Expr] = []

    mutating func visit(_ rule: Rule) {
        for term in rule.head.arguments ?? [] { visit(term) }
        if let key = rule.head.key { visit(key) }
        if let value = rule.head.value { visit(value) }
        visit(rule.body ?? [])
        for branch in rule.elseBranches {
            if let value = branch.value { visit(value) }
            visit(branch.body ?? [])
        }
    }

    private mutating func visit(_ body: Body) { for expression in body { visit(expression) } }

    private mutating func visit(_ expression: Expr) {
        found.append(expression)
        switch expression.kind {
        case .term(let term): visit(term)
        case .call(let call): visit(call)
        case .some(.names): break
        case .some(.membership(let key, let value, let collection, _)):
            if let key { visit(key) }
            visit(value)
            visit(collection)
        case .every(let every):
            visit(every.domain)
            visit(every.body)
        case .not(let not): visit(not.body)
        case .and(let logical), .or(let logical):
            visit(logical.left)
            visit(logical.right)
        }
        for with in expression.with { visit(with.value) }
    }

    private mutating func visit(_ call: Call) {
        visit(call.function)
        for argument in call.arguments { visit(argument) }
    }

    private mutating func visit(_ ref: Ref) {
        visit(ref.head)
        for part in ref.parts { visit(part) }
    }

    private mutating func visit(_ term: Term) {
        switch term.kind {
        case .null, .bool, .number, .string, .variable: break
        case .ref(let ref): visit(ref)
        case .array(let terms), .set(let terms): for term in terms { visit(term) }
        case .object(let entries):
            for entry in entries {
                visit(entry.key)
                visit(entry.value)
            }
        case .arrayComprehension(let term, let body), .setComprehension(let term, let body):
            visit(term)
            visit(body)
        case .objectComprehension(let key, let value, let body):
            visit(key)
            visit(value)
            visit(body)
        case .call(let call): visit(call)
        case .template(let template):
            for part in template.parts {
                if case .expression(let expression) = part { visit(expression) }
            }
        }
    }
}
