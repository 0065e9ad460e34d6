// Expected values are those of OPA 1.20.2 (Go's regexp).

/// Texts that are not UTF-8; the first element of a match is the whole.
struct BytesCase: Sendable {
    let pattern: String
    let text: [UInt8]
    let matches: [[[UInt8]]]
}

enum BytesCases {
    static let all: [BytesCase] = [
        BytesCase(pattern: ".", text: [0xFF], matches: [[[0xFF]]]),
        BytesCase(pattern: "\u{fffd}", text: [0xFF, 0x61, 0xC3], matches: [[[0xFF]], [[0xC3]]]),
        BytesCase(pattern: "[^a]", text: [0xE6, 0x97], matches: [[[0xE6]], [[0x97]]]),
        BytesCase(pattern: "a.c", text: [0x61, 0xE6, 0x63], matches: [[[0x61, 0xE6, 0x63]]]),
        BytesCase(pattern: "(.)(.)", text: [0xE6, 0x97], matches: [[[0xE6, 0x97], [0xE6], [0x97]]]),
        BytesCase(pattern: "\\W", text: [0xC3], matches: [[[0xC3]]]),
        BytesCase(pattern: "[\\x{fffd}]", text: [0xED, 0xA0, 0x80], matches: [[[0xED]], [[0xA0]], [[0x80]]]),
        BytesCase(pattern: "é", text: [0xC3, 0xA9, 0xC3], matches: [[[0xC3, 0xA9]]]),
        BytesCase(pattern: "a", text: [0xFF, 0x61, 0xFF], matches: [[[0x61]]]),
        BytesCase(pattern: "x*", text: [0xFF, 0xFF, 0x78], matches: [[[]], [[]], [[0x78]]]),
        BytesCase(pattern: "\\xff", text: [0xFF], matches: []),
        BytesCase(pattern: "b$", text: [0xC3, 0x62], matches: [[[0x62]]]),
        BytesCase(
            pattern: "[^\\x00-\\x7f]+", text: [0x61, 0xF4, 0x90, 0x80, 0x80, 0x62],
            matches: [[[0xF4, 0x90, 0x80, 0x80]]]),
        BytesCase(pattern: "(?s).*", text: [0x61, 0xC0, 0x80, 0x62], matches: [[[0x61, 0xC0, 0x80, 0x62]]]),
        BytesCase(pattern: "\\b", text: [0xFF, 0x61, 0xFF], matches: [[[]], [[]]]),
    ]
}
