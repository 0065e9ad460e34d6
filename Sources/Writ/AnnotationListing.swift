import RegoCompiler

/// What one `# METADATA` block says, ready to be shown.
public struct ListedAnnotation: Sendable {
    /// The block as OPA's JSON.
    public let json: [UInt8]
    /// The path of what it is said of, as OPA's JSON of a reference.
    public let path: [UInt8]
    /// The path without `data`, as Rego writes it.
    public let pathText: String
    /// Where what it is said of stands.
    public let file: String
    public let position: Position
    /// The package without `data`, as Rego writes it.
    public let package: String
    /// The rule's reference; nil for packages.
    public let rule: String?
    public let scope: String
    public let isEntrypoint: Bool
    public let title: String
    public let description: String
    public let organizations: [String]
    /// Names with addresses: `Jo <jo@example.com>`.
    public let authors: [String]
    /// Paths and what they are: references, or JSON.
    public let schemas: [(path: String, schema: String)]
    public let relatedResources: [(reference: String, description: String)]
    /// Members and their values as JSON.
    public let custom: [(name: String, json: String)]

    /// All blocks of modules, sorted by what they are said of and where it stands.
    ///
    /// Modules that do not parse have none; blocks that contradict each other are an error.
    public static func all(
        in files: [PolicyFile], readYAML: @escaping @Sendable ([UInt8]) -> MetadataText
    ) throws(CompileFailure) -> [ListedAnnotation] {
        var sources = SourceMap()
        var names = NameTable()
        var modules: [Module] = []
        for file in files {
            let id = sources.add(name: file.name, text: file.text)
            guard let source = sources.file(id) else { continue }
            var options = ParserOptions(version: file.version)
            options.readYAML = readYAML
            let (module, errors) = parseModule(source, options: options, names: &names)
            guard errors.isEmpty, let module else { throw CompileFailure(diagnostics: errors, sources: sources) }
            modules.append(module)
        }
        var errors: [Diagnostic] = []
        let set = AnnotationSet(modules, sources, &errors)
        guard errors.isEmpty else { throw CompileFailure(diagnostics: errors, sources: sources) }
        var found: [(sortKey: [[UInt8]], entry: ListedAnnotation)] = []
        for (number, module) in modules.enumerated() {
            guard let file = sources.file(module.source) else { continue }
            for index in module.annotations.indices {
                let id = AnnotationSet.ID(module: number, index: index)
                let path = set.path(of: id)
                let entry = ListedAnnotation(module.annotations[index], path, module, file, names)
                found.append((path.map { Array(names.text(of: $0).utf8) }, entry))
            }
        }
        found.sort { one, two in
            for (a, b) in zip(one.sortKey, two.sortKey) where a != b { return a.lexicographicallyPrecedes(b) }
            if one.sortKey.count != two.sortKey.count { return one.sortKey.count < two.sortKey.count }
            let (first, second) = (one.entry, two.entry)
            if first.file != second.file { return first.file.utf8.lexicographicallyPrecedes(second.file.utf8) }
            return first.position.row < second.position.row
        }
        return found.map(\.entry)
    }

    private init(_ annotation: Annotation, _ path: [Term], _ module: Module, _ source: SourceFile, _ names: NameTable) {
        json = ASTJSON.annotation(annotation, file: source, names: names)
        self.path =
            Array("[".utf8)
            + path.map { ASTJSON.term($0, file: source, names: names) }.joined(separator: [UInt8(ascii: ",")])
            + Array("]".utf8)
        pathText = Self.dropData(path, names)
        file = String(decoding: source.name, as: UTF8.self)
        package = Self.dropData([module.package.path.head] + module.package.path.parts, names)
        if case .rule(let index) = annotation.target, module.rules.indices.contains(index) {
            let target = module.rules[index]
            rule = names.text(of: target.head.reference)
            position = source.position(at: target.span.start)
        } else {
            rule = nil
            position = source.position(at: module.package.span.start)
        }
        scope = annotation.scope.name.withUTF8Buffer { String(decoding: $0, as: UTF8.self) }
        isEntrypoint = annotation.isEntrypoint
        title = annotation.title.map { names.text($0) } ?? ""
        description = annotation.description.map { names.text($0) } ?? ""
        organizations = annotation.organizations.map { names.text($0) }
        authors = annotation.authors.map { author in
            let name = author.name.map { names.text($0) } ?? ""
            guard let email = author.email else { return name }
            return name.isEmpty ? "<\(names.text(email))>" : "\(name) <\(names.text(email))>"
        }
        schemas = annotation.schemas.map { schema in
            let what =
                schema.schema.map { names.text(of: $0) }
                ?? schema.definition.map { names.text(of: $0) } ?? ""
            return (names.text(of: schema.path), what)
        }
        relatedResources = annotation.relatedResources.map { resource in
            (names.text(resource.reference), resource.description.map { names.text($0) } ?? "")
        }
        if case .object(let entries) = annotation.custom?.kind {
            custom = entries.map { entry in
                guard case .string(let name) = entry.key.kind else { return ("", "") }
                return (names.text(name), names.text(of: entry.value))
            }
        } else {
            custom = []
        }
    }

    /// A path without its head, whose next step then stands as a name.
    private static func dropData(_ path: [Term], _ names: NameTable) -> String {
        guard path.count > 1 else { return "" }
        var head = path[1]
        if case .string(let name) = head.kind { head = Term(.variable(name), head.span) }
        return names.text(of: Ref(head: head, parts: Array(path[2...]), span: head.span))
    }
}
