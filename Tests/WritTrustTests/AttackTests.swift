import Testing

@testable import WritTrust

/// The attacks that The Update Framework was made against, each with the error that a user sees.
@Suite struct AttackTests {
    private static let late = Fixture.start + 10 * Fixture.day

    /// A repository with two versions, what a client trusts of each, and the files of the first.
    private func updated() throws -> (fixture: Fixture, old: [String: [UInt8]], state: TrustState) {
        var fixture = try Fixture()
        try fixture.repository.add([1], as: "fleet/bundle.tar.gz", by: "targets")
        try fixture.commit()
        let old = fixture.files
        try fixture.repository.add([2], as: "fleet/bundle.tar.gz", by: "targets")
        try fixture.commit()
        return (fixture, old, try fixture.update())
    }

    private func expect(_ failure: TrustFailure?, _ code: TrustFailure.Code, _ message: String) {
        #expect(failure?.code == code)
        #expect(failure?.message == message)
    }

    /// The old timestamp again, with all that it names.
    @Test func rollback() throws {
        var (fixture, old, state) = try updated()
        fixture.files = old
        expect(
            fixture.failure(state), .rollback, "timestamp: version 2 is older than the trusted version 3")
    }

    /// Somebody with the timestamp's key names the old snapshot under a new version.
    @Test func rollbackOfTheSnapshot() throws {
        var (fixture, old, state) = try updated()
        fixture.files["metadata/timestamp.json"] = old["metadata/timestamp.json"]
        try fixture.forge("metadata/timestamp.json", fixture.keys("timestamp")) { $0["version"] = .integer(9) }
        expect(fixture.failure(state), .rollback, "timestamp: it names snapshot version 2, older than 3")
    }

    /// Somebody with the keys of timestamp and snapshot names old targets.
    @Test func rollbackOfTargets() throws {
        var (fixture, _, state) = try updated()
        try fixture.forge("metadata/3.snapshot.json", fixture.keys("snapshot")) { members in
            members["version"] = .integer(4)
            members["meta"] = .object(["targets.json": .object(["version": .integer(2)])])
        }
        fixture.files["metadata/4.snapshot.json"] = fixture.files["metadata/3.snapshot.json"]
        try fixture.forge("metadata/timestamp.json", fixture.keys("timestamp")) { members in
            members["version"] = .integer(4)
            members["meta"] = .object(["snapshot.json": .object(["version": .integer(4)])])
        }
        expect(fixture.failure(state), .rollback, "snapshot: it names targets.json version 2, older than 3")
        // Nor can it leave them out.
        try fixture.forge("metadata/4.snapshot.json", fixture.keys("snapshot")) { $0["meta"] = .object([:]) }
        expect(fixture.failure(state), .rollback, "snapshot: it does not name targets.json any more")
    }

    /// Nothing new comes any more: what was the newest expires.
    @Test func freeze() throws {
        let (fixture, _, state) = try updated()
        expect(
            fixture.failure(state, at: Self.late), .expired,
            "timestamp: version 3 expired 2027-01-16T08:00:00Z; it is 2027-01-25T08:00:00Z")
        expect(
            fixture.failure(at: Self.late), .expired,
            "timestamp: version 3 expired 2027-01-16T08:00:00Z; it is 2027-01-25T08:00:00Z")
    }

    /// Without a trusted clock a freeze is noticed once newer metadata has proved the time.
    @Test func freezeWithoutClock() throws {
        var (fixture, old, _) = try updated()
        var state = try fixture.update(clock: TrustClock.none)
        #expect(state.provedTime == Fixture.start)
        try fixture.update(state, at: 0, clock: TrustClock.none)
        try fixture.reopen(at: Self.late)
        try fixture.commit()
        state = try fixture.update(state, clock: TrustClock.none)
        #expect(state.provedTime == Self.late)
        // Even a client that lost everything but the time refuses what is older.
        fixture.files = old
        expect(
            fixture.failure(
                TrustState(files: ["root.json": fixture.root], provedTime: Self.late), clock: TrustClock.none),
            .expired, "timestamp: version 2 expired 2027-01-16T08:00:00Z; it is 2027-01-25T08:00:00Z")
    }

