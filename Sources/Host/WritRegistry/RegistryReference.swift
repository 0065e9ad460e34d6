/// Where an artifact is: `registry/repository:tag`, `registry/repository@digest`, or with both.
public struct RegistryReference: Sendable, Equatable, CustomStringConvertible {
    /// A host, with a port perhaps.
    public let registry: String
    public let repository: String
    public let tag: String?
    /// Counts before the tag.
    public let digest: ContentDigest?

    private static let nameLimit = 255
    private static let tagLimit = 128

    /// Reads a reference. What stands before the first slash is the registry, as in OPA. Throws for anything that is not
    /// written as the distribution specification says; so no part of it leads elsewhere when it stands in an address.
    public init(_ text: String) throws(RegistryFailure) {
        func failure(_ reason: String) -> RegistryFailure {
            RegistryFailure(.reference, "invalid reference \"\(text)\": \(reason)")
        }
        guard let slash = text.firstIndex(of: "/") else {
            throw failure("it has no registry (registry/repository:tag)")
        }
        registry = String(text[..<slash])
        guard Self.isHost(registry) else { throw failure("\"\(registry)\" is no host") }
        var rest = text[text.index(after: slash)...]
        if let at = rest.firstIndex(of: "@") {
            let written = String(rest[rest.index(after: at)...])
            guard let found = ContentDigest(written) else { throw failure("\"\(written)\" is no digest") }
            digest = found
            rest = rest[..<at]
        } else {
            digest = nil
        }
        if let colon = rest.firstIndex(of: ":") {
            let found = String(rest[rest.index(after: colon)...])
            guard Self.isTag(found) else { throw failure("\"\(found)\" is no tag") }
            tag = found
            rest = rest[..<colon]
        } else {
            tag = nil
        }
        repository = String(rest)
        guard repository.utf8.count <= Self.nameLimit,
            repository.split(separator: "/", omittingEmptySubsequences: false).allSatisfy({ Self.isStep($0) })
        else { throw failure("\"\(repository)\" is no name of a repository (lower case, digits, and - _ . within)") }
        guard tag != nil || digest != nil else { throw failure("it has neither a tag nor a digest") }
    }

    /// What its manifest is asked for by: the digest, else the tag.
    public var object: String { digest?.description ?? tag ?? "" }

    public var description: String {
        "\(registry)/\(repository)" + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
    }

    /// Whether it is on this machine, by its name or address.
    public var isLoopback: Bool {
        var host = registry[...]
        if let end = host.firstIndex(of: "]") {
            host = host[...end]
        } else if let colon = host.firstIndex(of: ":") {
            host = host[..<colon]
        }
        if host == "localhost" || host == "[::1]" { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
    }

    private static func isLowerOrDigit(_ byte: UInt8) -> Bool {
        byte >= 0x61 && byte <= 0x7A || byte >= 0x30 && byte <= 0x39
    }

    private static func isHost(_ text: String) -> Bool {
        var host = text[...]
        let isAddress = host.hasPrefix("[")
        if isAddress {
            guard let end = host.firstIndex(of: "]") else { return false }
            let inner = host[host.index(after: host.startIndex)..<end]
            guard !inner.isEmpty, inner.utf8.allSatisfy({ $0 == 0x3A || $0 == 0x2E || isHexadecimal($0) }) else {
                return false
            }
            host = host[host.index(after: end)...]
            if host.isEmpty { return true }
            guard host.hasPrefix(":") else { return false }
        }
        let parts = host.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { return false }
        if parts.count == 2 {
            guard parts[1].utf8.count <= 5, parts[1].utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
                UInt16(parts[1]) != nil
            else { return false }
        }
        if isAddress { return parts[0].isEmpty }
        return parts[0].split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.utf8.first != 0x2D && label.utf8.last != 0x2D
                && label.utf8.allSatisfy { isLowerOrDigit($0) || $0 >= 0x41 && $0 <= 0x5A || $0 == 0x2D }
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        byte >= 0x30 && byte <= 0x39 || byte | 0x20 >= 0x61 && byte | 0x20 <= 0x66
    }

    private static func isTag(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= tagLimit else { return false }
        func isWord(_ byte: UInt8) -> Bool {
            isLowerOrDigit(byte) || byte >= 0x41 && byte <= 0x5A || byte == 0x5F
        }
        return isWord(first) && text.utf8.allSatisfy { isWord($0) || $0 == 0x2E || $0 == 0x2D }
    }

    /// One step of a repository's name: letters and digits with one `.`, one or two `_`, or any number of `-` between.
    private static func isStep(_ text: Substring) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, let last = bytes.last, isLowerOrDigit(first), isLowerOrDigit(last) else {
            return false
        }
        var index = 0
        while index < bytes.count {
            if isLowerOrDigit(bytes[index]) {
                index += 1
                continue
            }
            var end = index
            while end < bytes.count, bytes[end] == bytes[index] { end += 1 }
            switch (bytes[index], end - index) {
            case (0x2E, 1), (0x5F, 1...2), (0x2D, _): break
            default: return false
            }
            guard end < bytes.count, isLowerOrDigit(bytes[end]) else { return false }
            index = end
        }
        return true
    }
}
