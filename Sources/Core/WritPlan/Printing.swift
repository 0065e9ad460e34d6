import WritValue

extension Plan {
    /// The plan as text to read: function by function, a statement a line, blocks indented, constants as Rego terms.
    ///
    /// For people and tests; not a format to be read again. `builtinName` gives the names of builtins by number.
    public func text(builtinName: ((_ builtin: Int) -> [UInt8]?)? = nil) -> [UInt8] {
        var printer = PlanPrinter(self, builtinName)
        defer { printer.close() }
        printer.print()
        return printer.output
    }
}

/// Writes a plan out as text.
struct PlanPrinter {
    let plan: Plan
    let builtinName: ((Int) -> [UInt8]?)?
    private let constants: PlanConstants
    private(set) var output: [UInt8] = []
    private var depth = 0

    init(_ plan: Plan, _ builtinName: ((Int) -> [UInt8]?)?) {
        self.plan = plan
        self.builtinName = builtinName
        constants = PlanConstants(plan)
    }

    func close() { constants.close() }

    mutating func print() {
        for entrypoint in plan.entrypoints {
            line("entrypoint ", .bytes(entrypoint.name), " = ", .function(entrypoint.function))
        }
        for (index, node) in plan.documents.enumerated() {
            guard let function = node.function else { continue }
            line("document ", .path(Int32(truncatingIfNeeded: index)), " = ", .function(function))
        }
        for function in plan.functions { print(function) }
    }

    private mutating func print(_ function: Function) {
        let kind: StaticString =
            switch function.kind {
            case .rule: "rule "
            case .function: "function "
            case .document: "merge "
            case .query: "query "
            }
        var items: [Item] = [.text(kind), .bytes(function.name), " (", .number(function.parameterCount)]
        items += [" of ", .number(function.localCount), " registers"]
        switch function.memo {
        case .never: break
        case .context: items.append(", kept in its context")
        case .snapshot: items.append(", kept in its snapshot")
        }
        items.append(")")
        if let result = function.result { items += [" -> ", .local(result)] }
        line(items)
        print(function.body)
    }

    mutating func print(_ block: Block) {
        depth += 1
        for statement in block.statements { print(statement) }
        depth -= 1
    }

    // MARK: Lines

    /// A part of a line.
    enum Item: ExpressibleByStringLiteral {
        case text(StaticString)
        case bytes([UInt8])
        case number(Int)
        case local(Local)
        case operand(Operand)
        case operands([Operand])
        case function(FunctionID)
        case builtin(Int)
        /// The path of a document node.
        case path(Int32)
        /// A path of keys: `["a"]["b"]`.
        case keys([Int32])

        init(stringLiteral text: StaticString) { self = .text(text) }
    }

    mutating func line(_ items: Item...) { line(items) }

    mutating func line(_ items: [Item]) {
        for _ in 0..<depth { output.append("  ") }
        for item in items { print(item) }
        output.append(UInt8(ascii: "\n"))
    }

    mutating func indented(_ body: (inout PlanPrinter) -> Void) {
        depth += 1
        body(&self)
        depth -= 1
    }

    private mutating func print(_ item: Item) {
        switch item {
        case .text(let text): output.append(text)
        case .bytes(let bytes): output.append(contentsOf: bytes)
        case .number(let number): output.append(decimal: number)
        case .local(let local):
            output.append("r")
            output.append(decimal: local.int)
        case .operand(.local(let local)): print(.local(local))
        case .operand(.constant(let constant)): print(constant: constant)
        case .operands(let operands):
            for (index, operand) in operands.enumerated() {
                if index > 0 { output.append(", ") }
                print(.operand(operand))
            }
        case .function(let function):
            if plan.functions.indices.contains(function.int) {
                output.append(contentsOf: plan.functions[function.int].name)
            }
            output.append("#")
            output.append(decimal: function.int)
        case .builtin(let builtin):
            if let name = builtinName?(builtin) {
                output.append(contentsOf: name)
            } else {
                output.append("builtin#")
                output.append(decimal: builtin)
            }
        case .path(let node): print(path: node)
        case .keys(let keys):
            for key in keys {
                output.append("[")
                print(constant: key)
                output.append("]")
            }
        }
    }

    private mutating func print(constant: Int32) {
        let value = Int(constant) < plan.constantCount ? constants[constant] : .undefined
        guard value.isDefined, let text = try? constants.space.rego(value) else {
            output.append("constant#")
            output.append(decimal: Int(constant))
            return
        }
        output.append(contentsOf: text)
    }

    private mutating func print(path node: Int32) {
        var keys: [Int32] = []
        var next: Int32? = node
        while let current = next, plan.documents.indices.contains(Int(current)), keys.count < plan.documents.count {
            if let key = plan.documents[Int(current)].key { keys.append(key) }
            next = plan.documents[Int(current)].parent
        }
        output.append("data")
        print(.keys(keys.reversed()))
    }
}
