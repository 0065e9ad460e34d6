import Crypto
import CryptoExtras
import Writ

/// A public key as metadata holds it: Ed25519, ECDSA on P-256 with SHA-256, or RSA-PSS with SHA-256.
public struct TrustKey: Sendable {
    enum Kind: Sendable {
        case ed25519(Curve25519.Signing.PublicKey)
        case ecdsa(P256.Signing.PublicKey)
        case rsa(_RSA.Signing.PublicKey)
    }

    /// The key as metadata has it, members that are not known included.
    public let json: TrustJSON
    let kind: Kind
    /// What makes two keys the same key, under whatever id.
    let identity: [UInt8]

    /// The SHA-256 of its canonical form, in hexadecimal.
    public var id: String { Self.id(of: json) }

    /// The same of a key of any kind.
    static func id(of json: TrustJSON) -> String { Hexadecimal.text(Array(SHA256.hash(data: json.canonical))) }

    /// Reads a key of metadata. Nil for kinds that are not known: their signatures do not count.
    init?(_ json: TrustJSON) {
        guard let scheme = json["scheme"]?.string, let type = json["keytype"]?.string,
            let text = json["keyval"]?["public"]?.string
        else { return nil }
        self.json = json
        switch (type, scheme) {
        case ("ed25519", "ed25519"):
            guard let bytes = Hexadecimal.bytes(text),
                let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
            else { return nil }
            kind = .ed25519(key)
            identity = bytes
        case ("ecdsa", "ecdsa-sha2-nistp256"), ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"):
            guard let key = try? P256.Signing.PublicKey(pemRepresentation: text) else { return nil }
            kind = .ecdsa(key)
            identity = Array(key.x963Representation)
        case ("rsa", "rsassa-pss-sha256"):
            guard let key = try? _RSA.Signing.PublicKey(pemRepresentation: text) else { return nil }
            kind = .rsa(key)
            identity = Array(key.derRepresentation)
        default: return nil
        }
    }

    private init(_ type: String, _ scheme: String, _ text: String, _ kind: Kind, _ identity: [UInt8]) {
        json = .object([
            "keytype": .string(type), "scheme": .string(scheme), "keyval": .object(["public": .string(text)]),
        ])
        self.kind = kind
        self.identity = identity
    }

    init(_ key: Curve25519.Signing.PublicKey) {
        let bytes = Array(key.rawRepresentation)
        self.init("ed25519", "ed25519", Hexadecimal.text(bytes), .ed25519(key), bytes)
    }

    init(_ key: P256.Signing.PublicKey) {
        self.init(
            "ecdsa", "ecdsa-sha2-nistp256", key.pemRepresentation, .ecdsa(key), Array(key.x963Representation))
    }

    init(_ key: _RSA.Signing.PublicKey) {
        self.init("rsa", "rsassa-pss-sha256", key.pemRepresentation, .rsa(key), Array(key.derRepresentation))
    }

    /// Reads a public key in PEM (SubjectPublicKeyInfo).
    public init(pem: [UInt8], _ name: String) throws(TrustFailure) {
        let text = String(decoding: pem, as: UTF8.self)
        if let der = PEM.contents(of: "PUBLIC KEY", in: text), der.starts(with: PEM.ed25519Public), der.count == 44,
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: Array(der.suffix(32)))
        {
            self.init(key)
        } else if let key = try? P256.Signing.PublicKey(pemRepresentation: text) {
            self.init(key)
        } else if let key = try? _RSA.Signing.PublicKey(pemRepresentation: text) {
            self.init(key)
        } else {
            throw TrustFailure(.key, name, "no public key in PEM of Ed25519, ECDSA on P-256 or RSA")
        }
    }

    func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        switch kind {
        case .ed25519(let key): return key.isValidSignature(signature, for: message)
        case .ecdsa(let key):
            guard let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: message)
        case .rsa(let key):
            return key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: signature), for: SHA256.hash(data: message), padding: .PSS)
        }
    }
}

/// A private key that signs metadata.
public struct TrustSigner: Sendable {
    private enum Kind: Sendable {
        case ed25519(Curve25519.Signing.PrivateKey)
        case ecdsa(P256.Signing.PrivateKey)
        case rsa(_RSA.Signing.PrivateKey)
    }

    private let kind: Kind
    public let key: TrustKey

    /// A new Ed25519 key.
    public init() {
        let key = Curve25519.Signing.PrivateKey()
        kind = .ed25519(key)
        self.key = TrustKey(key.publicKey)
    }

