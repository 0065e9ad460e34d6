import RegoSyntax
import WritBuiltins
import WritPlan
import WritSource
import WritValue

/// What OPA's index says before the rules of a path are entered; only the traced flavour asks.
struct TracedIndex {
    /// For each rule its branches' registers, defined where the branch is entered; nil where it always is.
    var branches: [[Local?]] = []
    /// Defined where the branches that are entered may differ in their value; nil where they never do.
    var mixed: Local?
    /// The rules in the order in which OPA's index gives them.
    var order: [Int] = []
}

/// What the index demands of one value.
private struct IndexCondition {
    enum Want {
        /// That it is there; the variable is what the rule calls it.
        case anything(Variable?)
        case constant(Int32)
        /// An array of this length with these elements, where they are known.
        case tuple([Int32?])
        /// A text that a pattern without `**` and classes matches.
        case glob(pattern: Int32, delimiters: Int32)
    }

    /// The value as it is written: a later condition on it takes the place of a former one.
    var subject: [UInt8]
    var term: ResolvedTerm
    var want: Want
    /// How many conditions the rule has on it.
    var uses = 1

    /// Its place among the conditions on one value.
    var rank: Int {
        switch want {
        case .anything: 1
        case .constant, .tuple: 2
        case .glob: 3
        }
    }
}

/// A traced rule is entered only where OPA's index admits it: where what its body compares of input, base data and
/// operands is there and, next to a constant, equals it.
extension Lowering {
    /// Emits what finds the branches that are admitted, and the event that tells of it.
    mutating func traceIndex(
        _ group: RuleGroup, _ state: inout FunctionState
    ) throws(LoweringError) -> TracedIndex? {
        guard isTraced else { return nil }
        var result = TracedIndex()
        var chains: [Local] = []
        var always: Int32 = 0
        var values: [(flag: Local?, value: Int32?)] = []
        var demands: [[[IndexCondition]]] = []
        for written in group.rules {
            var expansion = TraceExpansion(
                variables: written.variables, generatedName: generatedVariable)
            let rule = expansion.expand(written, namesCases: namesCases(group))
            state.emitter.range = Self.range(rule.headSpan)
            let isOneValue = group.kind == .complete || group.kind == .function || isOneValue(rule)
            let parts = [(rule.body, rule.value)] + rule.elseBranches.map { ($0.body, $0.value) }
            let chain = parts.count > 1 ? state.emitter.local() : nil
            if let chain { state.emitter.emit(.reset(chain)) }
            var branches: [Local?] = []
            demands.append([])
            for (body, value) in parts {
                let conditions = namesCases(group) ? [] : conditions(of: body, rule)
                demands[demands.count - 1].append(conditions)
                let flag = conditions.isEmpty ? nil : state.emitter.local()
                if let flag { try emit(conditions, rule, flag, chain, &state) }
                branches.append(flag)
                values.append((flag, isOneValue ? constant(value) : nil))
            }
            if branches.contains(where: { $0 == nil }) {
                always += 1
            } else if let flag = chain ?? branches[0] {
                chains.append(flag)
            }
            result.branches.append(branches)
        }
        result.mixed = emitMixed(values, &state)
        result.order = Self.order(demands)
        let first = group.rules.first ?? group.defaultRule
        var point = TracePoint(.index, Self.range(first?.headSpan ?? .none), text: dotted(group.path), body: -1)
        point.function = Int32(truncatingIfNeeded: state.number)
        point.alwaysAdmitted = always
        point.variables = chains.map { .init(name: [], range: .none, operand: .local($0)) }
        if let mixed = result.mixed { point.after = [.init(name: [], range: .none, operand: .local(mixed))] }
        let id = nextPoint
        builder.plan.tracePoints.append(point)
        state.emitter.emit(.trace(.index, id: id))
        return result
    }

    /// OPA's index is a tree with a level for each value that is looked at, the most frequent first. At each level come
    /// the rules that do not look at it, then those that take anything, then those that compare.
    private static func order(_ demands: [[[IndexCondition]]]) -> [Int] {
        var subjects: [[UInt8]] = []
        var places: [[UInt8]: (uses: Int, first: Int)] = [:]
        for condition in demands.joined().joined() {
            if places[condition.subject] == nil {
                places[condition.subject] = (0, subjects.count)
                subjects.append(condition.subject)
            }
            places[condition.subject]?.uses += condition.uses
        }
        subjects.sort { one, two in
            guard let a = places[one], let b = places[two] else { return false }
            return a.uses == b.uses ? a.first < b.first : a.uses > b.uses
        }
        var levels: [[UInt8]: Int] = [:]
        for (level, subject) in subjects.enumerated() { levels[subject] = level }
        var keys: [[(level: Int, rank: Int)]] = []
        for branches in demands {
            var best: [(level: Int, rank: Int)]?
            for branch in branches {
                let key = branch.map { (level: levels[$0.subject] ?? 0, rank: $0.rank) }.sorted { $0.level < $1.level }
                if let known = best, !precedes(key, known) { continue }
                best = key
            }
            keys.append(best ?? [])
        }
        return keys.indices.sorted { one, two in
            precedes(keys[one], keys[two]) || !precedes(keys[two], keys[one]) && one < two
        }
    }

