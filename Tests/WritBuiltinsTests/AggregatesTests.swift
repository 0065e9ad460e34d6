import Testing

/// Aggregates: answers of OPA 1.20.2.
struct AggregatesTests {
    private static let cases: [(call: String, result: String)] = [
        (#"sort [3,1.0,1,"a",null,[],{}]"#, #"[null, 1.0, 1, 3, "a", [], {}]"#),
        ("sort [13,12,11,10,9,8,7,6,5,4,3,2,1,0,-1]", "[-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]"),
        ("max [1,1.0]", "1.0"),
        ("min [1,1.0]", "1.0"),
        ("max {1,2.5}", "2.5"),
        ("max []", "undefined"),
        ("all [true,true]", "true"),
        ("any {true,1}", "true"),
        ("any [1,true]", "true"),
        (#"count "e\u0301👨‍👩‍👧""#, "7"),
        (#"count "\r\n""#, "2"),
        ("sum [0.1,0.2]", "0.3"),
        ("sum [1,2,3]", "6"),
        ("sum [9223372036854775807,1]", "9223372036854775808"),
        ("sum [1e20,1]", "100000000000000000001"),
        ("sum [1.0,2]", "3"),
        ("sum [1,0.5]", "1.5"),
        ("sum [1.50]", "1.5"),
        ("sum {1.50}", "1.5"),
        ("sum [1e2]", "100"),
        (#"sum [1,2,"x"]"#, "type: operand 1 must be array of numbers but got array containing string"),
        (
            #"sum [9223372036854775807,1,"x"]"#,
            "type: operand 1 must be array of numbers but got array containing string"
        ),
        (#"sum [0.5,"x"]"#, "type: operand 1 must be array of numbers but got array containing string"),
        ("product [0.1,3]", "0.30000000000000004"),
        ("product [1.50]", "1.5"),
        ("product [3037000500,3037000500]", "9223372037000250000"),
        ("product [9223372036854775807,2]", "18446744073709551614"),
        ("product [1,2,3,4]", "24"),
        ("product [1e2]", "100"),
        ("product [0.5,0]", "0"),
        ("product [-0.5,0]", "-0"),
        ("product {2,3.0}", "6"),
        ("sort [3,1,2,1,3,1.0,2.0]", "[1, 1, 1.0, 2, 2.0, 3, 3]"),
    ]

    @Test func answersAsOPA() {
        let caller = Caller()
        for (call, result) in Self.cases { #expect(caller.call(call) == result, "\(call)") }
    }
}
