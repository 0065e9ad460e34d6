import Crypto

/// The roles that every repository has.
public enum TrustRole: String, Sendable, CaseIterable {
    case root, timestamp, snapshot, targets
}

/// A file of metadata: what is signed, and the signatures.
public struct TrustEnvelope: Sendable {
    /// The member `signed`, as it was read.
    public var signed: TrustJSON
    public var signatures: [(keyID: String, signature: String)] = []

    public init(signed: TrustJSON) { self.signed = signed }

    /// Reads a file; says nothing of whether it is to be believed.
    public init(reading text: [UInt8], _ role: String) throws(TrustFailure) {
        let root = try TrustJSON(reading: text, role)
        guard let signed = root["signed"], signed.object != nil, let list = root["signatures"]?.array else {
            throw TrustFailure(.format, role, "no metadata: it has no signed and signatures")
        }
        self.signed = signed
        var seen: Set<String> = []
        for entry in list {
            guard let id = entry["keyid"]?.string, let signature = entry["sig"]?.string else {
                throw TrustFailure(.format, role, "a signature without keyid and sig")
            }
            guard seen.insert(id).inserted else { throw TrustFailure(.format, role, "two signatures of key \(id)") }
            signatures.append((id, signature))
        }
    }

    /// The file's text.
    public var text: [UInt8] {
        let list = signatures.map { TrustJSON.object(["keyid": .string($0.keyID), "sig": .string($0.signature)]) }
        return TrustJSON.object(["signatures": .array(list), "signed": signed]).text
    }

    /// Adds a signature, or replaces that of the same key.
    public mutating func sign(_ signer: TrustSigner) throws(TrustFailure) {
        let id = signer.key.id
        signatures.removeAll { $0.keyID == id }
        signatures.append((id, try signer.signature(of: signed.canonical)))
    }

    /// Throws unless at least the threshold of different keys signed.
    public func verify(_ keys: TrustRoleKeys, _ role: String, under delegator: String) throws(TrustFailure) {
        let count = goodSignatures(keys)
        guard count >= keys.threshold else {
            throw TrustFailure(
                .threshold, role,
                "\(count) good signatures of the keys that \(delegator) names; \(keys.threshold) are needed")
        }
    }

    /// How many different keys signed it.
    public func goodSignatures(_ keys: TrustRoleKeys) -> Int {
        let message = signed.canonical
        var good: Set<[UInt8]> = []
        for (id, signature) in signatures {
            guard keys.ids.contains(id), let key = keys.keys[id], let bytes = Hexadecimal.bytes(signature),
                key.verifies(bytes, of: message)
            else { continue }
            good.insert(key.identity)
        }
        return good.count
    }

    /// Takes over the signatures of a copy that others signed; of two of the same key the one that verifies. Gives the
    /// ids of keys whose signature in the copy does not verify: it is left where it was.
    ///
    /// `keys` are those that are known. Throws where the copy says something else, and for two signatures of a key of
    /// which it is not known which is good.
    public mutating func merge(
        _ copy: TrustEnvelope, _ name: String, keys: [String: TrustKey]
    ) throws(TrustFailure) -> [String] {
        let message = signed.canonical
        guard copy.signed.canonical == message else {
            throw TrustFailure(.mismatch, name, "it is no copy: it says something else")
        }
        func isGood(_ signature: String, _ key: TrustKey) -> Bool {
            Hexadecimal.bytes(signature).map { key.verifies($0, of: message) } ?? false
        }
        var bad: [String] = []
        for signature in copy.signatures {
            let index = signatures.firstIndex { $0.keyID == signature.keyID }
            if let index, signatures[index].signature == signature.signature { continue }
            guard let key = keys[signature.keyID] else {
                guard index == nil else {
                    throw TrustFailure(
                        .key, name,
                        "another signature of key \(signature.keyID), and it is not known which is good: "
                            + "name the root with --root")
                }
                signatures.append(signature)
                continue
            }
            guard isGood(signature.signature, key) else {
                bad.append(signature.keyID)
                continue
            }
            if let index {
                if !isGood(signatures[index].signature, key) { signatures[index] = signature }
            } else {
                signatures.append(signature)
            }
        }
        return bad
    }

    /// The ids of known keys whose signatures here are not good.
    public func badSignatures(_ keys: [String: TrustKey]) -> [String] {
        let message = signed.canonical
        return signatures.filter { signature in
            guard let key = keys[signature.keyID] else { return false }
            return !(Hexadecimal.bytes(signature.signature).map { key.verifies($0, of: message) } ?? false)
        }.map(\.keyID)
    }
}

