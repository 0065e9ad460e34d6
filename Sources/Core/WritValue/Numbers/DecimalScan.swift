/// The parts of a number's text: sign, digits, exponent. It holds offsets into the bytes, never a copy of them.
///
/// The value is ±0.d₁d₂…dₙ × 10^`pointPosition` with d₁ and dₙ not zero, or zero when n is 0.
struct DecimalScan {
    let bytes: UnsafeBufferPointer<UInt8>
    private(set) var isNegative = false
    /// Digits before and after the point, as offsets.
    private var whole = 0..<0
    private var fraction = 0..<0
    /// Digits of the exponent without sign and leading zeros.
    private(set) var exponentDigits = 0..<0
    private(set) var exponentIsNegative = false
    /// Value of the written exponent, when it has at most 18 digits, otherwise 0 and `exponentIsHuge`.
    private(set) var exponent: Int64 = 0
    private(set) var exponentIsHuge = false
    /// Zeros before the first digit that is not zero.
    private var leading = 0
    /// Digits from the first to the last that is not zero.
    private(set) var count = 0

    /// Reads a number in JSON's grammar; nil for anything else.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        var index = 0
        let end = bytes.count
        if index < end, bytes[index] == UInt8(ascii: "-") {
            isNegative = true
            index &+= 1
        }
        whole = DecimalScan.digits(bytes, index)
        if whole.isEmpty || (whole.count > 1 && bytes[whole.lowerBound] == UInt8(ascii: "0")) { return nil }
        index = whole.upperBound
        fraction = index..<index
        if index < end, bytes[index] == UInt8(ascii: ".") {
            fraction = DecimalScan.digits(bytes, index &+ 1)
            if fraction.isEmpty { return nil }
            index = fraction.upperBound
        }
        if index < end, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index &+= 1
            if index < end, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") {
                exponentIsNegative = bytes[index] == UInt8(ascii: "-")
                index &+= 1
            }
            let written = DecimalScan.digits(bytes, index)
            if written.isEmpty { return nil }
            index = written.upperBound
            readExponent(written)
        }
        if index != end { return nil }
        measure()
    }

    private static func digits(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Range<Int> {
        var index = start
        while index < bytes.count, bytes[index] &- UInt8(ascii: "0") < 10 { index &+= 1 }
        return start..<index
    }

    private mutating func readExponent(_ written: Range<Int>) {
        var start = written.lowerBound
        while start < written.upperBound, bytes[start] == UInt8(ascii: "0") { start &+= 1 }
        exponentDigits = start..<written.upperBound
        if exponentDigits.count > 18 {
            exponentIsHuge = true
            return
        }
        for index in exponentDigits { exponent = exponent &* 10 &+ Int64(bytes[index] &- UInt8(ascii: "0")) }
        if exponentIsNegative { exponent = 0 &- exponent }
    }

    private mutating func measure() {
        let total = whole.count &+ fraction.count
        var first = 0
        while first < total, rawDigit(first) == 0 { first &+= 1 }
        var last = total
        while last > first, rawDigit(last &- 1) == 0 { last &-= 1 }
        leading = first
        count = last &- first
    }

    @inline(__always)
    private func rawDigit(_ index: Int) -> UInt8 {
        let position =
            index < whole.count ? whole.lowerBound &+ index : fraction.lowerBound &+ (index &- whole.count)
        return bytes[position] &- UInt8(ascii: "0")
    }

    /// Significant digit i, the first being 0. Asking beyond `count` gives 0.
    @inline(__always)
    func digit(_ index: Int) -> UInt8 { index < count ? rawDigit(leading &+ index) : 0 }

    var isZero: Bool { count == 0 }
    /// -1, 0 or 1.
    var signum: Int { count == 0 ? 0 : isNegative ? -1 : 1 }
    /// Digits before the point beyond those that the exponent adds.
    var shift: Int64 { Int64(whole.count &- leading) }
    /// Power of ten that the digits, as a fraction 0.d₁d₂…, are multiplied by. Meaningless when `exponentIsHuge`.
    var pointPosition: Int64 { exponent &+ shift }
    /// Whether the text has neither fraction nor exponent.
    var isPlainInteger: Bool { whole.upperBound == bytes.count }
    /// Digits after the point as written.
    var scale: Int { fraction.count }
    /// Digits as written, leading and trailing zeros included.
    var writtenDigits: Int { whole.count &+ fraction.count }
    var hasExponent: Bool { max(whole.upperBound, fraction.upperBound) != bytes.count }

    /// Whether the exact value is an integer.
    var isIntegral: Bool {
        if count == 0 { return true }
        if exponentIsHuge { return !exponentIsNegative }
        return pointPosition >= Int64(count)
    }

    /// Digits as a natural number; nil when larger than the limit on size. When the last ones are dropped, the last
    /// that stays is made odd, so that the number is no midpoint of two floats.
    func digitLimbs(dropping dropped: Int = 0) -> [UInt64]? {
        var feed = DigitFeed()
        let kept = count &- dropped
        for index in 0..<kept {
            let digit = rawDigit(leading &+ index)
            guard feed.append(dropped > 0 && index == kept &- 1 ? digit | 1 : digit) else { return nil }
        }
        return feed.finish()
    }

    /// Digits as a number of at most 19 digits; nil when there are more.
    func smallDigits() -> UInt64? {
        if count > 19 { return nil }
        var value: UInt64 = 0
        for index in 0..<count { value = value &* 10 &+ UInt64(rawDigit(leading &+ index)) }
        return value
    }
}
