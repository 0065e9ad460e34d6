import WritSource

/// The bodies of `every` and of the `not`, `and` and `or` of the future keywords: only their comprehensions and
/// references are checked, as in OPA. Its comprehensions come first, all of them, so that they do not know what the
/// references tell of variables.
extension TypeChecker {
    mutating func checkInner(_ body: [ResolvedExpression]) {
        checkComprehensions(body)
        checkReferences(body)
    }

    // MARK: Comprehensions

    private mutating func checkComprehensions(_ body: [ResolvedExpression]) {
        for expression in body {
            switch expression.kind {
            case .term(let term): checkComprehensions(term)
            case .unify(let left, let right):
                checkComprehensions(left)
                checkComprehensions(right)
            case .member(let key, let value, let collection):
                if let key { checkComprehensions(key) }
                checkComprehensions(value)
                checkComprehensions(collection)
            case .not(let body): checkComprehensions(body)
            case .every(_, _, let domain, let body):
                checkComprehensions(domain)
                checkComprehensions(body)
            case .and(let left, let right), .or(let left, let right):
                checkComprehensions(left)
                checkComprehensions(right)
            case .print: break
            }
            for with in expression.with {
                if case .term(let value) = with.replacement { checkComprehensions(value) }
            }
        }
    }

    private mutating func checkComprehensions(_ term: ResolvedTerm) {
        switch term.kind {
        case .null, .boolean, .number, .string, .variable, .template: break
        case .reference(let reference):
            if case .term(let base) = reference.base { checkComprehensions(base) }
            for part in reference.parts { checkComprehensions(part) }
        case .array(let elements), .set(let elements): for element in elements { checkComprehensions(element) }
        case .object(let entries):
            for entry in entries {
                checkComprehensions(entry.key)
                checkComprehensions(entry.value)
            }
        case .arrayComprehension, .setComprehension, .objectComprehension: _ = evaluate(term)
        case .call(_, let arguments): for argument in arguments { checkComprehensions(argument) }
        }
    }

    // MARK: References

    private mutating func checkReferences(_ body: [ResolvedExpression]) {
        for expression in body { checkReferences(expression) }
    }

    private mutating func checkReferences(_ expression: ResolvedExpression) {
        switch expression.kind {
        case .term(let term): checkReferences(term)
        case .unify(let left, let right):
            checkReferences(left)
            checkReferences(right)
        case .member(let key, let value, let collection):
            if let key { checkReferences(key) }
            checkReferences(value)
            checkReferences(collection)
            if let reference = element(of: collection, key, expression.span),
                !reference.parts.contains(where: { Self.hasCall($0) })
            {
                _ = evaluate(reference, hiddenKey: key == nil)
            }
        case .not(let body): checkReferences(body)
        case .every(_, _, let domain, let body):
            checkReferences(domain)
            checkReferences(body)
        case .and(let left, let right), .or(let left, let right):
            checkReferences(left)
            checkReferences(right)
        case .print: break
        }
        for with in expression.with {
            if case .term(let value) = with.replacement { checkReferences(value) }
        }
    }

    private mutating func checkReferences(_ term: ResolvedTerm) {
        switch term.kind {
        case .null, .boolean, .number, .string, .variable, .template: break
        case .reference(let reference):
            if case .term(let base) = reference.base {
                checkReferences(base)
                for part in reference.parts { checkReferences(part) }
                return
            }
            if reference.parts.contains(where: { Self.hasCall($0) }) { return }
            _ = evaluate(reference, hiddenKey: false)
        case .array(let elements), .set(let elements): for element in elements { checkReferences(element) }
        case .object(let entries):
            for entry in entries {
                checkReferences(entry.key)
                checkReferences(entry.value)
            }
        case .arrayComprehension, .setComprehension, .objectComprehension: break
        case .call(_, let arguments): for argument in arguments { checkReferences(argument) }
        }
    }
}
