import WritSource

// The statements of a module: package, imports, rules.
extension Formatter {
    mutating func module(_ module: Module) {
        prepareComments(module)
        style = FormatStyle(module, names, options)
        write(module.package)
        var lines = importLines(module)
        sortByPlace(&lines)
        // Imports and rules come in the order of the source; imports may stand between rules.
        var nextImport = 0
        var nextRule = 0
        while nextImport < lines.count || nextRule < module.rules.count {
            let limit = nextRule < module.rules.count ? module.rules[nextRule].span.start : .max
            let firstImport = nextImport
            while nextImport < lines.count, lines[nextImport].place < limit { nextImport += 1 }
            if nextImport > firstImport { imports(lines[firstImport..<nextImport]) }
            let bound = nextImport < lines.count ? lines[nextImport].place : .max
            let firstRule = nextRule
            while nextRule < module.rules.count, module.rules[nextRule].span.start <= bound { nextRule += 1 }
            if nextRule == firstRule, nextImport == firstImport { break }
            rules(module.rules[firstRule..<nextRule])
        }
        if isInline { endLine() }
        writeComments(above: .max, keepsGaps: false)
        finishText()
    }

    private mutating func finishText() {
        if isInline || pending != nil { endLine() }
        while text.count > 1, text[text.count - 1] == 0x0A, text[text.count - 2] == 0x0A { text.removeLast() }
    }

    private mutating func prepareComments(_ module: Module) {
        comments.reserveCapacity(module.comments.count)
        for comment in module.comments {
            var end = comment.span.end
            while end > comment.span.start + 1 {
                let width = blankWidth(before: end, from: comment.span.start + 1)
                if width == 0 { break }
                end -= width
            }
            comments.append(
                FormatComment(
                    start: comment.span.start, end: end, row: row(comment.span),
                    isMetadata: isMetadata(comment.span.start, end)))
        }
        cursorToStart()
    }

    private mutating func cursorToStart() { _ = row(0) }

    /// The width of the blank character that ends at `end`; 0 if there is none.
    private func blankWidth(before end: UInt32, from start: UInt32) -> UInt32 {
        let text = file.text
        let last = Int(end) - 1
        switch text[last] {
        case 0x09...0x0D, 0x20: return 1
        default: break
        }
        // U+0085, U+00A0
        if end >= start + 2, text[last - 1] == 0xC2, text[last] == 0x85 || text[last] == 0xA0 { return 2 }
        guard end >= start + 3 else { return 0 }
        switch (text[last - 2], text[last - 1], text[last]) {
        case (0xE1, 0x9A, 0x80), (0xE2, 0x80, 0x80...0x8A), (0xE2, 0x80, 0xA8...0xA9), (0xE2, 0x80, 0xAF),
            (0xE2, 0x81, 0x9F), (0xE3, 0x80, 0x80):
            return 3
        default: return 0
        }
    }

    private func isMetadata(_ start: UInt32, _ end: UInt32) -> Bool {
        var index = Int(start) + 1
        while index < Int(end), file.text[index] == 0x20 || file.text[index] == 0x09 { index += 1 }
        let word: StaticString = "METADATA"
        guard Int(end) - index == word.utf8CodeUnitCount else { return false }
        return word.withUTF8Buffer { bytes in
            for (offset, byte) in bytes.enumerated() where file.text[index + offset] != byte { return false }
            return true
        }
    }

    private mutating func write(_ package: Package) {
        place(above: package.span)
        startLine()
        put("package ")
        if let first = package.path.parts.first, case .string(let name) = first.kind { put(name) }
        path(package.path.parts.dropFirst(), style.keywords)
        blankLine()
    }

    /// The comments above a statement, and the one on its first row.
    mutating func place(above span: Span) {
        do throws(CommentCollision) { try insertComments(span) } catch {
            // Nothing waits between statements; a second comment on the row is left for the statement's end.
        }
    }

    /// The parts of a path of strings.
    mutating func path(_ parts: ArraySlice<Term>, _ keywords: FormatKeywords) {
        for part in parts {
            if case .string(let name) = part.kind { stringPart(name, part.span, keywords) }
        }
    }

    // MARK: Imports

    struct ImportLine {
        var path: Ref
        var alias: Name?
        var row: Int
        /// Where it stands among imports and rules.
        var place: UInt32
        /// The comment on its row.
        var comment: Int?
    }

