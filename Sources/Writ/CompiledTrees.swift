import RegoCompiler

/// What OPA's compiler makes of a policy's modules, as syntax trees in JSON: references resolved, local variables
/// renamed, expressions taken apart.
///
/// It takes about as long as compiling the modules; nothing of it is kept by the policy.
public struct CompiledTrees: Sendable {
    /// The tree of each module, in the order in which the modules were given.
    public let json: [[UInt8]]

    /// `files` are modules that compile together with `options`, in the order of their ids. Without `keepsPrints` the
    /// calls of `print` are left out. Nil where it would take too long.
    public static func make(
        of files: [PolicyFile], options: CompileOptions, keepsPrints: Bool
    ) throws(CompileFailure) -> CompiledTrees? {
        var sources = SourceMap()
        var names = NameTable()
        var modules: [Module] = []
        for file in files {
            let id = sources.add(name: file.name, text: file.text)
            var parser = Policy.parserOptions(file.version, options.capabilities)
            parser.readYAML = options.readYAML
            guard let source = sources.file(id) else { throw CompileFailure(diagnostics: [], sources: sources) }
            let (module, found) = parseModule(source, options: parser, names: &names)
            guard let module, found.isEmpty else { throw CompileFailure(diagnostics: found, sources: sources) }
            modules.append(module)
        }
        let compiled = CompiledModules(modules, names: names, sources: sources, keepsPrints: keepsPrints)
        guard compiled.isComplete else { return nil }
        let written = compiled.modules.map { module in
            guard let source = sources.file(module.source) else { return [UInt8]() }
            return ASTJSON.module(
                module, file: source, names: compiled.names,
                options: .init(includesComments: true, isCompiled: true))
        }
        return CompiledTrees(json: written)
    }
}
