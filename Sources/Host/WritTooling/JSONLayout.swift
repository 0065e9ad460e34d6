/// Layout of JSON texts.
public enum JSONLayout {
    /// Compact JSON over several lines, two spaces a level, with its members in the order they have.
    public static func indented(_ compact: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(compact.count * 2)
        var depth = 0
        var isInString = false
        var isEscaped = false
        func line(_ bytes: inout [UInt8]) {
            bytes.append(0x0A)
            bytes += [UInt8](repeating: 0x20, count: 2 * max(0, depth))
        }
        for (index, byte) in compact.enumerated() {
            if isInString {
                bytes.append(byte)
                if isEscaped {
                    isEscaped = false
                } else if byte == 0x5C {
                    isEscaped = true
                } else {
                    isInString = byte != 0x22
                }
                continue
            }
            let next = index + 1 < compact.count ? compact[index + 1] : 0
            switch byte {
            case UInt8(ascii: "\""):
                isInString = true
                bytes.append(byte)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                bytes.append(byte)
                depth += 1
                if next != UInt8(ascii: "}"), next != UInt8(ascii: "]") { line(&bytes) }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if bytes.last != UInt8(ascii: "{"), bytes.last != UInt8(ascii: "[") { line(&bytes) }
                bytes.append(byte)
            case UInt8(ascii: ","):
                bytes.append(byte)
                line(&bytes)
            case UInt8(ascii: ":"):
                bytes.append(byte)
                bytes.append(0x20)
            default: bytes.append(byte)
            }
        }
        return bytes
    }
}
