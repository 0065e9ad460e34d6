/// Values and characters as Go's `fmt` shows them in messages about metadata.
enum GoText {
    /// `%s` of a value that was read from YAML.
    static func string(_ term: Term, _ names: NameTable) -> String {
        switch term.kind {
        case .string(let name): return names.text(name)
        case .number(let name):
            let isInteger = names[name].allSatisfy { $0 &- 0x30 < 10 || $0 == 0x2D }
            return (isInteger ? "%!s(int=" : "%!s(float64=") + names.text(name) + ")"
        case .bool(let value): return value ? "%!s(bool=true)" : "%!s(bool=false)"
        case .array(let elements):
            var text = "["
            for (index, element) in elements.enumerated() {
                text += (index > 0 ? " " : "") + string(element, names)
            }
            return text + "]"
        case .object(let entries):
            var text = "map["
            for (index, entry) in entries.enumerated() {
                text += (index > 0 ? " " : "") + string(entry.key, names) + ":" + string(entry.value, names)
            }
            return text + "]"
        default: return "%!s(<nil>)"
        }
    }

    /// `%q` of a string.
    static func quoted(_ text: ArraySlice<UInt8>) -> String {
        var bytes: [UInt8] = [0x22]
        for byte in text {
            switch byte {
            case 0x22, 0x5C: bytes += [0x5C, byte]
            case 0x0A: bytes += [0x5C, 0x6E]
            case 0x0D: bytes += [0x5C, 0x72]
            case 0x09: bytes += [0x5C, 0x74]
            case 0..<0x20, 0x7F: bytes += [0x5C, 0x78] + hexadecimal(UInt32(byte), digits: 2)
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `%+q` of the first character of a text.
    static func quotedScalar(_ text: ArraySlice<UInt8>) -> String {
        let bytes = Array(text.prefix(4))
        let scalar = UTF8Bytes.decode(bytes, 0, bytes.count)?.value ?? 0xFFFD
        var result: [UInt8] = [0x27]
        switch scalar {
        case 0x27, 0x5C: result += [0x5C, UInt8(truncatingIfNeeded: scalar)]
        case 0x0D: result += [0x5C, 0x72]
        case 0x0B: result += [0x5C, 0x76]
        case 0x0C: result += [0x5C, 0x66]
        case 0x20..<0x7F: result.append(UInt8(truncatingIfNeeded: scalar))
        case 0..<0x20, 0x7F: result += [0x5C, 0x78] + hexadecimal(scalar, digits: 2)
        case 0x10000...: result += [0x5C, 0x55] + hexadecimal(scalar, digits: 8)
        default: result += [0x5C, 0x75] + hexadecimal(scalar, digits: 4)
        }
        result.append(0x27)
        return String(decoding: result, as: UTF8.self)
    }

    private static func hexadecimal(_ value: UInt32, digits: Int) -> [UInt8] {
        (0..<digits).reversed().map { position in
            let digit = UInt8(truncatingIfNeeded: value >> UInt32(truncatingIfNeeded: position * 4) & 15)
            return digit < 10 ? digit + 0x30 : digit + 0x57
        }
    }
}
