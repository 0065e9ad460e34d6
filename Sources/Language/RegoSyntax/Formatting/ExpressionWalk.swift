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
        expression.forEachPart({ visit($0) }, { visit($0) })
    }

    private mutating func visit(_ term: Term) { term.forEachPart({ visit($0) }, { visit($0) }) }
}
