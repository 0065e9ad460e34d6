extension Case {
    /// Documents: base data and rules together, dynamic references over both, empty packages, paths.
    static let documents: [Case] = [
        Case(
            "base data alone",
            #"""

            """#, data: #"{"t": {"p": {"a": 1}}}"#, gives: .value(#"{"a":1}"#)),
        Case(
            "base data and rules under one package",
            #"""
            q := 1
            """#, data: #"{"t": {"base": 2}}"#, path: "t", gives: .value(#"{"base":2,"q":1}"#)),
        Case(
            "rules hide nothing else of base data",
            #"""
            package a.b
            c := 1
            """#, data: #"{"a": {"b": {"d": 2}, "e": 3}}"#, path: "a", gives: .value(#"{"b":{"c":1,"d":2},"e":3}"#)),
        Case(
            "an inner package",
            #"""
            package a.b.c
            r := 1
            package a
            s := 2
            """#, path: "a", gives: .value(#"{"b":{"c":{"r":1}},"s":2}"#)),
        Case(
            "a package with only undefined rules",
            #"""
            package a.b
            r := 1 if false
            package a
            s := 2
            """#, path: "a", gives: .value(#"{"b":{},"s":2}"#)),
        Case(
            "an empty package is an empty object",
            #"""
            package a.b
            """#, path: "a/b", gives: .value(#"{}"#)),
        Case(
            "a package with only functions is an empty object",
            #"""
            package a.b
            f(x) := x
            """#, path: "a/b", gives: .value(#"{}"#)),
        Case(
            "an unknown path",
            #"""
            q := 1
            """#, path: "t/missing/deep", gives: .undefined),
        Case(
            "below a scalar rule",
            #"""
            q := input.v
            """#, path: "t/q/x", input: #"{"v": 1}"#, gives: .undefined),
        Case(
            "dynamic last step over rules",
            #"""
            package lib
            a := 1
            b := 2
            package t
            p := data.lib[input.k]
            """#,
            answers: [
                (#"{"k": "b"}"#, .value(#"2"#)),
                (#"{"k": "none"}"#, .undefined),
                (#"{}"#, .undefined),
            ]),
        Case(
            "dynamic step in the middle",
            #"""
            package lib.x
            allow := 1
            package lib.y
            allow := 2
            package t
            p := data.lib[input.k].allow
            """#,
            answers: [
                (#"{"k": "y"}"#, .value(#"2"#)),
                (#"{"k": "x"}"#, .value(#"1"#)),
                (#"{"k": "z"}"#, .undefined),
            ]),
        Case(
            "dynamic step over rules and base data",
            #"""
            package lib
            a := {"z": 1}
            package t
            p contains [y, v] if { some y; v := data.lib[y].z }
            """#, data: #"{"lib": {"b": {"z": 2}, "c": {"w": 3}}}"#, gives: .value(#"[["a",1],["b",2]]"#)),
        Case(
            "iteration over packages",
            #"""
            package svc.one
            port := 80
            package svc.two
            port := 443
            package svc.three
            other := 1
            package t
            p[name] := data.svc[name].port
            """#, gives: .value(#"{"one":80,"two":443}"#)),
        Case(
            "iteration over a package that calls an undefined rule",
            #"""
            package lib
            a := 1
            b := 2 if false
            package t
            p contains k if { some k; data.lib[k] }
            """#, gives: .value(#"["a"]"#)),
        Case(
            "two dynamic steps",
            #"""
            package lib.x
            a := 1
            package lib.y
            b := 2
            package t
            p contains [i, j, v] if { some i, j; v := data.lib[i][j] }
            """#, gives: .value(#"[["x","a",1],["y","b",2]]"#)),
        Case(
            "dynamic step into a partial set",
            #"""
            package lib
            s contains x if some x in ["u", "v"]
            package t
            p contains x if { data.lib[input.k][x] }
            """#, input: #"{"k": "s"}"#, gives: .value(#"["u","v"]"#)),
        Case(
            "a conflict behind a dynamic step",
            #"""
            package lib
            a := 1 if input.on
            a := 2 if input.on
            b := 3
            package t
            p := data.lib[input.k]
            """#,
            answers: [
                (#"{"k": "b", "on": true}"#, .value(#"3"#)),
                (#"{"k": "a", "on": true}"#, .fails("eval_conflict_error")),
            ]),
        Case(
            "the whole document as a value",
            #"""
            package lib
            a := 1
            package t
            p := x if x := data.lib
            """#, data: #"{"lib": {"b": 2}}"#, gives: .value(#"{"a":1,"b":2}"#)),
        Case(
            "numbers as keys of base data",
            #"""
            p := data.nums[2]
            """#, data: #"{"nums": ["a", "b", "c"]}"#, gives: .value(#""c""#)),
        Case(
            "loop over base data",
            #"""
            p contains k if data.users[k].admin
            """#, data: #"{"users": {"ann": {"admin": true}, "bob": {"admin": false}, "cid": {}}}"#,
            gives: .value(#"["ann"]"#)),
        Case(
            "loop over an array of base data",
            #"""
            p contains u.name if { some u in data.users; u.age >= 18 }
            """#, data: #"{"users": [{"name": "ann", "age": 18}, {"name": "bob", "age": 17}]}"#,
            gives: .value(#"["ann"]"#)),
        Case(
            "join over input and data",
            #"""
            p contains [r, a] if { some r in data.roles[input.user]; some a in data.grants[r] }
            """#,
            data:
                #"{"roles": {"ann": ["dev", "ops"], "bob": []}, "grants": {"dev": ["read"], "ops": ["read", "stop"]}}"#,
            answers: [
                (#"{"user": "ann"}"#, .value(#"[["dev","read"],["ops","read"],["ops","stop"]]"#)),
                (#"{"user": "bob"}"#, .value(#"[]"#)),
                (#"{"user": "cid"}"#, .value(#"[]"#)),
            ]),
        Case(
            "keys with odd letters",
            #"""
            p := data["a b"]["x.y"]["/"]
            """#, data: #"{"a b": {"x.y": {"/": 1}}}"#, gives: .value(#"1"#)),
        Case(
            "a package with odd letters",
            #"""
            package x["odd name"]
            r := 1
            package t
            p := data.x["odd name"].r
            """#, gives: .value(#"1"#)),
        Case(
            "import of a package and of data",
            #"""
            package lib.deep
            a := 1
            package t
            import data.lib.deep
            import data.base as b
            p := [deep.a, b]
            """#, data: #"{"base": 2}"#, gives: .value(#"[1,2]"#)),
        Case(
            "import of input",
            #"""
            import input.user as u
            p := u.name
            """#, input: #"{"user": {"name": "ann"}}"#, gives: .value(#""ann""#)),
        Case(
            "unused import keeps quiet",
            #"""
            import data.nothing
            p := 1
            """#, gives: .value(#"1"#)),
        Case(
            "null in base data",
            #"""
            p := [data.n, x] if x := data.o.n
            """#, data: #"{"n": null, "o": {"n": false}}"#, gives: .value(#"[null,false]"#)),
        Case(
            "undefined against false in base data",
            #"""
            p if data.o.n
            """#, data: #"{"o": {"n": false}}"#, gives: .undefined),
        Case(
            "base data under a rule's name is hidden by the rule",
            #"""
            q := "rule"
            p := q
            """#, data: #"{"t": {"q2": "base"}}"#, gives: .value(#""rule""#)),
        Case(
            "sets in rule values print as arrays",
            #"""
            p := {"s": {3, 1, 2}, "n": [{"b"}, set()]}
            """#, gives: .value(#"{"n":[["b"],[]],"s":[1,2,3]}"#)),
        Case(
            "keys that are no strings print as JSON text",
            #"""
            p := {1: "a", [2]: "b", null: "c", {"k": true}: "d"}
            """#, gives: .value(#"{"1":"a","[2]":"b","null":"c","{\"k\":true}":"d"}"#)),
        Case(
            "keys sort by their bytes",
            #"""
            p := {"b": 1, "a": 2, "B": 3, "é": 4, "z": 5}
            """#, gives: .value(#"{"B":3,"a":2,"b":1,"z":5,"é":4}"#)),
        Case(
            "a walk over a package",
            #"""
            package lib
            a := {"x": 1}
            package t
            p contains path if walk(data.lib, [path, 1])
            """#, gives: .value(#"[["a","x"]]"#)),
    ]
}
