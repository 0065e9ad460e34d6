import RegoSyntax
import WritPlan
import WritSource
import WritValue

extension Lowering {
    /// The function of one group of rules.
    mutating func lowerGroup(_ index: Int, _ number: Int) throws(LoweringError) -> Function {
        let group = policy.groups[index]
        record.serials = policy.groupSerials[index]
        var state = FunctionState(parameters: group.kind == .function ? group.arity : 0, number: number)
        if let first = group.rules.first ?? group.defaultRule { state.emitter.range = Self.range(first.headSpan) }
        let result: Local
        switch group.kind {
        case .complete, .function: result = try lowerComplete(group, &state)
        case .set, .object: result = try lowerPartial(group, &state)
        }
        let span = (group.rules.first ?? group.defaultRule)?.span ?? .none
        return Function(
            kind: group.kind == .function ? .function : .rule, name: dotted(group.path),
            parameterCount: group.kind == .function ? group.arity : 0, localCount: state.emitter.highestLocal,
            body: finish(&state.emitter), result: result, memo: .never, reads: [], range: Self.range(span))
    }

    // MARK: One value

    private mutating func lowerComplete(
        _ group: RuleGroup, _ state: inout FunctionState
    ) throws(LoweringError) -> Local {
        let result = state.emitter.local()
        let conflict: Conflict = group.kind == .function ? .function : .completeRule
        // When every rule can only give the same constant, the first that holds decides.
        let only = commonValue(of: group)
        let exits = only != nil
        let admitted = try traceIndex(group, &state)
        if !group.rules.isEmpty {
            let index = indexed(group, &state)
            let outer = state.emitter.depth
            state.emitter.open(.plain)
            let inner = state.emitter.depth
            var candidates: [Block] = []
            let mark = state.emitter.nextLocal
            for position in admitted?.order ?? Array(group.rules.indices) {
                let written = group.rules[position]
                let rule = traceable(written, of: group)
                state.emitter.reuseLocals(from: mark)
                state.emitter.range = Self.range(rule.span)
                state.emitter.open(.plain)
                let success = Success(
                    result: result, conflict: conflict, inner: inner, alwaysExits: exits,
                    mixed: admitted.map { $0.mixed })
                try lowerCandidate(rule, of: group, success, admitted?.branches[position], &state)
                state.emitter.close(to: inner + 1)
                candidates.append(state.emitter.take())
            }
            state.emitter.range = Self.range(group.rules[0].headSpan)
            state.emitter.emit(.dispatch(Dispatch(keys: index.keys, index: index.root, candidates: candidates)))
            state.emitter.close(to: outer)
        }
        if let written = group.defaultRule {
            let rule = traceable(written, of: group)
            state.emitter.range = Self.range(rule.span)
            state.begin(variables: rule.variables)
            for (position, argument) in rule.arguments.enumerated() {
                if case .variable(let variable) = argument.kind {
                    state.bind(variable, .local(Local(position)))
                }
            }
            let outer = state.emitter.depth
            state.emitter.open(.plain)
            state.emitter.emit(.isUndefined(result))
            let mark = traceEnter(group, rule.span, &state)
            try lower(rule.body, &state)
            let value = try lower(rule.value, &state)
            traceExit(mark, &state)
            state.emitter.emit(.assign(result, value))
            state.emitter.close(to: outer)
        }
        return result
    }

    /// The one constant that all rules and branches give, if there is such a one.
    private mutating func commonValue(of group: RuleGroup) -> Int32? {
        var common: Int32?
        for rule in group.rules {
            guard let value = constant(rule.value), common == nil || common == value else { return nil }
            common = value
            for branch in rule.elseBranches {
                guard let value = constant(branch.value), common == value else { return nil }
            }
        }
        return common
    }

    /// What happens where a rule holds.
    private struct Success {
        let result: Local
        let conflict: Conflict
        /// The depth of the block around all candidates.
        let inner: Int
        /// The first success decides.
        let alwaysExits: Bool
        /// Traced: the first success decides where this is undefined.
        let mixed: Local??
    }

