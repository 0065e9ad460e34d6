import Glibc
import Testing
import WritBundle

@testable import WritRuntime
@testable import WritTrust

/// A bundle that comes from elsewhere, or is held against other keys, from now on: what its server says of the one that
/// is active says nothing any more.
@Suite struct BundleSourceChangeTests {
    /// Answers one path like a file server with tags.
    private static func serving(
        _ content: [UInt8], _ tag: String
    ) -> @Sendable (AnsweringServer.Question) -> AnsweringServer.Answer {
        { question in
            question.headers.first(name: "If-None-Match") == tag
                ? .init(status: 304) : .init(headers: [("ETag", tag)], body: content)
        }
    }

    /// The tag of a service may be the very digest of a target: that does not make its bundle the target.
    @Test func aTagDoesNotMakeItTrusted() async throws {
        let bench = try TrustTests.Bench()
        let tag = "sha256:" + SignedFile(name: "", content: try TrustTests.Bench.bundle(1)).hash
        let own = Self.serving(try TrustTests.Bench.bundle(9), tag)
        let files = bench.files
        bench.server.change { $0.path == "/own" ? own($0) : files.answer($0) }
        func text(_ bundle: String) -> String {
            """
            {"services": {"s": {"url": "\(bench.server.address)"}}, "status": {"prometheus": true},
             "trust": {"repositories": {"fleet": {"service": "s", "resource": "dist", "root": "\(bench.folder)/root.json"}}},
             "bundles": {"b": {\(bundle), "persist": true, \(TrustTests.polling)}}}
            """
        }
        let test = try TestRuntime(text(#""resource": "own""#), folder: bench.folder)
        await test.runtime.start()
        #expect(await test.eventually(test.document("fleet/medical/answer") == "9"))
        #expect(test.document("system/bundles/b/etag") == "\"\(tag)\"")
        try await test.reconfigure(text(#""trust": "fleet", "target": "\#(TestRepository.target)""#))
        #expect(await test.eventually(test.document("fleet/medical/answer") == "1"), "\(test.status)")
        // And back.
        try await test.reconfigure(text(#""resource": "own""#))
        #expect(await test.eventually(test.document("fleet/medical/answer") == "9"), "\(test.status)")
        await test.runtime.stop()
        await bench.server.stop()
    }

    private func text(_ services: String, _ bundle: String, _ rest: String = "") -> String {
        """
        {"services": {\(services)}, "bundles": {"b": {\(bundle), \(TrustTests.polling)}}, "status": {"prometheus": true}\(rest)}
        """
    }

    @Test func twoThatUseOneTag() async throws {
        let servers = try (1...3).map { try AnsweringServer(Self.serving(TestBundle.answering($0), "\"v1\"")) }
        func service(_ name: String, _ number: Int) -> String {
            #""\#(name)": {"url": "\#(servers[number - 1].address)"}"#
        }
        let both = service("s", 1) + "," + service("t", 2)
        let test = try TestRuntime(text(both, #""service": "s""#))
        await test.runtime.start()
        #expect(await test.eventually(test.document("app/answer") == "1"))
        // Another service; then another address of that.
        try await test.reconfigure(text(both, #""service": "t""#))
        #expect(await test.eventually(test.document("app/answer") == "2"), "\(test.status)")
        try await test.reconfigure(text(service("t", 3), #""service": "t""#))
        #expect(await test.eventually(test.document("app/answer") == "3"), "\(test.status)")
        // How often it is asked for changes nothing of it: nothing comes anew.
        let count = servers[2].questions.filter { !$0.headers.contains(name: "If-None-Match") }.count
        try await test.reconfigure(
            text(service("t", 3), #""service": "t""#).replacing(
                TrustTests.polling, with: #""polling": {"min_delay_seconds": 0, "max_delay_seconds": 1}"#))
        let asked = servers[2].questions.count
        #expect(await test.eventually(servers[2].questions.count > asked + 1))
        #expect(servers[2].questions.filter { !$0.headers.contains(name: "If-None-Match") }.count == count)
        await test.runtime.stop()
        for server in servers { await server.stop() }
    }

    /// Keys from now on: what nobody signed is not taken for what they stand for.
    @Test func keysFromNowOn() async throws {
        let server = try AnsweringServer(Self.serving(try TestBundle.answering(1), "\"v1\""))
        let service = #""s": {"url": "\#(server.address)"}"#
        let test = try TestRuntime(text(service, #""service": "s""#))
        await test.runtime.start()
        #expect(await test.eventually(server.questions.count > 2))
        try await test.reconfigure(
            text(
                service, #""service": "s", "signing": {"keyid": "k"}"#,
                #", "keys": {"k": {"key": "secret", "algorithm": "HS256"}}"#))
        #expect(
            await test.eventually(test.status.contains("bundle missing .signatures.json file")), "\(test.status)")
        #expect(test.document("app/answer") == "1")
        await test.runtime.stop()
        await server.stop()
    }

    /// Kept from now on: it is, before there is another one.
    @Test func keptFromNowOn() async throws {
        let archive = try TestBundle.answering(1)
        let server = try AnsweringServer(Self.serving(archive, "\"v1\""))
        let service = #""s": {"url": "\#(server.address)"}"#
        let test = try TestRuntime(text(service, #""service": "s""#))
        await test.runtime.start()
        #expect(await test.eventually(server.questions.count > 2))
        try await test.reconfigure(text(service, #""service": "s", "persist": true"#))
        #expect(await test.eventually((try? Files.read(test.folder + "/bundles/b/bundle.tar.gz")) == archive))
        await test.runtime.stop()
        await server.stop()
    }
}
