/// An X.509 certificate (RFC 5280) as it was read. Reading checks its form, not whom it comes from.
struct Certificate {
    let raw: [UInt8]
    /// What the issuer signed.
    let signedPart: [UInt8]
    let signature: [UInt8]
    let signatureAlgorithm: CertificateSignatureAlgorithm
    /// 1 to 3.
    let version: Int
    /// In two's complement; not negative.
    let serialNumber: [UInt8]
    let issuer: DistinguishedName
    let subject: DistinguishedName
    /// Seconds since 1970.
    let notBefore: Int64
    let notAfter: Int64
    let rawPublicKey: [UInt8]
    /// Nil for an algorithm that is not known.
    let publicKey: PublicKey?
    private(set) var extensions: [CertificateExtension] = []
    private(set) var contents = ExtensionContents()

    /// The certificates that stand one after another in `bytes`.
    static func parseAll(_ bytes: [UInt8]) throws(KeyFailure) -> [Certificate] {
        var certificates: [Certificate] = []
        var reader = DERReader(bytes)
        while !reader.isEmpty { certificates.append(try Certificate(&reader)) }
        return certificates
    }

    /// The only certificate in `bytes`.
    static func parse(_ bytes: [UInt8]) throws(KeyFailure) -> Certificate {
        var reader = DERReader(bytes)
        let certificate = try Certificate(&reader)
        guard reader.isEmpty else { throw KeyFailure("x509: trailing data") }
        return certificate
    }

    private init(_ input: inout DERReader) throws(KeyFailure) {
        guard let whole = try? input.whole(DERReader.Tag.sequence) else {
            throw KeyFailure("x509: malformed certificate")
        }
        var outer = whole.contents
        raw = Array(whole.element)
        guard let signed = try? outer.whole(DERReader.Tag.sequence) else {
            throw KeyFailure("x509: malformed tbs certificate")
        }
        var body = signed.contents
        signedPart = Array(signed.element)
        version = try Self.version(&body)
        guard let serial = try? body.integer() else { throw KeyFailure("x509: malformed serial number") }
        guard serial.first ?? 0 < 0x80 else { throw KeyFailure("x509: negative serial number") }
        guard serial.count <= 256 else { throw KeyFailure("x509: malformed serial number") }
        serialNumber = Array(serial)
        guard let inner = try? body.whole(DERReader.Tag.sequence) else {
            throw KeyFailure("x509: malformed signature algorithm identifier")
        }
        guard let signing = try? outer.whole(DERReader.Tag.sequence) else {
            throw KeyFailure("x509: malformed algorithm identifier")
        }
        guard inner.element.elementsEqual(signing.element) else {
            throw KeyFailure("x509: inner and outer signature algorithm identifiers don't match")
        }
        guard let algorithm = try? AlgorithmIdentifier(inner.contents) else { throw KeyFailure("x509: malformed OID") }
        signatureAlgorithm = CertificateSignatureAlgorithm(algorithm)
        issuer = try Self.name(&body)
        guard var validity = try? body.sequence() else { throw KeyFailure("x509: malformed validity") }
        notBefore = try CertificateTime.parse(&validity)
        notAfter = try CertificateTime.parse(&validity)
        subject = try Self.name(&body)
        (rawPublicKey, publicKey) = try Self.publicKey(&body)
        // Errors are reported in the order of the parts: the signature comes last.
        let last = try? outer.alignedBits()
        signature = last ?? []
        if version > 1 { try readOptional(&body) }
        guard last != nil else { throw KeyFailure("x509: malformed signature") }
    }

    private static func version(_ body: inout DERReader) throws(KeyFailure) -> Int {
        guard body.nextTag == DERReader.Tag.explicit(0) else { return 1 }
        guard var field = try? body.element(DERReader.Tag.explicit(0)), let number = try? field.small(), number >= 0,
            field.isEmpty
        else { throw KeyFailure("x509: malformed version") }
        guard number <= 2 else { throw KeyFailure("x509: invalid version") }
        return number + 1
    }

    private static func name(_ body: inout DERReader) throws(KeyFailure) -> DistinguishedName {
        guard let name = try? body.whole(DERReader.Tag.sequence) else { throw KeyFailure("x509: malformed issuer") }
        return try DistinguishedName(name.contents, raw: Array(name.element))
    }

    /// Reads a SubjectPublicKeyInfo: all of its bytes, and the key.
    private static func publicKey(_ body: inout DERReader) throws(KeyFailure) -> ([UInt8], PublicKey?) {
        let (element, algorithm, bits) = try publicKeyInfo(&body)
        return (element, try publicKey(algorithm, bits))
    }

    /// Reads the form of a SubjectPublicKeyInfo: all of its bytes, the algorithm, and what is the key for it.
    static func publicKeyInfo(
        _ body: inout DERReader
    ) throws(KeyFailure) -> (element: [UInt8], algorithm: AlgorithmIdentifier, bits: [UInt8]) {
        guard let whole = try? body.whole(DERReader.Tag.sequence) else {
            throw KeyFailure("x509: malformed spki")
        }
        var info = whole.contents
        guard let identifier = try? info.sequence() else {
            throw KeyFailure("x509: malformed public key algorithm identifier")
        }
        guard let algorithm = try? AlgorithmIdentifier(identifier) else { throw KeyFailure("x509: malformed OID") }
        guard let bits = try? info.alignedBits() else { throw KeyFailure("x509: malformed subjectPublicKey") }
        return (Array(whole.element), algorithm, bits)
    }

