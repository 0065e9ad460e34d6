/// What calling each function may come to call, as far as a `with` of the plan replaces it.
struct Reach {
    /// Functions, and builtins as `~number`, that some `with` replaces; sorted.
    private var targets: [Int32] = []
    /// What each function's own statements may call.
    private var calls: [[Int32]] = []
    private var known: [[Int32]?]

    init(_ plan: Plan) {
        known = [[Int32]?](repeating: nil, count: plan.functions.count)
        var found: [Int32] = []
        for function in plan.functions {
            function.body.forEachStatement { statement in
                guard case .with(let overrides, _) = statement else { return }
                for override in overrides {
                    switch override.target {
                    case .input: break
                    case .data(_, let affected): for item in affected { found.append(item.function.index) }
                    case .function(let function): found.append(function.index)
                    case .builtin(let builtin): found.append(~Int32(truncatingIfNeeded: builtin))
                    }
                }
            }
        }
        found.sort()
        for target in found where targets.last != target { targets.append(target) }
        guard !targets.isEmpty else { return }
        for function in plan.functions { calls.append(Self.calls(of: function, plan)) }
    }

    private static func calls(of function: Function, _ plan: Plan) -> [Int32] {
        var found: [Int32] = []
        function.body.forEachStatement { statement in
            switch statement {
            case .call(_, let function, _): found.append(function.index)
            case .builtin(_, let builtin, _), .host(_, let builtin, _):
                found.append(~Int32(truncatingIfNeeded: builtin))
            case .document(_, let node): plan.functions(atOrBelow: node, &found)
            case .with(let overrides, _):
                for override in overrides {
                    if case .function(let function) = override.replacement { found.append(function.index) }
                }
            default: break
            }
        }
        return found
    }

    /// The targets that calling a function may reach, itself included; sorted.
    mutating func targets(of function: Int) -> [Int32] {
        guard !targets.isEmpty, calls.indices.contains(function) else { return [] }
        if let known = known[function] { return known }
        var seen = [Bool](repeating: false, count: calls.count)
        var stack = [function]
        var found: [Int32] = []
        while let next = stack.popLast() {
            guard !seen[next] else { continue }
            seen[next] = true
            note(Int32(truncatingIfNeeded: next), &found)
            for callee in calls[next] {
                if callee < 0 {
                    note(callee, &found)
                } else if calls.indices.contains(Int(callee)), !seen[Int(callee)] {
                    stack.append(Int(callee))
                }
            }
        }
        found.sort()
        var unique: [Int32] = []
        for target in found where unique.last != target { unique.append(target) }
        known[function] = unique
        return unique
    }

    private func note(_ target: Int32, _ found: inout [Int32]) {
        if targets.contains(target, sorted: true) { found.append(target) }
    }
}

extension [Int32] {
    /// Whether a sorted array has an element.
    func contains(_ element: Int32, sorted: Bool) -> Bool {
        guard sorted else { return contains(element) }
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < element { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low] == element
    }
}

extension Plan {
    /// Adds the functions of a node of the document tree and of those below it.
    func functions(atOrBelow node: Int32, _ found: inout [Int32]) {
        var pending = [Int(node)]
        while let next = pending.popLast() {
            guard documents.indices.contains(next) else { continue }
            if let function = documents[next].function { found.append(function.index) }
            for child in documents[next].children { pending.append(Int(child)) }
        }
    }
}

extension Block {
    /// Visits every statement, also those of inner blocks; without native recursion.
    func forEachStatement(_ body: (Statement.Kind) -> Void) {
        var pending = [self]
        while let block = pending.popLast() {
            for statement in block.statements {
                body(statement.kind)
                switch statement.kind {
                case .scan(_, _, _, let inner), .block(let inner), .not(let inner), .with(_, let inner),
                    .outside(let inner), .documentScan(_, _, let inner):
                    pending.append(inner)
                case .dispatch(let dispatch): pending.append(contentsOf: dispatch.candidates)
                default: break
                }
            }
        }
    }
}
