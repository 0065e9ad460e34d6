import Writ
import WritTooling

/// How `writ eval` shows its answers.
enum EvalFormat: String, CaseIterable {
    case json, pretty, values, bindings, raw, discard, source
}

/// What is shown beside the answers.
struct EvalMembers {
    var measurements: Measurements?
    /// How long each of several runs took, where there were several: shown instead of the measurements.
    var statistics: [(name: String, runs: [UInt64])] = []
    var profile: ProfileReport?
    var coverage: CoverageReport?
    var explanation: (trace: Trace, events: [TracedEvent], showsValues: Bool)?

    /// As members of the JSON object, in OPA's order.
    func json() -> [String] {
        var members: [String] = []
        if let measurements, statistics.isEmpty { members.append("  \"metrics\": " + measurements.json()) }
        if !statistics.isEmpty {
            let entries = statistics.map { "    \"\($0.name)\": " + RunStatistics($0.runs).json(indent: 4) }
            members.append("  \"aggregated_metrics\": {\n" + entries.joined(separator: ",\n") + "\n  }")
        }
        if let (trace, events, _) = explanation {
            members.append("  \"explanation\": " + ExplanationText.json(trace, events))
        }
        if let profile { members.append("  \"profile\": " + profile.json()) }
        if let coverage {
            members.append("  \"coverage\": " + String(decoding: coverage.json(indent: 2), as: UTF8.self))
        }
        return members
    }

    /// What stands before the answers.
    func head() -> String {
        guard let (trace, events, showsValues) = explanation else { return "" }
        var table = TraceTable(trace)
        table.showsVariables = showsValues
        return table.text(events)
    }

    /// What stands behind them.
    func tail() -> String {
        var text = statistics.isEmpty ? measurements?.table() ?? "" : RunStatistics.table(statistics)
        if let profile { text += profile.table() }
        if let coverage { text += String(decoding: coverage.pretty(), as: UTF8.self) }
        return text
    }
}

/// The answers of a query, ready to be shown. The values lie in `space`.
struct EvalPresentation {
    struct Row {
        let expressions: [Value]
        /// Sorted by name.
        let bindings: [(name: String, value: Value)]
    }

    let space: Space
    let shown: [(text: String, position: Position)]
    let rows: [Row]
    /// Longer cells of a table are cut.
    var cellLimit = 80
    var members = EvalMembers()

    init(_ answers: [Answer], of query: PreparedQuery, in space: Space) {
        self.space = space
        shown = query.expressions
        let order = query.bindings.indices.sorted {
            query.bindings[$0].utf8.lexicographicallyPrecedes(query.bindings[$1].utf8)
        }
        rows = answers.map { answer in
            Row(
                expressions: (0..<answer.expressions.count).map { answer.expressions[$0] },
                bindings: order.map { (query.bindings[$0], answer.bindings[$0]) })
        }
    }

    /// The output for a format; throws where a value cannot be written.
    func text(_ format: EvalFormat) throws(Fault) -> [UInt8] {
        var output = ByteBuffer()
        switch format {
        case .json: try json(&output)
        case .discard:
            // OPA sorts the members here.
            let shown = (members.json() + (rows.isEmpty ? [] : ["  \"result\": \"discarded\""])).sorted()
            output.append(
                Array((shown.isEmpty ? "{}\n" : "{\n" + shown.joined(separator: ",\n") + "\n}\n").utf8))
        case .values: for row in rows { try list(row.expressions, &output) }
        case .bindings: for row in rows { try object(row.bindings, &output, indent: 0, end: "\n") }
        case .raw: for row in rows { try raw(row, &output) }
        case .pretty, .source:
            output.append(Array(members.head().utf8))
            try pretty(&output)
            output.append(Array(members.tail().utf8))
        }
        return output.bytes
    }

    // MARK: JSON

