import Testing

/// Globs: answers of OPA 1.20.2.
struct GlobTests {
    private static let cases: [(call: String, result: String)] = [
        (#"glob.match "*.github.com" ; [] ; "api.github.com""#, "true"),
        (#"glob.match "*.github.com" ; [] ; "api.cdn.github.com""#, "false"),
        (#"glob.match "*hub.com" ; null ; "api.cdn.github.com""#, "true"),
        (#"glob.match "*:github:com" ; [":"] ; "api:github:com""#, "true"),
        (#"glob.match "api.**.com" ; [] ; "api.cdn.github.com""#, "true"),
        (#"glob.match "a?c" ; ["é"] ; "aéc""#, "false"),
        (#"glob.match "a?c" ; [] ; "aéc""#, "false"),
        (#"glob.match "[a-c]x" ; [] ; "bx""#, "true"),
        (#"glob.match "[!a-c]x" ; [] ; "bx""#, "false"),
        (#"glob.match "{cat,bat,[fr]at}" ; [] ; "rat""#, "true"),
        (#"glob.match "\\*" ; [] ; "*""#, "true"),
        (#"glob.match "" ; [] ; """#, "true"),
        (#"glob.match "a" ; ["ab"] ; "a""#, "type: operand 2 must be array of runes but got array containing string"),
        (#"glob.match "a" ; [""] ; "a""#, "type: operand 2 must be array of runes but got array containing string"),
        (#"glob.match "a" ; [1] ; "a""#, "type: operand 2 must be array of strings but got array containing number"),
        (#"glob.match "a" ; 1 ; "a""#, "type: operand 2 must be one of {array, null} but got number"),
        ("glob.match 1 ; 1 ; 1", "type: operand 1 must be string but got number"),
        (#"glob.match "a" ; [] ; 1"#, "type: operand 3 must be string but got number"),
        (#"glob.match "[a" ; [] ; "a""#, "builtin: unexpected end of input"),
        (#"glob.match "*" ; [".","/",":",",",";"] ; "ab""#, "true"),
        (#"glob.match "*" ; [".","/",":",",",";"] ; "a;b""#, "false"),
        (#"glob.quote_meta "*.a?\\[]{}é""#, #""\\*.a\\?\\\\\\[\\]\\{\\}é""#),
        (#"glob.quote_meta """#, #""""#),
        ("glob.quote_meta 1", "type: operand 1 must be string but got number"),
    ]

    @Test func answersAsOPA() {
        let caller = Caller()
        for (call, result) in Self.cases { #expect(caller.call(call) == result, "\(call)") }
    }
}
