import RegoSyntax
import WritBuiltins
import WritSource

/// A parsed module as one round of a compilation sees it.
public struct ModuleInput: Sendable {
    public var module: Module
    /// Another number whenever the module was parsed anew.
    public var stamp: UInt64

    public init(_ module: Module, stamp: UInt64) {
        self.module = module
        self.stamp = stamp
    }
}

/// Resolves modules in rounds: each takes over from the one before what did not change.
///
/// Modules are told apart by their source's number, which must be one module's for good; all of them are parsed
/// with `names`. A round that ends with errors keeps what it made all the same.
public struct Compilation: Sendable {
    /// The names of all rounds.
    public var names = NameTable()
    /// What all rounds did so far.
    public internal(set) var work = CompileWork()

    /// What is kept of one module, by source number.
    struct Unit: Sendable {
        var parsed: ParsedModule
        var resolved: ResolvedModule?
        /// For each rule what `rego.metadata`'s functions give; empty where nothing calls them.
        var metadata: [RuleMetadata] = []
        /// The vertices that `resolved.references` lead to in the present tree.
        var targets: [[Int32]] = []
    }

    /// A class, so that looking at one of many modules copies nothing.
    final class ParsedModule: Sendable {
        let stamp: UInt64
        let module: Module
        let heads: ModuleHeads

        init(stamp: UInt64, module: Module, heads: ModuleHeads) {
            self.stamp = stamp
            self.module = module
            self.heads = heads
        }
    }

    var units: [Unit?] = []
    /// The modules of the last collection.
    private(set) var order: [UInt32] = []
    var collection = Collection([])
    /// The serials of each group's rules, the default rule's last (0 for none).
    var groupSerials: [[UInt64]] = []
    private var finalTree: [TreeNode] = []
    private var treeRound: UInt64 = 0
    /// Counts the rounds without errors, with the groups that changed since the last of them.
    private var round: UInt64 = 0
    private var changedGroups: [Int32] = []
    /// No conflicts in the present tree.
    private var isFreeOfConflicts = false
    /// The vertices of the graph in the order of dependencies, unless some rule depends on itself.
    private var dependencyOrder: [Int32]?
    var graph: DependencyGraph?
    var typeRecords: [TypeRecord] = []
    /// Schemas said something in the last round.
    private var isDescribed = false
    /// The types of the last round, where the graph is still that of then and there were no errors.
    var lastTypes: (environment: TypeEnvironment, versions: [UInt64])?
    /// Modules came or went since the metadata was looked at.
    var hasOldMetadata = false
    var annotations: AnnotationSet?
    var metadataErrors: [Diagnostic] = []
    private var lastSerial: UInt64 = 0
    private var generated = Name.empty
    let equal: Int?

    public init() {
        equal = Registry.find(Array("equal".utf8))
    }

    /// Most nodes of the tree are of former rounds.
    public var isMostlyDead: Bool { collection.tree.nodes.count > 2 * collection.tree.order.count + 10_000 }

    mutating func serial() -> UInt64 {
        lastSerial += 1
        return lastSerial
    }

    /// Resolves modules, in this order, to the form that lowering starts from. `options` are the same in all rounds,
    /// but for the error limit and what data is there.
    ///
    /// Messages that name a further place take its row from `sources`. The errors are those of the first check that
    /// finds some, as in OPA, sorted by place (files in the order of the modules) and cut to the limit.
    public mutating func resolve(
        _ inputs: [ModuleInput], sources: SourceMap = SourceMap(), options: CompilerOptions = CompilerOptions()
    ) -> Result<ResolvedPolicy, DiagnosticList> {
        generated = names.intern("$generated")
        let isCollected = collect(inputs)
        if collection.isTooDeep {
            let message = "the paths of packages and rules have more than \(Collection.depthLimit) parts, or more than "
            let total = "\(Collection.depthSumLimit) in all"
            return .failure(DiagnosticList([Diagnostic(.writLimitError, message + total, at: nil)]))
        }
        updateMetadata(sources)
        let changed = resolveModules(isCollected: isCollected, sources, options)
        fillGroups(isCollected ? Array(order.indices) : changed.map { $0.number }, isCollected: isCollected)
        let (found, warnings) = moduleErrors(options)
        var errors = found
        for diagnostic in metadataErrors { errors.add(.annotations, diagnostic) }
        checkConflicts(isCollected: isCollected, sources, options, &errors)
        checkRecursion(isCollected: isCollected, changed, sources, options, &errors)
        var environment = TypeEnvironment(nodeCount: collection.tree.nodes.count)
        let former = lastTypes
        lastTypes = nil
        if !errors.failed(before: .types) {
            environment = checkTypes(former, changed, modules, annotations, options, &errors)
        }
        let report = errors.report(limit: options.errorLimit, order: order)
        if !report.isEmpty { return .failure(DiagnosticList(report)) }
        if isCollected || finalTree.isEmpty { finalTree = collection.finalTree() }
        var policy = ResolvedPolicy(names: names, groups: collection.groups, tree: finalTree)
        policy.warnings = warnings
        policy.collection = collection
        policy.typeEnvironment = environment
        policy.graph = graph
        policy.groupSerials = groupSerials
        policy.treeRound = treeRound
        round += 1
        policy.round = round
        policy.changedGroups = changedGroups
        changedGroups = []
        for index in order.indices {
            guard let module = units[Int(order[index])]?.resolved else { continue }
            policy.replacedBuiltins.formUnion(module.replacedBuiltins)
            policy.replacedPaths += module.replacedPaths
        }
        return .success(policy)
    }

