import WritValue

/// Raises OPA's statements to ours.
///
/// Locals become registers: a function's parameters first, then the others as they are mentioned. Input and data
/// are locals 0 and 1 of a plan; they are loaded at its start and passed on like any operand, so a `with` is a
/// register whose value is replaced for the length of a block.
///
/// OPA's collections are built step by step in locals that may be read at any time. A local that is ever added to
/// holds a gathering while it is built; reading it turns it into a value first (`gathered` in place), adding to it
/// makes it a gathering again (`regather`). Where the two alternate within straight code neither is repeated.
struct Raiser {
    let document: IRDocument
    let names: FunctionNames
    var builder: PlanBuilder
    var place = Place()

    // MARK: Of the function at hand

    /// Local → register + 1, valid where the stamp is the function's.
    private var registers: [Int32] = []
    private var stamps: [Int32] = []
    private var stamp: Int32 = 0
    private var nextRegister = 0
    /// What is known of each register that is added to.
    private var builders: [BuilderState] = []
    /// Raised whenever what was known of registers no longer holds.
    private var epoch = 0
    var conflict = Conflict.completeRule
    /// Registers of input and data, while nothing but `with` changes them.
    var documents: (input: Local, data: Local)?
    /// The blocks around, innermost last.
    var scopes: [Scope] = []
    var output: [Statement] = []
    var range = SourceRange.none

    // MARK: Of the whole

    /// Functions that some call gives other than the caller's own input and data.
    var calledWithOthers: [Bool]
    /// Calls that give a function the input and data of its caller.
    var passing: [(caller: Int, callee: Int)] = []
    /// The function at hand; nil in a plan.
    var function: Int?
    /// Statements that dynamic calls may still take, so that they cannot blow a plan up.
    var expansionsLeft = 1 << 20

    struct BuilderState {
        var isBuilder = false
        /// What it holds, as long as `epoch` is the raiser's.
        var holds = Holding.unknown
        var epoch = 0
        /// Whether it holds anything, known in this epoch.
        var definedEpoch = -1

        enum Holding: Equatable { case unknown, value, gathering(Gathering) }
    }

    enum Scope {
        case plain
        /// A `with`: the local and the register that keeps what it held before.
        case with(Local, saved: Local)
    }

    init(_ document: IRDocument, _ builder: PlanBuilder) {
        self.document = document
        self.builder = builder
        names = FunctionNames(document.functions)
        calledWithOthers = [Bool](repeating: false, count: document.functions.count)
    }

    mutating func raise(_ builtins: (_ name: [UInt8]) -> PlanBuiltin?) throws(PlanError) {
        place.push("funcs")
        place.push("funcs")
        if let duplicate = names.duplicate(document.functions) {
            place.push(duplicate)
            throw place.error(.reference, "has the name of another function", key: "name")
        }
        for index in document.functions.indices {
            place.push(index)
            function = index
            try raise(document.functions[index], builtins)
            place.pop()
        }
        function = nil
        place.pop(2)
        place.push("plans")
        place.push("plans")
        for index in document.plans.indices {
            place.push(index)
            try raise(document.plans[index], builtins)
            place.pop()
        }
        place.pop(2)
        memoise()
        builder.plan.sources = document.files
    }

    /// Lets results be remembered for the context of a `with` where functions depend on input and data alone:
    /// what has only these two parameters, and is only ever given those that its context began with.
    private mutating func memoise() {
        var isChanged = true
        while isChanged {
            isChanged = false
            for (caller, callee) in passing where calledWithOthers[caller] && !calledWithOthers[callee] {
                calledWithOthers[callee] = true
                isChanged = true
            }
        }
        for index in document.functions.indices where builder.plan.functions[index].parameterCount == 2 {
            builder.plan.functions[index].memo = calledWithOthers[index] ? .never : .context
        }
    }

    private mutating func raise(
        _ function: IRFunction, _ builtins: (_ name: [UInt8]) -> PlanBuiltin?
    ) throws(PlanError) {
        begin()
        for (index, parameter) in function.parameters.enumerated() {
            guard try register(parameter).int == index else {
                throw place.error(.reference, "names a parameter twice", key: "params")
            }
        }
        if function.parameters.count >= 2 { documents = (Local(0), Local(1)) }
        conflict = function.parameters.count > 2 ? .function : .completeRule
        let body = try self.body(function.blocks, builtins)
        builder.plan.functions.append(
            finished(
                function.parameters.count > 2 ? .function : .rule, function.name, function.parameters.count, body))
    }

