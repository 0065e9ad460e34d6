/// SHA-1 (FIPS 180-4). Broken as a cryptographic hash; here because policies have it.
struct SHA1: BlockHash {
    static var blockSize: Int { 64 }
    static var isBigEndian: Bool { true }
    static var digestSize: Int { 20 }

    private var a: UInt32 = 0x6745_2301
    private var b: UInt32 = 0xefcd_ab89
    private var c: UInt32 = 0x98ba_dcfe
    private var d: UInt32 = 0x1032_5476
    private var e: UInt32 = 0xc3d2_e1f0

    init() {}

    mutating func absorb(_ block: UnsafePointer<UInt8>) {
        var schedule = InlineArray<16, UInt32>(repeating: 0)
        let raw = UnsafeRawPointer(block)
        for index in 0..<16 {
            schedule[index] = UInt32(bigEndian: raw.loadUnaligned(fromByteOffset: index &* 4, as: UInt32.self))
        }
        var (a, b, c, d, e) = (self.a, self.b, self.c, self.d, self.e)
        for round in 0..<80 {
            let slot = round & 15
            if round >= 16 {
                schedule[slot] = rotate(
                    schedule[(round &+ 13) & 15] ^ schedule[(round &+ 8) & 15] ^ schedule[(round &+ 2) & 15]
                        ^ schedule[slot], 1)
            }
            let mixed: UInt32
            let constant: UInt32
            if round < 20 {
                mixed = b & c | ~b & d
                constant = 0x5a82_7999
            } else if round < 40 {
                mixed = b ^ c ^ d
                constant = 0x6ed9_eba1
            } else if round < 60 {
                mixed = b & c | b & d | c & d
                constant = 0x8f1b_bcdc
            } else {
                mixed = b ^ c ^ d
                constant = 0xca62_c1d6
            }
            let next = rotate(a, 5) &+ mixed &+ e &+ constant &+ schedule[slot]
            (e, d, c, b, a) = (d, c, rotate(b, 30), a, next)
        }
        (self.a, self.b, self.c) = (self.a &+ a, self.b &+ b, self.c &+ c)
        (self.d, self.e) = (self.d &+ d, self.e &+ e)
    }

    @inline(__always)
    private func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 { word &<< count | word &>> (32 &- count) }

    func digestByte(_ index: Int) -> UInt8 {
        let word =
            switch index / 4 {
            case 0: a
            case 1: b
            case 2: c
            case 3: d
            default: e
            }
        return UInt8(truncatingIfNeeded: word &>> UInt32(truncatingIfNeeded: 24 &- (index & 3) &* 8))
    }
}
