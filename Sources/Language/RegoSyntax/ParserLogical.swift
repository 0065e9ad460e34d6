import WritSource

// `not { ... }`, `and` and `or` (with `import future.keywords.{not,and,or}`).
//
// Braces before or behind an operator hold a body, parentheses group operands; both may also begin a term, which only
// what follows tells.
extension Parser {
    /// What an attempt to read parentheses as a group of operands came to.
    enum GroupResult {
        case group(Body, isExplicit: Bool, Span)
        /// It is one, but broken: the errors are noted.
        case failed
        /// The parentheses belong to a term; the state is as before.
        case notGroup
    }

    enum OperandResult {
        case parsed(Expr)
        case failed
        case notLogical
    }

    private struct Operand {
        var body: Body
        var isExplicit: Bool
        var span: Span
    }

    private var isAtOperator: Bool { token == .logicalAnd || token == .logicalOr }

    /// `{ body } and ...` at the start of an expression.
    @inline(never)
    mutating func bracedOperand() -> OperandResult {
        let saved = state
        let brace = span
        scan()
        if let body = body(until: .rightBrace) {
            scan()
            if isAtOperator {
                if isAmbiguousUnion(body) {
                    reportAmbiguousUnion(brace, body, "")
                    return .failed
                }
                guard let expression = withAttached(logicalChain(body, true, brace)) else { return .failed }
                return .parsed(expression)
            }
        }
        state = saved
        return .notLogical
    }

    /// `not { body }`, at the brace. `start` is where the `not` stands.
    @inline(never)
    mutating func notBody(_ start: Span) -> Expr? {
        guard enter() else { return nil }
        defer { leave() }
        let brace = span
        let saved = state
        scan()
        let isEmpty = token == .rightBrace
        guard let body = body(until: .rightBrace) else {
            if isEmpty { return nil }
            let failed = state
            state = saved
            if let term = infixTerm() {
                reportBracedOperand(brace, text(Int(brace.start), state.lastEnd), term, "not ")
                return nil
            }
            state = failed
            return nil
        }
        scan()
        if isAmbiguousUnion(body) {
            reportAmbiguousUnion(brace, body, "not ")
            return nil
        }
        return Expr(.not(Not(body: body, isExplicit: true)), span: extended(start))
    }

    /// The operators behind a complete operand, then `with`.
    mutating func logicalTail(_ body: Body, _ isExplicit: Bool, _ place: Span) -> Expr? {
        if isAtOperator { return withAttached(logicalChain(body, isExplicit, place)) }
        return withAttached(body.first)
    }

    /// At an operator: a chain of `or` over chains of `and`, both associating to the left.
    @inline(never)
    mutating func logicalChain(_ body: Body, _ isExplicit: Bool, _ place: Span) -> Expr? {
        guard enter() else { return nil }
        var links = 0
        defer {
            unlink(links)
            leave()
        }
        var left = Operand(body: body, isExplicit: isExplicit, span: place)
        if token == .logicalAnd {
            guard let expression = conjunction(left) else { return nil }
            left = Operand(body: [expression], isExplicit: false, span: expression.span)
        }
        while token == .logicalOr {
            scan()
            guard var right = operand("or") else { return nil }
            if token == .logicalAnd {
                guard let expression = conjunction(right) else { return nil }
                right = Operand(body: [expression], isExplicit: false, span: expression.span)
            }
            left = joined(left, right, isOr: true)
            guard link(&links) else { return nil }
        }
        return left.body.first
    }

    @inline(never)
    private mutating func conjunction(_ first: Operand) -> Expr? {
        var left = first
        var links = 0
        defer { unlink(links) }
        while token == .logicalAnd {
            scan()
            guard let right = operand("and") else { return nil }
            left = joined(left, right, isOr: false)
            guard link(&links) else { return nil }
        }
        return left.body.first
    }

