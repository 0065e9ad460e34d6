import WritValue

/// `uri.parse` and `uri.is_valid`: URLs as Go's `net/url` takes them apart.
enum URI {
    static let builtins: [Builtin] = [
        Builtin(
            "uri.parse", [Parameter("uri", .string)], Parameter("output", .dictionary(.string, .string)),
            .pure { (context, arguments) throws(Fault) in
                let text = Array(try context.text(arguments, 0))
                try context.spend(text.count)
                switch URIParts.read(text) {
                case .failure(let problem): throw problem.fault(context)
                case .success(let parts): return try parts.object(context.space)
                }
            },
            """
            The parts of a URI that are not empty: `scheme`, `hostname`, `port`, `path` (decoded), `raw_path`, \
            `raw_query` and `fragment` (decoded). A malformed URI is an error, as is an operand that is no string.
            """),
        Builtin(
            "uri.is_valid", [Parameter("uri", .string)], Parameter("result", .boolean),
            .pure { (context, arguments) throws(Fault) in
                let text = context.space.bytes(arguments[0])
                guard arguments[0].isString, !text.isEmpty else { return .false }
                try context.spend(text.count)
                if case .success = URIParts.read(text) { return .true }
                return .false
            }, "Whether a string is a URI; false for the empty string and for anything that is no string."),
    ]
}

/// Why a text is no URI.
struct URIProblem: Error {
    enum Reason {
        case controlCharacter, missingScheme, colonInFirstSegment, userinfo, missingBracket, address
        /// The bytes that are refused.
        case escape([UInt8]), host([UInt8]), port([UInt8]), notAnAddress([UInt8])
    }

    var reason: Reason
    /// What was being read.
    var text: [UInt8] = []

    func fault(_ context: BuiltinContext) -> Fault {
        var message: [UInt8] = []
        func add(_ literal: StaticString) {
            message.append(
                contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
        }
        func quote(_ bytes: [UInt8]) {
            message += bytes.withUnsafeBufferPointer { context.quoted($0) }
        }
        add("parse ")
        quote(text)
        add(": ")
        switch reason {
        case .controlCharacter: add("net/url: invalid control character in URL")
        case .missingScheme: add("missing protocol scheme")
        case .colonInFirstSegment: add("first path segment in URL cannot contain colon")
        case .userinfo: add("net/url: invalid userinfo")
        case .missingBracket: add("missing ']' in host")
        case .address: add("invalid IP-literal")
        case .notAnAddress(let bytes):
            add("invalid host: ParseAddr(")
            quote(bytes)
            add("): ")
            let problem = AddressProblem(bytes)
            add(problem.message)
            if problem.place.count > 0 {
                add(" (at ")
                quote(problem.place)
                add(")")
            }
        case .escape(let bytes):
            add("invalid URL escape ")
            quote(bytes)
        case .host(let bytes):
            add("invalid character ")
            quote(bytes)
            add(" in host name")
        case .port(let bytes):
            add("invalid port ")
            quote(bytes)
            add(" after host")
        }
        return context.message(.builtin) { (buffer) throws(Fault) in
            try message.withUnsafeBufferPointer { (bytes) throws(Fault) in try buffer.append(bytes) }
        }
    }
}

/// The parts of a URI.
struct URIParts {
    private(set) var scheme: [UInt8] = []
    private(set) var host: [UInt8] = []
    private(set) var path: [UInt8] = []
    /// The path as written, where encoding the decoded one would give something else.
    private(set) var rawPath: [UInt8] = []
    private(set) var query: [UInt8] = []
    private(set) var fragment: [UInt8] = []

    static func read(_ text: [UInt8]) -> Result<URIParts, URIProblem> {
        var parts = URIParts()
        let hash = text.firstIndex(of: UInt8(ascii: "#")) ?? text.count
        let front = Array(text[..<hash])
        do throws(URIProblem) {
            try parts.readFront(front[...])
        } catch {
            return .failure(URIProblem(reason: error.reason, text: front))
        }
        do throws(URIProblem) {
            if hash < text.count { parts.fragment = try URIEscape.decode(text[(hash + 1)...], .fragment) }
        } catch {
            return .failure(URIProblem(reason: error.reason, text: text))
        }
        return .success(parts)
    }

