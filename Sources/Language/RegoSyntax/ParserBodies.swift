import WritSource

// Bodies and the expressions in them.
extension Parser {
    /// Expressions up to a closing token, which stays the current one.
    mutating func body(until end: Token) -> Body? {
        guard enter() else { return nil }
        defer { leave() }
        return query(until: end, single: false)
    }

    /// Expressions apart by `;` or line ends; with `single` only those on one line.
    mutating func query(until end: Token, single: Bool) -> Body? {
        if token == end {
            error("found empty body", at: span)
            return nil
        }
        var body: Body = []
        while true {
            guard let expression = literal() else { return nil }
            body.append(expression)
            if token == .semicolon {
                scan()
                continue
            }
            if token == end || single { return body }
            if !state.skippedNewline {
                if state.errorCount == 0 { unexpected("expected \\n or ; or " + end.name.description) }
                return nil
            }
        }
    }

    /// One expression of a body.
    mutating func literal() -> Expr? {
        let start = span
        guard var expression = unplacedLiteral() else { return nil }
        expression.span = extended(start)
        if case .not(let not) = expression.kind, !not.isExplicit { place(&expression, not) }
        return expression
    }

    /// The expression under an unbraced `not` counts as standing where the `not` does.
    @inline(never)
    private func place(_ expression: inout Expr, _ not: Not) {
        var not = not
        for index in not.body.indices { not.body[index].span = expression.span }
        expression.kind = .not(not)
    }

    private mutating func unplacedLiteral() -> Expr? {
        if token == .leftBrace || token == .leftParen, !lexer.keywords.isDisjoint(with: [.and, .or]) {
            switch leadingGroup() {
            case .parsed(let expression): return expression
            case .failed: return nil
            case .notLogical: break
            }
        }
        if takeKeywordAsReference() { return literalExpression(notSpan: nil) }
        var notSpan: Span?
        if isNegation() {
            notSpan = span
            scan()
            if hasNotBodies, token == .leftBrace, let notSpan { return leadingNotBody(notSpan) }
        }
        switch token {
        case .some:
            if notSpan != nil {
                unexpected("illegal negation of 'some'")
                return nil
            }
            return some()
        case .every:
            if notSpan != nil {
                unexpected("illegal negation of 'every'")
                return nil
            }
            return every()
        default:
            return literalExpression(notSpan: notSpan)
        }
    }

    @inline(never)
    private mutating func leadingNotBody(_ notSpan: Span) -> Expr? {
        guard let not = notBody(notSpan) else { return nil }
        return logicalTail([not], false, not.span)
    }

    /// Tries braces or parentheses as the first operand of `and` or `or`.
    @inline(never)
    private mutating func leadingGroup() -> OperandResult {
        if token == .leftBrace { return bracedOperand() }
        switch logicalGroup(isOperand: false, prefix: "") {
        case .group(let body, let isExplicit, let place):
            return logicalTail(body, isExplicit, place).map { .parsed($0) } ?? .failed
        case .failed: return .failed
        case .notGroup: return .notLogical
        }
    }

    /// Whether the current token is a `not` that negates, not one that begins a reference (`not.x`).
    mutating func isNegation() -> Bool {
        guard token == .not else { return false }
        let next = peek()
        return next != .dot && next != .leftBracket
    }

    /// An expression that is neither `some` nor `every`, behind its `not` if there is one.
    private mutating func literalExpression(notSpan: Span?) -> Expr? {
        let saved = state
        let start = span
        if let notSpan, hasNotBodies, token == .leftParen {
            switch negatedGroup(notSpan) {
            case .parsed(let expression): return expression
            case .failed: return nil
            case .notLogical: break
            }
        }
        guard let expression = expression() else { return nil }
        if notSpan == nil, token != .with, token != .logicalAnd, token != .logicalOr, options.version == .v1 {
            return expression
        }
        return completed(expression, notSpan, start, saved)
    }

