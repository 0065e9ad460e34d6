/// OPA takes the calls inside of an expression, and its templates, out of it and puts them in front. What a call tells
/// of its operands' variables therefore holds for the references beside it, also for those on its left.
extension TypeChecker {
    /// Checks the calls inside of a term, inner ones first; `evaluate` finds their types afterwards.
    mutating func computeCalls(_ term: ResolvedTerm) {
        switch term.kind {
        case .null, .boolean, .number, .string, .variable: break
        case .arrayComprehension, .setComprehension, .objectComprehension: break
        case .reference(let reference):
            if case .term(let base) = reference.base { computeCalls(base) }
            for part in reference.parts { computeCalls(part) }
        case .array(let elements), .set(let elements):
            for element in elements { computeCalls(element) }
        case .object(let entries):
            for entry in entries {
                computeCalls(entry.key)
                computeCalls(entry.value)
            }
        case .call(_, let arguments):
            for argument in arguments { computeCalls(argument) }
            computed[term.span] = evaluate(term)
        case .template: computed[term.span] = evaluate(term)
        }
    }

    /// The type of a call that was checked before the expression around it.
    mutating func takeComputed(_ term: ResolvedTerm) -> TypedTerm? {
        computed.isEmpty ? nil : computed.removeValue(forKey: term.span)
    }
}
