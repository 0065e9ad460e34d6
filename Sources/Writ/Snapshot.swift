import WritPlan
import WritVM

/// A policy and the data it is evaluated with: immutable, and replaced as a whole.
public final class Snapshot: Sendable {
    public let policy: Policy
    let program: Program
    /// Base data; nil for an empty object.
    public let data: Piece?

    /// A snapshot of a policy with base data (nil: an empty object).
    public init(policy: Policy, data: Piece? = nil) {
        self.policy = policy
        self.program = policy.program
        self.data = data
    }

    init(policy: Policy, program: Program, data: Piece?) {
        self.policy = policy
        self.program = program
        self.data = data
    }

    /// Finds what answers for a path below `data`, such as `authz`, `allow`.
    ///
    /// Always finds something: where no rules are, base data answers.
    public func target(_ path: [[UInt8]]) -> DecisionTarget {
        let resolved = policy.resolved
        var node = 0
        var depth = 0
        while depth < path.count {
            // Names that no rule has are in no tree; those that one has are told apart by their numbers.
            guard let name = resolved.names.find(path[depth]),
                let child = resolved.tree[node].children.first(where: { resolved.tree[Int($0)].key == name })
            else { break }
            let document = policy.plan.documents[Int(child)]
            guard let function = document.function else { break }
            node = Int(child)
            depth += 1
            if document.isRule {
                return DecisionTarget(function: function, rest: Array(path[depth...]))
            }
        }
        if depth == path.count, let function = policy.plan.documents[node].function {
            return DecisionTarget(function: function, rest: [])
        }
        return DecisionTarget(function: nil, rest: path)
    }
}

/// What answers for one document path in one snapshot.
public struct DecisionTarget: Sendable {
    /// The rule's or document's function; nil where only base data can answer.
    let function: FunctionID?
    /// Whether rules answer, rather than base data alone.
    public var isVirtual: Bool { function != nil }
    /// The steps into its value, or into base data.
    let rest: [[UInt8]]
}
