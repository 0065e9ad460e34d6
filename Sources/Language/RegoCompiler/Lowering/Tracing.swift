import RegoSyntax
import WritBuiltins
import WritPlan
import WritSource
import WritValue

/// What lowering remembers for the traced flavour.
struct TraceState {
    /// The point of the rule or body at hand.
    var body: Int32 = -1
    /// The terms that the generated variables of the rule at hand stand for.
    var generated: [Int32: Span] = [:]
    /// The numbers in their names, such as `__local5__`.
    var numbered: [Int32: Int] = [:]
    var numbers: TraceNumbers?
    /// What stands before the number: `__local`, or `__localq` in queries.
    var isQuery = false
}

/// The marks of the traced flavour. Where a policy is not traced nothing here emits anything.
extension Lowering {
    var isTraced: Bool { policy.isTraced }

    /// What variables are called that passes before this one made.
    var generatedVariable: Name { policy.names.find(Array("$generated".utf8)) ?? .empty }

    /// The rule as it is traced: every step an expression of its own.
    mutating func traceable(_ rule: ResolvedRule, of group: RuleGroup) -> ResolvedRule {
        guard isTraced else { return rule }
        if trace.numbers == nil { trace.numbers = TraceNumbers(policy) { namesCases($0) } }
        var expansion = TraceExpansion(
            variables: rule.variables, generatedName: generatedVariable)
        let result = expansion.expand(rule, namesCases: namesCases(group))
        begin(expansion, trace.numbers?.bases(of: rule) ?? TraceNumbers.Bases())
        return result
    }

    mutating func traceable(_ query: ResolvedQuery) -> ResolvedQuery {
        guard isTraced else { return query }
        var expansion = TraceExpansion(
            variables: query.variables, generatedName: generatedVariable)
        var declared = 0
        for index in query.variables.indices {
            if policy.names[query.variables[index]].first == 0x24 {
                expansion.catching.insert(Int32(truncatingIfNeeded: index))
            } else {
                declared += 1
            }
        }
        var result = query
        result.body = expansion.body(query.body, at: query.body.first?.span ?? .none)
        result.variables = expansion.variables
        trace.isQuery = true
        begin(expansion, TraceNumbers.Bases(after: declared, expansion))
        return result
    }

    private mutating func begin(_ expansion: TraceExpansion, _ bases: TraceNumbers.Bases) {
        trace.generated = expansion.generated
        trace.numbered = [:]
        var bases = bases
        for variable in expansion.generated.keys.sorted() {
            let pass = expansion.pass(of: variable).rawValue
            trace.numbered[variable] = bases.next[pass]
            bases.next[pass] += 1
        }
    }

    /// Whether the entries of a document are cases of a test.
    func namesCases(_ group: RuleGroup) -> Bool {
        guard group.kind == .object, let name = group.path.last else { return false }
        return policy.names[name].starts(with: "test_".utf8)
    }

    // MARK: Rules

    /// Marks that a rule's evaluation begins; -1 where nothing is traced.
    mutating func traceEnter(_ group: RuleGroup, _ span: Span, _ state: inout FunctionState) -> Int32 {
        guard isTraced else { return -1 }
        let id = nextPoint
        var point = TracePoint(.rule, Self.range(span), text: dotted(group.path), body: id)
        point.isCollected = group.kind == .set || group.kind == .object
        builder.plan.tracePoints.append(point)
        trace.body = id
        state.emitter.emit(.trace(.enter, id: id))
        return id
    }

    /// Marks that a rule or a body holds; the variables of its head are shown.
    mutating func traceExit(_ id: Int32, head: [ResolvedTerm] = [], _ state: inout FunctionState) {
        guard id >= 0 else { return }
        if builder.plan.tracePoints.indices.contains(Int(id)) {
            var found: [TracePoint.Variable] = []
            for term in head { collect(term, state, &found) }
            builder.plan.tracePoints[Int(id)].after = found
        }
        state.emitter.emit(.trace(.exit, id: id))
    }

