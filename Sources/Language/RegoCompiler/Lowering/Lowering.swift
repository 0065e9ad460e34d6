import RegoSyntax
import WritBuiltins
import WritPlan
import WritSource
import WritValue

/// Why a policy could not be lowered: a limit, or a promise of the passes before that was not kept.
public struct LoweringError: Error, Sendable {
    public enum Code: Sendable {
        /// Expressions nest deeper than `Lowering.depthLimit` loops.
        case tooDeep
        /// A variable is used where no expression before binds it.
        case unbound
        /// A constant is too large.
        case constant
    }

    public var code: Code
    public var span: Span
}

/// The last pass: resolved policy (and query) to plan.
///
/// Function `i` of the plan is group `i` of the policy; behind them come the functions of inner document
/// nodes, then the query's.
public struct Lowering {
    /// Loops, negations and `with`s inside each other.
    public static var depthLimit: Int { 1_000 }

    let policy: ResolvedPolicy
    var builder = PlanBuilder()
    /// Whether a tree node is a document: a package, a rule with a value, or something above one.
    var hasDocument: [Bool]
    /// Plan function of inner nodes.
    var nodeFunctions: [Int: FunctionID] = [:]
    /// What is replaced somewhere by a `with`: such calls are never folded or fused.
    var replacedBuiltins: Set<Int> = []
    var replacedPaths: [[Name]] = []
    /// Functions called, for purity; indexed by plan function.
    var callees: [Set<Int>] = []
    var directReads: [Reads] = []
    var nextTraceID: Int32 = 0

    init(_ policy: ResolvedPolicy) {
        self.policy = policy
        hasDocument = [Bool](repeating: false, count: policy.tree.count)
    }

    /// The plan of a policy, with a function for a query where one is given: the last function.
    ///
    /// The query's function emits, for each answer, an array of two arrays: the values of the shown
    /// expressions and those of the bindings.
    public static func lower(_ policy: ResolvedPolicy, query: ResolvedQuery? = nil) throws(LoweringError) -> Plan {
        var lowering = Lowering(policy)
        do throws(LoweringError) {
            try lowering.lowerAll(query)
        } catch {
            lowering.builder.discard()
            throw error
        }
        do throws(Fault) { return try lowering.builder.finish() } catch {
            throw LoweringError(code: .constant, span: Span(source: SourceID(0), start: 0, end: 0))
        }
    }

    private mutating func lowerAll(_ query: ResolvedQuery?) throws(LoweringError) {
        findReplaced(query)
        makeTree()
        for index in policy.groups.indices {
            let function = try lowerGroup(index)
            builder.plan.functions.append(function)
        }
        for node in nodeFunctions.sorted(by: { $0.value.index < $1.value.index }) {
            builder.plan.functions.append(lowerDocument(node.key))
        }
        if let query {
            let function = try lowerQuery(query)
            builder.plan.functions.append(function)
        }
        decideMemos()
    }

    // MARK: The document tree

    private mutating func makeTree() {
        // Packages are documents even where they are empty or hold functions only.
        for index in policy.tree.indices {
            let node = policy.tree[index]
            guard let group = node.group, policy.groups[Int(group)].kind == .function else {
                hasDocument[index] = true
                continue
            }
            hasDocument[index] = !node.children.isEmpty
        }
        builder.plan.documents = []
        var next = policy.groups.count
        for index in policy.tree.indices {
            let node = policy.tree[index]
            var document = DocumentNode(
                key: index == 0 ? nil : constant(string: node.key), parent: index == 0 ? nil : node.parent)
            document.children = node.children
            if let group = node.group, policy.groups[Int(group)].kind != .function {
                document.function = FunctionID(Int(group))
                document.isRule = true
            } else if hasDocument[index] {
                document.function = FunctionID(next)
                nodeFunctions[index] = FunctionID(next)
                next += 1
            }
            builder.plan.documents.append(document)
        }
        callees = [Set<Int>](repeating: [], count: next + 1)
        directReads = [Reads](repeating: [], count: next + 1)
    }

