import WritSource

// Rules, their heads and `else`.
extension Formatter {
    mutating func rules(_ rules: ArraySlice<Rule>) {
        var index = rules.startIndex
        while index < rules.endIndex {
            limit = index + 1 < rules.endIndex ? rules[index + 1].span.start : .max
            place(above: rules[index].span)
            ruleStarts.append(text.count)
            write(rules[index])
            let following = index + 1
            if following < rules.endIndex, isGroupable(rules[index]), isGroupable(rules[following]),
                row(rules[following].span) == row(rules[index].span) + 1
            {
                // One-line rules that follow each other without a blank line stay together.
                if isInline { endLine() }
                index = following
                continue
            }
            blankLine()
            index = following
        }
        limit = .max
    }

    private func isGroupable(_ rule: Rule) -> Bool {
        if rule.body?.count ?? 1 > 1 || rule.isDefault { return false }
        return style.usesIf && (style.usesContains || rule.head.key == nil)
    }

    /// A rule with all of its comments.
    ///
    /// When they have no place in the usual layout, the rule is laid out with the comments of calls in their places, then
    /// copied as it is, and where that would not be valid, written below its comments.
    private mutating func write(_ rule: Rule) {
        let extent = extent(of: rule)
        guard hasComment(upTo: endRow(extent)) || pending != nil else {
            // No comment is left that could collide.
            try? plain(rule)
            return
        }
        if hasComments(in: extent) { needsProof = true }
        let start = mark
        if !copiedRules.contains(rule.span.start) {
            if attempt(rule, extent) { return }
            goBack(to: start)
            closesCalls = true
            let isWritten = attempt(rule, extent)
            closesCalls = false
            if isWritten { return }
            goBack(to: start)
        }
        // A further body of `p { .. } { .. }` has no head of its own to copy.
        if style.isSameLanguage, !rule.isChained {
            startLineIfNeeded()
            copyWithComments(extent)
            return
        }
        hoistComments(to: extent)
        try? plain(rule)
    }

    private mutating func attempt(_ rule: Rule, _ extent: Span) -> Bool {
        do throws(CommentCollision) { try plain(rule) } catch {
            guardedDepth = 0
            return false
        }
        // A comment behind the rule on its last row that nothing asked for.
        if hasComment(upTo: endRow(extent)), comments[next].start >= extent.end {
            if !isInline || pending != nil { return false }
            pending = next
            next += 1
            skipTaken()
        }
        return !isOutOfOrder && (next >= comments.count || comments[next].start >= extent.end)
    }

    private mutating func hoistComments(to extent: Span) {
        if isInline { endLine() }
        writeComments(above: endRow(extent) + 1)
    }

    /// All of a rule's text. (The place of a function without body and value is that of its name.)
    func extent(of rule: Rule) -> Span {
        guard rule.body == nil, rule.head.value == nil, rule.head.arguments != nil,
            let end = matchingParenthesis(Int(rule.head.reference.span.end))
        else { return rule.span }
        return Span(
            source: rule.span.source, start: rule.span.start,
            end: max(rule.span.end, UInt32(truncatingIfNeeded: end + 1)))
    }

    // MARK: One rule

    /// A head with a body, as a rule or one of its `else` branches has them.
    struct Clause {
        var rule: Rule
        /// The branch, or nil for the rule itself.
        var branch: Int?

        var body: Body? { branch.map { rule.elseBranches[$0].body } ?? rule.body }
        var value: Term? { branch.map { rule.elseBranches[$0].value } ?? rule.head.value }
        var span: Span { branch.map { rule.elseBranches[$0].span } ?? rule.span }
        var headSpan: Span {
            if let branch { return rule.elseBranches[branch].headSpan }
            return rule.isChained ? rule.span : rule.head.span
        }
        var isAssign: Bool { branch.map { rule.elseBranches[$0].isAssign } ?? rule.head.isAssign }
        var nextBranch: Int? {
            let next = branch.map { $0 + 1 } ?? 0
            return next < rule.elseBranches.count ? next : nil
        }
        /// The body is `true`, written or not.
        var isConstant: Bool {
            guard nextBranch == nil else { return false }
            guard let body else { return true }
            return body.count == 1 && body[0].isTrue
        }
    }

    private mutating func plain(_ rule: Rule) throws(CommentCollision) {
        startLine()
        if rule.isDefault { put("default ") }
        try clause(Clause(rule: rule, branch: nil))
    }

    private mutating func clause(_ first: Clause) throws(CommentCollision) {
        var clause = first
        while true {
            if clause.branch != nil { put("else") }
            if clause.branch == nil { try head(clause) }
            try value(clause)
            if clause.isConstant {
                endLine()
                return
            }
            try body(clause)
            guard let next = clause.nextBranch else { return }
            let parent = clause
            clause = Clause(rule: clause.rule, branch: next)
            try beginElse(clause, behind: parent)
        }
    }

