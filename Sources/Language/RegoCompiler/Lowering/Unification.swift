import RegoSyntax
import WritBuiltins
import WritPlan
import WritSource
import WritValue

extension Lowering {
    /// Whether a term has a variable that matching it would bind: itself, or inside array and object patterns.
    func hasUnbound(_ term: ResolvedTerm, _ state: FunctionState) -> Bool {
        switch term.kind {
        case .variable(let variable): return state.isUnbound(variable)
        case .array(let terms): return terms.contains { hasUnbound($0, state) }
        case .object(let entries): return entries.contains { hasUnbound($0.value, state) }
        default: return false
        }
    }

    /// `left = right`: binds what is unbound on either side and compares the rest.
    mutating func unify(
        _ left: ResolvedTerm, _ right: ResolvedTerm, _ state: inout FunctionState
    ) throws(LoweringError) {
        // Pairs whose both sides still wait for another pair to bind something are put off.
        var pairs = [(left, right)]
        while !pairs.isEmpty {
            var waiting: [(ResolvedTerm, ResolvedTerm)] = []
            var progressed = false
            for (left, right) in pairs {
                if let inner = split(left, right, state) {
                    if let inner {
                        waiting.append(contentsOf: inner)
                        progressed = true
                        continue
                    }
                    // Arrays of different lengths never match.
                    state.emitter.emit(.truthy(.constant(builder.constant(.false))))
                    progressed = true
                    continue
                }
                let isLeftOpen = hasUnbound(left, state)
                let isRightOpen = hasUnbound(right, state)
                if isLeftOpen && isRightOpen {
                    waiting.append((left, right))
                    continue
                }
                progressed = true
                if isLeftOpen {
                    try match(left, right, &state)
                } else {
                    try match(right, left, &state)
                }
            }
            guard progressed else { throw LoweringError(code: .unbound, span: left.span) }
            pairs = waiting
        }
    }

    /// The pairs of elements of two array or object literals; an inner nil where they can never match; nil
    /// where at least one side is no such literal, or nothing in them needs binding.
    private func split(
        _ left: ResolvedTerm, _ right: ResolvedTerm, _ state: FunctionState
    ) -> [(ResolvedTerm, ResolvedTerm)]?? {
        guard hasUnbound(left, state) || hasUnbound(right, state) else { return nil }
        switch (left.kind, right.kind) {
        case (.array(let one), .array(let two)):
            guard one.count == two.count else { return .some(nil) }
            return Array(zip(one, two))
        case (.object(let one), .object(let two)):
            guard one.count == two.count else { return .some(nil) }
            var pairs: [(ResolvedTerm, ResolvedTerm)] = []
            for entry in one {
                guard let key = constantValue(entry.key) else { return nil }
                var match: ResolvedTerm?
                for other in two {
                    guard let otherKey = constantValue(other.key) else { return nil }
                    if builder.space.equal(key, otherKey) { match = other.value }
                }
                guard let match else { return .some(nil) }
                pairs.append((entry.value, match))
            }
            return pairs
        default: return nil
        }
    }

    /// Matches a pattern with a term that binds nothing (but through its references).
    private mutating func match(
        _ pattern: ResolvedTerm, _ term: ResolvedTerm, _ state: inout FunctionState
    ) throws(LoweringError) {
        // A relation's solutions come one at a time; path and value need no pair around them.
        if case .call(.builtin(let builtin), let arguments) = term.kind, isWalk(builtin), let source = arguments.first,
            case .array(let output) = pattern.kind, output.count == 2
        {
            let value = try lower(source, &state)
            var path: Local?
            if case .variable(let variable) = output[0].kind, isWildcard(variable, state) {
            } else {
                path = state.emitter.local()
            }
            let found = state.emitter.local()
            state.emitter.open(.scan(.walk(value), key: path, value: found))
            if let path { try unify(output[0], .local(path), &state) }
            try unify(output[1], .local(found), &state)
            return
        }
        let value = try lower(term, &state)
        try unify(pattern, value, &state)
    }

    /// Matches a pattern with a value.
    mutating func unify(
        _ pattern: ResolvedTerm, _ value: Operand, _ state: inout FunctionState
    ) throws(LoweringError) {
        if case .variable(let variable) = pattern.kind, state.isUnbound(variable) {
            state.bind(variable, value)
            return
        }
        guard hasUnbound(pattern, state) else {
            let other = try lower(pattern, &state)
            state.emitter.emit(.equal(other, value))
            return
        }
        switch pattern.kind {
        case .array(let terms):
            state.emitter.emit(.isTuple(value, terms.count))
            for (index, term) in terms.enumerated() {
                if case .variable(let variable) = term.kind, isWildcard(variable, state) { continue }
                let element = state.emitter.local()
                state.emitter.emit(.dot(element, value, .constant(builder.constant(.integer(index)))))
                try unify(term, .local(element), &state)
            }
        case .object(let entries):
            state.emitter.emit(.hasKeyCount(value, entries.count))
            for entry in entries {
                let key = try lower(entry.key, &state)
                let element = state.emitter.local()
                state.emitter.emit(.dot(element, value, key))
                try unify(entry.value, .local(element), &state)
            }
        default: throw LoweringError(code: .unbound, span: pattern.span)
        }
    }
}
