import Foundation
import Testing
import Writ

@testable import WritDecisionLog

@Suite struct EventTests {
    @Test func anEventAsOPAWritesIt() throws {
        let desk = try Desk("package app\n\nallow if input.user == \"jo\"")
        try desk.decide("app/allow", #"{"user": "jo", "n": 1.50}"#) { facts in
            facts.requestedBy = Array("127.0.0.1:5".utf8)
            facts.request = 3
            facts.metrics = [("timer_rego_query_eval_ns", 12)]
            facts.headers = [("X-Who", ["a", "b"])]
            facts.bundles = Array(#"{"main":{"revision":"r1"}}"#.utf8)
            facts.trace = "0af7651916cd43dd8448eb211c80319c"
            facts.span = "b7ad6b7169203331"
        }
        #expect(
            desk.lines.value == [
                #"{"labels":{"app":"desk","id":"7"},"decision_id":"the-id","#
                    + #""trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331","#
                    + #""bundles":{"main":{"revision":"r1"}},"path":"app/allow","input":{"n":1.50,"user":"jo"},"#
                    + #""result":true,"requested_by":"127.0.0.1:5","timestamp":"2023-11-14T22:13:20.12Z","#
                    + #""metrics":{"timer_rego_query_eval_ns":12},"req_id":3,"#
                    + #""request_context":{"http":{"headers":{"X-Who":["a","b"]}}}}"#
            ])
    }

