import WritValue

/// A scalar to write, and the style that it can have.
struct YAMLText {
    enum Style { case plain, single, double, literal }

    let bytes: [UInt8]
    let analysis: YAMLAnalysis
    private let wish: Style

    /// The text of a string: plain where that reads as a string again.
    init(string bytes: [UInt8]) {
        self.bytes = bytes
        analysis = YAMLAnalysis(bytes)
        let isPlain = bytes.withUnsafeBufferPointer { !YAMLResolution.isOther($0) }
        wish = bytes.contains(UInt8(ascii: "\n")) ? .literal : isPlain ? .plain : .double
    }

    private init(plain bytes: [UInt8]) {
        self.bytes = bytes
        analysis = YAMLAnalysis(bytes)
        wish = .plain
    }

    /// The text of a scalar value.
    init(_ value: Value, _ context: BuiltinContext) {
        switch value.kind {
        case .string: self.init(string: context.space.bytes(value))
        case .number: self.init(plain: context.space.withNumberText(value) { Self.number($0) })
        case .boolean: self.init(plain: ascii(value.isTrue ? "true" : "false"))
        default: self.init(plain: ascii("null"))
        }
    }

    func style(isKey: Bool) -> Style {
        var style = wish
        if isKey, analysis.isMultiline { style = .double }
        if style == .plain, !analysis.allowsPlain || bytes.isEmpty && isKey { style = .single }
        if style == .single, !analysis.allowsSingle { style = .double }
        if style == .literal, !analysis.allowsBlock || isKey { style = .double }
        return style
    }

    /// Integers of 64 bits stay what they are, other numbers become floats, and what is no float a string.
    private static func number(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        if text.equals("-0") { return ascii("0") }
        var isInteger = true
        for byte in text where byte != UInt8(ascii: "-") && byte &- UInt8(ascii: "0") >= 10 { isInteger = false }
        if isInteger, let number = try? BigInteger(decimal: text), number.int64 != nil || number.uint64 != nil {
            return Array(text)
        }
        guard let value = DoubleText.parse(text), value.isFinite else { return Array(text) }
        return DoubleText.format(value, UInt8(ascii: "g"))
    }
}

/// What a text holds that keeps it from being written in one style or another.
struct YAMLAnalysis {
    private(set) var isMultiline = false
    private(set) var allowsPlain = true
    private(set) var allowsSingle = true
    private(set) var allowsBlock = true

    init(_ text: [UInt8]) {
        guard !text.isEmpty else {
            allowsBlock = false
            return
        }
        var scan = Scan()
        if text.starts(with: ascii("---")) || text.starts(with: ascii("...")) { scan.hasIndicators = true }
        text.withUnsafeBufferPointer { scan.read($0) }
        isMultiline = scan.hasBreaks
        let isSpecial = scan.hasSpaceBreak || scan.hasSpecials
        if scan.startsOrEndsBlank || scan.hasBreakSpace || isSpecial || scan.hasBreaks || scan.hasIndicators {
            allowsPlain = false
        }
        if scan.hasBreakSpace || isSpecial { allowsSingle = false }
        if scan.endsWithSpace || isSpecial { allowsBlock = false }
    }

    private struct Scan {
        var hasIndicators = false
        var hasBreaks = false
        var hasSpecials = false
        var startsOrEndsBlank = false
        var endsWithSpace = false
        /// A space behind a line break.
        var hasBreakSpace = false
        /// A line break behind a space.
        var hasSpaceBreak = false

        mutating func read(_ text: Bytes) {
            var index = 0
            var wasSpace = false
            var wasBreak = false
            var followsBlank = true
            while index < text.count {
                let (scalar, length) = Scalars.decode(text, at: index)
                let isLast = index + length >= text.count
                let next: UInt32 = isLast ? 0 : Scalars.decode(text, at: index + length).scalar
                let isBeforeBlank = YAMLAnalysis.isBlank(next)
                mark(scalar, isFirst: index == 0, followsBlank, isBeforeBlank)
                if !YAMLAnalysis.isPrintable(scalar) { hasSpecials = true }
                let isSpace = scalar == 0x20
                let isBreak = YAMLAnalysis.isBreak(scalar)
                if isSpace || isBreak, index == 0 || isLast { startsOrEndsBlank = true }
                if isSpace {
                    if isLast { endsWithSpace = true }
                    if wasBreak { hasBreakSpace = true }
                } else if isBreak {
                    hasBreaks = true
                    if wasSpace { hasSpaceBreak = true }
                }
                wasSpace = isSpace
                wasBreak = isBreak
                followsBlank = YAMLAnalysis.isBlank(scalar)
                index += length
            }
        }

