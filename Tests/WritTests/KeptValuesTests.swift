import Testing
import Writ

/// Bounds of what evaluators keep from decision to decision.
@Suite struct KeptValuesTests {
    private static let policy = """
        package t
        p if {
            regex.match("^a+$", input)
            regex.match("^[ab]+$", input)
            regex.match("^[abc]+$", input)
            glob.match("a*", [], input)
            glob.match("*a", [], input)
        }
        """

    /// How many compiled patterns a second decision finds.
    private func hits(_ kept: KeptValues) throws -> [Int] {
        var functions = HostFunctions.standard
        functions.keptValues = kept
        let file = PolicyFile(name: "t.rego", text: Array(Self.policy.utf8))
        let snapshot = Snapshot(policy: try Policy.compile([file], options: CompileOptions(functions: functions)))
        let evaluator = Evaluator(snapshot)
        let target = snapshot.target([Array("t".utf8), Array("p".utf8)])
        var before = evaluator.patternHits
        for _ in 0..<2 {
            before = evaluator.patternHits
            var answer = ByteBuffer()
            let isDefined = try Array("\"aaa\"".utf8).withUnsafeBufferPointer {
                try evaluator.decide(target, input: $0, into: &answer)
            }
            #expect(isDefined)
        }
        let after = evaluator.patternHits
        return [after.regex - before.regex, after.glob - before.glob]
    }

    @Test func patterns() throws {
        #expect(try hits(KeptValues()) == [3, 2])
        #expect(try hits(KeptValues(patterns: 3)) == [3, 2])
        // The one that is used next was evicted just before.
        #expect(try hits(KeptValues(patterns: 1)) == [0, 0])
        // No more than without a bound, and never none.
        #expect(try hits(KeptValues(patterns: .max)) == [3, 2])
        #expect(try hits(KeptValues(patterns: 0)) == [0, 0])
    }

    @Test func schemas() throws {
        let file = PolicyFile(
            name: "t.rego",
            text: Array(
                """
                package t
                p := [json.match_schema(input, {"properties": {"s": {"maxLength": n}}})[0] | some n in numbers.range(1, 40)]
                """.utf8))
        var functions = HostFunctions.standard
        functions.keptValues = KeptValues(patterns: 2)
        let snapshot = Snapshot(policy: try Policy.compile([file], options: CompileOptions(functions: functions)))
        let evaluator = Evaluator(snapshot)
        let target = snapshot.target([Array("t".utf8), Array("p".utf8)])
        for length in [3, 39, 3] {
            var answer = ByteBuffer()
            let text = Array("{\"s\": \"\(String(repeating: "x", count: length))\"}".utf8)
            _ = try text.withUnsafeBufferPointer { try evaluator.decide(target, input: $0, into: &answer) }
            let wanted = (1...40).map { $0 >= length ? "true" : "false" }.joined(separator: ",")
            #expect(answer.withBytes { String(decoding: $0, as: UTF8.self) } == "[\(wanted)]")
        }
    }
}
