import Writ
import WritRuntime

/// Times of one decision, in nanoseconds, and what else OPA's metrics of a request tell.
struct DecisionTimes: Sendable {
    let start: UInt64
    var input: UInt64 = 0
    /// Nil where the path's target was known.
    var lookup: UInt64?
    var evaluation: UInt64 = 0
    /// Patterns that were found compiled.
    var hits = (regex: 0, glob: 0)

    /// OPA's names. Finding what answers for a path stands where OPA compiles a query; nothing is resolved outside.
    func metrics(isPost: Bool) -> [(StaticString, [UInt8])] {
        values(isPost: isPost).map { ($0.0, Array(String($0.1).utf8)) }
    }

    /// The same as numbers.
    func values(isPost: Bool) -> [(StaticString, UInt64)] {
        var metrics: [(StaticString, UInt64)] = []
        metrics.reserveCapacity(8)
        if hits.glob > 0 {
            metrics.append(("counter_rego_builtin_glob_interquery_value_cache_hits", UInt64(hits.glob)))
        }
        if hits.regex > 0 {
            metrics.append(("counter_rego_builtin_regex_interquery_value_cache_hits", UInt64(hits.regex)))
        }
        metrics.append(("counter_server_query_cache_hit", lookup == nil ? 1 : 0))
        if isPost { metrics.append(("timer_rego_external_resolve_ns", 0)) }
        metrics.append(("timer_rego_input_parse_ns", input))
        if let lookup { metrics.append(("timer_rego_query_compile_ns", lookup)) }
        metrics.append(("timer_rego_query_eval_ns", evaluation))
        metrics.append(("timer_server_handler_ns", Worker.now() &- start))
        return metrics
    }
}

/// The body of an answer of `/v1/data`.
struct DataResponse {
    private let isPretty: Bool
    /// The decision's identifier, where it is logged.
    var id: [UInt8]?
    private var provenance: [(StaticString, [UInt8])]?
    /// JSON text.
    var explanation: [UInt8]?
    var metrics: [(StaticString, [UInt8])]?
    var warnsOfInput = false

    /// `bundles` are those that are active now.
    init(
        _ target: RequestTarget, version: @autoclosure () -> String, bundles: @autoclosure () -> [ActiveBundle]
    ) {
        isPretty = target.isSet("pretty")
        guard target.isSet("provenance") else { return }
        var members: [(StaticString, [UInt8])] = [
            ("version", Self.quoted(version())), ("build_commit", Self.quoted("")),
            ("build_timestamp", Self.quoted("")), ("build_hostname", Self.quoted("")),
        ]
        let bundles = bundles()
        if !bundles.isEmpty { members.append(("bundles", revisions(bundles))) }
        provenance = members
    }

    /// Appends the body; a value that is undefined is left out.
    func write(_ value: Value, _ space: Space, to output: inout OutputBuffer) throws(Fault) {
        var isFirst = true
        func begin(_ name: StaticString, _ output: inout OutputBuffer) {
            output.append(isFirst ? (isPretty ? "{\n  \"" : "{\"") : (isPretty ? ",\n  \"" : ",\""))
            output.append(name)
            output.append(isPretty ? "\": " : "\":")
            isFirst = false
        }
        if let id {
            begin("decision_id", &output)
            output.append("\"")
            output.append(id)
            output.append("\"")
        }
        if let provenance {
            begin("provenance", &output)
            append(provenance, &output)
        }
        if let explanation {
            begin("explanation", &output)
            if isPretty {
                output.appendIndented(JSONLines.indented(explanation), by: 2)
            } else {
                output.append(explanation)
            }
        }
        if let metrics {
            begin("metrics", &output)
            append(metrics, &output)
        }
        if value.isDefined {
            begin("result", &output)
            if isPretty {
                output.appendIndented(try space.json(value, style: JSONStyle(isPretty: true)), by: 2)
            } else {
                try space.writeJSON(value, to: &output)
            }
        }
        if warnsOfInput {
            begin("warning", &output)
            append(
                [
                    ("code", Self.quoted("api_usage_warning")),
                    ("message", Self.quoted("'input' key missing from the request")),
                ], &output)
        }
        output.append(isFirst ? "{}\n" : (isPretty ? "\n}\n" : "}\n"))
    }

    /// The bundles with their revisions.
    private func revisions(_ bundles: [ActiveBundle]) -> [UInt8] {
        var buffer = OutputBuffer()
        for (index, bundle) in bundles.enumerated() {
            buffer.append(index == 0 ? "{" : ",")
            buffer.appendJSONString(bundle.name)
            buffer.append(":{\"revision\":")
            buffer.appendJSONString(bundle.revision)
            buffer.append("}")
        }
        buffer.append("}")
        return laidOut(buffer.bytes)
    }

    /// An object inside an object of the body, as the body is to look.
    private func laidOut(_ json: [UInt8]) -> [UInt8] {
        guard isPretty else { return json }
        var deeper = OutputBuffer()
        deeper.appendIndented(JSONLines.indented(json), by: 4)
        return deeper.bytes
    }

    /// Shows what the steps took among the other metrics.
    mutating func add(_ figures: [StepFigure]) {
        var all = metrics ?? []
        for figure in figures { all.append((figure.name, laidOut(Array(figure.json.utf8)))) }
        func text(_ name: StaticString) -> UnsafeBufferPointer<UInt8> {
            UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        }
        all.sort { text($0.0).lexicographicallyPrecedes(text($1.0)) }
        metrics = all
    }

    private static func quoted(_ text: String) -> [UInt8] {
        var buffer = OutputBuffer()
        buffer.appendJSONString(text)
        return buffer.bytes
    }

    private func append(_ members: [(StaticString, [UInt8])], _ output: inout OutputBuffer) {
        for (index, member) in members.enumerated() {
            output.append(index == 0 ? "{" : ",")
            output.append(isPretty ? "\n    \"" : "\"")
            output.append(member.0)
            output.append(isPretty ? "\": " : "\":")
            output.append(member.1)
        }
        output.append(isPretty ? "\n  }" : "}")
    }
}
