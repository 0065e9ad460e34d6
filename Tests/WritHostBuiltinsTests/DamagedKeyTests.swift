import Testing
import Writ
import WritHostBuiltins

/// Damaged keys and requests that Go reads in another way than one expects: found by `Fuzz/builtins`.
@Suite struct DamagedKeyTests {
    /// The public key in it says that three bits of its last byte are unused, but they are set.
    private static let paddedKey = """
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgU23PJ1rRzowx9RN+gkS3u8X2tExbeGGTVecQeSW3zb2hRANCAwRS\
        C0GKGaJgLPn/yUvHp3ZpgvzgddObmQRBczf2wqVqoCcMeKSo1i23iB7bG40vOXKpkQTK+hIX9WYgDQWT20Of
        """

    /// The domain of its subject is of a type that is no string.
    private static let oddName = """
        MIICezCCAWMCAQAwNjEUMBIGCSqGSIb3DQEJARYFYUBiLmMxEjAQBgoJkiaJk/IsZAEZygJkYzEKMAgGA1UEEQwBMTCCASIwDQYJ\
        KoZIhvcNAQEBBQADggEPADCCAQoCggEBAKuRufz1oilRcO0SfnG6ptujPYDHzmeM80BAhLZMn0bVhJIKfdl77LdX97qFfMV9Dapw\
        ZZIRiQOxYyAs9lpKb/e7m+wATz1h2sSL36xNIutPXbeWE4dy0550oApyPf/J2a9EavPxOu3a5AMA6C1owOq4B4KW32y1ihTT452A\
        H++38C73J58zyBe25MsfLfph/DHQPB/yKi3IzZRsGD6Zvelnyu85UVg7me8VnWgutC4DrHtnHKzesauTMmNZtdEYMGiAsB/44V1G\
        7WIH9pZUYclhbNafwoVKvekDhCKhTzDBwb68FUqrQAXBlsfy1U+BUCu5Z26+bsSbASzqevJ9TAcCAwEAAaAAMA0GCSqGSIb3DQEB\
        CwUAA4IBAQCC+qLKb4/iIYwsC+Ia7BUV05TWSiJ4Kn5XKRvBq/+dogiSkKlwU6YwawPKznLNiL0Qmt1BDHGONhpsdkaz6zFgDGxV\
        +j4czMAxIlBUoLoW8V1V7+5+K/RiZkAD/BuEv+NSQz9xRDXmpw0Z71R+D4CsWT9oAen21tKflr5zxW30ory9C4MTr8FdEb6iDwDi\
        K5sHEtablzNGURwnwIMWNJr3jJqCpjQ+8DKIobrr/RHk7wAODxpJkCwQk7FDG2sqJ9N+vB+fgtyxxXmhT4u13O9oPNP1aDnxm05P\
        Ub7UHrgEJt89RlbNYuBlJ5jX+kHUoOaWUMmBaGMjS51j6rIo4xfp
        """

    /// The first of its attributes is no sequence.
    private static let oddAttribute = """
        MIHjMIGWAgEAMCUxCjAIBgNVBAcMAWwxCzAJBgNVBAkMAnN0MQowCAYDVQQKDAFvMCowBQYDK2VwAyEA/tqqOhA9bIHaB22WCegL\
        +RHsSvcjVAY3QPLLAYmJPSegPoARBgkqhkiG9w0BCQcxBAwCcHcwKQYJKoZIhvcNAQkOMRwwGjAYBgNVHREEETAPgg1iLmJhZC5l\
        eGFtcGxlMAUGAytlcANBAF3oL2jn0X5ljjDM/+HMugxVYIYypZxuAKoE8soB1PH7/kwKoC0Bwr022KdFhBDEchtgZDgC8/1x8PN3\
        orK2BAo=
        """

    @Test func unusedBitsOfAPublicKey() throws {
        do {
            _ = try Asked.value(
                "crypto.parse_private_keys(`-----BEGIN PRIVATE KEY-----\n\(Self.paddedKey)\n-----END PRIVATE KEY-----`)"
            )
            Issue.record("accepted")
        } catch let error as DecisionFailure {
            #expect(
                error.message == "crypto.parse_private_keys: x509: failed to parse EC private key embedded in PKCS#8: "
                    + "x509: failed to parse EC private key: asn1: syntax error: invalid padding bits in BIT STRING")
        }
    }

    @Test func valuesOfOtherTypesInAName() throws {
        let names = "[n.Value | n := crypto.x509.parse_certificate_request(`\(Self.oddName)`).Subject.Names[_]]"
        #expect(try Asked.value(names) == #"["a@b.c",null,"1"]"#)
    }

    @Test func attributesOfOtherForms() throws {
        let types = "[a.Type | a := crypto.x509.parse_certificate_request(`\(Self.oddAttribute)`).Attributes[_]]"
        #expect(try Asked.value(types) == "[[1,2,840,113549,1,9,14]]")
    }
}
