import WritValue

extension Plan {
    /// Reads what `encoded` wrote; `constants` is one frozen array.
    ///
    /// `builtin` gives the number that a builtin has here, nil for one that there is not: `unsupported`. Other errors are
    /// `form` and `limit`. What the plan refers to is not looked at: `validate` does that.
    public static func decode(
        _ bytes: UnsafeBufferPointer<UInt8>, constants: Piece, builtin: (_ name: [UInt8]) -> Int?
    ) throws(PlanError) -> Plan {
        var decoder = PlanDecoder(BinaryReader(bytes))
        var plan = try decoder.plan(builtin)
        plan.constants = constants
        guard decoder.reader.isAtEnd else { throw decoder.reader.failure("goes on behind its end") }
        return plan
    }
}

struct PlanDecoder {
    var reader: BinaryReader
    private var builtins: [Int] = []
    private var depth = 0
    /// Registers of all functions: what looks at each of them takes time with the bytes.
    private var locals = 0
    /// Blocks and indices nest no deeper than the validator takes them.
    static var depthLimit: Int { 512 }

    init(_ reader: BinaryReader) { self.reader = reader }

    mutating func plan(_ builtin: ([UInt8]) -> Int?) throws(PlanError) -> Plan {
        for _ in 0..<(try reader.entries()) {
            let name = try reader.text()
            guard let number = builtin(name) else {
                var message: [UInt8] = []
                message.append("calls `")
                message += name
                message.append("`, which this build of Writ does not have")
                throw PlanError(.unsupported, message, at: [])
            }
            builtins.append(number)
        }
        var plan = Plan()
        plan.constantCount = try reader.count()
        for _ in 0..<(try reader.entries()) { plan.sources.append(try reader.text()) }
        let functions = try reader.entries(of: 10)
        plan.functions.reserveCapacity(functions)
        for _ in 0..<functions { plan.functions.append(try function()) }
        plan.documents = []
        for _ in 0..<(try reader.entries(of: 5)) {
            var node = DocumentNode(key: try reader.optional(), parent: try reader.optional())
            node.function = try reader.optional().map { FunctionID(Int($0)) }
            node.isRule = try reader.flag()
            node.children = try numbers()
            plan.documents.append(node)
        }
        try checkTree(plan.documents)
        for _ in 0..<(try reader.entries(of: 2)) {
            plan.entrypoints.append(Entrypoint(name: try reader.text(), function: try functionID()))
        }
        return plan
    }

    /// The documents are a tree: each is a child once, of its parent, and the way up ends at `data`.
    private func checkTree(_ documents: [DocumentNode]) throws(PlanError) {
        guard let root = documents.first, root.parent == nil else {
            throw reader.failure("has documents without a root")
        }
        var isSeen = [Bool](repeating: false, count: documents.count)
        var waiting: [Int32] = [0]
        isSeen[0] = true
        while let node = waiting.popLast() {
            for child in documents[Int(node)].children {
                guard child >= 0, Int(child) < documents.count, !isSeen[Int(child)],
                    documents[Int(child)].parent == node
                else { throw reader.failure("has documents that are no tree") }
                isSeen[Int(child)] = true
                waiting.append(child)
            }
        }
        // What was taken out of the tree leads nowhere in a circle: numbers fall on the way up.
        for index in documents.indices where !isSeen[index] {
            guard Int(documents[index].parent ?? 0) < index, documents[index].parent ?? 0 >= 0,
                documents[index].children.allSatisfy({ Int($0) > index && Int($0) < documents.count })
            else { throw reader.failure("has documents beside the tree") }
        }
    }

    private mutating func function() throws(PlanError) -> Function {
        guard let kind = Function.Kind(rawValue: try reader.byte()) else {
            throw reader.failure("has a function of no kind")
        }
        let name = try reader.text()
        let parameters = try reader.count()
        let locals = try reader.count()
        self.locals += locals
        guard self.locals <= 65_536 + 64 * reader.size else { throw reader.failure("has registers that nothing uses") }
        let result = try reader.optional().map { Local(Int($0)) }
        guard let memo = Function.Memo(rawValue: try reader.byte()) else {
            throw reader.failure("has a function that is not said when to be remembered")
        }
        let reads = Reads(rawValue: try reader.byte())
        let range = try range()
        return Function(
            kind: kind, name: name, parameterCount: parameters, localCount: locals, body: try block(), result: result,
            memo: memo, reads: reads, range: range)
    }

    mutating func block() throws(PlanError) -> Block {
        guard depth < Self.depthLimit else { throw reader.failure("nests blocks too deeply") }
        depth += 1
        defer { depth -= 1 }
        var block = Block()
        let count = try reader.entries(of: 4)
        block.statements.reserveCapacity(count)
        for _ in 0..<count {
            let kind = try statement()
            block.statements.append(Statement(kind, try range()))
        }
        return block
    }

    private mutating func range() throws(PlanError) -> SourceRange {
        let file = UInt32(bitPattern: try reader.number32()) &- 1
        let start = UInt32(bitPattern: try reader.number32())
        return SourceRange(file: file, start: start, end: start &+ UInt32(bitPattern: try reader.number32()))
    }

    mutating func numbers() throws(PlanError) -> [Int32] {
        let count = try reader.entries()
        var numbers: [Int32] = []
        numbers.reserveCapacity(count)
        for _ in 0..<count { numbers.append(try reader.number32()) }
        return numbers
    }

    mutating func local() throws(PlanError) -> Local { Local(Int(try reader.number32())) }
    mutating func functionID() throws(PlanError) -> FunctionID { FunctionID(Int(try reader.number32())) }

    mutating func operand() throws(PlanError) -> Operand {
        let number = try reader.number()
        guard number &>> 1 <= UInt64(Int32.max) else { throw reader.failure("has an operand that cannot be") }
        let index = Int32(truncatingIfNeeded: number &>> 1)
        return number & 1 == 0 ? .local(Local(Int(index))) : .constant(index)
    }

    mutating func operands() throws(PlanError) -> [Operand] {
        let count = try reader.entries()
        var operands: [Operand] = []
        operands.reserveCapacity(count)
        for _ in 0..<count { operands.append(try operand()) }
        return operands
    }

    mutating func builtin() throws(PlanError) -> Int {
        let place = try reader.count()
        guard builtins.indices.contains(place) else { throw reader.failure("calls a builtin that it does not name") }
        return builtins[place]
    }

    mutating func conflict() throws(PlanError) -> Conflict {
        guard let conflict = Conflict(rawValue: try reader.byte()) else {
            throw reader.failure("has a conflict of no kind")
        }
        return conflict
    }

    mutating func gathering() throws(PlanError) -> Gathering {
        guard let gathering = Gathering(rawValue: try reader.byte()) else { throw reader.failure("gathers nothing") }
        return gathering
    }
}
