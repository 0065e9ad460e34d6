extension Case {
    /// Values: the spelling of numbers, arithmetic, strings, and builtins that fail.
    static let values: [Case] = [
        Case(
            "numbers keep their spelling",
            #"""
            p := [1, 1.0, 1e2, 1.50, -0, 100000000000000000000, 0.1, 1E+2]
            """#, gives: .value(#"[1,1.0,1e2,1.50,-0,100000000000000000000,0.1,1E+2]"#)),
        Case(
            "numbers of input keep their spelling",
            #"""
            p := input
            """#, input: #"[1.0, 10e-1, 100000000000000000000.5, -0, 0.10]"#,
            gives: .value(#"[1.0,10e-1,100000000000000000000.5,-0,0.10]"#)),
        Case(
            "numbers of data keep their spelling",
            #"""
            p := data.n
            """#, data: #"{"n": [1.0, 1e3]}"#, gives: .value(#"[1.0,1e3]"#)),
        Case(
            "spellings compare equal",
            #"""
            p := [1 == 1.0, 100 == 1e2, 0.1 == 0.10, 1 == 2, -0 == 0]
            """#, gives: .value(#"[true,true,true,false,true]"#)),
        Case(
            "the first spelling stays in a set",
            #"""
            p := [{1, 1.0}, {1.0, 1}]
            """#, gives: .value(#"[[1],[1.0]]"#)),
        Case(
            "keys by value",
            #"""
            object := {input.k: "a"}
            p := object[1.0]
            """#, input: #"{"k": 1}"#, gives: .value(#""a""#)),
        Case(
            "a place in an array has no exponent",
            #"""
            p := [x | some k in input.k; x := input.a[k]]
            """#, input: #"{"a": ["a", "b"], "k": [1, 1.0, 1.00, 1e0, 10e-1, 0.1E1, 0]}"#,
            gives: .value(#"["b","b","b","a"]"#)),
        Case(
            "arithmetic is decimal",
            #"""
            p := [0.1 + 0.2, 1 / 3, 2 / 4, 10 / 2, 7 % 3, -7 % 3, 1 - 0.9]
            """#, gives: .value(#"[0.3,0.33333333333333333334,0.5,5,1,-1,0.10000000000000000002]"#)),
        Case(
            "arithmetic on large numbers",
            #"""
            p := [9223372036854775807 + 1, -9223372036854775808 - 1, 100000000000000000000 * 10, 9007199254740993 + 0]
            """#, gives: .value(#"[9223372036854775808,-9223372036854775809,1000000000000000000000,9007199254740993]"#)),
        Case(
            "products and sums",
            #"""
            p := [sum([1, 2.5]), product([2, 3]), max([1, 1.5])]
            """#, gives: .value(#"[3.5,6,1.5]"#)),
        Case(
            "minimum of nothing",
            #"""
            p := min([])
            """#, gives: .undefined),
        Case(
            "division by zero",
            #"""
            p := 1 / 0
            """#, gives: .fails("eval_builtin_error")),
        Case(
            "modulo by a fraction",
            #"""
            p := 5 % 1.5
            """#, gives: .fails("eval_builtin_error")),
        Case(
            "rounding",
            #"""
            p := [round(2.5), round(-2.5), ceil(1.1), floor(-1.1), abs(-3)]
            """#, gives: .value(#"[3,-3,2,-2,3]"#)),
        Case(
            "type errors of operators",
            #"""
            p := 1 + input.s
            """#, input: #"{"s": "x"}"#, gives: .fails("eval_type_error")),
        Case(
            "subtraction of a set and a number",
            #"""
            p := {1} - input.n
            """#, input: #"{"n": 1}"#, gives: .fails("eval_type_error")),
        Case(
            "builtin with the wrong type",
            #"""
            p := count(input.n)
            """#, input: #"{"n": 5}"#, gives: .fails("eval_type_error")),
        Case(
            "a failing builtin under not",
            #"""
            p if not to_number(input.s) == 1
            """#, input: #"{"s": "x"}"#, gives: .fails("eval_builtin_error")),
        Case(
            "strings",
            #"""
            p := [concat(",", ["a", "b"]), upper("abc"), split("a.b", "."), sprintf("%d-%s", [1, "x"]), substring("hello", 1, 3)]
            """#, gives: .value(#"["a,b","ABC",["a","b"],"1-x","ell"]"#)),
        Case(
            "strings compare by code points",
            #"""
            p := ["é" == "e\u0301", count("é"), "a" < "b", "Z" < "a", "ä" > "z"]
            """#, gives: .value(#"[false,1,true,true,true]"#)),
        Case(
            "strings with nothing in them",
            #"""
            p := ["", count(""), "" == "", {"": ""}[""]]
            """#, gives: .value(#"["",0,true,""]"#)),
        Case(
            "escapes of JSON",
            #"""
            p := input
            """#, input: #""\u0041\n\t\"\\ \ud83d\ude00 \u2028""#, gives: .value(#""A\n\t\"\\ 😀 \u2028""#)),
        Case(
            "conversions",
            #"""
            p := [to_number("1.50"), to_number(true), format_int(255, 16), json.marshal({"b": [1.0]}), json.unmarshal("[1.0]")]
            """#, gives: .value(#"[1.50,1,"ff","{\"b\":[1.0]}",[1.0]]"#)),
        Case(
            "types",
            #"""
            p := [type_name(x) | some x in [null, true, 1, "s", [1], {"a": 1}, {1}]]
            """#, gives: .value(#"["null","boolean","number","string","array","object","set"]"#)),
        Case(
            "object builtins",
            #"""
            p := [object.get({"a": 1}, "b", 0), object.union({"a": {"b": 1}}, {"a": {"c": 2}}), object.remove({"a": 1, "b": 2}, ["a"]), object.keys({"a": 1})]
            """#, gives: .value(#"[0,{"a":{"b":1,"c":2}},{"b":2},["a"]]"#)),
        Case(
            "array builtins",
            #"""
            p := [array.concat([1], [2]), array.slice([1, 2, 3], 1, 2), array.reverse([1, 2])]
            """#, gives: .value(#"[[1,2],[2],[2,1]]"#)),
        Case(
            "set builtins",
            #"""
            p := [union({{1}, {2}}), intersection({{1, 2}, {2, 3}}), sort({3, 1, 2})]
            """#, gives: .value(#"[[1,2],[2],[1,2,3]]"#)),
        Case(
            "regular expressions and globs",
            #"""
            p := [regex.match(`^a+$`, "aaa"), glob.match("*.com", ["."], "x.com"), glob.match("*.com", ["."], "x.y.com")]
            """#, gives: .value(#"[true,true,false]"#)),
        Case(
            "ranges",
            #"""
            p := [numbers.range(1, 3), numbers.range(3, 1), numbers.range(2, 2)]
            """#, gives: .value(#"[[1,2,3],[3,2,1],[2]]"#)),
        Case(
            "range as a generator",
            #"""
            p contains x if { some x in numbers.range(1, 5); x % 2 == 1 }
            """#, gives: .value(#"[1,3,5]"#)),
        Case(
            "range as a generator with its index",
            #"""
            p contains [i, x] if { some i, x in numbers.range(7, 5) }
            """#, gives: .value(#"[[0,7],[1,6],[2,5]]"#)),
        Case(
            "base64 and hex",
            #"""
            p := [base64.encode("hi"), base64.decode("aGk="), hex.encode("hi")]
            """#, gives: .value(#"["aGk=","hi","6869"]"#)),
        Case(
            "times",
            #"""
            p := [time.parse_rfc3339_ns("1970-01-01T00:00:01Z"), time.date(1000000000)]
            """#, gives: .value(#"[1000000000,[1970,1,1]]"#)),
        Case(
            "any absent input",
            #"""
            p := input
            """#, gives: .undefined),
        Case(
            "null input",
            #"""
            p := input
            """#, input: #"null"#, gives: .value(#"null"#)),
        Case(
            "input that is a number",
            #"""
            p := input + 1
            """#, input: #"41"#, gives: .value(#"42"#)),
        Case(
            "deep values",
            #"""
            p := input.a[0].b[1].c
            """#, input: #"{"a": [{"b": [0, {"c": "deep"}]}]}"#, gives: .value(#""deep""#)),
        Case(
            "equality of deep values",
            #"""
            p if input.x == input.y
            """#,
            answers: [
                (#"{"x": {"a": [1, {"b": 2.0}]}, "y": {"a": [1.0, {"b": 2}]}}"#, .value(#"true"#)),
                (#"{"x": {"a": [1, 2]}, "y": {"a": [2, 1]}}"#, .undefined),
                (#"{"x": "1", "y": 1}"#, .undefined),
            ]),
        Case(
            "objects with equal keys in another order",
            #"""
            p := {"b": 1, "a": 2} == {"a": 2, "b": 1}
            """#, gives: .value(#"true"#)),
        Case(
            "large object",
            #"""
            p := count({k: k | some k in numbers.range(1, 1000)})
            """#, gives: .value(#"1000"#)),
        Case(
            "empty values",
            #"""
            p := [[], {}, set(), "", count(set())]
            """#, gives: .value(#"[[],{},[],"",0]"#)),
    ]
}