    /// One rule with its else branches: the first of them that holds gives the value.
    ///
    /// `admitted` are the registers that say which branches a traced rule enters.
    private mutating func lowerCandidate(
        _ rule: ResolvedRule, of group: RuleGroup, _ success: Success, _ admitted: [Local?]?,
        _ state: inout FunctionState
    ) throws(LoweringError) {
        let candidate = state.emitter.depth
        state.begin(variables: rule.variables)
        guard !rule.elseBranches.isEmpty else {
            if let flag = admitted?.first ?? nil { state.emitter.emit(.isDefined(flag)) }
            let traceID = traceEnter(group, rule.span, &state)
            if group.kind == .function { try matchArguments(rule.arguments, &state) }
            try lower(rule.body, &state)
            try succeed(rule.value, success, leavingTo: candidate, traceID, of: Self.range(rule.span), &state)
            return
        }
        // The operands are the same for all branches; a trace has them matched in each.
        if group.kind == .function, !isTraced { try matchArguments(rule.arguments, &state) }
        let arguments = state.bindings
        let isDone = state.emitter.local()
        state.emitter.emit(.reset(isDone))
        let branches = [(rule.value, rule.body, rule.span)] + rule.elseBranches.map { ($0.value, $0.body, $0.span) }
        for (number, branch) in branches.enumerated() {
            let depth = state.emitter.depth
            state.bindings = arguments
            state.emitter.range = Self.range(branch.2)
            state.emitter.open(.plain)
            if number > 0 { state.emitter.emit(.isUndefined(isDone)) }
            if let flag = admitted?[number] { state.emitter.emit(.isDefined(flag)) }
            let traceID = traceEnter(group, branch.2, &state)
            if group.kind == .function, isTraced { try matchArguments(rule.arguments, &state) }
            try lower(branch.1, &state)
            // A later solution of the same body may still disagree, so only constants leave at once.
            try succeed(
                branch.0, success, leavingTo: candidate, traceID, of: Self.range(branch.2),
                isDone: number < branches.count - 1 ? isDone : nil, &state)
            state.emitter.close(to: depth)
        }
    }

    /// Gives the result; `isDone` is set where no branch behind this one is to be tried.
    private mutating func succeed(
        _ value: ResolvedTerm, _ success: Success, leavingTo candidate: Int, _ traceID: Int32, of rule: SourceRange,
        isDone: Local? = nil, _ state: inout FunctionState
    ) throws(LoweringError) {
        // A conflict is reported where the rule (or its branch) starts, errors of the value where that stands.
        state.emitter.range = value.span.isEmpty ? rule : Self.range(value.span)
        let isConstant = value.isConstant
        let operand = try lower(value, &state)
        state.emitter.range = rule
        // A branch whose value is undefined does not hold.
        if let isDone { state.emitter.emit(.assign(isDone, .constant(builder.constant(.true)))) }
        traceExit(traceID, head: [value], &state)
        if success.alwaysExits {
            state.emitter.emit(.assign(success.result, operand))
            state.emitter.leave(to: success.inner)
            return
        }
        state.emitter.emit(.assignOnce(success.result, operand, success.conflict))
        if isConstant, case .some(let mixed) = success.mixed {
            let depth = state.emitter.depth
            state.emitter.open(.plain)
            if let mixed { state.emitter.emit(.isUndefined(mixed)) }
            state.emitter.leave(to: success.inner)
            state.emitter.close(to: depth)
        }
        if isConstant, state.emitter.depth > candidate { state.emitter.leave(to: candidate) }
    }

    /// Binds or compares a function's operands with its patterns.
    private mutating func matchArguments(
        _ arguments: [ResolvedTerm], _ state: inout FunctionState
    ) throws(LoweringError) {
        for (position, argument) in arguments.enumerated() {
            try unify(argument, .local(Local(position)), &state)
        }
    }

    // MARK: Many values

