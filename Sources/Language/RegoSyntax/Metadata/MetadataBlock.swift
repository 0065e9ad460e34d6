import WritSource

/// The comments behind a `# METADATA` line, as lines of YAML.
struct MetadataBlock {
    /// A range of the parser's comments, the `# METADATA` line first.
    let comments: Range<Int>
    let span: Span
    /// The place of the `# METADATA` line alone.
    let markSpan: Span
    /// The text behind each `#`, without the blank that usually follows it.
    let lines: [ArraySlice<UInt8>]

    /// What the reader of YAML gets.
    var text: [UInt8] {
        var text: [UInt8] = []
        for line in lines {
            text.append(contentsOf: line)
            text.append(0x0A)
        }
        return text
    }

    /// Whether there is nothing but white space.
    var isBlank: Bool {
        lines.allSatisfy { line in line.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) } }
    }

    /// Where a member of the block's outermost mapping stands.
    struct Member {
        /// The number of the line (from 1) on which the value begins.
        var line: Int
        /// What follows the colon, without blanks around it and a comment behind it; empty if it is not a plain scalar
        /// on the key's own line.
        var scalar: ArraySlice<UInt8>
    }

    /// Looks for a key at the start of a line. A block in braces has none: then it is the first line.
    func member(_ key: StaticString) -> Member {
        let key = key.withUTF8Buffer { Array($0) }
        for (number, line) in lines.enumerated() {
            let rest = line.drop { $0 == 0x20 }
            guard rest.starts(with: key) else { continue }
            let behind = rest.dropFirst(key.count)
            guard behind.first == 0x3A else { continue }
            return member(behind.dropFirst(), number)
        }
        return Member(line: 1, scalar: [])
    }

    private func member(_ text: ArraySlice<UInt8>, _ number: Int) -> Member {
        var value = text.drop { $0 == 0x20 || $0 == 0x09 }
        if let mark = value.indices.first(where: {
            value[$0] == 0x23 && (value[$0 - 1] == 0x20 || $0 == text.startIndex)
        }) {
            value = value[..<mark]
        }
        while value.last == 0x20 || value.last == 0x09 { value.removeLast() }
        if !value.isEmpty { return Member(line: number + 1, scalar: value) }
        let next = lines.indices.dropFirst(number + 1).first { !lines[$0].allSatisfy { $0 == 0x20 } }
        return Member(line: (next ?? number) + 1, scalar: [])
    }

    /// The number of the line (from 1) that is the first with text.
    var firstLine: Int { (lines.firstIndex { !$0.allSatisfy { $0 == 0x20 } } ?? 0) + 1 }
}

extension Parser {
    /// The comment blocks that begin with `# METADATA` at the start of a line. A block goes on with the comments at the
    /// start of the lines right below it.
    func metadataBlocks() -> [MetadataBlock] {
        var result: [MetadataBlock] = []
        var index = 0
        while index < comments.count {
            guard isMetadata(comments[index]) else {
                index += 1
                continue
            }
            let first = index
            index += 1
            while index < comments.count, continues(comments[index - 1], comments[index]) { index += 1 }
            let lines = comments[(first + 1)..<index].map { comment in
                let text = file.bytes(of: comment.textSpan)
                return text.first == 0x20 ? text.dropFirst() : text
            }
            result.append(
                MetadataBlock(
                    comments: first..<index, span: comments[first].span.union(comments[index - 1].span),
                    markSpan: comments[first].span, lines: lines))
        }
        return result
    }

    private func isMetadata(_ comment: Comment) -> Bool {
        guard isAtLineStart(comment) else { return false }
        let text = file.bytes(of: comment.textSpan).drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
        return text.starts(with: Array("METADATA".utf8))
    }

    private func isAtLineStart(_ comment: Comment) -> Bool {
        let start = Int(comment.span.start)
        return start == 0 || file.text[start - 1] == 0x0A
    }

    private func continues(_ previous: Comment, _ next: Comment) -> Bool {
        isAtLineStart(next) && file.row(at: previous.span.start) + 1 == file.row(at: next.span.start)
            && !isMetadata(next)
    }

