import WritSource

/// A rule with what the checks of v1 ask beyond the tree.
struct ParsedRule {
    var rule: Rule
    /// No body was written.
    var hasImpliedBody = false
    /// No value was written either.
    var hasImpliedValue = false
}

extension Parser {
    /// A rule with a body, a `contains` rule or a default rule, and the rules of its further bodies.
    ///
    /// Without errors, nil says that this is no such rule: it may be one without a body (`RuleFromBody.swift`).
    mutating func rules() -> [ParsedRule]? {
        let start = span
        takeKeywordAsReference()
        var isDefault = false
        if token == .default {
            scan()
            isDefault = true
            takeKeywordAsReference()
        }
        guard token == .identifier, var head = head(isDefault) else { return nil }
        if isDefault { return defaultRule(head, start) }
        let hasIf = token == .if
        if !head.hasContains, !hasIf, head.arguments == nil, head.value == nil, head.reference.parts.count == 1 {
            // v0: `p[x] { .. }` is a set.
            head.key = head.reference.parts.removeLast()
            head.reference.span = head.reference.head.span
        }
        var rule = Rule(isDefault: false, head: head, body: nil, span: start, hasIf: hasIf)
        if hasIf {
            guard let body = ifBody() else { return nil }
            rule.body = body
        } else if token == .leftBrace {
            scan()
            guard let body = body(until: .rightBrace) else { return nil }
            rule.body = body
            scan()
        } else if head.hasContains {
            rule.span = head.span
            rule.impliedSpan = start
            return [ParsedRule(rule: rule, hasImpliedBody: true)]
        } else {
            return nil
        }
        if token == .else, !takeKeywordAsReference() {
            guard canHaveElse(head, hasIf), let branches = elseBranches(&rule) else { return nil }
            rule.elseBranches = branches
        }
        rule.span = extended(start)
        return chained(ParsedRule(rule: rule))
    }

    /// Behind `if`: one expression, or a body in braces.
    private mutating func ifBody() -> Body? {
        scan()
        let saved = state
        let isBraced = token == .leftBrace
        if let expression = literal() {
            // A set holds always: `if { x }` means a body.
            var isSet = false
            if isBraced, case .term(let term) = expression.kind, case .set = term.kind { isSet = true }
            if !isSet { return [expression] }
        }
        guard isBraced else { return nil }
        state = saved
        scan()
        guard let body = body(until: .rightBrace) else { return nil }
        scan()
        return body
    }

    /// Further bodies in braces (v0), each a rule of its own.
    private mutating func chained(_ first: ParsedRule) -> [ParsedRule]? {
        var rules = [first]
        while token == .leftBrace {
            guard first.rule.elseBranches.isEmpty else {
                error("expected else keyword", at: span)
                return nil
            }
            let start = span
            scan()
            guard let body = body(until: .rightBrace) else { return nil }
            scan()
            var next = first
            next.rule.body = body
            next.rule.span = extended(start)
            next.rule.isChained = true
            next.rule.impliedSpan = next.rule.span
            renewWildcards(&next.rule.head)
            rules.append(next)
        }
        return rules
    }

    /// A copied head has wildcards of its own.
    private mutating func renewWildcards(_ head: inout Head) {
        guard let arguments = head.arguments else { return }
        for (index, argument) in arguments.enumerated() {
            if case .variable(let name) = argument.kind, lexer.names.isWildcard(name) {
                head.arguments?[index].kind = .variable(wildcard())
            }
        }
    }

    // MARK: else

    private mutating func canHaveElse(_ head: Head, _ hasIf: Bool) -> Bool {
        let parts = head.reference.parts
        for part in parts where !part.isGround {
            error("else keyword cannot be used on rules with variables in head", at: span)
            return false
        }
        // What OPA calls a key: that of a set, and that of a v0 pair `p[k] = v { .. }`.
        var hasKey = head.key != nil
        if !head.hasContains, parts.count == 1, head.arguments == nil, let part = parts.last {
            if hasIf {
                if case .ref = part.kind { hasKey = true }
            } else {
                hasKey = true
            }
        }
        if hasKey {
            error("else keyword cannot be used on multi-value rules", at: span)
            return false
        }
        return true
    }

    /// At `else`: all branches that follow.
    private mutating func elseBranches(_ rule: inout Rule) -> [Else]? {
        var branches: [Else] = []
        while true {
            let start = span
            // Each branch has a copy of the head, and so wildcards of its own.
            var copy = rule.head
            renewWildcards(&copy)
            scan()
            var branch = Else(value: nil, isAssign: false, body: nil, span: start)
            branch.arguments = copy.arguments
            switch token {
            case .leftBrace, .if: break
            case .assign, .unify:
                branch.isAssign = token == .assign
                scan()
                guard let value = infixTerm() else { return nil }
                branch.value = value
                branch.headSpan = extended(start)
            default:
                unexpected("expected else value term or rule body")
                return nil
            }
            guard elseBody(&branch) else { return nil }
            branch.span = extended(start)
            branches.append(branch)
            // An `else` behind one without a body is no branch: nothing could reach it.
            guard token == .else, branch.body != nil else { return branches }
        }
    }

    private mutating func elseBody(_ branch: inout Else) -> Bool {
        branch.hasIf = token == .if
        guard branch.hasIf || token == .leftBrace else { return true }
        if branch.hasIf { scan() }
        if token == .leftBrace {
            scan()
            guard let body = body(until: .rightBrace) else { return false }
            branch.body = body
            scan()
            return true
        }
        guard token != .endOfFile else {
            unexpected("rule body expected")
            return false
        }
        guard let expression = literal() else { return false }
        branch.body = [expression]
        branch.isBraced = false
        return true
    }