    /// An expression with its `with`, its `not` and the operators behind it.
    @inline(never)
    private mutating func completed(_ bare: Expr, _ notSpan: Span?, _ start: Span, _ saved: State) -> Expr? {
        var expression = bare
        var withSpan: Span?
        if token == .with {
            withSpan = span
            guard let with = with() else { return nil }
            expression.with = with
        }
        hintAtEvery(expression, saved)
        expression.span = extended(start)
        if let notSpan {
            if hasNotBodies {
                // `with` belongs to the whole, not to what is negated.
                let with = expression.with
                expression.with = []
                expression = Expr(
                    .not(Not(body: [expression], isExplicit: false)), with: with, span: extended(notSpan))
            } else {
                expression.isNegated = true
            }
        }
        guard token == .logicalAnd || token == .logicalOr else { return expression }
        return leadingOperand(expression, isNegated: notSpan != nil, withSpan)
    }

    /// At the operator behind an expression that is its left operand.
    @inline(never)
    private mutating func leadingOperand(_ expression: Expr, isNegated: Bool, _ withSpan: Span?) -> Expr? {
        if let withSpan {
            reportWithOnOperand(withSpan)
            return nil
        }
        if !isNegated, lexer.text[Int(expression.span.start)] == 0x7B {
            if case .term(let term) = expression.kind, case .object(let entries) = term.kind, entries.isEmpty {
                error("found empty body", at: expression.span)
            } else {
                reportBracedValue(expression.span, text(expression.span), token.name.description)
            }
            return nil
        }
        return withAttached(logicalChain([expression], false, expression.span))
    }

    /// `not (a or b)`.
    @inline(never)
    private mutating func negatedGroup(_ notSpan: Span) -> OperandResult {
        switch logicalGroup(isOperand: true, prefix: "not ") {
        case .group(let body, let isExplicit, _):
            let place = extended(notSpan)
            let not = Expr(.not(Not(body: body, isExplicit: isExplicit)), span: place)
            return logicalTail([not], false, place).map { .parsed($0) } ?? .failed
        case .failed: return .failed
        case .notGroup: return .notLogical
        }
    }

    /// In v0, a plain `every` that would be a quantifier with the import gets a hint.
    @inline(never)
    private mutating func hintAtEvery(_ expression: Expr, _ saved: State) {
        guard options.version != .v1, !isInFuture, case .term(let term) = expression.kind,
            case .variable(let name) = term.kind, name == .every
        else { return }
        let after = state
        state = saved
        let isEvery = inFuture { $0.every() != nil }
        state = after
        if isEvery { hint("`import future.keywords.every` for `every x in xs { ... }` expressions") }
    }

    /// Tries something with all future keywords known, and forgets it.
    private mutating func inFuture(_ attempt: (inout Parser) -> Bool) -> Bool {
        // Within such an attempt there is nobody to give hints to.
        guard !isInFuture else { return false }
        isInFuture = true
        defer { isInFuture = false }
        let keywords = lexer.keywords
        lexer.keywords = .all
        if futureMemo == nil { futureMemo = TermMemo(size: file.text.count + 1) }
        futureMemo?.clear()
        swapMemo()
        let result = attempt(&self)
        swapMemo()
        lexer.keywords = keywords
        return result
    }

    private mutating func swapMemo() {
        guard let other = futureMemo else { return }
        futureMemo = memo
        memo = other
    }

    /// A term, or two joined by `:=` or `=`.
    mutating func expression() -> Expr? {
        let start = span
        guard let left = infixTerm() else { return nil }
        if token == .assign || token == .unify { return assignment(to: left, start) }
        if case .call(let call) = left.kind { return Expr(.call(call), span: extended(start)) }
        return Expr(.term(left), span: extended(start))
    }

    @inline(never)
    private mutating func assignment(to left: Term, _ start: Span) -> Expr? {
        let place = span
        let function: Name = token == .assign ? .assign : .eq
        scan()
        guard let right = infixTerm() else { return nil }
        let ref = Ref(head: Term(.variable(function), place), parts: [], span: place)
        return Expr(.call(Call(ref, [left, right], isInfix: true)), span: extended(start))
    }

