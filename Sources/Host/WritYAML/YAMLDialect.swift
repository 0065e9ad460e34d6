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
struct YAMLDialect {
    private(set) var text: [UInt8]
    private let hasQuestionMarks: Bool
    private let hasEscapedSlashes: Bool
    /// UTF-8 of the character that covers colons; empty while there is none.
    private var cover: [UInt8] = []
    private var covered = 0
    /// A character of the text and the byte where it begins: marks of events, counted in characters, only grow.
    private var reached = (character: 0, byte: 0)

    /// Every colon is another reading of the whole text.
    private static let coveredLimit = 16

    init(_ text: [UInt8]) {
        self.text = text
        hasQuestionMarks = text.contains(UInt8(ascii: "?"))
        hasEscapedSlashes = zip(text, text.dropFirst()).contains { $0 == UInt8(ascii: "\\") && $1 == UInt8(ascii: "/") }
        restart()
    }

    private mutating func restart() {
        // A byte order mark at the beginning is no character of the text.
        reached = (0, text.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0)
    }

    // MARK: Colons

    /// Covers the colon at a character; false where there is none, or there were too many.
    mutating func coverColon(at character: Int) -> Bool {
        restart()
        let place = byte(at: character)
        guard covered < Self.coveredLimit, place < text.count, text[place] == UInt8(ascii: ":") else { return false }
        if cover.isEmpty {
            guard let free = unusedCharacter() else { return false }
            cover = free
        }
        covered += 1
        text.replaceSubrange(place...place, with: cover)
        restart()
        return true
    }

    /// A scalar's text with its colons.
    func uncovered(_ scalar: [UInt8]) -> [UInt8] {
        guard !cover.isEmpty, scalar.count >= cover.count else { return scalar }
        var result: [UInt8] = []
        var index = 0
        while index < scalar.count {
            if scalar[index...].starts(with: cover) {
                result.append(UInt8(ascii: ":"))
                index += cover.count
            } else {
                result.append(scalar[index])
                index += 1
            }
        }
        return result
    }

    /// UTF-8 of a private character that the text does not have; nil when it has all 6,400.
    private func unusedCharacter() -> [UInt8]? {
        let first = 0xe000
        var isUsed = [Bool](repeating: false, count: 0xf8ff - first + 1)
        for index in text.indices.dropLast(2) where text[index] == 0xee || text[index] == 0xef {
            let scalar =
                Int(text[index] & 0x0f) << 12 | Int(text[index + 1] & 0x3f) << 6 | Int(text[index + 2] & 0x3f)
            if isUsed.indices.contains(scalar - first) { isUsed[scalar - first] = true }
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
            } else if isFirst(output, index) {
                while index < output.count, !Walk.isEnd(output[index]) { index += 1 }
                result.append(UInt8(ascii: "0"))
                continue
            } else {
                index += 1
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
