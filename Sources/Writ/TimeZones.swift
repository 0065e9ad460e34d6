import Glibc

/// The host's time zone files, for `time.*` builtins.
enum TimeZones {
    /// The TZif bytes of a zone such as `Europe/Berlin`; nil if there is none.
    ///
    /// Names come from policies, so nothing outside the zone folder may be reached by them.
    @Sendable
    static func load(_ name: [UInt8]) -> [UInt8]? {
        guard !name.isEmpty, name.count < 128, name[0] != UInt8(ascii: "/") else { return nil }
        for byte in name {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: "+"):
                continue
            default: return nil
            }
        }
        let path = Array("/usr/share/zoneinfo/".utf8) + name + [0]
        let file = path.withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.flatMap { fopen($0, "rb") }
            }
        }
        guard let file else { return nil }
        defer { fclose(file) }
        // The largest zone file has some 4 KB.
        var contents = [UInt8](repeating: 0, count: 64 << 10)
        let count = fread(&contents, 1, contents.count, file)
        guard count > 0, count < contents.count else { return nil }
        return Array(contents[..<count])
    }
}
