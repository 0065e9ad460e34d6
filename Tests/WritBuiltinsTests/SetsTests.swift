import Testing

/// Sets: answers of OPA 1.20.2.
struct SetsTests {
    private static let cases: [(call: String, result: String)] = [
        ("or {1} ; {1.0}", "{1}"),
        ("or {1.0} ; {1}", "{1.0}"),
        (#"or {1,3} ; {2,"a",[1]}"#, #"{1, 2, 3, "a", [1]}"#),
        ("and {1,2} ; {1.0}", "{1.0}"),
        ("and {1.0} ; {1,2}", "{1.0}"),
        ("and {1.0} ; {1}", "{1.0}"),
        ("and {1.0,2} ; {1,3}", "{1.0}"),
        ("union {{1},{1.0}}", "{1}"),
        ("union {{1.0},{1,2}}", "{1.0, 2}"),
        ("union {{1},{2},{3,1}}", "{1, 2, 3}"),
        ("intersection {{1.0},{1,2}}", "{1.0}"),
        ("intersection {{1,3},{1.0,2}}", "{1.0}"),
        ("intersection {{1,2,3},{2,3,4},{3,4,5}}", "{3}"),
        ("set_diff {1,2,3} ; {2.0}", "{1, 3}"),
        ("and {1,2,3,4,5,6} ; {2,4,9}", "{2, 4}"),
        ("and {1,9,20,30,40,50,60,70,80,90,100,110} ; {9}", "{9}"),
    ]

    @Test func answersAsOPA() {
        let caller = Caller()
        for (call, result) in Self.cases { #expect(caller.call(call) == result, "\(call)") }
    }
}
