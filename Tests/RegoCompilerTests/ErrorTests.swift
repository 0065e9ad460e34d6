import Testing

@testable import RegoCompiler

/// Which errors modules have, and where; each stage hides those after it.
@Suite struct ErrorTests {
    @Test(arguments: [
        // Declarations
        ("p if { x := 1; x := 2 }", ["3:16 rego_compile_error: var x assigned above"]),
        ("p if { x == 1; x := 1 }", ["3:16 rego_compile_error: var x referenced above"]),
        ("p if { some x; some x; x = 1 }", ["3:16 rego_compile_error: var x declared above"]),
        ("f(x) if { some x; x = 1 }", ["3:11 rego_compile_error: arg x redeclared"]),
        ("p if { some x; true }", ["3:8 rego_compile_error: declared var x unused"]),
        ("p if { every v in [1] { true } }", ["3:25 rego_compile_error: declared var v unused"]),
        (
            "p if { data := 1; data == 1 }",
            ["3:8 rego_compile_error: variables must not shadow data (use a different variable name)"]
        ),
        ("f(input) := input", ["3:1 rego_compile_error: args must not shadow input (use a different variable name)"]),
        ("p if { 2 := input.x }", ["3:8 rego_compile_error: cannot assign to number"]),
        ("p if not x := 1", ["3:6 rego_compile_error: cannot assign vars inside negated expression"]),
        ("import data.a\nimport data.b as a\np := a", ["4:1 rego_compile_error: import must not shadow import data.a"]),
        // Calls
        ("p := foo.bar(1)", ["3:6 rego_type_error: undefined function foo.bar"]),
        ("f(x, y) := x + y\np := f(1)", ["4:6 rego_type_error: function data.test.f has arity 2, got 1 argument"]),
        (
            "p := abs(1, 2)",
            ["3:6 rego_type_error: abs: arity mismatch | have: (number, number, ???) | want: (x: number)"]
        ),
        ("p := print(1)", ["3:6 rego_type_error: print(1) used as value"]),
        // Safety
        ("p if { x > 1 }", ["3:8 rego_unsafe_var_error: var x is unsafe"]),
        ("p := [x, y]", ["3:7 rego_unsafe_var_error: var x is unsafe", "3:10 rego_unsafe_var_error: var y is unsafe"]),
        ("p if { not [1][_] == 2 }", ["3:8 rego_unsafe_var_error: var _ is unsafe"]),
        ("p if { x := y; x = 1 }", ["3:8 rego_unsafe_var_error: var y is unsafe"]),
        ("p if { 3 = x + 1 }", ["3:12 rego_unsafe_var_error: var x is unsafe"]),
        ("p if { every x in [1] { x }; x == 1 }", ["3:30 rego_unsafe_var_error: var x is unsafe"]),
        ("p := {x: y | x := 1}", ["3:6 rego_unsafe_var_error: var y is unsafe"]),
        ("p := $\"{input.list[_]}\"", ["3:9 rego_compile_error: var _ is undeclared"]),
        ("p if { print(x); x = 1 }", ["3:14 rego_compile_error: var x is undeclared"]),
        // Replacements
        (
            "p if { x := 1; y := x with x as 2; y }",
            ["3:28 rego_type_error: with keyword target must reference existing input, data, or a function"]
        ),
        (
            "p if true with walk as 1",
            ["3:16 rego_compile_error: with keyword replacing built-in function: target must not be a relation"]
        ),
        (
            "q.a := 1\np if q with q.a.b as 1",
            ["4:13 rego_compile_error: with keyword cannot partially replace virtual document(s)"]
        ),
        // Conflicts
        ("p := 1\np contains 2", ["3:1 rego_type_error: conflicting rules data.test.p found"]),
        ("f(x) := x\nf(x, y) := x + y", ["3:1 rego_type_error: conflicting rules data.test.f found"]),
        ("p contains 1\np[x] contains 2 if x := 1", ["3:1 rego_type_error: conflicting rules data.test.p[x] found"]),
        (
            "p := 1\np.b.z := 3\np.b.a := 2",
            [
                "3:1 rego_type_error: rule data.test.p conflicts with:\n  rule data.test.p.b.a at test-0.rego:5\n"
                    + "  rule data.test.p.b.z at test-0.rego:4"
            ]
        ),
        (
            "default p := 1\ndefault p := 2",
            [
                "1:1 rego_type_error: multiple default rules data.test.p found at test-0.rego:3, test-0.rego:4"
            ]
        ),
        // Recursion
        (
            "p if q\nq if r\nr if p",
            [
                "3:1 rego_recursion_error: rule data.test.p is recursive: data.test.p -> data.test.q -> data.test.r"
                    + " -> data.test.p",
                "4:1 rego_recursion_error: rule data.test.q is recursive: data.test.q -> data.test.r -> data.test.p"
                    + " -> data.test.q",
                "5:1 rego_recursion_error: rule data.test.r is recursive: data.test.r -> data.test.p -> data.test.q"
                    + " -> data.test.r",
            ]
        ),
        (
            "p := data[x].p if x := \"test\"",
            ["3:1 rego_recursion_error: rule data.test.p is recursive: data.test.p -> data.test.p"]
        ),
        (
            "q := 1 if false\nelse := q",
            ["4:1 rego_recursion_error: rule data.test.q is recursive: data.test.q -> data.test.q"]
        ),
    ])
    func errors(_ source: String, _ expected: [String]) {
        #expect(Resolved(source).errors == expected)
    }

