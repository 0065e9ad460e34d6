import RegoSyntax
import WritSource

/// What the rules of one module refer to, without where that lies: a summary for the graph.
struct References: Sendable {
    /// A rule, or one of its `else` branches.
    struct Source: Sendable {
        var rule: Int32
        var span: Span
        /// Behind its last target.
        var end: Int32
    }

    enum Target: Equatable, Sendable {
        case group(Int32)
        /// A path below `data`; nil stands for a part that is only known at run time.
        case path([TreeKey?])
    }

    var sources: [Source] = []
    var targets: [Target] = []
}

/// Finds what rules refer to.
struct ReferenceFinder {
    var result = References()
    private var rule: Int32 = 0

    mutating func add(_ rule: ResolvedRule, number: Int) {
        self.rule = Int32(truncatingIfNeeded: number)
        for term in rule.suffix { visit(term) }
        for term in rule.arguments { visit(term) }
        if let key = rule.key { visit(key) }
        visit(rule.value)
        visit(rule.body)
        finish(rule.span)
        for branch in rule.elseBranches {
            visit(branch.value)
            visit(branch.body)
            finish(branch.span)
        }
    }

    private mutating func finish(_ span: Span) {
        let end = Int32(truncatingIfNeeded: result.targets.count)
        guard end > result.sources.last?.end ?? 0 else { return }
        result.sources.append(References.Source(rule: rule, span: span, end: end))
    }

    /// Notes a target, unless it is among the last ones of the same rule.
    private mutating func note(_ target: References.Target) {
        let start = max(Int(result.sources.last?.end ?? 0), result.targets.count - 8)
        for known in result.targets[start...] where known == target { return }
        result.targets.append(target)
    }

    private mutating func refer(_ parts: [ResolvedTerm]) { note(.path(parts.map { Self.key($0) })) }

    private mutating func visit(_ body: [ResolvedExpression]) {
        for expression in body { visit(expression) }
    }

    private mutating func visit(_ expression: ResolvedExpression) {
        expression.forEachPart({ visit($0) }, { visit($0) })
        for with in expression.with {
            switch with.target {
            case .input: break
            case .data(let path): note(.path(path.map { TreeKey(.string, $0) }))
            case .callee(let callee): visit(callee)
            }
            switch with.replacement {
            case .term(let term): visit(term)
            case .callee(let callee): visit(callee)
            }
        }
    }

    private mutating func visit(_ callee: Callee) {
        if case .group(let group) = callee { note(.group(Int32(truncatingIfNeeded: group))) }
    }

    private mutating func visit(_ term: ResolvedTerm) {
        switch term.kind {
        case .reference(let reference): if case .data = reference.base { refer(reference.parts) }
        case .call(let callee, _): visit(callee)
        default: break
        }
        term.forEachPart({ visit($0) }, { visit($0) })
    }

    /// The key of a constant part; nil for one that is only known at run time.
    private static func key(_ term: ResolvedTerm) -> TreeKey? {
        switch term.kind {
        case .string(let name): TreeKey(.string, name)
        case .number(let name): TreeKey(.number, name)
        case .boolean(let value): TreeKey(.boolean, value ? .true : .false)
        case .null: TreeKey(.null, .null)
        default: nil
        }
    }
}

extension Collection {
    /// The vertices of the graph that the sources of a module's references lead to, source by source.
    func vertices(_ references: References) -> [[Int32]] {
        var result: [[Int32]] = []
        result.reserveCapacity(references.sources.count)
        var next = 0
        for source in references.sources {
            var targets: [Int32] = []
            while next < Int(source.end) {
                switch references.targets[next] {
                case .group(let group):
                    if groupNodes.indices.contains(Int(group)) { targets.append(groupNodes[Int(group)]) }
                case .path(let path): refer(path, &targets)
                }
                next += 1
            }
            result.append(targets)
        }
        return result
    }

    /// Adds what a path below `data` may lead to: the rules on its way and all at its end.
    private func refer(_ path: [TreeKey?], _ targets: inout [Int32]) {
        var nodes: [Int32] = [0]
        // Where only unknown keys follow, what lies at any of them is what lies below: one edge in place of many.
        let open = (path.lastIndex { $0 != nil } ?? -1) + 1
        for (index, key) in path.enumerated() {
            if index == open, nodes.allSatisfy({ tree.nodes[Int($0)].rules.isEmpty }) { break }
            var next: [Int32] = []
            if let key {
                for node in nodes { if let child = tree.child(node, key) { next.append(child) } }
            } else {
                for node in nodes { next += tree.nodes[Int(node)].children }
            }
            for node in next where !tree.nodes[Int(node)].rules.isEmpty { targets.append(node) }
            nodes = next
            if nodes.isEmpty { return }
        }
        for node in nodes { targets.append(Int32(truncatingIfNeeded: tree.nodes.count + Int(node))) }
    }
}

/// Pass 5: which rules depend on which, and whether any depends on itself.
///
/// The graph has a vertex for every node of the rule tree (its rules) and one for everything below the node, so
/// that a reference to a whole package costs one edge.
struct DependencyGraph: Sendable {
    private let tree: RuleTree
    /// The rules and `else` branches with what each refers to.
    private let sources: [Source]
    /// Where the edges of each vertex begin among `targets`.
    private var starts: [Int32]
    private var targets: [Int32]

