import RegoSyntax
import WritSource

/// All modules together, names resolved, bodies safe and ordered: what lowering starts from.
public struct ResolvedPolicy: Sendable {
    public var names: NameTable
    /// Every rule path that has rules, in no special order; `Callee.group` and the tree count them.
    public var groups: [RuleGroup]
    /// The tree of packages and rule paths; node 0 is `data`.
    public var tree: [TreeNode]
    /// What resolving a query needs beside the groups: packages, heads and exports.
    var collection = Collection([])
    /// The serials of each group's rules, the default rule's last (0 for none); see `Compilation`.
    var groupSerials: [[UInt64]] = []
    /// The number of the round that made it, and the groups that are not as the round before left them.
    var round: UInt64 = 0
    var changedGroups: [Int32] = []
    /// Another number whenever the tree is another one.
    var treeRound: UInt64 = 0
    /// What some `with` replaces.
    var replacedBuiltins: Set<Int> = []
    var replacedPaths: [[Name]] = []
    /// The types of the rules' documents.
    var typeEnvironment = TypeEnvironment(nodeCount: 1)
    /// Which rules depend on which.
    var graph: DependencyGraph?
    /// What was found without being an error.
    public var warnings: [Diagnostic] = []
    /// Whether it is lowered with the marks that explain, profile and coverage need.
    public var isTraced = false

    public init(names: NameTable, groups: [RuleGroup], tree: [TreeNode]) {
        self.names = names
        self.groups = groups
        self.tree = tree
    }
}

/// A node of the tree of packages and rules.
public struct TreeNode: Sendable {
    /// `.empty` for `data` itself.
    public var key: Name
    public var parent: Int32
    /// Child nodes by key, in the order they were met.
    public var children: [Int32]
    /// The rules at this path.
    public var group: Int32?
    /// Whether the node is there; numbers of former nodes are not given to others.
    public var isAlive = true

    public init(key: Name, parent: Int32) {
        self.key = key
        self.parent = parent
        self.children = []
        self.group = nil
    }
}

/// The rules that together define the document at one path.
///
/// The path is the ground part of the heads up to the first part that is no string constant. A rule below a
/// group that has rules with such parts joins that group with the rest of its path as `suffix` (constants).
public struct RuleGroup: Sendable {
    public enum Kind: Sendable {
        /// One value; the rules must agree.
        case complete
        /// `contains` without a suffix.
        case set
        /// Entries below the path: every rule has a suffix.
        case object
        case function
    }

    public var kind: Kind
    /// Path below `data`.
    public var path: [Name]
    public var rules: [ResolvedRule]
    /// The default rule if there is one: a list, so that a group is small to copy.
    var defaults: [ResolvedRule]
    public var defaultRule: ResolvedRule? {
        get { defaults.first }
        set { defaults = newValue.map { [$0] } ?? [] }
    }
    /// Number of operands of a function.
    public var arity: Int

    public init(kind: Kind, path: [Name], rules: [ResolvedRule], defaultRule: ResolvedRule?, arity: Int) {
        self.kind = kind
        self.path = path
        self.rules = rules
        defaults = defaultRule.map { [$0] } ?? []
        self.arity = arity
    }
}

public struct ResolvedRule: Sendable {
    /// What of the head's path lies below the group's path.
    public var suffix: [ResolvedTerm]
    /// Patterns of a function's operands.
    public var arguments: [ResolvedTerm]
    /// The element of a `contains` rule.
    public var key: ResolvedTerm?
    /// The value; `true` where none was written. Unused with `key`.
    public var value: ResolvedTerm
    public var body: [ResolvedExpression]
    public var elseBranches: [ResolvedElse]
    /// Names of the rule's variables by number, for messages and explanations; generated ones start with `$`.
    public var variables: [Name]
    public var span: Span
    /// The span of the head alone.
    public var headSpan: Span

    public init(
        suffix: [ResolvedTerm], arguments: [ResolvedTerm], key: ResolvedTerm?, value: ResolvedTerm,
        body: [ResolvedExpression], elseBranches: [ResolvedElse], variables: [Name], span: Span, headSpan: Span
    ) {
        self.suffix = suffix
        self.arguments = arguments
        self.key = key
        self.value = value
        self.body = body
        self.elseBranches = elseBranches
        self.variables = variables
        self.span = span
        self.headSpan = headSpan
    }
}

public struct ResolvedElse: Sendable {
    public var value: ResolvedTerm
    public var body: [ResolvedExpression]
    public var span: Span

    public init(value: ResolvedTerm, body: [ResolvedExpression], span: Span) {
        self.value = value
        self.body = body
        self.span = span
    }
}

/// A query beside a policy: its body shares the policy's groups and names.
public struct ResolvedQuery: Sendable {
    public var body: [ResolvedExpression]
    /// Names of the query's variables by number.
    public var variables: [Name]
    /// The variables that the answer binds, in order (not those of inner scopes, not generated ones).
    public var bindings: [Variable]
    /// The top-level expressions as written, in the query's order, each with what gives its value:
    /// a term to show, or nil where the expression shows `true`.
    public var shown: [(span: Span, term: ResolvedTerm?)]

    /// How many expressions it has, those inside of others included.
    public var expressionCount = 0

    public init(
        body: [ResolvedExpression], variables: [Name], bindings: [Variable],
        shown: [(span: Span, term: ResolvedTerm?)]
    ) {
        self.body = body
        self.variables = variables
        self.bindings = bindings
        self.shown = shown
    }
}
