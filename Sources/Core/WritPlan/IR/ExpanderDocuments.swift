import WritValue

/// Cursors of the document tree.
///
/// At which nodes a cursor may stand is known where the plan is written. Where it is more than one, or where it may
/// be a value, a local of its own holds the node's number as text. So nothing but what a path meets is computed, as
/// the machine does it.
extension Expander {
    struct Cursor {
        var nodes: [Int32]
        /// The local with the node's number; nil where there is one node only and never a value.
        var tag: Int32?
    }

    mutating func expandDocument(_ target: Local, _ node: Int32) throws(PlanError) {
        guard cursors.indices.contains(target.int), plan.documents.indices.contains(Int(node)) else {
            throw Place().error(.reference, "no such node")
        }
        emit(.reset(local(target)))
        cursors[target.int] = Cursor(nodes: [node], tag: nil)
    }

    private func cursor(_ register: Local) -> Cursor {
        (cursors.indices.contains(register.int) ? cursors[register.int] : nil) ?? Cursor(nodes: [], tag: nil)
    }

    private mutating func tag(_ node: Int32) -> IROperand {
        var text: [UInt8] = []
        text.append(decimal: Int(node))
        return .string(string(text: text))
    }

    /// Ends the block unless the cursor stands at the node.
    private mutating func emitCheck(_ cursor: Cursor, isAt node: Int32) {
        if let tag = cursor.tag { emit(.equal(.local(tag), self.tag(node))) }
    }

    /// The children that are inner nodes here and no values.
    private func innerChildren(of nodes: [Int32]) -> [Int32] {
        var found: [Int32] = []
        for node in nodes {
            for child in plan.documents[Int(node)].children where isInner(child) { found.append(child) }
        }
        return found
    }

    private func isInner(_ node: Int32) -> Bool {
        let document = plan.documents[Int(node)]
        guard let function = document.function, !document.isRule else { return false }
        return !context.contains { $0.target == function.index }
    }

    mutating func expandDocumentDot(_ target: Local, _ source: Local, _ key: Operand) throws(PlanError) {
        let cursor = cursor(source)
        var isText = false
        if case .constant(let constant) = key { isText = constants[constant].isString }
        let key = try operand(key)
        var isOperand = target == source
        if case .local(let used) = key, used == local(target) { isOperand = true }
        let value = isOperand ? fresh() : local(target)
        let inner = innerChildren(of: cursor.nodes)
        let tag: Int32? = inner.isEmpty ? nil : fresh()
        emit(.reset(value))
        if let tag { emit(.reset(tag)) }
        try emitBlock { expander throws(PlanError) in
            for node in cursor.nodes {
                try expander.emitBlock { expander throws(PlanError) in
                    expander.emitCheck(cursor, isAt: node)
                    try expander.emitSteps(from: node, key, value, tag)
                    try expander.emitBaseStep(node, key, value, isText: isText)
                    expander.emit(.leave(1))
                }
            }
            if cursor.tag != nil || cursor.nodes.isEmpty {
                expander.emit(.dot(source: .local(expander.local(source)), key: key, value))
            }
        }
        if let tag {
            let isNeither = [located(.isUndefined(value)), located(.isUndefined(tag))]
            emit(.not(IRBlock(statements: isNeither)))
        } else {
            emit(.isDefined(value))
        }
        if isOperand { emit(.assign(.local(value), local(target))) }
        guard cursors.indices.contains(target.int) else { return }
        cursors[target.int] = Cursor(nodes: inner, tag: tag)
    }

