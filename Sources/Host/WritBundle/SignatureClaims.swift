import Writ

#if !WRIT_LIGHT
    import WritHostBuiltins
#endif

/// What the token of a signature says. Claims that it does not know are passed over.
public struct SignatureClaims: Sendable {
    /// The digests of the bundle's files.
    public internal(set) var files: [SignedFile] = []
    /// The algorithm that the token names. The key decides, not this.
    public private(set) var algorithm = ""
    /// The key's name in the token's header; nil where the header has none.
    public private(set) var headerKeyID: String?
    /// The key's name among the claims; empty without one.
    public private(set) var keyID = ""
    public private(set) var scope = ""
    /// Who signed, for information.
    public private(set) var issuer: String?
    /// When it was signed, in seconds since 1970 UTC.
    public private(set) var issuedAt: Int?
    /// From when on it is not to be used any more, in seconds since 1970 UTC. OPA does not look at it.
    public private(set) var expiresAt: Int?

    /// Reads a token as it is written, whoever signed it: to be shown, not to be believed.
    public init(unverified token: String) throws(BundleFailure) {
        #if WRIT_LIGHT
            throw BundleVerification.failure("this build has no cryptography")
        #else
            let parts: CompactToken
            do throws(TokenFailure) { parts = try CompactToken(Array(token.utf8)) } catch {
                throw BundleVerification.failure(error.message)
            }
            try self.init(parts)
        #endif
    }

    #if !WRIT_LIGHT
        init(_ token: CompactToken) throws(BundleFailure) {
            let space = Space.create(memoryLimit: 1 << 30)
            defer { space.destroy() }
            let header = try Self.object(token.header, "headers", space)
            headerKeyID = Self.text(header, "kid", space)
            algorithm = Self.text(header, "alg", space) ?? ""
            let payload = try Self.object(token.payload, "payload", space)
            keyID = Self.text(payload, "keyid", space) ?? ""
            scope = Self.text(payload, "scope", space) ?? ""
            issuer = Self.text(payload, "iss", space)
            issuedAt = try Self.seconds(payload, "iat", space)
            expiresAt = try Self.seconds(payload, "exp", space)
            try readFiles(payload, space)
        }

        private mutating func readFiles(_ payload: Value, _ space: Space) throws(BundleFailure) {
            guard let key = try? space.string("files") else { return }
            let list = space.member(payload, key)
            guard list.isArray else {
                guard list.isUndefined || list.isNull else {
                    throw BundleVerification.failure("failed to parse JWT payload: files must be an array")
                }
                return
            }
            let elements = space.elements(list)
            var names: Set<String> = []
            for index in 0..<elements.count {
                guard elements[index].isObject, let name = Self.text(elements[index], "name", space) else {
                    throw BundleVerification.failure("failed to parse JWT payload: a file without a name")
                }
                // Of two digests of one file one would be wrong.
                guard names.insert(name).inserted else {
                    throw BundleVerification.failure("failed to parse JWT payload: two entries for \(name)")
                }
                files.append(
                    SignedFile(
                        name: name, hash: Self.text(elements[index], "hash", space) ?? "",
                        algorithm: Self.text(elements[index], "algorithm", space) ?? ""))
            }
        }

        private static func object(_ json: [UInt8], _ part: String, _ space: Space) throws(BundleFailure) -> Value {
            let value: Value
            do throws(JSONError) { value = try space.readJSON(json) } catch {
                throw BundleVerification.failure(
                    "failed to parse JWT \(part): " + String(decoding: error.message, as: UTF8.self))
            }
            guard value.isObject else {
                throw BundleVerification.failure("failed to parse JWT \(part): must be an object")
            }
            return value
        }

        private static func text(_ object: Value, _ name: StaticString, _ space: Space) -> String? {
            guard let key = try? space.string(name) else { return nil }
            let value = space.member(object, key)
            return value.isString ? String(decoding: space.bytes(value), as: UTF8.self) : nil
        }

        /// A time (RFC 7519, NumericDate), without its fraction.
        private static func seconds(
            _ object: Value, _ name: StaticString, _ space: Space
        ) throws(BundleFailure) -> Int? {
            guard let key = try? space.string(name) else { return nil }
            let value = space.member(object, key)
            guard value.isDefined, !value.isNull else { return nil }
            guard value.isNumber, let json = try? space.json(value) else {
                throw BundleVerification.failure("failed to parse JWT payload: \(name) must be a number")
            }
            if let whole = Int(String(decoding: json, as: UTF8.self)) { return whole }
            guard let number = Double(String(decoding: json, as: UTF8.self)), abs(number) < 1e15 else {
                throw BundleVerification.failure("failed to parse JWT payload: \(name) is no time")
            }
            return Int(number)
        }
    #endif
}
