import Writ

/// Keys that were read from the texts of policies, kept from decision to decision of one evaluator.
///
/// Bounded: at most 64 texts of each kind, or fewer where the host says so, none longer than `longestText`; the oldest
/// gives way. Tokens and what was found of them are never kept, so a token is judged anew each time.
final class KeyCache {
    static let longestText = 64 * 1024

    private let capacity: Int

    private var keys: [(text: [UInt8], keys: [VerificationKey])] = []
    private var secrets: [(secret: [UInt8], hash: SignatureAlgorithm.Hash, code: KeyedHash)] = []
    private var nextKeys = 0
    private var nextSecret = 0

    init(_ kept: KeptValues) { capacity = max(1, min(kept.tokenKeys ?? 64, 64)) }

    /// The keys that a certificate, a public key (both in PEM) or a JSON web key (set) holds.
    func keys(in value: Value, _ context: HostContext) throws(KeyFailure) -> [VerificationKey] {
        let known = context.space.withBytes(value) { text in
            keys.firstIndex { $0.text.count == text.count && $0.text.elementsEqual(text) }
        }
        if let known { return keys[known].keys }
        let text = context.space.bytes(value)
        let found = try VerificationKey.parse(text, in: context.space)
        guard text.count <= Self.longestText else { return found }
        if keys.count < capacity {
            keys.append((text, found))
        } else {
            keys[nextKeys] = (text, found)
            nextKeys = (nextKeys + 1) % capacity
        }
        return found
    }

    /// The keyed hash of a shared secret.
    func keyedHash(_ secret: UnsafeBufferPointer<UInt8>, _ hash: SignatureAlgorithm.Hash) -> KeyedHash {
        for entry in secrets
        where entry.hash == hash && entry.secret.count == secret.count && entry.secret.elementsEqual(secret) {
            return entry.code
        }
        let code = KeyedHash(hash, secret: secret)
        guard secret.count <= Self.longestText else { return code }
        if secrets.count < capacity {
            secrets.append((Array(secret), hash, code))
        } else {
            secrets[nextSecret] = (Array(secret), hash, code)
            nextSecret = (nextSecret + 1) % capacity
        }
        return code
    }
}

extension VerificationKey {
    /// Reads a PEM block `CERTIFICATE` or `PUBLIC KEY`, or else a JSON web key (set).
    static func parse(_ text: [UInt8], in space: Space) throws(KeyFailure) -> [VerificationKey] {
        var reader = PEMReader(text)
        if let block = reader.next() {
            guard reader.isAtEnd else { throw KeyFailure("extra data after a PEM certificate block") }
            if block.isLabelled("CERTIFICATE") {
                do throws(KeyFailure) {
                    let certificate = try Certificate.parse(block.contents)
                    return certificate.publicKey.map { [VerificationKey(key: $0)] } ?? []
                } catch { throw KeyFailure("failed to parse a PEM certificate: \(error.message)") }
            }
            guard block.isLabelled("PUBLIC KEY") else {
                throw KeyFailure("failed to extract a Key from the PEM certificate")
            }
            do throws(KeyFailure) {
                return [VerificationKey(key: try PublicKey.subjectPublicKeyInfo(block.contents))]
            } catch { throw KeyFailure("failed to parse a PEM public key: \(error.message)") }
        }
        let keys: [JSONWebKey]
        do throws(KeyFailure) { keys = try JSONWebKey.parse(text, in: space) } catch {
            throw KeyFailure(
                "failed to parse a JWK key (set): jwk.ParseString: failed to parse string: \(error.message)")
        }
        var found: [VerificationKey] = []
        for key in keys {
            let verification = try key.verificationKey()
            // A key for an algorithm that is not for tokens is passed over.
            if !key.algorithm.isEmpty, SignatureAlgorithm(key.algorithm) == nil { continue }
            found.append(verification)
        }
        return found
    }
}
