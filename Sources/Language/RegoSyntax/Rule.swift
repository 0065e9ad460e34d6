import WritSource

public struct Rule: Sendable {
    public var isDefault: Bool
    public var head: Head
    /// nil when none was written: the rule holds always.
    public var body: Body?
    /// The `else` branches in order.
    public var elseBranches: [Else]
    public var span: Span
    /// Whether `if` stands before the body.
    public var hasIf: Bool
    /// Where a body that was not written is said to stand.
    public var impliedSpan: Span
    /// Whether this rule came from a further body of `p { .. } { .. }` (v0): its head is that of the rule before.
    public var isChained: Bool

    public init(
        isDefault: Bool, head: Head, body: Body?, elseBranches: [Else] = [], span: Span, hasIf: Bool = false,
        impliedSpan: Span? = nil, isChained: Bool = false
    ) {
        self.hasIf = hasIf
        self.impliedSpan = impliedSpan ?? span
        self.isDefault = isDefault
        self.head = head
        self.body = body
        self.elseBranches = elseBranches
        self.span = span
        self.isChained = isChained
    }
}

extension Rule {
    /// Whether a head goes by a name alone, as heads did before they could be references: `p`, `p[x] = v`, but not `p.q`.
    public func hasName(_ head: Head) -> Bool {
        guard head.reference.parts.count == 1 else { return head.reference.parts.isEmpty }
        if hasIf, head.value != nil, !head.hasContains { return true }
        return head.key == nil && head.arguments == nil && !isDefault && (!hasIf || head.value != nil)
    }
}

/// `else := value if { body }`
public struct Else: Sendable {
    /// nil stands for `true`.
    public var value: Term?
    /// `:=` was written rather than `=`.
    public var isAssign: Bool
    /// nil when none was written: the branch holds always.
    public var body: Body?
    /// Whether `if` stands before the body.
    public var hasIf: Bool
    /// Whether the body stands in braces.
    public var isBraced: Bool
    /// The arguments of a function, with wildcards of the branch's own.
    public var arguments: [Term]?
    /// From `else` to the end of the value.
    public var headSpan: Span
    /// From `else` to the end of the body.
    public var span: Span

    public init(
        value: Term?, isAssign: Bool, body: Body?, hasIf: Bool = false, isBraced: Bool = true, span: Span
    ) {
        self.hasIf = hasIf
        self.isBraced = isBraced
        headSpan = span
        self.value = value
        self.isAssign = isAssign
        self.body = body
        self.span = span
    }
}

public struct Head: Sendable {
    /// The rule's name with its path, variables included: `p.q[x] := v` has the head `p` and the parts `"q"`, `x`.
    ///
    /// The key of a `contains` rule is not part of it. The key of a v0 partial set `p[x]` is not part of it either;
    /// that of a partial object `p[x] = v` is its last part.
    public var reference: Ref
    /// nil unless the rule is a function.
    public var arguments: [Term]?
    /// The element of a partial set.
    public var key: Term?
    /// nil when none was written: `true`.
    public var value: Term?
    /// `:=` was written rather than `=`.
    public var isAssign: Bool
    /// The key was written with `contains` (otherwise, in v0, in brackets).
    public var hasContains: Bool
    public var span: Span

    public init(
        reference: Ref, arguments: [Term]?, key: Term?, value: Term?, isAssign: Bool, hasContains: Bool = false,
        span: Span
    ) {
        self.hasContains = hasContains
        self.reference = reference
        self.arguments = arguments
        self.key = key
        self.value = value
        self.isAssign = isAssign
        self.span = span
    }

    public enum Kind: Sendable {
        case complete
        case partialSet
        /// A value under a path with variables: `p[x] := v`, `p.q[x].r := v`.
        case partialObject
        case function
    }

    public var kind: Kind {
        if arguments != nil { return .function }
        if key != nil { return .partialSet }
        for part in reference.parts {
            if case .string = part.kind { continue }
            return .partialObject
        }
        return .complete
    }

    /// The name of the rule: the head of its reference.
    public var name: Name { reference.headName ?? .empty }
}
