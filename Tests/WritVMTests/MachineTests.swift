import Testing
import WritBuiltins
import WritPlan
import WritValue

@testable import WritVM

@Suite struct CallTests {
    @Test func callsCopyOperandsAndGiveResults() throws {
        let program = try assemble { b in
            // f0(x, y) = [x, y]
            b.function([.makeArray(2, [0, 1]), .assign(0, 2)], parameters: 2, kind: .function)
            b.function([
                .assign(3, b.json("3")), .call(1, 0, [3, b.json("4")]), .call(2, 0, [1, 1]), .makeArray(0, [1, 2, 3]),
            ])
        }
        #expect(try Machine(program).run() == .value("[[3,4],[[3,4],[3,4]],3]"))
    }

    @Test func undefinedResultsEndTheBlock() throws {
        let program = try assemble { b in
            b.function([.truthy(b.json("false")), .assign(0, b.json("1"))])
            b.function([.assign(0, b.json("1")), .block([.call(1, 0, []), .assign(0, b.json("2"))])])
        }
        #expect(try Machine(program).run() == .value("1"))
    }

    @Test func builtins() throws {
        let program = try assemble { b in
            b.function([
                .builtin(1, builtin: builtin("count"), [b.json("[1, 2]")]),
                .builtin(2, builtin: builtin("plus"), [1, b.json("0.5")]), .makeArray(0, [1, 2]),
                .block([.builtin(3, builtin: builtin("count"), [9]), .assign(0, b.json("\"operand was defined\""))]),
            ])
        }
        #expect(try Machine(program).run() == .value("[2,2.5]"))
    }

    @Test func builtinErrors() throws {
        let program = try assemble { b in
            b.function([
                .assign(0, b.json("1")),
                .block([.builtin(1, builtin: builtin("div"), [b.json("1"), b.json("0")]), .assign(0, b.json("2"))]),
            ])
        }
        let machine = try Machine(program)
        #expect(try machine.run() == .value("1"))
        machine.isStrict = true
        #expect(try machine.run() == .fails(.builtin))
        machine.isStrict = false
        #expect(try machine.run() == .value("1"))
    }

    /// f0 = [input]; the caller asks for it outside, inside and behind a `with`.
    @Test(arguments: [Function.Memo.never, .context]) func memoKnowsContexts(_ memo: Function.Memo) throws {
        let program = try assemble { b in
            b.function([.input(1), .makeArray(0, [1])], memo: memo)
            b.function([
                .gather(9, .array), .call(1, 0, []), .add(to: 9, 1),
                .with([Override(.input([]), .value(b.json("2")))], [.call(1, 0, []), .add(to: 9, 1)]), .call(1, 0, []),
                .add(to: 9, 1), .gathered(0, from: 9),
            ])
        }
        let machine = try Machine(program)
        #expect(try machine.run(input: "1") == .value("[[1],[2],[1]]"))
        #expect(try machine.run(input: "5") == .value("[[5],[2],[5]]"))
    }

