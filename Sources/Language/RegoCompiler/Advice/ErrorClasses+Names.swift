extension ErrorClass {
    /// What names and safety are about.
    static let names: [ErrorClass] = [
        ErrorClass(
            "unsafe-variable", "rego_unsafe_var_error", "var ", "a variable that nothing binds",
            help: "bind it first: `x := ...`, `some x in ...`, or a positive expression that gives it a value",
            """
            Every variable must get its values from some expression that is not negated: an assignment, `some ... in`, \
            a reference into a document. Calls, comparisons and `not` only use values. Often it is a misspelt name.
            """, fails: "package p\n\nallow if input.user == usr\n",
            holds: "package p\n\nallow if {\n\tusr := input.owner\n\tinput.user == usr\n}\n"),
        ErrorClass(
            "unsafe-expression", "rego_unsafe_var_error", "expression is unsafe",
            "an expression that cannot be ordered",
            "No order of the expressions of this body lets every variable be bound before it is used."),
        ErrorClass(
            "recursion", "rego_recursion_error", "rule ", "a rule that depends on itself",
            help: "break the circle; for graphs there are `graph.reachable` and `walk`",
            """
            Rules may not depend on themselves, also not by way of others or of a reference that only might lead to \
            them. That keeps every evaluation finite.
            """, fails: "package p\n\na if b\n\nb if a\n", holds: "package p\n\na if b\n\nb if input.b\n"),
        ErrorClass(
            "redeclared", "rego_compile_error", "var ", part: " above", "a variable declared twice in one body",
            help: "choose another name for one of the two",
            "A name is declared once in a body, before it is used.",
            fails: "package p\n\nallow if {\n\tx := 1\n\tx := 2\n}\n",
            holds: "package p\n\nallow if {\n\tx := 1\n\ty := 2\n\tx < y\n}\n"),
        ErrorClass(
            "argument-redeclared", "rego_compile_error", "arg ", part: "redeclared", "an argument declared again",
            help: "choose another name for the variable", "The arguments of a function are declared by its head.",
            fails: "package p\n\nf(x) if { some x; input[x] }\n",
            holds: "package p\n\nf(x) if { some y; input[y] == x }\n"),
        ErrorClass(
            "unused-declaration", "rego_compile_error", "declared var ", "a variable declared in vain",
            help: "use it, or leave out its declaration",
            "`some` and `every` declare variables for the expressions behind them.",
            fails: "package p\n\nallow if {\n\tsome x\n\tinput.y\n}\n", holds: "package p\n\nallow if {\n\tinput.y\n}\n"
        ),
        ErrorClass(
            "unused-assignment", "rego_compile_error", "assigned var ", "a variable assigned in vain",
            help: "use it, or assign to `_`", strict: true, "Nothing in the body reads the variable.",
            fails: "package p\n\nallow if {\n\tx := input.x\n\tinput.y\n}\n",
            holds: "package p\n\nallow if {\n\tinput.y\n}\n"),
        ErrorClass(
            "unused-argument", "rego_compile_error", "unused argument", "an argument that a function does not read",
            help: "write `_` in its place", strict: true, "An argument that is not needed is written `_`.",
            fails: "package p\n\nf(x) := 1\n", holds: "package p\n\nf(_) := 1\n"),
        ErrorClass(
            "unused-import", "rego_compile_error", "import ", part: "unused", "an import that nothing uses",
            help: "remove it", strict: true, "No rule of the module names what is imported.",
            fails: "package p\n\nimport data.users\n\nx := 1\n",
            holds: "package p\n\nimport data.users\n\nx := users\n"),
        ErrorClass(
            "shadowed-import", "rego_compile_error", "import must not shadow", "two imports of one name",
            help: "name one of them otherwise with `as`",
            "Two imports bind the same name; the second would hide the first.",
            fails: "package p\n\nimport data.a.users\nimport data.b.users\n\nx := users\n",
            holds: "package p\n\nimport data.a.users\nimport data.b.users as others\n\nx := [users, others]\n"),
        ErrorClass(
            "shadowed-document", "rego_compile_error", "variables must not shadow", "a variable called input or data",
            help: "choose another name", "`input` and `data` always name the documents.",
            fails: "package p\n\nallow if { input := 1; input == 1 }\n",
            holds: "package p\n\nallow if { x := 1; x == 1 }\n"),
        ErrorClass(
            "shadowed-document-by-argument", "rego_compile_error", "args must not shadow",
            "an argument called input or data", help: "choose another name",
            "`input` and `data` always name the documents.", fails: "package p\n\nf(input) := input\n",
            holds: "package p\n\nf(x) := x\n"),
        ErrorClass(
            "shadowed-document-by-rule", "rego_compile_error", "rules must not shadow", "a rule called input or data",
            help: "choose another name", "`input` and `data` always name the documents.",
            fails: "package p\n\ninput := 1\n", holds: "package p\n\nx := 1\n"),
        ErrorClass(
            "call-in-argument", "rego_compile_error", "rule arguments cannot contain calls",
            "a call in a function's head",
            help: "call it in the body: `f(x) if x == g(1)`",
            "Arguments are patterns: variables, constants, collections.",
            fails: "package p\n\nf(count(x)) := x\n", holds: "package p\n\nf(n) := x if { x := [1]; n == count(x) }\n"),
        ErrorClass(
            "assign-in-operand", "rego_compile_error", "cannot assign vars inside",
            "an assignment where it can bind nothing", help: "assign on a line of its own, before",
            "What is negated, and the operands of `and` and `or`, bind nothing for the outside.",
            fails: "package p\n\nallow if not x := 1\n", holds: "package p\n\nallow if { x := 1; not x == 2 }\n"),
        ErrorClass(
            "assign-target", "rego_compile_error", "cannot assign to", "an assignment to something that is no variable",
            help: "compare with `==`, or assign to a variable", "Left of `:=` stand variables, or patterns of them.",
            fails: "package p\n\nallow if 1 := input.x\n", holds: "package p\n\nallow if 1 == input.x\n"),
        ErrorClass(
            "with-target", "rego_compile_error", "with keyword", "a `with` that replaces what it cannot",
            "`with` replaces `input`, `data`, what lies below them, whole rules, and functions.",
            fails: "package p\n\nq := {\"a\": 1}\n\nallow if q.a == 2 with q.a as 2\n",
            holds: "package p\n\nq := {\"a\": 1}\n\nallow if q.a == 2 with q as {\"a\": 2}\n"),
        ErrorClass(
            "shadowed-function", "rego_compile_error", "called function", "a call of a name that a variable hides",
            help: "give the variable another name", "Within this body the name is that of a variable.",
            fails: "package p\n\nf(x) := x\n\nallow if { f := 1; f(f) == 1 }\n",
            holds: "package p\n\nf(x) := x\n\nallow if { y := 1; f(y) == 1 }\n"),
        ErrorClass(
            "data-conflict", "rego_compile_error", "conflicting rule for data path", "a rule where base data lies",
            help: "move the data or the rule to another path",
            "The document at a path comes either from rules or from loaded data."),
        ErrorClass(
            "error-limit", "rego_compile_error", "error limit reached", "more errors than are shown",
            help: "`--max-errors 0` shows all", "After ten errors no more are shown."),
    ]
}
