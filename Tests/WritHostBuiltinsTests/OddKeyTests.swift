import Testing
import Writ
import WritHostBuiltins

/// Keys and certificates that Go reads in another way than one expects, and what OPA's library for tokens takes: found
/// by `Fuzz/builtins`.
@Suite struct OddKeyTests {
    /// One bit of its signature's last byte is unused.
    private static let unusedBits = """
        MIICSTCCAaqgAwIBAgIBATAKBggqhkjOPQQDAzAAMCAXDTQ5MDEwMTAwMDAwMFoYDzIxNDgxMjA4MDAwMDAwWjAZMQswCQYDVQQLDAJ1\
        MTEKMAgGA1UECAwBczCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBANoLrrst5EbwOiNSzeQYHf5m5lswpy/o/Ws0/yJiZPJ3\
        59LGpkyNJVCk9eMHTxpS/XCFT6vyugrJSC+p1dqnwfhxkPcSno2hFzlHTWXxV8sLiCu7cs9o+tBaQA4D1bOLbs5odPyN6LgqfwbRJR3s\
        2ur4GYzJ7HD1qzYmJn6CJ0xrSr8wx6Bb9er3gKyb6Bgelh2fr53li+GKrYPfEVTtvcnUFCb1Snc0zgqJcVWxUwo+r+xERzLWHGf8008T\
        SoQzds0yuA+tHvyhZOdPp0XGuPLGV57Zh1AasmzghSzaiBxO9r+VAH1HOMWafOb7n54RJCwZaIhzZFcIb1v6phtx2N0CAwEAAaMvMC0w\
        DAYDVR0TAQH/BAIwADAPBgNVHSAECDAGMAQGAioDMAwGA1UdDgQFBANhYmMwCgYIKoZIzj0EAwMDgYwBMIGIAkIBBKxmGEMEwPjkUK2W\
        ZBbZI0jos9If/HNULpYdD28BlZL2ZS5qI+44yy+NLiZ3CIwsfLVsPI1zmlPLgVWibGxRO78CQgFc/PzaJfEwTJ4X8LRcwlmjk4X5uj1v\
        a2bsIMScxUWkWBc2NaaN1kIrOsiahO0IyI4mKTAQMoIs2yRyej2KHjauFg==
        """

    /// The element that holds its curve says that it is one byte long.
    private static let shortCurve = """
        MIGkAgEBBDAXWhiiZUBSXU22ZjfbjEoCUJv8ZiZoW9PfBsp5PhLxd+I1Mj8WHOrOZ9p7tHYQkeKgAQYFK4EEACKhZANiAARBmoi0/0Ie\
        ETIYLS+v3GEyUylIXnmZe8U0tCAwToLOVICk4UYLS5TrjFl+yAanN+Nwj2kuN6ZGbrEcAEarCEdTZ0NEKcrLrAnrgayjtKdDDoeQOej5\
        0LM/toIa2j2yaSA=
        """

    /// What stands in the place of its point is of no type that there is.
    private static let noPoint = """
        MIHcAgEBBEIAoaHX9lqmxyftlVv+haGblOH8e17/LRlObu6/3lMjeOAWYZszrHU0O5eHO9cVNy1GEVERq/4vDmbtLRPPQg9Dnt6gBwYF\
        K4EEACOhgYkAgYYABAFb7QGSB969JZzCu6GXcsIimr7fQxR2p9KFu5x/cCayQwFy+K6ZXDz900tPmo4NN2oh8OBiX/fVDrIqRz1wieeP\
        nQEtgbPyCMH6eL1ITgPHbCddP65LA8yuVYLOFzAl+FPiia30r2+188R/T8eVn6n6XEY3gvVeoUD8clz/V9SvsvdBeQ==
        """

    private static let p224 = """
        MGgCAQEEHI1vLvdYHqk/qHrmphFN3ifK0CO4NnaI0lVbq82gBwYFK4EEACGhPAM6AAQc8LVKBwqwEcBcBgx5opdGYOHtrXZQmG3A/M2V\
        1pbj4q/R1k18k2RcirH+g6KKZYz4N65VfT8RXg==
        """

    /// Excludes the mail address `\u{1}@a.example`.
    private static let badMailbox = """
        MIIBKDCBzqADAgECAgEFMAoGCCqGSM49BAMCMAwxCjAIBgNVBAMMAWEwHhcNMjAwMTAxMDAwMDAwWhcNNDAwMTAxMDAwMDAwWjAMMQow\
        CAYDVQQDDAFhMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEKl8i69PiDYVKrrn4CGZ9xBPvw3Kq7e7elb2kimwofKWIwTu4iimQo0Qg\
        Xzxt0zom6sIsMcDF3SY8eUwhr/EAIqMhMB8wHQYDVR0eAQH/BBMwEaEPMA2BCwFAYS5leGFtcGxlMAoGCCqGSM49BAMCA0kAMEYCIQDb\
        WhldyIzIyiqTk+Oh3tX+4kVjPLaTG5wtEkEIG4BfHQIhAI1MeMW3+X1HqLwgF71EAGOoDeocu1awkcQsk+HWOKMP
        """

