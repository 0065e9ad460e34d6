import NIOHTTP1

/// What answers a path.
enum Endpoint {
    /// `/v1/data` and below: documents for `{"input": ...}`.
    case data
    /// `/v0/data` and below: documents for the body as input.
    case bareData
    /// `/`: the default decision, and a page for people.
    case root
    /// `/health` and below.
    case health
    /// What OPA has and Writ does not have yet.
    case pending
}

/// One row of the table.
struct Route {
    let path: StaticString
    /// Whether paths below belong to it too.
    let isTree: Bool
    let endpoint: Endpoint
    let methods: [HTTPMethod]
    /// The methods that a 405 names, as its text; nil for a bare 405.
    var allow: String?

    /// The table. Of the rows that match a path the first counts.
    static let all: [Route] = [
        Route(path: "/v1/data", isTree: true, endpoint: .data, methods: [.GET, .POST]),
        Route(path: "/v0/data", isTree: true, endpoint: .bareData, methods: [.POST]),
        Route(path: "/health", isTree: true, endpoint: .health, methods: [.GET, .HEAD], allow: "GET, HEAD"),
        Route(path: "/", isTree: false, endpoint: .root, methods: [.GET, .HEAD, .POST], allow: "GET, HEAD, POST"),
        Route(path: "/v1/policies", isTree: true, endpoint: .pending, methods: [.GET, .PUT, .DELETE]),
        Route(path: "/v1/query", isTree: false, endpoint: .pending, methods: [.GET, .POST]),
        Route(path: "/v1/compile", isTree: true, endpoint: .pending, methods: [.POST]),
        Route(path: "/v1/config", isTree: false, endpoint: .pending, methods: [.GET]),
        Route(path: "/v1/status", isTree: false, endpoint: .pending, methods: [.GET]),
        Route(path: "/metrics", isTree: true, endpoint: .pending, methods: [.GET]),
    ]

    /// Methods that change data: OPA has them, Writ not yet.
    static let pendingDataMethods: [HTTPMethod] = [.PUT, .PATCH, .DELETE]

    /// The row for a path without its last slash, and the length of what matched.
    static func find(_ path: [UInt8]) -> (route: Route, length: Int)? {
        for route in all {
            let length = route.path.utf8CodeUnitCount
            guard path.count >= length, route.path.withUTF8Buffer({ path.starts(with: $0) }) else { continue }
            if path.count == length || route.isTree && path[length] == UInt8(ascii: "/") { return (route, length) }
        }
        return nil
    }
}
