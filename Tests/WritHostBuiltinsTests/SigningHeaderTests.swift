import Testing
import Writ
import WritHostBuiltins

/// Headers of tokens that are signed, which OPA's library reads more generously than JSON: the answers are OPA
/// 1.20.2's.
@Suite struct SigningHeaderTests {
    private func sign(_ header: String) -> String {
        let call = "io.jwt.encode_sign_raw(`\(header)`, `{}`, `{\"kty\": \"oct\", \"k\": \"c2VjcmV0\"}`)"
        do { return try Asked.value("split(\(call), \".\")[1]") } catch let error as DecisionFailure {
            return String(error.message.dropFirst("io.jwt.encode_sign_raw: ".count))
        } catch { return "\(error)" }
    }

    @Test(arguments: [
        " {\"alg\":\"HS256\"}\n",
        #"{"alg":"HS256","x":1-2}"#,
        #"{"alg":"HS256","x":[nan,iNf,-inf,+NAN,--,e]}"#,
        #"{"alg":"HS256","a":"\u12"}"#,
        #"{"alg":"HS256","alg":"x"}"#,
        #"{"\u0061lg":"HS256"}"#,
        #"{"alg":"\u0048S\u0032\u0035\u0036"}"#,
        #"{"alg":"HS256","typ":1}"#,
        "{\"alg\":\"HS256\",\"x\":\(String(repeating: "[", count: 299))\(String(repeating: "]", count: 299))}",
    ])
    func taken(_ header: String) { #expect(sign(header) == #""e30""#) }

    @Test(arguments: [
        (#"{"alg": "HS384"}x"#, #"unexpected tail: "x""#),
        (#""#, #"cannot parse JSON: cannot parse empty string; unparsed tail: """#),
        (
            #"{"alg":"HS256",}"#,
            #"cannot parse JSON: cannot parse object: cannot find opening '"" for object key; unparsed tail: "}""#
        ),
        (#"{"alg":"HS256""#, #"cannot parse JSON: cannot parse object: unexpected end of object; unparsed tail: """#),
        (
            #"{"alg":"HS256","x":tru}"#,
            #"cannot parse JSON: cannot parse object: cannot parse object value: unexpected value found: "tru}""#
                + #"; unparsed tail: "tru}""#
        ),
        (
            #"{"alg":"HS256","x":[1,]}"#,
            #"cannot parse JSON: cannot parse object: cannot parse object value: cannot parse array: cannot parse array value: cannot parse number: unexpected char: "]""#
                + #"; unparsed tail: "]}""#
        ),
        (
            #"{"alg":"HS256","x":[1}"#,
            #"cannot parse JSON: cannot parse object: cannot parse object value: cannot parse array: missing ',' after array value"#
                + #"; unparsed tail: "}""#
        ),
        (
            #"{"alg" "HS256"}"#,
            #"cannot parse JSON: cannot parse object: missing ':' after object key; unparsed tail: "\"HS256\"}""#
        ),
        (
            #"{alg:"HS256"}"#,
            #"cannot parse JSON: cannot parse object: cannot find opening '"" for object key"#
                + #"; unparsed tail: "alg:\"HS256\"}""#
        ),
        (
            #"{"alg":"HS256","x":"a"#,
            #"cannot parse JSON: cannot parse object: cannot parse object value: cannot parse string: missing closing '"'"#
                + #"; unparsed tail: """#
        ),
        (#"[]"#, #"jwsbb: header "alg" not found"#),
        (
            #"{"alg":"HS256"}ääääääääääääääääääääääääääääääääääääääääxx"#,
            #"unexpected tail: "ääääääääääääääääääää...äääääääääääääääääääxx""#
        ),
        (#"{"alg":null}"#, #"value doesn't contain string; it contains null"#),
        (#"{"alg":{}}"#, #"value doesn't contain string; it contains object"#),
        (#"{"alg":NaN}"#, #"value doesn't contain string; it contains number"#),
        (#"null"#, #"jwsbb: header "alg" not found"#),
        (
            #"{"alg":"HS256","x":-Infinity}"#,
            #"cannot parse JSON: cannot parse object: missing ',' after object value; unparsed tail: "inity}""#
        ),
        (
            #"{"x":na}"#,
            #"cannot parse JSON: cannot parse object: cannot parse object value: unexpected value found: "na}""#
                + #"; unparsed tail: "na}""#
        ),
        (
            #"{"x":-i}"#,
            #"cannot parse JSON: cannot parse object: cannot parse object value: cannot parse number: unexpected char: "-""#
                + #"; unparsed tail: "-i}""#
        ),
        (#"["#, #"cannot parse JSON: cannot parse array: missing ']'; unparsed tail: """#),
        (#""a\""#, #"cannot parse JSON: cannot parse string: missing closing '"'; unparsed tail: """#),
    ])
    func refused(_ header: String, _ reason: String) {
        #expect(sign(header) == "missing or invalid 'alg' header: " + reason)
    }

    @Test(arguments: [
        (#"{"alg":"H\q\u12"}"#, #"unknown JWS algorithm: H\q\u12"#),
        (#"{"alg":"\ud83d\ude00\ud83d"}"#, #"unknown JWS algorithm: 😀\ud83d"#),
    ])
    func unknown(_ header: String, _ reason: String) { #expect(sign(header) == reason) }
}
