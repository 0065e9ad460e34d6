import WritSource

/// Reads the JSON text of a metadata block into a ground term.
///
/// The text comes from the host's reader of YAML, so it is expected to be well-formed; what is not gives nil.
struct MetadataJSON {
    /// Levels of nesting; what is deeper gives nil.
    static let depthLimit = 200

    private let text: [UInt8]
    private let span: Span
    private var index = 0

    /// The value of a JSON text, all parts at one place.
    static func read(_ text: [UInt8], at span: Span, _ names: inout NameTable) -> Term? {
        var reader = MetadataJSON(text: text, span: span)
        guard let term = reader.value(0, &names) else { return nil }
        reader.skipSpace()
        return reader.index == text.count ? term : nil
    }

    private init(text: [UInt8], span: Span) {
        self.text = text
        self.span = span
    }

    private var next: UInt8 { index < text.count ? text[index] : 0 }

    private mutating func skipSpace() {
        while index < text.count,
            text[index] == 0x20 || text[index] == 0x0A || text[index] == 0x0D
                || text[index] == 0x09
        {
            index += 1
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard next == byte, index < text.count else { return false }
        index += 1
        return true
    }

    private mutating func word(_ word: StaticString) -> Bool {
        let bytes = word.withUTF8Buffer { Array($0) }
        guard index + bytes.count <= text.count, text[index..<index + bytes.count].elementsEqual(bytes) else {
            return false
        }
        index += bytes.count
        return true
    }

    private mutating func value(_ depth: Int, _ names: inout NameTable) -> Term? {
        guard depth < Self.depthLimit else { return nil }
        skipSpace()
        switch next {
        case 0x7B: return object(depth, &names)
        case 0x5B: return array(depth, &names)
        case 0x22:
            guard let string = string() else { return nil }
            return Term(.string(names.intern(string)), span)
        case 0x74: return word("true") ? Term(.bool(true), span) : nil
        case 0x66: return word("false") ? Term(.bool(false), span) : nil
        case 0x6E: return word("null") ? Term(.null, span) : nil
        default: return number(&names)
        }
    }

    private mutating func array(_ depth: Int, _ names: inout NameTable) -> Term? {
        index += 1
        var elements: [Term] = []
        if take(0x5D) { return Term(.array(elements), span) }
        repeat {
            guard let element = value(depth + 1, &names) else { return nil }
            elements.append(element)
        } while take(0x2C)
        return take(0x5D) ? Term(.array(elements), span) : nil
    }

    private mutating func object(_ depth: Int, _ names: inout NameTable) -> Term? {
        index += 1
        var entries: [ObjectEntry] = []
        if take(0x7D) { return Term(.object(entries), span) }
        repeat {
            skipSpace()
            guard let key = string(), take(0x3A), let value = value(depth + 1, &names) else { return nil }
            entries.append(ObjectEntry(Term(.string(names.intern(key)), span), value))
        } while take(0x2C)
        guard take(0x7D) else { return nil }
        return Term(.object(names.sorted(entries)), span)
    }

    private mutating func string() -> [UInt8]? {
        guard next == 0x22, index < text.count else { return nil }
        let start = index + 1
        index = start
        while index < text.count, text[index] != 0x22 { index += text[index] == 0x5C ? 2 : 1 }
        guard index < text.count else { return nil }
        let literal = text[start..<index]
        index += 1
        return StringEscapes.decode(literal, inTemplate: false)
    }

    private mutating func number(_ names: inout NameTable) -> Term? {
        let start = index
        while index < text.count, Self.isNumberByte(text[index]) { index += 1 }
        guard index > start, let spelling = DecimalSpelling.normal(text[start..<index]) else { return nil }
        return Term(.number(names.intern(spelling)), span)
    }

    private static func isNumberByte(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || byte == 0x2D || byte == 0x2B || byte == 0x2E || byte | 0x20 == 0x65
    }
}

/// Spellings of numbers as OPA writes those that it read from YAML: integers as they are, all others as the shortest
/// text of a double.
enum DecimalSpelling {
    /// The normal form of a JSON number; nil for what is none.
    static func normal(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var rest = text
        let isNegative = rest.first == 0x2D
        if isNegative { rest.removeFirst() }
        var digits: [UInt8] = []
        // Digits before the point.
        var point = 0
        var hasPoint = false
        var isPlain = true
        while let byte = rest.first, byte | 0x20 != 0x65 {
            rest.removeFirst()
            if byte == 0x2E {
                guard !hasPoint else { return nil }
                hasPoint = true
                isPlain = false
                continue
            }
            guard byte &- 0x30 < 10 else { return nil }
            digits.append(byte)
            if !hasPoint { point += 1 }
        }
        guard !digits.isEmpty else { return nil }
        if rest.first != nil {
            rest.removeFirst()
            guard let exponent = exponent(rest) else { return nil }
            point += exponent
            isPlain = false
        }
        if isPlain { return Array(text) }
        let sign: [UInt8] = isNegative ? [0x2D] : []
        while digits.first == 0x30 {
            digits.removeFirst()
            point -= 1
        }
        while digits.last == 0x30 { digits.removeLast() }
        if digits.isEmpty { return sign + [0x30] }
        return sign + written(digits, point)
    }

    private static func exponent(_ text: ArraySlice<UInt8>) -> Int? {
        var rest = text
        let isNegative = rest.first == 0x2D
        if isNegative || rest.first == 0x2B { rest.removeFirst() }
        guard !rest.isEmpty, rest.count < 6 else { return nil }
        var value = 0
        for byte in rest {
            guard byte &- 0x30 < 10 else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return isNegative ? -value : value
    }

    /// `digits` with the point behind the first `point` of them. Very large and small ones get an exponent.
    private static func written(_ digits: [UInt8], _ point: Int) -> [UInt8] {
        let exponent = point - 1
        if exponent < -6 || exponent >= 21 {
            var result = [digits[0]]
            if digits.count > 1 { result += [0x2E] + digits[1...] }
            result += [0x65, exponent < 0 ? 0x2D : 0x2B]
            var magnitude: [UInt8] = []
            var rest = abs(exponent)
            repeat {
                magnitude.append(UInt8(truncatingIfNeeded: rest % 10) + 0x30)
                rest /= 10
            } while rest > 0
            return result + magnitude.reversed()
        }
        if point <= 0 { return [0x30, 0x2E] + [UInt8](repeating: 0x30, count: -point) + digits }
        if point >= digits.count { return digits + [UInt8](repeating: 0x30, count: point - digits.count) }
        return Array(digits[..<point]) + [0x2E] + digits[point...]
    }
}
