/// A request for a certificate (RFC 2986, PKCS #10) as it was read.
struct CertificateRequest {
    let raw: [UInt8]
    /// What the requester signed.
    let signedPart: [UInt8]
    let version: Int
    let subject: DistinguishedName
    let rawPublicKey: [UInt8]
    let publicKey: PublicKey?
    let signature: [UInt8]
    let signatureAlgorithm: CertificateSignatureAlgorithm
    /// The attributes that have the form of sets of sequences of typed values: extensions, mostly.
    private(set) var attributes: [Attribute] = []
    private(set) var extensions: [CertificateExtension] = []
    private(set) var names = AlternativeNames()

    struct Attribute {
        let type: ObjectIdentifier
        let values: [[(type: ObjectIdentifier, value: AttributeValue)]]
    }

    init(_ bytes: [UInt8]) throws(KeyFailure) {
        let failed = KeyFailure("asn1: structure error: no certificate request")
        let truncated = KeyFailure("asn1: syntax error: sequence truncated")
        var input = DERReader(bytes)
        guard let whole = try? input.whole(DERReader.Tag.sequence) else { throw failed }
        var outer = whole.contents
        guard input.isEmpty else { throw KeyFailure("asn1: syntax error: trailing data") }
        raw = Array(whole.element)
        guard !outer.isEmpty else { throw truncated }
        guard let signed = try? outer.whole(DERReader.Tag.sequence) else { throw failed }
        var body = signed.contents
        signedPart = Array(signed.element)
        guard !body.isEmpty else { throw truncated }
        // The form of the whole comes first, then the key, the names, and what is asked for.
        guard let version = try? body.small(), let name = try? body.whole(DERReader.Tag.sequence) else { throw failed }
        self.version = version
        let key = try Certificate.publicKeyInfo(&body)
        guard !body.isEmpty else { throw truncated }
        guard let list = try? body.element(DERReader.Tag.explicit(0)), Self.isSequence(list) else { throw failed }
        guard let identifier = try? outer.sequence(), let algorithm = try? AlgorithmIdentifier(identifier),
            let signature = try? outer.alignedBits()
        else { throw failed }
        signatureAlgorithm = CertificateSignatureAlgorithm(algorithm)
        self.signature = signature
        rawPublicKey = key.element
        publicKey = try Certificate.publicKey(key.algorithm, key.bits)
        subject = try DistinguishedName(request: name.contents, raw: Array(name.element))
        try readAttributes(list)
    }

    private mutating func readAttributes(_ list: DERReader) throws(KeyFailure) {
        var list = list
        while !list.isEmpty {
            guard let (tag, contents, _) = try? list.any() else {
                throw KeyFailure("asn1: structure error: no certificate request")
            }
            // What has another form is passed over.
            guard tag == DERReader.Tag.sequence else { continue }
            var attribute = contents
            guard let type = try? attribute.identifier(), let set = try? attribute.element(DERReader.Tag.set),
                Self.isList(set)
            else { continue }
            // PKCS #9's request for extensions.
            if type == ObjectIdentifier(1, 2, 840, 113549, 1, 9, 14), extensions.isEmpty {
                var set = set
                guard let wanted = try? set.sequence() else { throw KeyFailure("x509: malformed extension request") }
                extensions = try CertificateExtension.parse(wanted)
                for (index, one) in extensions.enumerated()
                where extensions[..<index].contains(where: { $0.identifier == one.identifier }) {
                    throw KeyFailure("x509: certificate request contains duplicate requested extensions")
                }
                for one in extensions where one.identifier == ObjectIdentifier(2, 5, 29, 17) {
                    names = try AlternativeNames(one.value)
                }
            }
            if let values = Self.values(set) { attributes.append(Attribute(type: type, values: values)) }
        }
    }

    /// Whether whole elements follow one another, at least one.
    private static func isList(_ set: DERReader) -> Bool { !set.isEmpty && isSequence(set) }

