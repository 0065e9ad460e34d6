import RegoSyntax
import WritBuiltins
import WritPlan
import WritSource
import WritValue

/// What a rule's body demands of one value the index can look at.
private struct Demand {
    /// The index key's number.
    var key: Int
    /// Constants of which one must equal the value.
    var constants: [Int32]
}

extension Lowering {
    /// Fewer rules than this are tried one by one.
    private static var smallestIndexed: Int { 3 }

    /// The decision tree over a group's rules, with the statements that compute its keys emitted.
    ///
    /// Rules are told apart by comparisons of `input` paths and of operands with constants, at the top of
    /// their bodies. What the index rules out would have failed there.
    mutating func indexed(_ group: RuleGroup, _ state: inout FunctionState) -> (keys: [Local], root: IndexNode) {
        let all = group.rules.indices.map { Int32(truncatingIfNeeded: $0) }
        guard group.rules.count >= Self.smallestIndexed, !isTraced else { return ([], .candidates(all)) }
        var paths: [[Name]] = []
        var demands: [[Demand]] = []
        for rule in group.rules { demands.append(self.demands(of: rule, &paths)) }
        let parameters = group.kind == .function ? group.arity : 0
        // A path's key number comes behind those of the operands.
        var uses = [Int](repeating: 0, count: parameters + paths.count)
        for list in demands { for demand in list { uses[demand.key] += 1 } }
        var budget = 64 * all.count + 65_536
        let root = tree(all, demands, used: [], uses.count, depth: 0, &budget)
        var keys: [Local] = (0..<parameters).map { Local($0) }
        var wanted = Set<Int>()
        Self.collectKeys(root, &wanted)
        for (number, path) in paths.enumerated() {
            let key = state.emitter.local()
            keys.append(key)
            guard wanted.contains(parameters + number) else { continue }
            let depth = state.emitter.depth
            state.emitter.emit(.reset(key))
            state.emitter.open(.plain)
            let value = state.emitter.local()
            state.emitter.emit(.input(value))
            for name in path {
                state.emitter.emit(.dot(value, .local(value), .constant(constant(string: name))))
            }
            state.emitter.emit(.assign(key, .local(value)))
            state.emitter.close(to: depth)
        }
        if case .branch = root {
            record.reads.insert(paths.isEmpty ? [] : .input)
            return (keys, root)
        }
        return ([], .candidates(all))
    }

    private static func collectKeys(_ node: IndexNode, _ keys: inout Set<Int>) {
        guard case .branch(let key, let branches, let otherwise) = node else { return }
        keys.insert(key)
        for branch in branches { collectKeys(branch.node, &keys) }
        collectKeys(otherwise, &keys)
    }

    /// Chooses the key that tells most candidates apart, and goes on within its branches.
    private func tree(
        _ candidates: [Int32], _ demands: [[Demand]], used: Set<Int>, _ keyCount: Int, depth: Int, _ budget: inout Int
    ) -> IndexNode {
        guard candidates.count > 1, depth < 4 else { return .candidates(candidates) }
        var distinct = [Set<Int32>](repeating: [], count: keyCount)
        var constrained = [Int](repeating: 0, count: keyCount)
        for candidate in candidates {
            for demand in demands[Int(candidate)] where !used.contains(demand.key) {
                constrained[demand.key] += 1
                distinct[demand.key].formUnion(demand.constants)
            }
        }
        var best = -1
        var bestScore = 0
        for key in 0..<keyCount {
            // Candidates without a demand stand in every branch, so they count against a key.
            let free = candidates.count - constrained[key]
            let score = min(constrained[key], distinct[key].count) * 2 - free
            if constrained[key] * 2 >= candidates.count, score > bestScore {
                best = key
                bestScore = score
            }
        }
        guard best >= 0 else { return .candidates(candidates) }
        // Candidates that stand in every branch must not make the tree much larger than the rules are.
        let entries = distinct[best].count * (candidates.count - constrained[best]) + candidates.count
        guard entries <= budget else { return .candidates(candidates) }
        budget -= entries
        var order: [Int32] = []
        var lists: [Int32: [Int32]] = [:]
        var free: [Int32] = []
        for candidate in candidates {
            let own = demands[Int(candidate)].first { $0.key == best }
            if let own {
                for (position, constant) in own.constants.enumerated()
                where !own.constants[..<position].contains(constant) {
                    if lists[constant] == nil {
                        order.append(constant)
                        lists[constant] = free
                    }
                    lists[constant]?.append(candidate)
                }
            } else {
                free.append(candidate)
                for constant in order { lists[constant]?.append(candidate) }
            }
        }
        let next = used.union([best])
        // In the order of the rules, whatever numbers the constants have.
        let branches = order.map { constant in
            (
                constant: constant,
                node: tree(lists[constant] ?? [], demands, used: next, keyCount, depth: depth + 1, &budget)
            )
        }
        return .branch(
            key: best, branches, otherwise: tree(free, demands, used: next, keyCount, depth: depth + 1, &budget))
    }

