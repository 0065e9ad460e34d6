import WritSource

// Numbers, strings and template strings.
extension Parser {
    /// A number, with a sign or a leading point. Stays at its last token.
    @inline(never)
    mutating func number() -> Term? {
        if token == .number, let plain = plainNumber() { return plain }
        let place = span
        var spelling: [UInt8] = []
        if token == .minus {
            spelling.append(0x2D)
            scan()
            guard token == .number || token == .dot else {
                unexpected("expected number")
                return nil
            }
        }
        let hasPoint = token == .dot
        if hasPoint {
            spelling.append(0x2E)
            scan()
            guard token == .number else {
                unexpected("expected number")
                return nil
            }
        }
        let digits = lexer.text[state.start..<state.end]
        if !hasPoint, digits.count > 1, digits.first == 0x30 {
            let second = digits[digits.startIndex + 1]
            guard second == 0x2E || digits.count > 2 && second | 0x20 == 0x65 else {
                unexpected("expected number without leading zero")
                return nil
            }
        }
        spelling += digits
        switch NumberRange.check(spelling) {
        case .fits: break
        case .invalid:
            unexpected("invalid float")
            return nil
        case .tooBig:
            error("number too big", at: span)
            return nil
        }
        return Term(.number(lexer.names.intern(spelling)), span(Int(place.start), state.end))
    }

    /// A number that needs no checks: short, without an exponent or a leading zero.
    private mutating func plainNumber() -> Term? {
        let start = state.start
        let end = state.end
        guard end - start < 100, end - start == 1 || lexer.text[start] != 0x30 else { return nil }
        for byte in lexer.text[start..<end] where byte > 0x39 { return nil }
        return Term(.number(lexer.names.intern(lexer.text, start, end)), span)
    }

    /// The string under the current token.
    @inline(never)
    mutating func string() -> Term? {
        let start = state.start
        let end = state.end
        guard end - start >= 2 else { return nil }
        var hasEscapes = false
        if lexer.text[start] == 0x22 {
            for byte in lexer.text[start..<end] where byte == 0x5C {
                hasEscapes = true
                break
            }
        }
        guard hasEscapes else {
            return Term(.string(lexer.names.intern(lexer.text, start + 1, end - 1)), span)
        }
        guard let decoded = StringEscapes.decode(lexer.text[start + 1..<end - 1], inTemplate: false) else {
            error("illegal string literal: " + text(start, end), at: span)
            return nil
        }
        return Term(.string(lexer.names.intern(decoded)), span)
    }

    /// At the first part of a template string. Ends at the last part.
    mutating func template() -> Term? {
        guard options.version == .v1, options.features.hasTemplateStrings else {
            error("template strings are not supported by current capabilities", at: span)
            return nil
        }
        let raw = token == .rawTemplatePart || token == .rawTemplateEnd
        let start = state.start
        var parts: [Template.Part] = []
        // The first part begins with `$"`, the others behind a `}`.
        var delimiter = 2
        while true {
            guard let text = templateText(raw, delimiter) else { return nil }
            if !text.isEmpty { parts.append(.text(Term(.string(lexer.names.intern(text)), span))) }
            delimiter = 0
            if token == .templateEnd || token == .rawTemplateEnd { break }
            guard let part = templateExpression() else { return nil }
            parts.append(part)
            guard token == .rightBrace else {
                error("expected } to end template string expression", at: span)
                return nil
            }
            advanceInTemplate(raw: raw)
        }
        return Term(.template(Template(parts: parts, isMultiLine: raw)), span(start, state.end))
    }

    @inline(never)
    private mutating func templateText(_ raw: Bool, _ delimiter: Int) -> [UInt8]? {
        guard
            token == .templatePart || token == .templateEnd || token == .rawTemplatePart || token == .rawTemplateEnd,
            state.end - state.start > delimiter
        else {
            error("expected template-string part", at: span)
            return nil
        }
        let inner = lexer.text[state.start + delimiter..<state.end - 1]
        if raw { return StringEscapes.unescapeBraces(inner) }
        guard inner.contains(0x5C) else { return Array(inner) }
        guard let decoded = StringEscapes.decode(inner, inTemplate: true) else {
            let from = delimiter > 0 ? state.start + 1 : state.start - 1
            let shown = StringEscapes.unescapeBraces(lexer.text[max(from, 0)..<state.end])
            error("illegal template-string part: " + String(decoding: shown, as: UTF8.self), at: span)
            return nil
        }
        return decoded
    }

    private mutating func templateExpression() -> Template.Part? {
        guard enter() else { return nil }
        defer { leave() }
        let comments = state.comments
        scan()
        let isCommented = state.comments != comments
        guard let expression = literal() else {
            error("invalid template-string expression", at: span)
            return nil
        }
        if expression.isNegated {
            error("unexpected negation ('not') in template-string expression", at: expression.span)
            return nil
        }
        switch expression.kind {
        case .call(let call) where call.simpleName == .eq:
            error("unexpected unification ('=') in template-string expression", at: expression.span)
            return nil
        case .call(let call) where call.simpleName == .assign:
            error("unexpected assignment (':=') in template-string expression", at: expression.span)
            return nil
        case .every:
            error("unexpected 'every' in template-string expression", at: expression.span)
            return nil
        case .some:
            error("unexpected 'some' in template-string expression", at: expression.span)
            return nil
        case .term(let term) where !isCommented:
            switch term.kind {
            case .string, .number, .bool, .null: return .text(term)
            default: return .expression(expression)
            }
        default: return .expression(expression)
        }
    }
}

