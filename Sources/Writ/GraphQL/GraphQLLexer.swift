/// Where a token stands: row and column from 1, columns in code points.
struct GraphQLPosition {
    var line: Int
    var column: Int
}

/// Why a GraphQL document is refused.
enum GraphQLError: Error {
    /// A message, and the place in the text where there is one.
    case message(String, GraphQLPosition?)
    case fault(Fault)
}

struct GraphQLToken {
    enum Kind: String {
        case invalid = "<Invalid>"
        case end = "<EOF>"
        case bang = "!"
        case dollar = "$"
        case amp = "&"
        case parenLeft = "("
        case parenRight = ")"
        case spread = "..."
        case colon = ":"
        case equals = "="
        case at = "@"
        case bracketLeft = "["
        case bracketRight = "]"
        case braceLeft = "{"
        case braceRight = "}"
        case pipe = "|"
        case name = "Name"
        case int = "Int"
        case float = "Float"
        case string = "String"
        case blockString = "BlockString"
        case comment = "Comment"
    }

    var kind: Kind
    var value: String
    var position: GraphQLPosition

    /// As error messages show it.
    var shown: String { value.isEmpty ? kind.rawValue : "\(kind.rawValue) \(GraphQLText.quoted(value))" }
}

/// Cuts a GraphQL text into tokens. What is wrong becomes an invalid token at the place where it was noticed.
struct GraphQLLexer {
    private let text: [UInt8]
    private var index = 0
    private var line = 1
    /// Code points before `index`, and before the line that it is on.
    private var count = 0
    private var lineStart = 0

    init(_ text: [UInt8]) { self.text = text }

    mutating func next() -> GraphQLToken {
        skipBlanks()
        guard index < text.count else { return token(.end, at: count) }
        let start = count
        let byte = text[index]
        if let kind = Self.mark(byte) {
            step()
            return token(kind, at: start)
        }
        switch byte {
        case UInt8(ascii: "."):
            guard starts(with: "...") else { return token(.invalid, at: start) }
            for _ in 0..<3 { step() }
            return token(.spread, at: start)
        case UInt8(ascii: "#"): return comment()
        case UInt8(ascii: "\""): return starts(with: "\"\"\"") ? blockString() : string()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return number()
        default: return Self.isNameByte(byte) ? name() : token(.invalid, at: start)
        }
    }

