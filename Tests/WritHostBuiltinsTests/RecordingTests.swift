import Testing
import Writ
import WritHostBuiltins

/// What the decision log's `nd_builtin_cache` is told: the results of every builtin that OPA marks as nondeterministic.
@Suite struct RecordingTests {
    private static let key = #"{"kty": "oct", "k": "c2VjcmV0"}"#

    private static let calls: [(name: String, call: String)] = [
        ("http.send", #"http.send({"method": "get", "url": "http://127.0.0.1:1/", "raise_error": false})"#),
        ("io.jwt.decode_verify", #"io.jwt.decode_verify("e30.e30.AAAA", {"secret": "s"})"#),
        ("io.jwt.encode_sign", #"io.jwt.encode_sign({"alg": "HS256"}, {}, \#(key))"#),
        ("io.jwt.encode_sign_raw", "io.jwt.encode_sign_raw(`{\"alg\":\"HS256\"}`, `{}`, `\(key)`)"),
        ("net.lookup_ip_addr", #"net.lookup_ip_addr("127.0.0.1")"#),
        ("opa.runtime", "opa.runtime()"),
        ("rand.intn", #"rand.intn("a", 5)"#),
        ("time.now_ns", "time.now_ns()"),
        ("uuid.rfc4122", #"uuid.rfc4122("a")"#),
    ]

    @Test func everyResultThatNeedNotBeTheSameIsTold() throws {
        // What always gives the same is not told.
        let terms = Self.calls.map(\.call) + [#"io.jwt.decode("e30.e30.")"#, "yaml.unmarshal(`a`)", "crypto.md5(`a`)"]
        let file = PolicyFile(
            name: "t.rego", text: Array("package t\np := [\(terms.joined(separator: ", "))]".utf8))
        let snapshot = Snapshot(policy: try Policy.compile([file], options: CompileOptions(functions: .all)))
        let evaluator = Evaluator(snapshot)
        var told: [String] = []
        var results: [String] = []
        evaluator.onNondeterministic = { name, _, result in
            told.append("\(name)")
            results.append(String(decoding: (try? evaluator.space.json(result)) ?? [], as: UTF8.self))
        }
        var answer = ByteBuffer()
        #expect(try evaluator.decide(snapshot.target([Array("t".utf8), Array("p".utf8)]), input: nil, into: &answer))
        #expect(told == Self.calls.map(\.name))
        #expect(results.allSatisfy { !$0.isEmpty })
    }
}
