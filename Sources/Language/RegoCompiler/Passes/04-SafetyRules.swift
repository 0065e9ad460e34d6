import RegoSyntax
import WritSource

extension Safety {
    /// Orders a rule with its `else` branches.
    mutating func treat(_ rule: inout ResolvedRule) {
        begin(rule.variables)
        for branch in rule.elseBranches.indices {
            let other = rule.elseBranches[branch]
            var heads = [other.value]
            let body = treat(arguments: rule.arguments, heads: &heads, body: other.body, extra: [])
            rule.elseBranches[branch].body = body
            rule.elseBranches[branch].value = heads[0]
        }
        // Operands that must be computed are compared in the body.
        var extra: [ResolvedExpression] = []
        for index in rule.arguments.indices where Self.requiresEvaluation(rule.arguments[index]) {
            let variable = variableTerm(generate(), rule.arguments[index].span)
            extra.append(ResolvedExpression(.unify(variable, rule.arguments[index]), rule.arguments[index].span))
            rule.arguments[index] = variable
        }
        for index in rule.suffix.indices {
            switch rule.suffix[index].kind {
            case .null, .boolean, .number, .string, .variable: continue
            default: break
            }
            let variable = variableTerm(generate(), rule.suffix[index].span)
            extra.append(ResolvedExpression(.unify(variable, rule.suffix[index]), rule.suffix[index].span))
            rule.suffix[index] = variable
        }
        var heads = [rule.value]
        if let key = rule.key { heads = [key] }
        rule.body = treat(
            arguments: rule.arguments, heads: &heads, body: rule.body, extra: extra, suffix: rule.suffix)
        if rule.key != nil { rule.key = heads[0] } else { rule.value = heads[0] }
        rule.variables = variables
    }

    private mutating func treat(
        arguments: [ResolvedTerm], heads: inout [ResolvedTerm], body: [ResolvedExpression],
        extra: [ResolvedExpression], suffix: [ResolvedTerm] = []
    ) -> [ResolvedExpression] {
        let mark = trail.count
        defer { undo(to: mark) }
        beginGathering()
        for argument in arguments { gatherPattern(argument) }
        for variable in found { setBound(variable) }
        if body.isEmpty, extra.isEmpty, suffix.isEmpty, heads.allSatisfy({ Self.isScalar($0) }) { return [] }
        var atoms: [Atom] = []
        expand(body, into: &atoms)
        expand(extra, into: &atoms)
        expandHeads(&heads, into: &atoms)
        let order = self.order(&atoms)
        checkHeads(suffix + heads, atoms)
        reportUnsafe()
        return fold(atoms, order, heads: &heads)
    }

    private static func isScalar(_ term: ResolvedTerm) -> Bool {
        switch term.kind {
        case .null, .boolean, .number, .string: true
        default: false
        }
    }

    /// Every variable of a head must be in the body or an operand.
    private mutating func checkHeads(_ heads: [ResolvedTerm], _ atoms: [Atom]) {
        var isInside = bound
        for atom in atoms { for variable in atom.variables { isInside[Int(variable)] = true } }
        for head in heads { checkHead(head, &isInside) }
    }

    private mutating func checkHead(_ term: ResolvedTerm, _ isInside: inout [Bool]) {
        switch term.kind {
        case .variable(let variable):
            guard !isInside[variable.int], !isGenerated(variable.index) else { return }
            isInside[variable.int] = true
            let message = "var \(text(variable.index)) is unsafe" + (neighbor.isEmpty ? "" : " in rule \(neighbor)")
            errors.add(.safetyOfHeads, .regoUnsafeVarError, message, at: term.span)
        case .array(let elements), .set(let elements): for element in elements { checkHead(element, &isInside) }
        case .object(let entries):
            for entry in entries {
                checkHead(entry.key, &isInside)
                checkHead(entry.value, &isInside)
            }
        default: break
        }
    }
}
