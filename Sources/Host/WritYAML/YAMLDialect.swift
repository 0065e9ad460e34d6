import CYaml

/// Where a flow collection begins.
struct FlowStart {
    /// Its line, counted from 0.
    let line: Int
    /// What ends it: `]` or `}`.
    let end: Character
}

/// Where libyaml, which reads the text here, takes more or less than go-yaml, with which OPA reads it.
///
/// - A question mark ends a plain scalar of a flow collection in go-yaml, and nothing may follow there then.
/// - `\/` is no escape for go-yaml.
/// - `a:` before a bracket or a comma is a plain scalar for go-yaml, and refused by libyaml. Such a colon is covered by a
///   character that the text does not have, and the text is read again.
/// - A byte order mark at the beginning of a line is a character as any other for go-yaml, and passed over by libyaml.
///   It is covered, too.
/// - Brackets and commas are part of a tag for go-yaml, and end it in libyaml. They are escaped, and the text is read
///   again.
struct YAMLDialect {
    private(set) var text: [UInt8]
    private let hasQuestionMarks: Bool
    private let hasEscapedSlashes: Bool
    /// UTF-8 of the character that covers colons; empty while there is none.
    private var cover: [UInt8] = []
    private var covered = 0
    /// UTF-8 of the character that covers byte order marks; empty where there are none.
    private var markCover: [UInt8] = []
    /// A character of the text and the byte where it begins: marks of events, counted in characters, only grow.
    private var reached = (character: 0, byte: 0)

    /// Every colon, comma and bracket is another reading of the whole text.
    private static let coveredLimit = 16
    /// libyaml's words where a tag ends at another character than a space, and where nothing follows its handle.
    static let tagProblem = "did not find expected whitespace or line break"
    static let emptyTagProblem = "did not find expected tag URI"

    private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

    init(_ text: [UInt8], coversMarks: Bool = false) {
        self.text = text
        hasQuestionMarks = text.contains(UInt8(ascii: "?"))
        hasEscapedSlashes = zip(text, text.dropFirst()).contains { $0 == UInt8(ascii: "\\") && $1 == UInt8(ascii: "/") }
        if coversMarks { coverMarks() }
        restart()
    }

    private mutating func restart() {
        // A byte order mark at the beginning is no character of the text.
        reached = (0, text.starts(with: Self.byteOrderMark) ? 3 : 0)
    }

    // MARK: What libyaml refuses

    /// Changes the text so that libyaml reads on behind the character that it refused for a problem; false where
    /// go-yaml refuses it as well, or there were too many.
    mutating func mend(_ problem: String, at character: Int) -> Bool {
        restart()
        let place = byte(at: character)
        guard covered < Self.coveredLimit, place < text.count else { return false }
        let byte = text[place]
        if problem == "found unexpected ':'" { return byte == UInt8(ascii: ":") && coverColon(place) }
        guard problem == Self.tagProblem || problem == Self.emptyTagProblem else { return false }
        switch byte {
        case UInt8(ascii: "["): escape(place, "%5B")
        case UInt8(ascii: "]"): escape(place, "%5D")
        case UInt8(ascii: ","): escape(place, "%2C")
        default: return false
        }
        return true
    }

    private mutating func escape(_ place: Int, _ digits: StaticString) {
        covered += 1
        text.replaceSubrange(place...place, with: "\(digits)".utf8)
        restart()
    }

    /// The character at which a comma follows the tag of an empty scalar, if one does: it is part of the tag.
    mutating func commaBehindTag(_ event: yaml_event_t) -> Int? {
        let scalar = event.data.scalar
        guard scalar.tag != nil, scalar.length == 0, scalar.style == YAML_PLAIN_SCALAR_STYLE else { return nil }
        let start = reached
        defer { reached = start }
        // An anchor may stand behind the tag.
        let last = source(event).split(whereSeparator: { $0 == 0x20 || $0 == 0x09 || $0 == 0x0a || $0 == 0x0d }).last
        let end = Int(clamping: event.end_mark.index)
        let place = byte(at: end)
        guard last?.first == UInt8(ascii: "!"), place < text.count, text[place] == UInt8(ascii: ",") else { return nil }
        return end
    }

    /// Covers a colon by a character that the text does not have; false where it has all.
    private mutating func coverColon(_ place: Int) -> Bool {
        if cover.isEmpty {
            guard let free = unusedCharacter() else { return false }
            cover = free
        }
        covered += 1
        text.replaceSubrange(place...place, with: cover)
        restart()
        return true
    }

