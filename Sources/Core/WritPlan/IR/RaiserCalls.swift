import WritValue

extension Raiser {
    mutating func raiseCall(
        _ name: [UInt8], _ operands: [IROperand], _ result: Int32,
        _ builtins: (_ name: [UInt8]) -> PlanBuiltin?
    ) throws(PlanError) {
        var values: [Operand] = []
        for operand in operands { values.append(try reading(operand)) }
        if let function = names.find(name, document.functions) {
            guard values.count == document.functions[function].parameters.count else {
                throw place.error(.reference, "does not fit the function's parameters", key: "args")
            }
            noteCall(function, values)
            try write(result) { .call($0, FunctionID(function), values) }
            return
        }
        guard let builtin = builtins(name) else {
            throw error(.reference, "no function or builtin has this name: ", name)
        }
        let count = builtin.kind == .print || builtin.kind == .mark ? 1 : builtin.operandCount
        if builtin.kind == .missing { throw error(.unsupported, "this build does not have the builtin ", name) }
        guard values.count == count else {
            throw place.error(.reference, "does not fit the builtin's parameters", key: "args")
        }
        switch builtin.kind {
        case .pure: try write(result) { .builtin($0, builtin: builtin.number, values) }
        case .host: try write(result) { .host($0, builtin: builtin.number, values) }
        case .walk:
            if case .local(let local) = values[0] { emit(.isDefined(local)) }
            try raiseWalk(values[0], try writing(result))
        case .print:
            emit(.print(values))
            try writeConstant(constant(.true), result)
        case .mark, .missing: try writeConstant(constant(.true), result)
        }
    }

    private func error(_ reason: PlanError.Reason, _ text: StaticString, _ name: [UInt8]) -> PlanError {
        var message: [UInt8] = []
        message.append(text)
        message.append(contentsOf: name)
        return place.error(reason, message, key: "func")
    }

    /// Results may be remembered where a function is only ever given the input and data of its caller.
    private mutating func noteCall(_ callee: Int, _ values: [Operand]) {
        if let documents, values.count >= 2, values[0] == .local(documents.input),
            values[1] == .local(documents.data)
        {
            if let function { passing.append((function, callee)) }
        } else {
            calledWithOthers[callee] = true
        }
    }

    /// All paths and values inside a value, as an array of pairs.
    private mutating func raiseWalk(_ source: Operand, _ target: Local) throws(PlanError) {
        let gathering = try fresh()
        let path = try fresh()
        let value = try fresh()
        let pair = try fresh()
        emit(.gather(gathering, .array))
        let turn = [
            Statement(.makeArray(pair, [.local(path), .local(value)]), range),
            Statement(.add(to: gathering, .local(pair)), range),
        ]
        emit(.scan(.walk(source), key: path, value: value, Block(turn)))
        emit(.gathered(target, from: gathering))
    }

    /// Calls the function whose path equals the operands; undefined when there is none.
    ///
    /// Becomes a dispatch over the functions that the fixed steps of the path leave, on its first step that is
    /// not fixed.
    mutating func raiseDynamicCall(
        _ path: [IROperand], _ arguments: [Int32], _ result: Int32
    ) throws(PlanError) {
        var steps: [Operand] = []
        for operand in path { steps.append(try reading(operand)) }
        var values: [Operand] = []
        for argument in arguments { values.append(.local(try reading(argument))) }
        let target = try writing(result)
        let key = steps.firstIndex { if case .local = $0 { true } else { false } }
        var candidates: [Block] = []
        var branches: [(constant: Int32, node: IndexNode)] = []
        for (index, function) in document.functions.enumerated()
        where function.path.count == steps.count && function.parameters.count == arguments.count
            && fits(function, steps)
        {
            expansionsLeft -= steps.count + 2
            guard expansionsLeft >= 0 else { throw place.error(.limit, "dynamic calls have too many candidates") }
            noteCall(index, values)
            var block: [Statement] = []
            for (step, wanted) in zip(steps, function.path) {
                if case .local = step { block.append(Statement(.equal(step, .constant(constant(wanted))), range)) }
            }
            block.append(Statement(.call(target, FunctionID(index), values), range))
            // Out of the candidate and the block around the dispatch: the call is done.
            block.append(Statement(.leave(1), range))
            if let key {
                let constant = constant(function.path[key])
                let number = Int32(truncatingIfNeeded: candidates.count)
                if let known = branches.firstIndex(where: { $0.constant == constant }) {
                    guard case .candidates(let list) = branches[known].node else { continue }
                    branches[known].node = .candidates(list + [number])
                } else {
                    branches.append((constant, .candidates([number])))
                }
            }
            candidates.append(Block(block))
        }
        var statements: [Statement] = []
        if let key, case .local(let register) = steps[key], candidates.count > 2 {
            let node = IndexNode.branch(key: 0, branches, otherwise: .candidates([]))
            statements.append(
                Statement(.dispatch(Dispatch(keys: [register], index: node, candidates: candidates)), range))
        } else {
            for candidate in candidates { statements.append(Statement(.block(candidate), range)) }
        }
        statements.append(Statement(.leave(1), range))
        emit(.block(Block(statements)))
        keep(target)
        forget()
    }

    /// Whether a function's path equals the steps that are constants.
    private func fits(_ function: IRFunction, _ steps: [Operand]) -> Bool {
        for (step, wanted) in zip(steps, function.path) {
            if case .constant(let constant) = step, !builder.space.equal(builder.value(constant), wanted) {
                return false
            }
        }
        return true
    }
}
