import Testing
import TrustFixture

@testable import WritTrust

/// A repository in memory, its keys, and clients of it.
struct Fixture: SignedRepository {
    var files: [String: [UInt8]] = [:]
    var repository: TrustRepository
    var signers: [String: [TrustSigner]] = [:]
    static let start = 1_800_000_000
    static let day = 86_400

    init(rootKeys: Int = 3, rootThreshold: Int = 2) throws {
        (repository, signers) = try Self.make(rootKeys: rootKeys, rootThreshold: rootThreshold, at: Self.start)
        try commit()
    }

    /// The repository as it is read again, when it was made.
    mutating func reopen() throws { try reopen(at: Self.start) }

    var root: [UInt8] { files["metadata/1.root.json"] ?? [] }

    func client(
        _ state: TrustState? = nil, at now: Int = start, limits: TrustLimits = TrustLimits(), clock: TrustClock? = nil
    ) throws(TrustFailure) -> TrustClient {
        let files = files
        return try TrustClient(
            state ?? TrustState(root: root),
            source: TrustSource { (path, limit) in
                files[path].map { Array($0.prefix(limit + 1)) }
            }, clock: clock ?? .trusted(now), limits: limits)
    }

    /// Updates a client; gives what it keeps.
    @discardableResult
    func update(
        _ state: TrustState? = nil, at now: Int = start, limits: TrustLimits = TrustLimits(), clock: TrustClock? = nil
    ) throws(TrustFailure) -> TrustState {
        var client = try client(state, at: now, limits: limits, clock: clock)
        try client.update()
        return client.state
    }

    /// What an update refuses.
    func failure(
        _ state: TrustState? = nil, at now: Int = start, limits: TrustLimits = TrustLimits(), clock: TrustClock? = nil
    ) -> TrustFailure? {
        do throws(TrustFailure) {
            try update(state, at: now, limits: limits, clock: clock)
            return nil
        } catch { return error }
    }
}

@Suite struct TrustTests {
    @Test func publishedAndFetched() throws {
        var fixture = try Fixture()
        let bundle = Array("bundle".utf8)
        try fixture.repository.add(
            bundle, as: "fleet/bundle.tar.gz", by: "targets", custom: .object(["x": .integer(1)]))
        try fixture.commit()
        var client = try fixture.client()
        try client.update()
        let target = try client.target("fleet/bundle.tar.gz")
        #expect(target.root == "fleet")
        #expect(target.role == "targets")
        #expect(target.custom?["x"]?.integer == 1)
        #expect(try client.fetch(target) == bundle)
        #expect(client.timestampVersion == 2)
        // A second client that begins with the first one's files reads the same.
        #expect(try fixture.update(client.state).files == client.state.files)
    }