    // MARK: Modules

    /// Takes the modules in; collects their heads again where these changed, and says whether it did.
    private mutating func collect(_ inputs: [ModuleInput]) -> Bool {
        var isSame = order.count == inputs.count
        var present: [UInt32] = []
        present.reserveCapacity(inputs.count)
        for (number, input) in inputs.enumerated() {
            let source = input.module.source.index
            if isSame, order[number] != source { isSame = false }
            present.append(source)
            while units.count <= Int(source) { units.append(nil) }
            if let unit = units[Int(source)], unit.parsed.stamp == input.stamp { continue }
            let heads = ModuleHeads(input.module)
            work.headsCollected += heads.rules.count
            if units[Int(source)]?.parsed.heads != heads { isSame = false }
            // What it led to before tells whether the graph is the same.
            let targets = units[Int(source)]?.targets ?? []
            let parsed = ParsedModule(stamp: input.stamp, module: input.module, heads: heads)
            units[Int(source)] = Unit(parsed: parsed, resolved: nil, targets: targets)
            hasOldMetadata = true
        }
        work.linked += 6 * inputs.count
        guard !isSame || treeRound == 0 else { return false }
        // What is not there any more is forgotten.
        hasOldMetadata = true
        var isPresent = [Bool](repeating: false, count: units.count)
        for source in present { isPresent[Int(source)] = true }
        for index in units.indices where !isPresent[index] { units[index] = nil }
        order = present
        collection.update(present.compactMap { units[Int($0)]?.parsed.module })
        work.linked += collection.tree.nodes.count + collection.homes.count * 4
        finalTree = []
        treeRound += 1
        return true
    }

    /// The modules of the present round in their order.
    var modules: [Module] { order.compactMap { units[Int($0)]?.parsed.module } }

    private func unit(_ number: Int) -> Unit? { units[Int(order[number])] }

    private struct Changed {
        var number: Int
        /// What its rules led to before.
        var targets: [[Int32]]
    }

    /// Resolves the modules that are new, or whose questions have other answers now.
    private mutating func resolveModules(
        isCollected: Bool, _ sources: SourceMap, _ options: CompilerOptions
    ) -> [Changed] {
        var changed: [Changed] = []
        var stale: [(number: Int, home: Int)] = []
        for number in order.indices {
            guard let unit = unit(number) else { continue }
            let home = collection.homeStarts[number]
            if let resolved = unit.resolved {
                if isCollected {
                    work.linked += resolved.questions.count
                    let package = collection.packageNodes[number]
                    if !resolved.questions.hold(in: collection, package: package, home: home) {
                        stale.append((number, home))
                    }
                }
            } else {
                stale.append((number, home))
            }
        }
        work.linked += order.count
        if !stale.isEmpty {
            var resolver = ModuleResolver(collection, names, options, generated: generated, equal: equal)
            for item in stale {
                guard let unit = unit(item.number) else { continue }
                let package = collection.packageNodes[item.number]
                let resolved = resolver.resolve(
                    unit.parsed.module, package: package, home: item.home, unit.metadata, serial: serial(), sources)
                work.expressionsResolved += resolved.expressionCount
                changed.append(Changed(number: item.number, targets: unit.targets))
                units[Int(order[item.number])]?.resolved = resolved
            }
        }
        for number in isCollected ? Array(order.indices) : changed.map({ $0.number }) {
            guard let references = unit(number)?.resolved?.references else { continue }
            work.linked += references.targets.count
            units[Int(order[number])]?.targets = collection.vertices(references)
        }
        return changed
    }

