import WritBuiltins

/// What the declarations of the builtins say, for people: signatures, meanings, and the pages of `Docs/builtins`.
public struct BuiltinReference: Sendable {
    public let name: String
    /// `count(collection: any<…>) -> n: number`.
    public let signature: String
    /// One paragraph of Markdown.
    public let meaning: String
    /// Written between its operands, such as `+`; nil for most.
    public let infix: String?
    public let isDeprecated: Bool
    public let isDeterministic: Bool

    /// Every builtin, by name.
    public static let all: [BuiltinReference] = Registry.all.map { BuiltinReference($0) }
        .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }

    /// The builtin of a name.
    public static func named(_ name: String) -> BuiltinReference? {
        all.first { $0.name.utf8.elementsEqual(name.utf8) }
    }

    private init(_ builtin: Builtin) {
        name = builtin.name.description
        let parameters = builtin.parameters.map { Self.text($0) }.joined(separator: ", ")
        signature = "\(name)(\(parameters)) -> \(Self.text(builtin.result))"
        var meaning = builtin.documentation.description
        let described = (builtin.parameters + [builtin.result]).filter { $0.documentation.utf8CodeUnitCount > 0 }
        for parameter in described { meaning += "\n\n- `\(parameter.name)`: \(parameter.documentation)" }
        self.meaning = meaning.replacing("\n\n- `", with: "\n- `").replacing(
            "\n- `", with: "\n\n- `", maxReplacements: 1)
        infix = builtin.infix?.description
        isDeprecated = builtin.isDeprecated
        isDeterministic = builtin.isDeterministic
    }

    private static func text(_ parameter: Parameter) -> String { "\(parameter.name): \(text(parameter.type))" }

    /// A type as OPA's errors write it.
    private static func text(_ type: TypeSpec) -> String {
        switch type {
        case .any: "any"
        case .null: "null"
        case .boolean: "boolean"
        case .number: "number"
        case .string: "string"
        case .array(let element): "array[\(text(element))]"
        case .tuple(let elements): "array<\(elements.map { text($0) }.joined(separator: ", "))>"
        case .set(let element): "set[\(text(element))]"
        case .dictionary(let key, let value): "object[\(text(key)): \(text(value))]"
        case .record(let fields, _):
            "object<\(fields.map { "\($0.key): \(text($0.type))" }.joined(separator: ", "))>"
        case .union(let types): "any<\(types.map { text($0) }.joined(separator: ", "))>"
        case .function(let operands, let result):
            "(\(operands.map { text($0) }.joined(separator: ", "))) => \(text(result))"
        }
    }

    // MARK: Pages

    /// The family that a builtin's page is named after: what stands before its first point.
    public var family: String {
        guard let point = name.firstIndex(of: ".") else { return infix == nil ? "core" : "operators" }
        return String(name[..<point])
    }

    /// This builtin's section of its page.
    public var markdown: String {
        var text = "## \(name)\n\n```\n\(signature)\n```\n\n"
        if let infix { text += "Written `a \(infix) b`.\n\n" }
        if isDeprecated { text += "Deprecated.\n\n" }
        if !isDeterministic { text += "Equal operands need not give equal results.\n\n" }
        return text + meaning + "\n"
    }

    /// The pages of `Docs/builtins` by file name, as the declarations say today.
    public static var pages: [(name: String, text: String)] {
        var families: [String: [BuiltinReference]] = [:]
        for builtin in all { families[builtin.family, default: []].append(builtin) }
        let names = families.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var pages: [(name: String, text: String)] = []
        var index = "# Builtins\n\nThe functions that policies can call. Made by `writ builtins --pages FOLDER`"
        index += " from their declarations.\n\n"
        for name in names {
            let builtins = families[name] ?? []
            index += "- [\(name)](\(name).md): \(builtins.map { "`\($0.name)`" }.joined(separator: ", "))\n"
            let sections = builtins.map { $0.markdown }.joined(separator: "\n")
            pages.append(("\(name).md", "# Builtins: \(name)\n\n\(sections)"))
        }
        return [("README.md", index)] + pages
    }
}
