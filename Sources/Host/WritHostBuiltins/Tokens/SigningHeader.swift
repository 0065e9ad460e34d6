import Writ

/// The header of a token that is to be signed, as OPA's library reads it: more generously than JSON.
///
/// Numbers are whatever signs of numbers follow one another, `inf` and `nan`; escapes of strings are taken as far as
/// they mean something. A header is signed as it is written, so what stands in it beside `alg` and `typ` does not
/// matter.
struct SigningHeader {
    /// A value as far as it is looked at.
    enum Member {
        /// With its escapes.
        case string(ArraySlice<UInt8>)
        /// The name of its type in messages.
        case other(String)
    }

    private static let depthLimit = 300

    private let text: [UInt8]
    private var index = 0
    private var depth = 0
    /// The members of the header; names with their escapes.
    private var members: [(name: ArraySlice<UInt8>, value: Member)] = []
    private var areNamesUnescaped = false

    /// Throws the library's words for what is wrong, and what stands behind that.
    init(_ text: [UInt8]) throws(KeyFailure) {
        self.text = text
        skipSpace()
        do throws(KeyFailure) { _ = try value() } catch {
            throw KeyFailure(
                "cannot parse JSON: \(error.message); unparsed tail: \(Self.quoted(shortened(text[index...])))")
        }
        skipSpace()
        guard index == text.count else {
            throw KeyFailure("unexpected tail: \(Self.quoted(shortened(text[index...])))")
        }
    }

    /// The text of a member, without escapes. Throws where there is none or it is no text.
    mutating func text(of name: StaticString) throws(KeyFailure) -> [UInt8] {
        // Names are compared as they are written first. Once they had to be read, they remain read.
        var found = areNamesUnescaped ? nil : members.first { $0.name.equals(name) }?.value
        if found == nil {
            areNamesUnescaped = true
            found = members.first { Self.unescaped($0.name).equals(name) }?.value
        }
        switch found {
        case .string(let text): return Self.unescaped(text)
        case .other(let type): throw KeyFailure("value doesn't contain string; it contains \(type)")
        case nil: throw KeyFailure("jwsbb: header \"\(name)\" not found")
        }
    }

    // MARK: Reading

    private var next: UInt8? { index < text.count ? text[index] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d { index += 1 }
    }

    private mutating func value() throws(KeyFailure) -> Member {
        guard let first = next else { throw KeyFailure("cannot parse empty string") }
        guard depth < Self.depthLimit else {
            throw KeyFailure("too big depth for the nested JSON; it exceeds \(Self.depthLimit)")
        }
        depth += 1
        defer { depth -= 1 }
        switch first {
        case UInt8(ascii: "{"):
            do throws(KeyFailure) { try object() } catch { throw KeyFailure("cannot parse object: \(error.message)") }
            return .other("object")
        case UInt8(ascii: "["):
            do throws(KeyFailure) { try array() } catch { throw KeyFailure("cannot parse array: \(error.message)") }
            return .other("array")
        case UInt8(ascii: "\""):
            do throws(KeyFailure) { return .string(try string()) } catch {
                throw KeyFailure("cannot parse string: \(error.message)")
            }
        case UInt8(ascii: "t"): return try word("true")
        case UInt8(ascii: "f"): return try word("false")
        case UInt8(ascii: "n"): return try word("null")
        default:
            do throws(KeyFailure) { try number() } catch { throw KeyFailure("cannot parse number: \(error.message)") }
            return .other("number")
        }
    }

    private mutating func word(_ word: StaticString) throws(KeyFailure) -> Member {
        if text[index...].starts(withLiteral: word) {
            index += word.utf8CodeUnitCount
            return .other("\(word)")
        }
        if text[index] == UInt8(ascii: "n"), isUnwritable(at: index) {
            index += 3
            return .other("number")
        }
        throw KeyFailure("unexpected value found: \(Self.quoted(text[index...]))")
    }

    /// Whether `inf` or `nan` stands here, in letters of any case.
    private func isUnwritable(at index: Int) -> Bool {
        let letters = text[index...].prefix(3).map { $0 | 0x20 }
        return letters.equals("inf") || letters.equals("nan")
    }

    private mutating func number() throws(KeyFailure) {
        let start = index
        while let byte = next, byte &- UInt8(ascii: "0") < 10 || "+-.eE".utf8.contains(byte) { index += 1 }
        let isSign = index == start + 1 && (text[start] == UInt8(ascii: "+") || text[start] == UInt8(ascii: "-"))
        guard index < text.count, index == start || isSign else { return }
        if isUnwritable(at: index) {
            index += 3
            return
        }
        index = start
        throw KeyFailure("unexpected char: \(Self.quoted(text[start...start]))")
    }

