import NIOHTTP1

/// What answers a path.
enum Endpoint {
    /// `/v1/data` and below: documents for `{"input": ...}`, and changes to them.
    case data
    /// `/v0/data` and below: documents for the body as input.
    case bareData
    /// `/v1/batch/data` and below: documents for many inputs.
    case batch
    /// `/v1/policies` and below.
    case policies
    /// `/v1/query`.
    case query
    /// `/v1/compile` and below.
    case compile
    /// `/v1/config`.
    case config
    /// `/v1/status`.
    case status
    /// `/`: the default decision, and a page for people.
    case root
    /// `/health` and below.
    case health
    /// `/metrics`.
    case metrics
    /// `/v1/gate` and below: decisions as a status, for proxies that ask with the headers of what they are asked for.
    case gate
}

/// One row of the table.
struct Route {
    let path: StaticString
    /// Whether paths below belong to it too.
    let isTree: Bool
    let endpoint: Endpoint
    let methods: [HTTPMethod]
    /// Methods that only paths below have.
    var methodsBelow: [HTTPMethod] = []
    /// The methods that a 405 names, as its text; nil for a bare 405.
    var allow: String?
    /// What metrics call it.
    let handler: StaticString
    /// Whether the addresses for diagnostics have it too.
    var isDiagnostic = false
    /// Whether a bare 405 says that answers differ with the encodings that the client accepts.
    var varies = false

    /// The table. Of the rows that match a path the first counts.
    static let all: [Route] = [
        Route(
            path: "/v1/data", isTree: true, endpoint: .data, methods: [.GET, .POST, .PUT, .PATCH],
            methodsBelow: [.DELETE], handler: "v1/data", varies: true),
        Route(
            path: "/v0/data", isTree: true, endpoint: .bareData, methods: [.POST], handler: "v0/data", varies: true),
        Route(
            path: "/health", isTree: true, endpoint: .health, methods: [.GET, .HEAD], allow: "GET, HEAD",
            handler: "health", isDiagnostic: true),
        Route(
            path: "/", isTree: false, endpoint: .root, methods: [.GET, .HEAD, .POST], allow: "GET, HEAD, POST",
            handler: "index"),
        Route(path: "/v1/batch/data", isTree: true, endpoint: .batch, methods: [.POST], handler: "v1/batch/data"),
        Route(
            path: "/v1/policies", isTree: true, endpoint: .policies, methods: [.GET],
            methodsBelow: [.PUT, .DELETE], handler: "v1/policies"),
        Route(path: "/v1/query", isTree: false, endpoint: .query, methods: [.GET, .POST], handler: "v1/query"),
        Route(path: "/v1/compile", isTree: true, endpoint: .compile, methods: [.POST], handler: "v1/compile"),
        Route(
            path: "/v1/gate", isTree: true, endpoint: .gate, methods: [], methodsBelow: [.GET, .HEAD],
            handler: "v1/gate"),
        Route(path: "/v1/config", isTree: false, endpoint: .config, methods: [.GET], handler: "v1/config"),
        Route(path: "/v1/status", isTree: false, endpoint: .status, methods: [.GET], handler: "v1/status"),
        Route(
            path: "/metrics", isTree: false, endpoint: .metrics, methods: [.GET], handler: "metrics",
            isDiagnostic: true),
    ]

    /// The row for a path without its last slash, its number, and the length of what matched.
    static func find(_ path: [UInt8]) -> (route: Route, number: Int, length: Int)? {
        for (number, route) in all.enumerated() {
            let length = route.path.utf8CodeUnitCount
            guard path.count >= length, route.path.withUTF8Buffer({ path.starts(with: $0) }) else { continue }
            if path.count == length || route.isTree && path[length] == UInt8(ascii: "/") {
                return (route, number, length)
            }
        }
        return nil
    }

    /// Whether the path of a given length below the row's may be asked with a method.
    func takes(_ method: HTTPMethod, isBelow: Bool) -> Bool {
        methods.contains(method) || isBelow && methodsBelow.contains(method)
    }

    /// Whether a row is that of `/metrics`.
    static func isMetrics(_ number: Int) -> Bool {
        guard all.indices.contains(number), case .metrics = all[number].endpoint else { return false }
        return true
    }

    /// The pattern of paths that a row has matched, as traces tell it; empty for none.
    static func pattern(_ number: Int, _ path: [UInt8]) -> String {
        guard all.indices.contains(number) else { return "" }
        let route = all[number]
        if case .root = route.endpoint { return "/{$}" }
        return path.count > route.path.utf8CodeUnitCount ? "\(route.path)/{path...}" : "\(route.path)"
    }

    /// The name of a row in metrics; of none of them for what no row matched.
    static func handlerName(_ number: Int) -> StaticString {
        all.indices.contains(number) ? all[number].handler : "catchall"
    }
}
