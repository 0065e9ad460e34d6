/// What of a request its server's span tells when it ends.
public struct ServedRequest: Sendable {
    public var method = ""
    /// The handler, as metrics call it, and the pattern of paths that it answers; empty for none.
    public var handler = ""
    public var route = ""
    public var path = ""
    /// The header `Host`, `User-Agent`, `X-Forwarded-For`; empty for none.
    public var host = ""
    public var agent = ""
    public var forwardedFor = ""
    /// The client's address, and its port.
    public var peer = ""
    public var peerPort: Int?
    public var isSecure = false
    /// `1.1`, for example.
    public var version = ""
    /// The identifier of the decision, if one was made and is logged.
    public var decision = ""
    /// Bytes of the bodies.
    public var received = 0
    public var sent = 0
    /// Nil where the client left before there was an answer.
    public var status: Int?

    public init() {}
}

extension SpanTracer {
    /// Ends the span of a request that was answered. Not needed for one that is not recorded.
    public func end(_ span: TraceSpan, _ request: ServedRequest) {
        var span = span
        span.name = request.handler.isEmpty ? request.method : "\(request.method) \(request.handler)"
        let place = AddressParts.place(request.host, isSecure: request.isSecure)
        span.set("server.address", place.host)
        span.setMethod(request.method)
        span.set("url.scheme", request.isSecure ? "https" : "http")
        if let port = place.port { span.set("server.port", port) }
        if !request.peer.isEmpty {
            span.set("network.peer.address", request.peer)
            if let port = request.peerPort { span.set("network.peer.port", port) }
        }
        if !request.agent.isEmpty { span.set("user_agent.original", request.agent) }
        let client = request.forwardedFor.prefix { $0 != "," }
        if !client.isEmpty || !request.peer.isEmpty {
            span.set("client.address", client.isEmpty ? request.peer : String(client))
        }
        span.set("url.path", request.path)
        span.set("network.protocol.version", request.version)
        if !request.route.isEmpty { span.set("http.route", request.route) }
        if !request.decision.isEmpty { span.set("opa.decision_id", request.decision) }
        if request.received > 0 { span.set("http.request.body.size", request.received) }
        if let status = request.status {
            if request.sent > 0 { span.set("http.response.body.size", request.sent) }
            span.set("http.response.status_code", status)
            if status >= 500 { span.failure = "" }
        } else {
            span.failure = "context canceled"
        }
        end(span)
    }
}
