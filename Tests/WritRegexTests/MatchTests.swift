import Testing

@testable import WritRegex

@Suite struct MatchTests {
    @Test(arguments: MatchCases.all) func allMatches(_ example: MatchCase) throws {
        for engines in allEngines {
            let regex = try regex(example.pattern, engines)
            #expect(regex.all(example.text) == example.matches, "\(engines)")
            #expect(regex.matches(example.text) == !example.matches.isEmpty, "\(engines)")
            #expect(regex.all(example.text, limit: 1) == Array(example.matches.prefix(1)), "\(engines)")
        }
    }

    @Test(arguments: BytesCases.all) func invalidUTF8(_ example: BytesCase) throws {
        for engines in allEngines {
            let regex = try regex(example.pattern, engines)
            #expect(regex.all(example.text) == example.matches, "\(engines)")
            let matched = example.text.withUnsafeBufferPointer { regex.matches($0) }
            #expect(matched == !example.matches.isEmpty, "\(engines)")
        }
    }

    @Test func slotsOfAbsentGroups() throws {
        let regex = try regex("(a)|(b)")
        var captures = CaptureSlots()
        let found = withBytes("xb") { regex.firstMatch(in: $0, captures: &captures) }
        #expect(found)
        #expect(captures.values == [1, 2, -1, -1, 1, 2])
        #expect(captures[1] == nil)
        #expect(captures[2] == 1..<2)
        #expect(captures[3] == nil)
        #expect(captures[-1] == nil)
    }

    @Test func searchFromAPosition() throws {
        for engines in allEngines {
            let word = try regex("\\bb", engines)
            withBytes("ab b") { text in
                #expect(word.firstRange(in: text, from: 1) == 3..<4)
                #expect(word.firstRange(in: text, from: 5) == nil)
                #expect(word.firstRange(in: text, from: -1) == nil)
            }
            let begin = try regex("^b", engines)
            withBytes("ab") { #expect(begin.firstRange(in: $0, from: 1) == nil) }
            let line = try regex("(?m)^b", engines)
            withBytes("a\nb") { #expect(line.firstRange(in: $0, from: 2) == 2..<3) }
        }
    }

    @Test(arguments: ReplaceCases.all) func replace(_ example: ReplaceCase) throws {
        for engines in allEngines {
            #expect(try regex(example.pattern, engines).replaceAll(example.text, example.template) == example.result)
        }
    }

    @Test(arguments: SplitCases.all) func split(_ example: SplitCase) throws {
        for engines in allEngines {
            #expect(try regex(example.pattern, engines).split(example.text) == example.pieces)
        }
    }

    @Test func splitWithLimit() throws {
        let comma = try regex(",")
        #expect(comma.split("a,b,c", limit: 0) == [])
        #expect(comma.split("a,b,c", limit: 1) == ["a,b,c"])
        #expect(comma.split("a,b,c", limit: 2) == ["a", "b,c"])
        #expect(comma.split("a,b,c", limit: 9) == ["a", "b", "c"])
    }

    @Test func emptyText() throws {
        let nothing = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        for engines in allEngines {
            #expect(try regex("a*", engines).matches(nothing))
            #expect(try regex("^$", engines).matches(nothing))
            #expect(try !regex("a", engines).matches(nothing))
            #expect(try !regex(".", engines).matches(nothing))
        }
    }

    /// A nested call while a closure of the same object runs must not disturb it.
    @Test func nestedUse() throws {
        let letter = try regex("[a-z]")
        var count = 0
        withBytes("abc") { text in
            letter.forEachRange(in: text) { range in
                letter.forEachRange(in: text) { _ in
                    count += 1
                    return true
                }
                #expect(range.count == 1)
                return true
            }
        }
        #expect(count == 9)
    }

    /// Random patterns on random texts: the engines are each other's oracle, also where the text is long.
    @Test func enginesAgree() throws {
        var random = Random(3)
        let atoms = [
            "a", "b", "[ab]", "[^a]", ".", "\\b", "^", "$", "é", "(a|ab)", "(b*)", "\\w", "(?:a|b)+?", "\\PL", "x",
        ]
        let operators = ["", "", "*", "+", "?", "*?", "{2}", "|"]
        for _ in 0..<150 {
            var pattern = ""
            for _ in 0...random.below(5) {
                pattern += atoms[random.below(atoms.count)] + operators[random.below(operators.count)]
            }
            guard (try? Regex(pattern: Array(pattern.utf8))) != nil else { continue }
            var text = ""
            for _ in 0..<random.below(300) { text += ["a", "b", "é", " ", "x", "\n"][random.below(6)] }
            let expected = try regex(pattern, .pikeOnly).all(text)
            for engines in allEngines {
                #expect(try regex(pattern, engines).all(text) == expected, "\(pattern) \(engines)")
            }
        }
    }
}
