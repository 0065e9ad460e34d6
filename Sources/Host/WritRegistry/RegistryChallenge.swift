import Writ

/// What a registry asks for before it answers: the header `WWW-Authenticate` of a response 401 (RFC 9110, 11.6.1).
public struct RegistryChallenge: Sendable, Equatable {
    /// In lower case: `bearer`, `basic`.
    public let scheme: String
    /// Names in lower case.
    public let parameters: [String: String]

    public var realm: String { parameters["realm"] ?? "" }
    public var service: String { parameters["service"] ?? "" }
    public var scope: String { parameters["scope"] ?? "" }

    /// The challenges of a header, in its order. What is not written as one ends the reading.
    public static func list(_ header: String) -> [RegistryChallenge] {
        var reader = HeaderReader(Array(header.utf8.prefix(8192)))
        var result: [RegistryChallenge] = []
        while let scheme = reader.word() {
            var parameters: [String: String] = [:]
            reader.skipSpaces()
            while let (name, value) = reader.parameter() {
                let key = name.lowercased()
                if parameters[key] == nil { parameters[key] = value }
                guard reader.skipComma() else { break }
            }
            result.append(RegistryChallenge(scheme: scheme.lowercased(), parameters: parameters))
            _ = reader.skipComma()
        }
        return result
    }

    private struct HeaderReader {
        let bytes: [UInt8]
        var index = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        var byte: UInt8? { index < bytes.count ? bytes[index] : nil }

        mutating func skipSpaces() {
            while let byte, byte == 0x20 || byte == 0x09 { index += 1 }
        }

        mutating func skipComma() -> Bool {
            skipSpaces()
            var isThere = false
            while byte == UInt8(ascii: ",") {
                isThere = true
                index += 1
                skipSpaces()
            }
            return isThere
        }

        mutating func word() -> String? {
            skipSpaces()
            let start = index
            while let byte, Self.isToken(byte) { index += 1 }
            return index > start ? String(decoding: bytes[start..<index], as: UTF8.self) : nil
        }

        /// `name=value`; nothing is read where there is none.
        mutating func parameter() -> (String, String)? {
            let start = index
            guard let name = word() else { return nil }
            skipSpaces()
            guard byte == UInt8(ascii: "=") else {
                index = start
                return nil
            }
            index += 1
            skipSpaces()
            guard byte == UInt8(ascii: "\"") else { return word().map { (name, $0) } }
            index += 1
            var value: [UInt8] = []
            while let byte {
                index += 1
                if byte == UInt8(ascii: "\"") { return (name, String(decoding: value, as: UTF8.self)) }
                if byte == UInt8(ascii: "\\"), let escaped = self.byte {
                    value.append(escaped)
                    index += 1
                } else {
                    value.append(byte)
                }
            }
            return nil
        }

        private static func isToken(_ byte: UInt8) -> Bool {
            byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A || byte >= 0x30 && byte <= 0x39
                || "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}

/// A token that a registry's token server gave.
public struct RegistryToken: Sendable, Equatable {
    public let text: String
    /// Seconds that it is good for.
    public let lifetime: Int

    /// What is good without saying for how long is good for a minute.
    private static let defaultLifetime = 60

    /// Reads the answer of a token server; nil where it has no token that can stand in a header.
    public init?(_ answer: [UInt8]) {
        guard answer.count <= 1 << 20 else { return nil }
        let space = Space.create(memoryLimit: 1 << 26)
        defer { space.destroy() }
        guard let root = try? space.readJSON(answer), root.isObject else { return nil }
        func member(_ name: String) -> Value {
            (try? space.string(Array(name.utf8))).map { space.member(root, $0) } ?? .undefined
        }
        guard let found = ["token", "access_token"].map(member).first(where: { $0.isString }) else { return nil }
        let text = String(decoding: space.bytes(found), as: UTF8.self)
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        self.text = text
        let seconds = member("expires_in")
        let lifetime = seconds.isNumber ? space.int64(seconds) : nil
        self.lifetime = min(max(Int(lifetime ?? 0), Self.defaultLifetime), 1 << 30)
    }
}
