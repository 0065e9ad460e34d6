import WritValue

/// Writes a value of JSON as YAML, byte for byte as go-yaml (version 2) does: block style, keys in its natural
/// order, lines folded beyond 80 columns.
struct YAMLEmitter {
    private let context: BuiltinContext
    private(set) var bytes: [UInt8] = []
    private var column = 0
    /// The last byte was white space.
    private var isAfterSpace = true
    /// Nothing but indentation and indicators stand on the line so far.
    private var isIndenting = true

    private static let width = 80
    private static let step = 2
    /// Longer keys stand behind a "?".
    private static let simpleKeyLimit = 128

    init(_ context: BuiltinContext) { self.context = context }

    mutating func write(_ root: Value) throws(Fault) {
        try node(root, indent: -1, isMember: false, depth: 0)
        indent(0)
    }

    // MARK: Nodes

    /// `indent` is that of the collection around the node.
    private mutating func node(_ value: Value, indent: Int, isMember: Bool, depth: Int) throws(Fault) {
        guard depth < Space.depthLimit else { throw Fault(.depthLimit) }
        try context.spend(1 + context.space.byteCount(value) &>> 2)
        switch value.kind {
        case .array: try sequence(value, indent: indent, isMember: isMember, depth: depth)
        case .object: try mapping(value, indent: indent, depth: depth)
        default: try scalar(try YAMLText(value, context), indent: indent, isKey: false)
        }
    }

    private mutating func sequence(_ value: Value, indent: Int, isMember: Bool, depth: Int) throws(Fault) {
        let elements = context.space.elements(value)
        guard elements.count > 0 else {
            indicator("[", needsSpace: true)
            return indicator("]")
        }
        // The sequence of a key stands no deeper than the key.
        let own = isMember ? indent : deeper(indent)
        for index in 0..<elements.count {
            self.indent(own)
            indicator("-", needsSpace: true, keepsIndenting: true)
            try node(elements[index], indent: own, isMember: false, depth: depth + 1)
        }
    }

    private mutating func mapping(_ value: Value, indent: Int, depth: Int) throws(Fault) {
        let entries = context.space.entries(value)
        guard entries.count > 0 else {
            indicator("{", needsSpace: true)
            return indicator("}")
        }
        let own = deeper(indent)
        var keys: [YAMLKey] = []
        for index in 0..<entries.count { keys.append(YAMLKey(context.space.bytes(entries.keys[index]), index)) }
        try context.spend(keys.count)
        keys.sort { $0.isBefore($1) }
        for key in keys {
            self.indent(own)
            var bytes = key.bytes
            try YAMLText.check(&bytes, context)
            let text = YAMLText(string: bytes)
            let isSimple = !text.analysis.isMultiline && key.bytes.count <= Self.simpleKeyLimit
            if isSimple {
                try scalar(text, indent: own, isKey: true)
                indicator(":")
            } else {
                indicator("?", needsSpace: true, keepsIndenting: true)
                try scalar(text, indent: own, isKey: false)
                self.indent(own)
                indicator(":", needsSpace: true, keepsIndenting: true)
            }
            try node(entries.values[key.index], indent: own, isMember: isSimple, depth: depth + 1)
        }
    }

    private func deeper(_ indent: Int) -> Int { indent < 0 ? 0 : indent + Self.step }

    // MARK: Scalars

    private mutating func scalar(_ text: YAMLText, indent: Int, isKey: Bool) throws(Fault) {
        let inner = indent < 0 ? Self.step : indent + Self.step
        switch text.style(isKey: isKey) {
        case .plain: plain(text.bytes, indent: inner, folds: !isKey)
        case .single: single(text.bytes, indent: inner, folds: !isKey)
        case .double: double(text.bytes, indent: inner, folds: !isKey)
        case .literal: literal(text.bytes, indent: inner)
        }
        guard bytes.count <= context.space.memoryLimit else { throw Fault(.memoryLimit) }
    }

    private mutating func plain(_ text: [UInt8], indent: Int, folds: Bool) {
        if !isAfterSpace { put(UInt8(ascii: " ")) }
        var wasSpace = false
        for index in text.indices {
            let byte = text[index]
            let isSpace = byte == UInt8(ascii: " ")
            let next = index + 1 < text.count ? text[index + 1] : 0
            if isSpace, folds, !wasSpace, column > Self.width, next != UInt8(ascii: " ") {
                self.indent(indent)
            } else {
                put(byte)
            }
            if !isSpace { isIndenting = false }
            wasSpace = isSpace
        }
        isAfterSpace = false
        isIndenting = false
    }

