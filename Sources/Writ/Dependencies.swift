import RegoCompiler
import WritBuiltins

/// The documents that a query reads, directly and through rules.
public struct Dependencies: Sendable {
    /// Paths from `data` or `input` on that no rules make: as far as they are known, none of them inside of another.
    public var base: [[[UInt8]]]
    /// Paths from `data` on that rules make.
    public var virtual: [[[UInt8]]]

    /// What a query, compiled against a policy, depends on.
    public static func of(_ text: [UInt8], in policy: Policy) throws(CompileFailure) -> Dependencies {
        var sources = policy.sources
        let id = sources.add(name: [], text: text)
        guard let file = sources.file(id) else { throw CompileFailure(diagnostics: [], sources: sources) }
        var resolved = try policy.compiled().resolved
        let (body, found) = parseQuery(
            file, options: Policy.parserOptions(policy.options.queryVersion, policy.options.capabilities),
            names: &resolved.names)
        guard found.isEmpty else { throw CompileFailure(diagnostics: found, sources: sources) }
        let (query, diagnostics) = resolve(
            query: body, policy: &resolved, options: Policy.compilerOptions(policy.options, resolved.names))
        guard let query, diagnostics.isEmpty else { throw CompileFailure(diagnostics: diagnostics, sources: sources) }
        var finder = DependencyFinder(resolved)
        finder.visit(query.body)
        return finder.dependencies()
    }
}

extension Policy {
    /// What an engine must offer for these modules: the builtins that they call, what they import and use of the
    /// language.
    public func requirements(of files: [PolicyFile]) -> Capabilities {
        guard let resolved = try? compiled().resolved else { return options.capabilities }
        var finder = DependencyFinder(resolved)
        for group in resolved.groups { finder.visit(group) }
        var builtins = finder.builtins
        if finder.unifies, let number = Registry.find(Array("eq".utf8)) { builtins.insert(number) }
        if finder.assigns, let number = Registry.find(Array("assign".utf8)) { builtins.insert(number) }
        var keywords: Set<[UInt8]> = []
        var features: Set<[UInt8]> = []
        for file in files {
            var names = NameTable()
            let source = SourceFile(name: file.name, text: file.text)
            let (module, _) = parseModule(source, options: ParserOptions(version: file.version), names: &names)
            guard let module else { continue }
            if file.version == .v1 { features.insert(Array("rego_v1".utf8)) }
            for part in module.imports {
                let steps = [part.path.head] + part.path.parts
                let path = steps.map { step -> [UInt8] in
                    switch step.kind {
                    case .variable(let name), .string(let name): Array(names[name])
                    default: []
                    }
                }
                if path == [Array("rego".utf8), Array("v1".utf8)], file.version != .v1 {
                    features.insert(Array("rego_v1_import".utf8))
                }
                guard path.starts(with: [Array("future".utf8), Array("keywords".utf8)]) else { continue }
                let all = Self.keywords(file.version)
                if path.count == 2 {
                    keywords.formUnion(all)
                } else if all.contains(path[2]) {
                    keywords.insert(path[2])
                }
            }
            if file.version != .v1 { features.formUnion(Self.headFeatures(module)) }
        }
        if finder.usesTemplates { features.insert(Array("template_strings".utf8)) }
        let order: ([UInt8], [UInt8]) -> Bool = { $0.lexicographicallyPrecedes($1) }
        return Capabilities(
            builtins: builtins, futureKeywords: keywords.sorted(by: order), features: features.sorted(by: order))
    }

    /// The keywords that are there to be imported.
    private static func keywords(_ version: RegoVersion) -> [[UInt8]] {
        let late = ["and", "not", "or"]
        return (version == .v1 ? late : late + ["contains", "every", "if", "in"]).map { Array($0.utf8) }
    }

    /// The features that references as rule heads need in modules of v0.
    private static func headFeatures(_ module: Module) -> [[UInt8]] {
        module.rules.compactMap { rule in
            let parts = rule.head.reference.parts
            guard parts.count >= 2 else { return nil }
            let isConstant = parts.dropLast().allSatisfy { if case .string = $0.kind { true } else { false } }
            return Array((isConstant ? "rule_head_ref_string_prefixes" : "rule_head_refs").utf8)
        }
    }

