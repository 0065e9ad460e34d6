import WritValue

/// Writes an `IRDocument` as JSON, in OPA's order of members.
struct IRText {
    private(set) var bytes: [UInt8] = []
    private let space: Space
    private let position: (SourceRange) -> (row: Int, column: Int)?

    init(_ space: Space, _ position: @escaping (SourceRange) -> (row: Int, column: Int)?) {
        self.space = space
        self.position = position
    }

    /// Rows and columns of statements are offsets still: `position` knows the texts.
    mutating func write(_ document: IRDocument, builtins: [PlanBuiltinText]) {
        add("{\"static\":{\"strings\":")
        list(document.strings) { text, string in text.member("value", text.space.bytes(string)) }
        if !builtins.isEmpty {
            add(",\"builtin_funcs\":")
            list(builtins) { text, builtin in
                text.add("{\"name\":")
                text.add(string: builtin.name)
                text.add(",\"decl\":")
                text.bytes.append(contentsOf: builtin.declaration)
                text.add("}")
            }
        }
        add(",\"files\":")
        list(document.files) { text, file in text.member("value", file) }
        add("},\"plans\":{\"plans\":")
        list(document.plans) { text, plan in
            text.add("{\"name\":")
            text.add(string: plan.name)
            text.add(",\"blocks\":")
            text.add(plan.blocks)
            text.add("}")
        }
        add("},\"funcs\":{\"funcs\":")
        list(document.functions) { text, function in text.add(function) }
        add("}}")
    }

    private mutating func add(_ function: IRFunction) {
        add("{\"name\":")
        add(string: function.name)
        add(",\"params\":")
        add(function.parameters)
        add(",\"return\":")
        bytes.append(decimal: Int(function.result))
        add(",\"blocks\":")
        add(function.blocks)
        if !function.path.isEmpty {
            add(",\"path\":")
            list(function.path) { text, step in text.add(string: text.space.bytes(step)) }
        }
        add("}")
    }

    private mutating func add(_ blocks: [IRBlock]) {
        list(blocks) { text, block in text.add(block) }
    }

    private mutating func add(_ block: IRBlock) {
        add("{\"stmts\":")
        list(block.statements) { text, statement in text.add(statement) }
        add("}")
    }

    private mutating func add(_ statement: IRStatement) {
        add("{\"type\":\"")
        add(statement.kind.name)
        add("\",\"stmt\":{")
        add(fieldsOf: statement.kind)
        let place = position(
            SourceRange(
                file: statement.file < 0 ? .max : UInt32(statement.file), start: statement.row, end: statement.column))
        add("\"file\":")
        bytes.append(decimal: place == nil ? 0 : Int(statement.file))
        add(",\"col\":")
        bytes.append(decimal: place?.column ?? 0)
        add(",\"row\":")
        bytes.append(decimal: place?.row ?? 0)
        add("}}")
    }

    /// The fields of a statement, each with a comma behind it.
    private mutating func add(fieldsOf kind: IRStatement.Kind) {
        switch kind {
        case .returnLocal(let source): field("source", source)
        case .call(let name, let operands, let result):
            add("\"func\":")
            add(string: name)
            add(",\"args\":")
            list(operands) { text, operand in text.add(operand) }
            add(",")
            field("result", result)
        case .callDynamic(let path, let arguments, let result):
            add("\"args\":")
            add(arguments)
            add(",")
            field("result", result)
            add("\"path\":")
            list(path) { text, operand in text.add(operand) }
            add(",")
        case .block(let blocks):
            add("\"blocks\":")
            add(blocks)
            add(",")
        case .leave(let count): field("index", Int32(truncatingIfNeeded: count))
        case .scan(let source, let key, let value, let block):
            field("source", source)
            field("key", key)
            field("value", value)
            field("block", block)
        case .not(let block): field("block", block)
        case .with(let local, let path, let value, let block):
            field("local", local)
            add("\"path\":")
            add(path)
            add(",")
            field("value", value)
            field("block", block)
        case .assignInteger(let value, let target):
            add("\"value\":")
            bytes.append(decimal: Int(value))
            add(",")
            field("target", target)
        case .assign(let source, let target), .assignOnce(let source, let target):
            field("source", source)
            field("target", target)
        case .makeNumber(let string, let target):
            field("index", string)
            field("target", target)
        case .make(let gathering, let target):
            if case .array = gathering { field("capacity", 0) }
            field("target", target)
        default: add(simpleFieldsOf: kind)
        }
    }

