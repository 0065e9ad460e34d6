/// Writes the messages of protobuf's wire format that traces need.
struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    /// A whole number that is not negative, of a field of kind uint, int or enum; nothing for 0.
    mutating func number(_ field: UInt8, _ value: UInt64) {
        guard value != 0 else { return }
        tag(field, 0)
        varint(value)
    }

    /// The same for a field that says by being there which of several it is.
    mutating func choice(_ field: UInt8, _ value: UInt64) {
        tag(field, 0)
        varint(value)
    }

    mutating func fixed(_ field: UInt8, _ value: UInt64) {
        tag(field, 1)
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func fixed(_ field: UInt8, _ value: UInt32) {
        tag(field, 5)
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Bytes, a text or a message; nothing for none.
    mutating func part(_ field: UInt8, _ content: some Collection<UInt8>) {
        guard !content.isEmpty else { return }
        tag(field, 2)
        varint(UInt64(content.count))
        bytes.append(contentsOf: content)
    }

    mutating func message(_ field: UInt8, _ write: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        write(&inner)
        tag(field, 2)
        varint(UInt64(inner.bytes.count))
        bytes += inner.bytes
    }

    private mutating func tag(_ field: UInt8, _ kind: UInt8) { varint(UInt64(field) << 3 | UInt64(kind)) }

    private mutating func varint(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: value))
    }
}

/// Reads a message field by field.
struct ProtobufReader {
    enum Content {
        case number(UInt64)
        case part(ArraySlice<UInt8>)
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// The next field; nil at the end, and where the rest is no message.
    mutating func next() -> (field: UInt64, content: Content)? {
        guard let tag = varint() else { return nil }
        switch tag & 7 {
        case 0:
            guard let number = varint() else { return nil }
            return (tag >> 3, .number(number))
        case 1: return part(8).map { (tag >> 3, .part($0)) }
        case 2:
            guard let count = varint(), count <= UInt64(rest.count) else { return nil }
            return part(Int(count)).map { (tag >> 3, .part($0)) }
        case 5: return part(4).map { (tag >> 3, .part($0)) }
        default: return nil
        }
    }

    private mutating func part(_ count: Int) -> ArraySlice<UInt8>? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    private mutating func varint() -> UInt64? {
        var result: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            result |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return result }
        }
        return nil
    }
}
