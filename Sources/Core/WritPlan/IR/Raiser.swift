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
    var registers: [Int32] = []
    var stamps: [Int32] = []
    var stamp: Int32 = 0
    /// What is known of each register; as many as the function has so far.
    var states: [RegisterState] = []
    /// Raised whenever what was known of registers no longer holds.
    var epoch = 0
    var survey = Survey()
    /// The number of the block at hand, and of the one met last.
    var block: Int32 = 0
    var lastBlock: Int32 = 0
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
    /// Statements that may still be looked through for literals.
    var lookingLeft = 1 << 24
    /// What literal collections that became constants may still take.
    var foldingLeft = 1 << 22
    /// Size and depth of constants that are literal collections, by their numbers; 0 for others.
    var folded: [(size: Int, depth: Int)] = []

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
        for index in function.parameters.indices { survey.write(Local(index), in: 0) }
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
        survey.write(input, in: 0)
        survey.write(data, in: 0)
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
        states = []
        epoch = 0
        survey = Survey()
        block = 0
        lastBlock = 0
        documents = nil
        scopes = []
        output = []
        range = .none
    }

    private mutating func body(
        _ blocks: [IRBlock], _ builtins: (_ name: [UInt8]) -> PlanBuiltin?
    ) throws(PlanError) -> Block {
        try survey(blocks, in: 0)
        try raise(blocks, builtins)
        let body = Block(output)
        output = []
        return body
    }

    private func finished(
        _ kind: Function.Kind, _ name: [UInt8], _ parameterCount: Int, _ body: Block
    ) -> Function {
        Function(
            kind: kind, name: name, parameterCount: parameterCount, localCount: states.count, body: body, result: nil,
            memo: .never, reads: [.input, .data, .host], range: .none)
    }
}

extension Plan {
    /// A function's registers, at most.
    static var localLimit: Int { 59_000 }
}
