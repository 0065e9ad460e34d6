import WritSource

// Bodies and the expressions in them.
extension Formatter {
    /// The expressions of a body, each on lines of its own.
    mutating func lines(_ body: Body) throws(CommentCollision) {
        guard let first = body.first else { return }
        try insertComments(first.span)
        var lastRow: Int?
        for expression in body {
            // A gap of the source stays, as one blank line.
            if let lastRow, row(expression.span) > lastRow + 1 { blankLine() }
            startLine()
            try self.expression(expression)
            endLine()
            lastRow = endRow(expression.span)
        }
    }

    /// A body within braces or brackets: on the line of `place` if it stands there, otherwise on lines of its own.
    ///
    /// Gives whether it is on one line. `last` is the offset of the closing bracket.
    @discardableResult
    mutating func bracedBody(_ body: Body, _ place: Int, last: UInt32) throws(CommentCollision) -> Bool {
        guard let first = body.first else { return true }
        if row(first.span) > place || hasSeveralRows(body) {
            endLine()
            level += 1
            try lines(body)
            if next < comments.count { try insertComments(row(last)) }
            level -= 1
            startLine()
            return false
        }
        put(" ")
        for (index, expression) in body.enumerated() {
            if index > 0 { put("; ") }
            try self.expression(expression)
        }
        if next < comments.count { try insertComments(row(last)) }
        return true
    }

    private mutating func hasSeveralRows(_ body: Body) -> Bool {
        if body.count < 2 || style.hasGeneratedNames && GeneratedNames(names).any(in: body) { return false }
        let first = row(body[0].span)
        for expression in body.dropFirst() where row(expression.span) > first { return true }
        return false
    }

    mutating func expression(_ expression: Expr) throws(CommentCollision) {
        try insertComments(expression.span)
        startLineIfNeeded()
        if expression.isNegated { put("not ") }
        switch expression.kind {
        case .term(let term): try self.term(term)
        case .call(let call): try statement(call)
        case .some(let declaration): try some(declaration, expression.span)
        case .every(let every): try self.every(every, expression.span)
        case .not(let not): try self.not(not, expression.span)
        case .and(let logical): try self.logical(logical, " and ", isOr: false)
        case .or(let logical): try self.logical(logical, " or ", isOr: true)
        }
        if !expression.with.isEmpty { try with(expression) }
    }

    // MARK: with

    private mutating func with(_ expression: Expr) throws(CommentCollision) {
        var lastRow = termsEndRow(expression)
        var isIndented = false
        for (index, with) in expression.with.enumerated() {
            let place = row(with.span)
            if index == 0 ? place != lastRow : place > lastRow {
                if !isIndented { level += 1 }
                isIndented = true
                endLine()
                startLine()
                try insertComments(place)
                startLineIfNeeded()
            } else {
                try insertComments(place)
                startLineIfNeeded()
                put(" ")
            }
            lastRow = max(lastRow, place)
            put("with ")
            try self.target(with.target)
            put(" as ")
            try term(with.value)
        }
        if isIndented { level -= 1 }
    }

    private mutating func target(_ target: Ref) throws(CommentCollision) {
        try insertComments(target.span)
        try reference(target)
    }

    /// The row on which an expression ends before its first `with`.
    private mutating func termsEndRow(_ expression: Expr) -> Int {
        guard let first = expression.with.first else { return endRow(expression.span) }
        var end = Int(first.span.start)
        while end > Int(expression.span.start) {
            switch file.text[end - 1] {
            case 0x20, 0x09, 0x0D, 0x0A: end -= 1
            default: return row(UInt32(truncatingIfNeeded: end - 1))
            }
        }
        return row(expression.span)
    }

    // MARK: some, every

    private mutating func some(_ declaration: SomeDeclaration, _ span: Span) throws(CommentCollision) {
        put("some ")
        switch declaration {
        case .membership(let key, let value, let collection, _):
            if let key {
                try operand(key)
                put(", ")
            }
            try operand(value)
            put(" in ")
            try operand(collection)
        case .names(let terms):
            var lastRow = row(span)
            for (index, term) in terms.enumerated() {
                let place = row(term.span)
                if place > lastRow {
                    endLine()
                    startLine()
                    put("\t")
                    lastRow = place
                } else if index > 0 {
                    put(" ")
                }
                try self.term(term)
                if index < terms.count - 1 { put(",") }
            }
        }
    }

