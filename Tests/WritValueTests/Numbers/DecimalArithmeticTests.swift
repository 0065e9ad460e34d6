import Testing

@testable import WritValue

@Suite struct DecimalArithmeticTests {
    @Test func agreesWithTheTextsWhereItAnswers() throws {
        var random = SplitMix(seed: 41)
        var answers = 0
        for _ in 0..<20_000 {
            let left = random.decimal()
            let right = random.decimal()
            let a = Self.spell(left)
            let b = Self.spell(right)
            for operation in [NumberArithmetic.Operator.plus, .minus, .multiply, .divide] {
                guard let fast = DecimalArithmetic.apply(operation, left, right) else { continue }
                answers += 1
                let slow = try NumberArithmetic.apply(operation, a, b)
                #expect(Self.spell(fast) == slow, "\(operation) \(left) \(right)")
            }
            for function in [NumberArithmetic.Function.abs, .round, .ceil, .floor] {
                guard let fast = DecimalArithmetic.apply(function, left) else { continue }
                #expect(try Self.spell(fast) == NumberArithmetic.apply(function, a), "\(function) \(left)")
            }
        }
        #expect(answers > 20_000)
        #expect(DecimalArithmetic.apply(.plus, (1, 1), (2, 1)).map { $0 == (3, 1) } == true)
        // 0.10000000000000000002
        #expect(DecimalArithmetic.apply(.minus, (11, 1), (1, 0)) == nil)
        #expect(DecimalArithmetic.apply(.divide, (1, 0), (0, 3)) == nil)
        #expect(DecimalArithmetic.apply(.plus, (Int64.min, 255), (Int64.min, 0)) == nil)
    }

    @Test func checkedMultiplication() {
        var random = SplitMix(seed: 43)
        for _ in 0..<5_000 {
            let a = Int64(bitPattern: random.limb()) >> Int64(random.below(64))
            let b = Int64(bitPattern: random.limb()) >> Int64(random.below(64))
            let (product, overflow) = a.multipliedReportingOverflow(by: b)
            #expect(DecimalArithmetic.multiply(a, b) == (overflow ? nil : product))
        }
        #expect(DecimalArithmetic.multiply(Int64.min, 1) == Int64.min)
        #expect(DecimalArithmetic.multiply(Int64.min, -1) == nil)
    }

    @Test func accumulatorTakesDecimalsAsItTakesTexts() throws {
        var random = SplitMix(seed: 47)
        for round in 0..<500 {
            let elements = (0..<4).map { _ in random.decimal() }
            for floats in [false, true] {
                var fast = NumberAccumulator(product: round % 2 == 0, floats: floats)
                var slow = fast
                for element in elements {
                    try fast.add(mantissa: element.mantissa, scale: element.scale)
                    let text = Self.spell(element)
                    let fault: NumberError? = text.withUnsafeBufferPointer { buffer in
                        do throws(NumberError) { try slow.add(buffer) } catch { return error }
                        return nil
                    }
                    #expect(fault == nil)
                }
                #expect(fast.needsFloats == slow.needsFloats)
                if !fast.needsFloats { #expect(try fast.result() == slow.result()) }
            }
        }
    }

    static func spell(_ value: DecimalArithmetic.Decimal) -> [UInt8] {
        var digits = Array(String(value.mantissa.magnitude).utf8)
        if value.scale > 0 {
            while digits.count <= Int(value.scale) { digits.insert(UInt8(ascii: "0"), at: 0) }
            digits.insert(UInt8(ascii: "."), at: digits.count - Int(value.scale))
        }
        return (value.mantissa < 0 ? [UInt8(ascii: "-")] : []) + digits
    }
}

extension SplitMix {
    /// A decimal of at most 18 digits, mostly short.
    mutating func decimal() -> DecimalArithmetic.Decimal {
        var bound: UInt64 = 10
        for _ in 0..<below(below(3) == 0 ? 18 : 5) { bound *= 10 }
        let mantissa = Int64(next() % min(bound, 1_000_000_000_000_000_000))
        return (below(3) == 0 ? -mantissa : mantissa, UInt8(below(below(3) == 0 ? 19 : 4)))
    }
}

@Suite struct FormatRobustnessTests {
    /// No combination of verb, flags, sizes and bytes traps.
    @Test func anySpecIsHandled() {
        var random = SplitMix(seed: 53)
        for _ in 0..<20_000 {
            var spec = FormatSpec(
                verb: random.below(4) == 0 ? UInt32(truncatingIfNeeded: random.next()) : UInt32(random.below(128)))
            spec.plus = random.below(3) == 0
            spec.minus = random.below(3) == 0
            spec.sharp = random.below(3) == 0
            spec.space = random.below(3) == 0
            spec.zero = random.below(3) == 0
            if random.below(2) == 0 { spec.width = random.below(60) - 5 }
            if random.below(2) == 0 { spec.precision = random.below(60) - 5 }
            let argument: FormatArgument
            switch random.below(4) {
            case 0: argument = .integer(Int64(bitPattern: random.limb()))
            case 1: argument = .bigInteger(random.bigInteger(limbs: 4))
            case 2: argument = .double(Double(bitPattern: random.limb()))
            default: argument = .string((0..<random.below(9)).map { _ in UInt8(truncatingIfNeeded: random.next()) })
            }
            var out: [UInt8] = []
            GoFormat.append(argument, spec, to: &out)
            #expect(out.count < 2_000)
        }
    }
}
