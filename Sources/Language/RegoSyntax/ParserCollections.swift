import WritSource

// Arrays, objects, sets and their comprehensions.
//
// `{a | b}` is a comprehension, never a set of a union. So the first element is first read without operators, to see
// whether `|` follows; when that fails, reading starts again at `saved` with operators.
extension Parser {
    /// At `[`. Ends at `]`.
    mutating func array() -> Term? {
        let open = span
        scan()
        if token == .rightBracket { return Term(.array([]), closed(open)) }
        let canBeComprehension = skipLeadingComma()
        let saved = state
        guard let head = term() else { return nil }
        switch token {
        case .rightBracket:
            return Term(.array([head]), closed(open))
        case .comma:
            scan()
            guard let terms = termList(until: .rightBracket, [head]) else { return nil }
            return Term(.array(terms), closed(open))
        case .or where canBeComprehension:
            scan()
            if let body = body(until: .rightBracket) {
                return Term(.arrayComprehension(head, body: body), closed(open))
            }
            guard token == .comma else { return nil }
        default: break
        }
        state = saved
        guard let terms = termList(until: .rightBracket, []) else { return nil }
        return Term(.array(terms), closed(open))
    }

    /// At `{`. Ends at `}`.
    mutating func setOrObject() -> Term? {
        let open = span
        scan()
        if token == .rightBrace { return Term(.object([]), closed(open)) }
        let canBeComprehension = skipLeadingComma()
        let saved = state
        guard let head = term() else { return nil }
        switch token {
        case .or where canBeComprehension, .rightBrace, .comma:
            return set(open, saved, head, canBeComprehension)
        case .colon:
            return object(open, head, canBeComprehension)
        default: break
        }
        state = saved
        guard let head = infixTermInList() else { return nil }
        switch token {
        case .rightBrace, .comma:
            return set(open, saved, head, false)
        case .colon:
            return object(open, head, canBeComprehension)
        default:
            unexpected("non-terminated set")
            return nil
        }
    }

    /// `[, x]` is accepted for the sake of old policies. Returns whether a comprehension may follow.
    private mutating func skipLeadingComma() -> Bool {
        guard token == .comma else { return true }
        scan()
        return false
    }

    /// From an opening token to the end of the current one.
    private func closed(_ open: Span) -> Span { span(Int(open.start), state.end) }

    private mutating func set(_ open: Span, _ saved: State, _ head: Term, _ canBeComprehension: Bool) -> Term? {
        switch token {
        case .rightBrace:
            return Term(.set([head]), closed(open))
        case .comma:
            scan()
            guard let terms = termList(until: .rightBrace, [head]) else { return nil }
            return Term(.set(terms), closed(open))
        default:
            if canBeComprehension {
                scan()
                if let body = body(until: .rightBrace) {
                    return Term(.setComprehension(head, body: body), closed(open))
                }
                guard token == .comma else { return nil }
            }
            state = saved
            guard let terms = termList(until: .rightBrace, []) else { return nil }
            return Term(.set(terms), closed(open))
        }
    }

    /// At the `:` behind the first key.
    private mutating func object(_ open: Span, _ key: Term, _ canBeComprehension: Bool) -> Term? {
        scan()
        let saved = state
        guard let value = term() else { return nil }
        var mayHaveOperators = true
        if canBeComprehension {
            switch token {
            case .rightBrace, .comma:
                mayHaveOperators = false
                if let object = objectRest(open, key, value, canBeComprehension: true) { return object }
            case .or:
                if let object = objectRest(open, key, value, canBeComprehension: true) { return object }
            default: break
            }
        }
        // Going back drops the errors of that attempt, which is what OPA reports in their place.
        state = saved
        if mayHaveOperators {
            guard let value = infixTermInList() else { return nil }
            if token == .rightBrace || token == .comma {
                return objectRest(open, key, value, canBeComprehension: false)
            }
        }
        unexpected("non-terminated object")
        return nil
    }

    private mutating func objectRest(
        _ open: Span, _ key: Term, _ value: Term, canBeComprehension: Bool
    ) -> Term? {
        switch token {
        case .rightBrace:
            return Term(.object([ObjectEntry(key, value)]), closed(open))
        case .or:
            guard canBeComprehension else {
                unexpected("non-terminated object")
                return nil
            }
            scan()
            guard let body = body(until: .rightBrace) else { return nil }
            return Term(.objectComprehension(key: key, value: value, body: body), closed(open))
        default:
            scan()
            guard let entries = entries([ObjectEntry(key, value)]) else { return nil }
            return Term(.object(entries), closed(open))
        }
    }

    private mutating func entries(_ first: [ObjectEntry]) -> [ObjectEntry]? {
        var entries = first
        while token != .rightBrace {
            guard let key = infixTermInList() else { return nil }
            guard token == .colon else {
                unexpected("expected \":\"")
                return nil
            }
            scan()
            guard let value = infixTermInList() else { return nil }
            entries.append(ObjectEntry(key, value))
            if token == .rightBrace { break }
            guard token == .comma else {
                unexpected("expected \",\" or \"}\"")
                return nil
            }
            scan()
        }
        return entries
    }
}