    struct Source: Sendable {
        var node: Int32
        var span: Span
        var targets: [Int32]
    }

    init(_ tree: RuleTree, _ sources: [Source]) {
        self.tree = tree
        self.sources = sources
        let count = tree.nodes.count
        var counts = [Int32](repeating: 0, count: 2 * count + 1)
        for node in tree.order {
            counts[count + Int(node) + 1] += 1 + Int32(truncatingIfNeeded: tree.nodes[Int(node)].children.count)
        }
        for source in sources { counts[Int(source.node) + 1] += Int32(truncatingIfNeeded: source.targets.count) }
        for index in 1..<counts.count { counts[index] += counts[index - 1] }
        starts = counts
        targets = [Int32](repeating: 0, count: Int(counts[2 * count]))
        for node in tree.order {
            var place = Int(counts[count + Int(node)])
            targets[place] = node
            for child in tree.nodes[Int(node)].children {
                place += 1
                targets[place] = Int32(truncatingIfNeeded: count + Int(child))
            }
        }
        for source in sources {
            for target in source.targets {
                targets[Int(counts[Int(source.node)])] = target
                counts[Int(source.node)] += 1
            }
        }
    }

    /// The number of vertices and edges.
    var size: Int { tree.order.count * 2 + targets.count }

    /// What a vertex leads to.
    func edges(of vertex: Int32) -> ArraySlice<Int32> {
        targets[Int(starts[Int(vertex)])..<Int(starts[Int(vertex) + 1])]
    }

    // MARK: Cycles

    /// Reports every rule that depends on itself with a path from it back to it.
    func check(
        _ components: [Int32], _ errors: inout StagedErrors, limit: Int, _ text: (RuleID) -> String
    ) {
        for source in sources {
            let own = components[Int(source.node)]
            guard own >= 0, source.targets.contains(where: { components[Int($0)] == own }) else { continue }
            let path = self.path(from: source.node, through: source.targets, components)
            var message = ""
            for node in path {
                guard let id = tree.nodes[Int(node)].rules.first else { continue }
                message += message.isEmpty ? "rule \(text(id)) is recursive: " : " -> "
                message += text(id)
            }
            errors.add(.recursion, .regoRecursionError, message, at: source.span)
            if limit > 0, errors.count(.recursion) > limit { return }
        }
    }

    /// The shortest way from a rule's node through one of its targets back to the node.
    private func path(from node: Int32, through targets: [Int32], _ components: [Int32]) -> [Int32] {
        var previous: [Int32: Int32] = [:]
        var queue: [Int32] = []
        for target in targets where components[Int(target)] == components[Int(node)] && previous[target] == nil {
            previous[target] = -1
            queue.append(target)
        }
        var next = 0
        while next < queue.count, previous[node] == nil {
            let here = queue[next]
            next += 1
            for target in edges(of: here)
            where components[Int(target)] == components[Int(node)] && previous[target] == nil {
                previous[target] = here
                queue.append(target)
            }
        }
        var path: [Int32] = [node]
        var here = previous[node] ?? -1
        while here >= 0 {
            if Int(here) < tree.nodes.count { path.append(here) }
            here = previous[here] ?? -1
        }
        path.append(node)
        path.reverse()
        return path
    }

    /// The number of each vertex's strongly connected component; -1 where it is a single vertex without a loop.
    /// Tarjan's algorithm with an explicit stack.
    ///
    /// `order` lists the vertices so that what one depends on comes before it.
    func components() -> (numbers: [Int32], order: [Int32]) {
        let count = starts.count - 1
        var index = [Int32](repeating: -1, count: count)
        var low = [Int32](repeating: 0, count: count)
        var isOpen = [Bool](repeating: false, count: count)
        var component = [Int32](repeating: -1, count: count)
        var open: [Int32] = []
        var calls: [(vertex: Int32, edge: Int)] = []
        var order: [Int32] = []
        var counter: Int32 = 0
        var components: Int32 = 0
        for start in tree.order + tree.order.map({ Int32(truncatingIfNeeded: tree.nodes.count + Int($0)) })
        where index[Int(start)] < 0 {
            calls.append((start, 0))
            while let (vertex, edge) = calls.last {
                let v = Int(vertex)
                if edge == 0 {
                    index[v] = counter
                    low[v] = counter
                    counter += 1
                    open.append(vertex)
                    isOpen[v] = true
                }
                let first = Int(starts[v])
                if first + edge < Int(starts[v + 1]) {
                    calls[calls.count - 1].edge = edge + 1
                    let target = Int(targets[first + edge])
                    if index[target] < 0 {
                        calls.append((Int32(truncatingIfNeeded: target), 0))
                    } else if isOpen[target] {
                        low[v] = min(low[v], index[target])
                    }
                    continue
                }
                calls.removeLast()
                if let parent = calls.last { low[Int(parent.vertex)] = min(low[Int(parent.vertex)], low[v]) }
                guard low[v] == index[v] else { continue }
                let isLoop = open.last != vertex || edges(of: vertex).contains(vertex)
                while let member = open.popLast() {
                    isOpen[Int(member)] = false
                    order.append(member)
                    if isLoop { component[Int(member)] = components }
                    if member == vertex { break }
                }
                components += 1
            }
        }
        return (component, order)
    }
}
