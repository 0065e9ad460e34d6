import Testing
import WritPlan
import WritValue

/// Our statements as OPA's: each expansion, and what `with` and early exits become.
@Suite struct WritingTests {
    // MARK: Plans and what is written for them

    private static func statement(_ kind: Statement.Kind) -> Statement { Statement(kind, .none) }
    private static func block(_ kinds: Statement.Kind...) -> Block { Block(kinds.map { statement($0) }) }
    private static func r(_ register: Int) -> Local { Local(register) }
    private static func v(_ register: Int) -> Operand { .local(Local(register)) }
    /// Constants of every plan here: "a", "b", 1, 1.0, null, [1, "a"], {"a": null, "b": null}.
    private static func c(_ constant: Int32) -> Operand { .constant(constant) }

    private static func plan(_ functions: [Function]) throws -> Plan {
        var builder = PlanBuilder()
        let space = builder.space
        _ = builder.constant(try space.string("a"))
        _ = builder.constant(try space.string("b"))
        _ = builder.constant(.integer(1))
        _ = builder.constant(try space.number(Array("1.0".utf8)))
        _ = builder.constant(.null)
        _ = builder.constant(try space.readJSON(Array(#"[1,"a"]"#.utf8)))
        _ = builder.constant(try space.readJSON(Array(#"{"a":null,"b":null}"#.utf8)))
        builder.plan.functions = functions
        return try builder.finish()
    }

    private static func function(_ name: String, _ body: Block, parameters: Int = 0) -> Function {
        Function(
            kind: parameters > 0 ? .function : .rule, name: Array(name.utf8), parameterCount: parameters,
            localCount: 8, body: body, result: Local(0), memo: .never, reads: [], range: .none)
    }

    private static var surroundings: PlanSurroundings {
        PlanSurroundings(
            builtin: { number in
                ["count", "lt", "walk", "type_name", "json.marshal"].indices.contains(number)
                    ? PlanBuiltinText(
                        name: Array(["count", "lt", "walk", "type_name", "json.marshal"][number].utf8),
                        declaration: [123, 125])
                    : nil
            },
            number: { name in
                ["count", "lt", "walk", "type_name", "json.marshal"].firstIndex(
                    of: String(decoding: name, as: UTF8.self))
            }, position: { _ in nil })
    }

    /// The functions that are written for a plan, as `name(parameters)` and the lines of their first blocks.
    private static func written(_ plan: Plan) throws -> [String: [String]] {
        let question = PlanQuestion(name: Array("q".utf8), function: FunctionID(0), answers: .document)
        let json = try plan.writeOPA([question], in: surroundings)
        let space = Space.create()
        defer { space.destroy() }
        let reader = Reader(space: space, root: try space.readJSON(json))
        return reader.functions()
    }

    /// What statements become in a function `data.f`.
    private static func lines(_ kinds: Statement.Kind...) throws -> [String] {
        try written(plan([function("data.f", Block(kinds.map { statement($0) }))]))["g0.data.f(0 1)"] ?? []
    }

    /// Statements of the IR as lines: the type, then the values of its fields by name.
    private struct Reader {
        let space: Space
        let root: Value

        func member(_ value: Value, _ key: StaticString) -> Value {
            (try? space.member(value, space.string(key))) ?? .undefined
        }

        func functions() -> [String: [String]] {
            var result: [String: [String]] = [:]
            let list = space.elements(member(member(root, "funcs"), "funcs"))
            for index in 0..<list.count {
                let name = text(member(list[index], "name"))
                let parameters = space.elements(member(list[index], "params"))
                let numbers = (0..<parameters.count).map { text(parameters[$0]) }.joined(separator: " ")
                let blocks = space.elements(member(list[index], "blocks"))
                result["\(name)(\(numbers))"] = shown(blocks[0], "")
            }
            return result
        }

        private func shown(_ block: Value, _ indent: String) -> [String] {
            var lines: [String] = []
            let statements = space.elements(member(block, "stmts"))
            for index in 0..<statements.count {
                let fields = space.entries(member(statements[index], "stmt"))
                var line = indent + text(member(statements[index], "type")).dropLast(4)
                var inner: [String] = []
                for field in 0..<fields.count {
                    switch text(fields.keys[field]) {
                    case "file", "row", "col", "capacity": continue
                    case "block": inner += shown(fields.values[field], indent + "  ")
                    case "blocks":
                        let blocks = space.elements(fields.values[field])
                        for number in 0..<blocks.count {
                            inner.append(indent + " |")
                            inner += shown(blocks[number], indent + "  ")
                        }
                    case let name: line += " \(name)=\(text(fields.values[field]))"
                    }
                }
                lines.append(line)
                lines += inner
            }
            return lines
        }

        private func text(_ value: Value) -> String {
            if value.isString { return String(decoding: space.bytes(value), as: UTF8.self) }
            if value.isArray {
                let elements = space.elements(value)
                return "[" + (0..<elements.count).map { text(elements[$0]) }.joined(separator: " ") + "]"
            }
            guard value.isObject else { return String(decoding: (try? space.json(value)) ?? [], as: UTF8.self) }
            let operand = member(value, "value")
            guard text(member(value, "type")) == "string_index", let index = space.int64(operand) else {
                return text(operand)
            }
            let strings = space.elements(member(member(root, "static"), "strings"))
            return "'" + text(member(strings[Int(index)], "value")) + "'"
        }
    }

    // MARK: Expansions

    @Test func simpleStatements() throws {
        // Register n is local n + 2; temporaries begin behind the registers, at 10.
        #expect(try Self.lines(.assign(Self.r(0), Self.c(0))) == ["AssignVar source='a' target=2"])
        #expect(
            try Self.lines(.assign(Self.r(0), Self.c(2)), .assign(Self.r(0), Self.c(3))) == [
                "MakeNumberInt target=10 value=1", "AssignVar source=10 target=2", "MakeNumberRef index=1 target=11",
                "AssignVar source=11 target=2",
            ])
        #expect(
            try Self.lines(.equal(Self.v(1), Self.c(5))) == [
                "MakeArray target=10", "MakeNumberInt target=11 value=1", "ArrayAppend array=10 value=11",
                "ArrayAppend array=10 value='a'", "Equal a=3 b=10",
            ])
        #expect(try Self.lines(.input(Self.r(1))) == ["IsDefined source=0", "AssignVar source=0 target=3"])
        #expect(try Self.lines(.truthy(Self.v(1))) == ["NotEqual a=3 b=false"])
        #expect(
            try Self.lines(.ordered(Self.v(1), .less, Self.v(2))) == [
                "Call args=[3 4] func=lt result=10", "NotEqual a=10 b=false",
            ])
        #expect(
            try Self.lines(.isTuple(Self.v(1), 2)) == [
                "IsArray source=3", "Len source=3 target=10", "MakeNumberInt target=11 value=2", "Equal a=10 b=11",
            ])
        #expect(
            try Self.lines(.isCollection(Self.v(1))) == [
                "Not", "  Not", "    IsArray source=3", "  Not", "    IsObject source=3", "  Not",
                "    IsSet source=3",
            ])
        #expect(
            try Self.lines(.makeRecord(Self.r(0), like: 6, [Self.v(1), Self.v(2)])) == [
                "MakeObject target=10", "ObjectInsert key='a' object=10 value=3",
                "ObjectInsert key='b' object=10 value=4", "AssignVar source=10 target=2",
            ])
        #expect(
            try Self.lines(.merge(Self.r(0), Self.v(1), Self.v(2))) == ["ObjectMerge a=4 b=3 target=2"])
        #expect(
            try Self.lines(.keep(Self.r(0)), .mark(Self.r(1)), .rewind(Self.r(1)), .trace(.enter, id: 1)) == [])
    }

    @Test func walking() throws {
        let body = Self.block(.equal(Self.v(2), Self.c(0)))
        #expect(
            try Self.lines(.scan(.walk(Self.v(1)), key: nil, value: Self.r(2), body)) == [
                "Call args=[3] func=walk result=10", "Scan key=13 source=10 value=11",
                "  MakeNumberInt target=12 value=1", "  Dot key=12 source=11 target=4", "  Equal a=4 b='a'",
            ])
    }

    @Test func leavingPlainBlocksIsABreak() throws {
        #expect(
            try Self.lines(.block(Self.block(.block(Self.block(.leave(1)))))) == [
                "Block", " |", "  Block", "   |", "    Break index=1",
            ])
    }

    @Test func leavingALoopSetsAFlag() throws {
        let body = Self.block(.truthy(Self.v(2)), .leave(1))
        let scan = Statement.Kind.scan(.collection(Self.v(1)), key: nil, value: Self.r(2), body)
        #expect(
            try Self.lines(.block(Self.block(scan, .assign(Self.r(0), Self.c(0)))), .isDefined(Self.r(0))) == [
                "Block", " |", "  ResetLocal target=10", "  Scan key=11 source=3 value=4",
                "    IsUndefined source=10", "    NotEqual a=4 b=false", "    AssignVar source=true target=10",
                "    IsUndefined source=10", "  IsUndefined source=10", "  AssignVar source='a' target=2",
                "IsDefined source=2",
            ])
    }

    @Test func withOnDocumentsIsPutBack() throws {
        let inner = Self.block(.outside(Self.block(.assign(Self.r(0), Self.v(1)))))
        let override = Override(.input([0, 1]), .value(Self.v(1)))
        #expect(
            try Self.lines(.with([override], inner)) == [
                "AssignVar source=0 target=10", "With local=0 path=[1 2] value=3",
                "  With local=0 path=[] value=10", "    AssignVar source=3 target=2",
            ])
    }

    @Test func withOnFunctionsIsACopyOfWhatReachesThem() throws {
        let call = Statement.Kind.call(Self.r(0), FunctionID(1), [])
        let plan = try Self.plan([
            Self.function(
                "data.f",
                Self.block(
                    .with([Override(.function(FunctionID(2)), .value(Self.v(1)))], Self.block(call)), call)),
            Self.function("data.g", Self.block(.call(Self.r(0), FunctionID(2), []))),
            Self.function("data.h", Self.block(.assign(Self.r(0), Self.c(0)))),
        ])
        let written = try Self.written(plan)
        #expect(
            written["g0.data.f(0 1)"] == [
                "Block", " |", "  Call args=[0 1 3] func=g0.data.g result=2",
                "Call args=[0 1] func=g1.data.g result=2",
            ])
        // The copy has the value as a parameter.
        #expect(written["g0.data.g(0 1 10)"] == ["AssignVar source=10 target=2"])
        #expect(written["g1.data.g(0 1)"] == ["Call args=[0 1] func=g0.data.h result=2"])
        #expect(written.count == 4)
    }

    @Test func whatCannotBeSaidIsAnError() throws {
        let upsert = Statement.Kind.upsert(Self.r(0), Self.v(1), path: [Self.c(0)], value: Self.v(2))
        #expect(throws: PlanError.self) { try Self.lines(upsert) }
        var block = Self.block(.truthy(Self.v(0)))
        for _ in 0..<500 { block = Self.block(.block(block)) }
        #expect(throws: PlanError.self) { try Self.written(Self.plan([Self.function("data.f", block)])) }
    }
}
