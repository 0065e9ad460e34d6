import RegoCompiler
@_exported import RegoSyntax
import WritBuiltins
import WritPlan
@_exported import WritSource
import WritVM
@_exported import WritValue

/// A Rego module to compile.
public struct PolicyFile: Sendable {
    /// The name that diagnostics show: a path, or the module's id.
    public var name: [UInt8]
    public var text: [UInt8]
    /// The version of the language that the file is written in.
    public var version: RegoVersion

    public init(name: String, text: [UInt8], version: RegoVersion = .v1) {
        self.name = Array(name.utf8)
        self.text = text
        self.version = version
    }
}

/// What an engine offers to policies.
public typealias Capabilities = RegoCompiler.Capabilities

/// JSON schemas, and what they are called.
public typealias SchemaSet = RegoCompiler.SchemaSet

/// What compilation is told.
public struct CompileOptions: Sendable {
    /// The number of errors after which no more are reported.
    public var errorLimit = 10
    /// Whether base data has something at a path below `data`: rules there are then a conflict.
    public var dataConflicts: (@Sendable ([[UInt8]]) -> Bool)?
    /// The version that queries are written in.
    public var queryVersion = RegoVersion.v1
    /// Unused variables, arguments and imports and deprecated builtins are errors.
    public var isStrict = false
    /// The builtins that need a library outside the decision core, where one provides them.
    public var functions: HostFunctions
    /// JSON schemas for `input` and for the documents that annotations name.
    public var schemas: SchemaSet?
    /// What there is to be used: builtins, keywords, features.
    public var capabilities = Capabilities.current
    /// Keep the marks that explain, profile and coverage need.
    public var isTraced = false
    /// Reads the YAML of metadata blocks; without it nothing is said of any rule (see `ParserOptions.readYAML`).
    public var readYAML: (@Sendable ([UInt8]) -> MetadataText)?

    public init(functions: HostFunctions = HostFunctions()) { self.functions = functions }
}

/// Why modules or a query do not compile: OPA's codes and places.
public struct CompileFailure: Error, Sendable {
    /// At least one; in the order in which they are shown.
    public let diagnostics: [Diagnostic]
    /// The texts that the diagnostics point into.
    public let sources: SourceMap
}

/// Compiled modules: immutable, used by any number of snapshots and threads.
public final class Policy: Sendable {
    public let sources: SourceMap
    let resolved: ResolvedPolicy
    let options: CompileOptions
    let plan: Plan
    let program: Program

    private init(
        sources: SourceMap, resolved: ResolvedPolicy, options: CompileOptions, plan: Plan, program: Program
    ) {
        self.sources = sources
        self.resolved = resolved
        self.options = options
        self.plan = plan
        self.program = program
    }

    /// Parses and compiles modules together.
    public static func compile(
        _ files: [PolicyFile], options: CompileOptions = CompileOptions()
    ) throws(CompileFailure) -> Policy {
        let (resolved, sources) = try resolve(files, options, toleratesMissingBuiltins: false)
        let (plan, program) = try assemble(resolved, nil, options, sources)
        return Policy(sources: sources, resolved: resolved, options: options, plan: plan, program: program)
    }

    /// Parses modules together and runs the compiler's checks.
    static func resolve(
        _ files: [PolicyFile], _ options: CompileOptions, toleratesMissingBuiltins: Bool
    ) throws(CompileFailure) -> (ResolvedPolicy, SourceMap) {
        var sources = SourceMap()
        var names = NameTable()
        var modules: [Module] = []
        var diagnostics: [Diagnostic] = []
        for file in files {
            let id = sources.add(name: file.name, text: file.text)
            guard let source = sources.file(id) else { continue }
            var parser = parserOptions(file.version, options.capabilities)
            parser.readYAML = options.readYAML
            let (module, found) = parseModule(source, options: parser, names: &names)
            diagnostics.append(contentsOf: found)
            if let module { modules.append(module) }
        }
        guard diagnostics.isEmpty else { throw CompileFailure(diagnostics: diagnostics, sources: sources) }
        var compiler = compilerOptions(options, names)
        compiler.toleratesMissingBuiltins = toleratesMissingBuiltins
        switch RegoCompiler.resolve(modules: modules, names: names, sources: sources, options: compiler) {
        case .success(let policy): return (policy, sources)
        case .failure(let list): throw CompileFailure(diagnostics: list.diagnostics, sources: sources)
        }
    }

    /// A bare call of a builtin is no rule, so the parser must know their names.
    static func parserOptions(_ version: RegoVersion, _ capabilities: Capabilities) -> ParserOptions {
        var options = ParserOptions(version: version)
        options.isBuiltin = { Registry.find($0) != nil }
        options.features = capabilities.language
        return options
    }

    /// The policy with a query's sources and program beside it.
    func with(sources: SourceMap, resolved: ResolvedPolicy, plan: Plan, program: Program) -> Policy {
        Policy(sources: sources, resolved: resolved, options: options, plan: plan, program: program)
    }

    static func compilerOptions(_ options: CompileOptions, _ names: NameTable) -> CompilerOptions {
        var result = CompilerOptions()
        result.errorLimit = options.errorLimit
        result.isStrict = options.isStrict
        let functions = options.functions
        result.isProvided = { functions[$0] != nil }
        result.capabilities = options.capabilities
        result.schemas = options.schemas
        if let conflicts = options.dataConflicts {
            result.dataConflicts = { path in conflicts(path.map { Array(names[$0]) }) }
        }
        return result
    }

    static func assemble(
        _ resolved: ResolvedPolicy, _ query: ResolvedQuery?, _ options: CompileOptions, _ sources: SourceMap
    ) throws(CompileFailure) -> (Plan, Program) {
        var plan: Plan
        do throws(LoweringError) {
            plan = try Lowering.lower(resolved, query: query)
        } catch {
            throw CompileFailure(diagnostics: [diagnostic(error)], sources: sources)
        }
        plan.sources = sources.files.map { $0.name }
        do throws(Fault) {
            return (plan, try Program.assemble(plan, traced: options.isTraced))
        } catch {
            let diagnostic = Diagnostic(
                DiagnosticCode("writ_limit_error"), "a rule needs more than 60,000 registers", at: nil)
            throw CompileFailure(diagnostics: [diagnostic], sources: sources)
        }
    }

    private static func diagnostic(_ error: LoweringError) -> Diagnostic {
        switch error.code {
        case .tooDeep:
            Diagnostic(
                DiagnosticCode("writ_limit_error"), "expressions nest deeper than \(Lowering.depthLimit) loops",
                at: error.span, help: "move inner loops into rules of their own")
        case .unbound:
            Diagnostic(
                DiagnosticCode("writ_defect"), "a variable is used before any expression binds it", at: error.span,
                help: "this is a defect of Writ; please report it with the module")
        case .constant:
            Diagnostic(DiagnosticCode("writ_limit_error"), "a constant is too large", at: error.span)
        }
    }
}
