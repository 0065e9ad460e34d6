import Writ

extension HostFunctions {
    /// Provides `crypto.x509.*` and `crypto.parse_private_keys`.
    mutating func provideCertificates() {
        provide("crypto.x509.parse_certificates") { (context, arguments) throws(Fault) in
            let text = try context.paidText(arguments, 0)
            let certificates: [Certificate]
            do throws(KeyFailure) { certificates = try CertificateFunctions.certificates(text) } catch {
                throw context.error(error.message)
            }
            var json = JSONBuilder()
            json.array(certificates) { $0.certificate($1, withTexts: true) }
            return try json.value(context)
        }
        provide("crypto.x509.parse_and_verify_certificates") { (context, arguments) throws(Fault) in
            let text = try context.paidText(arguments, 0)
            let options = CertificateChain.Options(time: context.clock())
            return try CertificateFunctions.verify(text, options, withTexts: true, context)
        }
        provide("crypto.x509.parse_and_verify_certificates_with_options") { (context, arguments) throws(Fault) in
            try CertificateFunctions.verifyWithOptions(context, arguments)
        }
        provide("crypto.x509.parse_certificate_request") { (context, arguments) throws(Fault) in
            try CertificateFunctions.request(context, arguments)
        }
        provide("crypto.x509.parse_keypair") { (context, arguments) throws(Fault) in
            try CertificateFunctions.pair(context, arguments)
        }
        provide("crypto.x509.parse_rsa_private_key") { (context, arguments) throws(Fault) in
            try CertificateFunctions.webKey(context, arguments)
        }
        provide("crypto.parse_private_keys") { (context, arguments) throws(Fault) in
            try CertificateFunctions.privateKeys(context, arguments)
        }
    }
}

extension HostContext {
    /// The bytes of a string operand, whose reading is paid for.
    fileprivate func paidText(_ arguments: Arguments, _ index: Int) throws(Fault) -> [UInt8] {
        let text = try text(arguments, index)
        try spend(text.count)
        return text
    }
}

private enum CertificateFunctions {
    // MARK: Certificates

    /// The certificates in PEM, in base64 of PEM, or in base64 of DER.
    static func certificates(_ text: [UInt8]) throws(KeyFailure) -> [Certificate] {
        if text.starts(withLiteral: "-----BEGIN") { return try certificates(pem: text) }
        let bytes: [UInt8]
        do throws(Base64Text.Failure) { bytes = try Base64Text.decode(text) } catch { throw KeyFailure(error.message) }
        return bytes.starts(withLiteral: "-----BEGIN")
            ? try certificates(pem: bytes) : try Certificate.parseAll(bytes)
    }

    private static func certificates(pem text: [UInt8]) throws(KeyFailure) -> [Certificate] {
        var reader = PEMReader(text)
        var bytes: [UInt8] = []
        while let block = reader.next() {
            guard block.isLabelled("CERTIFICATE") else {
                throw KeyFailure("PEM block type is '\(text: block.label)', expected CERTIFICATE")
            }
            bytes += block.contents
        }
        return try Certificate.parseAll(bytes)
    }

    static func verify(
        _ text: [UInt8], _ options: CertificateChain.Options, withTexts: Bool, _ context: HostContext
    ) throws(Fault) -> Value {
        guard let certificates = try? certificates(text),
            let chain = try CertificateChain.verified(certificates, options, context)
        else { return try context.space.array([.false, try context.space.array([])]) }
        var json = JSONBuilder()
        json.array(chain) { $0.certificate($1, withTexts: withTexts) }
        return try context.space.array([.true, try json.value(context)])
    }

    static func verifyWithOptions(_ context: HostContext, _ arguments: Arguments) throws(Fault) -> Value {
        let text = try context.paidText(arguments, 0)
        guard arguments[1].isObject else { throw context.typeError(2, "object", got: arguments[1]) }
        // What cannot be read does not hold, whatever the options are.
        guard (try? certificates(text)) != nil else {
            return try context.space.array([.false, try context.space.array([])])
        }
        return try verify(text, try options(arguments[1], context), withTexts: false, context)
    }

    private static func options(_ object: Value, _ context: HostContext) throws(Fault) -> CertificateChain.Options {
        let space = context.space
        var options = CertificateChain.Options(time: context.clock())
        let entries = space.entries(object)
        for index in 0..<entries.count where entries.keys[index].isString {
            let key = entries.keys[index]
            let value = entries.values[index]
            if space.string(key, equals: "DNSName") {
                guard value.isString else { throw context.error("'DNSName' should be a string") }
                options.dnsName = trimmed(space.bytes(value))
            } else if space.string(key, equals: "CurrentTime") {
                guard value.isNumber else { throw context.error("'CurrentTime' should be a number") }
                guard let time = space.int64(value) else {
                    throw context.error("'CurrentTime' should be a valid int64 number")
                }
                options.time = time
            } else if space.string(key, equals: "MaxConstraintComparisons") {
                guard value.isNumber else { throw context.error("'MaxConstraintComparisons' should be a number") }
                guard let count = space.int64(value) else {
                    throw context.error("'MaxConstraintComparisons' should be a valid number")
                }
                options.maximumComparisons = Int(count)
            } else if space.string(key, equals: "KeyUsages") {
                options.purposes = try purposes(value, context)
            } else {
                throw context.error("invalid key option")
            }
        }
        return options
    }

