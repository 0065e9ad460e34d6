import RegoSyntax
import WritBuiltins
import WritPlan
import WritSource
import WritValue

extension Lowering {
    /// Lowers a body: afterwards the innermost open block is where all of it holds.
    mutating func lower(_ body: [ResolvedExpression], _ state: inout FunctionState) throws(LoweringError) {
        for expression in body { try lower(expression, &state) }
    }

    private mutating func lower(
        _ expression: ResolvedExpression, _ state: inout FunctionState
    ) throws(LoweringError) {
        guard state.emitter.depth < Self.depthLimit else {
            throw LoweringError(code: .tooDeep, span: expression.span)
        }
        state.emitter.range = Self.range(expression.span)
        let mark = traceBegin(expression, &state)
        guard !expression.with.isEmpty else {
            try lowerKind(expression, &state)
            traceEnd(mark, expression, &state)
            return
        }
        // All values are computed before any of them applies.
        var overrides: [Override] = []
        for with in expression.with { overrides.append(try lower(with, &state)) }
        state.emitter.open(.with(overrides))
        try lowerKind(expression, &state)
        // What follows the expression runs under what held before.
        state.emitter.open(.outside)
        traceEnd(mark, expression, &state)
    }

    private mutating func lowerKind(
        _ expression: ResolvedExpression, _ state: inout FunctionState
    ) throws(LoweringError) {
        switch expression.kind {
        case .term(let term): try lowerCondition(term, &state)
        case .unify(let left, let right): try unify(left, right, &state)
        case .member(let key, let value, let collection): try lowerMember(key, value, collection, &state)
        case .not(let body):
            try lowerNegated(&state) { (lowering, state) throws(LoweringError) in
                try lowering.lowerInner(body, &state)
            }
        case .every(let key, let value, let domain, let body):
            try lowerEvery(key, value, domain, body, &state)
        case .and(let left, let right):
            // A double negation holds at most once and binds nothing.
            for operand in [left, right] {
                try lowerNegated(&state) { (lowering, state) throws(LoweringError) in
                    try lowering.lowerNegated(&state) { (lowering, state) throws(LoweringError) in
                        try lowering.lowerInner(operand, &state)
                    }
                }
            }
        case .or(let left, let right):
            try lowerNegated(&state) { (lowering, state) throws(LoweringError) in
                for operand in [left, right] {
                    try lowering.lowerNegated(&state) { (lowering, state) throws(LoweringError) in
                        try lowering.lowerInner(operand, &state)
                    }
                }
            }
        case .print(let parts):
            let operands = try lowerParts(parts, &state)
            state.emitter.emit(.print(operands))
        }
    }

    mutating func lowerNegated(
        _ state: inout FunctionState, _ body: (inout Lowering, inout FunctionState) throws(LoweringError) -> Void
    ) throws(LoweringError) {
        let depth = state.emitter.depth
        let bindings = state.bindings
        state.emitter.open(.negated)
        try body(&self, &state)
        if state.emitter.hasInner(depth) {
            // The body holds where its loops reach their innermost place, not where they run out: a flag tells.
            let flag = state.emitter.local()
            state.emitter.emit(.assign(flag, .constant(builder.constant(.true))))
            state.emitter.leave(to: depth + 1)
            state.emitter.flagged(at: depth, flag)
            state.emitter.close(to: depth)
            state.emitter.emit(.isUndefined(flag))
        } else {
            state.emitter.close(to: depth)
        }
        state.bindings = bindings
    }

    // MARK: Conditions

    private mutating func lowerCondition(
        _ term: ResolvedTerm, _ state: inout FunctionState
    ) throws(LoweringError) {
        if try lowerComparison(term, &state) { return }
        let value = try lower(term, &state)
        if case .constant(let constant) = value {
            let known = builder.value(constant)
            if known.isDefined, !known.isFalse { return }
        }
        state.emitter.emit(.truthy(value))
    }

