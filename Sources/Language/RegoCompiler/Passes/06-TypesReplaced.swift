import RegoSyntax

/// What is known of documents while a `with` replaces some of them, on top of the types of the rules.
///
/// As in OPA, this is a tree of its own: what it has a node for, it hides below.
struct TypeOverlay {
    private struct Node {
        var key: TreeKey
        var type: StaticType?
        var children: [Int] = []
        /// Children with lower numbers are hidden: the document was replaced as a whole.
        var floor = 0
    }

    private var nodes = [Node(key: TreeKey(.string, .data), type: nil), Node(key: TreeKey(.string, .input), type: nil)]
    private var edges: [RuleTree.Edge: Int] = [:]
    /// Too much is replaced to say anything of documents.
    var isUnknown = false
    static let data = 0
    static let input = 1

    /// Whether it says nothing below a root.
    func isEmpty(_ root: Int) -> Bool { nodes[root].type == nil && nodes[root].children.isEmpty && !isUnknown }

    var count: Int { nodes.count }

    mutating func put(_ type: StaticType, at path: [TreeKey], below root: Int = TypeOverlay.data) {
        var node = root
        for key in path {
            if let child = child(node, key) {
                node = child
            } else {
                let number = nodes.count
                nodes.append(Node(key: key, type: nil))
                nodes[node].children.append(number)
                edges[RuleTree.Edge(parent: Int32(truncatingIfNeeded: node), key: key)] = number
                node = number
            }
        }
        nodes[node].type = type
    }

    /// Puts a type in place of all that there is at a path.
    mutating func replace(_ type: StaticType, at path: [TreeKey], below root: Int) {
        put(type, at: path, below: root)
        var node = root
        for key in path { node = child(node, key) ?? node }
        nodes[node].children.removeAll()
        nodes[node].floor = nodes.count
    }

    func child(_ node: Int, _ key: TreeKey) -> Int? {
        guard let child = edges[RuleTree.Edge(parent: Int32(truncatingIfNeeded: node), key: key)],
            child >= nodes[node].floor
        else { return nil }
        return child
    }

    func type(_ node: Int) -> StaticType? { nodes[node].type }

    func keys(below node: Int) -> [TreeKey] { nodes[node].children.map { nodes[$0].key } }

    /// A replaced document, or an object of those below.
    func extent(_ node: Int, _ types: StaticTypes) -> StaticType {
        if let type = nodes[node].type { return type }
        // As deep as the paths of `with` and of rules.
        let properties = nodes[node].children.map {
            StaticProperty(key: nodes[$0].key, type: extent($0, types))
        }
        return types.object(properties, rest: StaticEntry(key: .string, value: .anything))
    }
}

/// Which rules read a document, themselves or by way of others.
struct Dependents {
    private let graph: DependencyGraph
    private let nodeCount: Int
    /// Which vertices lead to one.
    private var starts: [Int32] = []
    private var sources: [Int32] = []
    private var known: [Int32: TypeOverlay] = [:]
    private var knownCount = 0
    /// How much work is left, so that a module with many `with` does not take time without limit.
    private var budget = 10_000_000

    init(_ graph: DependencyGraph, nodeCount: Int) {
        self.graph = graph
        self.nodeCount = nodeCount
    }

    /// Lets the rules that depend on those of a node, or on what lies below it, be of any type.
    mutating func put(_ node: Int32, _ tree: RuleTree, into overlay: inout TypeOverlay) {
        let isFirst = overlay.count == TypeOverlay().count
        if isFirst, let known = known[node] {
            overlay = known
            budget -= known.count / 16
            return
        }
        for reader in of(node, tree) {
            overlay.put(.anything, at: tree.path(reader))
            budget -= 1 + Int(tree.nodes[Int(reader)].depth)
        }
        if budget < 0 { overlay.isUnknown = true }
        guard isFirst else { return }
        if knownCount > 1_000_000 {
            known.removeAll()
            knownCount = 0
        }
        known[node] = overlay
        knownCount += overlay.count
    }

