import Testing
import Writ
import WritHostBuiltins

/// The examples of the standards: RFC 7515 (appendix A), RFC 8037 (appendix A).
@Suite struct TokenVectorTests {
    struct Vector: Sendable {
        let algorithm: String
        let signed: String
        let signature: String
        let key: String

        var token: String { signed + "." + signature }
    }

    private static let claims =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

    static let vectors = [
        Vector(
            algorithm: "rs256", signed: "eyJhbGciOiJSUzI1NiJ9." + claims,
            signature: """
                cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2F\
                p5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQB\
                MHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeY\
                I2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw
                """,
            key: #"""
                {"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qP\#
                CJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LO\#
                L-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5Zw\#
                Kh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\#
                ","e":"AQAB"}
                """#),
        Vector(
            algorithm: "es256", signed: "eyJhbGciOiJFUzI1NiJ9." + claims,
            signature: "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
            key: #"""
                {"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m\#
                36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}
                """#),
        Vector(
            algorithm: "es512", signed: "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA",
            signature: """
                AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG\
                8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn
                """,
            key: #"""
                {"kty":"EC","crv":"P-521","x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjF\#
                Z6OvLFV1jSfS9tsz4qUxcWceqwQGk","y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhj\#
                Dly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"}
                """#),
        Vector(
            algorithm: "eddsa", signed: "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
            signature: "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
            key: #"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#),
    ]

    @Test(arguments: vectors)
    func verifies(_ vector: Vector) throws {
        #expect(try Asked.value("io.jwt.verify_\(vector.algorithm)(`\(vector.token)`, `\(vector.key)`)") == "true")
        // Any other payload is not what was signed.
        let other = vector.signed + "AA." + vector.signature
        #expect(try Asked.value("io.jwt.verify_\(vector.algorithm)(`\(other)`, `\(vector.key)`)") == "false")
    }

    private static let secretKey = #"""
        {"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}
        """#

    @Test func theKeyedHashOfRFC7515() throws {
        let token =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + Self.claims
            + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        let asked = "io.jwt.decode_verify(`\(token)`, {`cert`: `\(Self.secretKey)`, `time`: 0})"
        #expect(
            try Asked.value(asked) == #"""
                [true,{"alg":"HS256","typ":"JWT"},{"exp":1300819380,"http://example.com/is_root":true,"iss":"joe"}]
                """#)
        // A second after it expired.
        let late = "io.jwt.decode_verify(`\(token)`, {`cert`: `\(Self.secretKey)`, `time`: 1300819381000000000})"
        #expect(try Asked.value(late) == "[false,{},{}]")
    }

    @Test func theSignatureOfRFC8037() throws {
        let key = #"""
            {"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",\#
            "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
            """#
        let signed = try Asked.value(#"io.jwt.encode_sign_raw(`{"alg":"EdDSA","typ":"x"}`, `a`, `\#(key)`)"#)
        #expect(
            signed == """
                "eyJhbGciOiJFZERTQSIsInR5cCI6IngifQ.YQ.5wzKKSDkIE48-8Kg5rDYWtrpXAor2tKXPH8ZEv3n72yzcwJ78VpiEk9JaU3mJ0Yab\
                Q31KLwM2jLlP60PjVP9AQ"
                """)
    }
}
