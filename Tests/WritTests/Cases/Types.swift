extension Case {
    /// Types: what is refused before evaluation, and what is not.
    static let types: [Case] = [
        Case(
            "a comprehension over an operand without a type",
            #"""
            f([x, y]) := {y | x}
            p := f([true, 2])
            """#, gives: .value(#"[2]"#)),
        Case(
            "an assigned comprehension over an operand without a type",
            #"""
            f(x) := v if { v := {x | true} }
            p := f(1)
            """#, gives: .value(#"[1]"#)),
        Case(
            "an object comprehension over an operand without a type",
            #"""
            f([x, y]) := v if { v := {y: x | x} }
            p := f([1, "k"])
            """#, gives: .value(#"{"k":1}"#)),
        Case(
            "what a comprehension tells of an operand stays inside",
            #"""
            f(x) := "one" if { v := [1 | count(x) > 0]; x == 1 }
            p := f(1)
            """#, gives: .fails("eval_type_error")),
        Case(
            "what a body tells of an operand holds",
            #"""
            f(x) := 1 if { count(x) == 1; x == 1 }
            p := f(1)
            """#, gives: .fails("rego_type_error")),
        Case(
            "what a comprehension calls says nothing about the comparison around it",
            #"""
            f(x) := "same" if { x == [y | y := object.get(x, "a", 7)] }
            p := f([])
            """#, gives: .fails("eval_type_error")),
        Case(
            "static keys and computed keys of another type",
            #"""
            p if { {"a": 1} == {x: 1 | some x in [1]} }
            """#, gives: .undefined),
        Case(
            "static keys and computed keys with values of another type",
            #"""
            p if { {"a": 1} == {x: "s" | some x in ["a"]} }
            """#, gives: .fails("rego_type_error")),
        Case(
            "static keys and a rule's computed key",
            #"""
            a := 1 if input.x
            r := {a: 1}
            p if { {"k": 1} == r }
            """#, gives: .undefined),
        Case(
            "different static keys",
            #"""
            p if { {"a": 1} == {"b": 1} }
            """#, gives: .fails("rego_type_error")),
        Case(
            "number and string",
            #"""
            p if 1 == "a"
            """#, gives: .fails("rego_type_error")),
        Case(
            "number and set",
            #"""
            p if { 1 == {x | some x in [1]} }
            """#, gives: .fails("rego_type_error")),
        Case(
            "number and anything",
            #"""
            p := "one" if input.x == 1
            """#, input: #"{"x": 1}"#, gives: .value(#""one""#)),
        Case(
            "a rule's type",
            #"""
            r := "text"
            p if r == 1
            """#, gives: .fails("rego_type_error")),
        Case(
            "a rule of two types",
            #"""
            r := "text" if input.x
            r := 1 if not input.x
            p if r == 1
            """#, gives: .value(#"true"#)),
        Case(
            "operand of a builtin",
            #"""
            p := upper(1)
            """#, gives: .fails("rego_type_error")),
        Case(
            "result of a builtin",
            #"""
            p := 1 if { upper("a") == 1 }
            """#, gives: .fails("rego_type_error")),
        Case(
            "unknown key of a rule",
            #"""
            r := {"a": 1}
            p := r.b
            """#, gives: .fails("rego_type_error")),
        Case(
            "unknown key of input",
            #"""
            p := input.a.b.c.d
            """#, gives: .undefined),
        Case(
            "a function is no value",
            #"""
            f(x) := x
            p := f
            """#, gives: .fails("rego_type_error")),
        Case(
            "a rule is no function",
            #"""
            r := 1
            p := r(1)
            """#, gives: .fails("rego_type_error")),
        Case(
            "a replaced rule may have the type of what replaces it",
            #"""
            r := 5
            p if { r == "x" with data.t.r as "x" }
            """#, gives: .value(#"true"#)),
        Case(
            "a replaced rule may have keys of what replaces it",
            #"""
            r := {"a": 1}
            p if { r.b == 1 with r as {"b": 1} }
            """#, gives: .value(#"true"#)),
        Case(
            "elements of what replaces a set",
            #"""
            r := {"a"}
            p := out if { out := r[0] with data.t.r as [1] }
            """#, gives: .value(#"1"#)),
        Case(
            "what replaces a rule has a type as well",
            #"""
            r := {"a"}
            p if { r[1] == 1 with data.t.r as [1] }
            """#, gives: .fails("rego_type_error")),
        Case(
            "the replacement's type holds for its expression only",
            #"""
            r := 5
            p if { r == "x" with data.t.r as "x"; r == "y" }
            """#, gives: .fails("rego_type_error")),
        Case(
            "a replaced package may have any keys",
            #"""
            package lib
            a := 1
            package t
            p if { data.lib.a.b == 1 with data.lib as {"a": {"b": 1}} }
            """#, gives: .value(#"true"#)),
    ]
}
