import WritSource

/// The annotations of all modules of a policy, found by what they are said of.
public struct AnnotationSet: Sendable {
    /// An annotation by its place in the modules.
    public struct ID: Hashable, Sendable {
        public var module: Int
        public var index: Int

        public init(module: Int, index: Int) {
            self.module = module
            self.index = index
        }
    }

    /// An entry of a chain: a path and what is said of it.
    public struct Link: Sendable {
        /// From `data` on.
        public var path: [Term]
        /// nil for the first entry, where nothing is said of the rule itself.
        public var annotation: ID?
    }

    private struct RuleKey: Hashable, Sendable {
        var module: Int
        var rule: Int
    }

    private let modules: [Module]
    private var byRule: [RuleKey: [ID]] = [:]
    private var byPackage: [[PathPart]: ID] = [:]
    /// Those of documents and of subpackages.
    private var byPath: [[PathPart]: ID] = [:]

    /// Collects the annotations, and an error for each scope that has two. Of those the first counts.
    public init(_ modules: [Module], _ sources: SourceMap, _ errors: inout [Diagnostic]) {
        self.modules = modules
        for (number, module) in modules.enumerated() {
            for index in module.annotations.indices {
                add(ID(module: number, index: index), sources, &errors)
            }
        }
    }

    public subscript(_ id: ID) -> Annotation { modules[id.module].annotations[id.index] }

    private mutating func add(_ id: ID, _ sources: SourceMap, _ errors: inout [Diagnostic]) {
        let annotation = self[id]
        switch annotation.scope {
        case .rule:
            guard case .rule(let rule) = annotation.target else { return }
            byRule[RuleKey(module: id.module, rule: rule), default: []].append(id)
        case .package:
            let key = PathPart.path(packagePath(id.module))
            if let other = byPackage[key] {
                errors.append(redeclared(annotation, self[other], sources))
            } else {
                byPackage[key] = id
            }
        case .document, .subpackages:
            let key = PathPart.path(path(of: id))
            if let other = byPath[key] {
                errors.append(redeclared(annotation, self[other], sources))
            } else {
                byPath[key] = id
            }
        }
    }

    private func redeclared(_ annotation: Annotation, _ other: Annotation, _ sources: SourceMap) -> Diagnostic {
        var place = ""
        if let file = sources.file(other.span.source) {
            place = String(decoding: file.name, as: UTF8.self) + ":\(file.row(at: other.span.start))"
        }
        return Diagnostic(
            DiagnosticCode("rego_type_error"), "\(annotation.scope.name) annotation redeclared: " + place,
            at: annotation.span)
    }

    private func packagePath(_ module: Int) -> [Term] {
        [modules[module].package.path.head] + modules[module].package.path.parts
    }

    /// The path of what an annotation is said of.
    public func path(of id: ID) -> [Term] {
        guard case .rule(let rule) = self[id].target else { return packagePath(id.module) }
        return modules[id.module].groundPath(of: modules[id.module].rules[rule])
    }

    /// The annotations of a rule itself, the nearest block first.
    public func ofRule(_ rule: Int, in module: Int) -> [ID] {
        (byRule[RuleKey(module: module, rule: rule)] ?? []).reversed()
    }

    /// What is said of a rule and of everything around it: the rule itself (always at least one entry), its document,
    /// its package, and the packages above it, the nearest first.
    ///
    /// A branch behind `else` has no annotations of its own.
    public func chain(of rule: Int, in module: Int, isElse: Bool = false) -> [Link] {
        let path = modules[module].groundPath(of: modules[module].rules[rule])
        var result = (isElse ? [] : ofRule(rule, in: module)).map { Link(path: self.path(of: $0), annotation: $0) }
        if result.isEmpty { result.append(Link(path: path, annotation: nil)) }
        let key = PathPart.path(path)
        if let document = byPath[key] { result.append(Link(path: self.path(of: document), annotation: document)) }
        let package = PathPart.path(packagePath(module))
        if let id = byPackage[package] { result.append(Link(path: self.path(of: id), annotation: id)) }
        for count in stride(from: package.count, through: 1, by: -1) {
            guard let id = byPath[Array(package[..<count])] else { continue }
            result.append(Link(path: self.path(of: id), annotation: id))
        }
        return result
    }
}

/// A part of a path as a key: its kind and its text.
private struct PathPart: Hashable, Sendable {
    var kind: UInt8
    var name: Name

