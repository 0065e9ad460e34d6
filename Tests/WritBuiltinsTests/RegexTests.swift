import Testing

/// Regular expressions: answers of OPA 1.20.2.
struct RegexTests {
    private static let cases: [(call: String, result: String)] = [
        (#"regex.is_valid "a+""#, "true"),
        (#"regex.is_valid "(""#, "false"),
        ("regex.is_valid 1", "false"),
        (#"regex.match "^a.c$" ; "abc""#, "true"),
        (#"regex.match "b" ; "abc""#, "true"),
        (#"regex.match "x" ; "abc""#, "false"),
        (#"regex.match "(" ; "a""#, "builtin: error parsing regexp: missing closing ): `(`"),
        (#"regex.match "(?i)É" ; "é""#, "true"),
        (#"regex.match 1 ; "a""#, "type: operand 1 must be string but got number"),
        (#"regex.match "(" ; 1"#, "type: operand 2 must be string but got number"),
        (#"regex.find_n "a." ; "abacad" ; 2"#, #"["ab", "ac"]"#),
        (#"regex.find_n "a" ; "aaa" ; -1"#, #"["a", "a", "a"]"#),
        (#"regex.find_n "a" ; "aaa" ; 0"#, "[]"),
        (#"regex.find_n "x*" ; "axb" ; -1"#, #"["", "x", ""]"#),
        (#"regex.find_n "a" ; "a" ; 1.5"#, "type: operand 3 must be integer number but got floating-point number"),
        (#"regex.find_n "a" ; "a" ; 1.0"#, #"["a"]"#),
        (#"regex.find_n "(" ; "a" ; 1"#, "builtin: error parsing regexp: missing closing ): `(`"),
        (
            #"regex.find_all_string_submatch_n "a(b)?(c)?" ; "ab ac a" ; -1"#,
            #"[["ab", "b", ""], ["ac", "", "c"], ["a", "", ""]]"#
        ),
        (#"regex.find_all_string_submatch_n "a" ; "b" ; 1"#, "[]"),
        (#"regex.find_all_string_submatch_n "(?P<x>é)" ; "éé" ; 1"#, #"[["é", "é"]]"#),
        (#"regex.split "b" ; "abc""#, #"["a", "c"]"#),
        (#"regex.split "" ; "aé""#, #"["a", "é"]"#),
        (#"regex.split "x" ; """#, #"[""]"#),
        (#"regex.split "" ; """#, "[]"),
        (#"regex.split "[,;]" ; "a,b;c""#, #"["a", "b", "c"]"#),
        (#"regex.split "(" ; "a""#, "builtin: error parsing regexp: missing closing ): `(`"),
        (#"regex.replace "abc" ; "b" ; "$0$0""#, #""abbc""#),
        (#"regex.replace "abc" ; "" ; "-""#, #""-a-b-c-""#),
        (#"regex.replace "aéc" ; "" ; "-""#, #""-a-é-c-""#),
        (#"regex.replace "abc" ; "(?P<x>b)" ; "${x}y""#, #""abyc""#),
        (#"regex.replace "abc" ; "(b)" ; "$1y""#, #""ac""#),
        (#"regex.replace "abc" ; "x" ; "y""#, #""abc""#),
        (#"regex.replace "abc" ; "b" ; "$$""#, #""a$c""#),
        (#"regex.replace "abc" ; "(" ; "x""#, "builtin: error parsing regexp: missing closing ): `(`"),
        ("regex.replace 1 ; 2 ; 3", "type: operand 1 must be string but got number"),
        (#"regex.template_match "urn:foo:{.*}" ; "urn:foo:bar" ; "{" ; "}""#, "true"),
        (#"regex.template_match "urn:{.*" ; "urn:x" ; "{" ; "}""#, #"builtin: unbalanced braces in "urn:{.*""#),
        (
            #"regex.template_match "a" ; "b" ; "" ; "}""#,
            "builtin: start delimiter has to be exactly one character long but is 0 long"
        ),
        (
            #"regex.template_match "a" ; "b" ; "{" ; "xy""#,
            "builtin: end delimiter has to be exactly one character long but is 1 long"
        ),
        (#"regex.template_match "a{(}" ; "a" ; "{" ; "}""#, "builtin: error parsing regexp: missing closing ): `^($`"),
        (#"regex.template_match "z<[0-9]{2}>" ; "z42" ; "<" ; ">""#, "true"),
        (#"regex.template_match "" ; "x" ; "{" ; "}""#, "false"),
        (#"regex.globs_match "a.a.[0-9]+z" ; ".+b.*""#, "true"),
        (#"regex.globs_match "a" ; "b""#, "false"),
        (
            #"regex.globs_match "a[" ; "b""#,
            "builtin: input:a[, pos:2, found [ without matching ]: the input provided is invalid"
        ),
        (#"regex.globs_match 1 ; "b""#, "type: operand 1 must be string but got number"),
    ]

    @Test func answersAsOPA() {
        let caller = Caller()
        for (call, result) in Self.cases { #expect(caller.call(call) == result, "\(call)") }
    }
}
