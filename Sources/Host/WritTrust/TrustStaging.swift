// Keys in several hands: metadata is made without all of its signatures, goes from holder to holder, and is published
// once enough of them have signed.
extension TrustRepository {
    /// A repository of which only a root is there yet, staged: its metadata comes with `take`.
    public init(stagedRoot text: [UInt8], now: Int) throws(TrustFailure) {
        let envelope = try TrustEnvelope(reading: text, "root")
        try envelope.checkKeyIDs("root")
        try self.init(beginningWith: envelope.signed, now: now)
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
        try envelope.checkKeyIDs(role)
        if role == "root" {
            let new = try TrustRoot(envelope)
            try check(new, role)
            try check(new.version, follows: oldRoot?.version ?? 0, role)
            if let oldRoot { try envelope.verify(oldRoot.keys(.root), role, under: "root version \(oldRoot.version)") }
            try envelope.verify(new.keys(.root), role, under: "root version \(new.version)")
            root = envelope.signed
            signedRoot = envelope
            isRootChanged = true
            return
        }
        let new = try TrustTargets(envelope, role)
        try check(new, role)
        try check(new.version, follows: roles[role]?["version"]?.integer ?? 0, role)
        let (keys, delegator) = try roleKeys(role)
        try envelope.verify(keys, role, under: delegator)
        roles[role] = envelope.signed
        signedRoles[role] = envelope
        changed.insert(role)
    }

    /// Key holders may have taken longer than what they signed is good for: no client would take it.
    private func check(_ new: some TrustMetadata, _ role: String) throws(TrustFailure) {
        guard new.expires > now else {
            throw TrustFailure(
                .expired, role,
                "version \(new.version) expired \(TrustTime.text(new.expires)), before it was published: stage it again"
            )
        }
    }

    private func check(_ version: Int, follows before: Int, _ role: String) throws(TrustFailure) {
        guard version == before + 1 else {
            throw TrustFailure(
                .mismatch, role,
                "version \(version) is staged; the repository goes on with \(before + 1): stage it again")
        }
    }

    /// Whether staged metadata is what the repository has already: it was published, and its file was not removed.
    public func isPublished(staged text: [UInt8], _ name: String) throws(TrustFailure) -> Bool {
        guard let role = Self.role(ofFile: name) else { return false }
        let published = role == "root" ? oldRoot?.envelope.text : texts[role]
        return try TrustEnvelope(reading: text, role).text == published
    }

    /// Throws unless targets that nothing is staged for are good under the root: its keys may be others.
    public func checkTaken() throws(TrustFailure) {
        guard signedRoles["targets"] == nil, let text = texts["targets"] else { return }
        let (keys, delegator) = try roleKeys("targets")
        try TrustEnvelope(reading: text, "targets").verify(keys, "targets", under: delegator)
    }

    /// Looks at staged metadata as if it were published: for `roleKeys`. Verifies nothing.
    public mutating func lay(staged text: [UInt8], _ name: String) throws(TrustFailure) {
        guard let role = Self.role(ofFile: name) else { return }
        let envelope = try TrustEnvelope(reading: text, role)
        try envelope.checkKeyIDs(role)
        let signed = envelope.signed
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
