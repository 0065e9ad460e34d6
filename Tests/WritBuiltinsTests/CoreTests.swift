import Testing

/// Membership and template strings: answers of OPA 1.20.2.
struct CoreTests {
    private static let cases: [(call: String, result: String)] = [
        (#"internal.member_3 "a" ; 1 ; {"a":1}"#, "true"),
        ("internal.member_3 0 ; 1 ; [1]", "true"),
        ("internal.member_3 0.0 ; 1 ; [1]", "true"),
        ("internal.member_3 0e0 ; 1 ; [1]", "false"),
        (#"internal.member_3 "0" ; 1 ; [1]"#, "false"),
        ("internal.member_3 1 ; 1 ; {1}", "true"),
        ("internal.member_3 1 ; 1.0 ; {1}", "true"),
        ("internal.member_3 2 ; 1 ; {1,2}", "false"),
        (#"internal.member_2 1 ; "1""#, "false"),
        ("internal.member_2 1.0 ; [1]", "true"),
        (#"internal.member_2 "v" ; {"k":"v"}"#, "true"),
        (#"internal.member_2 "k" ; {"k":"v"}"#, "false"),
        ("internal.template_string [set()]", #""<undefined>""#),
        ("internal.template_string [{1}]", #""1""#),
        (
            #"internal.template_string ["a",{"x"},{[1,"a"]},{{"k":1}},{{1,2}},{set()},{null},{true},{1.50},{1e2}]"#,
            #""ax[1, \"a\"]{\"k\": 1}{1, 2}set()nulltrue1.501e2""#
        ),
        ("internal.template_string [{1,2}]", "conflict: template-strings must not produce multiple outputs"),
        ("internal.template_string [null,true,1.50,1e2]", #""nulltrue1.501e2""#),
        (#"internal.template_string [{"é\n"},{["é\n"]}]"#, #""é\n[\"é\\n\"]""#),
    ]

    @Test func answersAsOPA() {
        let caller = Caller()
        for (call, result) in Self.cases { #expect(caller.call(call) == result, "\(call)") }
    }
}