    private static let purposeNames: [StaticString] = [
        "KeyUsageAny", "KeyUsageServerAuth", "KeyUsageClientAuth", "KeyUsageCodeSigning", "KeyUsageEmailProtection",
        "KeyUsageIPSECEndSystem", "KeyUsageIPSECTunnel", "KeyUsageIPSECUser", "KeyUsageTimeStamping",
        "KeyUsageOCSPSigning", "KeyUsageMicrosoftServerGatedCrypto", "KeyUsageNetscapeServerGatedCrypto",
        "KeyUsageMicrosoftCommercialCodeSigning", "KeyUsageMicrosoftKernelCodeSigning",
    ]

    private static func purposes(_ value: Value, _ context: HostContext) throws(Fault) -> [Int] {
        guard value.isArray || value.isSet else { throw context.error("'KeyUsages' should be an Array or Set") }
        var purposes: [Int] = []
        var unknown: [[UInt8]] = []
        let elements = context.space.elements(value)
        for index in 0..<elements.count where elements[index].isString {
            let name = trimmed(context.space.bytes(elements[index]))
            if let purpose = purposeNames.firstIndex(where: { name.equals($0) }) {
                purposes.append(purpose)
            } else {
                unknown.append(name)
            }
        }
        guard unknown.isEmpty else {
            let names = unknown.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
            throw context.error("invalid entries for 'KeyUsages' found: [\(names)]")
        }
        return purposes
    }

    /// Without quotes around it.
    private static func trimmed(_ text: [UInt8]) -> [UInt8] {
        var text = text[...]
        while text.first == UInt8(ascii: "\"") { text.removeFirst() }
        while text.last == UInt8(ascii: "\"") { text.removeLast() }
        return Array(text)
    }

    static func request(_ context: HostContext, _ arguments: Arguments) throws(Fault) -> Value {
        var bytes = try context.paidText(arguments, 0)
        if !bytes.starts(withLiteral: "-----BEGIN CERTIFICATE REQUEST-----") {
            do throws(Base64Text.Failure) { bytes = try Base64Text.decode(bytes) } catch {
                throw context.error(error.message)
            }
        }
        var reader = PEMReader(bytes)
        if let block = reader.next() {
            guard block.isLabelled("CERTIFICATE REQUEST") else {
                throw context.error("invalid PEM-encoded certificate signing request")
            }
            bytes = block.contents
        }
        var json = JSONBuilder()
        do throws(KeyFailure) { json.request(try CertificateRequest(bytes)) } catch {
            throw context.error(error.message)
        }
        return try json.value(context)
    }

    // MARK: Private keys

    static func privateKeys(_ context: HostContext, _ arguments: Arguments) throws(Fault) -> Value {
        let text = try context.paidText(arguments, 0)
        guard !text.isEmpty else { return .null }
        let keys = try keys(text, context)
        var json = JSONBuilder()
        json.array(keys) { $0.privateKey($1) }
        return try json.value(context)
    }

    static func webKey(_ context: HostContext, _ arguments: Arguments) throws(Fault) -> Value {
        var text = try context.paidText(arguments, 0)
        guard !text.isEmpty else { throw context.error("input PEM data was empty") }
        if !text.starts(withLiteral: "-----BEGIN") {
            do throws(Base64Text.Failure) { text = try Base64Text.decode(text) } catch {
                throw context.error(error.message)
            }
        }
        guard let key = try keys(text, context).first else { return .null }
        if case .ec(let key) = key, key.curve == .p224 {
            // JSON web keys do not know the curve.
            throw context.error(
                "failed to initialize *jwk.ecdsaPrivateKey from *ecdsa.PrivateKey: jwk: failed to get algorithm for "
                    + "converting ECDSA private key to JWK: unknown elliptic curve: P-224")
        }
        var json = JSONBuilder()
        json.webKey(key)
        return try json.value(context)
    }

    /// The keys of a PEM text, or of base64 of one.
    private static func keys(_ text: [UInt8], _ context: HostContext) throws(Fault) -> [PrivateKey] {
        let decoded = (try? Base64Text.decode(text)) ?? text
        do throws(KeyFailure) { return try PrivateKey.keys(pem: decoded) } catch { throw context.error(error.message) }
    }

    // MARK: Pairs

