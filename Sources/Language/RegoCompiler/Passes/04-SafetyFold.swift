import RegoSyntax
import WritSource

/// Puts ordered atoms together again: calls go back into the expressions that use them wherever that changes
/// neither what is computed nor how often.
extension Safety {
    mutating func fold(_ atoms: [Atom], _ order: [Int], heads: inout [ResolvedTerm]) -> [ResolvedExpression] {
        var result: [ResolvedExpression] = []
        result.reserveCapacity(atoms.count)
        var scanningSlots: [Int] = []
        for atom in atoms where atom.headSlot >= 0 && atom.scans { scanningSlots.append(atom.headSlot) }
        var headTerms: [Int32: ResolvedTerm] = [:]
        var index = 0
        while index < order.count {
            let first = atoms[order[index]]
            if first.headSlot >= 0 {
                // A head's term is computed once the body holds, unless it iterates.
                if scanningSlots.contains(first.headSlot) {
                    emit(first.expression, &result)
                } else {
                    keep(first, &headTerms)
                }
                index += 1
                continue
            }
            var end = index + 1
            while end < order.count, order[end] == order[end - 1] + 1, atoms[order[end]].origin == first.origin {
                end += 1
            }
            if end - index > 1, canFold(atoms, order, index..<end) {
                var terms: [Int32: ResolvedTerm] = [:]
                for position in index..<(end - 1) { keep(atoms[order[position]], &terms) }
                var main = atoms[order[end - 1]].expression
                replace(in: &main, &terms)
                emit(main, &result)
            } else {
                for position in index..<end { emit(atoms[order[position]].expression, &result) }
            }
            index = end
        }
        if !headTerms.isEmpty { heads = heads.map { replaced($0, &headTerms) } }
        return result
    }

    /// Whether a run of atoms is one whole expression whose parts may be computed inside of it.
    private func canFold(_ atoms: [Atom], _ order: [Int], _ run: Range<Int>) -> Bool {
        let first = order[run.lowerBound]
        let last = order[run.upperBound - 1]
        if first > 0, atoms[first - 1].origin == atoms[first].origin { return false }
        let main = atoms[last]
        if main.generated >= 0 || main.expression.style.contains(.plainNot) { return false }
        // Computed before the iteration of a later part, a call is computed once.
        if !main.expression.with.isEmpty { return true }
        for position in run.dropFirst() where atoms[order[position]].scans { return false }
        return true
    }

    /// Remembers what a generated variable stands for.
    private func keep(_ atom: Atom, _ terms: inout [Int32: ResolvedTerm]) {
        guard case .unify(_, let value) = atom.expression.kind else { return }
        let term = replaced(value, &terms)
        terms[atom.generated] = term
    }

    private func replace(
        in expression: inout ResolvedExpression, _ terms: inout [Int32: ResolvedTerm]
    ) {
        for index in expression.with.indices {
            if case .term(let value) = expression.with[index].replacement {
                expression.with[index].replacement = .term(replaced(value, &terms))
            }
        }
        switch expression.kind {
        case .term(let term): expression.kind = .term(replaced(term, &terms))
        case .unify(let left, let right):
            let left = replaced(left, &terms)
            expression.kind = .unify(left, replaced(right, &terms))
        case .member(let key, let value, let collection):
            expression.kind = .member(
                key: key.map { replaced($0, &terms) }, value: replaced(value, &terms),
                collection: replaced(collection, &terms))
        case .every(let key, let value, let domain, let body):
            expression.kind = .every(key: key, value: value, domain: replaced(domain, &terms), body: body)
        case .not, .and, .or, .print: break
        }
    }

