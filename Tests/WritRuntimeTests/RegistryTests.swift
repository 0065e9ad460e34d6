import NIOHTTP1
import Synchronization
import Testing
import Writ
import WritBundle
import WritRegistry

@testable import WritRuntime
@testable import WritServer

/// Bundles out of registries, and into them.
@Suite struct RegistryTests {
    private static let patience = Download.Patience(attempts: 40, fruitless: 3, restarts: 3, progress: 1, pause: 1000)
    private static let archive = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }

    private func service(_ address: String, _ bearer: ServiceCredentials.Bearer? = nil) -> ServiceClient {
        var settings = ServiceSettings(name: "s", url: address)
        settings.headTimeout = 3
        if let bearer { settings.credentials = .bearer(bearer) }
        return ServiceClient(settings)
    }

    private func source(
        _ registry: TestRegistry, _ tag: String = ":1", _ bearer: ServiceCredentials.Bearer? = nil, limit: Int = 1 << 20
    ) -> RegistryBundleSource {
        RegistryBundleSource(
            service(registry.address, bearer), reference: "ghcr.io/org/policy\(tag)", limit: limit,
            patience: Self.patience)
    }

    private static func basic(_ pair: String) -> ServiceCredentials.Bearer {
        var bearer = ServiceCredentials.Bearer()
        bearer.token = pair
        bearer.scheme = "Basic"
        bearer.encodes = true
        return bearer
    }

    private func archive(_ answer: BundleAnswer) -> [UInt8]? {
        if case .archive(let archive, _) = answer.outcome { archive } else { nil }
    }

    private func problem(_ answer: BundleAnswer) -> BundleProblem? {
        if case .failed(let problem) = answer.outcome { problem } else { nil }
    }

    @Test func nothingIsFetchedTwice() async throws {
        let registry = try TestRegistry()
        registry.publish(Self.archive, tag: "1")
        let source = source(registry)
        let blob = ContentDigest(of: Self.archive)
        let first = await source.fetch(BundleQuestion(known: "", wait: 10))
        #expect(archive(first) == Self.archive && first.waits == false)
        guard case .archive(_, let tag) = first.outcome else { return }
        #expect(tag == blob.hexadecimal)
        #expect(registry.asked == ["GET /v2/org/policy/manifests/1", "GET /v2/org/policy/blobs/\(blob)"])
        for _ in 0..<2 {
            guard case .unchanged = await source.fetch(BundleQuestion(known: tag, wait: nil)).outcome else {
                Issue.record("it came again")
                return
            }
        }
        #expect(registry.asked.suffix(2) == ["HEAD /v2/org/policy/manifests/1", "HEAD /v2/org/policy/manifests/1"])
        // Another manifest that names the same archive, and another source that has it already.
        registry.publish(Self.archive, tag: "1", type: MediaType.bundle)
        guard case .unchanged = await self.source(registry).fetch(BundleQuestion(known: tag, wait: nil)).outcome else {
            Issue.record("it came again")
            return
        }
        // The tag moves.
        let new = [UInt8](Self.archive.reversed())
        registry.publish(new, tag: "1")
        #expect(archive(await source.fetch(BundleQuestion(known: tag, wait: nil))) == new)
        #expect(registry.asked.filter { $0.contains("blobs") }.count == 2)
        await registry.stop()
    }

    @Test func aDigestNamesOneManifestForGood() async throws {
        let registry = try TestRegistry()
        let digest = registry.publish(Self.archive, tag: "1")
        registry.publish([1], tag: "1")
        #expect(
            archive(await source(registry, "@\(digest)").fetch(BundleQuestion(known: "", wait: nil))) == Self.archive)
        // The registry gives another manifest for it.
        let other = registry.change { $0.manifests["1"] ?? [] }
        registry.change { $0.manifests[digest.description] = other }
        let answer = await source(registry, "@\(digest)").fetch(BundleQuestion(known: "", wait: nil))
        #expect(problem(answer)?.message.contains("is not the one that") == true)
        await registry.stop()
    }

    @Test func policyImagesAreLayersOfTheirOwnType() async throws {
        let registry = try TestRegistry()
        registry.publish(Self.archive, tag: "1", type: MediaType.policyImage)
        #expect(archive(await source(registry).fetch(BundleQuestion(known: "", wait: nil))) == Self.archive)
        await registry.stop()
    }

    /// Lies and losses on the way, and what is said of them.
    enum Fault: String, CaseIterable, Sendable {
        case otherBytes = "what came is not the content that"
        case shorter = "bytes in the place of"
        case longer = "larger than 100000 bytes"
        case otherManifest = "the manifest is not the one that"
        case noManifest = "not found"
        case noBlob = ": not found"
        case busy = "503 Service Unavailable"
        case index = "no layers in manifest"
        case noArchive = "no tarball descriptor found"
        case hugeManifest = "larger than 4194304 bytes"
    }

    @Test(arguments: Fault.allCases)
    func whatIsNotAsNamedIsRefused(_ fault: Fault) async throws {
        let registry = try TestRegistry()
        let type = fault == .noArchive ? "text/plain" : MediaType.bundle
        registry.publish(Self.archive, tag: "1", type: type)
        registry.change { state in
            state.mangle = { question, answer in
                let isBlob = question.path.contains("/blobs/")
                switch fault {
                case .otherBytes: if isBlob { answer.body = answer.body.reversed() }
                case .shorter: if isBlob { answer.body.removeLast() }
                case .longer: if isBlob { answer.body += [0] }
                case .otherManifest: if !isBlob { answer.body += [0x20] }
                case .noManifest: if !isBlob { answer = .init(status: 404) }
                case .noBlob: if isBlob { answer = .init(status: 404) }
                case .busy: answer = .init(status: 503)
                case .index: if !isBlob { answer = .init(body: Array(#"{"manifests": []}"#.utf8)) }
                case .noArchive: break
                case .hugeManifest: if !isBlob { answer.body = [UInt8](repeating: 0x20, count: 5 << 20) }
                }
            }
        }
        let source = source(registry)
        let found = problem(await source.fetch(BundleQuestion(known: "", wait: nil)))
        #expect(found?.message.hasPrefix("failed to pull ghcr.io/org/policy:1: ") == true)
        #expect(found?.message.contains(fault.rawValue) == true, "\(found?.message ?? "it was taken")")
        // It passes.
        registry.change { $0.mangle = { _, _ in } }
        registry.publish(Self.archive, tag: "1")
        #expect(archive(await source.fetch(BundleQuestion(known: "", wait: nil))) == Self.archive)
        await registry.stop()
    }

    @Test func contentOverTheLimitIsNotAskedFor() async throws {
        let registry = try TestRegistry()
        registry.publish(Self.archive, tag: "1")
        let answer = await source(registry, limit: 99_999).fetch(BundleQuestion(known: "", wait: nil))
        #expect(problem(answer)?.message.contains("the limit is 99999") == true)
        #expect(!registry.asked.contains { $0.contains("blobs") })
        await registry.stop()
    }

    @Test func transfersThatAreCutGoOn() async throws {
        let registry = try TestRegistry()
        registry.publish(Self.archive, tag: "1")
        registry.change { $0.cutsEach = 7_000 }
        let answer = await source(registry).fetch(BundleQuestion(known: "", wait: nil))
        #expect(archive(answer) == Self.archive)
        #expect(answer.resumes == 14)
        await registry.stop()
    }

    /// Bytes of something else in a part are found out by the digest; the next time all of it is asked for.
    @Test func partsOfSomethingElseAreFoundOut() async throws {
        let registry = try TestRegistry()
        registry.publish(Self.archive, tag: "1")
        registry.change { state in
            state.cutsEach = 60_000
            state.mangle = { _, answer in if answer.status == 206 { answer.body = answer.body.map { ~$0 } } }
        }
        let source = source(registry)
        let answer = await source.fetch(BundleQuestion(known: "", wait: nil))
        #expect(problem(answer)?.message.contains("not the content") == true)
        registry.change { $0.mangle = { _, _ in } }
        #expect(archive(await source.fetch(BundleQuestion(known: "", wait: nil))) == Self.archive)
        await registry.stop()
    }

    // MARK: Credentials

    @Test(arguments: [
        ("Bearer", "secret", "Bearer c2VjcmV0"), ("Basic", "user:open sesame", "Basic dXNlcjpvcGVuIHNlc2FtZQ=="),
    ])
    func credentialsAreShownAsOPADoes(_ scheme: String, _ token: String, _ header: String) async throws {
        let registry = try TestRegistry()
        registry.publish(Self.archive, tag: "1")
        registry.change { $0.authorization = header }
        let refused = problem(await source(registry).fetch(BundleQuestion(known: "", wait: nil)))
        #expect(refused?.httpCode == 401)
        #expect(refused?.message.contains("401 Unauthorized: UNAUTHORIZED: authentication required") == true)
        let settings = """
            {"services": {"s": {"url": "\(registry.address)", "type": "oci",
              "credentials": {"bearer": {"scheme": "\(scheme)", "token": "\(token)"}}}}}
            """
        let read = try RuntimeSettings(reading: Array(settings.utf8), id: "i", version: "v", supported: [])
        let client = ServiceClient(try #require(read.services.first))
        #expect(client.settings.isRegistry)
        let source = RegistryBundleSource(client, reference: "ghcr.io/org/policy:1", limit: 1 << 20)
        #expect(archive(await source.fetch(BundleQuestion(known: "", wait: nil))) == Self.archive)
        await registry.stop()
    }

    @Test(arguments: [false, true])
    func tokensComeFromTheServerThatTheRegistryNames(_ hasCredentials: Bool) async throws {
        let registry = try TestRegistry()
        registry.publish(Self.archive, tag: "1")
        registry.change { state in
            state.wantsTokens = true
            state.cutsEach = 30_000
            if hasCredentials { state.authorization = "Basic YTpi" }
        }
        let source = source(registry, ":1", hasCredentials ? Self.basic("a:b") : nil)
        #expect(archive(await source.fetch(BundleQuestion(known: "", wait: nil))) == Self.archive)
        let tokens = registry.server.questions.filter { $0.path.hasPrefix("/token") }
        #expect(tokens.map(\.path) == ["/token?service=test&scope=repository%3Aorg%2Fpolicy%3Apull"])
        // The token is shown from then on, and nothing else.
        let shown = registry.server.questions.filter { !$0.path.hasPrefix("/token") }.dropFirst()
            .map { $0.headers.first(name: "Authorization") ?? "" }
        #expect(Set(shown) == ["Bearer t1"])
        // One that is not good any more is replaced, once.
        registry.change { $0.tokens = 7 }
        #expect(archive(await source.fetch(BundleQuestion(known: "", wait: nil))) == Self.archive)
        #expect(registry.server.questions.filter { $0.path.hasPrefix("/token") }.count == 2)
        await registry.stop()
    }

    /// A token that ends while a blob comes is renewed as long as bytes come, and once where none do.
    @Test func tokensEndWhileABlobComes() async throws {
        let registry = try TestRegistry()
        registry.publish(Self.archive, tag: "1")
        let address = registry.address
        let count = Mutex(0)
        registry.change { state in
            state.cutsEach = 7_000
            state.mangle = { question, answer in
                guard question.path.contains("/blobs/") else { return }
                let isEnded = count.withLock { count in
                    count += 1
                    return count % 3 == 0
                }
                guard isEnded else { return }
                answer = .init(
                    status: 401, headers: [("WWW-Authenticate", "Bearer realm=\"\(address)/token\"")])
            }
        }
        let source = source(registry)
        #expect(archive(await source.fetch(BundleQuestion(known: "", wait: nil))) == Self.archive)
        #expect(registry.server.questions.filter { $0.path.hasPrefix("/token") }.count == 7)
        // One that is never good is asked for once.
        registry.change { state in
            let other = state.mangle
            state.mangle = { question, answer in
                count.withLock { $0 = 2 }
                other(question, &answer)
            }
        }
        registry.publish([UInt8](Self.archive.reversed()), tag: "1")
        #expect(problem(await source.fetch(BundleQuestion(known: "", wait: nil)))?.httpCode == 401)
        #expect(registry.server.questions.filter { $0.path.hasPrefix("/token") }.count == 8)
        await registry.stop()
    }

    @Test func amazonsRegistryIsAskedWithATokenForIt() async throws {
        let server = try AnsweringServer { question in
            switch question.path {
            case "/latest/api/token": return .init(body: Array("session".utf8))
            case "/ecr":
                guard question.headers.first(name: "X-Amz-Target")?.hasSuffix(".GetAuthorizationToken") == true,
                    question.headers.first(name: "Authorization")?.contains("/eu-west-1/ecr/aws4_request") == true,
                    question.body == "{}"
                else { return .init(status: 400) }
                return .init(
                    body: Array(
                        #"{"authorizationData": [{"authorizationToken": "QVdTOng=", "expiresAt": 4.1e9}]}"#.utf8))
            default:
                return .init(
                    body: Array(
                        #"""
                        {"Code": "Success", "AccessKeyId": "AK", "SecretAccessKey": "SK", "Token": "T",
                         "Expiration": "2099-01-01T00:00:00Z"}
                        """#.utf8))
            }
        }
        var settings = ServiceCredentials.AWS()
        settings.metadata = .init(region: "eu-west-1", role: "r")
        settings.service = "ecr"
        var places = AWSCredentials.Places()
        places.instance = server.address
        let credentials = ECRCredentials(AWSCredentials(settings, places), endpoint: server.address + "/ecr")
        for _ in 0..<2 {
            var request = OutgoingRequest(method: "GET", url: "http://r.example/v2/a/manifests/1")
            try await credentials.sign(&request)
            #expect(request.headers.first { $0.name == "Authorization" }?.value == "Basic QVdTOng=")
        }
        #expect(server.questions.filter { $0.path == "/ecr" }.count == 1)
        await server.stop()
    }

    @Test func aTokenServerThatRefusesIsTold() async throws {
        let registry = try TestRegistry()
        registry.publish(Self.archive, tag: "1")
        registry.change { state in
            state.wantsTokens = true
            state.authorization = "Basic YTpi"
        }
        let answer = await source(registry, ":1", Self.basic("a:c")).fetch(BundleQuestion(known: "", wait: nil))
        #expect(problem(answer)?.message.contains("/token replied with Unauthorized") == true)
        #expect(registry.server.questions.count == 2)
        await registry.stop()
    }

    /// Storage of another host is asked for the blob without credentials; a blob's bytes are held against its digest.
    @Test func blobsMayLieElsewhere() async throws {
        let storage = try TestRegistry()
        storage.publish(Self.archive, tag: "1")
        storage.change { $0.cutsEach = 40_000 }
        let registry = try TestRegistry()
        registry.publish(Self.archive, tag: "1")
        let elsewhere = storage.address
        registry.change { state in
            state.authorization = "Basic YTpi"
            state.mangle = { question, answer in
                guard question.path.contains("/blobs/") else { return }
                answer = .init(status: 307, headers: [("Location", elsewhere + question.path)])
            }
        }
        let answer = await source(registry, ":1", Self.basic("a:b")).fetch(BundleQuestion(known: "", wait: nil))
        #expect(archive(answer) == Self.archive && answer.resumes == 2)
        #expect(storage.server.questions.allSatisfy { !$0.headers.contains(name: "Authorization") })
        #expect(storage.server.questions.count == 3)
        await registry.stop()
        await storage.stop()
    }

    // MARK: Pushing

    private func artifact(_ content: [UInt8]) -> RegistryArtifact {
        RegistryArtifact(
            content, isImage: false, name: "bundle.tar.gz", unpacked: ContentDigest(of: []), annotations: ["a": "b"])
    }

    @Test(arguments: [false, true])
    func whatWasPushedIsPulled(_ wantsTokens: Bool) async throws {
        let registry = try TestRegistry()
        registry.change { $0.wantsTokens = wantsTokens }
        let client = RegistryClient(service(registry.address), repository: "org/policy")
        let pushed = try await artifact(Self.archive).push(to: client, tag: "1")
        #expect(pushed.isNew && pushed.sent > Self.archive.count)
        let pulled = try await RegistryArtifact.pull("1", from: client, limit: 1 << 20)
        #expect(pulled.content == Self.archive && pulled.digest == pushed.digest && !pulled.isImage)
        #expect(pulled.annotations == ["a": "b"])
        #expect(pulled.layer.annotations["org.opencontainers.image.title"] == "bundle.tar.gz")
        let count = registry.asked.count
        let again = try await artifact(Self.archive).push(to: client, tag: "1")
        #expect(!again.isNew && again.sent == 0 && again.digest == pushed.digest)
        #expect(registry.asked.count <= count + 2)
        // Another tag of the same content: a manifest is all that is sent.
        let other = try await artifact(Self.archive).push(to: client, tag: "2")
        #expect(other.isNew && other.sent == 0)
        await registry.stop()
    }

    @Test func aRegistryThatTakesItForSomethingElseIsNotBelieved() async throws {
        let registry = try TestRegistry()
        let wrong = ContentDigest(of: [9]).description
        registry.change { state in
            state.mangle = { question, answer in
                if question.method == "PUT" { answer.headers = [("Docker-Content-Digest", wrong)] }
            }
        }
        let client = RegistryClient(service(registry.address), repository: "org/policy")
        let failure = await #expect(throws: RegistryFailure.self) {
            try await artifact(Self.archive).push(to: client, tag: "1")
        }
        #expect(failure?.code == .digest)
        await registry.stop()
    }

    @Test func aRefusalIsToldInTheRegistrysWords() async throws {
        let registry = try TestRegistry()
        registry.change { state in
            state.mangle = { question, answer in
                guard question.method == "POST" else { return }
                answer = .init(
                    status: 403, body: Array(#"{"errors":[{"code":"DENIED","message":"read only"}]}"#.utf8))
            }
        }
        let client = RegistryClient(service(registry.address), repository: "org/policy")
        let failure = await #expect(throws: RegistryFailure.self) {
            try await artifact(Self.archive).push(to: client, tag: "1")
        }
        #expect(failure?.code == .credentials && failure?.message.contains("DENIED: read only") == true)
        #expect(registry.asked.filter { $0.hasPrefix("POST") }.count == 1)
        await registry.stop()
    }

    // MARK: In a configuration

    private func configuration(_ address: String, _ rest: String = "") -> String {
        """
        {"services": {"s": {"url": "\(address)", "type": "oci"}},
         "bundles": {"b": {"service": "s", "resource": "ghcr.io/org/policy:1",
           "polling": {"min_delay_seconds": 0, "max_delay_seconds": 0, "long_polling_timeout_seconds": 10}\(rest)}},
         "status": {"prometheus": true}}
        """
    }

    @Test func aServerActivatesWhatATagNames() async throws {
        let registry = try TestRegistry()
        registry.publish(try TestBundle.answering(1), tag: "1")
        let test = try TestRuntime(configuration(registry.address, #", "persist": true"#))
        await test.runtime.start()
        #expect(await test.eventually(test.document("app/answer") == "1"))
        let digest = ContentDigest(of: try TestBundle.answering(1))
        #expect(test.document("system/bundles/b/etag") == "\"\(digest.hexadecimal)\"")
        registry.publish(try TestBundle.answering(2, revision: "r2"), tag: "1")
        #expect(await test.eventually(test.document("app/answer") == "2"))
        // What does not verify leaves the one before in force.
        registry.publish(Array("no archive".utf8), tag: "1")
        #expect(await test.eventually(test.status.contains("gzip")))
        #expect(test.document("app/answer") == "2")
        await test.runtime.stop()
        await registry.stop()
        // What was kept is not fetched again after a start.
        let other = try TestRegistry()
        other.publish(try TestBundle.answering(2, revision: "r2"), tag: "1")
        let again = try TestRuntime(configuration(other.address, #", "persist": true"#), folder: test.folder)
        await again.runtime.start()
        #expect(again.document("app/answer") == "2")
        #expect(await again.eventually(other.asked.count > 3))
        #expect(!other.asked.contains { $0.contains("blobs") }, "\(other.asked.prefix(4))")
        await again.runtime.stop()
        await other.stop()
    }

    /// Images go into their file while they come, over connections that end too early, and count once their digest is right.
    @Test func aServerActivatesAnImage() async throws {
        let registry = try TestRegistry()
        let image = try BundleImageTests.image("b", 1)
        registry.publish(image, tag: "1", type: MediaType.policyImage)
        registry.change { $0.cutsEach = 40_000 }
        let test = try TestRuntime(configuration(registry.address, #", "persist": true"#))
        await test.runtime.start()
        #expect(await test.eventually(test.document("b/answer") == "1"), "\(test.status)")
        #expect(await test.eventually((try? Files.read(test.folder + "/bundles/b/bundle.tar.gz")) == image))
        registry.change { state in
            state.mangle = { question, answer in
                if question.path.contains("/blobs/"), !answer.body.isEmpty { answer.body[answer.body.count / 2] ^= 1 }
            }
        }
        registry.publish(try BundleImageTests.image("b", 2), tag: "1", type: MediaType.policyImage)
        #expect(await test.eventually(test.status.contains("what came is not the content")), "\(test.status)")
        #expect(test.document("b/answer") == "1")
        registry.change { $0.mangle = { _, _ in } }
        #expect(await test.eventually(test.document("b/answer") == "2"), "\(test.status)")
        await test.runtime.stop()
        await registry.stop()
    }

    /// Content that was refused does not come again, before there is other content or another store to put it in.
    @Test func whatWasRefusedIsNotFetchedAgain() async throws {
        let registry = try TestRegistry()
        registry.publish(Array("no archive".utf8), tag: "1")
        let test = try TestRuntime(configuration(registry.address))
        func blobs() -> Int { registry.asked.filter { $0.contains("/blobs/") }.count }
        func isAskedAgain() async -> Bool {
            let count = registry.asked.count
            return await test.eventually(registry.asked.count > count + 3)
        }
        await test.runtime.start()
        #expect(await test.eventually(test.status.contains("gzip")))
        #expect(await isAskedAgain())
        #expect(blobs() == 1 && test.status.contains("gzip"), "\(registry.asked)")
        let bad = try TestBundle.archive(["/app.rego": "package app\n\nanswer := x\n"], roots: ["app"])
        registry.publish(bad, tag: "1")
        #expect(await test.eventually(test.status.contains("rego_unsafe_var_error")))
        #expect(await isAskedAgain())
        #expect(blobs() == 2 && test.status.contains("rego_unsafe_var_error"), "\(registry.asked)")
        // What does not go with one store may go with another.
        guard case .done = test.writer.put([Array("own".utf8)], Array("5".utf8), onlyNew: false) else {
            Issue.record("not written")
            return
        }
        #expect(await test.eventually(registry.asked.filter { $0.contains("/blobs/") }.count == 3))
        #expect(await isAskedAgain())
        #expect(blobs() == 3)
        registry.publish(try TestBundle.answering(1), tag: "1")
        #expect(await test.eventually(test.document("app/answer") == "1"), "\(test.status)")
        await test.runtime.stop()
        await registry.stop()
    }

    @Test(arguments: ["policy", "ghcr.io/org/policy", "ghcr.io/org/policy@sha256:1", "ghcr.io/Org/policy:1"])
    func whatIsNoReferenceEndsTheStart(_ resource: String) {
        let text = configuration("http://127.0.0.1:1").replacing("ghcr.io/org/policy:1", with: resource)
        let failure = #expect(throws: SettingsFailure.self) { try TestRuntime(text) }
        #expect(failure?.message.contains("bundle \"b\": invalid reference") == true)
    }

    @Test func otherTypesAreUnknown() {
        let text = configuration("http://127.0.0.1:1").replacing("\"oci\"", with: "\"ftp\"")
        #expect(throws: SettingsFailure.self) { try TestRuntime(text) }
    }
}
