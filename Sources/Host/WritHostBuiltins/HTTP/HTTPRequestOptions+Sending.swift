import Writ

/// A request as it is sent, and what becomes of it on its way.
extension HTTPRequestOptions {
    /// The method as messages show it: `Get`.
    var verb: String { method.prefix(1).uppercased() + method.dropFirst().lowercased() }

    /// Whether the response may come packed, and is unpacked before anybody sees it.
    var isUnpacked: Bool { method != "HEAD" && header("Accept-Encoding") == nil && header("Range") == nil }

    /// The value of a header, by its name as `canonical` gives it.
    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    mutating func set(_ name: String, _ value: String) {
        headers.removeAll { $0.name == name }
        headers.append((name, value))
    }

    /// A header's name with capitals as they are used to be sent: `X-Request-Id`. Names that are none stay as they
    /// are.
    static func canonical(_ name: String) -> String {
        guard isToken(name) else { return name }
        var result = ""
        var isFirst = true
        for character in name {
            result += isFirst ? character.uppercased() : character.lowercased()
            isFirst = character == "-"
        }
        return result
    }

    /// Whether a text is fit to be the name of a header, or a method.
    static func isToken(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"()<>@,;:\\\"/[]?={}".utf8.contains($0) }
    }

    /// What tells requests apart: the operand as JSON text, without the headers that do not count.
    func key(_ operand: Value, _ space: Space) throws(Fault) -> [UInt8] {
        var counted = try space.setting(operand, try space.string("cache_ignored_headers"), to: .null)
        let given = space.member(operand, .short("headers"))
        if !ignoredHeaders.isEmpty, given.isObject {
            let entries = space.entries(given)
            var list = ValueList()
            for index in 0..<entries.count {
                let name = String(decoding: space.bytes(entries.keys[index]), as: UTF8.self)
                if ignoredHeaders.contains(name) { continue }
                try list.append(entries.keys[index], in: space)
                try list.append(entries.values[index], in: space)
            }
            counted = try space.setting(counted, .short("headers"), to: try space.object(pairs: list))
        }
        return try space.json(counted)
    }

    /// The request that follows a response that names another address. `first` is the request that the policy made.
    func redirected(
        _ status: Int, from address: HTTPAddress, to target: String, first: HTTPRequestOptions
    ) -> HTTPRequestOptions {
        var next = self
        next.url = target
        if status != 307, status != 308 {
            if method != "HEAD" { next.method = "GET" }
            next.body = []
        }
        let place = try? HTTPAddress(target)
        if header("Referer") == nil, address.scheme == "http" || place?.scheme == "https" {
            next.set("Referer", address.text)
        } else if first.header("Referer") == nil, header("Referer") != nil {
            next.headers.removeAll { $0.name == "Referer" }
            if address.scheme == "http" || place?.scheme == "https" { next.set("Referer", address.text) }
        }
        // What was meant for one host is not told to another.
        let origin = (try? HTTPAddress(first.url))?.host.lowercased() ?? ""
        let host = place?.host.lowercased() ?? ""
        if host != origin, !host.hasSuffix("." + origin) || origin.isEmpty || host.contains(":") {
            next.headers.removeAll { Self.secrets.contains($0.name) }
        }
        if let place, !place.hasOrigin(of: address) { next.headers.removeAll { $0.name == "Host" } }
        return next
    }

    private static let secrets: Set<String> = [
        "Authorization", "Www-Authenticate", "Cookie", "Cookie2", "Proxy-Authorization", "Proxy-Authenticate",
    ]
}
