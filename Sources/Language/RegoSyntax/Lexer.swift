/// Cuts a source text into tokens, one a call.
///
/// Like OPA's scanner it looks one character ahead, so a byte that cannot stand in a source text (NUL, broken UTF-8,
/// a byte-order mark behind the start) spoils the token *before* it as well when that token ends there.
struct Lexer {
    let text: [UInt8]
    var names: NameTable
    var keywords: KeywordSet
    /// Offset of the next byte to read.
    var position = 0
    /// Bounds of the last token.
    var start = 0
    var end = 0
    /// The word of the last identifier or keyword; empty for other tokens.
    var name = Name.empty
    /// What was wrong with the last token.
    var problems: [StaticString] = []

    init(text: [UInt8], names: NameTable, keywords: KeywordSet) {
        self.text = text
        self.names = names
        self.keywords = keywords
        if text.count >= 3, text[0] == 0xEF, text[1] == 0xBB, text[2] == 0xBF { position = 3 }
        checkAhead()
    }

    @inline(__always)
    private func byte(_ index: Int) -> UInt8 { index < text.count ? text[index] : 0 }

    /// Reads the next token. `problems` then tells whether it is sound.
    mutating func next() -> Token {
        start = position
        name = .empty
        guard position < text.count else {
            end = text.count
            return .endOfFile
        }
        let first = text[position]
        let token: Token
        switch first {
        case 0x20, 0x09, 0x0A, 0x0D:
            position += 1
            token = .whitespace
        case 0x61...0x7A, 0x41...0x5A, 0x5F:
            token = identifier()
        case 0x30...0x39:
            token = number()
        case 0x23:
            token = comment()
        case 0x22:
            position += 1
            token = string()
        case 0x60:
            position += 1
            token = rawString()
        case 0x24:
            position += 1
            switch byte(position) {
            case 0x22:
                position += 1
                token = template()
            case 0x60:
                position += 1
                token = rawTemplate()
            default:
                checkAhead()
                problems.append("illegal $ character")
                end = position
                return .illegal
            }
        default:
            token = punctuation(first)
        }
        end = position
        checkAhead()
        return token
    }

    /// Reads on in a template string behind the `}` of an expression.
    mutating func nextInTemplate(raw: Bool) -> Token {
        start = position
        name = .empty
        let token = raw ? rawTemplate() : template()
        end = position
        checkAhead()
        return token
    }

    /// Notes what is wrong with the character at `position`, which the last token has just uncovered.
    @inline(__always)
    private mutating func checkAhead() {
        if position < text.count, text[position] == 0 || text[position] >= 0x80 { checkUnusual() }
    }

    private mutating func checkUnusual() {
        if text[position] == 0 {
            problems.append("illegal null character")
        } else if let scalar = decode(position) {
            if scalar.value == 0xFEFF, position > 0 { problems.append("illegal byte-order mark") }
        } else {
            problems.append("illegal utf-8 character")
        }
    }

    /// The scalar at an offset and its length in bytes; nil for broken UTF-8.
    private func decode(_ index: Int) -> (value: UInt32, width: Int)? {
        UTF8Bytes.decode(text, index, text.count)
    }

    /// Steps over one character and checks the one behind it.
    private mutating func step() {
        guard position < text.count else { return }
        if text[position] < 0x80 {
            position += 1
        } else {
            position += decode(position)?.width ?? 1
        }
        checkAhead()
    }

    private mutating func identifier() -> Token {
        var index = position + 1
        while index < text.count {
            let byte = text[index]
            if Self.isWordByte(byte) {
                index += 1
            } else if byte >= 0x80, let scalar = decode(index), UTF8Bytes.isDigit(scalar.value) {
                index += scalar.width
            } else {
                break
            }
        }
        name = names.intern(text, position, index)
        position = index
        return name.token(keywords)
    }

