import WritValue

/// Collections that OPA's statements build step by step.
extension Raiser {
    mutating func raiseMake(_ kind: Gathering, _ target: Int32) throws(PlanError) {
        let local = try register(target)
        // A literal is made at its last addition.
        if states[local.int].literal != nil { return }
        if survey.isBuilder(local) {
            emit(.gather(try writing(target), kind))
            nowHolds(local, .gathering(kind))
            return
        }
        let empty: Value =
            switch kind {
            case .array: .emptyArray
            case .set: .emptySet
            case .object: .emptyObject
            }
        try writeConstant(constant(empty), target)
    }

    mutating func raiseAdd(_ value: IROperand, _ target: Int32, _ kind: Gathering) throws(PlanError) {
        if try addToLiteral(target, [value]) { return }
        let value = try storing(value, in: target)
        emit(.add(to: try gathering(target, kind), value))
    }

    mutating func raiseInsert(
        _ key: IROperand, _ value: IROperand, _ target: Int32, _ once: Bool
    ) throws(PlanError) {
        if try addToLiteral(target, [key, value]) { return }
        let key = try storing(key, in: target)
        let value = try storing(value, in: target)
        emit(.insert(into: try gathering(target, .object), key: key, value: value, once ? .objectKey : .replaces))
    }

    /// A register about to be added to: holds a gathering of this kind afterwards.
    private mutating func gathering(_ local: Int32, _ kind: Gathering) throws(PlanError) -> Local {
        let target = try register(local)
        if holding(target) != .gathering(kind) { emit(.regather(target, kind)) }
        nowHolds(target, .gathering(kind))
        nowDefined(target)
        return target
    }

    // MARK: Literals

    /// Finds out whether a collection is a literal: made here, added to by later statements of this block without
    /// being read or changed otherwise in between, its operands left alone until the last addition.
    mutating func lookForLiteral(
        _ kind: Gathering, _ target: Int32, _ statements: [IRStatement], _ start: Int
    ) throws(PlanError) {
        let collection = try register(target)
        guard let additions = survey.additions(ofLiteral: collection, in: block) else { return }
        let mark = Int32(collection.int + 1)
        var left = additions
        var index = start + 1
        while left > 0 {
            guard index < statements.count, lookingLeft > 0 else { return }
            lookingLeft -= 1
            switch statements[index].kind {
            case .add(let value, let to, let kindAdded) where to == target:
                guard kindAdded == kind, try isOperand(value, of: collection, mark) else { return }
                left -= 1
            case .insert(let key, let value, let into, let once) where into == target:
                guard kind == .object, !once, try isOperand(key, of: collection, mark),
                    try isOperand(value, of: collection, mark)
                else { return }
                left -= 1
            case .scan, .block, .not, .with: return
            default: guard try leavesAlone(statements[index].kind, collection, mark) else { return }
            }
            index += 1
        }
        states[collection.int].isLiteral = true
        states[collection.int].literal = RegisterState.Literal(kind: kind, additionsLeft: additions)
    }

    /// Notes a register as an operand of a literal; false when it is the literal itself.
    private mutating func isOperand(_ operand: IROperand, of literal: Local, _ mark: Int32) throws(PlanError) -> Bool {
        guard case .local(let local) = operand else { return true }
        let register = try register(local)
        states[register.int].operandOf = mark
        return register != literal
    }

    /// Whether a statement between the additions neither mentions the literal nor changes its operands.
    private mutating func leavesAlone(
        _ kind: IRStatement.Kind, _ literal: Local, _ mark: Int32
    ) throws(PlanError) -> Bool {
        var read: [Int32] = []
        var written: [Int32] = []
        kind.mentions(read: { read.append($0) }, write: { written.append($0) })
        switch kind {
        case .add(_, let target, _), .insert(_, _, let target, _): written.append(target)
        default: break
        }
        for local in read where try register(local) == literal { return false }
        for local in written {
            let register = try register(local)
            if register == literal || states[register.int].operandOf == mark { return false }
        }
        return true
    }

    private mutating func addToLiteral(_ target: Int32, _ operands: [IROperand]) throws(PlanError) -> Bool {
        let collection = try register(target)
        guard states[collection.int].literal != nil else { return false }
        for operand in operands {
            let value = try storing(operand)
            states[collection.int].literal?.operands.append(value)
        }
        states[collection.int].literal?.additionsLeft -= 1
        if let literal = states[collection.int].literal, literal.additionsLeft == 0 {
            states[collection.int].literal = nil
            try finish(literal, target)
        }
        return true
    }

    private mutating func finish(_ literal: RegisterState.Literal, _ target: Int32) throws(PlanError) {
        let operands = literal.operands
        if let constant = try folded(literal) { return try writeConstant(constant, target) }
        switch literal.kind {
        case .array: try write(target) { .makeArray($0, operands) }
        case .set: try write(target) { .makeSet($0, operands) }
        case .object:
            var entries: [(key: Operand, value: Operand)] = []
            for index in stride(from: 0, to: operands.count - 1, by: 2) {
                entries.append((operands[index], operands[index + 1]))
            }
            try write(target) { .makeObject($0, entries) }
        }
    }

    /// The literal as a constant, when its operands are, and it is not out of proportion.
    private mutating func folded(_ literal: RegisterState.Literal) throws(PlanError) -> Int32? {
        let space = builder.space
        var size = 1
        var depth = 0
        for operand in literal.operands {
            guard case .constant(let constant) = operand else { return nil }
            let known = Int(constant) < self.folded.count ? self.folded[Int(constant)] : (size: 0, depth: 0)
            size += 1 + known.size
            depth = max(depth, known.depth)
        }
        guard size <= foldingLeft, depth < 32 else { return nil }
        foldingLeft -= size
        do throws(Fault) {
            var list = ValueList()
            for case .constant(let constant) in literal.operands {
                try list.append(builder.value(constant), in: space)
            }
            let value: Value
            switch literal.kind {
            case .array: value = try space.array(list)
            case .set: value = try space.set(list)
            case .object: value = try space.object(pairs: list)
            }
            let number = constant(value)
            while self.folded.count <= Int(number) { self.folded.append((0, 0)) }
            self.folded[Int(number)] = (size, depth + 1)
            return number
        } catch {
            throw place.error(.limit, "its constants take too much memory")
        }
    }
}
