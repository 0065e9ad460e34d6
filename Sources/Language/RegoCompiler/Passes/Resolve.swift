import RegoSyntax
import WritBuiltins
import WritSource

/// Resolves parsed modules to the form that lowering starts from.
///
/// `names` is the table that the modules were parsed with; the policy carries it on. The errors are those of the
/// first check that finds some, as in OPA, sorted by place and cut to the limit.
public func resolve(
    modules: [Module], names: NameTable, options: CompilerOptions = CompilerOptions()
) -> Result<ResolvedPolicy, DiagnosticList> {
    var resolver = NameResolver(modules, names, options)
    resolver.resolveRules()
    var safety = Safety(
        names: resolver.names, generatedName: resolver.generated, equal: Registry.find(Array("equal".utf8)),
        errors: resolver.errors)
    var groups = resolver.collection.groups
    resolver.collection.groups = []
    for group in groups.indices {
        for rule in groups[group].rules.indices { safety.treat(&groups[group].rules[rule]) }
        if var rule = groups[group].defaultRule {
            safety.treat(&rule)
            groups[group].defaultRule = rule
        }
    }
    let report = safety.errors.report(limit: options.errorLimit)
    if !report.isEmpty { return .failure(DiagnosticList(report)) }
    return .success(ResolvedPolicy(names: resolver.names, groups: groups, tree: resolver.collection.finalTree()))
}