    func object(_ space: Space) throws(Fault) -> Value {
        var list = ValueList()
        func add(_ name: StaticString, _ bytes: [UInt8], _ list: inout ValueList) throws(Fault) {
            guard !bytes.isEmpty else { return }
            try list.append(.short(name), in: space)
            try list.append(try space.string(bytes), in: space)
        }
        let (hostname, port) = splitHost()
        try add("scheme", scheme, &list)
        try add("hostname", hostname, &list)
        try add("port", port, &list)
        try add("path", path, &list)
        try add("raw_path", rawPath.isEmpty ? path : rawPath, &list)
        try add("raw_query", query, &list)
        try add("fragment", fragment, &list)
        return try space.object(pairs: list)
    }

    // MARK: Reading

    private mutating func readFront(_ text: ArraySlice<UInt8>) throws(URIProblem) {
        for byte in text where byte < 0x20 || byte == 0x7f { throw URIProblem(reason: .controlCharacter) }
        if text.count == 1, text.first == UInt8(ascii: "*") {
            path = Array(text)
            return
        }
        var rest = try readScheme(text)
        if let mark = rest.firstIndex(of: UInt8(ascii: "?")) {
            query = Array(rest[(mark + 1)...])
            rest = rest[..<mark]
        }
        if rest.first != UInt8(ascii: "/") {
            // What follows a scheme without a slash is opaque.
            if !scheme.isEmpty { return }
            for byte in rest {
                if byte == UInt8(ascii: "/") { break }
                if byte == UInt8(ascii: ":") { throw URIProblem(reason: .colonInFirstSegment) }
            }
        }
        let slashes = rest.prefix { $0 == UInt8(ascii: "/") }.count
        if slashes >= 2, !scheme.isEmpty || slashes < 3 {
            rest = rest.dropFirst(2)
            let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
            try readAuthority(rest[..<end])
            rest = rest[end...]
        }
        path = try URIEscape.decode(rest, .path)
        rawPath = URIEscape.encodePath(path) == Array(rest) ? [] : Array(rest)
    }

    /// Takes the scheme, if one is there, and gives the rest.
    private mutating func readScheme(_ text: ArraySlice<UInt8>) throws(URIProblem) -> ArraySlice<UInt8> {
        for index in text.indices {
            let byte = text[index]
            if (byte | 0x20) &- UInt8(ascii: "a") < 26 { continue }
            if byte == UInt8(ascii: ":") {
                if index == text.startIndex { throw URIProblem(reason: .missingScheme) }
                scheme = text[..<index].map { $0 &- UInt8(ascii: "A") < 26 ? $0 | 0x20 : $0 }
                return text[(index + 1)...]
            }
            let isInner =
                byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
                || byte == UInt8(ascii: ".")
            if !isInner || index == text.startIndex { return text }
        }
        return text
    }

    private mutating func readAuthority(_ text: ArraySlice<UInt8>) throws(URIProblem) {
        guard let at = text.lastIndex(of: UInt8(ascii: "@")) else {
            host = try readHost(text)
            return
        }
        host = try readHost(text[(at + 1)...])
        for byte in text[..<at] where !URIEscape.isUserinfo(byte) { throw URIProblem(reason: .userinfo) }
        _ = try URIEscape.decode(text[..<at], .userinfo)
    }

    private func readHost(_ text: ArraySlice<UInt8>) throws(URIProblem) -> [UInt8] {
        if let open = text.lastIndex(of: UInt8(ascii: "[")), open > text.startIndex {
            throw URIProblem(reason: .address)
        }
        if text.first == UInt8(ascii: "[") {
            guard let close = text.lastIndex(of: UInt8(ascii: "]")) else {
                throw URIProblem(reason: .missingBracket)
            }
            try Self.checkPort(text[(close + 1)...])
            let address = try Self.readAddress(text[..<(close + 1)])
            return address + (try URIEscape.decode(text[(close + 1)...], .host))
        }
        // Web addresses are read more strictly than others.
        let isWeb = Self.web.contains(scheme)
        if let colon = isWeb ? text.firstIndex(of: UInt8(ascii: ":")) : text.lastIndex(of: UInt8(ascii: ":")) {
            try Self.checkPort(text[colon...])
        }
        return try URIEscape.decode(text, .host)
    }

    private static let web = [Array("http".utf8), Array("https".utf8)]