    private func json(_ output: inout ByteBuffer) throws(Fault) {
        let further = members.json()
        guard !rows.isEmpty else {
            output.append(
                Array((further.isEmpty ? "{}\n" : "{\n" + further.joined(separator: ",\n") + "\n}\n").utf8))
            return
        }
        output.append("{\n  \"result\": [\n")
        for (index, row) in rows.enumerated() {
            output.append(index == 0 ? "    {\n      \"expressions\": [\n" : ",\n    {\n      \"expressions\": [\n")
            for (index, value) in row.expressions.enumerated() {
                output.append(index == 0 ? "        {\n          \"value\": " : ",\n        {\n          \"value\": ")
                output.appendIndented(try pretty(value), by: 10)
                output.append(",\n          \"text\": ")
                output.appendJSONString(shown[index].text)
                output.append(",\n          \"location\": {\n            \"row\": ")
                output.appendDecimal(shown[index].position.row)
                output.append(",\n            \"col\": ")
                output.appendDecimal(shown[index].position.column)
                output.append("\n          }\n        }")
            }
            output.append("\n      ]")
            if !row.bindings.isEmpty {
                output.append(",\n      \"bindings\": ")
                try object(row.bindings, &output, indent: 6, end: "")
            }
            output.append("\n    }")
        }
        output.append("\n  ]")
        for member in further { output.append(Array((",\n" + member).utf8)) }
        output.append("\n}\n")
    }

    private func object(
        _ members: [(name: String, value: Value)], _ output: inout ByteBuffer, indent: Int, end: StaticString
    ) throws(Fault) {
        guard !members.isEmpty else {
            output.append("{}")
            output.append(end)
            return
        }
        let margin = [UInt8](repeating: 0x20, count: indent)
        output.append("{\n")
        for (index, member) in members.enumerated() {
            if index > 0 { output.append(",\n") }
            output.append(margin)
            output.append("  ")
            output.appendJSONString(member.name)
            output.append(": ")
            output.appendIndented(try pretty(member.value), by: indent + 2)
        }
        output.append("\n")
        output.append(margin)
        output.append("}")
        output.append(end)
    }

    private func list(_ values: [Value], _ output: inout ByteBuffer) throws(Fault) {
        output.append("[")
        for (index, value) in values.enumerated() {
            output.append(index == 0 ? "\n  " : ",\n  ")
            output.appendIndented(try pretty(value), by: 2)
        }
        output.append(values.isEmpty ? "]\n" : "\n]\n")
    }

    private func pretty(_ value: Value) throws(Fault) -> [UInt8] {
        try space.json(value, style: JSONStyle(isPretty: true))
    }

    // MARK: For people

    private func raw(_ row: Row, _ output: inout ByteBuffer) throws(Fault) {
        for (index, value) in row.expressions.enumerated() {
            if index > 0 { output.append(" ") }
            output.append(value.isString ? space.bytes(value) : try space.json(value))
        }
        output.append("\n")
    }

    private func pretty(_ output: inout ByteBuffer) throws(Fault) {
        guard let first = rows.first else {
            output.append("undefined\n")
            return
        }
        let isPlain = first.expressions.count == 1 || first.expressions.allSatisfy { $0.isBoolean }
        if rows.count == 1, first.bindings.isEmpty, isPlain, let value = first.expressions.first {
            output.append(try pretty(value))
            output.append("\n")
            return
        }
        // Expressions that only hold say nothing in a table.
        let columns = first.expressions.indices.filter { !first.expressions[$0].isBoolean }
        let headings = first.bindings.map { $0.name } + columns.map { shown[$0].text }
        guard !headings.isEmpty else { return }
        var table = TextTable(headings)
        for row in rows {
            var cells: [String] = []
            for value in row.bindings.map({ $0.value }) + columns.map({ row.expressions[$0] }) {
                cells.append(cut(String(decoding: try space.json(value), as: UTF8.self)))
            }
            table.add(cells)
        }
        output.append(Array(table.text().utf8))
    }

    private func cut(_ text: String) -> String {
        guard cellLimit > 0, text.utf8.count > cellLimit else { return text }
        return String(decoding: text.utf8.prefix(cellLimit), as: UTF8.self) + "..."
    }
}
