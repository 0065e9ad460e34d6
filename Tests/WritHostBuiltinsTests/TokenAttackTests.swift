import Testing
import Writ
import WritHostBuiltins

/// Attacks on verifiers of tokens that have worked elsewhere.
@Suite struct TokenAttackTests {
    private static let secret = "c2VjcmV0"

    /// A token of this header, signed with the shared secret `secret`.
    private static func signed(_ header: String, _ payload: String = "{}") -> String {
        #"io.jwt.encode_sign_raw(`\#(header)`, `\#(payload)`, `{"kty":"oct","k":"\#(secret)"}`)"#
    }

    private static func judged(_ token: String, _ constraints: String = #"{"secret": "secret", "time": 10000000000}"#)
        throws -> String
    {
        try Asked.value("io.jwt.decode_verify(\(token), \(constraints))[0]")
    }

    @Test func aGoodTokenIsGood() throws {
        #expect(try Self.judged(Self.signed(#"{"alg":"HS256"}"#)) == "true")
    }

    /// `{"alg":"none"}` in several spellings, without a signature.
    @Test(arguments: ["eyJhbGciOiJub25lIn0", "eyJhbGciOiJOb25lIn0", "eyJhbGciOiIifQ", "e30"])
    func aTokenWithoutSignatureIsRefused(_ header: String) throws {
        #expect(try Self.judged("`\(header).e30.`") == "false")
        #expect(try Self.judged("`\(header).e30.AAAA`") == "false")
    }

    /// The verifier's public key, known to everyone, taken as a shared secret.
    @Test func aPublicKeyIsNoSharedSecret() throws {
        let certificate = TestCertificates.leaf
        let key = #"json.marshal({"kty": "oct", "k": base64url.encode_no_pad(text)})"#
        let forged = #"io.jwt.encode_sign_raw(`{"alg":"HS256"}`, `{}`, \#(key))"#
        let asked = "[io.jwt.decode_verify(\(forged), {`cert`: text})[0] | text := `\(certificate)`][0]"
        #expect(try Asked.value(asked) == "false")
        // As a shared secret that the policy itself names so, it is one.
        let named = "[io.jwt.decode_verify(\(forged), {`secret`: text})[0] | text := `\(certificate)`][0]"
        #expect(try Asked.value(named) == "true")
    }

    /// A key that the token brings along is not asked.
    @Test func anEmbeddedKeyIsIgnored() throws {
        let header = #"{"alg":"HS256","jwk":{"kty":"oct","k":"YXR0YWNr"},"x5u":"http://a/","jku":"http://a/"}"#
        let forged = #"io.jwt.encode_sign_raw(`\#(header)`, `{}`, `{"kty":"oct","k":"YXR0YWNr"}`)"#
        #expect(try Self.judged(forged) == "false")
        #expect(try Self.judged(Self.signed(header)) == "true")
    }

    /// Nor is a chain of certificates that it brings along.
    @Test func anEmbeddedChainIsIgnored() throws {
        let chain = TestCertificates.leaf.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
        let header = #"{"alg":"HS256","x5c":["\#(chain)"],"x5t":"AAAA","jku":"http://a/","kid":"../../dev/null"}"#
        let forged = #"io.jwt.encode_sign_raw(`\#(header)`, `{}`, `{"kty":"oct","k":"YXR0YWNr"}`)"#
        #expect(try Self.judged(forged) == "false")
        #expect(try Self.judged(Self.signed(header)) == "true")
    }

    /// Of two algorithms in a header the last one counts, for the signature as for the claim that there is none: but where
    /// a token is signed, as in OPA.
    @Test func theAlgorithmNamedTwice() throws {
        // {"alg":"none","alg":"HS256"}
        #expect(
            try Self.judged(
                "`eyJhbGciOiJub25lIiwiYWxnIjoiSFMyNTYifQ.e30."
                    + "VBSk5wFcWWDR9OvRQAulAQwpX0x0cg3w5toy1ZFXAnE`") == "true")
        // Signing goes by the first.
        #expect(throws: DecisionFailure.self) { try Self.judged(Self.signed(#"{"alg":"none","alg":"HS256"}"#)) }
        #expect(try Self.judged(Self.signed(#"{"alg":"HS384","alg":"HS256"}"#)) == "false")
        // {"alg":"HS256","alg":"none"}
        #expect(try Self.judged("`eyJhbGciOiJIUzI1NiIsImFsZyI6Im5vbmUifQ.e30.`") == "false")
    }