    @inline(never)
    private mutating func joined(_ left: Operand, _ right: Operand, isOr: Bool) -> Operand {
        for operand in [left, right] { checkVoid(operand.body, isOr ? "or" : "and") }
        let place = extended(left.span)
        let logical = Logical(
            left: left.body, right: right.body, isLeftExplicit: left.isExplicit, isRightExplicit: right.isExplicit)
        return Operand(
            body: [Expr(isOr ? .or(logical) : .and(logical), span: place)], isExplicit: false, span: place)
    }

    /// One operand. `operator` is nil when the caller only tries.
    @inline(never)
    private mutating func operand(_ operator: String?) -> Operand? {
        if token == .leftBrace { return bodyOperand(`operator`) }
        var notSpan: Span?
        if isNegation() {
            notSpan = span
            scan()
            if hasNotBodies, token == .leftBrace {
                guard let not = notBody(notSpan ?? span) else { return nil }
                return Operand(body: [not], isExplicit: false, span: not.span)
            }
        }
        if token == .leftParen, lexer.keywords.contains(.and) || lexer.keywords.contains(.or),
            notSpan == nil || hasNotBodies
        {
            switch logicalGroup(isOperand: true, prefix: notSpan == nil ? "" : "not ") {
            case .group(let body, let isExplicit, let place):
                guard let notSpan else { return Operand(body: body, isExplicit: isExplicit, span: place) }
                let spanned = extended(notSpan)
                let not = Expr(.not(Not(body: body, isExplicit: isExplicit)), span: spanned)
                return Operand(body: [not], isExplicit: false, span: spanned)
            case .failed: return nil
            case .notGroup: break
            }
        }
        guard var expression = expression() else { return nil }
        if let notSpan {
            if hasNotBodies {
                expression = Expr(.not(Not(body: [expression], isExplicit: false)), span: extended(notSpan))
            } else {
                expression.isNegated = true
            }
        }
        return Operand(body: [expression], isExplicit: false, span: expression.span)
    }

    @inline(never)
    private mutating func bodyOperand(_ operator: String?) -> Operand? {
        guard enter() else { return nil }
        defer { leave() }
        let brace = span
        let saved = state
        scan()
        let isEmpty = token == .rightBrace
        guard let body = body(until: .rightBrace) else {
            guard let `operator`, !isEmpty else { return nil }
            let failed = state
            state = saved
            if infixTerm() != nil {
                reportBracedValue(brace, text(Int(brace.start), state.lastEnd), `operator`)
                return nil
            }
            state = failed
            return nil
        }
        scan()
        // Noted, but the operand is handed back: a group that is none takes the error back.
        if isAmbiguousUnion(body) { reportAmbiguousUnion(brace, body, "") }
        return Operand(body: body, isExplicit: true, span: brace)
    }

    /// Tries to read parentheses as a group. `isOperand`: they stand where only an operand can.
    @inline(never)
    mutating func logicalGroup(isOperand: Bool, prefix: String) -> GroupResult {
        guard enter() else { return .failed }
        defer { leave() }
        let saved = state
        let open = span
        scan()
        if token == .rightParen {
            if isOperand {
                error("empty parenthesized group", at: open)
                return .failed
            }
            state = saved
            return .notGroup
        }
        guard let left = operand(nil) else {
            state = saved
            return .notGroup
        }
        if isAtOperator {
            guard let expression = withAttached(logicalChain(left.body, left.isExplicit, left.span)),
                closeGroup()
            else { return .failed }
            return .group([expression], isExplicit: false, extended(open))
        }
        if token == .with, !left.isExplicit, left.body.count == 1 {
            return groupWith(left, saved, open, isOperand)
        }
        if left.isExplicit {
            let braces = text(Int(left.span.start), state.lastEnd)
            state = saved
            scan()
            let isTerm = term() != nil
            state = saved
            if isTerm { return .notGroup }
            hint("drop the parens to keep the body: `" + prefix + braces + "`")
            error("`(...)` in an operand position cannot contain a body", at: open)
            return .failed
        }
        if isGroup(left.body) {
            guard closeGroup() else { return .failed }
            return .group(left.body, isExplicit: false, extended(open))
        }
        state = saved
        return .notGroup
    }

