import Writ

/// The names that a shell's policies define.
struct ShellNames {
    /// Paths of rules such as `data.a.b.allow`, and of the packages around them, by their bytes.
    private(set) var rules: Set<[UInt8]> = []
    private(set) var packages: Set<[UInt8]> = []

    init(_ policies: ShellPolicies) {
        var names = NameTable()
        var sources = SourceMap()
        let typed = policies.modules.map { ($0.fileName, $0.text().bytes) }
        let read = policies.policyFiles.map { (String(decoding: $0.name, as: UTF8.self), $0.text, $0.version) }
        for (name, text, version) in read + typed.map({ ($0.0, $0.1, policies.version) }) {
            let id = sources.add(name: Array(name.utf8), text: text)
            guard let file = sources.file(id) else { continue }
            let (module, _) = parseModule(file, options: ParserOptions(version: version), names: &names)
            guard let module else { continue }
            let package = names.text(of: module.package.path)
            packages.insert(Array(package.utf8))
            for rule in module.rules {
                var reference = rule.head.reference
                // What follows a variable is not known.
                reference.parts = Array(
                    reference.parts.prefix { part in if case .string = part.kind { true } else { false } })
                rules.insert(Array((package + "." + names.text(of: reference)).utf8))
            }
        }
    }
}
