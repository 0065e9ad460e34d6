import Testing
import WritPlan
import WritValue

@testable import WritVM

/// A body, and what register 0 holds when it ends.
struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let gives: Given
    let input: String?
    let data: String?
    let build: @Sendable (inout PlanBuilder) -> Block

    init(
        _ name: String, _ gives: Given, input: String? = nil, data: String? = nil,
        _ build: @escaping @Sendable (inout PlanBuilder) -> Block
    ) {
        self.name = name
        self.gives = gives
        self.input = input
        self.data = data
        self.build = build
    }

    var testDescription: String { name }
}

@Suite struct StatementTests {
    @Test(arguments: Row.moving + Row.making + Row.looking + Row.checking + Row.control)
    func statement(_ row: Row) throws {
        let program = try assemble { builder in
            let body = row.build(&builder)
            builder.function(body)
        }
        let machine = try Machine(program, data: row.data)
        #expect(try machine.run(input: row.input) == row.gives)
        // Again on the same machine: nothing of the first run is left.
        #expect(try machine.run(input: row.input) == row.gives)
    }
}

extension Row {
    static let moving = [
        Row("assign a constant", .value("5")) { b in [.assign(0, b.json("5"))] },
        Row("assign a register", .value("[1]")) { b in [.assign(1, b.json("[1]")), .assign(0, 1)] },
        Row("assign what is undefined", .undefined) { b in
            [.assign(0, b.json("1")), .assign(0, 9), .isUndefined(0), .assign(1, b.json("2"))]
        },
        Row("assign once twice the same", .value("1")) { b in
            [.assignOnce(0, b.json("1"), .completeRule), .assignOnce(0, b.json("1.0"), .completeRule)]
        },
        Row("assign once another", .fails(.conflict)) { b in
            [.assignOnce(0, b.json("1"), .completeRule), .assignOnce(0, b.json("2"), .completeRule)]
        },
        Row("assign once another of a function", .fails(.conflict)) { b in
            [.assignOnce(0, b.json("1"), .function), .assignOnce(0, b.json("\"1\""), .function)]
        },
        Row("reset", .undefined) { b in [.assign(0, b.json("1")), .reset(0)] },
    ]