    private mutating func add(simpleFieldsOf kind: IRStatement.Kind) {
        switch kind {
        case .reset(let target), .makeNull(let target): field("target", target)
        case .dot(let source, let key, let target):
            field("source", source)
            field("key", key)
            field("target", target)
        case .length(let source, let target):
            field("source", source)
            field("target", target)
        case .equal(let a, let b), .notEqual(let a, let b):
            field("a", a)
            field("b", b)
        case .isArray(let source), .isObject(let source), .isSet(let source): field("source", source)
        case .isDefined(let source), .isUndefined(let source): field("source", source)
        case .add(let value, let target, let gathering):
            field("value", value)
            if case .set = gathering { field("set", target) } else { field("array", target) }
        case .insert(let key, let value, let target, _):
            field("key", key)
            field("value", value)
            field("object", target)
        case .merge(let a, let b, let target):
            field("a", a)
            field("b", b)
            field("target", target)
        case .addResult(let value): field("value", value)
        default: break
        }
    }

    // MARK: Fields

    private mutating func field(_ name: StaticString, _ number: Int32) {
        key(name)
        bytes.append(decimal: Int(number))
        add(",")
    }

    private mutating func field(_ name: StaticString, _ operand: IROperand) {
        key(name)
        add(operand)
        add(",")
    }

    private mutating func field(_ name: StaticString, _ block: IRBlock) {
        key(name)
        add(block)
        add(",")
    }

    private mutating func key(_ name: StaticString) {
        add("\"")
        add(name)
        add("\":")
    }

    private mutating func add(_ operand: IROperand) {
        switch operand {
        case .local(let local):
            add("{\"type\":\"local\",\"value\":")
            bytes.append(decimal: Int(local))
        case .string(let index):
            add("{\"type\":\"string_index\",\"value\":")
            bytes.append(decimal: Int(index))
        case .boolean(let value):
            add("{\"type\":\"bool\",\"value\":")
            add(value ? "true" : "false")
        }
        add("}")
    }

    private mutating func add(_ numbers: [Int32]) {
        list(numbers) { text, number in text.bytes.append(decimal: Int(number)) }
    }

    private mutating func list<T>(_ items: [T], _ body: (inout IRText, T) -> Void) {
        add("[")
        for (index, item) in items.enumerated() {
            if index > 0 { add(",") }
            body(&self, item)
        }
        add("]")
    }

    private mutating func member(_ name: StaticString, _ value: [UInt8]) {
        add("{")
        key(name)
        add(string: value)
        add("}")
    }

    private mutating func add(_ literal: StaticString) { bytes.append(literal) }

    /// A JSON string; `<`, `>` and `&` are escaped, as Go does.
    private mutating func add(string: [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in string {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"):
                add("\\u00")
                bytes.append(Self.digit(byte / 16))
                bytes.append(Self.digit(byte % 16))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

extension IRStatement.Kind {
    /// The name that OPA gives the statement.
    fileprivate var name: StaticString {
        switch self {
        case .returnLocal: "ReturnLocalStmt"
        case .call: "CallStmt"
        case .callDynamic: "CallDynamicStmt"
        case .block: "BlockStmt"
        case .leave: "BreakStmt"
        case .dot: "DotStmt"
        case .length: "LenStmt"
        case .scan: "ScanStmt"
        case .not: "NotStmt"
        case .assignInteger: "MakeNumberIntStmt"
        case .assign: "AssignVarStmt"
        case .assignOnce: "AssignVarOnceStmt"
        case .reset: "ResetLocalStmt"
        case .makeNull: "MakeNullStmt"
        case .makeNumber: "MakeNumberRefStmt"
        case .make(let gathering, _):
            switch gathering {
            case .array: "MakeArrayStmt"
            case .set: "MakeSetStmt"
            case .object: "MakeObjectStmt"
            }
        case .equal: "EqualStmt"
        case .notEqual: "NotEqualStmt"
        case .isArray: "IsArrayStmt"
        case .isObject: "IsObjectStmt"
        case .isSet: "IsSetStmt"
        case .isDefined: "IsDefinedStmt"
        case .isUndefined: "IsUndefinedStmt"
        case .add(_, _, let gathering):
            switch gathering {
            case .set: "SetAddStmt"
            case .array, .object: "ArrayAppendStmt"
            }
        case .insert(_, _, _, let once): once ? "ObjectInsertOnceStmt" : "ObjectInsertStmt"
        case .merge: "ObjectMergeStmt"
        case .with: "WithStmt"
        case .nothing: "NopStmt"
        case .addResult: "ResultSetAddStmt"
        }
    }
}
