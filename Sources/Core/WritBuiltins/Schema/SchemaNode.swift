import WritRegex

/// The JSON types that a schema can ask for.
enum SchemaType: UInt8 {
    case array, boolean, integer, null, number, object, string

    var name: StaticString {
        switch self {
        case .array: "array"
        case .boolean: "boolean"
        case .integer: "integer"
        case .null: "null"
        case .number: "number"
        case .object: "object"
        case .string: "string"
        }
    }

    init?(name: [UInt8]) {
        for raw in SchemaType.array.rawValue...SchemaType.string.rawValue {
            if let type = SchemaType(rawValue: raw), type.name.bytes == name {
                self = type
                return
            }
        }
        return nil
    }
}

/// The versions of JSON Schema. A schema that names none may use the keywords of all of them.
enum SchemaDraft: UInt8 {
    case four = 4
    case six = 6
    case seven = 7
    case hybrid = 255
}

/// What `additionalProperties` or `additionalItems` says.
enum SchemaRest {
    case anything, nothing
    case schema(Int)
}

/// What a property asks for beside itself.
enum SchemaDependency {
    case keys([[UInt8]])
    case schema(Int)
}

/// One schema of a compiled schema. Others are named by their number, so that recursive schemas hold no cycle
/// of references. Holds no value of any space: a compiled schema outlives decisions.
final class SchemaNode {
    /// The property that it describes, or the keyword that it stands behind.
    let property: [UInt8]
    /// Set for the schemas `true` and `false`.
    var pass: Bool?
    var types: [SchemaType] = []
    /// The schema that `$ref` leads to; nothing else of this one then counts.
    var reference: Int?

    var items: [Int] = []
    var hasOneItemSchema = false
    var additionalItems = SchemaRest.anything
    var minItems: Int?
    var maxItems: Int?
    var uniqueItems = false
    var contains: Int?

    /// Sorted by name.
    var properties: [Int] = []
    var additionalProperties = SchemaRest.anything
    var patternProperties: [(pattern: Regex, schema: Int)] = []
    var propertyNames: Int?
    var dependencies: [(key: [UInt8], needs: SchemaDependency)] = []
    var minProperties: Int?
    var maxProperties: Int?
    var required: [[UInt8]] = []

    /// Numbers as they are written.
    var multipleOf: [UInt8]?
    var minimum: [UInt8]?
    var exclusiveMinimum: [UInt8]?
    var maximum: [UInt8]?
    var exclusiveMaximum: [UInt8]?

    var minLength: Int?
    var maxLength: Int?
    var pattern: (source: [UInt8], regex: Regex)?
    var format: [UInt8] = []

    /// Canonical JSON texts (`SchemaCanonical`).
    var constant: [UInt8]?
    var alternatives: [[UInt8]]?

    var oneOf: [Int] = []
    var anyOf: [Int] = []
    var allOf: [Int] = []
    var not: Int?
    var condition: Int?
    var then: Int?
    var otherwise: Int?

    init(property: [UInt8]) { self.property = property }
}

/// A schema that was read: node 0 is its root.
final class CompiledSchema {
    let nodes: [SchemaNode]

    init(nodes: [SchemaNode]) { self.nodes = nodes }
}

/// The schemas that were compiled last, by their JSON text.
struct SchemaCache {
    private var entries: [(text: [UInt8], schema: CompiledSchema)] = []
    private var bytes = 0
    /// How many are kept at most.
    var maxEntries = 32
    private static let maxBytes = 1 << 20

    func find(_ text: [UInt8]) -> CompiledSchema? {
        for entry in entries where entry.text.count == text.count && entry.text == text { return entry.schema }
        return nil
    }

    mutating func insert(_ text: [UInt8], _ schema: CompiledSchema) {
        guard text.count <= Self.maxBytes else { return }
        while !entries.isEmpty, entries.count >= maxEntries || bytes + text.count > Self.maxBytes {
            bytes -= entries.removeFirst().text.count
        }
        entries.append((text, schema))
        bytes += text.count
    }
}
