/// Builtins that need the network, a parser of Rego, or a format that is not read yet.
///
/// Declared, so that policies are checked against them; calling one is a compile error.
enum Missing {
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
        Builtin(
            "http.send",
            [Parameter("request", .dictionary(.string, .any))],
            Parameter("output", .anyObject), deterministic: false, .host(.function),
            """
            Sends an HTTP request and gives the response as an object. Equal requests are sent once in a query. A \
            failure is an error, unless the request says `raise_error: false`.
            """),
        Builtin(
            "json.match_schema",
            [
                Parameter("document", .union([.string, .anyObject])),
                Parameter("schema", .union([.string, .anyObject])),
            ],
            Parameter(
                "output",
                .tuple([
                    .boolean,
                    .array(
                        .record(
                            [
                                (key: "desc", type: .string), (key: "error", type: .string),
                                (key: "field", type: .string), (key: "type", type: .string),
                            ], rest: .none)),
                ])), .missing,
            """
            Whether a document (or its JSON text) fits a JSON schema, and where it does not. A schema that cannot be \
            read is an error.
            """),
        Builtin(
            "json.verify_schema",
            [Parameter("schema", .union([.string, .anyObject]))],
            Parameter("output", .tuple([.boolean, .union([.null, .string])])), .missing,
            """
            Whether an object (or a JSON text) is a JSON schema, and null or what is wrong with it.
            """),
        Builtin(
            "providers.aws.sign_req",
            [
                Parameter("request", .dictionary(.string, .any)), Parameter("aws_config", .dictionary(.string, .any)),
                Parameter("time_ns", .number),
            ],
            Parameter("output", .anyObject), .missing,
            """
            The HTTP request object `request` with the headers that sign it for Amazon Web Services (Signature \
            Version 4). Missing credentials are an error.
            """),
        Builtin(
            "rego.metadata.chain",
            [],
            Parameter("output", .anyArray), .missing,
            """
            The annotations of the rule that is being evaluated and of all scopes around it, innermost first, each \
            with its path.
            """),
        Builtin(
            "rego.metadata.rule",
            [],
            Parameter("output", .any), .missing,
            """
            The annotations of the rule that is being evaluated; an empty object when it has none.
            """),
        Builtin(
            "rego.parse_module",
            [Parameter("filename", .string), Parameter("rego", .string)],
            Parameter("output", .dictionary(.string, .any)), .host(.function),
            """
            The syntax tree of a Rego module as an object. A module that cannot be read is an error.
            """),
        Builtin(
            "yaml.is_valid",
            [Parameter("x", .string)],
            Parameter("output", .boolean), .host(.function),
            """
            Whether a string is a YAML text.
            """),
        Builtin(
            "yaml.marshal",
            [Parameter("x", .any)],
            Parameter("output", .string), .host(.function),
            """
            The YAML text of a value.
            """),
        Builtin(
            "yaml.unmarshal",
            [Parameter("x", .string)],
            Parameter("output", .any), .host(.function),
            """
            The value that a YAML text describes. A text that is no YAML is an error.
            """),
    ]
}