/// The keys that sign for a role, and how many of them must.
public struct TrustRoleKeys: Sendable {
    public var ids: [String]
    public var threshold: Int
    /// By id; keys of kinds that are not known are left out.
    public var keys: [String: TrustKey]

    init(_ json: TrustJSON?, keys: [String: TrustKey], _ name: String, _ role: String) throws(TrustFailure) {
        guard let json, let list = json["keyids"]?.array, let threshold = json["threshold"]?.integer, threshold >= 1
        else { throw TrustFailure(.format, role, "the role \(name) has no keyids and threshold") }
        var ids: [String] = []
        for entry in list {
            guard let id = entry.string else { throw TrustFailure(.format, role, "a key id that is no string") }
            guard !ids.contains(id) else { throw TrustFailure(.format, role, "\(name) names the key \(id) twice") }
            ids.append(id)
        }
        self.threshold = threshold
        self.keys = keys.filter { ids.contains($0.key) }
        self.ids = ids
    }

    /// Whether others sign, or other keys count.
    func differs(from other: TrustRoleKeys) -> Bool {
        Set(ids) != Set(other.ids) || threshold != other.threshold
    }

    static func keys(_ json: TrustJSON?, _ role: String) throws(TrustFailure) -> [String: TrustKey] {
        guard let members = json?.object else { throw TrustFailure(.format, role, "no keys") }
        return members.compactMapValues { TrustKey($0) }
    }
}

/// What all metadata says.
public protocol TrustMetadata: Sendable {
    var version: Int { get }
    /// Seconds since 1970 UTC.
    var expires: Int { get }
}

/// What the members that all kinds share say.
struct TrustHeader {
    let version: Int
    let expires: Int

    init(_ signed: TrustJSON, _ type: String, _ role: String) throws(TrustFailure) {
        guard signed["_type"]?.string == type else { throw TrustFailure(.format, role, "its type is not \(type)") }
        guard let specification = signed["spec_version"]?.string, specification.hasPrefix("1.") else {
            throw TrustFailure(.format, role, "it is not of version 1 of the specification")
        }
        guard let version = signed["version"]?.integer, version >= 1 else {
            throw TrustFailure(.format, role, "it has no version from 1 on")
        }
        guard let text = signed["expires"]?.string, let expires = TrustTime.seconds(text) else {
            throw TrustFailure(.format, role, "it does not say when it expires (2026-01-31T00:00:00Z)")
        }
        self.version = version
        self.expires = expires
    }
}

/// The root: who signs for the other roles, and for the root itself.
public struct TrustRoot: TrustMetadata {
    public let version: Int
    public let expires: Int
    /// Whether names of files hold versions and digests.
    public let isConsistent: Bool
    public let roles: [String: TrustRoleKeys]
    public let envelope: TrustEnvelope

    public init(_ envelope: TrustEnvelope) throws(TrustFailure) {
        let header = try TrustHeader(envelope.signed, "root", "root")
        version = header.version
        expires = header.expires
        isConsistent = envelope.signed["consistent_snapshot"]?.boolean ?? false
        let keys = try TrustRoleKeys.keys(envelope.signed["keys"], "root")
        var roles: [String: TrustRoleKeys] = [:]
        for role in TrustRole.allCases {
            roles[role.rawValue] = try TrustRoleKeys(
                envelope.signed["roles"]?[role.rawValue], keys: keys, role.rawValue, "root")
        }
        self.roles = roles
        self.envelope = envelope
    }

    func keys(_ role: TrustRole) throws(TrustFailure) -> TrustRoleKeys {
        guard let keys = roles[role.rawValue] else { throw TrustFailure(.format, "root", "no role \(role.rawValue)") }
        return keys
    }
}

/// What one file of metadata says of another: its version, and perhaps its length and digests.
public struct TrustFileInfo: Sendable {
    public let version: Int
    public let length: Int?
    public let hashes: [String: String]

    init(_ json: TrustJSON, _ name: String, _ role: String) throws(TrustFailure) {
        guard let version = json["version"]?.integer, version >= 1 else {
            throw TrustFailure(.format, role, "\(name) has no version from 1 on")
        }
        self.version = version
        length = json["length"]?.integer
        hashes = try Self.hashes(json["hashes"], name, role)
        guard length ?? 0 >= 0 else { throw TrustFailure(.format, role, "\(name) has a negative length") }
    }

