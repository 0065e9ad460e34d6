import WritBuiltins
import WritPlan
import WritValue

extension Machine {
    /// What stands in for a callee under a `with`.
    enum Replaced {
        case nothing
        case value(Value)
        case function(Int)
        case builtin(Int)
    }

    /// What replaces a function (its number) or builtin (`~` its number) from this override on outwards.
    func replaced(_ callee: Int32, in first: Int32) -> Replaced {
        var index = first
        while index >= 0 {
            let override = overrides[Int(index)]
            if override.callee == callee {
                switch override.replacement {
                case .value: return .value(override.value)
                case .function(let function): return .function(function.int)
                case .builtin(let builtin): return .builtin(builtin)
                }
            }
            index = override.next
        }
        return .nothing
    }

    /// Gathers the operands of a list; good until the next call of `load`.
    @inline(__always)
    func load(
        _ start: Int32, _ count: Int32, _ registers: UnsafeMutablePointer<Value>
    ) -> UnsafeBufferPointer<Value> {
        let arguments = state.pointee.arguments
        program.operands.withUnsafeBufferPointer { operands in
            for index in 0..<Int(count) {
                let operand = operands[Int(start) &+ index]
                arguments[index] = operand >= 0 ? registers[Int(operand)] : constants[Int(~operand)]
            }
        }
        return UnsafeBufferPointer(start: arguments, count: Int(count))
    }

    /// Calls a pure builtin. Its errors make the result undefined unless the machine is strict.
    func callBuiltin(
        _ builtin: Int, _ record: CallRecord, _ registers: UnsafeMutablePointer<Value>, at position: Int
    ) throws(Fault) -> Value {
        guard let implementation = implementations[builtin] else {
            var text = TextBuilder()
            text.append("builtin `")
            text.append(Registry.all[builtin].name)
            text.append("` is not provided here")
            throw Fault(.unsupported, message: text.value(in: space))
        }
        let arguments = load(record.operandStart, record.operandCount, registers)
        builtins.stepsLeft.pointee &-= 1
        if builtins.stepsLeft.pointee < 0 { try builtins.refuel() }
        for index in 0..<arguments.count where arguments[index].isUndefined { return .undefined }
        do throws(Fault) {
            return try implementation(builtins, Arguments(arguments.baseAddress, count: arguments.count))
        } catch {
            guard error.isBuiltinError, !isStrict else { throw named(error, builtin) }
            return .undefined
        }
    }

    /// The fault with the builtin's name before its message.
    func named(_ fault: Fault, _ builtin: Int) -> Fault {
        guard fault.isBuiltinError else { return fault }
        var text = TextBuilder()
        text.append(Registry.all[builtin].name)
        text.append(": ")
        text.append(fault.message, in: space)
        return Fault(fault.code, message: text.value(in: space))
    }

    /// The host call that a builtin stands for; nil if it is no host's to answer.
    func hostCall(_ builtin: Int, _ record: CallRecord, _ registers: UnsafeMutablePointer<Value>) -> HostCall? {
        guard case .host(let service) = Registry.all[builtin].kind else { return nil }
        let arguments = load(record.operandStart, record.operandCount, registers)
        return HostCall(
            service: service, builtin: builtin,
            arguments: Arguments(arguments.baseAddress, count: arguments.count))
    }

    /// Stores a result for later calls as the function's memo policy says; gives the value to go on with.
    func remember(_ result: Value, of function: Int) throws(Fault) -> Value {
        let memo = program.functions[function].memo
        guard memo != .never else { return result }
        let context = state.pointee.contexts + state.pointee.context
        let kept = try space.kept(result)
        if memo == .snapshot, !context.pointee.differs {
            if lasting[function].isKnown { return lasting[function].value }
            let lastingValue: Value
            if kept.isReference, !space.isLasting(kept) {
                guard space.attachedPieces < Space.pieceLimit else {
                    // No number is left for a piece: it is good for this context only.
                    context.pointee.memo[function] = MemoEntry(value: kept, generation: context.pointee.generation)
                    return kept
                }
                let piece = try Piece(freezing: kept, of: space, limit: limits.memory)
                try space.charge(piece.size)
                lastingPieces.append(piece)
                lastingValue = space.root(of: piece, attachedAs: space.attach(piece))
            } else {
                lastingValue = kept
            }
            lasting[function] = LastingEntry(value: lastingValue, isKnown: true)
            return lastingValue
        }
        context.pointee.memo[function] = MemoEntry(value: kept, generation: context.pointee.generation)
        return kept
    }

    // MARK: Print

