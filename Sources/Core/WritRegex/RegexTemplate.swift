/// The templates of OPA's `regex.template_match`: literal text with regular expressions between delimiters.
public enum RegexTemplate {
    /// Why a template has no regular expression.
    public enum Failure: Error {
        /// The delimiters do not pair up; the quoted template is part of the text.
        case unbalanced([UInt8])
        case regex(RegexError)

        /// OPA's text.
        public var message: [UInt8] {
            switch self {
            case .unbalanced(let template):
                var out: [UInt8] = []
                out.append("unbalanced braces in ")
                RegexTemplate.appendQuoted(template, to: &out)
                return out
            case .regex(let error):
                return error.message
            }
        }
    }

    /// The pattern that matches a whole text as the template says. Each expression on its own must be valid too.
    /// - Parameters:
    ///   - start: the byte before an expression.
    ///   - end: the byte behind it. The two may be nested inside.
    public static func pattern(
        for template: UnsafeBufferPointer<UInt8>, start: UInt8, end: UInt8
    ) throws(Failure) -> [UInt8] {
        let parts = try expressions(template, start, end)
        var pattern: [UInt8] = [UInt8(ascii: "^")]
        var copied = 0
        for part in parts {
            appendQuotedMeta(template[copied..<(part.lowerBound - 1)], to: &pattern)
            pattern.append(UInt8(ascii: "("))
            pattern.append(contentsOf: template[part])
            pattern.append(UInt8(ascii: ")"))
            copied = part.upperBound + 1
            var alone: [UInt8] = [UInt8(ascii: "^")]
            alone.append(contentsOf: template[part])
            alone.append(UInt8(ascii: "$"))
            do throws(RegexError) {
                _ = try alone.withUnsafeBufferPointer { bytes throws(RegexError) in try RegexParser.parse(bytes) }
            } catch {
                throw .regex(error)
            }
        }
        appendQuotedMeta(template[copied...], to: &pattern)
        pattern.append(UInt8(ascii: "$"))
        return pattern
    }

    /// The ranges between outermost delimiters.
    private static func expressions(
        _ template: UnsafeBufferPointer<UInt8>, _ start: UInt8, _ end: UInt8
    ) throws(Failure) -> [Range<Int>] {
        var level = 0
        var begin = 0
        var result: [Range<Int>] = []
        for index in template.indices {
            if template[index] == start {
                level += 1
                if level == 1 { begin = index + 1 }
            } else if template[index] == end {
                level -= 1
                if level == 0 { result.append(begin..<index) }
                if level < 0 { break }
            }
        }
        if level != 0 { throw .unbalanced([UInt8](template)) }
        return result
    }

    /// Appends text so that it means itself in a regular expression.
    public static func appendQuotedMeta(_ text: some Sequence<UInt8>, to output: inout [UInt8]) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "\\"), UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "*"), UInt8(ascii: "?"),
                UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "|"), UInt8(ascii: "["), UInt8(ascii: "]"),
                UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "^"), UInt8(ascii: "$"):
                output.append(UInt8(ascii: "\\"))
            default: break
            }
            output.append(byte)
        }
    }

    /// Appends text as a Go string literal. Only what is not printable ASCII apart from valid UTF-8 is escaped.
    private static func appendQuoted(_ text: [UInt8], to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                output.append(UInt8(ascii: "\\"))
                output.append(byte)
            case 0x0A: output.append("\\n")
            case 0x0D: output.append("\\r")
            case 0x09: output.append("\\t")
            case 0..<0x20, 0x7F:
                output.append("\\x")
                for digit in [byte >> 4, byte & 15] {
                    output.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
                }
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}
