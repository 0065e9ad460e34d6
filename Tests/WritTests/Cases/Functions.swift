extension Case {
    /// Functions: patterns, several definitions, defaults, conflicts and calls from everywhere.
    static let functions: [Case] = [
        Case(
            "call",
            #"""
            f(x) := x * 2
            p := f(21)
            """#, gives: .value(#"42"#)),
        Case(
            "function without a value is true",
            #"""
            f(x) if x > 1
            p := [f(2)]
            """#, gives: .value(#"[true]"#)),
        Case(
            "undefined result makes the expression undefined",
            #"""
            f(x) := x if x > 1
            p := f(1)
            """#, gives: .undefined),
        Case(
            "negated undefined call",
            #"""
            f(x) := x if x > 1
            p if not f(1)
            """#, gives: .value(#"true"#)),
        Case(
            "two definitions by condition",
            #"""
            f(x) := "small" if x < 10
            f(x) := "big" if x >= 10
            p := [f(1), f(10)]
            """#, gives: .value(#"["small","big"]"#)),
        Case(
            "definitions that disagree conflict",
            #"""
            f(x) := 1 if x > 0
            f(x) := 2 if x > 1
            p := f(input.x)
            """#,
            answers: [
                (#"{"x": 1}"#, .value(#"1"#)),
                (#"{"x": 2}"#, .fails("eval_conflict_error")),
                (#"{"x": 0}"#, .undefined),
            ]),
        Case(
            "definitions that agree do not",
            #"""
            f(x) := 1 if x > 0
            f(x) := 1.0 if x > 1
            p := f(2)
            """#, gives: .value(#"1"#)),
        Case(
            "constant parameters",
            #"""
            f("a") := 1
            f("b") := 2
            f("c") := 3
            p := [f(input.k) | true]
            """#,
            answers: [
                (#"{"k": "a"}"#, .value(#"[1]"#)),
                (#"{"k": "c"}"#, .value(#"[3]"#)),
                (#"{"k": "d"}"#, .value(#"[]"#)),
            ]),
        Case(
            "array pattern",
            #"""
            f([x, y]) := x + y
            p := [f([1, 2]), f([3, 4])]
            """#, gives: .value(#"[3,7]"#)),
        Case(
            "array pattern of another length",
            #"""
            f([x, y]) := x + y
            p := f(input.a)
            """#,
            answers: [
                (#"{"a": [1, 2, 3]}"#, .undefined),
                (#"{"a": "no array"}"#, .undefined),
                (#"{"a": {"0": 1, "1": 2}}"#, .undefined),
            ]),
        Case(
            "nested pattern with constants",
            #"""
            f(["k", {"a": x, "b": [y, 7]}]) := [x, y]
            p := f(input.v)
            """#,
            answers: [
                (#"{"v": ["k", {"a": 1, "b": [2, 7]}]}"#, .value(#"[1,2]"#)),
                (#"{"v": ["k", {"a": 1, "b": [2, 8]}]}"#, .undefined),
                (#"{"v": ["k", {"a": 1, "b": [2, 7], "c": 0}]}"#, .undefined),
            ]),
        Case(
            "the same variable twice in a pattern",
            #"""
            f(x, x) := x
            p := f(1, 2)
            """#, gives: .undefined),
        Case(
            "wildcards in parameters",
            #"""
            f(_, x, _) := x
            p := f(1, 2, 3)
            """#, gives: .value(#"2"#)),
        Case(
            "operand shadowed by a name of the module",
            #"""
            x := 100
            f(x) := x + 1
            p := f(1)
            """#, gives: .value(#"2"#)),
        Case(
            "default function",
            #"""
            default f(_) := "none"
            f(x) := "some" if x == 1
            p := [f(1), f(2)]
            """#, gives: .value(#"["some","none"]"#)),
        Case(
            "default function does not save an undefined operand",
            #"""
            default f(_) := "none"
            f(x) := "some" if x == 1
            p := f(input.missing)
            """#, gives: .undefined),
        Case(
            "function with else",
            #"""
            f(x) := 1 if x == 1 else := 2 if x == 2 else := 3
            p := [f(1), f(2), f(9)]
            """#, gives: .value(#"[1,2,3]"#)),
        Case(
            "function that reads input and data",
            #"""
            f(k) := [input[k], data.base[k]]
            p := f("a")
            """#, data: #"{"base": {"a": 2}}"#, input: #"{"a": 1}"#, gives: .value(#"[1,2]"#)),
        Case(
            "function with a loop inside",
            #"""
            f(xs) := sum([y | some x in xs; y := x * x])
            p := f([1, 2, 3])
            """#, gives: .value(#"14"#)),
        Case(
            "call in an operand of a call",
            #"""
            f(x) := x + 1
            g(x, y) := x * y
            p := g(f(f(1)), f(g(2, 3)))
            """#, gives: .value(#"21"#)),
        Case(
            "function of another package",
            #"""
            package lib.math
            double(x) := 2 * x
            package t
            import data.lib.math
            p := math.double(4) + data.lib.math.double(1)
            """#, gives: .value(#"10"#)),
        Case(
            "imported function under another name",
            #"""
            package lib
            f(x) := x
            package t
            import data.lib.f as g
            p := g(3)
            """#, gives: .value(#"3"#)),
        Case(
            "function under a ref head",
            #"""
            lib.inner.f(x) := x + 1
            p := lib.inner.f(1)
            """#, gives: .value(#"2"#)),
        Case(
            "function values never reach the document",
            #"""
            f(x) := x
            p := 1
            """#, path: "t", gives: .value(#"{"p":1}"#)),
        Case(
            "call of a function as a statement with false",
            #"""
            f(x) := false
            p := "held" if f(1)
            """#, gives: .undefined),
        Case(
            "result unified with a pattern",
            #"""
            f(x) := [x, x + 1]
            p := b if { [1, b] = f(1) }
            """#, gives: .value(#"2"#)),
        Case(
            "result parameter at the end",
            #"""
            p := x if count([1, 2], x)
            """#, gives: .value(#"2"#)),
        Case(
            "function with a set operand",
            #"""
            f(s) := count(s)
            p := f({1, 2, 2})
            """#, gives: .value(#"2"#)),
        Case(
            "wrong number of operands",
            #"""
            f(x) := x
            p := f(1, 2)
            """#, gives: .fails("rego_type_error")),
        Case(
            "unknown function",
            #"""
            p := nope(1)
            """#, gives: .fails("rego_type_error")),
        Case(
            "many operands",
            #"""
            f(a, b, c, d, e, g, h, i, j) := [j, i, h, g, e, d, c, b, a]
            p := f(1, 2, 3, 4, 5, 6, 7, 8, 9)
            """#, gives: .value(#"[9,8,7,6,5,4,3,2,1]"#)),
        Case(
            "memo of equal calls, results differ by operand",
            #"""
            f(x) := {"x": x}
            p := [f(x) | some x in [1, 2, 1, 2]]
            """#, gives: .value(#"[{"x":1},{"x":2},{"x":1},{"x":2}]"#)),
        Case(
            "iteration in an operand",
            #"""
            f(x) := x * 10
            p contains f([1, 2, 3][_])
            """#, gives: .value(#"[10,20,30]"#)),
        Case(
            "operand that is an undefined reference",
            #"""
            f(x) := 1
            p := f(input.a.b.c)
            """#, gives: .undefined),
        Case(
            "recursion through a comprehension is refused",
            #"""
            f(x) := [f(y) | some y in x]
            p := f([1])
            """#, gives: .fails("rego_recursion_error")),
        Case(
            "else follows a value that is undefined",
            #"""
            f(x) := input[x] if { x != "" } else := "else"
            p := [f("a"), f("b")]
            """#, input: #"{"a": 1}"#, gives: .value(#"[1,"else"]"#)),
    ]
}
