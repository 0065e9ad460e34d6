import RegoSyntax
import WritSource

/// A variable of one rule (or query). Numbers are dense within the rule; variables of inner scopes
/// (comprehensions, `every`, `not`, `some`) have numbers of their own, so shadowing is gone.
public struct Variable: Equatable, Hashable, Sendable {
    public var index: Int32
    public init(_ index: Int) { self.index = Int32(truncatingIfNeeded: index) }
    public var int: Int { Int(index) }
}

/// A term whose names are all resolved: no imports, no aliases, no rule names.
public struct ResolvedTerm: Sendable {
    public var kind: Kind
    public var span: Span

    public init(_ kind: Kind, _ span: Span) {
        self.kind = kind
        self.span = span
    }

    public enum Kind: Sendable {
        case null
        case boolean(Bool)
        /// The spelling.
        case number(Name)
        case string(Name)
        case variable(Variable)
        /// A reference; `input` and `data` alone are references without parts.
        indirect case reference(ResolvedReference)
        case array([ResolvedTerm])
        case set([ResolvedTerm])
        case object([(key: ResolvedTerm, value: ResolvedTerm)])
        indirect case arrayComprehension(ResolvedTerm, body: [ResolvedExpression])
        indirect case setComprehension(ResolvedTerm, body: [ResolvedExpression])
        indirect case objectComprehension(key: ResolvedTerm, value: ResolvedTerm, body: [ResolvedExpression])
        /// A call with a value.
        indirect case call(Callee, [ResolvedTerm])
        /// A template string. A text part is a string (or another scalar); an expression part is a comprehension
        /// of at most one element, empty where the expression is undefined.
        indirect case template([TemplatePart])
    }

    public enum TemplatePart: Sendable {
        case text(ResolvedTerm)
        /// The term's value under the body; `<undefined>` where it has none.
        case expression(ResolvedTerm, body: [ResolvedExpression])
    }
}

/// What is called.
public enum Callee: Equatable, Sendable {
    /// Number in WritBuiltins' registry.
    case builtin(Int)
    /// The group of function rules (see `ResolvedPolicy.groups`).
    case group(Int)
}

public struct ResolvedReference: Sendable {
    public enum Base: Sendable {
        case input
        case data
        case variable(Variable)
        /// A call, a comprehension or a composite literal.
        case term(ResolvedTerm)
    }

    public var base: Base
    /// Strings, other scalars, variables, nested references and composites.
    public var parts: [ResolvedTerm]
    public var span: Span

    public init(_ base: Base, _ parts: [ResolvedTerm], _ span: Span) {
        self.base = base
        self.parts = parts
        self.span = span
    }
}

/// An expression of a body. Bodies are ordered: every variable is bound before the place that needs it.
public struct ResolvedExpression: Sendable {
    public var kind: Kind
    public var with: [ResolvedWith]
    public var span: Span
    /// How it was written; only the safety pass looks at it.
    var style: ClosureStyle = []

    public init(_ kind: Kind, with: [ResolvedWith] = [], _ span: Span) {
        self.kind = kind
        self.with = with
        self.span = span
    }

    /// Whether it was written with `:=`.
    public var isAssignment: Bool { style.contains(.assignment) }

    public enum Kind: Sendable {
        /// Holds where the term is defined and not false. Relations and calls with an output operand
        /// (`walk(x, [p, v])`, `f(x, y)` with one operand more than parameters) are `unify` of call and output.
        case term(ResolvedTerm)
        /// `=`, and `:=` after its left variables got numbers.
        case unify(ResolvedTerm, ResolvedTerm)
        /// `some k, v in xs`: like `unify` of xs[k] with v for every entry; for sets key and value are the element.
        case member(key: ResolvedTerm?, value: ResolvedTerm, collection: ResolvedTerm)
        /// Holds where the body does not; what it binds stays inside.
        indirect case not([ResolvedExpression])
        /// Holds where the body holds for every entry of the domain; fails where the domain is no collection.
        indirect case every(key: Variable?, value: Variable, domain: ResolvedTerm, body: [ResolvedExpression])
        /// `left and right`, `left or right`: conditions that bind nothing outside.
        indirect case and([ResolvedExpression], [ResolvedExpression])
        indirect case or([ResolvedExpression], [ResolvedExpression])
        /// `print(...)`: each operand a term under a body that computes it (so that undefined operands print as such).
        case print([ResolvedTerm.TemplatePart])
    }
}

/// What of an expression depends on how it was written.
struct ClosureStyle: OptionSet, Sendable {
    let rawValue: UInt8
    init(rawValue: UInt8) { self.rawValue = rawValue }
    /// `not` without `import future.keywords.not`: only the last step of the expression is negated.
    static var plainNot: ClosureStyle { ClosureStyle(rawValue: 1) }
    /// The body of `not`, or the left operand, stands without braces: it binds nothing, not even inside.
    static var implicitLeft: ClosureStyle { ClosureStyle(rawValue: 2) }
    static var implicitRight: ClosureStyle { ClosureStyle(rawValue: 4) }
    /// A call with its output as the last operand, not `=` between a call and a term.
    static var outputOperand: ClosureStyle { ClosureStyle(rawValue: 16) }
    /// Made by the compiler: a step of a written expression.
    static var generated: ClosureStyle { ClosureStyle(rawValue: 32) }
    /// `:=`: the left side never binds variables of the right one.
    static var assignment: ClosureStyle { ClosureStyle(rawValue: 8) }
}

/// One `with`.
public struct ResolvedWith: Sendable {
    public enum Target: Sendable {
        /// A path below `input` (strings), empty for all of it.
        case input([Name])
        /// A path below `data`.
        case data([Name])
        /// A function of the policy or a builtin is replaced.
        case callee(Callee)
    }

    public enum Replacement: Sendable {
        case term(ResolvedTerm)
        case callee(Callee)
    }

    public var target: Target
    public var replacement: Replacement
    public var span: Span

    public init(_ target: Target, _ replacement: Replacement, _ span: Span) {
        self.target = target
        self.replacement = replacement
        self.span = span
    }
}
