extension Case {
    /// Types of what a `with` replaces, and of the rules that read it.
    static let replacedTypes: [Case] = [
        Case(
            "a rule that reads what is replaced",
            #"""
            a := "a"
            b := upper(a)
            p := 1 if not b == true with a as "b"
            """#, gives: .value(#"1"#)),
        Case(
            "a rule that reads it by way of another",
            #"""
            a := "a"
            b := upper(a)
            c := b
            p := 1 if not c == true with a as "b"
            """#, gives: .value(#"1"#)),
        Case(
            "a function that reads what is replaced",
            #"""
            a := "a"
            f(x) := concat(x, [a])
            p := 1 if f(3) == true with a as "b"
            """#, gives: .fails("eval_type_error")),
        Case(
            "a rule that calls what is replaced",
            #"""
            f(1) := 2
            b := f(1)
            p := 1 if not b == true with f as "b"
            """#, gives: .value(#"1"#)),
        Case(
            "what reads the package of what is replaced",
            #"""
            package t

            p := 1 if not data.v.b == true with data.u.a as "b"
            package u

            a := 3
            package v

            b := 1 if data.u
            """#, gives: .value(#"1"#)),
        Case(
            "what stands in has its own type",
            #"""
            a := "a"
            p := 1 if a == true with a as [1]
            """#, gives: .fails("rego_type_error")),
        Case(
            "what stands in and the rule itself",
            #"""
            a := "a"
            p := 1 if a[0] == 1 with a as [1]
            """#, gives: .value(#"1"#)),
        Case(
            "one of two rules of an object",
            #"""
            a := 3
            b.x := a
            b.y := 1
            p := 1 if b.y == true with a as {}
            """#, gives: .fails("rego_type_error")),
        Case(
            "the object of a rule that reads what is replaced",
            #"""
            a := 3
            b.x := a
            b.y := 1
            p := 1 if b == true with a as {}
            """#, gives: .fails("rego_type_error")),
        Case(
            "a package as a whole",
            #"""
            package t

            p := 1 if data.u.a == true with data.u as 4
            package u

            a := 3
            """#, gives: .fails("rego_type_error")),
        Case(
            "a package by an object",
            #"""
            package t

            p := 1 if data.u.a == true with data.u as {}
            package u

            a := 3
            """#, gives: .undefined),
        Case(
            "a package with a function",
            #"""
            package t

            p := count(data.u) if true
            package u

            f(x) := x
            """#, gives: .fails("rego_type_error")),
        Case(
            "a package with a function and what is put into it",
            #"""
            package t

            p := 1 if count(data.u) == 5 with data.u.z as 1
            package u

            f(x) := x
            """#, gives: .undefined),
        Case(
            "a function of a package that is replaced",
            #"""
            package t

            p := 1 if data.u.f(1) with data.u as {"a": 1}
            package u

            f(x) := x
            """#, gives: .value(#"1"#)),
        Case(
            "a path of input becomes an object",
            #"""
            p := 1 if input.o == [1] with input.o.x as 1
            """#, gives: .fails("rego_type_error")),
        Case(
            "a path of input below all of it",
            #"""
            p := 1 if { v := input.o with input as {} with input.o.x as 1; sort(v) }
            """#, gives: .fails("rego_type_error")),
        Case(
            "a variable of the replaced document keeps its type",
            #"""
            a := 3
            p := 1 if { x := a with a as {}; x == true }
            """#, gives: .fails("rego_type_error")),
        Case(
            "base data",
            #"""
            p := 1 if { not data.foo == true with data.foo as 1 }
            """#, gives: .value(#"1"#)),
        Case(
            "a function that a package of any type hides",
            #"""
            package u
            f(1) := 2
            package t
            p := 1 if not input.y with data.u as object.get(input, "x", 1) with data.u.f as upper
            """#, input: "{}", gives: .value(#"1"#)),
        Case(
            "a function that a package behind it hides",
            #"""
            package u
            f(1) := 2
            package t
            p := 1 if not input.y with data.u.f as upper with data.u as object.get(input, "x", 1)
            """#, input: "{}", gives: .value(#"1"#)),
        Case(
            "a function that a package without it does not hide",
            #"""
            package u
            f(1) := 2
            package t
            p := 1 if not input.y with data.u as {"g": 1} with data.u.f as upper
            """#, gives: .fails("rego_type_error")),
        Case(
            "a function that a package with a value there hides",
            #"""
            package u
            f(1) := 2
            package t
            p := 1 if not input.y with data.u as {"f": 1} with data.u.f as upper
            """#, gives: .value(#"1"#)),
        Case(
            "a function that is hidden and stands in",
            #"""
            package u
            f(1) := 2
            package t
            p := 1 if not input.y with upper as data.u.f with data.u as object.get(input, "x", 1)
            """#, input: "{}", gives: .value(#"1"#)),
        Case(
            "a function that is replaced beside",
            #"""
            package u
            f(1) := 2
            package t
            p := 1 if not input.y with data.u.f as input.x with data.u.f as upper
            """#, gives: .fails("rego_type_error")),
        Case(
            "a computed key into a package of functions",
            #"""
            package u
            f(1) := 2
            g(x) := f(x)
            package t
            p := 1 if { not q }
            q if { x := data.u[input.s] }
            """#, gives: .fails("rego_type_error")),
        Case(
            "a computed key into a package of functions of which one reads what is replaced",
            #"""
            package u
            f(1) := 2
            g(x) := f(x)
            package t
            p := 1 if { not q }
            q if { x := data.u[input.s] with data.u.f as 1 }
            """#, gives: .value(#"1"#)),
        Case(
            "a path behind a computed key into a package of functions",
            #"""
            package u
            f(1) := 2
            g(x) := f(x)
            package t
            p := 1 if { not q }
            q if { x := data.u[input.s].y with data.u.f as 1 }
            """#, gives: .value(#"1"#)),
        Case(
            "a computed key into a package of functions that do not read it",
            #"""
            package u
            f(1) := 2
            g(x) := f(x)
            package t
            p := 1 if { not q }
            q if { x := data.u[input.s] with data.u.g as 1 }
            """#, gives: .fails("rego_type_error")),
        Case(
            "operands of a function that anything may stand in for",
            #"""
            package u
            f(x, y) := "s"
            package t
            r(v) := 1 if { some _ in [v | data.u.f(v, 1) with data.u as input.x] }
            p := 1
            """#, gives: .fails("rego_type_error")),
        Case(
            "operands of a function in place of which stands a value that is known",
            #"""
            package u
            f(x, y) := "s"
            package t
            r(v) := 1 if { some _ in [v | data.u.f(v, 1) with data.u as 1] }
            p := 1
            """#, gives: .value("1")),
        Case(
            "the result of a function that anything may stand in for",
            #"""
            package u
            f(x, y) := "s"
            package t
            r(v) := 1 if { y := data.u.f(v, 1) with data.u as input.x; some _ in [y | y != 1] }
            p := 1
            """#, gives: .value("1")),
        Case(
            "a comprehension whose errors only a look at the readers of what is replaced excuses",
            #"""
            a := "a"
            b := upper(a)
            p := 1 if { x := [3 | b == 1 with a as "b"] }
            """#, gives: .fails("rego_type_error")),
        Case(
            "such a comprehension that stands for itself",
            #"""
            a := "a"
            b := upper(a)
            p := 1 if { [3 | b == 1 with a as "b"] }
            """#, gives: .value("1")),
        Case(
            "such a comprehension around which the document is replaced",
            #"""
            a := "a"
            b := upper(a)
            p := count(x) if { x := [3 | b == 1] with a as "b" }
            """#, gives: .value("0")),
        Case(
            "such a comprehension within another",
            #"""
            a := "a"
            b := upper(a)
            p := 1 if { x := [3 | y := [4 | b == 1 with a as "b"]] }
            """#, gives: .fails("rego_type_error")),
        Case(
            "a function within what stands in around, replaced by a value",
            #"""
            package t

            p := 1 if { x := [v | some v in [1]; data.u.f(v) with data.u.f as true] with data.u as object.union({}, {"a": 1}) }
            package u

            f(1) := 2
            """#, gives: .value("1")),
        Case(
            "a function within what stands in around, replaced by another kind of function",
            #"""
            package t

            p := 1 if { x := [v | some v in [1]; data.u.f(v) with data.u.f as count] with data.u as {"f": 3} }
            package u

            f(1) := 2
            """#, gives: .fails("eval_type_error")),
        Case(
            "what replaces a function within what stands in may be anything",
            #"""
            package t

            p := 1 if { x := [v | some v in [1]; upper(data.u.f) with data.u.f as 1] with data.u as {} }
            package u

            f(1) := 2
            """#, gives: .value("1")),
        Case(
            "a function within what stands in around",
            #"""
            package t

            p := 1 if { x := [v | some v in [1]; data.u.f(v)] with data.u as {} }
            package u

            f(1) := 2
            """#, gives: .fails("rego_type_error")),
        Case(
            "the type of a comprehension is found without a look at the readers of what is replaced",
            #"""
            a := 1
            f(_) := 3 if a
            b := {x | x := f(10) with a as 2}
            p := 1 if {
                some x in b
                y := {"k"} | x
            }
            """#, gives: .fails("rego_type_error")),
        Case(
            "such a call in a body",
            #"""
            a := 1
            f(_) := 3 if a
            b contains x if x := f(10) with a as 2
            p := count(b) if {
                every x in b { y := {"k"} | x }
            }
            """#, gives: .fails("eval_type_error")),
        Case(
            "what stands in is computed of an operand that nothing is known of",
            #"""
            package t

            f(v) := 1 if { data.u.g(1) with data.u as {input.k: v} }
            p := 1
            package u

            g(x) := x
            """#, gives: .fails("rego_type_error")),
        Case(
            "such an operand under a constant key",
            #"""
            package t

            f(v) := 1 if { data.u.g(1) with data.u as {"k": v} }
            p := 1
            package u

            g(x) := x
            """#, gives: .value("1")),
    ]
}
