import Testing
import Writ

/// Questions about yaml.marshal with the answers of OPA 1.20.2: a value as JSON, or the message of an error.
struct YAMLMarshalTests {
    private static let values: [(String, String)] = [
        (#"yaml.marshal("")"#, #""\"\"\n""#),
        (##"yaml.marshal({"\ufeffx": 1, "-0": 2, "null": 3})"##, ##""\"-0\": 2\n\"\\uFEFF\\x78\": 1\n\"null\": 3\n""##),
        (#"yaml.marshal("a b")"#, #""a b\n""#),
        (#"yaml.marshal(" a")"#, #""' a'\n""#),
        (#"yaml.marshal("a ")"#, #""'a '\n""#),
        (#"yaml.marshal("yes")"#, #""\"yes\"\n""#),
        (#"yaml.marshal("1")"#, #""\"1\"\n""#),
        (#"yaml.marshal("1.0")"#, #""\"1.0\"\n""#),
        (#"yaml.marshal("0x10")"#, #""\"0x10\"\n""#),
        (#"yaml.marshal("null")"#, #""\"null\"\n""#),
        (#"yaml.marshal("~")"#, #""\"~\"\n""#),
        (#"yaml.marshal("true")"#, #""\"true\"\n""#),
        (#"yaml.marshal("- a")"#, #""'- a'\n""#),
        (#"yaml.marshal("-")"#, #""'-'\n""#),
        (#"yaml.marshal("-a")"#, #""-a\n""#),
        (#"yaml.marshal("?")"#, #""'?'\n""#),
        (#"yaml.marshal("?a")"#, #""?a\n""#),
        (#"yaml.marshal("a: b")"#, #""'a: b'\n""#),
        (#"yaml.marshal("a:")"#, #""'a:'\n""#),
        (#"yaml.marshal(":")"#, #""':'\n""#),
        (##"yaml.marshal("#a")"##, #""'#a'\n""#),
        (#"yaml.marshal("a #b")"#, #""'a #b'\n""#),
        (#"yaml.marshal("a#b")"#, #""a#b\n""#),
        (#"yaml.marshal("[a]")"#, #""'[a]'\n""#),
        (#"yaml.marshal("{a")"#, #""'{a'\n""#),
        (#"yaml.marshal("a,b")"#, #""a,b\n""#),
        (#"yaml.marshal("&a")"#, #""'&a'\n""#),
        (#"yaml.marshal("*a")"#, #""'*a'\n""#),
        (#"yaml.marshal("!a")"#, #""'!a'\n""#),
        (#"yaml.marshal("|")"#, #""'|'\n""#),
        (#"yaml.marshal(">x")"#, #""'>x'\n""#),
        (#"yaml.marshal("%a")"#, #""'%a'\n""#),
        (#"yaml.marshal("@a")"#, #""'@a'\n""#),
        (#"yaml.marshal("`a")"#, #""'`a'\n""#),
        (#"yaml.marshal("'a")"#, #""'''a'\n""#),
        (#"yaml.marshal("a'b")"#, #""a'b\n""#),
        (#"yaml.marshal("\"a\"")"#, #""'\"a\"'\n""#),
        (#"yaml.marshal("a\nb")"#, #""|-\n  a\n  b\n""#),
        (#"yaml.marshal("a\nb\n")"#, #""|\n  a\n  b\n""#),
        (#"yaml.marshal("a\n\n")"#, #""|+\n  a\n\n""#),
        (#"yaml.marshal("\na")"#, #""|2-\n\n  a\n""#),
        (#"yaml.marshal(" a\nb")"#, #""|2-\n   a\n  b\n""#),
        (#"yaml.marshal("a\n  b\nc")"#, #""|-\n  a\n    b\n  c\n""#),
        (#"yaml.marshal("a\tb")"#, #""\"a\\tb\"\n""#),
        (#"yaml.marshal("\t")"#, #""\"\\t\"\n""#),
        (#"yaml.marshal("é")"#, #""\u00e9\n""#),
        (#"yaml.marshal("日本")"#, #""\u65e5\u672c\n""#),
        (#"yaml.marshal("\u0001")"#, #""\"\\x01\"\n""#),
        (#"yaml.marshal("\u0085")"#, #""' '\n""#),
        (#"yaml.marshal("\u2028")"#, #""'\u2028'\n""#),
        (#"yaml.marshal("😀")"#, #""\"\\U0001F600\"\n""#),
        (#"yaml.marshal("2020-01-01")"#, #""\"2020-01-01\"\n""#),
        (#"yaml.marshal("2020-01-01T00:00:00Z")"#, #""\"2020-01-01T00:00:00Z\"\n""#),
        (#"yaml.marshal("12:30")"#, #""\"12:30\"\n""#),
        (#"yaml.marshal("1e3")"#, #""\"1e3\"\n""#),
        (#"yaml.marshal("1_000")"#, #""\"1_000\"\n""#),
        (#"yaml.marshal("0o7")"#, #""\"0o7\"\n""#),
        (#"yaml.marshal("017")"#, #""\"017\"\n""#),
        (#"yaml.marshal("08")"#, #""\"08\"\n""#),
        (#"yaml.marshal(".5")"#, #""\".5\"\n""#),
        (#"yaml.marshal(".1_0")"#, #""\".1_0\"\n""#),
        (#"yaml.marshal(".5_5e3")"#, #""\".5_5e3\"\n""#),
        (#"yaml.marshal(".1__0")"#, #"".1__0\n""#),
        (#"yaml.marshal("._10")"#, #""._10\n""#),
        (#"yaml.marshal("-._1")"#, #""\"-._1\"\n""#),
        (#"yaml.marshal(".1_0e400")"#, #"".1_0e400\n""#),
        (#"yaml.marshal("+1")"#, #""\"+1\"\n""#),
        (#"yaml.marshal("-1")"#, #""\"-1\"\n""#),
        (#"yaml.marshal(".inf")"#, #""\".inf\"\n""#),
        (#"yaml.marshal(".nan")"#, #""\".nan\"\n""#),
        (#"yaml.marshal("<<")"#, #""<<\n""#),
        (#"yaml.marshal("=")"#, #""=\n""#),
        (#"yaml.marshal("y")"#, #""\"y\"\n""#),
        (#"yaml.marshal("n")"#, #""\"n\"\n""#),
        (#"yaml.marshal("on")"#, #""\"on\"\n""#),
        (#"yaml.marshal("Off")"#, #""\"Off\"\n""#),
        (#"yaml.marshal("NO")"#, #""\"NO\"\n""#),
        (#"yaml.marshal("Null")"#, #""\"Null\"\n""#),
        (#"yaml.marshal("---")"#, #""'---'\n""#),
        (#"yaml.marshal("--- a")"#, #""'--- a'\n""#),
        (#"yaml.marshal("...")"#, #""'...'\n""#),
        (#"yaml.marshal("a\r\nb")"#, #""\"a\\r\\nb\"\n""#),
        (#"yaml.marshal("a\nb ")"#, #""\"a\\nb \"\n""#),
        (#"yaml.marshal("a \nb")"#, #""\"a \\nb\"\n""#),
        (#"yaml.marshal("x")"#, #""x\n""#),
        (
            #"yaml.marshal("word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word ")"#,
            #""'word word word word word word word word word word word word word word word word word\n  word word word word word word word word word word word word word word word word\n  word word word word word word word '\n""#
        ),
        (
            #"yaml.marshal("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")"#,
            #""aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n""#
        ),
        (#"yaml.marshal([])"#, #""[]\n""#),
        (#"yaml.marshal({})"#, #""{}\n""#),
        (#"yaml.marshal([[]])"#, #""- []\n""#),
        (#"yaml.marshal([{}])"#, #""- {}\n""#),
        (#"yaml.marshal({"a":[]})"#, #""a: []\n""#),
        (#"yaml.marshal({"a":{}})"#, #""a: {}\n""#),
        (#"yaml.marshal({"a":null})"#, #""a: null\n""#),
        (#"yaml.marshal([[1,2],[3]])"#, #""- - 1\n  - 2\n- - 3\n""#),
        (#"yaml.marshal([[[1]]])"#, #""- - - 1\n""#),
        (
            #"yaml.marshal({"a":{"b":{"c":[{"d":1,"e":[1]}]}}})"#,
            #""a:\n  b:\n    c:\n    - d: 1\n      e:\n      - 1\n""#
        ),
        (#"yaml.marshal({1:2,"b":true})"#, #""\"1\": 2\nb: true\n""#),
        (#"yaml.marshal({"1":2})"#, #""\"1\": 2\n""#),
        (#"yaml.marshal({"a b":1,"":2,"yes":3,"x\ny":4})"#, #""\"\": 2\na b: 1\n? |-\n  x\n  y\n: 4\n\"yes\": 3\n""#),
        (#"yaml.marshal({[1]:1})"#, #""'[1]': 1\n""#),
        (#"yaml.marshal({{1}})"#, #""- - 1\n""#),
        (#"yaml.marshal({3,1})"#, #""- 1\n- 3\n""#),
        (#"yaml.marshal(1.5)"#, #""1.5\n""#),
        (#"yaml.marshal(1e2)"#, #""100\n""#),
        (#"yaml.marshal(100000000000000000000)"#, #""1e+20\n""#),
        (#"yaml.marshal(1.0)"#, #""1\n""#),
        (#"yaml.marshal(0.1)"#, #""0.1\n""#),
        (#"yaml.marshal(1e400)"#, #""1e400\n""#),
        (#"yaml.marshal(123456789.123456789)"#, #""1.2345678912345679e+08\n""#),
        (#"yaml.marshal(-0)"#, #""0\n""#),
        (#"yaml.marshal(1000000.0)"#, #""1e+06\n""#),
        (#"yaml.marshal(1e21)"#, #""1e+21\n""#),
        (#"yaml.marshal(12345678901234567890)"#, #""12345678901234567890\n""#),
        (#"yaml.marshal({"a":"x\ny"})"#, #""a: |-\n  x\n  y\n""#),
        (#"yaml.marshal(["x\ny","z\n"])"#, #""- |-\n  x\n  y\n- |\n  z\n""#),
        (#"yaml.marshal([{"a":"x\ny\n","b":1}])"#, #""- a: |\n    x\n    y\n  b: 1\n""#),
        (
            #"yaml.marshal({"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk":1})"#,
            #""? kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\n: 1\n""#
        ),
        (
            #"yaml.marshal({"a":{"b":"long words here long words here long words here long words here long words here long words here long words here long words here long words here long words here long words here long words here "}})"#,
            #""a:\n  b: 'long words here long words here long words here long words here long words here\n    long words here long words here long words here long words here long words here\n    long words here long words here '\n""#
        ),
        (#"yaml.marshal(true)"#, #""true\n""#),
        (#"yaml.marshal(null)"#, #""null\n""#),
        (#"yaml.marshal("\u2028a\nb")"#, #""|2-\n\u2028  a\n  b\n""#),
        (#"yaml.marshal("a\u2029\nb")"#, #""|-\n  a\u2029\n  b\n""#),
        (#"yaml.marshal("a\n\u2028b\u2028")"#, #""|\n  a\n\u2028  b\u2028""#),
        (#"yaml.marshal("a\n\u2029\u2029")"#, #""|+\n  a\n\u2029\u2029""#),
        (#"yaml.marshal("\u2029\u20ac\u2028\u2028b")"#, #""'\u2029  \u20ac\u2028\u2028  b'\n""#),
        (#"yaml.marshal("a \u2028 b")"#, #""\"a \\L b\"\n""#),
        (#"yaml.marshal({"\u2028k": "v", "l\u2029\n": "w"})"#, #""? '\u2028  k'\n: v\n? |+\n  l\u2029\n: w\n""#),
        (
            #"yaml.marshal(["\u2028x y\u2028x y\u2028x y\u2028x y\u2028x y\u2028x y\u2028x y\u2028x y\u2028x y\u2028x y\u2028x y\u2028x y"])"#,
            #""- '\u2028  x y\u2028  x y\u2028  x y\u2028  x y\u2028  x y\u2028  x y\u2028  x y\u2028  x y\u2028  x y\u2028  x y\u2028  x y\u2028  x y'\n""#
        ),
        (#"yaml.marshal("a \u0085 b")"#, #""a b\n""#),
        (#"yaml.marshal("\u0085\u0085\u0085")"#, #""|2+\n\n\n""#),
        (#"yaml.marshal("a\u0085\u0085b")"#, #""|-\n  a\n  b\n""#),
        (#"yaml.marshal("\u0085\n\u0085")"#, #""\" \\n \"\n""#),
        (#"yaml.marshal("a\u0085--")"#, #""a --\n""#),
        (#"yaml.marshal("\"\u0085\\")"#, #""'\" \\'\n""#),
        (
            #"yaml.marshal({"\u4e00": 1, "\u0663": 2, "\u00d7": 3, "\ue000": 4, "a": 5, "\u00b2": 6, "9": 7})"#,
            #""\u00b2: 6\n\u00d7: 3\n\ue000: 4\n\"9\": 7\n\u0663: 2\na: 5\n\u4e00: 1\n""#
        ),
        (#"yaml.marshal({"x\u0669": 1, "x\u0661\u0660": 2, "x7": 3})"#, #""x7: 3\nx\u0669: 1\nx\u0661\u0660: 2\n""#),
    ]

    private static let errors: [(String, String)] = [
        (#"yaml.marshal("\u007f")"#, #"yaml.marshal: yaml: control characters are not allowed"#),
        (#"yaml.marshal("\u0090")"#, #"yaml.marshal: yaml: control characters are not allowed"#),
        (#"yaml.marshal("\uffff")"#, #"yaml.marshal: yaml: control characters are not allowed"#),
        (#"yaml.marshal(["a\u0080"])"#, #"yaml.marshal: yaml: control characters are not allowed"#),
        (#"yaml.marshal({"\ufffe": 1})"#, #"yaml.marshal: yaml: control characters are not allowed"#),
        (#"yaml.marshal({"k\u0085": 1})"#, #"yaml.marshal: yaml: line 1: did not find expected ',' or '}'"#),
        (
            #"yaml.marshal(["\u0085", {"a": "\u0085", "k\u0085": 1}])"#,
            #"yaml.marshal: yaml: line 3: did not find expected ',' or '}'"#
        ),
        (#"yaml.marshal("a\u0085--- x")"#, #"yaml.marshal: yaml: line 2: found unexpected document indicator"#),
        (
            #"yaml.marshal(["\u0085", "\u0085...\u0085"])"#,
            #"yaml.marshal: yaml: line 3: found unexpected document indicator"#
        ),
    ]

    @Test(arguments: values) func value(_ question: String, _ answer: String) throws {
        let question = question
        let found = try Question.answer(question)
        let isSame = try Question.holds("\(question) == \(answer)")
        #expect(isSame, "\(found)")
    }

    @Test(arguments: errors) func error(_ question: String, _ message: String) throws {
        let found = try Question.answer(question)
        #expect(found == message)
    }

    /// A key may reach to 1,024 characters of JSON, quotes and escapes counted; seen with OPA.
    @Test func longKeys() throws {
        let message = "yaml.marshal: yaml: did not find expected ',' or '}'"
        for (unit, limit) in [("k", 1022), ("<", 170), ("ä", 1022), ("\\\\", 511)] {
            let (longest, longer) = (String(repeating: unit, count: limit), String(repeating: unit, count: limit + 1))
            #expect(try Question.holds(#"endswith(yaml.marshal({"\#(longest)": 1}), "\n: 1\n")"#), "\(unit)")
            let found = try Question.answer(#"yaml.marshal({"\#(longer)": 1})"#)
            #expect(found == message, "\(unit)")
        }
    }
}
