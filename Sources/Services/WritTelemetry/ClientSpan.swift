extension SpanTracer {
    /// Begins the span of a request that is sent to `url`, with what is known of it before.
    public func beginRequest(_ method: String, _ url: String, below parent: TraceContext?) -> TraceSpan {
        var span = begin(.client, below: parent)
        guard span.isRecorded else { return span }
        let address = AddressParts(url)
        span.name = address.path.isEmpty ? method : "\(method) \(address.path)"
        span.setMethod(method)
        span.set("url.full", address.shown)
        span.set("server.address", address.host)
        if let port = address.port { span.set("server.port", port) }
        span.set("network.protocol.version", "1.1")
        return span
    }

    /// Ends the span of a request by the status of its response, or by why there was none.
    public func endRequest(_ span: TraceSpan, status: Int?, failure: String?) {
        guard span.isRecorded else { return }
        var span = span
        if let status {
            span.set("http.response.status_code", status)
            if status < 100 || status >= 600 {
                span.failure = "Invalid HTTP status code \(status)"
            } else if status >= 400 {
                span.failure = ""
            }
            if status < 100 || status >= 400 { span.set("error.type", "\(status)") }
        }
        if let failure { span.failure = failure }
        end(span)
    }
}

extension TraceSpan {
    private static let methods: Set<String> = [
        "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE",
    ]

    /// The method of a request; of those that nobody knows only that they are so.
    public mutating func setMethod(_ method: String) {
        if Self.methods.contains(method) {
            set("http.request.method", method)
            return
        }
        let upper = method.uppercased()
        set("http.request.method", Self.methods.contains(upper) ? upper : "_OTHER")
        set("http.request.method_original", method)
    }
}

/// An address as spans tell it.
struct AddressParts {
    let host: String
    /// Nil for the one that is meant anyway.
    let port: Int?
    let path: String
    /// All of it but name and password.
    let shown: String

    init(_ url: String) {
        let scheme = url.hasPrefix("https://") ? "https" : "http"
        var rest = url[...]
        if let range = url.utf8.firstIndex(of: UInt8(ascii: ":")), url[range...].hasPrefix("://") {
            rest = url[range...].dropFirst(3)
        }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        var authority = rest[..<end]
        if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
        shown = String(url[..<rest.startIndex] + authority + rest[end...])
        path = String(rest[end...].prefix { $0 != "?" && $0 != "#" })
        (host, port) = Self.place(authority, isSecure: scheme == "https")
    }

    /// Host and port of `host`, `host:port` and `[v6]:port`.
    static func place(_ text: some StringProtocol, isSecure: Bool) -> (host: String, port: Int?) {
        var host = String(text)
        var port: Int?
        if let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") {
            port = Int(host[host.index(after: colon)...]).flatMap { (1...65535).contains($0) ? $0 : nil }
            host = String(host[..<colon])
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        return (host, port == (isSecure ? 443 : 80) ? nil : port)
    }
}
