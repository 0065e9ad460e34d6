import WritPlan
import WritValue

extension Assembler {
    mutating func assemble(_ statement: Statement) throws(Fault) {
        // Statements with blocks have functions of their own, so that deep nesting meets only small frames.
        switch statement.kind {
        case .block, .not, .leave, .yield, .dispatch, .with, .outside, .scan, .documentScan:
            try assembleControl(statement)
        default: try assembleSimple(statement)
        }
    }

    private mutating func assembleSimple(_ statement: Statement) throws(Fault) {
        switch statement.kind {
        case .assign(let target, let value):
            emit(Instruction(.move, a: register(target), b: operand(value)))
        case .assignOnce(let target, let value, let conflict):
            emit(Instruction(.moveOnce, a: register(target), b: operand(value), c: Int32(conflict.rawValue)))
        case .reset(let target): emit(Instruction(.reset, a: register(target)))
        case .keep(let target): emit(Instruction(.keep, a: register(target)))

        case .makeArray(let target, let values): emitList(.makeArray, target, values)
        case .makeSet(let target, let values): emitList(.makeSet, target, values)
        case .makeObject(let target, let entries):
            emitList(.makeObject, target, entries.flatMap { [$0.key, $0.value] })
        case .makeRecord(let target, let template, let values):
            let (start, count) = list(values)
            emit(Instruction(.makeRecord, a: register(target), b: start, c: count, target: template))
        case .gather(let target, let kind):
            emit(Instruction(.gather, a: register(target), b: Int32(kind.rawValue)))
        case .add(let target, let value): emit(Instruction(.add, a: register(target), b: operand(value)))
        case .insert(let target, let key, let value, let conflict):
            emit(
                Instruction(
                    .insert, a: register(target), b: operand(key), c: operand(value), target: Int32(conflict.rawValue)))
        case .insertPath(let target, let path, let value, let conflict):
            let (start, count) = list(path)
            if let value { operands.append(operand(value)) }
            emit(
                Instruction(
                    .insertPath, a: register(target), b: start, c: count,
                    target: Int32(conflict.rawValue) | (value == nil ? 0 : 256)))
        case .gathered(let target, let source):
            emit(Instruction(.gathered, a: register(target), b: source.index))
        case .regather(let target, let kind):
            emit(Instruction(.regather, a: register(target), b: Int32(kind.rawValue), target: failure))
        case .upsert(let target, let source, let path, let value):
            emitList(.upsert, target, [source] + path + [value])
        case .merge(let target, let base, let over):
            emit(Instruction(.merge, a: register(target), b: operand(base), c: operand(over)))

        case .dot(let target, let source, let key):
            emit(Instruction(.dot, a: register(target), b: operand(source), c: operand(key), target: failure))
        case .length(let target, let source):
            emit(Instruction(.length, a: register(target), b: operand(source), target: failure))

        case .equal(let a, let b): emitCheck(.equal, a, b)
        case .notEqual(let a, let b): emitCheck(.notEqual, a, b)
        case .ordered(let a, let ordering, let b):
            switch ordering {
            case .less: emitCheck(.less, a, b)
            case .lessOrEqual: emitCheck(.lessOrEqual, a, b)
            case .greater: emitCheck(.greater, a, b)
            case .greaterOrEqual: emitCheck(.greaterOrEqual, a, b)
            }
        case .truthy(let value): emit(Instruction(.truthy, b: operand(value), target: failure))
        case .isDefined(let local): emit(Instruction(.isDefined, a: register(local), target: failure))
        case .isUndefined(let local): emit(Instruction(.isUndefined, a: register(local), target: failure))
        case .isArray(let value): emit(Instruction(.isArray, b: operand(value), target: failure))
        case .isObject(let value): emit(Instruction(.isObject, b: operand(value), target: failure))
        case .isSet(let value): emit(Instruction(.isSet, b: operand(value), target: failure))
        case .isCollection(let value): emit(Instruction(.isCollection, b: operand(value), target: failure))
        case .isTuple(let value, let count):
            emit(
                Instruction(.isTuple, b: operand(value), c: Int32(truncatingIfNeeded: count), target: failure))
        case .hasKeyCount(let value, let count):
            emit(
                Instruction(.hasKeyCount, b: operand(value), c: Int32(truncatingIfNeeded: count), target: failure))

        case .call(let target, let function, let values):
            let record = callRecord(function.int, values)
            emit(Instruction(.call, a: register(target), b: record, target: failure))
        case .builtin(let target, let builtin, let values):
            let record = callRecord(builtin, values)
            emit(Instruction(.builtin, a: register(target), b: record, target: failure))
        case .host(let target, let builtin, let values):
            let record = callRecord(builtin, values)
            emit(Instruction(.host, a: register(target), b: record, target: failure))
        case .print(let values):
            let (start, count) = list(values)
            emit(Instruction(.print, b: start, c: count))
        case .emit(let value): emit(Instruction(.emit, b: operand(value)))

        case .input(let target): emit(Instruction(.input, a: register(target), target: failure))
        case .data(let target): emit(Instruction(.data, a: register(target)))
        case .document(let target, let node): emit(Instruction(.document, a: register(target), b: node))
        case .documentDot(let target, let source, let key):
            emit(Instruction(.documentDot, a: register(target), b: source.index, c: operand(key), target: failure))
        case .documentValue(let target, let source):
            emit(Instruction(.documentValue, a: register(target), b: source.index, target: failure))

        case .mark(let local): emit(Instruction(.mark, a: register(local)))
        case .rewind(let local): emit(Instruction(.rewind, a: register(local)))
        case .trace(let event, let id):
            if isTraced { emit(Instruction(.trace, b: Int32(event.rawValue), c: id)) }
        case .block, .not, .leave, .yield, .dispatch, .with, .outside, .scan, .documentScan: throw Fault(.defect)
        }
    }

