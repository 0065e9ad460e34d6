import RegoSyntax
import WritPlan

/// What lowering asks about the policy around the function at hand. Every answer is noted: the function is good for as
/// long as it stays the same.
extension Lowering {
    mutating func child(of node: Int, _ key: Name) -> Int? {
        let answer = findChild(of: node, key)
        record.questions.append(
            .child(node: Int32(truncatingIfNeeded: node), key: key, answer: Int32(truncatingIfNeeded: answer ?? -1)))
        return answer
    }

    private func findChild(of node: Int, _ key: Name) -> Int? {
        guard let child = policy.collection.tree.child(Int32(truncatingIfNeeded: node), key),
            policy.tree[Int(child)].isAlive
        else { return nil }
        return Int(child)
    }

    mutating func node(at path: [Name]) -> Int? {
        var node = 0
        for key in path {
            guard let next = child(of: node, key) else { return nil }
            node = next
        }
        return node
    }

    /// What stands at a node itself.
    mutating func look(at node: Int) -> NodeAnswer {
        let answer = findAnswer(node)
        record.questions.append(.node(Int32(truncatingIfNeeded: node), answer))
        return answer
    }

    private func findAnswer(_ node: Int) -> NodeAnswer {
        var group: Int32 = -1
        if let own = policy.tree[node].group, policy.groups[Int(own)].kind != .function { group = own }
        return NodeAnswer(
            hasDocument: hasDocument[node], group: group, function: builder.plan.documents[node].function?.index ?? -1)
    }

    mutating func children(of node: Int) -> [Int32] {
        record.questions.append(.children(of: Int32(truncatingIfNeeded: node), childAnswer(node)))
        return policy.tree[node].children
    }

    private func childAnswer(_ node: Int) -> [Int32] {
        policy.tree[node].children.flatMap { [$0, builder.plan.documents[Int($0)].function?.index ?? -1] }
    }

    /// Notes that everything below a node matters.
    mutating func lookBelow(_ node: Int) {
        let digest = digests[node] ?? digest(below: node)
        digests[node] = digest
        record.questions.append(.below(Int32(truncatingIfNeeded: node), digest))
    }

    private func digest(below node: Int) -> UInt64 {
        var hash = VersionHash()
        var pending = [Int32(truncatingIfNeeded: node)]
        while let next = pending.popLast() {
            hash.add(UInt64(UInt32(bitPattern: next)))
            hash.add(UInt64(UInt32(bitPattern: builder.plan.documents[Int(next)].function?.index ?? -1)))
            hash.add(UInt64(hasDocument[Int(next)] ? 1 : 0))
            pending += policy.tree[Int(next)].children
        }
        return hash.value
    }

    /// Whether some `with` replaces a builtin.
    mutating func isReplaced(_ builtin: Int) -> Bool {
        record.builtins.insert(builtin)
        return replacedBuiltins.contains(builtin)
    }

    /// The value of a rule that is nothing but a constant and cannot be replaced: calls of it fold away.
    mutating func foldedConstant(ofGroup index: Int) -> Int32? {
        // A trace shows that the rule was evaluated.
        if isTraced { return nil }
        let term = knownFoldedTerm(ofGroup: index)
        record.questions.append(.folded(group: Int32(truncatingIfNeeded: index), term))
        guard let term else { return nil }
        if let known = foldedConstants[index] { return known }
        let number = constant(term)
        foldedConstants[index] = number
        return number
    }

    /// The term that a group folds to. Looking through a large one for every call of it would take long.
    private mutating func knownFoldedTerm(ofGroup index: Int) -> ResolvedTerm? {
        if let known = foldedTerms[index] { return known }
        let term = foldedTerm(ofGroup: index)
        foldedTerms[index] = .some(term)
        return term
    }

    private func foldedTerm(ofGroup index: Int) -> ResolvedTerm? {
        let group = policy.groups[index]
        guard group.kind == .complete, group.rules.count == 1, group.defaults.isEmpty, let rule = group.rules.first,
            rule.body.isEmpty, rule.elseBranches.isEmpty, rule.suffix.isEmpty, rule.value.isConstant,
            !isReplaceable(group.path)
        else { return nil }
        return rule.value
    }

