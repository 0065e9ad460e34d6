import Writ

/// A service that this process asks: where it is, and how it shows who it is.
public struct ServiceSettings: Sendable, Equatable {
    public var name: String
    /// Without a slash at its end.
    public var url = ""
    public var headers: [Header] = []
    /// Seconds until the head of a response must have come; 0 for no bound.
    public var headTimeout = 10
    /// Whether certificates are believed unseen.
    public var allowsInsecureTLS = false
    /// A file of authorities in PEM that are believed; nil for those of the system.
    public var authorityFile: String?
    /// Whether those of the system are believed beside that file's.
    public var usesSystemAuthorities = false
    public var credentials = ServiceCredentials.none
    /// Whether it is a registry of artifacts (type `oci`), and not a server of files.
    public var isRegistry = false

    /// A header of each request.
    public struct Header: Sendable, Equatable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    private static let known = [
        "name", "url", "headers", "response_header_timeout_seconds", "tls", "allow_insecure_tls", "type", "credentials",
    ]

    public init(name: String, url: String) {
        self.name = name
        self.url = url
    }

    /// All services of a configuration: an object by their names, or a list of objects with names.
    static func list(
        _ root: SettingsObject, keys: [KeySettings]
    ) throws(SettingsFailure) -> [ServiceSettings] {
        let value = root.member("services")
        guard value.isArray else {
            var services: [ServiceSettings] = []
            for (name, value) in try root.named("services").members {
                services.append(try ServiceSettings(value, named: name, in: root.space, keys))
            }
            return services
        }
        let elements = root.space.elements(value)
        var services: [ServiceSettings] = []
        for index in 0..<elements.count {
            let entry = try SettingsObject(
                elements[index], in: root.space, at: "services[\(index)]", known: known)
            guard let name = try entry.text("name"), !name.isEmpty else {
                throw SettingsFailure("services[\(index)].name is missing")
            }
            guard !services.contains(where: { $0.name == name }) else {
                throw SettingsFailure("two services are called \(name)")
            }
            services.append(try ServiceSettings(elements[index], named: name, in: root.space, keys))
        }
        return services
    }

    init(
        _ value: Value, named name: String, in space: Space, _ keys: [KeySettings]
    ) throws(SettingsFailure) {
        let place = "services.\(name)"
        let object = try SettingsObject(value, in: space, at: place, known: Self.known)
        self.name = name
        var url = (try object.text("url") ?? "")[...]
        while url.hasSuffix("/") { url = url.dropLast() }
        let scheme = url.lowercased()
        guard scheme.hasPrefix("http://") || scheme.hasPrefix("https://") else {
            throw SettingsFailure("\(place).url must begin with http:// or https://")
        }
        self.url = String(url)
        headers = try object.textMembers("headers").map { Header($0.name, $0.value) }
        for header in headers where !Self.isHeader(header) {
            throw SettingsFailure("\(place).headers: `\(header.name)` is no header, or has no value for one")
        }
        headTimeout = try object.number("response_header_timeout_seconds", 0...86_400) ?? 10
        allowsInsecureTLS = try object.flag("allow_insecure_tls") ?? false
        let tls = try object.object("tls", ["ca_cert", "system_ca_required"])
        authorityFile = try tls.text("ca_cert")
        usesSystemAuthorities = try tls.flag("system_ca_required") ?? false
        if let type = try object.text("type"), !type.isEmpty {
            guard type.lowercased() == "oci" else { throw SettingsFailure("\(place).type: unknown type \(type)") }
            isRegistry = true
        }
        credentials = try ServiceCredentials(object, keys, self)
    }

    /// Whether it can stand in a request without ending its line or its head.
    static func isHeader(_ header: Header) -> Bool {
        !header.name.isEmpty && header.name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
            && header.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 9 }
    }
}

/// A key by the name that tokens and other settings call it.
public struct KeySettings: Sendable, Equatable {
    public var name: String
    /// A public key in PEM, or a shared secret; empty for none.
    public var key = ""
    public var privateKey = ""
    public var algorithm = "RS256"
    public var scope = ""

    private static let algorithms = [
        "ES256", "ES384", "ES512", "HS256", "HS384", "HS512", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512",
        "EdDSA",
    ]

    static func list(_ root: SettingsObject) throws(SettingsFailure) -> [KeySettings] {
        var keys: [KeySettings] = []
        for (name, value) in try root.named("keys").members {
            let object = try SettingsObject(
                value, in: root.space, at: "keys.\(name)", known: ["key", "private_key", "algorithm", "scope"])
            var key = KeySettings(name: name)
            key.key = try object.text("key") ?? ""
            key.privateKey = try object.text("private_key") ?? ""
            key.algorithm = try object.text("algorithm") ?? "RS256"
            key.scope = try object.text("scope") ?? ""
            guard !key.key.isEmpty || !key.privateKey.isEmpty else {
                throw SettingsFailure("invalid keys configuration: no keys provided for key ID \(name)")
            }
            guard algorithms.contains(key.algorithm) else {
                var failure = SettingsFailure("unsupported signing algorithm '\(key.algorithm)'")
                failure.suggestion = (key.algorithm, algorithms)
                throw failure
            }
            keys.append(key)
        }
        return keys
    }
}
