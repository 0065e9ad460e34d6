import WritValue

extension Raiser {
    /// Finds, before anything is raised, what statements do with locals, and whether input and data stay what they
    /// are but for `with`. Meets blocks in the order of raising.
    mutating func survey(_ blocks: [IRBlock], in outer: Int32) throws(PlanError) {
        for block in blocks { try survey(block, in: outer) }
    }

    private mutating func survey(_ block: IRBlock, in outer: Int32, turn: [Int32]? = nil) throws(PlanError) {
        let number = survey.block(in: outer, isScan: turn != nil)
        for local in turn ?? [] { try survey(target: local, in: number) }
        for statement in block.statements {
            try surveyMentions(statement.kind, in: number)
            switch statement.kind {
            case .block(let blocks): try survey(blocks, in: number)
            case .scan(_, let key, let value, let block): try survey(block, in: number, turn: [key, value])
            case .not(let block), .with(_, _, _, let block): try survey(block, in: number)
            default: break
            }
        }
    }

    private mutating func surveyMentions(_ kind: IRStatement.Kind, in block: Int32) throws(PlanError) {
        var read: [Int32] = []
        var written: [Int32] = []
        kind.mentions(read: { read.append($0) }, write: { written.append($0) })
        for local in read { survey.read(try register(local), in: block) }
        if case .with = kind {
            for local in written { survey.write(try register(local), in: block) }
            return
        }
        for local in written { try survey(target: local, in: block) }
        switch kind {
        case .make(_, let target): survey.make(try register(target))
        case .add(_, let target, _), .insert(_, _, let target, _):
            survey.add(try register(target), in: block)
            try changesDocument(target)
        default: break
        }
    }

    private mutating func survey(target: Int32, in block: Int32) throws(PlanError) {
        survey.write(try register(target), in: block)
        try changesDocument(target)
    }

    private mutating func changesDocument(_ local: Int32) throws(PlanError) {
        guard let documents else { return }
        let target = try register(local)
        if target == documents.input || target == documents.data { self.documents = nil }
    }

    mutating func raise(
        _ blocks: [IRBlock], _ builtins: (_ name: [UInt8]) -> PlanBuiltin?
    ) throws(PlanError) {
        place.push("blocks")
        for index in blocks.indices {
            place.push(index)
            let block = try inBlock { raiser throws(PlanError) in try raiser.raise(blocks[index], builtins) }
            emit(.block(block))
            place.pop()
        }
        place.pop()
    }

    private mutating func raise(
        _ block: IRBlock, _ builtins: (_ name: [UInt8]) -> PlanBuiltin?
    ) throws(PlanError) {
        place.push("stmts")
        for index in block.statements.indices {
            place.push(index)
            place.push("stmt")
            if case .make(let kind, let target) = block.statements[index].kind {
                try lookForLiteral(kind, target, block.statements, index)
            }
            try raise(block.statements[index], builtins)
            place.pop(2)
        }
        place.pop()
    }

    private mutating func raise(
        _ statement: IRStatement, _ builtins: (_ name: [UInt8]) -> PlanBuiltin?
    ) throws(PlanError) {
        range =
            statement.file < 0
            ? .none : SourceRange(file: UInt32(statement.file), start: statement.row, end: statement.column)
        switch statement.kind {
        case .block(let blocks): try raise(blocks, builtins)
        case .not(let block):
            let inner = try inBlock { raiser throws(PlanError) in try raiser.raiseBlock(block, builtins) }
            emit(.not(inner))
        case .scan(let source, let key, let value, let block):
            try raiseScan(source, key, value, block, builtins)
        case .with(let local, let path, let value, let block):
            try raiseWith(try register(local), path, value, block, builtins)
        case .call(let name, let operands, let result): try raiseCall(name, operands, result, builtins)
        case .callDynamic(let path, let arguments, let result): try raiseDynamicCall(path, arguments, result)
        default: try raiseSimple(statement.kind)
        }
    }

    private mutating func raiseScan(
        _ source: Int32, _ key: Int32, _ value: Int32, _ block: IRBlock, _ builtins: (_ name: [UInt8]) -> PlanBuiltin?
    ) throws(PlanError) {
        let source = try reading(source)
        let key = try writing(key)
        let value = try writing(value)
        // Each turn but the first comes from the end of the one before.
        forget()
        let inner = try inBlock { raiser throws(PlanError) in
            raiser.nowDefined(key)
            raiser.nowDefined(value)
            raiser.keep(key)
            raiser.keep(value)
            try raiser.raiseBlock(block, builtins)
        }
        emit(.scan(.collection(.local(source)), key: key, value: value, inner))
    }

    private mutating func raiseBlock(
        _ block: IRBlock, _ builtins: (_ name: [UInt8]) -> PlanBuiltin?
    ) throws(PlanError) {
        place.push("block")
        try raise(block, builtins)
        place.pop()
    }

