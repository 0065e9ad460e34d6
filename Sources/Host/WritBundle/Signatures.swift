import Writ

#if !WRIT_LIGHT
    import Crypto
    import WritHostBuiltins
#endif

/// `.signatures.json`: tokens that hold the digests of a bundle's files.
public struct SignatureList: Sendable {
    public var signatures: [String] = []
    /// Who made them: an implementation in OPA's terms. The own one is `_default`.
    public var plugin = ""

    static let fileName = "signatures.json"

    public init() {}

    /// Reads the file. Members that it does not know are refused: nobody signed what they would mean.
    public init(reading json: [UInt8]) throws(BundleFailure) {
        let space = Space.create(memoryLimit: 1 << 30)
        defer { space.destroy() }
        let root: Value
        do throws(JSONError) { root = try space.readJSON(json) } catch {
            throw Self.failure(String(decoding: error.message, as: UTF8.self))
        }
        guard root.isObject else { throw Self.failure("must be an object") }
        let entries = space.entries(root)
        for index in 0..<entries.count {
            let value = entries.values[index]
            switch String(decoding: space.bytes(entries.keys[index]), as: UTF8.self) {
            case "signatures":
                guard value.isArray else { throw Self.failure("signatures must be an array") }
                let list = space.elements(value)
                for position in 0..<list.count {
                    guard list[position].isString else { throw Self.failure("signatures must be strings") }
                    signatures.append(String(decoding: space.bytes(list[position]), as: UTF8.self))
                }
            case "plugin":
                guard value.isString else { throw Self.failure("plugin must be a string") }
                plugin = String(decoding: space.bytes(value), as: UTF8.self)
            case let name: throw Self.failure("unknown field \"\(name)\"")
            }
        }
    }

    /// The file's text as OPA writes it: members on lines of their own, indented by one space a level.
    public func json() -> [UInt8] {
        var text = ByteBuffer()
        text.append("{\n")
        if !plugin.isEmpty {
            text.append(" \"plugin\": ")
            text.appendJSONString(plugin)
            text.append(",\n")
        }
        text.append(" \"signatures\": [\n")
        for (index, signature) in signatures.enumerated() {
            text.append(index == 0 ? "  " : ",\n  ")
            text.appendJSONString(signature)
        }
        text.append("\n ]\n}")
        return text.bytes
    }

    private static func failure(_ reason: String) -> BundleFailure {
        BundleFailure(
            "bundle load failed on signatures decode: \(reason)", code: .signature, member: ".signatures.json")
    }
}

/// The digest of one file, as signatures hold it.
public struct SignedFile: Sendable {
    public var name: String
    /// Lower-case hexadecimal.
    public var hash: String
    public var algorithm: String

    /// `content` is what is hashed: for documents their canonical text.
    public init(name: String, content: [UInt8]) {
        self.name = name
        algorithm = "SHA-256"
        hash = Self.hexadecimal(Self.digest(content, .sha256))
    }

    init(name: String, hash: String, algorithm: String) {
        self.name = name
        self.hash = hash
        self.algorithm = algorithm
    }

    /// Whether a file is hashed by its canonical text: OPA's list.
    public static func isDocument(_ name: String) -> Bool {
        switch name.split(separator: "/").last {
        case "data.json", "data.yaml", "signatures.json", ".manifest": true
        default: false
        }
    }

    static func digest(_ content: [UInt8], _ algorithm: ContentHash) -> [UInt8] {
        #if !WRIT_LIGHT
            // The library uses the processor's instructions for these.
            switch algorithm {
            case .sha256: return Array(Crypto.SHA256.hash(data: content))
            case .sha384: return Array(Crypto.SHA384.hash(data: content))
            case .sha512: return Array(Crypto.SHA512.hash(data: content))
            default: break
            }
        #endif
        return content.withUnsafeBufferPointer { algorithm.digest($0) }
    }

    static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(2 * bytes.count)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// What signatures are made with.
public struct BundleSigning: Sendable {
    /// A private key in PEM, or the secret for HS algorithms.
    public var key: [UInt8]
    public var algorithm: String
    /// Further claims, a JSON object; where they name `files` or others of ours, theirs count.
    public var claims: [UInt8]?
    /// What the token says of its key. Not said where there are claims, as in OPA.
    public var keyID: String?

    public init(key: [UInt8], algorithm: String = "RS256", claims: [UInt8]? = nil, keyID: String? = nil) {
        self.key = key
        self.algorithm = algorithm
        self.claims = claims
        self.keyID = keyID
    }

    /// The token that signs files. For HS, RS and Ed25519 the same files give the same token.
    public func token(for files: [SignedFile]) throws(BundleFailure) -> String {
        let keyID = claims == nil ? self.keyID ?? "" : ""
        var header = ByteBuffer()
        header.append("{\"alg\":")
        header.appendJSONString(algorithm)
        if !keyID.isEmpty {
            header.append(",\"kid\":")
            header.appendJSONString(keyID)
        }
        header.append(",\"typ\":\"JWT\"}")
        let payload = try payload(files, keyID)
        #if WRIT_LIGHT
            throw BundleFailure("this build has no cryptography", code: .signature)
        #else
            do throws(TokenFailure) {
                let signer = try TokenSigner(key: key, algorithm: algorithm)
                return String(decoding: try signer.token(header: header.bytes, payload: payload), as: UTF8.self)
            } catch { throw BundleFailure(error.message, code: .signature) }
        #endif
    }

    private func payload(_ files: [SignedFile], _ keyID: String) throws(BundleFailure) -> [UInt8] {
        var list = ByteBuffer()
        list.append("[")
        for (index, file) in files.enumerated() {
            list.append(index == 0 ? "{\"name\":" : ",{\"name\":")
            list.appendJSONString(file.name)
            list.append(",\"hash\":")
            list.appendJSONString(file.hash)
            list.append(",\"algorithm\":")
            list.appendJSONString(file.algorithm)
            list.append("}")
        }
        list.append("]")
        var members: [(name: [UInt8], text: [UInt8])] = [(Array("files".utf8), list.bytes)]
        if !keyID.isEmpty {
            var text = ByteBuffer()
            text.appendJSONString(keyID)
            members.append((Array("keyid".utf8), text.bytes))
        }
        if let claims { try add(claims, to: &members) }
        members.sort { $0.name.lexicographicallyPrecedes($1.name) }
        var payload = ByteBuffer()
        for (index, member) in members.enumerated() {
            payload.append(index == 0 ? "{" : ",")
            payload.appendJSONString(member.name)
            payload.append(":")
            payload.append(member.text)
        }
        payload.append("}")
        return payload.bytes
    }

    private func add(_ claims: [UInt8], to members: inout [(name: [UInt8], text: [UInt8])]) throws(BundleFailure) {
        let space = Space.create(memoryLimit: 1 << 30)
        defer { space.destroy() }
        let root: Value
        do throws(JSONError) { root = try space.readJSON(claims) } catch {
            throw BundleFailure("claims: " + String(decoding: error.message, as: UTF8.self))
        }
        guard root.isObject else { throw BundleFailure("claims: must be an object") }
        let entries = space.entries(root)
        for index in 0..<entries.count {
            let name = space.bytes(entries.keys[index])
            members.removeAll { $0.name == name }
            do throws(Fault) { members.append((name, try space.json(entries.values[index]))) } catch {
                throw BundleFailure("claims: too large")
            }
        }
    }
}