    private mutating func of(_ node: Int32, _ tree: RuleTree) -> [Int32] {
        guard budget >= 0 else { return [] }
        if starts.isEmpty { reverse() }
        budget -= nodeCount / 8
        var isReached = [Bool](repeating: false, count: 2 * nodeCount)
        var pending = [node]
        var open: [Int32] = []
        while let here = pending.popLast() {
            pending += tree.nodes[Int(here)].children
            isReached[Int(here)] = true
            open.append(here)
        }
        var result: [Int32] = []
        while let vertex = open.popLast() {
            budget -= 1
            for source in sources[Int(starts[Int(vertex)])..<Int(starts[Int(vertex) + 1])]
            where !isReached[Int(source)] {
                isReached[Int(source)] = true
                open.append(source)
                if Int(source) < nodeCount, !tree.nodes[Int(source)].rules.isEmpty { result.append(source) }
            }
        }
        return result
    }

    private mutating func reverse() {
        var counts = [Int32](repeating: 0, count: 2 * nodeCount + 1)
        let vertices = Int32(truncatingIfNeeded: 2 * nodeCount)
        for vertex in 0..<vertices { for target in graph.edges(of: vertex) { counts[Int(target) + 1] += 1 } }
        for index in 1..<counts.count { counts[index] += counts[index - 1] }
        starts = counts
        sources = [Int32](repeating: 0, count: Int(counts[2 * nodeCount]))
        for vertex in 0..<vertices {
            for target in graph.edges(of: vertex) {
                sources[Int(counts[Int(target)])] = vertex
                counts[Int(target)] += 1
            }
        }
    }
}

extension TypeChecker {
    /// Puts what the `with` of an expression replace on top of the types: the rules that read a replaced document may
    /// have any value, and the document itself that of its replacement as well. Gives whether there is something.
    mutating func replace(_ with: [ResolvedWith], _ values: [StaticType?]) -> Bool {
        var overlay = TypeOverlay()
        var seen: Set<Int32> = []
        for item in with {
            let node: Int32?
            switch item.target {
            case .input, .callee(.builtin): continue
            case .callee(.group(let group)):
                node = collection.groupNodes.indices.contains(group) ? collection.groupNodes[group] : nil
            case .data(let path): node = self.node(path.map { TreeKey(.string, $0) })
            }
            usesDependents = true
            guard let node, seen.insert(node).inserted else { continue }
            guard !ignoresDependents else { continue }
            dependentUses += 1
            dependents?.put(node, collection.tree, into: &overlay)
        }
        for (index, item) in with.enumerated() {
            let names: [Name]
            let root: Int
            switch item.target {
            case .data(let path): (names, root) = (path, TypeOverlay.data)
            case .input(let path): (names, root) = (path, TypeOverlay.input)
            case .callee(let callee):
                // A function within a document that stands in: what replaces it may be anything again.
                if isReplaced(callee), case .group(let group) = callee {
                    let path = collection.tree.path(collection.groupNodes[group])
                    overlay.replace(.anything, at: path, below: TypeOverlay.data)
                }
                continue
            }
            let path = names.map { TreeKey(.string, $0) }
            let after = types.union(documentType(path, below: root), values[index] ?? .anything)
            overlay.replace(types.bounded(after) ?? .anything, at: path, below: root)
        }
        guard !overlay.isEmpty(TypeOverlay.data) || !overlay.isEmpty(TypeOverlay.input) else { return false }
        overlays.append(overlay)
        return true
    }

    private func node(_ path: [TreeKey]) -> Int32? {
        var node: Int32 = 0
        for key in path {
            guard let child = collection.tree.child(node, key) else { return nil }
            node = child
        }
        return node
    }

    /// The type of a document by its path, whatever replaces it around.
    private func documentType(_ path: [TreeKey], below root: Int) -> StaticType? {
        for overlay in overlays.reversed() where !overlay.isEmpty(root) {
            if let found = documentType(path, in: overlay, below: root) { return found }
        }
        if root == TypeOverlay.input {
            var result: StaticType? = described.input ?? .anything
            for part in path { result = types.select(result, part) }
            return result
        }
        var node: Int32 = 0
        for (index, key) in path.enumerated() {
            if let type = environment.types[Int(node)] {
                var result: StaticType? = type
                for part in path[index...] { result = types.select(result, part) }
                return result
            }
            guard let child = collection.tree.child(node, key), environment.isPresent[Int(child)] else {
                return .anything
            }
            node = child
        }
        let type = extent(node)
        if case .function = type { return nil }
        return type
    }

