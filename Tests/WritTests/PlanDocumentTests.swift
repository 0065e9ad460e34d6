import Testing
import Writ
import WritVM

/// Plans of OPA's IR, run: what its statements mean, and that no plan gets the better of the machine.
@Suite struct PlanDocumentTests {
    // MARK: Writing plans

    private static func document(
        _ statements: [String], functions: [String] = [], strings: [String] = ["x", "a", "1.50", "data.f"]
    ) -> String {
        let texts = strings.map { #"{"value":"\#($0)"}"# }.joined(separator: ",")
        return """
            {"static":{"strings":[\(texts)],"files":[{"value":"p.rego"}]},
             "plans":{"plans":[{"name":"eval","blocks":[\(block(statements))]}]},
             "funcs":{"funcs":[\(functions.joined(separator: ","))]}}
            """
    }

    private static func block(_ statements: [String]) -> String {
        #"{"stmts":[\#(statements.joined(separator: ","))]}"#
    }

    private static func s(_ type: String, _ fields: KeyValuePairs<String, String> = [:]) -> String {
        let members = fields.map { #""\#($0.key)":\#($0.value)"# } + [#""file":0,"row":7,"col":3"#]
        return #"{"type":"\#(type)Stmt","stmt":{\#(members.joined(separator: ","))}}"#
    }

    private static func function(_ name: String, _ blocks: [[String]], parameters: [Int] = [0, 1]) -> String {
        let steps = name.split(separator: ".").map { #""\#($0)""# }.joined(separator: ",")
        return """
            {"name":"\(name)","path":[\(steps)],"params":\(parameters),"return":2,
             "blocks":[\(blocks.map { block($0) }.joined(separator: ","))]}
            """
    }

    private static func l(_ number: Int) -> String { #"{"type":"local","value":\#(number)}"# }
    private static func t(_ index: Int) -> String { #"{"type":"string_index","value":\#(index)}"# }
    private static let yes = #"{"type":"bool","value":true}"#
    private static let no = #"{"type":"bool","value":false}"#

    private static func call(_ name: String, _ operands: [String] = [l(0), l(1)], to result: Int) -> String {
        s("Call", ["func": "\"\(name)\"", "args": "[\(operands.joined(separator: ","))]", "result": "\(result)"])
    }

    private static func assign(_ source: String, _ target: Int) -> String {
        s("AssignVar", ["source": source, "target": "\(target)"])
    }

    private static func integer(_ value: Int, _ target: Int) -> String {
        s("MakeNumberInt", ["value": "\(value)", "target": "\(target)"])
    }

    /// Statements that add `{"x": local}` to the result set.
    private static func result(_ local: Int) -> [String] {
        [
            s("MakeObject", ["target": "90"]),
            s("ObjectInsert", ["key": t(0), "value": l(local), "object": "90"]), s("ResultSetAdd", ["value": "90"]),
        ]
    }

    // MARK: Running them

    /// The results as JSON texts, or the code and message of the failure.
    private func run(
        _ json: String, input: String? = nil, data: String = "{}", limits: Limits = Limits()
    ) throws -> String {
        do {
            let document = try PlanDocument(reading: Array(json.utf8))
            var base = DataBuilder()
            try base.add(Array(data.utf8))
            let evaluator = document.makeEvaluator(data: try base.freeze(), limits: limits)
            var texts: [String] = []
            // Twice: nothing of the first evaluation may show in the second.
            for _ in 0..<2 {
                evaluator.begin()
                var value = Value.undefined
                if let input { value = try evaluator.space.readJSON(Array(input.utf8)) }
                texts = []
                for result in try evaluator.results(of: "eval", input: value) {
                    texts.append(String(decoding: try evaluator.space.json(result), as: UTF8.self))
                }
            }
            return texts.joined(separator: " ")
        } catch let failure as PlanFailure {
            return "\(failure.code): \(failure.message)"
        } catch let failure as DecisionFailure {
            let place = failure.position.map { " at \(String(decoding: failure.file, as: UTF8.self)):\($0.row)" } ?? ""
            return "\(failure.code): \(failure.message)\(place)"
        }
    }

    @Test func inputAndData() throws {
        let plan = Self.document(
            [
                Self.s("Dot", ["source": Self.l(0), "key": Self.t(1), "target": "2"]),
                Self.s("Dot", ["source": Self.l(1), "key": Self.l(2), "target": "3"]),
            ] + Self.result(3))
        #expect(try run(plan, input: #"{"a":"k"}"#, data: #"{"k":[1.0]}"#) == #"{"x":[1.0]}"#)
        #expect(try run(plan, input: #"{"a":"other"}"#, data: #"{"k":1}"#) == "")
        #expect(try run(plan) == "")
        let absent = Self.document([Self.s("IsUndefined", ["source": "0"])] + Self.result(1))
        #expect(try run(absent) == #"{"x":{}}"#)
        #expect(try run(absent, input: "null") == "")
    }

    /// Paths into base data are text; elsewhere a number is a key of its own.
    @Test func numbersIntoData() throws {
        for (source, wanted) in [(1, #"{"x":"bar"}"#), (0, "")] {
            let plan = Self.document(
                [
                    Self.integer(2, 2), Self.s("Dot", ["source": Self.l(source), "key": Self.l(2), "target": "3"]),
                ] + Self.result(3))
            #expect(try run(plan, input: #"{"2":"bar"}"#, data: #"{"2":"bar"}"#) == wanted)
        }
    }

    @Test func resultsAreASet() throws {
        let plan = Self.document([
            Self.s(
                "Scan",
                [
                    "source": "0", "key": "3", "value": "4", "block": Self.block(Self.result(4)),
                ])
        ])
        #expect(try run(plan, input: "[1,2,1.0,2]") == #"{"x":1} {"x":2}"#)
    }

    @Test func numbersKeepTheirSpelling() throws {
        let plan = Self.document([Self.s("MakeNumberRef", ["Index": "2", "target": "2"])] + Self.result(2))
        #expect(try run(plan) == #"{"x":1.50}"#)
    }

    @Test func readingWhatIsStillBuilt() throws {
        // Copies of a collection stay as they were when it grows; every kind, across loops and blocks.
        for (make, add, wanted) in [
            ("MakeArray", "ArrayAppend", #"{"x":[[],[1],[1,2]]}"#), ("MakeSet", "SetAdd", #"{"x":[[],[1],[1,2]]}"#),
        ] {
            let field = make == "MakeArray" ? "array" : "set"
            let plan = Self.document(
                [
                    Self.s("MakeArray", ["target": "5"]), Self.s(make, ["target": "2"]),
                    Self.s("ArrayAppend", ["value": Self.l(2), "array": "5"]),
                    Self.s(
                        "Scan",
                        [
                            "source": "0", "key": "3", "value": "4",
                            "block": Self.block([
                                Self.s(add, ["value": Self.l(4), field: "2"]),
                                Self.s("ArrayAppend", ["value": Self.l(2), "array": "5"]),
                            ]),
                        ]),
                ] + Self.result(5))
            #expect(try run(plan, input: "[1,2]") == wanted)
        }
    }

    @Test func nestedObjectsAsThePlannerBuildsThem() throws {
        // data[v][k] := true for each entry: the inner object is taken out, added to and put back.
        let plan = Self.document(
            [
                Self.s("MakeObject", ["target": "2"]),
                Self.s(
                    "Scan",
                    [
                        "source": "0", "key": "3", "value": "4",
                        "block": Self.block([
                            Self.s(
                                "Block",
                                [
                                    "blocks": "["
                                        + Self.block([
                                            Self.s(
                                                "Block",
                                                [
                                                    "blocks": "["
                                                        + Self.block([
                                                            Self.s(
                                                                "Dot",
                                                                [
                                                                    "source": Self.l(2), "key": Self.l(4),
                                                                    "target": "5",
                                                                ]), Self.s("Break", ["index": "1"]),
                                                        ]) + "]"
                                                ]), Self.s("MakeObject", ["target": "5"]),
                                        ]) + "]"
                                ]),
                            Self.s("ObjectInsertOnce", ["key": Self.l(3), "value": Self.yes, "object": "5"]),
                            Self.s("ObjectInsert", ["key": Self.l(4), "value": Self.l(5), "object": "2"]),
                        ]),
                    ]),
            ] + Self.result(2))
        #expect(
            try run(plan, input: #"{"k":"a","l":"b","m":"a"}"#)
                == #"{"x":{"a":{"k":true,"m":true},"b":{"l":true}}}"#)
    }

    @Test func conflicts() throws {
        let object = Self.document([
            Self.s("MakeObject", ["target": "2"]),
            Self.s("ObjectInsertOnce", ["key": Self.t(0), "value": Self.yes, "object": "2"]),
            Self.s("ObjectInsertOnce", ["key": Self.t(0), "value": Self.yes, "object": "2"]),
            Self.s("ObjectInsertOnce", ["key": Self.t(0), "value": Self.no, "object": "2"]),
        ])
        #expect(try run(object) == "eval_conflict_error: object keys must be unique at p.rego:7")
        let once = [
            Self.s("AssignVarOnce", ["source": Self.yes, "target": "5"]),
            Self.s("AssignVarOnce", ["source": Self.yes, "target": "5"]),
            Self.s("AssignVarOnce", ["source": Self.no, "target": "5"]),
        ]
        #expect(
            try run(Self.document(once))
                == "eval_conflict_error: complete rules must not produce multiple outputs at p.rego:7")
        let function = Self.function("f", [once], parameters: [0, 1, 2])
        #expect(
            try run(Self.document([Self.call("f", [Self.l(0), Self.l(1), Self.yes], to: 2)], functions: [function]))
                == "eval_conflict_error: functions must not produce multiple outputs for same inputs at p.rego:7")
    }

    @Test func withAndItsEnd() throws {
        // Inside the path is replaced, afterwards it is as before; undefined inside is undefined outside.
        let read = Self.function(
            "f",
            [
                [
                    Self.s("Dot", ["source": Self.l(0), "key": Self.t(1), "target": "2"]),
                    Self.s("ReturnLocal", ["source": "2"]),
                ]
            ])
        func plan(_ inner: [String]) -> String {
            Self.document(
                [
                    Self.s("MakeArray", ["target": "9"]), Self.call("f", to: 2),
                    Self.s("ArrayAppend", ["value": Self.l(2), "array": "9"]),
                    Self.s(
                        "With",
                        [
                            "local": "0", "path": "[1]", "value": Self.yes,
                            "block": Self.block(
                                [Self.call("f", to: 3), Self.s("ArrayAppend", ["value": Self.l(3), "array": "9"])]
                                    + inner),
                        ]), Self.call("f", to: 4), Self.s("ArrayAppend", ["value": Self.l(4), "array": "9"]),
                ] + Self.result(9), functions: [read])
        }
        #expect(try run(plan([]), input: #"{"a":1,"b":2}"#) == #"{"x":[1,true,1]}"#)
        #expect(try run(plan([Self.s("IsArray", ["source": Self.yes])]), input: #"{"a":1}"#) == "")
        #expect(try run(plan([Self.s("Break", ["index": "0"])]), input: #"{"a":1}"#) == "")
    }

    @Test func leavingBlocks() throws {
        // The first block leaves both, so that the second never runs.
        func plan(_ count: Int) -> String {
            let inner = Self.s(
                "Block",
                ["blocks": "[" + Self.block([Self.integer(1, 2), Self.s("Break", ["index": "\(count)"])]) + "]"])
            return Self.document(
                [
                    Self.integer(0, 2),
                    Self.s(
                        "Block",
                        [
                            "blocks": "[" + Self.block([inner, Self.integer(2, 2)]) + ","
                                + Self.block([Self.s("Equal", ["a": Self.l(2), "b": Self.l(0)]), Self.integer(3, 2)])
                                + "]"
                        ]),
                ] + Self.result(2))
        }
        #expect(try run(plan(0), input: "1") == #"{"x":2}"#)
        #expect(try run(plan(1), input: "1") == #"{"x":3}"#)
        #expect(try run(plan(2), input: "1") == "")
    }

    @Test func dynamicCalls() throws {
        let functions = ["a", "b", "c"].map { name in
            Self.function(
                "g0.\(name)", [[Self.integer(name == "b" ? 2 : 1, 2), Self.s("ReturnLocal", ["source": "2"])]])
        }
        let plan = Self.document(
            [
                Self.s(
                    "CallDynamic", ["path": "[\(Self.t(3)),\(Self.l(0))]", "args": "[0,1]", "result": "2"])
            ] + Self.result(2), functions: functions, strings: ["x", "a", "1", "g0"])
        #expect(try run(plan, input: "\"b\"") == #"{"x":2}"#)
        #expect(try run(plan, input: "\"c\"") == #"{"x":1}"#)
        #expect(try run(plan, input: "\"d\"") == "")
        #expect(try run(plan) == "")
    }

    @Test func walk() throws {
        let plan = Self.document([Self.call("walk", [Self.l(0)], to: 2)] + Self.result(2))
        #expect(try run(plan, input: #"{"k":[5]}"#) == #"{"x":[[[],{"k":[5]}],[["k"],[5]],[["k",0],5]]}"#)
        #expect(try run(plan) == "")
    }

    // MARK: Hostile plans

    @Test func chainsOfRulesAreNotExponential() throws {
        // Each rule asks the next one twice, 60 deep.
        var functions: [String] = []
        for number in 0..<60 {
            functions.append(
                Self.function(
                    "f\(number)",
                    [
                        [
                            Self.call("f\(number + 1)", to: 3), Self.call("f\(number + 1)", to: 4),
                            Self.call("plus", [Self.l(3), Self.l(4)], to: 2), Self.s("ReturnLocal", ["source": "2"]),
                        ]
                    ]))
        }
        functions.append(Self.function("f60", [[Self.integer(1, 2), Self.s("ReturnLocal", ["source": "2"])]]))
        var limits = Limits()
        limits.steps = 10_000
        #expect(
            try run(Self.document([Self.call("f0", to: 2)] + Self.result(2), functions: functions), limits: limits)
                == #"{"x":1152921504606846976}"#)
    }

    @Test func recursionEnds() throws {
        let function = Self.function("f", [[Self.call("f", to: 2), Self.s("ReturnLocal", ["source": "2"])]])
        #expect(
            try run(Self.document([Self.call("f", to: 2)], functions: [function])).hasPrefix("writ_depth_limit"))
        let nested = Self.function(
            "f",
            [
                [
                    Self.s(
                        "With",
                        ["local": "0", "path": "[]", "value": Self.yes, "block": Self.block([Self.call("f", to: 2)])])
                ]
            ])
        #expect(
            try run(Self.document([Self.call("f", to: 2)], functions: [nested])).hasPrefix("writ_depth_limit"))
    }

    @Test func loopsEnd() throws {
        // A million turns each of five loops: steps run out, and so does memory where turns make values.
        var inner = [Self.s("Nop")]
        for depth in 0..<5 {
            inner = [
                Self.s(
                    "Scan",
                    [
                        "source": "0", "key": "\(10 + depth)", "value": "\(20 + depth)", "block": Self.block(inner),
                    ])
            ]
        }
        let elements = "[" + (0..<100).map { "\($0)" }.joined(separator: ",") + "]"
        var limits = Limits()
        limits.steps = 100_000
        #expect(try run(Self.document(inner), input: elements, limits: limits).hasPrefix("writ_step_limit"))
        limits = Limits()
        limits.memory = 1 << 20
        let growing = Self.s(
            "Scan",
            [
                "source": "0", "key": "3", "value": "4",
                "block": Self.block([
                    Self.s(
                        "Scan",
                        [
                            "source": "0", "key": "5", "value": "6",
                            "block": Self.block([
                                Self.s("MakeArray", ["target": "7"]),
                                Self.s("ArrayAppend", ["value": Self.l(8), "array": "7"]), Self.assign(Self.l(7), 8),
                            ]),
                        ]), Self.s("MakeArray", ["target": "7"]),
                    Self.s("ArrayAppend", ["value": Self.l(4), "array": "7"]), Self.assign(Self.l(7), 8),
                ]),
            ])
        #expect(
            try run(Self.document([Self.assign(Self.l(0), 8), growing]), input: elements, limits: limits)
                .hasPrefix("writ_memory_limit"))
    }

    @Test func localsNeverWritten() throws {
        // Undefined never becomes part of a value.
        for statement in [
            Self.s("ArrayAppend", ["value": Self.l(7), "array": "2"]),
            Self.s("AssignVarOnce", ["source": Self.l(7), "target": "3"]),
            Self.s("With", ["local": "0", "path": "[0]", "value": Self.l(7), "block": Self.block([])]),
            Self.call("walk", [Self.l(7)], to: 3), Self.s("Len", ["source": Self.l(7), "target": "3"]),
            Self.s("Dot", ["source": Self.l(7), "key": Self.l(7), "target": "3"]),
            Self.s("ResultSetAdd", ["value": "7"]),
        ] {
            let plan = Self.document([Self.s("MakeArray", ["target": "2"]), statement] + Self.result(2))
            #expect(try run(plan) == "")
        }
    }

    @Test func collectionsOfAnotherKind() throws {
        // Adding to what is no such collection ends the block.
        for statement in [
            Self.s("ArrayAppend", ["value": Self.yes, "array": "2"]),
            Self.s("SetAdd", ["value": Self.yes, "set": "2"]),
            Self.s("ObjectInsert", ["key": Self.yes, "value": Self.yes, "object": "2"]),
        ] {
            for make in ["MakeArray", "MakeSet", "MakeObject"] {
                let fits =
                    (make == "MakeArray") == statement.contains("Append")
                    && (make == "MakeSet") == statement.contains("SetAdd")
                let plan = Self.document([Self.s(make, ["target": "2"]), statement] + Self.result(2))
                #expect(try run(plan).isEmpty != fits)
                let other = Self.document([Self.assign(Self.l(0), 2), statement] + Self.result(2))
                #expect(try run(other, input: "7") == "")
            }
        }
    }

    @Test func refusals() throws {
        #expect(try run("[]") == "writ_plan_error: a plan is an object")
        #expect(
            try run(Self.document([Self.call("no.such", [], to: 2)]))
                == "writ_plan_error: no function or builtin has this name: no.such")
        #expect(try run(Self.document([], functions: [])) == "")
        let document = try PlanDocument(reading: Array(Self.document([]).utf8))
        #expect(document.names == ["eval"])
        #expect(document.text.hasPrefix("entrypoint eval = eval#0\n"))
        let evaluator = document.makeEvaluator()
        evaluator.begin()
        #expect(throws: DecisionFailure.self) { try evaluator.results(of: "other", input: .undefined) }
    }
}
