import Testing

@testable import WritValue

@Suite struct DoubleTextTests {
    @Test func parsesToTheNearest() {
        for (text, bits) in DoubleCases.parse {
            #expect(DoubleText.parse(Array(text.utf8))?.bitPattern == bits, "\(text)")
        }
        #expect(DoubleText.parse(Array("+1".utf8)) == nil)
        #expect(DoubleText.parse(Array("0x1p4".utf8)) == nil)
    }

    @Test func formatsAsAsked() {
        for (bits, format, precision, text) in DoubleCases.format {
            let letter = format.utf8.first ?? 0
            let result = DoubleText.format(Double(bitPattern: bits), letter, precision: precision)
            #expect(String(decoding: result, as: UTF8.self) == text, "\(bits) \(format) \(precision)")
        }
    }

    @Test func shortestTextReadsBack() {
        var random = SplitMix(seed: 23)
        for _ in 0..<5_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            let text = DoubleText.format(value, UInt8(ascii: "g"))
            #expect(DoubleText.parse(text)?.bitPattern == value.bitPattern, "\(text)")
            // Not longer than the shortest text of the standard library.
            #expect(
                text.filter { $0 >= 48 && $0 < 58 }.count <= "\(value)".utf8.filter { $0 >= 48 && $0 < 58 }.count + 2)
        }
    }

    @Test func floatsBecomeDoublesAndBack() throws {
        var random = SplitMix(seed: 29)
        for _ in 0..<5_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else {
                #expect(BinaryFloat(value) == nil)
                continue
            }
            #expect(BinaryFloat(value)?.double.bitPattern == value.bitPattern)
        }
        #expect(try BinaryFloat(Array("1e400".utf8)).double == Double.infinity)
        #expect(try BinaryFloat(Array("-1e-400".utf8)).double.bitPattern == (-0.0).bitPattern)
        #expect(try BinaryFloat(Array("9007199254740993".utf8)).double == 9_007_199_254_740_992)
        #expect(try BinaryFloat(Array("2.5e-324".utf8)).double == Double.leastNonzeroMagnitude)
        #expect(try BinaryFloat(Array("2.4e-324".utf8)).double == 0)
        #expect(try BinaryFloat(Array("-3.5".utf8)).int64 == nil)
        #expect(try BinaryFloat(Array("-9223372036854775808".utf8)).int64 == Int64.min)
    }
}

@Suite struct GoFormatTests {
    private func spec(_ text: String) -> FormatSpec {
        let bytes = Array(text.utf8)
        var spec = FormatSpec(verb: UInt32(bytes[bytes.count - 1]))
        var index = 1
        flags: while true {
            switch bytes[index] {
            case UInt8(ascii: "+"): spec.plus = true
            case UInt8(ascii: "-"): spec.minus = true
            case UInt8(ascii: "#"): spec.sharp = true
            case UInt8(ascii: " "): spec.space = true
            case UInt8(ascii: "0"): spec.zero = true
            default: break flags
            }
            index += 1
        }
        let parts = String(decoding: bytes[index..<(bytes.count - 1)], as: UTF8.self)
            .split(separator: ".", omittingEmptySubsequences: false)
        spec.width = Int(parts[0])
        if parts.count > 1 { spec.precision = Int(parts[1]) ?? 0 }
        return spec
    }

    private func argument(_ json: String) -> FormatArgument {
        guard json.first == "\"" else {
            return Array(json.utf8).withUnsafeBufferPointer { NumberText.formatArgument($0) }
        }
        let body = json.dropFirst().dropLast()
        let text = body.replacing("\\\"", with: "\"").replacing("\\t", with: "\t").replacing("\\\\", with: "\\")
        return .string(Array(text.utf8))
    }

    @Test func agreesWithOPA() {
        for (verb, json, result) in FormatCases.all {
            var out: [UInt8] = []
            GoFormat.append(argument(json), spec(verb), to: &out)
            #expect(String(decoding: out, as: UTF8.self) == result, "\(verb) \(json)")
        }
    }

    @Test func argumentsOfNumbers() {
        func kind(_ text: String) -> String { String(decoding: GoFormat.typeName(argument(text)), as: UTF8.self) }
        for text in ["1", "-0", "1.0", "3.00", "1.00000000000000000", "12345678901234567.0"] {
            #expect(kind(text) == "int64", "\(text)")
        }
        for text in ["1.5", "1.000000000000000000", "123456789012345678.0", "1.5e3", "1.5e-400"] {
            #expect(kind(text) == "float64", "\(text)")
        }
        for text in ["9223372036854775808", "-9223372036854775809"] { #expect(kind(text) == "*big.Int", "\(text)") }
        for text in ["1e3", "1E3", "0e0", "1e400", "1.0e309"] { #expect(kind(text) == "string", "\(text)") }
    }

    @Test func sizesAreBounded() {
        for argument in [
            FormatArgument.integer(1), .double(1.5), .bigInteger(BigInteger(1 as Int64)), .string(Array("a".utf8)),
        ] {
            for verb in "dfs".utf8 {
                var spec = FormatSpec(verb: UInt32(verb))
                spec.width = Int.max
                spec.precision = Int.max
                var out: [UInt8] = []
                GoFormat.append(argument, spec, to: &out)
                #expect(out.count <= 2 * FormatSpec.maximumSize + 100)
                spec.width = Int.min
                spec.precision = Int.min
                GoFormat.append(argument, spec, to: &out)
            }
        }
    }

    @Test func badUTF8IsQuotedByteByByte() {
        var out: [UInt8] = []
        GoFormat.quote([0xFF, 0x61, 0xC3, 0xED, 0xA0, 0x80], to: &out)
        #expect(String(decoding: out, as: UTF8.self) == #""\xffa\xc3\xed\xa0\x80""#)
        out = []
        GoFormat.append(.integer(0xD800), FormatSpec(verb: UInt32(UInt8(ascii: "q"))), to: &out)
        #expect(String(decoding: out, as: UTF8.self) == "'\u{FFFD}'")
    }
}
