import RegoSyntax
import WritSource

/// A key below a node of the rule tree.
struct TreeKey: Hashable, Sendable {
    /// `composite` is a collection as a key of a type; its name is its text.
    enum Kind: UInt8, Sendable { case string, number, boolean, null, composite }
    var kind: Kind
    var name: Name

    init(_ kind: Kind, _ name: Name) {
        self.kind = kind
        self.name = name
    }

    /// The key that a scalar term stands for; nil for any other term.
    init?(_ term: Term) {
        switch term.kind {
        case .string(let name): self.init(.string, name)
        case .number(let name): self.init(.number, name)
        case .bool(let value): self.init(.boolean, value ? .true : .false)
        case .null: self.init(.null, .null)
        default: return nil
        }
    }
}

/// The tree of all packages and heads, down to the first part of a head that is no scalar.
///
/// A node keeps its number from round to round of a compilation; those that no head of the present round reaches
/// are dead and cannot be found.
struct RuleTree: Sendable {
    struct Edge: Hashable, Sendable {
        var parent: Int32
        var key: TreeKey
    }

    struct Node: Sendable {
        var key: TreeKey
        var parent: Int32
        var children: [Int32] = []
        /// The rules whose heads end (or go on with variables) here, in source order.
        var rules: [RuleID] = []
        /// The modules of the package at this path.
        var modules: [Int32] = []
        /// Depth below `data`.
        var depth: Int32
        var group: Int32 = -1
        /// The number that a group at this path has, whether or not there is one now.
        var slot: Int32 = -1
        /// A rule here goes on with a part that is no string.
        var isDynamic = false
        /// The last round whose heads reached it.
        var round: Int32
        /// There are rules both here and at a node above or below.
        var isEntangled = false
    }

    var nodes: [Node] = [Node(key: TreeKey(.string, .empty), parent: -1, depth: 0, round: 0)]
    var edges: [Edge: Int32] = [:]
    /// The nodes of this round, in the order in which they were met.
    private(set) var order: [Int32] = [0]
    private var round: Int32 = 0

    /// Starts a round: all nodes but the root are dead.
    mutating func begin() {
        round += 1
        for index in nodes.indices {
            nodes[index].children.removeAll()
            nodes[index].rules.removeAll()
            nodes[index].modules.removeAll()
            nodes[index].group = -1
            nodes[index].isDynamic = false
            nodes[index].isEntangled = false
        }
        nodes[0].round = round
        order = [0]
    }

    func isAlive(_ node: Int32) -> Bool { nodes[Int(node)].round == round }

    func child(_ parent: Int32, _ key: TreeKey) -> Int32? {
        guard let node = edges[Edge(parent: parent, key: key)], isAlive(node) else { return nil }
        return node
    }

    func child(_ parent: Int32, _ name: Name) -> Int32? { child(parent, TreeKey(.string, name)) }

    mutating func insert(_ parent: Int32, _ key: TreeKey) -> Int32 {
        let edge = Edge(parent: parent, key: key)
        let number: Int32
        if let known = edges[edge] {
            if isAlive(known) { return known }
            number = known
            nodes[Int(known)].round = round
        } else {
            number = Int32(truncatingIfNeeded: nodes.count)
            nodes.append(Node(key: key, parent: parent, depth: nodes[Int(parent)].depth + 1, round: round))
            edges[edge] = number
        }
        nodes[Int(parent)].children.append(number)
        order.append(number)
        return number
    }

    /// The largest depth of a node, and the sum of all depths: what making documents of all packages costs.
    var depths: (largest: Int, sum: Int) {
        var result = (largest: 0, sum: 0)
        for node in order {
            let depth = Int(nodes[Int(node)].depth)
            result.largest = max(result.largest, depth)
            result.sum += depth
        }
        return result
    }

    /// The keys from `data` down to a node.
    func path(_ node: Int32) -> [TreeKey] {
        var path: [TreeKey] = []
        var node = node
        while node > 0 {
            path.append(nodes[Int(node)].key)
            node = nodes[Int(node)].parent
        }
        path.reverse()
        return path
    }
}

