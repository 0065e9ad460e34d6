import Crypto
import Writ

/// Why a token cannot be read, signed or verified.
public struct TokenFailure: Error, Sendable {
    public let message: String

    init(_ message: String) { self.message = message }
}

/// A token of three parts (RFC 7515, compact): header, payload and signature.
public struct CompactToken: Sendable {
    /// The header as JSON text.
    public let header: [UInt8]
    public let payload: [UInt8]
    /// What was signed: the first two parts as they were written.
    let signed: [UInt8]
    let signature: [UInt8]

    /// Splits a token. Says nothing of whether it is to be believed.
    public init(_ text: [UInt8]) throws(TokenFailure) {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3 else {
            throw TokenFailure("invalid compact serialization format: invalid number of segments")
        }
        header = try Self.part(parts[0], "headers")
        payload = try Self.part(parts[1], "payload")
        signature = try Self.part(parts[2], "signature")
        signed = Array(text[..<parts[1].endIndex])
    }

    private static func part(_ text: ArraySlice<UInt8>, _ name: String) throws(TokenFailure) -> [UInt8] {
        // Line breaks, which Go's decoder passes over, stand in no token.
        guard !text.contains(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "=") })
        else { throw TokenFailure("failed to base64 decode JWT \(name): illegal base64 data") }
        let padded = Array(text) + Array(repeating: UInt8(ascii: "="), count: (4 - text.count % 4) % 4)
        do throws(Base64Text.Failure) { return try Base64Text.decode(padded, url: true) } catch {
            throw TokenFailure("failed to base64 decode JWT \(name): \(error.message)")
        }
    }
}

/// A private key, or a shared secret, that signs tokens.
public struct TokenSigner {
    private enum Kind {
        case secret([UInt8])
        case rsa(RSAPrivateKey)
        case ec(ECPrivateKey)
        case ed25519(Curve25519.Signing.PrivateKey)
    }

    private let algorithm: SignatureAlgorithm
    private let kind: Kind

    /// `key` is the secret itself for HS algorithms, else a private key in PEM. `algorithm` is its name (RFC 7518,
    /// RFC 8037): `RS256`.
    public init(key: [UInt8], algorithm name: String) throws(TokenFailure) {
        guard let algorithm = SignatureAlgorithm(Array(name.utf8)) else {
            throw TokenFailure("unknown signature algorithm: \(name)")
        }
        self.algorithm = algorithm
        guard algorithm.family != .hs else {
            guard !key.isEmpty else { throw TokenFailure("the secret for \(name) is empty") }
            kind = .secret(key)
            return
        }
        let keys: [PrivateKey]
        do throws(KeyFailure) { keys = try PrivateKey.keys(pem: key) } catch { throw TokenFailure(error.message) }
        guard let found = keys.first else {
            throw TokenFailure("failed to parse PEM block containing the key")
        }
        switch (algorithm.family, found) {
        case (.rs, .rsa(let key)), (.ps, .rsa(let key)): kind = .rsa(key)
        case (.es, .ec(let key)): kind = .ec(key)
        case (.ed, .ed25519(let key)): kind = .ed25519(key)
        default: throw TokenFailure("invalid key type: a private key of another kind than \(name) needs")
        }
    }

    /// The token of a header and a payload, which are signed as they are written.
    public func token(header: [UInt8], payload: [UInt8]) throws(TokenFailure) -> [UInt8] {
        var token = Base64Text.encode(header, url: true, padding: false)
        token.append(UInt8(ascii: "."))
        token += Base64Text.encode(payload, url: true, padding: false)
        let signature: [UInt8]
        do throws(KeyFailure) {
            switch kind {
            case .secret(let secret):
                signature = secret.withUnsafeBufferPointer { secret in
                    token.withUnsafeBufferPointer { KeyedHash(algorithm.hash, secret: secret).code(for: $0) }
                }
            case .rsa(let key): signature = try key.signature(of: token, algorithm)
            case .ec(let key): signature = try key.signature(of: token, algorithm)
            case .ed25519(let key):
                guard let made = try? key.signature(for: token) else {
                    throw KeyFailure("ed25519: cannot sign with this key")
                }
                signature = Array(made)
            }
        } catch { throw TokenFailure(error.message) }
        token.append(UInt8(ascii: "."))
        return token + Base64Text.encode(signature, url: true, padding: false)
    }
}

