import RegoSyntax

/// Why a schema gives no type, in OPA's words.
struct SchemaFailure: Error {
    var message: String
}

/// Turns JSON schemas into static types, as OPA does: types, properties, items, `anyOf`, `allOf` and references within
/// the document count; everything else that a schema may say does not.
struct SchemaTypes {
    var types: StaticTypes
    private let root: SchemaDocument
    /// The hosts that references may lead to; nil for all of them.
    private let allowNet: [[UInt8]]?
    /// References that are being followed.
    private var following: [[UInt8]] = []
    /// Parts that may still be looked at, so that references into each other do not grow without bound.
    private var budget = 20_000

    init(_ root: SchemaDocument, types: StaticTypes, allowNet: [[UInt8]]?) {
        self.root = root
        self.types = types
        self.allowNet = allowNet
    }

    /// The type that the whole schema describes.
    mutating func type() throws(SchemaFailure) -> StaticType { try type(of: try part(root)) }

    // MARK: Parts

    /// One level of a schema.
    private struct Part {
        var kinds: [[UInt8]] = []
        var properties: [(key: [UInt8], value: SchemaDocument)] = []
        var items: [SchemaDocument] = []
        var hasOneItem = false
        var anyOf: [SchemaDocument]?
        var allOf: [SchemaDocument]?
        var reference: [UInt8]?

        func contains(_ kind: StaticString) -> Bool {
            let kind = kind.withUTF8Buffer { Array($0) }
            return kinds.contains { $0 == kind }
        }

        mutating func add(_ kind: StaticString) { kinds.append(kind.withUTF8Buffer { Array($0) }) }

        var kindText: String {
            if kinds.isEmpty { return "undefined" }
            var text = ""
            for (index, kind) in kinds.enumerated() {
                if index > 0 { text += "," }
                text += String(decoding: kind, as: UTF8.self)
            }
            return kinds.count == 1 ? text : "[" + text + "]"
        }
    }

    private static let known: [StaticString] = ["array", "boolean", "integer", "number", "null", "object", "string"]

    private func invalid(_ message: String) -> SchemaFailure {
        SchemaFailure(message: "unable to compile the schema: " + message)
    }

    private mutating func part(_ document: SchemaDocument) throws(SchemaFailure) -> Part {
        budget -= 1
        var part = Part()
        // Beyond that nothing is known.
        guard budget > 0 else { return part }
        if case .boolean = document { return part }
        guard case .object = document else { throw invalid("schema is invalid") }
        if let reference = document["$ref"] {
            guard case .string(let text) = reference else {
                throw invalid("Invalid type. Expected: string, given: $ref")
            }
            part.reference = text
            return part
        }
        if let type = document["type"] { part.kinds = try kinds(type) }
        if let properties = document["properties"] {
            guard case .object(let members) = properties else { throw invalid("Properties must be an object") }
            part.properties = members
        }
        switch document["items"] {
        case nil: break
        case .array(let list): part.items = list
        case .object?, .boolean?:
            part.items = document["items"].map { [$0] } ?? []
            part.hasOneItem = true
        default: throw invalid("items must be a schema or an array of schemas")
        }
        part.anyOf = try list(document["anyOf"], "anyOf")
        part.allOf = try list(document["allOf"], "allOf")
        return part
    }

    private func list(_ document: SchemaDocument?, _ name: StaticString) throws(SchemaFailure) -> [SchemaDocument]? {
        guard let document else { return nil }
        guard case .array(let list) = document, !list.isEmpty else {
            throw invalid("\(name) must be an array with at least one schema")
        }
        return list
    }