        /// Characters that mean something to YAML where they stand.
        private mutating func mark(_ scalar: UInt32, isFirst: Bool, _ followsBlank: Bool, _ isBeforeBlank: Bool) {
            guard scalar < 0x80 else { return }
            switch UInt8(truncatingIfNeeded: scalar) {
            case UInt8(ascii: "#"): if isFirst || followsBlank { hasIndicators = true }
            case UInt8(ascii: ":"): if isBeforeBlank { hasIndicators = true }
            case UInt8(ascii: "?"), UInt8(ascii: "-"): if isFirst, isBeforeBlank { hasIndicators = true }
            case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"),
                UInt8(ascii: "&"), UInt8(ascii: "*"), UInt8(ascii: "!"), UInt8(ascii: "|"), UInt8(ascii: ">"),
                UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "%"), UInt8(ascii: "@"), UInt8(ascii: "`"):
                if isFirst { hasIndicators = true }
            default: break
            }
        }
    }

    static func isBreak(_ scalar: UInt32) -> Bool {
        scalar == 10 || scalar == 13 || scalar == 0x85 || scalar == 0x2028 || scalar == 0x2029
    }

    /// How many bytes the line break at a place of UTF-8 has, among those that are written as they are; 0 for none.
    static func breakLength(_ text: [UInt8], at index: Int) -> Int {
        guard index < text.count else { return 0 }
        if text[index] == 10 { return 1 }
        guard text[index] == 0xe2, index + 2 < text.count, text[index + 1] == 0x80 else { return 0 }
        return text[index + 2] == 0xa8 || text[index + 2] == 0xa9 ? 3 : 0
    }

    /// The same of the line break with which a text ends.
    static func lastBreakLength(_ text: ArraySlice<UInt8>) -> Int {
        guard let last = text.last else { return 0 }
        if last == 10 { return 1 }
        guard last == 0xa8 || last == 0xa9 else { return 0 }
        return text.dropLast().suffix(2).elementsEqual([0xe2, 0x80]) ? 3 : 0
    }

    private static func isBlank(_ scalar: UInt32) -> Bool {
        scalar == 0 || scalar == 0x20 || scalar == 9 || isBreak(scalar)
    }

    /// What go-yaml writes without an escape: nothing beyond the basic plane.
    static func isPrintable(_ scalar: UInt32) -> Bool {
        if scalar < 0x80 { return scalar == 10 || scalar >= 0x20 && scalar < 0x7f }
        return scalar >= 0xa0 && scalar < 0xfffe && scalar != 0xfeff && !(scalar >= 0xd800 && scalar < 0xe000)
    }
}

/// Which plain texts are no strings: nulls, booleans, numbers, times.
enum YAMLResolution {
    static func isOther(_ text: Bytes) -> Bool {
        guard text.count > 0 else { return true }
        let first = text[0]
        if first &- UInt8(ascii: "0") < 10 || first == UInt8(ascii: "+") || first == UInt8(ascii: "-") {
            return isWord(text) || isTime(text) || isNumber(text) || isSexagesimal(text)
        }
        if first == UInt8(ascii: ".") { return isWord(text) || hasSeparators(text) && isNumber(text) }
        return isWord(text)
    }

    private static func isWord(_ text: Bytes) -> Bool {
        guard text.count <= 5 else { return false }
        if text.count == 1 { return text.equals("~") || (text[0] | 0x20) == 0x79 || (text[0] | 0x20) == 0x6e }
        let words: [StaticString] = [
            "null", "Null", "NULL", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON", "no", "No", "NO",
            "false", "False", "FALSE", "off", "Off", "OFF", ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf",
            "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF",
        ]
        for word in words where text.equals(word) { return true }
        return false
    }

    private static func isTime(_ text: Bytes) -> Bool {
        guard text.count > 5, text[4] == UInt8(ascii: "-") else { return false }
        for index in 0..<4 where text[index] &- UInt8(ascii: "0") >= 10 { return false }
        let layouts: [StaticString] = [
            "2006-1-2T15:4:5.999999999Z07:00", "2006-1-2t15:4:5.999999999Z07:00", "2006-1-2 15:4:5.999999999",
            "2006-1-2",
        ]
        for layout in layouts {
            let layout = Bytes(start: layout.utf8Start, count: layout.utf8CodeUnitCount)
            if (try? TimeReader.read(text, as: layout)) != nil { return true }
        }
        return false
    }

    /// Whether underscores only part digits: behind a point Go itself reads the number, and takes no others.
    private static func hasSeparators(_ text: Bytes) -> Bool {
        for index in text.indices where text[index] == UInt8(ascii: "_") {
            guard index > 0, index + 1 < text.count, text[index - 1] &- UInt8(ascii: "0") < 10,
                text[index + 1] &- UInt8(ascii: "0") < 10
            else { return false }
        }
        return true
    }

