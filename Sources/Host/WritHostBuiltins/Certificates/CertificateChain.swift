import Crypto
import CryptoExtras
import Writ

/// Checks a chain of certificates as Go's `crypto/x509` does: RFC 5280 with its own rules for names and purposes.
struct CertificateChain {
    struct Options {
        var dnsName: [UInt8] = []
        /// Nanoseconds since 1970.
        var time: Int64
        /// Purposes, any of which the chain must allow; none asks for that of a server.
        var purposes: [Int] = []
        /// How many comparisons of names with constraints one certificate may cost.
        var maximumComparisons = 250_000
    }

    /// How many signatures one chain may cost.
    private static let maximumSignatures = 100

    private let root: Certificate
    private let intermediates: [Certificate]
    private let options: Options
    private let context: HostContext
    private var signaturesLeft = Self.maximumSignatures

    /// The first good chain from the last certificate to the first, nil where there is none.
    static func verified(
        _ certificates: [Certificate], _ options: Options, _ context: HostContext
    ) throws(Fault) -> [Certificate]? {
        guard certificates.count >= 2 else { return nil }
        var chain = CertificateChain(
            root: certificates[0], intermediates: Array(certificates[1..<(certificates.count - 1)]),
            options: options, context: context)
        return try chain.verified(leaf: certificates[certificates.count - 1])
    }

    private init(root: Certificate, intermediates: [Certificate], options: Options, context: HostContext) {
        self.root = root
        self.intermediates = intermediates
        self.options = options
        self.context = context
    }

    private mutating func verified(leaf: Certificate) throws(Fault) -> [Certificate]? {
        guard isValid(leaf, .leaf, after: []) else { return nil }
        if !options.dnsName.isEmpty, !leaf.isFor(host: options.dnsName) { return nil }
        let chains = leaf.raw == root.raw ? [[leaf]] : try build([leaf])
        let purposes = options.purposes.isEmpty ? [1] : options.purposes
        return chains.first { chain in
            CertificatePolicies.allow(chain) && (purposes.contains(0) || Self.allows(chain, purposes))
        }
    }

    private enum Position { case leaf, intermediate, root }

    /// The chains that lead on from the last certificate of `chain`.
    private mutating func build(_ chain: [Certificate]) throws(Fault) -> [[Certificate]] {
        guard let last = chain.last else { return [] }
        var chains: [[Certificate]] = []
        if try isIssuer(root, of: last, in: chain), isValid(root, .root, after: chain) { chains.append(chain + [root]) }
        for candidate in Self.byKeyIdentifier(intermediates, last) {
            guard try isIssuer(candidate, of: last, in: chain), isValid(candidate, .intermediate, after: chain) else {
                continue
            }
            chains += try build(chain + [candidate])
        }
        return chains
    }

    /// Those whose key identifier is the one that the certificate names first, those with another last.
    private static func byKeyIdentifier(_ candidates: [Certificate], _ child: Certificate) -> [Certificate] {
        let wanted = child.contents.authorityKey ?? []
        func rank(_ candidate: Certificate) -> Int {
            let own = candidate.contents.subjectKey ?? []
            return own.isEmpty || wanted.isEmpty ? 1 : own == wanted ? 0 : 2
        }
        return (0...2).flatMap { wanted in candidates.filter { rank($0) == wanted } }
    }

    /// Whether a certificate signed another and stands not yet in its chain.
    private mutating func isIssuer(
        _ parent: Certificate, of child: Certificate, in chain: [Certificate]
    ) throws(Fault) -> Bool {
        guard parent.subject.raw == child.issuer.raw, let key = parent.publicKey,
            !chain.contains(where: { $0.isSameEntity(as: parent) })
        else { return false }
        guard signaturesLeft > 0 else { return false }
        signaturesLeft -= 1
        try context.spend(key.cost)
        let contents = parent.contents
        if parent.version == 3 && !contents.hasBasicConstraints { return false }
        if contents.hasBasicConstraints && !contents.isAuthority { return false }
        if contents.keyUsage != 0 && contents.keyUsage & 32 == 0 { return false }
        return child.signatureAlgorithm.verifies(child.signature, of: child.signedPart, key)
    }

