import Crypto
import Glibc

/// What metadata says of a file that is shipped.
public struct TrustTarget: Sendable {
    /// Its path in the repository: `fleet/medical/bundle.tar.gz`.
    public let path: String
    public let length: Int
    public let hashes: [String: String]
    /// What its signer says beside.
    public let custom: TrustJSON?
    /// The role that signed for it.
    public internal(set) var role = ""

    init(_ path: String, _ json: TrustJSON, _ role: String) throws(TrustFailure) {
        guard let length = json["length"]?.integer, length >= 0 else {
            throw TrustFailure(.format, role, "the target \(path) has no length")
        }
        self.path = path
        self.length = length
        hashes = try TrustFileInfo.hashes(json["hashes"], path, role)
        guard !hashes.isEmpty else { throw TrustFailure(.format, role, "the target \(path) has no digests") }
        custom = json["custom"]
        self.role = role
    }

    /// The path below `data` that a bundle of this name may own: its folder. Empty for all.
    ///
    /// So who may sign for `fleet/medical/*` ships bundles of `fleet/medical`, and none of `fleet/power`.
    public var root: String { Self.root(of: path) }

    /// The same of a target of which only the path is known.
    public static func root(of path: String) -> String {
        path.split(separator: "/").dropLast().joined(separator: "/")
    }

    /// Throws unless a file is the one that was signed for.
    public func check(_ content: [UInt8]) throws(TrustFailure) {
        try TrustDigest.check(content, length: length, hashes: hashes, path, under: role)
    }

    /// The same of memory that is not copied.
    public func check(_ content: UnsafeRawBufferPointer) throws(TrustFailure) {
        try TrustDigest.check(content, length: length, hashes: hashes, path, under: role)
    }

    /// The SHA-256 of some content, as metadata writes it.
    public static func digest(_ content: UnsafeRawBufferPointer) -> String {
        Hexadecimal.text(TrustDigest.digest(SHA256(), content))
    }

    /// Its name where names hold digests: `fleet/medical/DIGEST.bundle.tar.gz`.
    func consistentPaths() -> [String] {
        var parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let name = parts.removeLast()
        return ["sha256", "sha512"].compactMap { hashes[$0] }.map { hash in
            (parts + ["\(hash).\(name)"]).joined(separator: "/")
        }
    }
}

/// Whom targets trust for a part of the paths.
public struct TrustDelegation: Sendable {
    public let name: String
    public let keys: TrustRoleKeys
    /// Shell patterns in which `*` stops at slashes.
    public let paths: [String]?
    /// Beginnings of SHA-256 digests of paths in hexadecimal.
    public let hashPrefixes: [String]?
    /// Whether nobody behind it is asked for a path that it matches.
    public let isTerminating: Bool

    init(_ json: TrustJSON, keys: [String: TrustKey], _ role: String) throws(TrustFailure) {
        guard let name = json["name"]?.string, !name.isEmpty, !name.contains("/"), !name.hasPrefix("."),
            // Its metadata is kept in a file of this name.
            name.utf8.count <= 200, name.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }),
            TrustRole(rawValue: name) == nil
        else { throw TrustFailure(.format, role, "a delegated role without a usable name") }
        self.name = name
        self.keys = try TrustRoleKeys(json, keys: keys, name, role)
        func list(_ key: String) throws(TrustFailure) -> [String]? {
            guard let list = json[key]?.array else { return nil }
            var texts: [String] = []
            for entry in list {
                guard let text = entry.string else {
                    throw TrustFailure(.format, role, "\(key) of \(name) are no texts")
                }
                texts.append(text)
            }
            return texts
        }
        paths = try list("paths")
        hashPrefixes = try list("path_hash_prefixes")
        guard (paths == nil) != (hashPrefixes == nil) else {
            throw TrustFailure(.format, role, "the delegation to \(name) needs either paths or path_hash_prefixes")
        }
        guard let terminating = json["terminating"]?.boolean else {
            throw TrustFailure(.format, role, "the delegation to \(name) does not say whether it is terminating")
        }
        isTerminating = terminating
    }

    /// Whether it speaks of a path.
    public func covers(_ path: String) -> Bool {
        if let hashPrefixes {
            let digest = Hexadecimal.text(Array(SHA256.hash(data: Array(path.utf8))))
            return hashPrefixes.contains { digest.hasPrefix($0) }
        }
        let steps = path.split(separator: "/", omittingEmptySubsequences: false)
        return (paths ?? []).contains { pattern in
            let parts = pattern.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == steps.count else { return false }
            return zip(parts, steps).allSatisfy { fnmatch(String($0), String($1), FNM_NOESCAPE) == 0 }
        }
    }
}

/// Targets: files that are shipped, and whom else is trusted for some.
public struct TrustTargets: TrustMetadata {
    public let version: Int
    public let expires: Int
    public let targets: [String: TrustTarget]
    public let delegations: [TrustDelegation]

    public init(_ envelope: TrustEnvelope, _ role: String) throws(TrustFailure) {
        let header = try TrustHeader(envelope.signed, "targets", role)
        version = header.version
        expires = header.expires
        guard let members = envelope.signed["targets"]?.object else {
            throw TrustFailure(.format, role, "it has no targets")
        }
        var targets: [String: TrustTarget] = [:]
        for (path, json) in members { targets[path] = try TrustTarget(path, json, role) }
        self.targets = targets
        var delegations: [TrustDelegation] = []
        if let json = envelope.signed["delegations"] {
            let keys = try TrustRoleKeys.keys(json["keys"], role)
            guard let roles = json["roles"]?.array else {
                throw TrustFailure(.format, role, "its delegations have no roles")
            }
            for entry in roles {
                let delegation = try TrustDelegation(entry, keys: keys, role)
                guard !delegations.contains(where: { $0.name == delegation.name }) else {
                    throw TrustFailure(.format, role, "two delegations to \(delegation.name)")
                }
                delegations.append(delegation)
            }
        }
        self.delegations = delegations
    }
}
