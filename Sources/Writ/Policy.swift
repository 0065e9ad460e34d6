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
    private var givenID: [UInt8]?
    /// What a server knows the module by: its name, unless something else was said.
    public var id: [UInt8] {
        get { givenID ?? name }
        set { givenID = newValue == name ? nil : newValue }
    }

    public init(name: String, text: [UInt8], version: RegoVersion = .v1) {
        self.name = Array(name.utf8)
        self.text = text
        self.version = version
    }
}

/// What an engine offers to policies.
public typealias Capabilities = RegoCompiler.Capabilities

/// Texts of patterns that an evaluator keeps compiled.
public typealias KeptPatterns = WritBuiltins.KeptPatterns

/// What one kind of error means.
public typealias ErrorClass = RegoCompiler.ErrorClass

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
    /// Reads the YAML of metadata blocks: what `functions` brings.
    public var readYAML: (@Sendable ([UInt8]) -> MetadataText)?
    /// Changes the parsed modules before they are compiled; for tools that compile once. It must not depend on
    /// anything but the modules.
    public var transform: (@Sendable (inout [Module], inout NameTable, SourceMap) -> Void)?
    public var limits = CompileLimits()

    public init(functions: HostFunctions = .standard) {
        self.functions = functions
        readYAML = functions.readYAML
    }
}

extension CompileOptions {
    /// The options without some of the host's functions.
    func without(_ names: [StaticString]) -> CompileOptions {
        guard !names.isEmpty else { return self }
        var options = self
        options.functions = functions.without(names)
        return options
    }
}

/// Why modules or a query do not compile: OPA's codes and places.
public struct CompileFailure: Error, Sendable {
    /// At least one; in the order in which they are shown.
    public let diagnostics: [Diagnostic]
    /// The texts that the diagnostics point into.
    public let sources: SourceMap

    public init(diagnostics: [Diagnostic], sources: SourceMap) {
        self.diagnostics = diagnostics
        self.sources = sources
    }
}

/// What a compilation may take. Each limit is generous, and fails with `writ_limit_error` and its name.
public struct CompileLimits: Sendable {
    /// Bytes of one module.
    public var fileSize = 64 << 20
    /// Bytes of all modules together.
    public var totalSize = 512 << 20
    /// Steps of comparing the types of all rules.
    public var typeSteps = 200_000_000

    public init() {}
}

/// Compiled modules: immutable, used by any number of snapshots and threads.
public final class Policy: Sendable {
    public let sources: SourceMap
    /// The modules that it was compiled of, as they were given: `sources` may have older ones as well.
    public let files: [PolicyFile]
    /// What it was compiled with.
    public let options: CompileOptions
    let plan: Plan
    let program: Program
    private let origin: Origin

    private enum Origin: Sendable {
        case modules(ResolvedPolicy, LoweredPolicy)
        /// An image holds the plan alone: its modules are compiled when something asks for more than its documents.
        case image(keys: [[UInt8]], LateCompilation)
    }

    /// This policy with all that its compilation knew. Throws what compiling the modules of an image finds.
    func compiled() throws(CompileFailure) -> (resolved: ResolvedPolicy, lowered: LoweredPolicy, program: Program) {
        switch origin {
        case .modules(let resolved, let lowered): return (resolved, lowered, program)
        case .image(_, let late): return try late.policy(files, options).compiled()
        }
    }

    /// The node of the document tree below another one by a key; nil without one.
    func node(_ key: [UInt8], below node: Int) -> Int? {
        switch origin {
        case .modules(let resolved, _):
            // Names that no rule has are in no tree; those that one has are told apart by their numbers.
            guard let name = resolved.names.find(key) else { return nil }
            return resolved.tree[node].children.first { resolved.tree[Int($0)].key == name }.map { Int($0) }
        case .image(let keys, _):
            return plan.documents[node].children.first { keys[Int($0)] == key }.map { Int($0) }
        }
    }

    /// The last step of a node's path.
    func key(of node: Int) -> [UInt8] {
        switch origin {
        case .modules(let resolved, _): Array(resolved.names[resolved.tree[node].key])
        case .image(let keys, _): keys[node]
        }
    }

    init(
        sources: SourceMap, files: [PolicyFile], resolved: ResolvedPolicy, options: CompileOptions,
        lowered: LoweredPolicy, program: Program
    ) {
        self.sources = sources
        self.files = files
        self.options = options
        plan = lowered.plan
        self.program = program
        origin = .modules(resolved, lowered)
    }

