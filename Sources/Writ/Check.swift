import RegoCompiler

/// What checking modules found without it being an error.
public struct CheckReport: Sendable {
    /// Calls of builtins that are not built yet: they compile, and fail when they are evaluated.
    public let warnings: [Diagnostic]
    /// The texts that the warnings point into.
    public let sources: SourceMap
}

extension Policy {
    /// Parses modules and runs every check of the compiler on them together, without making a program of them.
    public static func check(
        _ files: [PolicyFile], options: CompileOptions = CompileOptions()
    ) throws(CompileFailure) -> CheckReport {
        var compiler = PolicyCompiler(options: options)
        return try compiler.check(files)
    }
}