    private func kinds(_ document: SchemaDocument) throws(SchemaFailure) -> [[UInt8]] {
        var kinds: [[UInt8]] = []
        let list: [SchemaDocument]
        switch document {
        case .string: list = [document]
        case .array(let elements): list = elements
        default: throw invalid("type must be a string or an array of strings")
        }
        for element in list {
            guard case .string(let kind) = element,
                Self.known.contains(where: { name in name.withUTF8Buffer { Array($0) } == kind })
            else {
                var given = "?"
                if case .string(let text) = element { given = String(decoding: text, as: UTF8.self) }
                throw invalid(
                    "has a primitive type that is NOT VALID -- given: /\(given)/ Expected valid values are:"
                        + "[array boolean integer number null object string]")
            }
            if !kinds.contains(where: { $0 == kind }) { kinds.append(kind) }
        }
        return kinds
    }

    // MARK: Types

    private mutating func type(of document: SchemaDocument) throws(SchemaFailure) -> StaticType {
        try type(of: try part(document))
    }

    private mutating func type(of part: Part) throws(SchemaFailure) -> StaticType {
        var part = part
        if let reference = part.reference { return try follow(reference) }
        if let choices = part.anyOf { return try any(of: choices, part) }
        if let members = part.allOf {
            let merged = try merge(members)
            if !part.kinds.isEmpty {
                let isObject = part.contains("object") && merged.contains("object")
                let isArray = part.contains("array") && merged.contains("array")
                if isObject || isArray {
                    part.allOf = nil
                    return try type(of: try merge(part, [merged]))
                }
                if part.kindText != merged.kindText { throw SchemaFailure(message: "unable to merge these schemas") }
            }
            return try type(of: merged)
        }
        if part.kinds.isEmpty {
            if !part.properties.isEmpty {
                part.add("object")
            } else if !part.items.isEmpty {
                part.add("array")
            } else {
                return .anything
            }
        }
        if part.contains("boolean") { return .boolean }
        if part.contains("string") { return .string }
        if part.contains("integer") || part.contains("number") { return .number }
        if part.contains("object") { return try object(part) }
        if part.contains("array") { return try array(part) }
        return .anything
    }

    private mutating func object(_ part: Part) throws(SchemaFailure) -> StaticType {
        guard !part.properties.isEmpty else {
            return .object([], rest: StaticEntry(key: .anything, value: .anything))
        }
        var properties: [StaticProperty] = []
        for property in part.properties {
            let key = TreeKey(.string, types.names.intern(property.key))
            properties.append(StaticProperty(key: key, type: try type(of: property.value)))
        }
        return types.object(properties, rest: nil)
    }

    private mutating func array(_ part: Part) throws(SchemaFailure) -> StaticType {
        guard let first = part.items.first else { return .array([], rest: .anything, hasRest: true) }
        if part.hasOneItem { return .array([], rest: try type(of: first), hasRest: true) }
        var elements: [StaticType?] = []
        for item in part.items { elements.append(try type(of: item)) }
        return .array(elements, rest: nil, hasRest: false)
    }

    private mutating func any(of choices: [SchemaDocument], _ part: Part) throws(SchemaFailure) -> StaticType {
        var result: StaticType?
        if !part.kinds.isEmpty {
            var core = part
            core.anyOf = nil
            let type = try type(of: core)
            if case .object(let properties, nil) = type, !properties.isEmpty { result = type }
        }
        for choice in choices { result = types.union(try type(of: choice), result) }
        return result ?? .anything
    }

    // MARK: Merging

    private mutating func merge(_ members: [SchemaDocument]) throws(SchemaFailure) -> Part {
        var parts: [Part] = []
        for member in members { parts.append(try part(member)) }
        return try merge(parts.removeFirst(), parts)
    }

    private mutating func merge(_ first: Part, _ others: [Part]) throws(SchemaFailure) -> Part {
        var result = Self.withKind(first)
        for other in others {
            let other = Self.withKind(other)
            if result.kindText != other.kindText {
                throw SchemaFailure(
                    message: "unable to merge these schemas: type mismatch: \(result.kindText) and \(other.kindText)")
            }
            if result.contains("object"), !result.properties.isEmpty {
                result.properties += other.properties
            } else if result.contains("array"), !result.items.isEmpty {
                for (index, item) in other.items.enumerated() {
                    if index >= result.items.count { result.items.append(item) }
                    if try part(result.items[index]).kindText != part(item).kindText {
                        throw SchemaFailure(message: "unable to merge these schemas")
                    }
                }
            }
        }
        return result
    }

