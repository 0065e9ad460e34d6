/// Decimal digits d₁d₂… with the value 0.d₁d₂… × 10^`point`; no digits is zero. Digits are values 0 to 9.
struct DecimalDigits {
    var digits: [UInt8]
    var point: Int

    init(digits: [UInt8], point: Int) {
        self.digits = digits
        self.point = point
        trim()
    }

    /// The exact digits of limbs × 2^exponent.
    init(limbs: [UInt64], exponent: Int) {
        var limbs = limbs
        var exponent = exponent
        if exponent < 0 {
            let zeros = min(Limbs.trailingZeroBits(limbs), 0 - exponent)
            limbs = Limbs.shiftRight(limbs, zeros)
            exponent += zeros
        }
        if limbs.isEmpty {
            self.init(digits: [], point: 0)
            return
        }
        // m × 2^-k is m × 5^k / 10^k.
        let whole =
            exponent >= 0
            ? Limbs.shiftLeft(limbs, exponent) : Limbs.multiply(limbs, BigInteger.powerOfFive(0 - exponent))
        var text: [UInt8] = []
        Limbs.appendDecimal(whole, to: &text)
        for index in 0..<text.count { text[index] &-= UInt8(ascii: "0") }
        self.init(digits: text, point: text.count + min(exponent, 0))
    }

    /// The first digits of high × 2^64 + low times 2^exponent, all of them or at least 24 with a 1 after them for
    /// what follows; nil where 128 bits do not suffice. Enough to tell neighbours of 64 bits apart.
    init?(high: UInt64, low: UInt64, exponent: Int64) {
        guard exponent <= 0, exponent >= -120, high < 8 else { return nil }
        let places = UInt64(truncatingIfNeeded: 0 &- exponent)
        // The part before the point, and the fraction as a number below 2^places.
        let whole: UInt64
        var top: UInt64
        var bottom: UInt64
        if places == 0 {
            if high != 0 { return nil }
            (whole, top, bottom) = (low, 0, 0)
        } else if places < 64 {
            if high &>> places != 0 { return nil }
            (whole, top, bottom) = (high &<< (64 &- places) | low &>> places, 0, low & ((1 &<< places) &- 1))
        } else {
            whole = places == 64 ? high : places < 67 ? high &>> (places &- 64) : 0
            (top, bottom) = (places == 64 ? 0 : high & ((1 &<< (places &- 64)) &- 1), low)
        }
        var text: [UInt8] = []
        text.reserveCapacity(32)
        if whole > 0 { DecimalDigits.appendNumber(whole, to: &text) }
        for index in 0..<text.count { text[index] &-= UInt8(ascii: "0") }
        var position = text.count
        while top | bottom != 0 {
            if text.count >= 24 {
                text.append(1)
                break
            }
            // (top, bottom) × 10, whose digit lies above `places`.
            let (carry, product) = bottom.multipliedFullWidth(by: 10)
            bottom = product
            top = top &* 10 &+ carry
            let digit: UInt64
            if places < 64 {
                digit = top &<< (64 &- places) | bottom &>> places
                top = 0
                bottom &= (1 &<< places) &- 1
            } else {
                digit = top &>> (places &- 64)
                top &= (1 &<< (places &- 64)) &- 1
            }
            if digit == 0, text.isEmpty { position &-= 1 } else { text.append(UInt8(truncatingIfNeeded: digit)) }
        }
        self.init(digits: text, point: position)
    }

    private mutating func trim() {
        while let last = digits.last, last == 0 { digits.removeLast() }
        if digits.isEmpty { point = 0 }
    }

    /// Digit i, zero beyond the end.
    func at(_ index: Int) -> UInt8 { index >= 0 && index < digits.count ? digits[index] : 0 }

    /// Rounds to the first n digits, half to even.
    mutating func round(_ count: Int) {
        if count < 0 || count >= digits.count { return }
        if shouldRoundUp(count) { roundUp(count) } else { roundDown(count) }
    }

    private func shouldRoundUp(_ count: Int) -> Bool {
        if digits[count] == 5, count + 1 == digits.count {
            return count > 0 && digits[count - 1] & 1 == 1
        }
        return digits[count] >= 5
    }

    mutating func roundUp(_ count: Int) {
        if count < 0 || count >= digits.count { return }
        var index = count
        while index > 0, digits[index - 1] >= 9 { index -= 1 }
        if index == 0 {
            digits = [1]
            point += 1
            return
        }
        digits.removeLast(digits.count - index)
        digits[index - 1] += 1
    }

    mutating func roundDown(_ count: Int) {
        if count < 0 || count >= digits.count { return }
        digits.removeLast(digits.count - count)
        trim()
    }

    // MARK: Text

    /// d.ddde±dd with `precision` digits after the point.
    func appendExponential(_ letter: UInt8, precision: Int, to out: inout [UInt8]) {
        out.append(at(0) + UInt8(ascii: "0"))
        if precision > 0 {
            out.append(UInt8(ascii: "."))
            appendDigits(1, precision, to: &out)
        }
        out.append(letter)
        let exponent = digits.isEmpty ? 0 : point - 1
        out.append(exponent < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        let size = exponent.magnitude
        if size < 10 { out.append(UInt8(ascii: "0")) }
        DecimalDigits.appendNumber(UInt64(size), to: &out)
    }

    /// ddd.ddd with `precision` digits after the point.
    func appendFixed(precision: Int, to out: inout [UInt8]) {
        if point > 0 {
            appendDigits(0, point, to: &out)
        } else {
            out.append(UInt8(ascii: "0"))
        }
        if precision > 0 {
            out.append(UInt8(ascii: "."))
            appendDigits(point, precision, to: &out)
        }
    }

    /// `count` digits from a position that may lie before the first or after the last.
    private func appendDigits(_ start: Int, _ count: Int, to out: inout [UInt8]) {
        for index in start..<(start + count) { out.append(at(index) + UInt8(ascii: "0")) }
    }

    static func appendNumber(_ value: UInt64, to out: inout [UInt8]) {
        if value >= 10 { appendNumber(value / 10, to: &out) }
        out.append(UInt8(truncatingIfNeeded: value % 10) + UInt8(ascii: "0"))
    }
}
