import WritValue

/// An IP address of 128 bits; IPv4 addresses are the mapped ones (::ffff:a.b.c.d), in whatever form they are written.
struct Address: BitwiseCopyable {
    var high: UInt64
    var low: UInt64

    var isV4: Bool { high == 0 && low &>> 32 == 0xffff }

    /// Bits in the address's own form.
    var width: Int { isV4 ? 32 : 128 }

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads an address without a zone; `isV4Text` tells whether it is written with dots only.
    init?(_ text: Bytes, isV4Text: inout Bool) {
        // An IPv6 address fails as a dotted one at its first colon, and no address has a dot before its first colon.
        if let four = Self.dotted(text, 0) {
            isV4Text = true
            self.init(high: 0, low: 0xffff_0000_0000 | UInt64(four))
        } else {
            isV4Text = false
            self.init(v6: text)
        }
    }

    init?(_ text: Bytes) {
        var ignored = false
        self.init(text, isV4Text: &ignored)
    }

    /// Four numbers of at most three digits, without zeros in front, from `start` to the end.
    private static func dotted(_ text: Bytes, _ start: Int) -> UInt32? {
        var result: UInt32 = 0
        var field: UInt32 = 0
        var digits = 0
        var dots = 0
        for index in start..<text.count {
            let byte = text[index]
            if byte == UInt8(ascii: ".") {
                guard digits > 0, dots < 3 else { return nil }
                result = result &<< 8 | field
                field = 0
                digits = 0
                dots &+= 1
            } else {
                let digit = UInt32(byte &- UInt8(ascii: "0"))
                guard digit < 10, digits == 0 || field > 0 else { return nil }
                field = field &* 10 &+ digit
                digits &+= 1
                guard field <= 255 else { return nil }
            }
        }
        return dots == 3 && digits > 0 ? result &<< 8 | field : nil
    }

    private init?(v6 text: Bytes) {
        var groups = InlineArray<8, UInt16>(repeating: 0)
        var index = 0
        var filled = 0
        /// Where the run of zeros stands that "::" abbreviates.
        var gap = -1
        if text.count >= 2, text[0] == UInt8(ascii: ":"), text[1] == UInt8(ascii: ":") {
            gap = 0
            index = 2
        }
        while filled < 8, index < text.count {
            let start = index
            var group: UInt32 = 0
            while index < text.count, let digit = Self.hexadecimal(text[index]) {
                guard index &- start < 4 else { return nil }
                group = group &<< 4 | digit
                index &+= 1
            }
            guard index > start else { return nil }
            if index < text.count, text[index] == UInt8(ascii: ".") {
                guard gap >= 0 || filled == 6, filled <= 6, let four = Self.dotted(text, start) else { return nil }
                groups[filled] = UInt16(truncatingIfNeeded: four &>> 16)
                groups[filled &+ 1] = UInt16(truncatingIfNeeded: four)
                filled &+= 2
                index = text.count
                break
            }
            groups[filled] = UInt16(truncatingIfNeeded: group)
            filled &+= 1
            if index == text.count { break }
            guard text[index] == UInt8(ascii: ":"), index &+ 1 < text.count else { return nil }
            index &+= 1
            if text[index] == UInt8(ascii: ":") {
                guard gap < 0 else { return nil }
                gap = filled
                index &+= 1
            }
        }
        guard index == text.count, filled == 8 ? gap < 0 : gap >= 0 else { return nil }
        high = 0
        low = 0
        let zeros = 8 &- filled
        for position in 0..<8 {
            var group: UInt16 = 0
            if gap < 0 || position < gap {
                group = groups[position]
            } else if position >= gap &+ zeros {
                group = groups[position &- zeros]
            }
            if position < 4 { high = high &<< 16 | UInt64(group) } else { low = low &<< 16 | UInt64(group) }
        }
    }