    private func replaced(
        _ term: ResolvedTerm, _ terms: inout [Int32: ResolvedTerm]
    ) -> ResolvedTerm {
        if terms.isEmpty { return term }
        switch term.kind {
        case .variable(let variable): return take(variable, &terms) ?? term
        case .reference(var reference):
            if case .variable(let variable) = reference.base, let base = take(variable, &terms) {
                if case .variable(let other) = base.kind {
                    reference.base = .variable(other)
                } else {
                    reference.base = .term(base)
                }
            }
            reference.parts = reference.parts.map { replaced($0, &terms) }
            return ResolvedTerm(.reference(reference), term.span)
        case .array(let elements): return ResolvedTerm(.array(elements.map { replaced($0, &terms) }), term.span)
        case .set(let elements): return ResolvedTerm(.set(elements.map { replaced($0, &terms) }), term.span)
        case .object(let entries):
            return ResolvedTerm(
                .object(entries.map { (replaced($0.key, &terms), replaced($0.value, &terms)) }), term.span)
        case .call(let callee, let arguments):
            return ResolvedTerm(.call(callee, arguments.map { replaced($0, &terms) }), term.span)
        case .null, .boolean, .number, .string, .arrayComprehension, .setComprehension, .objectComprehension,
            .template:
            return term
        }
    }

    /// Every generated variable is used once.
    private func take(
        _ variable: Variable, _ terms: inout [Int32: ResolvedTerm]
    ) -> ResolvedTerm? {
        terms.removeValue(forKey: variable.index)
    }

    // MARK: Negation

    /// Adds an expression. What the operands of a plain `not` refer to is looked up before it: where that is
    /// undefined, the body fails, as in OPA.
    private mutating func emit(_ expression: ResolvedExpression, _ result: inout [ResolvedExpression]) {
        guard expression.style.contains(.plainNot), case .not(let body) = expression.kind, body.count == 1 else {
            result.append(expression)
            return
        }
        var inner = body[0]
        let with = expression.with
        switch inner.kind {
        case .term(let term):
            if case .call(let callee, let arguments) = term.kind {
                let isEquality = if case .builtin(let number) = callee { number == equal } else { false }
                let operands = arguments.map {
                    isEquality ? hoistInside($0, with, &result) : hoist($0, with, &result)
                }
                inner.kind = .term(ResolvedTerm(.call(callee, operands), term.span))
            } else {
                inner.kind = .term(hoistInside(term, with, &result))
            }
        case .unify(let left, let right):
            let left = hoistInside(left, with, &result)
            inner.kind = .unify(left, hoistInside(right, with, &result))
        default: break
        }
        var negated = expression
        negated.kind = .not([inner])
        result.append(negated)
    }

    /// Keeps a reference or comprehension itself, but not the references in it.
    private mutating func hoistInside(
        _ term: ResolvedTerm, _ with: [ResolvedWith], _ result: inout [ResolvedExpression]
    ) -> ResolvedTerm {
        guard case .reference(var reference) = term.kind else { return hoist(term, with, &result) }
        reference.parts = reference.parts.map { hoist($0, with, &result) }
        return ResolvedTerm(.reference(reference), term.span)
    }

    private mutating func hoist(
        _ term: ResolvedTerm, _ with: [ResolvedWith], _ result: inout [ResolvedExpression]
    ) -> ResolvedTerm {
        switch term.kind {
        case .reference(let reference):
            if reference.parts.isEmpty, case .variable = reference.base { return term }
            let inner = hoistInside(term, with, &result)
            let variable = variableTerm(generate(), term.span)
            result.append(ResolvedExpression(.unify(variable, inner), with: with, term.span))
            return variable
        case .array(let elements):
            return ResolvedTerm(.array(elements.map { hoist($0, with, &result) }), term.span)
        case .set(let elements): return ResolvedTerm(.set(elements.map { hoist($0, with, &result) }), term.span)
        case .object(let entries):
            return ResolvedTerm(
                .object(entries.map { (hoist($0.key, with, &result), hoist($0.value, with, &result)) }), term.span)
        case .null, .boolean, .number, .string, .variable, .call, .template, .arrayComprehension, .setComprehension,
            .objectComprehension:
            return term
        }
    }
}