    private func isValid(_ certificate: Certificate, _ position: Position, after chain: [Certificate]) -> Bool {
        let contents = certificate.contents
        guard contents.unhandledCritical.isEmpty else { return false }
        let (seconds, fraction) = options.time.quotientAndRemainder(dividingBy: 1_000_000_000)
        let floor = fraction < 0 ? seconds - 1 : seconds
        guard floor >= certificate.notBefore,
            floor < certificate.notAfter || floor == certificate.notAfter && fraction == 0
        else { return false }
        if position != .leaf, let constraints = contents.constraints {
            var budget = options.maximumComparisons == 0 ? 250_000 : options.maximumComparisons
            for child in chain {
                guard constraints.allow(child.contents.names, budget: &budget) else { return false }
            }
        }
        if position == .intermediate, !contents.hasBasicConstraints || !contents.isAuthority { return false }
        return !(contents.hasBasicConstraints && contents.pathLength >= 0 && chain.count - 1 > contents.pathLength)
    }

    /// Whether every certificate of the chain that names purposes leaves one of these.
    private static func allows(_ chain: [Certificate], _ purposes: [Int]) -> Bool {
        var left = Set(purposes)
        for certificate in chain.reversed() {
            let contents = certificate.contents
            if contents.purposes.isEmpty && contents.unknownPurposes.isEmpty { continue }
            if contents.purposes.contains(0) { continue }
            left.formIntersection(contents.purposes)
            if left.isEmpty { return false }
        }
        return true
    }
}

extension Certificate {
    /// Whether it is a certificate of the same subject, key and names.
    func isSameEntity(as other: Certificate) -> Bool {
        let names = ObjectIdentifier(2, 5, 29, 17)
        return subject.raw == other.subject.raw && rawPublicKey == other.rawPublicKey
            && extensions.first { $0.identifier == names }?.value
                == other.extensions.first { $0.identifier == names }?.value
    }

    /// Whether it is a certificate for a host of this name or address.
    func isFor(host: [UInt8]) -> Bool {
        let isBracketed = host.count >= 3 && host.first == UInt8(ascii: "[") && host.last == UInt8(ascii: "]")
        if let address = IPText.parse(isBracketed ? Array(host[1..<(host.count - 1)]) : host) {
            return contents.names.addresses.contains { IPText.text($0) == IPText.text(address) }
        }
        let host = host.lowercased
        let isHost = Self.isHostName(host[...], isPattern: false)
        return contents.names.dns.contains { name in
            let name = name.lowercased
            guard isHost, Self.isHostName(name[...], isPattern: true) else {
                return !host.isEmpty && host != [UInt8(ascii: ".")] && name == host
            }
            return Self.matches(name, host)
        }
    }

    private static func isHostName(_ name: ArraySlice<UInt8>, isPattern: Bool) -> Bool {
        let name = !isPattern && name.last == UInt8(ascii: ".") ? name.dropLast() : name
        guard !name.isEmpty, !name.equals("*") else { return false }
        let labels = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        for (index, label) in labels.enumerated() {
            guard !label.isEmpty else { return false }
            if isPattern, index == 0, label.equals("*") { continue }
            for (position, byte) in label.enumerated() {
                let isLetter = (byte | 0x20) &- UInt8(ascii: "a") < 26
                let isOther = byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") && position > 0
                guard isLetter || byte &- UInt8(ascii: "0") < 10 || isOther else { return false }
            }
        }
        return true
    }

    /// A `*` as the first label stands for any one label.
    private static func matches(_ pattern: [UInt8], _ host: [UInt8]) -> Bool {
        let host = host.last == UInt8(ascii: ".") ? host.dropLast() : host[...]
        let expected = pattern.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let labels = host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard !host.isEmpty, expected.count == labels.count else { return false }
        return labels.indices.allSatisfy { index in
            index == 0 && expected[0].equals("*") || expected[index] == labels[index]
        }
    }
}