    /// What is on top at a path; nil where there is nothing.
    private func documentType(
        _ path: [TreeKey], in overlay: TypeOverlay, below root: Int
    ) -> StaticType?? {
        if overlay.isUnknown { return .some(.anything) }
        var node = root
        for (index, key) in path.enumerated() {
            if let child = overlay.child(node, key) {
                node = child
                continue
            }
            guard overlay.type(node) != nil else { return nil }
            var result = overlay.type(node)
            for part in path[index...] { result = types.select(result, part) }
            return .some(result)
        }
        return .some(overlay.extent(node, types))
    }

    /// Follows a path through what is replaced; nil where that says nothing of its end.
    mutating func follow(_ check: ReferenceCheck, in overlay: TypeOverlay, below root: Int) -> TypedTerm? {
        guard !overlay.isEmpty(root) else { return nil }
        if overlay.isUnknown {
            for part in check.parts { bindAnything(part) }
            return .leaf(.anything)
        }
        var node = root
        for index in check.parts.indices {
            let isHidden = check.hiddenKey && index == check.parts.count - 1
            if let type = overlay.type(node) {
                let selected = select(check, type, from: index)
                guard case .leaf = selected, let path = constants(check),
                    let found = documentType(path, in: overlay, below: root)
                else { return selected }
                return .leaf(found)
            }
            if !isHidden, let key = Self.key(check.reference.parts[index]) {
                guard let child = overlay.child(node, key) else { return nil }
                node = child
                continue
            }
            let keys = types.keys(overlay.extent(node, types))
            switch check.parts[index] {
            case .variable(let number):
                if let type = variables[number] {
                    if !types.unifies(keys, type) {
                        return refuse(check, index, have: type, want: keys, sorted(overlay.keys(below: node)))
                    }
                } else {
                    variables[number] = keys
                }
            case .leaf(let type?):
                if !types.unifies(keys, type) {
                    return refuse(check, index, have: type, want: keys, sorted(overlay.keys(below: node)))
                }
            default: break
            }
            return nil
        }
        return .leaf(overlay.extent(node, types))
    }

    /// What lies under a computed key among replaced documents; nil where there are none.
    func openType(_ check: ReferenceCheck, in overlay: TypeOverlay) -> StaticType? {
        guard !overlay.isUnknown, !overlay.isEmpty(TypeOverlay.data) else { return nil }
        var node = TypeOverlay.data
        for index in check.parts.indices {
            let isHidden = check.hiddenKey && index == check.parts.count - 1
            if !isHidden, let key = Self.key(check.reference.parts[index]) {
                guard overlay.type(node) == nil, let child = overlay.child(node, key) else { return nil }
                node = child
                continue
            }
            return values(check, of: overlay.extent(node, types), from: index)
        }
        return nil
    }

    private func sorted(_ keys: [TreeKey]) -> [TreeKey] { keys.sorted { types.compare($0, $1) < 0 } }

    /// The keys of a path that has nothing else.
    private func constants(_ check: ReferenceCheck) -> [TreeKey]? {
        guard !check.hiddenKey else { return nil }
        var keys: [TreeKey] = []
        for part in check.reference.parts {
            guard let key = Self.key(part) else { return nil }
            keys.append(key)
        }
        return keys
    }

    /// The type of a function that is among what is replaced; nil for one that is not.
    func replacedType(_ group: Int) -> StaticType?? {
        guard !overlays.isEmpty, collection.groupNodes.indices.contains(group) else { return nil }
        let path = collection.tree.path(collection.groupNodes[group])
        for overlay in overlays.reversed() where !overlay.isEmpty(TypeOverlay.data) {
            if let found = documentType(path, in: overlay, below: TypeOverlay.data) { return .some(found) }
        }
        return nil
    }
}
