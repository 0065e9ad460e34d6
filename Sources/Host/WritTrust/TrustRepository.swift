import Crypto

/// Makes metadata: the other side of `TrustClient`.
///
/// It holds the metadata of a repository, changes it in memory and signs what changed when it is committed. It neither
/// reads nor writes files; `commit` says what to write, in an order in which a reader always finds a whole repository.
public struct TrustRepository {
    /// How long metadata of each role is good, in seconds; delegated roles as `targets`.
    public var lifetimes: [TrustRole: Int] = [
        .root: 365 * 86_400, .targets: 90 * 86_400, .snapshot: 7 * 86_400, .timestamp: 86_400,
    ]
    /// The keys that are at hand, by id.
    public var signers: [String: TrustSigner] = [:]
    /// Seconds since 1970 UTC.
    public let now: Int

    var root: TrustJSON
    var oldRoot: TrustRoot?
    private var snapshot: TrustJSON
    private var timestamp: TrustJSON
    /// Top-level targets and delegated ones, by role: what is signed.
    var roles: [String: TrustJSON]
    /// As they were read or were signed last.
    var texts: [String: [UInt8]]
    var isRootChanged = false
    var changed: Set<String> = []
    var contents: [(path: String, bytes: [UInt8])] = []
    /// What was staged, and was signed by those who hold the keys.
    var signedRoot: TrustEnvelope?
    var signedRoles: [String: TrustEnvelope] = [:]

    // MARK: Beginning

    /// A repository without targets, of which nothing is signed yet.
    public init(keys: [TrustRole: [TrustKey]], thresholds: [TrustRole: Int], now: Int) throws(TrustFailure) {
        self.now = now
        var all: [String: TrustJSON] = [:]
        var members: [String: TrustJSON] = [:]
        for role in TrustRole.allCases {
            let list = keys[role] ?? []
            let threshold = thresholds[role] ?? 1
            try Self.check(threshold, list.map(\.id), role.rawValue)
            for key in list { all[key.id] = key.json }
            members[role.rawValue] = Self.roleJSON(list.map(\.id), threshold)
        }
        root = .object([
            "_type": .string("root"), "spec_version": .string(Self.specification), "version": .integer(0),
            "consistent_snapshot": .boolean(true), "keys": .object(all), "roles": .object(members),
        ])
        snapshot = Self.empty("snapshot")
        timestamp = Self.empty("timestamp")
        roles = ["targets": Self.empty("targets", ["targets": .object([:])])]
        texts = [:]
        isRootChanged = true
        changed = ["targets"]
    }

    /// A repository without anything but what its root says.
    init(beginningWith root: TrustJSON, now: Int) throws(TrustFailure) {
        self.now = now
        self.root = root
        snapshot = Self.empty("snapshot")
        timestamp = Self.empty("timestamp")
        roles = ["targets": Self.empty("targets", ["targets": .object([:])])]
        texts = [:]
        isRootChanged = true
        changed = ["targets"]
    }

    /// Reads a repository by the names of its files, `metadata/1.root.json`. Of what it says only the
    /// ids of keys are verified.
    public init(reading read: (String) throws(TrustFailure) -> [UInt8]?, now: Int) throws(TrustFailure) {
        self.now = now
        var version = 1
        var text = try read("metadata/1.root.json")
        guard text != nil else {
            throw TrustFailure(.missing, "root", "there is no repository: no metadata/1.root.json")
        }
        while let next = try read("metadata/\(version + 1).root.json") {
            version += 1
            text = next
        }
        func require(_ name: String) throws(TrustFailure) -> [UInt8] {
            guard let bytes = try read("metadata/" + name) else {
                throw TrustFailure(.missing, name, "the repository does not have it")
            }
            return bytes
        }
        let envelope = try TrustEnvelope(reading: text ?? [], "root")
        try envelope.checkKeyIDs("root")
        root = envelope.signed
        oldRoot = try TrustRoot(envelope)
        texts = [:]
        roles = [:]
        let timestampText = try require("timestamp.json")
        let timestampEnvelope = try TrustEnvelope(reading: timestampText, "timestamp")
        timestamp = timestampEnvelope.signed
        let snapshotText = try require("\(TrustTimestamp(timestampEnvelope).snapshot.version).snapshot.json")
        let snapshotEnvelope = try TrustEnvelope(reading: snapshotText, "snapshot")
        snapshot = snapshotEnvelope.signed
        for (file, info) in try TrustSnapshot(snapshotEnvelope).files {
            guard file.hasSuffix(".json") else { continue }
            let role = String(file.dropLast(5))
            let text = try require("\(info.version).\(file)")
            let envelope = try TrustEnvelope(reading: text, role)
            try envelope.checkKeyIDs(role)
            roles[role] = envelope.signed
            texts[role] = text
        }
    }

