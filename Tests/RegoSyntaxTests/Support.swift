import RegoSyntax
import Testing
import WritSource

/// A text parsed as a module, with all that is needed to look at the result.
struct Parsed {
    let module: Module?
    let diagnostics: [Diagnostic]
    let file: SourceFile
    let names: NameTable

    init(_ text: String, _ version: RegoVersion = .v1, _ change: (inout ParserOptions) -> Void = { _ in }) {
        self.init(Array(text.utf8), version, change)
    }

    init(_ text: [UInt8], _ version: RegoVersion = .v1, _ change: (inout ParserOptions) -> Void = { _ in }) {
        var names = NameTable()
        var options = ParserOptions(version: version)
        change(&options)
        file = SourceFile(name: Array("test.rego".utf8), text: text)
        (module, diagnostics) = parseModule(file, options: options, names: &names)
        self.names = names
    }

    /// The diagnostics, one a line: `row:column message`.
    var errors: String {
        diagnostics.map { diagnostic in
            let place = diagnostic.position ?? diagnostic.span.map { file.position(at: $0.start) }
            return "\(place?.row ?? 0):\(place?.column ?? 0) \(diagnostic.message)"
        }.joined(separator: "\n")
    }

    /// The rules as one line of text each.
    var rules: [String] {
        (module?.rules ?? []).map { describe($0) }
    }

    private func describe(_ rule: Rule) -> String {
        let head = rule.head
        var text = rule.isDefault ? "default " : ""
        text += names.text(of: head.reference)
        if let arguments = head.arguments { text += "(" + list(arguments) + ")" }
        if let key = head.key { text += (head.hasContains ? " contains " : " ∋ ") + names.text(of: key) }
        if let value = head.value { text += (head.isAssign ? " := " : " = ") + names.text(of: value) }
        if let body = rule.body { text += (rule.hasIf ? " if " : " ") + describe(body) }
        for branch in rule.elseBranches {
            text += " else"
            if let value = branch.value { text += (branch.isAssign ? " := " : " = ") + names.text(of: value) }
            if let body = branch.body { text += (branch.hasIf ? " if " : " ") + describe(body) }
        }
        return text
    }

    private func describe(_ body: Body) -> String {
        "{" + body.map { names.text(of: $0) }.joined(separator: "; ") + "}"
    }

    private func list(_ terms: [Term]) -> String { terms.map { names.text(of: $0) }.joined(separator: ", ") }

    var json: String {
        guard let module else { return "" }
        return String(decoding: ASTJSON.module(module, file: file, names: names), as: UTF8.self)
    }
}