/// A rule by its place in the modules.
struct RuleID: Hashable, Sendable {
    var module: Int32
    var rule: Int32
}

/// What pass 1 knows of one rule.
struct RuleHome: Sendable {
    var id: RuleID
    /// Its node in the rule tree.
    var node: Int32
    /// The group it joins.
    var group: Int32
    /// How many parts of its head lie on the group's path (the first of them the rule's name).
    var partsOnPath: Int
    /// Its number among the group's rules; -1 for the default rule.
    var position: Int32 = -1
}

/// Where a name of a module that is no local variable leads.
struct GlobalTarget: Sendable {
    var isInput: Bool
    var path: [Name]
}

/// Pass 1: packages, heads and groups of rules; no body is looked at.
struct Collection: Sendable {
    var tree = RuleTree()
    /// By group number; those without rules are dead.
    var groups: [RuleGroup] = []
    /// The node of each group.
    var groupNodes: [Int32] = []
    /// The rules of all modules in their order.
    var homes: [RuleHome] = []
    /// Where each module's rules begin among them.
    var homeStarts: [Int] = []
    /// The package of every module as a node of the tree.
    var packageNodes: [Int32] = []
    /// The names that the rules of a package define.
    var exports: Set<RuleTree.Edge> = []

    /// Paths are too long for anything but this to be said.
    private(set) var isTooDeep = false

    init(_ modules: [Module]) { update(modules) }

    /// Collects anew; nodes and groups keep their numbers.
    mutating func update(_ modules: [Module]) {
        tree.begin()
        homes.removeAll(keepingCapacity: true)
        homeStarts.removeAll(keepingCapacity: true)
        packageNodes.removeAll(keepingCapacity: true)
        exports.removeAll(keepingCapacity: true)
        for index in groups.indices {
            groups[index].rules.removeAll()
            groups[index].defaults = []
        }
        for (index, module) in modules.enumerated() {
            addModule(module, Int32(truncatingIfNeeded: index))
        }
        let depths = tree.depths
        isTooDeep = depths.largest > Self.depthLimit || depths.sum > Self.depthSumLimit
        guard !isTooDeep else { return }
        makeGroups(modules)
        findEntangled()
    }

    /// Parts of a package's or head's path.
    static var depthLimit: Int { 500 }
    /// Parts of the paths of all nodes together.
    static var depthSumLimit: Int { 20_000_000 }

    private mutating func addModule(_ module: Module, _ number: Int32) {
        var node: Int32 = 0
        for part in module.package.path.parts {
            guard let key = TreeKey(part) else { break }
            node = tree.insert(node, key)
        }
        packageNodes.append(node)
        homeStarts.append(homes.count)
        tree.nodes[Int(node)].modules.append(number)
        for (index, rule) in module.rules.enumerated() {
            let name = TreeKey(.string, rule.head.name)
            exports.insert(RuleTree.Edge(parent: node, key: name))
            var place = tree.insert(node, name)
            for part in rule.head.reference.parts {
                guard let key = TreeKey(part) else { break }
                // A part that is a scalar but no string begins the suffix of the group above it.
                if key.kind != .string { tree.nodes[Int(place)].isDynamic = true }
                place = tree.insert(place, key)
            }
            if rule.head.reference.parts.contains(where: { TreeKey($0) == nil }) {
                tree.nodes[Int(place)].isDynamic = true
            }
            let id = RuleID(module: number, rule: Int32(truncatingIfNeeded: index))
            tree.nodes[Int(place)].rules.append(id)
            homes.append(RuleHome(id: id, node: place, group: -1, partsOnPath: 0))
        }
    }