extension CertificateSignatureAlgorithm {
    /// Whether a signature is good. MD5 and SHA-1 never are: they resist no attacker.
    func verifies(_ signature: [UInt8], of message: [UInt8], _ key: PublicKey) -> Bool {
        switch (self, key) {
        case (.sha256RSA, .rsa): return verifies(signature, message, key, SignatureAlgorithm(.rs, .sha256))
        case (.sha384RSA, .rsa): return verifies(signature, message, key, SignatureAlgorithm(.rs, .sha384))
        case (.sha512RSA, .rsa): return verifies(signature, message, key, SignatureAlgorithm(.rs, .sha512))
        case (.sha256PSS, .rsa): return verifies(signature, message, key, SignatureAlgorithm(.ps, .sha256))
        case (.sha384PSS, .rsa): return verifies(signature, message, key, SignatureAlgorithm(.ps, .sha384))
        case (.sha512PSS, .rsa): return verifies(signature, message, key, SignatureAlgorithm(.ps, .sha512))
        case (.ed25519, .ed25519): return verifies(signature, message, key, SignatureAlgorithm(.ed, .sha512))
        case (.sha256ECDSA, .ec(let key)): return key.verifies(der: signature, of: SHA256.hash(data: message))
        case (.sha384ECDSA, .ec(let key)): return key.verifies(der: signature, of: SHA384.hash(data: message))
        case (.sha512ECDSA, .ec(let key)): return key.verifies(der: signature, of: SHA512.hash(data: message))
        default: return false
        }
    }

    private func verifies(
        _ signature: [UInt8], _ message: [UInt8], _ key: PublicKey, _ algorithm: SignatureAlgorithm
    ) -> Bool {
        signature.withUnsafeBufferPointer { signature in
            message.withUnsafeBufferPointer { key.verifies(signature, of: $0, algorithm, isExact: true) }
        }
    }
}

extension ECPublicKey {
    /// Whether a signature in DER is good.
    func verifies(der signature: [UInt8], of digest: some Digest) -> Bool {
        var outer = DERReader(signature)
        guard var reader = try? outer.sequence(), outer.isEmpty, let r = try? reader.magnitude(),
            let s = try? reader.magnitude(), reader.isEmpty, r.count <= curve.size, s.count <= curve.size
        else { return false }
        func padded(_ number: [UInt8]) -> [UInt8] { [UInt8](repeating: 0, count: curve.size - number.count) + number }
        return verifies(padded(r) + padded(s), of: digest)
    }
}

/// The rules for certificate policies (RFC 5280, 6.1) in a chain that accepts any.
enum CertificatePolicies {
    private static let any = ObjectIdentifier(2, 5, 29, 32, 0)

    /// Whether a chain, from leaf to root, leaves a policy where one of its authorities asks for that.
    ///
    /// Policy mappings are not followed: a chain that needs one is refused.
    static func allow(_ chain: [Certificate]) -> Bool {
        guard chain.count > 1 else { return true }
        // Nil while any policy is good.
        var left: [ObjectIdentifier]?
        var untilExplicit = Int.max
        var untilNoAny = Int.max
        for (index, certificate) in chain.dropLast().reversed().enumerated() {
            let contents = certificate.contents
            let isLeaf = index == chain.count - 2
            let isSelfIssued = certificate.subject.raw == certificate.issuer.raw
            let named = contents.policies
            if !(named.contains(any) && (untilNoAny > 0 || isSelfIssued && !isLeaf)) {
                left = named.filter { policy in policy != any && left?.contains(policy) ?? true }
            }
            if left?.isEmpty ?? false, untilExplicit == 0 { return false }
            if !isSelfIssued || isLeaf {
                if untilExplicit > 0, untilExplicit != .max { untilExplicit -= 1 }
                if untilNoAny > 0, untilNoAny != .max { untilNoAny -= 1 }
            }
            if !isLeaf, !contents.mappings.isEmpty { left = [] }
            if let count = contents.requireExplicitPolicy, !isLeaf || count == 0 {
                untilExplicit = min(untilExplicit, count)
            }
            if let count = contents.inhibitAnyPolicy { untilNoAny = min(untilNoAny, count) }
        }
        return !(untilExplicit == 0 && left?.isEmpty ?? false)
    }
}
