import Testing

/// Spellings that OPA keeps as they are and Writ writes down as JSON numbers of the same value.
struct LenientNumberTests {
    private static let cases: [(text: String, result: String)] = [
        ("+1", "1"), ("+1.5", "1.5"), (".5", "0.5"), ("5.", "5"), ("-.5", "-0.5"), ("01", "1"), ("-01.50", "-1.50"),
        ("1_0", "10"), ("1_000.5", "1000.5"), ("1e1_0", "1e10"), ("00", "0"), ("0x10p1", "32"), ("0x_1p0", "1"),
        ("0x1.8p1", "3"), ("0x1p-1", "5e-1"), ("-0x1.8p-3", "-1875e-4"), ("5.e+03", "5e03"),
    ]

    @Test func readsWhatGoReads() {
        let caller = Caller()
        for (text, result) in Self.cases {
            #expect(caller.call("to_number \"\(text)\"") == result, "\(text)")
        }
    }

    @Test func isBounded() {
        let caller = Caller()
        let huge = String(repeating: "f", count: 100_000)
        #expect(caller.call("to_number \"0x\(huge)p1\"").hasPrefix("builtin: "))
        #expect(caller.call("to_number \"0x1p99999999999\"").hasPrefix("builtin: "))
        #expect(caller.call("to_number \"0x1p-9999999\"") == "0")
        #expect(caller.call("to_number \"0x1p9999999\"").hasPrefix("builtin: "))
    }
}
