import Testing
import WritPlan

@Suite struct RaisingTests {
    @Test func wholeDocument() {
        let function = IR.function(
            "g0.data.a.p", [0, 1], path: ["g0", "a", "p"],
            [
                [
                    IR.statement("ResetLocal", ["target": "3"]),
                    IR.statement("Dot", ["source": IR.local(0), "key": IR.string(0), "target": "4"]),
                    IR.statement("AssignVarOnce", ["source": IR.bool(true), "target": "3"]),
                ],
                [IR.statement("ReturnLocal", ["source": "3"])],
            ])
        let call = IR.statement(
            "Call", ["func": "\"g0.data.a.p\"", "args": "[\(IR.local(0)),\(IR.local(1))]", "result": "2"])
        #expect(
            read(IR.document([call, IR.statement("ResultSetAdd", ["value": "2"])], functions: [function])) == """
                entrypoint eval = eval#1
                rule g0.data.a.p (2 of 4 registers, kept in its context)
                  block
                    r2 = undefined
                    r3 = r0["a"]
                    r2 = true once
                  block
                    yield r2
                query eval (0 of 3 registers)
                  block
                    r0 = input
                  r1 = base data
                  block
                    r2 = g0.data.a.p#0(r0, r1)
                    emit r2

                """)
    }

    @Test func scalars() {
        #expect(
            raised([
                IR.statement("MakeNull", ["target": "2"]),
                IR.statement("MakeNumberInt", ["value": "-7", "target": "2"]),
                IR.statement("AssignInt", ["value": "9223372036854775807", "target": "2"]),
                IR.statement("MakeNumberRef", ["Index": "2", "target": "2"]),
                IR.statement("MakeNumberRef", ["index": "2", "target": "2"]),
                IR.statement("Nop"),
                IR.statement("AssignVar", ["source": IR.string(1), "target": "2"]),
                IR.statement("Len", ["source": IR.local(2), "target": "3"]),
                IR.statement("MakeSet", ["target": "4"]),
            ]) == [
                "r2 = null", "r2 = -7", "r2 = 9223372036854775807", "r2 = 3", "r2 = 3", "r2 = \"b\"",
                "r3 = length \"b\"", "r4 = set()",
            ])
    }

    @Test func checks() {
        #expect(
            raised([
                IR.statement("Equal", ["a": IR.local(0), "b": IR.string(0)]),
                IR.statement("NotEqual", ["a": IR.local(0), "b": IR.bool(false)]),
                IR.statement("IsArray", ["source": IR.local(0)]),
                IR.statement("IsObject", ["source": IR.local(0)]),
                IR.statement("IsSet", ["source": IR.local(0)]),
                IR.statement("IsDefined", ["source": "0"]),
                IR.statement("IsUndefined", ["source": "0"]),
            ]) == [
                "r0 == \"a\"", "r0 != false", "array r0", "object r0", "set r0", "defined r0", "undefined r0",
            ])
    }

    @Test func collectionsInStraightCode() {
        // Gathered once when first read, gathered on when added to again.
        #expect(
            raised([
                IR.statement("MakeArray", ["capacity": "2", "target": "2"]),
                IR.statement("ArrayAppend", ["value": IR.string(0), "array": "2"]),
                IR.statement("ArrayAppend", ["value": IR.string(1), "array": "2"]),
                IR.statement("AssignVar", ["source": IR.local(2), "target": "3"]),
                IR.statement("AssignVar", ["source": IR.local(2), "target": "4"]),
                IR.statement("ArrayAppend", ["value": IR.local(3), "array": "2"]),
            ]) == [
                "r2 = gather array", "r2 << \"a\"", "r2 << \"b\"", "r2 = gathered r2", "r3 = r2", "r4 = r2",
                "r2 = gather on as array", "r2 << r3",
            ])
    }

    @Test func collectionsInThemselves() {
        #expect(
            raised([
                IR.statement("MakeSet", ["target": "2"]),
                IR.statement("SetAdd", ["value": IR.local(2), "set": "2"]),
            ]) == [
                "r2 = gather set", "r2 = gathered r2", "r3 = r2", "r2 = gather on as set", "r2 << r3",
            ])
    }

    @Test func collectionsAroundLoops() {
        // Before each turn the set may be a gathering or, after the first read, a value.
        #expect(
            raised([
                IR.statement("MakeSet", ["target": "2"]),
                IR.statement(
                    "Scan",
                    [
                        "source": "0", "key": "3", "value": "4",
                        "block": IR.block([IR.statement("SetAdd", ["value": IR.local(4), "set": "2"])]),
                    ]),
                IR.statement("ResultSetAdd", ["value": "2"]),
            ]) == [
                "r2 = gather set", "scan r0: r3, r4", "  r2 = gather on as set", "  r2 << r4", "r2 = gathered r2",
                "defined r2", "emit r2",
            ])
    }

    @Test func objects() {
        #expect(
            raised([
                IR.statement("MakeObject", ["target": "2"]),
                IR.statement("ObjectInsert", ["key": IR.string(0), "value": IR.bool(true), "object": "2"]),
                IR.statement("ObjectInsertOnce", ["key": IR.string(1), "value": IR.local(0), "object": "2"]),
                IR.statement("Dot", ["source": IR.local(2), "key": IR.string(0), "target": "3"]),
                IR.statement("ObjectMerge", ["a": "2", "b": "3", "target": "4"]),
            ]) == [
                "r2 = gather object", "r2[\"a\"] << true replacing", "defined r0", "r2[\"b\"] << r0",
                "r3 = r2[\"a\"]",
                "r2 = gathered r2", "r4 = merge r3, r2",
            ])
    }

    @Test func blocks() {
        let leave = IR.statement("Break", ["index": "1"])
        #expect(
            raised([
                IR.statement(
                    "Block",
                    [
                        "blocks":
                            "[\(IR.block([IR.statement("IsDefined", ["source": "0"]), leave])),\(IR.block([]))]"
                    ]),
                IR.statement("Not", ["block": IR.block([IR.statement("Break", ["index": "0"])])]),
            ]) == ["block", "  defined r0", "  leave 1", "block", "not", "  leave 0"])
    }

    @Test func with() {
        #expect(
            raised([
                IR.statement(
                    "With",
                    [
                        "local": "0", "path": "[0,1]", "value": IR.bool(true),
                        "block": IR.block([IR.statement("IsDefined", ["source": "0"])]),
                    ])
            ]) == [
                "r2 = r0", "r3 = undefined", "r0 = r0 but [\"a\"][\"b\"] = true", "with", "  defined r0",
                "  r3 = true", "r0 = r2", "defined r3",
            ])
    }

    @Test func leavingAWithRestores() {
        let inner = IR.statement(
            "With",
            [
                "local": "1", "path": "null", "value": IR.bool(true),
                "block": IR.block([IR.statement("Break", ["index": "1"])]),
            ])
        #expect(
            raised([inner]).filter { $0.contains("r1") || $0.contains("leave") }
                == ["r2 = r1", "r1 = true", "  r1 = r2", "  leave 1", "r1 = r2"])
    }

    @Test func builtins() {
        #expect(
            raised([
                IR.statement(
                    "Call", ["func": "\"plus\"", "args": "[\(IR.local(0)),\(IR.local(1))]", "result": "2"]),
                IR.statement("Call", ["func": "\"time.now_ns\"", "args": "null", "result": "2"]),
                IR.statement("Call", ["func": "\"walk\"", "args": "[\(IR.local(0))]", "result": "2"]),
                IR.statement("Call", ["func": "\"internal.print\"", "args": "[\(IR.local(0))]", "result": "2"]),
            ]) == [
                "r2 = plus(r0, r1)", "r2 = host time.now_ns()", "defined r0", "r3 = gather array",
                "scan walk r0: r4, r5", "  r6 = [r4, r5]", "  r3 << r6", "r2 = gathered r3", "print r0", "r2 = true",
            ])
    }

    @Test func dynamicCall() {
        let functions = ["x", "y", "z"].map { name in
            IR.function(
                "g0.data.\(name).a", [0, 1], path: ["g0", name, "a"], [[IR.statement("ReturnLocal", ["source": "0"])]])
        }
        let statement = IR.statement(
            "CallDynamic",
            ["path": "[\(IR.local(0)),\(IR.local(2)),\(IR.string(0))]", "args": "[0,1]", "result": "3"])
        let lines = raised(
            [IR.statement("AssignVar", ["source": IR.local(0), "target": "2"]), statement],
            functions: functions)
        #expect(
            lines == [
                "r2 = r0", "block", "  dispatch", "    if r0 == \"g0\"", "      try 0 1 2", "    else", "      try",
                "    candidate 0", "      r0 == \"g0\"", "      r2 == \"x\"", "      r3 = g0.data.x.a#0(r0, r1)",
                "      leave 1", "    candidate 1", "      r0 == \"g0\"", "      r2 == \"y\"",
                "      r3 = g0.data.y.a#1(r0, r1)", "      leave 1", "    candidate 2", "      r0 == \"g0\"",
                "      r2 == \"z\"", "      r3 = g0.data.z.a#2(r0, r1)", "      leave 1", "  leave 1",
            ])
    }

    @Test func memosNeedUnchangedDocuments() {
        func body(_ callee: String, _ first: Int) -> [[String]] {
            let call = IR.statement(
                "Call", ["func": "\"\(callee)\"", "args": "[\(IR.local(first)),\(IR.local(1))]", "result": "2"])
            return [[call, IR.statement("ReturnLocal", ["source": "2"])]]
        }
        let leaf = IR.function("leaf", [0, 1], [[IR.statement("ReturnLocal", ["source": "0"])]])
        let good = IR.function("good", [0, 1], body("leaf", 0))
        let call = IR.statement(
            "Call", ["func": "\"good\"", "args": "[\(IR.local(0)),\(IR.local(1))]", "result": "2"])
        #expect(read(IR.document([call], functions: [leaf, good])).contains("leaf (2 of 2 registers, kept"))
        // One call with other operands, through a function that passes its own on.
        let other = IR.statement(
            "Call", ["func": "\"good\"", "args": "[\(IR.local(1)),\(IR.local(1))]", "result": "2"])
        let text = read(IR.document([call, other], functions: [leaf, good]))
        #expect(text.contains("leaf (2 of 2 registers)"))
        #expect(text.contains("good (2 of 3 registers)"))
        // A function that changes the local of its input, be it after the call.
        let changing = IR.function(
            "good", [0, 1],
            [[IR.statement("AssignVar", ["source": IR.bool(true), "target": "0"])], body("leaf", 0)[0]])
        #expect(read(IR.document([call], functions: [leaf, changing])).contains("leaf (2 of 2 registers)"))
    }
}
