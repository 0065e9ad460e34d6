import RegoSyntax
import WritSource

/// Closures: comprehensions and the bodies of `every`, `not`, `and`, `or` and `print`.
extension Safety {
    /// Orders the bodies inside an atom, which see what is bound before it.
    mutating func treatClosures(_ atom: inout Atom) {
        let span = atom.expression.span
        atom.expression = closing(atom.expression, span)
    }

    private mutating func closing(_ expression: ResolvedExpression, _ span: Span) -> ResolvedExpression {
        var result = expression
        switch expression.kind {
        case .term(let term): result.kind = .term(closing(term, span))
        case .unify(let left, let right):
            let left = closing(left, span)
            result.kind = .unify(left, closing(right, span))
        case .member(let key, let value, let collection):
            let key = key.map { closing($0, span) }
            let value = closing(value, span)
            result.kind = .member(key: key, value: value, collection: closing(collection, span))
        case .not(let body):
            if expression.style.contains(.plainNot) {
                result.kind = .not(body.map { closing($0, span) })
            } else {
                result.kind = .not(self.body(body))
            }
        case .every(let key, let value, let domain, let body):
            let domain = closing(domain, span)
            let mark = trail.count
            if let key { setBound(key.index) }
            setBound(value.index)
            result.kind = .every(key: key, value: value, domain: domain, body: self.body(body))
            undo(to: mark)
        case .and(let left, let right):
            let left = body(left)
            result.kind = .and(left, body(right))
        case .or(let left, let right):
            let left = body(left)
            result.kind = .or(left, body(right))
        case .print(let parts):
            result.kind = .print(
                parts.map { part in
                    guard case .expression(let term, let body) = part else { return part }
                    return .expression(closing(term, span), body: body)
                })
        }
        for index in result.with.indices {
            if case .term(let value) = result.with[index].replacement {
                result.with[index].replacement = .term(closing(value, span))
            }
        }
        return result
    }

    private mutating func closing(_ term: ResolvedTerm, _ span: Span) -> ResolvedTerm {
        switch term.kind {
        case .null, .boolean, .number, .string, .variable: return term
        case .reference(var reference):
            if case .term(let base) = reference.base { reference.base = .term(closing(base, span)) }
            reference.parts = reference.parts.map { closing($0, span) }
            return ResolvedTerm(.reference(reference), term.span)
        case .array(let elements): return ResolvedTerm(.array(elements.map { closing($0, span) }), term.span)
        case .set(let elements): return ResolvedTerm(.set(elements.map { closing($0, span) }), term.span)
        case .object(let entries):
            return ResolvedTerm(
                .object(entries.map { (closing($0.key, span), closing($0.value, span)) }), term.span)
        case .call(let callee, let arguments):
            return ResolvedTerm(.call(callee, arguments.map { closing($0, span) }), term.span)
        case .template(let parts):
            for part in parts { checkPart(part, span) }
            return ResolvedTerm(.template(parts.map { closing($0, span) }), term.span)
        case .arrayComprehension(let head, let body):
            let (heads, body) = comprehension([head], body, span)
            return ResolvedTerm(.arrayComprehension(heads[0], body: body), term.span)
        case .setComprehension(let head, let body):
            let (heads, body) = comprehension([head], body, span)
            return ResolvedTerm(.setComprehension(heads[0], body: body), term.span)
        case .objectComprehension(let key, let value, let body):
            let (heads, body) = comprehension([key, value], body, span)
            return ResolvedTerm(.objectComprehension(key: heads[0], value: heads[1], body: body), term.span)
        }
    }

    /// What an expression in a template names must be bound before; it may not iterate.
    private mutating func checkPart(_ part: ResolvedTerm.TemplatePart, _ span: Span) {
        guard case .expression(let term, _) = part else { return }
        beginGathering()
        gather(part)
        let unbound = found.filter { !bound[Int($0)] }
        guard !unbound.isEmpty else { return }
        for variable in unbound {
            if case .variable = term.kind {
                unsafe.append((variable, span))
            } else {
                errors.add(.templates, .regoCompileError, "var \(text(variable)) is undeclared", at: term.span)
            }
        }
    }

    private mutating func closing(
        _ part: ResolvedTerm.TemplatePart, _ span: Span
    ) -> ResolvedTerm.TemplatePart {
        guard case .expression(let term, let body) = part else { return part }
        if body.isEmpty { return .expression(closing(term, span), body: []) }
        return .expression(term, body: body.map { closing($0, span) })
    }

    /// Orders a body of its own.
    mutating func body(_ body: [ResolvedExpression]) -> [ResolvedExpression] {
        var atoms: [Atom] = []
        expand(body, into: &atoms)
        let order = self.order(&atoms)
        var heads: [ResolvedTerm] = []
        return fold(atoms, order, heads: &heads)
    }

    private mutating func comprehension(
        _ heads: [ResolvedTerm], _ body: [ResolvedExpression], _ span: Span
    ) -> ([ResolvedTerm], [ResolvedExpression]) {
        var atoms: [Atom] = []
        expand(body, into: &atoms)
        var heads = heads
        expandHeads(&heads, into: &atoms)
        let order = self.order(&atoms)
        // What the heads name must be bound inside or before.
        var isInside = [Bool](repeating: false, count: bound.count)
        for atom in atoms { for variable in atom.variables { isInside[Int(variable)] = true } }
        beginGathering()
        for head in heads { gather(head) }
        for variable in found where !bound[Int(variable)] && !isInside[Int(variable)] {
            unsafe.append((variable, span))
        }
        // `fold` may put a step back into its head, so the heads are read afterwards.
        let folded = fold(atoms, order, heads: &heads)
        return (heads, folded)
    }

    /// Moves what must be computed for heads into the body.
    mutating func expandHeads(_ heads: inout [ResolvedTerm], into atoms: inout [Atom]) {
        for slot in heads.indices {
            nextOrigin += 1
            var extras = Extras(origin: nextOrigin, with: [])
            var head = expand(heads[slot], &extras)
            if Self.requiresEvaluation(head) {
                head = bind(head, &extras)
            }
            for index in extras.atoms.indices { extras.atoms[index].headSlot = slot }
            heads[slot] = head
            atoms += extras.atoms
        }
    }
}