    /// The text between quotes.
    private mutating func string() throws(KeyFailure) -> ArraySlice<UInt8> {
        let start = index + 1
        index = start
        while let byte = next {
            if byte == UInt8(ascii: "\"") {
                index += 1
                return text[start..<(index - 1)]
            }
            index += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        index = text.count
        throw KeyFailure("missing closing '\"'")
    }

    private mutating func array() throws(KeyFailure) {
        index += 1
        skipSpace()
        guard let first = next else { throw KeyFailure("missing ']'") }
        if first == UInt8(ascii: "]") {
            index += 1
            return
        }
        while true {
            skipSpace()
            do throws(KeyFailure) { _ = try value() } catch {
                throw KeyFailure("cannot parse array value: \(error.message)")
            }
            skipSpace()
            guard let byte = next else { throw KeyFailure("unexpected end of array") }
            guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") else {
                throw KeyFailure("missing ',' after array value")
            }
            index += 1
            if byte == UInt8(ascii: "]") { return }
        }
    }

    private mutating func object() throws(KeyFailure) {
        let isHeader = depth == 1
        index += 1
        skipSpace()
        guard let first = next else { throw KeyFailure("missing '}'") }
        if first == UInt8(ascii: "}") {
            index += 1
            return
        }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw KeyFailure("cannot find opening '\"\" for object key") }
            let name: ArraySlice<UInt8>
            do throws(KeyFailure) { name = try string() } catch {
                throw KeyFailure("cannot parse object key: \(error.message)")
            }
            skipSpace()
            guard next == UInt8(ascii: ":") else { throw KeyFailure("missing ':' after object key") }
            index += 1
            skipSpace()
            do throws(KeyFailure) {
                let value = try value()
                if isHeader { members.append((name, value)) }
            } catch { throw KeyFailure("cannot parse object value: \(error.message)") }
            skipSpace()
            guard let byte = next else { throw KeyFailure("unexpected end of object") }
            guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") else {
                throw KeyFailure("missing ',' after object value")
            }
            index += 1
            if byte == UInt8(ascii: "}") { return }
        }
    }

    // MARK: Escapes

    /// A text without its escapes; what is none stays.
    private static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let letter = rest.popFirst() else {
                // A backslash at the end is dropped.
                if byte != UInt8(ascii: "\\") { result.append(byte) }
                continue
            }
            switch letter {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(letter)
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0c)
            case UInt8(ascii: "n"): result.append(0x0a)
            case UInt8(ascii: "r"): result.append(0x0d)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "u"): character(&rest, to: &result)
            default: result += [byte, letter]
            }
        }
        return result
    }

    /// What follows `\u`: one scalar, or a pair of surrogates.
    private static func character(_ rest: inout ArraySlice<UInt8>, to result: inout [UInt8]) {
        guard let unit = unit(rest) else {
            result += "\\u".utf8
            return
        }
        let digits = rest.prefix(4)
        rest = rest.dropFirst(4)
        if let scalar = UnicodeScalar(unit) {
            result += String(scalar).utf8
            return
        }
        guard rest.starts(withLiteral: "\\u"), let second = Self.unit(rest.dropFirst(2)) else {
            result += "\\u".utf8
            result += digits
            return
        }
        rest = rest.dropFirst(6)
        let isPair = unit < 0xdc00 && (0xdc00..<0xe000).contains(second)
        let scalar = isPair ? 0x10000 + (UInt32(unit) - 0xd800) << 10 + (UInt32(second) - 0xdc00) : 0xfffd
        result += String(UnicodeScalar(scalar) ?? "\u{fffd}").utf8
    }

    /// The number that four hexadecimal digits are.
    private static func unit(_ text: ArraySlice<UInt8>) -> UInt16? {
        let digits = text.prefix(4).compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        return digits.count == 4 ? digits.reduce(0) { $0 << 4 | UInt16($1) } : nil
    }

    // MARK: Messages

    /// The beginning and the end of a text of more than 80 bytes.
    private func shortened(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        text.count > 80 ? text.prefix(40) + "...".utf8 + text.suffix(40) : text
    }

    /// A text in Go's quotes; it may begin and end within a character.
    private static func quoted(_ text: ArraySlice<UInt8>) -> String {
        var quoted: [UInt8] = []
        GoFormat.quote(Array(text), to: &quoted)
        return String(decoding: quoted, as: UTF8.self)
    }
}