/// Escapes in string literals: those of JSON.
enum StringEscapes {
    /// The text of a literal; nil if an escape is not one of JSON's, or a control character stands beside an escape.
    static func decode(_ literal: ArraySlice<UInt8>, inTemplate: Bool) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(literal.count)
        var index = literal.startIndex
        let end = literal.endIndex
        while index < end {
            let byte = literal[index]
            index += 1
            guard byte == 0x5C else {
                if byte < 0x20 || byte == 0x22 { return nil }
                result.append(byte)
                continue
            }
            guard index < end else { return nil }
            let escape = literal[index]
            index += 1
            switch escape {
            case 0x22, 0x5C, 0x2F: result.append(escape)
            case 0x62: result.append(0x08)
            case 0x66: result.append(0x0C)
            case 0x6E: result.append(0x0A)
            case 0x72: result.append(0x0D)
            case 0x74: result.append(0x09)
            case 0x7B where inTemplate: result.append(0x7B)
            case 0x75:
                guard var scalar = hexadecimal(literal, index) else { return nil }
                index += 4
                if (0xD800...0xDBFF).contains(scalar), index + 6 <= end, literal[index] == 0x5C,
                    literal[index + 1] == 0x75, let low = hexadecimal(literal, index + 2),
                    (0xDC00...0xDFFF).contains(low)
                {
                    scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
                    index += 6
                }
                UTF8Bytes.append(scalar, to: &result)
            default: return nil
            }
        }
        return result
    }

    /// `\{` becomes `{`; everything else stays.
    static func unescapeBraces(_ literal: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(literal.count)
        var index = literal.startIndex
        while index < literal.endIndex {
            if literal[index] == 0x5C, index + 1 < literal.endIndex, literal[index + 1] == 0x7B { index += 1 }
            result.append(literal[index])
            index += 1
        }
        return result
    }

    private static func hexadecimal(_ text: ArraySlice<UInt8>, _ start: Int) -> UInt32? {
        guard start + 4 <= text.endIndex else { return nil }
        var value: UInt32 = 0
        for byte in text[start..<start + 4] {
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
            case 0x41...0x46: value = value << 4 | UInt32(byte - 0x41 + 10)
            case 0x61...0x66: value = value << 4 | UInt32(byte - 0x61 + 10)
            default: return nil
            }
        }
        return value
    }
}

/// The limit on the size of a number literal: OPA refuses those beyond 2^100000 and below 2^-100001.
enum NumberRange {
    enum Result {
        case fits, tooBig, invalid
    }

    /// Checks a spelling of the lexer's form: sign, digits, fraction, exponent.
    static func check(_ spelling: [UInt8]) -> Result {
        // Common numbers are short and have no exponent.
        if spelling.count < 100, !spelling.contains(where: { $0 | 0x20 == 0x65 }) { return .fits }
        var significant: [UInt8] = []
        // Decimal exponent of the first significant digit.
        var scale: Int64 = 0
        var hasPoint = false
        var index = spelling.first == 0x2D ? 1 : 0
        while index < spelling.count {
            let byte = spelling[index]
            if byte == 0x2E {
                hasPoint = true
            } else if byte &- 0x30 < 10 {
                if byte != 0x30 || !significant.isEmpty {
                    if significant.count < 40 { significant.append(byte) }
                    if !hasPoint { scale += 1 }
                } else if hasPoint {
                    scale -= 1
                }
            } else {
                break
            }
            index += 1
        }
        var exponent: Int64 = 0
        if index < spelling.count {
            index += 1
            var isNegative = false
            if index < spelling.count, spelling[index] == 0x2B || spelling[index] == 0x2D {
                isNegative = spelling[index] == 0x2D
                index += 1
            }
            while index < spelling.count {
                guard exponent < 1_000_000_000_000_000_000 else { return .invalid }
                exponent = exponent &* 10 &+ Int64(spelling[index] &- 0x30)
                index += 1
            }
            if isNegative { exponent = -exponent }
        }
        if significant.isEmpty { return .fits }
        // The value is 0.d1d2d3... times ten to `total`.
        let total = exponent &+ scale
        if total != 30103 && total != -30103 { return total > 30103 || total < -30103 ? .tooBig : .fits }
        // 2^100000 and 2^-100001, first digits.
        let bound: [UInt8] =
            total > 0
            ? Array("9990020930143845079440327643300335909804".utf8)
            : Array("5004994518993470834081323565966531242497".utf8)
        for (position, digit) in bound.enumerated() {
            let own = position < significant.count ? significant[position] : 0x30
            if own != digit { return (own > digit) == (total > 0) ? .tooBig : .fits }
        }
        return .fits
    }
}
