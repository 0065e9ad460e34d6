import Writ
import WritTooling

/// What a watched evaluation did, as OPA's API gives it: lines of text, or events.
enum Explanations {
    @Sendable
    static func json(_ tracer: Tracer, _ sources: SourceMap, _ mode: String, _ asLines: Bool) -> [UInt8] {
        let trace = Trace(tracer.events, TraceNodes(tracer, sources))
        let events = trace.events(ExplainMode(rawValue: mode) ?? .off)
        var output = ByteBuffer()
        output.append("[")
        if asLines {
            var lines = TraceTable(trace).text(events).split(separator: "\n").map(String.init)
            if lines.isEmpty { lines = [""] }
            for (index, line) in lines.enumerated() {
                if index > 0 { output.append(",") }
                output.appendJSONString(line)
            }
        } else {
            for (index, event) in events.enumerated() {
                if index > 0 { output.append(",") }
                append(event, trace.node(event), &output)
            }
        }
        output.append("]")
        return output.bytes
    }

    private static func append(_ event: TracedEvent, _ node: TracedNode, _ output: inout ByteBuffer) {
        func member(_ name: StaticString, _ text: String) {
            output.append(name)
            output.appendJSONString(text)
        }
        member("{\"op\":", event.operation.rawValue.lowercased())
        output.append(",\"query_id\":")
        output.appendDecimal(event.query)
        output.append(",\"parent_id\":")
        output.appendDecimal(event.parent)
        member(",\"type\":", node.kind == .rule ? "rule" : node.kind == .body ? "body" : "expr")
        member(",\"node\":", node.text)
        output.append(",\"locals\":[")
        for (index, local) in event.locals.filter({ !$0.name.isEmpty && !$0.isDocument }).enumerated() {
            if index > 0 { output.append(",") }
            output.append("{\"key\":{\"type\":\"var\",\"value\":")
            output.appendJSONString(local.name)
            member("},\"value\":", local.value)
            output.append("}")
        }
        output.append("]")
        if !event.message.isEmpty { member(",\"message\":", event.message) }
        output.append("}")
    }
}
