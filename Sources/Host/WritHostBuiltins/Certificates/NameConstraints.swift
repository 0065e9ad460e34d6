import Writ

/// The names that an authority may certify (RFC 5280, 4.2.1.10).
struct NameConstraints {
    struct Names {
        fileprivate(set) var dns: [[UInt8]] = []
        fileprivate(set) var mail: [[UInt8]] = []
        fileprivate(set) var identifiers: [[UInt8]] = []
        /// Address and mask, one after the other.
        fileprivate(set) var addresses: [[UInt8]] = []
    }

    let permitted: Names
    let excluded: Names
    let isCritical: Bool
    /// Whether it constrains known kinds of names only.
    let isUnderstood: Bool

    init(_ value: [UInt8], isCritical: Bool) throws(KeyFailure) {
        let failed = KeyFailure("x509: invalid NameConstraints extension")
        var outer = DERReader(value)
        guard var reader = try? outer.sequence(), outer.isEmpty,
            let permitted = try? reader.optional(DERReader.Tag.explicit(0)) ?? DERReader([]),
            let excluded = try? reader.optional(DERReader.Tag.explicit(1)) ?? DERReader([]), reader.isEmpty
        else { throw failed }
        guard !permitted.isEmpty || !excluded.isEmpty else {
            throw KeyFailure("x509: empty name constraints extension")
        }
        var isUnderstood = true
        self.permitted = try Self.names(permitted, &isUnderstood)
        self.excluded = try Self.names(excluded, &isUnderstood)
        self.isCritical = isCritical
        self.isUnderstood = isUnderstood
    }

    private static func names(_ list: DERReader, _ isUnderstood: inout Bool) throws(KeyFailure) -> Names {
        var list = list
        var names = Names()
        while !list.isEmpty {
            guard var subtree = try? list.sequence(), let (tag, contents, _) = try? subtree.any() else {
                throw KeyFailure("x509: invalid NameConstraints extension")
            }
            let bytes = Array(contents.rest)
            switch tag {
            case DERReader.Tag.context(1):
                try checkASCII(bytes)
                if bytes.contains(UInt8(ascii: "@")) {
                    guard Mailbox(bytes) != nil else { throw invalid(bytes, "rfc822Name") }
                } else {
                    try checkDomain(bytes, "rfc822Name")
                }
                names.mail.append(bytes)
            case DERReader.Tag.context(2):
                try checkDomain(bytes, "dnsName")
                names.dns.append(bytes)
            case DERReader.Tag.context(6):
                guard IPText.parse(bytes) == nil else {
                    throw KeyFailure("\(invalid(bytes, "URI").message): cannot be IP address")
                }
                try checkDomain(bytes, "URI")
                names.identifiers.append(bytes)
            case DERReader.Tag.context(7):
                guard bytes.count == 8 || bytes.count == 32 else {
                    throw KeyFailure("x509: IP constraint contained value of length \(bytes.count)")
                }
                guard isMask(bytes[(bytes.count / 2)...]) else {
                    throw KeyFailure("x509: IP constraint contained invalid mask")
                }
                names.addresses.append(bytes)
            default: isUnderstood = false
            }
        }
        return names
    }

    private static func checkASCII(_ constraint: [UInt8]) throws(KeyFailure) {
        guard constraint.allSatisfy({ $0 < 0x80 }) else {
            throw KeyFailure(
                "x509: invalid constraint value: x509: \(quoted(constraint)) cannot be encoded as an IA5String")
        }
    }

    private static func checkDomain(_ constraint: [UInt8], _ kind: String) throws(KeyFailure) {
        try checkASCII(constraint)
        let domain = constraint.first == UInt8(ascii: ".") ? Array(constraint.dropFirst()) : constraint
        guard DomainName(domain) != nil else { throw invalid(constraint, kind) }
    }

    private static func invalid(_ constraint: [UInt8], _ kind: String) -> KeyFailure {
        KeyFailure("x509: failed to parse \(kind) constraint \(quoted(constraint))")
    }

