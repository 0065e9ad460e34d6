/// What other families will hold.
enum MissingPending {
    static let builtins: [Builtin] = [
        Builtin(
            "time.add_date",
            [
                Parameter("ns", .number), Parameter("years", .number), Parameter("months", .number),
                Parameter("days", .number),
            ],
            Parameter("output", .number), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "time.clock",
            [Parameter("x", .union([.number, .tuple([.number, .string])]))],
            Parameter("output", .tuple([.number, .number, .number])), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "time.date",
            [Parameter("x", .union([.number, .tuple([.number, .string])]))],
            Parameter("output", .tuple([.number, .number, .number])), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "time.diff",
            [
                Parameter("ns1", .union([.number, .tuple([.number, .string])])),
                Parameter("ns2", .union([.number, .tuple([.number, .string])])),
            ],
            Parameter("output", .tuple([.number, .number, .number, .number, .number, .number])), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "time.format",
            [Parameter("x", .union([.number, .tuple([.number, .string]), .tuple([.number, .string, .string])]))],
            Parameter("output", .string), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "time.now_ns",
            [],
            Parameter("output", .number), deterministic: false, .missing,
            """
            Not built yet.
            """),
        Builtin(
            "time.parse_duration_ns",
            [Parameter("duration", .string)],
            Parameter("output", .number), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "time.parse_ns",
            [Parameter("layout", .string), Parameter("value", .string)],
            Parameter("output", .number), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "time.parse_rfc3339_ns",
            [Parameter("value", .string)],
            Parameter("output", .number), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "time.weekday",
            [Parameter("x", .union([.number, .tuple([.number, .string])]))],
            Parameter("output", .string), .missing,
            """
            Not built yet.
            """),
    ]
}