    func child(of node: Int, _ key: Name) -> Int? {
        for child in policy.tree[node].children where policy.tree[Int(child)].key == key { return Int(child) }
        return nil
    }

    func node(at path: [Name]) -> Int? {
        var node = 0
        for key in path {
            guard let next = child(of: node, key) else { return nil }
            node = next
        }
        return node
    }

    /// The function of an inner node: the documents of its children, merged over base data.
    private mutating func lowerDocument(_ node: Int) -> Function {
        let number = nodeFunctions[node]?.int ?? 0
        var emitter = Emitter(parameters: 0)
        let gathered = emitter.local()
        emitter.emit(.gather(gathered, .object))
        for child in policy.tree[node].children {
            guard let function = builder.plan.documents[Int(child)].function,
                let key = builder.plan.documents[Int(child)].key
            else { continue }
            callees[number].insert(function.int)
            let value = emitter.local()
            let depth = emitter.depth
            emitter.open(.plain)
            emitter.emit(.call(value, function, []))
            emitter.emit(.insert(into: gathered, key: .constant(key), value: .local(value), .objectKey))
            emitter.close(to: depth)
        }
        let rules = emitter.local()
        emitter.emit(.gathered(rules, from: gathered))
        let result = emitter.local()
        emitter.emit(.assign(result, .local(rules)))
        directReads[number].insert(.data)
        let depth = emitter.depth
        emitter.open(.plain)
        let base = emitter.local()
        emitter.emit(.data(base))
        for key in path(of: node) {
            emitter.emit(.dot(base, .local(base), .constant(constant(string: key))))
        }
        // Base data that is no object gives way to the rules; inside objects it stands, as in OPA.
        emitter.emit(.isObject(.local(base)))
        emitter.emit(.merge(result, .local(rules), .local(base)))
        emitter.close(to: depth)
        return Function(
            kind: .document, name: dotted(path(of: node)), parameterCount: 0, localCount: emitter.highestLocal,
            body: emitter.finish(), result: result, memo: .context, reads: [], range: .none)
    }

    func path(of node: Int) -> [Name] {
        var path: [Name] = []
        var node = node
        while node > 0 {
            path.append(policy.tree[node].key)
            node = Int(policy.tree[node].parent)
        }
        return path.reversed()
    }

    func dotted(_ path: [Name]) -> [UInt8] {
        var text = Array("data".utf8)
        for name in path {
            text.append(UInt8(ascii: "."))
            text.append(contentsOf: policy.names[name])
        }
        return text
    }

    // MARK: Purity

    /// What each function reads, itself and through what it calls, decides how long its result is good.
    private mutating func decideMemos() {
        let count = builder.plan.functions.count
        var state = [UInt8](repeating: 0, count: count)
        for start in 0..<count where state[start] == 0 {
            // Depth first without native recursion: rules may call each other in chains of any length.
            var stack = [start]
            while let top = stack.last {
                if state[top] == 0 {
                    state[top] = 1
                    for callee in callees[top] where callee < count && state[callee] == 0 { stack.append(callee) }
                } else {
                    stack.removeLast()
                    guard state[top] == 1 else { continue }
                    state[top] = 2
                    var reads = directReads[top]
                    for callee in callees[top] where callee < count {
                        reads.formUnion(builder.plan.functions[callee].reads)
                    }
                    builder.plan.functions[top].reads = reads
                }
            }
        }
        for index in 0..<count {
            let function = builder.plan.functions[index]
            if function.kind == .rule || function.kind == .document {
                let isLasting = !function.reads.contains(.input) && !function.reads.contains(.host)
                builder.plan.functions[index].memo = isLasting ? .snapshot : .context
            }
        }
    }

    // MARK: Constants

    mutating func constant(string name: Name) -> Int32 {
        // Running out of memory shows again when the plan is finished.
        let bytes = Array(policy.names[name])
        return builder.constant((try? builder.space.string(bytes)) ?? .emptyString)
    }

    static func range(_ span: Span) -> SourceRange {
        SourceRange(file: span.source.index, start: span.start, end: span.end)
    }
}
