import Glibc
import Writ
import WritTooling

/// How long the parts of a command took, by OPA's names of them.
struct Measurements {
    /// Nanoseconds.
    private(set) var timers: [String: UInt64] = [:]
    /// What the steps of the evaluation took, for `--instrument`.
    var steps: [StepFigure] = []

    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    mutating func add(_ name: String, _ nanoseconds: UInt64) { timers["timer_\(name)_ns", default: 0] += nanoseconds }

    /// Splits the time of one step that does two things: the first of them was measured apart.
    mutating func add(_ total: UInt64, first: String, _ part: UInt64, second: String) {
        add(first, min(part, total))
        add(second, total - min(part, total))
    }

    var sorted: [(name: String, nanoseconds: UInt64)] {
        timers.map { ($0.key, $0.value) }.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
    }

    /// As it stands in the JSON of `eval`.
    func json() -> String {
        var members = sorted.map { (name: $0.name, text: String($0.nanoseconds)) }
        for step in steps {
            guard case .histogram(let figures) = step.value else {
                members.append(("\(step.name)", step.json))
                continue
            }
            let inner = figures.map { "      \"\($0.name)\": \(Distribution.text($0.value))" }
            members.append(("\(step.name)", "{\n" + inner.joined(separator: ",\n") + "\n    }"))
        }
        members.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        return "{\n" + members.map { "    \"\($0.name)\": \($0.text)" }.joined(separator: ",\n") + "\n  }"
    }

    func table() -> String {
        var rows = sorted.map { [$0.name, String($0.nanoseconds)] }
        for step in steps {
            if case .histogram(let figures) = step.value {
                rows += figures.map { ["\(step.name)_\($0.name)", Distribution.text($0.value)] }
            } else {
                rows.append(["\(step.name)", step.json])
            }
        }
        rows.sort { $0[0].utf8.lexicographicallyPrecedes($1[0].utf8) }
        var table = TextTable(["METRIC", "VALUE"])
        for row in rows { table.add(row) }
        return table.text()
    }
}

/// Where an evaluation spent its time: a row for each line of source with expressions.
struct ProfileReport {
    struct Row {
        var file: String
        var position: Position
        /// What the query's expression is, where there is no file.
        var text: String
        var nanoseconds: Int64
        var evaluations: Int
        var redos: Int
        var expressions: Int

        var place: String { file.isEmpty ? text : "\(file):\(position.row)" }
    }

    private(set) var rows: [Row] = []

    static let orders = ["total_time_ns", "num_eval", "num_redo", "num_gen_expr", "file", "line"]

    init(_ tracer: Tracer, _ sources: SourceMap) {
        var places: [String: Int] = [:]
        for index in 0..<tracer.nodeCount where tracer.counts[index].evaluations > 0 {
            let node = tracer.node(index)
            let count = tracer.counts[index]
            let text = node.span.flatMap { span in sources.file(span.source)?.bytes(of: span) } ?? []
            let key = "\(node.file):\(node.position.row)"
            if let known = places[key] {
                rows[known].nanoseconds += count.nanoseconds
                rows[known].evaluations += count.evaluations
                rows[known].redos += count.redos
                rows[known].expressions += 1
            } else {
                places[key] = rows.count
                rows.append(
                    Row(
                        file: node.file, position: node.position, text: String(decoding: text, as: UTF8.self),
                        nanoseconds: count.nanoseconds, evaluations: count.evaluations, redos: count.redos,
                        expressions: 1))
            }
        }
    }

    /// Sorts by the first criterion that tells rows apart, and keeps the first `limit` rows.
    mutating func arrange(_ criteria: [String], limit: Int) {
        let criteria = criteria.isEmpty ? ["total_time_ns", "num_eval", "num_redo", "file", "line"] : criteria
        rows.sort { one, two in
            for criterion in criteria {
                switch criterion {
                case "total_time_ns":
                    if one.nanoseconds != two.nanoseconds { return one.nanoseconds > two.nanoseconds }
                case "num_eval":
                    if one.evaluations != two.evaluations { return one.evaluations > two.evaluations }
                case "num_redo":
                    if one.redos != two.redos { return one.redos > two.redos }
                case "num_gen_expr":
                    if one.expressions != two.expressions { return one.expressions > two.expressions }
                case "file":
                    if one.file != two.file { return two.file.utf8.lexicographicallyPrecedes(one.file.utf8) }
                default:
                    if one.position.row != two.position.row { return one.position.row > two.position.row }
                }
            }
            return false
        }
        if limit > 0, rows.count > limit { rows.removeLast(rows.count - limit) }
    }

    /// As it stands in the JSON of `eval`.
    func json() -> String {
        guard !rows.isEmpty else { return "[]" }
        let entries = rows.map { row in
            var file = ByteBuffer()
            file.appendJSONString(row.file)
            return """
                    {
                      "total_time_ns": \(row.nanoseconds),
                      "num_eval": \(row.evaluations),
                      "num_redo": \(row.redos),
                      "num_gen_expr": \(row.expressions),
                      "location": {
                        "file": \(String(decoding: file.bytes, as: UTF8.self)),
                        "row": \(row.position.row),
                        "col": \(row.position.column)
                      }
                    }
                """
        }
        return "[\n" + entries.joined(separator: ",\n") + "\n  ]"
    }

    func table() -> String {
        var table = TextTable(["TIME", "NUM EVAL", "NUM REDO", "NUM GEN EXPR", "LOCATION"])
        for row in rows {
            table.add([
                GoDuration.text(nanoseconds: UInt64(clamping: row.nanoseconds)), String(row.evaluations),
                String(row.redos), String(row.expressions), row.place,
            ])
        }
        return table.text()
    }
}

/// A trace as it stands in the JSON of `eval`.
enum ExplanationText {
    static func json(_ trace: Trace, _ events: [TracedEvent]) -> String {
        func quoted(_ text: String) -> String {
            var buffer = ByteBuffer()
            buffer.appendJSONString(text)
            return String(decoding: buffer.bytes, as: UTF8.self)
        }
        let entries = events.map { event in
            let node = trace.node(event)
            let locals = event.locals.filter { !$0.name.isEmpty && !$0.isDocument }.map {
                "{\"name\": \(quoted($0.name)), \"value\": \(quoted($0.value))}"
            }
            return """
                    {
                      "Op": "\(event.operation.rawValue)",
                      "Node": \(quoted(node.text)),
                      "Location": {
                        "file": \(quoted(node.file)),
                        "row": \(node.position.row),
                        "col": \(node.position.column)
                      },
                      "QueryID": \(event.query),
                      "ParentID": \(event.parent),
                      "Locals": \(locals.isEmpty ? "null" : "[" + locals.joined(separator: ", ") + "]"),
                      "Message": \(quoted(event.message))
                    }
                """
        }
        return entries.isEmpty ? "[]" : "[\n" + entries.joined(separator: ",\n") + "\n  ]"
    }
}
