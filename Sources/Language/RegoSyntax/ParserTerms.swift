import WritSource

// Terms: operators, references, calls.
extension Parser {
    /// A term with operators and `in`, where `key, value in collection` may stand.
    mutating func infixTerm() -> Term? { membership(allowingKey: true) }

    /// A term with operators and `in`, where a comma separates.
    mutating func infixTermInList() -> Term? { membership(allowingKey: false) }

    private mutating func membership(allowingKey: Bool) -> Term? {
        // The common case has a frame of its own: frames of the nested terms lie below it.
        guard let left = infix(1) else { return nil }
        if token == .in || token.isKeyword || allowingKey && token == .comma {
            return memberships(of: left, allowingKey)
        }
        return left
    }

    @inline(never)
    private mutating func memberships(of first: Term, _ allowingKey: Bool) -> Term? {
        var left = first
        var links = 0
        defer { unlink(links) }
        while true {
            if allowingKey, token == .comma {
                let saved = state
                scan()
                if let value = infix(1), token == .in {
                    let place = span
                    scan()
                    if let collection = infix(1) {
                        left = member(.member3, place, [left, value, collection])
                        guard token == .in, link(&links) else { return left }
                        continue
                    }
                }
                state = saved
            }
            takeKeywordAsReference()
            guard token == .in else { return left }
            let place = span
            scan()
            guard let collection = infix(1) else { return left }
            left = member(.member2, place, [left, collection])
            guard token == .in, link(&links) else { return left }
        }
    }

    @inline(never)
    private func member(_ name: Name, _ place: Span, _ arguments: [Term]) -> Term {
        let function = Ref(
            head: Term(.variable(.internal), place), parts: [Term(.string(name), place)], span: place)
        let left = arguments.first?.span ?? place
        return Term(.call(Call(function, arguments, isInfix: true)), extended(left))
    }

    /// Terms joined by operators that bind at least as tightly as `level`.
    ///
    /// When the right side of an operator is missing, the error is noted and the left side stands for the whole.
    private mutating func infix(_ level: UInt8) -> Term? {
        guard let left = term() else { return nil }
        return token.infix == nil ? left : operators(behind: left, level)
    }

    @inline(never)
    private mutating func operators(behind first: Term, _ level: UInt8) -> Term? {
        var left = first
        var links = 0
        defer { unlink(links) }
        var current: UInt8 = 5
        while true {
            while let (function, binding) = token.infix, binding == current {
                let place = span
                scan()
                guard let right = current == 5 ? term() : infix(current + 1) else { break }
                let ref = Ref(head: Term(.variable(function), place), parts: [], span: place)
                left = Term(.call(Call(ref, [left, right], isInfix: true)), extended(left.span))
                guard link(&links) else { return left }
            }
            if current <= level { return left }
            current -= 1
        }
    }

    /// A term without operators.
    mutating func term() -> Term? {
        if let known = memo.find(state) {
            state = known.after
            return known.term
        }
        let start = state.start
        let (errors, wildcards) = (state.errorCount, state.wildcards)
        var isComposite = false
        let result: Term?
        switch token {
        case .leftBracket, .leftBrace, .leftParen, .templatePart, .templateEnd, .rawTemplatePart, .rawTemplateEnd,
            .minus:
            guard enter() else { return nil }
            isComposite = true
            result = compositeTerm()
            leave()
        default:
            result = simpleTerm()
        }
        memo.add(
            result, at: start, errors: errors, wildcards: wildcards, after: state, isComposite: isComposite)
        return result
    }

    @inline(never)
    private mutating func simpleTerm() -> Term? {
        switch token {
        case .null: return finished(Term(.null, span))
        case .true: return finished(Term(.bool(true), span))
        case .false: return finished(Term(.bool(false), span))
        case .dot, .number:
            guard let number = number() else { return nil }
            return finished(number)
        case .string:
            guard let string = string() else { return nil }
            return finished(string)
        case .identifier, .contains: return finished(variable())
        case .logicalAnd, .logicalOr:
            // `and(...)` and `or(...)` are the functions behind `&` and `|`.
            guard peek() == .leftParen else {
                unexpected()
                return nil
            }
            token = .identifier
            return finished(variable())
        default:
            unexpected()
            return nil
        }
    }

    @inline(never)
    private mutating func compositeTerm() -> Term? {
        switch token {
        case .leftBracket:
            guard let array = array() else { return nil }
            return finished(array)
        case .leftBrace:
            guard let collection = setOrObject() else { return nil }
            return finished(collection)
        case .leftParen:
            scan()
            guard let inner = infixTerm() else { return nil }
            guard token == .rightParen else {
                error("non-terminated expression", at: span)
                return nil
            }
            return finished(inner)
        case .minus: return negative()
        default:
            guard let template = template() else { return nil }
            return finished(template)
        }
    }