    /// Lowers the body of a rule of many values; a test's case is marked as soon as its name is known.
    mutating func lowerBody(
        of rule: ResolvedRule, _ group: RuleGroup, _ state: inout FunctionState
    ) throws(LoweringError) {
        guard isTraced, namesCases(group) else {
            try lower(rule.body, &state)
            return
        }
        var needed: Set<Int32> = []
        for part in rule.suffix { TraceExpansion.variables(of: part, &needed) }
        var isMarked = false
        for expression in rule.body {
            if !isMarked { isMarked = try markCase(rule, needed, &state) }
            try lower([expression], &state)
        }
        if !isMarked { _ = try markCase(rule, needed, &state) }
    }

    private mutating func markCase(
        _ rule: ResolvedRule, _ needed: Set<Int32>, _ state: inout FunctionState
    ) throws(LoweringError) -> Bool {
        for variable in needed where state.isUnbound(Variable(Int(variable))) { return false }
        let id = nextPoint
        var point = TracePoint(.expression, Self.range(rule.headSpan), text: [], body: trace.body)
        for part in rule.suffix {
            point.variables.append(
                .init(name: [], range: Self.range(part.span), operand: try lower(part, &state)))
        }
        builder.plan.tracePoints.append(point)
        state.emitter.emit(.trace(.testCase, id: id))
        return true
    }

    // MARK: Bodies

    /// Lowers a body inside another one.
    mutating func lowerInner(
        _ body: [ResolvedExpression], _ state: inout FunctionState
    ) throws(LoweringError) {
        guard isTraced else {
            try lower(body, &state)
            return
        }
        let outer = trace.body
        let id = traceBody(body, outer: outer, &state)
        try lower(body, &state)
        traceBodyExit(id, body, &state)
        trace.body = outer
    }

    /// Marks that a body holds; all of its variables are shown.
    mutating func traceBodyExit(_ id: Int32, _ body: [ResolvedExpression], _ state: inout FunctionState) {
        guard id >= 0 else { return }
        builder.plan.tracePoints[Int(id)].after = shown(body, state)
        state.emitter.emit(.trace(.exit, id: id))
    }

    /// Marks the beginning of a body.
    mutating func traceBody(_ body: [ResolvedExpression], outer: Int32, _ state: inout FunctionState) -> Int32 {
        guard isTraced else { return -1 }
        let id = nextPoint
        var writer = traceText(state)
        writer.write(body)
        var point = TracePoint(
            .body, Self.range(body.first?.span ?? .none), text: writer.bytes, body: id, outer: outer)
        point.variables = shown(body, state)
        builder.plan.tracePoints.append(point)
        trace.body = id
        state.emitter.emit(.trace(.enter, id: id))
        return id
    }

    // MARK: Expressions

    mutating func traceBegin(_ expression: ResolvedExpression, _ state: inout FunctionState) -> Int32 {
        guard isTraced else { return -1 }
        let id = nextPoint
        var writer = traceText(state)
        writer.write(expression)
        var point = TracePoint(
            .expression, Self.range(expression.span), text: writer.bytes, body: trace.body)
        point.isGenerated = expression.style.contains(.generated)
        if case .not = expression.kind { point.isNegated = true }
        point.variables = shown(expression, state)
        builder.plan.tracePoints.append(point)
        state.emitter.emit(.trace(.expression, id: id))
        return id
    }

    mutating func traceEnd(_ id: Int32, _ expression: ResolvedExpression, _ state: inout FunctionState) {
        guard id >= 0 else { return }
        builder.plan.tracePoints[Int(id)].after = shown(expression, state)
        state.emitter.emit(.trace(.done, id: id))
    }

    var nextPoint: Int32 { Int32(truncatingIfNeeded: builder.plan.tracePoints.count) }

    private func traceText(_ state: FunctionState) -> TraceText {
        TraceText(
            names: policy.names, variables: state.variables, generated: { generatedName($0) },
            groupPath: { dotted(policy.groups[$0].path) })
    }

    /// OPA's name for a generated variable; empty for others.
    private func generatedName(_ variable: Int32) -> [UInt8] {
        guard let number = trace.numbered[variable] else { return [] }
        return Array((trace.isQuery ? "__localq" : "__local").utf8) + Array(String(number).utf8) + [0x5F, 0x5F]
    }

