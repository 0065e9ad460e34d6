/// What the extensions of a certificate or a request say, as far as they are understood (RFC 5280, 4.2).
struct ExtensionContents {
    private(set) var names = AlternativeNames()
    /// Bit by bit: digital signature is 1, signing certificates 32.
    private(set) var keyUsage = 0
    private(set) var hasBasicConstraints = false
    private(set) var isAuthority = false
    /// -1 where basic constraints give none, 0 without basic constraints.
    private(set) var pathLength = 0
    /// Purposes by their number in Go's and OPA's JSON.
    private(set) var purposes: [Int] = []
    private(set) var unknownPurposes: [ObjectIdentifier] = []
    private(set) var subjectKey: [UInt8]?
    private(set) var authorityKey: [UInt8]?
    private(set) var revocationLists: [[UInt8]] = []
    private(set) var statusServers: [[UInt8]] = []
    private(set) var issuerURLs: [[UInt8]] = []
    private(set) var policies: [ObjectIdentifier] = []
    private(set) var mappings: [(issuer: ObjectIdentifier, subject: ObjectIdentifier)] = []
    private(set) var requireExplicitPolicy: Int?
    private(set) var inhibitPolicyMapping: Int?
    private(set) var inhibitAnyPolicy: Int?
    private(set) var constraints: NameConstraints?
    private(set) var unhandledCritical: [ObjectIdentifier] = []

    init() {}

    init(_ extensions: [CertificateExtension]) throws(KeyFailure) {
        for one in extensions {
            let isHandled: Bool
            switch one.identifier.numbers {
            case let numbers where numbers.count == 4 && numbers.starts(with: [2, 5, 29]):
                isHandled = try read(one, numbers[3])
            case [1, 3, 6, 1, 5, 5, 7, 1, 1]:
                guard !one.isCritical else {
                    throw KeyFailure("x509: authority info access incorrectly marked critical")
                }
                try readAccess(one.value)
                isHandled = true
            default: isHandled = false
            }
            if one.isCritical, !isHandled { unhandledCritical.append(one.identifier) }
        }
    }

    /// Reads an extension of the family 2.5.29. Gives whether all of it was understood.
    private mutating func read(_ one: CertificateExtension, _ number: Int) throws(KeyFailure) -> Bool {
        switch number {
        case 14: try readSubjectKey(one)
        case 15: try readKeyUsage(one.value)
        case 17:
            names = try AlternativeNames(one.value)
            return !names.isEmpty
        case 19: try readBasicConstraints(one.value)
        case 30:
            let found = try NameConstraints(one.value, isCritical: one.isCritical)
            constraints = found
            return found.isUnderstood
        case 31: try readRevocationLists(one.value)
        case 32: try readPolicies(one.value)
        case 33: try readMappings(one.value)
        case 35: try readAuthorityKey(one)
        case 36: try readPolicyConstraints(one.value)
        case 37: try readPurposes(one.value)
        case 54:
            var reader = DERReader(one.value)
            guard let count = try? reader.small(), count >= 0 else {
                throw KeyFailure("x509: invalid inhibit any policy extension")
            }
            inhibitAnyPolicy = count
        default: return false
        }
        return true
    }

    private mutating func readSubjectKey(_ one: CertificateExtension) throws(KeyFailure) {
        guard !one.isCritical else { throw KeyFailure("x509: subject key identifier incorrectly marked critical") }
        var reader = DERReader(one.value)
        guard let identifier = try? reader.element(DERReader.Tag.octets) else {
            throw KeyFailure("x509: invalid subject key identifier")
        }
        subjectKey = Array(identifier.rest)
    }

    private mutating func readAuthorityKey(_ one: CertificateExtension) throws(KeyFailure) {
        guard !one.isCritical else { throw KeyFailure("x509: authority key identifier incorrectly marked critical") }
        var outer = DERReader(one.value)
        guard var reader = try? outer.sequence() else { throw KeyFailure("x509: invalid authority key identifier") }
        guard reader.nextTag == DERReader.Tag.context(0) else { return }
        guard let identifier = try? reader.element(DERReader.Tag.context(0)) else {
            throw KeyFailure("x509: invalid authority key identifier")
        }
        authorityKey = Array(identifier.rest)
    }

    private mutating func readKeyUsage(_ value: [UInt8]) throws(KeyFailure) {
        var reader = DERReader(value)
        guard let (bytes, _) = try? reader.bits() else { throw KeyFailure("x509: invalid key usage") }
        keyUsage = 0
        for bit in 0..<min(9, bytes.count * 8) where bytes[bit / 8] & (0x80 >> UInt8(bit % 8)) != 0 {
            keyUsage |= 1 << bit
        }
    }

    private mutating func readBasicConstraints(_ value: [UInt8]) throws(KeyFailure) {
        let failed = KeyFailure("x509: invalid basic constraints")
        var outer = DERReader(value)
        guard var reader = try? outer.sequence() else { throw failed }
        if reader.nextTag == DERReader.Tag.boolean {
            guard let given = try? reader.boolean() else { throw failed }
            isAuthority = given
        }
        pathLength = -1
        if reader.nextTag == DERReader.Tag.integer {
            guard let given = try? reader.small(), given >= 0 else { throw failed }
            pathLength = given
        }
        hasBasicConstraints = true
    }

    private mutating func readPurposes(_ value: [UInt8]) throws(KeyFailure) {
        var outer = DERReader(value)
        guard var reader = try? outer.sequence() else { throw KeyFailure("x509: invalid extended key usages") }
        while !reader.isEmpty {
            guard let identifier = try? reader.identifier() else {
                throw KeyFailure("x509: invalid extended key usages")
            }
            if let purpose = Self.purposes.firstIndex(of: identifier.numbers) {
                purposes.append(purpose)
            } else {
                unknownPurposes.append(identifier)
            }
        }
    }

