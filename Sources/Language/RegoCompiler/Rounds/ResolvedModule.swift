import RegoSyntax
import WritSource

/// A module with its names resolved and its bodies ordered, and the summaries that passes over all modules need.
///
/// A class, so that looking at one of many modules copies nothing.
final class ResolvedModule: Sendable {
    /// Another number for every time that a module is resolved.
    let serial: UInt64
    /// In the module's order.
    let rules: [ResolvedRule]
    /// For each rule, how many expressions it has.
    let expressionCounts: [Int32]
    let errors: StagedErrors
    let hasErrors: Bool
    let questions: Questions
    let references: References
    let missingCalls: [(number: Int, span: Span)]
    /// Builtins that some `with` replaces, whether or not it was accepted.
    let mockedBuiltins: Set<Int>
    let replacedBuiltins: Set<Int>
    let replacedPaths: [[Name]]

    init(
        serial: UInt64, rules: [ResolvedRule], expressionCounts: [Int32], errors: StagedErrors, questions: Questions,
        references: References, missingCalls: [(number: Int, span: Span)], mockedBuiltins: Set<Int>,
        replacedBuiltins: Set<Int>, replacedPaths: [[Name]]
    ) {
        self.serial = serial
        self.rules = rules
        self.expressionCounts = expressionCounts
        self.errors = errors
        hasErrors = !errors.isEmpty
        self.questions = questions
        self.references = references
        self.missingCalls = missingCalls
        self.mockedBuiltins = mockedBuiltins
        self.replacedBuiltins = replacedBuiltins
        self.replacedPaths = replacedPaths
    }

    var expressionCount: Int { expressionCounts.reduce(0) { $0 + Int($1) } }
}

/// Runs the passes that look at one module at a time.
struct ModuleResolver {
    private var resolver: NameResolver
    private var safety: Safety

    init(
        _ collection: Collection, _ names: NameTable, _ options: CompilerOptions, generated: Name, equal: Int?
    ) {
        resolver = NameResolver(collection, names, options)
        safety = Safety(names: names, generatedName: generated, equal: equal, errors: StagedErrors())
    }

    mutating func resolve(
        _ module: Module, package: Int32, home: Int, _ metadata: [RuleMetadata], serial: UInt64, _ sources: SourceMap
    ) -> ResolvedModule {
        var counts: [Int32] = []
        var rules = resolver.resolve(module, package: package, home: home, metadata, &counts)
        var finder = ReferenceFinder()
        for (index, rule) in rules.enumerated() { finder.add(rule, number: index) }
        safety.errors = resolver.errors
        resolver.errors = StagedErrors()
        let neighbors = NameResolver.neighbors(in: module, sources, resolver.names)
        var replaced = ReplacementFinder()
        for index in rules.indices {
            if !neighbors.isEmpty { safety.neighbor = neighbors[rules[index].span] ?? "" }
            safety.treat(&rules[index])
            replaced.visit(rules[index])
        }
        safety.neighbor = ""
        let errors = safety.errors
        safety.errors = StagedErrors()
        defer {
            resolver.missingCalls.removeAll()
            resolver.mockedBuiltins.removeAll()
        }
        return ResolvedModule(
            serial: serial, rules: rules, expressionCounts: counts, errors: errors,
            questions: resolver.questions, references: finder.result, missingCalls: resolver.missingCalls,
            mockedBuiltins: resolver.mockedBuiltins, replacedBuiltins: replaced.builtins,
            replacedPaths: replaced.paths)
    }
}