    static func pair(_ context: HostContext, _ arguments: Arguments) throws(Fault) -> Value {
        // OPA counts the second operand as the first.
        guard arguments[0].isString else { throw context.typeError(1, "string", got: arguments[0]) }
        guard arguments[1].isString else { throw context.typeError(1, "string", got: arguments[1]) }
        var json = JSONBuilder()
        let certificate = try context.paidText(arguments, 0)
        let key = try context.paidText(arguments, 1)
        do throws(KeyFailure) { try pair(certificate, key, &json) } catch { throw context.error(error.message) }
        return try json.value(context)
    }

    private static func pair(
        _ certificateText: [UInt8], _ keyText: [UInt8], _ json: inout JSONBuilder
    ) throws(KeyFailure) {
        let certificateText = try decodedUnlessPEM(certificateText)
        let keyText = try decodedUnlessPEM(keyText)
        let chain = try certificateBlocks(certificateText)
        let leaf = try Certificate.parse(chain[0])
        let key = try key(keyText)
        switch (leaf.publicKey, key) {
        case (.rsa(let publicKey), .rsa(let key)):
            guard key.publicKey == publicKey else { throw KeyFailure("tls: private key does not match public key") }
        case (.ec(let publicKey), .ec(let key)):
            guard publicKey.curve == key.curve, publicKey.x.elementsEqual(key.x), publicKey.y.elementsEqual(key.y)
            else {
                throw KeyFailure("tls: private key does not match public key")
            }
        case (.ed25519(let publicKey), .ed25519(let key)):
            guard key.publicKey.rawRepresentation == publicKey.rawRepresentation else {
                throw KeyFailure("tls: private key does not match public key")
            }
        case (.rsa, _), (.ec, _), (.ed25519, _):
            throw KeyFailure("tls: private key type does not match public key type")
        default: throw KeyFailure("tls: unknown public key algorithm")
        }
        json.object { json in
            json.member("Certificate") { $0.array(chain) { $0.base64($1) } }
            json.member("PrivateKey") { $0.privateKey(key) }
            json.memberNull("SupportedSignatureAlgorithms")
            json.memberNull("OCSPStaple")
            json.memberNull("SignedCertificateTimestamps")
            json.member("Leaf") { $0.certificate(leaf, withTexts: false) }
        }
    }

    private static func decodedUnlessPEM(_ text: [UInt8]) throws(KeyFailure) -> [UInt8] {
        guard !text.starts(withLiteral: "-----BEGIN ") else { return text }
        do throws(Base64Text.Failure) { return try Base64Text.decode(text) } catch { throw KeyFailure(error.message) }
    }

    private static func certificateBlocks(_ text: [UInt8]) throws(KeyFailure) -> [[UInt8]] {
        guard text.starts(withLiteral: "-----BEGIN ") else { return [text] }
        var reader = PEMReader(text)
        var chain: [[UInt8]] = []
        var skipped: [[UInt8]] = []
        while let block = reader.next() {
            if block.isLabelled("CERTIFICATE") { chain.append(block.contents) } else { skipped.append(block.label) }
        }
        guard chain.isEmpty else { return chain }
        let failed = "tls: failed to find "
        if skipped.isEmpty { throw KeyFailure(failed + "any PEM data in certificate input") }
        if skipped.count == 1, skipped[0].hasSuffix("PRIVATE KEY") {
            throw KeyFailure(
                failed + "certificate PEM data in certificate input, but did find a private key; PEM inputs may have "
                    + "been switched")
        }
        throw KeyFailure(failed + "\"CERTIFICATE\" PEM block in certificate input after skipping PEM blocks")
    }

    private static func key(_ text: [UInt8]) throws(KeyFailure) -> PrivateKey {
        var contents = text
        if text.starts(withLiteral: "-----BEGIN") {
            var reader = PEMReader(text)
            var skipped: [[UInt8]] = []
            while true {
                guard let block = reader.next() else {
                    if skipped.isEmpty { throw KeyFailure("tls: failed to find any PEM data in key input") }
                    if skipped.count == 1, skipped[0].equals("CERTIFICATE") {
                        throw KeyFailure(
                            "tls: found a certificate rather than a key in the PEM for the private key")
                    }
                    throw KeyFailure("tls: failed to find PEM block with type ending in \"PRIVATE KEY\" in key input")
                }
                if block.label.hasSuffix("PRIVATE KEY") {
                    contents = block.contents
                    break
                }
                skipped.append(block.label)
            }
        }
        if let key = try? RSAPrivateKey(contents) { return .rsa(key) }
        if let key = try? PrivateKey.pkcs8(contents) {
            if case .x25519 = key { throw KeyFailure("tls: found unknown private key type in PKCS#8 wrapping") }
            return key
        }
        if let key = try? PrivateKey.sec1(contents) { return key }
        throw KeyFailure("tls: failed to parse private key")
    }
}

extension [UInt8] {
    fileprivate func hasSuffix(_ suffix: String) -> Bool { ends(with: suffix.utf8) }
}
