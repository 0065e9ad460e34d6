/// What other families will hold.
enum MissingPending {
    static let builtins: [Builtin] = [
        Builtin(
            "crypto.hmac.equal",
            [Parameter("mac1", .string), Parameter("mac2", .string)],
            Parameter("output", .boolean), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "crypto.hmac.md5",
            [Parameter("x", .string), Parameter("key", .string)],
            Parameter("output", .string), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "crypto.hmac.sha1",
            [Parameter("x", .string), Parameter("key", .string)],
            Parameter("output", .string), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "crypto.hmac.sha256",
            [Parameter("x", .string), Parameter("key", .string)],
            Parameter("output", .string), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "crypto.hmac.sha512",
            [Parameter("x", .string), Parameter("key", .string)],
            Parameter("output", .string), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "crypto.md5",
            [Parameter("x", .string)],
            Parameter("output", .string), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "crypto.sha1",
            [Parameter("x", .string)],
            Parameter("output", .string), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "crypto.sha256",
            [Parameter("x", .string)],
            Parameter("output", .string), .missing,
            """
            Not built yet.
            """),
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
            "net.cidr_contains",
            [Parameter("cidr", .string), Parameter("cidr_or_ip", .string)],
            Parameter("output", .boolean), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "net.cidr_contains_matches",
            [
                Parameter(
                    "cidrs",
                    .union([
                        .string, .array(.union([.string, .anyArray])),
                        .dictionary(.string, .union([.string, .anyArray])), .set(.union([.string, .anyArray])),
                    ])),
                Parameter(
                    "cidrs_or_ips",
                    .union([
                        .string, .array(.union([.string, .anyArray])),
                        .dictionary(.string, .union([.string, .anyArray])), .set(.union([.string, .anyArray])),
                    ])),
            ],
            Parameter("output", .set(.tuple([.any, .any]))), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "net.cidr_expand",
            [Parameter("cidr", .string)],
            Parameter("output", .set(.string)), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "net.cidr_intersects",
            [Parameter("cidr1", .string), Parameter("cidr2", .string)],
            Parameter("output", .boolean), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "net.cidr_is_valid",
            [Parameter("cidr", .string)],
            Parameter("output", .boolean), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "net.cidr_merge",
            [Parameter("addrs", .union([.array(.union([.string])), .set(.string)]))],
            Parameter("output", .set(.string)), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "net.cidr_overlap",
            [Parameter("", .string), Parameter("", .string)],
            Parameter("output", .boolean), deprecated: true, .missing,
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
            "semver.compare",
            [Parameter("a", .string), Parameter("b", .string)],
            Parameter("output", .number), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "semver.is_valid",
            [Parameter("vsn", .any)],
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
        Builtin(
            "units.parse",
            [Parameter("x", .string)],
            Parameter("output", .number), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "units.parse_bytes",
            [Parameter("x", .string)],
            Parameter("output", .number), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "uuid.parse",
            [Parameter("uuid", .string)],
            Parameter("output", .dictionary(.string, .any)), .missing,
            """
            Not built yet.
            """),
        Builtin(
            "uuid.rfc4122",
            [Parameter("k", .string)],
            Parameter("output", .string), deterministic: false, .missing,
            """
            Not built yet.
            """),
    ]
}
