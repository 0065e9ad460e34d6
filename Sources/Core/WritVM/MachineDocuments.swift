import WritPlan
import WritValue

extension Machine {
    enum Document {
        case value(Value)
        case function(Int)
    }

    /// A register that stands for a node of the document tree.
    @inline(__always)
    func cursor(_ node: Int) -> Value {
        Value(low: UInt64(truncatingIfNeeded: node), high: UInt64(Value.Tag.document) &<< 56)
    }

    /// What lies under a key of a cursor, or of a value.
    func document(_ source: Value, _ key: Value) -> Document {
        guard source.tag == Value.Tag.document else { return .value(element(of: source, key, orMember: true)) }
        let node = Int(truncatingIfNeeded: source.low)
        for child in program.nodes[node].children {
            let compiled = program.nodes[Int(child)]
            guard let constant = compiled.key, space.equal(constants[Int(constant)], key) else { continue }
            guard let function = compiled.function else { break }
            if compiled.isRule { return .some(function.int, self) }
            // An inner node under a `with` that replaces it is a value like any other.
            let context = state.pointee.contexts[state.pointee.context]
            if context.override >= 0, case .value(let value) = replaced(function.index, in: context.override) {
                return .value(value)
            }
            return .value(cursor(Int(child)))
        }
        let document = base(node)
        if key.isNumber, document.isObject {
            // Paths into base data are text: `data[2]` is `data["2"]`.
            let text = space.withNumberText(key) { try? space.string($0) }
            return .value(space.member(document, text ?? key))
        }
        return .value(element(of: document, key, orMember: true))
    }

    /// The document that a cursor stands for; a value stands for itself.
    func document(_ source: Value) -> Document {
        guard source.tag == Value.Tag.document else { return .value(source) }
        let node = Int(truncatingIfNeeded: source.low)
        guard let function = program.nodes[node].function else { return .value(base(node)) }
        return .some(function.int, self)
    }

    /// Base data at a node's path, or undefined.
    func base(_ node: Int) -> Value { base(node, depth: 0) }

    private func base(_ node: Int, depth: Int) -> Value {
        let compiled = program.nodes[node]
        guard let parent = compiled.parent, let key = compiled.key else {
            return state.pointee.contexts[state.pointee.context].data
        }
        // Nothing lies deeper than data may.
        guard depth < Space.depthLimit else { return .undefined }
        return space.member(base(Int(parent), depth: depth &+ 1), constants[Int(key)])
    }

    /// The keys of a cursor (of rules and of base data) or of a value, as an array.
    func documentKeys(_ source: Value) throws(Fault) -> Value {
        var list = ValueList()
        let node = Int(truncatingIfNeeded: source.low)
        let document = source.tag == Value.Tag.document ? base(node) : source
        switch document.tag {
        case Value.Tag.array:
            for index in 0..<document.count { try list.append(.integer(index), in: space) }
        case Value.Tag.set:
            if source.tag != Value.Tag.document { return space.array(elementsOf: document) }
        case Value.Tag.object:
            let entries = space.entries(document)
            for index in 0..<entries.count { try list.append(entries.keys[index], in: space) }
        default: break
        }
        guard source.tag == Value.Tag.document else { return space.array(adopting: list) }
        for child in program.nodes[node].children {
            let childNode = program.nodes[Int(child)]
            guard let constant = childNode.key, childNode.function != nil else { continue }
            try list.append(constants[Int(constant)], in: space)
        }
        return space.array(elementsOf: try space.set(list))
    }

    // MARK: Dispatch

    /// The candidates that a decision tree leaves, as a range of its list: end << 32 | start.
    func choose(_ table: DispatchTable, _ registers: UnsafeMutablePointer<Value>) -> Value {
        var number = 0
        while true {
            switch table.nodes[number] {
            case .leaf(let start, let count):
                return Value(low: UInt64(start + count) << 32 | UInt64(start), high: 0)
            case .branch(let key, let start, let count, let otherwise):
                let value = registers[Int(table.keys[Int(key)])]
                number = Int(otherwise)
                guard value.isDefined else { continue }
                let hash = space.hash(value)
                var low = Int(start)
                var high = Int(start + count)
                while low < high {
                    let middle = (low + high) / 2
                    if table.branches[middle].hash < hash { low = middle + 1 } else { high = middle }
                }
                while low < Int(start + count), table.branches[low].hash == hash {
                    let branch = table.branches[low]
                    if space.equal(constants[Int(branch.constant)], value) {
                        number = Int(branch.node)
                        break
                    }
                    low += 1
                }
            }
        }
    }

    @inline(__always)
    func start(ofCandidate position: Int, _ table: DispatchTable) -> Int {
        Int(table.starts[Int(table.lists[position])])
    }
}

extension Machine.Document {
    /// A function's memo or replacement where there is one, else the function to call.
    static func some(_ function: Int, _ machine: Machine) -> Machine.Document {
        let context = machine.state.pointee.contexts[machine.state.pointee.context]
        if context.override >= 0 {
            switch machine.replaced(Int32(truncatingIfNeeded: function), in: context.override) {
            case .value(let value): return .value(value)
            case .function(let other): return .function(other)
            case .nothing, .builtin: break
            }
        }
        if machine.program.functions[function].memo != .never {
            let entry = context.memo[function]
            if entry.generation == context.generation { return .value(entry.value) }
            if machine.program.functions[function].memo == .snapshot, !context.differs,
                machine.lasting[function].isKnown
            {
                return .value(machine.lasting[function].value)
            }
        }
        return .function(function)
    }
}
