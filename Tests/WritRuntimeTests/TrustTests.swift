import Glibc
import Testing
import WritBundle

@testable import WritRuntime
@testable import WritTrust

/// Bundles that come as signed targets only: the attacks that The Update Framework was made against, each with what the
/// status then says.
@Suite(.serialized) struct TrustTests {
    static let polling = #""polling": {"min_delay_seconds": 0, "max_delay_seconds": 0}"#

    /// A repository with one bundle, a server that has it, and a folder with the root that the device got.
    struct Bench {
        var repository: TestRepository
        let files: ServedFiles
        let server: AnsweringServer
        let folder: String

        init(at now: Int = time(nil)) throws {
            repository = try TestRepository(at: now)
            try repository.publish(try Bench.bundle(1))
            files = ServedFiles(repository.files)
            server = try AnsweringServer(files.answer)
            folder = "/tmp/writ-trust-\(getpid())-\(UInt32.random(in: 0 ... .max))"
            try Files.save(repository.files["metadata/1.root.json"] ?? [], as: "root.json", in: folder)
        }

        static func bundle(_ number: Int, roots: [String] = ["fleet/medical"]) throws -> [UInt8] {
            try TestBundle.archive(
                ["/p.rego": "package fleet.medical\n\nanswer := \(number)\n"], revision: "r\(number)", roots: roots)
        }

        func configuration(_ bundle: String = "", clock: Bool = true) -> String {
            """
            {"services": {"s": {"url": "\(server.address)", "response_header_timeout_seconds": 2}},
             "trust": {"required": true, "repositories":
               {"fleet": {"service": "s", "resource": "/dist/", "root": "\(folder)/root.json", "clock": \(clock)}}},
             "bundles": {"b": {"trust": "fleet", "target": "\(TestRepository.target)",
               \(TrustTests.polling)\(bundle)}},
             "status": {"prometheus": true}}
            """
        }

        func runtime(_ bundle: String = "", clock: Bool = true) throws -> TestRuntime {
            try TestRuntime(configuration(bundle, clock: clock), folder: folder)
        }

        func serve() { files.change(repository.files) }
    }

    private func answer(_ test: TestRuntime) -> String { test.document("fleet/medical/answer") }

