import NIOHTTP1
import Synchronization
import Writ
import WritRegistry

@testable import WritRuntime

/// A registry on the loopback address that keeps what it is given, and errs where a test asks for it.
final class TestRegistry: Sendable {
    struct State {
        var blobs: [String: [UInt8]] = [:]
        /// By tag and by digest.
        var manifests: [String: [UInt8]] = [:]
        /// What requests must show; empty for nothing.
        var authorization = ""
        /// Whether `Bearer` tokens of its own token server are wanted.
        var wantsTokens = false
        var tokens = 0
        /// Bytes after which connections with a blob end.
        var cutsEach = Int.max
        /// Changes an answer on its way.
        var mangle: @Sendable (AnsweringServer.Question, inout AnsweringServer.Answer) -> Void = { _, _ in }
    }

    private final class Shared: Sendable {
        let state = Mutex(State())
    }

    private let shared: Shared
    let server: AnsweringServer

    init() throws {
        let shared = Shared()
        self.shared = shared
        server = try AnsweringServer { question in
            shared.state.withLock { state in
                var answer = Self.answer(question, &state)
                state.mangle(question, &answer)
                return answer
            }
        }
    }

    func change<Result: Sendable>(_ body: (inout sending State) -> Result) -> Result {
        shared.state.withLock { body(&$0) }
    }

    func stop() async { await server.stop() }

    var address: String { server.address }

    /// Puts a bundle's archive under a tag; gives the digest of its manifest.
    @discardableResult
    func publish(_ archive: [UInt8], tag: String, type: String = MediaType.bundle) -> ContentDigest {
        let config = Array("{}".utf8)
        let manifest = RegistryManifest(
            config: RegistryDescriptor(of: config, mediaType: MediaType.config),
            layers: [RegistryDescriptor(of: archive, mediaType: type)])
        let text = manifest.json()
        let digest = ContentDigest(of: text)
        change { state in
            for blob in [config, archive] { state.blobs[ContentDigest(of: blob).description] = blob }
            state.manifests[tag] = text
            state.manifests[digest.description] = text
        }
        return digest
    }

    /// Requests as `METHOD path`, but for the token server's.
    var asked: [String] {
        server.questions.filter { !$0.path.hasPrefix("/token") }.map { "\($0.method) \($0.path)" }
    }

    // MARK: Answers

    private static func answer(_ question: AnsweringServer.Question, _ state: inout State) -> AnsweringServer.Answer {
        let path = question.path
        let shown = question.headers.first(name: "Authorization") ?? ""
        if path.hasPrefix("/token") {
            guard state.authorization.isEmpty || shown == state.authorization else { return .init(status: 401) }
            state.tokens += 1
            return .init(body: Array("{\"token\":\"t\(state.tokens)\",\"expires_in\":300}".utf8))
        }
        if state.wantsTokens {
            guard state.tokens > 0, shown == "Bearer t\(state.tokens)" else {
                let host = question.headers.first(name: "Host") ?? ""
                let name = path.split(separator: "/").dropFirst().prefix(2).joined(separator: "/")
                let challenge =
                    "Bearer realm=\"http://\(host)/token\",service=\"test\",scope=\"repository:\(name):pull\""
                return .init(status: 401, headers: [("WWW-Authenticate", challenge)])
            }
        } else if !state.authorization.isEmpty, shown != state.authorization {
            return .init(
                status: 401, headers: [("WWW-Authenticate", "Basic realm=\"test\"")],
                body: Array(#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#.utf8))
        }
        let steps = path.split(separator: "?")[0].split(separator: "/").map(String.init)
        guard steps.count >= 5, steps[0] == "v2" else { return .init(status: 404) }
        let (kind, name) = (steps[steps.count - 2], steps[steps.count - 1])
        switch (question.method, kind) {
        case ("PUT", "manifests"):
            let text = Array(question.body.utf8)
            let digest = ContentDigest(of: text).description
            state.manifests[name] = text
            state.manifests[digest] = text
            return .init(status: 201, headers: [("Docker-Content-Digest", digest)])
        case (_, "manifests"):
            guard let text = state.manifests[name] else { return .init(status: 404) }
            let digest = ContentDigest(of: text).description
            let headers = [("Content-Type", MediaType.manifest), ("Docker-Content-Digest", digest)]
            return question.method == "HEAD" ? .init(headers: headers) : .init(headers: headers, body: text)
        case ("POST", "blobs"): return .init(status: 202, headers: [("Location", "/v2/org/policy/blobs/uploads/1?s=x")])
        case ("PUT", "uploads"):
            let query = path.split(separator: "?").last ?? ""
            guard query.hasPrefix("s=x&digest=sha256%3A") else { return .init(status: 400) }
            let digest = "sha256:" + query.dropFirst("s=x&digest=sha256%3A".count)
            state.blobs[digest] = question.content
            return .init(status: 201, headers: [("Docker-Content-Digest", digest)])
        case (_, "blobs"):
            guard let blob = state.blobs[name] else { return .init(status: 404) }
            if question.method == "HEAD" { return .init() }
            return part(of: blob, question, state.cutsEach)
        default: return .init(status: 405)
        }
    }

    private static func part(
        of blob: [UInt8], _ question: AnsweringServer.Question, _ count: Int
    ) -> AnsweringServer.Answer {
        let range = question.headers.first(name: "Range") ?? ""
        let start = min(Int(range.dropFirst(6).dropLast()) ?? 0, blob.count)
        let rest = blob[start...]
        var answer = AnsweringServer.Answer(status: start > 0 ? 206 : 200, body: Array(rest.prefix(count)))
        if rest.count > count { answer.toldLength = rest.count }
        if start > 0 { answer.headers = [("Content-Range", "bytes \(start)-\(blob.count - 1)/\(blob.count)")] }
        return answer
    }
}