    static func path(_ terms: [Term]) -> [PathPart] {
        terms.map { term in
            switch term.kind {
            case .variable(let name): PathPart(kind: 0, name: name)
            case .string(let name): PathPart(kind: 1, name: name)
            case .number(let name): PathPart(kind: 2, name: name)
            case .bool(let value): PathPart(kind: 3, name: value ? .true : .false)
            case .null: PathPart(kind: 4, name: .null)
            default: PathPart(kind: 5, name: .empty)
            }
        }
    }
}

// MARK: As values

extension AnnotationSet {
    /// The value of `rego.metadata.rule()` in a rule: the nearest annotation of the rule itself, or an empty object.
    public func ruleValue(
        _ rule: Int, in module: Int, isElse: Bool, at span: Span, _ names: inout NameTable
    ) -> Term {
        guard !isElse, let id = ofRule(rule, in: module).first else { return Term(.object([]), span) }
        return self[id].value(at: span, &names)
    }

    /// The value of `rego.metadata.chain()` in a rule.
    public func chainValue(
        _ rule: Int, in module: Int, isElse: Bool, at span: Span, _ names: inout NameTable
    ) -> Term {
        var links: [Term] = []
        for link in chain(of: rule, in: module, isElse: isElse) {
            var value = MetadataObject(span: span)
            value.add("path", .array(Self.texts(link.path.dropFirst(), span, &names)), &names)
            if let id = link.annotation { value.add("annotations", self[id].value(at: span, &names).kind, &names) }
            links.append(value.term(names))
        }
        return Term(.array(links), span)
    }

    /// The parts of a path as strings.
    static func texts(_ path: ArraySlice<Term>, _ span: Span, _ names: inout NameTable) -> [Term] {
        path.map { part in
            if case .string(let name) = part.kind { return Term(.string(name), span) }
            return Term(.string(names.intern(Array(names.text(of: part).utf8))), span)
        }
    }
}

extension Annotation {
    /// The annotation as an object: what `rego.metadata` gives. All parts stand at one place.
    public func value(at span: Span, _ names: inout NameTable) -> Term {
        var result = MetadataObject(span: span)
        result.add("scope", text: scope.name, &names)
        if let title { result.add("title", .string(title), &names) }
        if isEntrypoint { result.add("entrypoint", .bool(true), &names) }
        if let description { result.add("description", .string(description), &names) }
        if !organizations.isEmpty {
            result.add("organizations", .array(organizations.map { Term(.string($0), span) }), &names)
        }
        var list: [Term] = []
        for resource in relatedResources {
            var object = MetadataObject(span: span)
            object.add("ref", .string(resource.reference), &names)
            if let description = resource.description { object.add("description", .string(description), &names) }
            list.append(object.term(names))
        }
        if !list.isEmpty { result.add("related_resources", .array(list), &names) }
        list = []
        for author in authors {
            var object = MetadataObject(span: span)
            if let name = author.name { object.add("name", .string(name), &names) }
            if let email = author.email { object.add("email", .string(email), &names) }
            list.append(object.term(names))
        }
        if !list.isEmpty { result.add("authors", .array(list), &names) }
        list = []
        for schema in schemas {
            var object = MetadataObject(span: span)
            object.add("path", .array(Self.texts(schema.path, span, &names)), &names)
            if let ref = schema.schema { object.add("schema", .array(Self.texts(ref, span, &names)), &names) }
            if let definition = schema.definition { object.add("definition", definition.kind, &names) }
            list.append(object.term(names))
        }
        if !list.isEmpty { result.add("schemas", .array(list), &names) }
        if let custom { result.add("custom", custom.kind, &names) }
        if let labels { result.add("labels", labels.kind, &names) }
        return result.term(names)
    }

    private static func texts(_ ref: Ref, _ span: Span, _ names: inout NameTable) -> [Term] {
        AnnotationSet.texts([ref.head] + ref.parts, span, &names)
    }
}

/// An object term that is being put together.
private struct MetadataObject {
    let span: Span
    var entries: [ObjectEntry] = []

    init(span: Span) { self.span = span }

    mutating func add(_ key: StaticString, _ value: Term.Kind, _ names: inout NameTable) {
        entries.append(ObjectEntry(Term(.string(names.intern(key)), span), Term(value, span)))
    }

    mutating func add(_ key: StaticString, text: StaticString, _ names: inout NameTable) {
        add(key, .string(names.intern(text)), &names)
    }

    func term(_ names: NameTable) -> Term { Term(.object(names.sorted(entries)), span) }
}