    private static func quoted(_ constraint: [UInt8]) -> String {
        var quoted: [UInt8] = []
        GoFormat.quote(constraint, to: &quoted)
        return String(decoding: quoted, as: UTF8.self)
    }

    /// Ones, then zeros.
    private static func isMask(_ mask: ArraySlice<UInt8>) -> Bool {
        var seenZero = false
        for byte in mask {
            for bit in (0..<8).reversed() {
                if byte >> UInt8(bit) & 1 == 0 {
                    seenZero = true
                } else if seenZero {
                    return false
                }
            }
        }
        return true
    }

    // MARK: Checking

    /// Whether these names may be certified. Each comparison costs one of `budget`; when it is used up they may not.
    func allow(_ names: AlternativeNames, budget: inout Int) -> Bool {
        for name in names.mail {
            guard let mailbox = Mailbox(name),
                Self.allow(permitted.mail, excluded.mail, &budget, { mailbox.isIn($0) })
            else { return false }
        }
        for name in names.dns {
            guard DomainName(name) != nil,
                Self.allow(permitted.dns, excluded.dns, &budget, { Self.domain(name, matches: $0) })
            else { return false }
        }
        for identifier in names.identifiers {
            let lists = (permitted.identifiers, excluded.identifiers)
            guard !lists.0.isEmpty || !lists.1.isEmpty else { continue }
            var host = identifier.host
            if let colon = host.lastIndex(of: UInt8(ascii: ":")), host.last != UInt8(ascii: "]") {
                host = Array(host[..<colon])
            }
            // A URI without a host, or of an address, cannot be compared.
            guard !host.isEmpty, host.first != UInt8(ascii: "["), IPText.parse(host) == nil,
                Self.allow(lists.0, lists.1, &budget, { Self.domain(host, matches: $0) })
            else { return false }
        }
        for address in names.addresses {
            guard
                Self.allow(permitted.addresses, excluded.addresses, &budget, { Self.address(address, isIn: $0) })
            else { return false }
        }
        return true
    }

    private static func allow(
        _ permitted: [[UInt8]], _ excluded: [[UInt8]], _ budget: inout Int, _ matches: ([UInt8]) -> Bool
    ) -> Bool {
        budget -= excluded.count
        guard budget >= 0, !excluded.contains(where: matches) else { return false }
        budget -= permitted.count
        guard budget >= 0 else { return false }
        return permitted.isEmpty || permitted.contains(where: matches)
    }

    fileprivate static func domain(_ name: [UInt8], matches constraint: [UInt8]) -> Bool {
        guard !constraint.isEmpty else { return true }
        let onlyBelow = constraint[0] == UInt8(ascii: ".")
        guard let name = DomainName(name), let bound = DomainName(Array(constraint.dropFirst(onlyBelow ? 1 : 0))) else {
            return false
        }
        guard name.labels.count > bound.labels.count || !onlyBelow && name.labels.count == bound.labels.count else {
            return false
        }
        return zip(name.labels, bound.labels).allSatisfy { $0.lowercased == $1.lowercased }
    }

    private static func address(_ address: [UInt8], isIn range: [UInt8]) -> Bool {
        guard range.count == 2 * address.count else { return false }
        return address.indices.allSatisfy { index in
            (address[index] ^ range[index]) & range[address.count + index] == 0
        }
    }
}

/// A mail address: what stands before the @, without quotes and escapes, and the domain (RFC 5321, 4.1.2).
private struct Mailbox {
    let local: [UInt8]
    let domain: [UInt8]

    init?(_ text: [UInt8]) {
        var rest = text[...]
        guard let local = rest.first == UInt8(ascii: "\"") ? Self.quoted(&rest) : Self.plain(&rest),
            rest.popFirst() == UInt8(ascii: "@"), DomainName(Array(rest)) != nil
        else { return nil }
        self.local = local
        domain = Array(rest)
    }