    /// `-1` is a number, `-x` is `minus(0, x)`.
    @inline(never)
    private mutating func negative() -> Term? {
        let place = span
        let saved = state
        scan()
        guard token == .identifier || token == .contains else {
            state = saved
            guard let number = number() else { return nil }
            return finished(number)
        }
        guard let operand = finished(variable()) else { return nil }
        let function = Ref(head: Term(.variable(.minus), place), parts: [], span: place)
        let call = Call(function, [Term(.number(.zero), place), operand], isInfix: false)
        return Term(.call(call), extended(place))
    }

    /// Goes behind a term and takes the references and calls that follow without a blank.
    @inline(never)
    private mutating func finished(_ head: Term) -> Term? {
        scanWithSpace()
        switch token {
        case .leftParen, .dot, .leftBracket:
            return reference(head)
        case .whitespace:
            scan()
        default: break
        }
        return rooted(head)
    }

    /// `input` and `data` are references even alone.
    func rooted(_ head: Term) -> Term {
        if case .variable(let name) = head.kind, name == .input || name == .data {
            return Term(.ref(Ref(head: head, parts: [], span: head.span)), head.span)
        }
        return head
    }

    /// The parts, indexes and calls behind a head.
    @inline(never)
    mutating func reference(_ head: Term) -> Term? {
        switch head.kind {
        case .variable, .array, .object, .set, .arrayComprehension, .setComprehension, .objectComprehension, .call:
            break
        default:
            error("illegal ref (head cannot be " + head.kind.name.description + ")", at: head.span)
        }
        var head = head
        var parts: [Term] = []
        guard enter() else { return nil }
        var links = 0
        defer {
            unlink(links)
            leave()
        }
        while true {
            switch token {
            case .dot:
                scanWithSpace()
                guard token == .identifier || isKeywordInReference else {
                    unexpected("expected identifier")
                    return nil
                }
                parts.append(Term(.string(state.name), span))
                scanWithSpace()
            case .leftBracket:
                scan()
                guard let index = infixTerm() else { return nil }
                guard token == .rightBracket else {
                    unexpected("expected [")
                    return nil
                }
                parts.append(index)
                scanWithSpace()
            case .leftParen:
                let place = span(Int(head.span.start), state.start)
                guard let call = call(Ref(head: head, parts: parts, span: place)) else { return nil }
                if token == .whitespace {
                    scan()
                    return Term(call.kind, extended(head.span))
                }
                guard token == .dot || token == .leftBracket else { return Term(call.kind, extended(head.span)) }
                guard link(&links) else { return nil }
                head = call
                parts = []
            default:
                let end = extended(head.span)
                if token == .whitespace { scan() }
                return Term(.ref(Ref(head: head, parts: parts, span: end)), end)
            }
        }
    }

    /// The arguments behind a function. `set()` is the empty set.
    private mutating func call(_ function: Ref) -> Term? {
        let start = Int(function.span.start)
        scan()
        if token == .rightParen {
            let place = span(start, state.end)
            scanWithSpace()
            if function.parts.isEmpty, function.headName == .set { return Term(.set([]), place) }
            return Term(.call(Call(function, [], isInfix: false)), place)
        }
        guard let arguments = termList(until: .rightParen, []) else { return nil }
        let place = span(start, state.end)
        scanWithSpace()
        return Term(.call(Call(function, arguments, isInfix: false)), place)
    }

    /// Terms separated by commas, the last of which may be followed by one more. Stays at the closing token.
    mutating func termList(until end: Token, _ first: [Term]) -> [Term]? {
        var terms = first
        if token == end { return terms }
        while true {
            guard let term = infixTermInList() else { return nil }
            terms.append(term)
            if token == end { return terms }
            guard token == .comma else {
                unexpected("expected \",\" or \"" + end.name.description + "\"")
                return nil
            }
            scan()
            if token == end { return terms }
        }
    }
}

extension Term.Kind {
    /// What messages call a term of this kind.
    var name: StaticString {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .number: "number"
        case .string: "string"
        case .variable: "var"
        case .ref: "ref"
        case .array: "array"
        case .set: "set"
        case .object: "object"
        case .arrayComprehension: "arraycomprehension"
        case .setComprehension: "setcomprehension"
        case .objectComprehension: "objectcomprehension"
        case .call: "call"
        case .template: "templatestring"
        }
    }
}
