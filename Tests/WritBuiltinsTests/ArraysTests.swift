import Testing

/// Arrays: answers of OPA 1.20.2.
struct ArraysTests {
    private static let cases: [(call: String, result: String)] = [
        ("array.flatten [[1,[2]],3,[],{1},[[[]]]]", "[1, [2], 3, {1}, [[]]]"),
        (#"array.reverse [1,"a",[2]]"#, #"[[2], "a", 1]"#),
        ("array.concat [1] ; [2,3]", "[1, 2, 3]"),
        ("array.slice [1,2,3] ; -1 ; 10", "[1, 2, 3]"),
        ("array.slice [1,2,3] ; 2 ; 1", "[]"),
        ("array.slice [1,2,3] ; 1 ; 1e20", "type: operand 3 must be integer number but got floating-point number"),
        ("array.slice [1,2,3] ; 1e0 ; 3", "type: operand 2 must be integer number but got floating-point number"),
        ("array.slice [1,2,3] ; 1.0 ; 3", "[2, 3]"),
        (
            "array.slice [1,2,3] ; 0 ; 99999999999999999999",
            "type: operand 3 must be integer number but got floating-point number"
        ),
        (
            "array.slice [1,2,3] ; -99999999999999999999 ; 2",
            "type: operand 2 must be integer number but got floating-point number"
        ),
        (
            "array.slice [1,2,3] ; 1.00000000000000000000000 ; 3",
            "type: operand 2 must be integer number but got floating-point number"
        ),
        ("array.slice [1,2,3] ; 9223372036854775807 ; 3", "[]"),
        (
            "array.slice [1,2,3] ; 9223372036854775807.0 ; 3",
            "type: operand 2 must be integer number but got floating-point number"
        ),
        ("array.slice [1,2,3] ; 1.5 ; 3", "type: operand 2 must be integer number but got floating-point number"),
    ]

    @Test func answersAsOPA() {
        let caller = Caller()
        for (call, result) in Self.cases { #expect(caller.call(call) == result, "\(call)") }
    }
}