    @Test func memoOfTheSnapshotLasts() throws {
        let program = try assemble { b in
            b.function([.data(1), .dot(2, 1, b.json("\"k\"")), .makeArray(0, [2, 2])], memo: .snapshot)
            b.function([
                .call(1, 0, []),
                .with([Override(.data([b.number("\"k\"")], []), .value(b.json("9")))], [.call(2, 0, [])]),
                .call(3, 0, []), .makeArray(0, [1, 2, 3]),
            ])
        }
        let machine = try Machine(program, data: #"{"k": "text that is too long to lie in a value"}"#)
        let text = #"["text that is too long to lie in a value","text that is too long to lie in a value"]"#
        for _ in 0..<5 { #expect(try machine.run() == .value("[\(text),[9,9],\(text)]")) }
        #expect(machine.lastingPieces.count == 1)
    }

    @Test func overridesOfFunctionsAndBuiltins() throws {
        let program = try assemble { b in
            b.function([.assign(1, 0), .makeArray(0, [1])], parameters: 1, kind: .function)
            // f1(x) = {"mock": f0(x)}: a mock calls what it stands for.
            b.function(
                [.call(1, 0, [0]), .makeObject(0, [(b.json("\"mock\""), .local(1))])], parameters: 1, kind: .function)
            let calls: Block = [
                .call(1, 0, [b.json("5")]), .builtin(2, builtin: builtin("count"), [b.json("[7]")]),
                .makeArray(3, [1, 2]),
                .add(to: 9, 3),
            ]
            b.function([
                .gather(9, .array), .block(calls), .with([Override(.function(0), .function(1))], calls),
                .with([Override(.function(0), .value(b.json("\"fixed\"")))], calls),
                .with([Override(.builtin(builtin("count")), .builtin(builtin("sum")))], calls),
                .with([Override(.builtin(builtin("count")), .function(0))], calls),
                .with(
                    [
                        Override(.function(0), .value(b.json("0"))),
                        Override(.builtin(builtin("count")), .value(b.json("1"))),
                    ],
                    [.with([Override(.function(0), .value(b.json("2")))], calls), .block(calls)]), .block(calls),
                .gathered(0, from: 9),
            ])
        }
        #expect(
            try Machine(program).run()
                == .value(
                    #"[[[5],1],[{"mock":[5]},1],["fixed",1],[[5],7],[[5],[[7]]],[2,1],[0,1],[[5],1]]"#))
    }

    @Test func depthAndStepsOfCalls() throws {
        let program = try assemble { b in
            // Calls itself: plans may, though Rego may not.
            b.function([.call(1, 0, [0]), .assign(0, 1)], parameters: 1, kind: .function)
            b.function([.call(0, 0, [b.json("1")])])
        }
        var limits = Limits()
        limits.depth = 100
        #expect(try Machine(program, limits: limits).run() == .fails(.depthLimit))
        limits.depth = 100_000
        limits.steps = 50
        let machine = try Machine(program, limits: limits)
        #expect(try machine.run() == .fails(.stepLimit))
        machine.limits.steps = 1_000_000
        #expect(try machine.run() == .fails(.depthLimit))
    }

    @Test func memoryOfALoopThatForgets() throws {
        // A million turns, each with a temporary of its own, fit into little memory; gathered ones do not.
        func program(gathers: Bool) throws -> Program {
            try assemble { b in
                var turn: Block = [.makeArray(3, [2, 2, 2, 2]), .makeObject(4, [(.local(2), .local(3))])]
                if gathers { turn.statements.append(Statement(.add(to: 9, 4), .none)) }
                b.function([
                    .gather(9, .array), .scan(.range(b.json("1"), b.json("60000")), key: nil, value: 2, turn),
                    .assign(0, b.json("1")),
                ])
            }
        }
        var limits = Limits()
        limits.memory = 1 << 20
        #expect(try Machine(program(gathers: false), limits: limits).run() == .value("1"))
        #expect(try Machine(program(gathers: true), limits: limits).run() == .fails(.memoryLimit))
    }

    @Test func interrupt() throws {
        let program = try assemble { b in
            b.function([.scan(.range(b.json("1"), b.json("100")), key: nil, value: 1, []), .assign(0, b.json("1"))])
        }
        let machine = try Machine(program)
        let flag = UnsafeMutablePointer<Bool>.allocate(capacity: 1)
        defer { flag.deallocate() }
        flag.initialize(to: true)
        machine.interrupt = UnsafePointer(flag)
        #expect(try machine.run() == .fails(.cancelled))
        flag.pointee = false
        #expect(try machine.run() == .value("1"))
        machine.interrupt = nil
    }

    @Test func replacementsAreForgottenWithTheirContext() throws {
        let program = try assemble { b in
            b.function([.assign(1, 0), .makeArray(0, [1])], parameters: 1, kind: .function)
            b.function([.makeArray(2, [0]), .call(0, 0, [2])], parameters: 1, kind: .function)
            b.function([
                .scan(
                    .range(b.json("1"), b.json("500")), key: nil, value: 1,
                    [
                        .with(
                            [
                                Override(.function(0), .function(1)),
                                Override(.data([b.number("\"k\"")], [(0, [])]), .value(b.json("1"))),
                            ],
                            [
                                .call(2, 0, [1]), .assign(0, 2),
                                .with([Override(.builtin(builtin("count")), .value(b.json("1")))], [.truthy(2)]),
                            ])
                    ])
            ])
        }
        let machine = try Machine(program)
        #expect(try machine.run() == .value("1"))
        #expect(machine.overrides.isEmpty)
        #expect(machine.overrides.capacity < 100)
    }

    @Test func walkersAreUsedAgain() throws {
        let program = try assemble { b in
            b.function(
                [
                    .scan(.walk(0), key: 1, value: 2, []), .scan(.walk(0), key: 1, value: 2, []),
                    .assign(0, b.json("1")),
                ],
                parameters: 1, kind: .function)
            b.function([
                .scan(
                    .walk(b.json("[[1, 2], {\"a\": [3]}]")), key: 1, value: 2, [.call(3, 0, [2]), .call(3, 0, [1])]),
                .assign(0, b.json("1")),
            ])
        }
        let machine = try Machine(program)
        for _ in 0..<100 { #expect(try machine.run() == .value("1")) }
        #expect(machine.walks.count == 2)
    }
}

@Suite struct HostTests {
    private func clock() throws -> Machine {
        try Machine(
            assemble { b in
                b.function([.host(0, builtin: builtin("time.now_ns"), [])])
                b.function([
                    .assign(0, b.json("\"no answer\"")), .call(1, 0, []),
                    .with(
                        [Override(.input([]), .value(b.json("2")))],
                        [
                            .input(2), .host(3, builtin: builtin("rand.intn"), [b.json("\"k\""), 2]),
                            .makeArray(0, [1, 2, 3]),
                        ]),
                ])
            })
    }

    @Test func theHostAnswersAtOnce() throws {
        let machine = try clock()
        for turn in 1...3 {
            #expect(try machine.run() == .suspended("time.now_ns"))
            let now = Value.integer(turn * 1_000)
            #expect(try machine.given { () throws(Fault) in try machine.resume(with: now) } == .suspended("rand.intn"))
            let last = try machine.given { () throws(Fault) in try machine.resume(with: .integer(1)) }
            #expect(last == .value("[\(turn * 1_000),2,1]"))
        }
    }

    @Test func operandsOfHostCalls() throws {
        let machine = try clock()
        machine.begin()
        _ = try machine.start(machine.last, input: .undefined)
        guard case .suspended(let call) = try machine.resume(with: .integer(1)) else {
            Issue.record("no second call")
            return
        }
        #expect(call.arguments.count == 2)
        #expect(machine.space.bytes(call.arguments[0]) == Array("k".utf8))
        #expect(machine.space.int64(call.arguments[1]) == 2)
    }

    @Test func theHostAnswersLater() throws {
        // Two machines stand still at once, and what one does leaves the other alone.
        let one = try clock()
        let two = try clock()
        #expect(try one.run() == .suspended("time.now_ns"))
        #expect(try two.run() == .suspended("time.now_ns"))
        #expect(try one.given { () throws(Fault) in try one.resume(with: .integer(1)) } == .suspended("rand.intn"))
        #expect(try two.given { () throws(Fault) in try two.resume(with: .integer(10)) } == .suspended("rand.intn"))
        #expect(try two.given { () throws(Fault) in try two.resume(with: .integer(20)) } == .value("[10,2,20]"))
        #expect(try one.given { () throws(Fault) in try one.resume(with: .integer(2)) } == .value("[1,2,2]"))
    }

    @Test func noAnswerFailsTheExpression() throws {
        let machine = try clock()
        #expect(try machine.run() == .suspended("time.now_ns"))
        #expect(
            try machine.given { () throws(Fault) in try machine.resume(with: .undefined) } == .value("\"no answer\""))
    }

    @Test func anAbandonedEvaluationLeavesNothing() throws {
        let machine = try clock()
        for _ in 0..<50 { #expect(try machine.run() == .suspended("time.now_ns")) }
        #expect(
            try machine.given { () throws(Fault) in try machine.resume(with: .integer(7)) } == .suspended("rand.intn"))
        #expect(try machine.given { () throws(Fault) in try machine.resume(with: .integer(0)) } == .value("[7,2,0]"))
    }

    @Test func printGivesOperandsAndPlace() throws {
        let machine = try Machine(
            assemble { b in
                let place = SourceRange(file: 3, start: 10, end: 17)
                let body = Block([
                    Statement(.makeSet(1, [b.json("1"), b.json("2")]), .none), Statement(.makeSet(2, []), .none),
                    Statement(.makeSet(3, [b.json("8"), b.json("9")]), .none),
                    Statement(.print([1, 2, 3]), place), Statement(.makeArray(4, [3, 3, 1]), .none),
                    Statement(.print([4]), .none), Statement(.makeArray(4, []), .none),
                    Statement(.print([4]), .none), Statement(.assign(0, b.json("1")), .none),
                ])
                b.function(body)
            })
        #expect(try machine.run() == .value("1"))
        var seen: [[Int64?]] = []
        var places: [UInt32] = []
        let space = machine.space
        machine.onPrint = { arguments, range in
            places.append(range.start)
            seen.append((0..<arguments.count).map { space.int64(arguments[$0]) })
        }
        #expect(try machine.run() == .value("1"))
        let array: [[Int64?]] = [
            [8, 8, 1], [8, 8, 2], [8, 9, 1], [8, 9, 2], [9, 8, 1], [9, 8, 2], [9, 9, 1], [9, 9, 2],
        ]
        #expect(seen == [[1, nil, 8], [1, nil, 9], [2, nil, 8], [2, nil, 9]] + array + [[]])
        #expect(places.prefix(5) == [10, 10, 10, 10, SourceRange.none.start])
        machine.limits.steps = 12
        #expect(try machine.run() == .fails(.stepLimit))
    }

    @Test func emittedResults() throws {
        let machine = try Machine(
            assemble { b in
                b.function(
                    [.scan(.range(b.json("1"), b.json("3")), key: nil, value: 1, [.makeArray(2, [1, 1]), .emit(2)])],
                    kind: .query)
            })
        for _ in 0..<3 {
            #expect(try machine.run() == .undefined)
            let results = machine.results
            let texts = try (0..<results.count).map {
                String(decoding: try machine.space.json(results[$0]), as: UTF8.self)
            }
            #expect(texts == ["[1,1]", "[2,2]", "[3,3]"])
        }
    }

    @Test func traceIsThereOnlyWhenAskedFor() throws {
        func build(_ b: inout PlanBuilder) {
            b.function([
                .trace(.enter, id: 1),
                .scan(.range(b.json("1"), b.json("2")), key: nil, value: 1, [.trace(.expression, id: 2)]),
                .block([.trace(.fail, id: 3), .truthy(b.json("false")), .trace(.exit, id: 4)]), .assign(0, b.json("1")),
            ])
        }
        for isTraced in [true, false] {
            let machine = try Machine(assemble(traced: isTraced, build))
            #expect(machine.program.isTraced == isTraced)
            #expect(try machine.run() == .value("1"))
            var events: [String] = []
            machine.onTrace = { event, id in events.append("\(event) \(id)") }
            #expect(try machine.run() == .value("1"))
            #expect(events == (isTraced ? ["enter 1", "expression 2", "expression 2", "fail 3"] : []))
        }
    }
}

@Suite struct FaultTests {
    @Test func faultsSayWhere() throws {
        let place = SourceRange(file: 2, start: 30, end: 41)
        let machine = try Machine(
            assemble { b in
                let body = Block([
                    Statement(.assign(1, b.json("1")), SourceRange(file: 2, start: 0, end: 5)),
                    Statement(.assignOnce(1, b.json("2"), .completeRule), place),
                    Statement(.assign(1, b.json("1")), SourceRange(file: 2, start: 50, end: 60)),
                ])
                b.function(body)
                b.function([.call(0, 0, [])])
            })
        #expect(try machine.run() == .fails(.conflict))
        #expect([machine.faultRange.file, machine.faultRange.start, machine.faultRange.end] == [2, 30, 41])
        machine.begin()
        do throws(Fault) {
            _ = try machine.start(machine.last, input: .undefined)
            Issue.record("no fault")
        } catch {
            #expect(
                machine.space.bytes(error.message) == Array("complete rules must not produce multiple outputs".utf8))
        }
    }

    @Test func builtinsAreNamedInTheirErrors() throws {
        let place = SourceRange(file: 0, start: 7, end: 9)
        let machine = try Machine(
            assemble { b in
                b.function(Block([Statement(.builtin(0, builtin: builtin("div"), [b.json("1"), b.json("0")]), place)]))
            })
        machine.isStrict = true
        machine.begin()
        do throws(Fault) {
            _ = try machine.start(machine.last, input: .undefined)
            Issue.record("no fault")
        } catch {
            #expect(machine.space.bytes(error.message) == Array("div: divide by zero".utf8))
            #expect(machine.faultRange.start == 7)
        }
        machine.begin()
        #expect(machine.faultRange.file == .max)
    }

    @Test func functionsThatAreNotThere() throws {
        let machine = try Machine(assemble { b in b.function([.assign(0, b.json("1"))]) })
        for number in [-1, 1, 1_000_000] {
            machine.begin()
            let given = try machine.given { () throws(Fault) in try machine.start(FunctionID(number), input: .undefined)
            }
            #expect(given == .fails(.defect))
        }
        #expect(try machine.run() == .value("1"))
    }

    @Test func frameWithoutMeasure() {
        #expect(throws: Fault.self) {
            try assemble { b in
                let function = Function(
                    kind: .rule, name: [], parameterCount: 0, localCount: 70_000, body: [], result: nil, memo: .never,
                    reads: [], range: .none)
                b.plan.functions.append(function)
            }
        }
    }
}

@Suite struct DocumentTests {
    /// data.a (rule [1]), data.b.c (rule "c"), data.b.d (undefined rule); base data beside.
    private func machine(_ question: @escaping (inout PlanBuilder) -> Block) throws -> Machine {
        try Machine(
            assemble { b in
                b.function([.makeArray(0, [b.json("1")])], memo: .context)
                b.function([.assign(0, b.json("\"c\""))], memo: .context)
                b.function([.truthy(b.json("false"))], memo: .context)
                // data.b, and data itself: base data merged with the rules.
                b.function(
                    [
                        .data(1), .block([.dot(2, 1, b.json("\"b\""))]), .gather(3, .object),
                        .block([.call(4, 1, []), .insert(into: 3, key: b.json("\"c\""), value: 4, .replaces)]),
                        .block([.call(4, 2, []), .insert(into: 3, key: b.json("\"d\""), value: 4, .replaces)]),
                        .gathered(5, from: 3), .merge(0, 2, 5),
                    ], kind: .document)
                for (key, parent, function, isRule) in [
                    ("\"a\"", 0, 0, true), ("\"b\"", 0, 3, false), ("\"c\"", 2, 1, true), ("\"d\"", 2, 2, true),
                ] {
                    var node = DocumentNode(key: b.number(key), parent: Int32(parent))
                    node.function = FunctionID(function)
                    node.isRule = isRule
                    b.plan.documents.append(node)
                    b.plan.documents[parent].children.append(Int32(b.plan.documents.count - 1))
                }
                let body = question(&b)
                b.function(body)
            }, data: #"{"b": {"e": "base"}, "z": {"y": 1}}"#)
    }

    @Test func stepsOverRulesAndData() throws {
        let steps: [(path: [String], gives: Given)] = [
            (["a"], .value("[1]")), (["b", "c"], .value("\"c\"")), (["b", "d"], .undefined),
            (["b", "e"], .value("\"base\"")), (["z", "y"], .value("1")), (["b"], .value(#"{"c":"c","e":"base"}"#)),
            (["nothing"], .undefined), (["a", "x"], .undefined), (["z", "y", "x"], .undefined),
        ]
        for step in steps {
            let machine = try machine { b in
                var body: Block = [.document(1, node: 0)]
                for key in step.path {
                    body.statements.append(Statement(.documentDot(1, from: 1, key: b.json("\"\(key)\"")), .none))
                }
                body.statements.append(Statement(.documentValue(0, from: 1), .none))
                return body
            }
            #expect(try machine.run() == step.gives, "\(step.path)")
            #expect(try machine.run() == step.gives, "\(step.path)")
        }
    }

    @Test func keysOfRulesAndData() throws {
        let machine = try machine { b in
            [
                .document(1, node: 2), .gather(9, .array), .documentScan(from: 1, key: 2, [.add(to: 9, 2)]),
                .data(3), .documentScan(from: 3, key: 2, [.add(to: 9, 2)]), .gathered(0, from: 9),
            ]
        }
        #expect(try machine.run() == .value(#"["c","d","e","b","z"]"#))
    }

    @Test func documentsUnderWith() throws {
        let machine = try machine { b in
            let path = [b.number("\"b\"")]
            let affected: [(function: FunctionID, path: [Int32])] = [
                (3, []), (1, [b.number("\"c\"")]), (2, [b.number("\"d\"")]),
            ]
            let ask: Block = [
                .document(1, node: 0), .documentDot(1, from: 1, key: b.json("\"b\"")),
                .block([.documentDot(2, from: 1, key: b.json("\"c\"")), .add(to: 9, 2)]),
                .block([.documentDot(2, from: 1, key: b.json("\"d\"")), .add(to: 9, 2)]), .documentValue(3, from: 1),
                .add(to: 9, 3),
            ]
            return [
                .gather(9, .array), .with([Override(.data(path, affected), .value(b.json(#"{"d": 4}"#)))], ask),
                .block(ask), .gathered(0, from: 9),
            ]
        }
        #expect(try machine.run() == .value(#"[4,{"d":4},"c",{"c":"c","e":"base"}]"#))
    }
}