    /// A good signature of one curve under the name of another's algorithm, and for a key of another.
    @Test func theWrongCurve() throws {
        // RFC 7515, A.3.
        let key =
            #"{"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "#
            + #""y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#
        for (algorithm, expected) in [("es256", "true"), ("es384", "false"), ("es512", "false")] {
            let token = #"io.jwt.encode_sign({"alg": "ES256"}, {}, \#(key))"#
            #expect(
                try Asked.value("io.jwt.verify_\(algorithm)(\(token), json.marshal(json.remove(\(key), [`d`])))")
                    == expected)
        }
    }

    /// Go, and so OPA, reads null into a text as the empty one.
    @Test func nullInKeys() throws {
        let token = Self.signed(#"{"alg":"HS256"}"#)
        for member in ["kid", "use", "key_ops", "x5t", "x5u"] {
            let key = #"{"keys":[{"kty":"oct","k":"\#(Self.secret)","\#(member)":null}]}"#
            #expect(try Self.judged(token, "{`cert`: `\(key)`}") == "true")
        }
        for member in ["alg", "k", "x5c"] {
            let key = #"{"keys":[{"kty":"oct","k":"\#(Self.secret)","\#(member)":null}]}"#
            #expect(throws: DecisionFailure.self) { try Self.judged(token, "{`cert`: `\(key)`}") }
        }
    }

    @Test(arguments: [
        (#"{"exp":10}"#, "false"), (#"{"exp":10.5}"#, "true"), (#"{"exp":11}"#, "true"), (#"{"exp":9}"#, "false"),
        (#"{"nbf":10}"#, "true"), (#"{"nbf":10.5}"#, "false"), (#"{"nbf":11}"#, "false"), (#"{"exp":1e300}"#, "true"),
        // Of equal names the last counts.
        (#"{"exp":11,"exp":9}"#, "false"), (#"{"exp":9,"exp":11}"#, "true"),
        // An audience that nobody asked for.
        (#"{"aud":"other"}"#, "false"), (#"{"aud":["a","b"]}"#, "false"),
    ])
    func claims(_ payload: String, _ expected: String) throws {
        #expect(try Self.judged(Self.signed(#"{"alg":"HS256"}"#, payload)) == expected)
    }

    @Test(arguments: [#"{"exp":"11"}"#, #"{"nbf":null}"#, #"{"exp":[11]}"#])
    func timesThatAreNoNumbersAreErrors(_ payload: String) {
        #expect(throws: DecisionFailure.self) { try Self.judged(Self.signed(#"{"alg":"HS256"}"#, payload)) }
    }

    @Test(arguments: [
        #"{"alg":"HS256","crit":["exp"],"exp":1}"#, #"{"alg":"HS256","crit":["b64"],"b64":false}"#,
    ])
    func whatIsCriticalMustBeUnderstood(_ header: String) throws {
        #expect(try Self.judged(Self.signed(header)) == "false")
    }

    /// Only the algorithm that the caller asks for, whatever the header says.
    @Test func theAlgorithmIsTheCallers() throws {
        let token = Self.signed(#"{"alg":"HS512"}"#)
        #expect(try Self.judged(token, #"{"secret": "secret", "alg": "HS256"}"#) == "false")
        #expect(try Self.judged(token, #"{"secret": "secret", "alg": "HS512"}"#) == "true")
        #expect(try Asked.value("io.jwt.verify_hs256(\(token), `secret`)") == "false")
    }

    /// A signature on one curve presented to a key on another, too long, too short, in DER.
    @Test(arguments: ["AAAA", "", String(repeating: "A", count: 128), String(repeating: "_", count: 86), "MAYCAQECAQE"])
    func signaturesOfTheWrongForm(_ signature: String) throws {
        let token = "`eyJhbGciOiJFUzI1NiJ9.e30.\(signature)`"
        #expect(try Asked.value("io.jwt.verify_es256(\(token), `\(TestCertificates.leaf)`)") == "false")
        #expect(try Asked.value("io.jwt.verify_rs256(\(token), `\(TestCertificates.leaf)`)") == "false")
        #expect(try Asked.value("io.jwt.verify_eddsa(\(token), `\(TestCertificates.leaf)`)") == "false")
        #expect(try Self.judged(token, "{`cert`: `\(TestCertificates.leaf)`}") == "false")
    }

    /// Numbers that would keep a verifier busy for a long time.
    @Test func hugeKeysAreRefusedAtOnce() throws {
        let huge = String(repeating: "_", count: 40_000)
        for key in [
            #"{"kty":"RSA","n":"\#(huge)","e":"AQAB"}"#, #"{"kty":"RSA","n":"AQAB","e":"\#(huge)"}"#,
            #"{"kty":"EC","crv":"P-256","x":"\#(huge)","y":"AA"}"#, #"{"kty":"RSA","n":"AA","e":"AQAB"}"#,
            #"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#, #"{"kty":"OKP","crv":"Ed25519","x":"AA"}"#,
        ] {
            #expect(throws: DecisionFailure.self) { try Asked.value("io.jwt.verify_rs256(`e30.e30.AAAA`, `\(key)`)") }
        }
        // Small, even, or with a useless exponent: read, but nothing is good under it.
        let even = String(repeating: "fn5-", count: 86)
        for key in [
            #"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#, #"{"kty":"RSA","n":"\#(even)","e":"AQAB"}"#,
            #"{"kty":"RSA","n":"\#(even)","e":"AQ"}"#, #"{"kty":"RSA","n":"\#(even)","e":"f_______"}"#,
        ] {
            let token = "`e30.e30.\(String(repeating: "A", count: 344))`"
            #expect(try Asked.value("io.jwt.verify_rs256(\(token), `\(key)`)") == "false")
        }
    }

    /// Work on a token counts as steps of the evaluation.
    @Test func oversizedTokensUseUpTheBudget() throws {
        let file = PolicyFile(
            name: "t.rego", text: Array("package t\np := io.jwt.decode(input)".utf8))
        let snapshot = Snapshot(policy: try Policy.compile([file], options: CompileOptions(functions: .all)))
        var limits = DecisionLimits()
        limits.steps = 1000
        let evaluator = Evaluator(snapshot, limits: limits)
        evaluator.isStrict = true
        let target = snapshot.target([Array("t".utf8), Array("p".utf8)])
        let input = Array(("\"" + String(repeating: "A", count: 1 << 20) + "..\"").utf8)
        var answer = ByteBuffer()
        #expect(throws: DecisionFailure.self) {
            try input.withUnsafeBufferPointer { _ = try evaluator.decide(target, input: $0, into: &answer) }
        }
    }

    @Test(arguments: [
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----", "-----BEGIN PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n-----END PUBLIC KEY-----",
        "{}", "[]", "7", "", #"{"keys":7}"#, #"{"keys":[{}]}"#, #"{"kty":"RSA"}"#, #"{"kty":7}"#,
        #"{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}"#, #"{"kty":"RSA","n":"!","e":"AQAB"}"#,
    ])
    func malformedKeysAreErrors(_ key: String) {
        #expect(throws: DecisionFailure.self) { try Asked.value("io.jwt.verify_rs256(`e30.e30.AAAA`, `\(key)`)") }
    }

    @Test(arguments: [
        "", ".", "..", "a.b", "a.b.c.d", "e30.e30.A", "e30.e30.A!AA", "e30.!.AAAA", "W10.e30.AAAA", "e30.W10.AA",
    ])
    func malformedTokensAreErrors(_ token: String) {
        #expect(throws: DecisionFailure.self) { try Asked.value("io.jwt.decode(`\(token)`)") }
    }

    /// Of the keys of a set the one that the header names, if there is one, and no other.
    @Test func theNamedKeyDecides() throws {
        let set = #"{"keys":[{"kty":"oct","k":"YQ","kid":"a"},{"kty":"oct","k":"\#(Self.secret)","kid":"b"}]}"#
        let asked = "{`cert`: `\(set)`}"
        #expect(try Self.judged(Self.signed(#"{"alg":"HS256"}"#), asked) == "true")
        #expect(try Self.judged(Self.signed(#"{"alg":"HS256","kid":"b"}"#), asked) == "true")
        #expect(try Self.judged(Self.signed(#"{"alg":"HS256","kid":"a"}"#), asked) == "false")
        #expect(try Self.judged(Self.signed(#"{"alg":"HS256","kid":"c"}"#), asked) == "true")
    }
}