    // MARK: Reading

    /// Reads all blocks; problems are reported as errors of the parser.
    mutating func readMetadata() -> [(block: MetadataBlock, fields: MetadataFields)] {
        guard let readYAML = options.readYAML else { return [] }
        var result: [(block: MetadataBlock, fields: MetadataFields)] = []
        for block in metadataBlocks() {
            if block.isBlank {
                error("expected METADATA block, found whitespace", at: block.markSpan)
                continue
            }
            switch readYAML(block.text) {
            case .failure(let message): report(yaml: message, block)
            case .json(let json):
                guard let value = MetadataJSON.read(json, at: block.span, &lexer.names) else {
                    report(yaml: "yaml: value is too deep", block)
                    continue
                }
                if let fields = fields(of: value, block) { result.append((block, fields)) }
            }
        }
        return result
    }

    private mutating func fields(of value: Term, _ block: MetadataBlock) -> MetadataFields? {
        var fields = MetadataFields(block: block)
        fields.decode(value, lexer.names)
        if !fields.typeErrors.isEmpty {
            var message = "yaml: unmarshal errors:"
            for (line, text) in fields.typeErrors.sorted(by: { $0.line < $1.line }) {
                message += "\n  line \(line): " + text
            }
            report(yaml: message, block)
            return nil
        }
        if let problem = fields.interpret(&lexer.names) {
            error(problem, at: block.markSpan)
            return nil
        }
        return fields
    }

    /// Reports what is wrong with the YAML itself, at the line that the message names.
    private mutating func report(yaml message: String, _ block: MetadataBlock) {
        var place = block.markSpan
        let first = block.comments.lowerBound + 1
        if first < block.comments.upperBound {
            // OPA takes the line's number, counted from 1, for one that is counted from 0.
            let line = Self.line(namedBy: message) ?? 0
            place = comments[min(first + line, block.comments.upperBound - 1)].span
        }
        error(message + hints(block), at: place)
    }

    /// The number in `yaml: line 3: ...` or in the first line of a list of type errors.
    private static func line(namedBy message: String) -> Int? {
        var rest = Array(message.utf8)[...]
        func take(_ text: StaticString) -> Bool {
            let bytes = text.withUTF8Buffer { Array($0) }
            guard rest.starts(with: bytes) else { return false }
            rest = rest.dropFirst(bytes.count)
            return true
        }
        guard take("yaml:") else { return nil }
        if take(" unmarshal errors:") { rest = rest.drop { $0 == 0x20 || $0 == 0x0A } } else { _ = take(" ") }
        guard take("line ") else { return nil }
        var number = 0
        var count = 0
        while let byte = rest.first, byte &- 0x30 < 10, count < 9 {
            number = number * 10 + Int(byte - 0x30)
            count += 1
            rest.removeFirst()
        }
        return count > 0 && rest.first == 0x3A ? number : nil
    }

    /// Advice for lines where a colon is followed by something that does not separate a key from its value.
    private func hints(_ block: MetadataBlock) -> String {
        var result = ""
        for comment in comments[block.comments].dropFirst() {
            let text = file.bytes(of: comment.textSpan)
            var symbols: [String] = []
            var rest = text
            while let colon = rest.firstIndex(of: 0x3A) {
                rest = rest[(colon + 1)...]
                let isLast = !rest.contains(0x3A)
                if isLast, rest.isEmpty { break }
                if rest.first == 0x20 || rest.first == 0x09 { break }
                symbols.append(GoText.quotedScalar(rest.first == 0x3A ? [] : rest))
            }
            guard !symbols.isEmpty else { continue }
            result += "\n  Hint: on line \(file.row(at: comment.span.start)), symbol(s) ["
            for (index, symbol) in symbols.enumerated() { result += (index > 0 ? " " : "") + symbol }
            result += "] immediately following a key/value separator ':' is not a legal yaml space character"
        }
        return result
    }
}
