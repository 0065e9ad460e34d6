/// What a `trace` statement tells of: a rule, a body or an expression, as people know it.
///
/// Only plans of the traced flavour have any; a statement's id counts them.
public struct TracePoint: Sendable {
    public enum Kind: UInt8, Sendable {
        /// A rule (or one of its else branches) with its body.
        case rule
        /// The body of a comprehension, a negation or `every`, or a query.
        case body
        case expression
        /// The rules of a path, and which of them OPA's index admits: `variables` has a register for each rule that
        /// it may rule out, defined where it does not, and `after` at most one, defined where the rules that are left
        /// may differ in their value.
        case index
    }

    public var kind: Kind
    public var range: SourceRange
    /// The node as OPA writes it: a rule's path, a body, an expression.
    public var text: [UInt8]
    /// The rule or body that it stands in, by its point; its own for rules and bodies.
    public var body: Int32
    /// The body around a body; -1 for rules and queries.
    public var outer: Int32
    /// The compiler made the expression.
    public var isGenerated = false
    /// `not`: it has no values to take up again.
    public var isNegated = false
    /// All solutions are taken before the caller goes on: rules of sets and objects.
    public var isCollected = false
    /// For an index: how many rules it never rules out.
    public var alwaysAdmitted: Int32 = 0
    /// For an index: the plan's function of the rules.
    public var function: Int32 = -1
    /// What is bound before the expression, in its order. The place in the source tells what has no name; for the case
    /// of a test the steps of its name.
    public var variables: [Variable] = []
    /// The same once the expression holds.
    public var after: [Variable] = []

    /// A value that a node's reader wants to see.
    public struct Variable: Sendable {
        /// Empty for generated variables.
        public var name: [UInt8]
        /// Where it is written, or the term that it stands for.
        public var range: SourceRange
        public var operand: Operand
        /// It was written `_`, or a query's expression gives it.
        public var isWildcard = false
        /// The plan's function whose remembered result it is, in place of the operand; -1 for none.
        public var function: Int32 = -1

        public init(name: [UInt8], range: SourceRange, operand: Operand) {
            self.name = name
            self.range = range
            self.operand = operand
        }
    }

    public init(_ kind: Kind, _ range: SourceRange, text: [UInt8], body: Int32, outer: Int32 = -1) {
        self.kind = kind
        self.range = range
        self.text = text
        self.body = body
        self.outer = outer
    }
}