    /// What does not look at a level comes before what does.
    private static func precedes(_ one: [(level: Int, rank: Int)], _ two: [(level: Int, rank: Int)]) -> Bool {
        for (a, b) in zip(one, two) {
            // The one whose next level comes later takes no part in the other's.
            if a.level != b.level { return a.level > b.level }
            if a.rank != b.rank { return a.rank < b.rank }
        }
        return one.count < two.count
    }

    /// Whether a rule of an object's group has a path of its own, as `p.q := 1` beside `p[x] := 2`.
    private func isOneValue(_ rule: ResolvedRule) -> Bool {
        rule.key == nil && !rule.suffix.isEmpty && rule.suffix.allSatisfy { constantValue($0) != nil }
    }

    /// The register that is defined where two admitted branches may differ: some value is computed, or it is another
    /// one.
    private mutating func emitMixed(
        _ values: [(flag: Local?, value: Int32?)], _ state: inout FunctionState
    ) -> Local? {
        let first = values.first?.value
        if values.allSatisfy({ $0.value != nil && $0.value == first }) { return nil }
        let mixed = state.emitter.local()
        let common = state.emitter.local()
        let yes = Operand.constant(builder.constant(.true))
        state.emitter.emit(.reset(mixed))
        state.emitter.emit(.reset(common))
        for (flag, value) in values {
            let depth = state.emitter.depth
            state.emitter.open(.plain)
            if let flag { state.emitter.emit(.isDefined(flag)) }
            if let value {
                let inner = state.emitter.depth
                state.emitter.open(.plain)
                state.emitter.emit(.isUndefined(common))
                state.emitter.emit(.assign(common, .constant(value)))
                state.emitter.close(to: inner)
                state.emitter.emit(.notEqual(.local(common), .constant(value)))
            }
            state.emitter.emit(.assign(mixed, yes))
            state.emitter.close(to: depth)
        }
        return mixed
    }

    private mutating func emit(
        _ conditions: [IndexCondition], _ rule: ResolvedRule, _ flag: Local, _ chain: Local?,
        _ state: inout FunctionState
    ) throws(LoweringError) {
        let yes = Operand.constant(builder.constant(.true))
        state.emitter.emit(.reset(flag))
        let depth = state.emitter.depth
        let mark = state.emitter.nextLocal
        state.emitter.open(.plain)
        state.begin(variables: rule.variables)
        for (position, argument) in rule.arguments.enumerated() {
            if case .variable(let variable) = argument.kind { state.bind(variable, .local(Local(position))) }
        }
        for condition in conditions {
            let value = try lower(condition.term, &state)
            switch condition.want {
            case .anything: break
            case .constant(let constant): state.emitter.emit(.equal(value, .constant(constant)))
            case .tuple(let elements):
                state.emitter.emit(.isTuple(value, elements.count))
                for (index, element) in elements.enumerated() {
                    guard let element else { continue }
                    let part = state.emitter.local()
                    let place = builder.constant(.integer(Int64(index)))
                    state.emitter.emit(.dot(part, value, .constant(place)))
                    state.emitter.emit(.equal(.local(part), .constant(element)))
                }
            case .glob(let pattern, let delimiters):
                guard let builtin = Self.globNumber else { continue }
                // In Rego's order texts stand between the empty one and the arrays.
                let text = constant(bytes: [])
                let array = (try? builder.space.array(ValueList())).map { builder.constant($0) }
                guard let array else { continue }
                state.emitter.emit(.ordered(.constant(text), .lessOrEqual, value))
                state.emitter.emit(.ordered(value, .less, .constant(array)))
                let matches = state.emitter.local()
                state.emitter.emit(
                    .builtin(matches, builtin: builtin, [.constant(pattern), .constant(delimiters), value]))
                state.emitter.emit(.truthy(.local(matches)))
            }
        }
        state.emitter.emit(.assign(flag, yes))
        if let chain { state.emitter.emit(.assign(chain, yes)) }
        state.emitter.close(to: depth)
        state.emitter.reuseLocals(from: mark)
    }

    private mutating func constant(bytes: [UInt8]) -> Int32 {
        builder.constant((try? builder.space.string(bytes)) ?? .null)
    }

    // MARK: Conditions

