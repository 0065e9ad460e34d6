import RegoSyntax
import WritBuiltins
import WritSource

/// Resolves parsed modules to the form that lowering starts from.
///
/// `names` is the table that the modules were parsed with; the policy carries it on. Messages that name a further
/// place take its row from `sources`. The errors are those of the
/// first check that finds some, as in OPA, sorted by place and cut to the limit.
public func resolve(
    modules: [Module], names: NameTable, sources: SourceMap = SourceMap(),
    options: CompilerOptions = CompilerOptions()
) -> Result<ResolvedPolicy, DiagnosticList> {
    var compilation = Compilation()
    compilation.names = names
    return compilation.resolve(
        modules.map { ModuleInput($0, stamp: 1) }, sources: sources, options: options)
}

/// Resolves a query against a policy.
///
/// The query must have been parsed with `policy.names` (parsing grows it; so does this). `package` is the path
/// below `data` whose rules the query may name without it; `imports` are visible in it as in a module.
/// Without errors there is a resolved query.
public func resolve(
    query: Body, package: [Name]? = nil, imports: [Import] = [], policy: inout ResolvedPolicy,
    options: CompilerOptions = CompilerOptions()
) -> (ResolvedQuery?, [Diagnostic]) {
    guard !query.isEmpty else {
        return (nil, [Diagnostic(.regoCompileError, "empty query cannot be compiled", at: nil)])
    }
    var resolver = NameResolver(policy.collection, policy.names, options)
    resolver.isV1 = false
    let resolved = resolver.query(query, package: package, imports: imports)
    resolver.reportMissing()
    var safety = Safety(
        names: resolver.names, generatedName: resolver.generated, equal: Registry.find(Array("equal".utf8)),
        errors: resolver.errors)
    policy.names = resolver.names
    var result = safety.treat(query: resolved, variables: resolver.scopes.variables)
    result.expressionCount = resolver.expressionCount
    var errors = safety.errors
    errors.addUnsafeCaptures(resolved.shown.filter { $0.term != nil }.map { $0.span })
    if !errors.failed(before: .types) {
        var types = StaticTypes(names: resolver.names, stepLimit: options.typeSteps)
        let schemas = SchemaChecks(options, &types, &errors)
        var checker = TypeChecker(
            types: types, collection: policy.collection, environment: policy.typeEnvironment,
            equal: safety.equal, graph: policy.graph, schemas: schemas)
        checker.namesFunctionReferences = options.namesFunctionReferences
        checker.begin(result.variables)
        checker.check(result.body)
        for diagnostic in checker.found { errors.add(.types, diagnostic) }
    }
    let report = errors.report(limit: options.errorLimit)
    return report.isEmpty ? (result, []) : (nil, report)
}

extension StagedErrors {
    /// OPA binds the value of each expression of a query to a variable without a name; where the expression is unsafe
    /// that variable is too.
    fileprivate mutating func addUnsafeCaptures(_ expressions: [Span]) {
        let places = lists[Stage.safetyOfBodies.rawValue].map { $0.span }
        for span in expressions where places.contains(span) {
            var diagnostic = Diagnostic(.regoUnsafeVarError, "var _ is unsafe", at: span)
            diagnostic.isConsequence = true
            lists[Stage.safetyOfBodies.rawValue].insert(diagnostic, at: 0)
        }
    }
}
