import Testing

@testable import WritRegex

@Suite struct UnicodeTests {
    @Test(arguments: UnicodeCases.all) func classes(_ example: UnicodeCase) throws {
        let kind = try #require(UnicodeData.lookUp(Array(example.name.utf8)))
        var count = 0
        var checksum: UInt32 = 0
        for range in UnicodeData.members(kind).ranges {
            for scalar in range.lo...range.hi where scalar < 0xD800 || scalar >= 0xE000 {
                count += 1
                checksum &+= UInt32(truncatingIfNeeded: count) &* scalar
            }
        }
        #expect(count == example.count)
        #expect(checksum == example.checksum)
    }

    @Test func folding() {
        let folds = FoldTable()
        for orbit in UnicodeCases.orbits {
            for member in orbit {
                var set = CharSet(member, member)
                set.foldCase(folds)
                var members: [UInt32] = []
                for range in set.ranges { members += Array(range.lo...range.hi) }
                #expect(members == orbit)
            }
        }
        var folding = 0
        for scalar in 0...CharSet.maxScalar where folds.next(scalar) != scalar { folding += 1 }
        #expect(folding == UnicodeCases.folding)
    }

    @Test func foldingOfARangeIsThatOfItsMembers() {
        let folds = FoldTable()
        var random = Random(11)
        for _ in 0..<200 {
            let lo = UInt32(random.below(0x600))
            let hi = lo + UInt32(random.below(60))
            var whole = CharSet(lo, hi)
            whole.foldCase(folds)
            var single = CharSet()
            for scalar in lo...hi {
                var one = CharSet(scalar, scalar)
                one.foldCase(folds)
                single.add(one)
            }
            single.normalize()
            #expect(whole == single)
        }
    }

    /// The classes for many questions say what the one for a single question says, of characters from all of Unicode.
    @Test func lettersAndDigits() {
        let classes = LettersAndDigits()
        for (character, isLetter, isDigit) in [
            ("a", true, false), ("Z", true, false), ("@", false, false), ("[", false, false), ("7", false, true),
            ("é", true, false), ("×", false, false), ("٣", false, true), ("²", false, false), ("ǅ", true, false),
            ("\u{e000}", false, false), ("\u{1d7d8}", false, true), ("𠀀", true, false), ("😀", false, false),
        ] {
            for scalar in character.unicodeScalars {
                #expect(classes.isLetter(scalar.value) == isLetter, "\(character)")
                #expect(classes.isDigit(scalar.value) == isDigit, "\(character)")
            }
        }
        for scalar in stride(from: 0, through: CharSet.maxScalar, by: 997) {
            let isEither = classes.isLetter(scalar) || classes.isDigit(scalar)
            #expect(isEither == UnicodeData.isLetterOrDigit(scalar))
        }
    }

    @Test func letterOrDigit() {
        for (character, expected) in [("a", true), ("Z", true), ("7", true), ("_", false), ("é", true), ("٣", true)] {
            for scalar in character.unicodeScalars { #expect(UnicodeData.isLetterOrDigit(scalar.value) == expected) }
        }
        #expect(!UnicodeData.isLetterOrDigit(0x2028))
        #expect(!UnicodeData.isLetterOrDigit(0x10FFFF))
    }

    /// The byte automaton of a class accepts exactly its characters.
    @Test func byteGraph() {
        var random = Random(5)
        for _ in 0..<200 {
            var set = CharSet()
            let edges: [UInt32] = [0, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF]
            for _ in 0...random.below(4) {
                let lo = random.below(2) == 0 ? edges[random.below(10)] : UInt32(random.below(0x3000))
                set.add(lo, min(0x10FFFF, lo + UInt32(random.below(5000))))
            }
            set.normalize()
            var graph = ByteGraph()
            _ = graph.add([CharSet.Range(lo: 0x61, hi: 0x61)])
            let made = graph.add(set.ranges)
            var probes = edges
            for range in set.ranges { probes += [range.lo, range.hi, range.lo &- 1, range.hi &+ 1] }
            for scalar in probes {
                guard let valid = Unicode.Scalar(scalar) else { continue }
                var node = UInt32(0)
                var accepted = false
                read: for byte in Array(String(Character(valid)).utf8) {
                    let place = graph.nodes[Int(made.firstNode + node)]
                    for index in Int(place.start)..<Int(place.start + place.count)
                    where graph.transitions[index].lo <= byte && byte <= graph.transitions[index].hi {
                        accepted = graph.transitions[index].target == ByteGraph.accept
                        node = UInt32(graph.transitions[index].target)
                        continue read
                    }
                    accepted = false
                    break
                }
                let expected = set.ranges.contains { $0.lo <= scalar && scalar <= $0.hi }
                #expect(accepted == expected, "\(scalar)")
            }
        }
    }
}
