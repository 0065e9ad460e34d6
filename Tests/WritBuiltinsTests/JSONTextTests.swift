import Testing

/// JSON text: answers of OPA 1.20.2.
struct JSONTextTests {
    private static let cases: [(call: String, result: String)] = [
        (
            #"json.marshal_with_options {"a":[1,{"b":{}}],"c":[]} ; {"pretty":true}"#,
            #""{\n\t\"a\": [\n\t\t1,\n\t\t{\n\t\t\t\"b\": {}\n\t\t}\n\t],\n\t\"c\": []\n}""#
        ),
        (
            #"json.marshal_with_options {"a":[1,{"b":{}}],"c":[]} ; {"indent":"  "}"#,
            #""{\n  \"a\": [\n    1,\n    {\n      \"b\": {}\n    }\n  ],\n  \"c\": []\n}""#
        ),
        (
            #"json.marshal_with_options {"a":[1,{"b":{}}],"c":[]} ; {"prefix":"> "}"#,
            #""> {\n> \t\"a\": [\n> \t\t1,\n> \t\t{\n> \t\t\t\"b\": {}\n> \t\t}\n> \t],\n> \t\"c\": []\n> }""#
        ),
        (
            #"json.marshal_with_options {"a":[1,{"b":{}}],"c":[]} ; {"pretty":true,"prefix":"> ","indent":".."}"#,
            #""> {\n> ..\"a\": [\n> ....1,\n> ....{\n> ......\"b\": {}\n> ....}\n> ..],\n> ..\"c\": []\n> }""#
        ),
        (
            #"json.marshal_with_options {"a":[1,{"b":{}}],"c":[]} ; {"pretty":false,"prefix":"> ","indent":".."}"#,
            #""{\"a\":[1,{\"b\":{}}],\"c\":[]}""#
        ),
        (
            #"json.marshal_with_options {"a":[1]} ; {"pretty":1}"#,
            #"type: operand 2 key "pretty" failed cast to bool"#
        ),
        (
            #"json.marshal_with_options {"a":[1]} ; {"prefix":1}"#,
            #"type: operand 2 key "prefix" failed cast to string: operand 0 must be string but got number"#
        ),
        (
            #"json.marshal_with_options {"a":[1]} ; {"indent":null}"#,
            #"type: operand 2 key "indent" failed cast to string: operand 0 must be string but got null"#
        ),
        (
            #"json.marshal_with_options {"a":[1]} ; {"pretty":"x","zzz":1}"#,
            #"type: operand 2 key "pretty" failed cast to bool"#
        ),
        (
            #"json.marshal_with_options {"a":[1]} ; {"indent":"x","zzz":1}"#,
            #"type: operand 2 object contained unknown key "zzz""#
        ),
        (
            #"json.marshal_with_options {"a":[1]} ; {"indent":"x",1:1}"#,
            "type: operand 2 failed to stringify key 1 at index 0: operand 0 must be string but got number"
        ),
        (
            #"json.marshal_with_options {"a":[1]} ; {"indent":"x",[1]:1}"#,
            "type: operand 2 failed to stringify key [1] at index 1: operand 1 must be string but got array"
        ),
        (#"json.marshal_with_options "<&>\u2028" ; {"pretty":true}"#, #""\"\\u003c\\u0026\\u003e\\u2028\"""#),
        (#"json.marshal_with_options {} ; {"pretty":true}"#, #""{}""#),
        (#"json.marshal_with_options {} ; {"prefix":"> "}"#, #""> {}""#),
        (
            #"json.marshal_with_options {"a\"b,[{":"\\\""} ; {"prefix":"> "}"#,
            #""> {\n> \t\"a\\\"b,[{\": \"\\\\\\\"\"\n> }""#
        ),
        (#"json.marshal_with_options {"a":1} ; {"indent":"","pretty":true}"#, #""{\n\"a\": 1\n}""#),
        (#"json.marshal_with_options {"a":1} ; {"prefix":""}"#, #""{\n\t\"a\": 1\n}""#),
        (#"json.marshal "<&>\u2028é\u0001\\\"""#, #""\"\\u003c\\u0026\\u003e\\u2028é\\u0001\\\\\\\"\"""#),
        (#"json.marshal {{1,2}:3,[1]:{"a"}}"#, #""{\"[1,2]\":3,\"[1]\":[\"a\"]}""#),
        (#"json.unmarshal "{\"a\":1.0}""#, #"{"a": 1.0}"#),
        (#"json.unmarshal "1 2""#, "builtin: error: invalid character '2' after top-level value"),
        (#"json.unmarshal "{\"a\":1""#, "builtin: unexpected EOF"),
        (#"json.unmarshal "[1,]""#, "builtin: invalid character ']' looking for beginning of value"),
        (#"json.unmarshal " 1e400 ""#, "1e400"),
        (#"json.unmarshal "01""#, "builtin: error: invalid character '1' after top-level value"),
        (#"json.unmarshal "nul""#, "builtin: unexpected EOF"),
        (#"json.unmarshal """#, "builtin: EOF"),
        (#"json.unmarshal "  ""#, "builtin: EOF"),
        (#"json.unmarshal "{\"a\":1,\"a\":2}""#, #"{"a": 2}"#),
        (#"json.is_valid "1e400""#, "true"),
        (#"json.is_valid "1 2""#, "false"),
        (#"json.is_valid " [1] ""#, "true"),
    ]

    @Test func answersAsOPA() {
        let caller = Caller()
        for (call, result) in Self.cases { #expect(caller.call(call) == result, "\(call)") }
    }
}
