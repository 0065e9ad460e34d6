import RegoSyntax
import WritSource

/// One step of a body as the safety pass sees it: calls and composite literals inside an expression are steps of
/// their own that bind a generated variable, as in OPA, whose order and messages follow from that.
struct Atom {
    var expression: ResolvedExpression
    /// Atoms of one written expression share a number.
    var origin: Int32
    /// The variable that it was made to bind; -1 for the expression itself.
    var generated: Int32 = -1
    /// The head's term that it helps to compute; -1 for none.
    var headSlot = -1
    /// Variables outside of closures.
    var variables: [Int32] = []
    /// Variables inside of closures that the body has outside of them, too.
    var closed: [Int32] = []
    var hasClosure = false
    /// It binds variables by iterating through references.
    var scans = false
    /// How many bindings there were when it last did not fit.
    var triedAt: Int32 = -1

    init(_ expression: ResolvedExpression, origin: Int32) {
        self.expression = expression
        self.origin = origin
    }
}

extension Safety {
    mutating func generate() -> Int32 {
        let number = Int32(truncatingIfNeeded: variables.count)
        variables.append(generatedName)
        bound.append(false)
        marks.append(0)
        boundAt.append(0)
        return number
    }

    func variableTerm(_ number: Int32, _ span: Span) -> ResolvedTerm {
        ResolvedTerm(.variable(Variable(Int(number))), span)
    }

    /// Adds the atoms of a body.
    mutating func expand(_ body: [ResolvedExpression], into atoms: inout [Atom]) {
        for expression in body { expand(expression, into: &atoms) }
    }

    mutating func expand(_ expression: ResolvedExpression, into atoms: inout [Atom]) {
        nextOrigin += 1
        let origin = nextOrigin
        var main = expression
        for index in main.with.indices {
            guard case .term(let value) = main.with[index].replacement else { continue }
            var extras = Extras(origin: origin, with: [])
            var expanded = expand(value, &extras)
            if Self.requiresEvaluation(expanded) { expanded = bind(expanded, &extras) }
            main.with[index].replacement = .term(expanded)
            atoms += extras.atoms
        }
        var extras = Extras(origin: origin, with: main.with)
        main.kind = expand(main.kind, main.style, &extras)
        atoms += extras.atoms
        atoms.append(Atom(main, origin: origin))
    }

    /// Steps that have to come before an expression.
    struct Extras {
        let origin: Int32
        /// They run under the expression's `with`.
        let with: [ResolvedWith]
        var atoms: [Atom] = []
    }

    /// Makes a term a step of its own; returns the variable that it binds.
    mutating func bind(_ term: ResolvedTerm, _ extras: inout Extras) -> ResolvedTerm {
        let number = generate()
        let variable = variableTerm(number, term.span)
        var atom = Atom(
            ResolvedExpression(.unify(variable, term), with: extras.with, term.span), origin: extras.origin)
        atom.generated = number
        extras.atoms.append(atom)
        return variable
    }

    private mutating func expand(
        _ kind: ResolvedExpression.Kind, _ style: ClosureStyle, _ extras: inout Extras
    ) -> ResolvedExpression.Kind {
        switch kind {
        case .term(let term):
            if case .call(let callee, let arguments) = term.kind {
                return .term(ResolvedTerm(.call(callee, arguments.map { expand($0, &extras) }), term.span))
            }
            return .term(expand(term, &extras))
        case .unify(let left, let right):
            if style.contains(.outputOperand), case .call(let callee, let arguments) = left.kind {
                // The call is the expression itself: only its operands are steps of their own.
                let call = ResolvedTerm(.call(callee, arguments.map { expand($0, &extras) }), left.span)
                return .unify(call, expand(right, &extras))
            }
            let first = expand(left, &extras)
            return .unify(first, expand(right, &extras))
        case .member(let key, let value, let collection):
            let key = key.map { expand($0, &extras) }
            let value = expand(value, &extras)
            var collection = expand(collection, &extras)
            if Self.isComposite(collection) { collection = bind(collection, &extras) }
            return .member(key: key, value: value, collection: collection)
        case .every(let key, let value, let domain, let body):
            let domain = bind(expand(domain, &extras), &extras)
            return .every(key: key, value: value, domain: domain, body: body)
        case .not(let body):
            // Only the last step of a plain `not` is negated: what its operands need is computed before.
            guard style.contains(.plainNot), body.count == 1 else { return kind }
            var inner = body[0]
            inner.kind = expand(inner.kind, inner.style, &extras)
            return .not([inner])
        case .and, .or, .print: return kind
        }
    }

    /// A term without calls, composite heads of references and templates outside of closures.
    mutating func expand(_ term: ResolvedTerm, _ extras: inout Extras) -> ResolvedTerm {
        guard Self.needsExpansion(term) else { return term }
        switch term.kind {
        case .call(let callee, let arguments):
            let call = ResolvedTerm(.call(callee, arguments.map { expand($0, &extras) }), term.span)
            return bind(call, &extras)
        case .template: return bind(term, &extras)
        case .reference(var reference):
            if case .term(let base) = reference.base {
                var base = expand(base, &extras)
                if case .variable = base.kind {} else { base = bind(base, &extras) }
                if case .variable(let variable) = base.kind { reference.base = .variable(variable) }
            }
            reference.parts = reference.parts.map { expand($0, &extras) }
            return ResolvedTerm(.reference(reference), term.span)
        case .array(let elements): return ResolvedTerm(.array(elements.map { expand($0, &extras) }), term.span)
        case .set(let elements): return ResolvedTerm(.set(elements.map { expand($0, &extras) }), term.span)
        case .object(let entries):
            return ResolvedTerm(
                .object(entries.map { (expand($0.key, &extras), expand($0.value, &extras)) }), term.span)
        case .null, .boolean, .number, .string, .variable, .arrayComprehension, .setComprehension,
            .objectComprehension:
            return term
        }
    }

    static func needsExpansion(_ term: ResolvedTerm) -> Bool {
        switch term.kind {
        case .null, .boolean, .number, .string, .variable: return false
        case .arrayComprehension, .setComprehension, .objectComprehension: return false
        case .call, .template: return true
        case .reference(let reference):
            if case .term = reference.base { return true }
            return reference.parts.contains { needsExpansion($0) }
        case .array(let elements), .set(let elements): return elements.contains { needsExpansion($0) }
        case .object(let entries): return entries.contains { needsExpansion($0.key) || needsExpansion($0.value) }
        }
    }

    /// Whether a term is more than a pattern of variables and scalars.
    static func requiresEvaluation(_ term: ResolvedTerm) -> Bool {
        switch term.kind {
        case .null, .boolean, .number, .string, .variable: return false
        case .call, .template, .reference, .arrayComprehension, .setComprehension, .objectComprehension: return true
        case .array(let elements), .set(let elements): return elements.contains { requiresEvaluation($0) }
        case .object(let entries):
            return entries.contains { requiresEvaluation($0.key) || requiresEvaluation($0.value) }
        }
    }

    static func isComposite(_ term: ResolvedTerm) -> Bool {
        switch term.kind {
        case .array, .set, .object, .arrayComprehension, .setComprehension, .objectComprehension: return true
        default: return false
        }
    }
}
