import Crypto
import CryptoExtras

/// Why a key or certificate could not be read, in words for the policy's author.
struct KeyFailure: Error {
    let message: String

    init(_ message: String) { self.message = message }
}

/// The elliptic curves of NIST that keys may name.
enum NISTCurve {
    case p224, p256, p384, p521

    init?(_ identifier: ObjectIdentifier) {
        switch identifier.numbers {
        case [1, 3, 132, 0, 33]: self = .p224
        case [1, 2, 840, 10045, 3, 1, 7]: self = .p256
        case [1, 3, 132, 0, 34]: self = .p384
        case [1, 3, 132, 0, 35]: self = .p521
        default: return nil
        }
    }

    /// The name in JSON web keys, which do not know P-224.
    init?(jsonName name: [UInt8]) {
        if name.equals("P-256") {
            self = .p256
        } else if name.equals("P-384") {
            self = .p384
        } else if name.equals("P-521") {
            self = .p521
        } else {
            return nil
        }
    }

    var name: String {
        switch self {
        case .p224: "P-224"
        case .p256: "P-256"
        case .p384: "P-384"
        case .p521: "P-521"
        }
    }

    /// Why bytes are no point of the curve.
    func problem(of point: [UInt8]) -> String {
        guard point.count == 1 + 2 * size, point[0] == 4 else {
            return "x509: failed to unmarshal elliptic curve point"
        }
        let name = name.filter { $0 != "-" }
        let prime = prime
        let areElements = [point[1...size], point[(1 + size)...]].allSatisfy { $0.lexicographicallyPrecedes(prime) }
        if areElements { return "\(name) point not on curve" }
        return self == .p256 ? "invalid P256 element encoding" : "invalid \(name)Element encoding"
    }

    /// The prime of the field in which coordinates lie.
    private var prime: [UInt8] {
        func bytes(_ count: Int, _ byte: UInt8 = 0xff) -> [UInt8] { Array(repeating: byte, count: count) }
        return switch self {
        case .p224: bytes(16) + bytes(11, 0) + [1]
        case .p256: bytes(4) + [0, 0, 0, 1] + bytes(12, 0) + bytes(12)
        case .p384: bytes(31) + [0xfe] + bytes(4) + bytes(8, 0) + bytes(4)
        case .p521: [0x01] + bytes(65)
        }
    }

    /// The bytes of one coordinate.
    var size: Int {
        switch self {
        case .p224: 28
        case .p256: 32
        case .p384: 48
        case .p521: 66
        }
    }
}

/// A public key, or a shared secret, as it was read: its numbers, and what the cryptographic library made of them.
enum PublicKey {
    case rsa(RSAPublicKey)
    case ec(ECPublicKey)
    case ed25519(Curve25519.Signing.PublicKey)
    /// For key agreement only: it verifies nothing.
    case x25519([UInt8])
    /// Read because certificates may hold one; it verifies nothing.
    case dsa(p: [UInt8], q: [UInt8], g: [UInt8], y: [UInt8])
    case secret([UInt8])

    /// The number of its algorithm in the JSON form of certificates.
    var algorithm: Int {
        switch self {
        case .rsa: 1
        case .dsa: 2
        case .ec: 3
        case .ed25519: 4
        case .x25519, .secret: 0
        }
    }
}

struct RSAPublicKey: Equatable {
    /// Without leading zeros.
    let modulus: [UInt8]
    let exponent: [UInt8]
    /// Nil when the library refuses the key (fewer than 1,024 bits, an even modulus, an exponent of 1 or beyond 31
    /// bits): such a key can be looked at but verifies nothing.
    let key: _RSA.Signing.PublicKey?

    init(modulus: [UInt8], exponent: [UInt8]) {
        self.modulus = Array(modulus.drop { $0 == 0 })
        self.exponent = Array(exponent.drop { $0 == 0 })
        key = Self.key(self.modulus, self.exponent)
    }

    /// The size of the modulus in bytes.
    var size: Int { modulus.count }

    static func == (a: Self, b: Self) -> Bool { a.modulus == b.modulus && a.exponent == b.exponent }

    private static func key(_ modulus: [UInt8], _ exponent: [UInt8]) -> _RSA.Signing.PublicKey? {
        // Work on a key grows with the cube of its size; 16,384 bits are what the library takes at most.
        guard modulus.count <= 2048, exponent.count < 4 || exponent.count == 4 && exponent[0] < 0x80 else {
            return nil
        }
        let der = DERWriter.sequence(
            // rsaEncryption, without parameters
            DERWriter.sequence(
                [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01], [0x05, 0x00]),
            DERWriter.element(
                DERReader.Tag.bits,
                [0] + DERWriter.sequence(DERWriter.integer(modulus), DERWriter.integer(exponent))))
        return try? _RSA.Signing.PublicKey(unsafeDERRepresentation: der)
    }
}

struct ECPublicKey {
    enum Key {
        case p256(P256.Signing.PublicKey)
        case p384(P384.Signing.PublicKey)
        case p521(P521.Signing.PublicKey)
    }

    let curve: NISTCurve
    /// Coordinates, each as long as the curve's.
    let x: [UInt8]
    let y: [UInt8]
    /// Nil on P-224, which the library does not have: such a key can be looked at but verifies nothing.
    let key: Key?

