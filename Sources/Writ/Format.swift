import RegoCompiler
import WritBuiltins

/// Why a module has no layout.
public struct FormatFailure: Error, Sendable {
    /// At least one; in the order in which they are shown.
    public let diagnostics: [Diagnostic]
    /// The text that the diagnostics point into.
    public let sources: SourceMap
    /// The module was laid out, but the result does not parse: the diagnostics are those of the result.
    public let isResultInvalid: Bool
}

extension PolicyFile {
    /// The module laid out as `opa fmt` does.
    ///
    /// `version` is the language that it is read in, `options.target` that of the result. With `checksResult` the
    /// result is parsed again before it is handed out.
    public func formatted(
        _ options: FormatOptions = FormatOptions(), checksResult: Bool = true,
        capabilities: Capabilities = .current
    ) throws(FormatFailure) -> [UInt8] {
        var sources = SourceMap()
        let id = sources.add(name: name, text: text)
        var names = NameTable()
        let parser = Policy.parserOptions(version, capabilities)
        guard let source = sources.file(id) else { return text }
        let (module, errors) = parseModule(source, options: parser, names: &names)
        guard errors.isEmpty, let module else {
            throw FormatFailure(diagnostics: errors, sources: sources, isResultInvalid: false)
        }
        let refusals = formatErrors(module, options: options, names: names) { name in
            Registry.find(name).map { Registry.all[$0].isDeprecated } ?? false
        }
        guard refusals.isEmpty else {
            throw FormatFailure(diagnostics: refusals, sources: sources, isResultInvalid: false)
        }
        let result = format(module, of: source, options: options, names: names)
        guard checksResult, result != text else { return result }
        var results = SourceMap()
        let resultID = results.add(name: Array("formatted".utf8), text: result)
        guard let laidOut = results.file(resultID) else { return result }
        let target: RegoVersion = options.target == .v1 ? .v1 : .v0
        let (_, problems) = parseModule(laidOut, options: Policy.parserOptions(target, capabilities), names: &names)
        guard problems.isEmpty else {
            throw FormatFailure(diagnostics: problems, sources: results, isResultInvalid: true)
        }
        return result
    }
}
