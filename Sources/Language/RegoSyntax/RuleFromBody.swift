import WritSource

// Rules without a body: `p := 1`, `p[x]`, `f(x) = 2` are read as expressions first.
extension Parser {
    /// The rule that a statement's expressions amount to; reports an error if they are none.
    mutating func rule(from body: Body) -> ParsedRule? {
        guard let expression = body.first else { return nil }
        func refuse(_ message: String) -> ParsedRule? {
            state.errors.append(Diagnostic(.regoParseError, message, at: expression.span))
            return nil
        }
        if body.count != 1 { return refuse("multiple expressions cannot be used for rule head") }
        if !expression.with.isEmpty {
            return refuse("expressions using with keyword cannot be used for rule head")
        }
        if expression.isNegated { return refuse("negated expressions cannot be used for rule head") }
        switch expression.kind {
        case .some: return refuse("'some' declarations cannot be used for rule head")
        case .every, .not, .and, .or: return refuse("expression cannot be used for rule head")
        case .term(let term):
            guard case .ref(let ref) = term.kind else {
                return refuse(term.kind.name.description + " cannot be used for rule name")
            }
            if ref.parts.isEmpty { return refuse("refs cannot be used for rule head") }
            if ref.headName == nil { return refuse("invalid rule head: " + text(of: ref)) }
            return rule(naming: ref, term.span)
        case .call(let call):
            if call.simpleName == .eq || call.simpleName == .assign, call.arguments.count == 2 {
                let (left, right) = (call.arguments[0], call.arguments[1])
                return assignment(left, right, call.simpleName == .assign, expression.span, refuse)
            }
            if isBuiltin(call) { return refuse("rule name conflicts with built-in function") }
            if call.arguments.isEmpty { return refuse("rule argument list must take at least one argument") }
            if call.function.headName == nil { return refuse("invalid rule head: " + text(of: call.function)) }
            let place = call.function.span
            let head = Head(
                reference: call.function, arguments: call.arguments, key: nil, value: nil, isAssign: false, span: place)
            return ParsedRule(rule: Rule(isDefault: false, head: head, body: nil, span: place), hasImpliedBody: true)
        }
    }

    /// `p[x]` (a set in v0) and `p.q.r` (true).
    private func rule(naming ref: Ref, _ place: Span) -> ParsedRule {
        var head = Head(reference: ref, arguments: nil, key: nil, value: nil, isAssign: false, span: place)
        if ref.parts.count == 1 {
            head.key = head.reference.parts.removeLast()
            head.reference.span = ref.head.span
        }
        let rule = Rule(isDefault: false, head: head, body: nil, span: place)
        return ParsedRule(rule: rule, hasImpliedBody: true, hasImpliedValue: head.key == nil)
    }

    private func assignment(
        _ left: Term, _ right: Term, _ isAssign: Bool, _ place: Span, _ refuse: (String) -> ParsedRule?
    ) -> ParsedRule? {
        var reference: Ref
        var arguments: [Term]?
        switch left.kind {
        case .variable: reference = Ref(head: left, parts: [], span: left.span)
        case .ref(let ref): reference = ref
        case .call(let call):
            reference = call.function
            arguments = call.arguments.isEmpty ? nil : call.arguments
            if reference.headName == nil { return refuse("call cannot be used for rule name") }
        default: return refuse(left.kind.name.description + " cannot be used for rule name")
        }
        if reference.headName == nil { return refuse("invalid rule head: " + text(of: reference)) }
        let head = Head(
            reference: reference, arguments: arguments, key: nil, value: right, isAssign: isAssign, span: place)
        let rule = Rule(isDefault: false, head: head, body: nil, span: place, impliedSpan: right.span)
        return ParsedRule(rule: rule, hasImpliedBody: true)
    }

    private func isBuiltin(_ call: Call) -> Bool {
        if call.isInfix { return true }
        guard call.function.headName != nil, let isBuiltin = options.isBuiltin else { return false }
        var name: [UInt8] = []
        if let head = call.function.headName { name += lexer.names[head] }
        for part in call.function.parts {
            guard case .string(let text) = part.kind else { return false }
            name.append(0x2E)
            name += lexer.names[text]
        }
        return isBuiltin(name[...])
    }
}

extension Parser {
    /// What v1 asks of a rule, as errors.
    mutating func checkV1(_ parsed: ParsedRule) {
        let rule = parsed.rule
        let kind = rule.head.arguments == nil ? "rule" : "function"
        func report(_ message: String, _ place: Span) {
            state.errors.append(Diagnostic(.regoParseError, message, at: place))
        }
        let isNamedByKeyword = rule.head.reference.parts.isEmpty && rule.head.name.isKeyword(in: .v1)
        let keywordMessage = isNamedByKeyword ? text(of: rule.head.name) + " keyword cannot be used for rule name" : ""
        if isNamedByKeyword { report(keywordMessage, rule.span) }
        if parsed.hasImpliedBody, parsed.hasImpliedValue {
            report(kind + " must have value assignment and/or body declaration", rule.span)
        }
        if rule.body != nil, !rule.hasIf {
            report("`if` keyword is required before " + kind + " body", rule.span)
        }
        if rule.head.key != nil, rule.head.value == nil, !rule.head.hasContains {
            report("`contains` keyword is required for partial set rules", rule.span)
        }
        for branch in rule.elseBranches {
            if isNamedByKeyword { report(keywordMessage, branch.span) }
            if branch.body != nil, !branch.hasIf {
                report("`if` keyword is required before " + kind + " body", branch.span)
            }
        }
    }
}
