import Testing
import Writ

/// More of what random calls compared with OPA have shown: the answers are OPA's.
struct RandomCallTests {
    /// Strings may hold bytes that are no characters.
    @Test(arguments: [
        (#"sprintf("%v", [[replace("é", "", ".")]])"#, #""[\".\\xc3.\\xa9.\"]""#),
        (#"base64.encode(replace("é", "", "."))"#, #""LsMuqS4=""#),
        (#"sprintf("%q", [strings.replace_n({"": "-"}, "é")])"#, #""\"-\\xc3-\\xa9-\"""#),
        (#"hex.encode(trim(replace("é", "", "."), "."))"#, #""c32ea9""#),
    ])
    func bytesOfStrings(_ expression: String, _ answer: String) throws {
        #expect(try Question.answer(expression) == answer)
    }
    /// A patch that removes the root, spellings of keys, and elements that OPA looks up in the array as it was.
    @Test(arguments: [
        (#"json.patch({1.0}, [{"op": "copy", "path": [], "from": [1]}])"#, "1"),
        (#"json.patch({[1.0]}, [{"op": "add", "path": [[1], 0], "value": 2}])"#, "[[2,1]]"),
        (
            #"json.patch([1], [{"op": "remove", "path": ""}, {"op": "test", "path": "", "value": null}])"#,
            "json.patch: value from EditTree != patch value.\n\nExpected: null\n\nFound: <nil>"
        ),
        (
            #"json.patch([1], [{"op": "remove", "path": ""}, {"op": "test", "path": ""}])"#,
            "json.patch: missing required attribute 'value'"
        ),
        (
            #"json.patch([1], [{"op": "remove", "path": ""}, {"op": "copy", "path": "", "from": ""}])"#,
            "json.patch: cannot insert nil value into EditTree"
        ),
        (
            #"json.patch([1], [{"op": "remove", "path": ""}, {"op": "move", "path": "/a", "from": ""}])"#,
            "json.patch: deleted node encountered during delete operation"
        ),
        (
            #"json.patch([[1], [2]], [{"op": "add", "path": "/0", "value": [0]}, {"op": "add", "path": "/1/0", "value": 9}])"#,
            "[[0],[9,2],[2]]"
        ),
        (
            #"json.patch([[1], [2], [3]], [{"op": "remove", "path": "/0"}, {"op": "add", "path": "/1/0", "value": 9}])"#,
            "[[2],[9,2]]"
        ),
        (
            #"json.patch([[1], [2], [3]], [{"op": "remove", "path": "/0"}, {"op": "add", "path": "/2/0", "value": 9}])"#,
            "json.patch: index for array delete out of bounds"
        ),
        (
            #"json.patch([[1], [2]], [{"op": "add", "path": "/0/-", "value": 4}, {"op": "add", "path": "/0", "value": 5}, {"op": "add", "path": "/1/0", "value": 9}])"#,
            "[5,[9,1,4],[2]]"
        ),
        (
            #"json.patch(["s", {false}], [{"op": "add", "path": [0], "value": {true}}, {"op": "add", "path": "/2/a", "value": 3}])"#,
            #"json.patch: path 2 does not exist in array term ["s", {false}]"#
        ),
        (
            #"json.patch({"a": 1}, [{"op": "remove", "path": "/a"}, {"op": "remove", "path": "/a"}])"#,
            #"json.patch: cannot delete the already deleted scalar node for key "a""#
        ),
        (
            #"json.patch({"b": [1]}, [{"op": "remove", "path": "/b"}, {"op": "test", "path": "/b/0", "value": 1}])"#,
            #"json.patch: cannot unfold the already deleted composite node for key "b""#
        ),
    ])
    func patches(_ expression: String, _ answer: String) throws {
        #expect(try Question.answer(expression) == answer)
    }
    /// Behind the value of a JSON text another token is read.
    @Test(arguments: [
        (#"json.unmarshal("{}\"")"#, "json.unmarshal: unexpected EOF"),
        (#"json.unmarshal("{} nul")"#, "json.unmarshal: unexpected EOF"),
        (#"json.unmarshal("{} nulx")"#, "json.unmarshal: invalid character 'x' in literal null (expecting 'l')"),
        (#"json.unmarshal("1 nulla")"#, "1"),
        (#"json.unmarshal("{} 1.5e")"#, "json.unmarshal: unexpected EOF"),
        (#"json.unmarshal("{} 01")"#, "json.unmarshal: error: invalid character '0' after top-level value"),
        (#"json.unmarshal("{} \"a\\x\"")"#, "json.unmarshal: invalid character 'x' in string escape code"),
        (
            #"json.unmarshal("{} true")"#,
            "json.unmarshal: error: invalid character '%!s(bool=true)' after top-level value"
        ),
        (#"json.unmarshal("{} [")"#, "json.unmarshal: error: invalid character '[' after top-level value"),
    ])
    func textsBehindJSON(_ expression: String, _ answer: String) throws {
        #expect(try Question.answer(expression) == answer)
    }
    /// Nothing, collections and texts in the functions of templates.
    @Test(arguments: [
        (
            "strings.render_template(`{{print .z}}|{{html .z}}|{{js .z}}|{{urlquery .z .z}}`, {})",
            #""\u003cnil\u003e|\u0026lt;no value\u0026gt;|\\u003Cno value\\u003E|%3Cno+value%3E%3Cno+value%3E""#
        ),
        (
            #"strings.render_template(`{{.z | printf "%v"}}|{{printf "%d" .z}}|{{printf "%q" .z}}`, {"z": null})"#,
            #""\u003cnil\u003e|%!d(\u003cnil\u003e)|%!q(\u003cnil\u003e)""#
        ),
        (
            #"strings.render_template(`{{printf "%d %s %q %x %t" .z .z .z .z .z}}`, {"z": [1, "a", true, null, {"b": 2}]})"#,
            #""[%!d(json.Number=1) %!d(string=a) %!d(bool=true) \u003cnil\u003e map[%!d(string=b):%!d(json.Number=2)]] [1 a %!s(bool=true) \u003cnil\u003e map[b:2]] [\"1\" \"a\" %!q(bool=true) \u003cnil\u003e map[\"b\":\"2\"]] [31 61 %!x(bool=true) \u003cnil\u003e map[62:32]] [%!t(json.Number=1) %!t(string=a) true \u003cnil\u003e map[%!t(string=b):%!t(json.Number=2)]]""#
        ),
        (
            #"strings.render_template(`{{printf "%*d|%[1]d|%.|%5.|%é" 5 1 2 3 4}}`, {})"#,
            #""    1|5|%!|(int=1)%!|(int=    2)%!é(int=3)""#
        ),
        (#"strings.render_template(`{{printf "%v-%." .a .n}}`, {"a": 1, "n": 2})"#, #""1-%!.(json.Number=2)""#),
        (
            "strings.render_template(`{{index .z}}`, {})",
            #"strings.render_template: template: template:1:2: executing "template" at <index .z>: error calling index: index of untyped nil"#
        ),
        (
            #"strings.render_template(`{{index .z .y}}`, {"z": [1]})"#,
            #"strings.render_template: template: template:1:2: executing "template" at <index .z .y>: error calling index: cannot index slice/array with nil"#
        ),
        (
            #"strings.render_template(`{{eq .a .b}}`, {"a": 1, "b": {}})"#,
            #"strings.render_template: template: template:1:2: executing "template" at <eq .a .b>: error calling eq: incompatible types for comparison: json.Number and map[string]interface {}"#
        ),
        (
            #"strings.render_template(`{{eq .a .b}}`, {"a": {}, "b": []})"#,
            #"strings.render_template: template: template:1:2: executing "template" at <eq .a .b>: error calling eq: non-comparable types map[]: map[string]interface {}, []interface {}: []"#
        ),
        (
            #"strings.render_template(`{{eq .a .b}}`, {"a": {"y": 2}, "b": {"x": 1}})"#,
            #"strings.render_template: template: template:1:2: executing "template" at <eq .a .b>: error calling eq: non-comparable type map[x:1]: map[string]interface {}"#
        ),
        (#"strings.render_template(`{{eq .a .b}}`, {"a": 1, "b": "1"})"#, #""true""#),
        (
            #"strings.render_template(`{{lt .a .b}}`, {"a": 1, "b": {}})"#,
            #"strings.render_template: template: template:1:2: executing "template" at <lt .a .b>: error calling lt: invalid type for comparison"#
        ),
        (
            #"strings.render_template(`{{lt .a .b}}`, {"a": true, "b": 1})"#,
            #"strings.render_template: template: template:1:2: executing "template" at <lt .a .b>: error calling lt: incompatible types for comparison: bool and json.Number"#
        ),
        (
            "strings.render_template(`{{html.s}}`, {})",
            #"strings.render_template: template: template:1:2: executing "template" at <html>: can't evaluate field s in type string"#
        ),
        (
            "strings.render_template(`{{(print 1).s}}`, {})",
            #"strings.render_template: template: template:1:9: executing "template" at <1>: can't evaluate field s in type string"#
        ),
        (
            #"strings.render_template(`{{(.a).s}}`, {"a": "x"})"#,
            #"strings.render_template: template: template:1:3: executing "template" at <.a>: can't evaluate field s in type string"#
        ),
        (
            #"strings.render_template(`{{.a.s}}`, {"a": "x"})"#,
            #"strings.render_template: template: template:1:4: executing "template" at <.a.s>: can't evaluate field s in type interface {}"#
        ),
        (
            #"strings.render_template(`{{with .a}}{{.s}}{{end}}`, {"a": "x"})"#,
            #"strings.render_template: template: template:1:13: executing "template" at <.s>: can't evaluate field s in type string"#
        ),
        (
            #"strings.render_template(`{{range .a}}{{.s}}{{end}}`, {"a": ["x"]})"#,
            #"strings.render_template: template: template:1:14: executing "template" at <.s>: can't evaluate field s in type interface {}"#
        ),
        (
            #"strings.render_template(`{{range $i, $e := .a}}{{$i.s}}{{end}}`, {"a": ["x"]})"#,
            #"strings.render_template: template: template:1:26: executing "template" at <$i.s>: can't evaluate field s in type int"#
        ),
        (
            #"strings.render_template(`{{range $i, $e := .a}}{{$e.s}}{{end}}`, {"a": ["x"]})"#,
            #"strings.render_template: template: template:1:26: executing "template" at <$e.s>: can't evaluate field s in type interface {}"#
        ),
        (
            #"strings.render_template(`{{define "t"}}a{{end}}{{define "t"}} {{/* */}}{{end}}{{template "t"}}`, {})"#,
            #""a""#
        ),
        (
            #"strings.render_template(`{{define "t"}}a{{end}}{{define "t"}}b{{end}}`, {})"#,
            #"strings.render_template: template: template:1: template: multiple definition of template "t""#
        ),
        (
            #"strings.render_template(`{{define "template"}}b{{end}}a`, {})"#,
            #"strings.render_template: template: template:1: template: multiple definition of template "template""#
        ),
        (
            #"strings.render_template(`{{define "t"}}b{{define "u"}}c{{end}}{{end}}a`, {})"#,
            "strings.render_template: template: template:1: unexpected <define> in command"
        ),
    ])
    func templates(_ expression: String, _ answer: String) throws {
        #expect(try Question.answer(expression) == answer)
    }
    /// Texts that YAML would read as numbers, and the order of keys.
    @Test(arguments: [
        (#"yaml.marshal({"2.": 5})"#, #""\"2.\": 5\n""#),
        (
            #"yaml.marshal(["2.", "+2.", "1_0.", "2.e1", "08.", "0o7777777777777777777777777", "0xffffffffffffffffff", "0b12"])"#,
            #""- \"2.\"\n- \"+2.\"\n- \"1_0.\"\n- \"2.e1\"\n- \"08.\"\n- 0o7777777777777777777777777\n- 0xffffffffffffffffff\n- 0b12\n""#
        ),
        (
            #"yaml.marshal({"1e3": 1, "11111010": 2, "1a": 3, "1_": 4})"#,
            #""\"1_\": 4\n\"11111010\": 2\n1a: 3\n\"1e3\": 1\n""#
        ),
        (#"yaml.marshal({"x1é": 1, "x11": 2})"#, #""x11: 2\nx1é: 1\n""#),
    ])
    func yaml(_ expression: String, _ answer: String) throws {
        #expect(try Question.answer(expression) == answer)
    }
    /// Lists that may not be empty, and conflicts of fields that a type does not have.
    @Test(arguments: [
        (
            #"graphql.parse_query("{ c() }")"#,
            "graphql.parse_query: expected at least one definition, found ) in GraphQL string at location 1:5"
        ),
        (
            #"graphql.parse_query("query () { a }")"#,
            "graphql.parse_query: expected at least one definition, found ) in GraphQL string at location 1:8"
        ),
        (
            #"graphql.parse_schema("type A @d() { a: Int }")"#,
            "graphql.parse_schema: expected at least one definition, found ) in GraphQL string at location 1:11"
        ),
        (
            #"graphql.parse("{ c(", json.unmarshal("[1]"))"#,
            "graphql.parse: Expected Name, found <EOF> in GraphQL string at location 1:5"
        ),
        (
            #"graphql.parse("{ c }", json.unmarshal("[1]"))"#,
            "graphql.parse: operand 1 must be one of {string, object} but got array"
        ),
        (
            #"graphql.parse("{ o { c(i: 1) c(i: 2) } }", "type Query { a: Int c(i: Int): Int o: O } type O { a: Int o: O } type Subscription { a: Int }")"#,
            "graphql.parse: Cannot query field \"c\" on type \"O\". Did you mean \"a\" or \"o\"?\ninput:1:15: Cannot query field \"c\" on type \"O\". Did you mean \"a\" or \"o\"?\ninput:1:15: Fields \"c\" conflict because they have differing arguments. Use different aliases on the fields to fetch both if this was intentional in GraphQL string at location 1:7"
        ),
        (
            #"graphql.parse("{ c(i: 1) ...F } fragment F on O { c(i: 2) }", "type Query { a: Int c(i: Int): Int o: O } type O { a: Int o: O } type Subscription { a: Int }")"#,
            "graphql.parse: Cannot query field \"c\" on type \"O\". Did you mean \"a\" or \"o\"?\ninput:1:14: Fragment \"F\" cannot be spread here as objects of type \"Query\" can never be of type \"O\".\ninput:1:36: Fields \"c\" conflict because they have differing arguments. Use different aliases on the fields to fetch both if this was intentional.\ninput:1:36: Cannot query field \"c\" on type \"O\". Did you mean \"a\" or \"o\"?\n in GraphQL string at location 1:36"
        ),
        (
            #"graphql.parse("subscription S { a a }", "type Query { a: Int c(i: Int): Int o: O } type O { a: Int o: O } type Subscription { a: Int }") == 1"#,
            "false"
        ),
    ])
    func graphql(_ expression: String, _ answer: String) throws {
        #expect(try Question.answer(expression) == answer)
    }
    /// Dates whose numbers run over in Go.
    @Test(arguments: [
        ("time.add_date(0, 25, 9223372036854775807, 24)", "788303232000000000"),
        ("time.add_date(0, 9223372036854775807, 0, 0)", "-31487616000000000"),
        ("time.add_date(0, 0, 0, 9223372036854775807)", "-86400000000000"),
        ("time.add_date(0, -9223372036854775807, 5, 0)", "44630784000000000"),
        ("time.add_date(0, 0, 99999999999, 0)", "time.add_date: time outside of valid range"),
    ])
    func dates(_ expression: String, _ answer: String) throws {
        #expect(try Question.answer(expression) == answer)
    }
}
