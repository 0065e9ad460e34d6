// What lies directly within a part of the resolved form, for those who walk all of it (`SyntaxParts` of RegoSyntax is the
// same for the tree as parsed).

extension ResolvedTerm {
    /// Hands over the terms and bodies directly within this term, in the order in which they are written; of
    /// comprehensions the head first, of references the base.
    public func forEachPart(_ term: (ResolvedTerm) -> Void, _ body: ([ResolvedExpression]) -> Void) {
        switch kind {
        case .null, .boolean, .number, .string, .variable: break
        case .reference(let reference):
            if case .term(let base) = reference.base { term(base) }
            for part in reference.parts { term(part) }
        case .array(let terms), .set(let terms), .call(_, let terms): for inner in terms { term(inner) }
        case .object(let entries):
            for entry in entries {
                term(entry.key)
                term(entry.value)
            }
        case .arrayComprehension(let head, let inner), .setComprehension(let head, let inner):
            term(head)
            body(inner)
        case .objectComprehension(let key, let value, let inner):
            term(key)
            term(value)
            body(inner)
        case .template(let parts): for part in parts { part.forEachPart(term, body) }
        }
    }
}

extension ResolvedTerm.TemplatePart {
    /// Hands over the term and its body.
    public func forEachPart(_ term: (ResolvedTerm) -> Void, _ body: ([ResolvedExpression]) -> Void) {
        switch self {
        case .text(let text): term(text)
        case .expression(let value, let condition):
            term(value)
            body(condition)
        }
    }
}

extension ResolvedExpression {
    /// Hands over the terms and bodies directly within this expression, in the order in which they are written, without
    /// what its `with` replace something by.
    public func forEachPart(_ term: (ResolvedTerm) -> Void, _ body: ([ResolvedExpression]) -> Void) {
        switch kind {
        case .term(let whole): term(whole)
        case .unify(let left, let right):
            term(left)
            term(right)
        case .member(let key, let value, let collection):
            if let key { term(key) }
            term(value)
            term(collection)
        case .not(let inner): body(inner)
        case .every(_, _, let domain, let inner):
            term(domain)
            body(inner)
        case .and(let left, let right), .or(let left, let right):
            body(left)
            body(right)
        case .print(let parts): for part in parts { part.forEachPart(term, body) }
        }
    }
}

extension ResolvedRule {
    /// Hands over the terms and bodies of a rule and of its `else` branches: what its name ends with, its arguments, its
    /// key, its value, its body.
    public func forEachPart(_ term: (ResolvedTerm) -> Void, _ body: ([ResolvedExpression]) -> Void) {
        for part in suffix { term(part) }
        for argument in arguments { term(argument) }
        if let key { term(key) }
        term(value)
        body(self.body)
        for branch in elseBranches {
            term(branch.value)
            body(branch.body)
        }
    }
}
