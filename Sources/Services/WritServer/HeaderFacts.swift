import NIOHTTP1

/// What the headers of a request say of how it is framed and answered, gathered in one go: each question of its own
/// would go through all of them.
struct HeaderFacts {
    /// How often these came.
    private var codings = 0
    private var lengths = 0
    private var hosts = 0
    private var isChunked = false
    private var areLengthsPlain = true
    private var isHostClear = true
    /// The body's length; nil where no number is said.
    private(set) var length: Int?
    /// The first `Expect` wants to hear that it may go on.
    private(set) var expectsContinue = false
    private var hasExpectation = false
    /// The client wants to speak another protocol.
    private(set) var hasUpgrade = false
    /// The first `Content-Encoding`; nil for none, and where it says nothing.
    private(set) var encoding: String?
    private var hasEncoding = false
    /// The first `Content-Type` names YAML.
    private(set) var isYAML = false
    private var hasType = false

    init(_ headers: HTTPHeaders) {
        for (name, value) in headers {
            // Lengths tell nearly all names apart.
            switch name.utf8.count {
            case 4 where Self.same(name, "host"): takeHost(value)
            case 6 where Self.same(name, "expect") && !hasExpectation:
                hasExpectation = true
                expectsContinue = value.lowercased() == "100-continue"
            case 7 where Self.same(name, "upgrade"): hasUpgrade = true
            case 12 where Self.same(name, "content-type") && !hasType:
                hasType = true
                isYAML = Self.names(yaml: value)
            case 14 where Self.same(name, "content-length"):
                if lengths == 0 { length = Int(value) }
                lengths += 1
                areLengthsPlain = areLengthsPlain && value.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
            case 16 where Self.same(name, "content-encoding") && !hasEncoding:
                hasEncoding = true
                if !value.isEmpty, value != "identity" { encoding = value }
            case 17 where Self.same(name, "transfer-encoding"):
                codings += 1
                isChunked = value.lowercased() == "chunked"
            default: continue
            }
        }
    }

    private mutating func takeHost(_ host: String) {
        hosts += 1
        let isClear = Self.bytes(of: host) { host in
            for byte in host {
                switch byte {
                case 0...0x20, UInt8(ascii: "/"), UInt8(ascii: "\\"), UInt8(ascii: "@"), UInt8(ascii: ","),
                    UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"):
                    return false
                default: continue
                }
            }
            return true
        }
        isHostClear = isHostClear && isClear
    }

    /// Whether a request of HTTP/1 is framed so that all on the way read the same. What others may read as two requests,
    /// or with another end, is refused, though the decoder understands it.
    func isClear(_ version: HTTPVersion) -> Bool {
        if codings > 0 {
            guard version == .http1_1, lengths == 0, codings == 1, isChunked else { return false }
        }
        guard lengths <= 1, areLengthsPlain else { return false }
        return hosts <= 1 && isHostClear && (version != .http1_1 || hosts == 1)
    }

    /// Whether a name is this one, which is in small letters, whatever the case of its own.
    private static func same(_ name: String, _ other: StaticString) -> Bool {
        other.withUTF8Buffer { other in
            bytes(of: name) { name in
                guard name.count == other.count else { return false }
                for index in 0..<other.count {
                    let byte = name[index]
                    let small = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
                    guard small == other[index] else { return false }
                }
                return true
            }
        }
    }

    private static func names(yaml type: String) -> Bool {
        // `yaml` in small letters, anywhere in it.
        bytes(of: type) { type in
            var found = 0
            for byte in type {
                switch (found, byte) {
                case (1, UInt8(ascii: "a")), (2, UInt8(ascii: "m")): found += 1
                case (3, UInt8(ascii: "l")): return true
                default: found = byte == UInt8(ascii: "y") ? 1 : 0
                }
            }
            return false
        }
    }

    /// A text's bytes as they lie: going through `utf8` decides for each byte anew where the text is.
    private static func bytes<Result>(of text: String, _ use: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let result = text.utf8.withContiguousStorageIfAvailable(use) { return result }
        var text = text
        return text.withUTF8(use)
    }
}
