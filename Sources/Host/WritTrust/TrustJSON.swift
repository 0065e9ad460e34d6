import Writ

/// JSON as metadata uses it: without fractions, and kept whole, so that members that are not known stay part of what is
/// signed.
public indirect enum TrustJSON: Sendable, Equatable {
    case null
    case boolean(Bool)
    case integer(Int)
    case string(String)
    case array([TrustJSON])
    case object([String: TrustJSON])

    private static let depthLimit = 32

    /// Reads a text. Throws for what is no JSON, has fractions, or nests deeper than 32 levels.
    public init(reading text: [UInt8], _ role: String) throws(TrustFailure) {
        let space = Space.create(memoryLimit: 1 << 30)
        defer { space.destroy() }
        let value: Value
        do throws(JSONError) { value = try space.readJSON(text) } catch {
            throw TrustFailure(.format, role, "no JSON: " + String(decoding: error.message, as: UTF8.self))
        }
        self = try Self.convert(value, space, role, depth: 0)
    }

    private static func convert(
        _ value: Value, _ space: Space, _ role: String, depth: Int
    ) throws(TrustFailure) -> TrustJSON {
        guard depth < depthLimit else { throw TrustFailure(.format, role, "nested too deeply") }
        switch value.kind {
        case .boolean: return .boolean(value.isTrue)
        case .string: return .string(String(decoding: space.bytes(value), as: UTF8.self))
        case .number:
            guard let json = try? space.json(value), let number = Int(String(decoding: json, as: UTF8.self)) else {
                throw TrustFailure(.format, role, "a number that is no integer")
            }
            return .integer(number)
        case .array:
            let elements = space.elements(value)
            var list: [TrustJSON] = []
            for index in 0..<elements.count {
                list.append(try convert(elements[index], space, role, depth: depth + 1))
            }
            return .array(list)
        case .object:
            let entries = space.entries(value)
            var members: [String: TrustJSON] = [:]
            for index in 0..<entries.count {
                let key = String(decoding: space.bytes(entries.keys[index]), as: UTF8.self)
                // Two keys that Swift takes for one would be one member of two.
                guard members[key] == nil else { throw TrustFailure(.format, role, "two members \"\(key)\"") }
                members[key] = try convert(entries.values[index], space, role, depth: depth + 1)
            }
            return .object(members)
        default: return .null
        }
    }

    // MARK: Texts

    /// The canonical form (OLPC's) that signatures and key ids are made over.
    public var canonical: [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes, isCanonical: true, indent: nil)
        return bytes
    }

    /// JSON for files, a member a line.
    public var text: [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes, isCanonical: false, indent: 0)
        bytes.append(0x0A)
        return bytes
    }

    // Nests at most 32 deep.
    private func write(to bytes: inout [UInt8], isCanonical: Bool, indent: Int?) {
        func line(_ extra: Int) {
            guard let indent else { return }
            bytes.append(0x0A)
            bytes += [UInt8](repeating: 0x20, count: indent + extra)
        }
        let below = indent.map { $0 + 1 }
        switch self {
        case .null: bytes += Array("null".utf8)
        case .boolean(let flag): bytes += Array((flag ? "true" : "false").utf8)
        case .integer(let number): bytes += Array(String(number).utf8)
        case .string(let text): Self.write(text, to: &bytes, isCanonical)
        case .array(let list):
            bytes.append(UInt8(ascii: "["))
            for (index, value) in list.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                line(1)
                value.write(to: &bytes, isCanonical: isCanonical, indent: below)
            }
            if !list.isEmpty { line(0) }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            let keys = members.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            for (index, key) in keys.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                line(1)
                Self.write(key, to: &bytes, isCanonical)
                bytes.append(UInt8(ascii: ":"))
                if indent != nil { bytes.append(0x20) }
                members[key]?.write(to: &bytes, isCanonical: isCanonical, indent: below)
            }
            if !members.isEmpty { line(0) }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ text: String, to bytes: inout [UInt8], _ isCanonical: Bool) {
        guard isCanonical else {
            var buffer = ByteBuffer()
            buffer.appendJSONString(text)
            bytes += buffer.bytes
            return
        }
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    // MARK: Members

    subscript(_ key: String) -> TrustJSON? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }

    var string: String? {
        if case .string(let text) = self { return text }
        return nil
    }

    var integer: Int? {
        if case .integer(let number) = self { return number }
        return nil
    }

    var boolean: Bool? {
        if case .boolean(let flag) = self { return flag }
        return nil
    }

    var array: [TrustJSON]? {
        if case .array(let list) = self { return list }
        return nil
    }

    var object: [String: TrustJSON]? {
        if case .object(let members) = self { return members }
        return nil
    }
}
