import Testing

@testable import WritRegex

@Suite struct SyntaxTests {
    @Test(arguments: SyntaxCases.all) func syntax(_ example: SyntaxCase) {
        let expected = example.message.map { "error parsing regexp: " + $0.replacingPrefix("error parsing regexp: ") }
        #expect(errorText(Array(example.pattern.utf8)) == expected)
        let isValid = withBytes(example.pattern) { Regex.isValid(pattern: $0) }
        #expect(isValid == (expected == nil))
    }

    @Test func depthIsLimited() {
        func nested(_ open: String, _ close: String, _ count: Int) -> String? {
            let pattern = String(repeating: open, count: count) + "a" + String(repeating: close, count: count)
            return errorText(Array(pattern.utf8)).map { String($0.prefix(50)) }
        }
        let tooDeep = "error parsing regexp: expression nests too deeply:"
        #expect(nested("(", ")", 999) == nil)
        #expect(nested("(", ")", 1000) == tooDeep)
        #expect(nested("(?:", ")", 1100) == nil)
        #expect(nested("(?:a", ")*", 600) == tooDeep)
        #expect(nested("(?:a|", ")*", 300) == nil)
        #expect(nested("(", "", 100_000)?.hasPrefix("error parsing regexp: missing closing )") == true)
    }

    @Test func sizeIsLimited() {
        let large = String(repeating: "(?:abcdefghij){1000}", count: 100)
        #expect(errorText(Array(large.utf8))?.hasPrefix("error parsing regexp: expression too large:") == true)
        let groups = String(repeating: "(a)", count: 5000)
        #expect(errorText(Array(groups.utf8))?.hasPrefix("error parsing regexp: expression too large:") == true)
        #expect(errorText(Array("\\pL{1000}".utf8)) == nil)
    }

    /// Where Go's own limit on the size is; it only matters to whether a pattern is valid.
    @Test(arguments: [
        ("(?:abcdefghij){1000}", 335, true), ("(?:abcdefghij){1000}", 336, false), ("(?:a?){1000}", 1118, true),
        ("(?:a?){1000}", 1119, true), ("(?:a?){1000}", 1700, false), ("(?:a|b){1000}", 3000, true),
        ("(?:a|b){1000}", 3400, false), ("(?:ab|b){1000}", 800, true), ("(?:ab|b){1000}", 840, false),
    ]) func validity(_ part: String, _ count: Int, _ expected: Bool) {
        let pattern = String(repeating: part, count: count)
        #expect(withBytes(pattern) { Regex.isValid(pattern: $0) } == expected)
    }

    @Test func manyClassesStaySmall() throws {
        let pattern = String(repeating: "\\pL\\PL[\\pL\\d]", count: 2000)
        #expect(try regex(pattern).byteCount < 20_000_000)
        #expect(errorText(Array(("[" + String(repeating: "\\pL\\PN", count: 20_000) + "]").utf8)) == nil)
    }

    @Test func patternMustBeUTF8() {
        let text = errorText([0x61, 0xFF, 0x62])
        #expect(text?.hasPrefix("error parsing regexp: invalid UTF-8: `") == true)
        #expect(errorText([0x28, 0x3F, 0x50, 0x3C, 0xC3, 0x3E, 0x29])?.contains("invalid UTF-8") == true)
    }

    @Test func groupNames() throws {
        let regex = try regex("(a)(?P<n>b)(?:c)(?<m>d)(?i)(e)")
        #expect(regex.groupCount == 4)
        #expect(regex.groupNames == [[], [], Array("n".utf8), Array("m".utf8), []])
    }

    /// Any bytes at all must give an answer.
    @Test func arbitraryPatterns() {
        var random = Random(7)
        let pieces =
            ["(", ")", "[", "]", "{", "}", "*", "+", "?", "|", "\\", "^", "$", "-", ":", "a", "é", "1", ",", "<"]
            + ["(?P<", "(?", "\\p{", "[[:", "\\x{", "\\Q", "{2,", "\u{0}"]
        for _ in 0..<6_000 {
            var pattern: [UInt8] = []
            for _ in 0..<random.below(12) { pattern += Array(pieces[random.below(pieces.count)].utf8) }
            if random.below(8) == 0 { pattern.append(UInt8(random.below(256))) }
            guard let regex = try? Regex(pattern: pattern) else { continue }
            regex.engines = .eagerDFA
            _ = regex.matches("aé1(*")
        }
    }
}

/// A small generator, so that runs repeat.
struct Random {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(truncatingIfNeeded: state >> 33) % bound
    }
}

extension String {
    fileprivate func replacingPrefix(_ prefix: String) -> String {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
    }
}
