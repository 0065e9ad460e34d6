import Testing
import WritPlan

@Suite struct HostileTests {
    @Test(arguments: [
        ("", "syntax: EOF at byte 0"),
        ("{", "syntax: unexpected EOF at byte 1"),
        ("[]", "form: a plan is an object"),
        (#"{"static":7}"#, "form: must be an object at static"),
        (#"{"static":{"strings":[{"value":7}]}}"#, "form: must be a string at static.strings[0].value"),
        (#"{"plans":[]}"#, "form: must be an object at plans"),
        (#"{"plans":{"plans":[{"blocks":[]}]}}"#, "form: must be a string at plans.plans[0].name"),
        (#"{"plans":{"plans":[{"name":"e","blocks":7}]}}"#, "form: must be an array at plans.plans[0].blocks"),
        (
            #"{"plans":{"plans":[{"name":"e","blocks":[[]]}]}}"#,
            "form: must be an object at plans.plans[0].blocks[0]"
        ),
        (
            #"{"funcs":{"funcs":[{"name":"f","params":[1.5]}]}}"#,
            "form: must be the number of a local at funcs.funcs[0].params[0]"
        ),
        (
            #"{"funcs":{"funcs":[{"name":"f","params":[0,0]}]}}"#,
            "reference: names a parameter twice at funcs.funcs[0].params"
        ),
        (
            #"{"funcs":{"funcs":[{"name":"f"},{"name":"f"}]}}"#,
            "reference: has the name of another function at funcs.funcs[1].name"
        ),
    ])
    func documents(_ json: String, _ wanted: String) { #expect(read(json) == wanted) }

    /// A statement of a plan, and what is wrong with it at its place.
    @Test(arguments: [
        (IR.statement("Fly"), "form: is not the name of a statement", "type"),
        (IR.statement("IsDefined", ["source": "-1"]), "form: must be the number of a local", "stmt.source"),
        (IR.statement("IsDefined", ["source": "9999999"]), "form: must be the number of a local", "stmt.source"),
        (IR.statement("IsDefined", ["source": "1e400"]), "form: must be the number of a local", "stmt.source"),
        (IR.statement("IsDefined"), "form: must be the number of a local", "stmt.source"),
        (IR.statement("Break", ["index": "1"]), "reference: leaves more blocks than there are", "stmt.index"),
        (IR.statement("Break", ["index": "-1"]), "reference: leaves more blocks than there are", "stmt.index"),
        (
            IR.statement("Break", ["index": "9223372036854775807"]), "reference: leaves more blocks than there are",
            "stmt.index"
        ),
        (IR.statement("AssignInt", ["value": "1e40", "target": "2"]), "form: must be an integer", "stmt.value"),
        (
            IR.statement("AssignVar", ["source": IR.string(3), "target": "2"]),
            "reference: must be the index of a static string", "stmt.source.value"
        ),
        (
            IR.statement("AssignVar", ["source": #"{"type":"heap","value":0}"#, "target": "2"]),
            "form: must be local, string_index or bool", "stmt.source.type"
        ),
        (
            IR.statement("MakeNumberRef", ["Index": "0", "target": "2"]),
            "form: names a static string that is no number", "stmt.index"
        ),
        (
            IR.statement("MakeNumberRef", ["target": "2"]), "reference: must be the index of a static string",
            "stmt.index"
        ),
        (
            IR.statement("Call", ["func": "\"nobody\"", "result": "2"]),
            "reference: no function or builtin has this name: nobody", "stmt.func"
        ),
        (
            IR.statement("Call", ["func": "\"http.send\"", "result": "2"]),
            "unsupported: this build does not have the builtin http.send", "stmt.func"
        ),
        (
            IR.statement("Call", ["func": "\"count\"", "result": "2"]),
            "reference: does not fit the builtin's parameters", "stmt.args"
        ),
        (
            IR.statement("With", ["local": "0", "path": "[3]", "value": IR.bool(true), "block": "{}"]),
            "reference: must be the index of a static string", "stmt.path[0]"
        ),
        (IR.statement("Scan", ["source": "0", "key": "2", "value": "3"]), "form: must be an object", "stmt.block"),
    ])
    func statements(_ statement: String, _ message: String, _ place: String) {
        #expect(read(IR.document([statement])) == message + " at plans.plans[0].blocks[0].stmts[0]." + place)
    }

    @Test func callsThatDoNotFit() {
        let function = IR.function("f", [0, 1], [[]])
        let call = IR.statement("Call", ["func": "\"f\"", "args": "[\(IR.local(0))]", "result": "2"])
        #expect(read(IR.document([call], functions: [function])).hasPrefix("reference: does not fit the function's"))
    }

    @Test func nesting() {
        func nested(_ depth: Int) -> String {
            var statement = IR.statement("Nop")
            for _ in 1..<depth { statement = IR.statement("Not", ["block": IR.block([statement])]) }
            return IR.document([statement])
        }
        #expect(read(nested(100)).hasPrefix("entrypoint"))
        #expect(read(nested(101)).hasPrefix("limit: blocks are nested too deeply"))
        #expect(read(nested(150)).hasPrefix("limit: blocks are nested too deeply"))
        #expect(read(String(repeating: "[", count: 1_000_000)).hasPrefix("syntax: exceeded max depth"))
    }

    @Test func manyLocals() {
        // Numbers may be sparse, but a function has a limited number of them.
        let sparse = [0, 70_000, 1_000_000].map { IR.statement("IsDefined", ["source": "\($0)"]) }
        #expect(read(IR.document(sparse)).contains("(0 of 4 registers)"))
        let many = (0..<60_000).map { IR.statement("IsDefined", ["source": "\($0)"]) }
        #expect(read(IR.document(many)).hasPrefix("limit: has too many locals"))
    }

    @Test func manyCandidates() {
        let functions = (0..<2000).map { number in
            IR.function("f\(number)", [], path: ["g", "x\(number)"], [[]])
        }
        let call = IR.statement(
            "CallDynamic", ["path": "[\(IR.local(0)),\(IR.local(1))]", "args": "[]", "result": "2"])
        let text = read(IR.document(Array(repeating: call, count: 200), functions: functions))
        #expect(text.hasPrefix("limit: dynamic calls have too many candidates"))
    }

    /// Every value of a document replaced by every kind of value: reading accepts or refuses, and never traps.
    @Test func everyValueReplaced() {
        let text = Array(Self.sample.utf8)
        var ranges: [Range<Int>] = []
        var at = 0
        Self.scan(text, &at, &ranges)
        #expect(at == text.count)
        var accepted = 0
        var refused = 0
        for range in ranges {
            for replacement in ["null", "-1", "1", "3000", "1e300", "\"local\"", "[]", "[7]", "{}", "true"] {
                let changed = text[..<range.lowerBound] + Array(replacement.utf8) + text[range.upperBound...]
                do throws(PlanError) {
                    _ = try plan(String(decoding: changed, as: UTF8.self)).text()
                    accepted += 1
                } catch {
                    refused += 1
                }
            }
        }
        #expect(accepted > 100)
        #expect(refused > 1000)
    }

    /// Notes where each value of a JSON text without escapes begins and ends.
    static func scan(_ text: [UInt8], _ at: inout Int, _ ranges: inout [Range<Int>]) {
        func skip() { while at < text.count, text[at] <= 32 || text[at] == UInt8(ascii: ",") { at += 1 } }
        skip()
        let start = at
        switch text[at] {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            let isObject = text[at] == UInt8(ascii: "{")
            at += 1
            skip()
            while text[at] != UInt8(ascii: "}"), text[at] != UInt8(ascii: "]") {
                if isObject {
                    while text[at] != UInt8(ascii: ":") { at += 1 }
                    at += 1
                }
                scan(text, &at, &ranges)
            }
            at += 1
        case UInt8(ascii: "\""):
            at += 1
            while text[at] != UInt8(ascii: "\"") { at += 1 }
            at += 1
        default:
            while !Array(",}] \n".utf8).contains(text[at]) { at += 1 }
        }
        ranges.append(start..<at)
        while at < text.count, text[at] <= 32 || text[at] == UInt8(ascii: ",") { at += 1 }
    }

    static let sample = IR.document(
        [
            IR.statement("MakeObject", ["target": "2"]),
            IR.statement("ObjectInsert", ["key": IR.string(0), "value": IR.bool(true), "object": "2"]),
            IR.statement(
                "Scan",
                [
                    "source": "1", "key": "3", "value": "4",
                    "block": IR.block([
                        IR.statement(
                            "With",
                            [
                                "local": "0", "path": "[0]", "value": IR.local(4),
                                "block": IR.block([
                                    IR.statement(
                                        "Call",
                                        [
                                            "func": "\"f\"", "args": "[\(IR.local(0)),\(IR.local(1))]", "result": "5",
                                        ]), IR.statement("Break", ["index": "1"]),
                                ]),
                            ])
                    ]),
                ]),
            IR.statement(
                "CallDynamic", ["path": "[\(IR.string(0)),\(IR.local(2))]", "args": "[0,1]", "result": "6"]),
            IR.statement("ResultSetAdd", ["value": "2"]),
        ],
        functions: [
            IR.function(
                "f", [0, 1], path: ["a", "b"],
                [
                    [
                        IR.statement("MakeNumberRef", ["Index": "2", "target": "2"]),
                        IR.statement("AssignVarOnce", ["source": IR.local(2), "target": "3"]),
                    ], [IR.statement("ReturnLocal", ["source": "3"])],
                ])
        ])
}
