import WritSource

extension Policy {
    /// Whether an entrypoint such as `authz/allow` names a rule, or a package with rules.
    public func hasEntrypoint(_ name: String) -> Bool {
        let path = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let target = Snapshot(policy: self).target(path.map { Array($0) })
        return target.function != nil && target.rest.isEmpty
    }

    /// The entrypoints that metadata blocks of modules name, in the order of the modules; each once.
    ///
    /// Modules that do not parse name none.
    public static func annotatedEntrypoints(
        _ files: [PolicyFile], readYAML: @escaping @Sendable ([UInt8]) -> MetadataText
    ) -> [String] {
        var sources = SourceMap()
        var names = NameTable()
        var found: [String] = []
        for file in files {
            let id = sources.add(name: file.name, text: file.text)
            guard let source = sources.file(id) else { continue }
            var options = ParserOptions(version: file.version)
            options.readYAML = readYAML
            let (module, _) = parseModule(source, options: options, names: &names)
            guard let module else { continue }
            for annotation in module.annotations where annotation.isEntrypoint {
                var path = Self.steps(module.package.path.parts[...], names)
                if case .rule(let index) = annotation.target, module.rules.indices.contains(index) {
                    let reference = module.rules[index].head.reference
                    if let head = reference.headName { path.append(names.text(head)) }
                    path += Self.steps(reference.parts[...], names)
                }
                let name = path.joined(separator: "/")
                if !found.contains(name) { found.append(name) }
            }
        }
        return found
    }

    /// The steps of a path up to the first that is no string.
    private static func steps(_ parts: ArraySlice<Term>, _ names: NameTable) -> [String] {
        var steps: [String] = []
        for part in parts {
            guard case .string(let name) = part.kind else { break }
            steps.append(names.text(name))
        }
        return steps
    }
}
