import WritValue

/// Blocks, and how they are left.
///
/// A BreakStmt leaves blocks of BlockStmts alone, as in OPA's own plans: executors differ in what else it may leave.
/// Leaving a block from inside a loop sets a flag; behind every statement on the way out, and at the start of each
/// turn, the flag ends the block at hand.
extension Expander {
    /// Nested blocks that are written, at most: more than OPA's and our readers take anyhow.
    static var depthLimit: Int { 400 }

    mutating func expand(statements block: Block) throws(PlanError) {
        for (index, statement) in block.statements.enumerated() {
            range = statement.range
            let isLast = index == block.statements.count - 1 && scopes.last?.isNegated == false
            try expand(statement.kind, isLast: isLast)
        }
    }

    /// What `body` emits as a block of its own.
    mutating func inBlock(
        isPlain: Bool = true, isNegated: Bool = false, _ body: (inout Expander) throws(PlanError) -> Void
    ) throws(PlanError) -> IRBlock {
        guard scopes.count < Self.depthLimit else {
            throw Place().error(.limit, "blocks would nest more deeply than plans may")
        }
        let outer = output
        let outerRange = range
        output = []
        scopes.append(Scope(isPlain: isPlain, isNegated: isNegated))
        try body(&self)
        if let flag = scopes.popLast()?.flag { output.insert(located(.reset(flag)), at: 0) }
        while escapes.last == scopes.count { escapes.removeLast() }
        let made = IRBlock(statements: output)
        output = outer
        range = outerRange
        return made
    }

    /// A block of ours as a block of the IR.
    mutating func block(_ block: Block, isPlain: Bool, isNegated: Bool = false) throws(PlanError) -> IRBlock {
        try inBlock(isPlain: isPlain, isNegated: isNegated) { expander throws(PlanError) in
            try expander.expand(statements: block)
        }
    }

    /// The body of a loop, which ends at once where a turn before has left it.
    mutating func turn(_ block: Block) throws(PlanError) -> IRBlock {
        var body = try self.block(block, isPlain: false)
        for escape in escapes.reversed() {
            if let flag = scopes[escape].flag { body.statements.insert(located(.isUndefined(flag)), at: 0) }
        }
        return body
    }

    /// A statement with blocks, and behind it what ends the block at hand where that is being left.
    mutating func emitNested(_ kind: IRStatement.Kind) {
        emit(kind)
        emitEscapes()
    }

    private mutating func emitEscapes() {
        for escape in escapes {
            if let flag = scopes[escape].flag { emit(.isUndefined(flag)) }
        }
    }

    /// A BlockStmt of one block; going on after it whether that is defined or not.
    mutating func emitBlock(_ body: (inout Expander) throws(PlanError) -> Void) throws(PlanError) {
        let block = try inBlock(body)
        emitNested(.block([block]))
    }

    mutating func expandLeave(_ count: Int) throws(PlanError) {
        let target = scopes.count - 1 - count
        guard scopes.indices.contains(target), scopes[target].isPlain else {
            throw Place().error(.unsupported, "a block that is no block of a BlockStmt is left")
        }
        if !scopes[target...].contains(where: { !$0.isPlain }) { return emit(.leave(count)) }
        let flag = scopes[target].flag ?? fresh()
        scopes[target].flag = flag
        if !escapes.contains(target) {
            escapes.append(target)
            escapes.sort()
        }
        emit(.assign(.boolean(true), flag))
        emit(.isUndefined(flag))
    }

    mutating func expandDispatch(_ dispatch: Dispatch) throws(PlanError) {
        var blocks: [IRBlock] = []
        for candidate in dispatch.candidates {
            let before = escapes
            var block = try self.block(candidate, isPlain: true)
            for escape in before.reversed() {
                guard let flag = scopes[escape].flag else { continue }
                block.statements.insert(located(.isUndefined(flag)), at: 0)
            }
            blocks.append(block)
        }
        emitNested(.block(blocks))
    }

    mutating func expandNested(_ kind: Statement.Kind, isLast: Bool) throws(PlanError) {
        switch kind {
        case .block(let block): emitNested(.block([try self.block(block, isPlain: true)]))
        case .not(let block): emitNested(.not(try self.block(block, isPlain: false, isNegated: true)))
        case .scan(let generator, let key, let value, let block):
            try expandScan(generator, key, value, block)
        case .documentScan(let source, let key, let block): try expandDocumentScan(source, key, block)
        case .dispatch(let dispatch): try expandDispatch(dispatch)
        case .with(let overrides, let block): try expandWith(overrides, block, isLast: isLast)
        case .outside(let block): try expandOutside(block, isLast: isLast)
        default: break
        }
    }

    // MARK: Loops

    private mutating func optional(_ register: Local?) -> Int32 { register.map { local($0) } ?? fresh() }

    private mutating func expandScan(
        _ generator: Generator, _ key: Local?, _ value: Local?, _ block: Block
    ) throws(PlanError) {
        switch generator {
        case .collection(let source):
            let source = local(holding: try operand(source))
            let body = try turn(block)
            emitNested(.scan(source: source, key: optional(key), value: optional(value), body))
        case .walk(let source):
            // OPA's relation gives all pairs at once.
            let pairs = fresh()
            try call(builtin: "walk", pairs, [try operand(source)])
            let pair = fresh()
            var body = try turn(block)
            var heads: [IRStatement] = []
            for (index, target) in [key, value].enumerated() {
                guard let target else { continue }
                let position = fresh()
                heads.append(located(.assignInteger(Int64(index), position)))
                heads.append(located(.dot(source: .local(pair), key: .local(position), local(target))))
            }
            body.statements.insert(contentsOf: heads, at: 0)
            emitNested(.scan(source: pairs, key: fresh(), value: pair, body))
        case .range(let from, let to):
            let numbers = fresh()
            try call(builtin: "numbers.range", numbers, [try operand(from), try operand(to)])
            let body = try turn(block)
            emitNested(.scan(source: numbers, key: fresh(), value: optional(value), body))
        }
    }
}
