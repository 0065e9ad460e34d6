import WritSource

/// The version of the language that a module is written in.
public enum RegoVersion: Sendable {
    /// Rego before OPA 1.0.
    case v0
    /// Rego before OPA 1.0 with `import rego.v1`: the rules of v1 in a module that v0 engines accept.
    case v0v1
    case v1
}

/// One parsed file.
public struct Module: Sendable {
    public var source: SourceID
    public var package: Package
    public var imports: [Import]
    /// In source order. `p { .. } { .. }` (v0) gives one rule a body.
    public var rules: [Rule]
    public var comments: [Comment]
    /// The `# METADATA` blocks in source order; empty unless the parser was given a reader of YAML.
    public var annotations: [Annotation]
    public var version: RegoVersion

    public init(
        source: SourceID, package: Package, imports: [Import], rules: [Rule], comments: [Comment],
        annotations: [Annotation], version: RegoVersion
    ) {
        self.source = source
        self.package = package
        self.imports = imports
        self.rules = rules
        self.comments = comments
        self.annotations = annotations
        self.version = version
    }
}

public struct Package: Sendable {
    /// The path with `data` as its head: `package a.b` is `data.a.b`. All parts are strings.
    public var path: Ref
    public var span: Span

    public init(path: Ref, span: Span) {
        self.path = path
        self.span = span
    }
}

public struct Import: Sendable {
    /// `data.x.y`, `input.x`, `future.keywords.in`, `rego.v1`.
    public var path: Ref
    public var alias: Name?
    public var span: Span

    public init(path: Ref, alias: Name?, span: Span) {
        self.path = path
        self.alias = alias
        self.span = span
    }

    /// The name that the import binds: the alias, else the last string of the path, else the head.
    public var boundName: Name? {
        if let alias { return alias }
        if let last = path.parts.last {
            if case .string(let name) = last.kind { return name }
            return nil
        }
        return path.headName
    }
}

/// A `#` comment.
public struct Comment: Sendable {
    /// From the `#` to the end of the line (without CR).
    public var span: Span

    public init(span: Span) { self.span = span }

    /// The offsets of the text behind the `#`.
    public var textSpan: Span {
        Span(source: span.source, start: min(span.start &+ 1, span.end), end: span.end)
    }
}
