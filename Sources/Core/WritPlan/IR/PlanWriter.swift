import WritValue

/// What a plan that is written out answers by name.
public struct PlanQuestion: Sendable {
    public enum Answers: Sendable {
        /// The document that the function computes: one result `{"result": value}`, or none.
        case document
        /// The function is a query's, which emits arrays of the shown values and of the bindings: results are
        /// objects of these names.
        case bindings([[UInt8]])
    }

    /// The name, such as `authz/allow`.
    public var name: [UInt8]
    public var function: FunctionID
    public var answers: Answers

    public init(name: [UInt8], function: FunctionID, answers: Answers) {
        self.name = name
        self.function = function
        self.answers = answers
    }
}

/// What the writer must know of a builtin that a plan calls.
public struct PlanBuiltinText: Sendable {
    /// Its dotted name.
    public var name: [UInt8]
    /// The JSON text of its type, as OPA's capabilities have it.
    public var declaration: [UInt8]

    public init(name: [UInt8], declaration: [UInt8]) {
        self.name = name
        self.declaration = declaration
    }
}

/// What a plan does not hold of itself.
public struct PlanSurroundings {
    /// The builtin of a number in the registry.
    public var builtin: (_ number: Int) -> PlanBuiltinText?
    /// The number of a builtin by its dotted name.
    public var number: (_ name: [UInt8]) -> Int?
    /// The row and column (from 1) where a range starts.
    public var position: (SourceRange) -> (row: Int, column: Int)?

    public init(
        builtin: @escaping (_ number: Int) -> PlanBuiltinText?, number: @escaping (_ name: [UInt8]) -> Int?,
        position: @escaping (SourceRange) -> (row: Int, column: Int)?
    ) {
        self.builtin = builtin
        self.number = number
        self.position = position
    }
}

extension Plan {
    /// Writes the plan as OPA's plan.json, with a plan of the IR for each question and the functions they reach.
    ///
    /// Throws `limit` where the plan would nest more deeply than readers allow or where `with` needs more
    /// copies of functions than `Expander.cloneLimit`, and `unsupported` for what the IR cannot say.
    public func writeOPA(
        _ questions: [PlanQuestion], in surroundings: PlanSurroundings
    ) throws(PlanError) -> [UInt8] {
        let space = Space.create()
        defer { space.destroy() }
        var expander = Expander(self, space, surroundings)
        for question in questions { try expander.expand(question) }
        try expander.expandPending()
        var text = IRText(space, surroundings.position)
        text.write(expander.document, builtins: expander.builtins.compactMap { surroundings.builtin($0) })
        return text.bytes
    }
}
