extension ErrorClass {
    /// What the type checker finds.
    static let types: [ErrorClass] = [
        ErrorClass(
            "undefined-function", "rego_type_error", "undefined function", "a call of a function that there is not",
            help: "check its name and its package; `writ capabilities --current` lists the builtins",
            "Neither a rule nor a builtin has this name; or the capabilities that were given leave it out.",
            fails: "package p\n\nn := cout(input.xs)\n", holds: "package p\n\nn := count(input.xs)\n"),
        ErrorClass(
            "arity", "rego_type_error", "", part: "arity mismatch", "a call with too few or too many arguments",
            help: "the arguments that it takes stand behind `want`",
            "Every function takes a fixed number of arguments.", fails: "package p\n\nn := count([1], [2])\n",
            holds: "package p\n\nn := count([1, 2])\n"),
        ErrorClass(
            "rule-arity", "rego_type_error", "function ", part: "has arity",
            "a call of a rule's function with too few or too many arguments",
            help: "call it with as many arguments as its head has", "Every function takes a fixed number of arguments.",
            fails: "package p\n\nf(x) := x\n\ny := f(1, 2)\n", holds: "package p\n\nf(x) := x\n\ny := f(1)\n"),
        ErrorClass(
            "arguments", "rego_type_error", "", part: "invalid argument(s)", "an argument of the wrong type",
            help: "compare `have`, what is given, with `want`, what the function takes",
            "An argument can never have a type that the function takes, so the call would never have a value.",
            fails: "package p\n\nx := upper(1)\n", holds: "package p\n\nx := upper(\"a\")\n"),
        ErrorClass(
            "mismatch", "rego_type_error", "match error", "two values that can never be equal",
            help: "compare values of one type; `to_number` and `sprintf` convert",
            "The two sides have types without a common value, so the expression would never hold.",
            fails: "package p\n\nallow if 1 == \"1\"\n", holds: "package p\n\nallow if 1 == to_number(\"1\")\n"),
        ErrorClass(
            "undefined-ref", "rego_type_error", "undefined ref", "a reference to a part that there is not",
            help: "the keys that there are stand behind `want`",
            "What is known of the value, from rules or from a schema, has no such part.",
            fails: "package p\n\nuser := {\"name\": \"a\"}\n\nx := user.nam\n",
            holds: "package p\n\nuser := {\"name\": \"a\"}\n\nx := user.name\n"),
        ErrorClass(
            "function-reference", "rego_type_error", "function ", part: "used as reference",
            "a function named without a call", help: "call it: `f(x)`",
            "Functions are no values: they are called, or replaced by `with`.",
            fails: "package p\n\nf(x) := x\n\ny := f\n", holds: "package p\n\nf(x) := x\n\ny := f(1)\n"),
        ErrorClass(
            "no-value", "rego_type_error", "", part: "used as value", "a call without a value used as one",
            help: "put it on a line of its own", "`print` has no value.",
            fails: "package p\n\nx := print(1)\n", holds: "package p\n\nx := 1 if print(1)\n"),
        ErrorClass(
            "deprecated", "rego_type_error", "deprecated built-in function", "a deprecated builtin",
            help: "use what took its place: `every` for all, `true in` for any, `regex.match` for re_match",
            "Since OPA 1.0 these builtins are gone from the language.",
            fails: "package p\n\nx := any(input.flags)\n", holds: "package p\n\nx if true in input.flags\n"),
        ErrorClass(
            "undefined-schema", "rego_type_error", "undefined schema", "an annotation that names a schema without file",
            help: "`--schema FOLDER`: the file `a/b.json` in it is `schema.a.b`",
            "The folder of schemas has no file for this name."),
        ErrorClass(
            "schema", "rego_type_error", "unable to compile the schema", "a schema that cannot be used",
            "The schema is no JSON schema, or it refers to other documents: schemas are never fetched."),
        ErrorClass(
            "schema-merge", "rego_type_error", "unable to merge these schemas",
            "an `allOf` of schemas of different types",
            help: "give all of them the same type", "A value cannot follow all of these schemas."),
        ErrorClass(
            "annotation-redeclared", "rego_type_error", "", part: "annotation redeclared",
            "two metadata blocks for one scope", help: "keep one of them",
            "A package, its subpackages and a document have at most one block each, in all modules together.",
            fails:
                "package p\n\n# METADATA\n# scope: document\nx := 1\n\n# METADATA\n# scope: document\nx := 1 if input\n",
            holds: "package p\n\n# METADATA\n# scope: document\nx := 1\n\nx := 1 if input.x\n"),
    ]