    /// Reads a private key in PEM: PKCS #8; SEC 1 and PKCS #1, too.
    public init(pem: [UInt8], _ name: String) throws(TrustFailure) {
        let text = String(decoding: pem, as: UTF8.self)
        if let der = PEM.contents(of: "PRIVATE KEY", in: text), der.starts(with: PEM.ed25519Private), der.count == 48,
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: Array(der.suffix(32)))
        {
            kind = .ed25519(key)
            self.key = TrustKey(key.publicKey)
        } else if let key = try? P256.Signing.PrivateKey(pemRepresentation: text) {
            kind = .ecdsa(key)
            self.key = TrustKey(key.publicKey)
        } else if let key = try? _RSA.Signing.PrivateKey(pemRepresentation: text) {
            kind = .rsa(key)
            self.key = TrustKey(key.publicKey)
        } else {
            throw TrustFailure(.key, name, "no private key in PEM of Ed25519, ECDSA on P-256 or RSA")
        }
    }

    /// The private key in PEM (PKCS #8).
    public var pem: [UInt8] {
        switch kind {
        case .ed25519(let key): PEM.text("PRIVATE KEY", PEM.ed25519Private + Array(key.rawRepresentation))
        case .ecdsa(let key): Array((key.pemRepresentation + "\n").utf8)
        case .rsa(let key): Array((key.pemRepresentation + "\n").utf8)
        }
    }

    /// The public key in PEM.
    public var publicPEM: [UInt8] {
        switch kind {
        case .ed25519(let key): PEM.text("PUBLIC KEY", PEM.ed25519Public + Array(key.publicKey.rawRepresentation))
        case .ecdsa(let key): Array((key.publicKey.pemRepresentation + "\n").utf8)
        case .rsa(let key): Array((key.publicKey.pemRepresentation + "\n").utf8)
        }
    }

    /// The signature of a message in hexadecimal.
    func signature(of message: [UInt8]) throws(TrustFailure) -> String {
        let bytes: [UInt8]?
        switch kind {
        case .ed25519(let key): bytes = (try? key.signature(for: message)).map { Array($0) }
        case .ecdsa(let key): bytes = (try? key.signature(for: message)).map { Array($0.derRepresentation) }
        case .rsa(let key):
            bytes = (try? key.signature(for: SHA256.hash(data: message), padding: .PSS)).map {
                Array($0.rawRepresentation)
            }
        }
        guard let bytes else { throw TrustFailure(.key, key.id, "cannot sign with this key") }
        return Hexadecimal.text(bytes)
    }
}

enum Hexadecimal {
    static func text(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    static func bytes(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

/// Ed25519 keys in PEM, which the library reads and writes only raw.
enum PEM {
    /// What stands before the 32 bytes of a key: PKCS #8 and SubjectPublicKeyInfo (RFC 8410).
    static let ed25519Private: [UInt8] = [
        0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]
    static let ed25519Public: [UInt8] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]

    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The contents of the first block of a label; nil without one.
    static func contents(of label: String, in text: String) -> [UInt8]? {
        let lines = text.split(whereSeparator: { $0 == "\n" || $0 == "\r\n" || $0 == "\r" })
        guard let start = lines.firstIndex(of: "-----BEGIN \(label)-----"),
            let end = lines[start...].firstIndex(of: "-----END \(label)-----")
        else { return nil }
        var bytes: [UInt8] = []
        var held: UInt32 = 0
        var bits = 0
        for byte in lines[(start + 1)..<end].joined().utf8 where byte != UInt8(ascii: "=") {
            guard let digit = digits.firstIndex(of: byte) else { return nil }
            held = (held << 6 | UInt32(digit)) & 0xFFFF
            bits += 6
            guard bits >= 8 else { continue }
            bits -= 8
            bytes.append(UInt8(truncatingIfNeeded: held >> UInt32(bits)))
        }
        return bytes
    }

    /// One block; its contents fit one line of 64 digits or go on in the next.
    static func text(_ label: String, _ contents: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        for start in stride(from: 0, to: contents.count, by: 3) {
            let part = contents[start..<min(start + 3, contents.count)]
            var group: UInt32 = 0
            for index in 0..<3 {
                group = group << 8 | (index < part.count ? UInt32(part[part.startIndex + index]) : 0)
            }
            for index in 0..<4 {
                let digit = digits[Int(group >> UInt32(18 - 6 * index) & 63)]
                text.append(index <= part.count ? digit : UInt8(ascii: "="))
            }
        }
        var lines = "-----BEGIN \(label)-----\n"
        for start in stride(from: 0, to: text.count, by: 64) {
            lines += String(decoding: text[start..<min(start + 64, text.count)], as: UTF8.self) + "\n"
        }
        return Array((lines + "-----END \(label)-----\n").utf8)
    }
}
