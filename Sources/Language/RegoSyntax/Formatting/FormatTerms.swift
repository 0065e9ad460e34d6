import WritSource

// Terms: scalars, references, calls and operators.
extension Formatter {
    /// A term. When comments collide within it, it is copied as it is.
    ///
    /// With `parenthesized`, an operator is put into parentheses.
    mutating func term(_ term: Term, parenthesized: Bool = false) throws(CommentCollision) {
        guard guardedDepth == 0, next < comments.count, hasComment(upTo: endRow(term.span)) else {
            try plain(term, parenthesized)
            return
        }
        let start = mark
        guardedDepth = 1
        do throws(CommentCollision) {
            try plain(term, parenthesized)
            guardedDepth = 0
        } catch {
            guardedDepth = 0
            guard isBalanced(term.span) else { throw error }
            goBack(to: start)
            try copyAsItIs(term, parenthesized)
        }
    }

    private mutating func copyAsItIs(_ term: Term, _ parenthesized: Bool) throws(CommentCollision) {
        // Comments above the term are not in its text.
        _ = writeComments(above: row(term.span))
        startLineIfNeeded()
        // Parentheses around an operator are not in its place.
        let needsParentheses = parenthesized && term.isOperator || term.isKeyedMembership
        if needsParentheses { put("(") }
        copyWithComments(term.span)
        if needsParentheses { put(")") }
    }

    /// An operand of an operator.
    mutating func operand(_ term: Term) throws(CommentCollision) { try self.term(term, parenthesized: true) }

    private mutating func plain(_ term: Term, _ parenthesized: Bool) throws(CommentCollision) {
        try insertComments(term.span)
        startLineIfNeeded()
        switch term.kind {
        case .null: put("null")
        case .bool(let value): put(value ? "true" : "false")
        case .number(let spelling): put(spelling)
        case .string(let name): string(name, term.span)
        case .variable(let name): variable(name)
        case .ref(let ref): try reference(ref)
        case .array(let terms):
            put("[")
            try list(
                terms, from: row(term.span), start: term.span.start, close: .at(term.span.end),
                parenthesizesUnions: true)
            put("]")
        case .set(let terms): try set(terms, term.span)
        case .object(let entries):
            put("{")
            try object(entries, term.span)
            put("}")
        case .arrayComprehension(let inner, let body):
            put("[")
            try comprehension(inner, body, term.span, row(inner.span))
            put("]")
        case .setComprehension(let inner, let body):
            put("{")
            try comprehension(inner, body, term.span, row(inner.span))
            put("}")
        case .objectComprehension(let key, let value, let body):
            put("{")
            try objectComprehension(key, value, body, term.span)
            put("}")
        case .call(let call): try self.call(call, term.span, parenthesized)
        case .template(let template): try self.template(template, term.span)
        }
        startLineIfNeeded()
    }

    mutating func variable(_ name: Name) { put(names.isWildcard(name) ? .underscore : name) }

    /// A string as it was written; one that was written as a word is quoted.
    private mutating func string(_ name: Name, _ span: Span) {
        let start = Int(span.start)
        if start < file.text.count, span.end > span.start + 1, file.text[start] == 0x22 || file.text[start] == 0x60 {
            copy(span.start, span.end)
        } else {
            quoted(name)
        }
    }

    /// A name as a string literal.
    mutating func quoted(_ name: Name) {
        put("\"")
        for byte in names[name] {
            switch byte {
            case 0x22: put("\\\"")
            case 0x5C: put("\\\\")
            case 0x08: put("\\b")
            case 0x09: put("\\t")
            case 0x0A: put("\\n")
            case 0x0C: put("\\f")
            case 0x0D: put("\\r")
            case 0..<0x20, 0x7F:
                put(byte < 0x10 ? "\\u000" : byte == 0x7F ? "\\u007" : "\\u001")
                let digit = byte & 15
                put(digit < 10 ? 0x30 + digit : 0x57 + digit)
            default: put(byte)
            }
        }
        put("\"")
    }

