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
/// In a first round function `i` of the plan is group `i` of the policy; behind them come the functions of inner
/// document nodes, then the query's. Later rounds keep these numbers and add to them.
public struct Lowering {
    /// Loops, negations and `with`s inside each other.
    public static var depthLimit: Int { 1_000 }

    let policy: ResolvedPolicy
    var builder: PlanBuilder
    var lowered: LoweredPolicy
    /// Whether a tree node is a document: a package, a rule with a value, or something above one.
    var hasDocument: [Bool] = []
    /// What is replaced somewhere by a `with`: such calls are never folded or fused.
    var replacedBuiltins: Set<Int> = []
    var replacedPaths: [[Name]] = []
    /// The constants that calls of rules fold to, by group: a large one is made once.
    var foldedConstants: [Int: Int32] = [:]
    var foldedTerms: [Int: ResolvedTerm?] = [:]
    /// What references with computed keys may call, by where they lead.
    var openCallees: [OpenPath: [Int32]] = [:]
    var heights: [Int: Int] = [:]
    var digests: [Int: UInt64] = [:]
    var trace = TraceState()
    /// The record of the function at hand.
    var record = FunctionRecord()
    /// All functions lowered so far call and read what they did before.
    private var hasSameCalls = true

    init(_ policy: ResolvedPolicy, _ former: LoweredPolicy?) {
        self.policy = policy
        lowered = former ?? LoweredPolicy()
        builder = former.map { PlanBuilder(extending: $0.plan) } ?? PlanBuilder()
        lowered.plan = Plan()
    }

    /// The plan of a policy, with a function for a query where one is given: the last function.
    ///
    /// The query's function emits, for each answer, an array of two arrays: the values of the shown
    /// expressions and those of the bindings.
    public static func lower(_ policy: ResolvedPolicy, query: ResolvedQuery? = nil) throws(LoweringError) -> Plan {
        try lower(policy, after: nil, query: query).plan
    }

    /// The plan of a policy, made from that of a former round of the same `Compilation`; with a query, of the
    /// policy that it is asked of.
    public static func lower(
        _ policy: ResolvedPolicy, after former: LoweredPolicy?, query: ResolvedQuery? = nil
    ) throws(LoweringError) -> LoweredPolicy {
        // Once half of it is dead, or it lies in very many pieces, all is made anew.
        var former = former
        if let known = former, query == nil,
            known.deadStatements * 2 > known.statementCount || known.plan.addedConstants.count > 200
        {
            former = nil
        }
        var lowering = Lowering(policy, former)
        do throws(LoweringError) {
            try lowering.lowerAll(query, isFresh: former == nil)
        } catch {
            lowering.builder.discard()
            throw error
        }
        do throws(Fault) {
            lowering.lowered.plan = try lowering.builder.finish()
            return lowering.lowered
        } catch {
            throw LoweringError(code: .constant, span: Span(source: SourceID(0), start: 0, end: 0))
        }
    }

    private mutating func lowerAll(_ query: ResolvedQuery?, isFresh: Bool) throws(LoweringError) {
        lowered.isFresh = isFresh
        lowered.changed = []
        lowered.work = CompileWork()
        // The tables are copied, because the policy that this goes on from still has them.
        lowered.work.linked += 3 * lowered.records.count
        findReplaced(query)
        let former = builder.plan.functions.count
        makeTree(isFresh: isFresh)
        let stale = staleFunctions(isFresh: isFresh)
        for number in stale {
            record = FunctionRecord(subject: lowered.records[number].subject)
            let function: Function
            switch record.subject {
            case .nothing: continue
            case .group(let group): function = try lowerGroup(Int(group), number)
            case .document(let node): function = lowerDocument(Int(node))
            }
            keep(function, at: number)
        }
        lowered.query = nil
        if let query {
            record = FunctionRecord()
            let number = addFunction(.nothing)
            let function = try lowerQuery(query, number)
            keep(function, at: number)
            lowered.query = FunctionID(number)
        }
        lowered.treeRound = policy.treeRound
        lowered.round = policy.round
        lowered.replacedBuiltins = replacedBuiltins
        lowered.replacedPaths = replacedPaths
        if let query = lowered.query, stale.isEmpty {
            // Nothing calls a query.
            for callee in lowered.records[query.int].calls {
                builder.plan.functions[query.int].reads.formUnion(builder.plan.functions[Int(callee)].reads)
            }
        } else if isFresh || !hasSameCalls || builder.plan.functions.count != former {
            decideMemos()
        }
    }