    /// Rules that cannot stand together.
    static let conflicts: [ErrorClass] = [
        ErrorClass(
            "rule-below-rule", "rego_type_error", "rule ", part: "conflicts with", "a rule inside of another's value",
            help: "give one of them another path",
            "A rule gives the whole document at its path, so that no other rule can lie below.",
            fails: "package p\n\na := {}\n\na.b := 1\n", holds: "package p\n\na.c := {}\n\na.b := 1\n"),
        ErrorClass(
            "conflicting-rules", "rego_type_error", "conflicting rules", "rules of different kinds at one path",
            help: "use one kind, or another name",
            "Rules of one path are all values, all sets, or all functions with the same number of arguments.",
            fails: "package p\n\na := 1\n\na contains 2\n", holds: "package p\n\na contains 1\n\na contains 2\n"),
        ErrorClass(
            "two-defaults", "rego_type_error", "multiple default rules", "two defaults for one rule",
            help: "keep one of them", "A rule has at most one default.",
            fails: "package p\n\ndefault a := 1\n\ndefault a := 2\n", holds: "package p\n\ndefault a := 1\n"),
        ErrorClass(
            "package-conflict", "rego_type_error", "package ", part: "conflicts with rule", "a package where a rule is",
            help: "rename the package or the rule", "The rule gives the whole document at the path of the package."),
        ErrorClass(
            "type", "rego_type_error", "", "rules that do not fit together",
            "The message says what does not fit."),
    ]

    /// What only an evaluation or Writ's own limits can tell.
    static let evaluation: [ErrorClass] = [
        ErrorClass(
            "conflict", "eval_conflict_error", "", "two values where there can be one",
            help: "let at most one rule hold at a time, with conditions or `else`",
            """
            Rules of one name gave different values for the same input, or an object got two values for one key. \
            Different values from different rules are only possible for `contains` rules.
            """),
        ErrorClass(
            "builtin", "eval_builtin_error", "", "a builtin that refused its arguments",
            "With --strict-builtin-errors such errors end the evaluation; without, the expression is undefined."),
        ErrorClass(
            "operand", "eval_type_error", "", "an argument of the wrong type during evaluation",
            "With --strict-builtin-errors such errors end the evaluation; without, the expression is undefined."),
        ErrorClass(
            "cancelled", "eval_cancel_error", "", "an evaluation that was ended",
            "The time given with --timeout had passed, or the caller went away."),
        ErrorClass(
            "unsupported", "writ_unsupported", "", "part of the language that is not there yet",
            "The builtin is part of OPA 1.20, but this build of Writ has none. `with` can replace it in tests."),
        ErrorClass(
            "memory", "writ_memory_limit", "", "a decision that needs too much memory",
            "A decision may use only so much memory, whatever its policy and input are."),
        ErrorClass(
            "steps", "writ_step_limit", "", "a decision that takes too many steps",
            "A decision may take only so many steps, whatever its policy and input are."),
        ErrorClass(
            "depth", "writ_depth_limit", "", "a decision that nests too deep",
            "Calls and values may nest only so deep."),
        ErrorClass(
            "size", "writ_size_limit", "", "a value that is too large", "Strings and collections have a largest size."),
        ErrorClass(
            "limit", "writ_limit_error", "", "a policy that is too large for the machine",
            help: "split the rule", "A rule nests deeper, or needs more registers, than the machine has."),
        ErrorClass(
            "defect", "writ_defect", "", "a defect of Writ", help: "please report it with the module",
            "Writ could not compile a policy that its checks had accepted."),
    ]
}
