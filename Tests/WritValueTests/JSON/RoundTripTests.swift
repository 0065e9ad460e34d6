import Testing
import WritValue

@Suite("Round trips of JSON")
struct RoundTripTests {
    @Test("random documents are written, read and equal, in every style", arguments: 0..<40)
    func documents(_ seed: Int) throws {
        try withSpace { (space: Space) throws in
            var random = RandomValues(seed: UInt64(seed), space: space)
            for _ in 0..<25 {
                let value = try random.value(depth: 4, isJSON: true)
                for style in [JSONStyle(), JSONStyle(escapesHTML: false), JSONStyle(isPretty: true)] {
                    let written = try space.json(value, style: style)
                    let back = try space.readJSON(written)
                    if !space.equal(value, back) || space.compare(back, value) != 0 {
                        Issue.record("seed \(seed): \(shown(written))")
                    }
                    #expect(space.hash(value) == space.hash(back))
                    #expect(try space.json(back, style: style) == written)
                }
                try space.check()
            }
        }
    }

    @Test("the order of keys in the text does not matter, and all objects of the same keys share a shape")
    func shapes() throws {
        try withSpace { (space: Space) throws in
            let orders = [#""a":1,"b":2,"a key of many bytes":3"#, #""b":2,"a key of many bytes":3,"a":1"#]
            for round in 0..<5 {
                let source = "[" + (0..<4).map { "{" + orders[$0 % 2] + "}" }.joined(separator: ",") + "]"
                let value = try space.readJSON(utf8(source))
                let first = space.element(value, 0)
                for index in 0..<4 {
                    let item = space.element(value, index)
                    #expect(space.equal(item, first))
                    #expect(shown(try space.json(item)) == #"{"a":1,"a key of many bytes":3,"b":2}"#)
                    #expect(space.member(item, .short("b")).integerValue == 2)
                    #expect(space.member(item, try space.string("a key of many bytes")).integerValue == 3)
                    #expect(space.member(item, .short("c")).isUndefined)
                    if round > 0 {
                        let other = space.element(value, (index + 2) % 4)
                        #expect(space.isLasting(space.shape(item)))
                        #expect(Value.identical(space.shape(item), space.shape(other)))
                    }
                }
                space.reset()
            }
        }
    }

    @Test("duplicate keys in known shapes: the last value counts")
    func duplicates() throws {
        try withSpace { (space: Space) throws in
            for round in 0..<4 {
                let value = try space.readJSON(utf8("{\"b\":1,\"a\":2,\"b\":\(round),\"a\":[]}"))
                #expect(shown(try space.json(value)) == "{\"a\":[],\"b\":\(round)}")
                #expect(value.count == 2)
                space.reset()
            }
        }
    }

    @Test("more kinds of objects than the memory of shapes holds")
    func manyShapes() throws {
        try withSpace { (space: Space) throws in
            for round in 0..<60 {
                for kind in 0..<400 {
                    let source =
                        "{\"k\(kind)\":1,\"a rather long key number \(kind)\":[{\"x\(kind)\":2,\"a\":3,\"b\":4,\"c\":5}]}"
                    let value = try space.readJSON(utf8(source))
                    let want =
                        "{\"a rather long key number \(kind)\":[{\"a\":3,\"b\":4,\"c\":5,\"x\(kind)\":2}],\"k\(kind)\":1}"
                    if try space.json(value) != utf8(want) { Issue.record("round \(round): \(kind)") }
                    if kind % 50 == 0 { space.reset() }
                }
                space.reset()
            }
        }
    }

    @Test("objects of many keys, in order, in reverse, shuffled, with equal prefixes")
    func largeObjects() throws {
        try withSpace { (space: Space) throws in
            var generator = Generator(state: 7)
            for count in [1, 2, 8, 9, 15, 16, 17, 31, 33, 64, 96, 97, 100, 1000, 5000] {
                for prefix in ["", "a common prefix of these keys "] {
                    let keys = (0..<count).map { prefix + String($0) }
                    for order in [keys, keys.reversed(), keys.shuffled(using: &generator)] {
                        for _ in 0..<3 {
                            let source =
                                "{" + order.map { "\"\($0)\":\($0.dropFirst(prefix.count))" }.joined(separator: ",")
                                + "}"
                            let value = try space.readJSON(utf8(source))
                            let entries = space.entries(value)
                            #expect(entries.count == count)
                            for index in 1..<max(1, count)
                            where space.compare(entries.keys[index - 1], entries.keys[index]) >= 0 {
                                Issue.record("\(count) keys: \(index) is out of order")
                            }
                            for index in 0..<count {
                                let found = space.member(value, try space.string(utf8(keys[index])))
                                if found.integerValue != Int64(index) {
                                    Issue.record("\(count) keys: \(index) not found")
                                }
                            }
                            #expect(space.member(value, .short("no")).isUndefined)
                        }
                        space.reset()
                    }
                }
            }
        }
    }

    @Test("damaged texts never crash the reader, and what it accepts is written and read again")
    func damagedTexts() throws {
        let source = utf8(
            #"{"a":[1,-2.5,1e9,true,false,null,"xé\u00e9😀\n and more"],"bb":{"a long key of bytes":[{}]},"n":[0.1,12345678901234567890]}"#
        )
        try withSpace { (space: Space) throws in
            var generator = Generator(state: 99)
            var accepted = 0
            for _ in 0..<20_000 {
                var text = source
                for _ in 0...generator.below(3) {
                    let place = generator.below(text.count)
                    switch generator.below(4) {
                    case 0: text[place] = UInt8(truncatingIfNeeded: generator.next())
                    case 1: text.remove(at: place)
                    case 2: text.insert(text[generator.below(text.count)], at: place)
                    default: text.swapAt(place, generator.below(text.count))
                    }
                }
                do {
                    let value = try space.readJSON(text)
                    accepted += 1
                    let again = try space.readJSON(space.json(value))
                    if !space.equal(value, again) { Issue.record("\(shown(text))") }
                } catch let error as JSONError {
                    if error.offset > text.count { Issue.record("offset \(error.offset) of \(text.count)") }
                } catch {
                    Issue.record("\(error)")
                }
                space.reset()
            }
            #expect(accepted > 100)
        }
    }
}
