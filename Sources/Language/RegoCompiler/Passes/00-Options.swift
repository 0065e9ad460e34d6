import RegoSyntax
import WritSource

/// What the passes are told beside the modules.
public struct CompilerOptions: Sendable {
    /// What happens to a call of a function that is neither a rule nor a builtin.
    public enum UnknownFunctions: Sendable {
        /// It is a `rego_type_error`.
        case refuse
        /// The call is undefined.
        case ignore
    }

    public var unknownFunctions: UnknownFunctions = .refuse
    /// The version of modules that do not say which one they are in.
    public var version: RegoVersion = .v1
    /// Whether a builtin of kind `host(function)`, by number, has an implementation; a call is an error otherwise.
    public var isProvided: @Sendable (Int) -> Bool = { _ in false }
    /// Checks of `--strict`: unused variables, arguments and imports, deprecated builtins.
    public var isStrict = false
    /// The number of errors after which no more are reported; 0 for no limit.
    public var errorLimit = 10
    /// Whether the base document has something at a path below `data` where rules are defined.
    /// Nil leaves the check out.
    public var dataConflicts: (@Sendable ([Name]) -> Bool)?

    /// The schemas that annotations name, and that of `input`.
    public var schemas: SchemaSet?
    /// How many steps comparing types may take, in all; more is a `writ_limit_error`.
    public var typeSteps = 200_000_000
    /// What there is to be used.
    public var capabilities = Capabilities.current
    /// Whether a query's reference to a function is called one. Else it is an undefined reference, in the words that OPA
    /// had for it up to 1.9 and that its REST API is known by.
    public var namesFunctionReferences = true
    /// Whether calls of builtins that are not built yet are only warnings.
    public var toleratesMissingBuiltins = false

    public init() {}
}

extension DiagnosticCode {
    public static var regoCompileError: DiagnosticCode { DiagnosticCode("rego_compile_error") }
    public static var regoTypeError: DiagnosticCode { DiagnosticCode("rego_type_error") }
    public static var regoUnsafeVarError: DiagnosticCode { DiagnosticCode("rego_unsafe_var_error") }
    public static var regoRecursionError: DiagnosticCode { DiagnosticCode("rego_recursion_error") }
    /// More than a compilation may take.
    public static var writLimitError: DiagnosticCode { DiagnosticCode("writ_limit_error") }
    /// Part of the language, not built yet.
    public static var writUnsupported: DiagnosticCode { DiagnosticCode("writ_unsupported") }
}

/// The errors of a compilation.
public struct DiagnosticList: Error, Sendable {
    public var diagnostics: [Diagnostic]

    public init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
}

/// The checks in the order in which they are made: errors of one stage end the compilation before the next.
enum Stage: Int {
    case arguments, heads, rootDocuments, imports, locals, voidCalls, prints, templates, annotations, with, conflicts,
        functions
    case safetyOfHeads, safetyOfBodies, recursion, types, deprecated, unsupported

    static var count: Int { 18 }
}

/// The errors found so far, by stage.
struct StagedErrors: Sendable {
    var lists: [[Diagnostic]] = Array(repeating: [], count: Stage.count)

    mutating func add(_ stage: Stage, _ code: DiagnosticCode, _ message: String, at span: Span?) {
        lists[stage.rawValue].append(Diagnostic(code, message, at: span))
    }

    mutating func add(_ stage: Stage, _ diagnostic: Diagnostic) { lists[stage.rawValue].append(diagnostic) }

    mutating func add(_ other: StagedErrors) {
        for stage in other.lists.indices where !other.lists[stage].isEmpty { lists[stage] += other.lists[stage] }
    }

    var isEmpty: Bool { lists.allSatisfy { $0.isEmpty } }

    /// Whether a stage up to this one has errors.
    func failed(before stage: Stage) -> Bool {
        for list in lists[..<stage.rawValue] where !list.isEmpty { return true }
        return false
    }

    func count(_ stage: Stage) -> Int { lists[stage.rawValue].count }

    /// The errors of the first stage that has some, sorted by place and cut to the limit. `order` lists the sources
    /// in their order where that is not the order of their numbers.
    func report(limit: Int, order: [UInt32] = []) -> [Diagnostic] {
        guard var list = lists.first(where: { !$0.isEmpty }) else { return [] }
        var ranks = [UInt32](repeating: .max, count: Int(order.max() ?? 0) + (order.isEmpty ? 0 : 1))
        for (rank, source) in order.enumerated() { ranks[Int(source)] = UInt32(truncatingIfNeeded: rank) }
        func rank(_ source: UInt32) -> UInt32 { ranks.indices.contains(Int(source)) ? ranks[Int(source)] : source }
        list.sort { a, b in
            guard let left = a.span else { return false }
            guard let right = b.span else { return true }
            if left.source != right.source { return rank(left.source.index) < rank(right.source.index) }
            return left.start < right.start
        }
        guard limit > 0, list.count > limit else { return list }
        list.removeLast(list.count - limit)
        list.append(Diagnostic(.regoCompileError, "error limit reached", at: nil))
        return list
    }
}