    /// Takes the function at hand with its record into the plan.
    private mutating func keep(_ function: Function, at number: Int) {
        lowered.deadStatements += lowered.records[number].statementCount
        lowered.statementCount += record.statementCount
        lowered.work.statementsLowered += record.statementCount
        record.calls = record.allCallees()
        record.callees = []
        record.openCallees = []
        let known = lowered.records[number]
        if known.statementCount > 0, record.calls == known.calls, record.reads == known.reads {
            builder.plan.functions[number] = function.remembered(as: builder.plan.functions[number])
        } else {
            hasSameCalls = false
            builder.plan.functions[number] = function
            builder.plan.functions[number].reads = record.reads
        }
        for question in record.questions {
            guard case .folded(let group, _) = question else { continue }
            while lowered.folding.count <= Int(group) { lowered.folding.append([]) }
            if !lowered.folding[Int(group)].contains(Int32(truncatingIfNeeded: number)) {
                lowered.folding[Int(group)].append(Int32(truncatingIfNeeded: number))
            }
        }
        lowered.records[number] = record
        lowered.changed.append(FunctionID(number))
    }

    // MARK: The document tree

    private mutating func addFunction(_ subject: FunctionRecord.Subject) -> Int {
        lowered.records.append(FunctionRecord(subject: subject))
        builder.plan.functions.append(.none)
        return lowered.records.count - 1
    }

