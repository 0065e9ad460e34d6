import WritValue

/// Cuts a template into plain text and the tokens of its actions.
struct TemplateLexer {
    let text: [UInt8]
    private(set) var index = 0
    private var trimsNext = false

    init(_ text: [UInt8]) { self.text = text }

    /// The line of an offset, from 1.
    func line(_ offset: Int) -> Int { 1 + text.prefix(offset).reduce(0) { $0 + ($1 == 10 ? 1 : 0) } }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 9 || byte == 10 || byte == 13 }

    private func stands(_ literal: StaticString, at place: Int) -> Bool {
        place + literal.utf8CodeUnitCount <= text.count
            && text[place..<(place + literal.utf8CodeUnitCount)].elementsEqual(literal.bytes)
    }

    /// The text up to the next action, whose opening braces are taken; nil for the action where none follows.
    mutating func plain() throws(TemplateError) -> (text: [UInt8], hasAction: Bool) {
        var result: [UInt8] = []
        while true {
            var start = index
            if trimsNext {
                while start < text.count, Self.isSpace(text[start]) { start += 1 }
                trimsNext = false
            }
            var open = start
            while open < text.count, !stands("{{", at: open) { open += 1 }
            guard open < text.count else {
                result += text[start...]
                index = text.count
                return (result, false)
            }
            var end = open
            var next = open + 2
            let trims = next + 1 < text.count && text[next] == UInt8(ascii: "-") && Self.isSpace(text[next + 1])
            if trims {
                while end > start, Self.isSpace(text[end - 1]) { end -= 1 }
                next += 2
            }
            result += text[start..<end]
            guard stands("/*", at: next) else {
                index = next
                return (result, true)
            }
            try comment(from: next)
        }
    }

    private mutating func comment(from start: Int) throws(TemplateError) {
        var end = start + 2
        while end < text.count, !stands("*/", at: end) { end += 1 }
        guard end < text.count else { throw failure("unclosed comment", at: start) }
        end += 2
        if end + 1 < text.count, Self.isSpace(text[end]), stands("-}}", at: end + 1) {
            trimsNext = true
            end += 2
        }
        guard stands("}}", at: end) else { throw failure("comment ends before closing delimiter", at: start) }
        index = end + 2
    }

    func failure(_ message: StaticString, at offset: Int) -> TemplateError {
        .text("template: template:", .number(line(offset)), ": ", .literal(message))
    }

    func failure(_ pieces: SchemaText..., at offset: Int) -> TemplateError {
        .message(SchemaText.join(["template: template:", .number(line(offset)), ": "]) + SchemaText.join(pieces))
    }

    /// The next token of an action.
    mutating func token() throws(TemplateError) -> TemplateToken {
        let start = index
        guard index < text.count else { throw failure("unclosed action", at: start) }
        if Self.isSpace(text[index]), stands("-}}", at: index + 1) {
            trimsNext = true
            index += 4
            return TemplateToken(kind: .closeAction, bytes: ascii("}}"), offset: start)
        }
        if stands("}}", at: index) {
            index += 2
            return TemplateToken(kind: .closeAction, bytes: ascii("}}"), offset: start)
        }
        let byte = text[index]
        if Self.isSpace(byte) {
            while index < text.count, Self.isSpace(text[index]), !stands("-}}", at: index + 1) { index += 1 }
            return made(.space, start)
        }
        switch byte {
        case UInt8(ascii: "|"): return single(.pipe)
        case UInt8(ascii: ","): return single(.comma)
        case UInt8(ascii: "("): return single(.open)
        case UInt8(ascii: ")"): return single(.close)
        case UInt8(ascii: "="): return single(.assign)
        case UInt8(ascii: ":"):
            guard stands(":=", at: index) else { throw failure("expected :=", at: start) }
            index += 2
            return made(.declare, start)
        case UInt8(ascii: "\""): return try quoted(start)
        case UInt8(ascii: "`"):
            index += 1
            while index < text.count, text[index] != UInt8(ascii: "`") { index += 1 }
            guard index < text.count else { throw failure("unterminated raw quoted string", at: start) }
            index += 1
            return TemplateToken(
                kind: .text, bytes: Array(text[start..<index]), value: Array(text[(start + 1)..<(index - 1)]),
                offset: start)
        case UInt8(ascii: "'"): return try character(start)
        case UInt8(ascii: "$"):
            index += 1
            takeName()
            if index - start > 1 { try endWord() }
            return made(.variable, start)
        case UInt8(ascii: "."):
            index += 1
            if index < text.count, text[index] &- UInt8(ascii: "0") < 10 { return try number(start) }
            if index == text.count { return made(.number, start) }
            takeName()
            if index - start > 1 { try endWord() }
            return made(index - start == 1 ? .dot : .field, start)
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number(start)
        default:
            guard Self.isNameByte(byte) else {
                // The parser tells of a character that stands for nothing.
                if byte > 0x20, byte < 0x7F { return single(.character) }
                throw badCharacter(byte, at: start)
            }
            takeName()
            try endWord()
            return made(.identifier, start)
        }
    }

    private func badCharacter(_ byte: UInt8, at offset: Int) -> TemplateError {
        var shown = ascii("bad character U+00")
        shown += [Hexadecimal.upperDigit(byte &>> 4), Hexadecimal.upperDigit(byte & 15)]
        return failure(.bytes(shown), " '", .bytes([byte]), "'", at: offset)
    }

    /// Behind a word must stand what can end one.
    private func endWord() throws(TemplateError) {
        guard index < text.count, !Self.isSpace(text[index]), !stands("}}", at: index) else { return }
        guard !ascii(".,|:()").contains(text[index]) else { return }
        throw badCharacter(text[index], at: index)
    }

    private func made(_ kind: TemplateToken.Kind, _ start: Int) -> TemplateToken {
        TemplateToken(kind: kind, bytes: Array(text[start..<index]), offset: start)
    }

    private mutating func single(_ kind: TemplateToken.Kind) -> TemplateToken {
        index += 1
        return made(kind, index - 1)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte >= 0x80 || (byte | 0x20) &- UInt8(ascii: "a") < 26
            || byte &- UInt8(ascii: "0") < 10
    }

    private mutating func takeName() { while index < text.count, Self.isNameByte(text[index]) { index += 1 } }

    private mutating func number(_ start: Int) throws(TemplateError) -> TemplateToken {
        while index < text.count {
            let byte = text[index]
            let isSign = byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
            let last = index > start ? text[index - 1] | 0x20 : 0
            let isExponentSign = isSign && (last == UInt8(ascii: "e") || last == UInt8(ascii: "p"))
            guard Self.isNameByte(byte) || byte == UInt8(ascii: ".") || isExponentSign || isSign && index == start
            else { break }
            index += 1
        }
        return made(.number, start)
    }

    private mutating func quoted(_ start: Int) throws(TemplateError) -> TemplateToken {
        index += 1
        while true {
            guard index < text.count, text[index] != 10 else { throw failure("unterminated quoted string", at: start) }
            if text[index] == UInt8(ascii: "\"") { break }
            index += text[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        index += 1
        let inner = Array(text[(start + 1)..<(index - 1)])
        guard let value = Self.unescaped(inner) else { throw failure("invalid syntax", at: start) }
        return TemplateToken(kind: .text, bytes: Array(text[start..<index]), value: value, offset: start)
    }

    private mutating func character(_ start: Int) throws(TemplateError) -> TemplateToken {
        index += 1
        while true {
            guard index < text.count, text[index] != 10 else {
                throw failure("unterminated character constant", at: start)
            }
            if text[index] == UInt8(ascii: "'") { break }
            index += text[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        index += 1
        return made(.number, start)
    }

    /// A text of Go without its escapes.
    static func unescaped(_ text: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        var index = 0
        while index < text.count {
            guard text[index] == UInt8(ascii: "\\") else {
                result.append(text[index])
                index += 1
                continue
            }
            guard index + 1 < text.count else { return nil }
            let letter = text[index + 1]
            index += 2
            switch letter {
            case UInt8(ascii: "a"): result.append(7)
            case UInt8(ascii: "b"): result.append(8)
            case UInt8(ascii: "f"): result.append(12)
            case UInt8(ascii: "n"): result.append(10)
            case UInt8(ascii: "r"): result.append(13)
            case UInt8(ascii: "t"): result.append(9)
            case UInt8(ascii: "v"): result.append(11)
            case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"): result.append(letter)
            case UInt8(ascii: "x"), UInt8(ascii: "u"), UInt8(ascii: "U"):
                let digits = letter == UInt8(ascii: "x") ? 2 : letter == UInt8(ascii: "u") ? 4 : 8
                guard index + digits <= text.count else { return nil }
                var value: UInt32 = 0
                for offset in 0..<digits {
                    guard let digit = Hexadecimal.value(text[index + offset]) else { return nil }
                    value = value &* 16 &+ UInt32(digit)
                }
                index += digits
                if digits == 2 {
                    result.append(UInt8(truncatingIfNeeded: value))
                } else {
                    guard let scalar = Unicode.Scalar(value) else { return nil }
                    result += Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
                }
            default: return nil
            }
        }
        return result
    }
}
