import Glibc
import Writ

#if !WRIT_LIGHT
    import WritHostBuiltins
#endif

/// What signatures of bundles are held against.
public struct BundleVerification: Sendable {
    /// A key by the name that tokens call it.
    public struct Key: Sendable {
        public var id: String
        /// A public key in PEM, or the secret for HS algorithms.
        public var key: [UInt8]
        public var algorithm: String
        /// The scope that tokens under this key have.
        public var scope: String

        public init(id: String, key: [UInt8], algorithm: String = "RS256", scope: String = "") {
            self.id = id
            self.key = key
            self.algorithm = algorithm
            self.scope = scope
        }
    }

    /// Several keys of one name are all accepted: so keys are exchanged without a gap.
    public var keys: [Key]
    /// The name of the key to use, whatever the token says; empty to take the token's word.
    public var keyID: String
    /// The scope that a token must have; empty for that of its key.
    public var scope: String
    /// Shell patterns for files that need not be signed; `*` stops at slashes.
    public var excluded: [String]

    public init(keys: [Key], keyID: String = "", scope: String = "", excluded: [String] = []) {
        self.keys = keys
        self.keyID = keyID
        self.scope = scope
        self.excluded = excluded
    }

    func isExcluded(_ path: String) -> Bool {
        excluded.contains { fnmatch($0, path, FNM_PATHNAME) == 0 }
    }

    /// The files that a list of signatures vouches for.
    func claims(of list: SignatureList) throws(BundleFailure) -> SignatureClaims {
        guard list.plugin.isEmpty || list.plugin == "_default" else {
            throw Self.failure("no verifier exists under id \(list.plugin)")
        }
        guard let text = list.signatures.first else {
            throw Self.failure(".signatures.json: missing JWT (expected exactly one)")
        }
        guard list.signatures.count == 1 else {
            throw Self.failure(".signatures.json: multiple JWTs not supported (expected exactly one)")
        }
        #if WRIT_LIGHT
            throw Self.failure("this build has no cryptography")
        #else
            let token: CompactToken
            do throws(TokenFailure) { token = try CompactToken(Array(text.utf8)) } catch {
                throw Self.failure(error.message)
            }
            return try claims(of: token)
        #endif
    }

    static func failure(_ message: String, _ code: BundleFailure.Code = .signature) -> BundleFailure {
        BundleFailure(message, code: code, member: ".signatures.json")
    }

    #if !WRIT_LIGHT
        private func claims(of token: CompactToken) throws(BundleFailure) -> SignatureClaims {
            let claims = try SignatureClaims(token)
            let wanted = keyID.isEmpty ? claims.headerKeyID ?? claims.keyID : keyID
            guard !wanted.isEmpty else { throw Self.failure("verification key ID is empty") }
            let candidates = keys.filter { $0.id == wanted }
            guard !candidates.isEmpty else {
                throw Self.failure("verification key corresponding to ID \(wanted) not found")
            }
            var refusal: BundleFailure?
            for key in candidates {
                do throws(TokenFailure) {
                    try TokenVerifier(key: key.key, algorithm: key.algorithm).verify(token)
                } catch {
                    refusal = refusal ?? Self.failure(error.message)
                    continue
                }
                guard claims.scope == (scope.isEmpty ? key.scope : scope) else {
                    throw Self.failure("scope mismatch", .scope)
                }
                return claims
            }
            throw refusal ?? Self.failure("failed to verify JWT signature")
        }
    #endif
}

/// The files that a signature vouches for and that were not met yet.
struct SignedFiles {
    private var waiting: [[UInt8]: SignedFile] = [:]

    init(_ files: [SignedFile]) {
        for file in files { waiting[Array(file.name.utf8)] = file }
    }

    /// Whether a file of this name still waits.
    mutating func pass(_ path: String) { waiting[Array(path.utf8)] = nil }

    /// Begins to hash a file as its signature says. Throws for one that is not signed.
    func digest(for path: String) throws(BundleFailure) -> RunningDigest {
        guard let file = waiting[Array(path.utf8)] else {
            throw BundleFailure("file \(path) not included in bundle signature", code: .unlisted, member: path)
        }
        guard !file.algorithm.isEmpty else {
            throw BundleFailure("no hashing algorithm provided for file \(path)", code: .signature, member: path)
        }
        guard let algorithm = ContentHash(name: Array(file.algorithm.utf8)) else {
            throw BundleFailure("unsupported hashing algorithm: \(file.algorithm)", code: .signature, member: path)
        }
        return RunningDigest(algorithm)
    }

    /// Holds a file against its digest.
    mutating func check(_ path: String, _ digest: RunningDigest) throws(BundleFailure) {
        guard let file = waiting[Array(path.utf8)] else { return }
        let found = SignedFile.hexadecimal(digest.finish())
        let wanted = Array(file.hash.utf8).map { $0 >= 0x41 && $0 <= 0x46 ? $0 + 0x20 : $0 }
        guard wanted == Array(found.utf8) else {
            throw BundleFailure(
                "\(path): digest mismatch (want: \(String(decoding: wanted, as: UTF8.self)), got: \(found))",
                code: .digest, member: path)
        }
        waiting[Array(path.utf8)] = nil
    }

    /// Throws where signed files were not met.
    func finish() throws(BundleFailure) {
        let missing = waiting.keys.sorted { $0.lexicographicallyPrecedes($1) }
            .map { String(decoding: $0, as: UTF8.self) }
        guard let first = missing.first else { return }
        throw BundleFailure(
            "file(s) [\(missing.joined(separator: " "))] specified in bundle signatures but not found in the target "
                + "bundle", code: .missing, member: first)
    }
}
