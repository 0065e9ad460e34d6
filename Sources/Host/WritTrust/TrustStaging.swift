// Keys in several hands: metadata is made without all of its signatures, goes from holder to holder, and is published
// once enough of them have signed.
extension TrustRepository {
    /// A repository of which only a root is there yet, staged: its metadata comes with `take`.
    public init(stagedRoot text: [UInt8], now: Int) throws(TrustFailure) {
        let signed = try TrustEnvelope(reading: text, "root").signed
        try self.init(beginningWith: signed, now: now)
    }

    /// What changed, signed with the keys that are at hand only, and the contents of targets: the files to write. Nothing
    /// of it is published, as neither snapshot nor timestamp names it.
    public mutating func stage() throws(TrustFailure) -> [(path: String, content: [UInt8])] {
        var files: [(path: String, content: [UInt8])] = contents.map { ($0.path, $0.bytes) }
        if isRootChanged {
            let next = Self.next(root, expires: now + lifetime(.root))
            let new = try TrustRoot(TrustEnvelope(signed: next))
            let ids = try (oldRoot?.keys(.root).ids ?? []) + new.keys(.root).ids
            files.append(("staged/\(new.version).root.json", try signed(next, ids).text))
        }
        for role in changed.sorted() {
            guard let json = roles[role] else { continue }
            let next = Self.next(json, expires: now + lifetime(.targets))
            let ids = try keys(of: role).ids
            files.append(("staged/\(next["version"]?.integer ?? 1).\(role).json", try signed(next, ids).text))
        }
        return files
    }

    private func signed(_ json: TrustJSON, _ ids: [String]) throws(TrustFailure) -> TrustEnvelope {
        var envelope = TrustEnvelope(signed: json)
        for id in Set(ids).sorted() {
            if let signer = signers[id] { try envelope.sign(signer) }
        }
        return envelope
    }

    /// The role that a file of metadata is of, by its name: `root` of `2.root.json`.
    public static func role(ofFile name: String) -> String? {
        let parts = name.split(separator: ".")
        guard parts.count == 3, parts[2] == "json", Int(parts[0]) != nil else { return nil }
        return String(parts[1])
    }

    /// Puts staged metadata in the place of what it follows, the root before targets, targets before those whom they
    /// delegate to. Throws below the threshold, and where the repository went on meanwhile. `commit` publishes it.
    public mutating func take(staged text: [UInt8], _ name: String) throws(TrustFailure) {
        guard let role = Self.role(ofFile: name) else {
            throw TrustFailure(.request, name, "no name of metadata, such as 2.root.json")
        }
        let envelope = try TrustEnvelope(reading: text, role)
        if role == "root" {
            let new = try TrustRoot(envelope)
            try check(new.version, follows: oldRoot?.version ?? 0, role)
            if let oldRoot { try envelope.verify(oldRoot.keys(.root), role, under: "root version \(oldRoot.version)") }
            try envelope.verify(new.keys(.root), role, under: "root version \(new.version)")
            root = envelope.signed
            signedRoot = envelope
            isRootChanged = true
            return
        }
        let new = try TrustTargets(envelope, role)
        try check(new.version, follows: roles[role]?["version"]?.integer ?? 0, role)
        let (keys, delegator) = try roleKeys(role)
        try envelope.verify(keys, role, under: delegator)
        roles[role] = envelope.signed
        signedRoles[role] = envelope
        changed.insert(role)
    }

    private func check(_ version: Int, follows before: Int, _ role: String) throws(TrustFailure) {
        guard version == before + 1 else {
            throw TrustFailure(
                .mismatch, role,
                "version \(version) is staged; the repository goes on with \(before + 1): stage it again")
        }
    }

    /// Throws unless targets that nothing is staged for are good under a root that is: its keys may be others.
    public func checkTaken() throws(TrustFailure) {
        guard signedRoot != nil, signedRoles["targets"] == nil, let text = texts["targets"] else { return }
        let (keys, delegator) = try roleKeys("targets")
        try TrustEnvelope(reading: text, "targets").verify(keys, "targets", under: delegator)
    }

    /// Looks at staged metadata as if it were published: for `roleKeys`. Verifies nothing.
    public mutating func lay(staged text: [UInt8], _ name: String) throws(TrustFailure) {
        guard let role = Self.role(ofFile: name) else { return }
        let signed = try TrustEnvelope(reading: text, role).signed
        if role == "root" { root = signed } else { roles[role] = signed }
    }

    /// The keys that count for a role other than the root, and who names them.
    public func roleKeys(_ role: String) throws(TrustFailure) -> (keys: TrustRoleKeys, delegator: String) {
        if let known = TrustRole(rawValue: role) {
            let current = try TrustRoot(TrustEnvelope(signed: root))
            return (try current.keys(known), "root version \(current.version)")
        }
        guard let found = delegation(role), let delegator = roles[found.delegator] else {
            throw TrustFailure(.request, role, "there is no such role")
        }
        let all = try TrustRoleKeys.keys(delegator["delegations"]?["keys"], found.delegator)
        return (try TrustRoleKeys(found.entry, keys: all, role, found.delegator), found.delegator)
    }
}

extension TrustEnvelope {
    /// The version that it says it is; 0 where it does not.
    public var version: Int { signed["version"]?.integer ?? 0 }

    /// What a key holder signs, line by line: version and expiry, who signs for what, the digests of targets.
    public func summary(_ role: String) throws(TrustFailure) -> [String] {
        var lines = ["\(role) version \(version), good until \(signed["expires"]?.string ?? "")"]
        guard role == "root" else {
            for (path, target) in (signed["targets"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
                lines.append("  \(path) sha256 \(target["hashes"]?["sha256"]?.string ?? "")")
            }
            for entry in signed["delegations"]?["roles"]?.array ?? [] {
                let paths = (entry["paths"]?.array ?? []).compactMap(\.string).joined(separator: ", ")
                lines.append("  \(entry["name"]?.string ?? "") for \(paths): \(Self.keys(entry))")
            }
            return lines
        }
        for role in TrustRole.allCases {
            guard let entry = signed["roles"]?[role.rawValue] else { continue }
            lines.append("  \(role.rawValue): \(Self.keys(entry))")
        }
        return lines
    }

    private static func keys(_ entry: TrustJSON) -> String {
        let ids = (entry["keyids"]?.array ?? []).compactMap { $0.string?.prefix(8) }.joined(separator: ", ")
        return "\(entry["threshold"]?.integer ?? 0) of \(ids)"
    }
}