    private mutating func makeTree(isFresh: Bool) {
        // Packages are documents even where they are empty or hold functions only.
        if !isFresh, lowered.treeRound == policy.treeRound {
            hasDocument = lowered.hasDocument
            return
        }
        hasDocument = [Bool](repeating: false, count: policy.tree.count)
        for index in policy.tree.indices where policy.tree[index].isAlive {
            let node = policy.tree[index]
            guard let group = node.group, policy.groups[Int(group)].kind == .function else {
                hasDocument[index] = true
                continue
            }
            hasDocument[index] = !node.children.isEmpty
        }
        lowered.hasDocument = hasDocument
        while lowered.groupFunctions.count < policy.groups.count { lowered.groupFunctions.append(-1) }
        for group in policy.groups.indices where lowered.groupFunctions[group] < 0 {
            lowered.groupFunctions[group] = Int32(
                truncatingIfNeeded: addFunction(.group(Int32(truncatingIfNeeded: group))))
        }
        while lowered.nodeFunctions.count < policy.tree.count { lowered.nodeFunctions.append(-1) }
        let former = isFresh ? [] : builder.plan.documents
        builder.plan.documents = []
        for index in policy.tree.indices {
            let node = policy.tree[index]
            let key = former.indices.contains(index) ? former[index].key : nil
            var document = DocumentNode(
                key: index == 0 ? nil : key ?? constant(string: node.key), parent: index == 0 ? nil : node.parent)
            if node.isAlive { document.children = node.children }
            if let group = node.group, policy.groups[Int(group)].kind != .function {
                document.function = FunctionID(Int(lowered.groupFunctions[Int(group)]))
                document.isRule = true
            } else if hasDocument[index] {
                if lowered.nodeFunctions[index] < 0 {
                    lowered.nodeFunctions[index] = Int32(
                        truncatingIfNeeded: addFunction(.document(Int32(truncatingIfNeeded: index))))
                }
                document.function = FunctionID(Int(lowered.nodeFunctions[index]))
            }
            builder.plan.documents.append(document)
        }
        lowered.work.linked += policy.groups.count + policy.tree.count
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

    /// The function of an inner node: the documents of its children, merged over base data.
    private mutating func lowerDocument(_ node: Int) -> Function {
        var emitter = Emitter(parameters: 0)
        let gathered = emitter.local()
        emitter.emit(.gather(gathered, .object))
        for child in children(of: node) {
            guard let function = builder.plan.documents[Int(child)].function,
                let key = builder.plan.documents[Int(child)].key
            else { continue }
            record.callees.insert(function.int)
            let value = emitter.local()
            let depth = emitter.depth
            emitter.open(.plain)
            if isTraced { emitter.emit(.trace(.call, id: function.index)) }
            emitter.emit(.call(value, function, []))
            emitter.emit(.insert(into: gathered, key: .constant(key), value: .local(value), .objectKey))
            emitter.close(to: depth)
        }
        let rules = emitter.local()
        emitter.emit(.gathered(rules, from: gathered))
        let result = emitter.local()
        emitter.emit(.assign(result, .local(rules)))
        record.reads.insert(.data)
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
            body: finish(&emitter), result: result, memo: .context, reads: [], range: .none)
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

    /// The outermost block of a function, its statements counted.
    mutating func finish(_ emitter: inout Emitter) -> Block {
        let body = emitter.finish()
        record.statementCount = emitter.statementCount
        return body
    }

    /// What each function reads, itself and through what it calls, decides how long its result is good.
    ///
    /// References with parts that are only known at run time may seem to call what calls them: functions that call
    /// each other read the same (Tarjan's algorithm, without native recursion).
    private mutating func decideMemos() {
        let count = builder.plan.functions.count
        var index = [Int32](repeating: -1, count: count)
        var low = [Int32](repeating: 0, count: count)
        var isOpen = [Bool](repeating: false, count: count)
        var open: [Int] = []
        var calls: [(function: Int, edge: Int)] = []
        var counter: Int32 = 0
        for start in 0..<count where index[start] < 0 {
            calls.append((start, 0))
            while let (function, edge) = calls.last {
                let callees = lowered.records[function].calls
                if edge == 0 {
                    index[function] = counter
                    low[function] = counter
                    counter += 1
                    open.append(function)
                    isOpen[function] = true
                    builder.plan.functions[function].reads = lowered.records[function].reads
                    lowered.work.linked += 1 + callees.count
                }
                if edge < callees.count {
                    calls[calls.count - 1].edge = edge + 1
                    let callee = Int(callees[edge])
                    if callee >= count { continue }
                    if index[callee] < 0 {
                        calls.append((callee, 0))
                    } else if isOpen[callee] {
                        low[function] = min(low[function], index[callee])
                    } else {
                        builder.plan.functions[function].reads.formUnion(builder.plan.functions[callee].reads)
                    }
                    continue
                }
                calls.removeLast()
                if let caller = calls.last?.function {
                    low[caller] = min(low[caller], low[function])
                    builder.plan.functions[caller].reads.formUnion(builder.plan.functions[function].reads)
                }
                guard low[function] == index[function] else { continue }
                // What the first of them reads is what all of them read.
                let reads = builder.plan.functions[function].reads
                while let member = open.popLast() {
                    isOpen[member] = false
                    builder.plan.functions[member].reads = reads
                    if member == function { break }
                }
            }
        }
        for index in 0..<count {
            let kind = builder.plan.functions[index].kind
            if kind == .rule || kind == .document {
                let reads = builder.plan.functions[index].reads
                let isLasting = !reads.contains(.input) && !reads.contains(.host)
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

extension Function {
    /// The function with the memo and the reads of what it takes the place of.
    fileprivate func remembered(as former: Function) -> Function {
        var result = self
        result.memo = former.memo
        result.reads = former.reads
        return result
    }
}
