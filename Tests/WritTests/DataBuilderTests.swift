import Testing
import Writ

@Suite struct DataBuilderTests {
    @Test func objectsMergeDeeply() throws {
        #expect(try merged(#"{"a": {"b": 1}}"#, #"{"a": {"c": 2}, "d": [1.0]}"#) == #"{"a":{"b":1,"c":2},"d":[1.0]}"#)
        #expect(try merged("{}", "{}") == "{}")
        #expect(try merged(#"{"a": {}}"#, #"{"a": {"b": {}}}"#) == #"{"a":{"b":{}}}"#)
    }

    @Test func documentsGoUnderPaths() throws {
        var builder = DataBuilder()
        try builder.add(Array("[1, 2]".utf8), at: steps("x/list"))
        try builder.add(Array(#"{"y": null}"#.utf8), at: steps("x"))
        let whole = try text(builder)
        #expect(whole == #"{"x":{"list":[1,2],"y":null}}"#)
        expect(true, builder, "x/y")
        expect(true, builder, "")
        expect(false, builder, "x/z")
        expect(false, builder, "x/list/0/deeper")
    }

    @Test(arguments: [
        (#"{"a": 1}"#, #"{"a": 2}"#), (#"{"a": 1}"#, #"{"a": 1}"#), (#"{"a": {"b": 1}}"#, #"{"a": 1}"#),
        (#"{"a": [1]}"#, #"{"a": [2]}"#), (#"{"a": {"b": {"c": null}}}"#, #"{"a": {"b": {"c": null}}}"#),
        (#"{"a": false}"#, #"{"a": {}}"#),
    ])
    func anythingElseThatMeetsConflicts(_ first: String, _ second: String) throws {
        var builder = DataBuilder()
        try builder.add(Array(first.utf8))
        let before = try text(builder)
        let failure = reason { () throws(DataFailure) in try builder.add(Array(second.utf8)) }
        #expect(failure == .conflict)
        let after = try text(builder)
        #expect(after == before)
        try builder.add(Array(#"{"other": 1}"#.utf8))
        expect(true, builder, "other")
    }

    @Test(arguments: ["[]", "1", "null", #""text""#, "true"])
    func theRootMustBeAnObject(_ json: String) {
        var builder = DataBuilder()
        let failure = reason { () throws(DataFailure) in try builder.add(Array(json.utf8)) }
        #expect(failure == .notAnObject)
    }

    @Test(arguments: [
        ("{", 1, 2), ("{\"a\": 1,\n \"b\" 2}", 2, 6), ("{\"a\":\n\n  tru}", 3, 6), ("{} x", 1, 4), ("", 1, 1),
    ])
    func syntaxErrorsHavePlaces(_ json: String, row: Int, column: Int) {
        var builder = DataBuilder()
        do throws(DataFailure) {
            try builder.add(Array(json.utf8))
            Issue.record("no error for \(json)")
        } catch {
            #expect(error.reason == .syntax)
            #expect(!error.message.isEmpty)
            #expect([error.position?.row, error.position?.column] == [row, column])
        }
    }

    @Test func deepAndLargeDocuments() throws {
        var builder = DataBuilder()
        let deep = String(repeating: "{\"a\":", count: 50_000) + "1" + String(repeating: "}", count: 50_000)
        let failure = reason { () throws(DataFailure) in try builder.add(Array(deep.utf8)) }
        #expect(failure == .syntax || failure == .limit)
        let wide = "{" + (0..<20_000).map { "\"k\($0)\": \($0)" }.joined(separator: ",") + "}"
        try builder.add(Array(wide.utf8), at: steps("wide"))
        expect(true, builder, "wide/k19999")
        expect(false, builder, "wide/k20000")
    }

    @Test func memoryLimit() {
        var builder = DataBuilder(memoryLimit: 1 << 20)
        let large = "{\"a\": [" + String(repeating: "\"some text that is long\",", count: 100_000) + "1]}"
        let failure = reason { () throws(DataFailure) in try builder.add(Array(large.utf8)) }
        #expect(failure != nil && failure != .conflict)
    }

    private func expect(_ isThere: Bool, _ builder: borrowing DataBuilder, _ path: String) {
        let found = builder.contains(steps(path))
        #expect(found == isThere, "\(path)")
    }

    private func merged(_ documents: String...) throws -> String {
        var builder = DataBuilder()
        for document in documents { try builder.add(Array(document.utf8)) }
        return try text(builder)
    }

    private func text(_ builder: borrowing DataBuilder) throws -> String {
        let snapshot = Snapshot(policy: try Policy.compile([]), data: try builder.freeze())
        guard case .value(let text) = answer(of: Evaluator(snapshot), snapshot.target([]), input: nil) else {
            return ""
        }
        return text
    }

    private func reason(_ body: () throws(DataFailure) -> Void) -> DataFailure.Reason? {
        do throws(DataFailure) { try body() } catch { return error.reason }
        return nil
    }
}
