import Crypto
import CryptoExtras

/// An algorithm for signatures of tokens (RFC 7518, RFC 8037). There is none called `none`.
struct SignatureAlgorithm: Equatable {
    enum Family {
        /// HMAC
        case hs
        /// RSA, PKCS #1 1.5
        case rs
        /// RSA, PSS
        case ps
        /// ECDSA
        case es
        /// Ed25519
        case ed
    }

    enum Hash: Int {
        case sha256 = 256
        case sha384 = 384
        case sha512 = 512
    }

    let family: Family
    let hash: Hash

    init(_ family: Family, _ hash: Hash) {
        self.family = family
        self.hash = hash
    }

    /// The algorithm of this name.
    init?(_ name: some Collection<UInt8>) {
        if name.equals("EdDSA") {
            self.init(.ed, .sha512)
            return
        }
        let hash: Hash
        switch name.count == 5 ? Array(name.dropFirst(2)) : [] {
        case Array("256".utf8): hash = .sha256
        case Array("384".utf8): hash = .sha384
        case Array("512".utf8): hash = .sha512
        default: return nil
        }
        switch Array(name.prefix(2)) {
        case Array("HS".utf8): self.init(.hs, hash)
        case Array("RS".utf8): self.init(.rs, hash)
        case Array("PS".utf8): self.init(.ps, hash)
        case Array("ES".utf8): self.init(.es, hash)
        default: return nil
        }
    }
}

// MARK: HMAC

/// HMAC under one key, ready to take in a message: what depends on the key alone is computed once.
enum KeyedHash {
    case sha256(HMAC<SHA256>)
    case sha384(HMAC<SHA384>)
    case sha512(HMAC<SHA512>)

    init(_ hash: SignatureAlgorithm.Hash, secret: UnsafeBufferPointer<UInt8>) {
        let key = SymmetricKey(data: UnsafeRawBufferPointer(secret))
        switch hash {
        case .sha256: self = .sha256(HMAC(key: key))
        case .sha384: self = .sha384(HMAC(key: key))
        case .sha512: self = .sha512(HMAC(key: key))
        }
    }

    /// Whether `code` authenticates the message, in a time that tells nothing of where they differ.
    func isValid(_ code: UnsafeBufferPointer<UInt8>, for message: UnsafeBufferPointer<UInt8>) -> Bool {
        switch self {
        case .sha256(let hmac): Self.isValid(hmac, code, message)
        case .sha384(let hmac): Self.isValid(hmac, code, message)
        case .sha512(let hmac): Self.isValid(hmac, code, message)
        }
    }

    func code(for message: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        switch self {
        case .sha256(var hmac):
            hmac.update(data: UnsafeRawBufferPointer(message))
            return Array(hmac.finalize())
        case .sha384(var hmac):
            hmac.update(data: UnsafeRawBufferPointer(message))
            return Array(hmac.finalize())
        case .sha512(var hmac):
            hmac.update(data: UnsafeRawBufferPointer(message))
            return Array(hmac.finalize())
        }
    }

    private static func isValid<H: HashFunction>(
        _ start: HMAC<H>, _ code: UnsafeBufferPointer<UInt8>, _ message: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        var hmac = start
        hmac.update(data: UnsafeRawBufferPointer(message))
        return hmac.finalize().withUnsafeBytes { expected in
            guard expected.count == code.count else { return false }
            var difference: UInt8 = 0
            for index in 0..<code.count { difference |= expected[index] ^ code[index] }
            return difference == 0
        }
    }
}

// MARK: Verifying

