/// What spans are sent in: the message `ExportTraceServiceRequest` of OTLP.
struct TraceBatch {
    /// The field `resource` of a message `ResourceSpans`, and the scope: both are the same for all.
    private let resource: [UInt8]
    private let scope: [UInt8]

    init(_ attributes: [(StaticString, String)], version: String) {
        var resource = ProtobufWriter()
        for (key, value) in attributes { resource.message(1) { TraceSpan.write(key, .text(value), to: &$0) } }
        self.resource = resource.bytes
        var scope = ProtobufWriter()
        scope.part(1, "writ".utf8)
        scope.part(2, version.utf8)
        self.scope = scope.bytes
    }

    /// A request with spans, each a message of its own.
    func message(_ spans: [[UInt8]]) -> [UInt8] {
        var request = ProtobufWriter()
        request.message(1) { all in
            all.part(1, resource)
            all.message(2) { list in
                list.part(1, scope)
                for span in spans { list.part(2, span) }
            }
        }
        return request.bytes
    }

    /// How many spans the answer says were refused, and why.
    static func refused(_ answer: ArraySlice<UInt8>) -> (count: UInt64, reason: String) {
        var result: (count: UInt64, reason: String) = (0, "")
        var outer = ProtobufReader(answer)
        while let (field, content) = outer.next() {
            guard field == 1, case .part(let part) = content else { continue }
            var inner = ProtobufReader(part)
            while let (field, content) = inner.next() {
                switch (field, content) {
                case (1, .number(let count)): result.count = count
                case (2, .part(let text)): result.reason = String(decoding: text, as: UTF8.self)
                default: continue
                }
            }
        }
        return result
    }
}
