import Crypto

/// RSA-PSS (RFC 8017, 8.1.2) with a salt of any length, which `io.jwt.verify_ps*` of OPA takes. The library takes only
/// salts as long as the hash, and offers nothing to build this on.
///
/// All numbers here are public: the time that it takes tells nobody what he does not know.
extension RSAPublicKey {
    /// Whether a signature of a digest is good, however long its salt is.
    func verifiesPSS<H: HashFunction>(_ signature: [UInt8], of digest: H.Digest, _: H.Type) -> Bool {
        guard key != nil, let message = PublicPower(modulus: modulus)?.raise(signature, to: exponent) else {
            return false
        }
        // Numbers of the encoding have one bit less than the modulus, which may make it a byte shorter.
        let bits = modulus.count * 8 - (modulus.first ?? 0).leadingZeroBitCount - 1
        let count = (bits + 7) / 8
        let hashCount = H.Digest.byteCount
        guard count >= hashCount + 2, message.dropLast(count).allSatisfy({ $0 == 0 }), message.last == 0xbc else {
            return false
        }
        let encoded = Array(message.suffix(count))
        let hash = encoded[(count - hashCount - 1)..<(count - 1)]
        let used: UInt8 = 0xff >> UInt8(8 * count - bits)
        guard encoded[0] & ~used == 0 else { return false }
        var block = zip(encoded, Self.mask(hash, count - hashCount - 1, H.self)).map { $0 ^ $1 }
        block[0] &= used
        // Zeros, a one, the salt.
        let rest = block.drop { $0 == 0 }
        guard rest.first == 1 else { return false }
        var hasher = H()
        hasher.update(data: [UInt8](repeating: 0, count: 8))
        hasher.update(data: Array(digest))
        hasher.update(data: Array(rest.dropFirst()))
        return hasher.finalize().elementsEqual(hash)
    }

    /// MGF1 (RFC 8017, B.2.1).
    private static func mask<H: HashFunction>(_ seed: ArraySlice<UInt8>, _ count: Int, _: H.Type) -> [UInt8] {
        var mask: [UInt8] = []
        var number: UInt32 = 0
        while mask.count < count {
            var hasher = H()
            hasher.update(data: Array(seed))
            hasher.update(data: withUnsafeBytes(of: number.bigEndian) { Array($0) })
            mask += hasher.finalize()
            number += 1
        }
        return Array(mask.prefix(count))
    }
}

/// Powers modulo an odd number, by Montgomery's multiplication.
private struct PublicPower {
    /// From the lowest word to the highest, which is not 0.
    private let modulus: [UInt64]
    /// What a word is multiplied with so that the sum with a multiple of the modulus ends in 0.
    private let inverse: UInt64
    private let byteCount: Int

    /// Nil for an even modulus.
    init?(modulus bytes: [UInt8]) {
        let bytes = bytes.drop { $0 == 0 }
        modulus = Self.words(bytes)
        guard let low = modulus.first, low & 1 == 1 else { return nil }
        byteCount = bytes.count
        // Newton's method: each step doubles the bits that are right; of an odd number three are its own inverse's.
        var inverse = low
        for _ in 0..<5 { inverse = inverse &* (2 &- low &* inverse) }
        self.inverse = 0 &- inverse
    }

    private static func words(_ bytes: ArraySlice<UInt8>) -> [UInt64] {
        var words = [UInt64](repeating: 0, count: (bytes.count + 7) / 8)
        for (place, byte) in bytes.reversed().enumerated() { words[place / 8] |= UInt64(byte) << UInt64(place % 8 * 8) }
        return words
    }

    /// The power as bytes, as many as the modulus has. Nil where the base is not below the modulus.
    func raise(_ base: [UInt8], to exponent: [UInt8]) -> [UInt8]? {
        guard base.count <= byteCount else { return nil }
        let padded = [UInt8](repeating: 0, count: byteCount - base.count) + base
        let number = Self.words(padded[...])
        guard isLess(number) else { return nil }
        let (unit, square) = units()
        let factor = multiply(number, square)
        var power = unit
        for byte in exponent {
            for bit in (0..<8).reversed() {
                power = multiply(power, power)
                if byte >> UInt8(bit) & 1 == 1 { power = multiply(power, factor) }
            }
        }
        var one = [UInt64](repeating: 0, count: modulus.count)
        one[0] = 1
        let result = multiply(power, one)
        return (0..<byteCount).reversed().map { UInt8(truncatingIfNeeded: result[$0 / 8] >> UInt64($0 % 8 * 8)) }
    }

    /// R and R² modulo the modulus, for R the first power of 2 to 64 beyond it: 1 doubled so many times.
    private func units() -> (unit: [UInt64], square: [UInt64]) {
        var number = [UInt64](repeating: 0, count: modulus.count)
        number[0] = 1
        var unit = number
        for step in 0..<(128 * modulus.count) {
            if step == 64 * modulus.count { unit = number }
            var carry: UInt64 = 0
            for index in number.indices {
                let next = number[index] >> 63
                number[index] = number[index] << 1 | carry
                carry = next
            }
            if carry == 1 || !isLess(number) { subtract(&number) }
        }
        return (unit, number)
    }

    private func isLess(_ number: [UInt64]) -> Bool {
        for index in modulus.indices.reversed() where number[index] != modulus[index] {
            return number[index] < modulus[index]
        }
        return false
    }

    /// Takes the modulus away, modulo R.
    private func subtract(_ number: inout [UInt64]) {
        var borrow: UInt64 = 0
        for index in modulus.indices {
            let (first, below) = number[index].subtractingReportingOverflow(modulus[index])
            let (second, again) = first.subtractingReportingOverflow(borrow)
            number[index] = second
            borrow = below || again ? 1 : 0
        }
    }

    /// a · b / R modulo the modulus; both are below it.
    private func multiply(_ a: [UInt64], _ b: [UInt64]) -> [UInt64] {
        let count = modulus.count
        var sum = [UInt64](repeating: 0, count: count)
        var top: UInt64 = 0
        for word in b {
            var high: UInt64 = 0
            let factor = (sum[0] &+ a[0] &* word) &* inverse
            var carry: UInt64 = 0
            for index in 0..<count {
                // Two products are added to each word, and the lowest, which is 0 then, is dropped.
                let (low, firstCarry) = Self.add(sum[index], a[index], word, high)
                let (final, secondCarry) = Self.add(low, modulus[index], factor, carry)
                if index > 0 { sum[index - 1] = final }
                (high, carry) = (firstCarry, secondCarry)
            }
            let (first, over) = top.addingReportingOverflow(high)
            let (second, again) = first.addingReportingOverflow(carry)
            sum[count - 1] = second
            top = (over ? 1 : 0) + (again ? 1 : 0)
        }
        if top > 0 || !isLess(sum) { subtract(&sum) }
        return sum
    }

    /// number + a · b + carry: its low and its high word. It cannot be more than those hold.
    private static func add(_ number: UInt64, _ a: UInt64, _ b: UInt64, _ carry: UInt64) -> (UInt64, UInt64) {
        var (high, low) = a.multipliedFullWidth(by: b)
        for addend in [number, carry] {
            let (sum, over) = low.addingReportingOverflow(addend)
            low = sum
            if over { high &+= 1 }
        }
        return (low, high)
    }
}
