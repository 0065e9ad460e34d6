import Crypto
import CryptoExtras

/// A private key: its numbers, and what the cryptographic library made of them.
enum PrivateKey {
    case rsa(RSAPrivateKey)
    case ec(ECPrivateKey)
    /// The seed, and the public key that belongs to it.
    case ed25519(Curve25519.Signing.PrivateKey)
    case x25519([UInt8])
}

struct RSAPrivateKey {
    /// n, e, d, p, q, d mod (p - 1), d mod (q - 1), q⁻¹ mod p: in the order of RFC 8017, without leading zeros.
    let numbers: [[UInt8]]
    let key: _RSA.Signing.PrivateKey?

    var publicKey: RSAPublicKey { RSAPublicKey(modulus: numbers[0], exponent: numbers[1]) }

    /// Reads RFC 8017's RSAPrivateKey.
    init(_ bytes: [UInt8]) throws(KeyFailure) {
        var outer = DERReader(bytes)
        guard var reader = try? outer.sequence(), let version = try? reader.small() else {
            throw KeyFailure("asn1: structure error: no PKCS #1 private key")
        }
        guard version == 0 else { throw KeyFailure("x509: unsupported private key version") }
        var numbers: [[UInt8]] = []
        for _ in 0..<8 {
            guard let number = try? reader.magnitude() else {
                throw KeyFailure("asn1: structure error: no PKCS #1 private key")
            }
            guard !number.isEmpty, number.count <= 2048 else {
                throw KeyFailure("x509: private key contains zero or negative value")
            }
            numbers.append(number)
        }
        guard outer.isEmpty else { throw KeyFailure("asn1: syntax error: trailing data") }
        self.numbers = numbers
        key = try? _RSA.Signing.PrivateKey(unsafeDERRepresentation: bytes)
        // A small key cannot be used, but it can be looked at.
        guard key != nil || numbers[0].count < 128 else { throw KeyFailure("crypto/rsa: invalid private key") }
    }

    /// A key of a JSON web key, whose numbers beyond the primes may be missing.
    init(_ numbers: [[UInt8]]) throws(KeyFailure) {
        self.numbers = numbers
        if numbers.count == 8 {
            let der = DERWriter.sequence(
                [DERWriter.integer([0])].flatMap { $0 }, numbers.flatMap { DERWriter.integer($0) })
            key = try? _RSA.Signing.PrivateKey(unsafeDERRepresentation: der)
        } else {
            key = try? _RSA.Signing.PrivateKey(
                n: numbers[0], e: numbers[1], d: numbers[2], p: numbers[3], q: numbers[4])
        }
    }
}

struct ECPrivateKey {
    enum Key {
        case p256(P256.Signing.PrivateKey)
        case p384(P384.Signing.PrivateKey)
        case p521(P521.Signing.PrivateKey)
    }

    let curve: NISTCurve
    /// As long as the curve's coordinates.
    let scalar: [UInt8]
    /// Nil on P-224, which the library does not have: such a key can be looked at but signs nothing.
    let key: Key?
    /// Its point, in SEC 1's uncompressed form.
    let point: [UInt8]

    /// Nil when the number is no key of this curve, or the library does not have the curve.
    init?(_ curve: NISTCurve, scalar: [UInt8]) {
        let digits = scalar.drop { $0 == 0 }
        guard digits.count <= curve.size else { return nil }
        let padded = [UInt8](repeating: 0, count: curve.size - digits.count) + digits
        self.curve = curve
        self.scalar = padded
        switch curve {
        case .p224: return nil
        case .p256:
            guard let key = try? P256.Signing.PrivateKey(rawRepresentation: padded) else { return nil }
            self.key = .p256(key)
            point = Array(key.publicKey.x963Representation)
        case .p384:
            guard let key = try? P384.Signing.PrivateKey(rawRepresentation: padded) else { return nil }
            self.key = .p384(key)
            point = Array(key.publicKey.x963Representation)
        case .p521:
            guard let key = try? P521.Signing.PrivateKey(rawRepresentation: padded) else { return nil }
            self.key = .p521(key)
            point = Array(key.publicKey.x963Representation)
        }
    }

    /// A key on P-224, with the point that stands beside it: the library cannot find it again. Nil for what is no
    /// number of a key, or no point.
    init?(p224 scalar: [UInt8], point: [UInt8]) {
        let digits = scalar.drop { $0 == 0 }
        let order: [UInt8] =
            [UInt8](repeating: 0xff, count: 14) + [0x16, 0xa2, 0xe0, 0xb8, 0xf0, 0x3e, 0x13, 0xdd]
            + [0x29, 0x45, 0x5c, 0x5c, 0x2a, 0x3d]
        let padded = [UInt8](repeating: 0, count: max(0, order.count - digits.count)) + digits
        guard !digits.isEmpty, padded.lexicographicallyPrecedes(order), digits.count <= order.count,
            ECPublicKey(.p224, point: point) != nil
        else { return nil }
        curve = .p224
        self.scalar = padded
        key = nil
        self.point = point
    }

