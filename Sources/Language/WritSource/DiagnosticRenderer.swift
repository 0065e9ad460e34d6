/// Turns diagnostics into text (UTF-8).
public struct DiagnosticRenderer: Sendable {
    private let sources: SourceMap
    /// Columns between tab stops in excerpts.
    public var tabWidth = 4

    public init(sources: SourceMap) { self.sources = sources }

    // MARK: Concise

    /// `file:row: code: message`, as OPA prints it; without a place `code: message`.
    ///
    /// With `includingDetails` the lines follow that OPA adds, each after a tab: the source line and a mark under the
    /// place of a parse error, and the notes.
    public func concise(_ diagnostic: Diagnostic, includingDetails: Bool = false) -> [UInt8] {
        var bytes: [UInt8] = []
        if let position = diagnostic.position(in: sources) {
            if let name = diagnostic.fileName(in: sources), !name.isEmpty {
                bytes += name
                put(":", &bytes)
                put(position.row, &bytes)
                put(": ", &bytes)
            } else if position.row > 0 {
                put(position.row, &bytes)
                put(":", &bytes)
                put(position.column, &bytes)
                put(": ", &bytes)
            }
        }
        bytes += diagnostic.code.bytes
        put(": ", &bytes)
        bytes += diagnostic.message.utf8
        guard includingDetails else { return bytes }
        for line in detailLines(diagnostic) {
            put("\n\t", &bytes)
            bytes += line
        }
        return bytes
    }