    /// Puts the rules of modules into their groups.
    private mutating func fillGroups(_ numbers: [Int], isCollected: Bool) {
        // The tables are copied, because the policy of the round before still has them.
        work.linked += 2 * collection.groups.count
        while groupSerials.count < collection.groups.count { groupSerials.append([]) }
        if isCollected { for index in groupSerials.indices { groupSerials[index] = [0] } }
        for number in numbers {
            guard let resolved = unit(number)?.resolved else { continue }
            work.linked += resolved.rules.count
            for (index, rule) in resolved.rules.enumerated() {
                let home = collection.homes[collection.homeStarts[number] + index]
                let group = Int(home.group)
                let serial = resolved.serial << 24 | UInt64(index)
                let position = Int(home.position)
                if !isCollected { changedGroups.append(home.group) }
                if position < 0 {
                    collection.groups[group].defaultRule = rule
                    groupSerials[group][groupSerials[group].count - 1] = serial
                } else if position < collection.groups[group].rules.count {
                    collection.groups[group].rules[position] = rule
                    groupSerials[group][position] = serial
                } else {
                    collection.groups[group].rules.append(rule)
                    groupSerials[group].insert(serial, at: groupSerials[group].count - 1)
                }
            }
        }
    }

    // MARK: Checks over all modules

    private func moduleErrors(_ options: CompilerOptions) -> (StagedErrors, warnings: [Diagnostic]) {
        var errors = StagedErrors()
        var warnings: [Diagnostic] = []
        var mocked: Set<Int> = []
        for number in order.indices {
            if let module = unit(number)?.resolved, !module.mockedBuiltins.isEmpty {
                mocked.formUnion(module.mockedBuiltins)
            }
        }
        for number in order.indices {
            guard let module = unit(number)?.resolved else { continue }
            if module.hasErrors { errors.add(module.errors) }
            for diagnostic in NameResolver.missing(module.missingCalls, mocked, options) {
                if options.toleratesMissingBuiltins {
                    warnings.append(diagnostic)
                } else {
                    errors.add(.unsupported, diagnostic)
                }
            }
        }
        return (errors, warnings)
    }

    private mutating func checkConflicts(
        isCollected: Bool, _ sources: SourceMap, _ options: CompilerOptions, _ errors: inout StagedErrors
    ) {
        if isCollected { isFreeOfConflicts = false }
        guard !isFreeOfConflicts || options.dataConflicts != nil else { return }
        work.linked += collection.tree.order.count + collection.homes.count
        let before = errors.count(.conflicts)
        conflictCheck(sources).check(&errors, options)
        // Data is asked anew each time.
        isFreeOfConflicts = errors.count(.conflicts) == before
    }

    private func conflictCheck(_ sources: SourceMap) -> ConflictCheck {
        ConflictCheck(
            modules: order.compactMap { units[Int($0)]?.parsed.module }, collection: collection, names: names,
            sources: sources)
    }

    private mutating func checkRecursion(
        isCollected: Bool, _ changed: [Changed], _ sources: SourceMap, _ options: CompilerOptions,
        _ errors: inout StagedErrors
    ) {
        let isSame = !isCollected && changed.allSatisfy { unit($0.number)?.targets == $0.targets }
        if isSame, graph != nil, dependencyOrder != nil { return }
        lastTypes = nil
        var list: [DependencyGraph.Source] = []
        for number in order.indices {
            guard let unit = unit(number) else { continue }
            let home = collection.homeStarts[number]
            for (index, source) in (unit.resolved?.references.sources ?? []).enumerated() {
                list.append(
                    DependencyGraph.Source(
                        node: collection.homes[home + Int(source.rule)].node, span: source.span,
                        targets: unit.targets[index]))
            }
        }
        let graph = DependencyGraph(collection.tree, list)
        work.linked += graph.size
        let components = graph.components()
        let conflicts = conflictCheck(sources)
        graph.check(components.numbers, &errors, limit: options.errorLimit) { conflicts.text($0) }
        self.graph = graph
        dependencyOrder = errors.count(.recursion) == 0 ? components.order : nil
    }

    private mutating func checkTypes(
        _ former: (environment: TypeEnvironment, versions: [UInt64])?, _ changed: [Changed], _ modules: [Module],
        _ annotations: AnnotationSet?, _ options: CompilerOptions, _ errors: inout StagedErrors
    ) -> TypeEnvironment {
        guard let order = dependencyOrder, let graph else {
            return TypeEnvironment(nodeCount: collection.tree.nodes.count)
        }
        var types = StaticTypes(names: names, stepLimit: options.typeSteps)
        // The types intern names that they need: only they may hold the table meanwhile.
        names = NameTable.none
        let schemas = SchemaChecks(options, modules: modules, annotations: annotations, &types, &errors)
        // What schemas say of a rule may stand in another module: nothing is kept from one round to the next.
        let wasDescribed = isDescribed
        if !schemas.isEmpty || wasDescribed { typeRecords = [] }
        isDescribed = !schemas.isEmpty
        if schemas.isEmpty, !wasDescribed, let former,
            let environment = updateTypes(former, graph, order, changed.map { $0.number }, &types, schemas)
        {
            return environment
        }
        return checkTypes(graph, order, types, schemas, &errors)
    }

    /// The resolved module that a rule is from.
    func module(of rule: RuleID) -> ResolvedModule? { units[Int(order[Int(rule.module)])]?.resolved }
}