    // MARK: Heads

    /// A name with its path and arguments, then a key or a value.
    private mutating func head(_ isDefault: Bool) -> Head? {
        let start = span
        guard let term = headReference() else {
            unexpected("expected rule head name")
            return nil
        }
        var reference: Ref
        var arguments: [Term]?
        switch term.kind {
        case .variable: reference = Ref(head: term, parts: [], span: term.span)
        case .ref(let ref):
            guard ref.headName != nil else { return nil }
            reference = ref
        case .call(let call):
            reference = call.function
            guard reference.headName != nil else {
                unexpected("rule head ref " + text(of: reference) + " invalid")
                return nil
            }
            arguments = call.arguments
        default: return nil
        }
        var head = Head(reference: reference, arguments: arguments, key: nil, value: nil, isAssign: false, span: start)
        headValue(&head, isDefault)
        head.span = extended(start)
        // Without arguments it is a rule like any other.
        if head.arguments?.isEmpty ?? false { head.arguments = nil }
        return head
    }

    private mutating func headReference() -> Term? {
        let head = variable()
        scanWithSpace()
        if token.infix != nil {
            unexpected()
        } else if token == .whitespace {
            scan()
        }
        switch token {
        case .leftParen, .dot, .leftBracket: return reference(head)
        default: return rooted(head)
        }
    }

    private mutating func headValue(_ head: inout Head, _ isDefault: Bool) {
        switch token {
        case .contains:
            head.hasContains = true
            if head.arguments != nil {
                unexpected(
                    "the contains keyword can only be used with multi-value rule definitions (e.g., "
                        + text(of: head.reference) + " contains <VALUE> { ... })")
            }
            scan()
            head.key = infixTerm()
            if head.key == nil {
                unexpected(
                    "expected rule key term (e.g., " + text(of: head.reference) + " contains <VALUE> { ... })")
            }
        case .unify:
            scan()
            head.value = infixTerm()
            if head.value == nil {
                unexpected(
                    "expected rule value term (e.g., " + text(of: head.reference) + "[<nil>] = <VALUE> { ... })")
            }
        case .assign:
            scan()
            head.isAssign = true
            head.value = infixTerm()
            guard head.value == nil else { return }
            let name = text(of: head.reference)
            if head.arguments.map({ !$0.isEmpty }) ?? false {
                unexpected("expected function value term (e.g., " + name + "(...) := <VALUE> { ... })")
            } else if isDefault {
                unexpected("expected default rule value term (e.g., default " + name + " := <VALUE>)")
            } else {
                unexpected("expected rule value term (e.g., " + name + " := <VALUE> { ... })")
            }
        default: break
        }
    }

    // MARK: Default rules

    private mutating func defaultRule(_ head: Head, _ start: Span) -> [ParsedRule]? {
        let arguments = head.arguments ?? []
        var isValid = true
        if let value = head.value {
            checkDefaultValue(value, start, &isValid)
        } else if head.hasContains || head.reference.parts.count == 1 && arguments.isEmpty {
            error("illegal default rule (must have a value)", at: start)
            isValid = false
        }
        guard isValid else { return nil }
        var seen: [Name] = []
        for argument in arguments {
            guard case .variable(let name) = argument.kind else {
                error(
                    "illegal default rule (arguments cannot contain " + argument.kind.name.description + ")", at: start)
                isValid = false
                continue
            }
            if seen.contains(name) {
                error("illegal default rule (arguments cannot be repeated " + text(of: name) + ")", at: start)
                isValid = false
            }
            seen.append(name)
        }
        guard isValid else { return nil }
        let rule = Rule(isDefault: true, head: head, body: nil, span: extended(start))
        return [ParsedRule(rule: rule)]
    }

    private mutating func checkDefaultValue(_ value: Term, _ start: Span, _ isValid: inout Bool) {
        switch value.kind {
        case .variable, .ref, .call:
            error(
                "illegal default rule (value cannot contain " + value.kind.name.description + ")", at: start)
            isValid = false
        case .array(let terms), .set(let terms):
            for term in terms { checkDefaultValue(term, start, &isValid) }
        case .object(let entries):
            for entry in entries {
                checkDefaultValue(entry.key, start, &isValid)
                checkDefaultValue(entry.value, start, &isValid)
            }
        case .template(let template):
            for part in template.parts {
                guard case .expression(let expression) = part else { continue }
                switch expression.kind {
                case .term(let term): checkDefaultValue(term, start, &isValid)
                case .call(let call):
                    // The walk meets the function's reference first, then the arguments.
                    error("illegal default rule (value cannot contain ref)", at: start)
                    isValid = false
                    for argument in call.arguments { checkDefaultValue(argument, start, &isValid) }
                default: break
                }
            }
        default: break
        }
    }
}

extension Term {
    /// Whether the term holds no variables (outside of what comprehensions bind).
    public var isGround: Bool {
        switch kind {
        case .null, .bool, .number, .string: true
        case .variable: false
        case .ref(let ref): ref.head.isGroundHead && ref.parts.allSatisfy { $0.isGround }
        case .array(let terms), .set(let terms): terms.allSatisfy { $0.isGround }
        case .object(let entries): entries.allSatisfy { $0.key.isGround && $0.value.isGround }
        case .arrayComprehension, .setComprehension, .objectComprehension: false
        case .call(let call): call.arguments.allSatisfy { $0.isGround }
        case .template(let template):
            template.parts.allSatisfy { part in
                if case .text = part { return true }
                return false
            }
        }
    }

    /// The head of a reference names a document, which does not count as a variable.
    private var isGroundHead: Bool {
        if case .variable = kind { return true }
        return isGround
    }
}