    private mutating func single(_ text: [UInt8], indent: Int, folds: Bool) {
        indicator("'", needsSpace: true)
        var wasSpace = false
        var wasBreak = false
        for index in text.indices {
            let byte = text[index]
            let isSpace = byte == UInt8(ascii: " ")
            let next = index + 1 < text.count ? text[index + 1] : 0
            if isSpace {
                let isInside = index > 0 && index < text.count - 1
                if folds, !wasSpace, column > Self.width, isInside, next != UInt8(ascii: " ") {
                    self.indent(indent)
                } else {
                    put(byte)
                }
                wasSpace = true
                continue
            }
            if byte == UInt8(ascii: "\n") {
                if !wasBreak { lineBreak() }
                lineBreak()
                isIndenting = true
                wasBreak = true
                continue
            }
            if wasBreak { self.indent(indent) }
            if byte == UInt8(ascii: "'") { put(byte) }
            put(byte)
            isIndenting = false
            wasSpace = false
            wasBreak = false
        }
        indicator("'")
        isAfterSpace = false
        isIndenting = false
    }

    private mutating func double(_ text: [UInt8], indent: Int, folds: Bool) {
        indicator("\"", needsSpace: true)
        var wasSpace = false
        var index = 0
        // go-yaml looks for a byte order mark at the text's beginning only, at every character of it.
        let hasMark = text.starts(with: [0xef, 0xbb, 0xbf])
        text.withUnsafeBufferPointer { bytes in
            while index < bytes.count {
                let (scalar, length) = Scalars.decode(bytes, at: index)
                let isMark = hasMark || scalar == 0x22 || scalar == 0x5c || scalar == 0xfeff
                if isMark || !YAMLAnalysis.isPrintable(scalar) || YAMLAnalysis.isBreak(scalar) {
                    escape(scalar)
                    wasSpace = false
                } else if scalar == 0x20 {
                    let isInside = index > 0 && index < bytes.count - 1
                    if folds, !wasSpace, column > Self.width, isInside {
                        self.indent(indent)
                        if bytes[index + 1] == 0x20 { put(UInt8(ascii: "\\")) }
                    } else {
                        put(0x20)
                    }
                    wasSpace = true
                } else {
                    for offset in 0..<length { put(bytes[index + offset]) }
                    wasSpace = false
                }
                index += length
            }
        }
        indicator("\"")
        isAfterSpace = false
        isIndenting = false
    }

    private mutating func escape(_ scalar: UInt32) {
        put(UInt8(ascii: "\\"))
        let letter: UInt8
        switch scalar {
        case 0: letter = UInt8(ascii: "0")
        case 7: letter = UInt8(ascii: "a")
        case 8: letter = UInt8(ascii: "b")
        case 9: letter = UInt8(ascii: "t")
        case 10: letter = UInt8(ascii: "n")
        case 11: letter = UInt8(ascii: "v")
        case 12: letter = UInt8(ascii: "f")
        case 13: letter = UInt8(ascii: "r")
        case 27: letter = UInt8(ascii: "e")
        case 0x22, 0x5c: letter = UInt8(truncatingIfNeeded: scalar)
        case 0x85: letter = UInt8(ascii: "N")
        case 0xa0: letter = UInt8(ascii: "_")
        case 0x2028: letter = UInt8(ascii: "L")
        case 0x2029: letter = UInt8(ascii: "P")
        case 0...0xff: return hexadecimal(scalar, UInt8(ascii: "x"), digits: 2)
        case 0...0xffff: return hexadecimal(scalar, UInt8(ascii: "u"), digits: 4)
        default: return hexadecimal(scalar, UInt8(ascii: "U"), digits: 8)
        }
        put(letter)
    }

    private mutating func hexadecimal(_ scalar: UInt32, _ letter: UInt8, digits: Int) {
        put(letter)
        var shift = UInt32(truncatingIfNeeded: digits * 4)
        while shift > 0 {
            shift -= 4
            put(Hexadecimal.upperDigit(UInt8(truncatingIfNeeded: scalar &>> shift) & 15))
        }
    }