    /// Excludes the mail address `a\ @a.examp`.
    private static let escapedMailbox = """
        MIIBKDCBzqADAgECAgEFMAoGCCqGSM49BAMCMAwxCjAIBgNVBAMMAWEwHhcNMjAwMTAxMDAwMDAwWhcNNDAwMTAxMDAwMDAwWjAMMQow\
        CAYDVQQDDAFhMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEKl8i69PiDYVKrrn4CGZ9xBPvw3Kq7e7elb2kimwofKWIwTu4iimQo0Qg\
        Xzxt0zom6sIsMcDF3SY8eUwhr/EAIqMhMB8wHQYDVR0eAQH/BBMwEaEPMA2BC2FcIEBhLmV4YW1wMAoGCCqGSM49BAMCA0kAMEYCIQDb\
        WhldyIzIyiqTk+Oh3tX+4kVjPLaTG5wtEkEIG4BfHQIhAI1MeMW3+X1HqLwgF71EAGOoDeocu1awkcQsk+HWOKMP
        """

    /// Its point is not on its curve, and its attributes are cut off.
    private static let cutRequest = """
        MIIBmDCB+gIBADApMQ4wDAYDVQQDDAVjbiDDpDELMAkGA1UEBhMCREUxCjAIBgNVBAcMAWwwgZswEAYHKoZIzj0CAQYFK4EEACMDgYYA\
        BAFb7QGSB969JZzCu6GXcsIimr7fQxR2p9KFu5x/cCayQwFy+K6ZXDz900tPmo4NN2oh8OBiX/fVDrIqRz1wieePnQEtgbPyCMH6eL1I\
        gAPHbCddP65LscyuVYLOFzAl+FPiia30r2+188R/T8eVn6n6XEY3gvVeoUD8clz/V9SvsvdBeaAsMCoGCSqGSIb3DQEJDjEdMBswGQYD\
        VR0RBBIwEKQOMAwxCjAIBgNVBAMMAWQwAQYIKoZIzj0EAwIDgYwAMIGIAkIBnW5dEzGwA32Ehla2G1BqPTuMptkC/Unz6ri8EiYo7tMP\
        cCD9+bwvowbgoH1SmKoiBWDNLVJiQLrQeu2YxerP+qECQgHksocNUMSE2bpzYx4Cfp59cvXIAP+lHsfCkQp2Ko7RqZEFNC5nq2ZpoOcL\
        tHaM/7JC0rM6rJwx6oj2vI32rhOvZA==
        """

    private static let rsa = """
        MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDhrAGDAga68VUNtvqLx5pcyZmcMFwHElfS6Zpn47LpUJkKMHAVn/zdLLbJFup5iwwc\
        RmWYLjLIqdWy1FKWvgtmikUOVwMtN4XHLwOwxj8XBqXy4iKvvi04TLpVhpzJCEsvGDT/gSazziy9G/zFoDQRjcyikNXWUCgT8eEwUJDN\
        gQIDAQAB
        """

    private func block(_ label: String, _ text: String) -> String {
        "`-----BEGIN \(label)-----\n\(text)\n-----END \(label)-----`"
    }

    private func problem(_ expression: String) -> String {
        do { return "gives " + (try Asked.value(expression)) } catch let error as DecisionFailure {
            return error.message
        } catch { return "\(error)" }
    }