    private mutating func readRevocationLists(_ value: [UInt8]) throws(KeyFailure) {
        let failed = KeyFailure("x509: invalid CRL distribution point")
        var outer = DERReader(value)
        guard var list = try? outer.sequence() else { throw KeyFailure("x509: invalid CRL distribution points") }
        while !list.isEmpty {
            guard var point = try? list.sequence() else { throw failed }
            guard point.nextTag == DERReader.Tag.explicit(0) else { continue }
            guard var name = try? point.element(DERReader.Tag.explicit(0)),
                var full = try? name.element(DERReader.Tag.explicit(0))
            else { throw failed }
            // Names of other kinds end the list.
            while full.nextTag == DERReader.Tag.context(6) {
                guard let address = try? full.element(DERReader.Tag.context(6)).rest else { throw failed }
                revocationLists.append(Array(address))
            }
        }
    }

    private mutating func readAccess(_ value: [UInt8]) throws(KeyFailure) {
        let failed = KeyFailure("x509: invalid authority info access")
        var outer = DERReader(value)
        guard var list = try? outer.sequence() else { throw failed }
        while !list.isEmpty {
            guard var description = try? list.sequence(), let method = try? description.identifier() else {
                throw failed
            }
            guard description.nextTag == DERReader.Tag.context(6) else { continue }
            guard let address = try? description.element(DERReader.Tag.context(6)).rest else { throw failed }
            if method == ObjectIdentifier(1, 3, 6, 1, 5, 5, 7, 48, 1) { statusServers.append(Array(address)) }
            if method == ObjectIdentifier(1, 3, 6, 1, 5, 5, 7, 48, 2) { issuerURLs.append(Array(address)) }
        }
    }

    // MARK: Policies

    private mutating func readPolicies(_ value: [UInt8]) throws(KeyFailure) {
        let failed = KeyFailure("x509: invalid certificate policies")
        var outer = DERReader(value)
        guard var list = try? outer.sequence() else { throw failed }
        while !list.isEmpty {
            guard policies.count < 256, var policy = try? list.sequence(), let identifier = try? policy.identifier()
            else { throw failed }
            guard !policies.contains(identifier) else { throw failed }
            policies.append(identifier)
        }
    }

    private mutating func readMappings(_ value: [UInt8]) throws(KeyFailure) {
        let failed = KeyFailure("x509: invalid policy mappings extension")
        var outer = DERReader(value)
        guard var list = try? outer.sequence() else { throw failed }
        while !list.isEmpty {
            guard var pair = try? list.sequence(), let issuer = try? pair.identifier(),
                let subject = try? pair.identifier(), pair.isEmpty
            else { throw failed }
            mappings.append((issuer, subject))
        }
    }

    private mutating func readPolicyConstraints(_ value: [UInt8]) throws(KeyFailure) {
        let failed = KeyFailure("x509: invalid policy constraints extension")
        var outer = DERReader(value)
        guard var reader = try? outer.sequence() else { throw failed }
        if reader.nextTag == DERReader.Tag.context(0) {
            guard let count = try? reader.small(DERReader.Tag.context(0)), count >= 0 else { throw failed }
            requireExplicitPolicy = count
        }
        if reader.nextTag == DERReader.Tag.context(1) {
            guard let count = try? reader.small(DERReader.Tag.context(1)), count >= 0 else { throw failed }
            inhibitPolicyMapping = count
        }
    }

    /// The purposes that are known, by their number.
    static let purposes: [[Int]] =
        [[2, 5, 29, 37, 0]] + (1...9).map { [1, 3, 6, 1, 5, 5, 7, 3, $0] } + [
            [1, 3, 6, 1, 4, 1, 311, 10, 3, 3], [2, 16, 840, 1, 113730, 4, 1], [1, 3, 6, 1, 4, 1, 311, 2, 1, 22],
            [1, 3, 6, 1, 4, 1, 311, 61, 1, 1],
        ]
}

/// The names that a certificate or a request carries beside its subject.
struct AlternativeNames {
    private(set) var dns: [[UInt8]] = []
    private(set) var mail: [[UInt8]] = []
    private(set) var addresses: [[UInt8]] = []
    private(set) var identifiers: [CertificateURI] = []

    init() {}

    init(_ value: [UInt8]) throws(KeyFailure) {
        var outer = DERReader(value)
        guard var list = try? outer.sequence() else { throw KeyFailure("x509: invalid subject alternative names") }
        while !list.isEmpty {
            guard let (tag, contents, _) = try? list.any() else {
                throw KeyFailure("x509: invalid subject alternative name")
            }
            let bytes = Array(contents.rest)
            switch tag {
            case DERReader.Tag.context(1): mail.append(try Self.ascii(bytes, "rfc822Name"))
            case DERReader.Tag.context(2): dns.append(try Self.ascii(bytes, "dNSName"))
            case DERReader.Tag.context(6):
                let text = try Self.ascii(bytes, "uniformResourceIdentifier")
                identifiers.append(try CertificateURI(text))
            case DERReader.Tag.context(7):
                guard bytes.count == 4 || bytes.count == 16 else {
                    throw KeyFailure("x509: cannot parse IP address of length \(bytes.count)")
                }
                addresses.append(bytes)
            default: break
            }
        }
    }

    var isEmpty: Bool { dns.isEmpty && mail.isEmpty && addresses.isEmpty && identifiers.isEmpty }

    private static func ascii(_ bytes: [UInt8], _ name: String) throws(KeyFailure) -> [UInt8] {
        guard bytes.allSatisfy({ $0 < 0x80 }) else { throw KeyFailure("x509: SAN \(name) is malformed") }
        return bytes
    }
}