    /// Puts every rule into the group of its path, or of the first path above whose rules have variable parts.
    private mutating func makeGroups(_ modules: [Module]) {
        for index in homes.indices {
            let rule = modules[Int(homes[index].id.module)].rules[Int(homes[index].id.rule)]
            let base = packageNodes[Int(homes[index].id.module)]
            let isFunction = !(rule.head.arguments ?? []).isEmpty
            var best = homes[index].node
            if !isFunction {
                var node = best
                while node > 0 {
                    let here = tree.nodes[Int(node)]
                    if here.isDynamic { best = node }
                    node = here.parent
                }
            }
            if tree.nodes[Int(best)].group < 0 {
                var slot = tree.nodes[Int(best)].slot
                let shell = RuleGroup(
                    kind: .complete, path: tree.path(best).map { $0.name }, rules: [], defaultRule: nil,
                    arity: rule.head.arguments?.count ?? 0)
                if slot < 0 {
                    slot = Int32(truncatingIfNeeded: groups.count)
                    tree.nodes[Int(best)].slot = slot
                    groups.append(shell)
                    groupNodes.append(best)
                } else {
                    groups[Int(slot)] = shell
                }
                tree.nodes[Int(best)].group = slot
            }
            let group = tree.nodes[Int(best)].group
            homes[index].group = group
            let depth = Int(tree.nodes[Int(best)].depth)
            homes[index].partsOnPath = depth - Int(tree.nodes[Int(base)].depth)
            if isFunction {
                groups[Int(group)].kind = .function
            } else if homes[index].partsOnPath < rule.head.reference.parts.count + 1 {
                groups[Int(group)].kind = .object
            } else if rule.head.key != nil, groups[Int(group)].kind == .complete {
                groups[Int(group)].kind = .set
            }
        }
        placeRules(modules)
    }

    /// Gives every rule its number in its group.
    private mutating func placeRules(_ modules: [Module]) {
        var counts = [Int32](repeating: 0, count: groups.count)
        var hasDefault = [Bool](repeating: false, count: groups.count)
        for index in homes.indices {
            let home = homes[index]
            let rule = modules[Int(home.id.module)].rules[Int(home.id.rule)]
            let isPlain = home.partsOnPath > rule.head.reference.parts.count
            if rule.isDefault, isPlain, !hasDefault[Int(home.group)] {
                hasDefault[Int(home.group)] = true
            } else {
                homes[index].position = counts[Int(home.group)]
                counts[Int(home.group)] += 1
            }
        }
    }

    /// Marks the nodes whose rules lie above or below those of another node: their types flow into each other.
    private mutating func findEntangled() {
        for node in tree.order where !tree.nodes[Int(node)].rules.isEmpty {
            var above = tree.nodes[Int(node)].parent
            while above > 0 {
                if !tree.nodes[Int(above)].rules.isEmpty {
                    tree.nodes[Int(above)].isEntangled = true
                    tree.nodes[Int(node)].isEntangled = true
                }
                above = tree.nodes[Int(above)].parent
            }
        }
    }

    /// The tree for lowering: packages and groups only; nodes have the numbers of the rule tree.
    func finalTree() -> [TreeNode] {
        // Children come behind their parents, so one walk backwards finds what has a group or package below it.
        var isUseful = [Bool](repeating: false, count: tree.nodes.count)
        for number in tree.order.reversed() {
            let node = tree.nodes[Int(number)]
            if node.key.kind != .string { continue }
            if node.group >= 0 || !node.modules.isEmpty { isUseful[Int(number)] = true }
            if isUseful[Int(number)], node.parent >= 0 { isUseful[Int(node.parent)] = true }
        }
        var result: [TreeNode] = []
        result.reserveCapacity(tree.nodes.count)
        for (number, node) in tree.nodes.enumerated() {
            var copy = TreeNode(key: node.key.name, parent: node.parent)
            copy.isAlive = number == 0 || isUseful[number]
            if copy.isAlive {
                if node.group >= 0 { copy.group = node.group }
                copy.children = node.children.filter { isUseful[Int($0)] }
            }
            result.append(copy)
        }
        return result
    }
}
