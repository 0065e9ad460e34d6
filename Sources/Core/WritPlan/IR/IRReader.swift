import WritValue

/// Reads the JSON of a plan into an `IRDocument`. Everything in it may be hostile.
struct IRReader {
    let space: Space
    var place = Place()
    var document = IRDocument()
    private var depth = 0

    /// Blocks inside blocks: every pass over a plan goes down them on the native stack.
    static var depthLimit: Int { 100 }
    /// The number of a local; functions number theirs from 0.
    static var localLimit: Int { 1 << 20 }

    init(_ space: Space) { self.space = space }

    mutating func read(_ root: Value) throws(PlanError) {
        guard root.isObject else { throw place.error(.form, "a plan is an object") }
        let constants = member(root, "static")
        if constants.isObject {
            place.push("static")
            document.strings = try list(constants, "strings") { reader, item throws(PlanError) in
                try reader.text(item, "value")
            }
            document.files = try list(constants, "files") { reader, item throws(PlanError) in
                reader.space.bytes(try reader.text(item, "value"))
            }
            place.pop()
        } else if constants.isDefined, !constants.isNull {
            throw place.error(.form, "must be an object", key: "static")
        }
        document.functions = try section(root, "funcs") { reader, item throws(PlanError) in
            try reader.function(item)
        }
        document.plans = try section(root, "plans") { reader, item throws(PlanError) in
            IRPlan(name: reader.space.bytes(try reader.text(item, "name")), blocks: try reader.blocks(item))
        }
    }

    /// The list of the same name inside an object: `"plans": {"plans": [...]}`.
    private mutating func section<T>(
        _ root: Value, _ name: StaticString, _ read: (inout IRReader, Value) throws(PlanError) -> T
    ) throws(PlanError) -> [T] {
        let object = member(root, name)
        if object.isUndefined || object.isNull { return [] }
        place.push(name)
        defer { place.pop() }
        guard object.isObject else { throw place.error(.form, "must be an object") }
        return try list(object, name, read)
    }

    private mutating func function(_ item: Value) throws(PlanError) -> IRFunction {
        IRFunction(
            name: space.bytes(try text(item, "name")),
            path: try list(item, "path") { reader, item throws(PlanError) in
                guard item.isString else { throw reader.place.error(.form, "must be a string") }
                return item
            }, parameters: try locals(item, "params"), blocks: try blocks(item))
    }

    // MARK: Blocks

    // These call each other down to the innermost block: written out, so that their frames stay small.

    mutating func blocks(_ item: Value) throws(PlanError) -> [IRBlock] {
        let list = try array(item, "blocks")
        var blocks: [IRBlock] = []
        place.push("blocks")
        for index in 0..<list.count {
            place.push(index)
            blocks.append(try block(list[index]))
            place.pop()
        }
        place.pop()
        return blocks
    }

    private mutating func block(_ item: Value) throws(PlanError) -> IRBlock {
        guard item.isObject else { throw place.error(.form, "must be an object") }
        guard depth < Self.depthLimit else { throw place.error(.limit, "blocks are nested too deeply") }
        depth += 1
        defer { depth -= 1 }
        let list = try array(item, "stmts")
        var statements: [IRStatement] = []
        statements.reserveCapacity(list.count)
        place.push("stmts")
        for index in 0..<list.count {
            place.push(index)
            statements.append(try statement(list[index]))
            place.pop()
        }
        place.pop()
        return IRBlock(statements: statements)
    }

    mutating func block(of statement: Value) throws(PlanError) -> IRBlock {
        place.push("block")
        defer { place.pop() }
        let item = member(statement, "block")
        return item.isNull ? IRBlock(statements: []) : try block(item)
    }

    private mutating func statement(_ item: Value) throws(PlanError) -> IRStatement {
        let name = try name(item)
        let fields = try fields(item)
        var statement = located(fields)
        place.push("stmt")
        statement.kind = name.hasBlocks ? try nested(name, fields) : try simple(name, fields)
        place.pop()
        return statement
    }

    private func name(_ item: Value) throws(PlanError) -> IRStatementName {
        guard let name = IRStatementName.find(try text(item, "type"), space) else {
            throw place.error(.form, "is not the name of a statement", key: "type")
        }
        return name
    }