    @Test func aTargetIsActivatedAndReplaced() async throws {
        var bench = try Bench()
        let test = try bench.runtime(#", "persist": true"#)
        await test.runtime.start()
        #expect(await test.eventually(answer(test) == "1"), "\(test.status)")
        #expect(await test.eventually(test.state("bundle") == .ok))
        #expect(await test.eventually(bench.server.questions.filter { $0.path.hasSuffix("timestamp.json") }.count > 3))
        // As long as the digest is the same, metadata is all that is asked for.
        #expect(bench.server.questions.filter { $0.path.contains("/targets/") }.count == 1)
        #expect(test.status.contains(#""trust":{"repository":"fleet","target":"fleet/medical/bundle.tar.gz""#))
        #expect(test.status.contains(#""role":"medical","root_version":1,"timestamp_version":2,"snapshot_version":2"#))
        #expect(test.metrics.contains(#"writ_trust_version{name="b",repository="fleet",role="snapshot"} 2"#))
        #expect(test.metrics.contains(#"writ_trust_expires_seconds{name="b",repository="fleet"} 1"#))
        #expect(test.document("system/bundles/b/etag").hasPrefix("\"sha256:"))
        try bench.repository.publish(Bench.bundle(2))
        bench.serve()
        #expect(await test.eventually(answer(test) == "2"))
        #expect(await test.eventually(test.status.contains(#""active_revision":"r2""#)))
        await test.runtime.stop()
        // What is kept is active again before anything was asked, and is not fetched again.
        await bench.server.stop()
        let again = try bench.runtime(#", "persist": true"#)
        await again.runtime.start()
        #expect(answer(again) == "2")
        #expect(await again.eventually(again.status.contains(#""code":"trust_storage_error""#)))
        await again.runtime.stop()
    }

    /// Everything that may come instead of what should.
    enum Attack: String, CaseIterable, Sendable {
        case rollback = "trust_rollback_error: timestamp: version 2 is older than the trusted version 3"
        case rollbackOfSnapshot = "trust_rollback_error: timestamp: it names snapshot version 2, older than 3"
        case freeze = "trust_expired_error: timestamp: version 4 expired"
        case mixAndMatch = "trust_mismatch_error: snapshot: its digest (sha256) is not the one that the timestamp names"
        case wrongKey = "trust_threshold_error: timestamp: 0 good signatures of the keys that root version 1 names"
        case threshold = "trust_threshold_error: root: 1 good signatures of the keys that root version 1 names; 2 are"
        case endlessTimestamp = "trust_limit_error: metadata/timestamp.json: more than 16384 bytes"
        case endlessTarget = "trust_limit_error: fleet/medical/bundle.tar.gz: more than the"
        case changedTarget = "trust_mismatch_error: fleet/medical/bundle.tar.gz: its digest (sha256) is not the one"
        case missingTarget = "trust_missing_error: fleet/medical/bundle.tar.gz: the repository does not have it"
        case missingSnapshot = "trust_missing_error: snapshot: the repository has no metadata/4.snapshot.json"
        case breadth = #"bundle_breadth_error: the bundle owns \"fleet/power\", which is not within \"fleet/medical\""#
        case delta = "trust_target_error: fleet/medical/bundle.tar.gz: it is a delta bundle"
        case withdrawn = "trust_target_error: fleet/medical/bundle.tar.gz: nobody who may ship it has signed it"
        case noMetadata = "trust_format_error: timestamp: no JSON"

        var code: String { String(rawValue.prefix { $0 != ":" }) }
        var message: String { String(rawValue.dropFirst(code.utf8.count + 2)) }
    }

    /// The repository as the attacker would have it.
    private func doctored(_ attack: Attack, _ good: TestRepository, _ old: [String: [UInt8]]) throws -> TestRepository {
        var bad = good
        func publish() throws { try bad.publish(Bench.bundle(3)) }
        switch attack {
        case .rollback: bad.files = old
        case .rollbackOfSnapshot:
            bad.files["metadata/timestamp.json"] = old["metadata/timestamp.json"]
            try bad.forge("metadata/timestamp.json", bad.keys("timestamp")) { $0["version"] = .integer(9) }
        case .freeze:
            try bad.reopen(at: Int(time(nil)) - 2 * TestRepository.day)
            try bad.commit()
        case .mixAndMatch:
            try publish()
            bad.files["metadata/4.snapshot.json"] = old["metadata/2.snapshot.json"]
        case .wrongKey:
            try publish()
            try bad.forge("metadata/timestamp.json", [TrustSigner()]) { _ in }
        case .threshold:
            bad.files["metadata/2.root.json"] = bad.files["metadata/1.root.json"]
            try bad.forge("metadata/2.root.json", [bad.keys("root")[0]]) { $0["version"] = .integer(2) }
        case .endlessTimestamp:
            bad.files["metadata/timestamp.json"] = [UInt8](repeating: 0x20, count: 1 << 20)
        case .endlessTarget:
            try publish()
            for place in try bad.places { bad.files[place] = [UInt8](repeating: 0, count: 1 << 20) }
        case .changedTarget:
            try publish()
            for place in try bad.places {
                var content = bad.files[place] ?? []
                content[content.count / 2] ^= 1
                bad.files[place] = content
            }
        case .missingTarget:
            try publish()
            for place in try bad.places { bad.files[place] = nil }
        case .missingSnapshot:
            try publish()
            bad.files["metadata/4.snapshot.json"] = nil
        case .breadth:
            try bad.publish(
                TestBundle.archive(["/p.rego": "package fleet.power\n\nx := 1\n"], roots: ["fleet/power"]))
        case .delta: try bad.publish(Self.delta())
        case .withdrawn:
            try bad.repository.renew("medical")
            bad.repository.roles["medical"] = bad.repository.roles["medical"]?.setting("targets", .object([:]))
            try bad.commit()
        case .noMetadata: bad.files["metadata/timestamp.json"] = Array("<html>".utf8)
        }
        return bad
    }

    private static func delta() throws -> [UInt8] {
        var tar = TarWriter()
        try tar.add(Array("/.manifest".utf8), Array(#"{"revision": "r9", "roots": ["fleet/medical"]}"#.utf8))
        try tar.add(
            Array("/patch.json".utf8),
            Array(#"{"data": [{"op": "upsert", "path": "/fleet/medical/x", "value": 1}]}"#.utf8))
        return try Gzip.compress(tar.finish())
    }

    @Test(arguments: Attack.allCases)
    func whatIsActiveStays(_ attack: Attack) async throws {
        var bench = try Bench()
        let old = bench.repository.files
        try bench.repository.publish(Bench.bundle(2))
        bench.serve()
        let test = try bench.runtime()
        await test.runtime.start()
        #expect(await test.eventually(answer(test) == "2"), "\(test.status)")
        let bad = try doctored(attack, bench.repository, old)
        bench.files.change(bad.files)
        #expect(await test.eventually(test.status.contains(#""code":"\#(attack.code)""#)), "\(test.status)")
        #expect(test.status.contains(attack.message), "\(test.status)")
        #expect(test.metrics.contains(#"bundle_failed_load_counter{name="b",code="\#(attack.code)""#))
        #expect(answer(test) == "2")
        #expect(test.state("bundle") == .ok)
        // Once the repository is itself again, and newer than all, the device follows.
        if [.breadth, .delta, .withdrawn].contains(attack) { bench.repository = bad }
        try bench.repository.reopen(at: time(nil))
        for _ in 0..<3 { try bench.repository.commit() }
        try bench.repository.publish(Bench.bundle(5))
        bench.serve()
        #expect(await test.eventually(answer(test) == "5"), "\(test.status)")
        #expect(await test.eventually(!test.status.contains(#""code""#)))
        await test.runtime.stop()
        await bench.server.stop()
    }

    /// What is not there is told with the status: that may be one of who may have it.
    @Test(arguments: [
        ("/targets/", "the repository does not have it (403 Forbidden)"),
        (".snapshot.json", "the repository has no metadata/2.snapshot.json (403 Forbidden)"),
    ])
    func refused(_ place: String, _ message: String) async throws {
        let bench = try Bench()
        let files = bench.files
        bench.server.change { $0.path.contains(place) ? .init(status: 403) : files.answer($0) }
        let test = try bench.runtime()
        await test.runtime.start()
        #expect(await test.eventually(test.status.contains(message)), "\(test.status)")
        #expect(test.status.contains(#""code":"trust_missing_error""#))
        await test.runtime.stop()
        await bench.server.stop()
    }

    /// A target that is signed, and yet refused, is not fetched again; the metadata is.
    @Test func refusedOnce() async throws {
        var bench = try Bench()
        try bench.repository.publish(
            TestBundle.archive(["/p.rego": "package fleet.power\n\nx := 1\n"], roots: ["fleet/power"]))
        bench.serve()
        let test = try bench.runtime()
        let server = bench.server
        await test.runtime.start()
        #expect(await test.eventually(test.status.contains(#""code":"bundle_breadth_error""#)), "\(test.status)")
        #expect(await test.eventually(server.questions.filter { $0.path.hasSuffix("timestamp.json") }.count > 4))
        #expect(server.questions.filter { $0.path.contains("/targets/") }.count == 1)
        #expect(test.status.contains(#""code":"bundle_breadth_error""#))
        try bench.repository.publish(Bench.bundle(2))
        bench.serve()
        #expect(await test.eventually(answer(test) == "2"), "\(test.status)")
        await test.runtime.stop()
        await server.stop()
    }

    /// A stolen key signs the highest version that there is; new keys undo it.
    @Test func fastForward() async throws {
        var bench = try Bench()
        let test = try bench.runtime()
        await test.runtime.start()
        #expect(await test.eventually(answer(test) == "1"))
        var bad = bench.repository
        try bad.forge("metadata/timestamp.json", bad.keys("timestamp")) { $0["version"] = .integer(.max) }
        bench.files.change(bad.files)
        #expect(await test.eventually(test.status.contains(#""timestamp_version":9223372036854775807"#)))
        try bench.repository.publish(Bench.bundle(2))
        bench.serve()
        #expect(await test.eventually(test.status.contains(#""code":"trust_rollback_error""#)))
        #expect(answer(test) == "1")
        let new = TrustSigner()
        bench.repository.repository.signers[new.key.id] = new
        try bench.repository.repository.setKeys(
            of: "timestamp", adding: [new.key], removing: bench.repository.keys("timestamp").map(\.key.id))
        try bench.repository.commit()
        bench.serve()
        #expect(await test.eventually(answer(test) == "2"), "\(test.status)")
        #expect(await test.eventually(test.status.contains(#""root_version":2"#)))
        await test.runtime.stop()
        await bench.server.stop()
    }

    /// An older bundle in the place of the kept one is not activated; neither is one without the state.
    @Test func whatWasKeptMustBeTrusted() async throws {
        var bench = try Bench()
        let first = try bench.runtime(#", "persist": true"#)
        await first.runtime.start()
        #expect(await first.eventually(answer(first) == "1"))
        let place = bench.folder + "/bundles/b"
        #expect(await first.eventually((try? Files.read(place + "/bundle.tar.gz")) != nil))
        let older = try Files.read(place + "/bundle.tar.gz")
        try bench.repository.publish(Bench.bundle(2))
        bench.serve()
        #expect(await first.eventually(answer(first) == "2"))
        await first.runtime.stop()
        await bench.server.stop()
        let newer = try Files.read(place + "/bundle.tar.gz")
        #expect(newer != older)
        func start() async throws -> TestRuntime {
            let test = try bench.runtime(#", "persist": true"#)
            await test.runtime.start()
            await test.runtime.stop()
            return test
        }
        try Files.save(older, as: "bundle.tar.gz", in: place)
        let rolled = try await start()
        #expect(answer(rolled) == "")
        #expect(rolled.lines.text.contains("Failed to load bundle from disk: fleet/medical/bundle.tar.gz: "))
        try Files.save(newer, as: "bundle.tar.gz", in: place)
        #expect(answer(try await start()) == "2")
        // What was active stays so where newer metadata came, but not the content that it names.
        for name in ["timestamp.json", "snapshot.json", "medical.json"] {
            try Files.remove(name, in: bench.folder + "/trust/fleet")
        }
        #expect(answer(try await start()) == "2")
        // Without what was noted of it there is nothing to trust it by.
        try Files.remove("b", in: bench.folder + "/trust/fleet/active")
        #expect(answer(try await start()) == "")
    }

    /// Nobody can be reached, and what is trusted expires: what is active stays, and the status says so.
    @Test func expiredWithoutAnybody() async throws {
        let bench = try Bench()
        let first = try bench.runtime(#", "persist": true"#)
        await first.runtime.start()
        #expect(await first.eventually(answer(first) == "1"))
        #expect(await first.eventually((try? Files.read(bench.folder + "/trust/fleet/active/b")) != nil))
        await first.runtime.stop()
        await bench.server.stop()
        // The same metadata, signed two days earlier.
        var older = bench.repository
        try older.forge("metadata/timestamp.json", older.keys("timestamp")) { members in
            members["expires"] = .string(TrustTime.text(Int(time(nil)) - 60))
            members["x-writ-issued"] = .string(TrustTime.text(Int(time(nil)) - TestRepository.day))
        }
        try Files.save(
            older.files["metadata/timestamp.json"] ?? [], as: "timestamp.json", in: bench.folder + "/trust/fleet")
        let test = try bench.runtime(#", "persist": true"#)
        await test.runtime.start()
        #expect(answer(test) == "1")
        #expect(await test.eventually(test.status.contains(#""code":"trust_expired_error""#)))
        #expect(
            await test.eventually(test.status.contains("; nothing newer could be had: metadata/2.root.json: request")),
            "\(test.status)")
        await test.runtime.stop()
    }

    /// Without a clock of its own a device goes by what metadata has proved.
    @Test func withoutClock() async throws {
        let long = Int(time(nil)) - 400 * TestRepository.day
        var bench = try Bench(at: long)
        let old = bench.repository.files
        let test = try bench.runtime(clock: false)
        await test.runtime.start()
        #expect(await test.eventually(answer(test) == "1"), "\(test.status)")
        try bench.repository.reopen(at: long + 10 * TestRepository.day)
        try bench.repository.publish(Bench.bundle(2))
        bench.serve()
        #expect(await test.eventually(answer(test) == "2"), "\(test.status)")
        await test.runtime.stop()
        // Even where all but the time got lost, what had expired by then is refused.
        for name in ["timestamp.json", "snapshot.json", "targets.json", "medical.json"] {
            try Files.remove(name, in: bench.folder + "/trust/fleet")
        }
        bench.files.change(old)
        let again = try bench.runtime(clock: false)
        await again.runtime.start()
        #expect(await again.eventually(again.status.contains(#""code":"trust_expired_error""#)), "\(again.status)")
        #expect(answer(again) == "")
        await again.runtime.stop()
        await bench.server.stop()
    }

    /// Another root in the device's file is where it begins again.
    @Test func aRootThatIsGivenAnew() async throws {
        let bench = try Bench()
        let first = try bench.runtime()
        await first.runtime.start()
        #expect(await first.eventually(answer(first) == "1"))
        await first.runtime.stop()
        var other = try TestRepository()
        try other.publish(Bench.bundle(7))
        bench.files.change(other.files)
        let refused = try bench.runtime()
        await refused.runtime.start()
        #expect(await refused.eventually(refused.status.contains(#""code":"trust_threshold_error""#)))
        #expect(answer(refused) == "")
        await refused.runtime.stop()
        try Files.save(other.files["metadata/1.root.json"] ?? [], as: "root.json", in: bench.folder)
        let test = try bench.runtime()
        await test.runtime.start()
        #expect(await test.eventually(answer(test) == "7"), "\(test.status)")
        await test.runtime.stop()
        await bench.server.stop()
    }

    /// Both: the metadata says which bundle, and the bundle's own signature must be good.
    @Test func beside() async throws {
        var bench = try Bench()
        let signed = try TestBundle.archive(
            ["/p.rego": "package fleet.medical\n\nanswer := 4\n"], roots: ["fleet/medical"], key: "secret")
        let text = bench.configuration(#", "signing": {"keyid": "k"}"#)
            .replacing("{\"services\"", with: #"{"keys": {"k": {"key": "secret", "algorithm": "HS256"}}, "services""#)
        let test = try TestRuntime(text, folder: bench.folder)
        await test.runtime.start()
        #expect(await test.eventually(test.status.contains(#""code":"bundle_error""#)), "\(test.status)")
        #expect(answer(test) == "")
        try bench.repository.publish(signed)
        bench.serve()
        #expect(await test.eventually(answer(test) == "4"), "\(test.status)")
        await test.runtime.stop()
        await bench.server.stop()
    }

    /// The configuration itself, as a target.
    @Test func discovered() async throws {
        var bench = try Bench()
        func settings(_ text: String) throws -> [UInt8] {
            try TestBundle.archive(data: #"{"fleet": {"medical": \#(text)}}"#, roots: ["fleet/medical"])
        }
        let boot = bench.configuration()
        let start = try #require(boot.firstRange(of: "\"bundles\""))
        let end = try #require(boot.firstRange(of: "\"status\""))
        let text = boot.replacingCharacters(
            start.lowerBound..<end.lowerBound,
            with: """
                "discovery": {"trust": "fleet", "target": "fleet/medical/bundle.tar.gz", "decision": "fleet/medical",
                  \(Self.polling)},
                """)
        let target = #""b": {"trust": "fleet", "target": "fleet/medical/other.tar.gz", \#(Self.polling)}"#
        try bench.repository.publish(try Bench.bundle(3), as: "fleet/medical/other.tar.gz")
        try bench.repository.publish(try settings(#"{"bundles": {\#(target)}}"#))
        bench.serve()
        let test = try TestRuntime(text, folder: bench.folder)
        await test.runtime.start()
        #expect(await test.eventually(answer(test) == "3"), "\(test.status)")
        // What is discovered cannot change what is trusted, nor get round it.
        for (bad, message) in [
            (#"{"trust": {"required": false}}"#, "updates to trust are not allowed"),
            (#"{"persistence_directory": "/tmp/other"}"#, "updates to persistence_directory are not allowed"),
            (#"{"bundles": {"c": {"resource": "c.tar.gz"}}}"#, "bundles.c: trust.required: name its repository"),
        ] {
            try bench.repository.publish(try settings(bad))
            bench.serve()
            #expect(await test.eventually(test.status.contains(message)), "\(test.status)")
        }
        #expect(answer(test) == "3")
        await test.runtime.stop()
        await bench.server.stop()
    }

    private static let repositories = #""trust": {"repositories": {"f": {"root": "r.json"}}}"#

    @Test(
        arguments: [
            (#""trust": {"require": true}"#, "unknown key in the configuration: trust.require"),
            (#""trust": {"required": 1}"#, "trust.required must be true or false"),
            (#""trust": {"repositories": {"f": {}}}"#, "trust.repositories.f.root is missing"),
            (
                #""trust": {"repositories": {"f": {"rot": "x"}}}"#,
                "unknown key in the configuration: trust.repositories.f.rot"
            ),
            (#""trust": {"repositories": {"f": {"root": "x", "service": "t"}}}"#, #"service name "t" not found"#),
            (#""trust": {"repositories": {"../f": {"root": "x"}}}"#, "must not lead out of a folder"),
            (#""trust": {"required": true}, "bundles": {"b": {}}"#, "bundles.b: trust.required: name its repository"),
            (#""trust": {"required": true}, "bundle": {"name": "b"}"#, "bundle: trust.required: name its repository"),
            (#""trust": {"required": true}, "discovery": {"name": "d"}"#, "discovery: trust.required: name its"),
            (
                #""trust": {"required": true}, "bundles": {"b": {"resource": "file:///x"}}"#,
                "bundles.b: trust.required: name its repository"
            ),
            (#""bundles": {"b": {"trust": "g", "target": "x"}}"#, #"there is no repository "g" in trust.repositories"#),
            (#""bundles": {"b": {"target": "x"}}"#, "target needs trust"),
            (repositories + #", "bundles": {"b": {"trust": "f"}}"#, "trust needs target"),
            (repositories + #", "bundles": {"b": {"trust": "f", "target": "/x"}}"#, "is no path of a target"),
            (repositories + #", "bundles": {"b": {"trust": "f", "target": "x/../y"}}"#, "is no path of a target"),
            (
                repositories + #", "bundles": {"b": {"trust": "f", "target": "x", "resource": "y"}}"#,
                "resource: a bundle with trust comes from its repository's service"
            ),
            (
                repositories
                    + #", "bundles": {"b": {"trust": "f", "target": "x", "polling": {"long_polling_timeout_seconds": 9}}}"#,
                "metadata is not held back"
            ),
        ])
    func settingsThatAreRefused(_ text: String, _ message: String) throws {
        let whole = #"{"services": {"s": {"url": "http://127.0.0.1:1"}}, \#(text)}"#
        do throws(SettingsFailure) {
            _ = try RuntimeSettings(reading: Array(whole.utf8), id: "i", version: "v")
            Issue.record("taken: \(text)")
        } catch { #expect(error.message.contains(message), "\(error.message)") }
    }
}

extension String {
    fileprivate func replacingCharacters(_ range: Range<Index>, with text: String) -> String {
        String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
    }
}
