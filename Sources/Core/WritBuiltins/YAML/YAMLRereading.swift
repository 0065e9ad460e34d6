import WritValue

/// What go-yaml makes of JSON, which OPA lets it read as YAML before it writes the value.
///
/// - Control characters are refused wherever they stand.
/// - A next-line character (U+0085) within a string breaks the line: it folds with the white space around it, one to a
///   space, several to one line break less. Behind it `---` and `...` look like marks of documents, which are refused.
/// - A key must end on its line, at most 1,022 characters (those of escapes counted) behind its beginning.
struct YAMLRereading {
    /// A text that go-yaml refuses, with its words.
    struct Refusal: Error {
        let message: StaticString
        /// The line to name, counted from 1; 0 for none.
        let line: Int
    }

    /// JSON text without next-line characters.
    private(set) var json: [UInt8] = []
    private let text: Bytes
    private var index = 0
    /// Line breaks so far.
    private var line = 0

    private static let keyLimit = 1022
    private static let quote = UInt8(ascii: "\"")
    private static let space = UInt8(ascii: " ")

    /// Reads JSON as it is written here: without white space between its parts.
    static func read(_ json: [UInt8]) throws(Refusal) -> [UInt8] {
        try json.withUnsafeBufferPointer { (text) throws(Refusal) in
            guard !holdsControl(text) else { throw Refusal(message: "control characters are not allowed", line: 0) }
            var reading = YAMLRereading(text)
            try reading.all()
            return reading.json
        }
    }

    private init(_ text: Bytes) {
        self.text = text
        json.reserveCapacity(text.count)
    }

    /// Characters that YAML has no place for. Those below U+0020 are escaped in JSON.
    private static func holdsControl(_ text: Bytes) -> Bool {
        for (index, byte) in text.enumerated() {
            switch byte {
            case 0x7f: return true
            case 0xc2: if index + 1 < text.count, text[index + 1] < 0xa0, text[index + 1] != 0x85 { return true }
            case 0xef:
                if index + 2 < text.count, text[index + 1] == 0xbf, text[index + 2] >= 0xbe { return true }
            default: break
            }
        }
        return false
    }

    private mutating func all() throws(Refusal) {
        while index < text.count {
            if text[index] == Self.quote { try string() } else { copy() }
        }
    }

    private mutating func string() throws(Refusal) {
        let start = line
        var characters = 0
        copy()
        while index < text.count, text[index] != Self.quote {
            if isNextLine(index) {
                characters += try fold()
                continue
            }
            if text[index] & 0xc0 != 0x80 { characters += 1 }
            if text[index] == UInt8(ascii: "\\") {
                copy()
                characters += 1
            }
            copy()
        }
        guard index < text.count else { return }
        copy()
        guard index < text.count, text[index] == UInt8(ascii: ":") else { return }
        guard line == start, characters <= Self.keyLimit else {
            throw Refusal(message: "did not find expected ',' or '}'", line: line)
        }
    }

    /// Line breaks in a row, and the spaces around them, as what they mean; the number of characters.
    private mutating func fold() throws(Refusal) -> Int {
        while json.last == Self.space { json.removeLast() }
        let start = index
        var breaks = 0
        while index < text.count {
            if isNextLine(index) {
                index += 2
                breaks += 1
                try refuseMark(line: line + breaks + 1)
            } else if text[index] == Self.space {
                index += 1
            } else {
                break
            }
        }
        line += breaks
        if breaks == 1 { json.append(Self.space) }
        for _ in 1..<max(1, breaks) { json += [UInt8(ascii: "\\"), UInt8(ascii: "n")] }
        return index - start - breaks
    }

    /// Three hyphens or points that begin a line and are followed by white space.
    private func refuseMark(line: Int) throws(Refusal) {
        guard index + 3 < text.count, text[index + 3] == Self.space || isNextLine(index + 3) else { return }
        let mark = UnsafeBufferPointer(rebasing: text[index..<(index + 3)])
        guard mark.equals("---") || mark.equals("...") else { return }
        throw Refusal(message: "found unexpected document indicator", line: line)
    }

    private func isNextLine(_ index: Int) -> Bool {
        text[index] == 0xc2 && index + 1 < text.count && text[index + 1] == 0x85
    }

    private mutating func copy() {
        guard index < text.count else { return }
        json.append(text[index])
        index += 1
    }
}