    /// The lines that OPA prints below a message.
    public func detailLines(_ diagnostic: Diagnostic) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        if let details = diagnostic.details {
            let text = Array(details.line.drop { $0 == 0x09 })
            let tabs = details.line.count - text.count
            lines.append(text)
            lines.append([UInt8](repeating: 0x20, count: max(0, details.index - tabs)) + [0x5E])
        }
        for note in diagnostic.notes { lines.append(Array(note.utf8)) }
        return lines
    }

    // MARK: Excerpts

    /// The message above the source lines that it speaks of, for people at a terminal. Ends with a line feed.
    ///
    /// What the source holds is made harmless: control characters and those that turn the direction of writing show as
    /// U+FFFD, tabs as spaces.
    public func excerpt(_ diagnostic: Diagnostic) -> [UInt8] {
        var bytes: [UInt8] = []
        switch diagnostic.severity {
        case .error: put("error[", &bytes)
        case .warning: put("warning[", &bytes)
        case .note: put("note[", &bytes)
        }
        bytes += diagnostic.code.bytes
        put("]: ", &bytes)
        putSafe(diagnostic.message, &bytes, indent: 2)
        put("\n", &bytes)
        let marks = marks(of: diagnostic)
        let gutter = marks.map { decimal($0.row).count }.max() ?? 1
        var previous: Mark?
        for mark in marks {
            if let last = previous, last.source == mark.source {
                if mark.row > last.row + 1 { putGutter(gutter, "·", &bytes) }
            } else {
                putHeader(mark, diagnostic, gutter, &bytes)
            }
            if previous?.source != mark.source || previous?.row != mark.row { putLine(mark, gutter, &bytes) }
            putMark(mark, gutter, &bytes)
            previous = mark
        }
        for note in diagnostic.notes { putRemark("note", note, gutter, &bytes) }
        if let help = diagnostic.help { putRemark("help", help, gutter, &bytes) }
        return bytes
    }

    /// One place to mark.
    private struct Mark {
        var source: SourceID
        var row: Int
        /// Byte offsets in the line.
        var start: Int
        var end: Int
        var label: String?
        var isPrimary: Bool
    }

    /// The places, those of the primary file first, in the order of the lines.
    private func marks(of diagnostic: Diagnostic) -> [Mark] {
        guard let span = diagnostic.span, let primary = mark(span, diagnostic.label, true) else { return [] }
        var marks = [primary]
        for label in diagnostic.labels {
            if let mark = mark(label.span, label.message, false) { marks.append(mark) }
        }
        let main = span.source
        return marks.enumerated().sorted { left, right in
            let (l, r) = (left.element, right.element)
            if l.source != r.source {
                if l.source == main || r.source == main { return l.source == main }
                return l.source.index < r.source.index
            }
            if l.row != r.row { return l.row < r.row }
            return left.offset < right.offset
        }.map { $0.element }
    }

    private func mark(_ span: Span, _ label: String?, _ isPrimary: Bool) -> Mark? {
        guard let file = sources.file(span.source), !file.text.isEmpty else { return nil }
        var start = min(span.start, UInt32(truncatingIfNeeded: file.text.count))
        // The end of a file that ends with a line feed is shown behind its last line.
        var row = file.row(at: start)
        if row > 1, Int(start) == file.text.count, file.lineRange(row: row).isEmpty {
            row -= 1
            start = UInt32(truncatingIfNeeded: file.lineRange(row: row).upperBound)
        }
        let line = file.lineRange(row: row)
        let from = min(max(Int(start), line.lowerBound), line.upperBound)
        let to = min(max(Int(span.end), from), line.upperBound)
        return Mark(
            source: span.source, row: row, start: from - line.lowerBound, end: to - line.lowerBound, label: label,
            isPrimary: isPrimary)
    }

    private func putHeader(_ mark: Mark, _ diagnostic: Diagnostic, _ gutter: Int, _ bytes: inout [UInt8]) {
        guard let file = sources.file(mark.source) else { return }
        let line = file.lineRange(row: mark.row)
        let position =
            mark.isPrimary
            ? diagnostic.position(in: sources) ?? Position(row: mark.row, column: 1)
            : file.position(at: UInt32(truncatingIfNeeded: line.lowerBound + mark.start))
        putSpaces(gutter + 1, &bytes)
        put("┌─ ", &bytes)
        putSafe(file.name[...], &bytes)
        put(":", &bytes)
        put(position.row, &bytes)
        put(":", &bytes)
        put(position.column, &bytes)
        put("\n", &bytes)
    }

    private func putLine(_ mark: Mark, _ gutter: Int, _ bytes: inout [UInt8]) {
        guard let file = sources.file(mark.source) else { return }
        let number = decimal(mark.row)
        putSpaces(gutter - number.count, &bytes)
        bytes += number
        put(" │", &bytes)
        let line = file.line(row: mark.row)
        if !line.isEmpty {
            put(" ", &bytes)
            putExpanded(line, &bytes)
        }
        put("\n", &bytes)
    }

    private func putMark(_ mark: Mark, _ gutter: Int, _ bytes: inout [UInt8]) {
        guard let file = sources.file(mark.source) else { return }
        let line = file.line(row: mark.row)
        let from = width(line.prefix(mark.start), from: 0)
        let length = width(line.prefix(mark.end), from: 0) - from
        putSpaces(gutter + 1, &bytes)
        put("│ ", &bytes)
        putSpaces(from, &bytes)
        bytes += [UInt8](repeating: mark.isPrimary ? 0x5E : 0x2D, count: max(1, length))
        if let label = mark.label {
            put(" ", &bytes)
            putSafe(label, &bytes, indent: gutter + 3 + from)
        }
        put("\n", &bytes)
    }

    private func putGutter(_ gutter: Int, _ sign: StaticString, _ bytes: inout [UInt8]) {
        putSpaces(gutter + 1, &bytes)
        put(sign, &bytes)
        put("\n", &bytes)
    }

    private func putRemark(_ kind: StaticString, _ text: String, _ gutter: Int, _ bytes: inout [UInt8]) {
        putSpaces(gutter + 1, &bytes)
        put("= ", &bytes)
        put(kind, &bytes)
        put(": ", &bytes)
        putSafe(text, &bytes, indent: gutter + 9)
        put("\n", &bytes)
    }

    // MARK: Text

    private func put(_ text: StaticString, _ bytes: inout [UInt8]) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    private func put(_ number: Int, _ bytes: inout [UInt8]) { bytes += decimal(number) }

    private func putSpaces(_ count: Int, _ bytes: inout [UInt8]) {
        bytes += [UInt8](repeating: 0x20, count: max(0, count))
    }

    private func decimal(_ number: Int) -> [UInt8] {
        var digits: [UInt8] = []
        var rest = max(0, number)
        repeat {
            digits.append(UInt8(truncatingIfNeeded: rest % 10) + 0x30)
            rest /= 10
        } while rest > 0
        digits.reverse()
        return digits
    }

    /// A message: its line ends stay, with the lines behind them indented.
    private func putSafe(_ text: String, _ bytes: inout [UInt8], indent: Int) {
        for line in Array(text.utf8).split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            if line.offset > 0 {
                put("\n", &bytes)
                putSpaces(indent, &bytes)
            }
            putSafe(line.element, &bytes)
        }
    }

    private func putSafe(_ text: ArraySlice<UInt8>, _ bytes: inout [UInt8]) {
        forEachScalar(text) { scalar, piece in
            if scalar == 0x09 {
                put(" ", &bytes)
            } else if let scalar, !DisplayWidth.isUnsafe(scalar) {
                bytes += piece
            } else {
                put("\u{FFFD}", &bytes)
            }
        }
    }

    /// A source line with its tabs as spaces.
    private func putExpanded(_ line: ArraySlice<UInt8>, _ bytes: inout [UInt8]) {
        var column = 0
        forEachScalar(line) { scalar, piece in
            let width = width(scalar, at: column)
            if scalar == 0x09 {
                putSpaces(width, &bytes)
            } else if let scalar, !DisplayWidth.isUnsafe(scalar) {
                bytes += piece
            } else {
                put("\u{FFFD}", &bytes)
            }
            column += width
        }
    }

    private func width(_ text: ArraySlice<UInt8>, from start: Int) -> Int {
        var column = start
        forEachScalar(text) { scalar, _ in column += width(scalar, at: column) }
        return column - start
    }

    private func width(_ scalar: UInt32?, at column: Int) -> Int {
        guard let scalar else { return 1 }
        if scalar == 0x09 { return tabWidth - column % max(1, tabWidth) }
        return DisplayWidth.isUnsafe(scalar) ? 1 : DisplayWidth.of(scalar)
    }

    /// Calls with each scalar (nil for a byte that is none) and its bytes.
    private func forEachScalar(_ text: ArraySlice<UInt8>, _ body: (UInt32?, ArraySlice<UInt8>) -> Void) {
        var index = text.startIndex
        while index < text.endIndex {
            let first = text[index]
            var width = 1
            var value = UInt32(first)
            switch first {
            case 0..<0x80: break
            case 0xC2...0xDF: (width, value) = (2, UInt32(first & 0x1F))
            case 0xE0...0xEF: (width, value) = (3, UInt32(first & 0x0F))
            case 0xF0...0xF4: (width, value) = (4, UInt32(first & 0x07))
            default: width = 0
            }
            var isValid = width > 0 && index + width <= text.endIndex
            if isValid {
                for byte in text[index + 1..<index + width] {
                    if byte & 0xC0 != 0x80 { isValid = false }
                    value = value << 6 | UInt32(byte & 0x3F)
                }
            }
            if !isValid { width = 1 }
            body(isValid ? value : nil, text[index..<index + width])
            index += width
        }
    }
}