    /// The variables of an expression that have a value where the statement stands.
    private func shown(_ expression: ResolvedExpression, _ state: FunctionState) -> [TracePoint.Variable] {
        var found: [TracePoint.Variable] = []
        collect(expression, state, &found)
        return found
    }

    private func shown(_ body: [ResolvedExpression], _ state: FunctionState) -> [TracePoint.Variable] {
        var found: [TracePoint.Variable] = []
        for expression in body { collect(expression, state, &found) }
        return found
    }

    private func collect(
        _ expression: ResolvedExpression, _ state: FunctionState, _ found: inout [TracePoint.Variable]
    ) {
        switch expression.kind {
        case .term(let term): collect(term, state, &found)
        case .unify(let left, let right):
            collect(left, state, &found)
            collect(right, state, &found)
        case .member(let key, let value, let collection):
            if let key { collect(key, state, &found) }
            collect(value, state, &found)
            collect(collection, state, &found)
        case .every(_, _, let domain, _): collect(domain, state, &found)
        case .not(let body):
            for inner in body { collect(inner, state, &found) }
        case .and, .or, .print: break
        }
        for with in expression.with {
            if case .term(let term) = with.replacement { collect(term, state, &found) }
        }
    }

    private func collect(_ term: ResolvedTerm, _ state: FunctionState, _ found: inout [TracePoint.Variable]) {
        switch term.kind {
        case .variable(let variable): add(variable, term.span, state, &found)
        case .reference(let reference):
            addDocument(reference, &found)
            if case .variable(let variable) = reference.base {
                add(variable, Self.firstStep(reference, policy.names, state), state, &found)
            }
            if case .term(let base) = reference.base { collect(base, state, &found) }
            for part in reference.parts { collect(part, state, &found) }
        case .array(let terms), .set(let terms), .call(_, let terms):
            for term in terms { collect(term, state, &found) }
        case .object(let entries):
            for entry in entries {
                collect(entry.key, state, &found)
                collect(entry.value, state, &found)
            }
        case .null, .boolean, .number, .string, .template, .arrayComprehension, .setComprehension,
            .objectComprehension:
            break
        }
    }

    /// Where the head of a reference stands: as long as its name.
    private static func firstStep(
        _ reference: ResolvedReference, _ names: NameTable, _ state: FunctionState
    ) -> Span {
        guard case .variable(let variable) = reference.base, state.variables.indices.contains(variable.int) else {
            return reference.span
        }
        let length = UInt32(truncatingIfNeeded: names[state.variables[variable.int]].count)
        return Span(source: reference.span.source, start: reference.span.start, end: reference.span.start &+ length)
    }

    private func add(
        _ variable: Variable, _ span: Span, _ state: FunctionState, _ found: inout [TracePoint.Variable]
    ) {
        guard state.variables.indices.contains(variable.int), let operand = state[variable] else { return }
        let name = state.variables[variable.int]
        let range = Self.range(trace.generated[variable.index] ?? span)
        var shown = generatedName(variable.index)
        if shown.isEmpty, !policy.names.isWildcard(name) { shown = Array(policy.names[name]) }
        var entry = TracePoint.Variable(name: shown, range: range, operand: operand)
        entry.isWildcard = shown.isEmpty
        found.append(entry)
    }

    /// The document that rules give at the path of a reference; it is shown once it is known.
    private func addDocument(_ reference: ResolvedReference, _ found: inout [TracePoint.Variable]) {
        guard case .data = reference.base else { return }
        var node = 0
        for part in reference.parts {
            guard case .string(let key) = part.kind,
                let next = policy.tree[node].children.first(where: { policy.tree[Int($0)].key == key })
            else { return }
            node = Int(next)
            guard let group = policy.tree[node].group else { continue }
            guard policy.groups[Int(group)].kind != .function else { return }
            var entry = TracePoint.Variable(
                name: dotted(policy.groups[Int(group)].path), range: Self.range(reference.span),
                operand: .local(Local(0)))
            entry.function = lowered.groupFunctions[Int(group)]
            // OPA keeps the document of a whole reference only.
            if part.span == reference.parts.last?.span { found.append(entry) }
            return
        }
    }
}