    /// Metadata of different times is put together.
    @Test func mixAndMatch() throws {
        var (fixture, old, _) = try updated()
        let snapshot = fixture.files["metadata/3.snapshot.json"]
        fixture.files["metadata/3.snapshot.json"] = old["metadata/2.snapshot.json"]
        expect(
            fixture.failure(), .mismatch, "snapshot: its digest (sha256) is not the one that the timestamp names")
        fixture.files["metadata/3.snapshot.json"] = snapshot
        fixture.files["metadata/3.targets.json"] = old["metadata/2.targets.json"]
        expect(fixture.failure(), .mismatch, "targets: its digest (sha256) is not the one that the snapshot names")
    }

    /// The same where metadata names no digests: the versions do not fit.
    @Test func mixAndMatchWithoutDigests() throws {
        var (fixture, old, _) = try updated()
        try fixture.forge("metadata/timestamp.json", fixture.keys("timestamp")) { members in
            members["meta"] = .object(["snapshot.json": .object(["version": .integer(3)])])
        }
        fixture.files["metadata/3.snapshot.json"] = old["metadata/2.snapshot.json"]
        expect(fixture.failure(), .mismatch, "snapshot: version 2; the timestamp names version 3")
    }

    /// A stolen key signs the highest version that there is, so that nothing newer can follow; new keys undo it.
    @Test func fastForward() throws {
        var (fixture, _, state) = try updated()
        let good = fixture
        try fixture.forge("metadata/timestamp.json", fixture.keys("timestamp")) { $0["version"] = .integer(.max) }
        state = try fixture.update(state)
        fixture = good
        expect(
            fixture.failure(state), .rollback,
            "timestamp: version 3 is older than the trusted version 9223372036854775807")
        try fixture.reopen()
        let new = TrustSigner()
        fixture.repository.signers[new.key.id] = new
        try fixture.repository.setKeys(
            of: "timestamp", adding: [new.key], removing: fixture.keys("timestamp").map(\.key.id))
        try fixture.commit()
        var client = try fixture.client(state)
        try client.update()
        #expect(client.timestampVersion == 4)
    }

