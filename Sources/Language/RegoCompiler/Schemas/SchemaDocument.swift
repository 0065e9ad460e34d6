import RegoSyntax
import WritValue

/// A JSON value as a tree: what schemas are read from, whether they come from a file or from an annotation.
indirect enum SchemaDocument: Sendable {
    case null
    case boolean(Bool)
    /// The number's text.
    case number([UInt8])
    case string([UInt8])
    case array([SchemaDocument])
    /// Members in the order of the text.
    case object([(key: [UInt8], value: SchemaDocument)])

    /// Levels of nesting beyond which nothing is read.
    static var depthLimit: Int { 100 }

    subscript(_ key: StaticString) -> SchemaDocument? {
        self[key.withUTF8Buffer { Array($0) }]
    }

    subscript(_ key: [UInt8]) -> SchemaDocument? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.key == key }?.value
    }

    /// A JSON text as a tree; nil where it nests too deep.
    init?(_ value: Value, in space: Space, depth: Int = 0) {
        guard depth < Self.depthLimit else { return nil }
        if value.isString {
            self = .string(space.bytes(value))
        } else if value.isNumber {
            self = .number(space.withNumberText(value) { Array($0) })
        } else if value.isArray {
            let elements = space.elements(value)
            var list: [SchemaDocument] = []
            for index in 0..<elements.count {
                guard let element = SchemaDocument(elements[index], in: space, depth: depth + 1) else { return nil }
                list.append(element)
            }
            self = .array(list)
        } else if value.isObject {
            let entries = space.entries(value)
            var members: [(key: [UInt8], value: SchemaDocument)] = []
            for index in 0..<entries.count {
                guard let member = SchemaDocument(entries.values[index], in: space, depth: depth + 1) else {
                    return nil
                }
                members.append((space.bytes(entries.keys[index]), member))
            }
            self = .object(members)
        } else if value.isBoolean {
            self = .boolean(value.isTrue)
        } else {
            self = .null
        }
    }

    /// A ground term as a tree; nil where it nests too deep or is no JSON.
    init?(_ term: Term, _ names: NameTable, depth: Int = 0) {
        guard depth < Self.depthLimit else { return nil }
        switch term.kind {
        case .null: self = .null
        case .bool(let value): self = .boolean(value)
        case .number(let name): self = .number(Array(names[name]))
        case .string(let name): self = .string(Array(names[name]))
        case .array(let elements):
            var list: [SchemaDocument] = []
            for element in elements {
                guard let element = SchemaDocument(element, names, depth: depth + 1) else { return nil }
                list.append(element)
            }
            self = .array(list)
        case .object(let entries):
            var members: [(key: [UInt8], value: SchemaDocument)] = []
            for entry in entries {
                guard case .string(let key) = entry.key.kind,
                    let member = SchemaDocument(entry.value, names, depth: depth + 1)
                else { return nil }
                members.append((Array(names[key]), member))
            }
            self = .object(members)
        default: return nil
        }
    }
}

/// The JSON schemas that a policy is checked against.
///
/// A schema stands at a path below `schema`, where annotations name it (`schema.devices.sensor`); one at the empty path
/// describes `input` everywhere.
public struct SchemaSet: Sendable {
    private(set) var schemas: [(path: [[UInt8]], document: SchemaDocument)] = []

    public init() {}

    /// Why a text is no schema document.
    public struct ReadFailure: Error, Sendable {
        public let message: String
    }

    /// Adds a schema at a path below `schema`; of two at one path the later one counts.
    public mutating func add(_ text: [UInt8], at path: [[UInt8]]) throws(ReadFailure) {
        let space = Space.create(memoryLimit: 1 << 30)
        defer { space.destroy() }
        let value: Value
        do throws(JSONError) { value = try space.readJSON(text) } catch {
            throw ReadFailure(message: String(decoding: error.message, as: UTF8.self))
        }
        guard let document = SchemaDocument(value, in: space) else {
            throw ReadFailure(message: "the schema nests deeper than \(SchemaDocument.depthLimit) levels")
        }
        schemas.removeAll { $0.path == path }
        schemas.append((path, document))
    }

    func find(_ path: [[UInt8]]) -> SchemaDocument? { schemas.first { $0.path == path }?.document }
}