    @inline(__always)
    private static func hexadecimal(_ byte: UInt8) -> UInt32? {
        let digit = byte &- UInt8(ascii: "0")
        if digit < 10 { return UInt32(digit) }
        let letter = (byte | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? UInt32(letter) &+ 10 : nil
    }

    // MARK: Arithmetic

    static func isBefore(_ a: Address, _ b: Address) -> Bool { a.high == b.high ? a.low < b.low : a.high < b.high }
    static func isEqual(_ a: Address, _ b: Address) -> Bool { a.high == b.high && a.low == b.low }

    /// With all but the first `length` bits cleared.
    @inline(__always)
    func masked(_ length: Int) -> Address {
        Address(high: high & Self.mask(length), low: low & Self.mask(length &- 64))
    }

    /// With all but the first `length` bits set.
    func filled(_ length: Int) -> Address {
        Address(high: high | ~Self.mask(length), low: low | ~Self.mask(length &- 64))
    }

    /// A word whose first `length` bits are set.
    @inline(__always)
    private static func mask(_ length: Int) -> UInt64 {
        length <= 0 ? 0 : length >= 64 ? .max : ~(UInt64.max &>> UInt64(truncatingIfNeeded: length))
    }

    /// The next address; the last one is followed by the first.
    var next: Address { Address(high: low == .max ? high &+ 1 : high, low: low &+ 1) }
    var previous: Address { Address(high: low == 0 ? high &- 1 : high, low: low &- 1) }
    var isZero: Bool { high | low == 0 }

    /// How many bits at the end are zero.
    var trailingZeros: Int { low != 0 ? low.trailingZeroBitCount : 64 &+ high.trailingZeroBitCount }

    // MARK: Text

    /// Writes the address in its canonical form (RFC 5952).
    func write(to buffer: Scratch) throws(Fault) {
        if isV4 {
            for index in 0..<4 {
                if index > 0 { try buffer.append(UInt8(ascii: ".")) }
                try buffer.append(decimal: Int((low &>> UInt64(24 &- index &* 8)) & 0xff))
            }
            return
        }
        var best = 8
        var bestLength = 1
        var index = 0
        while index < 8 {
            var end = index
            while end < 8, group(end) == 0 { end &+= 1 }
            if end &- index > bestLength {
                best = index
                bestLength = end &- index
            }
            index = max(end, index &+ 1)
        }
        index = 0
        while index < 8 {
            if index == best {
                try buffer.append("::")
                index &+= bestLength
                continue
            }
            if index > 0, index != best &+ bestLength { try buffer.append(UInt8(ascii: ":")) }
            let group = group(index)
            try buffer.append(hex: group, digits: group > 0xfff ? 4 : group > 0xff ? 3 : group > 0xf ? 2 : 1)
            index &+= 1
        }
    }

    private func group(_ index: Int) -> UInt32 {
        let word = index < 4 ? high : low
        return UInt32(truncatingIfNeeded: word &>> UInt64(truncatingIfNeeded: 48 &- (index & 3) &* 16)) & 0xffff
    }
}

/// A network: its first address and how many of the 128 bits it fixes.
struct CIDRBlock: BitwiseCopyable {
    let address: Address
    let length: Int

    /// Reads `address/bits`.
    init?(_ text: Bytes) {
        var slash = text.count &- 1
        while slash >= 0, text[slash] != UInt8(ascii: "/") { slash &-= 1 }
        guard slash >= 0 else { return nil }
        var isV4 = false
        guard let address = Address(text.part(0, slash), isV4Text: &isV4) else { return nil }
        var length = 0
        guard slash &+ 1 < text.count else { return nil }
        for index in (slash &+ 1)..<text.count {
            let digit = text[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            length = length &* 10 &+ Int(digit)
            guard length <= 128 else { return nil }
        }
        if isV4 {
            guard length <= 32 else { return nil }
            length &+= 96
        }
        self.address = address.masked(length)
        self.length = length
    }

    init(_ address: Address, length: Int) {
        self.address = address
        self.length = length
    }

    /// The two families never contain each other.
    func contains(_ other: Address) -> Bool {
        address.isV4 == other.isV4 && Address.isEqual(other.masked(length), address.masked(length))
    }

    var last: Address { address.filled(length) }

    func write(to buffer: Scratch) throws(Fault) {
        try address.write(to: buffer)
        try buffer.append(UInt8(ascii: "/"))
        try buffer.append(decimal: address.isV4 ? length &- 96 : length)
    }
}