    /// Whether whole elements follow one another.
    private static func isSequence(_ list: DERReader) -> Bool {
        var list = list
        while !list.isEmpty {
            guard (try? list.any()) != nil else { return false }
        }
        return true
    }

    /// Sequences of pairs of type and value; nil for anything else.
    private static func values(_ set: DERReader) -> [[(type: ObjectIdentifier, value: AttributeValue)]]? {
        var set = set
        var values: [[(type: ObjectIdentifier, value: AttributeValue)]] = []
        while !set.isEmpty {
            guard var sequence = try? set.sequence() else { return nil }
            var pairs: [(type: ObjectIdentifier, value: AttributeValue)] = []
            while !sequence.isEmpty {
                // What follows the value is not looked at: of a critical extension the flag is the value.
                guard var pair = try? sequence.sequence(), let type = try? pair.identifier(),
                    let value = AttributeValue(&pair)
                else { return nil }
                pairs.append((type, value))
            }
            values.append(pairs)
        }
        return values
    }
}

/// A value of a type that stands before it, as far as Go shows it.
enum AttributeValue {
    case boolean(Bool)
    case number(Int)
    case bytes([UInt8])
    case text([UInt8])
    case identifier(ObjectIdentifier)
    case other

    init?(_ reader: inout DERReader) {
        switch reader.nextTag {
        case DERReader.Tag.boolean:
            guard let value = try? reader.boolean() else { return nil }
            self = .boolean(value)
        case DERReader.Tag.integer:
            guard let value = try? reader.small() else { return nil }
            self = .number(value)
        case DERReader.Tag.identifier:
            guard let value = try? reader.identifier() else { return nil }
            self = .identifier(value)
        default:
            guard let (tag, contents, _) = try? reader.any() else { return nil }
            let texts = [
                DERReader.Tag.teletex, DERReader.Tag.printable, DERReader.Tag.utf8, DERReader.Tag.bmp,
                DERReader.Tag.ia5, DERReader.Tag.numeric,
            ]
            if tag == DERReader.Tag.octets {
                self = .bytes(Array(contents.rest))
            } else if texts.contains(tag) {
                guard let text = try? DistinguishedName.text(tag, contents.rest) else { return nil }
                self = .text(text)
            } else {
                self = .other
            }
        }
    }
}

extension JSONBuilder {
    mutating func member(_ name: String, _ value: AttributeValue) {
        switch value {
        case .boolean(let value): member(name, value)
        case .number(let value): member(name, value)
        case .bytes(let value): member(name, base64: value)
        case .text(let value): member(name, text: value)
        case .identifier(let value): member(name) { $0.identifier(value) }
        case .other: memberNull(name)
        }
    }

    mutating func request(_ request: CertificateRequest) {
        object { json in
            json.member("Raw", base64: request.raw)
            json.member("RawTBSCertificateRequest", base64: request.signedPart)
            json.member("RawSubjectPublicKeyInfo", base64: request.rawPublicKey)
            json.member("RawSubject", base64: request.subject.raw)
            json.member("Version", request.version)
            json.member("Signature", base64: request.signature)
            json.member("SignatureAlgorithm", request.signatureAlgorithm.rawValue)
            json.publicKey(request.publicKey)
            json.member("Subject") { $0.name(request.subject) }
            json.member("Attributes") { json in
                json.list(request.attributes) { json, attribute in
                    json.object { json in
                        json.member("Type") { $0.identifier(attribute.type) }
                        json.member("Value") { json in
                            json.array(attribute.values) { json, pairs in
                                json.array(pairs) { json, pair in
                                    json.object { json in
                                        json.member("Type") { $0.identifier(pair.type) }
                                        json.member("Value", pair.value)
                                    }
                                }
                            }
                        }
                    }
                }
            }
            json.extensions(request.extensions)
            json.alternativeNames(request.names)
        }
    }
}
