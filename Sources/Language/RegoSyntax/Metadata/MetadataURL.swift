/// The URLs of related resources, checked and written the way Go's `net/url` does.
enum MetadataURL {
    /// The URL with an escaped path and fragment, or why it is none.
    static func normalized(_ url: [UInt8]) -> Result<[UInt8], MetadataProblem> {
        switch parse(url[...]) {
        case .success(let text): return .success(text)
        case .failure(let problem):
            return .failure(
                MetadataProblem(message: "parse " + GoText.quoted(url[...]) + ": " + problem.message))
        }
    }

    private static func problem(_ message: String) -> Result<[UInt8], MetadataProblem> {
        .failure(MetadataProblem(message: message))
    }

    private static func parse(_ url: ArraySlice<UInt8>) -> Result<[UInt8], MetadataProblem> {
        let hash = url.firstIndex(of: 0x23)
        let fragment = hash.map { url[($0 + 1)...] }
        var rest = hash.map { url[..<$0] } ?? url
        if rest.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            return problem("net/url: invalid control character in URL")
        }
        var result: [UInt8] = []
        if let colon = schemeEnd(rest) {
            guard colon > rest.startIndex else { return problem("missing protocol scheme") }
            result = rest[..<colon].map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
            result.append(0x3A)
            rest = rest[(colon + 1)...]
        }
        let mark = rest.firstIndex(of: 0x3F)
        let query = mark.map { rest[$0...] } ?? []
        rest = mark.map { rest[..<$0] } ?? rest
        if rest.first != 0x2F {
            if !result.isEmpty {
                result += rest
                rest = []
            } else if let colon = rest.firstIndex(of: 0x3A), !rest[..<colon].contains(0x2F) {
                return problem("first path segment in URL cannot contain colon")
            }
        } else if rest.starts(with: [0x2F, 0x2F]), !result.isEmpty || !rest.starts(with: [0x2F, 0x2F, 0x2F]) {
            let behind = rest.dropFirst(2)
            let end = behind.firstIndex(of: 0x2F) ?? behind.endIndex
            if let message = hostProblem(behind[..<end]) { return problem(message) }
            result += rest[..<end]
            rest = rest[end...]
        }
        if let escape = brokenEscape(rest) ?? fragment.flatMap({ brokenEscape($0) }) {
            return problem("invalid URL escape " + GoText.quoted(escape))
        }
        result += escaped(rest)
        result += query
        if let fragment, !fragment.isEmpty { result += [0x23] + escaped(fragment) }
        return .success(result)
    }

    /// Where a scheme's colon is; nil if there is no scheme.
    private static func schemeEnd(_ text: ArraySlice<UInt8>) -> Int? {
        for (index, byte) in zip(text.indices, text) {
            if byte == 0x3A { return index }
            let isLetter = (byte | 0x20) &- 0x61 < 26
            let isOther = byte &- 0x30 < 10 || byte == 0x2B || byte == 0x2D || byte == 0x2E
            guard isLetter || isOther && index > text.startIndex else { return nil }
        }
        return nil
    }

    private static func hostProblem(_ authority: ArraySlice<UInt8>) -> String? {
        let host = authority.lastIndex(of: 0x40).map { authority[($0 + 1)...] } ?? authority
        var port: ArraySlice<UInt8> = []
        if host.first == 0x5B {
            guard let end = host.lastIndex(of: 0x5D) else { return "missing ']' in host" }
            port = host[(end + 1)...]
        } else if let colon = host.lastIndex(of: 0x3A) {
            port = host[colon...]
        }
        if !port.isEmpty, port.first != 0x3A || !port.dropFirst().allSatisfy({ $0 &- 0x30 < 10 }) {
            return "invalid port " + GoText.quoted(port) + " after host"
        }
        for byte in host {
            if byte == 0x20 || byte == 0x5C || byte == 0x5E || byte == 0x60 || byte &- 0x7B < 3 {
                return "invalid character " + GoText.quoted([byte]) + " in host name"
            }
        }
        return nil
    }

    /// The first `%` that two hexadecimal digits do not follow, with what follows it.
    private static func brokenEscape(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var index = text.startIndex
        while index < text.endIndex {
            guard text[index] == 0x25 else {
                index += 1
                continue
            }
            let piece = text[index..<min(index + 3, text.endIndex)]
            guard piece.count == 3, piece.dropFirst().allSatisfy({ isHexadecimal($0) }) else { return piece }
            index += 3
        }
        return nil
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 6 }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || [0x2D, 0x5F, 0x2E, 0x7E].contains(byte)
            || [0x24, 0x26, 0x2B, 0x2C, 0x2F, 0x3A, 0x3B, 0x3D, 0x40].contains(byte)
    }

    /// A path or fragment: as it is if that is possible, else with all but plain characters escaped.
    private static func escaped(_ text: ArraySlice<UInt8>) -> [UInt8] {
        let isValid = text.allSatisfy { byte in
            isPlain(byte) || [0x21, 0x27, 0x28, 0x29, 0x2A, 0x5B, 0x5D, 0x25].contains(byte)
        }
        if isValid { return Array(text) }
        var result: [UInt8] = []
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            if isPlain(byte) {
                result.append(byte)
            } else if byte == 0x25 {
                // Escapes were checked; what they stand for is escaped again.
                result += text[index..<min(index + 3, text.endIndex)]
                index += 2
            } else {
                let digits = Array("0123456789ABCDEF".utf8)
                result += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
            index += 1
        }
        return result
    }
}
