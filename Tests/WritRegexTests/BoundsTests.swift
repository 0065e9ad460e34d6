import Testing

@testable import WritRegex

/// Time and memory stay within bounds, counted and not clocked.
@Suite struct BoundsTests {
    private static let patterns = [
        "^(a+)+$", "(a|aa)+$", "(.*a){20}", "(x+x+)+y", "(a*)*b", "(?:a?){30}a{30}", "(a|b|ab)*c",
    ]

    private func steps(_ pattern: String, _ engines: Regex.Engines, _ length: Int) throws -> Int {
        let regex = try regex(pattern, engines)
        let text = [UInt8](repeating: pattern.contains("x") ? 0x78 : 0x61, count: length) + [0x21]
        return text.withUnsafeBufferPointer { bytes in
            _ = regex.matches(bytes)
            var captures = CaptureSlots()
            _ = regex.firstMatch(in: bytes, captures: &captures)
            return regex.steps
        }
    }

    @Test(arguments: patterns) func stepsAreLinear(_ pattern: String) throws {
        let size = try regex(pattern).program.instructions.count
        for engines in allEngines {
            let lengths = engines == .backtrackerOnly ? [200, 400] : [3000, 6000]
            let short = try steps(pattern, engines, lengths[0])
            let long = try steps(pattern, engines, lengths[1])
            // Twice the text, twice the steps, and never more than text × program for each of the two searches.
            #expect(long <= 2 * short + 4 * size + 100, "\(engines)")
            #expect(long <= 3 * (lengths[1] + 2) * size, "\(engines)")
        }
    }

    @Test func warmDFAMakesNoStates() throws {
        let regex = try regex("^[a-z0-9_-]{3,16}$", .eagerDFA)
        #expect(regex.matches("user-name_1"))
        let steps = regex.steps
        let bytes = regex.byteCount
        for _ in 0..<100 { #expect(regex.matches("user-name_1")) }
        #expect(regex.steps == steps)
        #expect(regex.byteCount == bytes)
    }

    /// A pattern with exponentially many states: memory stays bounded, and answers right.
    @Test func memoryOfTheDFAIsBounded() throws {
        let pattern = "(?:a|b)*a(?:a|b){18}c"
        let dfa = try regex(pattern, .eagerDFA)
        let pike = try regex(pattern, .pikeOnly)
        var random = Random(9)
        for round in 0..<4 {
            var text: [UInt8] = []
            for _ in 0..<8_000 { text.append(random.below(2) == 0 ? 0x61 : 0x62) }
            if round % 2 == 1 { text.append(0x63) }
            text.withUnsafeBufferPointer { #expect(dfa.matches($0) == pike.matches($0)) }
            #expect(dfa.byteCount < 4 * LazyDFA.memoryLimit)
        }
    }

    @Test func longTextsNeedNoStack() throws {
        let text = [UInt8](repeating: 0x61, count: 60_000)
        for engines in allEngines {
            let regex = try regex("(?:a|b)*(a*)*", engines)
            let range = text.withUnsafeBufferPointer { regex.firstRange(in: $0) }
            #expect(range == 0..<60_000)
        }
    }
}

@Suite struct CacheTests {
    private func ask(_ cache: RegexCache, _ pattern: String) throws -> Regex {
        try withBytes(pattern) { try cache.regex(for: $0) }
    }

    @Test func sameObjectOnAHit() throws {
        let cache = RegexCache(maxEntries: 4)
        let first = try ask(cache, "a+")
        #expect(try ask(cache, "a+") === first)
        #expect(cache.count == 1)
    }

    @Test func errorsAreCachedToo() {
        let cache = RegexCache(maxEntries: 4)
        for _ in 0..<3 { #expect(throws: RegexError.self) { try ask(cache, "(") } }
        #expect(cache.count == 1)
    }

    @Test func entriesAreBounded() throws {
        let cache = RegexCache(maxEntries: 8)
        let kept = try ask(cache, "kept")
        for number in 0..<1000 {
            _ = try ask(cache, "a{\(number % 500)}")
            // What is used all the time survives the clock.
            #expect(try ask(cache, "kept") === kept)
            #expect(cache.count <= 8)
        }
    }

    @Test func bytesAreBounded() throws {
        let cache = RegexCache(maxEntries: 1000, maxBytes: 100_000)
        for number in 0..<200 {
            let regex = try ask(cache, "[a-z]{\(number)}x")
            regex.engines = .eagerDFA
            _ = regex.matches("abcdefghijklmnopqrstuvwxyz")
            _ = try ask(cache, "[a-z]{\(number)}x")
            #expect(cache.byteCount <= 100_000 || cache.count == 1)
        }
        #expect(cache.count > 1)
        cache.removeAll()
        #expect(cache.count == 0)
        #expect(cache.byteCount == 0)
    }

    @Test func tableAgainstADictionary() {
        let table = BoundedTable<Int>(maxEntries: 50, maxBytes: 1 << 20)
        var random = Random(1)
        for _ in 0..<5000 {
            let number = random.below(120)
            let key = Array("key-\(number)".utf8)
            key.withUnsafeBufferPointer { bytes in
                // A poor hash on purpose: the table must compare keys.
                let hash = UInt64(number % 7)
                let index = table.find(bytes, salt: 0, hash: hash)
                if index >= 0 {
                    #expect(table[index] == number)
                } else {
                    table.insert(bytes, salt: 0, hash: hash, value: number, byteCount: 10)
                }
                #expect(table.find(bytes, salt: 1, hash: hash) == -1)
            }
            #expect(table.count <= 50)
            #expect(table.byteCount == 10 * table.count)
        }
    }
}