    @Test func delegated() throws {
        var fixture = try Fixture()
        let medical = TrustSigner()
        let power = TrustSigner()
        for signer in [medical, power] { fixture.repository.signers[signer.key.id] = signer }
        try fixture.repository.delegate(
            to: "medical", roots: ["fleet/medical"], keys: [medical.key], threshold: 1, isTerminating: true)
        try fixture.repository.delegate(
            to: "power", roots: ["fleet/power", "grid"], keys: [power.key], threshold: 1, isTerminating: true)
        try fixture.repository.add([1], as: "fleet/medical/bundle.tar.gz", by: "medical")
        try fixture.repository.add([2], as: "grid/bundle.tar.gz", by: "power")
        try fixture.commit()
        var client = try fixture.client()
        try client.update()
        let target = try client.target("fleet/medical/bundle.tar.gz")
        #expect(target.role == "medical")
        #expect(target.root == "fleet/medical")
        #expect(try client.fetch(target) == [1])
        #expect(try client.target("grid/bundle.tar.gz").role == "power")
        // The maker refuses it, and a signer who makes it on his own gets nowhere.
        #expect(throws: TrustFailure.self) {
            try fixture.repository.add([3], as: "fleet/power/bundle.tar.gz", by: "medical")
        }
        var forged = fixture
        try forged.repository.add([3], as: "fleet/medical/x.tar.gz", by: "medical")
        try forged.commit()
        var other = try forged.client()
        try other.update()
        #expect(try other.target("fleet/medical/x.tar.gz").root == "fleet/medical")
        for path in [
            "fleet/power/bundle.tar.gz", "fleet/bundle.tar.gz", "bundle.tar.gz", "fleet/medical/deep/x.tar.gz",
        ] {
            do throws(TrustFailure) {
                _ = try other.target(path)
                Issue.record("found \(path)")
            } catch {
                #expect(error.code == .target)
                #expect(error.message == "\(path): nobody who may ship it has signed it")
            }
        }
    }

    /// A delegated signer names a target of others in its own metadata.
    @Test func delegatedTooMuch() throws {
        var fixture = try Fixture()
        let medical = TrustSigner()
        fixture.repository.signers[medical.key.id] = medical
        try fixture.repository.delegate(
            to: "medical", roots: ["fleet/medical"], keys: [medical.key], threshold: 1, isTerminating: false)
        try fixture.commit()
        // What the delegate signs goes into the snapshot as it is.
        var members = try #require(
            TrustEnvelope(reading: fixture.files["metadata/1.medical.json"] ?? [], "medical").signed.object)
        members["targets"] = .object([
            "fleet/power/bundle.tar.gz": .object([
                "length": .integer(1), "hashes": .object(["sha256": .string(String(repeating: "0", count: 64))]),
            ])
        ])
        var envelope = TrustEnvelope(signed: .object(members))
        try envelope.sign(medical)
        fixture.files["metadata/1.medical.json"] = envelope.text
        try fixture.renewSnapshot()
        var client = try fixture.client()
        try client.update()
        do throws(TrustFailure) {
            _ = try client.target("fleet/power/bundle.tar.gz")
            Issue.record("found")
        } catch { #expect(error.code == .target) }
    }

    @Test func rotation() throws {
        var fixture = try Fixture()
        let state = try fixture.update()
        let new = [TrustSigner(), TrustSigner()]
        for signer in new { fixture.repository.signers[signer.key.id] = signer }
        try fixture.repository.setKeys(
            of: "root", adding: new.map(\.key), removing: fixture.keys("root").map(\.key.id), threshold: 2)
        try fixture.commit()
        try fixture.reopen()
        let timestamp = TrustSigner()
        fixture.repository.signers[timestamp.key.id] = timestamp
        try fixture.repository.setKeys(
            of: "timestamp", adding: [timestamp.key], removing: fixture.keys("timestamp").map(\.key.id))
        try fixture.commit()
        // One who was away follows from root to root; one who comes new begins with any of them.
        var client = try fixture.client(state)
        try client.update()
        #expect(client.rootVersion == 3)
        #expect(client.timestampVersion == 3)
        try fixture.update(TrustState(root: fixture.files["metadata/3.root.json"] ?? []))
        // Version 2 is signed under the keys of version 1 and its own.
        let envelope = try TrustEnvelope(reading: fixture.files["metadata/2.root.json"] ?? [], "root")
        #expect(envelope.signatures.count == 5)
    }

    @Test func rotationNeedsBothKeys() throws {
        var fixture = try Fixture()
        let new = TrustSigner()
        for old in fixture.keys("root") { fixture.repository.signers[old.key.id] = nil }
        fixture.repository.signers[new.key.id] = new
        try fixture.repository.setKeys(of: "root", adding: [new.key], removing: [])
        do throws(TrustFailure) {
            _ = try fixture.repository.commit()
            Issue.record("signed")
        } catch {
            #expect(error.code == .threshold)
            #expect(
                error.message
                    == "root: 1 good signatures of the keys that root version 1 names; 2 are needed"
                    || error.message
                        == "root: 0 good signatures of the keys that root version 1 names; 2 are needed"
            )
        }
    }

    @Test func keysOfOtherKinds() throws {
        for pem in [Self.ecKey, Self.rsaKey] {
            let signer = try TrustSigner(pem: Array(pem.utf8), "test")
            let again = try TrustSigner(pem: signer.pem, "test")
            #expect(again.key.id == signer.key.id)
            #expect(try TrustKey(pem: signer.publicPEM, "test").id == signer.key.id)
            var envelope = TrustEnvelope(signed: .object(["a": .integer(1)]))
            try envelope.sign(signer)
            let message = envelope.signed.canonical
            let signature = try #require(Hexadecimal.bytes(envelope.signatures[0].signature))
            let key = try #require(TrustKey(signer.key.json))
            #expect(key.verifies(signature, of: message))
            #expect(!key.verifies(signature, of: message + [0]))
        }
        let signer = TrustSigner()
        #expect(try TrustSigner(pem: signer.pem, "x").key.id == signer.key.id)
        #expect(try TrustKey(pem: signer.publicPEM, "x").id == signer.key.id)
        #expect(throws: TrustFailure.self) { try TrustKey(pem: Array("nothing".utf8), "x") }
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:00:00Z", 951_825_600), ("2026-11-22T06:13:00Z", 1_795_327_980),
        ("1969-12-31T23:59:59Z", -1), ("9999-12-31T23:59:59Z", 253_402_300_799),
        ("0000-03-01T00:00:00Z", -62_162_035_200),
    ])
    func times(_ text: String, _ seconds: Int) {
        #expect(TrustTime.seconds(text) == seconds)
        #expect(TrustTime.text(seconds) == text)
    }

    @Test(arguments: [
        "", "2026-11-22", "2026-11-22T06:13:00", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-11-22T24:00:00Z", "2026-11-22 06:13:00Z", "+026-11-22T06:13:00Z", "2026-11-22T06:13:00z",
    ])
    func noTimes(_ text: String) { #expect(TrustTime.seconds(text) == nil) }

    @Test func canonical() throws {
        let json = try TrustJSON(
            reading: Array(#"{ "b": [1, -2, true, null], "a": "q\"\\\u000a\u00e9<", "": {} }"#.utf8), "test")
        #expect(
            String(decoding: json.canonical, as: UTF8.self)
                == "{\"\":{},\"a\":\"q\\\"\\\\\né<\",\"b\":[1,-2,true,null]}")
        #expect(try TrustJSON(reading: json.text, "test") == json)
        for text in ["{", "[1.5]", "1e400", String(repeating: "[", count: 40) + String(repeating: "]", count: 40)] {
            #expect(throws: TrustFailure.self) { try TrustJSON(reading: Array(text.utf8), "test") }
        }
    }
}

extension Fixture {
    /// Signs a snapshot and a timestamp for the metadata as it lies there.
    mutating func renewSnapshot() throws {
        let files = files
        var repository = try TrustRepository(reading: { path in files[path] }, now: Self.start)
        repository.signers = self.repository.signers
        try self.commitRenewed(&repository)
    }

    private mutating func commitRenewed(_ repository: inout TrustRepository) throws {
        for file in try repository.commit() { files[file.path] = file.content }
    }
}