    static func hashes(_ json: TrustJSON?, _ name: String, _ role: String) throws(TrustFailure) -> [String: String] {
        guard let json else { return [:] }
        guard let members = json.object, !members.isEmpty else {
            throw TrustFailure(.format, role, "\(name) has no digests")
        }
        var hashes: [String: String] = [:]
        for (algorithm, value) in members {
            guard let text = value.string else {
                throw TrustFailure(.format, role, "\(name) has a digest that is no text")
            }
            hashes[algorithm] = text
        }
        return hashes
    }

    /// Throws unless a file is what is said of it.
    func check(_ content: [UInt8], _ role: String, under delegator: String) throws(TrustFailure) {
        try TrustDigest.check(content, length: length, hashes: hashes, role, under: delegator)
    }
}

enum TrustDigest {
    /// Digests of kinds that are not known are passed over, but of those that are named one must be known.
    static func check(
        _ content: [UInt8], length: Int?, hashes: [String: String], _ role: String, under delegator: String
    ) throws(TrustFailure) {
        let outcome = content.withUnsafeBytes { bytes in
            Result<Void, TrustFailure> { () throws(TrustFailure) in
                try check(bytes, length: length, hashes: hashes, role, under: delegator)
            }
        }
        try outcome.get()
    }

    /// The same of memory that is not copied, such as that of a mapped file.
    static func check(
        _ content: UnsafeRawBufferPointer, length: Int?, hashes: [String: String], _ role: String,
        under delegator: String
    ) throws(TrustFailure) {
        if let length, content.count != length {
            throw TrustFailure(.mismatch, role, "\(content.count) bytes; \(delegator) names \(length)")
        }
        guard !hashes.isEmpty else { return }
        var isKnown = false
        for (algorithm, wanted) in hashes.sorted(by: { $0.key < $1.key }) {
            let found: [UInt8]
            switch algorithm {
            case "sha256": found = digest(SHA256(), content)
            case "sha512": found = digest(SHA512(), content)
            default: continue
            }
            isKnown = true
            guard Hexadecimal.text(found) == wanted.lowercased() else {
                throw TrustFailure(.mismatch, role, "its digest (\(algorithm)) is not the one that \(delegator) names")
            }
        }
        guard isKnown else { throw TrustFailure(.mismatch, role, "\(delegator) names no digest of a known kind") }
    }

    static func digest(_ function: some HashFunction, _ content: UnsafeRawBufferPointer) -> [UInt8] {
        var function = function
        function.update(bufferPointer: content)
        return Array(function.finalize())
    }
}

/// The timestamp: which snapshot is the newest.
public struct TrustTimestamp: TrustMetadata {
    public let version: Int
    public let expires: Int
    public let snapshot: TrustFileInfo
    /// When it was made, where it says so: Writ's own member `x-writ-issued`.
    public let issued: Int?

    public init(_ envelope: TrustEnvelope) throws(TrustFailure) {
        let header = try TrustHeader(envelope.signed, "timestamp", "timestamp")
        version = header.version
        expires = header.expires
        guard let info = envelope.signed["meta"]?["snapshot.json"] else {
            throw TrustFailure(.format, "timestamp", "it names no snapshot.json")
        }
        snapshot = try TrustFileInfo(info, "snapshot.json", "timestamp")
        issued = envelope.signed["x-writ-issued"]?.string.flatMap(TrustTime.seconds)
        guard issued ?? 0 < expires else {
            throw TrustFailure(.format, "timestamp", "it says that it was made after it expired")
        }
    }
}

/// The snapshot: which versions of targets belong together.
public struct TrustSnapshot: TrustMetadata {
    public let version: Int
    public let expires: Int
    /// By file: `targets.json`, `fleet-medical.json`.
    public let files: [String: TrustFileInfo]

    public init(_ envelope: TrustEnvelope) throws(TrustFailure) {
        let header = try TrustHeader(envelope.signed, "snapshot", "snapshot")
        version = header.version
        expires = header.expires
        guard let meta = envelope.signed["meta"]?.object else {
            throw TrustFailure(.format, "snapshot", "it names no files")
        }
        var files: [String: TrustFileInfo] = [:]
        for (name, info) in meta { files[name] = try TrustFileInfo(info, name, "snapshot") }
        self.files = files
    }
}