    /// An integer as Go's `strconv` reads one of any base, or a float; underscores do not count.
    private static func isNumber(_ text: Bytes) -> Bool {
        let plain = text.filter { $0 != UInt8(ascii: "_") }
        return plain.withUnsafeBufferPointer { isInteger($0) || isFloat($0) }
    }

    private static func isInteger(_ text: Bytes) -> Bool {
        var start = 0
        if text.count > 0, text[0] == UInt8(ascii: "-") || text[0] == UInt8(ascii: "+") { start = 1 }
        guard start < text.count else { return false }
        var base: UInt8 = 10
        if text[start] == UInt8(ascii: "0"), start + 1 < text.count {
            switch text[start + 1] | 0x20 {
            case UInt8(ascii: "x"): base = 16
            case UInt8(ascii: "o"): base = 8
            case UInt8(ascii: "b"): base = 2
            default: base = 0
            }
            start += base == 0 ? 1 : 2
            if base == 0 { base = 8 }
            guard start < text.count else { return false }
        }
        for index in start..<text.count {
            guard let digit = Hexadecimal.value(text[index]), digit < base else { return false }
        }
        // What needs more than 64 bits is a string; decimal digits are a float then, and so are those behind a zero.
        var bits = 0
        for index in start..<text.count {
            let digit = Hexadecimal.value(text[index]) ?? 0
            if bits > 0 {
                bits &+= base == 16 ? 4 : base == 8 ? 3 : 1
            } else if digit > 0 {
                bits = 8 - digit.leadingZeroBitCount
            }
        }
        return base == 10 || bits <= 64
    }

    private static func isFloat(_ text: Bytes) -> Bool {
        var index = 0
        func digits() -> Bool {
            let start = index
            while index < text.count, text[index] &- UInt8(ascii: "0") < 10 { index += 1 }
            return index > start
        }
        if index < text.count, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") { index += 1 }
        let hasWhole = digits()
        if index < text.count, text[index] == UInt8(ascii: ".") {
            index += 1
            if !digits(), !hasWhole { return false }
        } else if !hasWhole {
            return false
        }
        if index < text.count, text[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            if index < text.count, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") { index += 1 }
            guard digits() else { return false }
        }
        // Beyond the range of floats it is a string.
        guard index == text.count, let value = DoubleText.parse(unsigned(text)) else {
            return false
        }
        return value.isFinite
    }

    /// Without a plus sign and leading zeros, and with digits on both sides of the point, as JSON has numbers.
    private static func unsigned(_ text: Bytes) -> [UInt8] {
        var result: [UInt8] = []
        for (index, byte) in text.enumerated() {
            if byte == UInt8(ascii: "+"), index == 0 { continue }
            if byte == UInt8(ascii: "0"), result.isEmpty, index + 1 < text.count,
                text[index + 1] &- UInt8(ascii: "0") < 10
            {
                continue
            }
            if byte == UInt8(ascii: "."), result.last.map({ $0 &- UInt8(ascii: "0") >= 10 }) ?? true {
                result.append(UInt8(ascii: "0"))
            }
            result.append(byte)
            let next = index + 1 < text.count ? text[index + 1] : 0
            if byte == UInt8(ascii: "."), next &- UInt8(ascii: "0") >= 10 { result.append(UInt8(ascii: "0")) }
        }
        return result
    }

    /// "12:30:45", a number of base 60 in YAML 1.1.
    private static func isSexagesimal(_ text: Bytes) -> Bool {
        var index = 0
        if text[0] == UInt8(ascii: "-") || text[0] == UInt8(ascii: "+") { index = 1 }
        guard index < text.count, text[index] &- UInt8(ascii: "0") < 10 else { return false }
        while index < text.count, text[index] &- UInt8(ascii: "0") < 10 || text[index] == UInt8(ascii: "_") {
            index += 1
        }
        var groups = 0
        while index < text.count, text[index] == UInt8(ascii: ":") {
            index += 1
            var digits = 0
            while index < text.count, digits < 2, text[index] &- UInt8(ascii: "0") < 10 {
                index += 1
                digits += 1
            }
            guard digits == 1 || digits == 2 && text[index - 2] < UInt8(ascii: "6") else { return false }
            groups += 1
        }
        if index < text.count, text[index] == UInt8(ascii: ".") {
            index += 1
            while index < text.count, text[index] &- UInt8(ascii: "0") < 10 || text[index] == UInt8(ascii: "_") {
                index += 1
            }
        }
        return groups > 0 && index == text.count
    }
}
