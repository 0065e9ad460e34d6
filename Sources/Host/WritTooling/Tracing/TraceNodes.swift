import Writ

/// The nodes that a traced program's events tell of.
public struct TraceNodes: Sendable {
    private let nodes: [TracedNode]
    /// The texts that spans point into.
    public let sources: SourceMap

    init(_ workspace: Workspace) {
        let evaluator = Evaluator(workspace.snapshot)
        self.init(Tracer(evaluator, .coverage), workspace.snapshot.policy.sources)
    }

    public init(_ tracer: Tracer, _ sources: SourceMap) {
        nodes = (0..<tracer.nodeCount).map { tracer.node($0) }
        self.sources = sources
    }

    /// The node of an event; nil for those of a query that is no part of the policy: its body, then its expression.
    public func node(_ index: Int) -> TracedNode? { nodes.indices.contains(index) ? nodes[index] : nil }

    /// Whether an event belongs to the expression of such a query.
    public func isQueryExpression(_ index: Int) -> Bool { index > nodes.count }
}