    private mutating func body(_ clause: Clause) throws(CommentCollision) {
        guard let body = clause.body, let first = body.first, let last = body.last else {
            // An implied body before an `else`.
            put(" {")
            endLine()
            level += 1
            startLine()
            put("true")
            endLine()
            level -= 1
            startLine()
            put("}")
            return
        }
        if style.usesIf, style.usesContains || clause.rule.head.key == nil {
            put(" if")
            if body.count == 1, isBesideHead(first, clause) {
                put(" ")
                try expression(first)
                endLine()
                return
            }
        }
        put(" {")
        endLine()
        level += 1
        try lines(body)
        if next < comments.count { try insertComments(closingBrace(behind: last.span)) }
        level -= 1
        startLine()
        put("}")
    }

    private mutating func isBesideHead(_ expression: Expr, _ clause: Clause) -> Bool {
        if expression.isSet { return false }
        return row(expression.span) == row(clause.headSpan)
    }

    /// The row of the `}` that closes a body.
    private mutating func closingBrace(behind last: Span) -> Int {
        row(UInt32(truncatingIfNeeded: skipBlanks(Int(last.end), alsoSemicolons: true)))
    }

    private mutating func beginElse(_ clause: Clause, behind parent: Clause) throws(CommentCollision) {
        let place = row(clause.span)
        let isBehindBrace = place > row(parent.span) && !isFirstOnLine(clause.span.start)
        let isCommented = pending != nil || hasComment(upTo: place - 1)
        if !isCommented, isBehindBrace, isInline {
            put(" ")
        } else {
            blankLine()
            startLine()
        }
        try insertComments(place)
        startLineIfNeeded()
    }

    /// Whether only blanks stand before an offset on its line.
    private func isFirstOnLine(_ offset: UInt32) -> Bool {
        var index = min(Int(offset), file.text.count)
        while index > 0 {
            index -= 1
            switch file.text[index] {
            case 0x0A: return true
            case 0x20, 0x09, 0x0D: continue
            default: return false
            }
        }
        return true
    }

    // MARK: Heads

    private mutating func head(_ clause: Clause) throws(CommentCollision) {
        let head = clause.rule.head
        let reference = head.reference
        if style.hasReferenceHeads || reference.parts.isEmpty {
            try self.reference(reference)
        } else {
            try insertComments(reference.head.span)
            if let name = reference.headName { put(name) }
            for part in reference.parts {
                put("[")
                try term(part)
                put("]")
            }
        }
        if let arguments = head.arguments, !arguments.isEmpty {
            put("(")
            try list(
                arguments, from: row(clause.headSpan), start: reference.span.end,
                close: .parenthesis(reference.span.end), parenthesizesUnions: false)
            put(")")
        }
        guard let key = head.key else { return }
        if style.usesContains {
            put(" contains ")
            try term(key)
        } else {
            put("[")
            try term(key)
            put("]")
        }
    }

    private mutating func value(_ clause: Clause) throws(CommentCollision) {
        let head = clause.rule.head
        if head.key != nil { return }
        let hasKey = self.hasKey(clause.rule)
        let isTrue = clause.value?.isTrue ?? true
        guard hasKey || !isTrue || clause.isConstant || clause.rule.isDefault || keepsTrue(clause) else { return }
        let isConstantOfV1 = style.isV1 && clause.isConstant && !hasKey && head.arguments == nil
        if clause.value == nil, clause.branch == nil, !isConstantOfV1, isSilent(clause.rule) { return }
        put(clause.isAssign || style.isV1 ? " := " : " = ")
        guard let value = clause.value else {
            put("true")
            return
        }
        try term(value)
    }

    /// Whether `true` is kept though it says nothing: `p["k"] = true { .. }` of v0 keeps it, and so do the forms with `if`
    /// that it is turned into.
    private func keepsTrue(_ clause: Clause) -> Bool {
        options.target != .v1 && clause.branch == nil && clause.value != nil && clause.rule.head.arguments == nil
            && clause.rule.head.reference.parts.count == 1
    }

    /// Whether a head without a value is written without one even if the rule holds always: `f(1)` and the like.
    private func isSilent(_ rule: Rule) -> Bool {
        // `p["k"] if true` has to say `= true`: without `if` it would be a set in v0.
        if rule.body == nil { return true }
        guard rule.hasIf, rule.head.arguments == nil, rule.head.reference.parts.count == 1 else { return false }
        return style.isV1 || !Clause(rule: rule, branch: nil).isConstant
    }

    /// Whether the head counts as one with a key: `p[k] = v` in v0, `p[x]` with a variable behind `if`.
    private func hasKey(_ rule: Rule) -> Bool {
        let head = rule.head
        guard head.key == nil, head.arguments == nil, !rule.isDefault, head.reference.parts.count == 1 else {
            return false
        }
        guard rule.hasIf else { return true }
        if case .ref = head.reference.parts[0].kind { return true }
        return !head.reference.parts[0].isGround
    }
}

extension Expr {
    /// `true` alone.
    var isTrue: Bool {
        guard !isNegated, with.isEmpty, case .term(let term) = kind else { return false }
        return term.isTrue
    }

    /// A set alone, whose braces must not become those of a body.
    var isSet: Bool {
        guard !isNegated, case .term(let term) = kind, case .set = term.kind else { return false }
        return true
    }
}

extension Term {
    var isTrue: Bool {
        if case .bool(true) = kind { return true }
        return false
    }
}
