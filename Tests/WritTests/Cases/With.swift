extension Case {
    /// with: on input, data, rules, functions and builtins, nested, and what it does to memory and loops.
    static let with: [Case] = [
        Case(
            "with in a rule's head is refused",
            #"""
            p := q with input as 1
            q := input
            """#, gives: .fails("rego_parse_error")),
        Case(
            "input as a whole",
            #"""
            q := input.x
            p := out if out := q with input as {"x": 5}
            """#, gives: .value(#"5"#)),
        Case(
            "a path of input",
            #"""
            q := input
            p := out if out := q with input.a.b as 1
            """#,
            answers: [
                (#"{"a": {"c": 2}, "d": 3}"#, .value(#"{"a":{"b":1,"c":2},"d":3}"#)),
                (#"{}"#, .value(#"{"a":{"b":1}}"#)),
                (#"{"a": 7}"#, .value(#"{"a":{"b":1}}"#)),
            ]),
        Case(
            "several replacements",
            #"""
            q := [input.x, input.y, data.z]
            p := out if out := q with input.x as 1 with input.y as 2 with data.z as 3
            """#, gives: .value(#"[1,2,3]"#)),
        Case(
            "the value is computed outside",
            #"""
            q := input.x
            p := out if out := q with input.x as input.y
            """#, input: #"{"x": 1, "y": 2}"#, gives: .value(#"2"#)),
        Case(
            "the value is undefined",
            #"""
            q := 1
            p := out if out := q with input.x as input.missing
            """#, gives: .undefined),
        Case(
            "input is back afterwards",
            #"""
            q := input.x
            p := [a, b] if { a := q with input.x as 2; b := q }
            """#, input: #"{"x": 1}"#, gives: .value(#"[2,1]"#)),
        Case(
            "base data",
            #"""
            q := data.base.k
            p := out if out := q with data.base.k as 2
            """#, data: #"{"base": {"k": 1}}"#, gives: .value(#"2"#)),
        Case(
            "base data that is not there",
            #"""
            q := data.no.such.path
            p := out if out := q with data.no.such.path as 2
            """#, gives: .value(#"2"#)),
        Case(
            "the rest of the data stays",
            #"""
            q := data.base
            p := out if out := q with data.base.k as 2
            """#, data: #"{"base": {"k": 1, "l": 3}}"#, gives: .value(#"{"k":2,"l":3}"#)),
        Case(
            "a rule",
            #"""
            q := 1
            r := q + 1
            p := [r, s] if { s := r with q as 10 }
            """#, gives: .value(#"[2,11]"#)),
        Case(
            "a rule by its full path",
            #"""
            q := 1
            r := q + 1
            p := out if out := r with data.t.q as 41
            """#, gives: .value(#"42"#)),
        Case(
            "a partial set",
            #"""
            q contains 1
            r := count(q)
            p := out if out := r with q as {1, 2, 3}
            """#, gives: .value(#"3"#)),
        Case(
            "a partial object",
            #"""
            q[k] := 1 if some k in ["a"]
            r := q.b
            p := out if out := r with q as {"b": 7}
            """#, gives: .value(#"7"#)),
        Case(
            "a rule's value below a key",
            #"""
            q := {"a": 1, "b": 2}
            r := q
            p := out if out := r with data.t.q.a as 5
            """#, gives: .fails("rego_compile_error")),
        Case(
            "a whole package",
            #"""
            package lib
            a := 1
            b := a + 1
            package t
            r := data.lib
            p := out if out := r with data.lib as {"a": 7}
            """#, gives: .value(#"{"a":7}"#)),
        Case(
            "rules of a replaced package",
            #"""
            package lib
            a := 1
            package t
            p := out if out := data.lib.a with data.lib as {"a": 7}
            """#, gives: .value(#"7"#)),
        Case(
            "a rule of a replaced package that the value lacks",
            #"""
            package lib
            a := 1
            b := 2
            package t
            p := out if out := data.lib.b with data.lib as {"a": 7}
            """#, gives: .undefined),
        Case(
            "a function by a function",
            #"""
            f(x) := x + 1
            g(x) := x * 100
            p := [f(2), y] if { y := f(2) with f as g }
            """#, gives: .value(#"[3,200]"#)),
        Case(
            "a function by a value",
            #"""
            f(x) := x + 1
            p := out if out := f(2) with f as "fixed"
            """#, gives: .value(#""fixed""#)),
        Case(
            "a function inside another rule",
            #"""
            f(x) := x + 1
            q := f(1)
            p := [q, y] if { y := q with f as 7 }
            """#, gives: .value(#"[2,7]"#)),
        Case(
            "a builtin by a function",
            #"""
            mock(x) := [x, "mocked"]
            p := out if out := count([1, 2]) with count as mock
            """#, gives: .value(#"[[1,2],"mocked"]"#)),
        Case(
            "a builtin by a value",
            #"""
            p := out if out := count([1, 2]) with count as 42
            """#, gives: .value(#"42"#)),
        Case(
            "a builtin with a dotted name",
            #"""
            p := out if out := time.now_ns() with time.now_ns as 12345
            """#, gives: .value(#"12345"#)),
        Case(
            "a builtin by a builtin",
            #"""
            p := out if out := count([1, 2, 3]) with count as sum
            """#, gives: .value(#"6"#)),
        Case(
            "a mock that calls what it stands for",
            #"""
            mock(x) := count(x) * 10
            p := out if out := count([1, 2]) with count as mock
            """#, gives: .value(#"20"#)),
        Case(
            "a mock function that calls what it stands for",
            #"""
            f(x) := x + 1
            mock(x) := f(x) * 10
            p := out if out := f(1) with f as mock
            """#, gives: .value(#"20"#)),
        Case(
            "a mock that reads the replaced input",
            #"""
            mock(_) := input.v
            p := out if out := count([1]) with count as mock with input.v as "inner"
            """#, input: #"{"v": "outer"}"#, gives: .value(#""inner""#)),
        Case(
            "a mocked operator",
            #"""
            mock(_, _) := "sum"
            p := out if out := 1 + 2 with plus as mock
            """#, gives: .value(#""sum""#)),
        Case(
            "comparison replaced",
            #"""
            mock(_, _) := true
            p if { 1 == 2 with equal as mock }
            """#, gives: .undefined),
        Case(
            "mock of an undefined value",
            #"""
            f(x) := x
            mock(x) := x if x > 10
            p := out if out := f(1) with f as mock
            """#, gives: .undefined),
        Case(
            "nested: the inner one wins, the outer one comes back",
            #"""
            q := input.x
            r := a if a := q with input.x as "inner"
            p := [x, y] if { x := r with input.x as "outer"; y := q with input.x as "outer" }
            """#, input: #"{"x": 0}"#, gives: .value(#"["inner","outer"]"#)),
        Case(
            "nested replacements add up",
            #"""
            q := [input.x, input.y]
            r := out if out := q with input.y as 2
            p := out if out := r with input.x as 1
            """#, gives: .value(#"[1,2]"#)),
        Case(
            "nested mocks of one function",
            #"""
            f(x) := x
            g(x) := x + 10
            h(x) := x + 20
            q := out if out := f(1) with f as h
            p := [a, b] if { a := q with f as g; b := f(1) with f as g }
            """#, gives: .value(#"[21,11]"#)),
        Case(
            "memory of rules is per replacement",
            #"""
            q := {"v": input.x}
            p := [q.v, a, b, q.v] if { a := q.v with input.x as 2; b := q.v with input.x as 3 }
            """#, input: #"{"x": 1}"#, gives: .value(#"[1,2,3,1]"#)),
        Case(
            "memory of rules that read nothing is shared",
            #"""
            q := {"v": [1, 2]}
            p := [q.v, a] if { a := q.v with input.x as 2 }
            """#, gives: .value(#"[[1,2],[1,2]]"#)),
        Case(
            "with in a loop",
            #"""
            q := input.x * 2
            p := out if out := [y | some x in [1, 2, 3]; y := q with input.x as x]
            """#, gives: .value(#"[2,4,6]"#)),
        Case(
            "with and a generator inside",
            #"""
            q contains x if some x in input.xs
            p contains x if { some x in q with input.xs as [1, 2] }
            """#, gives: .value(#"[1,2]"#)),
        Case(
            "with and a generator, what follows runs outside",
            #"""
            q contains x if some x in input.xs
            p contains [x, y] if { q[x] with input.xs as [1, 2]; y := input.y }
            """#, input: #"{"y": "outer", "xs": []}"#, gives: .value(#"[[1,"outer"],[2,"outer"]]"#)),
        Case(
            "with on a negated expression",
            #"""
            q if input.x == 1
            p if { not q with input.x as 2 }
            """#, input: #"{"x": 1}"#, gives: .value(#"true"#)),
        Case(
            "with on every",
            #"""
            q if input.x == 1
            p if { every y in [1, 1] { q with input.x as y } }
            """#, gives: .value(#"true"#)),
        Case(
            "with on a comprehension",
            #"""
            q := input.x
            p := out if out := [y | y := q] with input.x as 3
            """#, gives: .value(#"[3]"#)),
        Case(
            "with on a whole document",
            #"""
            p := out if out := data.base with data.base as {"new": true}
            """#, data: #"{"base": {"old": true}}"#, gives: .value(#"{"new":true}"#)),
        Case(
            "with in an else branch",
            #"""
            q if input.x == 2
            p := 1 if false else := 2 if q with input.x as 2
            """#, gives: .value(#"2"#)),
        Case(
            "default under with",
            #"""
            default q := "d"
            q := "v" if input.ok
            p := [q, a] if { a := q with input.ok as true }
            """#, gives: .value(#"["d","v"]"#)),
        Case(
            "with a computed value",
            #"""
            q := input
            p := out if out := q with input as {k: v | some k, v in ["a", "b"]}
            """#, gives: .value(#"{"0":"a","1":"b"}"#)),
        Case(
            "with an unsafe value",
            #"""
            p := out if out := 1 with input.x as y
            """#, gives: .fails("rego_unsafe_var_error")),
        Case(
            "with an unknown target",
            #"""
            p := out if out := 1 with foo as 2
            """#, gives: .fails("rego_type_error")),
        Case(
            "with that replaces a function by one of another arity",
            #"""
            f(x) := x
            g(x, y) := x + y
            p := out if out := f(1) with f as g
            """#, gives: .fails("rego_type_error")),
        Case(
            "with on a function that is called in an index",
            #"""
            f(x) := 1 if x == "a"
            f(x) := 2 if x == "b"
            f(x) := 3 if x == "c"
            p := [f("b"), y] if { y := f("b") with f as 9 }
            """#, gives: .value(#"[2,9]"#)),
        Case(
            "dynamic reference under with",
            #"""
            package lib
            a := 1
            b := 2
            package t
            p contains v if { some k; v := data.lib[k] with data.lib.a as 10 }
            """#, gives: .value(#"[2,10]"#)),
        Case(
            "conflict inside with is an error",
            #"""
            q := 1 if input.x
            q := 2 if input.y
            p := out if out := q with input as {"x": true, "y": true}
            """#, gives: .fails("eval_conflict_error")),
        Case(
            "walks of walks around a replacement",
            #"""
            r := [[p1, p2] | walk(input.a, [p1, v1]); ys := [y | y := q with input.z as 1]; walk(v1, [p2, _]); count(ys) == 1]
            q := 1
            p := out if out := r with input.foo as 1
            """#, input: #"{"a": [1, [2], {"k": [4]}]}"#,
            gives: .value(
                #"[[[],[]],[[],[0]],[[],[1]],[[],[1,0]],[[],[2]],[[],[2,"k"]],[[],[2,"k",0]],[[0],[]],[[1],[]],[[1],[0]],[[1,0],[]],[[2],[]],[[2],["k"]],[[2],["k",0]],[[2,"k"],[]],[[2,"k"],[0]],[[2,"k",0],[]]]"#
            )),
        Case(
            "a mock sees the innermost replacement of a rule",
            #"""
            q := 1
            g(x) := x
            f(_) := q
            r := y if y := g(1) with g as f with data.t.q as "inner"
            p := out if out := r with data.t.q as "outer"
            """#, gives: .value(#""inner""#)),
        Case(
            "a mock of a builtin sees the innermost replacement of a rule",
            #"""
            q := 1
            f(_) := [q, input.x, data.base]
            r := y if y := count([1]) with count as f with data.t.q as "inner" with input.x as 2 with data.base as 3
            p := [out, q] if out := r with data.t.q as "outer" with input.x as "outer" with data.base as "outer"
            """#, gives: .value(#"[["inner",2,3],1]"#)),
        Case(
            "a mock calls a rule that is replaced further out",
            #"""
            q := 1
            f(_) := s
            s := q + 1
            g(x) := x
            r := y if y := g(0) with g as f
            p := [a, b, c] if { a := r with data.t.q as 10; b := r; c := r with data.t.s as "s" }
            """#, gives: .value(#"[11,2,"s"]"#)),
        Case(
            "mocks in a loop",
            #"""
            g(x) := x
            f(x) := x * 10
            p := [y | some x in [1, 2, 3]; y := g(x) with g as f]
            """#, gives: .value(#"[10,20,30]"#)),
        Case(
            "mocks of mocks",
            #"""
            g(x) := [x, "g"]
            h(x) := [g(x), "h"]
            i(x) := [h(x), "i"]
            p := out if out := g(1) with g as i
            """#, gives: .value(#"[[[1,"g"],"h"],"i"]"#)),
        Case(
            "a place within what stands in",
            #"""
            package t

            p := x if { x := data.u with data.u as {"a": 1} with data.u.r as 2 }
            package u

            r := 1
            """#, gives: .value(#"{"a":1,"r":2}"#)),
        Case(
            "a place within what stands in around",
            #"""
            package t

            p := x if { x := [y | y := data.u with data.u.a.c as 2][0] with data.u as {"a": {"b": 1}} }
            package u

            r := 1
            """#, gives: .value(#"{"a":{"b":1,"c":2}}"#)),
        Case(
            "what stands in for the place of another",
            #"""
            package t

            p := x if { x := data.u with data.u.r as 2 with data.u as {"a": 1} }
            package u

            r := 1
            """#, gives: .value(#"{"a":1}"#)),
    ]
}
