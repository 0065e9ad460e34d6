/// What other families will hold.
enum MissingPending {
    static let builtins: [Builtin] = [
        Builtin(
            "glob.match",
            [
                Parameter("pattern", .string), Parameter("delimiters", .union([.null, .array(.string)])),
                Parameter("match", .string),
            ],
            Parameter("output", .boolean), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "glob.quote_meta",
            [Parameter("pattern", .string)],
            Parameter("output", .string), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "re_match",
            [Parameter("", .string), Parameter("", .string)],
            Parameter("output", .boolean), deprecated: true, .missing,
            """
            Not built yet.
            """),
        Builtin(
            "regex.find_all_string_submatch_n",
            [Parameter("pattern", .string), Parameter("value", .string), Parameter("number", .number)],
            Parameter("output", .array(.array(.string))), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "regex.find_n",
            [Parameter("pattern", .string), Parameter("value", .string), Parameter("number", .number)],
            Parameter("output", .array(.string)), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "regex.globs_match",
            [Parameter("glob1", .string), Parameter("glob2", .string)],
            Parameter("output", .boolean), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "regex.is_valid",
            [Parameter("pattern", .string)],
            Parameter("output", .boolean), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "regex.match",
            [Parameter("pattern", .string), Parameter("value", .string)],
            Parameter("output", .boolean), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "regex.replace",
            [Parameter("s", .string), Parameter("pattern", .string), Parameter("value", .string)],
            Parameter("output", .string), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "regex.split",
            [Parameter("pattern", .string), Parameter("value", .string)],
            Parameter("output", .array(.string)), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "regex.template_match",
            [
                Parameter("template", .string), Parameter("value", .string), Parameter("delimiter_start", .string),
                Parameter("delimiter_end", .string),
            ],
            Parameter("output", .boolean), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "sprintf",
            [Parameter("format", .string), Parameter("values", .anyArray)],
            Parameter("output", .string), .missing,
            """
            Not built yet.
            """),
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
