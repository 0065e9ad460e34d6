import Testing
import Writ

/// A query and its solutions: bindings, then place and value of each expression.
struct QueryRow: Sendable, CustomTestStringConvertible {
    enum Result: Equatable {
        case answers([String])
        case fails(String)

        /// The order of solutions is nobody's business.
        var sorted: Result {
            if case .answers(let lines) = self { return .answers(lines.sorted()) }
            return self
        }
    }

    let query: String
    let input: String?
    let result: Result

    init(_ query: String, input: String? = nil, _ result: Result) {
        self.query = query
        self.input = input
        self.result = result
    }

    var testDescription: String { query }

    static let all: [QueryRow] = [
        QueryRow("data.t.q[x]", .answers([#"x = 1 | 1:1 1"#, #"x = 2 | 1:1 2"#])),
        QueryRow("x = 1; y = x + 1", .answers([#"x = 1, y = 2 | 1:1 true, 1:8 true"#])),
        QueryRow("1 == 2", .answers([#" | 1:1 false"#])),
        QueryRow("false", .answers([#" | 1:1 false"#])),
        QueryRow("null", .answers([#" | 1:1 null"#])),
        QueryRow("data.t.f", .answers([#" | 1:1 false"#])),
        QueryRow("data.t.f; true", .answers([])),
        QueryRow("true; false", .answers([])),
        QueryRow("x := data.t.f", .answers([#"x = false | 1:1 true"#])),
        QueryRow("data.t.q[x]; x > 1", .answers([#"x = 2 | 1:1 2, 1:14 true"#])),
        QueryRow("data.t.missing", .answers([])),
        QueryRow("not data.t.missing", .answers([#" | 1:1 true"#])),
        QueryRow("data.t.q[_] = 1", .answers([#" | 1:1 true"#])),
        QueryRow("[x, y] = [1, [2]]", .answers([#"x = 1, y = [2] | 1:1 true"#])),
        QueryRow(
            "some x in [1, 2]; y := x * 2",
            .answers([#"x = 1, y = 2 | 1:1 true, 1:19 true"#, #"x = 2, y = 4 | 1:1 true, 1:19 true"#])),
        QueryRow("data.t.r", .answers([])),
        QueryRow("input", .answers([])),
        QueryRow("x", .fails("rego_unsafe_var_error")),
        QueryRow("1 +", .fails("rego_parse_error")),
        QueryRow("data.t.q[x] = 3", .answers([])),
        QueryRow("x = 1; x = 2", .answers([])),
        QueryRow("1 / 0", .fails("eval_builtin_error")),
        QueryRow("data.t.q", .answers([#" | 1:1 [1,2]"#])),
        QueryRow("every x in [1] { x == 1 }", .answers([#" | 1:1 true"#])),
        QueryRow("1; 2", .answers([#" | 1:1 1, 1:4 2"#])),
        QueryRow("_ = 5", .answers([#" | 1:1 true"#])),
        QueryRow("walk([1], [p, v])", .answers([#"p = [], v = [1] | 1:1 true"#, #"p = [0], v = 1 | 1:1 true"#])),
        QueryRow("a = {1: 2}[k]", .answers([#"a = 2, k = 1 | 1:1 true"#])),
        QueryRow("data.t.g(1)", .answers([#" | 1:1 2"#])),
        QueryRow("x := data.t.g(1) + 1", .answers([#"x = 3 | 1:1 true"#])),
        QueryRow("count([y | y := data.t.q[_]]) == 2", .answers([#" | 1:1 true"#])),
        QueryRow("{x: 1} = {2: 1}", .fails("rego_unsafe_var_error")),
        QueryRow("data.t.r with input.x as 3", .answers([#" | 1:1 3"#])),
        QueryRow("x := {1, 1.0, 2}", .answers([#"x = [1,2] | 1:1 true"#])),
        QueryRow("nope(1)", .fails("rego_type_error")),
        QueryRow("data.t.g(1, 2, 3, 4)", .fails("rego_type_error")),
        QueryRow("data.t.q[1]", .answers([#" | 1:1 1"#])),
        QueryRow("data.t.q[7]", .answers([])),
        QueryRow(#"{"a": [1.0]}"#, .answers([#" | 1:1 {"a":[1.0]}"#])),
        QueryRow("x := data.t; true", .answers([#"x = {"f":false,"q":[1,2]} | 1:1 true, 1:14 true"#])),
        QueryRow("input.x[i] > 1", .answers([])),
        QueryRow("data.t.r", input: #"{"x": 7}"#, .answers([#" | 1:1 7"#])),
        QueryRow(
            "input.x[i] > 1", input: #"{"x": [1, 2, 3]}"#, .answers([#"i = 1 | 1:1 true"#, #"i = 2 | 1:1 true"#])),
        QueryRow("input", input: #"null"#, .answers([#" | 1:1 null"#])),
    ]

    static let policy = """
        package t

        q contains x if some x in [1, 2]
        f := false
        r := input.x
        g(x) := x + 1
        """
}

@Suite struct QueryTests {
    @Test(arguments: QueryRow.all) func solutions(_ row: QueryRow) throws {
        let snapshot = try snapshot(of: QueryRow.policy)
        let result = try solve(row.query, snapshot, input: row.input)
        #expect(result == row.result.sorted)
    }

    /// OPA shows expressions in the order in which it evaluates them.
    @Test func orderOfExpressionsThatWait() throws {
        let snapshot = try snapshot(of: QueryRow.policy)
        let result = try solve("x = y; y = 3", snapshot, input: nil)
        withKnownIssue { #expect(result == .answers(["x = 3, y = 3 | 1:8 true, 1:1 true"])) }
    }

    @Test func expressionsAreShownAsWritten() throws {
        let snapshot = try snapshot(of: "q := 1")
        let text = "x := data.t.q;\n  x   == 1"
        let query = try PreparedQuery.prepare(Array(text.utf8), for: snapshot)
        #expect(query.expressions.map { $0.text } == ["x := data.t.q", "x   == 1"])
        #expect(query.expressions.map { [$0.position.row, $0.position.column] } == [[1, 1], [2, 3]])
        #expect(query.bindings == ["x"])
    }

    @Test func queryInAPackageWithImports() throws {
        let snapshot = try snapshot(of: "package a.b\nq := 1\npackage c\nr := 2")
        let query = try PreparedQuery.prepare(
            Array("x := q; y := z".utf8), for: snapshot, package: "a.b", imports: ["data.c.r as z"])
        let evaluator = query.makeEvaluator()
        evaluator.begin()
        let answers = try evaluator.answers(to: query, input: .undefined)
        #expect(query.bindings == ["x", "y"])
        #expect(answers.count == 1)
        let space = evaluator.space
        #expect(
            try answers.map { try [space.json($0.bindings[0]), space.json($0.bindings[1])] } == [[[0x31], [0x32]]])
    }

    @Test func oneQueryAnswersManyInputs() throws {
        let snapshot = try snapshot(of: QueryRow.policy)
        let query = try PreparedQuery.prepare(Array("data.t.r = x".utf8), for: snapshot)
        let evaluator = query.makeEvaluator()
        for number in 0..<200 {
            let lines = try render(query, evaluator, input: number % 3 == 0 ? nil : "{\"x\": \(number)}")
            #expect(lines == (number % 3 == 0 ? [] : ["x = \(number) | 1:1 true"]))
        }
    }

    @Test func queriesLeaveTheirSnapshotAlone() throws {
        let snapshot = try snapshot(of: QueryRow.policy)
        _ = try PreparedQuery.prepare(Array("data.t.g(1) with data.t.f as 3".utf8), for: snapshot)
        #expect(try solve("data.t.f", snapshot, input: nil) == .answers([" | 1:1 false"]))
        let evaluator = Evaluator(snapshot)
        #expect(answer(of: evaluator, snapshot.target(steps("t/q")), input: nil) == .value("[1,2]"))
    }

    @Test func placesOfErrors() throws {
        let snapshot = try snapshot(of: QueryRow.policy)
        let failure = #expect(throws: CompileFailure.self) {
            try PreparedQuery.prepare(Array("x := 1;\n x == nope".utf8), for: snapshot)
        }
        let diagnostic = try #require(failure?.diagnostics.first)
        let position = try #require(failure.flatMap { diagnostic.position(in: $0.sources) })
        #expect([position.row, position.column] == [2, 2])
        #expect(failure.flatMap { diagnostic.fileName(in: $0.sources) } ?? [] == [])
    }

    private func solve(_ text: String, _ snapshot: Snapshot, input: String?) throws -> QueryRow.Result {
        do {
            let query = try PreparedQuery.prepare(Array(text.utf8), for: snapshot)
            let evaluator = query.makeEvaluator()
            evaluator.isStrict = true
            return .answers(try render(query, evaluator, input: input))
        } catch let failure as CompileFailure {
            return .fails(code(of: failure))
        } catch let failure as DecisionFailure {
            return .fails(failure.code)
        }
    }

    private func render(_ query: PreparedQuery, _ evaluator: Evaluator, input: String?) throws -> [String] {
        evaluator.begin()
        var document = Value.undefined
        if let input { document = try Array(input.utf8).withUnsafeBufferPointer { try evaluator.read($0) } }
        var lines: [String] = []
        for answer in try evaluator.answers(to: query, input: document) {
            var bindings: [String] = []
            for (index, name) in query.bindings.enumerated() {
                bindings.append("\(name) = \(try json(answer.bindings[index], evaluator))")
            }
            var values: [String] = []
            for (index, shown) in query.expressions.enumerated() {
                let value = try json(answer.expressions[index], evaluator)
                values.append("\(shown.position.row):\(shown.position.column) \(value)")
            }
            lines.append(bindings.sorted().joined(separator: ", ") + " | " + values.joined(separator: ", "))
        }
        return lines.sorted()
    }

    private func json(_ value: Value, _ evaluator: Evaluator) throws -> String {
        String(decoding: try evaluator.space.json(value), as: UTF8.self)
    }
}
