import WritValue

extension Expander {
    mutating func expandCall(_ kind: Statement.Kind) throws(PlanError) {
        switch kind {
        case .call(let target, let function, let values):
            var operands: [IROperand] = []
            for value in values { operands.append(try operand(value)) }
            try call(local(target), function.int, operands)
        case .builtin(let target, let builtin, let values), .host(let target, let builtin, let values):
            var operands: [IROperand] = []
            for value in values { operands.append(try operand(value)) }
            try call(local(target), builtin: builtin, operands)
        case .print(let values):
            let list = fresh()
            var operands: [IROperand] = []
            for value in values { operands.append(try operand(value)) }
            emit(.make(.array, list))
            for operand in operands { emit(.add(operand, to: list, .array)) }
            try call(builtin: "internal.print", fresh(), [.local(list)])
        case .emit(let value): try expandEmit(try operand(value))
        default: break
        }
    }

    private mutating func expandEmit(_ answer: IROperand) throws(PlanError) {
        switch answers {
        case .document: emitAnswer(answer, named: Array("result".utf8))
        case .bindings(let names):
            let one = fresh()
            let values = fresh()
            let result = fresh()
            emit(.assignInteger(1, one))
            emit(.dot(source: answer, key: .local(one), values))
            emit(.make(.object, result))
            for (index, name) in names.enumerated() {
                let position = fresh()
                let value = fresh()
                emit(.assignInteger(Int64(index), position))
                emit(.dot(source: .local(values), key: .local(position), value))
                emit(.insert(key: .string(string(text: name)), value: .local(value), into: result, once: false))
            }
            emit(.addResult(result))
        }
    }

    mutating func emitAnswer(_ value: IROperand, named name: [UInt8]) {
        let result = fresh()
        emit(.make(.object, result))
        emit(.insert(key: .string(string(text: name)), value: value, into: result, once: false))
        emit(.addResult(result))
    }

    /// Calls what stands in a function's place here; the block ends where that is undefined.
    mutating func call(_ target: Int32, _ function: Int, _ operands: [IROperand]) throws(PlanError) {
        let number = Int32(truncatingIfNeeded: function)
        guard let by = replacement(of: number) else { return try callPlainly(target, function, operands, context) }
        try call(by, target, function, operands)
    }

    /// Calls what stands in a builtin's place here.
    mutating func call(_ target: Int32, builtin: Int, _ operands: [IROperand]) throws(PlanError) {
        guard let by = replacement(of: ~Int32(truncatingIfNeeded: builtin)) else {
            return try emitCall(builtin, target, operands)
        }
        try call(by, target, nil, operands)
    }

    private mutating func call(
        _ by: Replaced.By, _ target: Int32, _ function: Int?, _ operands: [IROperand]
    ) throws(PlanError) {
        switch by {
        case .data: emitBase(target, path: function.flatMap { paths[$0] } ?? [])
        case .function(let other):
            // A function that replaces another one runs without the mocks around it.
            let documents = context.filter { if case .data = $0.by { true } else { false } }
            try callPlainly(target, Int(other), operands, documents)
        case .builtin(let builtin): try emitCall(Int(builtin), target, operands)
        case .constant(let constant): emit(.assign(try operand(constant: constant), target))
        case .local(let local): emit(.assign(.local(local), target))
        }
    }

    private mutating func callPlainly(
        _ target: Int32, _ function: Int, _ operands: [IROperand], _ context: [Replaced]
    ) throws(PlanError) {
        guard plan.functions.indices.contains(function) else { throw Place().error(.reference, "no such function") }
        let relevant = restricted(context, to: function)
        let name = try name(of: function, under: relevant)
        var operands = [IROperand.local(0), .local(1)] + operands
        for replaced in relevant {
            if case .local(let local) = replaced.by { operands.append(.local(local)) }
        }
        emit(.call(name: name, operands, result: target))
    }

    /// A builtin that the statement itself stands for; nothing replaces it.
    mutating func call(builtin name: StaticString, _ target: Int32, _ operands: [IROperand]) throws(PlanError) {
        var text: [UInt8] = []
        text.append(name)
        guard let number = surroundings.number(text) else {
            throw Place().error(.unsupported, "a builtin of OPA's is missing")
        }
        try emitCall(number, target, operands)
    }

    private mutating func emitCall(_ builtin: Int, _ target: Int32, _ operands: [IROperand]) throws(PlanError) {
        guard let text = surroundings.builtin(builtin) else {
            throw Place().error(.reference, "a builtin of this number is not there")
        }
        if !builtins.contains(builtin) { builtins.append(builtin) }
        emit(.call(name: text.name, operands, result: target))
    }