    /// Nil for an algorithm that is not known.
    static func publicKey(_ algorithm: AlgorithmIdentifier, _ bits: [UInt8]) throws(KeyFailure) -> PublicKey? {
        // A key for agreement only is no key of a certificate that Go knows.
        guard algorithm.identifier != ObjectIdentifier(1, 3, 101, 110) else { return nil }
        return try PublicKey(algorithm, bits: bits)
    }

    private mutating func readOptional(_ body: inout DERReader) throws(KeyFailure) {
        for number in [1, 2] as [UInt8] {
            do throws(DERReader.Malformed) { _ = try body.optional(DERReader.Tag.context(number)) } catch {
                throw KeyFailure(number == 1 ? "x509: malformed issuerUniqueID" : "x509: malformed subjectUniqueID")
            }
        }
        guard version == 3, body.nextTag == DERReader.Tag.explicit(3) else { return }
        guard var field = try? body.element(DERReader.Tag.explicit(3)), let list = try? field.sequence() else {
            throw KeyFailure("x509: malformed extensions")
        }
        extensions = try CertificateExtension.parse(list)
        for (index, one) in extensions.enumerated() {
            guard !extensions[..<index].contains(where: { $0.identifier == one.identifier }) else {
                throw KeyFailure("x509: certificate contains duplicate extensions")
            }
        }
        contents = try ExtensionContents(extensions)
    }
}

/// An extension as it stands in a certificate or a request.
struct CertificateExtension {
    let identifier: ObjectIdentifier
    let isCritical: Bool
    let value: [UInt8]

    static func parse(_ list: DERReader) throws(KeyFailure) -> [CertificateExtension] {
        var list = list
        var extensions: [CertificateExtension] = []
        while !list.isEmpty {
            // Duplicates are looked for one by one, so their number is bounded.
            guard extensions.count < 256, var one = try? list.sequence() else {
                throw KeyFailure("x509: malformed extension")
            }
            guard let identifier = try? one.identifier() else {
                throw KeyFailure("x509: malformed extension OID field")
            }
            var isCritical = false
            if one.nextTag == DERReader.Tag.boolean {
                guard let given = try? one.boolean() else {
                    throw KeyFailure("x509: malformed extension critical field")
                }
                isCritical = given
            }
            guard let value = try? one.element(DERReader.Tag.octets).rest else {
                throw KeyFailure("x509: malformed extension value field")
            }
            extensions.append(
                CertificateExtension(identifier: identifier, isCritical: isCritical, value: Array(value)))
        }
        return extensions
    }
}

/// The signature algorithms of certificates; the raw value is their number in Go's and OPA's JSON.
enum CertificateSignatureAlgorithm: Int {
    case unknown = 0
    case md2RSA = 1
    case md5RSA = 2
    case sha1RSA = 3
    case sha256RSA = 4
    case sha384RSA = 5
    case sha512RSA = 6
    case sha1DSA = 7
    case sha256DSA = 8
    case sha1ECDSA = 9
    case sha256ECDSA = 10
    case sha384ECDSA = 11
    case sha512ECDSA = 12
    case sha256PSS = 13
    case sha384PSS = 14
    case sha512PSS = 15
    case ed25519 = 16

    init(_ algorithm: AlgorithmIdentifier) {
        switch algorithm.identifier.numbers {
        case [1, 2, 840, 113549, 1, 1, 2]: self = .md2RSA
        case [1, 2, 840, 113549, 1, 1, 4]: self = .md5RSA
        case [1, 2, 840, 113549, 1, 1, 5], [1, 3, 14, 3, 2, 29]: self = .sha1RSA
        case [1, 2, 840, 113549, 1, 1, 11]: self = .sha256RSA
        case [1, 2, 840, 113549, 1, 1, 12]: self = .sha384RSA
        case [1, 2, 840, 113549, 1, 1, 13]: self = .sha512RSA
        case [1, 2, 840, 113549, 1, 1, 10]: self = Self.pss(algorithm.parameters)
        case [1, 2, 840, 10040, 4, 3]: self = .sha1DSA
        case [2, 16, 840, 1, 101, 3, 4, 3, 2]: self = .sha256DSA
        case [1, 2, 840, 10045, 4, 1]: self = .sha1ECDSA
        case [1, 2, 840, 10045, 4, 3, 2]: self = .sha256ECDSA
        case [1, 2, 840, 10045, 4, 3, 3]: self = .sha384ECDSA
        case [1, 2, 840, 10045, 4, 3, 4]: self = .sha512ECDSA
        // RFC 8410 forbids parameters.
        case [1, 3, 101, 112]: self = algorithm.parameters.isEmpty ? .ed25519 : .unknown
        default: self = .unknown
        }
    }

    /// PSS with one hash for both purposes and a salt of its length; anything else is not known.
    private static func pss(_ parameters: [UInt8]) -> CertificateSignatureAlgorithm {
        for (hash, salt, algorithm) in [
            (1, 32, .sha256PSS), (2, 48, .sha384PSS), (3, 64, .sha512PSS),
        ] as [(UInt8, Int, CertificateSignatureAlgorithm)] {
            let name: [UInt8] = [0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, hash]
            let generator: [UInt8] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08]
            for end in [[], [0x05, 0x00]] as [[UInt8]] {
                let digest = DERWriter.sequence(name, end)
                let fields = [
                    DERWriter.element(0xa0, digest), DERWriter.element(0xa1, DERWriter.sequence(generator, digest)),
                    DERWriter.element(0xa2, DERWriter.integer([UInt8(salt)])),
                ].flatMap { $0 }
                let trailer = DERWriter.element(0xa3, DERWriter.integer([1]))
                if parameters == DERWriter.sequence(fields) || parameters == DERWriter.sequence(fields, trailer) {
                    return algorithm
                }
            }
        }
        return .unknown
    }
}