    /// `(a with x)`: a single operand with its `with`.
    @inline(never)
    private mutating func groupWith(_ left: Operand, _ saved: State, _ open: Span, _ isOperand: Bool) -> GroupResult {
        let place = span
        guard let expression = withAttached(left.body.first) else { return .failed }
        if isAtOperator {
            reportWithOnOperand(place)
            return .failed
        }
        guard closeGroup() else { return .failed }
        if isOperand || isAtOperator { return .group([expression], isExplicit: false, extended(open)) }
        state = saved
        return .notGroup
    }

    @inline(never)
    private mutating func closeGroup() -> Bool {
        guard token == .rightParen else {
            error("expected ) to close parenthesized group", at: span)
            return false
        }
        scan()
        return true
    }

    /// Whether a single operand in parentheses is a group: one of `and`, `or`, `not`.
    private func isGroup(_ body: Body) -> Bool {
        guard body.count == 1, let expression = body.first else { return false }
        switch expression.kind {
        case .and, .or, .not: return true
        default: return expression.isNegated
        }
    }

    // MARK: Reports

    @inline(never)
    mutating func reportWithOnOperand(_ place: Span) {
        let name = token.name.description
        hint(
            "Wrap the operand in `(...)` or `{...}` to scope, or move `with` after the `" + name
                + "` expression to apply it to the whole expression")
        error("`with` modifier is not allowed on operand of `" + name + "`", at: place)
    }

    @inline(never)
    mutating func reportBracedValue(_ place: Span, _ operand: String, _ operator: String) {
        hint("wrap the operand to keep the value: `(" + operand + ") " + `operator` + " ...`")
        error(
            "operand of `" + `operator` + "` cannot begin with `{` unless the braces hold a body", at: place)
    }

    @inline(never)
    private mutating func reportBracedOperand(_ place: Span, _ operand: String, _ term: Term, _ prefix: String) {
        hint(
            "write `" + prefix + "(" + operand + ")` to negate the value, or `" + prefix + "{" + operand
                + "}` for a body holding it")
        error(
            "`{...}` in an operand position must contain expression(s), got: "
                + leftmost(term).kind.name.description, at: place)
    }

    /// The term that opens an operator expression.
    private func leftmost(_ term: Term) -> Term {
        var term = term
        while case .call(let call) = term.kind, call.isInfix, let first = call.arguments.first { term = first }
        return term
    }

    /// `{a | b}` as a body reads like a comprehension.
    private func isAmbiguousUnion(_ body: Body) -> Bool {
        guard let first = body.first, case .call(let call) = first.kind, call.isInfix, call.simpleName == .or else {
            return false
        }
        return lexer.text[Int(first.span.start)] != 0x28
    }

    @inline(never)
    private mutating func reportAmbiguousUnion(_ brace: Span, _ body: Body, _ prefix: String) {
        let start = Int(brace.start)
        let end = state.lastEnd
        let braces = text(start, end)
        var union = braces
        if let place = body.first?.span, Int(place.start) > start, Int(place.end) <= end {
            union =
                text(start, Int(place.start)) + "(" + text(place) + ")" + text(Int(place.end), end)
        }
        hint(
            "write `" + prefix + "(" + braces + ")` for the comprehension, or `" + prefix + union
                + "` for the set union")
        error(
            "ambiguous `{ ... | ... }` operand: read as a body holding a set-union expression, not as a comprehension",
            at: brace)
    }

    /// An operand of nothing but `print` can never fail.
    @inline(never)
    private mutating func checkVoid(_ body: Body, _ operator: String) {
        for expression in body {
            guard !expression.isNegated, case .call(let call) = expression.kind, call.simpleName == .print else {
                return
            }
        }
        guard let place = body.first?.span else { return }
        hint(
            "`print` produces no value and always succeeds, so the operand can never fail; move it out of the operand,"
                + " or add an expression that can fail")
        error("operand of `" + `operator` + "` cannot consist only of calls to `print`", at: place)
    }
}
