import WritValue

/// What is known of a register at the statement that is being raised.
struct RegisterState {
    enum Holding: Equatable { case unknown, value, gathering(Gathering) }

    /// What it holds, as long as `holdsEpoch` is the raiser's.
    var holds = Holding.unknown
    var holdsEpoch = -1
    /// Whether it holds anything, known in this epoch.
    var definedEpoch = -1
    /// The constant that it holds, known in this epoch.
    var constant: Int32 = -1
    var constantEpoch = -1
    /// The literal that the register is being put together as.
    var literal: Literal?
    /// Whether it is ever one: then it holds nothing but values.
    var isLiteral = false
    /// The last literal that was seen to have it as an operand; a register's number + 1.
    var operandOf: Int32 = 0

    /// A collection whose statements all stand in one block: made by one statement at its last addition.
    struct Literal {
        var kind: Gathering
        var additionsLeft: Int
        /// Elements, or keys and values in turn.
        var operands: [Operand] = []
    }
}

extension Raiser {
    /// The register of a local of OPA's.
    mutating func register(_ local: Int32) throws(PlanError) -> Local {
        let index = Int(local)
        if index >= registers.count {
            let missing = index + 1 - registers.count
            registers.append(contentsOf: repeatElement(0, count: missing))
            stamps.append(contentsOf: repeatElement(0, count: missing))
        }
        if stamps[index] == stamp { return Local(Int(registers[index])) }
        let fresh = try self.fresh()
        stamps[index] = stamp
        registers[index] = fresh.index
        return fresh
    }

    /// A register that no local has.
    mutating func fresh() throws(PlanError) -> Local {
        guard states.count < Plan.localLimit - 64 else { throw place.error(.limit, "has too many locals") }
        states.append(RegisterState())
        return Local(states.count - 1)
    }

    // MARK: What they hold

    /// What a register is known to hold; only registers that are added to can hold anything but a value.
    func holding(_ local: Local) -> RegisterState.Holding {
        let state = states[local.int]
        guard survey.isBuilder(local), !state.isLiteral else { return .value }
        return state.holdsEpoch == epoch ? state.holds : .unknown
    }

    mutating func nowHolds(_ local: Local, _ holding: RegisterState.Holding) {
        states[local.int].holds = holding
        states[local.int].holdsEpoch = epoch
        states[local.int].constantEpoch = -1
    }

    func isKnownDefined(_ local: Local) -> Bool { states[local.int].definedEpoch == epoch }

    func isKnownDefined(_ operand: Operand) -> Bool {
        if case .local(let local) = operand { isKnownDefined(local) } else { true }
    }

    mutating func nowDefined(_ local: Local) { states[local.int].definedEpoch = epoch }

    /// Forgets that a register is known to be defined.
    mutating func nowMayBeUndefined(_ local: Local) { states[local.int].definedEpoch = -1 }

    private mutating func nowIs(_ local: Local, _ constant: Int32) {
        states[local.int].constant = constant
        states[local.int].constantEpoch = epoch
    }

    /// What registers hold depends on the path taken from here on.
    mutating func forget() { epoch += 1 }

    // MARK: Reading

    /// A register about to be read: holds a value afterwards.
    mutating func reading(_ local: Local) -> Local {
        if holding(local) != .value {
            emit(.gathered(local, from: local))
            nowHolds(local, .value)
        }
        return local
    }

    mutating func reading(_ local: Int32) throws(PlanError) -> Local { reading(try register(local)) }

    mutating func reading(_ operand: IROperand) throws(PlanError) -> Operand {
        switch operand {
        case .local(let local):
            let register = try reading(local)
            let state = states[register.int]
            return state.constantEpoch == epoch ? .constant(state.constant) : .local(register)
        case .string(let index): return .constant(string(index))
        case .boolean(let value): return .constant(constant(.boolean(value)))
        }
    }

    /// An operand about to become part of a collection or a result: ends the block when it is undefined.
    mutating func storing(_ operand: IROperand) throws(PlanError) -> Operand {
        let value = try reading(operand)
        if case .local(let local) = value, !isKnownDefined(local) {
            emit(.isDefined(local))
            nowDefined(local)
        }
        return value
    }

    /// As the other one, for a collection that may be the operand itself: it is added to as it was before.
    mutating func storing(_ operand: IROperand, in target: Int32) throws(PlanError) -> Operand {
        let value = try storing(operand)
        guard case .local(let local) = value, local == (try register(target)) else { return value }
        let copy = try fresh()
        emit(.assign(copy, value))
        return .local(copy)
    }

    // MARK: Writing

    /// A register about to be written with a value; `defined` unless that may be undefined.
    mutating func writing(_ local: Int32, defined: Bool = true) throws(PlanError) -> Local {
        let target = try register(local)
        nowHolds(target, .value)
        if defined { nowDefined(target) } else { nowMayBeUndefined(target) }
        return target
    }

    /// Emits a statement that gives a local a value of the evaluation; see `Survey.outlivesTurns`.
    mutating func write(
        _ local: Int32, defined: Bool = true, _ statement: (Local) -> Statement.Kind
    ) throws(PlanError) {
        let target = try writing(local, defined: defined)
        emit(statement(target))
        keep(target)
    }

    /// Lets what a register holds outlive the turn of a loop, where that is needed.
    mutating func keep(_ local: Local) {
        if survey.isInScan(block), survey.outlivesTurns(local) { emit(.keep(local)) }
    }

    mutating func raiseAssign(_ source: IROperand, _ target: Int32) throws(PlanError) {
        let source = try reading(source)
        if case .constant(let constant) = source { return try writeConstant(constant, target) }
        let isDefined = isKnownDefined(source)
        try write(target, defined: isDefined) { .assign($0, source) }
    }

    mutating func writeConstant(_ constant: Int32, _ local: Int32) throws(PlanError) {
        let target = try writing(local)
        emit(.assign(target, .constant(constant)))
        nowIs(target, constant)
    }

    mutating func string(_ index: Int32) -> Int32 { constant(document.strings[Int(index)]) }

    mutating func constant(_ value: Value) -> Int32 { builder.constant(value) }

    // MARK: Emitting

    mutating func emit(_ kind: Statement.Kind) { output.append(Statement(kind, range)) }

    /// Runs `body` with what it emits going to a block of its own, inside a scope.
    mutating func inBlock(
        _ scope: Scope = .plain, _ body: (inout Raiser) throws(PlanError) -> Void
    ) throws(PlanError) -> Block {
        let outer = output
        let outerBlock = block
        lastBlock += 1
        block = lastBlock
        output = []
        scopes.append(scope)
        try body(&self)
        scopes.removeLast()
        let made = Block(output)
        output = outer
        block = outerBlock
        forget()
        return made
    }
}
