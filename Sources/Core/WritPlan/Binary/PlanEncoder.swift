import WritValue

extension Plan {
    /// The plan as bytes, without its constants and without what only traces need.
    ///
    /// Builtins are named, as their numbers belong to a build. Throws `form` for a builtin that `builtinName` does not
    /// know and for a plan of the traced flavour.
    public func encoded(builtinName: (Int) -> [UInt8]?) throws(PlanError) -> [UInt8] {
        var encoder = PlanEncoder()
        try encoder.encode(self)
        var head = BinaryWriter()
        head.put(encoder.builtins.count)
        for builtin in encoder.builtins {
            guard let name = builtinName(builtin) else {
                throw Place().error(.form, "calls a builtin that has no name")
            }
            head.put(text: name)
        }
        head.append(encoder.writer)
        return head.bytes
    }
}

struct PlanEncoder {
    var writer = BinaryWriter()
    /// The builtins that are called, in the order in which they are met.
    var builtins: [Int] = []
    private var places: [Int: Int] = [:]

    mutating func encode(_ plan: Plan) throws(PlanError) {
        writer.put(plan.constantCount)
        writer.put(plan.sources.count)
        for source in plan.sources { writer.put(text: source) }
        writer.put(plan.functions.count)
        for function in plan.functions { try put(function) }
        writer.put(plan.documents.count)
        for node in plan.documents {
            writer.put(optional: node.key)
            writer.put(optional: node.parent)
            writer.put(optional: node.function?.index)
            writer.put(node.isRule)
            put(node.children)
        }
        writer.put(plan.entrypoints.count)
        for entrypoint in plan.entrypoints {
            writer.put(text: entrypoint.name)
            writer.put(entrypoint.function.index)
        }
    }

    private mutating func put(_ function: Function) throws(PlanError) {
        writer.put(Int(function.kind.rawValue))
        writer.put(text: function.name)
        writer.put(function.parameterCount)
        writer.put(function.localCount)
        writer.put(optional: function.result?.index)
        writer.put(Int(function.memo.rawValue))
        writer.put(Int(function.reads.rawValue))
        put(function.range)
        try put(function.body)
    }

    mutating func put(_ block: Block) throws(PlanError) {
        writer.put(block.statements.count)
        for statement in block.statements {
            try put(statement.kind)
            put(statement.range)
        }
    }

    private mutating func put(_ range: SourceRange) {
        writer.put(UInt64(range.file &+ 1))
        writer.put(UInt64(range.start))
        writer.put(UInt64(range.end &- range.start))
    }

    mutating func put(_ numbers: [Int32]) {
        writer.put(numbers.count)
        for number in numbers { writer.put(number) }
    }

    mutating func put(_ code: StatementCode) { writer.put(Int(code.rawValue)) }
    mutating func put(_ local: Local) { writer.put(local.index) }

    mutating func put(_ operand: Operand) {
        switch operand {
        case .local(let local): writer.put(UInt64(UInt32(bitPattern: local.index)) &<< 1)
        case .constant(let constant): writer.put(UInt64(UInt32(bitPattern: constant)) &<< 1 | 1)
        }
    }

    mutating func put(_ operands: [Operand]) {
        writer.put(operands.count)
        for operand in operands { put(operand) }
    }

    mutating func put(builtin: Int) {
        if let place = places[builtin] { return writer.put(place) }
        places[builtin] = builtins.count
        writer.put(builtins.count)
        builtins.append(builtin)
    }

    mutating func put(_ code: StatementCode, _ local: Local, _ operands: Operand...) {
        put(code)
        put(local)
        for operand in operands { put(operand) }
    }

    mutating func put(_ code: StatementCode, _ operands: Operand...) {
        put(code)
        for operand in operands { put(operand) }
    }

    mutating func put(_ code: StatementCode, _ block: Block) throws(PlanError) {
        put(code)
        try put(block)
    }
}
