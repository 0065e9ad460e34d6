import Testing

@testable import WritValue

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

@Suite struct NumberTextTests {
    @Test func grammar() {
        for good in ["0", "-0", "1", "10", "0.5", "-0.0", "1e5", "1E+5", "1.25e-300", "0e0", "123456789012345678901"] {
            #expect(NumberText.isValid(bytes(good)), "\(good)")
        }
        for bad in [
            "", "-", "01", "+1", ".5", "5.", "1e", "1e+", "1x", " 1", "1 ", "0x10", "1_0", "--1", "1.e5", "NaN", "-01",
        ] {
            #expect(!NumberText.isValid(bytes(bad)), "\(bad)")
        }
    }

    @Test func classes() {
        #expect(NumberText.classify(bytes("9223372036854775807")) == .integer(Int64.max))
        #expect(NumberText.classify(bytes("-9223372036854775808")) == .integer(Int64.min))
        #expect(NumberText.classify(bytes("9223372036854775808")) == .text)
        #expect(NumberText.classify(bytes("-0")) == .text)
        #expect(NumberText.classify(bytes("-0.0")) == .text)
        #expect(NumberText.classify(bytes("0.10")) == .decimal(mantissa: 10, scale: 2))
        #expect(NumberText.classify(bytes("-12.5")) == .decimal(mantissa: -125, scale: 1))
        #expect(
            NumberText.classify(bytes("0.12345678901234567")) == .decimal(mantissa: 12_345_678_901_234_567, scale: 17))
        #expect(NumberText.classify(bytes("0.123456789012345678")) == .text)
        #expect(NumberText.classify(bytes("1e2")) == .text)
        #expect(NumberText.classify(bytes("1x")) == nil)
        #expect(NumberText.exactInt64(bytes("30e-1")) == 3)
        #expect(NumberText.exactInt64(bytes("-0.0")) == 0)
        #expect(NumberText.exactInt64(bytes("9.223372036854775807e18")) == Int64.max)
        #expect(NumberText.exactInt64(bytes("1e19")) == nil)
        #expect(NumberText.exactInt64(bytes("0.5")) == nil)
    }

    /// Lists in rising order; members of one list are equal.
    private static let order: [[String]] = [
        ["-1e99999999999999999999", "-0.1e100000000000000000000"], ["-1e400", "-10e399"], ["-2"], ["-1.5", "-15e-1"],
        ["-1e-99999999999999999999"], ["0", "-0", "0.0", "-0e5", "0e99999999999999999999"],
        ["1e-99999999999999999999", "10e-100000000000000000000"], ["1e-99999999999999999998"],
        ["1e-999999999999999999"],
        ["1e-400"], ["0.1", "1e-1", "0.10"], ["0.100000000000000000000000000000000000000001"],
        ["1", "1.0", "1e0", "10e-1"], ["9007199254740992"], ["9007199254740993", "9007199254740993.0"],
        ["1000000000000000000000000000000.5"], ["1000000000000000000000000000000.6"], ["1e400", "10e399"],
        ["1e999999999"], ["1e999999999999999999", "0.1e1000000000000000000"],
        ["10e999999999999999999", "1e1000000000000000000", "0.001e1000000000000000003"],
        ["1e99999999999999999999", "0.1e100000000000000000000"], ["2e99999999999999999999"],
        ["1e100000000000000000000"],
    ]

    @Test func orderAndHash() {
        for (i, left) in Self.order.enumerated() {
            for (j, right) in Self.order.enumerated() {
                for a in left {
                    for b in right {
                        #expect(NumberText.compare(bytes(a), bytes(b)) == (i < j ? -1 : i == j ? 0 : 1), "\(a) \(b)")
                        if i == j { #expect(NumberText.hash(bytes(a)) == NumberText.hash(bytes(b)), "\(a) \(b)") }
                    }
                }
            }
        }
    }

    @Test func decimalOrderAgreesWithTextOrder() {
        var random = SplitMix(seed: 5)
        for _ in 0..<20_000 {
            var m1 = Int64(bitPattern: random.next()) >> Int64(random.below(64))
            var m2 = Int64(bitPattern: random.next()) >> Int64(random.below(64))
            let s1 = UInt8(random.below(20))
            let s2 = UInt8(random.below(20))
            if random.below(3) == 0 {
                m1 %= 1_000_000
                m2 = s2 > s1 && s2 - s1 < 10 ? (0..<(s2 - s1)).reduce(m1) { v, _ in v &* 10 } : m1
            }
            let expected = NumberText.compare(bytes("\(m1)e-\(s1)"), bytes("\(m2)e-\(s2)"))
            #expect(NumberText.compareDecimal(mantissa: m1, scale: s1, mantissa: m2, scale: s2) == expected)
        }
        #expect(NumberText.compareDecimal(mantissa: Int64.min, scale: 0, mantissa: -1, scale: 255) == -1)
        #expect(NumberText.compareDecimal(mantissa: Int64.max, scale: 255, mantissa: 1, scale: 0) == -1)
        #expect(NumberText.compareDecimal(mantissa: 0, scale: 255, mantissa: 0, scale: 0) == 0)
    }

    @Test func anyBytesAreHandled() {
        var random = SplitMix(seed: 17)
        let alphabet = bytes("0123456789-+.eE x")
        for _ in 0..<2_000 {
            let a = (0..<random.below(12)).map { _ in alphabet[random.below(alphabet.count)] }
            let b = (0..<random.below(12)).map { _ in alphabet[random.below(alphabet.count)] }
            #expect(NumberText.compare(a, b) == 0 - NumberText.compare(b, a))
            if NumberText.compare(a, b) == 0, NumberText.isValid(a), NumberText.isValid(b) {
                #expect(NumberText.hash(a) == NumberText.hash(b))
            }
            _ = try? NumberArithmetic.apply(.divide, a, b)
            _ = try? NumberArithmetic.apply(.round, a)
        }
    }
}