    private mutating func raise(
        _ plan: IRPlan, _ builtins: (_ name: [UInt8]) -> PlanBuiltin?
    ) throws(PlanError) {
        begin()
        let input = try register(0)
        let data = try register(1)
        documents = (input, data)
        conflict = .completeRule
        output = [
            Statement(.block(Block([Statement(.input(input), .none)])), .none), Statement(.data(data), .none),
        ]
        let body = try self.body(plan.blocks, builtins)
        builder.plan.entrypoints.append(
            Entrypoint(name: plan.name, function: FunctionID(builder.plan.functions.count)))
        builder.plan.functions.append(finished(.query, plan.name, 0, body))
    }

    private mutating func begin() {
        stamp += 1
        nextRegister = 0
        builders = []
        epoch = 0
        documents = nil
        scopes = []
        output = []
        range = .none
    }

    private mutating func body(
        _ blocks: [IRBlock], _ builtins: (_ name: [UInt8]) -> PlanBuiltin?
    ) throws(PlanError) -> Block {
        try survey(blocks)
        try raise(blocks, builtins)
        let body = Block(output)
        output = []
        return body
    }

    private func finished(
        _ kind: Function.Kind, _ name: [UInt8], _ parameterCount: Int, _ body: Block
    ) -> Function {
        var function = Function(
            kind: kind, name: name, parameterCount: parameterCount, localCount: nextRegister, body: body, result: nil,
            memo: .never, reads: [.input, .data, .host], range: .none)
        function.keepsTemporaries = true
        return function
    }

    // MARK: Registers

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
        guard nextRegister < Plan.localLimit - 64 else { throw place.error(.limit, "has too many locals") }
        let local = Local(nextRegister)
        nextRegister += 1
        builders.append(BuilderState())
        return local
    }

    // MARK: Collections being built

    mutating func markBuilder(_ local: Int32) throws(PlanError) { builders[try register(local).int].isBuilder = true }

    func isBuilder(_ local: Local) -> Bool { builders[local.int].isBuilder }

    /// What a register is known to hold; only registers that are ever added to can hold anything but a value.
    func holding(_ local: Local) -> BuilderState.Holding {
        let state = builders[local.int]
        if !state.isBuilder { return .value }
        return state.epoch == epoch ? state.holds : .unknown
    }

    mutating func nowHolds(_ local: Local, _ holding: BuilderState.Holding) {
        guard builders[local.int].isBuilder else { return }
        builders[local.int].holds = holding
        builders[local.int].epoch = epoch
    }

    /// What registers hold depends on the path taken from here on.
    mutating func forget() { epoch += 1 }

    // MARK: Emitting

    mutating func emit(_ kind: Statement.Kind) { output.append(Statement(kind, range)) }

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
        case .local(let local): .local(try reading(local))
        case .string(let index): .constant(string(index))
        case .boolean(let value): .constant(constant(.boolean(value)))
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

    /// Forgets that a register is known to be defined.
    mutating func nowMayBeUndefined(_ local: Local) {
        if builders.indices.contains(local.int) { builders[local.int].definedEpoch = -1 }
    }

    /// As the other one, for a collection that may be the operand itself: it is added to as it was before.
    mutating func storing(_ operand: IROperand, in target: Int32) throws(PlanError) -> Operand {
        let value = try storing(operand)
        guard case .local(let local) = value, local == (try register(target)) else { return value }
        let copy = try fresh()
        emit(.assign(copy, value))
        return .local(copy)
    }

    /// A register about to be written with a value; `defined` unless that may be undefined.
    mutating func writing(_ local: Int32, defined: Bool = true) throws(PlanError) -> Local {
        let target = try register(local)
        nowHolds(target, .value)
        builders[target.int].definedEpoch = defined ? epoch : -1
        return target
    }

    func isKnownDefined(_ local: Local) -> Bool { builders[local.int].definedEpoch == epoch }

    mutating func nowDefined(_ local: Local) { builders[local.int].definedEpoch = epoch }

    private func isKnownDefined(_ operand: Operand) -> Bool {
        if case .local(let local) = operand { isKnownDefined(local) } else { true }
    }

    /// Copies an operand.
    mutating func raiseAssign(_ source: IROperand, _ target: Int32) throws(PlanError) {
        let source = try reading(source)
        emit(.assign(try writing(target, defined: isKnownDefined(source)), source))
    }

    mutating func string(_ index: Int32) -> Int32 { constant(document.strings[Int(index)]) }

    mutating func constant(_ value: Value) -> Int32 { builder.constant(value) }

    /// Runs `body` with what it emits going to a block of its own, inside a scope.
    mutating func inBlock(
        _ scope: Scope = .plain, _ body: (inout Raiser) throws(PlanError) -> Void
    ) throws(PlanError) -> Block {
        let outer = output
        output = []
        scopes.append(scope)
        try body(&self)
        scopes.removeLast()
        let block = Block(output)
        output = outer
        forget()
        return block
    }
}

extension Plan {
    /// A function's registers, at most.
    static var localLimit: Int { 59_000 }
}
