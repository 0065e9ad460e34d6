import Crypto

/// What names content: an algorithm and the digest that content has by it, as in `sha256:2c26…`.
public struct ContentDigest: Sendable, Hashable, CustomStringConvertible {
    public enum Algorithm: String, Sendable, CaseIterable {
        case sha256, sha512

        var digits: Int { self == .sha256 ? 64 : 128 }
    }

    public let algorithm: Algorithm
    /// In lower case.
    public let hexadecimal: String

    public var description: String { "\(algorithm.rawValue):\(hexadecimal)" }

    /// Reads a digest. Nil for other text, and for algorithms that registries need not know.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let algorithm = Algorithm(rawValue: String(parts[0])),
            parts[1].utf8.count == algorithm.digits,
            parts[1].utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 || $0 >= 0x61 && $0 <= 0x66 })
        else { return nil }
        self.algorithm = algorithm
        hexadecimal = String(parts[1])
    }

    /// The digest of content.
    public init(of content: [UInt8], by algorithm: Algorithm = .sha256) {
        self = content.withUnsafeBytes { ContentDigest(of: $0, by: algorithm) }
    }

    /// The digest of content in memory that is not this process's own, or of a file that is mapped.
    public init(of content: UnsafeRawBufferPointer, by algorithm: Algorithm) {
        self.algorithm = algorithm
        switch algorithm {
        case .sha256:
            var hash = SHA256()
            hash.update(bufferPointer: content)
            hexadecimal = Self.text(hash.finalize())
        case .sha512:
            var hash = SHA512()
            hash.update(bufferPointer: content)
            hexadecimal = Self.text(hash.finalize())
        }
    }

    /// A digest that was computed elsewhere, of 32 bytes. Nil for another number of bytes.
    public init?(sha256 bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        algorithm = .sha256
        hexadecimal = Self.text(bytes)
    }

    /// Whether content is what this names.
    public func names(_ content: [UInt8]) -> Bool { self == ContentDigest(of: content, by: algorithm) }

    private static func text(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
