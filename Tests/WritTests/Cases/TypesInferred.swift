extension Case {
    /// Types that are inferred piece by piece.
    static let inferredTypes: [Case] = [
        Case(
            "a collection with an operand, iterated",
            #"""
            f(a) := x if { some x in [a, true]; some y in x; y == 1 }
            p := f([1])
            """#, gives: .value(#"[1]"#)),
        Case(
            "an array with a variable of another type",
            #"""
            p := 1 if { v := "a"; sum([v, 1]) }
            """#, gives: .fails("rego_type_error")),
        Case(
            "a set with a variable of another type",
            #"""
            p := 1 if { v := "a"; concat(v, {v, 1}) }
            """#, gives: .fails("rego_type_error")),
        Case(
            "an array with an operand and a variable of another type",
            #"""
            f(v, w) := x if { w == "a"; x := sum([v, w]) }
            p := f(1, "a")
            """#, gives: .fails("eval_type_error")),
        Case(
            "a variable in an array that is an operand of any type",
            #"""
            p := 1 if { v := "a"; count([v]); not v == 1 }
            """#, gives: .value(#"1"#)),
        Case(
            "a variable in a set and beside it",
            #"""
            p := 1 if { v := ["a"]; x := ({v} - v) }
            """#, gives: .fails("rego_type_error")),
        Case(
            "a variable in a set, afterwards",
            #"""
            p := 1 if { v := "a"; x := ({v} - {1}); not v == 1 }
            """#, gives: .value(#"1"#)),
        Case(
            "an array of an operand without a type",
            #"""
            f(x) := count([x | some y in [1]; y])
            p := f(1)
            """#, gives: .value(#"1"#)),
        Case(
            "a set of an operand without a type",
            #"""
            f(x) := count({x | some y in [1]; y})
            p := f(1)
            """#, gives: .fails("rego_type_error")),
        Case(
            "an object with values without a type",
            #"""
            f(x) := object.get({y: x | some y in [1]}, "k", 1)
            p := f(1)
            """#, gives: .value(#"1"#)),
        Case(
            "an object with keys without a type",
            #"""
            f(x) := object.get({x: y | some y in [1]}, "k", 1)
            p := f(1)
            """#, gives: .value(#"1"#)),
        Case(
            "elements without a type",
            #"""
            f(x) := y if { some y in [x | true]; y == 1 }
            p := f(1)
            """#, gives: .fails("rego_type_error")),
        Case(
            "an array without a type of its elements",
            #"""
            f(x) := y if { y := [x | true]; y[0] == "a" }
            p := f(1)
            """#, gives: .fails("rego_type_error")),
        Case(
            "a template forgets the type of its variable",
            #"""
            p := 1 if { v := 3; $"a{v}"; not v == "a" }
            """#, gives: .value(#"1"#)),
        Case(
            "a template with an expression",
            #"""
            p := 1 if { v := 3; $"a{v + 1}"; v == "a" }
            """#, gives: .fails("rego_type_error")),
        Case(
            "a template in a head",
            #"""
            p := $"{v}" if { v := {"a": 1}; v.b }
            """#, gives: .fails("rego_type_error")),
        Case(
            "a rule beside computed keys",
            #"""
            p := 1 if q.foo == "a"
            q.foo := 2
            q[x] := "a" if some x in [1]
            """#, gives: .fails("rego_type_error")),
        Case(
            "computed keys beside a rule",
            #"""
            p := 1 if q[1] == 2
            q.foo := 2
            q[x] := "a" if some x in [1]
            """#, gives: .fails("rego_type_error")),
        Case(
            "a function in a variable",
            #"""
            package t

            p := 1 if { x := data.u; x.f }
            package u

            f(x) := x
            """#, gives: .fails("rego_type_error")),
        Case(
            "the documents of a package whose last one is a function",
            #"""
            package t

            p := 1 if { some k; x = data.u[k] }
            package u

            a := 1
            f(x) := x
            """#, gives: .value(#"1"#)),
        Case(
            "the documents of a package whose first one is a function",
            #"""
            package t

            p := 1 if { some k; x = data.u[k] }
            package u

            f(x) := x
            z := 1
            """#, gives: .value(#"1"#)),
        Case(
            "different keys of which one is a set",
            #"""
            p := 1 if { {{1}: 2} == {"a": 2} }
            """#, gives: .fails("rego_type_error")),
        Case(
            "the same keys that are sets",
            #"""
            p := 1 if { {{1}: 2} == {{1}: 2} }
            """#, gives: .value(#"1"#)),
        Case(
            "a constant set as a key beside computed keys",
            #"""
            p := 1 if { not {v: {1} | some v in [2]} == {{2}: [true], 1: 3} }
            """#, gives: .fails("rego_type_error")),
        Case(
            "keys of which one is an empty object",
            #"""
            p := 1 if { some k, _ in {null: 1, {}: 2}; some _ in k }
            """#, gives: .fails("rego_type_error")),
        Case(
            "the domain of every has any type",
            #"""
            f(v) := {1} | v if { every x in v { x }; not substring(v, 0, 1) == "b" }
            p := 1 if not f(2)
            """#, gives: .value(#"1"#)),
        Case(
            "computed keys come after constants",
            #"""
            p := {upper("a"): 1, "A": 2}
            """#, gives: .value(#"{"A":1}"#)),
        Case(
            "computed keys come after constants that are behind them",
            #"""
            p := {"A": 2, upper("a"): 1}
            """#, gives: .value(#"{"A":1}"#)),
        Case(
            "a variable as key comes after constants",
            #"""
            p := {x: 1, "a": 2} if x := lower("A")
            """#, gives: .value(#"{"a":1}"#)),
        Case(
            "keys in the order of their variables",
            #"""
            p := {y: 1, x: 2} if { x := lower("A"); y := lower("A") }
            """#, gives: .value(#"{"a":1}"#)),
        Case(
            "an integer key behind a fraction",
            #"""
            p := count({1.5: 1, 2: 2})
            """#, gives: .fails("rego_type_error")),
        Case(
            "an integer key before a fraction",
            #"""
            p := count({1: 1, 1.5: 2})
            """#, gives: .value(#"2"#)),
        Case(
            "an integer key behind one with an exponent",
            #"""
            p := count({1e0: 1, 100: 2})
            """#, gives: .fails("rego_type_error")),
        Case(
            "an integer key before one with an exponent",
            #"""
            p := count({1e1: 1, 9: 2})
            """#, gives: .value(#"2"#)),
        Case(
            "an integer with a point behind a fraction",
            #"""
            p := count({0.5: 1, 1.0: 2})
            """#, gives: .fails("rego_type_error")),
        Case(
            "an integer with a point and 19 characters",
            #"""
            p := count({0.5: 1, 1.00000000000000000: 2})
            """#, gives: .fails("rego_type_error")),
        Case(
            "an integer with a point and 20 characters",
            #"""
            p := count({0.5: 1, 1.000000000000000000: 2})
            """#, gives: .value(#"2"#)),
        Case(
            "fractions alone",
            #"""
            p := count({1.5: 1, 2.5: 2, 1e30: 3})
            """#, gives: .value(#"3"#)),
        Case(
            "a large integer behind a fraction",
            #"""
            p := count({2.50: 1, 12345678901234567890: 2})
            """#, gives: .value(#"2"#)),
        Case(
            "integers whose difference overflows",
            #"""
            p := count({-9223372036854775808: 1, 0.0: 2})
            """#, gives: .fails("rego_type_error")),
        Case(
            "equal keys written differently",
            #"""
            p := count({1e0: 1, 1: 2})
            """#, gives: .value(#"1"#)),
        Case(
            "a string key, a fraction and an integer",
            #"""
            p := count({"a": 1, 1.5: 2, 2: 3})
            """#, gives: .fails("rego_type_error")),
        Case(
            "the type under a key that its object does not find",
            #"""
            p := {100: false, 1e0: input.a}[100]
            """#, gives: .fails("rego_type_error")),
        Case(
            "a call on the right of a reference tells of its variable first",
            #"""
            p := "none" if { not q }
            q if { v := {"": input.x}; v[1] = count({v}) }
            """#, gives: .value(#""none""#)),
        Case(
            "a call in an expression before tells of its variable",
            #"""
            p := "none" if { not q }
            q if { v := {"": input.x}; count({v}); v[1] }
            """#, gives: .value(#""none""#)),
        Case(
            "a call in an expression behind does not",
            #"""
            p if { v := {"": input.x}; x := v[1]; y := count({v}) }
            """#, gives: .fails("rego_type_error")),
        Case(
            "a call of what is no collection does not",
            #"""
            p if { v := {"": input.x}; v[1] = count(v) }
            """#, gives: .fails("rego_type_error")),
        Case(
            "a call beside a reference in the head",
            #"""
            p := [v[1], count({v})] if { v := {"": input.x} }
            """#, gives: .undefined),
        Case(
            "a call behind a reference in the head",
            #"""
            p[v[1]] := count([v]) if { v := {"": 1} }
            """#, gives: .fails("rego_type_error")),
        Case(
            "a variable for a set of an operand without a type",
            #"""
            f(x) := {x | some y in [1]} if input.z
            p := 1 if { not q }
            q if { v := f("a"); substring(v, 2, -1) == "a" }
            """#, gives: .value(#"1"#)),
        Case(
            "a set of an operand without a type as an operand",
            #"""
            f(x) := {x | some y in [1]} if input.z
            p if count(f("a")) == 1
            """#, gives: .fails("rego_type_error")),
        Case(
            "a variable for an array of an operand without a type",
            #"""
            f(x) := [x | some y in [1]] if input.z
            p if { v := f("a"); substring(v, 2, -1) == "a" }
            """#, gives: .fails("rego_type_error")),
        Case(
            "a comprehension in the body of not knows no types of its variables",
            #"""
            import future.keywords.not
            r["x"] := true
            p := 1 if { not { some k; r[k]; count({x | some x in k}) == 1 } }
            """#, gives: .value(#"1"#)),
        Case(
            "a reference in the body of not does",
            #"""
            import future.keywords.not
            r["x"] := true
            p := 1 if { not { some k; r[k]; x := k[_] } }
            """#, gives: .fails("rego_type_error")),
        Case(
            "a comprehension in the body of not knows the variables around",
            #"""
            import future.keywords.not
            r["x"] := true
            p := 1 if { some k; r[k]; not { x := {x | some x in k}; x == 1 } }
            """#, gives: .fails("rego_type_error")),
        Case(
            "what a comprehension learns of a variable is forgotten",
            #"""
            f(v) := x if { count([1 | v == 1]) == 0; x := count(v) }
            p := f("a")
            """#, gives: .value(#"1"#)),
        Case(
            "a union with an object whose keys are collections",
            #"""
            a := object.keys({"1": true})
            p := object.remove(v, ["in"]) if { v := a with a as {{}: 1, {1: 2}: 3} }
            """#, gives: .value(#"{"{\"1\":2}":3,"{}":1}"#)),
        Case(
            "a key of what a call gives, where nothing is known of its keys",
            #"""
            f(x) := {x: 1 | true}
            p := k if f("k")[k]
            """#, gives: .fails("rego_type_error")),
        Case(
            "an element of what a call gives, where nothing is known of it",
            #"""
            f(x) := {x | true}
            p := k if { k := f("k")[_] }
            """#, gives: .fails("rego_type_error")),
        Case(
            "the same by way of a variable",
            #"""
            f(x) := {x: 1 | true}
            p := 1 if { y := f("k"); some k, _ in y }
            """#, gives: .value("1")),
        Case(
            "the values of what a call gives, where nothing is known of them",
            #"""
            f(x) := {1: x | true}
            p := k if { k := f("k")[_] }
            """#, gives: .fails("rego_type_error")),
        Case(
            "an object and one whose values nothing is known of",
            #"""
            f(x) := {1: x | true}
            p := 1 if { f("k") == {"k": 1} }
            """#, gives: .fails("rego_type_error")),
        Case(
            "an object and one whose keys nothing is known of",
            #"""
            f(x) := {x: 1 | true}
            p := 1 if { f("k") == {"k": 1} }
            """#, gives: .value("1")),
        Case(
            "a document and an object whose values nothing is known of",
            #"""
            u["b"] := input.q
            f(x) if { {1: x | true} == u }
            p := 1
            """#, gives: .value("1")),
    ]
}
