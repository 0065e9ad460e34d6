import Testing
import WritPlan
import WritValue

@Suite struct PrintingTests {
    @Test func everyStatement() throws {
        var builder = PlanBuilder()
        let space = builder.space
        let a = Operand.constant(builder.constant(.short("a")))
        let set = Operand.constant(builder.constant(try space.set(ValueList([.integer(1), .null], in: space))))
        let object = builder.constant(try space.object(pairs: ValueList([.short("k"), .integer(1)], in: space)))
        let (r0, r1, r2) = (Local(0), Local(1), Local(2))
        let one: Operand = .local(r1)
        let kinds: [Statement.Kind] = [
            .assign(r0, set), .assignOnce(r0, one, .completeRule), .assignOnce(r0, one, .function), .reset(r0),
            .keep(r0),
            .makeArray(r0, [a, one]), .makeSet(r0, []), .makeObject(r0, [(a, one), (one, a)]),
            .makeRecord(r0, like: object, [one]), .gather(r0, .object), .regather(r0, .array), .add(to: r0, a),
            .insert(into: r0, key: a, value: one, .objectKey), .insert(into: r0, key: a, value: one, .replaces),
            .insertPath(into: r0, [a, one], value: a, .objectKey),
            .insertPath(into: r0, [a, one], value: nil, .objectKey), .gathered(r1, from: r0), .merge(r0, a, one),
            .upsert(r0, one, path: [a, a], value: set), .dot(r0, one, a), .length(r0, one), .equal(a, one),
            .notEqual(a, one), .ordered(a, .less, one), .ordered(a, .lessOrEqual, one), .ordered(a, .greater, one),
            .ordered(a, .greaterOrEqual, one), .truthy(a), .isDefined(r0), .isUndefined(r0), .isArray(a),
            .isObject(a), .isSet(a), .isCollection(a), .isTuple(a, 2), .hasKeyCount(a, 3),
            .scan(.collection(one), key: r0, value: nil, Block([Statement(.leave(0), .none)])),
            .scan(.walk(one), key: r0, value: r2, Block()), .scan(.range(a, one), key: nil, value: r2, Block()),
            .block(Block([Statement(.not(Block([Statement(.yield(a), .none)])), .none)])),
            .dispatch(
                Dispatch(
                    keys: [r2],
                    index: .branch(key: 0, [(0, .candidates([0, 1]))], otherwise: .candidates([1])),
                    candidates: [Block([Statement(.truthy(a), .none)]), Block()])),
            .with(
                [
                    Override(.input([0]), .value(a)), Override(.data([0, 0], []), .value(one)),
                    Override(.function(FunctionID(0)), .builtin(1)), Override(.builtin(0), .function(FunctionID(0))),
                ], Block([Statement(.outside(Block()), .none)])), .call(r0, FunctionID(0), [a, one]),
            .builtin(r0, builtin: 0, [a]), .host(r0, builtin: 9, []), .print([a, one]), .emit(a), .input(r0),
            .data(r0), .document(r0, node: 1), .documentDot(r0, from: r1, key: a),
            .documentScan(from: r0, key: r1, Block()), .documentValue(r0, from: r1), .mark(r2), .rewind(r2),
            .trace(.expression, id: 7),
        ]
        builder.plan.functions = [
            Function(
                kind: .rule, name: Array("data.p".utf8), parameterCount: 1, localCount: 3,
                body: Block(kinds.map { Statement($0, .none) }), result: r0, memo: .snapshot, reads: [], range: .none)
        ]
        builder.plan.documents.append(DocumentNode(key: 0, parent: 0))
        builder.plan.documents[1].function = FunctionID(0)
        let text = String(decoding: try builder.finish().text(builtinName: builtinName), as: UTF8.self)
        #expect(text == Self.wanted)
    }

    static let wanted = """
        document data["a"] = data.p#0
        rule data.p (1 of 3 registers, kept in its snapshot) -> r0
          r0 = {null, 1}
          r0 = r1 once
          r0 = r1 once (function)
          r0 = undefined
          keep r0
          r0 = ["a", r1]
          r0 = set()
          r0 = {"a": r1, r1: "a"}
          r0 = like {"k": 1} {r1}
          r0 = gather object
          r0 = gather on as array
          r0 << "a"
          r0["a"] << r1
          r0["a"] << r1 replacing
          r0["a"][r1] << "a"
          r0["a"] << r1
          r1 = gathered r0
          r0 = merge "a", r1
          r0 = r1 but ["a"]["a"] = {null, 1}
          r0 = r1["a"]
          r0 = length r1
          "a" == r1
          "a" != r1
          "a" < r1
          "a" <= r1
          "a" > r1
          "a" >= r1
          true "a"
          defined r0
          undefined r0
          array "a"
          object "a"
          set "a"
          collection "a"
          array of 2 "a"
          object of 3 "a"
          scan r1: r0, _
            leave 0
          scan walk r1: r0, r2
          scan "a" to r1: _, r2
          block
            not
              yield "a"
          dispatch
            if r2 == "a"
              try 0 1
            else
              try 1
            candidate 0
              true "a"
            candidate 1
          with input["a"] as "a", data["a"]["a"] as r1, data.p#0 as plus, count as data.p#0
            outside
          r0 = data.p#0("a", r1)
          r0 = count("a")
          r0 = host builtin#9()
          print "a", r1
          emit "a"
          r0 = input
          r0 = base data
          r0 = data["a"]
          r0 = document r1["a"]
          scan document r0: r1
          r0 = value of r1
          r2 = mark
          rewind to r2
          trace expression 7

        """

    @Test func unknownConstants() {
        var plan = Plan()
        plan.functions = [
            Function(
                kind: .query, name: [], parameterCount: 0, localCount: 0,
                body: Block([Statement(.emit(.constant(7)), .none), Statement(.emit(.constant(-1)), .none)]),
                result: nil, memo: .never, reads: [], range: .none)
        ]
        let text = String(decoding: plan.text(), as: UTF8.self)
        #expect(text == "query  (0 of 0 registers)\n  emit constant#7\n  emit constant#-1\n")
    }
}

extension ValueList {
    init(_ values: [Value], in space: Space) throws(Fault) {
        self.init()
        for value in values { try append(value, in: space) }
    }
}