    // MARK: References

    mutating func reference(_ ref: Ref) throws(CommentCollision) {
        try head(ref.head)
        for part in ref.parts {
            switch part.kind {
            case .string(let name): stringPart(name, part.span, style.keywords)
            case .variable(let name):
                put("[")
                variable(name)
                put("]")
            default:
                put("[")
                try index(part)
                put("]")
            }
        }
    }

    private mutating func head(_ term: Term) throws(CommentCollision) {
        if case .variable(let name) = term.kind {
            try insertComments(term.span)
            startLineIfNeeded()
            variable(name)
        } else {
            try self.term(term, parenthesized: true)
        }
    }

    /// An index is copied by itself when comments collide in it.
    private mutating func index(_ part: Term) throws(CommentCollision) {
        let depth = guardedDepth
        guardedDepth = 0
        defer { guardedDepth = depth }
        try term(part)
    }

    mutating func stringPart(_ name: Name, _ span: Span, _ keywords: FormatKeywords) {
        if needsBrackets(name, span, keywords) {
            put("[")
            quoted(name)
            put("]")
        } else {
            put(".")
            put(name)
        }
    }

    private func needsBrackets(_ name: Name, _ span: Span, _ keywords: FormatKeywords) -> Bool {
        if !isWord(names[name]) { return true }
        guard style.isKeyword(name, keywords) else { return false }
        if !options.keepsKeywordsInReferences, keywords != .none { return true }
        return Int(span.start) < file.text.count && !span.isEmpty && file.text[Int(span.start)] == 0x22
    }

    private func isWord(_ text: ArraySlice<UInt8>) -> Bool {
        guard let first = text.first, first &- 0x30 > 9 else { return false }
        for byte in text {
            let isLetter = (byte | 0x20) &- 0x61 < 26
            if !isLetter, byte != 0x5F, byte &- 0x30 > 9 { return false }
        }
        return true
    }

    // MARK: Calls

    /// A call as an expression, where `=` and `:=` may stand and operators need no parentheses.
    mutating func statement(_ call: Call) throws(CommentCollision) {
        if let count = call.membership, call.arguments.count == count {
            try membership(call.arguments)
            return
        }
        guard let sign = call.sign else {
            try function(call)
            return
        }
        switch call.arguments.count {
        case 2:
            if call.simpleName == .eq || call.simpleName == .assign {
                try term(call.arguments[0])
                put(" ")
                put(sign)
                put(" ")
                try term(call.arguments[1])
                return
            }
            try infix(call, sign, isNested: false)
        case 3:
            // A function with its result as last operand: `plus(1, 2, x)`.
            try term(call.arguments[2])
            put(" = ")
            try infix(call, sign, isNested: false)
        default: try function(call)
        }
    }

    /// The two operands of an operator. Nested ones have parentheses around their own operators in any case; a statement
    /// has them where they are needed.
    private mutating func infix(_ call: Call, _ sign: StaticString, isNested: Bool) throws(CommentCollision) {
        let (left, right) = (call.arguments[0], call.arguments[1])
        let level = call.bindingLevel
        // A long chain has no parentheses up to its last hundred links: the parser limits their depth.
        let isNestedLeft = isNested && !left.isLongChain
        try term(left, parenthesized: isNestedLeft || left.bindingLevel < level)
        put(" ")
        put(sign)
        put(" ")
        try term(right, parenthesized: isNested || right.bindingLevel <= level)
    }

    mutating func call(_ call: Call, _ span: Span, _ parenthesized: Bool) throws(CommentCollision) {
        if let count = call.membership, call.arguments.count == count {
            let needsParentheses = parenthesized || count == 3
            if needsParentheses { put("(") }
            try membership(call.arguments)
            if needsParentheses { put(")") }
            return
        }
        guard let sign = call.sign, call.arguments.count == 2, call.simpleName != .eq, call.simpleName != .assign
        else {
            try function(call)
            return
        }
        if parenthesized { put("(") }
        try infix(call, sign, isNested: true)
        if parenthesized { put(")") }
    }

