/// Bit operations in two's complement of unlimited width, as Go's `big.Int` has them.
extension BigInteger {
    public func and(_ other: BigInteger) -> BigInteger { combine(other) { $0 & $1 } }
    public func or(_ other: BigInteger) -> BigInteger { combine(other) { $0 | $1 } }
    public func xor(_ other: BigInteger) -> BigInteger { combine(other) { $0 ^ $1 } }

    /// The complement of all bits, -x - 1 (`bits.negate`).
    public var complement: BigInteger {
        isNegative
            ? BigInteger(magnitude: Limbs.subtract(magnitude, [1]), negative: false)
            : BigInteger(magnitude: Limbs.add(magnitude, [1]), negative: true)
    }

    /// x × 2^count; a negative count is `negativeInteger`.
    public func shiftedLeft(by count: BigInteger) throws(NumberError) -> BigInteger {
        if count.isNegative { throw .negativeInteger }
        if isZero { return self }
        guard let small = count.int64, small <= Int64(BigInteger.maximumBits) else { throw .tooLarge }
        let places = Int(truncatingIfNeeded: small)
        guard bitWidth + places <= BigInteger.maximumBits else { throw .tooLarge }
        return BigInteger(magnitude: Limbs.shiftLeft(magnitude, places), negative: isNegative)
    }

    /// x / 2^count towards negative infinity; a negative count is `negativeInteger`.
    public func shiftedRight(by count: BigInteger) throws(NumberError) -> BigInteger {
        if count.isNegative { throw .negativeInteger }
        guard let small = count.int64, small < Int64(bitWidth) else {
            return isNegative ? BigInteger(-1 as Int64) : .zero
        }
        let places = Int(truncatingIfNeeded: small)
        let shifted = Limbs.shiftRight(magnitude, places)
        if isNegative, Limbs.anyBit(magnitude, below: places) {
            return BigInteger(magnitude: Limbs.add(shifted, [1]), negative: true)
        }
        return BigInteger(magnitude: shifted, negative: isNegative)
    }

    /// Two's complement limbs, `count` of them.
    private func complementLimbs(_ count: Int) -> [UInt64] {
        var limbs = magnitude
        while limbs.count < count { limbs.append(0) }
        if isNegative { BigInteger.negateInPlace(&limbs) }
        return limbs
    }

    private static func negateInPlace(_ limbs: inout [UInt64]) {
        var carry = true
        for index in 0..<limbs.count {
            limbs[index] = ~limbs[index]
            if carry { (limbs[index], carry) = limbs[index].addingReportingOverflow(1) }
        }
    }

    private func combine(_ other: BigInteger, _ operation: (UInt64, UInt64) -> UInt64) -> BigInteger {
        // One limb more than the longer operand holds the sign.
        let count = max(magnitude.count, other.magnitude.count) &+ 1
        let left = complementLimbs(count)
        let right = other.complementLimbs(count)
        var result = [UInt64](repeating: 0, count: count)
        for index in 0..<count { result[index] = operation(left[index], right[index]) }
        let negative = result[count &- 1] &>> 63 == 1
        if negative { BigInteger.negateInPlace(&result) }
        Limbs.trim(&result)
        return BigInteger(magnitude: result, negative: negative)
    }
}