    @Test func limit() {
        let body = (1...12).map { "a\($0) > 1" }.joined(separator: "; ")
        let errors = Resolved("p if { \(body) }").errors
        #expect(errors.count == 11)
        #expect(errors.last == "rego_compile_error: error limit reached")
    }

    @Test func packagesAndRules() {
        let errors = Resolved("p := 1", "package test.p\n\nb := 1").errors
        #expect(
            errors == [
                "1:1 rego_type_error: package test.p conflicts with rule p defined at test-0.rego:3",
                "3:1 rego_type_error: rule data.test.p conflicts with:\n  rule data.test.p.b at test-1.rego:3",
            ])
    }

    @Test func dataUnderRules() {
        var options = CompilerOptions()
        options.dataConflicts = { $0.count == 2 }
        let errors = Resolved("p := 1", options: options).errors
        #expect(errors == ["3:1 rego_compile_error: conflicting rule for data path test/p found"])
    }

    @Test(arguments: [
        ("p if { x := 1; true }", ["3:8 rego_compile_error: assigned var x unused"]),
        ("f(x) := 1", ["3:1 rego_compile_error: unused argument x. (hint: use _ (wildcard variable) instead)"]),
        ("import data.a\np := 1", ["3:1 rego_compile_error: import data.a unused"]),
    ])
    func strict(_ source: String, _ expected: [String]) {
        var options = CompilerOptions()
        options.isStrict = true
        #expect(Resolved(source, options: options).errors == expected)
        #expect(Resolved(source).errors.isEmpty)
    }
}

@Suite struct TypeErrorTests {
    @Test(arguments: [
        (
            "p := upper(1)",
            ["3:6 rego_type_error: upper: invalid argument(s) | have: (number, ???) | want: (x: string, y: string)"]
        ),
        (
            "p if { {\"a\": 1} = {\"b\": 1} }",
            ["3:8 rego_type_error: match error | left  : object<a: number> | right : object<b: number>"]
        ),
        (
            "x := {\"a\": 1}\np := x.b",
            [
                "4:6 rego_type_error: undefined ref: data.test.x.b | data.test.x.b |             ^"
                    + " |             have: \"b\" |             want (one of): [\"a\"]"
            ]
        ),
        (
            "p := 1\nq := data[1]",
            [
                "4:6 rego_type_error: undefined ref: data[1] | data[1] |      ^ |      have (type): number"
                    + " |      want (one of): [\"test\"]"
            ]
        ),
        ("p := x.y if x := 1", ["3:6 rego_type_error: undefined ref: x.y | x.y | ^ | have: number"]),
        (
            "f(x) := x + 1\np := f(\"a\")",
            ["4:6 rego_type_error: data.test.f: invalid argument(s) | have: (string, ???) | want: (number, number)"]
        ),
        (
            "f(x) := x\np := f",
            [
                "4:6 rego_type_error: function data.test.f used as reference, not called | data.test.f | ^^^^^^^^^^^ | have: (any) => any"
            ]
        ),
        ("q contains 1\np if q[_] == \"a\"", ["4:6 rego_type_error: match error | left  : number | right : string"]),
        // What is only known at run time is accepted.
        ("p if { input.x == 1; input.x == \"a\" }", []),
        ("p if { x := [1, \"a\"][_]; x == \"a\" }", []),
        ("p := data.test.q", []),
        ("q.a := 1\np if q.c", []),
    ])
    func types(_ source: String, _ expected: [String]) {
        #expect(Resolved(source).errors == expected)
    }

    /// Types that double with every rule must not cost time that does, too.
    @Test func growth() {
        let rules = (1...60).map { "r\($0) := [r\($0 - 1), r\($0 - 1)]" }.joined(separator: "\n")
        #expect(Resolved("r0 := [1]\n" + rules + "\np if r60 == r59").errors.isEmpty)
    }
}
