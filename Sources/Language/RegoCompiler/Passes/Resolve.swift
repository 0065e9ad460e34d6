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
    if !errors.failed(before: .types) {
        var checker = TypeChecker(
            names: resolver.names, collection: policy.collection, environment: policy.typeEnvironment,
            equal: safety.equal)
        checker.begin(result.variables)
        checker.check(result.body)
        for diagnostic in checker.found { errors.add(.types, diagnostic) }
    }
    let report = errors.report(limit: options.errorLimit)
    return report.isEmpty ? (result, []) : (nil, report)
}
