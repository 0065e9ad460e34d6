/// A URI of a certificate in the parts that Go and OPA show.
struct CertificateURI {
    /// The whole of it, its scheme in lower case.
    private(set) var text: [UInt8]
    private(set) var scheme: [UInt8] = []
    private(set) var opaque: [UInt8] = []
    private(set) var hasUser = false
    private(set) var host: [UInt8] = []
    private(set) var path: [UInt8] = []
    private(set) var rawPath: [UInt8] = []
    private(set) var omitsHost = false
    private(set) var forcesQuery = false
    private(set) var query: [UInt8] = []
    private(set) var fragment: [UInt8] = []
    private(set) var rawFragment: [UInt8] = []

    init(_ text: [UInt8]) throws(KeyFailure) {
        self.text = text
        guard !text.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
            throw Self.failure(text, "net/url: invalid control character in URL")
        }
        var rest = text[...]
        if let sign = rest.firstIndex(of: UInt8(ascii: "#")) {
            let written = Array(rest[(sign + 1)...])
            rest = rest[..<sign]
            fragment = try Self.unescaped(written, text)
            if Self.escaped(fragment, inPath: false) != written { rawFragment = written }
        }
        try readScheme(&rest)
        if rest.last == UInt8(ascii: "?"), rest.firstIndex(of: UInt8(ascii: "?")) == rest.endIndex - 1 {
            forcesQuery = true
            rest.removeLast()
        } else if let sign = rest.firstIndex(of: UInt8(ascii: "?")) {
            query = Array(rest[(sign + 1)...])
            rest = rest[..<sign]
        }
        if rest.first != UInt8(ascii: "/") {
            if !scheme.isEmpty {
                opaque = Array(rest)
                return
            }
            guard !rest.prefix(while: { $0 != UInt8(ascii: "/") }).contains(UInt8(ascii: ":")) else {
                throw Self.failure(text, "first path segment in URL cannot contain colon")
            }
        }
        if rest.starts(withLiteral: "//"), !scheme.isEmpty || !rest.starts(withLiteral: "///") {
            let authority = rest.dropFirst(2).prefix { $0 != UInt8(ascii: "/") }
            rest = rest[authority.endIndex...]
            try readAuthority(authority)
        } else if !scheme.isEmpty, rest.first == UInt8(ascii: "/") {
            omitsHost = true
        }
        path = try Self.unescaped(Array(rest), text)
        if Self.escaped(path, inPath: true) != Array(rest) { rawPath = Array(rest) }
        guard host.isEmpty || DomainName(host) != nil else {
            throw KeyFailure("x509: cannot parse URI \"\(text: text)\": invalid domain")
        }
    }

    private mutating func readScheme(_ rest: inout ArraySlice<UInt8>) throws(KeyFailure) {
        for (index, byte) in zip(rest.indices, rest) {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): continue
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
                if index == rest.startIndex { return }
            case UInt8(ascii: ":"):
                guard index > rest.startIndex else { throw Self.failure(text, "missing protocol scheme") }
                scheme = rest[..<index].map { $0 &- UInt8(ascii: "A") < 26 ? $0 | 0x20 : $0 }
                text.replaceSubrange(0..<scheme.count, with: scheme)
                rest = rest[(index + 1)...]
                return
            default: return
            }
        }
    }

    private mutating func readAuthority(_ authority: ArraySlice<UInt8>) throws(KeyFailure) {
        var authority = authority
        if let sign = authority.lastIndex(of: UInt8(ascii: "@")) {
            hasUser = true
            authority = authority[(sign + 1)...]
        }
        // An address in brackets is all of the host's name.
        guard authority.lastIndex(of: UInt8(ascii: "[")) ?? authority.startIndex == authority.startIndex else {
            throw Self.failure(text, "invalid IP-literal")
        }
        let afterBrackets = authority.lastIndex(of: UInt8(ascii: "]")) ?? authority.startIndex
        if let colon = authority[afterBrackets...].lastIndex(of: UInt8(ascii: ":")) {
            guard authority[(colon + 1)...].allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else {
                throw Self.failure(text, "invalid port after host")
            }
        }
        guard !authority.contains(where: { " <>\"%{}|\\^`".utf8.contains($0) }) else {
            throw Self.failure(text, "invalid character in host name")
        }
        host = Array(authority)
    }

    private static func failure(_ text: [UInt8], _ reason: String) -> KeyFailure {
        KeyFailure("x509: cannot parse URI \"\(text: text)\": parse \"\(text: text)\": \(reason)")
    }

    private static func unescaped(_ text: [UInt8], _ whole: [UInt8]) throws(KeyFailure) -> [UInt8] {
        var out: [UInt8] = []
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "%") {
                guard index + 2 < text.count, let high = digit(text[index + 1]), let low = digit(text[index + 2]) else {
                    throw failure(whole, "invalid URL escape")
                }
                out.append(high << 4 | low)
                index += 3
            } else {
                out.append(text[index])
                index += 1
            }
        }
        return out
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        if byte &- UInt8(ascii: "0") < 10 { return byte - UInt8(ascii: "0") }
        let lower = byte | 0x20
        return lower &- UInt8(ascii: "a") < 6 ? lower - UInt8(ascii: "a") + 10 : nil
    }

    /// As a path or a fragment is written without need for more.
    private static func escaped(_ text: [UInt8], inPath: Bool) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        for byte in text {
            let isPlain =
                byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26
                || "-_.~$&+,/:;=@".utf8.contains(byte) || !inPath && "?!()*".utf8.contains(byte)
            if isPlain {
                out.append(byte)
            } else {
                out += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return out
    }
}

/// A domain name, label by label, the top-level domain first.
struct DomainName {
    let labels: [ArraySlice<UInt8>]

    /// Nil for what is no domain name: empty labels (also a dot at the end), control characters, spaces.
    init?(_ name: [UInt8]) {
        guard !name.isEmpty else {
            labels = []
            return
        }
        labels = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).reversed()
        guard labels.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0 >= 33 && $0 <= 126 } }) else { return nil }
    }
}

extension Sequence where Element == UInt8 {
    /// In lower case, as far as it is ASCII.
    var lowercased: [UInt8] { map { $0 &- UInt8(ascii: "A") < 26 ? $0 | 0x20 : $0 } }
}
