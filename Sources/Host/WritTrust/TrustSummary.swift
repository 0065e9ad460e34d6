// What a key holder reads before he signs.
extension TrustEnvelope {
    /// The version that it says it is; 0 where it does not.
    public var version: Int { signed["version"]?.integer ?? 0 }

    /// What a key holder signs, line by line and all of it: version and expiry, who signs for what, the digests of
    /// targets. Keys are named by ids that are computed here, of the keys themselves. A line is one line on any terminal:
    /// what is no plain text of ASCII is quoted.
    ///
    /// Throws where it is no metadata of the role, and where a key stands under an id that is not its own.
    public func summary(_ role: String) throws(TrustFailure) -> [String] {
        switch TrustRole(rawValue: role) {
        case .root: _ = try TrustRoot(self)
        case .timestamp: _ = try TrustTimestamp(self)
        case .snapshot: _ = try TrustSnapshot(self)
        case .targets, nil: _ = try TrustTargets(self, role)
        }
        try checkKeyIDs(role)
        let until = TrustText.quoted(signed["expires"]?.string ?? "")
        var lines = ["\(TrustText.quoted(role)) version \(version), good until \(until)"]
        var told: Set<String> = ["_type", "spec_version", "version", "expires"]
        if role == TrustRole.root.rawValue {
            told.formUnion(["keys", "roles"])
            // Roles that no client asks for are signed as well.
            for (name, entry) in (signed["roles"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
                lines += Self.keyLines(TrustText.quoted(name), entry, signed["keys"])
            }
        }
        if let targets = signed["targets"]?.object {
            told.insert("targets")
            for (path, target) in targets.sorted(by: { $0.key < $1.key }) {
                lines.append("  \(TrustText.quoted(path)) \(Self.members(target))")
            }
        }
        if let delegations = signed["delegations"] {
            told.insert("delegations")
            for entry in delegations["roles"]?.array ?? [] {
                var what = TrustText.quoted(entry["name"]?.string ?? "")
                if let list = entry["paths"]?.array { what += " for \(Self.list(list))" }
                if let list = entry["path_hash_prefixes"]?.array {
                    what += " for paths whose digests begin with \(Self.list(list))"
                }
                if entry["terminating"]?.boolean == true { what += ", terminating" }
                lines += Self.keyLines(what, entry, delegations["keys"])
            }
        }
        // Members that this version does not know are signed, too.
        for (name, value) in (signed.object ?? [:]).sorted(by: { $0.key < $1.key }) where !told.contains(name) {
            lines.append("  \(TrustText.quoted(name)): \(TrustText.json(value))")
        }
        return lines
    }

    /// A role's threshold and keys, each with its kind.
    private static func keyLines(_ what: String, _ entry: TrustJSON, _ keys: TrustJSON?) -> [String] {
        let ids = (entry["keyids"]?.array ?? []).compactMap(\.string)
        return ["  \(what): \(entry["threshold"]?.integer ?? 0) of \(ids.count)"]
            + ids.map { id in
                guard let key = keys?[id] else { return "    \(TrustText.quoted(id)), of which there is no key" }
                return "    \(TrustKey.id(of: key)) \(TrustText.quoted(key["keytype"]?.string ?? "of no kind"))"
            }
    }

    private static func list(_ values: [TrustJSON]) -> String {
        values.isEmpty ? "nothing" : values.map { TrustText.quoted($0.string ?? "") }.joined(separator: ", ")
    }

    /// What is said of a target: `34 bytes, sha256 …, custom {…}`.
    private static func members(_ target: TrustJSON) -> String {
        var parts = ["\(target["length"]?.integer ?? 0) bytes"]
        for (algorithm, digest) in (target["hashes"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            parts.append("\(TrustText.quoted(algorithm)) \(TrustText.quoted(digest.string ?? ""))")
        }
        for (name, value) in (target.object ?? [:]).sorted(by: { $0.key < $1.key })
        where name != "length" && name != "hashes" {
            parts.append("\(TrustText.quoted(name)) \(TrustText.json(value))")
        }
        return parts.joined(separator: ", ")
    }

    /// Throws where a key stands under an id that is not the digest of the key.
    ///
    /// Ids are what people read to each other: under a false one somebody's key counts as somebody else's. Clients read
    /// repositories whose ids are made in other ways; those that are written or signed here have no others.
    public func checkKeyIDs(_ role: String) throws(TrustFailure) {
        for keys in [signed["keys"], signed["delegations"]?["keys"]] {
            for (id, key) in (keys?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
                let own = TrustKey.id(of: key)
                guard Array(id.utf8) == Array(own.utf8) else {
                    throw TrustFailure(
                        .key, role, "a key stands under the id \(TrustText.quoted(id)); its own is \(own)")
                }
            }
        }
    }
}

/// Text of others on a terminal: no text forges lines or moves the cursor.
public enum TrustText {
    /// As it is, if it is of letters, digits and marks of paths alone; else in quotes, with all but plain ASCII escaped.
    public static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "*"),
                UInt8(ascii: "?"), UInt8(ascii: ":"):
                true
            default: false
            }
        }
        return isPlain && !text.isEmpty ? text : "\"" + escaped(text, quotes: true) + "\""
    }

    /// JSON in one line.
    static func json(_ value: TrustJSON) -> String {
        escaped(String(decoding: value.canonical, as: UTF8.self), quotes: false)
    }

    /// One line of plain ASCII: everything else is `\u{…}`.
    public static func escaped(_ text: String, quotes: Bool = false) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"" where quotes, "\\" where quotes: result += "\\" + String(scalar)
            case " "..."~": result.unicodeScalars.append(scalar)
            default: result += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return result
    }

    /// A line with what moves the cursor, ends lines or turns the direction of text escaped; other text stays.
    public static func line(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