    private func fields(_ item: Value) throws(PlanError) -> Value {
        let fields = member(item, "stmt")
        if fields.isUndefined || fields.isNull { return .emptyObject }
        guard fields.isObject else { throw place.error(.form, "must be an object", key: "stmt") }
        return fields
    }

    private func located(_ fields: Value) -> IRStatement {
        let file = number(fields, "file") ?? -1
        return IRStatement(
            kind: .nothing, file: file >= 0 && file < Int64(document.files.count) ? Int32(file) : -1,
            row: UInt32(clamping: number(fields, "row") ?? 0), column: UInt32(clamping: number(fields, "col") ?? 0))
    }

    // MARK: Fields

    func member(_ object: Value, _ key: StaticString) -> Value { space.member(object, .short(key)) }

    func text(_ object: Value, _ key: StaticString) throws(PlanError) -> Value {
        let value = member(object, key)
        guard value.isString else { throw place.error(.form, "must be a string", key: key) }
        return value
    }

    private func number(_ object: Value, _ key: StaticString) -> Int64? { space.int64(member(object, key)) }

    func integer(_ object: Value, _ key: StaticString) throws(PlanError) -> Int64 {
        guard let value = number(object, key) else { throw place.error(.form, "must be an integer", key: key) }
        return value
    }

    func local(_ object: Value, _ key: StaticString) throws(PlanError) -> Int32 {
        guard let value = checkedLocal(member(object, key)) else {
            throw place.error(.form, "must be the number of a local", key: key)
        }
        return value
    }

    private func checkedLocal(_ value: Value) -> Int32? {
        guard let number = space.int64(value), number >= 0, number < Int64(Self.localLimit) else { return nil }
        return Int32(truncatingIfNeeded: number)
    }

    mutating func locals(_ object: Value, _ key: StaticString) throws(PlanError) -> [Int32] {
        try list(object, key) { reader, item throws(PlanError) in
            guard let local = reader.checkedLocal(item) else {
                throw reader.place.error(.form, "must be the number of a local")
            }
            return local
        }
    }

    /// The index of a static string.
    func string(_ value: Value) -> Int32? {
        guard let index = space.int64(value), index >= 0, index < Int64(document.strings.count) else { return nil }
        return Int32(truncatingIfNeeded: index)
    }

    mutating func strings(_ object: Value, _ key: StaticString) throws(PlanError) -> [Int32] {
        try list(object, key) { reader, item throws(PlanError) in
            guard let index = reader.string(item) else {
                throw reader.place.error(.reference, "must be the index of a static string")
            }
            return index
        }
    }

    mutating func operands(_ object: Value, _ key: StaticString) throws(PlanError) -> [IROperand] {
        try list(object, key) { reader, item throws(PlanError) in try reader.operand(item) }
    }

    mutating func operand(_ object: Value, _ key: StaticString) throws(PlanError) -> IROperand {
        place.push(key)
        defer { place.pop() }
        return try operand(member(object, key))
    }

    private func operand(_ item: Value) throws(PlanError) -> IROperand {
        let type = try text(item, "type")
        let value = member(item, "value")
        if space.string(type, equals: "local") { return .local(try local(item, "value")) }
        if space.string(type, equals: "string_index") {
            guard let index = string(value) else {
                throw place.error(.reference, "must be the index of a static string", key: "value")
            }
            return .string(index)
        }
        if space.string(type, equals: "bool") {
            guard value.isBoolean else { throw place.error(.form, "must be a boolean", key: "value") }
            return .boolean(value.isTrue)
        }
        throw place.error(.form, "must be local, string_index or bool", key: "type")
    }

    private func array(_ object: Value, _ key: StaticString) throws(PlanError) -> Elements {
        let array = member(object, key)
        guard array.isArray || array.isUndefined || array.isNull else {
            throw place.error(.form, "must be an array", key: key)
        }
        return space.elements(array)
    }

    /// The elements of an array member; none when it is missing or null.
    mutating func list<T>(
        _ object: Value, _ key: StaticString, _ read: (inout IRReader, Value) throws(PlanError) -> T
    ) throws(PlanError) -> [T] {
        let elements = try array(object, key)
        place.push(key)
        var items: [T] = []
        items.reserveCapacity(elements.count)
        for index in 0..<elements.count {
            place.push(index)
            items.append(try read(&self, elements[index]))
            place.pop()
        }
        place.pop()
        return items
    }
}