    @Test func unusedBitsOfASignature() throws {
        let signature = try Asked.value("crypto.x509.parse_certificates(`\(Self.unusedBits)`)[0].Signature")
        #expect(
            signature == """
                "GEDEASEAglYzDCGCYHxyKFbLMgtskaR0WekP/jmqF0sOh7eAysl7Mpc1EfccZZfGlxM7hEYWPlq2Hka5zSnlwKrRNjYond+BIQCufn5t\
                EviYJk8L+FouYSzRycL83R63tbN2EGJOYqLSLAubGtNG6yEVnWRNQnaEZEcTFJgIGUEWbZI5PR7FDxtXCw=="
                """)
    }

    @Test func lengthsOfExplicitElements() throws {
        for (key, curve) in [(Self.shortCurve, "P-384"), (Self.noPoint, "P-521")] {
            let text = block("EC PRIVATE KEY", key)
            #expect(try Asked.value("crypto.x509.parse_rsa_private_key(\(text)).crv") == "\"\(curve)\"")
        }
    }

    @Test func privateKeysOnP224() throws {
        let key = "crypto.parse_private_keys(\(block("EC PRIVATE KEY", Self.p224)))[0]"
        #expect(
            try Asked.value("[\(key).D, \(key).X]") == """
                [14894771348487081820260652818866708363668087314062770701562621438925,\
                3047765760623076071576751117018412039041055759972212453618097114517]
                """)
        let message = problem("crypto.x509.parse_rsa_private_key(\(block("EC PRIVATE KEY", Self.p224)))")
        #expect(message.contains("converting ECDSA private key to JWK: unknown elliptic curve"))
    }

    @Test func mailboxesOfConstraints() throws {
        #expect(
            problem("crypto.x509.parse_certificates(`\(Self.badMailbox)`)")
                == #"crypto.x509.parse_certificates: x509: failed to parse rfc822Name constraint "\x01@a.example""#)
        let addresses = "crypto.x509.parse_certificates(`\(Self.escapedMailbox)`)[0].ExcludedEmailAddresses"
        #expect(try Asked.value(addresses) == #"["a\\ @a.examp"]"#)
    }

    @Test func formOfARequestComesFirst() {
        let message = problem("crypto.x509.parse_certificate_request(`\(Self.cutRequest)`)")
        #expect(message.hasPrefix("crypto.x509.parse_certificate_request: asn1: "))
    }

    /// What RFC 7518 demands of salts `io.jwt.decode_verify` asks, `io.jwt.verify_ps256` does not.
    @Test(arguments: [
        // 0 bytes
        """
        HkTB4paHmTvrvq4JYp0lzzPL5J68oQVR6K5lOLBuMKSGkIWmWxWfDzLFrx_PsrLfrLDYoqU1YTTqAlMJQmYyUmSka7Venp9BOQ9Y\
        aYkj_JbhjfijQ6v6AWi4G18nDQgCKlSiLYs1xQ8gtoVFfN7PGp1VRoTWL2ZbMDwx39goIgI
        """,
        // 20 bytes
        """
        o3Rb2zJbnXGfNDzoDf8r8uXEIUHYgjrebbIVSYOhXJbBhd-LMpqESfTDcBoRAF2ojdqNXylgXJH4aZlC--8g5sUdMssuhckNyRyn\
        8nOc07XE6XLgQLcR2GKRA83-RK6Dxjzh38wx3BeTZXDgMLHlKnWNGWu-8NnAQRhz5UNZQMk
        """,
        // 94, the longest bytes
        """
        lP0OzKJmMO69ZvaDLf-KyY55o11Jpco-UAwNHvi1-JRd91OIqKv5Fh8X9GjlIuHifab0iQQQbJcdRLYpVX7Kc1gb133hvVDg3tgD\
        nHT5TMKJfk0K0wtq12ZZzI90AhPNAuqXN4L6uq2e0pxdc9lX91HdS6URpKPjqlbqCqqIM7w
        """,
    ])
    func saltsOfAnyLength(_ signature: String) throws {
        let token = "`eyJhbGciOiAiUFMyNTYifQ.e30.\(signature)`"
        let key = block("PUBLIC KEY", Self.rsa)
        #expect(try Asked.value("io.jwt.verify_ps256(\(token), \(key))") == "true")
        #expect(try Asked.value("io.jwt.verify_ps384(\(token), \(key))") == "false")
        #expect(try Asked.value("io.jwt.decode_verify(\(token), {\"cert\": \(key)})[0]") == "false")
        // One bit of the signature, and of what is signed.
        let first = signature.first == "l" ? "m" : "l"
        let changed = "`eyJhbGciOiAiUFMyNTYifQ.e30.\(first)\(signature.dropFirst())`"
        #expect(try Asked.value("io.jwt.verify_ps256(\(changed), \(key))") == "false")
        let other = "`eyJhbGciOiAiUFMyNTYifQ.e30K.\(signature)`"
        #expect(try Asked.value("io.jwt.verify_ps256(\(other), \(key))") == "false")
    }

    @Test(arguments: [
        (#"{"kty": "RSA", "n": "qH4TTqKx", "e": "Aw", "d": "Aw", "p": "Aw"}"#, #"missing "q" value"#),
        (#"{"kty": "RSA", "n": "qH4TTqKx", "e": "Aw", "d": "Aw", "q": "Aw"}"#, #"missing "p" value"#),
        (
            #"""
            {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", \#
            "d": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}
            """#,
            "jwk.OKPPrivateKey: failed to build private key: ed25519: invalid x value given d value"
        ),
    ])
    func privateKeysThatVerify(_ key: String, _ reason: String) {
        #expect(
            problem("io.jwt.verify_rs256(`e30.e30.e30`, `\(key)`)")
                == "io.jwt.verify_rs256: jwk.Export: failed to export jwk.Key to raw format: " + reason)
    }
}