    /// A comparison whose result is only checked needs no value for it.
    private mutating func lowerComparison(
        _ term: ResolvedTerm, _ state: inout FunctionState
    ) throws(LoweringError) -> Bool {
        guard case .call(.builtin(let builtin), let arguments) = term.kind, arguments.count == 2,
            Registry.all.indices.contains(builtin), let comparator = Comparator(builtin)
        else { return false }
        let kind: (Operand, Operand) -> Statement.Kind
        switch comparator {
        // `a == b` as an expression is `a = b`, which nothing replaces.
        case .equal: kind = { .equal($0, $1) }
        case _ where isReplaced(builtin): return false
        case .notEqual: kind = { .notEqual($0, $1) }
        case .ordered(let ordering): kind = { .ordered($0, ordering, $1) }
        }
        let operands = try lowerAll(arguments, &state)
        state.emitter.emit(kind(operands[0], operands[1]))
        return true
    }

    private enum Comparator {
        case equal, notEqual
        case ordered(Ordering)

        private static let numbers = ["equal", "neq", "lt", "lte", "gt", "gte"].map { Registry.find(Array($0.utf8)) }

        init?(_ builtin: Int) {
            switch Self.numbers.firstIndex(of: builtin) {
            case 0: self = .equal
            case 1: self = .notEqual
            case 2: self = .ordered(.less)
            case 3: self = .ordered(.lessOrEqual)
            case 4: self = .ordered(.greater)
            case 5: self = .ordered(.greaterOrEqual)
            default: return nil
            }
        }
    }

    // MARK: Iteration

    private mutating func lowerMember(
        _ key: ResolvedTerm?, _ value: ResolvedTerm, _ collection: ResolvedTerm, _ state: inout FunctionState
    ) throws(LoweringError) {
        let source = try lower(collection, &state)
        if let key, !hasUnbound(key, state) {
            let wanted = try lower(key, &state)
            let found = state.emitter.local()
            state.emitter.emit(.dot(found, source, wanted))
            try unify(value, .local(found), &state)
            return
        }
        let found = state.emitter.local()
        var position: Local?
        if let key {
            if case .variable(let variable) = key.kind, isWildcard(variable, state) {
            } else {
                position = state.emitter.local()
            }
        }
        state.emitter.open(.scan(.collection(source), key: position, value: found))
        if let key, let position { try unify(key, .local(position), &state) }
        try unify(value, .local(found), &state)
    }

    private mutating func lowerEvery(
        _ key: Variable?, _ value: Variable, _ domain: ResolvedTerm, _ body: [ResolvedExpression],
        _ state: inout FunctionState
    ) throws(LoweringError) {
        let source = try lower(domain, &state)
        state.emitter.emit(.isCollection(source))
        // No entry for which the body does not hold.
        try lowerNegated(&state) { (lowering, state) throws(LoweringError) in
            let found = state.emitter.local()
            let position: Local? = key == nil ? nil : state.emitter.local()
            state.emitter.open(.scan(.collection(source), key: position, value: found))
            if let key, let position { state.bind(key, .local(position)) }
            state.bind(value, .local(found))
            try lowering.lowerNegated(&state) { (lowering, state) throws(LoweringError) in
                try lowering.lowerInner(body, &state)
            }
        }
    }

    // MARK: With

    private mutating func lower(_ with: ResolvedWith, _ state: inout FunctionState) throws(LoweringError) -> Override {
        let replacement: Override.Replacement
        switch with.replacement {
        case .term(let term): replacement = .value(try lower(term, &state))
        case .callee(.builtin(let builtin)): replacement = .builtin(builtin)
        case .callee(.group(let group)):
            replacement = .function(function(ofGroup: group))
        }
        switch with.target {
        case .input(let path): return Override(.input(path.map { constant(string: $0) }), replacement)
        case .data(let path):
            return Override(.data(path.map { constant(string: $0) }, affected(by: path)), replacement)
        case .callee(.builtin(let builtin)): return Override(.builtin(builtin), replacement)
        case .callee(.group(let group)):
            return Override(.function(FunctionID(Int(lowered.groupFunctions[group]))), replacement)
        }
    }

    /// The functions of documents at or below a path, with the way from the path to each.
    private mutating func affected(by path: [Name]) -> [(function: FunctionID, path: [Int32])] {
        guard let top = node(at: path) else { return [] }
        lookBelow(top)
        var found: [(function: FunctionID, path: [Int32])] = []
        var pending: [(node: Int, path: [Int32])] = [(top, [])]
        while let next = pending.popLast() {
            if let function = builder.plan.documents[next.node].function { found.append((function, next.path)) }
            for child in policy.tree[next.node].children {
                let key = constant(string: policy.tree[Int(child)].key)
                pending.append((Int(child), next.path + [key]))
            }
        }
        return found
    }
}