    /// Base data under a path; the block ends where there is none.
    mutating func emitBase(_ target: Int32, path: [Int32]) {
        var source: Int32 = 1
        for (index, key) in path.enumerated() {
            let next = index == path.count - 1 ? target : fresh()
            emit(.dot(source: .local(source), key: .string(string(key)), next))
            source = next
        }
        if path.isEmpty { emit(.assign(.local(1), target)) }
    }

    // MARK: What is replaced

    private func replacement(of target: Int32) -> Replaced.By? {
        for replaced in context where replaced.target == target { return replaced.by }
        return nil
    }

    /// Those of the replacements that a function can come to meet.
    private mutating func restricted(_ context: [Replaced], to function: Int) -> [Replaced] {
        guard !context.isEmpty else { return [] }
        var met = reach.targets(of: function)
        var checked = 0
        while checked < met.count {
            let target = met[checked]
            checked += 1
            for replaced in context where replaced.target == target {
                guard case .function(let other) = replaced.by else { continue }
                for further in reach.targets(of: Int(other)) where !met.contains(further) { met.append(further) }
            }
        }
        return context.filter { met.contains($0.target) }
    }

    mutating func expandWith(_ overrides: [Override], _ block: Block, isLast: Bool) throws(PlanError) {
        var scope = WithScope(outer: context)
        var replaced = context
        var documents: [(local: Int32, path: [Int32], value: IROperand)] = []
        for override in overrides {
            switch override.target {
            case .input(let path):
                documents.append((0, path.map { string($0) }, try value(of: override)))
            case .data(let path, let affected):
                documents.append((1, path.map { string($0) }, try value(of: override)))
                for item in affected {
                    Self.replace(Replaced(target: item.function.index, by: .data), in: &replaced)
                }
            case .function(let function):
                Self.replace(Replaced(target: function.index, by: by(override)), in: &replaced)
            case .builtin(let builtin):
                let target = ~Int32(truncatingIfNeeded: builtin)
                Self.replace(Replaced(target: target, by: by(override)), in: &replaced)
            }
        }
        if documents.contains(where: { $0.local == 0 }) {
            let saved = fresh()
            emit(.assign(.local(0), saved))
            scope.input = saved
        }
        if documents.contains(where: { $0.local == 1 }) {
            let saved = fresh()
            emit(.assign(.local(1), saved))
            scope.data = saved
        }
        withs.append(scope)
        context = replaced
        var inner = try self.block(block, isPlain: documents.isEmpty)
        withs.removeLast()
        context = scope.outer
        guard !documents.isEmpty else { return emitNested(.block([inner])) }
        for document in documents.reversed() {
            inner = IRBlock(statements: [
                located(.with(local: document.local, path: document.path, value: document.value, inner))
            ])
        }
        emitUndefinable(inner, isLast: isLast)
    }

    mutating func expandOutside(_ block: Block, isLast: Bool) throws(PlanError) {
        guard let scope = withs.popLast() else { throw Place().error(.reference, "outside stands in no with") }
        let replaced = context
        context = scope.outer
        let isPlain = scope.input == nil && scope.data == nil
        var inner = try self.block(block, isPlain: isPlain)
        context = replaced
        withs.append(scope)
        guard !isPlain else { return emitNested(.block([inner])) }
        for (document, saved) in [(Int32(1), scope.data), (Int32(0), scope.input)] {
            guard let saved else { continue }
            inner = IRBlock(statements: [
                located(.with(local: document, path: [], value: .local(saved), inner))
            ])
        }
        emitUndefinable(inner, isLast: isLast)
    }

    /// Emits a WithStmt so that what follows runs whether it is defined or not.
    private mutating func emitUndefinable(_ block: IRBlock, isLast: Bool) {
        if isLast {
            output.append(contentsOf: block.statements)
        } else {
            emitNested(.block([block]))
        }
    }

    private mutating func value(of override: Override) throws(PlanError) -> IROperand {
        guard case .value(let value) = override.replacement else {
            throw Place().error(.unsupported, "a function stands in the place of a document")
        }
        return try operand(value)
    }

    private func by(_ override: Override) -> Replaced.By {
        switch override.replacement {
        case .value(.local(let register)): .local(local(register))
        case .value(.constant(let constant)): .constant(constant)
        case .function(let function): .function(function.index)
        case .builtin(let builtin): .builtin(Int32(truncatingIfNeeded: builtin))
        }
    }

    /// Replacements stay sorted by target, so that equal ones are equal lists.
    private static func replace(_ new: Replaced, in context: inout [Replaced]) {
        for (index, replaced) in context.enumerated() where replaced.target >= new.target {
            if replaced.target == new.target { context[index] = new } else { context.insert(new, at: index) }
            return
        }
        context.append(new)
    }
}