    /// The rules that reach one of these documents, directly or through others, as entrypoints (`authz/allow`), sorted.
    public func dependents(of entrypoints: [String]) -> [String] {
        guard let resolved = try? compiled().resolved else { return [] }
        var readers: [Int: Set<Int>] = [:]
        for index in resolved.groups.indices {
            var finder = DependencyFinder(resolved)
            finder.visit(resolved.groups[index])
            for used in finder.needed { readers[used, default: []].insert(index) }
        }
        var pending: [Int] = []
        for (index, group) in resolved.groups.enumerated() {
            let path = group.path.map { Array(resolved.names[$0]) }
            let isAsked = entrypoints.contains { name in
                path.starts(with: name.utf8.split(separator: 0x2F).map { Array($0) })
            }
            if isAsked { pending.append(index) }
        }
        var seen = Set(pending)
        let asked = seen
        while let next = pending.popLast() {
            for reader in readers[next] ?? [] where seen.insert(reader).inserted { pending.append(reader) }
        }
        let names = seen.subtracting(asked).filter { resolved.groups[$0].kind != .function }.map { index in
            resolved.groups[index].path.map { String(decoding: resolved.names[$0], as: UTF8.self) }
                .joined(separator: "/")
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

/// Follows references through rules.
struct DependencyFinder {
    let policy: ResolvedPolicy
    /// Also the rules that `with` replaces are needed: without them it would replace nothing.
    var needsReplaced = false
    private(set) var base: Set<[[UInt8]]> = []
    private var virtual: Set<[[UInt8]]> = []
    private var pending: [Int] = []
    private var seen: Set<Int> = []
    /// The builtins that are called, by number.
    private(set) var builtins: Set<Int> = []
    private(set) var unifies = false
    private(set) var assigns = false
    private(set) var usesTemplates = false

    /// The groups that are referred to.
    var needed: Set<Int> { seen }

    init(_ policy: ResolvedPolicy) { self.policy = policy }

    mutating func dependencies() -> Dependencies {
        finish()
        let order: ([[UInt8]], [[UInt8]]) -> Bool = { one, two in
            for (a, b) in zip(one, two) where a != b { return a.lexicographicallyPrecedes(b) }
            return one.count < two.count
        }
        let widest = base.filter { path in !(1..<path.count).contains { base.contains(Array(path.prefix($0))) } }
        return Dependencies(base: widest.sorted(by: order), virtual: virtual.sorted(by: order))
    }

    mutating func need(_ group: Int) {
        if seen.insert(group).inserted { pending.append(group) }
    }

    mutating func visit(_ group: RuleGroup) {
        for rule in group.rules + (group.defaultRule.map { [$0] } ?? []) {
            rule.forEachPart({ visit($0) }, { visit($0) })
        }
    }

    mutating func visit(_ body: [ResolvedExpression]) {
        for expression in body {
            for with in expression.with {
                if needsReplaced {
                    switch with.target {
                    case .callee(.group(let group)): need(group)
                    case .data(let path): needGroups(at: path)
                    default: break
                    }
                }
                if case .term(let term) = with.replacement { visit(term) }
                if case .callee(.group(let group)) = with.replacement { need(group) }
                if case .callee(.builtin(let number)) = with.replacement { builtins.insert(number) }
            }
            if expression.isAssignment { assigns = true }
            switch expression.kind {
            case .unify, .member: unifies = true
            default: break
            }
            expression.forEachPart({ visit($0) }, { visit($0) })
        }
    }

    private mutating func visit(_ term: ResolvedTerm) {
        switch term.kind {
        case .reference(let reference):
            // Parts and operands that are read from somewhere are bound to variables first.
            if reference.parts.contains(where: { $0.isReference }) { unifies = true }
            switch reference.base {
            case .variable, .term: break
            case .input: base.insert([Array("input".utf8)] + strings(reference.parts))
            case .data: visitData(reference.parts)
            }
        case .call(let callee, let operands):
            switch callee {
            case .group(let group): need(group)
            case .builtin(let number): builtins.insert(number)
            }
            if operands.contains(where: { $0.isReference }) { unifies = true }
        case .template: usesTemplates = true
        default: break
        }
        term.forEachPart({ visit($0) }, { visit($0) })
    }

    /// The rules at a path, on the way to it, or below it.
    mutating func needGroups(at path: [Name]) {
        var node = 0
        for name in path {
            if let group = policy.tree[node].group { need(Int(group)) }
            guard let next = policy.tree[node].children.first(where: { policy.tree[Int($0)].key == name }) else {
                return
            }
            node = Int(next)
        }
        var below = [node]
        while let next = below.popLast() {
            if let group = policy.tree[next].group { need(Int(group)) }
            below += policy.tree[next].children.map { Int($0) }
        }
    }

    /// Follows what is needed until nothing new is.
    mutating func finish() {
        while let group = pending.popLast() { visit(policy.groups[group]) }
    }

    /// The strings that a path begins with.
    private func strings(_ parts: [ResolvedTerm]) -> [[UInt8]] {
        var result: [[UInt8]] = []
        for part in parts {
            guard case .string(let name) = part.kind else { break }
            result.append(Array(policy.names[name]))
        }
        return result
    }

    private mutating func visitData(_ parts: [ResolvedTerm]) {
        var node = 0
        let root = [Array("data".utf8)]
        for part in parts {
            if let group = policy.tree[node].group {
                add(Int(group), root)
                return
            }
            guard case .string(let name) = part.kind else { break }
            guard let next = policy.tree[node].children.first(where: { policy.tree[Int($0)].key == name }) else {
                base.insert(root + strings(parts))
                return
            }
            node = Int(next)
        }
        // Everything below is asked for; base data may lie beside the rules.
        var below = [node]
        var isMixed = policy.tree[node].group == nil
        while let next = below.popLast() {
            if let group = policy.tree[next].group { add(Int(group), root) }
            below += policy.tree[next].children.map { Int($0) }
        }
        if parts.isEmpty { isMixed = true }
        if isMixed { base.insert(root + strings(parts)) }
    }

    private mutating func add(_ group: Int, _ root: [[UInt8]]) {
        if policy.groups[group].kind != .function {
            virtual.insert(root + policy.groups[group].path.map { Array(policy.names[$0]) })
        }
        need(group)
    }
}

extension ResolvedTerm {
    fileprivate var isReference: Bool {
        if case .reference = kind { return true }
        return false
    }
}
