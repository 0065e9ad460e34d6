/// What `http.send` and `net.lookup_ip_addr` may do.
public struct NetworkOptions: Sendable {
    /// The hosts that may be asked, as `allow_net` of the capabilities lists them; nil for any.
    public var allowedHosts: [String]?
    /// Loopback, private and link-local addresses are refused, so that a policy cannot be made to reach what only
    /// this machine's network can.
    public var refusesPrivateAddresses = false
    /// How long a request may take where it does not say, in nanoseconds.
    public var timeout: Int64 = 5_000_000_000
    /// The largest body of a response, in bytes.
    public var bodyLimit = 64 << 20

    public init() {}

    /// Whether an address is loopback, private, link-local or otherwise not one of the internet.
    public static func isPrivate(_ address: String) -> Bool { Resolver.isPrivate(address) }

    func isAllowed(_ host: String) -> Bool {
        guard let allowedHosts else { return true }
        return allowedHosts.contains { $0.utf8.elementsEqual(host.utf8) }
    }
}
