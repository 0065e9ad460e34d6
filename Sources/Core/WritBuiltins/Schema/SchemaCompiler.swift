import WritRegex
import WritValue

/// Reads a schema as gojsonschema does, with its errors: JSON Schema drafts 4, 6 and 7, or a mixture of them where
/// the schema does not say which.
final class SchemaCompiler {
    /// Levels of nesting of a schema or of a document.
    static let depthLimit = 400

    let context: BuiltinContext
    private let pool: SchemaPool
    private let draft: SchemaDraft
    var nodes: [SchemaNode] = []
    /// The schemas that references lead to, by reference, also those that are still being read.
    private var referenced: [[UInt8]: Int] = [:]
    private var depth = 0

    static func compile(_ document: Value, _ context: BuiltinContext) throws(SchemaError) -> CompiledSchema {
        let draft = try Self.draft(document, context)
        let pool = try SchemaPool(document, context)
        let compiler = SchemaCompiler(context, pool, draft)
        _ = try compiler.read(document, property: ascii("(Root)"), isRoot: true)
        return CompiledSchema(nodes: compiler.nodes)
    }

    private init(_ context: BuiltinContext, _ pool: SchemaPool, _ draft: SchemaDraft) {
        self.context = context
        self.pool = pool
        self.draft = draft
    }

    private static func draft(_ document: Value, _ context: BuiltinContext) throws(SchemaError) -> SchemaDraft {
        if document.isBoolean { return .hybrid }
        guard document.isObject else { throw .text("schema is invalid") }
        let value = context.space.member(document, .short("$schema"))
        guard value.isDefined else { return .hybrid }
        guard value.isString else { throw .text("$schema must be of type string") }
        let name = try SchemaReference(context.space.bytes(value), context).text
        if name == ascii("http://json-schema.org/draft-04/schema") { return .four }
        if name == ascii("http://json-schema.org/draft-06/schema") { return .six }
        if name == ascii("http://json-schema.org/draft-07/schema") { return .seven }
        return .hybrid
    }

    // MARK: A schema

    /// Reads a schema; gives its number.
    func read(_ document: Value, property: [UInt8], isRoot: Bool = false) throws(SchemaError) -> Int {
        let number = nodes.count
        nodes.append(SchemaNode(property: property))
        try read(document, into: nodes[number])
        return number
    }

    private func read(_ document: Value, into node: SchemaNode) throws(SchemaError) {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.depthLimit else { throw .fault(Fault(.depthLimit)) }
        do throws(Fault) { try context.spend(8) } catch { throw .fault(error) }
        if draft.rawValue >= SchemaDraft.six.rawValue, document.isBoolean {
            node.pass = document.isTrue
            return
        }
        guard document.isObject else { throw .text("Expected: Valid Schema, given: Invalid JSON") }
        try readIdentifier(document)
        try readDefinitions(document)
        _ = try text(document, "title")
        _ = try text(document, "description")
        if try readReference(document, node) { return }
        try readTypes(document, node)
        try readProperties(document, node)
        try readItems(document, node)
        try readNumbers(document, node)
        try readLengths(document, node)
        try readValues(document, node)
        try readCombinations(document, node)
    }

    private func readIdentifier(_ document: Value) throws(SchemaError) {
        let hasOld = try member(document, "id").isDefined
        let isOld = draft == .four || draft == .hybrid && hasOld
        guard let identifier = try text(document, isOld ? "id" : "$id") else { return }
        try SchemaReference.check(identifier, context)
    }

    private func readDefinitions(_ document: Value) throws(SchemaError) {
        let definitions = try member(document, "definitions")
        guard definitions.isDefined else { return }
        guard definitions.isObject else { throw Self.invalidType("Array Of Schemas", "definitions") }
        let values = context.space.entries(definitions).values
        for index in 0..<values.count {
            guard values[index].isObject || values[index].isBoolean else {
                throw Self.invalidType("Array Of Schemas", "definitions")
            }
            _ = try read(values[index], property: ascii("definitions"))
        }
    }

    /// Whether the schema is a reference that was met for the first time: the rest of it is then not looked at.
    private func readReference(_ document: Value, _ node: SchemaNode) throws(SchemaError) -> Bool {
        guard let written = try text(document, "$ref") else { return false }
        let reference: SchemaReference
        if let resolved = pool.reference(of: document) {
            reference = resolved
        } else {
            reference = try SchemaReference(written, context)
        }
        let name = reference.text
        if let known = referenced[name] {
            node.reference = known
            return false
        }
        let number = nodes.count
        nodes.append(SchemaNode(property: ascii("$ref")))
        referenced[name] = number
        let target = try pool.document(reference)
        guard target.isBoolean || target.isObject else { throw .text("Valid Schema must be of type object") }
        try read(target, into: nodes[number])
        node.reference = number
        return true
    }

    private func readTypes(_ document: Value, _ node: SchemaNode) throws(SchemaError) {
        let value = try member(document, "type")
        guard value.isDefined else { return }
        if value.isString { return try add(value, node) }
        guard value.isArray else { throw Self.invalidType("type", "string/Array Of Strings") }
        let elements = context.space.elements(value)
        for index in 0..<elements.count {
            guard elements[index].isString else { throw Self.invalidType("type", "string/Array Of Strings") }
            try add(elements[index], node)
        }
    }

    private func add(_ name: Value, _ node: SchemaNode) throws(SchemaError) {
        let name = context.space.bytes(name)
        guard let type = SchemaType(name: name) else {
            throw .text(
                "has a primitive type that is NOT VALID -- given: /", .bytes(name),
                "/ Expected valid values are:[array boolean integer number null object string]")
        }
        guard !node.types.contains(type) else { throw .text(.bytes(name), " type is duplicated") }
        node.types.append(type)
    }

    // MARK: Members

    func member(_ document: Value, _ key: StaticString) throws(SchemaError) -> Value {
        do throws(Fault) { return context.space.member(document, try context.space.string(key)) } catch {
            throw .fault(error)
        }
    }

    /// A member that must be a string where it is there.
    func text(_ document: Value, _ key: StaticString) throws(SchemaError) -> [UInt8]? {
        let value = try member(document, key)
        guard value.isDefined else { return nil }
        guard value.isString else { throw Self.invalidType("string", key) }
        return context.space.bytes(value)
    }

    /// A member that must be an array where it is there.
    func list(_ document: Value, _ key: StaticString) throws(SchemaError) -> Elements? {
        let value = try member(document, key)
        guard value.isDefined else { return nil }
        guard value.isArray else { throw .text(.literal(key), " must be of an array") }
        return context.space.elements(value)
    }

    static func invalidType(_ expected: StaticString, _ given: StaticString) -> SchemaError {
        .text("Invalid type. Expected: ", .literal(expected), ", given: ", .literal(given))
    }

    var isSixOrLater: Bool { draft.rawValue >= SchemaDraft.six.rawValue }
    var isSevenOrLater: Bool { draft.rawValue >= SchemaDraft.seven.rawValue }
    var exclusiveBounds: (booleans: Bool, numbers: Bool) {
        switch draft {
        case .four: (true, false)
        case .hybrid: (true, true)
        case .six, .seven: (false, true)
        }
    }
}