    /// Covers the byte order marks at the beginnings of lines, but for those at the beginning of the text.
    private mutating func coverMarks() {
        let ends: [[UInt8]] = [[0x0a], [0x0d], [0xc2, 0x85], [0xe2, 0x80, 0xa8], [0xe2, 0x80, 0xa9]]
        var places: [Int] = []
        for index in text.indices.dropFirst()
        where text[index] == 0xef && text[index...].starts(with: Self.byteOrderMark) {
            if ends.contains(where: { text[..<index].suffix($0.count).elementsEqual($0) }) { places.append(index) }
        }
        guard !places.isEmpty, let free = unusedCharacter() else { return }
        markCover = free
        // As long as the mark itself.
        for place in places { text.replaceSubrange(place..<(place + free.count), with: free) }
    }

    /// A scalar's text as it was before it was covered.
    func uncovered(_ scalar: [UInt8], isPlain: Bool) -> [UInt8] {
        var result = Self.replacing(markCover, by: Self.byteOrderMark, in: scalar)
        // Colons were covered in plain scalars only.
        if isPlain { result = Self.replacing(cover, by: [UInt8(ascii: ":")], in: result) }
        return result
    }

    private static func replacing(_ cover: [UInt8], by bytes: [UInt8], in scalar: [UInt8]) -> [UInt8] {
        guard !cover.isEmpty, scalar.count >= cover.count else { return scalar }
        var result: [UInt8] = []
        var index = 0
        while index < scalar.count {
            if scalar[index...].starts(with: cover) {
                result += bytes
                index += cover.count
            } else {
                result.append(scalar[index])
                index += 1
            }
        }
        return result
    }

    /// UTF-8 of a private character that the text has neither as it is nor by an escape (`\uE000`); nil when it has all
    /// 6,400.
    private func unusedCharacter() -> [UInt8]? {
        let first = 0xe000
        var isUsed = [Bool](repeating: false, count: 0xf8ff - first + 1)
        func use(_ scalar: Int) { if isUsed.indices.contains(scalar - first) { isUsed[scalar - first] = true } }
        for index in text.indices.dropLast(2) where text[index] == 0xee || text[index] == 0xef {
            use(Int(text[index] & 0x0f) << 12 | Int(text[index + 1] & 0x3f) << 6 | Int(text[index + 2] & 0x3f))
        }
        // The last four hexadecimal digits in a row, wherever they stand.
        var (digits, value) = (0, 0)
        for byte in text {
            guard let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
                digits = 0
                continue
            }
            value = (value << 4 | digit) & 0xffff
            digits += 1
            if digits >= 4 { use(value) }
        }
        guard let free = isUsed.firstIndex(of: false), let scalar = UnicodeScalar(UInt32(first + free)) else {
            return nil
        }
        return Array(String(scalar).utf8)
    }

    // MARK: What go-yaml refuses

    /// What is wrong with a scalar, and in which line, counted from 0.
    mutating func refused(_ event: yaml_event_t, in flows: [FlowStart?]) -> (problem: String, line: Int)? {
        let scalar = event.data.scalar
        if scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE { return hasEscapedSlashes ? escapedSlash(event) : nil }
        guard hasQuestionMarks, scalar.style == YAML_PLAIN_SCALAR_STYLE, let flow = flows.last ?? nil,
            let value = scalar.value,
            UnsafeBufferPointer(start: value, count: scalar.length).contains(UInt8(ascii: "?"))
        else { return nil }
        var line = Int(clamping: event.start_mark.line)
        for byte in source(event) {
            if byte == UInt8(ascii: "?") { break }
            if byte == UInt8(ascii: "\n") { line += 1 }
        }
        return ("did not find expected ',' or '\(flow.end)'", line > 0 ? line : flow.line)
    }

    private mutating func escapedSlash(_ event: yaml_event_t) -> (problem: String, line: Int)? {
        let first = Int(clamping: event.start_mark.line)
        var line = first
        var isEscaped = false
        for byte in source(event) {
            if isEscaped, byte == UInt8(ascii: "/") {
                return ("found unknown escape character", line > 0 ? line + 1 : first)
            }
            isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            if byte == UInt8(ascii: "\n") { line += 1 }
        }
        return nil
    }

    /// What is to be known of a collection whose event this is; nil where it is no flow collection.
    mutating func start(_ event: yaml_event_t, isFlow: Bool) -> FlowStart? {
        guard isFlow, hasQuestionMarks else { return nil }
        // `[a: b]` holds a mapping without braces.
        let hasBrace = event.type == YAML_MAPPING_START_EVENT && source(event).last == UInt8(ascii: "{")
        return FlowStart(line: Int(clamping: event.start_mark.line), end: hasBrace ? "}" : "]")
    }

    // MARK: Places

    private mutating func source(_ event: yaml_event_t) -> ArraySlice<UInt8> {
        let start = byte(at: Int(clamping: event.start_mark.index))
        let (character, index) = reached
        let end = byte(at: Int(clamping: event.end_mark.index))
        reached = (character, index)
        return text[start..<max(start, end)]
    }

    private mutating func byte(at character: Int) -> Int {
        while reached.character < character, reached.byte < text.count {
            reached.byte += 1
            while reached.byte < text.count, text[reached.byte] & 0xc0 == 0x80 { reached.byte += 1 }
            reached.character += 1
        }
        return reached.byte
    }
}