    // MARK: What to lower again

    /// The functions that have to be lowered, in the order of their numbers.
    mutating func staleFunctions(isFresh: Bool) -> [Int] {
        if !isFresh, let stale = staleAtOnce() { return stale }
        var stale: [Int] = []
        let sameTree = lowered.treeRound == policy.treeRound
        let builtins = replacedBuiltins.symmetricDifference(lowered.replacedBuiltins)
        for number in lowered.records.indices {
            switch lowered.records[number].subject {
            case .nothing: continue
            case .group(let group):
                let serials = policy.groupSerials[Int(group)]
                lowered.work.linked += 1 + serials.count
                if policy.groups[Int(group)].rules.isEmpty, policy.groups[Int(group)].defaults.isEmpty {
                    forget(number)
                    continue
                }
                if !isFresh, lowered.records[number].serials == serials,
                    holds(lowered.records[number], sameTree: sameTree, builtins)
                {
                    continue
                }
            case .document(let node):
                lowered.work.linked += 1
                guard builder.plan.documents[Int(node)].function?.int == number else {
                    forget(number)
                    continue
                }
                if !isFresh, lowered.records[number].statementCount > 0,
                    holds(lowered.records[number], sameTree: sameTree, builtins)
                {
                    continue
                }
            }
            stale.append(number)
        }
        return stale
    }

    /// The same where only rules of known groups changed: those groups, and who asked what their calls fold to.
    private mutating func staleAtOnce() -> [Int]? {
        let isQuery = lowered.round == policy.round
        guard lowered.treeRound == policy.treeRound, lowered.replacedBuiltins == replacedBuiltins,
            lowered.replacedPaths == replacedPaths, isQuery || lowered.round + 1 == policy.round
        else { return nil }
        var stale: Set<Int> = []
        for group in isQuery ? [] : policy.changedGroups {
            let number = Int(lowered.groupFunctions[Int(group)])
            lowered.work.linked += 2
            if lowered.records[number].serials != policy.groupSerials[Int(group)] { stale.insert(number) }
            guard lowered.folding.indices.contains(Int(group)) else { continue }
            for caller in lowered.folding[Int(group)]
            where !holds(lowered.records[Int(caller)], sameTree: true, []) { stale.insert(Int(caller)) }
        }
        return stale.sorted()
    }

    /// Leaves the number of a function that is gone to nothing.
    private mutating func forget(_ number: Int) {
        guard lowered.records[number].statementCount > 0 else { return }
        lowered.deadStatements += lowered.records[number].statementCount
        lowered.records[number] = FunctionRecord(subject: lowered.records[number].subject)
        builder.plan.functions[number] = .none
    }

    /// Whether all questions still have the same answers.
    private mutating func holds(_ record: FunctionRecord, sameTree: Bool, _ builtins: Set<Int>) -> Bool {
        if !builtins.isEmpty, !record.builtins.isDisjoint(with: builtins) { return false }
        lowered.work.linked += record.questions.count
        for question in record.questions {
            switch question {
            case .folded(let group, let term):
                let now = foldedTerm(ofGroup: Int(group))
                if let now, let term {
                    if !now.isSameConstant(as: term) { return false }
                } else if (now == nil) != (term == nil) {
                    return false
                }
            case .child(let node, let key, let answer) where !sameTree:
                if findChild(of: Int(node), key) ?? -1 != Int(answer) { return false }
            case .node(let node, let answer) where !sameTree:
                if findAnswer(Int(node)) != answer { return false }
            case .children(let node, let answer) where !sameTree:
                if childAnswer(Int(node)) != answer { return false }
            case .below(let node, let answer) where !sameTree:
                if digest(below: Int(node)) != answer { return false }
            case .child, .node, .children, .below: break
            }
        }
        return true
    }
}
