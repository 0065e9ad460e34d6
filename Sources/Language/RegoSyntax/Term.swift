import WritSource

/// A term: a value, a variable, a reference, a collection, a comprehension or a call.
///
/// Parentheses leave no trace. A name is one of the `NameTable` that the parser filled.
public struct Term: Sendable {
    public enum Kind: Sendable {
        case null
        case bool(Bool)
        /// The spelling as written (`1.0`, `1e2`), with `-` in front for a negative literal.
        case number(Name)
        /// The decoded text.
        case string(Name)
        /// A variable. Each `_` has its own generated name `$0`, `$1`, ... (see `NameTable.isWildcard`).
        case variable(Name)
        /// `data.a[x]`; always has a head and, except for `input` and `data` alone, parts.
        indirect case ref(Ref)
        case array([Term])
        /// A set with at least the elements written (not deduplicated); `set()` is empty.
        case set([Term])
        case object([ObjectEntry])
        indirect case arrayComprehension(Term, body: Body)
        indirect case setComprehension(Term, body: Body)
        indirect case objectComprehension(key: Term, value: Term, body: Body)
        indirect case call(Call)
        indirect case template(Template)
    }

    public var kind: Kind
    public var span: Span

    @inlinable
    public init(_ kind: Kind, _ span: Span) {
        self.kind = kind
        self.span = span
    }
}

/// A head with the parts behind it: `a.b[c]` has the head variable `a` and the parts string `b`, variable `c`.
///
/// The head is a variable in most references, but may be a call or a composite literal (`f(x)[0]`, `[1, 2][i]`).
public struct Ref: Sendable {
    public var head: Term
    public var parts: [Term]
    public var span: Span

    @inlinable
    public init(head: Term, parts: [Term], span: Span) {
        self.head = head
        self.parts = parts
        self.span = span
    }

    /// The head's name if the head is a variable.
    public var headName: Name? {
        if case .variable(let name) = head.kind { return name }
        return nil
    }
}

public struct ObjectEntry: Sendable {
    public var key: Term
    public var value: Term

    @inlinable
    public init(_ key: Term, _ value: Term) {
        self.key = key
        self.value = value
    }
}

/// A function with its arguments.
///
/// Operators are calls too, with OPA's names: `:=` assign, `=` eq, `==` equal, `!=` neq, `<` lt, `<=` lte, `>` gt,
/// `>=` gte, `+` plus, `-` minus, `*` mul, `/` div, `%` rem, `&` and, `|` or, `x in y` internal.member_2,
/// `k, v in y` internal.member_3.
public struct Call: Sendable {
    public var function: Ref
    public var arguments: [Term]
    /// Whether it was written as an operator between its arguments.
    public var isInfix: Bool

    @inlinable
    public init(_ function: Ref, _ arguments: [Term], isInfix: Bool) {
        self.function = function
        self.arguments = arguments
        self.isInfix = isInfix
    }

    /// The function's name if it has no dots (`plus`, `count`).
    public var simpleName: Name? { function.parts.isEmpty ? function.headName : nil }
}

/// A template string `$"..."`. Text parts are string terms without `with`.
public struct Template: Sendable {
    public enum Part: Sendable {
        /// Text, or an expression that is a scalar literal.
        case text(Term)
        /// An expression in braces.
        case expression(Expr)
    }

    public var parts: [Part]
    /// Whether it was written with back quotes.
    public var isMultiLine: Bool

    public init(parts: [Part], isMultiLine: Bool) {
        self.parts = parts
        self.isMultiLine = isMultiLine
    }
}