    // MARK: with

    /// One or more `with target as value`.
    @inline(never)
    mutating func with() -> [With]? {
        var list: [With] = []
        repeat {
            let start = span
            scan()
            guard token == .identifier else {
                unexpected("expected ident")
                return nil
            }
            guard let target = term() else { return nil }
            let ref: Ref
            switch target.kind {
            case .ref(let inner): ref = inner
            case .variable: ref = Ref(head: target, parts: [], span: target.span)
            default:
                unexpected("expected with target path")
                ref = Ref(head: target, parts: [], span: target.span)
            }
            guard token == .as else {
                unexpected("expected as keyword")
                return nil
            }
            scan()
            guard let value = infixTerm() else { return nil }
            list.append(With(target: ref, value: value, span: extended(start)))
        } while token == .with
        return list
    }

    /// Adds the `with` that follows, if any.
    mutating func withAttached(_ expression: Expr?) -> Expr? {
        guard var expression, token == .with else { return expression }
        guard let with = with() else { return nil }
        expression.with = with
        return expression
    }

    // MARK: some, every

    /// At `some`.
    @inline(never)
    private mutating func some() -> Expr? {
        let start = span
        let saved = state
        scan()
        if let term = infixTerm(), case .call(let call) = term.kind {
            guard let declaration = membershipDeclaration(call) else {
                unexpected("expected `x in xs` or `x, y in xs` expression")
                return nil
            }
            return withAttached(Expr(.some(declaration), span: extended(start)))
        }
        state = saved
        hintAtSomeIn()
        var names: [Term] = []
        repeat {
            scan()
            guard token == .identifier else {
                unexpected("expected var")
                return nil
            }
            names.append(variable())
            scan()
        } while token == .comma
        return Expr(.some(.names(names)), span: extended(start))
    }

    private func membershipDeclaration(_ call: Call) -> SomeDeclaration? {
        let arguments = call.arguments
        if isMember(call, .member2), arguments.count == 2 {
            return .membership(
                key: nil, value: arguments[0], collection: arguments[1], place: call.function.span)
        }
        if isMember(call, .member3), arguments.count == 3 {
            return .membership(
                key: arguments[0], value: arguments[1], collection: arguments[2], place: call.function.span)
        }
        return nil
    }

    private func isMember(_ call: Call, _ name: Name) -> Bool {
        guard call.function.headName == .internal, call.function.parts.count == 1,
            case .string(name) = call.function.parts[0].kind
        else { return false }
        return true
    }

    /// In v0, `some x in xs` without the import gets a hint.
    @inline(never)
    private mutating func hintAtSomeIn() {
        guard options.version != .v1, !isInFuture else { return }
        let saved = state
        scan()
        let isMembership = inFuture { parser in
            guard let term = parser.infixTerm(), case .call(let call) = term.kind else { return false }
            return parser.isMember(call, .member2) || parser.isMember(call, .member3)
        }
        state = saved
        if isMembership { hint("`import future.keywords.in` for `some x in xs` expressions") }
    }

    /// At `every`.
    @inline(never)
    mutating func every() -> Expr? {
        let start = span
        scan()
        guard let term = infixTerm() else { return nil }
        guard case .call(let call) = term.kind,
            case .membership(let key, let value, let domain, _) = membershipDeclaration(call)
        else {
            unexpected("expected `x[, y] in xs { ... }` expression")
            return nil
        }
        if let key {
            guard case .variable = key.kind else {
                unexpected("expected key to be a variable")
                return nil
            }
        }
        guard case .variable = value.kind else {
            unexpected("expected value to be a variable")
            return nil
        }
        guard token == .leftBrace else {
            unexpected("missing body")
            return nil
        }
        scan()
        guard let body = body(until: .rightBrace) else { return nil }
        scan()
        let every = Every(key: key, value: value, domain: domain, body: body, span: extended(start))
        return withAttached(Expr(.every(every), span: every.span))
    }
}
