/// The hash functions that name the content of files: those that signatures of bundles may use.
///
/// MD5 and SHA-1 resist no attacker; they are here because signatures made elsewhere may name them.
public enum ContentHash: CaseIterable, Sendable {
    case md5, sha1, sha224, sha256, sha384, sha512, sha512With224, sha512With256

    /// The name that signatures use: `SHA-256`.
    public var name: StaticString {
        switch self {
        case .md5: "MD5"
        case .sha1: "SHA-1"
        case .sha224: "SHA-224"
        case .sha256: "SHA-256"
        case .sha384: "SHA-384"
        case .sha512: "SHA-512"
        case .sha512With224: "SHA-512-224"
        case .sha512With256: "SHA-512-256"
        }
    }

    /// The hash of this name; nil for one that there is not.
    public init?(name: [UInt8]) {
        guard let found = Self.allCases.first(where: { $0.name.withUTF8Buffer { name.elementsEqual($0) } }) else {
            return nil
        }
        self = found
    }

    /// The digest of a message.
    public func digest(_ message: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        switch self {
        case .md5: Self.digest(message, MD5.self)
        case .sha1: Self.digest(message, SHA1.self)
        case .sha224: Self.digest(message, SHA224.self)
        case .sha256: Self.digest(message, SHA256.self)
        case .sha384: Self.digest(message, SHA384.self)
        case .sha512: Self.digest(message, SHA512.self)
        case .sha512With224: Self.digest(message, SHA512With224.self)
        case .sha512With256: Self.digest(message, SHA512With256.self)
        }
    }

    private static func digest<Hash: BlockHash>(_ message: UnsafeBufferPointer<UInt8>, _: Hash.Type) -> [UInt8] {
        var digest = Digest<Hash>()
        digest.update(message)
        digest.finish()
        return (0..<Hash.digestSize).map { digest.byte($0) }
    }
}

/// SHA-224 (FIPS 180-4): SHA-256 from another start, cut.
struct SHA224: BlockHash {
    static var blockSize: Int { 64 }
    static var isBigEndian: Bool { true }
    static var digestSize: Int { 28 }

    private var hash = SHA256(startingFrom: [
        0xc105_9ed8, 0x367c_d507, 0x3070_dd17, 0xf70e_5939, 0xffc0_0b31, 0x6858_1511, 0x64f9_8fa7, 0xbefa_4fa4,
    ])

    init() {}

    mutating func absorb(_ block: UnsafePointer<UInt8>) { hash.absorb(block) }
    func digestByte(_ index: Int) -> UInt8 { hash.digestByte(index) }
}

/// SHA-384 (FIPS 180-4): SHA-512 from another start, cut.
struct SHA384: BlockHash {
    static var blockSize: Int { 128 }
    static var isBigEndian: Bool { true }
    static var digestSize: Int { 48 }

    private var hash = SHA512(startingFrom: [
        0xcbbb_9d5d_c105_9ed8, 0x629a_292a_367c_d507, 0x9159_015a_3070_dd17, 0x152f_ecd8_f70e_5939,
        0x6733_2667_ffc0_0b31, 0x8eb4_4a87_6858_1511, 0xdb0c_2e0d_64f9_8fa7, 0x47b5_481d_befa_4fa4,
    ])

    init() {}

    mutating func absorb(_ block: UnsafePointer<UInt8>) { hash.absorb(block) }
    func digestByte(_ index: Int) -> UInt8 { hash.digestByte(index) }
}

/// SHA-512/224 (FIPS 180-4).
struct SHA512With224: BlockHash {
    static var blockSize: Int { 128 }
    static var isBigEndian: Bool { true }
    static var digestSize: Int { 28 }

    private var hash = SHA512(truncatedAs: "SHA-512/224")

    init() {}

    mutating func absorb(_ block: UnsafePointer<UInt8>) { hash.absorb(block) }
    func digestByte(_ index: Int) -> UInt8 { hash.digestByte(index) }
}

/// SHA-512/256 (FIPS 180-4).
struct SHA512With256: BlockHash {
    static var blockSize: Int { 128 }
    static var isBigEndian: Bool { true }
    static var digestSize: Int { 32 }

    private var hash = SHA512(truncatedAs: "SHA-512/256")

    init() {}

    mutating func absorb(_ block: UnsafePointer<UInt8>) { hash.absorb(block) }
    func digestByte(_ index: Int) -> UInt8 { hash.digestByte(index) }
}

extension SHA512 {
    /// The start of SHA-512/t is the digest of its name under a SHA-512 whose own start is masked (FIPS 180-4, 5.3.6).
    fileprivate init(truncatedAs name: StaticString) {
        var start = SHA512().words
        for index in 0..<8 { start[index] ^= 0xa5a5_a5a5_a5a5_a5a5 }
        var hash = SHA512(startingFrom: start)
        var block = InlineArray<128, UInt8>(repeating: 0)
        let count = name.utf8CodeUnitCount
        name.withUTF8Buffer { for index in 0..<count { block[index] = $0[index] } }
        block[count] = 0x80
        block[127] = UInt8(truncatingIfNeeded: count &* 8)
        block.span.withUnsafeBufferPointer { buffer in
            if let base = buffer.baseAddress { hash.absorb(base) }
        }
        self.init(startingFrom: hash.words)
    }
}
