extension BigInteger {
    /// Reads an optional sign and decimal digits, nothing else; `syntax`, or `tooLarge` beyond the limit on bits.
    public init(decimal bytes: UnsafeBufferPointer<UInt8>) throws(NumberError) {
        var start = 0
        var negative = false
        if bytes.count > 0, bytes[0] == UInt8(ascii: "-") || bytes[0] == UInt8(ascii: "+") {
            negative = bytes[0] == UInt8(ascii: "-")
            start = 1
        }
        guard start < bytes.count else { throw .syntax }
        var digits = DigitFeed()
        for index in start..<bytes.count {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { throw .syntax }
            guard digits.append(digit) else { throw .tooLarge }
        }
        self = try BigInteger.checked(digits.finish(), negative)
    }

    /// Reads an optional sign and decimal digits.
    public init(decimal bytes: [UInt8]) throws(NumberError) {
        let result: Result<BigInteger, NumberError> = bytes.withUnsafeBufferPointer { buffer in
            do throws(NumberError) { return .success(try BigInteger(decimal: buffer)) } catch { return .failure(error) }
        }
        self = try result.get()
    }

    /// Decimal text with a minus sign when negative.
    public var decimalText: [UInt8] { text(base: 10) }

    /// Text in base 2, 8, 10 or 16 (lower case), with a minus sign when negative. Any other base counts as 10.
    public func text(base: Int) -> [UInt8] {
        var out: [UInt8] = []
        if isNegative { out.append(UInt8(ascii: "-")) }
        appendMagnitude(base: base, upper: false, to: &out)
        return out
    }

    /// Digits of the magnitude, "0" for zero.
    func appendMagnitude(base: Int, upper: Bool, to out: inout [UInt8]) {
        if magnitude.isEmpty {
            out.append(UInt8(ascii: "0"))
            return
        }
        switch base {
        case 2: appendBits(1, upper, &out)
        case 8: appendBits(3, upper, &out)
        case 16: appendBits(4, upper, &out)
        default: Limbs.appendDecimal(magnitude, to: &out)
        }
    }

    private func appendBits(_ bits: Int, _ upper: Bool, _ out: inout [UInt8]) {
        let letter: UInt8 = upper ? UInt8(ascii: "A") : UInt8(ascii: "a")
        let mask = (1 << bits) - 1
        var position = (bitWidth + bits - 1) / bits
        while position > 0 {
            position &-= 1
            let low = position &* bits
            var value = magnitude[low / 64] &>> UInt64(low & 63)
            let taken = 64 - (low & 63)
            if taken < bits, low / 64 + 1 < magnitude.count {
                value |= magnitude[low / 64 + 1] &<< UInt64(taken)
            }
            let digit = UInt8(truncatingIfNeeded: Int(truncatingIfNeeded: value) & mask)
            out.append(digit < 10 ? digit &+ UInt8(ascii: "0") : digit &- 10 &+ letter)
        }
    }
}

/// Collects decimal digits into limbs, 19 at a time.
struct DigitFeed {
    private var limbs: [UInt64] = []
    private var pending: UInt64 = 0
    private var factor: UInt64 = 1

    /// Takes a digit 0 to 9; false when the number has become larger than the limit.
    @inline(__always)
    mutating func append(_ digit: UInt8) -> Bool {
        pending = pending &* 10 &+ UInt64(digit)
        factor &*= 10
        if factor == 10_000_000_000_000_000_000 {
            flush()
            return limbs.count <= BigInteger.maximumBits / 64
        }
        return true
    }

    private mutating func flush() {
        if limbs.isEmpty {
            if pending != 0 { limbs.append(pending) }
        } else {
            Limbs.multiplyAdd(&limbs, by: factor, adding: pending)
        }
        pending = 0
        factor = 1
    }

    /// The natural number read.
    mutating func finish() -> [UInt64] {
        if factor > 1 { flush() }
        return limbs
    }
}

extension Limbs {
    private static let tenTo19: UInt64 = 10_000_000_000_000_000_000

    /// Decimal digits of a number, "0" for zero.
    ///
    /// Large numbers are split in halves by a power of ten, so that most of the work is multiplication.
    static func appendDecimal(_ a: [UInt64], to out: inout [UInt8]) {
        if a.count <= 30 {
            appendDecimalSmall(a, digits: 0, to: &out)
            return
        }
        // powers[k] = 10^(19 × 2^k)
        var powers: [[UInt64]] = [[tenTo19]]
        while let last = powers.last, last.count <= a.count / 2 + 1 { powers.append(multiply(last, last)) }
        appendSplit(a, powers, powers.count &- 1, pad: false, to: &out)
    }

    private static func appendSplit(
        _ a: [UInt64], _ powers: [[UInt64]], _ level: Int, pad: Bool, to out: inout [UInt8]
    ) {
        let width = 19 &<< (level &+ 1)
        if level < 0 || (a.count <= 30 && (!pad || level <= 3)) {
            appendDecimalSmall(a, digits: pad ? width : 0, to: &out)
            return
        }
        if compare(a, powers[level]) < 0 {
            if pad { out.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: width / 2)) }
            appendSplit(a, powers, level &- 1, pad: pad, to: &out)
            return
        }
        let (high, low) = divide(a, powers[level])
        appendSplit(high, powers, level &- 1, pad: pad, to: &out)
        appendSplit(low, powers, level &- 1, pad: true, to: &out)
    }

    /// Digits by repeated division, with leading zeros up to `digits`.
    private static func appendDecimalSmall(_ a: [UInt64], digits: Int, to out: inout [UInt8]) {
        var rest = a
        var reversed: [UInt8] = []
        reversed.reserveCapacity(max(20, a.count &* 20))
        while !rest.isEmpty {
            var chunk = divideSmall(&rest, by: tenTo19)
            var left = 19
            while left > 0, chunk != 0 || !rest.isEmpty {
                reversed.append(UInt8(truncatingIfNeeded: chunk % 10) &+ UInt8(ascii: "0"))
                chunk /= 10
                left &-= 1
            }
        }
        while reversed.count < max(1, digits) { reversed.append(UInt8(ascii: "0")) }
        out.append(contentsOf: reversed.reversed())
    }
}