    private mutating func conditions(of body: [ResolvedExpression], _ rule: ResolvedRule) -> [IndexCondition] {
        var found: [IndexCondition] = []
        for expression in body {
            // OPA does not index what prints.
            if case .print = expression.kind { return [] }
        }
        for expression in body where expression.with.isEmpty {
            let condition: IndexCondition?
            switch expression.kind {
            case .term(let term):
                if let glob = self.glob(term, found, rule) {
                    condition = glob
                } else {
                    condition = isIndexed(term) ? self.condition(term, .anything(nil)) : nil
                }
            case .unify(let left, let right):
                condition = equality(left, right, rule) ?? equality(right, left, rule)
            default: condition = nil
            }
            guard let condition else { continue }
            if let place = found.firstIndex(where: { $0.subject == condition.subject }) {
                let uses = found[place].uses
                found[place] = condition
                found[place].uses += uses
            } else {
                found.append(condition)
            }
        }
        return found
    }

    private func condition(_ term: ResolvedTerm, _ want: IndexCondition.Want) -> IndexCondition {
        var writer = TraceText(names: policy.names, variables: [], generated: { _ in [] }, groupPath: { _ in [] })
        if case .variable(let variable) = term.kind {
            return IndexCondition(
                subject: Array("args".utf8) + Array(String(variable.index).utf8), term: term, want: want)
        }
        writer.write(term)
        return IndexCondition(subject: writer.bytes, term: term, want: want)
    }

    private mutating func equality(
        _ subject: ResolvedTerm, _ other: ResolvedTerm, _ rule: ResolvedRule
    ) -> IndexCondition? {
        guard isIndexed(subject) || isOperand(subject, rule) else { return nil }
        switch other.kind {
        case .null, .boolean, .number, .string:
            return constant(other).map { condition(subject, .constant($0)) }
        case .variable(let variable): return condition(subject, .anything(variable))
        case .array(let terms):
            var elements: [Int32?] = []
            for term in terms {
                switch term.kind {
                case .null, .boolean, .number, .string: elements.append(constant(term))
                case .variable: elements.append(nil)
                default: return nil
                }
            }
            return condition(subject, .tuple(elements))
        default: return nil
        }
    }

    private func isOperand(_ term: ResolvedTerm, _ rule: ResolvedRule) -> Bool {
        guard case .variable(let variable) = term.kind else { return false }
        return rule.arguments.contains {
            if case .variable(variable) = $0.kind { return true }
            return false
        }
    }

    /// `glob.match("a:*", [":"], x)`, where x is an operand or was given the value of an indexed reference.
    private mutating func glob(
        _ term: ResolvedTerm, _ found: [IndexCondition], _ rule: ResolvedRule
    ) -> IndexCondition? {
        guard case .call(.builtin(let builtin), let arguments) = term.kind, builtin == Self.globNumber,
            arguments.count == 3, case .string(let pattern) = arguments[0].kind,
            case .array(let delimiters) = arguments[1].kind, case .variable(let variable) = arguments[2].kind
        else { return nil }
        var separators: [UInt8] = delimiters.isEmpty ? [0x2E] : []
        for delimiter in delimiters {
            guard case .string(let name) = delimiter.kind else { return nil }
            separators += policy.names[name]
        }
        guard Self.isPlainGlob(policy.names[pattern], separators), let text = constant(arguments[0]),
            let list = constant(arguments[1])
        else { return nil }
        let want = IndexCondition.Want.glob(pattern: text, delimiters: list)
        let bound = found.last {
            if case .anything(variable) = $0.want { return true }
            return false
        }
        if let bound { return condition(bound.term, want) }
        return isOperand(arguments[2], rule) ? condition(arguments[2], want) : nil
    }

    /// Whether each part between separators is `*` or has nothing that stands for other text.
    private static func isPlainGlob(_ pattern: ArraySlice<UInt8>, _ separators: [UInt8]) -> Bool {
        var part: [UInt8] = []
        func isPlain(_ part: [UInt8]) -> Bool {
            if part == [0x2A] { return true }
            var isEscaped = false
            for byte in part {
                if byte == 0x5C {
                    isEscaped.toggle()
                    continue
                }
                if !isEscaped, byte == 0x5B || byte == 0x3F || byte == 0x7B || byte == 0x2A { return false }
                isEscaped = false
            }
            return true
        }
        for byte in pattern {
            guard separators.contains(byte) else {
                part.append(byte)
                continue
            }
            guard isPlain(part) else { return false }
            part = []
        }
        return isPlain(part)
    }

    /// A path of scalars into input, or into data where no rules are.
    private func isIndexed(_ term: ResolvedTerm) -> Bool {
        guard case .reference(let reference) = term.kind else { return false }
        for part in reference.parts {
            switch part.kind {
            case .null, .boolean, .number, .string: break
            default: return false
            }
        }
        switch reference.base {
        case .input: return true
        case .data: return isBase(reference.parts)
        case .variable, .term: return false
        }
    }

    private func isBase(_ parts: [ResolvedTerm]) -> Bool {
        var node = 0
        for part in parts {
            guard case .string(let key) = part.kind else { return true }
            guard let next = policy.tree[node].children.first(where: { policy.tree[Int($0)].key == key }) else {
                return true
            }
            node = Int(next)
            if policy.tree[node].group != nil { return false }
        }
        return false
    }

    private static let globNumber = Registry.find(Array("glob.match".utf8))
}
