extension BuiltinExamples {
    /// Examples of numbers.
    static let numbers = #"""
        abs
          abs(-7.5)
          => 7.5
          abs(input.drift) with input.drift as "-7.5"
          !! eval_type_error: abs: operand 1 must be number but got string
        bits.and
          bits.and(12, 10)
          => 8
          bits.and(input.flags, 1) with input.flags as 1.5
          !! eval_type_error: bits.and: operand 1 must be integer number but got floating-point number
        bits.lsh
          bits.lsh(1, 16)
          => 65536
          bits.lsh(1, input.bit) with input.bit as -1
          !! eval_type_error: bits.lsh: operand 2 must be an unsigned integer number but got a negative integer
        bits.negate
          bits.negate(12)
          => -13
          bits.negate(input.flags) with input.flags as 0.5
          !! eval_type_error: bits.negate: operand 1 must be integer number but got floating-point number
        bits.or
          bits.or(12, 3)
          => 15
          bits.or(input.flags, 1) with input.flags as "12"
          !! eval_type_error: bits.or: operand 1 must be integer but got string
        bits.rsh
          bits.rsh(4096, 4)
          => 256
          bits.rsh(-1, 3)
          => -1
          bits.rsh(1, input.bit) with input.bit as -1
          !! eval_type_error: bits.rsh: operand 2 must be an unsigned integer number but got a negative integer
        bits.xor
          bits.xor(12, 10)
          => 6
          bits.xor(input.flags, 1) with input.flags as 0.5
          !! eval_type_error: bits.xor: operand 1 must be integer number but got floating-point number
        ceil
          ceil(20.1)
          => 21
          ceil(-0.5)
          => 1
          ceil(input.level) with input.level as "20.1"
          !! eval_type_error: ceil: operand 1 must be number but got string
        div
          1 / 3
          => 0.33333333333333333334
          10 / 4
          => 2.5
          10 / input.interval with input.interval as 0
          !! eval_builtin_error: div: divide by zero
        floor
          floor(20.9)
          => 20
          floor(-20.1)
          => -21
          floor(input.level) with input.level as null
          !! eval_type_error: floor: operand 1 must be number but got null
        format_int
          format_int(255, 16)
          => "ff"
          format_int(10.9, 2)
          => "1010"
          format_int(255, input.base) with input.base as 7
          !! eval_type_error: format_int: operand 2 must be one of {2, 8, 10, 16}
        minus
          21.5 - 0.25
          => 21.25
          {"read", "write"} - {"write"}
          => {"read"}
          input.quota - 1 with input.quota as {"read"}
          !! eval_type_error: minus: operand 2 must be set but got number
        mul
          24 * 60 * 60
          => 86400
          0.1 * 3
          => 0.3
          input.count * 2 with input.count as "7"
          !! eval_type_error: mul: operand 1 must be number but got string
        numbers.range
          numbers.range(1, 4)
          => [1, 2, 3, 4]
          numbers.range(2, -1)
          => [2, 1, 0, -1]
          numbers.range(1, input.last) with input.last as 2.5
          !! eval_type_error: numbers.range: operand 2 must be integer number but got floating-point number
        numbers.range_step
          numbers.range_step(0, 10, 4)
          => [0, 4, 8]
          numbers.range_step(10, 0, 5)
          => [10, 5, 0]
          numbers.range_step(0, 10, input.step) with input.step as 0
          !! eval_builtin_error: numbers.range_step: numbers.range_step: step must be a positive integer
        plus
          21.5 + 0.25
          => 21.75
          9223372036854775807 + 1
          => 9223372036854775808
          input.count + 1 with input.count as "7"
          !! eval_type_error: plus: operand 1 must be number but got string
        rand.intn
          rand.intn("backoff", 10) < 10
          => true
          rand.intn("backoff", 10) == rand.intn("backoff", 10)
          => true
        rem
          17 % 5
          => 2
          -17 % 5
          => -2
          7.5 % input.step with input.step as 2
          !! eval_builtin_error: rem: modulo on floating-point number
          7 % input.step with input.step as 0
          !! eval_builtin_error: rem: modulo by zero
        round
          round(20.5)
          => 21
          round(-20.5)
          => -21
          round(input.level) with input.level as [20.5]
          !! eval_type_error: round: operand 1 must be number but got array
        to_number
          to_number("21.50")
          => 21.50
          to_number(true)
          => 1
          to_number("21,5")
          !! eval_builtin_error: to_number: strconv.ParseFloat: parsing "21,5": invalid syntax
          to_number(input.reading) with input.reading as ["21.5"]
          !! eval_type_error: to_number: operand 1 must be one of {null, boolean, number, string} but got array
        units.parse
          units.parse("250m")
          => 0.2500000000
          units.parse("1.5Ki")
          => 1536
          units.parse("12 K")
          !! eval_builtin_error: units.parse: units.parse: spaces not allowed in resource strings
          units.parse("12X")
          !! eval_builtin_error: units.parse: units.parse: unit X not recognized
        units.parse_bytes
          units.parse_bytes("10MB")
          => 10000000
          units.parse_bytes("1.5KiB")
          => 1536
          units.parse_bytes("10XB")
          !! eval_builtin_error: units.parse_bytes: units.parse_bytes: byte unit xb not recognized
        """#
}
