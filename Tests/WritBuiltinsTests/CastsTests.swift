import Testing

/// Types and casts: answers of OPA 1.20.2.
struct CastsTests {
    private static let cases: [(call: String, result: String)] = [
        (#"to_number "0x10""#, #"builtin: strconv.ParseFloat: parsing "0x10": invalid syntax"#),
        (#"to_number "1__0""#, #"builtin: strconv.ParseFloat: parsing "1__0": invalid syntax"#),
        (#"to_number "_1""#, #"builtin: strconv.ParseFloat: parsing "_1": invalid syntax"#),
        (#"to_number "1_""#, #"builtin: strconv.ParseFloat: parsing "1_": invalid syntax"#),
        (#"to_number "1_.0""#, #"builtin: strconv.ParseFloat: parsing "1_.0": invalid syntax"#),
        (#"to_number "inf""#, "type: operand 1 must be valid number string but got string"),
        (#"to_number "NaN""#, "type: operand 1 must be valid number string but got string"),
        (#"to_number "-Infinity""#, "type: operand 1 must be valid number string but got string"),
        (#"to_number "+iNf""#, "type: operand 1 must be valid number string but got string"),
        (#"to_number "1e400""#, #"builtin: strconv.ParseFloat: parsing "1e400": value out of range"#),
        (#"to_number "1e309""#, #"builtin: strconv.ParseFloat: parsing "1e309": value out of range"#),
        (
            #"to_number "1.7976931348623159e308""#,
            #"builtin: strconv.ParseFloat: parsing "1.7976931348623159e308": value out of range"#
        ),
        (#"to_number "1.7976931348623157e308""#, "1.7976931348623157e308"),
        (#"to_number "0x1p1024""#, #"builtin: strconv.ParseFloat: parsing "0x1p1024": value out of range"#),
        (#"to_number "1e-400""#, "1e-400"),
        (#"to_number " 1""#, #"builtin: strconv.ParseFloat: parsing " 1": invalid syntax"#),
        (#"to_number "1e5""#, "1e5"),
        (#"to_number "1E5""#, "1E5"),
        (#"to_number "1e+05""#, "1e+05"),
        (#"to_number "-0""#, "-0"),
        (#"to_number "-""#, #"builtin: strconv.ParseFloat: parsing "-": invalid syntax"#),
        (#"to_number ".""#, #"builtin: strconv.ParseFloat: parsing ".": invalid syntax"#),
        (#"to_number "1.5.""#, #"builtin: strconv.ParseFloat: parsing "1.5.": invalid syntax"#),
        (#"to_number "99999999999999999999""#, "99999999999999999999"),
        (#"to_number "1.0""#, "1.0"),
        (#"to_number "1e""#, #"builtin: strconv.ParseFloat: parsing "1e": invalid syntax"#),
        (#"to_number "++1""#, #"builtin: strconv.ParseFloat: parsing "++1": invalid syntax"#),
        (#"to_number "a\"b\n""#, #"builtin: strconv.ParseFloat: parsing "a\"b\n": invalid syntax"#),
        (#"to_number "infinit""#, #"builtin: strconv.ParseFloat: parsing "infinit": invalid syntax"#),
        ("cast_set [1,1.0]", "{1}"),
        ("cast_set [1.0,1]", "{1.0}"),
        ("cast_array {2,1}", "[1, 2]"),
        ("type_name set()", #""set""#),
    ]

    @Test func answersAsOPA() {
        let caller = Caller()
        for (call, result) in Self.cases { #expect(caller.call(call) == result, "\(call)") }
    }
}