    @Test func whatIsNotThereIsNotTold() throws {
        let desk = try Desk("package app")
        try desk.decide("app/none", "null") { $0.input = .undefined }
        #expect(
            desk.lines.value == [
                #"{"labels":{"app":"desk","id":"7"},"decision_id":"the-id","path":"app/none","#
                    + #""timestamp":"2023-11-14T22:13:20.12Z"}"#
            ])
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59.999999999Z"),
        (951_782_400_000_000_000, "2000-02-29T00:00:00Z"),
        (4_107_542_399_000_000_001, "2100-02-28T23:59:59.000000001Z"),
        (1_000, "1970-01-01T00:00:00.000001Z"),
    ])
    func times(nanoseconds: Int64, text: String) {
        var output = ByteBuffer()
        Timestamp.append(nanoseconds, to: &output)
        #expect(String(decoding: output.bytes, as: UTF8.self) == text)
    }

    @Test func whatBuiltinsGaveIsTold() throws {
        var settings = DecisionLogSettings.console
        settings.keepsNondeterministicResults = true
        let desk = try Desk(
            "package app\n\np := [rand.intn(\"a\", 1), rand.intn(\"a\", 1), rand.intn(\"b\", 1)]", settings)
        try desk.decide("app/p", "{}")
        #expect(
            try #require(desk.lines.value.first).contains(
                #""nd_builtin_cache":{"rand.intn":{"[\"a\",1]":0,"[\"b\",1]":0}}"#))
        // Nothing of it is left for the next decision.
        try desk.decide("app/q", "{}")
        #expect(!desk.lines.value[1].contains("nd_builtin_cache"))
    }

    struct Mask: Sendable, CustomTestStringConvertible {
        let rules: String
        let input: String
        /// Members of the event that are looked at, as JSON text.
        let want: String
        var testDescription: String { rules }

        init(_ rules: String, _ input: String, _ want: String) {
            self.rules = rules
            self.input = input
            self.want = want
        }
    }

    @Test(arguments: [
        Mask(#"{"/input/a"}"#, #"{"a": 1, "b": 2}"#, #"{"erased":["/input/a"],"input":{"b":2},"result":7}"#),
        Mask(#"{"/input/x"}"#, #"{"a": 1}"#, #"{"input":{"a":1},"result":7}"#),
        Mask(#"["/input", "/result"]"#, #"{"a": 1}"#, #"{"erased":["/input","/result"]}"#),
        Mask(
            #"[{"op": "remove", "path": "/input/a/1/b"}]"#, #"{"a": [0, {"b": 1, "c": 2}]}"#,
            #"{"erased":["/input/a/1/b"],"input":{"a":[0,{"c":2}]},"result":7}"#),
        Mask(
            #"{"/input/a/0"}"#, #"{"a": [1, 2]}"#, #"{"erased":["/input/a/0"],"input":{"a":[2]},"result":7}"#),
        Mask(#"{"/input/0"}"#, #"[1, 2]"#, #"{"input":[1,2],"result":7}"#),
        Mask(
            #"[{"op": "upsert", "path": "/input/p/q", "value": "**"}]"#, #"{"a": 1}"#,
            #"{"input":{"a":1,"p":{"q":"**"}},"masked":["/input/p/q"],"result":7}"#),
        Mask(
            #"[{"op": "upsert", "path": "/input/a/1", "value": {"x": null}}]"#, #"{"a": [1, 2]}"#,
            #"{"input":{"a":[1,{"x":null}]},"masked":["/input/a/1"],"result":7}"#),
        Mask(
            #"[{"op": "upsert", "path": "/result", "value": 8}]"#, "{}",
            #"{"input":{},"masked":["/result"],"result":8}"#),
        Mask(
            #"[{"op": "upsert", "path": "/input/a/b", "value": 8}]"#, #"{"a": 1}"#, #"{"input":{"a":1},"result":7}"#),
        Mask(
            #"{"/input/a%20b", "/input/c d"}"#, #"{"a b": 1, "c d": 2}"#,
            #"{"erased":["/input/a%2520b","/input/c%20d"],"input":{},"result":7}"#),
        Mask(#"[]"#, #"{"a": 1}"#, #"{"input":{"a":1},"result":7}"#),
    ])
    func masks(mask: Mask) throws {
        let desk = try Desk("package system.log\n\nmask := \(mask.rules)\n\np := 7")
        try desk.decide("system/log/p", mask.input)
        let line = try #require(desk.lines.value.first)
        #expect(try part(line, ["input", "result", "erased", "masked"]) == mask.want)
    }

    func part(_ line: String, _ names: [String]) throws -> String {
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        let data = try JSONSerialization.data(
            withJSONObject: object.filter { names.contains($0.key) }, options: [.sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self)
    }

    @Test(arguments: [
        ("mask := 1", "unexpected rule format 1"), (#"mask := {"x"}"#, "slash-prefixed"),
        (#"mask := {"/labels"}"#, "prefix not allowed"), (#"mask := [{"path": "/input", "op": "x"}]"#, "not supported"),
        (#"mask := [{"op": "remove"}]"#, "invalid \"path\""), ("mask := [7]", "invalid mask rule format"),
        ("mask := [1 | numbers.range(1, 2000000000)[_]]", "mask failed"),
        (#"mask := {"/input/%zz"}"#, "URL escape"),
        ("mask := {\"/input\"}\n\nmask := {\"/result\"}", "mask failed"),
        ("drop if 1 == 1\n\ndrop := 7", "drop failed"),
    ])
    func aPolicyThatFailsLogsNothing(rules: String, message: String) throws {
        let desk = try Desk("package system.log\n\n\(rules)")
        desk.evaluator.limits.steps = 100_000
        try desk.decide("none", #"{"secret": 1}"#)
        #expect(desk.lines.value.isEmpty)
        #expect(desk.log.status.counters.policyFailures == 1)
        #expect(desk.complaints.value.first?.contains(message) ?? false, "\(desk.complaints.value)")
    }

    @Test func dropsWhatThePolicySays() throws {
        let desk = try Desk(
            "package system.log\n\ndrop if input.path == \"health\"\n\ndrop if input.result.noise")
        try desk.decide("health", "{}")
        try desk.decide("other", "{}")
        #expect(desk.lines.value.count == 1)
        #expect(desk.log.status.counters.droppedByPolicy == 1)
    }

    @Test func tellsAllowedFromDenied() throws {
        let space = Space.create()
        defer { space.destroy() }
        for (text, verdict) in [
            ("true", 1), ("false", 2), (#"{"allow": true}"#, 1), (#"{"allow": false, "x": 1}"#, 2),
            (#"{"allowed": true}"#, 1), ("[true]", 0), (#"{"allow": "yes"}"#, 0), ("1", 0),
        ] {
            let value = try space.readJSON(Array(text.utf8))
            #expect(Int(DecisionRecorder.verdict(value, space).rawValue) == verdict, "\(text)")
        }
        #expect(DecisionRecorder.verdict(.undefined, space) == .other)
    }

    @Test func identifiersAreRandomUUIDs() {
        var random = RandomBytes()
        let all = Set((0..<1000).map { _ in String(decoding: random.identifier(), as: UTF8.self) })
        #expect(all.count == 1000)
        #expect(
            all.allSatisfy { UUID(uuidString: $0) != nil && Array($0)[14] == "4" && "89ab".contains(Array($0)[19]) })
    }
}
