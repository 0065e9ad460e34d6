import Testing

/// Ranges and bits: answers of OPA 1.20.2.
struct NumbersTests {
    private static let cases: [(call: String, result: String)] = [
        ("numbers.range_step 1 ; 5 ; 0", "builtin: numbers.range_step: step must be a positive integer"),
        ("numbers.range_step 1 ; 5 ; -1", "builtin: numbers.range_step: step must be a positive integer"),
        ("numbers.range_step 1 ; 5 ; 2", "[1, 3, 5]"),
        ("numbers.range_step 5 ; 1 ; 2", "[5, 3, 1]"),
        ("numbers.range_step 5 ; 1 ; 99999999999999999999", "[5]"),
        ("numbers.range_step 5 ; 1 ; 1.5", "type: operand 3 must be integer number but got floating-point number"),
        (
            "numbers.range 99999999999999999999 ; 100000000000000000001",
            "[99999999999999999999, 100000000000000000000, 100000000000000000001]"
        ),
        (
            "numbers.range 9223372036854775806 ; 9223372036854775809",
            "[9223372036854775806, 9223372036854775807, 9223372036854775808, 9223372036854775809]"
        ),
        ("numbers.range 9223372036854775806 ; 9223372036854775807", "[9223372036854775806, 9223372036854775807]"),
        ("numbers.range -9223372036854775808 ; -9223372036854775807", "[-9223372036854775808, -9223372036854775807]"),
        (
            "numbers.range -9223372036854775807 ; -9223372036854775809",
            "[-9223372036854775807, -9223372036854775808, -9223372036854775809]"
        ),
        ("numbers.range 3 ; -2", "[3, 2, 1, 0, -1, -2]"),
        ("numbers.range 1e1 ; 12", "[10, 11, 12]"),
        ("numbers.range 1.0 ; 2", "[1, 2]"),
        ("bits.lsh 1 ; -1", "type: operand 2 must be an unsigned integer number but got a negative integer"),
        ("bits.lsh -5 ; 2", "-20"),
        ("bits.lsh 1 ; 62", "4611686018427387904"),
        ("bits.lsh 1 ; 63", "9223372036854775808"),
        ("bits.lsh -1 ; 63", "-9223372036854775808"),
        ("bits.lsh -1 ; 64", "-18446744073709551616"),
        ("bits.lsh 3 ; 200", "4820814132776970826625886277023487807566608981348378505904128"),
        ("bits.lsh 0 ; 99999999999999999999", "0"),
        ("bits.rsh -5 ; 1", "-3"),
        ("bits.rsh -5 ; -1", "type: operand 2 must be an unsigned integer number but got a negative integer"),
        ("bits.rsh -5 ; 100", "-1"),
        ("bits.rsh 5 ; 99999999999999999999", "0"),
        ("bits.rsh 99999999999999999999 ; 3", "12499999999999999999"),
        ("bits.rsh -99999999999999999999 ; 3", "-12500000000000000000"),
        ("bits.and -5 ; 99999999999999999999", "99999999999999999995"),
        ("bits.or -5 ; 99999999999999999999", "-1"),
        ("bits.xor 5 ; -99999999999999999999", "-99999999999999999996"),
        ("bits.negate -1", "0"),
        ("bits.negate 99999999999999999999", "-100000000000000000000"),
        ("bits.xor -5 ; 3", "-8"),
    ]

    @Test func answersAsOPA() {
        let caller = Caller()
        for (call, result) in Self.cases { #expect(caller.call(call) == result, "\(call)") }
    }
}
