import RegoSyntax
import WritSource

@testable import RegoCompiler

/// Modules parsed and resolved for a test.
struct Resolved {
    var policy: ResolvedPolicy?
    /// `row:column code: message` (with `name:` in front for files after the first), notes after ` | `.
    var errors: [String] = []

    init(_ sources: String..., version: RegoVersion = .v1, options: CompilerOptions = CompilerOptions()) {
        var map = SourceMap()
        var names = NameTable()
        var modules: [Module] = []
        for (number, source) in sources.enumerated() {
            let text = source.hasPrefix("package") ? source : "package test\n\n" + source
            let id = map.add(name: Array("test-\(number).rego".utf8), text: Array(text.utf8))
            guard let file = map.file(id) else { continue }
            let (module, problems) = parseModule(file, options: ParserOptions(version: version), names: &names)
            errors += problems.map { "parse: " + $0.message }
            if let module { modules.append(module) }
        }
        guard errors.isEmpty else { return }
        switch resolve(modules: modules, names: names, sources: map, options: options) {
        case .success(let policy): self.policy = policy
        case .failure(let list): errors = list.diagnostics.map { Self.text($0, map) }
        }
    }

    static func text(_ diagnostic: Diagnostic, _ map: SourceMap) -> String {
        let position = diagnostic.position(in: map)
        let place = position.map { "\($0.row):\($0.column) " } ?? ""
        let file = diagnostic.span.map { $0.source.index > 0 ? "\($0.source.index):" : "" } ?? ""
        let notes = diagnostic.notes.isEmpty ? "" : " | " + diagnostic.notes.joined(separator: " | ")
        return file + place + String(decoding: diagnostic.code.bytes, as: UTF8.self) + ": " + diagnostic.message + notes
    }

    /// The body of a rule as text, one expression each; generated variables show as `_`.
    func body(_ name: String, rule: Int = 0) -> [String] {
        guard let policy, let rule = self.rule(name, rule) else { return [] }
        return rule.body.map { text($0, rule.variables, policy) }
    }

    func value(_ name: String, rule: Int = 0) -> String {
        guard let policy, let rule = self.rule(name, rule) else { return "" }
        let restorer = TermRestorer(names: policy.names, variables: rule.variables, collection: policy.collection)
        return policy.names.text(of: restorer.term(rule.key ?? rule.value))
    }

    func text(_ expression: ResolvedExpression, _ variables: [Name], _ policy: ResolvedPolicy) -> String {
        let restorer = TermRestorer(names: policy.names, variables: variables, collection: policy.collection)
        return policy.names.text(of: restorer.expression(expression))
    }

    func group(_ name: String) -> RuleGroup? {
        policy?.groups.first { group in
            var text = ""
            for (index, part) in group.path.enumerated() {
                if index > 0 { text += "." }
                text += policy?.names.text(part) ?? ""
            }
            return text == name
        }
    }

    func rule(_ name: String, _ number: Int = 0) -> ResolvedRule? {
        guard let group = group(name), group.rules.indices.contains(number) else { return nil }
        return group.rules[number]
    }
}