/// A public key, or a shared secret, under which tokens are verified, by the one algorithm that it is for: what a
/// token's header says of the algorithm is not asked.
public struct TokenVerifier {
    private enum Kind {
        case secret([UInt8])
        case key(PublicKey)
    }

    private let name: String
    private let algorithm: SignatureAlgorithm
    private let kind: Kind

    /// `key` is the secret itself for HS algorithms, else a public key, a certificate or a private key in PEM.
    public init(key: [UInt8], algorithm name: String) throws(TokenFailure) {
        guard let algorithm = SignatureAlgorithm(Array(name.utf8)) else {
            throw TokenFailure("unknown signature algorithm: \(name)")
        }
        self.name = name
        self.algorithm = algorithm
        guard algorithm.family != .hs else {
            guard !key.isEmpty else { throw TokenFailure("the secret for \(name) is empty") }
            kind = .secret(key)
            return
        }
        do throws(KeyFailure) { kind = .key(try Self.publicKey(key)) } catch { throw TokenFailure(error.message) }
    }

    private static func publicKey(_ text: [UInt8]) throws(KeyFailure) -> PublicKey {
        var reader = PEMReader(text)
        guard let block = reader.next() else {
            throw KeyFailure("failed to parse PEM block containing the public key")
        }
        if block.isLabelled("PUBLIC KEY") { return try PublicKey.subjectPublicKeyInfo(block.contents) }
        if block.isLabelled("RSA PUBLIC KEY") { return .rsa(try PublicKey.rsa(block.contents)) }
        if block.isLabelled("CERTIFICATE") {
            guard let key = try Certificate.parse(block.contents).publicKey else {
                throw KeyFailure("x509: unknown public key algorithm")
            }
            return key
        }
        switch try PrivateKey.keys(pem: text).first {
        case .rsa(let key): return .rsa(key.publicKey)
        case .ec(let key):
            guard let point = ECPublicKey(key.curve, point: key.point) else {
                throw KeyFailure("x509: invalid elliptic curve private key value")
            }
            return .ec(point)
        case .ed25519(let key): return .ed25519(key.publicKey)
        default: throw KeyFailure("the PEM block holds no public key")
        }
    }

    /// Throws unless the token's signature is good under this key.
    public func verify(_ token: CompactToken) throws(TokenFailure) {
        let prefix = "failed to verify JWT signature: "
        switch kind {
        case .secret(let secret):
            let isValid = secret.withUnsafeBufferPointer { secret in
                token.signature.withUnsafeBufferPointer { signature in
                    token.signed.withUnsafeBufferPointer { signed in
                        KeyedHash(algorithm.hash, secret: secret).isValid(signature, for: signed)
                    }
                }
            }
            guard isValid else { throw TokenFailure(prefix + "invalid HMAC signature") }
        case .key(let key):
            switch (algorithm.family, key) {
            case (.rs, .rsa), (.ps, .rsa), (.ed, .ed25519): break
            case (.es, .ec(let key)):
                guard token.signature.count == 2 * key.curve.size else {
                    throw TokenFailure(
                        prefix + "dsig.VerifyECDSA: failed to unpack ECDSA signature: "
                            + "invalid signature length for curve \"\(key.curve.name)\"")
                }
            default: throw TokenFailure(prefix + "invalid key type: \(key.kindName) does not verify \(name)")
            }
            let isValid = token.signature.withUnsafeBufferPointer { signature in
                token.signed.withUnsafeBufferPointer {
                    key.verifies(signature, of: $0, algorithm, isExact: true)
                }
            }
            guard isValid else {
                throw TokenFailure(
                    prefix
                        + (algorithm.family == .es
                            ? "invalid ECDSA signature"
                            : algorithm.family == .ed
                                ? "invalid EdDSA signature" : "crypto/rsa: verification error"))
            }
        }
    }
}

extension PublicKey {
    /// What it is, for messages.
    fileprivate var kindName: String {
        switch self {
        case .rsa: "an RSA key"
        case .ec: "an ECDSA key"
        case .ed25519: "an Ed25519 key"
        case .x25519: "an X25519 key"
        case .dsa: "a DSA key"
        case .secret: "a shared secret"
        }
    }
}