    /// The children of a node that a key may name: a rule's value, or the child as a cursor. Leaves the block around
    /// the alternatives where there is such a child.
    private mutating func emitSteps(
        from node: Int32, _ key: IROperand, _ value: Int32, _ tag: Int32?
    ) throws(PlanError) {
        for child in plan.documents[Int(node)].children {
            let document = plan.documents[Int(child)]
            guard let function = document.function, let name = document.key else { continue }
            try emitBlock { expander throws(PlanError) in
                expander.emit(.equal(key, .string(expander.string(name))))
                if let tag, expander.isInner(child) {
                    expander.emit(.assign(expander.tag(child), tag))
                } else {
                    try expander.emitBlock { expander throws(PlanError) in
                        try expander.call(value, function.int, [])
                    }
                }
                expander.emit(.leave(2))
            }
        }
    }

    private mutating func emitBaseStep(
        _ node: Int32, _ key: IROperand, _ value: Int32, isText: Bool
    ) throws(PlanError) {
        let path = path(ofNode: Int(node))
        try emitBlock { expander throws(PlanError) in
            let base = expander.fresh()
            expander.emitBase(base, path: path)
            try expander.emitBlock { expander throws(PlanError) in
                expander.emit(.dot(source: .local(base), key: key, value))
            }
            guard !isText else { return }
            // Paths into base data are text: `data[2]` is `data["2"]`.
            expander.emit(.isUndefined(value))
            expander.emit(.isObject(.local(base)))
            let type = expander.fresh()
            try expander.call(builtin: "type_name", type, [key])
            expander.emit(.equal(.local(type), .string(expander.string(literal: "number"))))
            let text = expander.fresh()
            try expander.call(builtin: "json.marshal", text, [key])
            expander.emit(.dot(source: .local(base), key: .local(text), value))
        }
    }

    mutating func expandDocumentValue(_ target: Local, _ source: Local) throws(PlanError) {
        let cursor = cursor(source)
        if cursor.tag == nil, cursor.nodes.count == 1 {
            return try emitDocument(of: cursor.nodes[0], local(target))
        }
        let value = fresh()
        emit(.reset(value))
        for node in cursor.nodes {
            try emitBlock { expander throws(PlanError) in
                expander.emitCheck(cursor, isAt: node)
                try expander.emitDocument(of: node, value)
            }
        }
        try emitBlock { expander throws(PlanError) in
            expander.emit(.isDefined(expander.local(source)))
            expander.emit(.assign(.local(expander.local(source)), value))
        }
        emit(.isDefined(value))
        emit(.assign(.local(value), local(target)))
    }

    private mutating func emitDocument(of node: Int32, _ target: Int32) throws(PlanError) {
        if let function = plan.documents[Int(node)].function {
            try call(target, function.int, [])
        } else {
            emitBase(target, path: path(ofNode: Int(node)))
        }
    }

    mutating func expandDocumentScan(_ source: Local, _ key: Local, _ block: Block) throws(PlanError) {
        let cursor = cursor(source)
        let keys = fresh()
        emit(.make(.set, keys))
        for node in cursor.nodes {
            try emitBlock { expander throws(PlanError) in
                expander.emitCheck(cursor, isAt: node)
                for child in expander.plan.documents[Int(node)].children {
                    let document = expander.plan.documents[Int(child)]
                    guard document.function != nil, let name = document.key else { continue }
                    expander.emit(.add(.string(expander.string(name)), to: keys, .set))
                }
                let base = expander.fresh()
                expander.emitBase(base, path: expander.path(ofNode: Int(node)))
                expander.emitKeys(of: base, into: keys)
            }
        }
        if cursor.tag != nil || cursor.nodes.isEmpty {
            try emitBlock { expander throws(PlanError) in
                expander.emit(.isDefined(expander.local(source)))
                expander.emitKeys(of: expander.local(source), into: keys)
            }
        }
        let body = try turn(block)
        emitNested(.scan(source: keys, key: fresh(), value: local(key), body))
    }

    private mutating func emitKeys(of source: Int32, into keys: Int32) {
        let key = fresh()
        let body = IRBlock(statements: [located(.add(.local(key), to: keys, .set))])
        emit(.scan(source: source, key: key, value: fresh(), body))
    }
}
