import Writ

/// Which events of a trace are shown.
public enum ExplainMode: String, Sendable, CaseIterable {
    case off, full, notes, fails, debug
}

/// A trace: events in their order, and what they tell of.
public struct Trace: Sendable {
    public var events: [TracedEvent]
    public let nodes: TraceNodes
    /// What the evaluation asked, where that is no part of the policy.
    public let query: String

    public init(_ events: [TracedEvent], _ nodes: TraceNodes, query: String = "") {
        self.events = events
        self.nodes = nodes
        self.query = query
    }

    /// The node of an event.
    public func node(_ event: TracedEvent) -> TracedNode {
        if let node = nodes.node(event.node) { return node }
        return TracedNode(
            kind: nodes.isQueryExpression(event.node) ? .expression : .body, text: query, file: "",
            position: Position(row: 1, column: 1), span: nil, isGenerated: false)
    }

    /// The events that a mode shows.
    public func events(_ mode: ExplainMode) -> [TracedEvent] {
        switch mode {
        case .off: []
        case .full, .debug: events.filter { $0.operation != .testCase }
        case .notes: lineage { $0.operation == .note }
        case .fails: lineage { $0.operation == .fail }
        }
    }

    /// The events that are wanted, each with the queries that led to it as far as they were not shown before.
    public func lineage(_ isWanted: (TracedEvent) -> Bool) -> [TracedEvent] {
        var result: [TracedEvent] = []
        var latest: [Int: TracedEvent] = [:]
        for event in events {
            if isWanted(event) {
                var path = [event]
                var current = latest[event.query]
                while let step = current {
                    path.append(step)
                    if step.parent == step.query { break }
                    current = latest[step.parent]
                }
                result += path.reversed()
                latest = [:]
            }
            if event.operation == .enter || event.operation == .redo, node(event).kind != .expression {
                latest[event.query] = event
            }
        }
        return result
    }
}

/// A trace as lines of text.
public struct TraceTable {
    public let trace: Trace
    /// A column with the variables of each event.
    public var showsVariables = false
    /// What stands before every cell.
    public var indent = ""

    public init(_ trace: Trace) { self.trace = trace }

    public func text(_ events: [TracedEvent]) -> String {
        var depths: [Int: Int] = [:]
        var rows: [[String]] = []
        for event in events {
            var depth = depths[event.query] ?? 0
            if depth == 0 {
                depth = (depths[event.parent] ?? 0) + 1
                depths[event.query] = depth
            }
            let node = trace.node(event)
            var row = [node.file.isEmpty ? "query:\(node.position.row)" : "\(node.file):\(node.position.row)"]
            row.append(Self.line(event, node, depth))
            if showsVariables { row.append(Self.variables(event)) }
            rows.append(row)
        }
        var widths = [0, 0, 0]
        for row in rows {
            for (column, cell) in row.enumerated() { widths[column] = max(widths[column], cell.utf8.count) }
        }
        var text = ""
        for row in rows {
            for (column, cell) in row.enumerated() {
                text += indent + cell
                if column < row.count - 1 {
                    text += String(repeating: " ", count: widths[column] + 4 - cell.utf8.count + 1)
                }
            }
            text += indent + "\n"
        }
        return text
    }

    private static func line(_ event: TracedEvent, _ node: TracedNode, _ depth: Int) -> String {
        let isOutside = event.operation == .enter || event.operation == .redo && node.kind != .expression
        let margin = String(repeating: "| ", count: isOutside ? depth - 1 : depth)
        if event.operation == .note {
            var quoted = ByteBuffer()
            quoted.appendJSONString(event.message)
            return margin + "Note " + String(decoding: quoted.bytes, as: UTF8.self)
        }
        let subject = event.operation == .index ? event.path : node.text
        return margin + event.operation.rawValue + " " + subject + (event.message.isEmpty ? "" : " " + event.message)
    }

    private static func variables(_ event: TracedEvent) -> String {
        var seen: Set<String> = []
        var cells: [String] = []
        for local in event.locals {
            let value = cut(local.value, 32)
            if local.isWildcard {
                cells.append("_: \(value)")
            } else if !local.name.isEmpty, seen.insert(local.name).inserted {
                cells.append("\(local.name): \(value)")
            }
        }
        cells.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return "{" + cells.joined(separator: ", ") + "}"
    }

    /// A text of at most `width` bytes.
    static func cut(_ text: String, _ width: Int) -> String {
        guard text.utf8.count > width else { return text }
        return String(decoding: text.utf8.prefix(width - 3), as: UTF8.self) + "..."
    }
}
