import WritSource

// Arrays, sets, objects, arguments and comprehensions.
extension Formatter {
    /// Where a list closes.
    enum Closing {
        /// The bracket is the last byte before the offset.
        case at(UInt32)
        /// The parenthesis that matches the one at the offset.
        case parenthesis(UInt32)
        /// Comments before the bracket are not written there.
        case nowhere
    }

    /// Elements apart by commas: on one line if they stand on one in the source, otherwise as lines of theirs.
    ///
    /// `opening` is the row of what comes before, `start` the offset of the opening bracket.
    mutating func list(
        _ elements: [Term], from opening: Int, start: UInt32, close: Closing, parenthesizesUnions: Bool
    ) throws(CommentCollision) {
        guard !elements.isEmpty else {
            try sequence(0, rowOf: { _, _ in 0 }, opening, close, isFlat: true) { (_, _) throws(CommentCollision) in }
            return
        }
        let isFlat = style.hasGeneratedNames && GeneratedNames(names).any(in: elements)
        var boundary = start + 1
        try sequence(
            elements.count, rowOf: { formatter, index in formatter.row(elements[index].span) }, opening, close,
            isFlat: isFlat
        ) { (formatter, index) throws(CommentCollision) in
            let element = elements[index]
            guard element.isUnion else {
                try formatter.term(element)
                boundary = element.span.end
                return
            }
            let isParenthesized =
                formatter.opensParenthesis(behind: boundary, isFirst: index == 0)
                || parenthesizesUnions && index == 0 && element.readsAsComprehension
            boundary = element.span.end
            try formatter.term(element, parenthesized: isParenthesized)
        }
    }

    /// Whether an element behind a bracket or another element begins with a parenthesis of its own.
    func opensParenthesis(behind boundary: UInt32, isFirst: Bool) -> Bool {
        var index = Int(boundary)
        if !isFirst {
            // Behind the element before come its closing parentheses and the comma.
            while true {
                index = skipBlanks(index)
                guard index < file.text.count, file.text[index] == 0x29 else { break }
                index += 1
            }
            guard index < file.text.count, file.text[index] == 0x2C || file.text[index] == 0x3A else { return false }
            index += 1
        }
        index = skipBlanks(index)
        return index < file.text.count && file.text[index] == 0x28
    }

    private mutating func sequence(
        _ count: Int, rowOf: (inout Formatter, Int) -> Int, _ opening: Int, _ close: Closing, isFlat: Bool,
        _ write: (inout Formatter, Int) throws(CommentCollision) -> Void
    ) throws(CommentCollision) {
        var rows: [Int] = []
        var hasSeveralLines = false
        if !isFlat, count > 1 {
            rows.reserveCapacity(count)
            for index in 0..<count {
                let row = rowOf(&self, index)
                if let last = rows.last, row > last { hasSeveralLines = true }
                rows.append(row)
            }
        }
        guard hasSeveralLines else {
            // Comments between the brackets keep the lines of the source as they are.
            if next < comments.count, let last = closingRow(close), comments[next].row < last,
                comments[next].row > opening
            {
                throw CommentCollision()
            }
            for index in 0..<count {
                if index > 0 { put(", ") }
                try write(&self, index)
            }
            return
        }
        // A comment behind the opening bracket goes behind the first line.
        keepsPending = true
        endLine()
        level += 1
        startLine()
        for index in 0..<count {
            if index > 0 {
                if rows[index] > rows[index - 1] {
                    put(",")
                    endLine()
                    startLine()
                } else {
                    put(", ")
                }
            }
            try write(&self, index)
        }
        put(",")
        endLine()
        if next < comments.count, let row = closingRow(close) { try insertComments(row) }
        level -= 1
        startLine()
    }

    private mutating func closingRow(_ close: Closing) -> Int? {
        switch close {
        case .at(let end): row(end > 0 ? end - 1 : 0)
        case .parenthesis(let start): matchingParenthesis(Int(start)).map { row(UInt32(truncatingIfNeeded: $0)) }
        case .nowhere: nil
        }
    }

    // MARK: Sets and objects

    mutating func set(_ terms: [Term], _ span: Span) throws(CommentCollision) {
        if terms.isEmpty {
            put("set()")
            if next < comments.count { try insertComments(endRow(span)) }
            return
        }
        put("{")
        try list(
            distinct(terms), from: row(span), start: span.start, close: .at(span.end), parenthesizesUnions: true)
        put("}")
    }

    /// The elements of a set, each once, in their order.
    private func distinct(_ terms: [Term]) -> [Term] {
        if style.hasGeneratedNames, GeneratedNames(names).any(in: terms) { return names.sorted(terms) }
        let sorted = names.sorted(terms)
        if sorted.count == terms.count { return terms }
        return sorted.sorted { $0.span.start < $1.span.start }
    }

