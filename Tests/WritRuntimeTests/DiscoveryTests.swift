import Glibc
import Testing
import Writ

@testable import WritRuntime
@testable import WritServer

/// The configuration as a bundle, and what it may not change.
@Suite struct DiscoveryTests {
    private func boot(_ address: String, _ rest: String = "") -> String {
        """
        {"services": {"s": {"url": "\(address)", "credentials": {"bearer": {"token": "t"}}}},
         "labels": {"region": "west"}, "status": {"prometheus": true},
         "discovery": {"resource": "/discovery", "decision": "config/all",
                       "polling": {"min_delay_seconds": 0, "max_delay_seconds": 0}}\(rest)}
        """
    }

    private func discovered(_ configuration: String) throws -> [UInt8] {
        try TestBundle.archive(["/c.rego": "package config\n\nimport rego.v1\n\nall := \(configuration)\n"])
    }

    private func answering(
        _ discovery: [UInt8], _ bundle: [UInt8]
    ) -> @Sendable (AnsweringServer.Question) -> AnsweringServer.Answer {
        { .init(body: $0.path == "/discovery" ? discovery : bundle) }
    }

    private static let polling = #""polling": {"min_delay_seconds": 0, "max_delay_seconds": 0}"#

    @Test func partsFollowTheConfiguration() async throws {
        let bundle = try TestBundle.answering(3)
        let first = try discovered(
            """
            {"bundles": {"b": {"service": "s", "resource": "/bundle", \(Self.polling)}},
             "labels": {"region": "east", "seen": opa.runtime().config.labels.region}}
            """)
        let server = try AnsweringServer(answering(first, bundle))
        let test = try TestRuntime(boot(server.address))
        await test.runtime.start()
        #expect(await test.eventually(test.document("app/answer") == "3"))
        #expect(await test.eventually(test.state("discovery") == .ok))
        #expect(test.status.contains("overridden by boot configuration: labels.region"))
        // What the process was started with wins.
        #expect(test.runtime.settings.labels.contains { $0.name == "region" && $0.value == "west" })
        #expect(test.runtime.settings.labels.contains { $0.name == "seen" && $0.value == "west" })
        // The bundle is not asked for any more, and what it brought goes.
        server.change(answering(try discovered(#"{"labels": {"x": "y"}, "bundles": {}}"#), bundle))
        #expect(await test.eventually(test.document("app/answer") == ""))
        #expect(await test.eventually(!test.status.contains(#""bundles""#)))
        await test.runtime.stop()
        await server.stop()
    }

    @Test(arguments: [
        (#"{"services": {"s": {"url": "http://elsewhere"}}}"#, "updates to the discovery service are not allowed"),
        (#"{"bundles": {"b": {"service": "none"}}}"#, "service name \\\"none\\\" not found"),
        (#"{"bundels": {}}"#, "unknown key in the configuration: bundels"),
        (#"[]"#, "the discovered configuration must be an object"),
        (#"data.nowhere"#, "undefined configuration"),
        (#"x"#, "error(s) occurred while compiling module(s)"),
    ])
    func whatIsRefused(_ configuration: String, _ message: String) async throws {
        let archive = try discovered(configuration)
        let server = try AnsweringServer(answering(archive, []))
        let test = try TestRuntime(boot(server.address))
        await test.runtime.start()
        #expect(await test.eventually(test.status.contains(message)), "\(test.status)")
        #expect(test.state("discovery") == .notReady)
        #expect(test.runtime.settings.bundles.isEmpty)
        await test.runtime.stop()
        await server.stop()
    }

    /// A configuration that cannot be kept is told of until it is.
    @Test func aFullDisk() async throws {
        let archive = try discovered(#"{"labels": {"x": "y"}}"#)
        let server = try AnsweringServer { question in
            question.headers.first(name: "If-None-Match") == "\"1\""
                ? .init(status: 304) : .init(headers: [("ETag", "\"1\"")], body: archive)
        }
        let test = try TestRuntime(
            boot(server.address).replacing(
                #""resource": "/discovery","#, with: #""resource": "/discovery", "persist": true,"#))
        try Files.save([1], as: "discovery", in: test.folder + "/bundles")
        await test.runtime.start()
        #expect(await test.eventually(test.state("discovery") == .ok))
        #expect(await test.eventually(server.questions.count > 4))
        #expect(test.status.contains("persisting the bundle failed: "), "\(test.status)")
        #expect(unlink(test.folder + "/bundles/discovery") == 0)
        #expect(await test.eventually((try? Files.read(test.folder + "/bundles/discovery/bundle.tar.gz")) == archive))
        #expect(await test.eventually(!test.status.contains("bundle_error")))
        #expect(server.questions.filter { !$0.headers.contains(name: "If-None-Match") }.count == 1)
        await test.runtime.stop()
        await server.stop()
    }

    @Test func keysOfTheStartStay() async throws {
        let archive = try TestBundle.archive(
            [
                "/c.rego":
                    "package config\n\nall := {\"keys\": {\"k\": {\"key\": \"other\", \"algorithm\": \"HS256\"}}}\n"
            ],
            key: "secret")
        let server = try AnsweringServer(answering(archive, []))
        let test = try TestRuntime(
            boot(server.address, #", "keys": {"k": {"key": "secret", "algorithm": "HS256"}}"#))
        await test.runtime.start()
        #expect(
            await test.eventually(
                test.status.contains("updates to keys specified in the boot configuration are not allowed")),
            "\(test.status)")
        await test.runtime.stop()
        await server.stop()
    }

    @Test func statusGoesToAService() async throws {
        let server = try AnsweringServer { _ in .init() }
        let test = try TestRuntime(
            """
            {"services": {"s": {"url": "\(server.address)/api/"}},
             "status": {"service": "s", "partition_name": "p", "console": true}}
            """)
        await test.runtime.start()
        #expect(await test.eventually(!server.questions.isEmpty))
        let question = try #require(server.questions.first)
        #expect(question.method == "POST" && question.path == "/api/status/p")
        #expect(question.headers.first(name: "Content-Type") == "application/json")
        #expect(question.body.contains(#""labels":{"id":"i","version":"v"}"#))
        #expect(question.body.contains(#""status":{"state":"OK"}"#))
        #expect(await test.eventually(test.lines.text.contains(#""type":"openpolicyagent.org/status"}"#)))
        await test.runtime.stop()
        await server.stop()
    }
}