    private static func withKind(_ part: Part) -> Part {
        var part = part
        if !part.properties.isEmpty {
            if !part.contains("object") { part.add("object") }
        } else if !part.items.isEmpty, !part.contains("array") {
            part.add("array")
        }
        return part
    }

    // MARK: References

    /// What a reference leads to. One that leads back into itself is anything: types are finite.
    private mutating func follow(_ reference: [UInt8]) throws(SchemaFailure) -> StaticType {
        guard following.filter({ $0 == reference }).count < 4 else { return .anything }
        guard reference.first == UInt8(ascii: "#") else {
            let text = String(decoding: reference, as: UTF8.self)
            guard isAllowed(reference) else { throw invalid("remote reference loading disabled: \(text)") }
            throw invalid("schemas are not fetched: \(text)")
        }
        guard let target = resolve(Array(reference.dropFirst())) else {
            throw invalid("Object has no key '\(String(decoding: reference, as: UTF8.self))'")
        }
        following.append(reference)
        defer { following.removeLast() }
        return try type(of: target)
    }

    private func isAllowed(_ reference: [UInt8]) -> Bool {
        guard let allowNet else { return true }
        let host = URLParts.host(reference)
        return allowNet.contains { $0 == host }
    }

    /// A JSON pointer (behind the `#`), or the name of a part with that `$id`.
    private func resolve(_ pointer: [UInt8]) -> SchemaDocument? {
        if pointer.isEmpty { return root }
        guard pointer.first == UInt8(ascii: "/") else {
            let wanted = [UInt8(ascii: "#")] + pointer
            return Self.find(wanted, root, depth: 0)
        }
        var place = root
        for token in pointer.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst() {
            let key = Self.unescaped(token)
            if case .array(let list) = place {
                guard let index = Int(String(decoding: key, as: UTF8.self)), list.indices.contains(index) else {
                    return nil
                }
                place = list[index]
            } else {
                guard let next = place[key] else { return nil }
                place = next
            }
        }
        return place
    }

    private static func find(_ id: [UInt8], _ document: SchemaDocument, depth: Int) -> SchemaDocument? {
        guard case .object(let members) = document, depth < SchemaDocument.depthLimit else { return nil }
        for key in ["$id", "id"] as [StaticString] {
            if case .string(let own)? = document[key], own == id { return document }
        }
        for member in members { if let found = find(id, member.value, depth: depth + 1) { return found } }
        return nil
    }

    /// `~1` is `/`, `~0` is `~`, `%41` is `A`.
    private static func unescaped(_ token: ArraySlice<UInt8>) -> [UInt8] {
        var plain: [UInt8] = []
        var rest = Array(token)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                plain.append(value)
                rest = rest.dropFirst(2)
            } else {
                plain.append(byte)
            }
        }
        var result: [UInt8] = []
        rest = plain[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "~"), let next = rest.first, next == 0x30 || next == 0x31 {
                result.append(next == 0x30 ? UInt8(ascii: "~") : UInt8(ascii: "/"))
                rest = rest.dropFirst()
            } else {
                result.append(byte)
            }
        }
        return result
    }
}

/// The few parts of a URL that allow lists ask for.
enum URLParts {
    /// The host of a URL without its port; empty where there is none.
    static func host(_ url: [UInt8]) -> [UInt8] {
        guard let start = url.indices.first(where: { url[$0...].starts(with: Array("://".utf8)) }) else { return [] }
        let authority = url[(start + 3)...].prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "#") }
        let host =
            authority.drop { _ in false }.split(
                separator: UInt8(ascii: "@"), omittingEmptySubsequences: false
            ).last ?? []
        return Array(host.prefix { $0 != UInt8(ascii: ":") })
    }
}
