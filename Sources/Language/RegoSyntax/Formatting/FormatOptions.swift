import WritSource

/// How a module is to be laid out.
public struct FormatOptions: Sendable {
    /// The language of the result. `.v0v1` makes text that both versions accept, with `import rego.v1`.
    public var target: RegoVersion
    /// Whether `import rego.v1` and `import future.keywords` are left out where the target makes them redundant.
    public var dropsV0Imports = false
    /// Whether a reference may name a keyword with a point (`input.if`), as it was written. Otherwise such names stand in
    /// brackets, for versions of OPA before 1.6.
    public var keepsKeywordsInReferences = true

    public init(target: RegoVersion = .v1) { self.target = target }
}

/// Lays out a module that was parsed without errors from a file: the text that `opa fmt` writes.
///
/// Every comment of the module is in the result, in the same order and with the same statement. Laying out the result
/// again gives the same text.
public func format(_ module: Module, of file: SourceFile, options: FormatOptions, names: NameTable) -> [UInt8] {
    var formatter = Formatter(file, names, options)
    formatter.module(module)
    if !formatter.needsProof { return formatter.text }
    return FormatProof(module: module, file: file, names: names, options: options).settled(formatter.text)
}

/// The errors for which a module cannot become text of v1: names that v1 reserves, imports that hide each other,
/// builtins that v1 does not have (`isDeprecated` knows them by dotted name). Empty for the target v0.
public func formatErrors(
    _ module: Module, options: FormatOptions, names: NameTable, isDeprecated: @escaping (ArraySlice<UInt8>) -> Bool
) -> [Diagnostic] {
    guard options.target != .v0 else { return [] }
    var checks = FormatChecks(names, isDeprecated: isDeprecated)
    return checks.check(module)
}
