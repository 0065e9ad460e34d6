import WritSource

/// A body: expressions that must all hold.
public typealias Body = [Expr]

/// One expression of a body.
public struct Expr: Sendable {
    public enum Kind: Sendable {
        /// A bare term (`input.x`, `true`). Never a call: that is `.call`.
        case term(Term)
        case call(Call)
        case some(SomeDeclaration)
        indirect case every(Every)
        /// `not` under `import future.keywords.not`. Without the import it is `isNegated`.
        indirect case not(Not)
        indirect case and(Logical)
        indirect case or(Logical)
    }

    public var kind: Kind
    /// Preceded by a plain `not`.
    public var isNegated: Bool
    /// Made of a part of another expression, not written.
    public var isGenerated = false
    public var with: [With]
    public var span: Span

    @inlinable
    public init(_ kind: Kind, isNegated: Bool = false, with: [With] = [], span: Span) {
        self.kind = kind
        self.isNegated = isNegated
        self.with = with
        self.span = span
    }
}

/// `with target as value`
public struct With: Sendable {
    /// What is replaced: `input.x`, `data.y`, a function's name.
    public var target: Ref
    public var value: Term
    public var span: Span

    public init(target: Ref, value: Term, span: Span) {
        self.target = target
        self.value = value
        self.span = span
    }
}

public enum SomeDeclaration: Sendable {
    /// `some x, y` (terms, since wildcards and misuse are the compiler's to judge).
    case names([Term])
    /// `some value in collection`, `some key, value in collection`; `place` is that of the `in`.
    indirect case membership(key: Term?, value: Term, collection: Term, place: Span)
}

/// `every key, value in domain { body }`
public struct Every: Sendable {
    public var key: Term?
    public var value: Term
    public var domain: Term
    public var body: Body
    public var span: Span

    public init(key: Term?, value: Term, domain: Term, body: Body, span: Span) {
        self.key = key
        self.value = value
        self.domain = domain
        self.body = body
        self.span = span
    }
}

public struct Not: Sendable {
    public var body: Body
    /// The body was written in braces.
    public var isExplicit: Bool

    public init(body: Body, isExplicit: Bool) {
        self.body = body
        self.isExplicit = isExplicit
    }
}

/// The operands of `and` or `or`.
public struct Logical: Sendable {
    public var left: Body
    public var right: Body
    /// The left operand was written in braces.
    public var isLeftExplicit: Bool
    public var isRightExplicit: Bool

    public init(left: Body, right: Body, isLeftExplicit: Bool, isRightExplicit: Bool) {
        self.left = left
        self.right = right
        self.isLeftExplicit = isLeftExplicit
        self.isRightExplicit = isRightExplicit
    }
}
