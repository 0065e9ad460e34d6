import Writ

/// What plain YAML scalars mean to OPA: the rules of YAML 1.1 as go-yaml applies them.
enum YAMLScalar {
    case null
    case boolean(Bool)
    /// Text that is a JSON number.
    case number([UInt8])
    case string

    /// The value of a plain scalar.
    static func resolve(_ text: [UInt8]) -> YAMLScalar {
        guard let first = text.first else { return .null }
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            return number(text).map { .number($0) } ?? .string
        default:
            guard text.count <= 5 else { return .string }
            return words.first { $0.text == text }?.value ?? .string
        }
    }

    /// The tag of what a plain scalar means, as errors name it.
    static func tag(of text: [UInt8]) -> String {
        switch resolve(text) {
        case .null: return "!!null"
        case .boolean: return "!!bool"
        case .number(let digits):
            // Integers are digits alone, and were neither a fraction nor a power.
            let isWhole = digits.allSatisfy { $0 == UInt8(ascii: "-") || $0 &- UInt8(ascii: "0") < 10 }
            let isPrefixed = text.contains(UInt8(ascii: "x")) || text.contains(UInt8(ascii: "X"))
            let hasMark = text.contains { $0 == UInt8(ascii: ".") || !isPrefixed && $0 | 0x20 == UInt8(ascii: "e") }
            return isWhole && !hasMark ? "!!int" : "!!float"
        case .string: return isUnwritable(text) ? "!!float" : "!!str"
        }
    }

    private static let words: [(text: [UInt8], value: YAMLScalar)] = {
        func all(_ words: [String], _ value: YAMLScalar) -> [(text: [UInt8], value: YAMLScalar)] {
            words.map { (Array($0.utf8), value) }
        }
        return all(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"], .boolean(true))
            + all(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"], .boolean(false))
            + all(["~", "null", "Null", "NULL"], .null)
    }()

    /// Numbers that JSON has no way to write.
    static func isUnwritable(_ text: [UInt8]) -> Bool {
        var rest = text[...]
        if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest.removeFirst() }
        let names = [".inf", ".Inf", ".INF"] + (rest.count == text.count ? [".nan", ".NaN", ".NAN"] : [])
        return names.contains { rest.elementsEqual($0.utf8) }
    }

    /// The JSON number that a text stands for: a whole number of 64 bits, or what a double makes of it, as in OPA.
    static func number(_ original: [UInt8]) -> [UInt8]? {
        // Behind a point Go itself reads the number, and takes underscores between digits only.
        if original.first == UInt8(ascii: "."), !hasSeparators(original) { return nil }
        let text = original.filter { $0 != UInt8(ascii: "_") }
        // Digits must come first: `_1` is a string.
        var rest = text[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        guard let first = rest.first else { return nil }
        if first == UInt8(ascii: "0"), rest.count > 1, let integer = prefixed(rest.dropFirst()) {
            return (isNegative && integer != 0 ? [UInt8(ascii: "-")] : []) + Array(String(integer).utf8)
        }
        return decimal(rest, isNegative: isNegative)
    }

    /// Whether underscores stand between digits only.
    private static func hasSeparators(_ text: [UInt8]) -> Bool {
        func isDigit(_ index: Int) -> Bool { text.indices.contains(index) && text[index] &- UInt8(ascii: "0") < 10 }
        return text.indices.allSatisfy { text[$0] != UInt8(ascii: "_") || isDigit($0 - 1) && isDigit($0 + 1) }
    }

    /// What follows a leading zero, in base 16, 8 or 2; nil where it is none or is larger than 64 bits.
    private static func prefixed(_ text: ArraySlice<UInt8>) -> UInt64? {
        var digits = text
        let radix: UInt64
        switch text.first {
        case UInt8(ascii: "x"), UInt8(ascii: "X"): radix = 16
        case UInt8(ascii: "o"), UInt8(ascii: "O"): radix = 8
        case UInt8(ascii: "b"), UInt8(ascii: "B"): radix = 2
        default:
            radix = 8
            digits = [UInt8(ascii: "0")] + digits
        }
        digits.removeFirst()
        guard !digits.isEmpty else { return nil }
        var value: UInt64 = 0
        for byte in digits {
            let digit: UInt64
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = UInt64(byte &- UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = UInt64(byte &- UInt8(ascii: "a")) + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = UInt64(byte &- UInt8(ascii: "A")) + 10
            default: return nil
            }
            guard digit < radix else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: radix)
            let (sum, carry) = product.addingReportingOverflow(digit)
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }

    /// `digits[.digits][e[sign]digits]`, written as JSON wants it.
    private static func decimal(_ text: ArraySlice<UInt8>, isNegative: Bool) -> [UInt8]? {
        var rest = text
        func takeDigits() -> ArraySlice<UInt8> {
            let digits = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
            rest = rest.dropFirst(digits.count)
            return digits
        }
        let whole = takeDigits()
        var fraction: ArraySlice<UInt8> = []
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = takeDigits()
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        var exponent: [UInt8] = []
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            exponent.append(rest.removeFirst())
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") {
                exponent.append(rest.removeFirst())
            }
            let digits = takeDigits()
            guard !digits.isEmpty else { return nil }
            exponent += digits
        }
        guard rest.isEmpty else { return nil }
        let significant = whole.drop { $0 == UInt8(ascii: "0") }
        let isZero = significant.isEmpty && fraction.isEmpty && exponent.isEmpty
        var result: [UInt8] = isNegative && !isZero ? [UInt8(ascii: "-")] : []
        result += significant.isEmpty ? [UInt8(ascii: "0")] : Array(significant)
        if !fraction.isEmpty { result += [UInt8(ascii: ".")] + fraction }
        result += exponent
        let spelling = String(decoding: result, as: UTF8.self)
        let isWhole = text.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        if isWhole, Int64(spelling) != nil || UInt64(spelling) != nil { return result }
        // What a double cannot hold stays text, as in OPA.
        guard let value = Double(spelling), value.isFinite else { return nil }
        var number = ByteBuffer()
        number.appendJSONNumber(value)
        return number.bytes
    }
}
