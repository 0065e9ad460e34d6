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
        var resolved = policy.resolved
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

/// Follows references through rules.
private struct DependencyFinder {
    let policy: ResolvedPolicy
    private var base: Set<[[UInt8]]> = []
    private var virtual: Set<[[UInt8]]> = []
    private var pending: [Int] = []
    private var seen: Set<Int> = []

    init(_ policy: ResolvedPolicy) { self.policy = policy }

    mutating func dependencies() -> Dependencies {
        while let group = pending.popLast() { visit(policy.groups[group]) }
        let order: ([[UInt8]], [[UInt8]]) -> Bool = { one, two in
            for (a, b) in zip(one, two) where a != b { return a.lexicographicallyPrecedes(b) }
            return one.count < two.count
        }
        let widest = base.filter { path in !(1..<path.count).contains { base.contains(Array(path.prefix($0))) } }
        return Dependencies(base: widest.sorted(by: order), virtual: virtual.sorted(by: order))
    }

    private mutating func need(_ group: Int) {
        if seen.insert(group).inserted { pending.append(group) }
    }

    private mutating func visit(_ group: RuleGroup) {
        for rule in group.rules + (group.defaultRule.map { [$0] } ?? []) {
            for term in rule.suffix + rule.arguments { visit(term) }
            if let key = rule.key { visit(key) }
            visit(rule.value)
            visit(rule.body)
            for branch in rule.elseBranches {
                visit(branch.value)
                visit(branch.body)
            }
        }
    }

    mutating func visit(_ body: [ResolvedExpression]) {
        for expression in body {
            for with in expression.with {
                if case .term(let term) = with.replacement { visit(term) }
                if case .callee(.group(let group)) = with.replacement { need(group) }
            }
            switch expression.kind {
            case .term(let term): visit(term)
            case .unify(let left, let right):
                visit(left)
                visit(right)
            case .member(let key, let value, let collection):
                if let key { visit(key) }
                visit(value)
                visit(collection)
            case .not(let body): visit(body)
            case .every(_, _, let domain, let body):
                visit(domain)
                visit(body)
            case .and(let left, let right), .or(let left, let right):
                visit(left)
                visit(right)
            case .print(let parts): visit(parts)
            }
        }
    }

    private mutating func visit(_ parts: [ResolvedTerm.TemplatePart]) {
        for part in parts {
            switch part {
            case .text(let term): visit(term)
            case .expression(let term, let body):
                visit(term)
                visit(body)
            }
        }
    }

    // Terms nest as deep as the parser lets them.
    private mutating func visit(_ term: ResolvedTerm) {
        switch term.kind {
        case .null, .boolean, .number, .string, .variable: break
        case .reference(let reference):
            for part in reference.parts { visit(part) }
            switch reference.base {
            case .variable: break
            case .term(let inner): visit(inner)
            case .input: base.insert([Array("input".utf8)] + strings(reference.parts))
            case .data: visitData(reference.parts)
            }
        case .array(let terms), .set(let terms): for term in terms { visit(term) }
        case .call(let callee, let terms):
            if case .group(let group) = callee { need(group) }
            for term in terms { visit(term) }
        case .object(let entries):
            for entry in entries {
                visit(entry.key)
                visit(entry.value)
            }
        case .arrayComprehension(let head, let body), .setComprehension(let head, let body):
            visit(head)
            visit(body)
        case .objectComprehension(let key, let value, let body):
            visit(key)
            visit(value)
            visit(body)
        case .template(let parts): visit(parts)
        }
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