/// Numbers that JSON has no way to write. They stand bare in the output until it is known which values remain: of a key
/// that comes twice the last one counts, and OPA finds them when it writes JSON.
enum UnwritableNumbers {
    /// A number as it stands in the output: as OPA spells it as a key.
    static func written(_ text: [UInt8]) -> [UInt8] {
        let letters = text.filter { $0 != UInt8(ascii: "+") }.map { $0 | 0x20 }
        return letters
    }

    /// The first one in the order in which OPA writes JSON (keys sorted), or nil when none remains.
    static func first(in output: [UInt8]) -> String? {
        var walk = Walk(output: output, index: 0)
        return walk.value()
    }

    /// The text with zeros in the place of those that do not remain.
    static func replaced(in output: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < output.count {
            let byte = output[index]
            let start = index
            if byte == UInt8(ascii: "\"") {
                index = Walk.end(ofStringAt: index, in: output)
            } else if "{[:,]}".utf8.contains(byte) {
                index += 1
            } else {
                // A number or a word, as a whole: `0.5` has a point, too.
                while index < output.count, !Walk.isEnd(output[index]) { index += 1 }
                guard !isFirst(output, start) else {
                    result.append(UInt8(ascii: "0"))
                    continue
                }
            }
            result += output[start..<index]
        }
        return result
    }

    fileprivate static func isFirst(_ output: [UInt8], _ index: Int) -> Bool {
        if output[index] == UInt8(ascii: ".") { return true }
        return output[index] == UInt8(ascii: "-") && index + 1 < output.count && output[index + 1] == UInt8(ascii: ".")
    }

    /// Goes through JSON that was written here, which is nested as deep as the parser of YAML allows at most.
    private struct Walk {
        let output: [UInt8]
        var index: Int

        mutating func value() -> String? {
            guard index < output.count else { return nil }
            switch output[index] {
            case UInt8(ascii: "{"): return members()
            case UInt8(ascii: "["): return elements()
            case UInt8(ascii: "\""):
                index = Self.end(ofStringAt: index, in: output)
                return nil
            default:
                let start = index
                while index < output.count, !Self.isEnd(output[index]) { index += 1 }
                let isUnwritable = start < index && UnwritableNumbers.isFirst(output, start)
                return isUnwritable ? String(decoding: output[start..<index], as: UTF8.self) : nil
            }
        }

        private mutating func members() -> String? {
            var found: [[UInt8]: String?] = [:]
            index += 1
            while index < output.count, output[index] != UInt8(ascii: "}") {
                let start = index
                index = Self.end(ofStringAt: index, in: output)
                let key = Array(output[start..<index])
                index += 1
                found[key] = .some(value())
                if index < output.count, output[index] == UInt8(ascii: ",") { index += 1 }
            }
            index += 1
            let remaining = found.compactMap { key, value in value.map { (key, $0) } }
            return remaining.min { $0.0.lexicographicallyPrecedes($1.0) }?.1
        }

        private mutating func elements() -> String? {
            var first: String?
            index += 1
            while index < output.count, output[index] != UInt8(ascii: "]") {
                let found = value()
                first = first ?? found
                if index < output.count, output[index] == UInt8(ascii: ",") { index += 1 }
            }
            index += 1
            return first
        }

        static func isEnd(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}")
        }

        /// Behind the quote that ends it; at least one byte further.
        static func end(ofStringAt start: Int, in output: [UInt8]) -> Int {
            var index = start + 1
            while index < output.count, output[index] != UInt8(ascii: "\"") {
                index += output[index] == UInt8(ascii: "\\") ? 2 : 1
            }
            return min(index + 1, output.count)
        }
    }
}