    /// `value in collection`, `key, value in collection`.
    private mutating func membership(_ operands: [Term]) throws(CommentCollision) {
        for (index, operand) in operands.enumerated() {
            let isLast = index == operands.count - 1
            // `in` associates to the left.
            try term(operand, parenthesized: index > 0 || !operand.isMembership || operands.count == 3)
            if !isLast { put(index == operands.count - 2 ? " in " : ", ") }
        }
    }

    private mutating func function(_ call: Call) throws(CommentCollision) {
        try reference(call.function)
        put("(")
        try list(
            call.arguments, from: row(call.function.span), start: call.function.span.end,
            close: closesCalls ? .parenthesis(call.function.span.end) : .nowhere, parenthesizesUnions: false)
        put(")")
    }

    // MARK: Template strings

    /// The text stays as it is; the expressions in it are laid out unless they hold comments.
    private mutating func template(_ template: Template, _ span: Span) throws(CommentCollision) {
        if hasComments(in: span) {
            copyWithComments(span)
            return
        }
        var position = span.start
        for part in template.parts {
            guard case .expression(let expression) = part else { continue }
            let start = Int(expression.span.start)
            var brace = start
            while brace > Int(position), file.text[brace - 1] == 0x20 || file.text[brace - 1] == 0x09 { brace -= 1 }
            // Behind line ends the text stays as it is.
            guard brace > Int(position), file.text[brace - 1] == 0x7B else { continue }
            var end = Int(expression.span.end)
            while end < Int(span.end), file.text[end] == 0x20 || file.text[end] == 0x09 { end += 1 }
            guard end < Int(span.end), file.text[end] == 0x7D, row(expression.span) == endRow(expression.span) else {
                continue
            }
            copy(position, UInt32(truncatingIfNeeded: brace))
            try self.expression(expression)
            position = UInt32(truncatingIfNeeded: end)
        }
        copy(position, span.end)
    }
}

extension Term {
    /// Whether it is written with a sign between operands.
    var isOperator: Bool {
        guard case .call(let call) = kind else { return false }
        if let count = call.membership { return call.arguments.count == count }
        return call.sign != nil && call.arguments.count == 2 && call.simpleName != .eq && call.simpleName != .assign
    }

    var isMembership: Bool {
        guard case .call(let call) = kind, let count = call.membership else { return false }
        return call.arguments.count == count
    }

    /// Whether it is an operator whose left sides go a hundred deep.
    var isLongChain: Bool {
        var term = self
        var length = 0
        while length < 100, case .call(let call) = term.kind, term.isOperator, let left = call.arguments.first {
            length += 1
            term = left
        }
        return length == 100
    }

    /// `key, value in collection`
    var isKeyedMembership: Bool {
        guard case .call(let call) = kind else { return false }
        return call.membership == 3 && call.arguments.count == 3
    }

    /// How tightly the operator at the top of a term binds; terms without one bind tightest.
    var bindingLevel: Int {
        guard case .call(let call) = kind, isOperator else { return 6 }
        return call.bindingLevel
    }

    var isUnion: Bool {
        guard case .call(let call) = kind else { return false }
        return call.isUnion
    }

    /// Whether a union at the beginning of a collection may read as a comprehension though its source did not: an
    /// operator on its left is written in parentheses, and so becomes a single term.
    var readsAsComprehension: Bool {
        guard case .call(let call) = kind, let left = call.arguments.first else { return false }
        return call.isUnion && (!call.isInfix || left.isOperator)
    }
}

extension Call {
    /// How tightly an operator binds: `in`, comparisons, `|`, `&`, `+`, `*`.
    var bindingLevel: Int {
        guard let name = simpleName else { return 0 }
        switch name {
        case .mul, .div, .rem: return 5
        case .plus, .minus: return 4
        case .and: return 3
        case .or: return 2
        case .internal: return 0
        default: return 1
        }
    }
}