    private static let specification = "1.0.31"

    static func empty(_ type: String, _ more: [String: TrustJSON] = [:]) -> TrustJSON {
        .object(
            [
                "_type": .string(type), "spec_version": .string(specification), "version": .integer(0),
            ].merging(more) { $1 })
    }

    private static func roleJSON(_ ids: [String], _ threshold: Int) -> TrustJSON {
        .object(["keyids": .array(ids.map { .string($0) }), "threshold": .integer(threshold)])
    }

    private static func check(_ threshold: Int, _ ids: [String], _ role: String) throws(TrustFailure) {
        guard threshold >= 1, threshold <= ids.count else {
            throw TrustFailure(.request, role, "a threshold of \(threshold) with \(ids.count) keys")
        }
        guard Set(ids).count == ids.count else { throw TrustFailure(.request, role, "the same key twice") }
    }

    // MARK: Keys

    /// The ids of the keys of a role, delegated ones too, and its threshold.
    public func keys(of role: String) throws(TrustFailure) -> (ids: [String], threshold: Int) {
        let json = TrustRole(rawValue: role) != nil ? root["roles"]?[role] : delegation(role)?.entry
        guard let json else { throw TrustFailure(.request, role, "there is no such role") }
        return (json["keyids"]?.array?.compactMap(\.string) ?? [], json["threshold"]?.integer ?? 1)
    }

    /// Gives a role other keys: its metadata is signed again when it is committed, and who names its keys, too.
    public mutating func setKeys(
        of role: String, adding new: [TrustKey], removing old: [String] = [], threshold: Int? = nil
    ) throws(TrustFailure) {
        let before = try keys(of: role)
        for id in old where !before.ids.contains(id) {
            throw TrustFailure(.request, role, "it has no key \(id)")
        }
        let ids = before.ids.filter { !old.contains($0) } + new.map(\.id)
        let threshold = threshold ?? before.threshold
        try Self.check(threshold, ids, role)
        if TrustRole(rawValue: role) != nil {
            var members = root.object ?? [:]
            members["roles"] = members["roles"]?.setting(role, Self.roleJSON(ids, threshold))
            members["keys"] = Self.keys(members["keys"], adding: new)
            root = Self.withoutUnusedKeys(.object(members))
            isRootChanged = true
            if role == "targets" { changed.insert(role) }
            return
        }
        guard let found = delegation(role) else { throw TrustFailure(.request, role, "there is no such role") }
        var entry = found.entry.object ?? [:]
        entry["keyids"] = .array(ids.map { .string($0) })
        entry["threshold"] = .integer(threshold)
        setDelegation(.object(entry), in: found.delegator, keys: new)
        changed.insert(role)
    }

    private static func keys(_ json: TrustJSON?, adding new: [TrustKey]) -> TrustJSON {
        var keys = json?.object ?? [:]
        for key in new { keys[key.id] = key.json }
        return .object(keys)
    }

    private static func withoutUnusedKeys(_ root: TrustJSON) -> TrustJSON {
        var used: Set<String> = []
        for (_, role) in root["roles"]?.object ?? [:] {
            used.formUnion(role["keyids"]?.array?.compactMap(\.string) ?? [])
        }
        return root.setting("keys", .object((root["keys"]?.object ?? [:]).filter { used.contains($0.key) }))
    }

    // MARK: Delegations

