extension Case {
    /// Bodies: some, every, in, comprehensions, unification, negation, walk, templates and safety.
    static let bodies: [Case] = [
        Case(
            "some in over an array",
            #"""
            p contains x if some x in [1, 2]
            """#, gives: .value(#"[1,2]"#)),
        Case(
            "some key and value in",
            #"""
            p contains [k, v] if some k, v in {"a": 1, "b": 2}
            """#, gives: .value(#"[["a",1],["b",2]]"#)),
        Case(
            "some index and value in an array",
            #"""
            p contains [k, v] if some k, v in ["x", "y"]
            """#, gives: .value(#"[[0,"x"],[1,"y"]]"#)),
        Case(
            "some over a set gives the element twice",
            #"""
            p contains [k, v] if some k, v in {"x"}
            """#, gives: .value(#"[["x","x"]]"#)),
        Case(
            "some in with a pattern",
            #"""
            p contains y if some {"k": y, "n": 1} in [{"k": "a", "n": 1}, {"k": "b", "n": 2}]
            """#, gives: .value(#"["a"]"#)),
        Case(
            "some in with an array pattern",
            #"""
            p contains y if some [1, y] in [[1, 2], [2, 3], [1, 4, 5], [1, 6]]
            """#, gives: .value(#"[2,6]"#)),
        Case(
            "some declares, a reference iterates",
            #"""
            p contains i if { some i; [5, 6, 5][i] == 5 }
            """#, gives: .value(#"[0,2]"#)),
        Case(
            "in as a test",
            #"""
            p := [1 in [1], 2 in [1], "a" in {"k": "a"}, 1 in {1.0}, "x" in "xyz"]
            """#, gives: .value(#"[true,false,true,true,false]"#)),
        Case(
            "key, value in as a test",
            #"""
            p := [("a", 1 in {"a": 1}), (0, 5 in [5]), (1, 5 in [5])]
            """#, gives: .value(#"[true,true,false]"#)),
        Case(
            "in with a composite",
            #"""
            p if {"a": [1]} in [{"a": [1.0]}]
            """#, gives: .value(#"true"#)),
        Case(
            "every holds for the empty collection",
            #"""
            p if every x in [] { x > 1 }
            """#, gives: .value(#"true"#)),
        Case(
            "every with one that fails",
            #"""
            p if every x in input.xs { x > 1 }
            """#,
            answers: [
                (#"{"xs": [2, 3]}"#, .value(#"true"#)),
                (#"{"xs": [2, 1]}"#, .undefined),
                (#"{}"#, .undefined),
                (#"{"xs": null}"#, .undefined),
            ]),
        Case(
            "every over key and value",
            #"""
            p if every k, v in {"a": "a", "b": "b"} { k == v }
            """#, gives: .value(#"true"#)),
        Case(
            "every with an undefined step",
            #"""
            p if every x in [{"a": 1}, {"b": 1}] { x.a }
            """#, gives: .undefined),
        Case(
            "every inside every",
            #"""
            p if every x in [[1, 2], [3]] { every y in x { y > 0 } }
            """#, gives: .value(#"true"#)),
        Case(
            "every with a loop inside",
            #"""
            p if every x in [1, 2] { some y in [2, 4]; y == x * 2 }
            """#, gives: .value(#"true"#)),
        Case(
            "array comprehension keeps order and duplicates",
            #"""
            p := [x | some x in [3, 1, 3]]
            """#, gives: .value(#"[3,1,3]"#)),
        Case(
            "an expression before the bar of a comprehension takes the bar for itself",
            #"""
            p := {x % 2 | some x in [1, 2, 3]}
            """#, gives: .fails("rego_parse_error")),
        Case(
            "set comprehension",
            #"""
            p := {y | some x in [1, 2, 3]; y := x % 2}
            """#, gives: .value(#"[0,1]"#)),
        Case(
            "object comprehension",
            #"""
            p := {k: v | some v, k in ["a", "b"]}
            """#, gives: .value(#"{"a":0,"b":1}"#)),
        Case(
            "object comprehension conflict",
            #"""
            p := {"k": v | some v in [1, 2]}
            """#, gives: .fails("eval_conflict_error")),
        Case(
            "object comprehension with equal duplicates",
            #"""
            p := {"k": v | some v in [1, 1]}
            """#, gives: .value(#"{"k":1}"#)),
        Case(
            "comprehension closes over the body's variables",
            #"""
            p contains [x, ys] if { some x in [1, 2]; ys := [y | some y in [1, 2, 3]; y > x] }
            """#, gives: .value(#"[[1,[2,3]],[2,[3]]]"#)),
        Case(
            "comprehension inside a comprehension",
            #"""
            p := [[y | some y in numbers.range(1, x)] | some x in [1, 2, 3]]
            """#, gives: .value(#"[[1],[1,2],[1,2,3]]"#)),
        Case(
            "comprehension's variables stay inside",
            #"""
            p := [x, [x | some x in [7]]] if x := 1
            """#, gives: .value(#"[1,[7]]"#)),
        Case(
            "comprehension over nothing",
            #"""
            p := [[x | some x in input.none], {x | some x in input.none}, {x: x | some x in input.none}]
            """#, gives: .value(#"[[],[],{}]"#)),
        Case(
            "negation of undefined",
            #"""
            p if not input.missing
            """#, gives: .value(#"true"#)),
        Case(
            "negation of false",
            #"""
            p if not false
            """#, gives: .value(#"true"#)),
        Case(
            "negation over a loop",
            #"""
            p if not has_three
            has_three if { some x in input; x == 3 }
            """#,
            answers: [
                (#"[1, 2]"#, .value(#"true"#)),
                (#"[1, 3]"#, .undefined),
            ]),
        Case(
            "negation over a loop in place",
            #"""
            p if { every x in input { not x == 3 } }
            """#,
            answers: [
                (#"[1, 2]"#, .value(#"true"#)),
                (#"[1, 3]"#, .undefined),
            ]),
        Case(
            "negation of a membership test",
            #"""
            p if not 3 in input
            """#,
            answers: [
                (#"[1, 2]"#, .value(#"true"#)),
                (#"[3]"#, .undefined),
            ]),
        Case(
            "negation of a wildcard reference",
            #"""
            p if not input[_] == 3
            """#,
            answers: [
                (#"[1, 2]"#, .fails("rego_unsafe_var_error")),
                (#"[1, 3]"#, .fails("rego_unsafe_var_error")),
            ]),
        Case(
            "unsafe negation",
            #"""
            p if not input[x] == 3
            """#, gives: .fails("rego_unsafe_var_error")),
        Case(
            "double negation by a rule",
            #"""
            p if not q
            q if not input.a
            """#,
            answers: [
                (#"{"a": 1}"#, .value(#"true"#)),
                (#"{}"#, .undefined),
            ]),
        Case(
            "unification of arrays binds both ways",
            #"""
            p := [x, y] if [x, 2] = [1, y]
            """#, gives: .value(#"[1,2]"#)),
        Case(
            "unification that fails",
            #"""
            p if [1, 2] = [1, 3]
            """#, gives: .undefined),
        Case(
            "unification of objects",
            #"""
            p := x if {"a": x, "b": 1} = {"b": 1, "a": 5}
            """#, gives: .value(#"5"#)),
        Case(
            "unification with different keys",
            #"""
            p if {"a": x} = {"b": 1}
            """#, gives: .fails("rego_unsafe_var_error")),
        Case(
            "unification puts off what is not known yet",
            #"""
            p := [x, y] if { x = y; y = 3 }
            """#, gives: .value(#"[3,3]"#)),
        Case(
            "unification chain with a loop",
            #"""
            p contains [x, y] if { [x, y] = input[_]; x < y }
            """#, input: #"[[1, 2], [2, 1], [3], [0, 9]]"#, gives: .value(#"[[0,9],[1,2]]"#)),
        Case(
            "statements in any order",
            #"""
            p := z if { z := y + 1; y := x + 1; x := 1 }
            """#, gives: .fails("rego_compile_error")),
        Case(
            "reference through a variable key",
            #"""
            p contains v if { some k; v := input[k].v }
            """#, input: #"{"a": {"v": 1}, "b": {"w": 2}, "c": {"v": 3}}"#, gives: .value(#"[1,3]"#)),
        Case(
            "reference into a string is undefined",
            #"""
            p := input.s[0]
            """#, input: #"{"s": "text"}"#, gives: .undefined),
        Case(
            "negative index",
            #"""
            p := [1, 2][-1]
            """#, gives: .fails("rego_type_error")),
        Case(
            "index that is no integer",
            #"""
            p := [1, 2][input.i]
            """#,
            answers: [
                (#"{"i": 1}"#, .value(#"2"#)),
                (#"{"i": 1.0}"#, .value(#"2"#)),
                (#"{"i": 0.5}"#, .undefined),
                (#"{"i": "1"}"#, .undefined),
            ]),
        Case(
            "membership by reference into a set",
            #"""
            p := s[input.x] if s := {1, "a", [2]}
            """#,
            answers: [
                (#"{"x": "a"}"#, .value(#""a""#)),
                (#"{"x": [2]}"#, .value(#"[2]"#)),
                (#"{"x": 3}"#, .undefined),
            ]),
        Case(
            "loop with a bound variable checks",
            #"""
            p if { x := 2; [1, 2, 3][_] == x }
            """#, gives: .value(#"true"#)),
        Case(
            "nested loops",
            #"""
            p contains [x, y] if { some x in [1, 2]; some y in [x, x + 1] }
            """#, gives: .value(#"[[1,1],[1,2],[2,2],[2,3]]"#)),
        Case(
            "the same wildcard twice is two variables",
            #"""
            p if { [1, 2][_] == 1; [3, 4][_] == 4 }
            """#, gives: .value(#"true"#)),
        Case(
            "walk finds all",
            #"""
            p contains path if { walk(input, [path, value]); value == 1 }
            """#, input: #"{"a": [1, {"b": 1}], "c": 2}"#, gives: .value(#"[["a",0],["a",1,"b"]]"#)),
        Case(
            "walk of a scalar",
            #"""
            p := [x | walk(5, x)]
            """#, gives: .value(#"[[[],5]]"#)),
        Case(
            "walk into sets",
            #"""
            p := [v | walk({"s": {1, [2]}}, [_, v])]
            """#, gives: .value(#"[{"s":[1,[2]]},[1,[2]],1,[2],2]"#)),
        Case(
            "walk with a fixed path",
            #"""
            p := v if walk({"a": {"b": 3}}, [["a", "b"], v])
            """#, gives: .value(#"3"#)),
        Case(
            "walk as an operand's comprehension",
            #"""
            p := count([1 | walk(input, _)])
            """#, input: #"[[[]]]"#, gives: .value(#"3"#)),
        Case(
            "template string",
            #"""
            p := $"a {input.x} b {input.missing} {[1, "q"]}"
            """#, input: #"{"x": "text"}"#, gives: .value(#""a text b \u003cundefined\u003e [1, \"q\"]""#)),
        Case(
            "template string with several values fails",
            #"""
            p := $"{x}" if some x in [1]
            """#, gives: .value(#""1""#)),
        Case(
            "template string with escapes",
            #"""
            p := $"\{x} {1 + 1}\n"
            """#, gives: .value(#""{x} 2\n""#)),
        Case(
            "raw strings and escapes",
            #"""
            p := [`a\n"`, "a\n\u00e9\"<&>"]
            """#, gives: .value(#"["a\\n\"","a\né\"\u003c\u0026\u003e"]"#)),
        Case(
            "unsafe variable",
            #"""
            p := x
            """#, gives: .fails("rego_unsafe_var_error")),
        Case(
            "unsafe in a comprehension's head",
            #"""
            p := [y | some x in [1]]
            """#, gives: .fails("rego_unsafe_var_error")),
        Case(
            "unsafe operand",
            #"""
            p := x + 1 if x > 1
            """#, gives: .fails("rego_unsafe_var_error")),
        Case(
            "assignment twice is refused",
            #"""
            p if { x := 1; x := 2 }
            """#, gives: .fails("rego_compile_error")),
        Case(
            "use before assignment in a nested body",
            #"""
            p := y if { y := [x | some x in z]; z := [1, 2] }
            """#, gives: .fails("rego_unsafe_var_error")),
        Case(
            "assignment hides a rule",
            #"""
            x := 5
            p := [x, y] if { y := x }
            """#, gives: .value(#"[5,5]"#)),
        Case(
            "unused some is refused",
            #"""
            p if { some x; true }
            """#, gives: .fails("rego_compile_error")),
        Case(
            "large numbers of bindings",
            #"""
            p := a + b + c + d + e + f if { [a, b, c] := [1, 2, 3]; {"d": d, "e": [e, f]} := {"d": 4, "e": [5, 6]} }
            """#, gives: .value(#"21"#)),
        Case(
            "calls of operators as functions",
            #"""
            p := [plus(1, 2), mul(2, 3), lt(1, 2), and({1}, {1, 2})]
            """#, gives: .value(#"[3,6,true,[1]]"#)),
        Case(
            "set operators",
            #"""
            s := {1, 2}
            p := [s | {3}, s & {2}, s - {1}]
            """#, gives: .value(#"[[1,2,3],[2],[2]]"#)),
        Case(
            "chained comparison of all kinds",
            #"""
            p := [null < false, false < true, true < 0, 0 < "", "" < [], [] < {}, {} < set()]
            """#, gives: .value(#"[true,true,true,true,true,true,true]"#)),
        Case(
            "a set of sets",
            #"""
            p := {{1}, {1.0}, {2}}
            """#, gives: .value(#"[[1],[2]]"#)),
        Case(
            "false in the middle of a body ends it",
            #"""
            p := 1 if { input.a == false; input.a }
            """#, input: #"{"a": false}"#, gives: .undefined),
        Case(
            "print gives nothing",
            #"""
            p := 1 if print("x", input.missing)
            """#, gives: .value(#"1"#)),
    ]
}