    /// An IPv6 address in brackets, maybe with a zone behind an encoded percent sign.
    private static func readAddress(_ text: ArraySlice<UInt8>) throws(URIProblem) -> [UInt8] {
        var zone = text.endIndex
        var index = text.startIndex
        while index + 2 < text.endIndex - 1, zone == text.endIndex {
            let isPercent =
                text[index] == UInt8(ascii: "%") && text[index + 1] == UInt8(ascii: "2")
                && text[index + 2] == UInt8(ascii: "5")
            if isPercent { zone = index }
            index += 1
        }
        let front = try URIEscape.decode(text[..<zone], .host)
        let decoded = front + (try URIEscape.decode(text[zone...], .zone))
        let inner = Array(decoded.dropFirst().dropLast())
        let percent = inner.firstIndex(of: UInt8(ascii: "%"))
        var isV4 = false
        let isAddress = inner.withUnsafeBufferPointer { bytes in
            Address(bytes.part(0, percent ?? bytes.count), isV4Text: &isV4) != nil
        }
        if let percent, percent == inner.count - 1 { throw URIProblem(reason: .notAnAddress(inner)) }
        guard isAddress else { throw URIProblem(reason: .notAnAddress(inner)) }
        if isV4 { throw URIProblem(reason: .address) }
        return decoded
    }

    /// Nothing, or a colon and digits.
    private static func checkPort(_ text: ArraySlice<UInt8>) throws(URIProblem) {
        if !isPort(text) { throw URIProblem(reason: .port(Array(text))) }
    }

    private static func isPort(_ text: ArraySlice<UInt8>) -> Bool {
        guard let first = text.first else { return true }
        guard first == UInt8(ascii: ":") else { return false }
        for byte in text.dropFirst() where byte &- UInt8(ascii: "0") >= 10 { return false }
        return true
    }

    private func splitHost() -> (name: [UInt8], port: [UInt8]) {
        var name = host[...]
        var port: ArraySlice<UInt8> = []
        if let colon = host.lastIndex(of: UInt8(ascii: ":")), Self.isPort(host[colon...]) {
            name = host[..<colon]
            port = host[(colon + 1)...]
        }
        if name.first == UInt8(ascii: "["), name.last == UInt8(ascii: "]"), name.count > 1 {
            name = name.dropFirst().dropLast()
        }
        return (Array(name), Array(port))
    }
}

/// Percent-encoding in the parts of a URI.
enum URIEscape {
    enum Part { case path, host, zone, userinfo, fragment }

    static func decode(_ text: ArraySlice<UInt8>, _ part: Part) throws(URIProblem) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var index = text.startIndex
        let isHost = part == .host || part == .zone
        while index < text.endIndex {
            let byte = text[index]
            if byte == UInt8(ascii: "%") {
                let end = min(index + 3, text.endIndex)
                guard end == index + 3, let high = Hexadecimal.value(text[index + 1]),
                    let low = Hexadecimal.value(text[index + 2])
                else { throw URIProblem(reason: .escape(Array(text[index..<end]))) }
                let value = high &<< 4 | low
                // In a host only bytes beyond ASCII may be encoded, and the % before a zone.
                let isPercent = high == 2 && low == 5
                let isRefused =
                    part == .host
                    ? high < 8 && !isPercent
                    : part == .zone && !isPercent && value != UInt8(ascii: " ") && !isHostByte(value)
                if isRefused { throw URIProblem(reason: .escape(Array(text[index..<end]))) }
                result.append(value)
                index = end
                continue
            }
            if isHost, byte < 0x80, !isHostByte(byte) { throw URIProblem(reason: .host([byte])) }
            result.append(byte)
            index += 1
        }
        return result
    }

    static func encodePath(_ path: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(path.count)
        for byte in path {
            if isUnreserved(byte) || isOne(byte, of: "$&+,/:;=@") {
                result.append(byte)
            } else {
                result += [UInt8(ascii: "%"), Hexadecimal.upperDigit(byte &>> 4), Hexadecimal.upperDigit(byte & 15)]
            }
        }
        return result
    }

    /// Whether a byte may stand in a path as it is written: as Go's `validEncoded`.
    static func isPathByte(_ byte: UInt8) -> Bool { isUnreserved(byte) || isOne(byte, of: "!$&'()*+,;=:@/[]") }

    static func isUserinfo(_ byte: UInt8) -> Bool { isUnreserved(byte) || isOne(byte, of: ":!$&'()*+,;=%@") }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        isUnreserved(byte) || isOne(byte, of: "!$&'()*+,;=:[]<>\"")
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10 || isOne(byte, of: "-_.~")
    }

    private static func isOne(_ byte: UInt8, of characters: StaticString) -> Bool {
        for index in 0..<characters.utf8CodeUnitCount where characters.utf8Start[index] == byte { return true }
        return false
    }
}
