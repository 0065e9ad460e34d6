/// A hash function over blocks: the state of one run, updated block by block.
///
/// Not for secrets of which timing must tell nothing; keys and signatures belong above the core.
protocol BlockHash: BitwiseCopyable {
    /// Bytes a block; the length field at the end of the padding takes an eighth of it.
    static var blockSize: Int { get }
    /// Whether numbers are stored most significant byte first.
    static var isBigEndian: Bool { get }
    static var digestSize: Int { get }

    init()

    /// Takes in one block of `blockSize` bytes.
    mutating func absorb(_ block: UnsafePointer<UInt8>)

    /// Byte `index` of the digest.
    func digestByte(_ index: Int) -> UInt8
}

/// The digest of a message that arrives in parts: `BlockHash` with padding.
struct Digest<Hash: BlockHash> {
    private var hash = Hash()
    /// A block that is not full yet; room for the largest block.
    private var partial = InlineArray<128, UInt8>(repeating: 0)
    private var filled = 0
    private var total: UInt64 = 0

    init() {}

    mutating func update(_ bytes: Bytes) {
        total &+= UInt64(truncatingIfNeeded: bytes.count)
        var index = 0
        if filled > 0 {
            while filled < Hash.blockSize, index < bytes.count {
                partial[filled] = bytes[index]
                filled &+= 1
                index &+= 1
            }
            if filled < Hash.blockSize { return }
            absorbPartial()
        }
        guard let base = bytes.baseAddress else { return }
        while bytes.count &- index >= Hash.blockSize {
            hash.absorb(base + index)
            index &+= Hash.blockSize
        }
        while index < bytes.count {
            partial[filled] = base[index]
            filled &+= 1
            index &+= 1
        }
    }

    private mutating func absorbPartial() {
        partial.span.withUnsafeBufferPointer { buffer in
            if let base = buffer.baseAddress { hash.absorb(base) }
        }
        filled = 0
    }

    /// Ends the message. The digest's bytes are read with `byte` afterwards.
    mutating func finish() {
        let bits = total &<< 3
        partial[filled] = 0x80
        filled &+= 1
        let lengthStart = Hash.blockSize &- Hash.blockSize / 8
        if filled > lengthStart {
            fill(upTo: Hash.blockSize)
            absorbPartial()
        }
        // Messages are shorter than 2^61 bytes, so the upper half of a 128-bit length is 0, its top three bits lost.
        fill(upTo: Hash.blockSize &- 8)
        for index in 0..<8 {
            let shift = UInt64(truncatingIfNeeded: Hash.isBigEndian ? 56 &- index &* 8 : index &* 8)
            partial[Hash.blockSize &- 8 &+ index] = UInt8(truncatingIfNeeded: bits &>> shift)
        }
        absorbPartial()
    }

    private mutating func fill(upTo end: Int) {
        while filled < end {
            partial[filled] = 0
            filled &+= 1
        }
    }

    func byte(_ index: Int) -> UInt8 { hash.digestByte(index) }
}

/// Keyed hashing (RFC 2104).
enum HMAC<Hash: BlockHash> {
    /// The code of `message` under `key`.
    static func authenticate(_ message: Bytes, key: Bytes) -> Digest<Hash> {
        var block = InlineArray<128, UInt8>(repeating: 0)
        if key.count > Hash.blockSize {
            var short = Digest<Hash>()
            short.update(key)
            short.finish()
            for index in 0..<Hash.digestSize { block[index] = short.byte(index) }
        } else {
            for index in 0..<key.count { block[index] = key[index] }
        }
        var inner = Digest<Hash>()
        update(&inner, block, mask: 0x36)
        inner.update(message)
        inner.finish()
        var outer = Digest<Hash>()
        update(&outer, block, mask: 0x5c)
        var digest = InlineArray<64, UInt8>(repeating: 0)
        for index in 0..<Hash.digestSize { digest[index] = inner.byte(index) }
        digest.span.withUnsafeBufferPointer { outer.update(Bytes(rebasing: $0[0..<Hash.digestSize])) }
        outer.finish()
        return outer
    }

    private static func update(_ digest: inout Digest<Hash>, _ key: InlineArray<128, UInt8>, mask: UInt8) {
        var block = key
        for index in 0..<Hash.blockSize { block[index] ^= mask }
        block.span.withUnsafeBufferPointer { digest.update(Bytes(rebasing: $0[0..<Hash.blockSize])) }
    }
}