    /// The same with the time that a device without a clock goes by: a stolen key says that it is late.
    @Test func fastForwardOfTheTime() throws {
        var (fixture, _, _) = try updated()
        var state = try fixture.update(clock: TrustClock.none)
        let good = fixture
        try fixture.forge("metadata/timestamp.json", fixture.keys("timestamp")) { members in
            members["x-writ-issued"] = .string(TrustTime.text(Self.late * 2))
        }
        expect(
            fixture.failure(state, clock: TrustClock.none), .format,
            "timestamp: it says that it was made after it expired")
        try fixture.forge("metadata/timestamp.json", fixture.keys("timestamp")) { members in
            members["version"] = .integer(.max)
            members["expires"] = .string(TrustTime.text(Self.late * 2 + 1))
        }
        // Nothing else is good at that time; yet it was said by who may say it.
        var client = try fixture.client(state, clock: TrustClock.none)
        do throws(TrustFailure) {
            try client.update()
            Issue.record("taken")
        } catch { #expect(error.code == .expired && error.role == "snapshot") }
        state = client.state
        #expect(state.provedTime == Self.late * 2)
        fixture = good
        try fixture.reopen()
        try fixture.commit()
        #expect(fixture.failure(state, clock: TrustClock.none)?.code == .expired)
        let new = TrustSigner()
        fixture.repository.signers[new.key.id] = new
        try fixture.repository.setKeys(
            of: "timestamp", adding: [new.key], removing: fixture.keys("timestamp").map(\.key.id))
        try fixture.commit()
        state = try fixture.update(state, clock: TrustClock.none)
        #expect(state.provedTime == Fixture.start)
    }

    @Test(arguments: ["timestamp", "snapshot", "targets"])
    func wrongKey(_ role: String) throws {
        var (fixture, _, _) = try updated()
        let path = role == "timestamp" ? "metadata/timestamp.json" : "metadata/3.\(role).json"
        try fixture.forge(path, [TrustSigner()]) { _ in }
        if role != "timestamp" {
            // Without digests in the way.
            try fixture.forge("metadata/timestamp.json", fixture.keys("timestamp")) { members in
                members["meta"] = .object(["snapshot.json": .object(["version": .integer(3)])])
            }
        }
        if role == "targets" {
            try fixture.forge("metadata/3.snapshot.json", fixture.keys("snapshot")) { members in
                members["meta"] = .object(["targets.json": .object(["version": .integer(3)])])
            }
        }
        expect(
            fixture.failure(), .threshold,
            "\(role): 0 good signatures of the keys that \(role == "targets" ? "root" : "root version 1") names; "
                + "1 are needed")
    }

    /// A root is only believed under the threshold of the root before, and its own.
    @Test func thresholds() throws {
        var (fixture, _, state) = try updated()
        let new = TrustSigner()
        func root(_ signers: [TrustSigner]) throws {
            fixture.files["metadata/2.root.json"] = fixture.root
            try fixture.forge("metadata/2.root.json", signers) { members in
                members["version"] = .integer(2)
                members["keys"] = members["keys"]?.setting(new.key.id, new.key.json)
                members["roles"] = members["roles"]?.setting(
                    "root", .object(["keyids": .array([.string(new.key.id)]), "threshold": .integer(1)]))
            }
        }
        let old = fixture.keys("root")
        try root([old[0], new])
        expect(
            fixture.failure(state), .threshold,
            "root: 1 good signatures of the keys that root version 1 names; 2 are needed")
        try root([old[0], old[1]])
        expect(
            fixture.failure(state), .threshold,
            "root: 0 good signatures of the keys that root version 2 names; 1 are needed")
        try root([old[0], old[1], new])
        try fixture.update(state)
    }

    /// One key under two names counts once.
    @Test func oneKeyTwice() throws {
        var fixture = try Fixture(rootKeys: 2, rootThreshold: 2)
        let key = fixture.keys("root")[0]
        fixture.files["metadata/2.root.json"] = fixture.root
        try fixture.forge("metadata/2.root.json", [key]) { members in
            members["version"] = .integer(2)
            members["keys"] = members["keys"]?.setting("other", key.key.json)
            members["roles"] = members["roles"]?.setting(
                "root",
                .object(["keyids": .array([.string(key.key.id), .string("other")]), "threshold": .integer(2)]))
        }
        var envelope = try TrustEnvelope(reading: fixture.files["metadata/2.root.json"] ?? [], "root")
        envelope.signatures.append(("other", envelope.signatures[0].signature))
        fixture.files["metadata/2.root.json"] = envelope.text
        #expect(fixture.failure()?.code == .threshold)
    }

    @Test func rootOfAnotherVersion() throws {
        var (fixture, _, state) = try updated()
        fixture.files["metadata/2.root.json"] = fixture.root
        expect(fixture.failure(state), .rollback, "root: 2.root.json is of version 1")
        try fixture.forge("metadata/2.root.json", fixture.keys("root")) { $0["version"] = .integer(7) }
        expect(fixture.failure(state), .mismatch, "root: 2.root.json is of version 7")
    }

    @Test func expiredRoot() throws {
        var (fixture, _, state) = try updated()
        let later = Fixture.start + 400 * Fixture.day
        expect(
            fixture.failure(state, at: later), .expired,
            "root: version 1 expired 2028-01-15T08:00:00Z; it is 2028-02-19T08:00:00Z")
        // A newer root behind an expired one is found: only the last must be good.
        try fixture.reopen(at: later)
        try fixture.repository.renew("root")
        try fixture.repository.renew("targets")
        try fixture.commit()
        try fixture.update(state, at: later)
    }

    @Test(arguments: [("snapshot", 8), ("targets", 91)])
    func expired(_ role: String, _ days: Int) throws {
        var fixture = try Fixture()
        fixture.repository.lifetimes[.timestamp] = 1000 * Fixture.day
        if role == "targets" { fixture.repository.lifetimes[.snapshot] = 1000 * Fixture.day }
        try fixture.commit()
        let failure = fixture.failure(at: Fixture.start + days * Fixture.day)
        #expect(failure?.code == .expired)
        #expect(failure?.role == role)
    }

    /// Endless data: a client reads no more than a limit, or than the metadata says.
    @Test func endlessData() throws {
        var (fixture, _, _) = try updated()
        let good = fixture.files
        let endless = [UInt8](repeating: 0x20, count: 600_000)
        fixture.files["metadata/2.root.json"] = endless
        expect(fixture.failure(), .limit, "root: metadata/2.root.json has more than 512000 bytes")
        fixture.files = good
        fixture.files["metadata/timestamp.json", default: []] += endless
        expect(fixture.failure(), .limit, "timestamp: metadata/timestamp.json has more than 16384 bytes")
        fixture.files = good
        let length = good["metadata/3.snapshot.json"]?.count ?? 0
        fixture.files["metadata/3.snapshot.json", default: []] += [0x20]
        expect(fixture.failure(), .limit, "snapshot: metadata/3.snapshot.json has more than \(length) bytes")
        // A stolen key of the timestamp says that the snapshot is huge.
        fixture.files = good
        try fixture.forge("metadata/timestamp.json", fixture.keys("timestamp")) { members in
            members["meta"] = .object([
                "snapshot.json": .object(["version": .integer(4), "length": .integer(1 << 40)])
            ])
        }
        expect(fixture.failure(), .limit, "snapshot: 1099511627776 bytes; 2000000 are allowed")
        fixture.files = good
        var client = try fixture.client()
        try client.update()
        let target = try client.target("fleet/bundle.tar.gz")
        for path in good.keys where path.hasPrefix("targets/") { fixture.files[path] = [2, 2] }
        var other = try fixture.client()
        try other.update()
        do throws(TrustFailure) {
            _ = try other.fetch(target)
            Issue.record("fetched")
        } catch { #expect(error.code == .limit) }
    }

    @Test func endlessRoots() throws {
        var fixture = try Fixture()
        for _ in 0..<4 {
            try fixture.repository.setKeys(of: "root", adding: [])
            try fixture.commit()
        }
        var limits = TrustLimits()
        limits.rootRotations = 3
        expect(fixture.failure(limits: limits), .limit, "root: more than 3 new versions")
        limits.rootRotations = 4
        try fixture.update(limits: limits)
    }

    @Test func changedTarget() throws {
        var (fixture, _, _) = try updated()
        for path in fixture.files.keys where path.hasPrefix("targets/") { fixture.files[path] = [7] }
        var client = try fixture.client()
        try client.update()
        let target = try client.target("fleet/bundle.tar.gz")
        do throws(TrustFailure) {
            _ = try client.fetch(target)
            Issue.record("fetched")
        } catch {
            #expect(error.code == .mismatch)
            #expect(error.message.contains("is not the one that targets names"))
        }
    }

    @Test func missing() throws {
        for path in ["metadata/timestamp.json", "metadata/3.snapshot.json", "metadata/3.targets.json"] {
            var (fixture, _, _) = try updated()
            fixture.files[path] = nil
            let failure = fixture.failure()
            #expect(failure?.code == .missing)
            #expect(failure?.message.hasSuffix("the repository has no \(path)") == true)
        }
        #expect(throws: TrustFailure.self) { try Fixture().client(TrustState(files: [:])) }
    }

    @Test(arguments: [
        ("{", "no JSON"), ("{}", "it has no signed and signatures"),
        (#"{"signed": {}, "signatures": []}"#, "its type is not"),
        (#"{"signed": {"_type": "timestamp"}, "signatures": [{"keyid": "a"}]}"#, "a signature without keyid and sig"),
        (
            #"{"signed": {}, "signatures": [{"keyid": "a", "sig": ""}, {"keyid": "a", "sig": ""}]}"#,
            "two signatures of key a"
        ),
        (#"{"signed": {"version": 1.5}, "signatures": []}"#, "a number that is no integer"),
        ("[" + String(repeating: "[", count: 100), "no JSON"),
    ])
    func malformed(_ text: String, _ reason: String) throws {
        var (fixture, _, _) = try updated()
        fixture.files["metadata/timestamp.json"] = Array(text.utf8)
        let failure = fixture.failure()
        // Unsigned metadata is refused for that before it is looked into.
        #expect(failure?.code == .format || failure?.code == .threshold)
        #expect(failure?.code == .threshold || failure?.message.contains(reason) == true, "\(failure?.message ?? "")")
    }

    /// Any byte of any metadata changed: refused, or what is trusted is the same.
    @Test func everyByte() throws {
        let (fixture, _, _) = try updated()
        for path in ["metadata/timestamp.json", "metadata/3.snapshot.json", "metadata/3.targets.json"] {
            let text = fixture.files[path] ?? []
            for index in stride(from: 0, to: text.count, by: 3) {
                var changed = fixture
                changed.files[path]?[index] ^= 0x05
                guard changed.failure() == nil else { continue }
                var client = try changed.client()
                try client.update()
                #expect(try client.fetch(client.target("fleet/bundle.tar.gz")) == [2])
            }
        }
    }
}
