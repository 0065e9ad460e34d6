/// The rules for values and variables.
extension GraphQLValidator {
    func checkValue(_ value: GraphQLValue) throws(GraphQLError) {
        if let operation, value.kind == .variable, value.variable == nil {
            let place = operation.name.isEmpty ? "" : " by operation \"\(operation.name)\""
            add("Variable \"$\(value.raw)\" is not defined\(place).", value.position)
        }
        if value.kind == .object { checkUniqueFields(value) }
        if let definition = value.definition, let type = value.expectedType {
            let isKnown = definition.kind != .scalar || Self.scalars.contains(definition.name)
            if isKnown { try check(value, definition, type) }
        }
        checkPosition(value)
    }

    private static let scalars: Set<String> = ["Int", "Float", "String", "Boolean", "ID"]

    private func checkUniqueFields(_ value: GraphQLValue) {
        var seen: [String: Int] = [:]
        for child in value.children {
            let count = seen[child.name, default: 0]
            if count == 1 { add("There can be only one input field named \"\(child.name)\".", child.position) }
            seen[child.name] = count + 1
        }
    }

    private func check(
        _ value: GraphQLValue, _ definition: GraphQLDefinition, _ type: GraphQLType
    ) throws(GraphQLError) {
        try spend(definition.values.count + definition.fields.count)
        let name = definition.name
        switch value.kind {
        case .null:
            if type.isNonNull { add("Expected value of type \"\(type.shown)\", found null.", value.position) }
        case .list: if type.element == nil { unexpected(value, definition, type) }
        case .int:
            if Int64(value.raw) == nil { unexpected(value, definition, type) }
            if name != "Int", name != "Float", name != "ID" { unexpected(value, definition, type) }
        case .float: if name != "Float" { unexpected(value, definition, type) }
        case .string, .block:
            if definition.kind == .enumeration {
                add(
                    "Enum \"\(type.shown)\" cannot represent non-enum value: \(Self.shown(value))."
                        + suggestion(value, definition), value.position)
            } else if name != "String", name != "ID" {
                unexpected(value, definition, type)
            }
        case .enumeration:
            if definition.kind != .enumeration {
                unexpected(value, definition, type)
            } else if !definition.values.contains(where: { $0.name == value.raw }) {
                add(
                    "Value \"\(value.raw)\" does not exist in \"\(type.shown)\" enum." + suggestion(value, definition),
                    value.position)
            }
        case .boolean: if name != "Boolean" { unexpected(value, definition, type) }
        case .object: checkObject(value, definition)
        case .variable: return
        }
    }

    private func suggestion(_ value: GraphQLValue, _ definition: GraphQLDefinition) -> String {
        GraphQLSuggestions.quoted("Did you mean the enum value", value.raw, definition.values.map(\.name))
    }

    private func checkObject(_ value: GraphQLValue, _ definition: GraphQLDefinition) {
        for field in definition.fields where field.type.isNonNull && field.defaultValue == nil {
            guard value.child(field.name) == nil else { continue }
            add(
                "Field \"\(definition.name).\(field.name)\" of required type \"\(field.type.shown)\" was not provided.",
                value.position)
        }
        for child in value.children where definition.field(child.name) == nil {
            let hint = GraphQLSuggestions.quoted("Did you mean", child.name, definition.fields.map(\.name))
            add("Field \"\(child.name)\" is not defined by type \"\(definition.name)\".\(hint)", child.position)
        }
    }

