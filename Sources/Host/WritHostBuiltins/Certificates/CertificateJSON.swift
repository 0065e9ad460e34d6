/// Certificates in the JSON that Go makes of them and OPA shows.
extension JSONBuilder {
    /// `withTexts` adds the URIs also as text, as OPA does in some of its functions.
    mutating func certificate(_ certificate: Certificate, withTexts: Bool) {
        let contents = certificate.contents
        object { json in
            json.member("Raw", base64: certificate.raw)
            json.member("RawTBSCertificate", base64: certificate.signedPart)
            json.member("RawSubjectPublicKeyInfo", base64: certificate.rawPublicKey)
            json.member("RawSubject", base64: certificate.subject.raw)
            json.member("RawIssuer", base64: certificate.issuer.raw)
            json.member("Signature", base64: certificate.signature)
            json.member("SignatureAlgorithm", certificate.signatureAlgorithm.rawValue)
            json.publicKey(certificate.publicKey)
            json.member("Version", certificate.version)
            json.member("SerialNumber", number: certificate.serialNumber)
            json.member("Issuer") { $0.name(certificate.issuer) }
            json.member("Subject") { $0.name(certificate.subject) }
            json.member("NotBefore", text: CertificateTime.text(certificate.notBefore).utf8)
            json.member("NotAfter", text: CertificateTime.text(certificate.notAfter).utf8)
            json.extensions(certificate.extensions)
            json.alternativeNames(contents.names)
            if withTexts { json.member("URIStrings", texts: contents.names.identifiers.map { $0.text }) }
            json.usage(contents)
            json.policies(contents)
            json.constraints(contents.constraints)
        }
    }

    private mutating func usage(_ contents: ExtensionContents) {
        member("KeyUsage", contents.keyUsage)
        member("ExtKeyUsage") { $0.list(contents.purposes) { $0.number(decimal: $1) } }
        member("UnknownExtKeyUsage") { $0.list(contents.unknownPurposes) { $0.identifier($1) } }
        member("BasicConstraintsValid", contents.hasBasicConstraints)
        member("IsCA", contents.isAuthority)
        member("MaxPathLen", contents.pathLength)
        member("MaxPathLenZero", contents.hasBasicConstraints && contents.pathLength == 0)
        keyIdentifier("SubjectKeyId", contents.subjectKey)
        keyIdentifier("AuthorityKeyId", contents.authorityKey)
        member("CRLDistributionPoints", texts: contents.revocationLists)
        member("OCSPServer", texts: contents.statusServers)
        member("IssuingCertificateURL", texts: contents.issuerURLs)
        member("UnhandledCriticalExtensions") { $0.list(contents.unhandledCritical) { $0.identifier($1) } }
    }

    private mutating func keyIdentifier(_ name: String, _ identifier: [UInt8]?) {
        if let identifier { member(name, base64: identifier) } else { memberNull(name) }
    }

    private mutating func policies(_ contents: ExtensionContents) {
        member("PolicyIdentifiers") { $0.list(contents.policies) { $0.identifier($1) } }
        member("Policies", texts: contents.policies.map { Array($0.text.utf8) })
        member("PolicyMappings") { json in
            json.list(contents.mappings) { json, mapping in
                json.object { json in
                    json.member("IssuerDomainPolicy", text: mapping.issuer.text.utf8)
                    json.member("SubjectDomainPolicy", text: mapping.subject.text.utf8)
                }
            }
        }
        for (name, count) in [
            ("InhibitAnyPolicy", contents.inhibitAnyPolicy), ("InhibitPolicyMapping", contents.inhibitPolicyMapping),
            ("RequireExplicitPolicy", contents.requireExplicitPolicy),
        ] {
            member(name, count ?? 0)
            member(name + "Zero", count == 0)
        }
    }

    private mutating func constraints(_ constraints: NameConstraints?) {
        member("PermittedDNSDomainsCritical", constraints?.isCritical ?? false)
        for (prefix, names) in [("Permitted", constraints?.permitted), ("Excluded", constraints?.excluded)] {
            member(prefix + "DNSDomains", texts: names?.dns ?? [])
            member(prefix + "EmailAddresses", texts: names?.mail ?? [])
            member(prefix + "URIDomains", texts: names?.identifiers ?? [])
            member(prefix + "IPRanges") { json in
                json.list(names?.addresses ?? []) { json, range in
                    json.object { json in
                        json.member("IP", text: IPText.text(range.prefix(range.count / 2)).utf8)
                        json.member("Mask", base64: range.suffix(range.count / 2))
                    }
                }
            }
        }
    }

    // MARK: What requests have too

    /// The members that tell a key and its algorithm.
    mutating func publicKey(_ key: PublicKey?) {
        member("PublicKeyAlgorithm", key?.algorithm ?? 0)
        member("PublicKey") { json in
            switch key {
            case .rsa(let key):
                json.object { json in
                    json.member("N", number: key.modulus)
                    json.member("E", number: key.exponent)
                }
            case .ec(let key):
                json.object { json in
                    json.member("Curve") { $0.object { _ in } }
                    json.member("X", number: key.x)
                    json.member("Y", number: key.y)
                }
            case .ed25519(let key): json.base64(Array(key.rawRepresentation))
            case .dsa(let p, let q, let g, let y):
                json.object { json in
                    for (name, number) in [("P", p), ("Q", q), ("G", g), ("Y", y)] {
                        json.member(name, number: number)
                    }
                }
            case .x25519, .secret, nil: json.null()
            }
        }
    }

    mutating func name(_ name: DistinguishedName) {
        object { json in
            for (member, number) in [
                ("Country", 6), ("Organization", 10), ("OrganizationalUnit", 11), ("Locality", 7), ("Province", 8),
                ("StreetAddress", 9), ("PostalCode", 17),
            ] { json.member(member, texts: name.values(number)) }
            json.member("SerialNumber", text: name.values(5).last ?? [])
            json.member("CommonName", text: name.values(3).last ?? [])
            json.member("Names") { json in
                json.list(name.attributes) { json, attribute in
                    json.object { json in
                        json.member("Type") { $0.identifier(attribute.type) }
                        json.member("Value", attribute.value)
                    }
                }
            }
            json.memberNull("ExtraNames")
        }
    }

    mutating func extensions(_ extensions: [CertificateExtension]) {
        member("Extensions") { json in
            json.list(extensions) { json, one in
                json.object { json in
                    json.member("Id") { $0.identifier(one.identifier) }
                    json.member("Critical", one.isCritical)
                    json.member("Value", base64: one.value)
                }
            }
        }
        memberNull("ExtraExtensions")
    }

    mutating func alternativeNames(_ names: AlternativeNames) {
        member("DNSNames", texts: names.dns)
        member("EmailAddresses", texts: names.mail)
        member("IPAddresses", texts: names.addresses.map { Array(IPText.text($0).utf8) })
        member("URIs") { json in
            json.list(names.identifiers) { json, identifier in
                json.object { json in
                    json.member("Scheme", text: identifier.scheme)
                    json.member("Opaque", text: identifier.opaque)
                    // What a user name is, is not shown.
                    json.member("User") { identifier.hasUser ? $0.object { _ in } : $0.null() }
                    json.member("Host", text: identifier.host)
                    json.member("Path", text: identifier.path)
                    json.member("RawPath", text: identifier.rawPath)
                    json.member("OmitHost", identifier.omitsHost)
                    json.member("ForceQuery", identifier.forcesQuery)
                    json.member("RawQuery", text: identifier.query)
                    json.member("Fragment", text: identifier.fragment)
                    json.member("RawFragment", text: identifier.rawFragment)
                }
            }
        }
    }
}