    @inline(__always)
    private static func isWordByte(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26 || byte == 0x5F || byte &- 0x30 < 10
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    private mutating func digits() -> Bool {
        let from = position
        while Self.isDigit(byte(position)) { position += 1 }
        return position > from
    }

    private mutating func number() -> Token {
        _ = digits()
        if byte(position) == 0x2E {
            position += 1
            if !digits() { problems.append("expected fraction") }
        }
        if byte(position) | 0x20 == 0x65 {
            position += 1
            if byte(position) == 0x2B || byte(position) == 0x2D { position += 1 }
            if !digits() { problems.append("expected exponent") }
        }
        let byte = byte(position)
        if Self.isWordByte(byte), !Self.isDigit(byte) {
            problems.append("illegal number format")
            while position < text.count {
                if Self.isWordByte(text[position]) {
                    position += 1
                } else if text[position] >= 0x80, let scalar = decode(position), UTF8Bytes.isDigit(scalar.value) {
                    position += scalar.width
                } else {
                    break
                }
            }
        }
        return .number
    }

    private mutating func comment() -> Token {
        position += 1
        while position < text.count, text[position] != 0x0A {
            let byte = text[position]
            if byte >= 0x80 || byte == 0 {
                checkUnusual()
                position += byte == 0 ? 1 : decode(position)?.width ?? 1
            } else {
                position += 1
            }
        }
        return .comment
    }

    private mutating func string() -> Token {
        checkAhead()
        while true {
            let byte = byte(position)
            if byte == 0x0A || position >= text.count {
                problems.append("non-terminated string")
                return .string
            }
            if byte == 0x22 {
                position += 1
                return .string
            }
            step()
            if byte == 0x5C { escape(inTemplate: false) }
        }
    }

    private mutating func rawString() -> Token {
        checkAhead()
        while position < text.count {
            if text[position] == 0x60 {
                position += 1
                return .string
            }
            step()
        }
        problems.append("non-terminated string")
        return .string
    }

    /// A string part up to `"` or `{`. The text begins at the delimiter before `start` or at `start` itself.
    private mutating func template() -> Token {
        if position > start { checkAhead() }
        while true {
            let byte = byte(position)
            if byte == 0x0A || position >= text.count {
                problems.append("non-terminated string")
                return .templatePart
            }
            if byte == 0x22 || byte == 0x7B {
                position += 1
                return byte == 0x22 ? .templateEnd : .templatePart
            }
            step()
            if byte == 0x5C { escape(inTemplate: true) }
        }
    }

    private mutating func rawTemplate() -> Token {
        if position > start { checkAhead() }
        while position < text.count {
            let byte = text[position]
            if byte == 0x60 || byte == 0x7B {
                position += 1
                return byte == 0x60 ? .rawTemplateEnd : .rawTemplatePart
            }
            step()
            if byte == 0x5C, self.byte(position) == 0x7B { step() }
        }
        problems.append("non-terminated string")
        return .rawTemplatePart
    }

    private mutating func escape(inTemplate: Bool) {
        switch byte(position) {
        case 0x5C, 0x22, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74:
            step()
        case 0x7B where inTemplate:
            step()
        case 0x75:
            for _ in 0..<4 { step() }
        default:
            problems.append("illegal escape sequence")
        }
    }

    private mutating func punctuation(_ first: UInt8) -> Token {
        if first >= 0x80 {
            position += decode(position)?.width ?? 1
            return .illegal
        }
        position += 1
        let isEqualNext = byte(position) == 0x3D
        switch first {
        case 0x5B: return .leftBracket
        case 0x5D: return .rightBracket
        case 0x7B: return .leftBrace
        case 0x7D: return .rightBrace
        case 0x28: return .leftParen
        case 0x29: return .rightParen
        case 0x2C: return .comma
        case 0x2B: return .plus
        case 0x2D: return .minus
        case 0x2A: return .times
        case 0x2F: return .divide
        case 0x25: return .remainder
        case 0x26: return .and
        case 0x7C: return .or
        case 0x3B: return .semicolon
        case 0x2E: return .dot
        case 0x3A: return pair(isEqualNext, .assign, .colon)
        case 0x3D: return pair(isEqualNext, .equal, .unify)
        case 0x3E: return pair(isEqualNext, .greaterOrEqual, .greater)
        case 0x3C: return pair(isEqualNext, .lessOrEqual, .less)
        case 0x21:
            if isEqualNext { return pair(true, .notEqual, .illegal) }
            problems.append("illegal ! character")
            return .illegal
        default: return .illegal
        }
    }

    private mutating func pair(_ isPair: Bool, _ long: Token, _ short: Token) -> Token {
        if isPair { position += 1 }
        return isPair ? long : short
    }
}
