import WritRegex
import WritValue

/// The values of `format` and what each asks of a string. An unknown one asks nothing.
enum SchemaFormat {
    static func matches(_ format: [UInt8], _ text: [UInt8]) -> Bool {
        text.withUnsafeBufferPointer { bytes in
            format.withUnsafeBufferPointer { matches($0, bytes, text) }
        }
    }

    private static func matches(_ format: Bytes, _ bytes: Bytes, _ text: [UInt8]) -> Bool {
        if format.equals("date") { return isTime(bytes, "2006-01-02") }
        if format.equals("time") { return isTime(bytes, "15:04:05Z07:00") || isTime(bytes, "15:04:05") }
        if format.equals("date-time") {
            return isTime(bytes, "15:04:05") || isTime(bytes, "15:04:05Z07:00") || isTime(bytes, "2006-01-02")
                || isTime(bytes, "2006-01-02T15:04:05Z07:00")
        }
        if format.equals("hostname") { return isHostname(bytes) }
        if format.equals("email") || format.equals("idn-email") { return MailAddress.isValid(text) }
        if format.equals("ipv4") { return Address(bytes) != nil && text.contains(UInt8(ascii: ".")) }
        if format.equals("ipv6") { return Address(bytes) != nil && text.contains(UInt8(ascii: ":")) }
        if format.equals("uri") || format.equals("iri") { return isURI(text, needsScheme: true) }
        if format.equals("uri-reference") || format.equals("iri-reference") { return isURI(text, needsScheme: false) }
        if format.equals("uri-template") { return isTemplate(text) }
        if format.equals("uuid") { return isUUID(bytes) }
        if format.equals("regex") { return Regex.isValid(pattern: bytes) }
        if format.equals("json-pointer") { return isPointer(text[...]) }
        if format.equals("relative-json-pointer") { return isRelativePointer(text) }
        return true
    }

    private static func isTime(_ text: Bytes, _ layout: StaticString) -> Bool {
        let layout = Bytes(start: layout.utf8Start, count: layout.utf8CodeUnitCount)
        do throws(TimeSyntaxError) {
            _ = try TimeReader.read(text, as: layout)
            return true
        } catch {
            return false
        }
    }

    /// Labels of letters, digits and inner hyphens, of at most 63 bytes each.
    private static func isHostname(_ text: Bytes) -> Bool {
        guard text.count > 0, text.count < 256 else { return false }
        var length = 0
        for index in 0...text.count {
            if index == text.count || text[index] == UInt8(ascii: ".") {
                guard length > 0, length <= 63, text[index - 1] != UInt8(ascii: "-") else { return false }
                length = 0
                continue
            }
            let byte = text[index]
            guard isAlphanumeric(byte) || byte == UInt8(ascii: "-") && length > 0 else { return false }
            length += 1
        }
        return true
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26
    }

    private static func isURI(_ text: [UInt8], needsScheme: Bool) -> Bool {
        guard case .success(let parts) = URIParts.read(text), !text.contains(UInt8(ascii: "\\")) else { return false }
        return !needsScheme || !parts.scheme.isEmpty
    }

    private static func isTemplate(_ text: [UInt8]) -> Bool {
        guard case .success(let parts) = URIParts.read(text), !text.contains(UInt8(ascii: "\\")) else { return false }
        // Brackets come in pairs; a closing one alone is plain text.
        var isOpen = false
        for byte in parts.path {
            if byte == UInt8(ascii: "{"), !isOpen { isOpen = true } else if byte == UInt8(ascii: "}") { isOpen = false }
        }
        return !isOpen
    }

    private static func isUUID(_ text: Bytes) -> Bool {
        guard text.count == 36 else { return false }
        for index in 0..<36 {
            let isHyphen = index == 8 || index == 13 || index == 18 || index == 23
            guard isHyphen ? text[index] == UInt8(ascii: "-") : Hexadecimal.value(text[index]) != nil else {
                return false
            }
        }
        return true
    }

    private static func isPointer(_ text: ArraySlice<UInt8>) -> Bool {
        guard let first = text.first else { return true }
        guard first == UInt8(ascii: "/") else { return false }
        for index in text.indices where text[index] == UInt8(ascii: "~") {
            guard index + 1 < text.endIndex, text[index + 1] &- UInt8(ascii: "0") < 2 else { return false }
        }
        return true
    }

    private static func isRelativePointer(_ text: [UInt8]) -> Bool {
        let digits = text.prefix { $0 &- UInt8(ascii: "0") < 10 }
        guard !digits.isEmpty, digits.first != UInt8(ascii: "0") || digits.count == 1 else { return false }
        let rest = text[digits.count...]
        return rest.elementsEqual([UInt8(ascii: "#")]) || isPointer(rest)
    }
}

/// An address of mail as Go's `net/mail` reads one: `Barry Gibbs <bg@example.com>`, or only what is in brackets.
enum MailAddress {
    static func isValid(_ text: [UInt8]) -> Bool {
        var rest = trimmed(text[...])
        if isAddress(rest) { return true }
        // A name before the address in brackets.
        guard rest.last == UInt8(ascii: ">"), let open = rest.lastIndex(of: UInt8(ascii: "<")) else { return false }
        let address = rest[(open + 1)...].dropLast()
        rest = trimmed(rest[..<open])
        return isAddress(address) && (rest.isEmpty || isPhrase(rest))
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var text = text
        while let first = text.first, first == 0x20 || first == 9 { text = text.dropFirst() }
        while let last = text.last, last == 0x20 || last == 9 { text = text.dropLast() }
        return text
    }

    private static func isAddress(_ text: ArraySlice<UInt8>) -> Bool {
        guard let at = text.lastIndex(of: UInt8(ascii: "@")) else { return false }
        let domain = trimmed(text[(at + 1)...])
        let local = trimmed(text[..<at])
        let isLiteral = domain.first == UInt8(ascii: "[") && domain.last == UInt8(ascii: "]") && domain.count > 2
        guard isLiteral || isDotAtom(domain) else { return false }
        return local.first == UInt8(ascii: "\"") ? isQuoted(local) : isDotAtom(local)
    }

    private static func isQuoted(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.count >= 2, text.first == UInt8(ascii: "\""), text.last == UInt8(ascii: "\"") else { return false }
        var index = text.startIndex + 1
        while index < text.endIndex - 1 {
            if text[index] == UInt8(ascii: "\"") { return false }
            if text[index] == UInt8(ascii: "\\") {
                index += 1
                if index == text.endIndex - 1 { return false }
            }
            if text[index] < 0x20 && text[index] != 9 { return false }
            index += 1
        }
        return true
    }

    private static func isDotAtom(_ text: ArraySlice<UInt8>) -> Bool {
        guard !text.isEmpty else { return false }
        for atom in text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            guard !atom.isEmpty, atom.allSatisfy(isAtomByte) else { return false }
        }
        return true
    }

    private static func isPhrase(_ text: ArraySlice<UInt8>) -> Bool {
        if text.first == UInt8(ascii: "\"") { return isQuoted(text) }
        for byte in text where !isAtomByte(byte) && byte != 0x20 && byte != 9 && byte != UInt8(ascii: ".") {
            return false
        }
        return true
    }

    private static func isAtomByte(_ byte: UInt8) -> Bool {
        if byte >= 0x80 || byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26 { return true }
        let marks: StaticString = "!#$%&'*+-/=?^_`{|}~"
        for index in 0..<marks.utf8CodeUnitCount where marks.utf8Start[index] == byte { return true }
        return false
    }
}
