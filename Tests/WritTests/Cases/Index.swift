extension Case {
    /// Index: many candidates of one name, of which equality on input, operands or data picks few.
    static let index: [Case] = [
        Case(
            "picks by equality on input",
            #"""
            p := 1 if input.k == "a"
            p := 2 if input.k == "b"
            p := 3 if input.k == "c"
            p := 4 if input.k == "d"
            """#,
            answers: [
                (#"{"k": "a"}"#, .value(#"1"#)),
                (#"{"k": "c"}"#, .value(#"3"#)),
                (#"{"k": "d"}"#, .value(#"4"#)),
                (#"{"k": "e"}"#, .undefined),
                (#"{}"#, .undefined),
                (#"{"k": null}"#, .undefined),
            ]),
        Case(
            "constant on the left",
            #"""
            p contains 1 if "a" == input.k
            p contains 2 if "b" = input.k
            p contains 3 if input.k == "a"
            p contains 4 if true
            """#,
            answers: [
                (#"{"k": "a"}"#, .value(#"[1,3,4]"#)),
                (#"{"k": "b"}"#, .value(#"[2,4]"#)),
                (#"{}"#, .value(#"[4]"#)),
            ]),
        Case(
            "numbers compare by value, not by spelling",
            #"""
            p contains "one" if input.n == 1
            p contains "one dot" if input.n == 1.0
            p contains "hundred" if input.n == 1e2
            p contains "minus" if input.n == -0.5
            """#,
            answers: [
                (#"{"n": 1}"#, .value(#"["one","one dot"]"#)),
                (#"{"n": 1.00}"#, .value(#"["one","one dot"]"#)),
                (#"{"n": 100}"#, .value(#"["hundred"]"#)),
                (#"{"n": 1.0e+2}"#, .value(#"["hundred"]"#)),
                (#"{"n": -5e-1}"#, .value(#"["minus"]"#)),
                (#"{"n": "1"}"#, .value(#"[]"#)),
            ]),
        Case(
            "composite constants",
            #"""
            p contains "array" if input.v == [1, "x"]
            p contains "object" if input.v == {"a": 1}
            p contains "empty" if input.v == []
            p contains "null" if input.v == null
            p contains "false" if input.v == false
            """#,
            answers: [
                (#"{"v": [1, "x"]}"#, .value(#"["array"]"#)),
                (#"{"v": [1.0, "x"]}"#, .value(#"["array"]"#)),
                (#"{"v": {"a": 1}}"#, .value(#"["object"]"#)),
                (#"{"v": []}"#, .value(#"["empty"]"#)),
                (#"{"v": null}"#, .value(#"["null"]"#)),
                (#"{"v": false}"#, .value(#"["false"]"#)),
                (#"{"v": {}}"#, .value(#"[]"#)),
            ]),
        Case(
            "two keys",
            #"""
            p contains 1 if { input.a == 1; input.b == 1 }
            p contains 2 if { input.a == 1; input.b == 2 }
            p contains 3 if { input.a == 2 }
            p contains 4 if { input.b == 2 }
            p contains 5
            """#,
            answers: [
                (#"{"a": 1, "b": 2}"#, .value(#"[2,4,5]"#)),
                (#"{"a": 2, "b": 2}"#, .value(#"[3,4,5]"#)),
                (#"{"b": 2}"#, .value(#"[4,5]"#)),
                (#"{"a": 1}"#, .value(#"[5]"#)),
                (#"{}"#, .value(#"[5]"#)),
            ]),
        Case(
            "membership in a constant set",
            #"""
            p contains 1 if input.m in {"GET", "HEAD"}
            p contains 2 if input.m in {"POST"}
            p contains 3 if input.m in ["GET", "PUT"]
            p contains 4 if input.m == "PUT"
            """#,
            answers: [
                (#"{"m": "GET"}"#, .value(#"[1,3]"#)),
                (#"{"m": "POST"}"#, .value(#"[2]"#)),
                (#"{"m": "PUT"}"#, .value(#"[3,4]"#)),
                (#"{"m": "DELETE"}"#, .value(#"[]"#)),
                (#"{}"#, .value(#"[]"#)),
            ]),
        Case(
            "conflict among candidates that the index leaves",
            #"""
            p := 1 if input.k == "a"
            p := 2 if input.k == "b"
            p := 3 if { input.k == "a"; input.more }
            """#,
            answers: [
                (#"{"k": "a"}"#, .value(#"1"#)),
                (#"{"k": "a", "more": true}"#, .fails("eval_conflict_error")),
                (#"{"k": "b", "more": true}"#, .value(#"2"#)),
            ]),
        Case(
            "default behind the index",
            #"""
            default p := "none"
            p := 1 if input.k == "a"
            p := 2 if input.k == "b"
            p := 3 if input.k == "c"
            """#,
            answers: [
                (#"{"k": "b"}"#, .value(#"2"#)),
                (#"{"k": "x"}"#, .value(#""none""#)),
                (#"{}"#, .value(#""none""#)),
            ]),
        Case(
            "else branches belong to their rule",
            #"""
            p := 1 if { input.k == "a"; input.on } else := 10
            p := 2 if input.k == "b"
            p := 10 if input.k == "c"
            """#,
            answers: [
                (#"{"k": "a", "on": true}"#, .value(#"1"#)),
                (#"{"k": "a"}"#, .value(#"10"#)),
                (#"{"k": "c"}"#, .value(#"10"#)),
                (#"{"k": "b"}"#, .fails("eval_conflict_error")),
                (#"{}"#, .value(#"10"#)),
            ]),
        Case(
            "else branch with a key of its own",
            #"""
            p := 1 if input.k == "a" else := 2 if input.k == "b" else := 3 if input.k == "c"
            """#,
            answers: [
                (#"{"k": "a"}"#, .value(#"1"#)),
                (#"{"k": "b"}"#, .value(#"2"#)),
                (#"{"k": "c"}"#, .value(#"3"#)),
                (#"{"k": "d"}"#, .undefined),
            ]),
        Case(
            "function operands",
            #"""
            f("a", _) := 1
            f("b", x) := x
            f("c", 1) := 3
            f("c", 2) := 4
            f(_, 9) := 9
            p := [v | some k in ["a", "b", "c"]; v := f(k, input.n)]
            """#,
            answers: [
                (#"{"n": 1}"#, .value(#"[1,1,3]"#)),
                (#"{"n": 2}"#, .value(#"[1,2,4]"#)),
                (#"{"n": 5}"#, .value(#"[1,5]"#)),
            ]),
        Case(
            "function conditions on operands",
            #"""
            f(x) := "one" if x == 1
            f(x) := "two" if x == 2
            f(x) := "three" if 3 == x
            p := [f(input.x) | true]
            """#,
            answers: [
                (#"{"x": 1.0}"#, .value(#"["one"]"#)),
                (#"{"x": 3}"#, .value(#"["three"]"#)),
                (#"{"x": 4}"#, .value(#"[]"#)),
                (#"{"x": [1]}"#, .value(#"[]"#)),
            ]),
        Case(
            "deep keys through a value that is missing or of another type",
            #"""
            p contains 1 if input.a.b.c == 1
            p contains 2 if input.a.b.c == 2
            p contains 3 if input.a.b == "s"
            p contains 4 if input.a == [1]
            """#,
            answers: [
                (#"{"a": {"b": {"c": 2}}}"#, .value(#"[2]"#)),
                (#"{"a": {"b": "s"}}"#, .value(#"[3]"#)),
                (#"{"a": [1]}"#, .value(#"[4]"#)),
                (#"{"a": 1}"#, .value(#"[]"#)),
                (#"null"#, .value(#"[]"#)),
                (#"[1]"#, .value(#"[]"#)),
            ]),
        Case(
            "partial object by keys",
            #"""
            p["x"] := 1 if input.k == "a"
            p["y"] := 2 if input.k == "a"
            p["z"] := 3 if input.k == "b"
            p["w"] := 4
            """#,
            answers: [
                (#"{"k": "a"}"#, .value(#"{"w":4,"x":1,"y":2}"#)),
                (#"{"k": "b"}"#, .value(#"{"w":4,"z":3}"#)),
            ]),
        Case(
            "the index under with",
            #"""
            q := 1 if input.k == "a"
            q := 2 if input.k == "b"
            q := 3 if input.k == "c"
            p := [x | some k in ["c", "a", "z", "b"]; x := q with input.k as k]
            """#, input: #"{"k": "b"}"#, gives: .value(#"[3,1,2]"#)),
        Case(
            "base data as a key",
            #"""
            p contains 1 if data.mode == "on"
            p contains 2 if data.mode == "off"
            p contains 3 if data.mode == "on"
            """#, data: #"{"mode": "on"}"#, gives: .value(#"[1,3]"#)),
        Case(
            "negated equality is no key",
            #"""
            p contains 1 if not input.k == "a"
            p contains 2 if input.k != "b"
            p contains 3 if input.k == "c"
            p contains 4 if input.k == "a"
            """#,
            answers: [
                (#"{"k": "a"}"#, .value(#"[2,4]"#)),
                (#"{"k": "c"}"#, .value(#"[1,2,3]"#)),
                (#"{}"#, .value(#"[1]"#)),
            ]),
        Case(
            "variables that stand for the key",
            #"""
            p contains 1 if { x := input.k; x == "a" }
            p contains 2 if { x := input.k; x == "b" }
            p contains 3 if { some x; x = input.k; x = "a" }
            """#,
            answers: [
                (#"{"k": "a"}"#, .value(#"[1,3]"#)),
                (#"{"k": "b"}"#, .value(#"[2]"#)),
            ]),
        Case(
            "array patterns in equality",
            #"""
            p contains 1 if input.path == ["users", "ann"]
            p contains x if input.path = ["users", x]
            p contains 3 if { ["pets", _] = input.path }
            p contains 4 if input.path[0] == "users"
            """#,
            answers: [
                (#"{"path": ["users", "ann"]}"#, .value(#"[1,4,"ann"]"#)),
                (#"{"path": ["pets", "rex"]}"#, .value(#"[3]"#)),
                (#"{"path": ["users", "a", "b"]}"#, .value(#"[4]"#)),
            ]),
        Case(
            "a key that is an element of a loop is checked per turn",
            #"""
            p contains 1 if input.xs[_] == "a"
            p contains 2 if input.xs[_] == "b"
            p contains 3 if input.xs[_] == "c"
            """#,
            answers: [
                (#"{"xs": ["c", "a"]}"#, .value(#"[1,3]"#)),
                (#"{"xs": []}"#, .value(#"[]"#)),
            ]),
        Case(
            "many rules",
            #"""
            p := 0 if input.n == "0"
            p := 1 if input.n == "1"
            p := 2 if input.n == "2"
            p := 3 if input.n == "3"
            p := 4 if input.n == "4"
            p := 5 if input.n == "5"
            p := 6 if input.n == "6"
            p := 7 if input.n == "7"
            p := 8 if input.n == "8"
            p := 9 if input.n == "9"
            """#,
            answers: [
                (#"{"n": "0"}"#, .value(#"0"#)),
                (#"{"n": "7"}"#, .value(#"7"#)),
                (#"{"n": 7}"#, .undefined),
            ]),
    ]
}
