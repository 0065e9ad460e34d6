import Testing

/// Semantic versions: answers of OPA 1.20.2.
struct SemverTests {
    private static let cases: [(call: String, result: String)] = [
        (#"semver.is_valid "1.2.3""#, "true"),
        (#"semver.is_valid "v1.2.3""#, "true"),
        (#"semver.is_valid "V1.2.3""#, "false"),
        (#"semver.is_valid "1.2""#, "false"),
        (#"semver.is_valid "1.2.3.4""#, "false"),
        (#"semver.is_valid "01.2.3""#, "true"),
        (#"semver.is_valid "1.2.3-""#, "true"),
        (#"semver.is_valid "1.2.3+""#, "true"),
        (#"semver.is_valid "1.2.3-a..b""#, "false"),
        (#"semver.is_valid "1.2.3-a.b+c.d""#, "true"),
        (#"semver.is_valid "1.2.3+a+b""#, "false"),
        (#"semver.is_valid "1.2.3-é""#, "false"),
        (#"semver.is_valid """#, "false"),
        (#"semver.is_valid "9223372036854775807.0.0""#, "true"),
        (#"semver.is_valid "9223372036854775808.0.0""#, "false"),
        (#"semver.is_valid "-1.2.3""#, "false"),
        (#"semver.is_valid " 1.2.3""#, "false"),
        ("semver.is_valid 1", "false"),
        ("semver.is_valid null", "false"),
        (#"semver.compare "1.0.0-a" ; "1.0.0-1""#, "1"),
        (#"semver.compare "1.0.0-a" ; "1.0.0-a.1""#, "-1"),
        (#"semver.compare "1.0.0-a" ; "1.0.0""#, "-1"),
        (#"semver.compare "1.0.0+a" ; "1.0.0+b""#, "0"),
        (#"semver.compare "1.0.0-10" ; "1.0.0-9""#, "1"),
        (#"semver.compare "1.0.0-a10" ; "1.0.0-a9""#, "-1"),
        (#"semver.compare "1.0.0-A" ; "1.0.0-a""#, "-1"),
        (#"semver.compare "v1.0.0" ; "1.0.0""#, "0"),
        (#"semver.compare "1.2.3" ; "1.3.0""#, "-1"),
        (#"semver.compare "2.0.0" ; "1.9.9""#, "1"),
        (#"semver.compare "1.0.0-" ; "1.0.0""#, "0"),
        (#"semver.compare "x" ; "1.0.0""#, #"builtin: operand 1: string "x" is not a valid SemVer"#),
        (#"semver.compare "1.0.0" ; "é\"x""#, #"builtin: operand 2: string "é\"x" is not a valid SemVer"#),
        (#"semver.compare 1 ; "1.0.0""#, "type: operand 1 must be string but got number"),
        (#"semver.compare "1.0.0" ; 1"#, "type: operand 2 must be string but got number"),
    ]

    @Test func answersAsOPA() {
        let caller = Caller()
        for (call, result) in Self.cases { #expect(caller.call(call) == result, "\(call)") }
    }
}
