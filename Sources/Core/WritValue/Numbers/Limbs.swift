/// Arithmetic on natural numbers held as 64-bit limbs, least significant first, without a leading zero limb.
///
/// No 128-bit multiplication or division of the runtime is used, so that the code links on 32-bit targets.
enum Limbs {
    /// Removes leading zero limbs.
    static func trim(_ limbs: inout [UInt64]) {
        while let last = limbs.last, last == 0 { limbs.removeLast() }
    }

    /// Order of two trimmed numbers: -1, 0 or 1.
    static func compare(_ a: [UInt64], _ b: [UInt64]) -> Int {
        if a.count != b.count { return a.count < b.count ? -1 : 1 }
        var index = a.count
        while index > 0 {
            index &-= 1
            if a[index] != b[index] { return a[index] < b[index] ? -1 : 1 }
        }
        return 0
    }

    /// Bits up to and including the highest set one; 0 for zero.
    static func bitWidth(_ a: [UInt64]) -> Int {
        guard let last = a.last else { return 0 }
        return a.count &* 64 &- last.leadingZeroBitCount
    }

    /// Zero bits below the lowest set one; 0 for zero.
    static func trailingZeroBits(_ a: [UInt64]) -> Int {
        for (index, limb) in a.enumerated() where limb != 0 { return index &* 64 &+ limb.trailingZeroBitCount }
        return 0
    }

    /// Whether any bit below `count` is set.
    static func anyBit(_ a: [UInt64], below count: Int) -> Bool {
        if count <= 0 { return false }
        let whole = min(count / 64, a.count)
        for index in 0..<whole where a[index] != 0 { return true }
        let rest = count & 63
        return whole < a.count && count / 64 == whole && rest > 0 && a[whole] & ((1 &<< UInt64(rest)) &- 1) != 0
    }

    static func bit(_ a: [UInt64], _ position: Int) -> Bool {
        if position < 0 || position / 64 >= a.count { return false }
        return a[position / 64] &>> UInt64(position & 63) & 1 == 1
    }

    // Carries are taken from comparisons, which compile to no branches; a branch on a random carry costs more than
    // the whole rest of a step.

    static func add(_ a: [UInt64], _ b: [UInt64]) -> [UInt64] {
        let (long, short) = a.count >= b.count ? (a, b) : (b, a)
        var result = long
        var carry: UInt64 = 0
        for index in 0..<long.count {
            if index >= short.count, carry == 0 { break }
            let first = result[index] &+ carry
            carry = first < carry ? 1 : 0
            let second = first &+ (index < short.count ? short[index] : 0)
            carry &+= second < first ? 1 : 0
            result[index] = second
        }
        if carry != 0 { result.append(carry) }
        return result
    }

    /// a - b, where a must not be less than b.
    static func subtract(_ a: [UInt64], _ b: [UInt64]) -> [UInt64] {
        var result = a
        subtract(b, from: &result)
        trim(&result)
        return result
    }

    /// Subtracts in place, without trimming; gives the borrow out of the highest limb.
    @discardableResult
    static func subtract(_ b: [UInt64], from a: inout [UInt64]) -> UInt64 {
        var borrow: UInt64 = 0
        for index in 0..<a.count {
            if index >= b.count, borrow == 0 { break }
            let limb = a[index]
            let first = limb &- (index < b.count ? b[index] : 0)
            let second = first &- borrow
            a[index] = second
            borrow = (first > limb ? 1 : 0) &+ (second > first ? 1 : 0)
        }
        return borrow
    }

    /// a × factor + addend, in place.
    static func multiplyAdd(_ a: inout [UInt64], by factor: UInt64, adding addend: UInt64) {
        let carry = a.withUnsafeMutableBufferPointer { limbs -> UInt64 in
            var carry = addend
            for index in 0..<limbs.count {
                let (high, low) = limbs[index].multipliedFullWidth(by: factor)
                let sum = low &+ carry
                limbs[index] = sum
                carry = high &+ (sum < low ? 1 : 0)
            }
            return carry
        }
        if carry != 0 { a.append(carry) }
    }

    static func multiply(_ a: [UInt64], _ b: [UInt64]) -> [UInt64] {
        if a.isEmpty || b.isEmpty { return [] }
        var result = [UInt64](repeating: 0, count: a.count &+ b.count)
        a.withUnsafeBufferPointer { left in
            b.withUnsafeBufferPointer { right in
                result.withUnsafeMutableBufferPointer { target in
                    for i in 0..<left.count {
                        let factor = left[i]
                        if factor == 0 { continue }
                        var carry: UInt64 = 0
                        for j in 0..<right.count {
                            let (high, low) = right[j].multipliedFullWidth(by: factor)
                            let first = low &+ carry
                            let second = first &+ target[i &+ j]
                            target[i &+ j] = second
                            carry = high &+ (first < low ? 1 : 0) &+ (second < first ? 1 : 0)
                        }
                        target[i &+ right.count] = carry
                    }
                }
            }
        }
        trim(&result)
        return result
    }

    static func shiftLeft(_ a: [UInt64], _ count: Int) -> [UInt64] {
        if a.isEmpty || count <= 0 { return a }
        let whole = count / 64
        let part = UInt64(count & 63)
        var result = [UInt64](repeating: 0, count: whole &+ a.count &+ 1)
        for index in 0..<a.count {
            result[whole &+ index] |= a[index] &<< part
            if part > 0 { result[whole &+ index &+ 1] = a[index] &>> (64 &- part) }
        }
        trim(&result)
        return result
    }

