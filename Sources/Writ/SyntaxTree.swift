import RegoSyntax
import WritSource

/// One module that was parsed and not compiled: for tools that look at the text.
public struct SyntaxTree: Sendable {
    public let module: Module
    public let file: SourceFile
    /// The table that the module's names belong to.
    public let names: NameTable

    /// Parses a module.
    ///
    /// Without `readYAML` the blocks of metadata are comments like any other.
    public static func parse(
        _ file: PolicyFile, readYAML: (@Sendable ([UInt8]) -> MetadataText)? = nil
    ) throws(CompileFailure) -> SyntaxTree {
        var sources = SourceMap()
        var names = NameTable()
        let id = sources.add(name: file.name, text: file.text)
        var options = Policy.parserOptions(file.version, .current)
        options.readYAML = readYAML
        guard let source = sources.file(id) else { throw CompileFailure(diagnostics: [], sources: sources) }
        let (module, found) = parseModule(source, options: options, names: &names)
        guard let module, found.isEmpty else { throw CompileFailure(diagnostics: found, sources: sources) }
        return SyntaxTree(module: module, file: source, names: names)
    }

    /// The module's package: the steps below `data`.
    public var packagePath: [[UInt8]] {
        module.package.path.parts.compactMap { part in
            if case .string(let name) = part.kind { return Array(names[name]) }
            return nil
        }
    }

    /// The tree as the JSON of `opa parse -f json`, on one line.
    public func json(includesLocations: Bool = false, includesComments: Bool = true) -> [UInt8] {
        ASTJSON.module(
            module, file: file, names: names,
            options: .init(includesLocations: includesLocations, includesComments: includesComments))
    }

    /// The tree as `opa parse` prints it for people.
    public func lines(includesComments: Bool = true) -> [UInt8] {
        var module = module
        if !includesComments { module.comments = [] }
        return ASTPretty.module(module, names: names)
    }
}
