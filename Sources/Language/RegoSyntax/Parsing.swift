import WritSource

/// What the parser is told beside the text.
public struct ParserOptions: Sendable {
    public var version: RegoVersion = .v1
    /// The most errors to report. OPA reports all that it finds in its first broken statement, and one or more a rule for
    /// those that v1 forbids.
    public var errorLimit: Int = .max
    /// Whether parsing goes on behind a statement that cannot be read, at the next line that begins without a blank. OPA
    /// does not: what follows its first broken statement is not reported. For editors.
    public var recovers = false
    /// The depth of nesting after which parsing stops: a collection, a reference's index or arguments, a body and a
    /// group count one each, a chain of operators one for every four. 200 is safe on a stack of 512 KiB.
    public var depthLimit: Int = 200
    /// Whether a name is that of a built-in function, which no bodiless function may have (`count(x)` as a statement).
    /// The operators' names are known anyway.
    public var isBuiltin: (@Sendable (ArraySlice<UInt8>) -> Bool)?
    /// What of the language there is.
    public var features = LanguageFeatures()
    /// Keywords that are in force from the start, as if `import future.keywords.NAME` stood before the text; `nil` in
    /// the list stands for all of them.
    public var importedKeywords: [[UInt8]?] = []

    /// Reads the YAML of `# METADATA` blocks. Without it they are comments like any other, and nothing is said of them.
    ///
    /// Plain scalars are to mean what they mean in YAML 1.2 (`yes` is a text).
    public var readYAML: (@Sendable ([UInt8]) -> MetadataText)?

    public init(version: RegoVersion = .v1) { self.version = version }
}

/// Parses a module. With errors the module holds what was understood (nil if it does not start with a package).
public func parseModule(
    _ file: SourceFile, options: ParserOptions = ParserOptions(), names: inout NameTable
) -> (Module?, [Diagnostic]) {
    if let why = options.features.refusal(of: options.version) {
        return (nil, [Diagnostic(.regoParseError, why, at: nil)])
    }
    return withParser(file, options, &names) { parser in parser.module() }
}

/// Parses a query: one or more expressions, apart by `;` or line ends.
public func parseQuery(
    _ file: SourceFile, options: ParserOptions = ParserOptions(), names: inout NameTable
) -> (Body, [Diagnostic]) {
    withParser(file, options, &names) { parser in
        let body = parser.queryStatements()
        return (body, parser.errors)
    }
}

/// One statement of a text that is no module: what a shell is given.
public struct ShellStatement: Sendable {
    public enum Kind: Sendable {
        case package(Package)
        case `import`(Import)
        /// Rules with a body, or with a head that only rules have (`p contains x`). `p {..} {..}` (v0) gives several.
        case rules([Rule])
        /// Expressions, among them what may be meant as a rule (`x := 1`).
        case body(Body)
    }

    public var kind: Kind
    /// From its first token to its last.
    public var span: Span
}

/// Parses statements of any kind, in any order.
public func parseStatements(
    _ file: SourceFile, options: ParserOptions = ParserOptions(), names: inout NameTable
) -> ([ShellStatement], [Diagnostic]) {
    withParser(file, options, &names) { parser in
        let statements = parser.shellStatements()
        return (statements, parser.errors)
    }
}

/// Parses a single term, such as an input given as a Rego term.
///
/// The term need not be ground; but a call or a comparison alone is an expression, not a term.
public func parseTerm(
    _ file: SourceFile, options: ParserOptions = ParserOptions(), names: inout NameTable
) -> (Term?, [Diagnostic]) {
    withParser(file, options, &names) { parser in
        let body = parser.queryStatements()
        if !parser.errors.isEmpty { return (nil, parser.errors) }
        guard body.count == 1, let expression = body.first, case .term(let term) = expression.kind,
            !expression.isNegated, expression.with.isEmpty
        else {
            parser.error("expected exactly one term", at: body.first?.span ?? parser.span)
            return (nil, parser.errors)
        }
        return (term, [])
    }
}

/// Lends the name table to a parser: only one of them may hold it, or every new name would copy it.
private func withParser<Result>(
    _ file: SourceFile, _ options: ParserOptions, _ names: inout NameTable, _ parse: (inout Parser) -> Result
) -> Result {
    var parser = Parser(file.text.count > SourceFile.maximumSize ? file.withoutText : file, options, names)
    if file.text.count > SourceFile.maximumSize { parser.error("source too large", at: parser.span(0, 0)) }
    names = NameTable(empty: ())
    let result = parse(&parser)
    names = parser.lexer.names
    return result
}

extension SourceFile {
    /// The file with its text left out, for one that spans cannot address.
    fileprivate var withoutText: SourceFile { SourceFile(id: id, name: name, text: []) }
}