    /// Shift to the right; bits that fall out are lost.
    static func shiftRight(_ a: [UInt64], _ count: Int) -> [UInt64] {
        if count <= 0 { return a }
        let whole = count / 64
        if whole >= a.count { return [] }
        let part = UInt64(count & 63)
        var result = [UInt64](repeating: 0, count: a.count &- whole)
        for index in 0..<result.count {
            result[index] = a[whole &+ index] &>> part
            if part > 0, whole &+ index &+ 1 < a.count {
                result[index] |= a[whole &+ index &+ 1] &<< (64 &- part)
            }
        }
        trim(&result)
        return result
    }

    /// (high, low) / divisor in 64-bit steps; high must be less than divisor, and divisor not 0.
    static func divide(_ high: UInt64, _ low: UInt64, by divisor: UInt64) -> (quotient: UInt64, remainder: UInt64) {
        if high == 0 { return (low / divisor, low % divisor) }
        let shift = UInt64(divisor.leadingZeroBitCount)
        let d = divisor &<< shift
        let dHigh = d &>> 32
        let dLow = d & 0xFFFF_FFFF
        let top = shift == 0 ? high : (high &<< shift) | (low &>> (64 &- shift))
        let bottom = low &<< shift
        let (q1, r1) = halfStep(top, bottom &>> 32, d, dHigh, dLow)
        let (q0, r0) = halfStep(r1, bottom & 0xFFFF_FFFF, d, dHigh, dLow)
        return ((q1 &<< 32) | q0, r0 &>> shift)
    }

    /// One 32-bit digit of a long division: (remainder × 2^32 + next) / d.
    @inline(__always)
    private static func halfStep(
        _ remainder: UInt64, _ next: UInt64, _ d: UInt64, _ dHigh: UInt64, _ dLow: UInt64
    ) -> (UInt64, UInt64) {
        var q = remainder / dHigh
        var rest = remainder &- q &* dHigh
        while q > 0xFFFF_FFFF || q &* dLow > (rest &<< 32 | next) {
            q &-= 1
            rest &+= dHigh
            if rest > 0xFFFF_FFFF { break }
        }
        return (q, (remainder &<< 32 | next) &- q &* d)
    }

    /// Divides in place by one limb that is not 0; gives the remainder.
    static func divideSmall(_ a: inout [UInt64], by divisor: UInt64) -> UInt64 {
        var remainder: UInt64 = 0
        var index = a.count
        while index > 0 {
            index &-= 1
            (a[index], remainder) = divide(remainder, a[index], by: divisor)
        }
        trim(&a)
        return remainder
    }

    /// Quotient and remainder of naturals; b must not be zero (Knuth, algorithm D).
    static func divide(_ a: [UInt64], _ b: [UInt64]) -> (quotient: [UInt64], remainder: [UInt64]) {
        if b.isEmpty { return ([], []) }
        if compare(a, b) < 0 { return ([], a) }
        if b.count == 1 {
            var quotient = a
            let rest = divideSmall(&quotient, by: b[0])
            return (quotient, rest == 0 ? [] : [rest])
        }
        let shift = b[b.count &- 1].leadingZeroBitCount
        let divisor = shiftLeft(b, shift)
        var rest = shiftLeft(a, shift)
        while rest.count <= a.count { rest.append(0) }
        let n = divisor.count
        var quotient = [UInt64](repeating: 0, count: rest.count &- n)
        let top = divisor[n &- 1]
        let second = divisor[n &- 2]
        var position = quotient.count
        while position > 0 {
            position &-= 1
            let digit = estimate(rest[position &+ n], rest[position &+ n &- 1], rest[position &+ n &- 2], top, second)
            quotient[position] = subtractProduct(divisor, digit, from: &rest, at: position)
        }
        trim(&quotient)
        trim(&rest)
        return (quotient, shiftRight(rest, shift))
    }

    /// Quotient digit of the three highest limbs, right or one too large.
    private static func estimate(_ u2: UInt64, _ u1: UInt64, _ u0: UInt64, _ top: UInt64, _ second: UInt64) -> UInt64 {
        if u2 >= top { return UInt64.max }
        var (q, r) = divide(u2, u1, by: top)
        while true {
            let (high, low) = q.multipliedFullWidth(by: second)
            if high < r || (high == r && low <= u0) { return q }
            q &-= 1
            let (sum, over) = r.addingReportingOverflow(top)
            if over { return q }
            r = sum
        }
    }

    /// rest -= divisor × digit at a limb position, putting the divisor back once when that was too much.
    private static func subtractProduct(
        _ divisor: [UInt64], _ digit: UInt64, from rest: inout [UInt64], at position: Int
    ) -> UInt64 {
        let n = divisor.count
        let borrow = divisor.withUnsafeBufferPointer { limbs in
            rest.withUnsafeMutableBufferPointer { target -> UInt64 in
                var borrow: UInt64 = 0
                // The caller keeps position + n below the count of `rest`.
                for index in 0..<min(n, target.count &- position) {
                    let (high, low) = limbs[index].multipliedFullWidth(by: digit)
                    let limb = target[position &+ index]
                    let first = limb &- low
                    let second = first &- borrow
                    target[position &+ index] = second
                    borrow = high &+ (first > limb ? 1 : 0) &+ (second > first ? 1 : 0)
                }
                return borrow
            }
        }
        let (last, under) = rest[position &+ n].subtractingReportingOverflow(borrow)
        rest[position &+ n] = last
        if !under { return digit }
        var carry: UInt64 = 0
        for index in 0..<n {
            let (first, over) = rest[position &+ index].addingReportingOverflow(divisor[index])
            let (second, overAgain) = first.addingReportingOverflow(carry)
            rest[position &+ index] = second
            carry = (over ? 1 : 0) &+ (overAgain ? 1 : 0)
        }
        rest[position &+ n] &+= carry
        return digit &- 1
    }
}
