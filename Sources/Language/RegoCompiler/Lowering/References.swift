import RegoSyntax
import WritPlan
import WritSource
import WritValue

extension Lowering {
    mutating func lower(_ reference: ResolvedReference, _ state: inout FunctionState) throws(LoweringError) -> Operand {
        var parts = reference.parts[...]
        var value: Operand
        switch reference.base {
        case .input:
            let input = state.emitter.local()
            state.emitter.emit(.input(input))
            record.reads.insert(.input)
            value = .local(input)
        case .variable(let variable):
            guard let bound = state[variable] else {
                throw LoweringError(code: .unbound, span: reference.span)
            }
            value = bound
        case .term(let term): value = try lower(term, &state)
        case .data: value = try lowerDocumentReference(&parts, &state)
        }
        for part in parts { value = try step(into: value, part, &state) }
        return value
    }

    /// One part of a reference into a value: a look-up, or a loop that binds what is unbound in it.
    private mutating func step(
        into value: Operand, _ part: ResolvedTerm, _ state: inout FunctionState
    ) throws(LoweringError) -> Operand {
        guard state.emitter.depth < Self.depthLimit else { throw LoweringError(code: .tooDeep, span: part.span) }
        let result = state.emitter.local()
        if case .variable(let variable) = part.kind, state.isUnbound(variable) {
            let key: Local? = isWildcard(variable, state) ? nil : state.emitter.local()
            state.emitter.open(.scan(.collection(value), key: key, value: result))
            if let key { state.bind(variable, .local(key)) }
            return .local(result)
        }
        if hasUnbound(part, state) {
            let key = state.emitter.local()
            state.emitter.open(.scan(.collection(value), key: key, value: result))
            try unify(part, .local(key), &state)
            return .local(result)
        }
        let key = try lower(part, &state)
        state.emitter.emit(.dot(result, value, key))
        return .local(result)
    }

    func isWildcard(_ variable: Variable, _ state: FunctionState) -> Bool {
        state.variables.indices.contains(variable.int)
            && policy.names.isWildcard(state.variables[variable.int])
    }

    // MARK: References into the document tree

    /// Consumes the parts that lie in the tree of packages and rules.
    private mutating func lowerDocumentReference(
        _ parts: inout ArraySlice<ResolvedTerm>, _ state: inout FunctionState
    ) throws(LoweringError) -> Operand {
        var node = 0
        var here = look(at: node)
        while let part = parts.first {
            guard here.hasDocument else { break }
            guard case .string(let key) = part.kind else { return try lowerCursor(at: node, &parts, &state) }
            guard let next = child(of: node, key) else {
                // Beside all rules: base data alone.
                return lowerBase(node, &state)
            }
            node = next
            here = look(at: node)
            parts = parts.dropFirst()
            if here.group >= 0 { return call(group: Int(here.group), &state) }
        }
        guard here.hasDocument, here.function >= 0 else { return lowerBase(node, &state) }
        record.callees.insert(Int(here.function))
        record.reads.insert(.data)
        let result = state.emitter.local()
        state.emitter.emit(.call(result, FunctionID(Int(here.function)), []))
        return .local(result)
    }

    mutating func call(group: Int, _ state: inout FunctionState) -> Operand {
        if let constant = foldedConstant(ofGroup: group) { return .constant(constant) }
        let function = self.function(ofGroup: group)
        let result = state.emitter.local()
        if isTraced { state.emitter.emit(.trace(.call, id: function.index)) }
        state.emitter.emit(.call(result, function, []))
        return .local(result)
    }

    /// The function of a group, which is called here.
    mutating func function(ofGroup group: Int) -> FunctionID {
        let function = FunctionID(Int(lowered.groupFunctions[group]))
        record.callees.insert(function.int)
        return function
    }

    private mutating func lowerBase(_ node: Int, _ state: inout FunctionState) -> Operand {
        record.reads.insert(.data)
        var value = state.emitter.local()
        state.emitter.emit(.data(value))
        for key in path(of: node) {
            let next = state.emitter.local()
            state.emitter.emit(.dot(next, .local(value), .constant(constant(string: key))))
            value = next
        }
        return .local(value)
    }

    /// Steps whose keys are known at run time only: a cursor goes down the tree until it meets a value.
    private mutating func lowerCursor(
        at node: Int, _ parts: inout ArraySlice<ResolvedTerm>, _ state: inout FunctionState
    ) throws(LoweringError) -> Operand {
        record.reads.insert(.data)
        lookBelow(node)
        addCallees(below: node, parts)
        var cursor = state.emitter.local()
        state.emitter.emit(.document(cursor, node: Int32(node)))
        // Deeper than the tree goes there are only values.
        var levels = height(node)
        while levels > 0, let part = parts.first {
            guard state.emitter.depth < Self.depthLimit else { throw LoweringError(code: .tooDeep, span: part.span) }
            levels -= 1
            parts = parts.dropFirst()
            let next = state.emitter.local()
            if hasUnbound(part, state) {
                let key = state.emitter.local()
                state.emitter.open(.documentScan(from: cursor, key: key))
                try unify(part, .local(key), &state)
                state.emitter.emit(.documentDot(next, from: cursor, key: .local(key)))
            } else {
                let key = try lower(part, &state)
                state.emitter.emit(.documentDot(next, from: cursor, key: key))
            }
            cursor = next
        }
        let result = state.emitter.local()
        state.emitter.emit(.documentValue(result, from: cursor))
        return .local(result)
    }

    /// Levels of the tree below a node that lead to documents.
    private mutating func height(_ node: Int) -> Int {
        if let known = heights[node] { return known }
        var level = [node]
        var height = 0
        while true {
            let next = level.flatMap { policy.tree[$0].children.map { Int($0) } }.filter { hasDocument[$0] }
            if next.isEmpty { break }
            height += 1
            level = next
        }
        heights[node] = height
        return height
    }

    /// Everything that a reference with these parts may call, for purity.
    private mutating func addCallees(below node: Int, _ parts: ArraySlice<ResolvedTerm>) {
        let keys: [Name?] = parts.map { part in
            if case .string(let key) = part.kind { return key }
            return nil
        }
        let path = OpenPath(node: Int32(truncatingIfNeeded: node), keys: keys)
        let callees: [Int32]
        if let known = openCallees[path] {
            callees = known
        } else {
            callees = self.callees(path)
            openCallees[path] = callees
        }
        if !callees.isEmpty { record.openCallees.append(callees) }
    }

    /// The functions that stand at or below the end of a path, or at a rule on the way, in order.
    private func callees(_ path: OpenPath) -> [Int32] {
        var found: Set<Int32> = []
        var nodes = [path.node]
        for key in path.keys {
            var next: [Int32] = []
            for node in nodes {
                for child in policy.tree[Int(node)].children {
                    if let key, policy.tree[Int(child)].key != key { continue }
                    // A rule's value, or a node further down.
                    if builder.plan.documents[Int(child)].isRule, let callee = callee(child) { found.insert(callee) }
                    next.append(child)
                }
            }
            nodes = next
        }
        while let next = nodes.popLast() {
            if let callee = callee(next) { found.insert(callee) }
            nodes += policy.tree[Int(next)].children
        }
        return found.sorted()
    }

    private func callee(_ node: Int32) -> Int32? {
        builder.plan.documents[Int(node)].function.map { Int32(truncatingIfNeeded: $0.int) }
    }
}