    private mutating func importLines(_ module: Module) -> [ImportLine] {
        var lines: [ImportLine] = []
        for `import` in module.imports {
            lines.append(
                ImportLine(
                    path: `import`.path, alias: `import`.alias, row: row(`import`.span), place: `import`.span.start))
        }
        switch options.target {
        case .v1: if options.dropsV0Imports { lines.removeAll { isRegoV1($0.path) } }
        case .v0v1: if !lines.contains(where: { isRegoV1($0.path) }) { lines.append(newImport(.rego, [.v1])) }
        case .v0: break
        }
        let hasRegoV1 = lines.contains { isRegoV1($0.path) }
        if options.target != .v0 || hasRegoV1 {
            if options.dropsV0Imports || hasRegoV1 { lines.removeAll { $0.path.headName == .future } }
            // What v1 does not bring must stay imported.
            for keyword in style.usedKeywords where !keyword.isKeyword(in: .v1) || keyword == .not {
                ensure(keyword, &lines)
            }
        } else {
            for keyword in style.usedKeywords { ensure(keyword, &lines) }
        }
        return lines
    }

    private func isRegoV1(_ path: Ref) -> Bool { Import(path: path, alias: nil, span: path.span).isRegoV1 }

    private mutating func ensure(_ keyword: Name, _ lines: inout [ImportLine]) {
        for line in lines where line.path.headName == .future {
            guard line.path.parts.count == 2, case .string(let name) = line.path.parts[1].kind else { return }
            if name == keyword || name == .every && keyword == .in { return }
        }
        lines.append(newImport(.future, [.keywords, keyword]))
    }

    /// An import that the source does not have counts as standing on the first row.
    private func newImport(_ head: Name, _ parts: [Name]) -> ImportLine {
        let path = Ref(
            head: Term(.variable(head), .none), parts: parts.map { Term(.string($0), .none) }, span: .none)
        return ImportLine(path: path, alias: nil, row: 1, place: 0)
    }

    private func sortByPlace(_ lines: inout [ImportLine]) {
        // Only new imports are out of place, at the end.
        guard let last = lines.last, last.place == 0 else { return }
        let moved = lines.filter { $0.place == 0 }
        lines.removeAll { $0.place == 0 }
        lines.insert(contentsOf: moved, at: 0)
    }

    private mutating func imports(_ list: ArraySlice<ImportLine>) {
        var lines = Array(list)
        takeComments(&lines)
        var start = 0
        while start < lines.count {
            var end = start + 1
            while end < lines.count, lines[end].row - lines[end - 1].row <= 1 { end += 1 }
            let first = lines[start]
            if first.place > 0 || first.row > 1 {
                do throws(CommentCollision) { try insertComments(first.row) } catch {}
            }
            for line in sorted(lines[start..<end]) { write(line) }
            text.append(0x0A)
            start = end
        }
    }

    /// Ties the comments on the rows of imports to them.
    private mutating func takeComments(_ lines: inout [ImportLine]) {
        var index = next
        for position in lines.indices where lines[position].place > 0 || lines[position].row > 1 {
            while index < comments.count, comments[index].row < lines[position].row { index += 1 }
            guard index < comments.count, comments[index].row == lines[position].row, !comments[index].isTaken
            else { continue }
            comments[index].isTaken = true
            lines[position].comment = index
        }
        skipTaken()
    }

    private func sorted(_ lines: ArraySlice<ImportLine>) -> [ImportLine] {
        let indices = lines.indices.sorted { left, right in
            let order = compare(lines[left], lines[right])
            return order != 0 ? order < 0 : left < right
        }
        return indices.map { lines[$0] }
    }

    private func compare(_ left: ImportLine, _ right: ImportLine) -> Int {
        let paths = names.compare(Term(.ref(left.path), .none), Term(.ref(right.path), .none))
        if paths != 0 { return paths }
        return names.compare(left.alias ?? .empty, right.alias ?? .empty)
    }

    private mutating func write(_ line: ImportLine) {
        startLine()
        put("import ")
        if let head = line.path.headName { put(head) }
        path(line.path.parts[...], line.path.headName == .future ? .none : style.keywords)
        if let alias = line.alias {
            put(" as ")
            variable(alias)
        }
        if let comment = line.comment {
            text.append(0x20)
            copy(comments[comment].start, comments[comment].end)
        }
        endLine()
    }
}
