/// `graphql.*`, declared here and built in the façade.
enum GraphQL {
    static let builtins: [Builtin] = [
        Builtin(
            "graphql.is_valid",
            [Parameter("query", .union([.string, .anyObject])), Parameter("schema", .union([.string, .anyObject]))],
            Parameter("output", .boolean), .host(.function),
            """
            Whether a GraphQL query can be read and fits a schema.
            """),
        Builtin(
            "graphql.parse",
            [Parameter("query", .union([.string, .anyObject])), Parameter("schema", .union([.string, .anyObject]))],
            Parameter("output", .tuple([.anyObject, .anyObject])), .host(.function),
            """
            The syntax trees of a GraphQL query and of its schema. Errors in either are errors.
            """),
        Builtin(
            "graphql.parse_and_verify",
            [Parameter("query", .union([.string, .anyObject])), Parameter("schema", .union([.string, .anyObject]))],
            Parameter("output", .tuple([.boolean, .anyObject, .anyObject])), .host(.function),
            """
            Whether a GraphQL query fits a schema, and the syntax trees of both; false and two empty objects when it \
            does not.
            """),
        Builtin(
            "graphql.parse_query",
            [Parameter("query", .string)],
            Parameter("output", .anyObject), .host(.function),
            """
            The syntax tree of a GraphQL query. A query that cannot be read is an error.
            """),
        Builtin(
            "graphql.parse_schema",
            [Parameter("schema", .string)],
            Parameter("output", .anyObject), .host(.function),
            """
            The syntax tree of a GraphQL schema. A schema that cannot be read is an error.
            """),
        Builtin(
            "graphql.schema_is_valid",
            [Parameter("schema", .union([.string, .anyObject]))],
            Parameter("output", .boolean), .host(.function),
            """
            Whether a GraphQL schema can be read and makes sense.
            """),
    ]
}
