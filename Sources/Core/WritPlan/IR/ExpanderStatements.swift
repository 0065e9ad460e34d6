import WritValue

extension Expander {
    mutating func expand(_ kind: Statement.Kind, isLast: Bool) throws(PlanError) {
        switch kind {
        case .block, .not, .scan, .documentScan, .dispatch, .with, .outside: try expandNested(kind, isLast: isLast)
        case .leave(let count): try expandLeave(count)
        case .yield(let value): emit(.returnLocal(local(holding: try operand(value))))
        case .assign(let target, let value): emit(.assign(try operand(value), local(target)))
        case .assignOnce(let target, let value, _): emit(.assignOnce(try operand(value), local(target)))
        case .reset(let target): emit(.reset(local(target)))
        case .makeArray, .makeSet, .makeObject, .makeRecord, .gather, .add, .insert, .insertPath, .gathered, .regather,
            .merge, .upsert:
            try expandMaking(kind)
        case .call, .builtin, .host, .print, .emit: try expandCall(kind)
        case .input(let target):
            emit(.isDefined(0))
            emit(.assign(.local(0), local(target)))
        case .data(let target): emit(.assign(.local(1), local(target)))
        case .document(let target, let node): try expandDocument(target, node)
        case .documentDot(let target, let source, let key): try expandDocumentDot(target, source, key)
        case .documentValue(let target, let source): try expandDocumentValue(target, source)
        case .dot, .length, .equal, .notEqual, .ordered, .truthy, .isDefined, .isUndefined, .isArray, .isObject,
            .isSet, .isCollection, .isTuple, .hasKeyCount:
            try expandCheck(kind)
        case .keep, .mark, .rewind, .trace: break
        }
    }

    private mutating func expandCheck(_ kind: Statement.Kind) throws(PlanError) {
        switch kind {
        case .dot(let target, let source, let key):
            let source = try operand(source)
            emit(.dot(source: source, key: try operand(key), local(target)))
        case .length(let target, let source): emit(.length(try operand(source), local(target)))
        case .equal(let a, let b):
            let a = try operand(a)
            emit(.equal(a, try operand(b)))
        case .notEqual(let a, let b):
            let a = try operand(a)
            emit(.notEqual(a, try operand(b)))
        case .ordered(let a, let ordering, let b):
            let a = try operand(a)
            let b = try operand(b)
            let result = fresh()
            switch ordering {
            case .less: try call(builtin: "lt", result, [a, b])
            case .lessOrEqual: try call(builtin: "lte", result, [a, b])
            case .greater: try call(builtin: "gt", result, [a, b])
            case .greaterOrEqual: try call(builtin: "gte", result, [a, b])
            }
            emit(.notEqual(.local(result), .boolean(false)))
        case .truthy(let value): emit(.notEqual(try operand(value), .boolean(false)))
        case .isDefined(let value): emit(.isDefined(local(value)))
        case .isUndefined(let value): emit(.isUndefined(local(value)))
        case .isArray(let value): emit(.isArray(try operand(value)))
        case .isObject(let value): emit(.isObject(try operand(value)))
        case .isSet(let value): emit(.isSet(try operand(value)))
        case .isCollection(let value):
            let value = try operand(value)
            // Not: not an array, not an object and not a set.
            let isNone = IRBlock(
                statements: [IRStatement.Kind.isArray(value), .isObject(value), .isSet(value)].map { check in
                    located(.not(IRBlock(statements: [located(check)])))
                })
            emit(.not(isNone))
        case .isTuple(let value, let count):
            let value = try operand(value)
            emit(.isArray(value))
            emitLength(of: value, is: count)
        case .hasKeyCount(let value, let count):
            let value = try operand(value)
            emit(.isObject(value))
            emitLength(of: value, is: count)
        default: break
        }
    }

    private mutating func emitLength(of value: IROperand, is count: Int) {
        let length = fresh()
        let wanted = fresh()
        emit(.length(value, length))
        emit(.assignInteger(Int64(count), wanted))
        emit(.equal(.local(length), .local(wanted)))
    }

    // MARK: Operands

    func operand(_ local: Local) -> IROperand { .local(self.local(local)) }

    /// What a statement reads; constants that are no operands of the IR are made first.
    mutating func operand(_ operand: Operand) throws(PlanError) -> IROperand {
        switch operand {
        case .local(let register): return .local(local(register))
        case .constant(let constant): return try self.operand(constant: constant)
        }
    }

    mutating func operand(constant: Int32) throws(PlanError) -> IROperand {
        let value = constants[constant]
        if value.isString { return .string(string(constant)) }
        return try made(value, depth: 0)
    }

    /// The operand in a local of its own, where it is none.
    mutating func local(holding operand: IROperand) -> Int32 {
        if case .local(let local) = operand { return local }
        let local = fresh()
        emit(.assign(operand, local))
        return local
    }

    mutating func made(_ value: Value, depth: Int) throws(PlanError) -> IROperand {
        guard depth < 500 else { throw Place().error(.limit, "a constant nests too deeply") }
        switch value.kind {
        case .string: return .string(string(text: space.bytes(value)))
        case .boolean: return .boolean(value.isTrue)
        case .number: return .local(number(value))
        case .array, .set: return .local(try elements(value, depth))
        case .object: return .local(try entries(value, depth))
        default:
            let local = fresh()
            emit(.makeNull(local))
            return .local(local)
        }
    }

    private mutating func number(_ value: Value) -> Int32 {
        let local = fresh()
        let text = space.withNumberText(value) { Array($0) }
        if let integer = space.int64(value) {
            var plain: [UInt8] = []
            plain.append(decimal: Int(integer))
            if plain == text {
                emit(.assignInteger(integer, local))
                return local
            }
        }
        emit(.makeNumber(string: string(text: text), local))
        return local
    }

    private mutating func elements(_ value: Value, _ depth: Int) throws(PlanError) -> Int32 {
        let local = fresh()
        let kind: Gathering = value.isSet ? .set : .array
        emit(.make(kind, local))
        let elements = space.elements(value)
        for index in 0..<elements.count {
            emit(.add(try made(elements[index], depth: depth + 1), to: local, kind))
        }
        return local
    }

    private mutating func entries(_ value: Value, _ depth: Int) throws(PlanError) -> Int32 {
        let local = fresh()
        emit(.make(.object, local))
        let entries = space.entries(value)
        for index in 0..<entries.count {
            let key = try made(entries.keys[index], depth: depth + 1)
            let value = try made(entries.values[index], depth: depth + 1)
            emit(.insert(key: key, value: value, into: local, once: false))
        }
        return local
    }
}