    static let making = [
        Row("array", .value("[1,\"a\",[]]")) { b in [.makeArray(0, [b.json("1"), b.json("\"a\""), b.json("[]")])] },
        Row("empty array", .value("[]")) { _ in [.makeArray(0, [])] },
        Row("set", .value("[1,2]")) { b in [.makeSet(0, [b.json("2"), b.json("1"), b.json("1.0")])] },
        Row("object, the last of equal keys", .value(#"{"a":3,"b":2}"#)) { b in
            [
                .makeObject(
                    0, [(b.json(#""a""#), b.json("1")), (b.json(#""b""#), b.json("2")), (b.json(#""a""#), b.json("3"))])
            ]
        },
        Row("record", .value(#"{"a":[7],"b":8}"#)) { b in
            [.assign(1, b.json("[7]")), .makeRecord(0, like: b.number(#"{"b": null, "a": null}"#), [1, b.json("8")])]
        },
        Row("gather an array", .value("[1,1]")) { b in
            [.gather(1, .array), .add(to: 1, b.json("1")), .add(to: 1, b.json("1")), .gathered(0, from: 1)]
        },
        Row("gather a set", .value("[1,\"x\"]")) { b in
            [
                .gather(1, .set), .add(to: 1, b.json("\"x\"")), .add(to: 1, b.json("1")), .add(to: 1, b.json("1")),
                .gathered(0, from: 1),
            ]
        },
        Row("gather nothing", .value("{}")) { _ in [.gather(1, .object), .gathered(0, from: 1)] },
        Row("gathering goes on", .value("[[1],[1,2]]")) { b in
            [
                .gather(1, .array), .add(to: 1, b.json("1")), .gathered(2, from: 1), .add(to: 1, b.json("2")),
                .gathered(3, from: 1), .makeArray(0, [2, 3]),
            ]
        },
        Row("insert equal entries", .value(#"{"a":1}"#)) { b in
            [
                .gather(1, .object), .insert(into: 1, key: b.json(#""a""#), value: b.json("1"), .objectKey),
                .insert(into: 1, key: b.json(#""a""#), value: b.json("1"), .objectKey), .gathered(0, from: 1),
            ]
        },
        Row("insert another value", .fails(.conflict)) { b in
            [
                .gather(1, .object), .insert(into: 1, key: b.json(#""a""#), value: b.json("1"), .objectKey),
                .insert(into: 1, key: b.json(#""a""#), value: b.json("2"), .objectKey), .gathered(0, from: 1),
            ]
        },
        Row("insert what replaces", .value(#"{"a":2}"#)) { b in
            [
                .gather(1, .object), .insert(into: 1, key: b.json(#""a""#), value: b.json("1"), .replaces),
                .insert(into: 1, key: b.json(#""a""#), value: b.json("2"), .replaces), .gathered(0, from: 1),
            ]
        },
        Row("insert under paths", .value(#"{"a":{"x":1,"y":2},"b":{"x":1}}"#)) { b in
            [
                .gather(1, .object),
                .insertPath(into: 1, [b.json(#""a""#), b.json(#""x""#)], value: b.json("1"), .objectKey),
                .insertPath(into: 1, [b.json(#""b""#), b.json(#""x""#)], value: b.json("1"), .objectKey),
                .insertPath(into: 1, [b.json(#""a""#), b.json(#""y""#)], value: b.json("2"), .objectKey),
                .gathered(0, from: 1),
            ]
        },
        Row("insert into sets under paths", .value(#"{"a":[1,2]}"#)) { b in
            [
                .gather(1, .object), .insertPath(into: 1, [b.json(#""a""#), b.json("2")], value: nil, .objectKey),
                .insertPath(into: 1, [b.json(#""a""#), b.json("1")], value: nil, .objectKey),
                .insertPath(into: 1, [b.json(#""a""#), b.json("2")], value: nil, .objectKey), .gathered(0, from: 1),
            ]
        },
        Row("insert below a value", .fails(.conflict)) { b in
            [
                .gather(1, .object), .insertPath(into: 1, [b.json(#""a""#)], value: b.json("1"), .objectKey),
                .insertPath(into: 1, [b.json(#""a""#), b.json(#""b""#)], value: b.json("1"), .objectKey),
            ]
        },
        Row("gather on from a value", .value("[1,2]")) { b in
            [.assign(1, b.json("[1]")), .regather(1, .array), .add(to: 1, b.json("2")), .gathered(0, from: 1)]
        },
        Row("gather on from a value of another kind", .value(#""left""#)) { b in
            [
                .assign(0, b.json(#""left""#)), .assign(1, b.json("{}")), .regather(1, .array),
                .assign(0, b.json(#""went on""#)),
            ]
        },
        Row("merge", .value(#"{"a":{"b":1,"c":3},"d":4}"#)) { b in
            [.merge(0, b.json(#"{"a": {"b": 1, "c": 2}}"#), b.json(#"{"a": {"c": 3}, "d": 4}"#))]
        },
        Row("upsert", .value(#"{"a":{"b":{"c":9}},"k":1}"#)) { b in
            [
                .upsert(
                    0, b.json(#"{"k": 1, "a": 5}"#), path: [b.json(#""a""#), b.json(#""b""#), b.json(#""c""#)],
                    value: b.json("9"))
            ]
        },
        Row("upsert into nothing", .value(#"{"a":1}"#)) { b in
            [.upsert(0, 9, path: [b.json(#""a""#)], value: b.json("1"))]
        },
    ]

    static let looking = [
        Row("dot of an object", .value("1")) { b in [.dot(0, b.json(#"{"a": 1}"#), b.json(#""a""#))] },
        Row("dot of an array", .value("\"y\"")) { b in [.dot(0, b.json(#"["x", "y"]"#), b.json("1.0"))] },
        Row("dot of a set", .value("[1]")) { b in [.makeSet(1, [b.json("[1]")]), .dot(0, 1, b.json("[1.0]"))] },
        Row("dot that misses ends the block", .value("1")) { b in
            [
                .assign(0, b.json("1")), .block([.dot(1, b.json("[]"), b.json("0")), .assign(0, b.json("2"))]),
                .block([.dot(1, b.json("5"), b.json("0")), .assign(0, b.json("3"))]),
                .block([.dot(1, 9, b.json("0")), .assign(0, b.json("4"))]),
            ]
        },
        Row("scan an array", .value(#"[[0,"x"],[1,"y"]]"#)) { b in scan(.collection(b.json(#"["x", "y"]"#))) },
        Row("scan an object", .value(#"[["a",2],["b",1]]"#)) { b in scan(.collection(b.json(#"{"b": 1, "a": 2}"#))) },
        Row("scan a set", .value("[[1,1],[2,2]]")) { b in
            Block([Statement(.makeSet(5, [b.json("2"), b.json("1")]), .none)] + scan(.collection(5)).statements)
        },
        Row("scan a scalar", .value("[]")) { b in scan(.collection(b.json("\"text\""))) },
        Row("scan what is undefined", .value("[]")) { _ in scan(.collection(9)) },
        Row("walk", .value(#"[[[],{"a":[1]}],[["a"],[1]],[["a",0],1]]"#)) { b in scan(.walk(b.json(#"{"a": [1]}"#))) },
        Row("walk a scalar", .value("[[[],null]]")) { b in scan(.walk(b.json("null"))) },
        Row("range up", .value("[[0,3],[1,4],[2,5]]")) { b in scan(.range(b.json("3"), b.json("5"))) },
        Row("range down", .value("[[0,1],[1,0],[2,-1]]")) { b in scan(.range(b.json("1"), b.json("-1"))) },
        Row("range of one", .value("[[0,7]]")) { b in scan(.range(b.json("7"), b.json("7.0"))) },
        Row("range at the end of the integers", .value("[[0,9223372036854775806],[1,9223372036854775807]]")) { b in
            scan(.range(b.json("9223372036854775806"), b.json("9223372036854775807")))
        },
        Row("range of no integers", .value("[]")) { b in scan(.range(b.json("1.5"), b.json("3"))) },
        Row("nested walks", .value("[[],[0],[0],[]]")) { b in
            // Paths of the inner walk for each place of the outer one, and no mix of the two.
            [
                .gather(1, .array),
                .scan(
                    .walk(b.json("[[]]")), key: 2, value: 3,
                    [.scan(.walk(3), key: 4, value: nil, [.add(to: 1, 4)]), .add(to: 1, 2)]), .gathered(5, from: 1),
                .dot(6, 5, b.json("0")), .dot(7, 5, b.json("1")), .dot(8, 5, b.json("4")), .dot(10, 5, b.json("3")),
                .makeArray(0, [6, 7, 8, 10]),
            ]
        },
        Row("a walk after a range in its register", .value("[[],[0],[1],[1,0]]")) { b in
            // The inner walk finds what the range left behind: no number of any walk.
            [
                .gather(1, .array),
                .scan(
                    .walk(b.json("[1, [2]]")), key: 2, value: 3,
                    [
                        .scan(.range(b.json("1"), b.json("1")), key: nil, value: 5, []),
                        .scan(.walk(3), key: nil, value: 6, []), .add(to: 1, 2),
                    ]), .gathered(0, from: 1),
            ]
        },
        Row("length", .value("[2,1,0]")) { b in
            [
                .length(1, b.json("[1, 2]")), .length(2, b.json(#"{"a": 1}"#)), .makeSet(5, []), .length(3, 5),
                .makeArray(0, [1, 2, 3]),
            ]
        },
        Row("length of a scalar", .undefined) { b in [.length(0, b.json("true")), .assign(0, b.json("1"))] },
        Row("input", .value("[5]"), input: "[5]") { _ in [.input(0)] },
        Row("no input", .undefined) { b in [.input(1), .assign(0, b.json("1"))] },
        Row("null input", .value("null"), input: "null") { _ in [.input(0)] },
        Row("data", .value(#"{"k":1.0}"#), data: #"{"k": 1.0}"#) { _ in [.data(0)] },
        Row("no data", .value("{}")) { _ in [.data(0)] },
    ]

    /// Key and value of each turn.
    private static func scan(_ generator: Generator) -> Block {
        [
            .gather(1, .array),
            .scan(generator, key: 2, value: 3, [.makeArray(4, [2, 3]), .add(to: 1, 4)]), .gathered(0, from: 1),
        ]
    }
}
