import Foundation
import Testing
import Writ
import WritHostBuiltins

/// Texts changed at random, asked of every function that reads keys, certificates or tokens: whatever it answers, the
/// process and the evaluator live on.
///
/// `WRIT_MUTATIONS` gives the number of rounds (200), `WRIT_MUTATION_SEED` where they begin (1).
@Suite struct MutationTests {
    private static let policy = """
        package t
        p contains x if { some x in io.jwt.decode(input[0]) }
        p contains io.jwt.decode_verify(input[0], {"cert": input[1], "time": 1})
        p contains io.jwt.decode_verify(input[0], {"secret": input[1], "time": 1})
        p contains io.jwt.verify_hs256(input[0], input[1])
        p contains io.jwt.verify_rs256(input[0], input[1])
        p contains io.jwt.verify_ps384(input[0], input[1])
        p contains io.jwt.verify_es256(input[0], input[1])
        p contains io.jwt.verify_eddsa(input[0], input[1])
        p contains io.jwt.encode_sign_raw(`{"alg":"ES256"}`, input[0], input[1])
        p contains io.jwt.encode_sign_raw(input[1], `{}`, `{"kty":"oct","k":"AAAA"}`)
        p contains crypto.x509.parse_certificates(input[1])
        p contains crypto.x509.parse_and_verify_certificates(input[1])
        p contains crypto.x509.parse_and_verify_certificates_with_options(input[1], {"DNSName": "a.device.example"})
        p contains crypto.x509.parse_certificate_request(input[1])
        p contains crypto.x509.parse_keypair(input[1], input[1])
        p contains crypto.x509.parse_rsa_private_key(input[1])
        p contains crypto.parse_private_keys(input[1])
        """

    private static let tokens =
        TokenVectorTests.vectors.map { $0.token } + ["eyJhbGciOiJIUzI1NiIsImN0eSI6IkpXVCJ9.ZTMwLmUzMC5BQUFB.AAAA"]

    private static let keys =
        TokenVectorTests.vectors.map { $0.key } + [
            TestCertificates.root + TestCertificates.intermediate + TestCertificates.leaf, TestCertificates.leaf,
            TestCertificates.leafKey, TestCertificates.leaf + TestCertificates.leafKey,
            #"{"keys":[{"kty":"oct","k":"AAAA","kid":"a"}]}"#,
        ]

    @Test func changedTextsAreAnsweredAndForgotten() throws {
        let environment = ProcessInfo.processInfo.environment
        let rounds = environment["WRIT_MUTATIONS"].flatMap(Int.init) ?? 200
        var generator = Generator(state: environment["WRIT_MUTATION_SEED"].flatMap(UInt64.init) ?? 1)
        let file = PolicyFile(name: "t.rego", text: Array(Self.policy.utf8))
        let snapshot = Snapshot(policy: try Policy.compile([file], options: CompileOptions(functions: .all)))
        let target = snapshot.target([Array("t".utf8), Array("p".utf8)])
        let evaluator = Evaluator(snapshot)
        for _ in 0..<rounds {
            let token = Self.changed(Self.tokens, &generator)
            let key = Self.changed(Self.keys, &generator)
            let input = try JSONSerialization.data(withJSONObject: [token, key])
            var answer = ByteBuffer()
            let isDefined = try Array(input).withUnsafeBufferPointer {
                try evaluator.decide(target, input: $0, into: &answer)
            }
            #expect(isDefined, "\(token) \(key)")
        }
    }

    private static func changed(_ texts: [String], _ generator: inout Generator) -> String {
        var text = Array(texts.randomElement(using: &generator)?.utf8 ?? "".utf8)
        for _ in 0..<Int.random(in: 0...4, using: &generator) where !text.isEmpty {
            let index = Int.random(in: 0..<text.count, using: &generator)
            switch Int.random(in: 0..<8, using: &generator) {
            case 0: text.removeSubrange(index..<min(text.count, index + Int.random(in: 1...8, using: &generator)))
            case 1: text.insert(contentsOf: text[index..<min(text.count, index + 16)], at: index)
            case 2: text[index] = UInt8.random(in: 0x20..<0x7f, using: &generator)
            case 3: text.removeLast(text.count - index)
            default:
                // Another digit of base64 mostly: another byte of a key or a certificate.
                let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=".utf8)
                text[index] = digits.randomElement(using: &generator) ?? text[index]
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Numbers that are the same in every run (SplitMix64).
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var value = state
            value = (value ^ (value &>> 30)) &* 0xbf58_476d_1ce4_e5b9
            value = (value ^ (value &>> 27)) &* 0x94d0_49bb_1331_11eb
            return value ^ (value &>> 31)
        }
    }
}