    /// Lets a new role sign for the bundles of paths below `data`: for `fleet/medical` its targets are
    /// `fleet/medical/NAME`.
    public mutating func delegate(
        to name: String, by delegator: String = "targets", roots: [String], keys: [TrustKey], threshold: Int,
        isTerminating: Bool
    ) throws(TrustFailure) {
        guard roles[delegator] != nil else { throw TrustFailure(.request, delegator, "there is no such role") }
        let isName =
            !name.isEmpty
            && name.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte >= 0x30 && byte <= 0x39
                    || byte >= 0x41 && byte <= 0x5A || byte >= 0x61 && byte <= 0x7A
            }
        guard isName, TrustRole(rawValue: name) == nil else {
            throw TrustFailure(.request, name, "a role's name has letters, digits, - and _, and is no other role's")
        }
        guard delegation(name) == nil else { throw TrustFailure(.request, name, "the role is there already") }
        try Self.check(threshold, keys.map(\.id), name)
        var patterns: [TrustJSON] = []
        for root in roots {
            let path = root.split(separator: "/").joined(separator: "/")
            guard !path.isEmpty, !path.contains(where: { "*?[\\".contains($0) }) else {
                throw TrustFailure(.request, name, "the path \"\(root)\" is none that can be delegated")
            }
            patterns.append(.string(path + "/*"))
        }
        guard !patterns.isEmpty else { throw TrustFailure(.request, name, "no path is delegated") }
        let entry = TrustJSON.object([
            "name": .string(name), "keyids": .array(keys.map { .string($0.id) }), "threshold": .integer(threshold),
            "paths": .array(patterns), "terminating": .boolean(isTerminating),
        ])
        setDelegation(entry, in: delegator, keys: keys)
        roles[name] = Self.empty("targets", ["targets": .object([:])])
        changed.insert(name)
    }

    func delegation(_ name: String) -> (delegator: String, entry: TrustJSON)? {
        for (delegator, signed) in roles.sorted(by: { $0.key < $1.key }) {
            for entry in signed["delegations"]?["roles"]?.array ?? [] where entry["name"]?.string == name {
                return (delegator, entry)
            }
        }
        return nil
    }

    /// Puts a delegation in the place of the one of its name, or behind all.
    private mutating func setDelegation(_ entry: TrustJSON, in delegator: String, keys: [TrustKey]) {
        guard let signed = roles[delegator] else { return }
        var list = signed["delegations"]?["roles"]?.array ?? []
        if let index = list.firstIndex(where: { $0["name"] == entry["name"] }) {
            list[index] = entry
        } else {
            list.append(entry)
        }
        var used: Set<String> = []
        for item in list { used.formUnion(item["keyids"]?.array?.compactMap(\.string) ?? []) }
        let all = Self.keys(signed["delegations"]?["keys"], adding: keys).object ?? [:]
        roles[delegator] = signed.setting(
            "delegations",
            .object(["keys": .object(all.filter { used.contains($0.key) }), "roles": .array(list)]))
        changed.insert(delegator)
    }

    // MARK: Targets

    /// Ships a file: its path's folder is what it may own. The role must be trusted for the path.
    public mutating func add(
        _ content: [UInt8], as path: String, by role: String, custom: TrustJSON? = nil
    ) throws(TrustFailure) {
        guard let signed = roles[role] else { throw TrustFailure(.request, role, "there is no such role") }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) else {
            throw TrustFailure(.request, role, "\"\(path)\" is no path of a target")
        }
        if let found = delegation(role) {
            let keys = try TrustRoleKeys.keys(roles[found.delegator]?["delegations"]?["keys"], found.delegator)
            guard try TrustDelegation(found.entry, keys: keys, found.delegator).covers(path) else {
                throw TrustFailure(.target, role, "it is not trusted for \(path)")
            }
        } else if role != "targets" {
            throw TrustFailure(.request, role, "nobody delegates to it")
        }
        let hashes = [
            "sha256": TrustJSON.string(Hexadecimal.text(Array(SHA256.hash(data: content)))),
            "sha512": .string(Hexadecimal.text(Array(SHA512.hash(data: content)))),
        ]
        var entry: [String: TrustJSON] = ["length": .integer(content.count), "hashes": .object(hashes)]
        if let custom { entry["custom"] = custom }
        roles[role] = signed.setting("targets", (signed["targets"] ?? .object([:])).setting(path, .object(entry)))
        changed.insert(role)
        let target = try TrustTarget(path, .object(entry), role)
        for name in target.consistentPaths() { contents.append(("targets/" + name, content)) }
    }

    // MARK: Signing

    /// Signs the metadata of a role again, so that it does not expire; `snapshot` and `timestamp` always are.
    public mutating func renew(_ role: String) throws(TrustFailure) {
        _ = try keys(of: role)
        if role == "root" { isRootChanged = true }
        if roles[role] != nil { changed.insert(role) }
    }

    /// Signs what changed, then a new snapshot and a new timestamp. Gives the files to write, in this order.
    ///
    /// Throws where keys are not at hand: then nothing is to be written.
    public mutating func commit() throws(TrustFailure) -> [(path: String, content: [UInt8])] {
        var files: [(path: String, content: [UInt8])] = contents.map { ($0.path, $0.bytes) }
        let trusted = try commitRoot(&files)
        for role in changed.sorted() {
            guard let signed = roles[role] else { continue }
            if let envelope = signedRoles[role] {
                texts[role] = envelope.text
                files.append(("metadata/\(signed["version"]?.integer ?? 1).\(role).json", envelope.text))
                continue
            }
            let next = Self.next(signed, expires: now + lifetime(.targets))
            let keys = try self.keys(of: role)
            let text = try sign(next, keys.ids, keys.threshold, role).text
            roles[role] = next
            texts[role] = text
            files.append(("metadata/\(next["version"]?.integer ?? 1).\(role).json", text))
        }
        var meta: [String: TrustJSON] = [:]
        for (role, text) in texts { meta[role + ".json"] = Self.info(text, roles[role]?["version"]?.integer ?? 1) }
        snapshot = Self.next(snapshot.setting("meta", .object(meta)), expires: now + lifetime(.snapshot))
        let snapshotText = try sign(snapshot, trusted.keys(.snapshot), "snapshot").text
        let version = snapshot["version"]?.integer ?? 1
        files.append(("metadata/\(version).snapshot.json", snapshotText))
        timestamp = Self.next(
            timestamp.setting("meta", .object(["snapshot.json": Self.info(snapshotText, version)]))
                .setting("x-writ-issued", .string(TrustTime.text(now))), expires: now + lifetime(.timestamp))
        files.append(("metadata/timestamp.json", try sign(timestamp, trusted.keys(.timestamp), "timestamp").text))
        changed = []
        contents = []
        signedRoles = [:]
        return files
    }

    func lifetime(_ role: TrustRole) -> Int { lifetimes[role] ?? 86_400 }

    /// A new root is signed under itself and under the one before.
    private mutating func commitRoot(
        _ files: inout [(path: String, content: [UInt8])]
    ) throws(TrustFailure) -> TrustRoot {
        guard isRootChanged || oldRoot == nil else {
            if let oldRoot { return oldRoot }
            throw TrustFailure(.missing, "root", "there is no root")
        }
        if let envelope = signedRoot {
            let signed = try TrustRoot(envelope)
            files.append(("metadata/\(signed.version).root.json", envelope.text))
            oldRoot = signed
            signedRoot = nil
            isRootChanged = false
            return signed
        }
        root = Self.next(root, expires: now + lifetime(.root))
        var envelope = TrustEnvelope(signed: root)
        let new = try TrustRoot(envelope)
        let ids = try (oldRoot?.keys(.root).ids ?? []) + new.keys(.root).ids
        for id in Set(ids).sorted() {
            if let signer = signers[id] { try envelope.sign(signer) }
        }
        if let oldRoot { try envelope.verify(oldRoot.keys(.root), "root", under: "root version \(oldRoot.version)") }
        try envelope.verify(new.keys(.root), "root", under: "root version \(new.version)")
        let signed = try TrustRoot(envelope)
        files.append(("metadata/\(signed.version).root.json", envelope.text))
        oldRoot = signed
        isRootChanged = false
        return signed
    }

    private func sign(_ signed: TrustJSON, _ keys: TrustRoleKeys, _ role: String) throws(TrustFailure) -> TrustEnvelope
    {
        try sign(signed, keys.ids, keys.threshold, role)
    }

    private func sign(
        _ signed: TrustJSON, _ ids: [String], _ threshold: Int, _ role: String
    ) throws(TrustFailure) -> TrustEnvelope {
        var envelope = TrustEnvelope(signed: signed)
        for id in ids {
            if let signer = signers[id] { try envelope.sign(signer) }
        }
        guard envelope.signatures.count >= threshold else {
            throw TrustFailure(
                .threshold, role, "\(envelope.signatures.count) of its private keys are at hand; \(threshold) must sign"
            )
        }
        return envelope
    }

    static func next(_ signed: TrustJSON, expires: Int) -> TrustJSON {
        let version = signed["version"]?.integer ?? 0
        return signed.setting("version", .integer(version + 1)).setting("expires", .string(TrustTime.text(expires)))
    }

    private static func info(_ text: [UInt8], _ version: Int) -> TrustJSON {
        .object([
            "version": .integer(version), "length": .integer(text.count),
            "hashes": .object(["sha256": .string(Hexadecimal.text(Array(SHA256.hash(data: text))))]),
        ])
    }
}

extension TrustJSON {
    /// The object with a member set; what is no object stays.
    func setting(_ key: String, _ value: TrustJSON) -> TrustJSON {
        guard case .object(var members) = self else { return self }
        members[key] = value
        return .object(members)
    }
}
