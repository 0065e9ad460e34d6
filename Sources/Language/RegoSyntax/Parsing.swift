import WritSource

/// What the parser is told beside the text.
public struct ParserOptions: Sendable {
    public var version: RegoVersion = .v1
    /// The number of errors after which parsing stops.
    public var errorLimit: Int = 10
    /// The depth of nesting (collections, calls, operators, bodies) after which parsing stops.
    public var depthLimit: Int = 1000

    public init(version: RegoVersion = .v1) { self.version = version }
}

/// Parses a module. With errors the module holds what was understood (nil if there is no package).
public func parseModule(
    _ file: SourceFile, options: ParserOptions = ParserOptions(), names: inout NameTable
) -> (Module?, [Diagnostic]) {
    (nil, [])
}

/// Parses a query: one or more expressions, apart by `;` or line ends.
public func parseQuery(
    _ file: SourceFile, options: ParserOptions = ParserOptions(), names: inout NameTable
) -> (Body, [Diagnostic]) {
    ([], [])
}

/// Parses a single term, such as an input given as a Rego term.
public func parseTerm(
    _ file: SourceFile, options: ParserOptions = ParserOptions(), names: inout NameTable
) -> (Term?, [Diagnostic]) {
    (nil, [])
}
