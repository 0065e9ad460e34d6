import Testing

@testable import WritRegex

@Suite struct GlobTests {
    private func answer(_ cache: GlobCache, _ pattern: String, _ delimiters: String, _ text: String) -> GlobCase.Answer
    {
        let scalars = delimiters.unicodeScalars.map { $0.value }
        do throws(GlobError) {
            let matched = try scalars.withUnsafeBufferPointer { delimiters throws(GlobError) in
                try Array(pattern.utf8).withUnsafeBufferPointer { pattern throws(GlobError) in
                    try Array(text.utf8).withUnsafeBufferPointer { text throws(GlobError) in
                        try cache.matches(pattern: pattern, delimiters: delimiters, text)
                    }
                }
            }
            return matched ? .matches : .none
        } catch {
            return .failure(String(decoding: error.message, as: UTF8.self))
        }
    }

    @Test(arguments: GlobCases.all) func match(_ example: GlobCase) {
        let cache = GlobCache()
        // Twice: compiled, and from the cache.
        for _ in 0..<2 {
            #expect(answer(cache, example.pattern, example.delimiters, example.text) == example.answer)
        }
        #expect(cache.count == 1)
    }

    /// The segment matcher must agree with the regular expression of the same glob.
    @Test func segmentsAgreeWithTheAutomaton() throws {
        var random = Random(21)
        let pieces = ["a", "b", "ab", ".", "/", "*", "*", "**", "?", "[ab]", "[!a]", "[.]", "a.b"]
        var compared = 0
        for _ in 0..<3000 {
            var pattern = ""
            for _ in 0...random.below(6) { pattern += pieces[random.below(pieces.count)] }
            let delimiters = CharSet(0x2E, 0x2F)
            let bytes = Array(pattern.utf8)
            var compiler = try bytes.withUnsafeBufferPointer { bytes throws(GlobError) in
                try GlobCompiler.parse(bytes, delimiters: delimiters)
            }
            guard let segments = SegmentMatcher(compiler.tokens, delimiters: delimiters) else { continue }
            defer { segments.deallocate() }
            // Where both ends may share bytes it differs on purpose.
            if segments.mayOverlap { continue }
            let regex = try Regex(tree: compiler.finish())
            for _ in 0..<10 {
                var text = ""
                for _ in 0..<random.below(7) { text += ["a", "b", ".", "/", "c", "ab"][random.below(6)] }
                withBytes(text) { #expect(segments.matches($0) == regex.matches($0), "\(pattern) \(text)") }
                compared += 1
            }
        }
        #expect(compared > 10_000)
    }

    @Test func delimitersAreBeyondASCIIToo() {
        let cache = GlobCache()
        #expect(answer(cache, "a*b", "é", "axyb") == .matches)
        #expect(answer(cache, "a*b", "é", "axéyb") == .none)
        #expect(answer(cache, "a**b", "é", "axéyb") == .matches)
        // The library cuts bytes where it counted characters.
        #expect(answer(cache, "日?語", "", "日本語") == .none)
        #expect(answer(cache, "日*語", "", "日本語") == .matches)
    }

    @Test func cacheKeysIncludeDelimiters() {
        let cache = GlobCache()
        #expect(answer(cache, "a*b", "", "a.b") == .matches)
        #expect(answer(cache, "a*b", ".", "a.b") == .none)
        #expect(answer(cache, "a*b", ".", "a/b") == .matches)
        #expect(answer(cache, "a*b", "./", "a/b") == .none)
        #expect(answer(cache, "a*b", "./:-", "a-b") == .none)
        #expect(answer(cache, "a*b", "./:_", "a-b") == .matches)
        #expect(cache.count == 5)
    }

    @Test func quoting() {
        var output: [UInt8] = []
        withBytes("*.a?[b]{c}\\,!-^$é") { appendGlobQuoted($0, to: &output) }
        #expect(String(decoding: output, as: UTF8.self) == "\\*.a\\?\\[b\\]\\{c\\}\\\\,!-^$é")
    }

    @Test func arbitraryPatterns() {
        var random = Random(8)
        let cache = GlobCache(maxEntries: 10)
        let pieces = ["*", "?", "[", "]", "{", "}", ",", "!", "-", "\\", "a", "é", "\u{0}", "\u{FFFD}", "."]
        for _ in 0..<6_000 {
            var pattern = ""
            for _ in 0..<random.below(10) { pattern += pieces[random.below(pieces.count)] }
            _ = answer(cache, pattern, ["", ".", "./", "é"][random.below(4)], "a.é")
        }
    }

    @Test func depthIsLimited() {
        let cache = GlobCache()
        let deep = String(repeating: "{", count: 501)
        #expect(answer(cache, deep, "", "a") == .failure("glob pattern too complex"))
        let nested = String(repeating: "{a", count: 400) + String(repeating: "}", count: 400)
        #expect(answer(cache, nested, "", String(repeating: "a", count: 400)) == .matches)
    }

    @Test func catastrophicPatternsAreLinear() throws {
        let pattern = Array((String(repeating: "*a", count: 30) + "**b*c**").utf8)
        let text = [UInt8](repeating: 0x61, count: 20_000)
        let glob = try pattern.withUnsafeBufferPointer { bytes throws(GlobError) in
            try Glob(pattern: bytes, delimiters: UnsafeBufferPointer(start: nil, count: 0))
        }
        #expect(!text.withUnsafeBufferPointer { glob.matches($0) })
    }
}

@Suite struct IntersectionTests {
    private func answer(_ first: String, _ second: String) -> GlobCase.Answer {
        withBytes(first) { first in
            withBytes(second) { second in
                do throws(GlobIntersection.Failure) {
                    return try GlobIntersection.isNonEmpty(first, second) ? .matches : .none
                } catch {
                    return .failure(String(decoding: error.message, as: UTF8.self))
                }
            }
        }
    }

    @Test(arguments: IntersectionCases.all) func intersection(_ example: IntersectionCase) {
        #expect(answer(example.first, example.second) == example.answer)
    }

    @Test func exponentialPatternsAreBounded() {
        let stars = String(repeating: "[a-c]*[b-d]*", count: 300)
        #expect(answer(stars + "x", stars + "y") == .none)
        let long = String(repeating: "a", count: 5000) + "*"
        #expect(answer("b*" + long, "c*" + long) == .failure("patterns too complex"))
    }

    @Test(arguments: TemplateCases.all) func template(_ example: TemplateCase) {
        let result: GlobCase.Answer = withBytes(example.template) { template in
            do throws(RegexTemplate.Failure) {
                let pattern = try RegexTemplate.pattern(
                    for: template, start: example.delimiters.0, end: example.delimiters.1)
                guard let regex = try? Regex(pattern: pattern) else { return .failure("regex") }
                return regex.matches(example.text) ? .matches : .none
            } catch {
                return .failure(String(decoding: error.message, as: UTF8.self))
            }
        }
        #expect(result == example.answer)
    }
}
