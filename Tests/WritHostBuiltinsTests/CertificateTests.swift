import Testing
import Writ
import WritHostBuiltins

@Suite struct CertificateTests {
    private static let chain = [TestCertificates.root, TestCertificates.intermediate, TestCertificates.leaf]
    /// 1 June 2020.
    private static let time = "1590969600000000000"

    private static func holds(_ certificates: [String], _ options: String = "") throws -> String {
        let text = certificates.joined()
        let options = options.isEmpty ? "`CurrentTime`: \(time)" : "`CurrentTime`: \(time), \(options)"
        return try Asked.value(
            "crypto.x509.parse_and_verify_certificates_with_options(`\(text)`, {\(options)})[0]")
    }

    @Test func fields() throws {
        let asked = """
            [[c.Subject.CommonName, c.Issuer.CommonName, c.DNSNames, c.URIStrings, c.IsCA, c.SerialNumber, c.NotAfter,
            c.SignatureAlgorithm, c.PublicKeyAlgorithm, c.Version, c.KeyUsage, c.ExtKeyUsage] |
            c := crypto.x509.parse_certificates(`\(TestCertificates.leaf)`)[_]][0]
            """
        #expect(
            try Asked.value(asked) == #"""
                ["leaf","mid",["*.device.example"],["spiffe://example/d"],false,7,"2120-01-01T00:00:00Z",10,3,3,0,null]
                """#)
    }

    @Test func aChainFromRootToLeafHolds() throws {
        #expect(try Self.holds(Self.chain) == "true")
        let names = """
            [c.Subject.CommonName |
            c := crypto.x509.parse_and_verify_certificates(`\(Self.chain.joined())`)[1][_]]
            """
        #expect(try Asked.value(names) == #"["leaf","mid","root"]"#)
    }

    /// Texts that would take very long if what follows were read again for each beginning.
    @Test(arguments: [
        "-----BEGIN CERTIFICATE-----\n", "-----BEGIN A:-----\n", "-----BEGIN CERTIFICATE-----\na: b\n",
        "-----BEGIN X-----\n-----END Y-----\n",
    ])
    func manyBeginnings(_ line: String) throws {
        let text = String(repeating: line, count: 20_000) + "-----END CERTIFICATE-----\n"
        #expect(try Asked.value("crypto.x509.parse_certificates(`\(text)`)") == "[]")
    }

    @Test func aBrokenChainDoesNotHold() throws {
        let (root, mid, leaf) = (TestCertificates.root, TestCertificates.intermediate, TestCertificates.leaf)
        for chain in [
            [leaf], [root, leaf], [leaf, mid, root], [root, TestCertificates.noAuthority, leaf], [mid, root],
        ] {
            #expect(try Self.holds(chain) == "false")
        }
        #expect(try Self.holds([TestCertificates.shortRoot, mid, leaf]) == "false")
        #expect(try Self.holds([TestCertificates.shortRoot, mid]) == "true")
        #expect(try Self.holds([mid, leaf]) == "true")
    }

    @Test(arguments: [
        ("`DNSName`: `a.device.example`", "true"), ("`DNSName`: `A.Device.Example.`", "true"),
        ("`DNSName`: `device.example`", "false"), ("`DNSName`: `a.b.device.example`", "false"),
        ("`DNSName`: `10.0.0.1`", "false"), ("`KeyUsages`: [`KeyUsageClientAuth`]", "true"),
        ("`KeyUsages`: {`KeyUsageAny`}", "true"), ("`MaxConstraintComparisons`: 1", "true"),
    ])
    func options(_ options: String, _ expected: String) throws {
        #expect(try Self.holds(Self.chain, options) == expected)
    }

    @Test(arguments: ["1577836799999999999", "4733510400000000001", "0"])
    func outsideItsTimeNothingHolds(_ time: String) throws {
        let text = Self.chain.joined()
        let asked = "crypto.x509.parse_and_verify_certificates_with_options(`\(text)`, {`CurrentTime`: \(time)})[0]"
        #expect(try Asked.value(asked) == "false")
    }

    @Test(arguments: [
        "`DNSName`: 7", "`CurrentTime`: `x`", "`KeyUsages`: `x`", "`KeyUsages`: [`x`]", "`x`: 1",
        "`MaxConstraintComparisons`: `x`",
    ])
    func wrongOptionsAreErrors(_ options: String) {
        let text = Self.chain.joined()
        #expect(throws: DecisionFailure.self) {
            try Asked.value("crypto.x509.parse_and_verify_certificates_with_options(`\(text)`, {\(options)})")
        }
    }

    /// Each byte of a certificate changed in turn: it is refused or read as something, and never holds.
    @Test func aChangedLeafNeverHolds() throws {
        let lines = TestCertificates.leaf.split(separator: "\n").dropFirst().dropLast()
        let digits = Array(lines.joined())
        for index in digits.indices where digits[index] != "=" {
            var changed = digits
            changed[index] = digits[index] == "A" ? "B" : "A"
            let leaf = "-----BEGIN CERTIFICATE-----\n\(String(changed))\n-----END CERTIFICATE-----\n"
            #expect(try Self.holds([TestCertificates.root, TestCertificates.intermediate, leaf]) == "false")
        }
    }

    @Test func aKeyAndItsCertificate() throws {
        let key = TestCertificates.leafKey
        let pair = "crypto.x509.parse_keypair(`\(TestCertificates.leaf)`, `\(key)`)"
        #expect(try Asked.value("\(pair).Leaf.Subject.CommonName") == #""leaf""#)
        #expect(throws: DecisionFailure.self) {
            try Asked.value("crypto.x509.parse_keypair(`\(TestCertificates.root)`, `\(key)`)")
        }
        #expect(try Asked.value("count(crypto.parse_private_keys(`\(key)\(key)`))") == "2")
        let verified = """
            io.jwt.verify_es256(io.jwt.encode_sign_raw(`{"alg":"ES256"}`, `{}`,
            json.marshal(crypto.x509.parse_rsa_private_key(`\(key)`))), `\(TestCertificates.leaf)`)
            """
        #expect(try Asked.value(verified) == "true")
    }

    /// Many lines that begin blocks and one that ends one: found in a time that grows with the text, not its square.
    @Test func manyBeginningsAreReadInOnePass() throws {
        let text = String(repeating: "-----BEGIN A-----\n", count: 50_000) + "\n-----END B-----\n"
        #expect(try Asked.value("crypto.parse_private_keys(`\(text)`)") == "[]")
    }
}