    /// The point that these bytes encode (SEC 1, uncompressed). Nil when it is not on the curve.
    init?(_ curve: NISTCurve, point: some Collection<UInt8>) {
        let bytes = Array(point)
        guard bytes.count == 1 + 2 * curve.size, bytes[0] == 4 else { return nil }
        self.curve = curve
        x = Array(bytes[1...curve.size])
        y = Array(bytes[(1 + curve.size)...])
        switch curve {
        case .p224: key = nil
        case .p256:
            guard let key = try? P256.Signing.PublicKey(x963Representation: bytes) else { return nil }
            self.key = .p256(key)
        case .p384:
            guard let key = try? P384.Signing.PublicKey(x963Representation: bytes) else { return nil }
            self.key = .p384(key)
        case .p521:
            guard let key = try? P521.Signing.PublicKey(x963Representation: bytes) else { return nil }
            self.key = .p521(key)
        }
    }
}

// MARK: SubjectPublicKeyInfo

/// The algorithm of a key or a signature: its identifier, and its parameters as DER.
struct AlgorithmIdentifier {
    let identifier: ObjectIdentifier
    let parameters: [UInt8]

    init(_ reader: DERReader) throws(DERReader.Malformed) {
        var reader = reader
        identifier = try reader.identifier()
        parameters = reader.isEmpty ? [] : Array(try reader.any().element)
    }
}

extension PublicKey {
    /// Reads the key of a certificate (RFC 5280, SubjectPublicKeyInfo). Nil for an algorithm that is not known.
    init?(_ algorithm: AlgorithmIdentifier, bits: [UInt8]) throws(KeyFailure) {
        switch algorithm.identifier.numbers {
        case [1, 2, 840, 113549, 1, 1, 1]:
            guard algorithm.parameters == [0x05, 0x00] else {
                throw KeyFailure("x509: RSA key missing NULL parameters")
            }
            self = .rsa(try Self.rsa(bits))
        case [1, 2, 840, 10045, 2, 1]:
            var reader = DERReader(algorithm.parameters)
            guard let named = try? reader.identifier() else {
                throw KeyFailure("x509: invalid ECDSA parameters")
            }
            guard let curve = NISTCurve(named) else { throw KeyFailure("x509: unsupported elliptic curve") }
            guard let key = ECPublicKey(curve, point: bits) else {
                throw KeyFailure(curve.problem(of: bits))
            }
            self = .ec(key)
        case [1, 3, 101, 112]:
            guard algorithm.parameters.isEmpty else {
                throw KeyFailure("x509: Ed25519 key encoded with illegal parameters")
            }
            guard bits.count == 32, let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bits) else {
                throw KeyFailure("x509: wrong Ed25519 public key size")
            }
            self = .ed25519(key)
        case [1, 3, 101, 110]:
            guard algorithm.parameters.isEmpty else {
                throw KeyFailure("x509: X25519 key encoded with illegal parameters")
            }
            guard bits.count == 32 else { throw KeyFailure("x509: wrong X25519 public key size") }
            self = .x25519(bits)
        case [1, 2, 840, 10040, 4, 1]: self = try Self.dsa(algorithm, bits)
        default: return nil
        }
    }

    /// Reads a key as `RSA PUBLIC KEY` blocks hold it (RFC 8017).
    static func rsa(_ bits: [UInt8]) throws(KeyFailure) -> RSAPublicKey {
        var outer = DERReader(bits)
        guard var reader = try? outer.sequence() else { throw KeyFailure("x509: invalid RSA public key") }
        guard let modulus = try? reader.integer() else { throw KeyFailure("x509: invalid RSA modulus") }
        guard let exponent = try? reader.integer(), exponent.count <= 8 else {
            throw KeyFailure("x509: invalid RSA public exponent")
        }
        guard modulus.first ?? 0 < 0x80, modulus.contains(where: { $0 != 0 }) else {
            throw KeyFailure("x509: RSA modulus is not a positive number")
        }
        guard exponent.first ?? 0 < 0x80, exponent.contains(where: { $0 != 0 }) else {
            throw KeyFailure("x509: RSA public exponent is not a positive number")
        }
        return RSAPublicKey(modulus: Array(modulus), exponent: Array(exponent))
    }

    private static func dsa(_ algorithm: AlgorithmIdentifier, _ bits: [UInt8]) throws(KeyFailure) -> PublicKey {
        var key = DERReader(bits)
        guard let y = try? key.magnitude(), !y.isEmpty else { throw KeyFailure("x509: invalid DSA public key") }
        var outer = DERReader(algorithm.parameters)
        guard var reader = try? outer.sequence(), let p = try? reader.magnitude(), let q = try? reader.magnitude(),
            let g = try? reader.magnitude(), !p.isEmpty, !q.isEmpty, !g.isEmpty
        else { throw KeyFailure("x509: invalid DSA parameters") }
        return .dsa(p: p, q: q, g: g, y: y)
    }

    /// Reads a key as `PUBLIC KEY` blocks hold it.
    static func subjectPublicKeyInfo(_ bytes: [UInt8]) throws(KeyFailure) -> PublicKey {
        if let problem = DERReader.problem(ofFirst: bytes) { throw KeyFailure(problem) }
        var outer = DERReader(bytes)
        guard var reader = try? outer.sequence(), let algorithmReader = try? reader.sequence(),
            let algorithm = try? AlgorithmIdentifier(algorithmReader), let bits = try? reader.alignedBits(),
            reader.isEmpty
        else { throw KeyFailure("asn1: structure error: no public key") }
        guard outer.isEmpty else { throw KeyFailure("x509: trailing data after ASN.1 of public-key") }
        guard let key = try PublicKey(algorithm, bits: bits) else {
            throw KeyFailure("x509: unknown public key algorithm")
        }
        return key
    }
}
