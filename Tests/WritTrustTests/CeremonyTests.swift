import Testing

@testable import WritTrust

/// What those who hold keys are shown, and what is made of what they signed.
@Suite struct CeremonyTests {
    /// A root that follows the fixture's, staged, as whoever keeps the repository would change it.
    private func staged(
        _ fixture: inout Fixture, _ change: (inout [String: TrustJSON]) -> Void = { _ in }
    ) throws -> TrustEnvelope {
        try fixture.repository.renew("root")
        let text = try #require(try fixture.repository.stage().first { $0.path == "staged/2.root.json" }).content
        var members = try #require(TrustEnvelope(reading: text, "root").signed.object)
        change(&members)
        var envelope = TrustEnvelope(signed: .object(members))
        for signer in fixture.keys("root") { try envelope.sign(signer) }
        return envelope
    }

    private func failure(_ work: () throws -> Void) -> TrustFailure? {
        do { try work() } catch { return error as? TrustFailure }
        return nil
    }

    /// Somebody's own key under the id of another's: the ids are what people read to each other.
    @Test func keyUnderAFalseID() throws {
        var fixture = try Fixture()
        let mallory = TrustSigner().key
        let bob = fixture.keys("root")[1].key.id
        let envelope = try staged(&fixture) { $0["keys"] = $0["keys"]?.setting(bob, mallory.json) }
        let told = "root: a key stands under the id \(bob); its own is \(mallory.id)"
        #expect(failure { _ = try envelope.summary("root") }?.message == told)
        let refused = failure { try fixture.repository.take(staged: envelope.text, "2.root.json") }
        #expect(refused?.message == told && refused?.code == .key)
        var copy = fixture.repository
        #expect(failure { try copy.lay(staged: envelope.text, "2.root.json") }?.message == told)
        #expect(failure { _ = try TrustRepository(stagedRoot: envelope.text, now: Fixture.start) }?.message == told)
        // Nor is a repository gone on with that says so.
        fixture.files["metadata/2.root.json"] = envelope.text
        #expect(failure { try fixture.reopen() }?.message == told)
    }

    @Test func delegatedKeyUnderAFalseID() throws {
        var fixture = try Fixture()
        let bob = TrustSigner().key
        let mallory = TrustSigner().key
        try fixture.repository.delegate(
            to: "medical", roots: ["fleet/medical"], keys: [bob], threshold: 1, isTerminating: false)
        let text = try #require(try fixture.repository.stage().first { $0.path == "staged/2.targets.json" }).content
        var envelope = try TrustEnvelope(reading: text, "targets")
        let delegations = try #require(envelope.signed["delegations"])
        envelope.signed = envelope.signed.setting(
            "delegations", delegations.setting("keys", .object([bob.id: mallory.json])))
        #expect(failure { _ = try envelope.summary("targets") }?.code == .key)
        #expect(failure { try fixture.repository.take(staged: envelope.text, "2.targets.json") }?.code == .key)
    }

    /// Clients read repositories that make ids of keys in another way.
    @Test func clientsTakeOtherIDs() throws {
        var fixture = try Fixture()
        let key = fixture.keys("timestamp")[0].key
        fixture.files["metadata/2.root.json"] = fixture.root
        try fixture.forge("metadata/2.root.json", fixture.keys("root")) { members in
            members["version"] = .integer(2)
            members["keys"] = members["keys"]?.setting("theirs", key.json)
            members["roles"] = members["roles"]?.setting(
                "timestamp", .object(["keyids": .array([.string("theirs")]), "threshold": .integer(1)]))
        }
        var envelope = try TrustEnvelope(reading: fixture.files["metadata/timestamp.json"] ?? [], "timestamp")
        envelope.signatures = envelope.signatures.map { ("theirs", $0.signature) }
        fixture.files["metadata/timestamp.json"] = envelope.text
        var client = try fixture.client()
        try client.update()
        #expect(client.rootVersion == 2)
    }

