import Writ

/// Writes events as OPA does: the same members in the same order.
struct EventWriter {
    /// What masking did: the paths, as they are told in the event.
    struct Masked {
        var erased: [String] = []
        var masked: [String] = []
    }

    /// The labels as JSON text.
    let labels: [UInt8]

    init(labels: [(name: String, value: String)]) {
        var text = ByteBuffer()
        text.append("{")
        for (index, label) in labels.enumerated() {
            if index > 0 { text.append(",") }
            text.appendJSONString(label.name)
            text.append(":")
            text.appendJSONString(label.value)
        }
        text.append("}")
        self.labels = text.bytes
    }

    /// Appends one event. `results` is the JSON text of what builtins gave, if that is told.
    func write(
        _ facts: DecisionFacts, id: [UInt8], results: [UInt8]?, _ masked: Masked, _ space: Space,
        to output: inout ByteBuffer
    ) throws(Fault) {
        output.append("{\"labels\":")
        output.append(labels)
        output.append(",\"decision_id\":\"")
        output.append(id)
        output.append("\"")
        text("batch_decision_id", facts.batch ?? "", to: &output)
        text("trace_id", facts.trace, to: &output)
        text("span_id", facts.span, to: &output)
        if let bundles = facts.bundles {
            output.append(",\"bundles\":")
            output.append(bundles)
        }
        bytes("path", facts.path, to: &output)
        bytes("query", facts.query, to: &output)
        if facts.input.isDefined {
            output.append(",\"input\":")
            try space.writeJSON(facts.input, to: &output)
        }
        if facts.result.isDefined {
            output.append(",\"result\":")
            try space.writeJSON(facts.result, to: &output)
        }
        if let results {
            output.append(",\"nd_builtin_cache\":")
            output.append(results)
        }
        list("erased", masked.erased, to: &output)
        list("masked", masked.masked, to: &output)
        if let error = facts.error {
            output.append(",\"error\":")
            output.append(error)
        }
        bytes("requested_by", facts.requestedBy, to: &output)
        output.append(",\"timestamp\":\"")
        Timestamp.append(facts.timestamp, to: &output)
        output.append("\"")
        if !facts.metrics.isEmpty {
            for (index, metric) in facts.metrics.enumerated() {
                output.append(index == 0 ? ",\"metrics\":{\"" : ",\"")
                output.append(metric.0)
                output.append("\":")
                output.appendDecimal(Int(clamping: metric.1))
            }
            output.append("}")
        }
        if facts.request > 0 {
            output.append(",\"req_id\":")
            output.appendDecimal(Int(clamping: facts.request))
        }
        if !facts.headers.isEmpty {
            for (index, header) in facts.headers.enumerated() {
                output.append(index == 0 ? ",\"request_context\":{\"http\":{\"headers\":{" : ",")
                output.appendJSONString(header.name)
                output.append(":")
                strings(header.values, to: &output)
            }
            output.append("}}}")
        }
        output.append("}")
    }

    private func text(_ name: StaticString, _ value: String, to output: inout ByteBuffer) {
        guard !value.isEmpty else { return }
        bytes(name, Array(value.utf8), to: &output)
    }

    private func bytes(_ name: StaticString, _ value: [UInt8], to output: inout ByteBuffer) {
        guard !value.isEmpty else { return }
        output.append(",\"")
        output.append(name)
        output.append("\":")
        output.appendJSONString(value)
    }

    private func list(_ name: StaticString, _ values: [String], to output: inout ByteBuffer) {
        guard !values.isEmpty else { return }
        output.append(",\"")
        output.append(name)
        output.append("\":")
        strings(values, to: &output)
    }

    private func strings(_ values: [String], to output: inout ByteBuffer) {
        for (index, value) in values.enumerated() {
            output.append(index == 0 ? "[" : ",")
            output.appendJSONString(value)
        }
        output.append(values.isEmpty ? "[]" : "]")
    }
}