    private mutating func emitList(_ opcode: Opcode, _ target: Local, _ values: [Operand]) {
        let (start, count) = list(values)
        emit(Instruction(opcode, a: register(target), b: start, c: count))
    }

    private mutating func emitCheck(_ opcode: Opcode, _ a: Operand, _ b: Operand) {
        emit(Instruction(opcode, b: operand(a), c: operand(b), target: failure))
    }

    private mutating func assembleScan(
        _ generator: Generator, _ key: Local?, _ value: Local?, _ block: Block
    ) throws(Fault) {
        let state = take(2)
        let next = newLabel()
        let end = newLabel()
        let measuresTurns = isMeasured && generator.isWalk
        let over = measuresTurns ? newLabel() : end
        let step = assembleStart(of: generator, state, end: end)
        // A turn that makes values forgets them before the next one.
        let rewinds = block.makesTemporaries
        let mark = rewinds ? take(1) : 0
        if rewinds { emit(Instruction(.mark, a: mark)) }
        let turn = newLabel()
        place(turn)
        if measuresTurns { measure(.begin, MeasuredStep.builtinCall.rawValue) }
        emitStep(step, state, key, value, end: over)
        if measuresTurns { measure(.end) }
        if isMeasured, takesElements(generator) { measure(.element) }
        try assemble(block, end: next)
        place(next)
        if rewinds { emit(Instruction(.rewind, a: mark)) }
        jump(turn)
        if measuresTurns {
            place(over)
            measure(.end)
        }
        place(end)
        if rewinds { release(1) }
        release(2)
    }

    /// What begins a loop; gives the opcode of its turns.
    private mutating func assembleStart(of generator: Generator, _ state: UInt16, end: Int32) -> Opcode {
        switch generator {
        case .collection(let source):
            emit(Instruction(.scanStart, a: state, b: operand(source), target: end))
            return .scanNext
        case .walk(let source):
            emit(Instruction(.walkStart, a: state, b: operand(source)))
            return .walkNext
        case .range(let from, let to):
            emit(Instruction(.rangeStart, a: state, b: operand(from), c: operand(to), target: end))
            return .rangeNext
        }
    }

    private mutating func emitStep(_ step: Opcode, _ state: UInt16, _ key: Local?, _ value: Local?, end: Int32) {
        emit(Instruction(step, a: state, b: key?.index ?? -1, c: value?.index ?? -1, target: end))
    }

    private mutating func assembleControl(_ statement: Statement) throws(Fault) {
        switch statement.kind {
        case .block(let block): try assembleBlock(block)
        case .not(let block): try assembleNot(block)
        case .scan(let generator, let key, let value, let block): try assembleScan(generator, key, value, block)
        case .documentScan(let source, let key, let block): try assembleDocumentScan(source, key, block)
        case .leave(let count): assembleLeave(count)
        case .yield(let value): emit(Instruction(.yield, b: operand(value)))
        case .dispatch(let dispatch): try assembleDispatch(dispatch)
        case .with(let overrides, let block): try assembleWith(overrides, block)
        case .outside(let block): try assembleOutside(block)
        default: throw Fault(.defect)
        }
    }

    private mutating func assembleBlock(_ block: Block) throws(Fault) {
        let end = newLabel()
        try assemble(block, end: end)
        place(end)
    }

    private mutating func assembleNot(_ block: Block) throws(Fault) {
        let holds = newLabel()
        let outer = failure
        measuring.negations += 1
        try assemble(block, end: holds)
        measuring.negations -= 1
        jump(outer)
        place(holds)
    }

    private mutating func assembleDocumentScan(_ source: Local, _ key: Local, _ block: Block) throws(Fault) {
        let keys = take(1)
        emit(Instruction(.documentKeys, a: keys, b: source.index))
        try assembleScan(.collection(.local(Local(Int(keys)))), nil, key, block)
        release(1)
    }

