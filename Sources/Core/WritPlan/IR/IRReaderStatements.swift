import WritValue

extension IRReader {
    /// A statement that has blocks.
    mutating func nested(_ name: IRStatementName, _ fields: Value) throws(PlanError) -> IRStatement.Kind {
        switch name {
        case .block: return .block(try blocks(fields))
        case .not: return .not(try block(of: fields))
        case .scan: return try scan(fields)
        default: return try with(fields)
        }
    }

    private mutating func scan(_ fields: Value) throws(PlanError) -> IRStatement.Kind {
        .scan(
            source: try local(fields, "source"), key: try local(fields, "key"), value: try local(fields, "value"),
            try block(of: fields))
    }

    private mutating func with(_ fields: Value) throws(PlanError) -> IRStatement.Kind {
        .with(
            local: try local(fields, "local"), path: try strings(fields, "path"),
            value: try operand(fields, "value"), try block(of: fields))
    }

    /// A statement without blocks.
    mutating func simple(_ name: IRStatementName, _ fields: Value) throws(PlanError) -> IRStatement.Kind {
        switch name {
        case .assignVar: return .assign(try operand(fields, "source"), try local(fields, "target"))
        case .assignVarOnce: return .assignOnce(try operand(fields, "source"), try local(fields, "target"))
        case .assignInt: return .assignInteger(try integer(fields, "value"), try local(fields, "target"))
        case .resetLocal: return .reset(try local(fields, "target"))
        case .call:
            return .call(
                name: space.bytes(try text(fields, "func")), try operands(fields, "args"),
                result: try local(fields, "result"))
        case .callDynamic:
            return .callDynamic(
                path: try operands(fields, "path"), try dynamicArguments(fields), result: try local(fields, "result"))
        case .returnLocal: return .returnLocal(try local(fields, "source"))
        case .leave:
            let index = try integer(fields, "index")
            guard index >= 0, index <= Int64(Self.depthLimit) else {
                throw place.error(.reference, "leaves more blocks than there are", key: "index")
            }
            return .leave(Int(index))
        case .dot:
            return .dot(
                source: try operand(fields, "source"), key: try operand(fields, "key"), try local(fields, "target"))
        case .len: return .length(try operand(fields, "source"), try local(fields, "target"))
        case .makeNull: return .makeNull(try local(fields, "target"))
        case .makeNumberInt: return .assignInteger(try integer(fields, "value"), try local(fields, "target"))
        case .makeNumberRef:
            // Spelled with a capital before OPA 1.17.
            let index = string(member(fields, "Index")) ?? string(member(fields, "index"))
            guard let index else {
                throw place.error(.reference, "must be the index of a static string", key: "index")
            }
            return .makeNumber(string: index, try local(fields, "target"))
        case .makeArray: return .make(.array, try local(fields, "target"))
        case .makeObject: return .make(.object, try local(fields, "target"))
        case .makeSet: return .make(.set, try local(fields, "target"))
        case .equal: return .equal(try operand(fields, "a"), try operand(fields, "b"))
        case .notEqual: return .notEqual(try operand(fields, "a"), try operand(fields, "b"))
        case .isArray: return .isArray(try operand(fields, "source"))
        case .isObject: return .isObject(try operand(fields, "source"))
        case .isSet: return .isSet(try operand(fields, "source"))
        case .isDefined: return .isDefined(try local(fields, "source"))
        case .isUndefined: return .isUndefined(try local(fields, "source"))
        case .arrayAppend: return .add(try operand(fields, "value"), to: try local(fields, "array"), .array)
        case .setAdd: return .add(try operand(fields, "value"), to: try local(fields, "set"), .set)
        case .objectInsert, .objectInsertOnce:
            return .insert(
                key: try operand(fields, "key"), value: try operand(fields, "value"),
                into: try local(fields, "object"), once: name == .objectInsertOnce)
        case .objectMerge:
            return .merge(try local(fields, "a"), try local(fields, "b"), try local(fields, "target"))
        case .resultSetAdd: return .addResult(try local(fields, "value"))
        case .nop, .block, .not, .scan, .with: return .nothing
        }
    }

    /// The operands of a dynamic call: numbers of locals, or operands that are locals.
    private mutating func dynamicArguments(_ fields: Value) throws(PlanError) -> [Int32] {
        if space.element(member(fields, "args"), 0).isNumber { return try locals(fields, "args") }
        var result: [Int32] = []
        for operand in try operands(fields, "args") {
            guard case .local(let local) = operand else {
                throw place.error(.form, "must be locals", key: "args")
            }
            result.append(local)
        }
        return result
    }
}

/// The types of statements.
enum IRStatementName: UInt8, CaseIterable {
    // The frequent ones first: they are compared in turn.
    case assignVar, assignVarOnce, call, objectInsert, resetLocal, makeObject, makeNumberRef, returnLocal, isDefined
    case arrayAppend, resultSetAdd, dot, block, setAdd, equal, leave, makeArray, makeSet, scan, notEqual
    case makeNumberInt, assignInt, isUndefined, with, len, objectInsertOnce, isArray, isObject, not, objectMerge
    case isSet, makeNull, callDynamic, nop

    var text: StaticString {
        switch self {
        case .assignVar: "AssignVarStmt"
        case .assignVarOnce: "AssignVarOnceStmt"
        case .call: "CallStmt"
        case .objectInsert: "ObjectInsertStmt"
        case .resetLocal: "ResetLocalStmt"
        case .makeObject: "MakeObjectStmt"
        case .makeNumberRef: "MakeNumberRefStmt"
        case .returnLocal: "ReturnLocalStmt"
        case .isDefined: "IsDefinedStmt"
        case .arrayAppend: "ArrayAppendStmt"
        case .resultSetAdd: "ResultSetAddStmt"
        case .dot: "DotStmt"
        case .block: "BlockStmt"
        case .setAdd: "SetAddStmt"
        case .equal: "EqualStmt"
        case .leave: "BreakStmt"
        case .makeArray: "MakeArrayStmt"
        case .makeSet: "MakeSetStmt"
        case .scan: "ScanStmt"
        case .notEqual: "NotEqualStmt"
        case .makeNumberInt: "MakeNumberIntStmt"
        case .assignInt: "AssignIntStmt"
        case .isUndefined: "IsUndefinedStmt"
        case .with: "WithStmt"
        case .len: "LenStmt"
        case .objectInsertOnce: "ObjectInsertOnceStmt"
        case .isArray: "IsArrayStmt"
        case .isObject: "IsObjectStmt"
        case .not: "NotStmt"
        case .objectMerge: "ObjectMergeStmt"
        case .isSet: "IsSetStmt"
        case .makeNull: "MakeNullStmt"
        case .callDynamic: "CallDynamicStmt"
        case .nop: "NopStmt"
        }
    }

    /// Whether there are blocks inside the statement.
    var hasBlocks: Bool {
        switch self {
        case .block, .not, .scan, .with: true
        default: false
        }
    }

    static func find(_ type: Value, _ space: Space) -> IRStatementName? {
        for name in allCases where space.string(type, equals: name.text) { return name }
        return nil
    }
}
