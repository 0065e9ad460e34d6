extension Case {
    /// Complete rules, defaults, else chains, partial rules and rule heads with variables.
    static let rules: [Case] = [
        Case(
            "constant rule",
            #"""
            p := 7
            """#, gives: .value(#"7"#)),
        Case(
            "the document of a package",
            #"""
            p := 1
            q contains x if { some x in [1, 2] }
            r[k] := v if { some k, v in {"a": 3} }
            f(x) := x
            u if false
            """#, path: "t", gives: .value(#"{"p":1,"q":[1,2],"r":{"a":3}}"#)),
        Case(
            "rule without a value is true",
            #"""
            p if 1 < 2
            """#, gives: .value(#"true"#)),
        Case(
            "body that fails is undefined",
            #"""
            p := 1 if 2 < 1
            """#, gives: .undefined),
        Case(
            "default stands where the body fails",
            #"""
            default p := "no"
            p := "yes" if input.ok
            """#,
            answers: [
                (#"{"ok": true}"#, .value(#""yes""#)),
                (#"{"ok": false}"#, .value(#""no""#)),
                (#"{}"#, .value(#""no""#)),
                (#"null"#, .value(#""no""#)),
            ]),
        Case(
            "default of a false body does not hide false",
            #"""
            default p := 9
            p := false if true
            """#, gives: .value(#"false"#)),
        Case(
            "default with a comprehension",
            #"""
            default p := [x | some x in [1, 2]]
            p := 1 if false
            """#, gives: .value(#"[1,2]"#)),
        Case(
            "default with a variable is refused",
            #"""
            default p := input.x
            """#, gives: .fails("rego_parse_error")),
        Case(
            "two defaults are refused",
            #"""
            default p := 1
            default p := 2
            """#, gives: .fails("rego_type_error")),
        Case(
            "two rules with equal values",
            #"""
            p := 1 if input.a
            p := 1.0 if input.a
            """#, input: #"{"a": true}"#, gives: .value(#"1"#)),
        Case(
            "two rules with different values conflict",
            #"""
            p := 1 if input.a
            p := 2 if input.b
            """#,
            answers: [
                (#"{"a": true, "b": false}"#, .value(#"1"#)),
                (#"{"a": true, "b": true}"#, .fails("eval_conflict_error")),
                (#"{}"#, .undefined),
            ]),
        Case(
            "one rule with two values conflicts",
            #"""
            p := x if some x in [1, 2]
            """#, gives: .fails("eval_conflict_error")),
        Case(
            "else takes the first that holds",
            #"""
            p := 1 if input.n == 1 else := 2 if input.n == 2 else := 3 if input.n > 2 else := 4
            """#,
            answers: [
                (#"{"n": 1}"#, .value(#"1"#)),
                (#"{"n": 2}"#, .value(#"2"#)),
                (#"{"n": 3}"#, .value(#"3"#)),
                (#"{"n": 0}"#, .value(#"4"#)),
                (#"{}"#, .value(#"4"#)),
            ]),
        Case(
            "else chains of two rules that disagree",
            #"""
            p := 1 if input.a else := 2
            p := 3 if input.b
            """#,
            answers: [
                (#"{"a": true}"#, .value(#"1"#)),
                (#"{"b": true}"#, .fails("eval_conflict_error")),
            ]),
        Case(
            "else that is undefined falls to the default",
            #"""
            default p := "d"
            p := 1 if input.a else := 2 if input.b
            """#,
            answers: [
                (#"{"a": false, "b": true}"#, .value(#"2"#)),
                (#"{"a": false, "b": false}"#, .value(#""d""#)),
            ]),
        Case(
            "else without a value is true",
            #"""
            p if input.a
            else if input.b
            """#,
            answers: [
                (#"{"b": 1}"#, .value(#"true"#)),
                (#"{"b": false}"#, .undefined),
            ]),
        Case(
            "partial set",
            #"""
            p contains x if { some x in [3, 1, 2, 1] }
            """#, gives: .value(#"[1,2,3]"#)),
        Case(
            "partial set without elements is empty",
            #"""
            p contains x if { some x in [] }
            """#, gives: .value(#"[]"#)),
        Case(
            "partial set of several rules",
            #"""
            p contains "a"
            p contains x if some x in input.more
            p contains {"deep": [x]} if some x in input.more
            """#, input: #"{"more": ["b", 1]}"#, gives: .value(#"[1,"a","b",{"deep":[1]},{"deep":["b"]}]"#)),
        Case(
            "partial object",
            #"""
            p[k] := v if { some k, v in {"a": 1, "b": 2} }
            """#, gives: .value(#"{"a":1,"b":2}"#)),
        Case(
            "partial object with equal duplicates",
            #"""
            p["a"] := 1
            p[k] := 1 if some k in ["a", "b"]
            """#, gives: .value(#"{"a":1,"b":1}"#)),
        Case(
            "partial object conflict",
            #"""
            p["a"] := 1
            p["a"] := 2 if true
            """#, gives: .fails("eval_conflict_error")),
        Case(
            "partial object without entries is empty",
            #"""
            p[k] := v if { some k, v in {} }
            """#, gives: .value(#"{}"#)),
        Case(
            "partial object with a key that is no string",
            #"""
            p[k] := v if { some k, v in [10, 20] }
            """#, gives: .value(#"{"0":10,"1":20}"#)),
        Case(
            "partial boolean by contains under a name",
            #"""
            p.q contains x if some x in [1, 2]
            p.r := 5
            """#, gives: .value(#"{"q":[1,2],"r":5}"#)),
        Case(
            "ref head with constants",
            #"""
            p.a.b := 1
            p.a.c := 2
            p.d := 3
            """#, gives: .value(#"{"a":{"b":1,"c":2},"d":3}"#)),
        Case(
            "ref head with variables in the middle",
            #"""
            p.q[x].r[y] := z if { some x in ["a", "b"]; some y, z in {"k": 1, "l": 2} }
            """#, gives: .value(#"{"q":{"a":{"r":{"k":1,"l":2}},"b":{"r":{"k":1,"l":2}}}}"#)),
        Case(
            "ref head with overlapping rules",
            #"""
            p.q[x].n := 1 if some x in ["a", "b"]
            p.q.a.m := 2
            p.q.c.m := 3
            """#, gives: .value(#"{"q":{"a":{"m":2,"n":1},"b":{"n":1},"c":{"m":3}}}"#)),
        Case(
            "ref head conflict deep inside",
            #"""
            p[x].y := 1 if x := "a"
            p[x].y := 2 if x := "a"
            """#, gives: .fails("eval_conflict_error")),
        Case(
            "ref head and a complete value that overlap conflict",
            #"""
            p.a[x] := 1 if some x in ["b"]
            p.a.b := 2
            """#, gives: .fails("eval_conflict_error")),
        Case(
            "ref head with a general set at its end",
            #"""
            p[x] contains y if { some x, ys in {"a": [1, 2], "b": [3]}; some y in ys }
            """#, gives: .value(#"{"a":[1,2],"b":[3]}"#)),
        Case(
            "ref head into its own package from outside",
            #"""
            package t.q
            a := data.t.p[input.k].v
            package t
            p[k].v := n if some k, n in {"x": 1, "y": 2}
            """#, path: "t/q/a",
            answers: [
                (#"{"k": "y"}"#, .value(#"2"#)),
                (#"{"k": "z"}"#, .undefined),
            ]),
        Case(
            "a rule whose value is an object that others read below",
            #"""
            r := {"a": {"b": [1, {"c": "deep"}]}}
            p := r.a.b[1].c
            """#, gives: .value(#""deep""#)),
        Case(
            "a path goes on inside a rule's value",
            #"""
            r := {"a": [10, 20]}
            """#, path: "t/r/a", gives: .value(#"[10,20]"#)),
        Case(
            "rule value that is undefined",
            #"""
            p := input.missing
            """#, gives: .undefined),
        Case(
            "rule with a ref to itself through another package is recursive",
            #"""
            package a
            p := data.b.q
            package b
            q := data.a.p
            """#, path: "a/p", gives: .fails("rego_recursion_error")),
        Case(
            "direct recursion is refused",
            #"""
            p if not p
            """#, gives: .fails("rego_recursion_error")),
        Case(
            "recursion of functions is refused",
            #"""
            f(x) := g(x)
            g(x) := f(x)
            p := f(1)
            """#, gives: .fails("rego_recursion_error")),
        Case(
            "recursion through the whole document is refused",
            #"""
            p := count(data.t)
            """#, gives: .fails("rego_recursion_error")),
        Case(
            "the same rule in two files of one package",
            #"""
            package t
            p contains 1
            package t
            p contains 2
            """#, gives: .value(#"[1,2]"#)),
        Case(
            "different kinds of one rule are refused",
            #"""
            p := 1
            p contains 2
            """#, gives: .fails("rego_type_error")),
        Case(
            "a rule that conflicts with a package is refused",
            #"""
            package a
            b := 1
            package a.b
            c := 2
            """#, path: "a", gives: .fails("rego_type_error")),
        Case(
            "false and null are values",
            #"""
            p := [a, b] if true
            a := false
            b := null
            """#, gives: .value(#"[false,null]"#)),
        Case(
            "early exit still sees a conflict between rules",
            #"""
            p := true if { some x in numbers.range(1, 1000); x > 0 }
            p := false if input.b
            """#,
            answers: [
                (#"{"b": false}"#, .value(#"true"#)),
                (#"{"b": true}"#, .fails("eval_conflict_error")),
            ]),
        Case(
            "chain of rules",
            #"""
            a := 1
            b := a + 1
            c := b + a
            p := [a, b, c]
            """#, gives: .value(#"[1,2,3]"#)),
        Case(
            "several values of a chained body",
            #"""
            p if input.x > 1 { input.x < 5 }
            """#, input: #"{"x": 3}"#, gives: .value(#"true"#)),
        Case(
            "braces after if, values after else",
            #"""
            p := x if { x := input.a; x > 1 } else := y if { y := input.b }
            """#,
            answers: [
                (#"{"a": 2, "b": 0}"#, .value(#"2"#)),
                (#"{"a": 1, "b": 0}"#, .value(#"0"#)),
            ]),
        Case(
            "else follows a value that is undefined",
            #"""
            p := input.a if { some x in [1, 2]; x > 0 } else := input.b if true else := 3
            """#,
            answers: [
                (#"{"a": 1, "b": 2}"#, .value(#"1"#)),
                (#"{"b": 2}"#, .value(#"2"#)),
                (#"{}"#, .value(#"3"#)),
                (#"{"a": false}"#, .value(#"false"#)),
            ]),
        Case(
            "else follows a value that is undefined in every turn of a loop",
            #"""
            p := input.o[x] if { some x in ["z", "a"] } else := "else"
            """#,
            answers: [
                (#"{"o": {"a": 1}}"#, .value(#"1"#)),
                (#"{"o": {"b": 1}}"#, .value(#""else""#)),
            ]),
    ]
}
