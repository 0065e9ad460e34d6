import WritValue

extension Plan {
    /// Checks that everything the plan refers to is there, so that it can be assembled and run.
    ///
    /// Throws for registers, constants, functions, document nodes and blocks that do not exist, for calls that do
    /// not fit their callee's parameters, `outside` without `with`, and nesting without measure.
    /// `operandCount` gives the number of operands of a builtin, nil for none of this number; without it builtins
    /// are not checked.
    public func validate(operandCount: ((_ builtin: Int) -> Int?)? = nil) throws(PlanError) {
        var validator = Validator(self, operandCount)
        defer { validator.close() }
        try validator.validate()
    }
}

/// A walk over all statements of a plan.
struct Validator {
    let plan: Plan
    let operandCount: ((Int) -> Int?)?
    private let constants: PlanConstants
    var place = Place()
    private var function = 0
    private var localCount = 0
    private var depth = 0
    /// Blocks around, those of `with` and `outside` among them.
    private var scopes = 1
    private var contexts = 0
    /// Registers that hold marks, and those that are used for anything else.
    private var marks: [Bool] = []
    private var values: [Bool] = []

    static var depthLimit: Int { 512 }

    init(_ plan: Plan, _ operandCount: ((Int) -> Int?)?) {
        self.plan = plan
        self.operandCount = operandCount
        constants = PlanConstants(plan)
    }

    func close() { constants.close() }

    mutating func validate() throws(PlanError) {
        guard plan.constantCount >= 0, plan.constantCount <= constants.count else {
            throw place.error(.reference, "has fewer constants than it says")
        }
        place.push("documents")
        guard !plan.documents.isEmpty else { throw place.error(.form, "must have a root") }
        for index in plan.documents.indices {
            place.push(index)
            try check(plan.documents[index])
            place.pop()
        }
        place.pop()
        place.push("entrypoints")
        for index in plan.entrypoints.indices {
            place.push(index)
            try check(function: plan.entrypoints[index].function, operands: 0)
            place.pop()
        }
        place.pop()
        place.push("functions")
        for index in plan.functions.indices {
            place.push(index)
            function = index
            try check(plan.functions[index])
            place.pop()
        }
        place.pop()
    }

    private func check(_ node: DocumentNode) throws(PlanError) {
        if let key = node.key { try check(constant: key) }
        if let parent = node.parent { try check(node: parent) }
        for child in node.children { try check(node: child) }
        if let function = node.function { try check(function: function, operands: 0) }
    }

    private mutating func check(_ function: Function) throws(PlanError) {
        localCount = function.localCount
        guard function.parameterCount >= 0, localCount >= function.parameterCount, localCount < 60_000 else {
            throw place.error(.limit, "has too many registers, or fewer than parameters")
        }
        marks = [Bool](repeating: false, count: localCount)
        values = marks
        depth = 0
        scopes = 1
        contexts = 0
        if let result = function.result { try check(result) }
        place.push("body")
        try check(statements: function.body)
        place.pop()
        for register in 0..<localCount where marks[register] && values[register] {
            throw place.error(.form, "uses a register for marks and for values")
        }
    }

    // MARK: Blocks

    /// A block that counts for `leave`.
    mutating func check(_ block: Block, inContext: Int = 0) throws(PlanError) {
        guard depth < Self.depthLimit else { throw place.error(.limit, "blocks are nested too deeply") }
        depth += 1
        scopes += 1
        contexts += inContext
        try check(statements: block)
        contexts -= inContext
        scopes -= 1
        depth -= 1
    }

    private mutating func check(statements block: Block) throws(PlanError) {
        for index in block.statements.indices {
            place.push(index)
            try check(block.statements[index])
            place.pop()
        }
    }

    func checkLeave(_ count: Int) throws(PlanError) {
        guard count >= 0, count < scopes else {
            throw place.error(.reference, "leaves more blocks than there are")
        }
    }

    func checkOutside() throws(PlanError) {
        guard contexts > 0 else { throw place.error(.reference, "is outside of no with") }
    }

    // MARK: References

    mutating func check(_ locals: Local...) throws(PlanError) {
        for local in locals {
            guard local.index >= 0, local.int < localCount else {
                throw place.error(.reference, "names a register that the function does not have")
            }
            values[local.int] = true
        }
    }

    mutating func check(mark local: Local) throws(PlanError) {
        guard local.index >= 0, local.int < localCount else {
            throw place.error(.reference, "names a register that the function does not have")
        }
        marks[local.int] = true
    }

    mutating func check(_ operands: Operand...) throws(PlanError) { try check(list: operands) }

    mutating func check(list operands: [Operand]) throws(PlanError) {
        for operand in operands {
            switch operand {
            case .local(let local): try check(local)
            case .constant(let constant): try check(constant: constant)
            }
        }
    }

    func check(constant: Int32) throws(PlanError) {
        guard constant >= 0, Int(constant) < plan.constantCount else {
            throw place.error(.reference, "names a constant that the plan does not have")
        }
    }

    func check(node: Int32) throws(PlanError) {
        guard node >= 0, Int(node) < plan.documents.count else {
            throw place.error(.reference, "names a document that the plan does not have")
        }
    }

    func check(function: FunctionID, operands: Int?) throws(PlanError) {
        guard function.index >= 0, function.int < plan.functions.count else {
            throw place.error(.reference, "names a function that the plan does not have")
        }
        if let operands, plan.functions[function.int].parameterCount != operands {
            throw place.error(.reference, "does not fit the function's parameters")
        }
    }

    func check(builtin: Int, operands: Int?) throws(PlanError) {
        guard builtin >= 0 else { throw place.error(.reference, "names a builtin that there is not") }
        guard let operandCount else { return }
        guard let count = operandCount(builtin) else {
            throw place.error(.reference, "names a builtin that there is not")
        }
        if let operands, operands != count {
            throw place.error(.reference, "does not fit the builtin's parameters")
        }
    }

    /// A record's keys come from a constant object.
    func check(record constant: Int32, values: Int) throws(PlanError) {
        try check(constant: constant)
        let template = constants[constant]
        guard template.isObject, template.count == values, values > 0 else {
            throw place.error(.reference, "is not like a constant object of as many keys")
        }
    }
}
