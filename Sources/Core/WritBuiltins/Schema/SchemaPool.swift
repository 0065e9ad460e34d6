import WritValue

/// The schemas of a document that references can name, found before anything is compiled.
struct SchemaPool {
    /// An object of the document: its bits are unique, because every object was read on its own.
    private struct Place: Hashable {
        let low: UInt64
        let high: UInt64
    }

    private let context: BuiltinContext
    private let document: Value
    private let root: SchemaReference
    private var documents: [[UInt8]: Value] = [:]
    /// Each `$ref` resolved against the identifiers around it.
    private var references: [Place: SchemaReference] = [:]

    init(_ document: Value, _ context: BuiltinContext) throws(SchemaError) {
        self.context = context
        self.document = document
        root = try SchemaReference([], context)
        try enter(document, base: root, depth: 0)
        documents[[]] = document
    }

    /// The identifiers and references of a value, constants left out.
    private mutating func enter(_ value: Value, base: SchemaReference, depth: Int) throws(SchemaError) {
        guard depth < SchemaCompiler.depthLimit else { throw .fault(Fault(.depthLimit)) }
        do throws(Fault) { try context.spend(1) } catch { throw .fault(error) }
        let space = context.space
        if value.isArray {
            let elements = space.elements(value)
            for index in 0..<elements.count { try enter(elements[index], base: base, depth: depth + 1) }
            return
        }
        guard value.isObject else { return }
        var base = base
        let old = space.member(value, .short("id"))
        let identifier = old.isDefined ? old : space.member(value, .short("$id"))
        if identifier.isString, let reference = try? SchemaReference(space.bytes(identifier), context) {
            base = base.resolving(reference)
            let name = base.text
            if documents[name] != nil { throw .text("Reference already exists: \"", .bytes(name), "\"") }
            documents[name] = value
        }
        let target = space.member(value, .short("$ref"))
        if target.isString, let reference = try? SchemaReference(space.bytes(target), context) {
            references[Place(low: value.low, high: value.high)] = base.resolving(reference)
        }
        let entries = space.entries(value)
        for index in 0..<entries.count {
            let key = entries.keys[index]
            let member = entries.values[index]
            if space.string(key, equals: "const") || space.string(key, equals: "enum") { continue }
            let isNamed =
                space.string(key, equals: "properties") || space.string(key, equals: "dependencies")
                || space.string(key, equals: "patternProperties")
            guard isNamed else {
                try enter(member, base: base, depth: depth + 1)
                continue
            }
            // Names are not keywords.
            let children = space.entries(member)
            for child in 0..<children.count { try enter(children.values[child], base: base, depth: depth + 2) }
        }
    }

    /// The reference that an object's `$ref` is.
    func reference(of schema: Value) -> SchemaReference? { references[Place(low: schema.low, high: schema.high)] }

    /// The document, or the part of one, that a reference names.
    func document(_ reference: SchemaReference) throws(SchemaError) -> Value {
        if let known = documents[reference.text] { return known }
        if let whole = documents[reference.withoutFragment] {
            return try SchemaPointer.find(reference.fragment, in: whole, context)
        }
        guard reference.isCanonical else {
            throw .text("Reference ", .bytes(reference.text), " must be canonical")
        }
        if reference.isFile { throw .text("file reference loading disabled: ", .bytes(reference.text)) }
        throw .text("remote reference loading disabled: ", .bytes(reference.text))
    }
}
