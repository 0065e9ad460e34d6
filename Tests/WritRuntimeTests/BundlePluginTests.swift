import Glibc
import Synchronization
import Testing
import Writ
import WritBundle

@testable import WritRuntime
@testable import WritServer

/// Bundles at run time: asked for, activated, kept, told of.
@Suite struct BundlePluginTests {
    private static let polling = #""polling": {"min_delay_seconds": 0, "max_delay_seconds": 0}"#

    private func configuration(_ address: String, _ bundle: String = "", _ rest: String = "") -> String {
        """
        {"services": {"s": {"url": "\(address)", "response_header_timeout_seconds": 2}},
         "bundles": {"b": {"service": "s", "resource": "b.tar.gz", \(Self.polling)\(bundle)}},
         "status": {"prometheus": true}\(rest)}
        """
    }

    /// Answers like a file server with tags.
    private static func serving(
        _ archive: [UInt8], tag: String
    ) -> @Sendable (AnsweringServer.Question) -> AnsweringServer.Answer {
        { question in
            if question.headers.first(name: "If-None-Match") == tag {
                return .init(status: 304, headers: [("ETag", tag)])
            }
            return .init(headers: [("ETag", tag)], body: archive)
        }
    }

    @Test func oneIsActivatedAndReplaced() async throws {
        let server = try AnsweringServer(Self.serving(TestBundle.answering(1), tag: "\"1\""))
        let test = try TestRuntime(configuration(server.address))
        #expect(test.state("bundle") == nil)
        await test.runtime.start()
        #expect(await test.eventually(test.document("app/answer") == "1"))
        #expect(await test.eventually(test.state("bundle") == .ok))
        #expect(test.document("system/bundles/b/manifest/revision") == "\"r1\"")
        #expect(test.document("system/bundles/b/etag") == #""\"1\"""#)
        #expect(await test.eventually(server.questions.contains { $0.headers.contains(name: "If-None-Match") }))
        #expect(server.questions.first?.headers.first(name: "Prefer") == "modes=snapshot,delta")
        #expect(server.questions.first?.path == "/b.tar.gz")
        server.change(Self.serving(try TestBundle.answering(2, revision: "r2"), tag: "\"2\""))
        #expect(await test.eventually(test.document("app/answer") == "2"))
        #expect(await test.eventually(test.status.contains(#""active_revision":"r2""#)))
        #expect(test.status.contains(#""bundle":{"state":"OK"}"#))
        #expect(test.metrics.contains(#"bundle_loaded_counter{name="b"} 2"#))
        #expect(test.metrics.contains(#"plugin_status_gauge{name="bundle",status="OK"} 1"#))
        await test.runtime.stop()
        await server.stop()
    }

    /// What a server may do wrong, and what the status then says.
    enum Fault: String, CaseIterable, Sendable {
        case missing = "server replied with Not Found"
        case truncated = "ended"
        case cut = "EOF"
        case noArchive = "gzip"
        case noPolicy = "error(s) occurred while compiling module(s)"
        case empty = "not modified"
    }

