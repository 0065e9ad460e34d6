import Testing
import Writ

/// What random calls compared with OPA have shown (`Fuzz/builtins`): each was different once.
struct BuiltinExactnessTests {
    @Test(arguments: [
        // Of a distance OPA takes the low 64 bits.
        ("bits.rsh(12, 18446744073709551616)", "12"), ("bits.rsh(12, 18446744073709551617)", "6"),
        ("bits.lsh(12, 18446744073709551617)", "24"), ("bits.rsh(-12, 18446744073709551615)", "-1"),
        // Positions in arrays: a fraction of zeros is none, and zeros in front are told of behind what is no number.
        (#"json.patch([1, 2, 3], [{"op": "remove", "path": ["1.0"]}])"#, "[1,3]"),
        (#"json.patch([1, 2, 3], [{"op": "remove", "path": ["1."]}])"#, "[1,3]"),
        (#"json.patch([1, 2, 3], [{"op": "remove", "path": ["1e0"]}])"#, "json.patch: invalid string for indexing"),
        (#"json.patch([1, 2, 3], [{"op": "remove", "path": ["0x1"]}])"#, "json.patch: invalid string for indexing"),
        (
            #"json.patch([1, 2, 3], [{"op": "remove", "path": ["00"]}])"#,
            "json.patch: leading zeros are not allowed in JSON paths"
        ),
        // What is missing is told when it is needed.
        (
            #"json.patch({}, [{"op": "replace", "path": ["a"]}])"#,
            #"json.patch: cannot delete child key "a" that does not exist"#
        ),
        (
            #"json.patch({}, [{"op": "test", "path": ["a"]}])"#,
            #"json.patch: path "a" does not exist in object term {}"#
        ),
        // Errors show the document before the operations.
        (
            #"json.patch({}, [{"op": "add", "path": "a", "value": 1}, {"op": "add", "path": "b/c", "value": 1}])"#,
            #"json.patch: path "b" does not exist in object term {}"#
        ),
        (#"yaml.marshal({"\u007f": 1})"#, "yaml.marshal: yaml: control characters are not allowed"),
        (#"rego.parse_module("m.rego", "")"#, "rego.parse_module: m.rego:0: rego_parse_error: empty module"),
        ("rego.parse_module(\"\", \"# c\")", "rego.parse_module: 0:0: rego_parse_error: empty module"),
        (
            #"json.marshal_with_options(1, object.union({"indent": ""}, {"prefix": json.unmarshal("null")}))"#,
            #"json.marshal_with_options: operand 2 key "prefix" failed cast to string: operand 1 must be string "#
                + "but got null"
        ),
        // What cannot be printed is escaped.
        (
            #"json.marshal_with_options(1, {"\u00a0\"x\t\u3000ä": 1})"#,
            #"json.marshal_with_options: operand 2 object contained unknown key "\u00a0\"x\t\u3000ä""#
        ),
        (
            "time.parse_duration_ns(\"-1.5.1\u{b5}s1.5d\")",
            "time.parse_duration_ns: time: missing unit in duration \"-1.5.1\u{b5}s1.5d\""
        ),
        (
            "time.parse_duration_ns(\"1h1d1z5\u{b5}s\")",
            "time.parse_duration_ns: time: unknown unit \"z\" in duration \"1h1d1z5\u{b5}s\""
        ),
        (
            "time.parse_duration_ns(\"-9223372036y1\u{b5}s\")",
            "time.parse_duration_ns: time: invalid duration \"-9223372036y1\u{b5}s\""
        ),
    ])
    func answers(_ expression: String, _ answer: String) throws {
        #expect(try Question.answer(expression) == answer)
    }

    /// Variables of templates are read as JSON from Rego's notation.
    @Test(arguments: [
        (#"{"a": {1}}"#, "invalid character '1' looking for beginning of object key string"),
        (#"{"a": set()}"#, "invalid character 's' looking for beginning of value"),
        (#"{"a": "\u0007"}"#, "invalid character 'a' in string escape code"),
        (#"{"a": "\u007f"}"#, "invalid character 'x' in string escape code"),
        (#"{"a": "\udbff\udfff"}"#, "invalid character 'U' in string escape code"),
    ])
    func templateVariables(_ variables: String, _ problem: String) throws {
        let answer = try Question.answer("strings.render_template(\"{{.a}}\", \(variables))")
        #expect(answer == "strings.render_template: " + problem)
    }

    @Test(arguments: [
        ("{{html .", "1: illegal number syntax: \".\""), ("{{}x", "1: unexpected \"}\" in command"),
        ("{{ }x}}", "1: unexpected \"}\" in command"), ("{{{.a}}", "1: unexpected \"{\" in command"),
        ("{{.a-b}}", "1: bad character U+002D '-'"), ("{{len\"x\"}}", "1: bad character U+0022 '\"'"),
        // A template that is called is where its name stands.
        (
            "{{.a}}{{template \"t\"}}",
            "1:17: executing \"template\" at <{{template \"t\"}}>: template \"t\" not defined"
        ),
        (
            "{{define \"b\"}}{{- template \"t\" .}}{{end}}{{template \"b\"}}",
            "1:27: executing \"b\" at <{{template \"t\" .}}>: template \"t\" not defined"
        ),
        (
            "{{eq .l .l}}",
            "1:2: executing \"template\" at <eq .l .l>: error calling eq: "
                + "non-comparable type [%!s(bool=true) 1]: []interface {}"
        ),
        (
            "{{index .l 2}}",
            "1:2: executing \"template\" at <index .l 2>: error calling index: reflect: slice index out of range"
        ),
    ])
    func templateErrors(_ template: String, _ problem: String) throws {
        let answer = try Question.answer("strings.render_template(`\(template)`, {\"a\": 1, \"l\": [true, 1]})")
        #expect(answer == "strings.render_template: template: template:" + problem)
    }

    @Test(arguments: [
        ("::=", "each colon-separated field must have at least one digit (at \"=\")"),
        ("fe80:1", "address string too short"), ("fe8~::1", "unexpected character, want colon (at \"~::1\")"),
        ("12345::", "each group must have 4 or less digits (at \"12345::\")"),
        ("1::2::3", "multiple :: in address (at \":3\")"), ("x", "unable to parse IP"),
        ("1:", "colon must be followed by more characters (at \":\")"),
        ("::1.2.3", "IPv4 address too short"), ("1.2.3.256", "IPv4 field has value >255"),
        ("1:2:3:4:5:6:7:8:9", "trailing garbage after address (at \"9\")"),
        ("1:2:3:4:5:6:7::8", "the :: must expand to at least one field of zeros"),
    ])
    func addresses(_ address: String, _ problem: String) throws {
        let answer = try Question.answer("uri.parse(\"http://[\(address)]/\")")
        let place = "parse \"http://[\(address)]/\": invalid host: ParseAddr(\"\(address)\"): "
        #expect(answer == "uri.parse: " + place + problem)
    }
}
