import Synchronization
import Testing
import WritBundle
import WritRegistry

@testable import WritRuntime

/// What those that a service sends its clients to may do, and what is told of the way there.
@Suite struct RedirectTests {
    private func client(_ address: String) -> ServiceClient {
        var settings = ServiceSettings(name: "s", url: address)
        settings.headTimeout = 3
        settings.headers = [.init("X-Api-Key", "secret-key")]
        var bearer = ServiceCredentials.Bearer()
        (bearer.token, bearer.scheme, bearer.encodes) = ("a:b", "Basic", true)
        settings.credentials = .bearer(bearer)
        return ServiceClient(settings)
    }

    private static let content = [UInt8](repeating: 7, count: 5000)

    /// A store that blobs lie in does not say where the registry's credentials go.
    @Test func aTargetNamesNoTokenServer() async throws {
        let evil = try AnsweringServer { _ in .init(body: Array(#"{"token":"t1"}"#.utf8)) }
        let realm = evil.address + "/token"
        let store = try AnsweringServer { _ in
            .init(status: 401, headers: [("WWW-Authenticate", "Bearer realm=\"\(realm)\",service=\"x\"")])
        }
        let registry = try TestRegistry()
        registry.publish(Self.content, tag: "1")
        let elsewhere = store.address
        registry.change { state in
            state.mangle = { question, answer in
                guard question.path.contains("/blobs/") else { return }
                answer = .init(status: 307, headers: [("Location", elsewhere + question.path)])
            }
        }
        let source = RegistryBundleSource(
            client(registry.address), reference: "ghcr.io/org/policy:1", limit: 1 << 20)
        guard case .failed(let problem) = await source.fetch(BundleQuestion(known: "", wait: nil)).outcome else {
            Issue.record("it came")
            return
        }
        #expect(problem.httpCode == 401)
        #expect(store.questions.count == 1 && evil.questions.isEmpty, "\(evil.questions)")
        await registry.stop()
        for server in [evil, store] { await server.stop() }
    }

    /// Headers of the settings are for the service; its token server and its store are asked without them.
    @Test func headersOfTheSettingsStayAtHome() async throws {
        let other = try AnsweringServer { question in
            question.method == "PUT" ? .init(status: 201) : .init(body: Array(#"{"token":"t1"}"#.utf8))
        }
        let elsewhere = other.address
        let registry = try TestRegistry()
        registry.change { state in
            (state.wantsTokens, state.tokens) = (true, 1)
            state.mangle = { question, answer in
                if answer.status == 401 {
                    answer.headers = [("WWW-Authenticate", "Bearer realm=\"\(elsewhere)/token\"")]
                } else if question.method == "POST" {
                    answer.headers = [("Location", elsewhere + "/upload")]
                }
            }
        }
        let client = RegistryClient(client(registry.address), repository: "org/policy")
        let descriptor = RegistryDescriptor(of: Self.content, mediaType: MediaType.bundle)
        #expect(try await client.push(Self.content, descriptor))
        let asked = other.questions.map { "\($0.method) \($0.path.prefix { $0 != "?" })" }
        #expect(asked == ["GET /token", "PUT /upload"])
        #expect(other.questions.map { $0.headers.first(name: "Authorization") } == ["Basic YTpi", nil])
        #expect(other.questions.allSatisfy { !$0.headers.contains(name: "X-Api-Key") })
        #expect(registry.server.questions.allSatisfy { $0.headers.first(name: "X-Api-Key") == "secret-key" })
        await registry.stop()
        await other.stop()
    }

    /// An address that is signed is as good as a password: its query is told to nobody.
    @Test func signedAddressesAreNotTold() async throws {
        let number = Mutex(0)
        let store = try AnsweringServer { question in
            question.path.hasPrefix("/gone")
                ? .init(status: 307, headers: [("Location", "ftp://nowhere/?sig=s3cret")])
                : .init(body: [1, 2, 3], toldLength: 100)
        }
        let elsewhere = store.address
        let server = try AnsweringServer { _ in
            let number = number.withLock { number in
                number += 1
                return number
            }
            return .init(
                status: 302, headers: [("Location", "\(elsewhere)/store/b?X-Amz-Signature=s3cret\(number)")])
        }
        let test = try TestRuntime(
            """
            {"services": {"s": {"url": "\(server.address)"}}, "status": {"prometheus": true},
             "bundles": {"b": {\(TrustTests.polling)}}}
            """)
        await test.runtime.start()
        #expect(await test.eventually(test.status.contains("Get \\\"\(elsewhere)/store/b\\\": ")), "\(test.status)")
        #expect(await test.eventually(number.withLock { $0 } > 2))
        #expect(test.metrics.contains("bundle_failed_load_counter"))
        for told in [test.status, test.metrics, test.lines.text] { #expect(!told.contains("s3cret"), "\(told)") }
        // One text, and so one series.
        #expect(test.metrics.split(separator: "\n").filter { $0.hasPrefix("bundle_failed_load_counter{") }.count == 1)
        await test.runtime.stop()
        for server in [server, store] { await server.stop() }
    }

    @Test(arguments: [
        ("http://h:1/a/b?c=d#e", "http://h:1/a/b"), ("https://u:p@h/a@b?c", "https://h/a@b"),
        ("http://h?a", "http://h"),
        ("http://h#a?b", "http://h"), ("http://u:p@h", "http://h"), ("a?b", "a"), ("", ""),
    ])
    func shownAddresses(_ url: String, _ shown: String) { #expect(ServiceClient.shown(url) == shown) }

    /// What has come is told, but it does not make another series of the same fault.
    @Test func bytesAreNotCountedInTheLabel() async throws {
        let server = try AnsweringServer { question in
            question.headers.contains(name: "Range")
                ? .init(status: 206, body: [], toldLength: 60)
                : .init(headers: [("ETag", "\"1\"")], body: [UInt8](repeating: 1, count: 40), toldLength: 100)
        }
        let test = try TestRuntime(
            """
            {"services": {"s": {"url": "\(server.address)"}}, "status": {"prometheus": true},
             "bundles": {"b": {\(TrustTests.polling)}}}
            """)
        await test.runtime.start()
        #expect(await test.eventually(test.metrics.contains("bundle_failed_load_counter{")), "\(test.status)")
        #expect(!test.metrics.contains("bytes have come"))
        await test.runtime.stop()
        await server.stop()
        let failure = ServiceFailure("EOF", progress: "40 of 100 bytes have come and are kept")
        #expect(BundleProblem(failure).message == "request failed: EOF; 40 of 100 bytes have come and are kept")
        #expect(BundleProblem(failure).cause == "request failed: EOF")
    }

    // MARK: How much is read

    /// Why there is no content is read as far as it is of use.
    @Test(arguments: [200, 404, 503, 307])
    func longReasons(_ status: Int) async throws {
        let server = try AnsweringServer { _ in
            .init(status: status, body: [UInt8](repeating: 0x20, count: 3 << 20))
        }
        var request = ServiceRequest(path: "b")
        request.bodyLimit = 4 << 20
        let response = try await client(server.address).send(request)
        #expect(response.status == status)
        #expect(response.body.count == (status == 200 ? 3 << 20 : 64 << 10))
        request.bodyLimit = 100
        if status == 200 {
            await #expect(throws: ServiceFailure.self) { try await client(server.address).send(request) }
        } else {
            #expect(try await client(server.address).send(request).body.count == 100)
        }
        await server.stop()
    }

    @Test func theSizeLimitBoundsWhatIsFetched() async throws {
        let server = try AnsweringServer { question in
            let isSmall = question.path == "/small"
            return .init(body: [UInt8](repeating: 0x20, count: isSmall ? 5000 : 3 << 20))
        }
        let test = try TestRuntime(
            """
            {"services": {"s": {"url": "\(server.address)"}}, "status": {"prometheus": true}, "bundles": {
             "large": {"resource": "large", "max_download_bytes": 1049576, \(TrustTests.polling)},
             "small": {"resource": "small", "max_download_bytes": 1049576, \(TrustTests.polling)},
             "free": {"resource": "free", \(TrustTests.polling)}}}
            """)
        await test.runtime.start()
        #expect(await test.eventually(test.status.contains("/large\\\": the response is larger than 1049576 bytes")))
        #expect(await test.eventually(test.metrics.split(separator: "\n").filter { $0.contains("gzip") }.count == 2))
        await test.runtime.stop()
        await server.stop()
    }
}
