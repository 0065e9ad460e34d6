/// The path and the parameters of a request's target, such as `/v1/data/a/b?pretty`.
struct RequestTarget {
    /// The path as sent, with its escapes.
    let path: [UInt8]
    /// What follows the `?`.
    private let query: ArraySlice<UInt8>

    /// Nil for a target that no server could answer: no path, an escape that is none.
    init?(_ target: String) {
        var bytes = Array(target.utf8)[...]
        if bytes.first != UInt8(ascii: "/") {
            // The absolute form that proxies are sent.
            guard let scheme = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[scheme...].starts(with: "://".utf8)
            else { return nil }
            bytes = bytes[(scheme + 3)...]
            bytes = bytes[(bytes.firstIndex(of: UInt8(ascii: "/")) ?? bytes.endIndex)...]
            if bytes.isEmpty { bytes = [UInt8(ascii: "/")] }
        }
        let end = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
        path = Array(bytes[..<end])
        query = end == bytes.endIndex ? [] : bytes[(end + 1)...]
        guard Self.unescape(path[...]) != nil else { return nil }
    }

    /// The path's segments after a prefix, without their escapes.
    func segments(after prefix: Int) -> [[UInt8]] {
        path[min(prefix, path.count)...].split(separator: UInt8(ascii: "/")).compactMap { Self.unescape($0) }
    }

    // MARK: Parameters

    /// The last value of a parameter; empty for one without a value.
    func parameter(_ name: StaticString) -> [UInt8]? {
        guard !query.isEmpty else { return nil }
        var found: [UInt8]?
        for part in query.split(separator: UInt8(ascii: "&")) {
            let end = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            guard let key = Self.unescape(part[..<end], isQuery: true), Self.equal(key, name) else { continue }
            found = Self.unescape(end == part.endIndex ? [] : part[(end + 1)...], isQuery: true) ?? found
        }
        return found
    }

    /// All parameters in their order, names and values.
    func parameters() -> [([UInt8], [UInt8])] {
        query.split(separator: UInt8(ascii: "&")).compactMap { part in
            let end = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            let value = end == part.endIndex ? [] : part[(end + 1)...]
            guard let key = Self.unescape(part[..<end], isQuery: true),
                let text = Self.unescape(value, isQuery: true)
            else { return nil }
            return (key, text)
        }
    }

    /// Whether there are parameters at all.
    var hasParameters: Bool { !query.isEmpty }

    /// All values of a parameter in their order.
    func values(_ name: StaticString) -> [[UInt8]] {
        guard !query.isEmpty else { return [] }
        return parameters().filter { Self.equal($0.0, name) }.map { $0.1 }
    }

    /// Whether a parameter is there once without a value, or one of its values is true.
    func isSet(_ name: StaticString) -> Bool {
        guard !query.isEmpty else { return false }
        let values = values(name)
        if values.count == 1, values[0].isEmpty { return true }
        return values.contains { value in value.map { $0 | 0x20 } == Array("true".utf8) }
    }

    /// What of the evaluation is to be told: the first value of `explain` that OPA knows.
    var explanation: String? {
        values("explain").map { String(decoding: $0, as: UTF8.self) }.first {
            ["notes", "fails", "full", "debug"].contains($0)
        }
    }

    private static func equal(_ bytes: [UInt8], _ name: StaticString) -> Bool {
        name.withUTF8Buffer { bytes.elementsEqual($0) }
    }

    // MARK: Redirects

    /// Where a path with `//`, `.` or `..` in it really leads; nil for a path without.
    func cleaned() -> [UInt8]? {
        guard Self.needsCleaning(path) else { return nil }
        var parts: [ArraySlice<UInt8>] = []
        for part in path.split(separator: UInt8(ascii: "/")) {
            if part.elementsEqual(".".utf8) { continue }
            if part.elementsEqual("..".utf8) {
                _ = parts.popLast()
            } else {
                parts.append(part)
            }
        }
        var result: [UInt8] = [UInt8(ascii: "/")]
        result += parts.joined(separator: [UInt8(ascii: "/")])
        if path.last == UInt8(ascii: "/"), !parts.isEmpty { result.append(UInt8(ascii: "/")) }
        return result + suffix
    }

    /// The path without the slash at its end; nil where there is none.
    func withoutLastSlash() -> [UInt8]? {
        guard path.count > 1, path.last == UInt8(ascii: "/") else { return nil }
        return Array(path.dropLast()) + suffix
    }

    private var suffix: [UInt8] { query.isEmpty ? [] : [UInt8(ascii: "?")] + query }

    private static func needsCleaning(_ path: [UInt8]) -> Bool {
        var index = 0
        while index < path.count {
            guard path[index] == UInt8(ascii: "/") else {
                index += 1
                continue
            }
            let rest = path[(index + 1)...].prefix(3)
            if rest.first == UInt8(ascii: "/") { return true }
            for dots in [".", ".."] where rest.starts(with: dots.utf8) {
                if rest.count == dots.utf8.count && index + 1 + rest.count == path.count { return true }
                if rest.dropFirst(dots.utf8.count).first == UInt8(ascii: "/") { return true }
            }
            index += 1
        }
        return false
    }

    // MARK: Escapes

    /// Bytes without `%XX` (and, in a query, with spaces for `+`); nil for a `%` that two digits do not follow.
    static func unescape(_ bytes: ArraySlice<UInt8>, isQuery: Bool = false) -> [UInt8]? {
        guard bytes.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else { return Array(bytes) }
        var result: [UInt8] = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%") {
                guard index + 2 < bytes.endIndex, let high = digit(bytes[index + 1]), let low = digit(bytes[index + 2])
                else { return nil }
                result.append(high << 4 | low)
                index += 3
                continue
            }
            result.append(isQuery && byte == UInt8(ascii: "+") ? 0x20 : byte)
            index += 1
        }
        return result
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