    private func unexpected(_ value: GraphQLValue, _ definition: GraphQLDefinition, _ type: GraphQLType) {
        let shown = Self.shown(value)
        let message: String
        switch type.shown {
        case "Int", "Int!":
            let isTooLarge = value.kind == .int
            message =
                isTooLarge
                ? "Int cannot represent non 32-bit signed integer value: \(shown)"
                : "Int cannot represent non-integer value: \(shown)"
        case "String", "String!", "[String]": message = "String cannot represent a non string value: \(shown)"
        case "Boolean", "Boolean!": message = "Boolean cannot represent a non boolean value: \(shown)"
        case "Float", "Float!": message = "Float cannot represent non numeric value: \(shown)"
        case "ID", "ID!": message = "ID cannot represent a non-string and non-integer value: \(shown)"
        default:
            message =
                definition.kind == .enumeration
                ? "Enum \"\(type.shown)\" cannot represent non-enum value: \(shown)."
                : "Expected value of type \"\(type.shown)\", found \(shown)."
        }
        add(message, value.position)
    }

    /// A value as errors show it.
    static func shown(_ value: GraphQLValue) -> String {
        switch value.kind {
        case .variable: return "$" + value.raw
        case .int, .float, .enumeration, .boolean, .null: return value.raw
        case .string, .block: return GraphQLText.quoted(value.raw)
        case .list: return "[" + value.children.map { shown($0.value) }.joined(separator: ",") + "]"
        case .object:
            return "{" + value.children.map { "\($0.name):\(shown($0.value))" }.joined(separator: ",") + "}"
        }
    }

    /// Whether a variable may stand where it does.
    private func checkPosition(_ value: GraphQLValue) {
        guard value.kind == .variable, let type = value.expectedType, let variable = value.variable, operation != nil
        else { return }
        let wanted = GraphQLType(name: type.name, element: type.element, isNonNull: type.isNonNull)
        let hasDefault = variable.defaultValue.map { $0.kind != .null } ?? false
        if hasDefault || value.expectedTypeHasDefault { wanted.isNonNull = false }
        guard !variable.type.isCompatible(with: wanted) else { return }
        add(
            "Variable \"$\(value.raw)\" of type \"\(variable.type.shown)\" used in position expecting type "
                + "\"\(type.shown)\".", value.position)
    }
}

/// What a misspelt name was meant to be.
enum GraphQLSuggestions {
    /// ` Did you mean "a" or "b"?`, or nothing.
    static func quoted(_ prefix: String, _ name: String, _ options: [String]) -> String {
        let found = list(name, options)
        return found.isEmpty ? "" : " \(prefix) \(orList(found, quoted: true))?"
    }

    static func orList(_ items: [String], quoted: Bool) -> String {
        let shown = items.prefix(5).map { quoted ? "\"\($0)\"" : $0 }
        guard let last = shown.last else { return "" }
        switch shown.count {
        case 1: return last
        case 2: return "\(shown[0]) or \(last)"
        default: return shown.dropLast().joined(separator: ", ") + ", or " + last
        }
    }

    /// The options that are near enough, nearest first.
    static func list(_ name: String, _ options: [String]) -> [String] {
        let limit = name.utf8.count * 2 / 5 + 1
        guard name.utf8.count <= 200 else { return [] }
        var found: [(option: String, distance: Int, index: Int)] = []
        for (index, option) in options.enumerated() {
            guard abs(option.utf8.count - name.utf8.count) <= limit else { continue }
            let distance = distance(Array(name.utf8), Array(option.utf8))
            if distance <= limit { found.append((option, distance, index)) }
        }
        found.sort { $0.distance == $1.distance ? $0.index < $1.index : $0.distance < $1.distance }
        return found.map(\.option)
    }

    /// Edits from one name to another: letters added, removed, changed, or swapped with their neighbour. Another
    /// case is one edit for the whole name.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        if a == b { return 0 }
        func lower(_ bytes: [UInt8]) -> [UInt8] { bytes.map { $0 &- UInt8(ascii: "A") < 26 ? $0 | 0x20 : $0 } }
        let (a, b) = (lower(a), lower(b))
        if a == b { return 1 }
        var before: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                let cost = a[i] == b[j] ? 0 : 1
                var best = min(last[j + 1] + 1, row[j] + 1, last[j] + cost)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, before[j - 1] + cost) }
                row.append(best)
            }
            before = last
            last = row
        }
        return last[b.count]
    }
}