    @Test func rootIsShown() throws {
        var fixture = try Fixture()
        let envelope = try staged(&fixture) { $0["x\n  root: 1 of 1"] = .string("\u{1B}[2J\u{202E}") }
        let lines = try envelope.summary("root")
        #expect(lines.first == "root version 2, good until 2028-01-15T08:00:00Z")
        for role in TrustRole.allCases {
            let ids = fixture.keys(role.rawValue).map(\.key.id)
            let start = try #require(
                lines.firstIndex(of: "  \(role.rawValue): \(role == .root ? 2 : 1) of \(ids.count)"))
            #expect(lines[(start + 1)...(start + ids.count)].map { $0 } == ids.map { "    \($0) ed25519" })
        }
        #expect(lines.contains("  consistent_snapshot: true"))
        #expect(lines.contains(#"  "x\u{a}  root: 1 of 1": "\u{1b}[2J\u{202e}""#), "\(lines)")
    }

    @Test func targetsAreShown() throws {
        let key = TrustSigner().key
        let digest = String(repeating: "0", count: 64)
        func delegation(_ name: String, _ more: [String: TrustJSON], isTerminating: Bool) -> TrustJSON {
            .object(
                [
                    "name": .string(name), "keyids": .array([.string(key.id), .string("gone")]),
                    "threshold": .integer(1), "terminating": .boolean(isTerminating),
                ].merging(more) { $1 })
        }
        let signed = TrustJSON.object([
            "_type": .string("targets"), "spec_version": .string("1.0.31"), "version": .integer(3),
            "expires": .string("2027-01-01T00:00:00Z"),
            "targets": .object([
                "a\n  b sha256 00": .object([
                    "length": .integer(7), "hashes": .object(["sha256": .string(digest)]),
                    "custom": .object(["r": .string("\u{9B}1A")]),
                ])
            ]),
            "delegations": .object([
                "keys": .object([key.id: key.json]),
                "roles": .array([
                    delegation("a b", ["paths": .array([.string("fleet/*"), .string("\t")])], isTerminating: true),
                    delegation(
                        "h", ["path_hash_prefixes": .array([.string("0f"), .string("a")])], isTerminating: false),
                ]),
            ]),
        ])
        #expect(
            try TrustEnvelope(signed: signed).summary("targets") == [
                "targets version 3, good until 2027-01-01T00:00:00Z",
                #"  "a\u{a}  b sha256 00" 7 bytes, sha256 \#(digest), custom {"r":"\u{9b}1A"}"#,
                #"  "a b" for fleet/*, "\u{9}", terminating: 1 of 2"#, "    \(key.id) ed25519",
                "    gone, of which there is no key", "  h for paths whose digests begin with 0f, a: 1 of 2",
                "    \(key.id) ed25519", "    gone, of which there is no key",
            ])
        // A root is not signed under the name of targets.
        var fixture = try Fixture()
        #expect(failure { _ = try staged(&fixture).summary("targets") }?.code == .format)
    }

    @Test func linesStayLines() {
        #expect(
            TrustText.line("a\u{1B}[1A\r\n\u{85}\u{2028}\u{202E}é ✓")
                == #"a\u{1b}[1A\u{d}\u{a}\u{85}\u{2028}\u{202e}é ✓"#)
        #expect(TrustText.quoted("") == "\"\"")
        #expect(TrustText.quoted("fleet/*") == "fleet/*")
        #expect(TrustText.quoted("a\"\\é") == #""a\"\\\u{e9}""#)
    }

    /// The holders took longer than the metadata is good for.
    @Test func ceremonyThatTookTooLong() throws {
        var fixture = try Fixture()
        let envelope = try staged(&fixture)
        let expires = Fixture.start + 365 * Fixture.day
        try fixture.reopen(at: expires)
        let refused = failure { try fixture.repository.take(staged: envelope.text, "2.root.json") }
        #expect(refused?.code == .expired)
        #expect(
            refused?.message
                == "root: version 2 expired 2028-01-15T08:00:00Z, before it was published: stage it again")
        try fixture.reopen(at: expires - 1)
        try fixture.repository.take(staged: envelope.text, "2.root.json")
        // The same of targets.
        var other = try Fixture()
        try other.repository.renew("targets")
        let targets = try #require(try other.repository.stage().first { $0.path == "staged/2.targets.json" }).content
        try other.reopen(at: Fixture.start + 90 * Fixture.day)
        #expect(failure { try other.repository.take(staged: targets, "2.targets.json") }?.code == .expired)
    }

    @Test func goodSignatureInThePlaceOfABadOne() throws {
        let signers = [TrustSigner(), TrustSigner(), TrustSigner()]
        let keys = Dictionary(uniqueKeysWithValues: signers.map { ($0.key.id, $0.key) })
        let signed = TrustJSON.object(["a": .integer(1)])
        var good = TrustEnvelope(signed: signed)
        for signer in signers { try good.sign(signer) }
        var bad = TrustEnvelope(signed: signed)
        bad.signatures = good.signatures.dropLast().map { ($0.keyID, String($0.signature.reversed())) }
        var envelope = bad
        #expect(envelope.badSignatures(keys) == signers.prefix(2).map(\.key.id))
        #expect(try envelope.merge(good, "copy", keys: keys) == [])
        #expect(envelope.badSignatures(keys) == [])
        #expect(Set(envelope.signatures.map(\.signature)) == Set(good.signatures.map(\.signature)))
        // The other way round nothing is lost, and it is told.
        #expect(try envelope.merge(bad, "copy", keys: keys) == signers.prefix(2).map(\.key.id))
        #expect(Set(envelope.signatures.map(\.signature)) == Set(good.signatures.map(\.signature)))
        // Bad ones of keys that are known do not come in.
        var empty = TrustEnvelope(signed: signed)
        #expect(try empty.merge(bad, "copy", keys: keys).count == 2)
        #expect(empty.signatures.isEmpty)
        // Where the keys are not known, what contradicts is refused, and the rest is taken.
        #expect(failure { _ = try bad.merge(good, "copy", keys: [:]) }?.code == .key)
        #expect(try empty.merge(good, "copy", keys: [:]) == [])
        #expect(empty.signatures.count == 3)
    }

    /// A delegated role is what expires first.
    @Test func expiryOfDelegatedRoles() throws {
        var fixture = try Fixture()
        fixture.repository.lifetimes = [
            .root: 900 * Fixture.day, .targets: 800 * Fixture.day, .snapshot: 800 * Fixture.day,
            .timestamp: 800 * Fixture.day,
        ]
        try fixture.repository.renew("root")
        let medical = TrustSigner()
        fixture.repository.signers[medical.key.id] = medical
        try fixture.repository.delegate(
            to: "medical", roots: ["fleet/medical"], keys: [medical.key], threshold: 1, isTerminating: true)
        try fixture.commit()
        fixture.repository.lifetimes[.targets] = 3 * Fixture.day
        try fixture.repository.add([1], as: "fleet/medical/bundle.tar.gz", by: "medical")
        try fixture.commit()
        let early = Fixture.start + 3 * Fixture.day
        var client = try fixture.client()
        try client.update()
        #expect(client.expires == Fixture.start + 800 * Fixture.day)
        _ = try client.target("fleet/medical/bundle.tar.gz")
        #expect(client.expires == early)
        // What was kept is gone on with offline, and told to be expired.
        var later = try fixture.client(client.state, at: early)
        try later.resume()
        _ = try later.target("fleet/medical/bundle.tar.gz")
        let told = failure { try later.checkExpiry() }
        #expect(told?.code == .expired && told?.role == "medical", "\(told?.message ?? "")")
    }

    /// After a crash between publishing and removing what was staged.
    @Test func publishedAlready() throws {
        var fixture = try Fixture()
        let envelope = try staged(&fixture)
        try fixture.reopen()
        #expect(try !fixture.repository.isPublished(staged: envelope.text, "2.root.json"))
        try fixture.repository.take(staged: envelope.text, "2.root.json")
        try fixture.commit()
        try fixture.reopen()
        #expect(try fixture.repository.isPublished(staged: envelope.text, "2.root.json"))
        let targets = fixture.files["metadata/1.targets.json"] ?? []
        #expect(try fixture.repository.isPublished(staged: targets, "1.targets.json"))
        var other = try TrustEnvelope(reading: targets, "targets")
        other.signed = other.signed.setting("version", .integer(2))
        #expect(try !fixture.repository.isPublished(staged: other.text, "1.targets.json"))
    }
}
