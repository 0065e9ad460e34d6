import Testing
import WritPlan
import WritValue

@Suite struct ValidationTests {
    /// A plan of one rule with three registers and constants 0 = "a", 1 = {"a": 1}.
    private func sample(_ statements: [Statement.Kind]) throws -> Plan {
        var builder = PlanBuilder()
        let space = builder.space
        _ = builder.constant(.short("a"))
        var entries = ValueList()
        try entries.append(.short("a"), in: space)
        try entries.append(.integer(1), in: space)
        _ = builder.constant(try space.object(pairs: entries))
        builder.plan.functions = [
            function(.rule, 0, statements), function(.function, 2, [.yield(.local(Local(0)))]),
        ]
        return try builder.finish()
    }

    private func function(_ kind: Function.Kind, _ parameters: Int, _ statements: [Statement.Kind]) -> Function {
        Function(
            kind: kind, name: Array("data.p".utf8), parameterCount: parameters, localCount: 3,
            body: Block(statements.map { Statement($0, .none) }), result: nil, memo: .never, reads: [], range: .none)
    }

    private func verdict(_ plan: Plan) -> String {
        do throws(PlanError) {
            try plan.validate { builtin in builtin < 2 ? builtin : nil }
            return "fine"
        } catch {
            return String(decoding: error.message, as: UTF8.self) + " at "
                + String(decoding: error.place, as: UTF8.self)
        }
    }

    private static func block(_ kinds: Statement.Kind...) -> Block { Block(kinds.map { Statement($0, .none) }) }

    private static let r0 = Local(0)
    private static let r1 = Local(1)
    private static let bad = Local(3)
    private static let a = Operand.constant(0)

    @Test func acceptsWhatIsWhole() throws {
        let kinds: [Statement.Kind] = [
            .makeRecord(Self.r0, like: 1, [Self.a]), .call(Self.r1, FunctionID(1), [Self.a, .local(Self.r0)]),
            .builtin(Self.r1, builtin: 1, [Self.a]),
            .with([Override(.input([0]), .value(Self.a))], Self.block(.outside(Self.block(.leave(2))))),
            .dispatch(
                Dispatch(
                    keys: [Self.r0],
                    index: .branch(key: 0, [(0, .candidates([0]))], otherwise: .candidates([])),
                    candidates: [Self.block(.leave(1))])), .mark(Local(2)), .rewind(Local(2)),
        ]
        #expect(verdict(try sample(kinds)) == "fine")
    }

    @Test(arguments: [
        (Statement.Kind.assign(bad, a), "names a register that the function does not have"),
        (.assign(Local(-1), a), "names a register that the function does not have"),
        (.assign(r0, .local(bad)), "names a register that the function does not have"),
        (.assign(r0, .constant(2)), "names a constant that the plan does not have"),
        (.assign(r0, .constant(-1)), "names a constant that the plan does not have"),
        (.makeArray(r0, [a, .local(bad)]), "names a register that the function does not have"),
        (.makeRecord(r0, like: 0, [a]), "is not like a constant object of as many keys"),
        (.makeRecord(r0, like: 1, [a, a]), "is not like a constant object of as many keys"),
        (.insertPath(into: r0, [], value: a, .objectKey), "has an empty path"),
        (.upsert(r0, a, path: [.local(bad)], value: a), "names a register that the function does not have"),
        (.call(r0, FunctionID(2), []), "names a function that the plan does not have"),
        (.call(r0, FunctionID(-1), []), "names a function that the plan does not have"),
        (.call(r0, FunctionID(1), [a]), "does not fit the function's parameters"),
        (.builtin(r0, builtin: 2, []), "names a builtin that there is not"),
        (.builtin(r0, builtin: -1, []), "names a builtin that there is not"),
        (.host(r0, builtin: 1, []), "does not fit the builtin's parameters"),
        (.document(r0, node: 1), "names a document that the plan does not have"),
        (.leave(1), "leaves more blocks than there are"),
        (.leave(-1), "leaves more blocks than there are"),
        (.outside(block()), "is outside of no with"),
        (
            .with([Override(.function(FunctionID(1)), .function(FunctionID(0)))], block()),
            "does not fit the function's parameters"
        ),
        (.with([Override(.data([7], []), .value(a))], block()), "names a constant that the plan does not have"),
        (
            .dispatch(Dispatch(keys: [], index: .candidates([0]), candidates: [])),
            "its index names a candidate that it does not have"
        ),
        (
            .dispatch(Dispatch(keys: [], index: .branch(key: 0, [], otherwise: .candidates([])), candidates: [])),
            "its index names a key that it does not have"
        ),
    ])
    func refuses(_ kind: Statement.Kind, _ message: String) throws {
        #expect(verdict(try sample([kind])) == message + " at functions[0].body[0]")
    }

    @Test func refusesInsideBlocks() throws {
        let inner = Statement.Kind.scan(.collection(Self.a), key: nil, value: Self.r0, Self.block(.leave(2)))
        #expect(
            verdict(try sample([.input(Self.r0), inner]))
                == "leaves more blocks than there are at functions[0].body[1][0]")
    }

    @Test func refusesOutsideOfTheSameWithTwice() throws {
        let inner = Statement.Kind.outside(Self.block(.outside(Self.block())))
        #expect(verdict(try sample([.with([], Self.block(inner))])).hasPrefix("is outside of no with"))
    }

    @Test func refusesMarksAsValues() throws {
        #expect(verdict(try sample([.mark(Self.r0), .yield(.local(Self.r0))])).hasPrefix("uses a register for marks"))
        #expect(verdict(try sample([.data(Self.r0), .rewind(Self.r0)])).hasPrefix("uses a register for marks"))
    }

    @Test func refusesWhatIsAroundFunctions() throws {
        var plan = try sample([])
        plan.entrypoints = [Entrypoint(name: [], function: FunctionID(1))]
        #expect(verdict(plan) == "does not fit the function's parameters at entrypoints[0]")
        plan.entrypoints = []
        plan.documents[0].children = [1]
        #expect(verdict(plan) == "names a document that the plan does not have at documents[0]")
        plan.documents = []
        #expect(verdict(plan) == "must have a root at documents")
        plan = try sample([])
        plan.constantCount = 3
        #expect(verdict(plan) == "has fewer constants than it says at ")
        plan = try sample([])
        plan.functions[0].localCount = 70_000
        #expect(verdict(plan).hasPrefix("has too many registers"))
    }

    @Test func refusesEndlessNesting() throws {
        var kind = Statement.Kind.leave(0)
        for _ in 0..<600 { kind = .block(Self.block(kind)) }
        #expect(verdict(try sample([kind])).hasPrefix("blocks are nested too deeply"))
    }
}
