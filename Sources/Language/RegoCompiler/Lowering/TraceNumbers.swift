import RegoSyntax
import WritSource

/// The numbers in the names of generated variables, such as `__local17__`.
///
/// OPA counts over all modules, a pass after the other: what rules declare and what `print` is given, then those of
/// `TraceExpansion.Pass`.
struct TraceNumbers {
    /// The first number of a rule's variables in each pass.
    struct Bases {
        var next = [Int](repeating: 0, count: TraceExpansion.Pass.allCases.count)

        init() {}

        /// Behind `declared` variables, a pass after the other.
        init(after declared: Int, _ expansion: TraceExpansion) {
            var number = declared
            for pass in TraceExpansion.Pass.allCases {
                next[pass.rawValue] = number
                number += expansion.generated.keys.count { expansion.pass(of: $0) == pass }
            }
        }
    }

    private var bases: [Span: Bases] = [:]

    init(_ policy: ResolvedPolicy, namesCases: (RuleGroup) -> Bool) {
        var rules: [(rule: ResolvedRule, namesCases: Bool)] = []
        for group in policy.groups {
            let isNamed = namesCases(group)
            for rule in group.rules { rules.append((rule, isNamed)) }
            if let rule = group.defaultRule { rules.append((rule, isNamed)) }
        }
        rules.sort { one, two in
            let (a, b) = (one.rule.span, two.rule.span)
            return (a.source.index, a.start) < (b.source.index, b.start)
        }
        var next = 0
        for (rule, _) in rules { next += Self.declared(rule) }
        let generatedName = policy.names.find(Array("$generated".utf8)) ?? .empty
        var counts: [[Int]] = []
        for (rule, isNamed) in rules {
            var expansion = TraceExpansion(variables: rule.variables, generatedName: generatedName)
            _ = expansion.expand(rule, namesCases: isNamed)
            var count = Bases().next
            for variable in expansion.generated.keys { count[expansion.pass(of: variable).rawValue] += 1 }
            counts.append(count)
            bases[rule.span] = Bases()
        }
        for pass in TraceExpansion.Pass.allCases {
            for (index, item) in rules.enumerated() {
                bases[item.rule.span]?.next[pass.rawValue] = next
                next += counts[index][pass.rawValue]
            }
        }
    }

    func bases(of rule: ResolvedRule) -> Bases { bases[rule.span] ?? Bases() }

    // MARK: Declarations

    private static func declared(_ rule: ResolvedRule) -> Int {
        var arguments: Set<Int32> = []
        for term in rule.arguments { TraceExpansion.variables(of: term, &arguments) }
        var count = arguments.count + declared(rule.body) + declared(in: rule.value)
        for branch in rule.elseBranches { count += declared(branch.body) + declared(in: branch.value) }
        return count
    }

    private static func declared(_ body: [ResolvedExpression]) -> Int {
        var count = 0
        for expression in body {
            switch expression.kind {
            case .term(let term): count += declared(in: term)
            case .unify(let left, let right):
                if expression.style.contains(.assignment) {
                    var found: Set<Int32> = []
                    TraceExpansion.variables(of: left, &found)
                    count += found.count
                }
                count += declared(in: left) + declared(in: right)
            case .member(let key, let value, let collection):
                var found: Set<Int32> = []
                TraceExpansion.variables(of: value, &found)
                // Without a key one is made, and declared.
                if let key { TraceExpansion.variables(of: key, &found) } else { count += 2 }
                count += found.count + declared(in: collection)
            case .not(let inner): count += declared(inner)
            case .every(_, _, let domain, let inner): count += 2 + declared(in: domain) + declared(inner)
            case .and(let left, let right), .or(let left, let right): count += declared(left) + declared(right)
            case .print(let parts): count += parts.count
            }
        }
        return count
    }

    // Terms nest as deep as the parser lets them.
    private static func declared(in term: ResolvedTerm) -> Int {
        switch term.kind {
        case .null, .boolean, .number, .string, .variable, .template: return 0
        case .reference(let reference):
            var count = 0
            if case .term(let base) = reference.base { count += declared(in: base) }
            for part in reference.parts { count += declared(in: part) }
            return count
        case .array(let terms), .set(let terms), .call(_, let terms):
            return terms.reduce(0) { $0 + declared(in: $1) }
        case .object(let entries): return entries.reduce(0) { $0 + declared(in: $1.key) + declared(in: $1.value) }
        case .arrayComprehension(let head, let body), .setComprehension(let head, let body):
            return declared(in: head) + declared(body)
        case .objectComprehension(let key, let value, let body):
            return declared(in: key) + declared(in: value) + declared(body)
        }
    }
}