    private mutating func lowerPartial(
        _ group: RuleGroup, _ state: inout FunctionState
    ) throws(LoweringError) -> Local {
        let gathered = state.emitter.local()
        let result = state.emitter.local()
        state.emitter.emit(.gather(gathered, group.kind == .set ? .set : .object))
        let admitted = try traceIndex(group, &state)
        let index = indexed(group, &state)
        let outer = state.emitter.depth
        state.emitter.open(.plain)
        let inner = state.emitter.depth
        var candidates: [Block] = []
        let mark = state.emitter.nextLocal
        for position in admitted?.order ?? Array(group.rules.indices) {
            let written = group.rules[position]
            let rule = traceable(written, of: group)
            state.emitter.reuseLocals(from: mark)
            state.emitter.range = Self.range(rule.span)
            state.emitter.open(.plain)
            state.begin(variables: rule.variables)
            if let flag = admitted?.branches[position].first ?? nil { state.emitter.emit(.isDefined(flag)) }
            let traceID = traceEnter(group, rule.span, &state)
            try lowerBody(of: rule, group, &state)
            try gather(rule, of: group, into: gathered, &state)
            traceExit(traceID, head: rule.suffix + (rule.key.map { [$0] } ?? []) + [rule.value], &state)
            state.emitter.close(to: inner + 1)
            candidates.append(state.emitter.take())
        }
        state.emitter.emit(.dispatch(Dispatch(keys: index.keys, index: index.root, candidates: candidates)))
        state.emitter.close(to: outer)
        state.emitter.emit(.gathered(result, from: gathered))
        return result
    }

    private mutating func gather(
        _ rule: ResolvedRule, of group: RuleGroup, into gathered: Local, _ state: inout FunctionState
    ) throws(LoweringError) {
        state.emitter.range = Self.range(rule.headSpan)
        var path: [Operand] = []
        for part in rule.suffix { path.append(try lower(part, &state)) }
        if let key = rule.key {
            let element = try lower(key, &state)
            if group.kind == .set {
                state.emitter.emit(.add(to: gathered, element))
            } else {
                state.emitter.emit(.insertPath(into: gathered, path + [element], value: nil, .objectKey))
            }
            return
        }
        let value = try lower(rule.value, &state)
        if path.count == 1 {
            state.emitter.emit(.insert(into: gathered, key: path[0], value: value, .objectKey))
        } else {
            state.emitter.emit(.insertPath(into: gathered, path, value: value, .objectKey))
        }
    }

    // MARK: Queries

    /// A query: for each solution an array of the shown values and the bindings.
    mutating func lowerQuery(_ written: ResolvedQuery, _ number: Int) throws(LoweringError) -> Function {
        let query = traceable(written)
        var state = FunctionState(parameters: 0, number: number)
        state.begin(variables: query.variables)
        let mark = traceBody(query.body, outer: -1, &state)
        try lower(query.body, &state)
        traceBodyExit(mark, query.body, &state)
        var shown: [Operand] = []
        for item in query.shown {
            if let term = item.term {
                shown.append(try lower(term, &state))
            } else {
                shown.append(.constant(builder.constant(.true)))
            }
        }
        var bindings: [Operand] = []
        for variable in query.bindings {
            guard let operand = state[variable] else {
                throw LoweringError(code: .unbound, span: query.body.first?.span ?? .none)
            }
            bindings.append(operand)
        }
        let first = state.emitter.local()
        state.emitter.emit(.makeArray(first, shown))
        let second = state.emitter.local()
        state.emitter.emit(.makeArray(second, bindings))
        let answer = state.emitter.local()
        state.emitter.emit(.makeArray(answer, [.local(first), .local(second)]))
        state.emitter.emit(.emit(.local(answer)))
        return Function(
            kind: .query, name: Array("query".utf8), parameterCount: 0, localCount: state.emitter.highestLocal,
            body: finish(&state.emitter), result: nil, memo: .never, reads: [], range: .none)
    }
}