    mutating func object(_ written: [ObjectEntry], _ span: Span) throws(CommentCollision) {
        var entries = written
        if entries.count > 1 {
            let sorted = names.sorted(entries)
            if sorted.count < entries.count { entries = sorted.sorted { $0.key.span.start < $1.key.span.start } }
        }
        try sequence(
            entries.count, rowOf: { formatter, index in formatter.row(entries[index].key.span) }, row(span),
            .at(span.end), isFlat: false
        ) { (formatter, index) throws(CommentCollision) in
            let entry = entries[index]
            try formatter.term(entry.key, parenthesized: entry.key.isUnion)
            formatter.put(": ")
            try formatter.term(
                entry.value,
                parenthesized: entry.value.isUnion
                    && (index == 0 && entry.value.readsAsComprehension
                        || formatter.opensParenthesis(behind: entry.key.span.end, isFirst: false))
            )
        }
    }

    // MARK: Comprehensions

    /// The element and the body of a comprehension; `place` is the row on which the element counts as standing.
    mutating func comprehension(_ term: Term, _ body: Body, _ span: Span, _ place: Int) throws(CommentCollision) {
        if place > row(span) {
            endLine()
            startLine()
        }
        try self.term(term, parenthesized: true)
        put(" |")
        try bracedBody(body, place, last: span.end - 1)
    }

    mutating func objectComprehension(
        _ key: Term, _ value: Term, _ body: Body, _ span: Span
    ) throws(CommentCollision) {
        try term(key, parenthesized: key.isUnion)
        put(": ")
        // Key and value stay on the line of the brace.
        try comprehension(value, body, span, row(span))
    }

    // MARK: The text between nodes

    /// The first offset from `index` on that is neither blank nor in a comment.
    func skipBlanks(_ index: Int, alsoSemicolons: Bool = false) -> Int {
        var index = index
        while index < file.text.count {
            switch file.text[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            case 0x3B where alsoSemicolons: index += 1
            case 0x23:
                while index < file.text.count, file.text[index] != 0x0A { index += 1 }
            default: return index
            }
        }
        return index
    }

    /// The parenthesis that closes the one at an offset.
    func matchingParenthesis(_ start: Int) -> Int? {
        guard start < file.text.count, file.text[start] == 0x28 else { return nil }
        var depth = 0
        var index = start
        while index < file.text.count {
            switch file.text[index] {
            case 0x28: depth += 1
            case 0x29:
                depth -= 1
                if depth == 0 { return index }
            case 0x23:
                while index < file.text.count, file.text[index] != 0x0A { index += 1 }
                continue
            case 0x22, 0x60: index = stringEnd(index)
            default: break
            }
            index += 1
        }
        return nil
    }

    /// The offset of the quote that ends the string that begins at an offset.
    func stringEnd(_ start: Int) -> Int {
        let quote = file.text[start]
        var index = start + 1
        while index < file.text.count, file.text[index] != quote {
            if quote == 0x22, file.text[index] == 0x5C { index += 1 }
            index += 1
        }
        return index
    }
}

/// Looks for variables named like those that compilers make.
struct GeneratedNames {
    let names: NameTable

    init(_ names: NameTable) { self.names = names }

    func any(in terms: [Term]) -> Bool { terms.contains { any(in: $0) } }

    func any(in body: Body) -> Bool { body.contains { any(in: $0) } }

    func any(in ref: Ref) -> Bool { any(in: ref.head) || any(in: ref.parts) }

    func any(in call: Call) -> Bool { any(in: call.function) || any(in: call.arguments) }

    func any(in expression: Expr) -> Bool {
        if expression.with.contains(where: { any(in: $0.target) || any(in: $0.value) }) { return true }
        switch expression.kind {
        case .term(let term): return any(in: term)
        case .call(let call): return any(in: call)
        case .some(.names(let terms)): return any(in: terms)
        case .some(.membership(let key, let value, let collection, _)):
            return key.map { any(in: $0) } ?? false || any(in: value) || any(in: collection)
        case .every(let every):
            return every.key.map { any(in: $0) } ?? false || any(in: every.value) || any(in: every.domain)
                || any(in: every.body)
        case .not(let not): return any(in: not.body)
        case .and(let logical), .or(let logical): return any(in: logical.left) || any(in: logical.right)
        }
    }

    func any(in term: Term) -> Bool {
        switch term.kind {
        case .null, .bool, .number, .string: return false
        case .variable(let name): return isGenerated(name)
        case .ref(let ref): return any(in: ref)
        case .array(let terms), .set(let terms): return any(in: terms)
        case .object(let entries): return entries.contains { any(in: $0.key) || any(in: $0.value) }
        case .arrayComprehension(let term, let body), .setComprehension(let term, let body):
            return any(in: term) || any(in: body)
        case .objectComprehension(let key, let value, let body):
            return any(in: key) || any(in: value) || any(in: body)
        case .call(let call): return any(in: call)
        case .template(let template):
            return template.parts.contains { part in
                if case .expression(let expression) = part { return any(in: expression) }
                return false
            }
        }
    }

    private func isGenerated(_ name: Name) -> Bool {
        let prefix: StaticString = "__local"
        return prefix.withUTF8Buffer { bytes in
            let text = names[name]
            return text.count >= bytes.count && zip(text, bytes).allSatisfy { $0 == $1 }
        }
    }
}