    @Test(arguments: Fault.allCases)
    func theLastGoodOneStays(_ fault: Fault) async throws {
        let good = try TestBundle.answering(1)
        let server = try AnsweringServer(Self.serving(good, tag: "\"1\""))
        let test = try TestRuntime(configuration(server.address))
        await test.runtime.start()
        #expect(await test.eventually(test.document("app/answer") == "1"))
        let bad = try TestBundle.archive(["/app.rego": "package app\n\nanswer := x\n"], roots: ["app", "app_data"])
        server.change { _ in
            switch fault {
            case .missing: .init(status: 404)
            case .truncated: .init(body: Array(good.dropLast(40)))
            case .cut: .init(body: Array(good.dropLast(40)), toldLength: good.count)
            case .noArchive: .init(body: Array("<html></html>".utf8))
            case .noPolicy: .init(headers: [("ETag", "\"3\"")], body: bad)
            case .empty: .init(status: 304)
            }
        }
        if fault == .empty {
            // Nothing newer: that is no fault where one is active.
            try await Task.sleep(nanoseconds: 100_000_000)
            #expect(!test.status.contains("bundle_error"))
        } else {
            #expect(await test.eventually(test.status.contains(#""code":"bundle_error""#)))
            #expect(test.metrics.contains(#"bundle_failed_load_counter{name="b",code="bundle_error""#))
            #expect(fault != .missing || test.status.contains(#""http_code":404"#))
            #expect(fault != .noPolicy || test.status.contains(#""code":"rego_unsafe_var_error""#))
            #expect(fault == .truncated || fault == .cut || test.status.contains(fault.rawValue), "\(test.status)")
        }
        #expect(test.document("app/answer") == "1")
        #expect(test.state("bundle") == .ok)
        // After a fault the server is told what is active, not what failed.
        #expect(
            await test.eventually(server.questions.last?.headers.first(name: "If-None-Match") == "\"1\""),
            "\(server.questions.count)")
        server.change(Self.serving(try TestBundle.answering(2, revision: "r2"), tag: "\"2\""))
        #expect(await test.eventually(test.document("app/answer") == "2"))
        #expect(await test.eventually(!test.status.contains("bundle_error")))
        await test.runtime.stop()
        await server.stop()
    }

    /// What came and is no good is not asked for again at once: it would be the same.
    @Test(arguments: ["no archive", ""])
    func badContentIsAskedForAsOftenAsGood(_ text: String) async throws {
        let bad = try TestBundle.archive(["/app.rego": "package app\n\nanswer := x\n"], roots: ["app"])
        let server = try AnsweringServer { _ in .init(body: text.isEmpty ? bad : Array(text.utf8)) }
        let test = try TestRuntime(
            configuration(server.address).replacing(
                Self.polling, with: #""polling": {"min_delay_seconds": 20, "max_delay_seconds": 20}"#))
        await test.runtime.start()
        #expect(await test.eventually(test.status.contains(#""code":"bundle_error""#)), "\(test.status)")
        try await Task.sleep(nanoseconds: 700_000_000)
        #expect(server.questions.count == 1)
        await test.runtime.stop()
        await server.stop()
    }

    /// What cannot be kept is active, and kept as soon as it can be, without being fetched again.
    @Test func aFullDisk() async throws {
        let archive = try TestBundle.answering(1)
        let server = try AnsweringServer(Self.serving(archive, tag: "\"1\""))
        let test = try TestRuntime(configuration(server.address, #", "persist": true"#))
        try Files.save([1], as: "b", in: test.folder + "/bundles")
        await test.runtime.start()
        #expect(await test.eventually(test.document("app/answer") == "1"))
        #expect(await test.eventually(server.questions.count > 4))
        #expect(test.status.contains("persisting the bundle failed: "), "\(test.status)")
        #expect(unlink(test.folder + "/bundles/b") == 0)
        #expect(await test.eventually((try? Files.read(test.folder + "/bundles/b/bundle.tar.gz")) == archive))
        #expect(await test.eventually(!test.status.contains("bundle_error")))
        #expect(server.questions.filter { !$0.headers.contains(name: "If-None-Match") }.count == 1)
        await test.runtime.stop()
        await server.stop()
    }

    @Test func nothingNewSinceNothingIsAFault() async throws {
        let server = try AnsweringServer { _ in .init(status: 304) }
        let test = try TestRuntime(configuration(server.address))
        await test.runtime.start()
        #expect(await test.eventually(test.status.contains("not modified, but no bundle is active")))
        #expect(test.state("bundle") == .notReady)
        await test.runtime.stop()
        await server.stop()
    }

    @Test func signaturesAreHeldAgainstKeys() async throws {
        let server = try AnsweringServer(Self.serving(try TestBundle.answering(1), tag: "1"))
        let keys = #", "keys": {"k": {"key": "secret", "algorithm": "HS256"}}"#
        let test = try TestRuntime(configuration(server.address, #", "signing": {"keyid": "k"}"#, keys))
        await test.runtime.start()
        #expect(await test.eventually(test.status.contains("bundle missing .signatures.json file")))
        #expect(test.document("app/answer") == "")
        server.change(Self.serving(try TestBundle.answering(1, key: "other"), tag: "2"))
        #expect(await test.eventually(test.status.contains("signature")))
        server.change(Self.serving(try TestBundle.answering(2, key: "secret"), tag: "3"))
        #expect(await test.eventually(test.document("app/answer") == "2"))
        await test.runtime.stop()
        await server.stop()
    }

    @Test func theLastGoodOneSurvivesARestart() async throws {
        let archive = try TestBundle.answering(7, revision: "kept")
        let server = try AnsweringServer(Self.serving(archive, tag: "1"))
        let first = try TestRuntime(configuration(server.address, #", "persist": true"#))
        await first.runtime.start()
        let file = "\(first.folder)/bundles/b/bundle.tar.gz"
        #expect(await first.eventually(access(file, R_OK) == 0))
        await first.runtime.stop()
        await server.stop()
        // What a process that was killed while it saved left behind.
        let remains = "\(first.folder)/bundles/b/.bundle.tar.gz.1"
        try Files.save(Array("half".utf8), as: ".bundle.tar.gz.1", in: "\(first.folder)/bundles/b")
        let second = try TestRuntime(configuration(server.address, #", "persist": true"#), folder: first.folder)
        await second.runtime.start()
        #expect(second.document("app/answer") == "7")
        #expect(second.state("bundle") == .ok)
        #expect(access(remains, F_OK) != 0)
        #expect(await second.eventually(second.status.contains("connection refused")))
        #expect(second.status.contains(#""active_revision":"kept""#))
        await second.runtime.stop()
        // A damaged one is told of, and not taken.
        try Files.save(Array(archive.dropLast(30)), as: "bundle.tar.gz", in: "\(first.folder)/bundles/b")
        let third = try TestRuntime(configuration(server.address, #", "persist": true"#), folder: first.folder)
        await third.runtime.start()
        #expect(third.document("app/answer") == "" && third.state("bundle") == .notReady)
        #expect(third.lines.text.contains("Failed to load bundle from disk"))
        await third.runtime.stop()
    }

    @Test func rootsOfTwoMustNotOverlap() async throws {
        let one = try TestBundle.archive(data: #"{"a": {"x": 1}}"#, roots: ["a"])
        let two = try TestBundle.archive(data: #"{"a": {"y": {"z": 1}}}"#, roots: ["a/y"])
        let server = try AnsweringServer { .init(body: $0.path == "/one" ? one : two) }
        let test = try TestRuntime(
            """
            {"services": {"s": {"url": "\(server.address)"}}, "status": {"prometheus": true}, "bundles": {
             "one": {"resource": "/one", \(Self.polling)}, "two": {"resource": "/two", \(Self.polling)}}}
            """)
        await test.runtime.start()
        #expect(
            await test.eventually(
                test.status.contains(
                    "detected overlapping roots in manifests for these bundles: [one, two] (a overlaps a/y)")))
        #expect(test.state("bundle") == .notReady)
        await test.runtime.stop()
        await server.stop()
    }

    @Test func whatABundleOwnsIsNotWritten() async throws {
        let server = try AnsweringServer(Self.serving(try TestBundle.answering(1), tag: "1"))
        let test = try TestRuntime(configuration(server.address))
        guard case .done = test.writer.put([Array("own".utf8)], Array("5".utf8), onlyNew: false) else {
            Issue.record("not written")
            return
        }
        await test.runtime.start()
        #expect(await test.eventually(test.document("app/answer") == "1"))
        // What the bundle does not own stays.
        #expect(test.document("own") == "5")
        let outcome = test.writer.put([Array("app_data".utf8), Array("n".utf8)], Array("5".utf8), onlyNew: false)
        guard case .failed(let failure) = outcome else {
            Issue.record("written")
            return
        }
        #expect(failure.message == "path app_data/n is owned by bundle \"b\"")
        guard case .done = test.writer.put([Array("own".utf8)], Array("6".utf8), onlyNew: false) else {
            Issue.record("not written")
            return
        }
        server.change(Self.serving(try TestBundle.answering(2), tag: "2"))
        #expect(await test.eventually(test.document("app/answer") == "2"))
        #expect(test.document("own") == "6")
        await test.runtime.stop()
        await server.stop()
    }

    @Test func changesOfABundle() async throws {
        var patch = BundleFiles()
        patch.add(".manifest", #"{"revision": "r2", "roots": ["app", "app_data"]}"#)
        patch.add("patch.json", #"{"data": [{"op": "upsert", "path": "/app_data/n", "value": 9}]}"#)
        let delta = try patch.archive()
        let server = try AnsweringServer(Self.serving(try TestBundle.answering(1), tag: "1"))
        let test = try TestRuntime(configuration(server.address))
        await test.runtime.start()
        #expect(await test.eventually(test.document("app/answer") == "1"))
        server.change(Self.serving(delta, tag: "2"))
        #expect(await test.eventually(test.document("app/answer") == "9"))
        #expect(await test.eventually(test.status.contains(#""type":"delta""#)))
        #expect(test.document("system/bundles/b/manifest/revision") == "\"r2\"")
        await test.runtime.stop()
        // Changes of nothing.
        let alone = try TestRuntime(configuration(server.address))
        await alone.runtime.start()
        #expect(await alone.eventually(alone.status.contains("changes a bundle that is not active")))
        await alone.runtime.stop()
        await server.stop()
    }

    @Test func filesOfThisMachine() async throws {
        let folder = "/tmp/writ-bundle-\(getpid())"
        try Files.save(try TestBundle.answering(4), as: "b.tar.gz", in: folder)
        try Files.save(Array("package f\n\nx := data.f_data.y\n".utf8), as: "f.rego", in: folder + "/open")
        try Files.save(Array(#"{"y": 8}"#.utf8), as: "data.json", in: folder + "/open/f_data")
        try Files.save(Array(#"{"roots": ["f", "f_data"]}"#.utf8), as: ".manifest", in: folder + "/open")
        let test = try TestRuntime(
            """
            {"bundles": {"a": {"resource": "file://\(folder)/b.tar.gz"}, "f": {"resource": "file://\(folder)/open"},
             "n": {"resource": "file:///nowhere"}}, "status": {"prometheus": true}}
            """)
        await test.runtime.start()
        #expect(await test.eventually(test.document("app/answer") == "4" && test.document("f/x") == "8"))
        #expect(await test.eventually(test.status.contains("stat /nowhere: no such file or directory")))
        #expect(test.state("bundle") == .notReady)
        await test.runtime.stop()
    }

    @Test func longPolling() async throws {
        let archive = try TestBundle.answering(1)
        let server = try AnsweringServer { question in
            let type = ("Content-Type", "application/vnd.openpolicyagent.bundles")
            return question.headers.first(name: "If-None-Match") == "1"
                ? .init(status: 304, headers: [type], delay: 200)
                : .init(headers: [type, ("ETag", "1")], body: archive)
        }
        let test = try TestRuntime(
            """
            {"services": {"s": {"url": "\(server.address)", "response_header_timeout_seconds": 1}}, "bundles": {
             "b": {"polling": {"long_polling_timeout_seconds": 3, "min_delay_seconds": 60, "max_delay_seconds": 60}}}}
            """)
        await test.runtime.start()
        #expect(await test.eventually(server.questions.count > 2))
        #expect(server.questions[0].headers.first(name: "Prefer") == "modes=snapshot,delta;wait=3")
        await test.runtime.stop()
        await server.stop()
    }

    @Test func pausesGrow() {
        var polling = PollingSettings()
        polling.maximumDelay = 5
        #expect(BundlePoller.backoff(polling, 0) == 0)
        #expect((0.128...0.192).contains(BundlePoller.backoff(polling, 1)))
        #expect((4...6).contains(BundlePoller.backoff(polling, 1_000)))
        polling.minimumDelay = 3
        for _ in 0..<100 { #expect((3...5).contains(BundlePoller.delay(polling))) }
    }
}

/// The files of an archive.
struct BundleFiles {
    private var files: [(String, String)] = []

    mutating func add(_ name: String, _ text: String) { files.append((name, text)) }

    /// A gzipped tar archive by the system's own tools.
    func archive() throws -> [UInt8] {
        let folder = "/tmp/writ-archive-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        for (name, text) in files { try Files.save(Array(text.utf8), as: name, in: folder) }
        let names = files.map(\.0).joined(separator: " ")
        guard system("cd \(folder) && tar czf ../\(getpid()).tgz \(names)") == 0 else {
            throw ServiceFailure("tar failed")
        }
        return try Files.read("/tmp/\(getpid()).tgz", limit: 1 << 24)
    }
}
