import WritPlan
import WritValue

extension Row {
    static let checking: [Row] = [
        check("equal", [("1", "1.0"), ("[1]", "[1]"), ("null", "null")], [("1", "2"), ("1", "\"1\""), ("[]", "{}")]) {
            .equal($0, $1)
        },
        check("notEqual", [("1", "2"), ("[]", "{}")], [("1", "1.0")]) { .notEqual($0, $1) },
        check("less", [("1", "2"), ("null", "false"), ("9", "\"\"")], [("2", "1"), ("1", "1")]) {
            .ordered($0, .less, $1)
        },
        check("lessOrEqual", [("1", "2"), ("1", "1.0")], [("2", "1")]) { .ordered($0, .lessOrEqual, $1) },
        check("greater", [("2", "1"), ("{}", "[]")], [("1", "1"), ("1", "2")]) { .ordered($0, .greater, $1) },
        check("greaterOrEqual", [("2", "1"), ("1", "1")], [("1", "2")]) { .ordered($0, .greaterOrEqual, $1) },
        check("truthy", [("true", ""), ("null", ""), ("0", ""), ("\"\"", ""), ("[]", "")], [("false", "")]) { a, _ in
            .truthy(a)
        },
        check("isArray", [("[]", "")], [("{}", ""), ("1", "")]) { a, _ in .isArray(a) },
        check("isObject", [("{}", "")], [("[]", ""), ("1", "")]) { a, _ in .isObject(a) },
        check("isCollection", [("{}", ""), ("[]", "")], [("\"\"", ""), ("null", "")]) { a, _ in .isCollection(a) },
        check("isTuple", [("[1, 2]", "")], [("[1]", ""), ("[1, 2, 3]", ""), (#"{"a": 1, "b": 2}"#, "")]) { a, _ in
            .isTuple(a, 2)
        },
        check("hasKeyCount", [(#"{"a": 1}"#, "")], [("{}", ""), ("[1]", "")]) { a, _ in .hasKeyCount(a, 1) },
        Row("isSet", .value("[1]")) { b in
            [
                .gather(1, .array), .makeSet(2, []), .block([.isSet(2), .add(to: 1, b.json("1"))]),
                .block([.isSet(b.json("[]")), .add(to: 1, b.json("2"))]),
                .block([.isCollection(2), .isArray(2), .add(to: 1, b.json("3"))]), .gathered(0, from: 1),
            ]
        },
        Row("isDefined and isUndefined", .value(#"["defined","undefined"]"#)) { b in
            [
                .gather(1, .array), .assign(2, b.json("null")),
                .block([.isDefined(2), .add(to: 1, b.json(#""defined""#))]),
                .block([.isUndefined(2), .add(to: 1, b.json("1"))]), .block([.isDefined(3), .add(to: 1, b.json("2"))]),
                .block([.isUndefined(3), .add(to: 1, b.json(#""undefined""#))]), .gathered(0, from: 1),
            ]
        },
    ]

    /// A row that gives the numbers of the pairs that hold.
    private static func check(
        _ name: String, _ holding: [(String, String)], _ failing: [(String, String)],
        _ kind: @escaping @Sendable (Operand, Operand) -> Statement.Kind
    ) -> Row {
        let wanted = holding.indices.map { "\($0)" }.joined(separator: ",")
        let pairs = holding + failing
        return Row(name, .value("[\(wanted)]")) { b in
            var body: Block = [.gather(1, .array)]
            for (number, pair) in pairs.enumerated() {
                let left = b.json(pair.0)
                let right = pair.1.isEmpty ? left : b.json(pair.1)
                let block: Block = [kind(left, right), .add(to: 1, b.json("\(number)"))]
                body.statements.append(Statement(.block(block), .none))
            }
            body.statements.append(Statement(.gathered(0, from: 1), .none))
            return body
        }
    }

    static let control: [Row] = [
        Row("block goes on either way", .value("2")) { b in
            [.block([.truthy(b.json("false")), .assign(0, b.json("1"))]), .block([.assign(0, b.json("2"))])]
        },
        Row("not of what holds", .undefined) { b in [.not([.truthy(b.json("true"))]), .assign(0, b.json("1"))] },
        Row("not of what fails", .value("1")) { b in [.not([.truthy(b.json("false"))]), .assign(0, b.json("1"))] },
        Row("not inside not", .value("1")) { b in
            [.not([.not([.dot(1, b.json("[1]"), b.json("0"))])]), .assign(0, b.json("1"))]
        },
        Row("leave a block", .value("1")) { b in
            [.block([.assign(0, b.json("1")), .leave(0), .assign(0, b.json("2"))])]
        },
        Row("leave two blocks", .value("[1,3]")) { b in
            [
                .gather(1, .array),
                .block([.block([.add(to: 1, b.json("1")), .leave(1)]), .add(to: 1, b.json("2"))]),
                .add(to: 1, b.json("3")), .gathered(0, from: 1),
            ]
        },
        Row("leave a loop's turn", .value("[0,2]")) { b in
            [
                .gather(1, .array),
                .scan(
                    .range(b.json("0"), b.json("2")), key: nil, value: 2,
                    [.block([.equal(2, b.json("1")), .leave(1)]), .add(to: 1, 2)]), .gathered(0, from: 1),
            ]
        },
        Row("keep what a turn made for later turns", .value("[[1],[2],[3]]")) { b in
            [
                .makeArray(1, []),
                .scan(
                    .range(b.json("1"), b.json("3")), key: nil, value: 2,
                    [
                        .makeArray(3, [2]), .regather(1, .array), .add(to: 1, 3), .gathered(4, from: 1), .assign(1, 4),
                        .keep(1),
                    ]),
                .assign(0, 1),
            ]
        },
        Row("leave a loop for good", .value("[0]")) { b in
            [
                .gather(1, .array),
                .block([.scan(.range(b.json("0"), b.json("9")), key: nil, value: 2, [.add(to: 1, 2), .leave(1)])]),
                .gathered(0, from: 1),
            ]
        },
        Row("yield ends the function", .value("7")) { b in
            [.scan(.range(b.json("7"), b.json("9")), key: nil, value: 2, [.yield(2)]), .assign(0, b.json("1"))]
        },
        Row("yield of what is undefined", .undefined) { b in [.assign(0, b.json("1")), .yield(9)] },
        Row("with input", .value("[2,1]"), input: "1") { b in
            [.with([Override(.input([]), .value(b.json("2")))], [.input(1)]), .input(2), .makeArray(0, [1, 2])]
        },
        Row("with a path of input", .value(#"[{"a":{"b":3},"k":1},{"k":1}]"#), input: #"{"k": 1}"#) { b in
            [
                .with(
                    [Override(.input([b.number(#""a""#), b.number(#""b""#)]), .value(b.json("3")))], [.input(1)]),
                .input(2), .makeArray(0, [1, 2]),
            ]
        },
        Row("with data", .value(#"[{"a":1,"b":2},{"a":1}]"#), data: #"{"a": 1}"#) { b in
            [
                .with([Override(.data([b.number(#""b""#)], []), .value(b.json("2")))], [.data(1)]), .data(2),
                .makeArray(0, [1, 2]),
            ]
        },
        Row("outside of with", .value("[1,2,1,2,1]"), input: "1") { b in
            [
                .gather(9, .array),
                .with(
                    [Override(.input([]), .value(b.json("2")))],
                    [
                        .outside([.input(1), .add(to: 9, 1)]), .input(1), .add(to: 9, 1),
                        .outside([.input(1), .add(to: 9, 1), .truthy(b.json("false"))]), .input(1), .add(to: 9, 1),
                    ]), .input(1), .add(to: 9, 1), .gathered(0, from: 9),
            ]
        },
        Row("outside of the inner of two", .value("[2,3,1,2]"), input: "1") { b in
            [
                .gather(9, .array),
                .with(
                    [Override(.input([]), .value(b.json("2")))],
                    [
                        .with(
                            [Override(.input([]), .value(b.json("3")))],
                            [
                                .outside([.input(1), .add(to: 9, 1)]), .input(1), .add(to: 9, 1),
                                .outside([.outside([.input(1), .add(to: 9, 1)])]),
                            ]), .input(1), .add(to: 9, 1),
                    ]), .gathered(0, from: 9),
            ]
        },
        Row("leave through with", .value("[2,1]"), input: "1") { b in
            [
                .gather(9, .array),
                .block([
                    .with([Override(.input([]), .value(b.json("2")))], [.input(1), .add(to: 9, 1), .leave(1)]),
                    .add(to: 9, b.json("\"not here\"")),
                ]), .input(1), .add(to: 9, 1), .gathered(0, from: 9),
            ]
        },
        Row("leave through outside and with", .value("[1,1]"), input: "1") { b in
            [
                .gather(9, .array),
                .block([
                    .with(
                        [Override(.input([]), .value(b.json("2")))],
                        [.outside([.input(1), .add(to: 9, 1), .leave(2)]), .add(to: 9, b.json("8"))]),
                    .add(to: 9, b.json("9")),
                ]), .input(1), .add(to: 9, 1), .gathered(0, from: 9),
            ]
        },
        Row("a block inside with that fails", .value("1"), input: "1") { b in
            [.with([Override(.input([]), .value(b.json("2")))], [.truthy(b.json("false"))]), .input(0)]
        },
        Row("with in a loop", .value("[1,2,3,0]"), input: "0") { b in
            [
                .gather(9, .array),
                .scan(
                    .range(b.json("1"), b.json("3")), key: nil, value: 2,
                    [.with([Override(.input([]), .value(2))], [.input(1), .add(to: 9, 1)])]), .input(1), .add(to: 9, 1),
                .gathered(0, from: 9),
            ]
        },
        Row("temporaries are forgotten, what was gathered stays", .value("[[1,[1]],[2,[2]]]")) { b in
            [
                .gather(9, .array), .mark(5), .makeArray(1, [b.json("1")]), .makeArray(2, [b.json("1"), 1]),
                .add(to: 9, 2), .rewind(5), .makeArray(1, [b.json("2")]), .makeArray(2, [b.json("2"), 1]),
                .add(to: 9, 2),
                .rewind(5), .gathered(0, from: 9),
            ]
        },
        Row("dispatch by a key", .value("[\"b\",\"both\"]"), input: "1.0") { b in dispatch(&b) },
        Row("dispatch by a key that no branch has", .value("[\"both\"]"), input: "7") { b in dispatch(&b) },
        Row("dispatch by another key", .value("[\"a\",\"both\"]"), input: "\"x\"") { b in dispatch(&b) },
        Row("dispatch by no key", .value("[\"both\"]")) { b in dispatch(&b) },
        Row("dispatch without keys", .value("[1,2]")) { b in
            [
                .gather(9, .array),
                .dispatch(
                    Dispatch(
                        keys: [], index: .candidates([0, 1]),
                        candidates: [[.add(to: 9, b.json("1")), .truthy(b.json("false"))], [.add(to: 9, b.json("2"))]])),
                .gathered(0, from: 9),
            ]
        },
    ]

    private static func dispatch(_ b: inout PlanBuilder) -> Block {
        [
            .gather(9, .array), .block([.input(1)]),
            .dispatch(
                Dispatch(
                    keys: [1],
                    index: .branch(
                        key: 0,
                        [
                            (b.number("\"x\""), .candidates([0, 2])), (b.number("1"), .candidates([1, 2])),
                            (b.number("2"), .candidates([0, 1, 2])),
                        ], otherwise: .candidates([2])),
                    candidates: [
                        [.add(to: 9, b.json("\"a\""))], [.add(to: 9, b.json("\"b\"")), .truthy(b.json("false"))],
                        [.add(to: 9, b.json("\"both\""))],
                    ])), .gathered(0, from: 9),
        ]
    }
}
