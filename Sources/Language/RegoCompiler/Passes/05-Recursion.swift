import RegoSyntax
import WritSource

/// Pass 5: which rules depend on which, and whether any depends on itself.
///
/// The graph has a vertex for every node of the rule tree (its rules) and one for everything below the node, so
/// that a reference to a whole package costs one edge.
struct DependencyGraph {
    private let tree: RuleTree
    /// Targets of each rule: vertices, see `vertex(below:)`.
    private var edges: [[Int32]]
    /// The rules and `else` branches with what each refers to.
    private var sources: [(node: Int32, span: Span, targets: [Int32])] = []
    /// What the present rule refers to.
    private var targets: [Int32] = []
    private let callees: [Int32]

    init(_ collection: Collection) {
        tree = collection.tree
        let count = tree.nodes.count
        edges = Array(repeating: [], count: 2 * count)
        var callees = [Int32](repeating: 0, count: collection.groups.count)
        for node in tree.nodes.indices {
            let here = tree.nodes[node]
            if here.group >= 0 { callees[Int(here.group)] = Int32(truncatingIfNeeded: node) }
            edges[count + node].append(Int32(truncatingIfNeeded: node))
            for child in here.children { edges[count + node].append(Int32(truncatingIfNeeded: count + Int(child))) }
        }
        self.callees = callees
    }

    private func vertex(below node: Int32) -> Int32 { Int32(truncatingIfNeeded: tree.nodes.count + Int(node)) }

    mutating func add(_ rule: ResolvedRule, node: Int32) {
        targets.removeAll(keepingCapacity: true)
        for term in rule.suffix + rule.arguments { visit(term) }
        if let key = rule.key { visit(key) }
        visit(rule.value)
        visit(rule.body)
        finish(node, rule.span)
        for branch in rule.elseBranches {
            visit(branch.value)
            visit(branch.body)
            finish(node, branch.span)
        }
    }

    private mutating func finish(_ node: Int32, _ span: Span) {
        guard !targets.isEmpty else { return }
        sources.append((node, span, targets))
        edges[Int(node)] += targets
        targets.removeAll(keepingCapacity: true)
    }

    // MARK: References

    private mutating func visit(_ body: [ResolvedExpression]) {
        for expression in body { visit(expression) }
    }

    private mutating func visit(_ expression: ResolvedExpression) {
        switch expression.kind {
        case .term(let term): visit(term)
        case .unify(let left, let right):
            visit(left)
            visit(right)
        case .member(let key, let value, let collection):
            if let key { visit(key) }
            visit(value)
            visit(collection)
        case .not(let body): visit(body)
        case .every(_, _, let domain, let body):
            visit(domain)
            visit(body)
        case .and(let left, let right), .or(let left, let right):
            visit(left)
            visit(right)
        case .print(let parts): for part in parts { visit(part) }
        }
        for with in expression.with {
            switch with.target {
            case .input: break
            case .data(let path): refer(path.map { ResolvedTerm(.string($0), with.span) })
            case .callee(let callee): visit(callee)
            }
            switch with.replacement {
            case .term(let term): visit(term)
            case .callee(let callee): visit(callee)
            }
        }
    }

    private mutating func visit(_ callee: Callee) {
        if case .group(let group) = callee, callees.indices.contains(group) { targets.append(callees[group]) }
    }

    private mutating func visit(_ part: ResolvedTerm.TemplatePart) {
        guard case .expression(let term, let body) = part else { return }
        visit(term)
        visit(body)
    }

    private mutating func visit(_ term: ResolvedTerm) {
        switch term.kind {
        case .null, .boolean, .number, .string, .variable: break
        case .reference(let reference):
            switch reference.base {
            case .data: refer(reference.parts)
            case .term(let base): visit(base)
            case .input, .variable: break
            }
            for part in reference.parts { visit(part) }
        case .array(let elements), .set(let elements): for element in elements { visit(element) }
        case .object(let entries):
            for entry in entries {
                visit(entry.key)
                visit(entry.value)
            }
        case .arrayComprehension(let head, let body), .setComprehension(let head, let body):
            visit(head)
            visit(body)
        case .objectComprehension(let key, let value, let body):
            visit(key)
            visit(value)
            visit(body)
        case .call(let callee, let arguments):
            visit(callee)
            for argument in arguments { visit(argument) }
        case .template(let parts): for part in parts { visit(part) }
        }
    }

    /// Adds what a path below `data` may lead to: the rules on its way and all at its end.
    private mutating func refer(_ parts: [ResolvedTerm]) {
        var nodes: [Int32] = [0]
        for part in parts {
            var next: [Int32] = []
            if let key = Self.key(part) {
                for node in nodes { if let child = tree.child(node, key) { next.append(child) } }
            } else {
                for node in nodes { next += tree.nodes[Int(node)].children }
            }
            for node in next where !tree.nodes[Int(node)].rules.isEmpty { targets.append(node) }
            nodes = next
            if nodes.isEmpty { return }
        }
        for node in nodes { targets.append(vertex(below: node)) }
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

    // MARK: Cycles

    /// Reports every rule that depends on itself with a path from it back to it.
    func check(_ errors: inout StagedErrors, limit: Int, _ text: (RuleID) -> String) {
        let components = self.components().numbers
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

    /// The nodes of the rule tree, each after those that its rules depend on.
    func dependencyOrder() -> [Int32] { components().order.filter { Int($0) < tree.nodes.count } }

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
            for target in edges[Int(here)]
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
    private func components() -> (numbers: [Int32], order: [Int32]) {
        let count = edges.count
        var index = [Int32](repeating: -1, count: count)
        var low = [Int32](repeating: 0, count: count)
        var isOpen = [Bool](repeating: false, count: count)
        var component = [Int32](repeating: -1, count: count)
        var open: [Int32] = []
        var calls: [(vertex: Int32, edge: Int)] = []
        var order: [Int32] = []
        var counter: Int32 = 0
        var components: Int32 = 0
        for start in 0..<count where index[start] < 0 {
            calls.append((Int32(truncatingIfNeeded: start), 0))
            while let (vertex, edge) = calls.last {
                let v = Int(vertex)
                if edge == 0 {
                    index[v] = counter
                    low[v] = counter
                    counter += 1
                    open.append(vertex)
                    isOpen[v] = true
                }
                if edge < edges[v].count {
                    calls[calls.count - 1].edge = edge + 1
                    let target = Int(edges[v][edge])
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
                let isLoop = open.last != vertex || edges[v].contains(vertex)
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
