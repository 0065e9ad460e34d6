import RegoSyntax

/// What stands at a path below `data`, as far as names need to know.
struct PathAnswer: Equatable, Sendable {
    /// The group at its end; -1 for none.
    var group: Int32 = -1
    var kind = RuleGroup.Kind.complete
    var arity = 0
    /// How long the group's own path is.
    var depth = 0
    /// There are rules at its end.
    var hasRules = false
    /// There are rules on the way to its end.
    var isCovered = false
}

/// What the names of one module asked of all modules, and the answers: while these are the same, the module's
/// resolved rules are.
struct Questions: Sendable {
    var package: Int32 = 0
    /// For each rule, how much of its head lies on its group's path.
    var partsOnPath: [Int32] = []
    /// Whether the module's package has rules of a name.
    var names: [(name: Name, isExported: Bool)] = []
    var paths: [(path: [Name], answer: PathAnswer)] = []

    /// The number of answers to look at.
    var count: Int { partsOnPath.count + names.count + paths.count }

    /// Whether a collection still gives the same answers. `home` is the place of the module's first rule in it.
    func hold(in collection: Collection, package: Int32, home: Int) -> Bool {
        guard package == self.package, home + partsOnPath.count <= collection.homes.count else { return false }
        for index in partsOnPath.indices
        where collection.homes[home + index].partsOnPath != Int(partsOnPath[index]) { return false }
        for question in names where collection.exports(question.name, from: package) != question.isExported {
            return false
        }
        for question in paths where collection.answer(question.path) != question.answer { return false }
        return true
    }
}

extension Collection {
    /// Whether the rules of a package define a name.
    func exports(_ name: Name, from package: Int32) -> Bool {
        exports.contains(RuleTree.Edge(parent: package, key: TreeKey(.string, name)))
    }

    func answer(_ path: [Name]) -> PathAnswer {
        var answer = PathAnswer()
        var node: Int32 = 0
        for (index, name) in path.enumerated() {
            guard let next = tree.child(node, name) else { return answer }
            node = next
            if index < path.count - 1, !tree.nodes[Int(node)].rules.isEmpty { answer.isCovered = true }
        }
        let end = tree.nodes[Int(node)]
        answer.hasRules = !end.rules.isEmpty
        guard end.group >= 0 else { return answer }
        answer.group = end.group
        answer.kind = groups[Int(end.group)].kind
        answer.arity = groups[Int(end.group)].arity
        answer.depth = groups[Int(end.group)].path.count
        return answer
    }
}

/// What other modules, and the passes over all of them, see of a module without its bodies.
struct ModuleHeads: Equatable, Sendable {
    struct Head: Equatable, Sendable {
        var name: Name
        /// The parts that are scalars, up to the first other one.
        var parts: [TreeKey]
        var partCount: Int
        /// -1 where there are no parentheses.
        var arity: Int
        var hasKey: Bool
        var isDefault: Bool
    }

    var package: [TreeKey] = []
    var rules: [Head] = []

    init(_ module: Module) {
        for part in module.package.path.parts {
            guard let key = TreeKey(part) else { break }
            package.append(key)
        }
        rules.reserveCapacity(module.rules.count)
        for rule in module.rules {
            var parts: [TreeKey] = []
            var isGround = true
            for part in rule.head.reference.parts {
                guard isGround, let key = TreeKey(part) else {
                    isGround = false
                    continue
                }
                parts.append(key)
            }
            rules.append(
                Head(
                    name: rule.head.name, parts: parts, partCount: rule.head.reference.parts.count,
                    arity: rule.head.arguments?.count ?? -1, hasKey: rule.head.key != nil,
                    isDefault: rule.isDefault))
        }
    }
}
