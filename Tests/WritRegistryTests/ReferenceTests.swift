import Testing
import WritRegistry

/// References, digests and challenges: what is read, and what is not.
@Suite struct ReferenceTests {
    private static let hash = String(repeating: "0a", count: 32)

    @Test(arguments: [
        ("ghcr.io/org/repo:tag", "ghcr.io", "org/repo", "tag"),
        ("localhost:5000/a:1", "localhost:5000", "a", "1"),
        ("[::1]:5000/a/b/c:v1.0-rc_2", "[::1]:5000", "a/b/c", "v1.0-rc_2"),
        ("r.example/a-b--c.d_e__f/0:_t", "r.example", "a-b--c.d_e__f/0", "_t"),
        ("org/repo:tag", "org", "repo", "tag"),
    ])
    func referencesAreRead(_ text: String, _ registry: String, _ repository: String, _ tag: String) throws {
        let reference = try RegistryReference(text)
        #expect(reference.registry == registry && reference.repository == repository && reference.tag == tag)
        #expect(reference.digest == nil && reference.object == tag && reference.description == text)
    }

    @Test func digestsCountBeforeTags() throws {
        let text = "r.example/a:1@sha256:\(Self.hash)"
        let reference = try RegistryReference(text)
        #expect(reference.tag == "1" && reference.object == "sha256:\(Self.hash)" && reference.description == text)
        #expect(try RegistryReference("r.example/a@sha256:\(Self.hash)").tag == nil)
    }

    @Test(arguments: [
        "", "repo", "repo:tag", "r.example/", "r.example/a", "r.example/:t", "r.example/A:t", "r.example/a:",
        "r.example/a:-t", "r.example/a:t/u", "r.example/a:t?x", "r.example/../a:t", "r.example/a/../b:t",
        "r.example//a:t", "r.example/a/:t", "r.example/a..b:t", "r.example/a___b:t", "r.example/a%2f:t",
        "r.example/a@sha256:00", "r.example/a@md5:00", "r.example/a#b:t", "/a:t", "user@r.example/a:t",
        "r .example/a:t",
        "r.example:70000/a:t", "r.example:x/a:t", "r.example:1:2/a:t", "[::1/a:t", "[x]/a:t", "-r/a:t", "r..e/a:t",
        "https://r.example/a:t", "r.example/a:t\r\nx", "r.example/a@sha256:" + String(repeating: "A", count: 64),
    ])
    func othersAreNot(_ text: String) {
        #expect(throws: RegistryFailure.self) { try RegistryReference(text) }
    }

    @Test(arguments: [
        ("localhost/a:1", true), ("localhost:5000/a:1", true), ("127.0.0.1:5000/a:1", true), ("127.9.9.9/a:1", true),
        ("[::1]:5000/a:1", true), ("localhost.example/a:1", false), ("127.0.0.1.example/a:1", false),
        ("10.0.0.1/a:1", false), ("ghcr.io/a:1", false),
    ])
    func loopbackIsKnown(_ text: String, _ isLoopback: Bool) throws {
        #expect(try RegistryReference(text).isLoopback == isLoopback)
    }

    @Test func digestsNameContent() throws {
        let empty = try #require(
            ContentDigest("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"))
        #expect(empty == ContentDigest(of: []))
        #expect(empty.names([]) && !empty.names([0]))
        let long = ContentDigest(of: Array("abc".utf8), by: .sha512)
        #expect(long.description.hasPrefix("sha512:ddaf35a193617aba"))
        #expect(ContentDigest(long.description) == long)
        #expect(ContentDigest("sha256:" + long.hexadecimal) == nil)
        #expect(ContentDigest(empty.hexadecimal) == nil)
    }

    @Test func challengesAreRead() {
        let header = """
            Bearer realm="https://auth.example/token?a=\\"b\\"",service="registry.example",scope="repository:a/b:pull,push"
            """
        let found = RegistryChallenge.list(header)
        #expect(found.count == 1)
        #expect(found.first?.scheme == "bearer")
        #expect(found.first?.realm == "https://auth.example/token?a=\"b\"")
        #expect(found.first?.service == "registry.example")
        #expect(found.first?.scope == "repository:a/b:pull,push")
        let two = RegistryChallenge.list("Basic realm=\"x\", Bearer realm=y , SCOPE=z")
        #expect(two.map(\.scheme) == ["basic", "bearer"])
        #expect(two.last?.realm == "y" && two.last?.scope == "z")
        #expect(RegistryChallenge.list("Negotiate").map(\.scheme) == ["negotiate"])
        #expect(RegistryChallenge.list("").isEmpty)
        #expect(RegistryChallenge.list("Bearer realm=\"open").first?.realm == "")
        #expect(RegistryChallenge.list(String(repeating: "a,", count: 100_000)).count <= 8192)
    }

    @Test(arguments: [
        (#"{"token": "abc", "expires_in": 300}"#, "abc", 300), (#"{"access_token": "abc"}"#, "abc", 60),
        (#"{"token": "a", "access_token": "b", "expires_in": 1}"#, "a", 60), (#"{"token": ""}"#, "", 0),
        (#"{"token": "a\r\nb"}"#, "", 0), (#"{"token": 1}"#, "", 0), ("[]", "", 0), ("", "", 0),
    ])
    func tokensAreRead(_ answer: String, _ text: String, _ lifetime: Int) {
        let token = RegistryToken(Array(answer.utf8))
        #expect((token?.text ?? "") == text && (token?.lifetime ?? 0) == lifetime)
    }

    /// What comes from outside is read or refused, whatever it is; and what is read is written the same again.
    @Test func anythingIsReadOrRefused() {
        var state: UInt64 = 42
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let alphabet = Array("ab9.-_/:@[]=\",\\ A\r\u{7f}é%".utf8)
        let seeds = ["localhost:5000/a-b/c:1.0@sha256:" + Self.hash, "Bearer realm=\"x\",scope=\"a:b\\\"c\"", ""]
        for round in 0..<20_000 {
            var bytes = Array(seeds[round % seeds.count].utf8)
            for _ in 0...next(4) {
                let byte = alphabet[next(alphabet.count)]
                switch next(3) {
                case 0 where !bytes.isEmpty: bytes[next(bytes.count)] = byte
                case 1 where !bytes.isEmpty: bytes.removeSubrange(next(bytes.count)...)
                default: bytes.insert(byte, at: next(bytes.count + 1))
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            if let reference = try? RegistryReference(text) {
                #expect(reference.description == text)
                #expect(!reference.object.contains("/") && !reference.repository.contains(".."))
            }
            for challenge in RegistryChallenge.list(text) { #expect(!challenge.scheme.isEmpty) }
        }
    }
}
