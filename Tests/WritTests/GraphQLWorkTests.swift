import Testing
import Writ

/// Queries with very many fields: where fields of one name are the same, no pairs are compared, of which there would be
/// more than an evaluation has steps.
@Suite struct GraphQLWorkTests {
    private static let schema =
        "type Query { a(x: Int): Int q: Query n: N } interface N { b: Int } type T implements N { b: Int }"

    private static func isValid(_ query: String) throws -> String {
        try Question.answer("graphql.is_valid(`\(query)`, `\(schema)`)")
    }

    private static func many(_ text: String) -> String { String(repeating: text + " ", count: 8_000) }

    @Test(arguments: [
        "a", "a(x: 1)", "q { a }", "q { q { a ...F } }", "... on Query { a }", "...F", "x: a",
    ])
    func fieldsThatAreTheSame(_ field: String) throws {
        let fragment = field.contains("F") ? " fragment F on Query { b: a(x: 2) q { a } }" : ""
        let query = "{ \(Self.many(field)) }\(fragment)"
        #expect(try Self.isValid(query) == "true")
    }

    @Test func fieldsThatDiffer() throws {
        #expect(try Self.isValid("{ a a(x: 1) }") == "false")
        #expect(try Self.isValid("{ q { a } q { a(x: 1) } }") == "false")
        #expect(try Self.isValid("{ x: a x: q { a } }") == "false")
        #expect(try Self.isValid("{ ...F a } fragment F on Query { a(x: 1) }") == "false")
        #expect(try Self.isValid("{ q { ...F } q { a } } fragment F on Query { a(x: 1) }") == "false")
        #expect(try Self.isValid("{ n { ... on T { b } b } }") == "true")
    }
}
