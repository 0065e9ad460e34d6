import Glibc

/// What `http.send` and `net.lookup_ip_addr` may do.
public struct NetworkOptions: Sendable {
    /// The hosts that may be asked, as `allow_net` of the capabilities lists them; nil for any.
    public var allowedHosts: [String]?
    /// Loopback, private and link-local addresses are refused, so that a policy cannot be made to reach what only
    /// this machine's network can. A host is looked up once; the address that was looked at is the one asked, for
    /// every redirect anew.
    public var refusesPrivateAddresses = false
    /// How long a request may take where it does not say, in nanoseconds: 5 seconds, or what `HTTP_SEND_TIMEOUT` in
    /// the environment says, such as `10s`.
    public var timeout: Int64 =
        getenv("HTTP_SEND_TIMEOUT").flatMap { GoDuration.nanoseconds(String(cString: $0)) }
        ?? 5_000_000_000
    /// The largest body of a response, in bytes, as it is and unpacked.
    public var bodyLimit = 64 << 20
    /// Where responses are kept from query to query.
    public var cache = InterQueryCache()
    /// Looks a name up: its addresses as text, none where it has none. Blocks; called on threads of its own.
    public var resolve: @Sendable (_ host: String) -> [String] = { Resolver.addresses($0) }

    /// Told of each request that is about to be sent, those after redirects and failures too, with its method and its
    /// address, and what is attached to the evaluation (`HostContext.attachment`). Gives what watches it; nil for nothing.
    public var watch: (@Sendable (_ attachment: (any Sendable)?, _ method: String, _ url: String) -> WatchedRequest?)?

    /// Which addresses `refusesPrivateAddresses` refuses; for tests.
    var isRefused: @Sendable (_ address: String) -> Bool = { Resolver.isPrivate($0) }

    public init() {}

    /// Whether an address is loopback, private, link-local or otherwise not one of the internet.
    public static func isPrivate(_ address: String) -> Bool { Resolver.isPrivate(address) }

    func isAllowed(_ host: String) -> Bool {
        guard let allowedHosts else { return true }
        return allowedHosts.contains { $0.utf8.elementsEqual(host.utf8) }
    }
}

/// What watches a request of `http.send`.
public struct WatchedRequest: Sendable {
    /// Headers that are sent along, each in the place of one of its name.
    public var headers: [(name: String, value: String)]
    /// Told once how the request ended: the status of the response, or why there is none.
    public var end: @Sendable (_ status: Int?, _ failure: String?) -> Void

    public init(
        headers: [(name: String, value: String)],
        end: @escaping @Sendable (_ status: Int?, _ failure: String?) -> Void
    ) {
        self.headers = headers
        self.end = end
    }
}

/// Durations as Go writes them.
enum GoDuration {
    /// Nanoseconds of a text such as `1.5s` or `2m30s`; nil for one that is none.
    static func nanoseconds(_ text: String) -> Int64? {
        let units: [(String, Double)] = [
            ("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
        ]
        var rest = text[...]
        var sign = 1.0
        if rest.first == "-" || rest.first == "+" {
            sign = rest.first == "-" ? -1 : 1
            rest = rest.dropFirst()
        }
        if rest == "0" { return 0 }
        guard !rest.isEmpty else { return nil }
        var total = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            guard let number = Double(digits.hasSuffix(".") ? digits + "0" : digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { !($0.isASCII && $0.isNumber) && $0 != "." }
            guard let unit = units.first(where: { $0.0 == name })?.1 else { return nil }
            rest = rest.dropFirst(name.count)
            total += number * unit
        }
        return total < 9e18 ? Int64(sign * total) : nil
    }
}
