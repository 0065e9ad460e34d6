import WritValue

/// A URI reference as `$id` and `$ref` hold it: taken apart as written, resolved as Go's `net/url` does.
struct SchemaReference {
    private var scheme: [UInt8] = []
    private var authority: [UInt8]?
    private var path: [UInt8] = []
    private var query: [UInt8]?
    private(set) var fragment: [UInt8] = []

    /// Throws the error of Go's `url.Parse`.
    init(_ text: [UInt8], _ context: BuiltinContext) throws(SchemaError) {
        try Self.check(text, context)
        self.init(checked: text)
    }

    static func check(_ text: [UInt8], _ context: BuiltinContext) throws(SchemaError) {
        if case .failure(let problem) = URIParts.read(text) {
            throw .message(context.space.bytes(problem.fault(context).message))
        }
    }

    private init(checked text: [UInt8]) {
        var rest = text[...]
        if let mark = rest.firstIndex(of: UInt8(ascii: "#")) {
            fragment = Array(rest[(mark + 1)...])
            rest = rest[..<mark]
        }
        if let mark = rest.firstIndex(of: UInt8(ascii: "?")) {
            query = Array(rest[(mark + 1)...])
            rest = rest[..<mark]
        }
        if let colon = rest.firstIndex(of: UInt8(ascii: ":")), !rest[..<colon].contains(UInt8(ascii: "/")) {
            scheme = rest[..<colon].map { $0 &- UInt8(ascii: "A") < 26 ? $0 | 0x20 : $0 }
            rest = rest[(colon + 1)...]
        }
        if rest.starts(with: [UInt8(ascii: "/"), UInt8(ascii: "/")]) {
            rest = rest.dropFirst(2)
            let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
            authority = Array(rest[..<end])
            rest = rest[end...]
        }
        path = Array(rest)
    }

    var text: [UInt8] { withoutFragment + (fragment.isEmpty ? [] : [UInt8(ascii: "#")] + fragment) }

    var withoutFragment: [UInt8] {
        var result: [UInt8] = []
        if !scheme.isEmpty { result += scheme + [UInt8(ascii: ":")] }
        if let authority { result += [UInt8(ascii: "/"), UInt8(ascii: "/")] + authority }
        result += path
        if let query { result += [UInt8(ascii: "?")] + query }
        return result
    }

    var isFile: Bool { scheme == ascii("file") }
    /// Whether it says on its own where a document lies.
    var isCanonical: Bool { isFile || !scheme.isEmpty && authority?.isEmpty == false }

    /// What `other` means where this is the base.
    func resolving(_ other: SchemaReference) -> SchemaReference {
        var result = other
        if other.scheme.isEmpty { result.scheme = scheme }
        if !other.scheme.isEmpty || other.authority != nil {
            result.path = Self.joined([], other.path)
            return result
        }
        if other.path.isEmpty, other.query == nil {
            result.query = query
            if other.fragment.isEmpty { result.fragment = fragment }
        }
        result.authority = authority
        result.path = Self.joined(path, other.path)
        return result
    }

    /// A path behind the directory of a base, without `.` and `..`.
    private static func joined(_ base: [UInt8], _ path: [UInt8]) -> [UInt8] {
        let slash = UInt8(ascii: "/")
        var full = path
        if path.isEmpty {
            full = base
        } else if path.first != slash {
            full = Array(base[..<((base.lastIndex(of: slash) ?? -1) + 1)]) + path
        }
        if full.isEmpty { return [] }
        var segments: [ArraySlice<UInt8>] = []
        let parts = full.split(separator: slash, omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            let isLast = index == parts.count - 1
            if part.elementsEqual([UInt8(ascii: ".")]) {
                if isLast { segments.append([]) }
            } else if part.elementsEqual([UInt8(ascii: "."), UInt8(ascii: ".")]) {
                if segments.count > 1 || segments.first?.isEmpty == false { segments.removeLast() }
                if isLast { segments.append([]) }
            } else {
                segments.append(part)
            }
        }
        var result = Array(segments.joined(separator: [slash]))
        if result.first != slash { result.insert(slash, at: 0) }
        return result
    }
}

/// A JSON pointer (RFC 6901) behind the `#` of a reference.
enum SchemaPointer {
    /// What the pointer leads to. A fragment that is no pointer leads to the whole document.
    static func find(
        _ fragment: [UInt8], in document: Value, _ context: BuiltinContext
    ) throws(SchemaError) -> Value {
        let decoded: [UInt8]
        do throws(URIProblem) { decoded = try URIEscape.decode(fragment[...], .fragment) } catch { return document }
        guard decoded.first == UInt8(ascii: "/") else { return document }
        var value = document
        for step in decoded.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            value = try self.step(unescaped(step), in: value, context)
        }
        return value
    }

    private static func step(
        _ key: [UInt8], in value: Value, _ context: BuiltinContext
    ) throws(SchemaError) -> Value {
        if value.isObject {
            let found: Value
            do throws(Fault) { found = context.space.member(value, try context.space.string(key)) } catch {
                throw .fault(error)
            }
            guard found.isDefined else { throw .text("Object has no key '", .bytes(key), "'") }
            return found
        }
        guard value.isArray else { throw .text("Invalid token reference '", .bytes(key), "'") }
        guard let index = number(key) else { throw .text("Invalid array index '", .bytes(key), "'") }
        guard index >= 0, index < value.count else {
            throw .text("Out of bound array[0,", .number(value.count), "] index '", .number(index), "'")
        }
        return context.space.element(value, index)
    }

    private static func number(_ text: [UInt8]) -> Int? {
        var digits = text[...]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
        guard !digits.isEmpty, digits.count <= 18 else { return nil }
        var result = 0
        for byte in digits {
            guard byte &- UInt8(ascii: "0") < 10 else { return nil }
            result = result * 10 + Int(byte &- UInt8(ascii: "0"))
        }
        return isNegative ? 0 - result : result
    }

    /// `~1` is "/" and `~0` is "~".
    private static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            index += 1
            if byte == UInt8(ascii: "~"), index < text.endIndex, text[index] &- UInt8(ascii: "0") < 2 {
                result.append(text[index] == UInt8(ascii: "0") ? byte : UInt8(ascii: "/"))
                index += 1
            } else {
                result.append(byte)
            }
        }
        return result
    }
}