    private static func mark(_ byte: UInt8) -> GraphQLToken.Kind? {
        switch byte {
        case UInt8(ascii: "!"): .bang
        case UInt8(ascii: "$"): .dollar
        case UInt8(ascii: "&"): .amp
        case UInt8(ascii: "("): .parenLeft
        case UInt8(ascii: ")"): .parenRight
        case UInt8(ascii: ":"): .colon
        case UInt8(ascii: "="): .equals
        case UInt8(ascii: "@"): .at
        case UInt8(ascii: "["): .bracketLeft
        case UInt8(ascii: "]"): .bracketRight
        case UInt8(ascii: "{"): .braceLeft
        case UInt8(ascii: "}"): .braceRight
        case UInt8(ascii: "|"): .pipe
        default: nil
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || (byte | 0x20) &- UInt8(ascii: "a") < 26
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    private func starts(with literal: String) -> Bool { text[index...].starts(with: literal.utf8) }

    private mutating func step() {
        // The first byte of a code point counts.
        if text[index] & 0xc0 != 0x80 { count += 1 }
        index += 1
    }

    private func token(_ kind: GraphQLToken.Kind, at start: Int, _ value: String = "") -> GraphQLToken {
        GraphQLToken(kind: kind, value: value, position: GraphQLPosition(line: line, column: start - lineStart + 1))
    }

    private mutating func skipBlanks() {
        while index < text.count {
            switch text[index] {
            case 9, 0x20, UInt8(ascii: ","): step()
            case 10: newLine()
            case 13:
                newLine()
                if index < text.count, text[index] == 10 { step() }
            case 0xef where starts(with: "\u{feff}"): for _ in 0..<3 { step() }
            default: return
            }
        }
    }

    private mutating func newLine() {
        step()
        line += 1
        lineStart = count
    }

    private mutating func comment() -> GraphQLToken {
        let (start, from) = (count, index)
        while index < text.count, text[index] >= 0x20 || text[index] == 9 { step() }
        return token(.comment, at: start, String(decoding: text[from..<index], as: UTF8.self))
    }

    private mutating func name() -> GraphQLToken {
        let (start, from) = (count, index)
        while index < text.count, Self.isNameByte(text[index]) || Self.isDigit(text[index]) { step() }
        return token(.name, at: start, String(decoding: text[from..<index], as: UTF8.self))
    }

    private mutating func number() -> GraphQLToken {
        let (start, from) = (count, index)
        var isFloat = false
        if text[index] == UInt8(ascii: "-") { step() }
        if index < text.count, text[index] == UInt8(ascii: "0") {
            step()
            if index < text.count, Self.isDigit(text[index]) { return token(.invalid, at: count) }
        } else if !digits() {
            return token(.invalid, at: count)
        }
        if index < text.count, text[index] == UInt8(ascii: ".") {
            isFloat = true
            step()
            if !digits() { return token(.invalid, at: count) }
        }
        if index < text.count, text[index] | 0x20 == UInt8(ascii: "e") {
            isFloat = true
            step()
            if index < text.count, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") { step() }
            if !digits() { return token(.invalid, at: count) }
        }
        return token(isFloat ? .float : .int, at: start, String(decoding: text[from..<index], as: UTF8.self))
    }

    private mutating func digits() -> Bool {
        let from = index
        while index < text.count, Self.isDigit(text[index]) { step() }
        return index > from
    }

    private mutating func string() -> GraphQLToken {
        step()
        let start = count
        var value: [UInt8] = []
        while index < text.count {
            let byte = text[index]
            if byte < 0x20, byte != 9 { break }
            if byte == UInt8(ascii: "\"") {
                let result = token(.string, at: start, String(decoding: value, as: UTF8.self))
                step()
                return result
            }
            guard byte == UInt8(ascii: "\\") else {
                value.append(byte)
                step()
                continue
            }
            guard let escaped = escape() else {
                step()
                return token(.invalid, at: count)
            }
            value += escaped
        }
        return token(.invalid, at: count)
    }

    /// What a backslash and the bytes behind it stand for.
    private mutating func escape() -> [UInt8]? {
        guard index + 1 < text.count else { return nil }
        let letter = text[index + 1]
        if letter == UInt8(ascii: "u") {
            guard index + 6 < text.count,
                let unit = UInt32(String(decoding: text[(index + 2)..<(index + 6)], as: UTF8.self), radix: 16)
            else { return nil }
            for _ in 0..<6 { step() }
            return Array(String(Unicode.Scalar(unit) ?? "\u{fffd}").utf8)
        }
        let value: UInt8
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "/"), UInt8(ascii: "\\"): value = letter
        case UInt8(ascii: "b"): value = 8
        case UInt8(ascii: "f"): value = 12
        case UInt8(ascii: "n"): value = 10
        case UInt8(ascii: "r"): value = 13
        case UInt8(ascii: "t"): value = 9
        default: return nil
        }
        step()
        step()
        return [value]
    }

    private mutating func blockString() -> GraphQLToken {
        for _ in 0..<3 { step() }
        let start = count
        var value: [UInt8] = []
        while index < text.count {
            let byte = text[index]
            if byte == UInt8(ascii: "\""), starts(with: "\"\"\"") {
                // The place counts from the line that the string ends on.
                let result = token(.blockString, at: start, GraphQLText.block(value))
                for _ in 0..<3 { step() }
                return result
            }
            if byte < 0x20, byte != 9, byte != 10, byte != 13 { break }
            if byte == UInt8(ascii: "\\"), starts(with: "\\\"\"\"") {
                value += Array("\"\"\"".utf8)
                for _ in 0..<4 { step() }
            } else if byte == 13 {
                if index + 1 < text.count, text[index + 1] == 10 { step() }
                value.append(10)
                newLine()
            } else if byte == 10 {
                value.append(byte)
                newLine()
            } else {
                value.append(byte)
                step()
            }
        }
        return token(.invalid, at: count)
    }
}

enum GraphQLText {
    /// A text in double quotes, as Go's `strconv.Quote` writes it.
    static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        GoFormat.quote(Array(text.utf8), to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The value of a block string: common indentation, and blank lines at both ends, are taken away.
    static func block(_ raw: [UInt8]) -> String {
        var lines = raw.split(separator: 10, omittingEmptySubsequences: false)
        var common = Int.max
        for line in lines.dropFirst() {
            let indent = line.prefix { $0 == 0x20 || $0 == 9 }.count
            if indent < line.count { common = min(common, indent) }
        }
        if common != .max {
            for index in lines.indices.dropFirst() { lines[index] = lines[index].dropFirst(common) }
        }
        func isBlank(_ line: ArraySlice<UInt8>) -> Bool { line.allSatisfy { $0 == 0x20 || $0 == 9 } }
        let start = lines.firstIndex { !isBlank($0) } ?? lines.count
        let end = (lines.lastIndex { !isBlank($0) } ?? -1) + 1
        guard start < end else { return "" }
        return String(decoding: Array(lines[start..<end].joined(separator: [10])), as: UTF8.self)
    }
}
