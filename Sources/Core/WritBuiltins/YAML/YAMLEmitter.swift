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
    private var order = YAMLKeyOrder()

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
        default: try scalar(YAMLText(value, context), indent: indent, isKey: false)
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
        order.sort(&keys)
        for key in keys {
            self.indent(own)
            let text = YAMLText(string: key.bytes)
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
        var index = 0
        while index < text.count {
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
                index += 1
                wasSpace = true
                continue
            }
            let breakLength = YAMLAnalysis.breakLength(text, at: index)
            if breakLength > 0 {
                if !wasBreak, byte == UInt8(ascii: "\n") { lineBreak() }
                lineBreak(text[index..<(index + breakLength)])
                index += breakLength
                wasBreak = true
                continue
            }
            if wasBreak { self.indent(indent) }
            if byte == UInt8(ascii: "'") { put(byte) }
            put(byte)
            index += 1
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
        let last = YAMLAnalysis.lastBreakLength(text[...])
        if text.first == UInt8(ascii: " ") || YAMLAnalysis.breakLength(text, at: 0) > 0 { indicator("2") }
        if last == 0 {
            indicator("-")
        } else if text.count == last || YAMLAnalysis.lastBreakLength(text.dropLast(last)) > 0 {
            indicator("+")
        }
        lineBreak()
        isIndenting = true
        isAfterSpace = true
        var startsLine = true
        var index = 0
        while index < text.count {
            let breakLength = YAMLAnalysis.breakLength(text, at: index)
            if breakLength > 0 {
                lineBreak(text[index..<(index + breakLength)])
                index += breakLength
                startsLine = true
                continue
            }
            if startsLine { self.indent(indent) }
            put(text[index])
            index += 1
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

    /// A line break of the text itself, behind which a line may begin with spaces of its indentation.
    private mutating func lineBreak(_ text: ArraySlice<UInt8>) {
        bytes += text
        column = 0
        isIndenting = true
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
