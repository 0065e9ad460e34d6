import Testing

@testable import WritValue

private func big(_ text: Substring) throws -> BigInteger { try BigInteger(decimal: Array(text.utf8)) }
private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// Splits "op a b = result".
struct Case {
    let operation: Substring
    let operands: [Substring]
    let result: Substring
    init(_ line: String) {
        let words = line.split(separator: " ")
        operation = words[0]
        operands = Array(words[1..<(words.count - 2)])
        result = words[words.count - 1]
    }
}

@Suite struct BigIntegerTests {
    @Test(arguments: BigIntegerCases.all) func agreesWithPython(_ line: String) throws {
        let it = Case(line)
        let a = try big(it.operands[0])
        let b = try big(it.operands[1])
        let result: [UInt8]
        switch it.operation {
        case "+": result = try a.adding(b).decimalText
        case "-": result = try a.subtracting(b).decimalText
        case "*": result = try a.multiplied(by: b).decimalText
        case "/": result = try a.divided(by: b).quotient.decimalText
        case "%": result = try a.divided(by: b).remainder.decimalText
        case "&": result = a.and(b).decimalText
        case "|": result = a.or(b).decimalText
        case "^": result = a.xor(b).decimalText
        case "<": result = try a.shiftedLeft(by: b).decimalText
        case ">": result = try a.shiftedRight(by: b).decimalText
        case "~": result = a.complement.decimalText
        case "x": result = a.text(base: 16)
        default: result = a.text(base: 8)
        }
        #expect(text(result) == it.result)
    }

    @Test func identitiesHoldForRandomOperands() throws {
        var random = SplitMix(seed: 11)
        for _ in 0..<500 {
            let a = random.bigInteger(limbs: 12)
            let b = random.bigInteger(limbs: 6)
            #expect(try a.adding(b).subtracting(b) == a)
            #expect(try BigInteger(decimal: a.decimalText) == a)
            if !b.isZero {
                let (quotient, remainder) = try a.divided(by: b)
                #expect(try quotient.multiplied(by: b).adding(remainder) == a)
                #expect(remainder.absolute.compare(b.absolute) < 0)
            }
            #expect(a.and(b).complement == a.complement.or(b.complement))
            #expect(a.xor(b).xor(b) == a)
            #expect(a.compare(b) == 0 - b.compare(a))
        }
    }

    @Test func largeTextsGoBothWays() throws {
        for digits in [570, 580, 1_000, 4_999, 20_000] {
            let written = [UInt8](repeating: UInt8(ascii: "7"), count: digits)
            #expect(try BigInteger(decimal: written).decimalText == written)
            let power = try BigInteger.powerOfTen(digits).decimalText
            #expect(power.count == digits + 1 && power.dropFirst().allSatisfy { $0 == UInt8(ascii: "0") })
        }
    }

    @Test func sizeIsLimited() throws {
        let limit = try BigInteger(1 as Int64).shiftedLeft(by: BigInteger(Int64(BigInteger.maximumBits - 1)))
        #expect(limit.bitWidth == BigInteger.maximumBits)
        #expect(throws: NumberError.tooLarge) { try limit.adding(limit) }
        #expect(throws: NumberError.tooLarge) { try limit.multiplied(by: BigInteger(2 as Int64)) }
        #expect(throws: NumberError.tooLarge) { try limit.shiftedLeft(by: BigInteger(1 as Int64)) }
        #expect(throws: NumberError.tooLarge) { try limit.shiftedLeft(by: limit) }
        #expect(throws: NumberError.negativeInteger) { try limit.shiftedLeft(by: BigInteger(-1 as Int64)) }
        #expect(throws: NumberError.tooLarge) { try NumberText.integer(Array("1e400000".utf8)) }
        #expect(throws: NumberError.tooLarge) { try NumberText.integer(Array("1e99999999999999999999".utf8)) }
        #expect(try BigInteger(-5 as Int64).shiftedRight(by: limit) == BigInteger(-1 as Int64))
    }

    @Test func int64Borders() throws {
        #expect(try big("9223372036854775807").int64 == Int64.max)
        #expect(try big("9223372036854775808").int64 == nil)
        #expect(try big("-9223372036854775808").int64 == Int64.min)
        #expect(try big("-9223372036854775809").int64 == nil)
        #expect(BigInteger(Int64.min).decimalText == Array("-9223372036854775808".utf8))
        for wrong in ["", "-", "+", "1x", " 1", "1.0", "--1"] {
            #expect(throws: NumberError.syntax) { try BigInteger(decimal: Array(wrong.utf8)) }
        }
    }
}

/// A small generator, so that failures repeat.
struct SplitMix {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    /// Limbs of extreme patterns as well as random ones.
    mutating func limb() -> UInt64 {
        switch below(6) {
        case 0: return 0
        case 1: return UInt64.max
        case 2: return 1 << UInt64(below(64))
        case 3: return UInt64.max << UInt64(below(64))
        default: return next()
        }
    }
    mutating func bigInteger(limbs: Int) -> BigInteger {
        var magnitude = (0..<below(limbs + 1)).map { _ in limb() }
        Limbs.trim(&magnitude)
        return BigInteger(magnitude: magnitude, negative: below(2) == 1)
    }
}
