import WritValue

/// A reader of ground Rego terms, so that tests can write operands and results as policies do.
struct TermReader {
    private let space: Space
    private let text: [UInt8]
    private var index = 0

    /// The value of a term; nil when the text is none.
    static func read(_ text: String, in space: Space) -> Value? {
        var reader = TermReader(text, space)
        guard let value = reader.term() else { return nil }
        reader.skipSpace()
        return reader.index == reader.text.count ? value : nil
    }

    /// The values of terms separated by " ; ".
    static func list(_ text: String, in space: Space) -> [Value]? {
        var reader = TermReader(text, space)
        var result: [Value] = []
        reader.skipSpace()
        if reader.index == reader.text.count { return [] }
        while true {
            guard let value = reader.term() else { return nil }
            result.append(value)
            reader.skipSpace()
            if reader.index == reader.text.count { return result }
            guard reader.take(";") else { return nil }
        }
    }

    private init(_ text: String, _ space: Space) {
        self.text = Array(text.utf8)
        self.space = space
    }

    private mutating func skipSpace() {
        while index < text.count, text[index] <= 32 { index += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard index < text.count, text[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func word(_ word: String) -> Bool {
        let bytes = Array(word.utf8)
        guard text.count - index >= bytes.count, Array(text[index..<(index + bytes.count)]) == bytes else {
            return false
        }
        index += bytes.count
        return true
    }

    private mutating func term() -> Value? {
        skipSpace()
        guard index < text.count else { return nil }
        switch text[index] {
        case UInt8(ascii: "\""): return string()
        case UInt8(ascii: "["): return array()
        case UInt8(ascii: "{"): return braces()
        case UInt8(ascii: "t"): return word("true") ? .true : nil
        case UInt8(ascii: "f"): return word("false") ? .false : nil
        case UInt8(ascii: "n"): return word("null") ? .null : nil
        case UInt8(ascii: "s"): return word("set()") ? .emptySet : nil
        default: return number()
        }
    }

    private mutating func string() -> Value? {
        let start = index
        index += 1
        while index < text.count, text[index] != UInt8(ascii: "\"") {
            index += text[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        index += 1
        guard index <= text.count else { return nil }
        return try? space.readJSON(Array(text[start..<index]))
    }

    private mutating func number() -> Value? {
        let start = index
        while index < text.count, "+-.eE0123456789".utf8.contains(text[index]) { index += 1 }
        return try? space.number(Array(text[start..<index]))
    }

    private mutating func array() -> Value? {
        guard let values = items("[", "]") else { return nil }
        var list = ValueList()
        for (value, _) in values { try? list.append(value, in: space) }
        return try? space.array(list)
    }

    private mutating func braces() -> Value? {
        guard let values = items("{", "}") else { return nil }
        var list = ValueList()
        for (key, value) in values {
            try? list.append(key, in: space)
            if let value { try? list.append(value, in: space) }
        }
        if values.isEmpty || values[0].1 != nil { return try? space.object(pairs: list) }
        return try? space.set(list)
    }

    private mutating func items(_ open: Unicode.Scalar, _ close: Unicode.Scalar) -> [(Value, Value?)]? {
        guard take(open) else { return nil }
        var result: [(Value, Value?)] = []
        if take(close) { return result }
        while true {
            guard let first = term() else { return nil }
            if take(":") {
                guard let second = term() else { return nil }
                result.append((first, second))
            } else {
                result.append((first, nil))
            }
            if take(close) { return result }
            guard take(",") else { return nil }
        }
    }
}
