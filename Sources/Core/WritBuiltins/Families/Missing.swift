/// Builtins that need the network or a parser of Rego.
///
/// Declared here; a library above provides them, and where none does a call is a compile error.
enum Missing {
    static let builtins: [Builtin] = [
        Builtin(
            "http.send",
            [Parameter("request", .dictionary(.string, .any))],
            Parameter("output", .anyObject), deterministic: false, .host(.function),
            """
            Sends an HTTP request and gives the response as an object. Equal requests are sent once in a query. A \
            failure is an error, unless the request says `raise_error: false`.
            """),
        Builtin(
            "rego.metadata.chain",
            [],
            Parameter("output", .anyArray), .pure(Metadata.chain),
            """
            The annotations of the rule that is being evaluated and of all scopes around it, innermost first, each \
            with its path.
            """),
        Builtin(
            "rego.metadata.rule",
            [],
            Parameter("output", .any), .pure(Metadata.rule),
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
    ]
}