    /// A policy that an image holds; `keys` are those of the plan's documents.
    init(
        sources: SourceMap, files: [PolicyFile], options: CompileOptions, plan: Plan, program: Program,
        keys: [[UInt8]]
    ) {
        self.sources = sources
        self.files = files
        self.options = options
        self.plan = plan
        self.program = program
        origin = .image(keys: keys, LateCompilation())
    }

    /// Parses and compiles modules together. To compile them again after changes use `PolicyCompiler`.
    public static func compile(
        _ files: [PolicyFile], options: CompileOptions = CompileOptions()
    ) throws(CompileFailure) -> Policy {
        var compiler = PolicyCompiler(options: options)
        return try compiler.compile(files)
    }

    /// The same policy with a program that tells how its steps are taken, for `StepMeter`: its plan is assembled once
    /// more, nothing is compiled (but the modules of an image).
    public func measured() throws(CompileFailure) -> Policy {
        let compiled = try compiled()
        do throws(Fault) {
            return Policy(
                sources: sources, files: files, resolved: compiled.resolved, options: options,
                lowered: compiled.lowered,
                program: try Program.assemble(
                    compiled.lowered.plan, traced: compiled.program.isTraced, measured: true))
        } catch {
            throw Self.limitFailure("a rule needs more than 60,000 registers", sources)
        }
    }

    /// The plan as text for people.
    public var planText: String {
        let bytes = plan.text { builtin in
            guard Registry.all.indices.contains(builtin) else { return nil }
            return Registry.all[builtin].name.withUTF8Buffer { Array($0) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A bare call of a builtin is no rule, so the parser must know their names.
    static func parserOptions(_ version: RegoVersion, _ capabilities: Capabilities) -> ParserOptions {
        var options = ParserOptions(version: version)
        options.isBuiltin = { Registry.find($0) != nil }
        options.features = capabilities.language
        return options
    }

    static func compilerOptions(_ options: CompileOptions, _ names: NameTable) -> CompilerOptions {
        var result = CompilerOptions()
        result.errorLimit = options.errorLimit
        result.isStrict = options.isStrict
        let functions = options.functions
        result.isProvided = { functions[$0] != nil }
        result.capabilities = options.capabilities
        result.schemas = options.schemas
        result.typeSteps = options.limits.typeSteps
        if let conflicts = options.dataConflicts {
            result.dataConflicts = { path in conflicts(path.map { Array(names[$0]) }) }
        }
        return result
    }

    /// Lowers a policy (and a query), taking over from a former round what still holds, and links the result.
    static func assemble(
        _ resolved: ResolvedPolicy, after former: LoweredPolicy?, extending base: Program?, query: ResolvedQuery?,
        _ options: CompileOptions, _ sources: SourceMap
    ) throws(CompileFailure) -> (LoweredPolicy, Program, CompileWork) {
        var lowered: LoweredPolicy
        do throws(LoweringError) {
            lowered = try Lowering.lower(resolved, after: former, query: query)
        } catch {
            throw CompileFailure(diagnostics: [diagnostic(error)], sources: sources)
        }
        lowered.plan.sources = sources.files.map { $0.name }
        var work = lowered.work
        do throws(Fault) {
            let program: Program
            if let base, !lowered.isFresh {
                program = try Program.assemble(lowered.plan, extending: base, changed: lowered.changed)
                work.instructionsAssembled = program.instructionCount - base.instructionCount
                // Copying an instruction costs about a twentieth of looking at an entry.
                work.linked += base.instructionCount / 20 + 3 * lowered.plan.functions.count + sources.files.count
            } else {
                program = try Program.assemble(
                    lowered.plan, traced: options.isTraced, measured: base?.isMeasured ?? false)
                work.instructionsAssembled = program.instructionCount
            }
            return (lowered, program, work)
        } catch {
            throw limitFailure("a rule needs more than 60,000 registers", sources)
        }
    }

    static func limitFailure(_ message: String, _ sources: SourceMap) -> CompileFailure {
        let diagnostic = Diagnostic(DiagnosticCode("writ_limit_error"), message, at: nil)
        return CompileFailure(diagnostics: [diagnostic], sources: sources)
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