    var x: ArraySlice<UInt8> { point[1...curve.size] }
    var y: ArraySlice<UInt8> { point[(1 + curve.size)...] }
}

extension PrivateKey {
    /// Reads RFC 5208's PrivateKeyInfo.
    static func pkcs8(_ bytes: [UInt8]) throws(KeyFailure) -> PrivateKey {
        var outer = DERReader(bytes)
        guard var reader = try? outer.sequence(), (try? reader.small()) != nil,
            let algorithmReader = try? reader.sequence(), let algorithm = try? AlgorithmIdentifier(algorithmReader),
            let key = try? reader.element(DERReader.Tag.octets).rest
        else { throw KeyFailure("asn1: structure error: no PKCS #8 private key") }
        switch algorithm.identifier.numbers {
        case [1, 2, 840, 113549, 1, 1, 1]:
            do throws(KeyFailure) { return .rsa(try RSAPrivateKey(Array(key))) } catch {
                throw KeyFailure("x509: failed to parse RSA private key embedded in PKCS#8: \(error.message)")
            }
        case [1, 2, 840, 10045, 2, 1]:
            var parameters = DERReader(algorithm.parameters)
            let curve = try? parameters.identifier()
            do throws(KeyFailure) { return try sec1(Array(key), curve: curve) } catch {
                throw KeyFailure("x509: failed to parse EC private key embedded in PKCS#8: \(error.message)")
            }
        case [1, 3, 101, 112]:
            guard algorithm.parameters.isEmpty else { throw KeyFailure("x509: invalid Ed25519 private key parameters") }
            var inner = DERReader(Array(key))
            guard let seed = try? inner.element(DERReader.Tag.octets).rest else {
                throw KeyFailure("x509: invalid Ed25519 private key: asn1: structure error")
            }
            guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: Array(seed)) else {
                throw KeyFailure("x509: invalid Ed25519 private key length: \(seed.count)")
            }
            return .ed25519(key)
        case [1, 3, 101, 110]:
            var inner = DERReader(Array(key))
            guard let seed = try? inner.element(DERReader.Tag.octets).rest, seed.count == 32 else {
                throw KeyFailure("x509: invalid X25519 private key")
            }
            return .x25519(Array(seed))
        default:
            throw KeyFailure(
                "x509: PKCS#8 wrapping contained private key with unknown algorithm: \(algorithm.identifier.text)")
        }
    }

    /// Reads RFC 5915's ECPrivateKey; the curve is what is named outside it, where something is.
    static func sec1(_ bytes: [UInt8], curve outside: ObjectIdentifier? = nil) throws(KeyFailure) -> PrivateKey {
        var outer = DERReader(bytes)
        guard var reader = try? outer.sequence(), let version = try? reader.small(),
            let scalar = try? reader.element(DERReader.Tag.octets).rest
        else { throw KeyFailure("x509: failed to parse EC private key: asn1: structure error") }
        let failed = "x509: failed to parse EC private key: asn1: "
        let inside: DERReader?
        let point: DERReader?
        do throws(DERReader.Malformed) {
            inside = try reader.optional(DERReader.Tag.identifier, inExplicit: 0)
            point = try reader.optional(DERReader.Tag.bits, inExplicit: 1)
        } catch { throw KeyFailure(failed + "structure error") }
        let named = inside.flatMap { ObjectIdentifier(encoded: $0.rest) }
        guard inside == nil || named != nil else { throw KeyFailure(failed + "syntax error") }
        // The public key must be a string of bits, but it is not used where the library finds it itself.
        var given: [UInt8] = []
        if let point {
            guard let (bytes, _) = try? DERReader.bits(of: point.rest) else {
                throw KeyFailure(failed + "syntax error: invalid padding bits in BIT STRING")
            }
            given = bytes
        }
        guard version == 1 else { throw KeyFailure("x509: unknown EC private key version \(version)") }
        guard let named = outside ?? named, let curve = NISTCurve(named) else {
            throw KeyFailure("x509: unknown elliptic curve")
        }
        let made =
            curve == .p224
            ? ECPrivateKey(p224: Array(scalar), point: given) : ECPrivateKey(curve, scalar: Array(scalar))
        guard let key = made else {
            throw KeyFailure("x509: invalid elliptic curve private key value")
        }
        return .ec(key)
    }

    /// The private keys of a PEM text, in their order. Blocks with other contents are passed over.
    static func keys(pem text: [UInt8]) throws(KeyFailure) -> [PrivateKey] {
        var reader = PEMReader(text)
        var keys: [PrivateKey] = []
        while let block = reader.next() {
            if block.isLabelled("RSA PRIVATE KEY") {
                keys.append(.rsa(try RSAPrivateKey(block.contents)))
            } else if block.isLabelled("PRIVATE KEY") {
                keys.append(try pkcs8(block.contents))
            } else if block.isLabelled("EC PRIVATE KEY") {
                keys.append(try sec1(block.contents))
            }
        }
        return keys
    }
}