extension PublicKey {
    /// Whether the signature of a message is good under this key. False where the key is not of the algorithm's kind.
    ///
    /// An elliptic curve of another size than the algorithm's name says is good too, as in OPA. HMAC is not done here,
    /// so a public key is never taken for a shared secret. `isExact` asks of ECDSA that both numbers are as long as the
    /// curve's, and of PSS that the salt is as long as the hash (RFC 7518): `io.jwt.verify_*` of OPA does not ask that.
    func verifies(
        _ signature: UnsafeBufferPointer<UInt8>, of message: UnsafeBufferPointer<UInt8>,
        _ algorithm: SignatureAlgorithm, isExact: Bool
    ) -> Bool {
        switch (algorithm.family, self) {
        case (.rs, .rsa(let key)), (.ps, .rsa(let key)):
            let anySalt = algorithm.family == .ps && !isExact
            let message = UnsafeRawBufferPointer(message)
            switch algorithm.hash {
            case .sha256:
                return key.verifies(Array(signature), SHA256.hash(data: message), algorithm, anySalt, SHA256.self)
            case .sha384:
                return key.verifies(Array(signature), SHA384.hash(data: message), algorithm, anySalt, SHA384.self)
            case .sha512:
                return key.verifies(Array(signature), SHA512.hash(data: message), algorithm, anySalt, SHA512.self)
            }
        case (.es, .ec(let key)):
            guard !isExact || signature.count == 2 * key.curve.size,
                let signature = Self.joined(signature, size: key.curve.size)
            else { return false }
            let message = UnsafeRawBufferPointer(message)
            switch algorithm.hash {
            case .sha256: return key.verifies(signature, of: SHA256.hash(data: message))
            case .sha384: return key.verifies(signature, of: SHA384.hash(data: message))
            case .sha512: return key.verifies(signature, of: SHA512.hash(data: message))
            }
        case (.ed, .ed25519(let key)):
            guard signature.count == 64 else { return false }
            return key.isValidSignature(UnsafeRawBufferPointer(signature), for: UnsafeRawBufferPointer(message))
        default: return false
        }
    }

    /// The two halves of a signature, each a number, brought to the size of the curve. Nil when one does not fit.
    private static func joined(_ signature: UnsafeBufferPointer<UInt8>, size: Int) -> [UInt8]? {
        let half = signature.count / 2
        var joined: [UInt8] = []
        joined.reserveCapacity(2 * size)
        for part in [signature[..<half], signature[half...]] {
            let digits = part.drop { $0 == 0 }
            guard digits.count <= size else { return nil }
            joined.append(contentsOf: repeatElement(0, count: size - digits.count))
            joined.append(contentsOf: digits)
        }
        return joined
    }
}

extension RSAPublicKey {
    fileprivate func verifies<H: HashFunction>(
        _ signature: [UInt8], _ digest: H.Digest, _ algorithm: SignatureAlgorithm, _ anySalt: Bool, _: H.Type
    ) -> Bool {
        guard let key, signature.count == size else { return false }
        let padding: _RSA.Signing.Padding = algorithm.family == .rs ? .insecurePKCS1v1_5 : .PSS
        if key.isValidSignature(.init(rawRepresentation: signature), for: digest, padding: padding) { return true }
        return anySalt && verifiesPSS(signature, of: digest, H.self)
    }
}

extension ECPublicKey {
    /// Whether the signature of a digest is good; `signature` is both numbers, each as long as the curve's.
    func verifies(_ signature: [UInt8], of digest: some Digest) -> Bool {
        switch key {
        case .p256(let key):
            guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: digest)
        case .p384(let key):
            guard let signature = try? P384.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: digest)
        case .p521(let key):
            guard let signature = try? P521.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: digest)
        case nil: return false
        }
    }
}

// MARK: Signing

extension RSAPrivateKey {
    func signature(of message: [UInt8], _ algorithm: SignatureAlgorithm) throws(KeyFailure) -> [UInt8] {
        guard let key else { throw KeyFailure("crypto/rsa: invalid private key") }
        let padding: _RSA.Signing.Padding = algorithm.family == .rs ? .insecurePKCS1v1_5 : .PSS
        do {
            switch algorithm.hash {
            case .sha256:
                return try Array(key.signature(for: SHA256.hash(data: message), padding: padding).rawRepresentation)
            case .sha384:
                return try Array(key.signature(for: SHA384.hash(data: message), padding: padding).rawRepresentation)
            case .sha512:
                return try Array(key.signature(for: SHA512.hash(data: message), padding: padding).rawRepresentation)
            }
        } catch { throw KeyFailure("crypto/rsa: invalid private key") }
    }
}

extension ECPrivateKey {
    func signature(of message: [UInt8], _ algorithm: SignatureAlgorithm) throws(KeyFailure) -> [UInt8] {
        do {
            switch algorithm.hash {
            case .sha256: return try signature(of: SHA256.hash(data: message))
            case .sha384: return try signature(of: SHA384.hash(data: message))
            case .sha512: return try signature(of: SHA512.hash(data: message))
            }
        } catch { throw KeyFailure("ecdsa: cannot sign with this key") }
    }

    private func signature(of digest: some Digest) throws -> [UInt8] {
        switch key {
        case .p256(let key): return try Array(key.signature(for: digest).rawRepresentation)
        case .p384(let key): return try Array(key.signature(for: digest).rawRepresentation)
        case .p521(let key): return try Array(key.signature(for: digest).rawRepresentation)
        case nil: throw KeyFailure("the library does not have this curve")
        }
    }
}