    private mutating func literal(_ text: [UInt8], indent: Int) {
        indicator("|", needsSpace: true)
        let newLine = UInt8(ascii: "\n")
        if text.first == UInt8(ascii: " ") || text.first == newLine { indicator("2") }
        if text.last != newLine {
            indicator("-")
        } else if text.count == 1 || text[text.count - 2] == newLine {
            indicator("+")
        }
        lineBreak()
        isIndenting = true
        isAfterSpace = true
        var startsLine = true
        for byte in text {
            if byte == newLine {
                lineBreak()
                isIndenting = true
                startsLine = true
                continue
            }
            if startsLine { self.indent(indent) }
            put(byte)
            isIndenting = false
            startsLine = false
        }
    }

    // MARK: Output

    private mutating func put(_ byte: UInt8) {
        bytes.append(byte)
        // Columns are characters.
        if byte & 0xc0 != 0x80 { column += 1 }
    }

    private mutating func lineBreak() {
        bytes.append(UInt8(ascii: "\n"))
        column = 0
    }

    private mutating func indicator(_ text: StaticString, needsSpace: Bool = false, keepsIndenting: Bool = false) {
        if needsSpace, !isAfterSpace { put(UInt8(ascii: " ")) }
        for byte in ascii(text) { put(byte) }
        isAfterSpace = false
        isIndenting = isIndenting && keepsIndenting
    }

    /// Goes to a column, on a new line where this one holds more than indentation.
    private mutating func indent(_ indent: Int) {
        let wanted = max(0, indent)
        if !isIndenting || column > wanted || column == wanted && !isAfterSpace { lineBreak() }
        while column < wanted { put(UInt8(ascii: " ")) }
        isAfterSpace = true
        isIndenting = true
    }
}

/// A key of a mapping, in go-yaml's order: digits count as numbers, letters after other characters.
struct YAMLKey {
    let bytes: [UInt8]
    let index: Int
    private let scalars: [UInt32]

    init(_ bytes: [UInt8], _ index: Int) {
        self.bytes = bytes
        self.index = index
        var scalars: [UInt32] = []
        bytes.withUnsafeBufferPointer { text in
            var position = 0
            while position < text.count {
                let (scalar, length) = Scalars.decode(text, at: position)
                scalars.append(scalar)
                position += length
            }
        }
        self.scalars = scalars
    }

    func isBefore(_ other: YAMLKey) -> Bool {
        let (a, b) = (scalars, other.scalars)
        for index in 0..<min(a.count, b.count) where a[index] != b[index] {
            let (isLetter, isOtherLetter) = (Self.isLetter(a[index]), Self.isLetter(b[index]))
            if isLetter, isOtherLetter { return a[index] < b[index] }
            if isLetter || isOtherLetter { return isOtherLetter }
            return Self.isBefore(a, b, at: index)
        }
        return a.count < b.count
    }

    private static func isBefore(_ a: [UInt32], _ b: [UInt32], at index: Int) -> Bool {
        var start: Int64 = 0
        if a[index] == 0x30 || b[index] == 0x30 {
            // A zero behind other digits is one of them.
            var before = index - 1
            while before >= 0, isDigit(a[before]) {
                if a[before] != 0x30 {
                    start = 1
                    break
                }
                before -= 1
            }
        }
        let (left, leftEnd) = number(a, index, start)
        let (right, rightEnd) = number(b, index, start)
        if left != right { return left < right }
        return leftEnd == rightEnd ? a[index] < b[index] : leftEnd < rightEnd
    }

    private static func number(_ text: [UInt32], _ start: Int, _ initial: Int64) -> (value: Int64, end: Int) {
        var value = initial
        var index = start
        while index < text.count, isDigit(text[index]) {
            value = value &* 10 &+ Int64(text[index] - 0x30)
            index += 1
        }
        return (value, index)
    }

    private static func isDigit(_ scalar: UInt32) -> Bool { scalar >= 0x30 && scalar <= 0x39 }

    private static func isLetter(_ scalar: UInt32) -> Bool {
        if scalar < 0x80 { return (scalar | 0x20) >= 0x61 && (scalar | 0x20) <= 0x7a }
        // Latin letters from U+00C0 on; punctuation, symbols and emoji are none.
        return scalar >= 0xc0 && scalar != 0xd7 && scalar != 0xf7 && !(scalar >= 0x2000 && scalar < 0x2c00)
            && scalar < 0x1f000 && scalar != 0xfeff && scalar != 0xfffd
    }
}