    /// Statements without blocks and calls.
    private mutating func raiseSimple(_ kind: IRStatement.Kind) throws(PlanError) {
        switch kind {
        case .assign(let source, let target): try raiseAssign(source, target)
        case .assignOnce(let source, let target):
            let source = try storing(source)
            _ = try reading(target)
            emit(.assignOnce(try writing(target), source, conflict))
        case .assignInteger(let number, let target): try writeConstant(constant(.integer(number)), target)
        case .makeNull(let target): try writeConstant(constant(.null), target)
        case .makeNumber(let index, let target): try writeConstant(try number(index), target)
        case .reset(let target): emit(.reset(try writing(target, defined: false)))
        case .make(let kind, let target): try raiseMake(kind, target)
        case .add(let value, let target, let kind): try raiseAdd(value, target, kind)
        case .insert(let key, let value, let target, let once): try raiseInsert(key, value, target, once)
        case .merge(let base, let over, let target):
            let base = try reading(base)
            let over = try reading(over)
            // OPA's first operand stands where both have a value.
            try write(target, defined: false) { .merge($0, .local(over), .local(base)) }
        case .dot(let source, let key, let target):
            let source = try dotSource(source)
            let key = try dotKey(try reading(key), of: source)
            try write(target) { .dot($0, source, key) }
        case .length(let source, let target):
            let source = try reading(source)
            emit(.length(try writing(target), source))
        case .leave(let count): try raiseLeave(count)
        case .addResult(let local): emit(.emit(try storing(.local(local))))
        case .returnLocal(let local): emit(.yield(try reading(.local(local))))
        default: try raiseCheck(kind)
        }
    }

    private mutating func raiseCheck(_ kind: IRStatement.Kind) throws(PlanError) {
        switch kind {
        case .equal(let a, let b):
            let a = try reading(a)
            emit(.equal(a, try reading(b)))
        case .notEqual(let a, let b):
            let a = try reading(a)
            emit(.notEqual(a, try reading(b)))
        case .isArray(let value): emit(.isArray(try reading(value)))
        case .isObject(let value): emit(.isObject(try reading(value)))
        case .isSet(let value): emit(.isSet(try reading(value)))
        case .isDefined(let local):
            let local = try register(local)
            emit(.isDefined(local))
            nowDefined(local)
        case .isUndefined(let local): emit(.isUndefined(try register(local)))
        default: break
        }
    }

    /// The machine looks into gatherings too, which keeps adding to nested objects linear.
    private mutating func dotSource(_ source: IROperand) throws(PlanError) -> Operand {
        guard case .local(let local) = source else { return try reading(source) }
        let register = try register(local)
        return holding(register) == .value ? try reading(source) : .local(register)
    }

    /// Paths into base data are text: `data[2]` is `data["2"]`.
    private mutating func dotKey(_ key: Operand, of source: Operand) throws(PlanError) -> Operand {
        guard case .constant(let constant) = key, case .local(let local) = source, local == documents?.data else {
            return key
        }
        let space = builder.space
        let number = builder.value(constant)
        guard number.isNumber, let text = space.withNumberText(number, { try? space.string($0) }) else { return key }
        return .constant(self.constant(text))
    }

    private mutating func number(_ index: Int32) throws(PlanError) -> Int32 {
        let text = document.strings[Int(index)]
        let value: Value
        do throws(JSONError) { value = try builder.space.readJSON(builder.space.bytes(text)) } catch {
            throw place.error(.form, "names a static string that is no number", key: "index")
        }
        guard value.isNumber else {
            throw place.error(.form, "names a static string that is no number", key: "index")
        }
        return constant(value)
    }

    private mutating func raiseLeave(_ count: Int) throws(PlanError) {
        guard count < scopes.count else {
            throw place.error(.reference, "leaves more blocks than there are", key: "index")
        }
        for scope in scopes.suffix(count).reversed() {
            if case .with(let local, let saved) = scope { emit(.assign(local, .local(saved))) }
        }
        emit(.leave(count))
    }

    /// A `with`: undefined when its block is.
    private mutating func raiseWith(
        _ local: Local, _ path: [Int32], _ value: IROperand, _ block: IRBlock,
        _ builtins: (_ name: [UInt8]) -> PlanBuiltin?
    ) throws(PlanError) {
        // A whole document may be put back to "there is none"; a path is only set to a value.
        let value = path.isEmpty ? try reading(value) : try storing(value)
        let target = reading(local)
        let saved = try fresh()
        let isDefined = try fresh()
        emit(.assign(saved, .local(target)))
        emit(.reset(isDefined))
        if path.isEmpty {
            emit(.assign(target, value))
            nowMayBeUndefined(target)
        } else {
            var keys: [Operand] = []
            for index in path { keys.append(.constant(string(index))) }
            emit(.upsert(target, .local(target), path: keys, value: value))
        }
        nowHolds(target, .value)
        keep(target)
        let inner = try inBlock(.with(target, saved: saved)) { raiser throws(PlanError) in
            try raiser.raiseBlock(block, builtins)
            raiser.emit(.assign(isDefined, .constant(raiser.constant(.true))))
        }
        // The context of its own makes memoised results of outside invisible inside, and the other way round.
        emit(.with([], inner))
        emit(.assign(target, .local(saved)))
        nowHolds(target, .value)
        nowMayBeUndefined(target)
        keep(target)
        emit(.isDefined(isDefined))
    }
}
