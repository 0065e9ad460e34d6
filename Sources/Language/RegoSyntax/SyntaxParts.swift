// What lies directly within a part of the tree, for those who walk all of it. Who has something to do at a kind of term or
// expression does it, and leaves the others, and the way further down, to these. Terms nest as deep as the parser lets them.

extension Term {
    /// Hands over the terms and expressions directly within this term, in the order in which they are written; of
    /// comprehensions the head first. References give their head and their parts, calls the function's too.
    public func forEachPart(_ term: (Term) -> Void, _ expression: (Expr) -> Void) {
        switch kind {
        case .null, .bool, .number, .string, .variable: break
        case .ref(let ref): ref.forEachPart(term)
        case .array(let elements), .set(let elements): for element in elements { term(element) }
        case .object(let entries):
            for entry in entries {
                term(entry.key)
                term(entry.value)
            }
        case .arrayComprehension(let head, let body), .setComprehension(let head, let body):
            term(head)
            for inner in body { expression(inner) }
        case .objectComprehension(let key, let value, let body):
            term(key)
            term(value)
            for inner in body { expression(inner) }
        case .call(let call): call.forEachPart(term)
        case .template(let template):
            for part in template.parts {
                switch part {
                case .text(let text): term(text)
                case .expression(let inner): expression(inner)
                }
            }
        }
    }
}

extension Ref {
    /// Hands over the head and the parts.
    public func forEachPart(_ term: (Term) -> Void) {
        term(head)
        for part in parts { term(part) }
    }
}

extension Call {
    /// Hands over the head and the parts of the function, and the arguments.
    public func forEachPart(_ term: (Term) -> Void) {
        function.forEachPart(term)
        for argument in arguments { term(argument) }
    }
}

extension Expr {
    /// Hands over the terms and expressions directly within this expression, in the order in which they are written, but
    /// for the variables that `some` and `every` declare; those of each `with` last.
    public func forEachPart(_ term: (Term) -> Void, _ expression: (Expr) -> Void) {
        kind.forEachPart(term, expression)
        for with in with {
            with.target.forEachPart(term)
            term(with.value)
        }
    }
}

extension Expr.Kind {
    /// The same without what each `with` has.
    public func forEachPart(_ term: (Term) -> Void, _ expression: (Expr) -> Void) {
        switch self {
        case .term(let whole): term(whole)
        case .call(let call): call.forEachPart(term)
        case .some(.names): break
        case .some(.membership(let key, let value, let collection, _)):
            if let key { term(key) }
            term(value)
            term(collection)
        case .every(let every):
            term(every.domain)
            for inner in every.body { expression(inner) }
        case .not(let not): for inner in not.body { expression(inner) }
        case .and(let logical), .or(let logical):
            for inner in logical.left { expression(inner) }
            for inner in logical.right { expression(inner) }
        }
    }
}