    private mutating func every(_ every: Every, _ span: Span) throws(CommentCollision) {
        put("every ")
        if let key = every.key {
            try term(key)
            put(", ")
        }
        try term(every.value)
        put(" in ")
        try term(every.domain)
        put(" {")
        let place = row(every.span)
        try bracedBody(every.body, place, last: every.span.end - 1)
        if every.body.count == 1, row(every.body[0].span) == place { put(" ") }
        put("}")
    }

    // MARK: not, and, or (imported)

    private mutating func not(_ not: Not, _ span: Span) throws(CommentCollision) {
        put("not ")
        guard not.isExplicit || not.body.count > 1 else {
            guard let expression = not.body.first else { return }
            let needsParentheses = expression.beginsWithBrace || expression.isLogical || !expression.with.isEmpty
            if needsParentheses { put("(") }
            try self.expression(expression)
            if needsParentheses { put(")") }
            return
        }
        try operandBody(not.body, row(span))
    }

    /// A body in braces as an operand.
    private mutating func operandBody(_ body: Body, _ place: Int) throws(CommentCollision) {
        guard let first = body.first, let last = body.last else { return }
        // At its beginning a union would read as a comprehension.
        var body = body
        put("{")
        if case .call(let call) = first.kind, call.isUnion, !first.isNegated {
            let closing = UInt32(truncatingIfNeeded: skipBlanks(Int(last.span.end), alsoSemicolons: true))
            if row(first.span) > place {
                endLine()
                level += 1
                startLine()
                try union(first)
                endLine()
                body.removeFirst()
                try lines(body)
                if next < comments.count { try insertComments(row(closing)) }
                level -= 1
                startLine()
            } else {
                put(" ")
                try union(first)
                for expression in body.dropFirst() {
                    put("; ")
                    try self.expression(expression)
                }
                put(" ")
            }
            put("}")
            return
        }
        let closing = UInt32(truncatingIfNeeded: skipBlanks(Int(last.span.end), alsoSemicolons: true))
        if try bracedBody(body, place, last: closing) { put(" ") }
        put("}")
    }

    private mutating func union(_ expression: Expr) throws(CommentCollision) {
        put("(")
        try self.expression(expression)
        put(")")
    }

    private mutating func logical(_ logical: Logical, _ sign: StaticString, isOr: Bool) throws(CommentCollision) {
        try side(logical.left, logical.isLeftExplicit, isOr: isOr, isRight: false)
        put(sign)
        try side(logical.right, logical.isRightExplicit, isOr: isOr, isRight: true)
    }

    private mutating func side(
        _ body: Body, _ isExplicit: Bool, isOr: Bool, isRight: Bool
    ) throws(CommentCollision) {
        guard let first = body.first else { return }
        if isExplicit || body.count > 1 {
            try operandBody(body, openingRow(before: first.span))
            return
        }
        var needsParentheses = first.beginsWithBrace || !first.with.isEmpty
        switch first.kind {
        case .or: needsParentheses = !isOr || isRight
        case .and: needsParentheses = needsParentheses || !isOr && isRight
        default: break
        }
        if needsParentheses { put("(") }
        try expression(first)
        if needsParentheses { put(")") }
    }

    /// The row of the `{` before a body's first expression.
    private mutating func openingRow(before span: Span) -> Int {
        var index = min(Int(span.start), file.text.count)
        while index > 0, file.text[index - 1] != 0x7B { index -= 1 }
        return row(UInt32(truncatingIfNeeded: index))
    }
}

extension Expr {
    /// `and` or `or`.
    var isLogical: Bool {
        switch kind {
        case .and, .or: true
        default: false
        }
    }

    /// Whether the text begins with a brace, which an operand would read as that of a body.
    var beginsWithBrace: Bool {
        if isNegated { return false }
        switch kind {
        case .term(let term): return term.beginsWithBrace
        case .call(let call):
            guard call.sign != nil || call.membership != nil else { return false }
            let first = call.arguments.count == 3 && call.membership == nil ? call.arguments.last : call.arguments.first
            return first?.beginsWithBrace ?? false
        case .and(let logical), .or(let logical): return logical.isLeftExplicit
        case .some, .every, .not: return false
        }
    }
}

extension Term {
    var beginsWithBrace: Bool {
        switch kind {
        case .set(let terms): !terms.isEmpty
        case .object, .setComprehension, .objectComprehension: true
        case .ref(let ref): ref.head.beginsWithBrace
        case .call(let call):
            // Written between its operands: those have parentheses if they are operators themselves.
            call.sign != nil && (call.arguments.first?.beginsWithBrace ?? false)
        default: false
        }
    }
}