    // MARK: Demands

    private mutating func demands(of rule: ResolvedRule, _ paths: inout [[Name]]) -> [Demand] {
        var found: [Demand] = []
        let parameters = rule.arguments.count
        var operands: [Int32: Int] = [:]
        for (position, argument) in rule.arguments.enumerated() {
            if let constant = scalar(argument) { found.append(Demand(key: position, constants: [constant])) }
            if case .variable(let variable) = argument.kind { operands[variable.index] = position }
        }
        // An else branch may hold where the body fails, so only the patterns of operands rule such a rule out.
        guard rule.elseBranches.isEmpty else { return found }
        for expression in rule.body where expression.with.isEmpty {
            guard let (subject, constants) = comparison(expression) else { continue }
            switch subject {
            case .input(let path):
                let number = paths.firstIndex(of: path) ?? paths.count
                if number == paths.count { paths.append(path) }
                found.append(Demand(key: parameters + number, constants: constants))
            case .variable(let variable):
                if let position = operands[variable.index] {
                    found.append(Demand(key: position, constants: constants))
                }
            }
        }
        return found
    }

    private enum Subject {
        case input([Name])
        case variable(Variable)
    }

    /// `subject == constant`, `constant = subject`, `subject in {constants}`.
    private mutating func comparison(_ expression: ResolvedExpression) -> (Subject, [Int32])? {
        switch expression.kind {
        case .unify(let left, let right): return equality(left, right)
        case .term(let term):
            guard case .call(.builtin(let builtin), let arguments) = term.kind, arguments.count == 2,
                !isReplaced(builtin)
            else { return nil }
            if builtin == Self.equalNumber { return equality(arguments[0], arguments[1]) }
            guard builtin == Self.memberNumber, let subject = subject(arguments[0]),
                let collection = constantValue(arguments[1]), collection.isSet || collection.isArray,
                collection.count <= 64
            else { return nil }
            let elements = builder.space.elements(collection)
            var constants: [Int32] = []
            for index in 0..<elements.count {
                guard let constant = scalar(elements[index]) else { return nil }
                constants.append(constant)
            }
            return (subject, constants)
        default: return nil
        }
    }

    /// The number of a constant that the index can branch on: scalars that are equal only when they are the
    /// same constant.
    private mutating func scalar(_ term: ResolvedTerm) -> Int32? {
        guard let value = constantValue(term) else { return nil }
        return scalar(value)
    }

    private mutating func scalar(_ value: Value) -> Int32? {
        switch value.kind {
        case .null, .boolean, .string: return builder.constant(value)
        case .number:
            // 1 and 1.0 are equal but spelled differently: both become 1. Other numbers stay out.
            guard let integer = builder.space.int64(value) else { return nil }
            return builder.constant(.integer(integer))
        default: return nil
        }
    }

    private mutating func equality(_ left: ResolvedTerm, _ right: ResolvedTerm) -> (Subject, [Int32])? {
        if let subject = subject(left), let constant = scalar(right) { return (subject, [constant]) }
        if let subject = subject(right), let constant = scalar(left) { return (subject, [constant]) }
        return nil
    }

    private func subject(_ term: ResolvedTerm) -> Subject? {
        switch term.kind {
        case .variable(let variable): return .variable(variable)
        case .reference(let reference):
            guard case .input = reference.base, !reference.parts.isEmpty else { return nil }
            var path: [Name] = []
            for part in reference.parts {
                guard case .string(let name) = part.kind else { return nil }
                path.append(name)
            }
            return .input(path)
        default: return nil
        }
    }

    private static let equalNumber = Registry.find(Array("equal".utf8))
    private static let memberNumber = Registry.find(Array("internal.member_2".utf8))
}