    /// Gives the host a line for each way to take a value of every operand. An operand is a set of its values, empty
    /// where it is undefined; plans of OPA's IR give all of them in one array.
    func print(_ arguments: Arguments, _ range: SourceRange) throws(Fault) {
        guard let onPrint else { return }
        var operands: [Value] = []
        if arguments.count == 1, arguments[0].isArray {
            let list = space.elements(arguments[0])
            for index in 0..<list.count { operands.append(list[index]) }
        } else {
            for index in 0..<arguments.count { operands.append(arguments[index]) }
        }
        var taken = [Int](repeating: 0, count: operands.count)
        var line = [Value](repeating: .undefined, count: operands.count)
        while true {
            try builtins.spend(1 &+ operands.count)
            for (index, operand) in operands.enumerated() {
                guard operand.isSet else {
                    line[index] = operand
                    continue
                }
                let values = space.elements(operand)
                line[index] = taken[index] < values.count ? values[taken[index]] : .undefined
            }
            line.withUnsafeBufferPointer { onPrint(Arguments($0.baseAddress, count: $0.count), range) }
            var place = operands.count &- 1
            while place >= 0 {
                taken[place] &+= 1
                if operands[place].isSet, taken[place] < space.elements(operands[place]).count { break }
                taken[place] = 0
                place &-= 1
            }
            if place < 0 { return }
        }
    }

    // MARK: With

    /// Enters a context with replacements; R(a) keeps the outer context, R(a+1) the inner one.
    func enter(
        _ replacements: [CompiledOverride], _ registers: UnsafeMutablePointer<Value>, _ a: Int
    ) throws(Fault) {
        let outer = state.pointee.context
        let before = overrides.count
        let from = state.pointee.contexts[outer]
        var input = from.input
        var data = from.data
        var override = from.override
        var differs = from.differs
        for replacement in replacements {
            let value =
                replacement.operand >= 0
                ? registers[Int(replacement.operand)] : constants[Int(~replacement.operand)]
            switch replacement.target {
            case .input(let path): input = try upserting(input, path, value)
            case .data(let path, let affected):
                data = try upserting(data, path, value)
                differs = true
                if override >= 0 { try change(above: path, value, &override) }
                for item in affected {
                    var inner = value
                    for key in item.path { inner = element(of: inner, constants[Int(key)], orMember: true) }
                    override = push(
                        ActiveOverride(
                            callee: item.function.index, replacement: .value(.constant(0)), value: inner,
                            isDocument: true, next: override))
                }
            case .function(let function):
                differs = true
                override = push(
                    ActiveOverride(
                        callee: function.index, replacement: replacement.replacement, value: value,
                        isDocument: false, next: override))
            case .builtin(let builtin):
                differs = true
                override = push(
                    ActiveOverride(
                        callee: ~Int32(truncatingIfNeeded: builtin), replacement: replacement.replacement,
                        value: value, isDocument: false, next: override))
            }
        }
        let inner = try pushContext(
            input: input, data: data, override: override, differs: differs, overridesBefore: before)
        registers[a] = Value(low: UInt64(outer), high: 0)
        registers[a &+ 1] = Value(low: UInt64(inner), high: 0)
        state.pointee.context = inner
    }

    /// Puts a value into the documents above its path that are replaced already.
    private func change(above path: [Int32], _ value: Value, _ override: inout Int32) throws(Fault) {
        var node = 0
        for index in path.indices {
            if let function = program.nodes[node].function,
                case .value(let document) = replaced(function.index, in: override)
            {
                let changed = try upserting(document, Array(path[index...]), value)
                override = push(
                    ActiveOverride(
                        callee: function.index, replacement: .value(.constant(0)), value: changed, isDocument: true,
                        next: override))
            }
            let child = program.nodes[node].children.first { child in
                guard let key = program.nodes[Int(child)].key else { return false }
                return space.equal(constants[Int(key)], constants[Int(path[index])])
            }
            guard let child else { return }
            node = Int(child)
        }
    }

    /// Enters the context in which a replacing function runs: documents stay replaced, functions are their own
    /// selves again, so that a mock may call what it stands for. The frame's return leaves it.
    func forgetMocks() throws(Fault) {
        let context = state.pointee.contexts[state.pointee.context]
        let before = overrides.count
        var documents: [ActiveOverride] = []
        var index = context.override
        while index >= 0 {
            let override = overrides[Int(index)]
            if override.isDocument { documents.append(override) }
            index = override.next
        }
        // The innermost one stays the first to be found.
        var kept: Int32 = -1
        for var override in documents.reversed() {
            override.next = kept
            kept = push(override)
        }
        state.pointee.context = try pushContext(
            input: context.input, data: context.data, override: kept, differs: context.differs,
            overridesBefore: before)
    }

    private func push(_ override: ActiveOverride) -> Int32 {
        overrides.append(override)
        return Int32(truncatingIfNeeded: overrides.count &- 1)
    }

    private func upserting(_ document: Value, _ path: [Int32], _ value: Value) throws(Fault) -> Value {
        guard !path.isEmpty else { return value }
        var keys = ValueList()
        for key in path { try keys.append(constants[Int(key)], in: space) }
        return try space.upserting(document, path: keys, value: value)
    }
}
