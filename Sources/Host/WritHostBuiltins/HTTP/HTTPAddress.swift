/// The parts of an address that matter to a request.
struct HTTPAddress: Sendable {
    let scheme: String
    /// Name and password before the host, as written; nil for none.
    let user: String?
    /// The host without brackets, and the port as written; empty for none.
    let host: String
    let port: String
    /// Path and query, fit to be sent.
    let rest: String
    /// The path of a Unix socket, where the address names one.
    let socket: String

    /// Why an address is none.
    enum Refusal: Error {
        case control
        /// The scheme that nobody serves.
        case scheme(String)
        case host
    }

    init(_ text: String) throws(Refusal) {
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else { throw .control }
        guard let colon = text.firstIndex(of: ":"), Self.isScheme(text[..<colon]) else { throw .scheme("") }
        let scheme = text[..<colon].lowercased()
        guard ["http", "https", "unix"].contains(scheme), text[colon...].hasPrefix("://") else {
            throw .scheme(scheme)
        }
        let behind = text[colon...].dropFirst(3)
        let end = behind.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? behind.endIndex
        var name = behind[..<end]
        if let at = name.lastIndex(of: "@") {
            user = String(name[..<at])
            name = name[name.index(after: at)...]
        } else {
            user = nil
        }
        if name.hasPrefix("["), let close = name.firstIndex(of: "]") {
            host = String(name[name.index(after: name.startIndex)..<close])
            name = name[name.index(after: close)...]
            port = String(name.drop { $0 == ":" })
        } else if let colon = name.lastIndex(of: ":") {
            host = String(name[..<colon])
            port = String(name[name.index(after: colon)...])
        } else {
            (host, port) = (String(name), "")
        }
        guard port.isEmpty || UInt16(port) != nil else { throw .host }
        let path = behind[end...].prefix { $0 != "#" }
        guard scheme == "unix" else {
            guard !host.isEmpty else { throw .host }
            self.scheme = scheme
            rest = Self.escaped(path)
            socket = ""
            return
        }
        let parts = path.split(separator: "?", maxSplits: 1)
        let query = parts.count > 1 ? parts[1].split(separator: "&") : []
        socket = query.first { $0.hasPrefix("socket=") }.map { Self.unescaped($0.dropFirst(7)) } ?? ""
        guard !socket.isEmpty else { throw .scheme("unix") }
        self.scheme = "http"
        let others = query.filter { !$0.hasPrefix("socket=") }.joined(separator: "&")
        rest = Self.escaped((parts.first ?? "/") + (others.isEmpty ? "" : "?" + others))
    }

    private static func isScheme(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a || $0 >= 0x2b && $0 <= 0x39 }
            && text.utf8.first.map { $0 | 0x20 >= 0x61 } == true
    }

    /// Whether two addresses differ only behind the host and the port.
    func hasOrigin(of other: HTTPAddress) -> Bool {
        scheme == other.scheme && authority.lowercased() == other.authority.lowercased() && socket == other.socket
    }

    /// Host and port, as the `Host` header gives them.
    var authority: String {
        let shown = host.contains(":") ? "[\(host)]" : host
        return port.isEmpty ? shown : "\(shown):\(port)"
    }

    /// Host and port to connect to, as messages name them.
    var place: String {
        let shown = host.contains(":") ? "[\(host)]" : host
        return "\(shown):\(port.isEmpty ? (scheme == "https" ? "443" : "80") : port)"
    }

    /// The address as text, without user and password.
    var text: String { "\(scheme)://\(authority)\(rest)" }

    /// The address as the client takes it, maybe under another name of the host.
    func clientURL(under name: String?) -> String {
        if !socket.isEmpty { return "http+unix://\(Self.escaped(socket[...], all: true))\(rest.isEmpty ? "/" : rest)" }
        guard let name else { return text }
        let shown = name.contains(":") ? "[\(name)]" : name
        return "\(scheme)://\(shown)\(port.isEmpty ? "" : ":\(port)")\(rest)"
    }

    /// Another address as it stands in a response to a request for this one.
    func resolving(_ target: String) -> String {
        if let colon = target.firstIndex(of: ":"), Self.isScheme(target[..<colon]) { return target }
        if target.hasPrefix("//") { return "\(scheme):\(target)" }
        if target.hasPrefix("/") { return "\(scheme)://\(authority)\(Self.cleaned(target))" }
        let path = rest.prefix { $0 != "?" }
        if target.hasPrefix("?") { return "\(scheme)://\(authority)\(path)\(target)" }
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
        return "\(scheme)://\(authority)\(Self.cleaned(folder + target))"
    }

    /// A path without its `.` and `..`.
    private static func cleaned(_ text: String) -> String {
        let end = text.firstIndex(of: "?") ?? text.endIndex
        guard text[..<end].contains("/.") else { return text }
        var parts: [Substring] = []
        let steps = text[..<end].split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        for step in steps {
            if step == ".." { _ = parts.popLast() } else if step != "." { parts.append(step) }
        }
        if let last = steps.last, last == "." || last == ".." { parts.append("") }
        return "/" + parts.joined(separator: "/") + text[end...]
    }

    // MARK: Escapes

    /// Text with what no address may hold written as `%XX`; with `all`, everything but letters, digits, `.`, `-`, `_`.
    private static func escaped(_ text: Substring, all: Bool = false) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            let isPlain =
                byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a || byte >= 0x30 && byte <= 0x39 || byte == 0x2d
                || byte == 0x2e || byte == 0x5f
            let isRefused = byte <= 0x20 || byte >= 0x7f || "\"<>\\^`{|}".utf8.contains(byte)
            if all ? !isPlain : isRefused {
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            } else {
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Text with its `%XX` resolved, and its `+` where that stands for a space.
    static func unescaped(_ text: Substring, plus: Bool = true) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let byte = UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16)
            {
                result.append(byte)
                index += 3
            } else {
                result.append(plus && bytes[index] == UInt8(ascii: "+") ? 0x20 : bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
