import Writ

/// The expression at which a test failed, as it is written, with the values of what stands in it.
public struct FailureExcerpt {
    private let trace: Trace

    public init(_ trace: Trace) { self.trace = trace }

    private struct Item {
        var column: Int
        var title: String
        var value: String
    }

    /// `file:row:` and the excerpt, without a line feed at the end; nil where no expression failed.
    public func text(upTo length: Int? = nil) -> (place: String, lines: [String])? {
        let events = trace.events.prefix(length ?? trace.events.count)
        guard
            let index = events.lastIndex(where: { event in
                guard event.operation == .fail, event.query != 0 else { return false }
                return !trace.node(event).text.utf8.starts(with: "every ".utf8)
            })
        else { return nil }
        let event = events[index]
        let node = trace.node(event)
        guard let span = node.span, let file = trace.nodes.sources.file(span.source) else { return nil }
        let whole = self.whole(node, span)
        let start = file.position(at: whole.start)
        let line = file.line(row: start.row)
        let lineStart = file.lineRange(row: start.row).lowerBound
        let before = Self.blank(line.prefix(Int(whole.start) - lineStart))
        var lines = String(decoding: file.bytes(of: whole), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        lines[0] = before + lines[0]
        var items: [Item] = []
        var known: Set<String> = []
        func add(_ span: Span, _ value: String) {
            let title = String(decoding: file.bytes(of: span), as: UTF8.self)
            guard file.row(at: span.start) == start.row, known.insert(title).inserted else { return }
            items.append(Item(column: Int(span.start) - lineStart, title: title, value: TraceTable.cut(value, 64)))
        }
        for local in event.locals where !local.isDocument { add(local.span, local.value) }
        if node.isGenerated {
            add(span, "undefined")
        } else if items.isEmpty {
            // Where the expression is one document, it is undefined or false.
            let isFalse = events[..<index].reversed().prefix { $0.node != event.node || $0.operation != .evaluate }
                .contains { $0.operation == .exit && $0.parent == event.query }
            add(Span(source: span.source, start: whole.start, end: whole.end), isFalse ? "false" : "undefined")
        }
        items.sort { ($0.column, $0.title) < ($1.column, $1.title) }
        if !items.isEmpty {
            lines.append(Self.arrows(items[...], line, value: nil))
            for last in items.indices.reversed() {
                lines.append(Self.arrows(items[...last], line, value: items[last].value))
            }
        }
        return ("\(node.file):\(start.row):", lines)
    }

    /// The written expression that a step belongs to.
    private func whole(_ node: TracedNode, _ span: Span) -> Span {
        guard node.isGenerated else { return span }
        var best: Span?
        var index = 0
        while let other = trace.nodes.node(index) {
            index += 1
            guard other.kind == .expression, !other.isGenerated, let place = other.span, place.source == span.source,
                place.start <= span.start, place.end >= span.end
            else { continue }
            if let known = best, known.end - known.start <= place.end - place.start { continue }
            best = place
        }
        return best ?? span
    }

    /// Blanks as wide as a text, with its tabs.
    private static func blank(_ text: ArraySlice<UInt8>) -> String {
        var result = ""
        for byte in text where byte & 0xC0 != 0x80 { result += byte == 0x09 ? "\t" : " " }
        return result
    }

    private static func arrows(_ items: ArraySlice<Item>, _ line: ArraySlice<UInt8>, value: String?) -> String {
        var result = ""
        var place = 0
        for (index, item) in zip(items.indices, items) {
            let isLast = index == items.endIndex - 1
            if !isLast, items[index + 1].column == item.column { continue }
            let from = line.startIndex + min(place, line.count)
            let to = line.startIndex + min(item.column, line.count)
            result += blank(line[min(from, to)..<to])
            if isLast, let value {
                let isShared = index > items.startIndex && items[index - 1].column == item.column
                result += isShared ? "\(item.title): \(value)" : value
            } else {
                result += "|"
            }
            place = item.column + 1
        }
        return result
    }
}
