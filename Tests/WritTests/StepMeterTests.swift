import Testing
import Writ

/// What `StepMeter` counts and times of an evaluation.
@Suite struct StepMeterTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let text: String
        var data: String?
        var input: String?
        var query = "data.t.p"
        /// Counters by what follows `counter_eval_op_`, and numbers of steps by what follows `histogram_eval_op_`. The
        /// steps that make values are not listed.
        let counts: [String: Int]

        var testDescription: String { name }
    }

    static let rows = [
        Row(
            name: "A document that is looked up twice", text: "p if { data.a.b == 1; data.a.b > 0 }",
            data: #"{"a": {"b": 1}}"#,
            counts: [
                "base_cache_miss": 1, "base_cache_hit": 1, "virtual_cache_miss": 1, "resolve": 2, "rule_index": 1,
                "builtin_call": 1,
            ]),
        Row(
            name: "What lies in a document that was looked up",
            text: "p if { x := data.a; count(x) == 1; data.a.b == 1 }",
            data: #"{"a": {"b": 1}}"#,
            counts: [
                "base_cache_miss": 1, "base_cache_hit": 1, "virtual_cache_miss": 1, "resolve": 2, "rule_index": 1,
                "builtin_call": 1,
            ]),
        Row(
            name: "Elements", text: "p contains x if some x in data.list", data: #"{"list": [1, 2, 3]}"#,
            counts: [
                "base_cache_miss": 1, "base_cache_hit": 3, "virtual_cache_miss": 1, "resolve": 1, "rule_index": 1,
            ]),
        Row(
            name: "Nothing there is missed each time", text: "p contains 1 if data.no\np contains 2 if data.no",
            data: #"{"a": 1}"#,
            counts: ["base_cache_miss": 2, "virtual_cache_miss": 1, "resolve": 2, "rule_index": 1]),
        Row(
            name: "A key is looked up inside a reference", text: "p if data.roles[data.role].x == 1",
            data: #"{"role": "r", "roles": {"r": {"x": 1}}}"#,
            counts: ["base_cache_miss": 2, "virtual_cache_miss": 1, "resolve": 2, "rule_index": 1]),
        Row(
            name: "A reference whose key is not there", text: "p if data.roles[input.role].x == 1",
            data: #"{"roles": {}}"#, counts: ["virtual_cache_miss": 1, "rule_index": 1]),
        Row(
            name: "A rule asked for twice", text: "q if input.x > 1\np if { q; q; r }\nr if q", input: #"{"x": 2}"#,
            counts: ["virtual_cache_miss": 3, "virtual_cache_hit": 2, "rule_index": 5, "builtin_call": 1]),
        Row(
            name: "A function has no memory", text: "f(x) := x + 1\np := f(1) + f(1)",
            counts: ["virtual_cache_miss": 3, "rule_index": 3, "builtin_call": 3]),
        Row(
            name: "An index leaves nothing",
            text: "p if input.x == 1\np if input.x == 2\np if input.x == 3", input: #"{"x": 4}"#,
            counts: ["resolve": 1, "rule_index": 1]),
        Row(
            name: "An index leaves a default",
            text: "default p := false\np if input.x == 1\np if input.x == 2\np if input.x == 3", input: #"{"x": 4}"#,
            counts: ["resolve": 1, "rule_index": 1, "virtual_cache_miss": 1]),
        Row(
            name: "Other references into the input choose no rules", text: "p if { input.x > 1; not input.y == 2 }",
            input: #"{"x": 2}"#, counts: ["virtual_cache_miss": 1, "rule_index": 1, "builtin_call": 1]),
        Row(
            name: "A reference that chooses", text: #"p if input.x == "a""#, input: #"{"x": "a"}"#,
            counts: ["virtual_cache_miss": 1, "rule_index": 1, "resolve": 1]),
        Row(
            name: "Comprehensions", text: "p := count([x | some x in input]) + count({x | some x in input})",
            input: "[1, 2]",
            counts: [
                "virtual_cache_miss": 1, "rule_index": 1, "comprehension_cache_miss": 2,
                "comprehension_cache_skip": 2, "builtin_call": 3,
            ]),
        Row(
            name: "Builtins that fail are timed, too", text: "p if { not 1 / input.x; 2 / input.x }",
            input: #"{"x": 0}"#,
            counts: ["virtual_cache_miss": 1, "rule_index": 1, "builtin_call": 2]),
        Row(
            name: "A walk's turns", text: "p contains v if walk(input, [_, v])", input: "[1, 2]",
            counts: ["virtual_cache_miss": 1, "rule_index": 1, "builtin_call": 4]),
        Row(
            name: "Base data beside rules, by a key", text: "package u\na if input.k\npackage t\np := data.u[input.k]",
            data: #"{"u": {"z": 1}}"#, input: #"{"k": "z"}"#,
            counts: ["virtual_cache_miss": 1, "rule_index": 1, "base_cache_miss": 1, "resolve": 1]),
        Row(
            name: "A rule by a key", text: "package u\na if input.k\npackage t\np if { data.u[input.k]; data.u.a }",
            input: #"{"k": "a"}"#, counts: ["virtual_cache_miss": 2, "virtual_cache_hit": 1, "rule_index": 3]),
        Row(
            name: "Base data alone", text: "q := 1", data: #"{"a": 1}"#, query: "data.a",
            counts: ["base_cache_miss": 1, "resolve": 1]),
        Row(name: "No documents", text: "q := 1", query: "1 < 2", counts: ["builtin_call": 1]),
        Row(
            name: "A mock", text: "q if input.x > 1\np if q with data.t.q as true", input: #"{"x": 0}"#,
            counts: ["virtual_cache_miss": 1, "rule_index": 2]),
    ]

    @Test(arguments: rows) func counts(_ row: Row) throws {
        let plain = try snapshot(of: row.text, data: row.data)
        let query = try PreparedQuery.prepare(
            Array(row.query.utf8), for: Snapshot(policy: try plain.policy.measured(), data: plain.data))
        let evaluator = query.makeEvaluator()
        let meter = StepMeter(evaluator)
        evaluator.begin()
        let input = try row.input.map { try evaluator.space.readJSON(Array($0.utf8)) } ?? .undefined
        _ = try evaluator.answers(to: query, input: input)
        var counts: [String: Int] = [:]
        var times: Set<String> = []
        for figure in meter.figures {
            let name = "\(figure.name)"
            switch figure.value {
            case .count(let count):
                #expect(count > 0)
                counts[String(name.dropFirst("counter_eval_op_".count))] = Int(count)
            case .nanoseconds(let nanoseconds):
                #expect(nanoseconds > 0)
                times.insert(name)
            case .histogram(let values):
                let figures = Dictionary(uniqueKeysWithValues: values.map { ($0.name, $0.value) })
                #expect(
                    figures.keys.sorted() == [
                        "75%", "90%", "95%", "99%", "99.9%", "99.99%", "count", "max", "mean", "median", "min",
                        "stddev",
                    ])
                #expect((figures["min"] ?? 0) <= (figures["max"] ?? -1))
                counts[String(name.dropFirst("histogram_eval_op_".count))] = Int(figures["count"] ?? 0)
                #expect(figure.json.hasPrefix("{\"75%\":"))
            }
        }
        // Each kind of step has a sum beside its histogram; the answers of a query are made whatever they are.
        #expect(
            times
                == Set(
                    ["builtin_call", "plug", "resolve", "rule_index"].filter { counts[$0] != nil }.map {
                        "timer_eval_op_\($0)_ns"
                    }))
        #expect(counts.removeValue(forKey: "plug") ?? 0 > 0)
        #expect(counts == row.counts)
    }

    /// What is measured decides as what is not, also where it is traced as well.
    @Test(arguments: [false, true]) func decidesTheSame(_ isTraced: Bool) throws {
        let rows = Case.rules + Case.functions + Case.bodies + Case.with + Case.documents + Case.index + Case.values
        for row in rows {
            var options = CompileOptions()
            options.isTraced = isTraced
            guard let plain = try? snapshot(of: row.text, data: row.data, options: options) else { continue }
            let measured = Snapshot(policy: try plain.policy.measured(), data: plain.data)
            let evaluator = Evaluator(measured)
            evaluator.isStrict = true
            let meter = StepMeter(evaluator)
            for (input, wanted) in row.answers {
                let given = answer(of: evaluator, measured.target(steps(row.path)), input: input)
                #expect(given == wanted, "\(row.name), input \(input ?? "none")")
                meter.begin()
            }
        }
    }

    @Test func patternsOfAnother() throws {
        let plain = try snapshot(of: #"p if { glob.match("a*", ["/"], input); regex.match("^a+", input) }"#)
        let one = Evaluator(plain)
        #expect(answer(of: one, plain.target(steps("t/p")), input: #""aa""#) == .value("true"))
        #expect(one.patternHits == (0, 0))
        let other = Evaluator(plain)
        other.keep(one.keptPatterns)
        #expect(other.patternHits == (0, 0))
        #expect(answer(of: other, plain.target(steps("t/p")), input: #""aa""#) == .value("true"))
        #expect(other.patternHits == (1, 1))
    }
}