    private mutating func assembleWith(_ overrides: [Override], _ block: Block) throws(Fault) {
        let context = take(2)
        let end = newLabel()
        self.overrides.append(overrides.map { compiled($0) })
        emit(Instruction(.withEnter, a: context, b: Int32(truncatingIfNeeded: self.overrides.count - 1)))
        contexts.append(context)
        try assemble(block, end: end, exit: .leaveContext(context))
        contexts.removeLast()
        place(end)
        emit(Instruction(.withLeave, a: context))
        release(2)
    }

    private mutating func assembleOutside(_ block: Block) throws(Fault) {
        guard let context = contexts.popLast() else { throw Fault(.defect) }
        let end = newLabel()
        emit(Instruction(.contextSet, a: context))
        try assemble(block, end: end, exit: .setContext(context + 1))
        place(end)
        emit(Instruction(.contextSet, a: context + 1))
        contexts.append(context)
    }

    private func compiled(_ override: Override) -> CompiledOverride {
        var value: Int32 = 0
        if case .value(let replaced) = override.replacement { value = operand(replaced) }
        return CompiledOverride(target: override.target, operand: value, replacement: override.replacement)
    }

    private mutating func assembleLeave(_ count: Int) {
        guard count < scopes.count else { return }
        for scope in scopes[(scopes.count - count)...].reversed() {
            switch scope.exit {
            case .nothing: break
            case .leaveContext(let context): emit(Instruction(.withLeave, a: context))
            case .setContext(let context): emit(Instruction(.contextSet, a: context))
            }
        }
        jump(scopes[scopes.count - 1 - count].end)
    }

    private mutating func assembleDispatch(_ dispatch: Dispatch) throws(Fault) {
        var isPlain = dispatch.keys.isEmpty
        if case .candidates = dispatch.index { isPlain = true }
        if isPlain {
            measureChoice(nil)
            for candidate in dispatch.candidates {
                if isMeasured { measuring.beginCandidate(candidate) }
                let end = newLabel()
                try assemble(candidate, end: end)
                place(end)
            }
            return
        }
        let state = take(1)
        let next = newLabel()
        let end = newLabel()
        var table = DispatchTable(
            keys: dispatch.keys.map { $0.index }, nodes: [], branches: [], lists: [],
            starts: dispatch.candidates.map { _ in newLabel() })
        flatten(dispatch.index, into: &table)
        let number = dispatches.count
        dispatches.append(table)
        emit(Instruction(.dispatchStart, a: state, b: Int32(truncatingIfNeeded: number)))
        measureChoice(state)
        place(next)
        emit(Instruction(.dispatchNext, a: state, b: Int32(truncatingIfNeeded: number), target: end))
        // A candidate leaves the dispatch as it would leave a plain block: its own end, then the next candidate.
        for (index, candidate) in dispatch.candidates.enumerated() {
            place(table.starts[index])
            if isMeasured { measuring.beginCandidate(candidate) }
            try assemble(candidate, end: next)
            jump(next)
        }
        place(end)
        release(1)
    }

    @discardableResult
    private mutating func flatten(_ node: IndexNode, into table: inout DispatchTable) -> Int32 {
        let number = table.nodes.count
        table.nodes.append(.leaf(start: 0, count: 0))
        switch node {
        case .candidates(let list):
            table.nodes[number] = .leaf(
                start: Int32(truncatingIfNeeded: table.lists.count), count: Int32(truncatingIfNeeded: list.count))
            table.lists.append(contentsOf: list)
        case .branch(let key, let branches, let otherwise):
            var compiled: [DispatchTable.Branch] = []
            for branch in branches {
                let child = flatten(branch.node, into: &table)
                compiled.append(
                    .init(
                        hash: constants.space.hash(constants[branch.constant]), constant: branch.constant, node: child))
            }
            compiled.sort { $0.hash < $1.hash }
            let start = table.branches.count
            table.branches.append(contentsOf: compiled)
            let other = flatten(otherwise, into: &table)
            table.nodes[number] = .branch(
                key: Int32(truncatingIfNeeded: key), start: Int32(truncatingIfNeeded: start),
                count: Int32(truncatingIfNeeded: compiled.count), otherwise: other)
        }
        return Int32(truncatingIfNeeded: number)
    }
}

extension Block {
    /// Whether running it may make values that are dead at its end.
    var makesTemporaries: Bool {
        for statement in statements {
            switch statement.kind {
            case .makeArray, .makeSet, .makeObject, .makeRecord, .gathered, .merge, .upsert, .call, .builtin, .host,
                .documentDot, .documentScan, .documentValue, .with:
                return true
            case .scan(let generator, _, _, let block):
                if case .walk = generator { return true }
                if block.makesTemporaries { return true }
            case .block(let block), .not(let block), .outside(let block):
                if block.makesTemporaries { return true }
            case .dispatch(let dispatch):
                for candidate in dispatch.candidates where candidate.makesTemporaries { return true }
            default: break
            }
        }
        return false
    }
}