    /// A part between quotes.
    private static func quoted(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        rest.removeFirst()
        var local: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return local }
            if byte == UInt8(ascii: "\\") {
                guard let escaped = rest.popFirst(), ![0, 10, 13].contains(escaped), escaped < 0x80 else { return nil }
                local.append(escaped)
            } else {
                guard ![0, 9, 10, 13].contains(byte), byte < 0x80 else { return nil }
                local.append(byte)
            }
        }
        return nil
    }

    /// Letters, digits and signs that need no quotes, or have a backslash before them.
    private static func plain(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        var local: [UInt8] = []
        while let byte = rest.first {
            if byte == UInt8(ascii: "\\") {
                guard let escaped = rest.dropFirst().first else { return nil }
                local.append(escaped)
                rest = rest.dropFirst(2)
            } else if byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26
                || "!#$%&'*+-/=?^_`{|}~.".utf8.contains(byte)
            {
                local.append(byte)
                rest = rest.dropFirst()
            } else {
                break
            }
        }
        let dot = UInt8(ascii: ".")
        guard !local.isEmpty, local.first != dot, local.last != dot,
            !zip(local, local.dropFirst()).contains(where: { $0 == dot && $1 == dot })
        else { return nil }
        return local
    }

    /// Whether a constraint names this address, or its domain.
    func isIn(_ constraint: [UInt8]) -> Bool {
        guard constraint.contains(UInt8(ascii: "@")) else { return NameConstraints.domain(domain, matches: constraint) }
        guard let other = Mailbox(constraint) else { return false }
        return local == other.local && domain.lowercased == other.domain.lowercased
    }
}

/// IP addresses in text.
enum IPText {
    static func text(_ bytes: some Collection<UInt8>) -> String {
        let bytes = Array(bytes)
        if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
        guard bytes.count == 16 else { return "" }
        if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xff, bytes[11] == 0xff { return text(bytes[12...]) }
        let groups = (0..<8).map { Int(bytes[2 * $0]) << 8 | Int(bytes[2 * $0 + 1]) }
        // The first of the longest runs of zeros, where it is more than one.
        var longest = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > max(1, longest.count) { longest = start..<end }
            start = max(end, start + 1)
        }
        func part(_ range: Range<Int>) -> String { range.map { String(groups[$0], radix: 16) }.joined(separator: ":") }
        return longest.isEmpty ? part(0..<8) : part(0..<longest.lowerBound) + "::" + part(longest.upperBound..<8)
    }

    /// The bytes of an address, 4 or 16 of them; nil for what is none.
    static func parse(_ text: [UInt8]) -> [UInt8]? {
        if !text.contains(UInt8(ascii: ":")) { return four(text[...]) }
        var groups: [UInt8] = []
        var gap: Int?
        var rest = text[...]
        if rest.starts(withLiteral: "::") {
            gap = 0
            rest = rest.dropFirst(2)
        }
        while !rest.isEmpty {
            guard groups.count < 16 else { return nil }
            let part = rest.prefix { $0 != UInt8(ascii: ":") }
            if part.endIndex == rest.endIndex, part.contains(UInt8(ascii: ".")) {
                guard groups.count <= 12, let last = four(part) else { return nil }
                groups += last
                rest = []
                break
            }
            guard !part.isEmpty, part.count <= 4,
                let value = UInt16(String(decoding: part, as: UTF8.self), radix: 16), part.first != UInt8(ascii: "+")
            else { return nil }
            groups += [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)]
            rest = rest[part.endIndex...]
            guard !rest.isEmpty else { break }
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: ":") {
                guard gap == nil else { return nil }
                gap = groups.count
                rest = rest.dropFirst()
            } else if rest.isEmpty {
                return nil
            }
        }
        guard let gap else { return groups.count == 16 ? groups : nil }
        guard groups.count < 16 else { return nil }
        groups.insert(contentsOf: repeatElement(0, count: 16 - groups.count), at: gap)
        return groups
    }

    private static func four(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard !part.isEmpty, part.count <= 3, part.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }),
                part.count == 1 || part.first != UInt8(ascii: "0"),
                let byte = UInt8(String(decoding: part, as: UTF8.self))
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }
}
