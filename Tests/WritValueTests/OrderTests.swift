import Testing
import WritValue

@Suite("Order, equality and hash of values")
struct OrderTests {
    /// Texts in Rego's order, equal ones together.
    static let ordered: [[String]] = [
        ["null"], ["false"], ["true"], ["-1e400"], ["-12345678901234567890"], ["-2"], ["-1.5", "-15e-1", "-1.50"],
        ["-1", "-1.0"], ["0", "-0", "0.0", "0e5"], ["1e-400"], ["0.1", "1e-1", "0.10"], ["1", "1.0", "1e0", "10e-1"],
        ["1.5"],
        ["100", "1e2", "100.00"], ["9223372036854775807"], ["9223372036854775808", "9223372036854775808.0"],
        ["1e400"],
        [#""""#], [#""\u0000""#], [#""a""#, #""\u0061""#], [#""a\u0000""#], [#""aaaaaaaa""#], [#""aaaaaaaaaaaaaa""#],
        [#""aaaaaaaaaaaaaa\u0000""#], [#""aaaaaaaaaaaaaaa""#], [#""aaaaaaaaaaaaaab""#], [#""aaaaaaaaaaaaab""#],
        [#""ab""#], [#""b""#],
        [#""e\u0301""#], [#""é""#], [#""\uffff""#], [#""😀""#],
        ["[]"], ["[null]"], ["[1]", "[1.0]"], ["[1,1]"], ["[1,2]"], ["[2]"], ["[[]]"],
        ["{}"], [#"{"a":1}"#, #"{"a":1.0}"#], [#"{"a":1,"b":0}"#], [#"{"a":2}"#], [#"{"b":0}"#],
    ]

    @Test("all pairs")
    func pairs() throws {
        try withSpace { (space: Space) throws in
            var values: [(value: Value, group: Int)] = []
            for (group, texts) in Self.ordered.enumerated() {
                for text in texts { values.append((try space.readJSON(utf8(text)), group)) }
            }
            // Sets come last; JSON has none.
            for items in [[], [Value.integer(1)], [.integer(1), .integer(2)], [.integer(2)]] {
                var list = ValueList()
                for item in items { try list.append(item, in: space) }
                values.append((try space.set(list), values.count + 1000))
            }
            for (left, first) in values {
                for (right, second) in values {
                    let order = space.compare(left, right).signum()
                    let want = first == second ? 0 : first < second ? -1 : 1
                    if order != want || space.equal(left, right) != (want == 0) {
                        Issue.record("\(shown(try space.rego(left))) and \(shown(try space.rego(right))): \(order)")
                    }
                    if want == 0, space.hash(left) != space.hash(right) {
                        Issue.record("hashes of \(shown(try space.rego(left))) and \(shown(try space.rego(right)))")
                    }
                }
            }
            try space.check()
        }
    }

    @Test("random values: order is antisymmetric and transitive, equal values have equal hashes")
    func random() throws {
        try withSpace { (space: Space) throws in
            var random = RandomValues(seed: 5, space: space)
            var values: [Value] = []
            for _ in 0..<60 { values.append(try random.value(depth: 3, isJSON: false)) }
            for a in values {
                for b in values {
                    let order = space.compare(a, b).signum()
                    #expect(order == -space.compare(b, a).signum())
                    #expect((order == 0) == space.equal(a, b))
                    if order == 0 { #expect(space.hash(a) == space.hash(b)) }
                    for c in values where order <= 0 && space.compare(b, c) <= 0 {
                        if space.compare(a, c) > 0 { Issue.record("not transitive") }
                    }
                }
            }
        }
    }

    @Test("a value too deep to compare or hash is a fault, not a crash")
    func deep() throws {
        try withSpace { (space: Space) throws in
            func nested(_ leaf: Int) throws -> Value {
                var value = Value.integer(leaf)
                for _ in 0..<(Space.depthLimit * 2) {
                    var list = ValueList()
                    try list.append(value, in: space)
                    value = try space.array(list)
                }
                return value
            }
            let (one, two) = (try nested(1), try nested(2))
            _ = space.compare(one, two)
            #expect(throws: Fault.self) { try space.check() }
            space.reset()
            try space.check()
            let three = try nested(3)
            _ = space.hash(three)
            #expect(throws: Fault.self) { try space.check() }
        }
    }
}
