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
    /// Calls of it and what they give.
    public let examples: [BuiltinExample]
    /// The codes of the errors that it makes.
    public let errors: [String]

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
        examples = BuiltinExamples.all[name] ?? []
        errors = Self.errors(of: builtin, examples)
    }

    /// A typed operand may be of another type at run time, except where that is what is asked; the examples show the
    /// other errors.
    private static func errors(of builtin: Builtin, _ examples: [BuiltinExample]) -> [String] {
        var codes: [String] = []
        for example in examples {
            if case .failure(let code, _, _) = example.outcome, !codes.contains(code) { codes.append(code) }
        }
        let isTyped = builtin.parameters.contains { parameter in
            if case .any = parameter.type { return false }
            return true
        }
        let name = builtin.name.description
        var isAsked = name.hasSuffix("is_valid") || Self.takesAny.contains { $0 == name }
        if case .compiled = builtin.kind { isAsked = true }
        if isTyped, !isAsked, !codes.contains("eval_type_error") { codes.append("eval_type_error") }
        return codes.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Those that tell of a wrong type in another way, as OPA's do.
    private static let takesAny = [
        "graphql.parse_and_verify", "io.jwt.encode_sign", "json.match_schema", "json.verify_schema",
        "net.cidr_contains_matches",
        "net.cidr_merge", "uuid.rfc4122",
    ]

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
        text += meaning + "\n"
        if !errors.isEmpty { text += "\nErrors: \(errors.map { "`\($0)`" }.joined(separator: ", ")).\n" }
        guard !examples.isEmpty else { return text }
        let shown = examples.map { "\($0.text)\n# \($0.shown)\n" }
        return text + "\n```rego\n" + shown.joined(separator: "\n") + "```\n"
    }

    /// The pages of `Docs/builtins` by file name, as the declarations say today.
    public static var pages: [(name: String, text: String)] {
        var families: [String: [BuiltinReference]] = [:]
        for builtin in all { families[builtin.family, default: []].append(builtin) }
        let names = families.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var pages: [(name: String, text: String)] = []
        var index = "# Builtins\n\nThe functions that policies can call. Made by `writ builtins --pages FOLDER`"
        index += " from their declarations and examples. Each section has examples, which the tests run: an expression"
        index += " and, behind `#`, its value or its error.\n\nAn error makes an expression undefined, unless builtin"
        index += " errors are strict; the examples show them strict. `eval_type_error` is about an operand of another"
        index += " type than the signature says (`rego_type_error` where the compiler can see it), `eval_builtin_error`"
        index += " about contents that are refused. Some examples use [data.json](data.json):\n\n```\n"
        index += "writ eval --strict-builtin-errors -d Docs/builtins/data.json"
        index += " 'io.jwt.decode(data.example.token)'\n```\n\n"
        for name in names {
            let builtins = families[name] ?? []
            index += "- [\(name)](\(name).md): \(builtins.map { "`\($0.name)`" }.joined(separator: ", "))\n"
            let sections = builtins.map { $0.markdown }.joined(separator: "\n")
            pages.append(("\(name).md", "# Builtins: \(name)\n\n\(sections)"))
        }
        return [("README.md", index), ("data.json", BuiltinExamples.data + "\n")] + pages
    }
}
