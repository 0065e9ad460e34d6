import NIOHTTP1

/// What a request's target asks for, worked out once for each text of a target: services ask the same few again and
/// again. Everything here runs on the worker's loop.
final class Destination {
    let target: RequestTarget
    /// Where the path really leads, if that is elsewhere.
    let cleaned: [UInt8]?
    /// The target without the slash at the path's end, if there is one.
    let slashed: [UInt8]?
    /// The path without that slash.
    let path: [UInt8]
    /// The table's row that matched, its number, and the length of what matched.
    let row: (route: Route, number: Int, length: Int)?
    /// Whether the path goes on below the row's.
    let isBelow: Bool
    /// The methods that may ask, by their places in `LoopMetrics.methods`, a bit each.
    private let methods: UInt8
    /// The segments behind the row's path, and the same as one text; made when they are first asked for.
    private(set) lazy var segments = target.segments(after: row?.length ?? 0)
    private(set) lazy var joined = Array(segments.joined(separator: [UInt8(ascii: "/")]))
    /// What answers, as of a worker's snapshot.
    private var known: (target: Worker.KnownTarget, generation: Int)?

    /// Nil for a target that no server could answer.
    init?(_ uri: String) {
        guard let target = RequestTarget(uri) else { return nil }
        self.target = target
        cleaned = target.cleaned()
        slashed = target.withoutLastSlash()
        path = slashed == nil ? target.path : Array(target.path.dropLast())
        row = Route.find(path)
        isBelow = path.count > row?.length ?? 0
        var methods: UInt8 = 0
        let all: [HTTPMethod] = [.GET, .POST, .PUT, .PATCH, .DELETE, .HEAD]
        if let row {
            for method in all where row.route.takes(method, isBelow: isBelow) { methods |= 1 << method.place }
        }
        self.methods = methods
    }

    func takes(_ method: HTTPMethod) -> Bool { methods & 1 << method.place != 0 }

    /// What answers, where that was found before with the snapshot of this number.
    func known(_ generation: Int) -> Worker.KnownTarget? {
        guard let known, known.generation == generation else { return nil }
        return known.target
    }

    func remember(_ target: Worker.KnownTarget, _ generation: Int) { known = (target, generation) }
}

/// The destinations of the targets that were asked for lately.
struct Destinations {
    private var known: [String: Destination] = [:]
    /// The one that was asked for last: most services ask for one again and again.
    private var last: (uri: String, destination: Destination)?
    /// Targets come from clients: what they fill is emptied, and long ones are not kept.
    private static let limit = 1_000
    private static let lengthLimit = 512

    mutating func find(_ uri: String) -> Destination? {
        if let last, last.uri == uri { return last.destination }
        if let destination = known[uri] {
            last = (uri, destination)
            return destination
        }
        guard let fresh = Destination(uri) else { return nil }
        guard uri.utf8.count <= Self.lengthLimit else { return fresh }
        if known.count >= Self.limit { known.removeAll(keepingCapacity: true) }
        known[uri] = fresh
        return fresh
    }
}

extension HTTPMethod {
    /// Its place in `LoopMetrics.methods`.
    var place: UInt8 {
        switch self {
        case .GET: 0
        case .POST: 1
        case .PUT: 2
        case .PATCH: 3
        case .DELETE: 4
        case .HEAD: 5
        default: 6
        }
    }
}
