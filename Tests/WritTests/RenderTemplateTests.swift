import Testing
import Writ

/// Questions about strings.render_template with the answers of OPA 1.20.2: a value as JSON, or the message of an error.
struct RenderTemplateTests {
    private static let vars =
        #"{"name":"Bo","l":["a","b"],"e":[],"n":10,"f":1.5,"b":true,"nl":null,"o":{"k":1,"z":{"y":"deep"}},"big":12345678901234567890123,"ex":1e2,"s2":"x<y>","1a":2}"#

    private static let values: [(String, String)] = [
        (#"strings.render_template("{{.o.z.y}}",VARS)"#, #""deep""#),
        (#"strings.render_template("{{.o.q.r}}",VARS)"#, #""<undefined>""#),
        (#"strings.render_template("{{.nl}}",VARS)"#, #""<undefined>""#),
        (#"strings.render_template("{{.ex}} {{.big}}",VARS)"#, #""1e2 12345678901234567890123""#),
        (#"strings.render_template("{{if .b}}yes{{else}}no{{end}}",VARS)"#, #""yes""#),
        (#"strings.render_template("{{if .e}}yes{{else if .n}}n{{end}}",VARS)"#, #""n""#),
        (#"strings.render_template("{{with .o}}{{.k}}{{end}}",VARS)"#, #""1""#),
        (#"strings.render_template("{{with .e}}x{{else}}none{{end}}",VARS)"#, #""none""#),
        (#"strings.render_template("{{range .l}}<{{.}}>{{else}}empty{{end}}",VARS)"#, #""<a><b>""#),
        (#"strings.render_template("{{range .e}}x{{else}}empty{{end}}",VARS)"#, #""empty""#),
        (#"strings.render_template("{{range $k,$v := .o}}{{$k}}={{$v}};{{end}}",VARS)"#, #""k=1;z=map[y:deep];""#),
        (#"strings.render_template("{{range .o}}{{.}},{{end}}",VARS)"#, #""1,map[y:deep],""#),
        (#"strings.render_template("{{range 3}}{{.}}{{end}}",VARS)"#, #""012""#),
        (#"strings.render_template("{{len .name}} {{len .o}}",VARS)"#, #""2 2""#),
        (#"strings.render_template("{{len .n}}",VARS)"#, #""2""#),
        (#"strings.render_template("{{index .l 1}}",VARS)"#, #""b""#),
        (#"strings.render_template("{{index .o \"z\" \"y\"}}",VARS)"#, #""deep""#),
        (#"strings.render_template("{{slice .name 1}}",VARS)"#, #""o""#),
        (#"strings.render_template("{{slice .l 0 1}}",VARS)"#, #""[a]""#),
        (#"strings.render_template("{{printf \"%v %s %d %05.2f\" .l .name 3 1.5}}",VARS)"#, #""[a b] Bo 3 01.50""#),
        (#"strings.render_template("{{print .n .name 1 2}}",VARS)"#, #""10Bo1 2""#),
        (#"strings.render_template("{{println \"a\" 1}}",VARS)"#, #""a 1\n""#),
        (
            #"strings.render_template("{{html .s2}} {{js .s2}} {{urlquery .s2}}",VARS)"#,
            #""x&lt;y&gt; x\\u003Cy\\u003E x%3Cy%3E""#
        ),
        (#"strings.render_template("{{eq .name \"Bo\" }}",VARS)"#, #""true""#),
        (#"strings.render_template("{{eq .name \"x\" \"Bo\"}}",VARS)"#, #""true""#),
        (#"strings.render_template("{{ne .name \"x\"}}",VARS)"#, #""true""#),
        (
            #"strings.render_template("{{lt 1 2}} {{le 2 2}} {{gt 1 2}} {{ge 2.5 1.5}}",VARS)"#,
            #""true true false true""#
        ),
        (#"strings.render_template("{{lt \"a\" \"b\"}}",VARS)"#, #""true""#),
        (#"strings.render_template("{{and .b .n}} {{or .e .name}} {{not .b}}",VARS)"#, #""10 Bo false""#),
        (#"strings.render_template("{{and .b .e}}",VARS)"#, #""[]""#),
        (#"strings.render_template("{{$x := .name}}{{$x}}{{$x = \"q\"}}{{$x}}",VARS)"#, #""Boq""#),
        (#"strings.render_template("{{- .name -}}  a ",VARS)"#, #""Boa ""#),
        (#"strings.render_template(" a {{- .name}} b",VARS)"#, #"" aBo b""#),
        (#"strings.render_template("{{/* c */}}x",VARS)"#, #""x""#),
        (#"strings.render_template("{{- /* c */ -}} x",VARS)"#, #""x""#),
        (#"strings.render_template("{{define \"T\"}}[{{.}}]{{end}}{{template \"T\" .name}}",VARS)"#, #""[Bo]""#),
        (#"strings.render_template("{{block \"B\" .name}}({{.}}){{end}}",VARS)"#, #""(Bo)""#),
        (#"strings.render_template("{{.name | printf \"%q\"}}",VARS)"#, #""\"Bo\"""#),
        (#"strings.render_template("{{\"quoted\" | len}}",VARS)"#, #""6""#),
        (#"strings.render_template("{{`raw`}}",VARS)"#, #""raw""#),
        (#"strings.render_template("{{'a'}}",VARS)"#, #""97""#),
        (#"strings.render_template("{{0x10}} {{1e3}} {{1_000}}",VARS)"#, #""16 1000 1000""#),
        (#"strings.render_template("{{range .l}}{{.}}{{break}}{{end}}",VARS)"#, #""a""#),
        (
            #"strings.render_template("{{range $i, $e := .l}}{{if eq $i 0}}{{continue}}{{end}}{{$e}}{{end}}",VARS)"#,
            #""b""#
        ),
        (
            #"strings.render_template("{{.}}",VARS)"#,
            #""map[1a:2 b:true big:12345678901234567890123 e:[] ex:1e2 f:1.5 l:[a b] n:10 name:Bo nl:<nil> o:map[k:1 z:map[y:deep]] s2:x<y>]""#
        ),
        (
            #"strings.render_template("{{$}}",VARS)"#,
            #""map[1a:2 b:true big:12345678901234567890123 e:[] ex:1e2 f:1.5 l:[a b] n:10 name:Bo nl:<nil> o:map[k:1 z:map[y:deep]] s2:x<y>]""#
        ),
        (#"strings.render_template("{{$.name}}",VARS)"#, #""Bo""#),
        (#"strings.render_template("{{range .l}}{{$.name}}{{end}}",VARS)"#, #""BoBo""#),
        (#"strings.render_template("{{(index .o \"z\").y}}",VARS)"#, #""deep""#),
        (#"strings.render_template("{{(.o).k}}",VARS)"#, #""1""#),
        (#"strings.render_template("{{.o.k | print \"x\"}}",VARS)"#, #""x1""#),
        (#"strings.render_template("{{print nil}}",VARS)"#, #""<nil>""#),
        (#"strings.render_template("a }} b",VARS)"#, #""a }} b""#),
        (#"strings.render_template("{{with $x := .o}}{{$x.k}}{{end}}",VARS)"#, #""1""#),
        (#"strings.render_template("{{with .e}}a{{else with .o}}{{.k}}{{end}}",VARS)"#, #""1""#),
        (
            #"strings.render_template("{{printf \"%d\" .n}} {{printf \"%d\" .f}} {{printf \"%s\" .n}} {{printf \"%v\" .ex}} {{printf \"%T\" .n}}",VARS)"#,
            #""%!d(json.Number=10) %!d(json.Number=1.5) 10 1e2 json.Number""#
        ),
        (#"strings.render_template("{{range $i := .l}}{{$i}}{{end}}",VARS)"#, #""ab""#),
        (#"strings.render_template("{{or 0 0 \"x\"}}",VARS)"#, #""x""#),
        (#"strings.render_template("{{-1}}",VARS)"#, #""-1""#),
        (#"strings.render_template("{{- 1}}",VARS)"#, #""1""#),
        (#"strings.render_template("{{1 -}} x",VARS)"#, #""1x""#),
        (#"strings.render_template("{{print 1 2 \"a\" \"b\" 3}}",VARS)"#, #""1 2ab3""#),
        (#"strings.render_template("{{print .l .o .nl .b}}",VARS)"#, #""[a b] map[k:1 z:map[y:deep]] <nil> true""#),
        (#"strings.render_template("{{urlquery \"a b&c/\u00e9\"}}",VARS)"#, #""a+b%26c%2F%C3%A9""#),
    ]

    private static let errors: [(String, String)] = [
        (
            #"strings.render_template("{{.n.x}}",VARS)"#,
            #"strings.render_template: template: template:1:4: executing "template" at <.n.x>: can't evaluate field x in type interface {}"#
        ),
        (
            #"strings.render_template("{{.nl.x}}",VARS)"#,
            #"strings.render_template: template: template:1:5: executing "template" at <.nl.x>: nil pointer evaluating interface {}.x"#
        ),
        (
            #"strings.render_template("{{range .n}}x{{end}}",VARS)"#,
            #"strings.render_template: template: template:1:8: executing "template" at <.n>: range can't iterate over 10"#
        ),
        (
            #"strings.render_template("{{range .name}}x{{end}}",VARS)"#,
            #"strings.render_template: template: template:1:8: executing "template" at <.name>: range can't iterate over Bo"#
        ),
        (
            #"strings.render_template("{{index .l 5}}",VARS)"#,
            #"strings.render_template: template: template:1:2: executing "template" at <index .l 5>: error calling index: index out of range: 5"#
        ),
        (
            #"strings.render_template("{{index .l \"a\"}}",VARS)"#,
            #"strings.render_template: template: template:1:2: executing "template" at <index .l "a">: error calling index: cannot index slice/array with type string"#
        ),
        (
            #"strings.render_template("{{eq .n 10}}",VARS)"#,
            #"strings.render_template: template: template:1:2: executing "template" at <eq .n 10>: error calling eq: incompatible types for comparison: json.Number and int"#
        ),
        (
            #"strings.render_template("{{lt .n 5}}",VARS)"#,
            #"strings.render_template: template: template:1:2: executing "template" at <lt .n 5>: error calling lt: incompatible types for comparison: json.Number and int"#
        ),
        (
            #"strings.render_template("{{$x}}",VARS)"#,
            #"strings.render_template: template: template:1: undefined variable "$x""#
        ),
        (
            #"strings.render_template("{{1}} {{1.5}} {{true}} {{nil}}",VARS)"#,
            #"strings.render_template: template: template:1:25: executing "template" at <nil>: nil is not a command"#
        ),
        (
            #"strings.render_template("{{break}}",VARS)"#,
            #"strings.render_template: template: template:1: {{break}} outside {{range}}"#
        ),
        (
            #"strings.render_template("{{foo}}",VARS)"#,
            #"strings.render_template: template: template:1: function "foo" not defined"#
        ),
        (
            #"strings.render_template("{{.name.}}",VARS)"#,
            #"strings.render_template: template: template:1: unexpected <.> in operand"#
        ),
        (
            #"strings.render_template("{{.1a}}",VARS)"#,
            #"strings.render_template: template: template:1: bad number syntax: ".1a""#
        ),
        (
            #"strings.render_template("{{if}}x{{end}}",VARS)"#,
            #"strings.render_template: template: template:1: missing value for if"#
        ),
        (
            #"strings.render_template("{{end}}",VARS)"#,
            #"strings.render_template: template: template:1: unexpected {{end}}"#
        ),
        (
            #"strings.render_template("{{if .b}}",VARS)"#,
            #"strings.render_template: template: template:1: unexpected EOF"#
        ),
        (
            #"strings.render_template("{{else}}",VARS)"#,
            #"strings.render_template: template: template:1: unexpected {{else}}"#
        ),
        (
            #"strings.render_template("{{range}}{{end}}",VARS)"#,
            #"strings.render_template: template: template:1: missing value for range"#
        ),
        (
            #"strings.render_template("{{call .name}}",VARS)"#,
            #"strings.render_template: template: template:1:2: executing "template" at <call .name>: error calling call: non-function .name of type string"#
        ),
        (
            #"strings.render_template("{{eq .l .l}}",VARS)"#,
            #"strings.render_template: template: template:1:2: executing "template" at <eq .l .l>: error calling eq: non-comparable type [a b]: []interface {}"#
        ),
        (
            #"strings.render_template("{{eq .o.k 1}}",VARS)"#,
            #"strings.render_template: template: template:1:2: executing "template" at <eq .o.k 1>: error calling eq: incompatible types for comparison: json.Number and int"#
        ),
        (
            #"strings.render_template("{{eq 1 1.0}}",VARS)"#,
            #"strings.render_template: template: template:1:2: executing "template" at <eq 1 1.0>: error calling eq: incompatible types for comparison: int and float64"#
        ),
        (
            #"strings.render_template("{{.name \"arg\"}}",VARS)"#,
            #"strings.render_template: template: template:1:2: executing "template" at <.name>: name is not a method but has arguments"#
        ),
        (
            #"strings.render_template("{{\"a\" \"b\"}}",VARS)"#,
            #"strings.render_template: template: template:1:2: executing "template" at <"a">: can't give argument to non-function "a""#
        ),
        (
            #"strings.render_template("{{.name | \"a\"}}",VARS)"#,
            #"strings.render_template: template: template:1: non executable command in pipeline stage 2"#
        ),
        (
            #"strings.render_template("{{`",VARS)"#,
            #"strings.render_template: template: template:1: unterminated raw quoted string"#
        ),
        (
            #"strings.render_template("{{\"a",VARS)"#,
            #"strings.render_template: template: template:1: unterminated quoted string"#
        ),
        (
            #"strings.render_template("{{.a b}}",VARS)"#,
            #"strings.render_template: template: template:1: function "b" not defined"#
        ),
        (
            #"strings.render_template("{{.name}",VARS)"#,
            #"strings.render_template: template: template:1: bad character U+007D '}'"#
        ),
        (
            #"strings.render_template("{{ }}",VARS)"#,
            #"strings.render_template: template: template:1: missing value for command"#
        ),
        (
            #"strings.render_template("{{}}",VARS)"#,
            #"strings.render_template: template: template:1: missing value for command"#
        ),
        (
            #"strings.render_template("{{,}}",VARS)"#,
            #"strings.render_template: template: template:1: unexpected "," in command"#
        ),
        (
            #"strings.render_template("{{.x := 1}}",VARS)"#,
            #"strings.render_template: template: template:1: unexpected ":=" in operand"#
        ),
        (
            #"strings.render_template("{{range .l}}{{end}",VARS)"#,
            #"strings.render_template: template: template:1: bad character U+007D '}'"#
        ),
        (
            #"strings.render_template("{{if .b}}a{{else}}b{{else}}c{{end}}",VARS)"#,
            #"strings.render_template: template: template:1: expected end; found {{else}}"#
        ),
        (
            #"strings.render_template("{{if $x := .n}}{{$x}}{{end}}{{$x}}",VARS)"#,
            #"strings.render_template: template: template:1: undefined variable "$x""#
        ),
        (
            #"strings.render_template("{{not 1 2}}",VARS)"#,
            #"strings.render_template: template: template:1:2: executing "template" at <not>: wrong number of args for not: want 1 got 2"#
        ),
        (
            #"strings.render_template("{{not}}",VARS)"#,
            #"strings.render_template: template: template:1:2: executing "template" at <not>: wrong number of args for not: want 1 got 0"#
        ),
        (
            #"strings.render_template("{{index}}",VARS)"#,
            #"strings.render_template: template: template:1:2: executing "template" at <index>: wrong number of args for index: want at least 1 got 0"#
        ),
        (
            #"strings.render_template("{{len}}",VARS)"#,
            #"strings.render_template: template: template:1:2: executing "template" at <len>: wrong number of args for len: want 1 got 0"#
        ),
        (
            #"strings.render_template("{{range $a,$b,$c := .l}}{{end}}",VARS)"#,
            #"strings.render_template: template: template:1: too many declarations in range"#
        ),
        (
            #"strings.render_template("{{and}}",VARS)"#,
            #"strings.render_template: template: template:1:2: executing "template" at <and>: wrong number of args for and: want at least 1 got 0"#
        ),
        (
            #"strings.render_template("{{index .nl 0}}",VARS)"#,
            #"strings.render_template: template: template:1:2: executing "template" at <index .nl 0>: error calling index: index of untyped nil"#
        ),
        (
            #"strings.render_template("line1\n{{.name}\n",VARS)"#,
            #"strings.render_template: template: template:2: bad character U+007D '}'"#
        ),
        (
            #"strings.render_template("line1\n{{nofunc}}",VARS)"#,
            #"strings.render_template: template: template:2: function "nofunc" not defined"#
        ),
    ]

    @Test(arguments: values) func value(_ question: String, _ answer: String) throws {
        let question = question.replacing("VARS", with: Self.vars)
        let found = try Question.answer(question)
        let isSame = try Question.holds("\(question) == \(answer)")
        #expect(isSame, "\(found)")
    }

    @Test(arguments: errors) func error(_ question: String, _ message: String) throws {
        let found = try Question.answer(question.replacing("VARS", with: Self.vars))
        #expect(found == message)
    }
}
