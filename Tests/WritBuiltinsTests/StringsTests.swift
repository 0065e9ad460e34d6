import Testing

/// Strings: answers of OPA 1.20.2.
struct StringsTests {
    private static let cases: [(call: String, result: String)] = [
        (#"contains "haystack" ; "st""#, "true"),
        (#"contains "abc" ; """#, "true"),
        (#"contains "" ; "a""#, "false"),
        (#"contains "aaaaaaaab" ; "aab""#, "true"),
        (#"contains 1 ; "a""#, "type: operand 1 must be string but got number"),
        (#"contains "a" ; []"#, "type: operand 2 must be string but got array"),
        (#"startswith "é日😀" ; "é""#, "true"),
        (#"startswith "a" ; "ab""#, "false"),
        (#"endswith "é日😀" ; "😀""#, "true"),
        (#"endswith "abc" ; """#, "true"),
        (#"startswith true ; """#, "type: operand 1 must be string but got boolean"),
        (#"concat ", " ; ["a","b",""]"#, #""a, b, ""#),
        (#"concat "," ; {"b","a"}"#, #""a,b""#),
        (#"concat "," ; []"#, #""""#),
        (#"concat 1 ; ["a"]"#, "type: operand 1 must be string but got number"),
        (#"concat "," ; ["a",1]"#, "type: operand 2 must be array of strings but got array containing number"),
        (#"concat "," ; {"a",1}"#, "type: operand 2 must be set of strings but got set containing number"),
        (#"concat "," ; {}"#, "type: operand 2 must be one of {set, array} but got object"),
        (#"concat "--" ; ["éééééééé","x"]"#, #""éééééééé--x""#),
        (#"split "a,b,,c" ; ",""#, #"["a", "b", "", "c"]"#),
        (#"split "" ; """#, "[]"),
        (#"split "" ; ",""#, #"[""]"#),
        (#"split "aé日😀" ; """#, #"["a", "é", "日", "😀"]"#),
        (#"split "aXXbXXXc" ; "XX""#, #"["a", "b", "Xc"]"#),
        (#"split "abc" ; "x""#, #"["abc"]"#),
        (#"split 1 ; """#, "type: operand 1 must be string but got number"),
        (#"strings.split_n "a,b,c" ; "," ; 2"#, #"["a", "b"]"#),
        (#"strings.split_n "a,b,c" ; "," ; -2"#, #"["b", "c"]"#),
        (#"strings.split_n "a,b,c" ; "," ; 0"#, "[]"),
        (#"strings.split_n "a,b,c" ; "," ; 2.0"#, #"["a", "b"]"#),
        (
            #"strings.split_n "a,b,c" ; "," ; 1e0"#,
            "type: operand 3 must be integer number but got floating-point number"
        ),
        (#"strings.split_n "abc" ; "" ; -2"#, #"["b", "c"]"#),
        (#"indexof "aé日😀" ; "😀""#, "3"),
        (#"indexof "abc" ; "x""#, "-1"),
        (#"indexof "abc" ; """#, "builtin: empty search character"),
        (#"indexof "" ; "a""#, "-1"),
        (#"indexof_n "aaaa" ; "aa""#, "[0, 1, 2]"),
        (#"indexof_n "éaéaé" ; "éaé""#, "[0, 2]"),
        (#"indexof_n "abc" ; """#, "builtin: empty search character"),
        (#"indexof_n "a" ; "abc""#, "[]"),
        (#"strings.count "aaaa" ; "aa""#, "2"),
        (#"strings.count "aé" ; """#, "3"),
        (#"strings.count "" ; "x""#, "0"),
        (#"substring "é日😀" ; 1 ; 1"#, #""日""#),
        (#"substring "abcdef" ; 2 ; -1"#, #""cdef""#),
        (#"substring "abc" ; 5 ; 1"#, #""""#),
        (#"substring "abc" ; 1 ; 100"#, #""bc""#),
        (#"substring "abc" ; -1 ; 1"#, "builtin: negative offset"),
        (#"substring "abc" ; 1.5 ; 1"#, "type: operand 2 must be integer number but got floating-point number"),
        (#"substring "abc" ; 1.0 ; 1.00"#, #""b""#),
        (#"substring "abc" ; 1e0 ; 1"#, "type: operand 2 must be integer number but got floating-point number"),
        (#"substring "abc" ; -0 ; 1"#, #""a""#),
        (#"substring "é日😀" ; 9007199254740993.0 ; 2"#, #""""#),
        (#"lower "AZ[ÉİΣ""#, #""az[éiσ""#),
        (#"upper "az{éßŉıΐǆ""#, #""AZ{ÉßŉIΐǄ""#),
        (#"upper "abcdefghijklmnop""#, #""ABCDEFGHIJKLMNOP""#),
        (#"lower "ABCDEFGHIJKLMNOP""#, #""abcdefghijklmnop""#),
        (#"upper "aé日zabcdefghijklmn""#, #""AÉ日ZABCDEFGHIJKLMN""#),
        (#"lower "ᾼⰀ𐐀""#, #""ᾳⰰ𐐨""#),
        (#"strings.reverse "e\u0301x""#, #""x́e""#),
        (#"strings.reverse "é日😀""#, #""😀日é""#),
        (#"replace "aXbX" ; "X" ; "yy""#, #""ayybyy""#),
        (#"replace "aé" ; "" ; "-""#, #""-a-\xc3-\xa9-""#),
        (#"replace "aaa" ; "aa" ; "b""#, #""ba""#),
        (#"replace "abc" ; "x" ; "y""#, #""abc""#),
        (#"strings.replace_n {"<": "&lt;",">": "&gt;"} ; "<b>""#, #""&lt;b&gt;""#),
        (#"strings.replace_n {"a": "1","ab": "2","b": "3"} ; "abab""#, #""1313""#),
        (#"strings.replace_n {"": "X","a": "b"} ; "aab""#, #""XbXbXbX""#),
        (#"strings.replace_n {"": "X"} ; "aé""#, #""XaX\xc3X\xa9X""#),
        (#"strings.replace_n {"a": 1} ; "a""#, "type: operand 1 non-string value found in pattern object"),
        (#"strings.replace_n 1 ; "a""#, "type: operand 1 must be object but got number"),
        (#"strings.replace_n {"a": 1} ; 2"#, "type: operand 2 must be string but got number"),
        (#"trim "ééaéé" ; "é""#, #""a""#),
        (#"trim "abcba" ; "ab""#, #""c""#),
        (#"trim "日本a本" ; "本日""#, #""a""#),
        (#"trim_left "xxaxx" ; "x""#, #""axx""#),
        (#"trim_right "xxaxx" ; "x""#, #""xxa""#),
        (#"trim_prefix "abab" ; "ab""#, #""ab""#),
        (#"trim_suffix "abab" ; "ab""#, #""ab""#),
        (#"trim_prefix "a" ; "ab""#, #""a""#),
        (#"trim_space "\u0085 \u2003a b\u00a0\n""#, #""a b""#),
        (#"trim_space " \ufeffa""#, #""\ufeffa""#),
        ("trim 1 ; 2", "type: operand 1 must be string but got number"),
        (#"strings.any_prefix_match ["a","b"] ; ["c","bx","b"]"#, "true"),
        (#"strings.any_prefix_match "abc" ; {"x","ab"}"#, "true"),
        (#"strings.any_prefix_match [] ; ["a"]"#, "false"),
        (#"strings.any_prefix_match [""] ; [""]"#, "true"),
        (#"strings.any_suffix_match ["abc"] ; ["c","d"]"#, "true"),
        (#"strings.any_suffix_match "abc" ; "abcd""#, "false"),
        (
            #"strings.any_prefix_match ["ay","by","cy","dy","ey","fy","gy","hy","iy","jy"] ; ["zx","yx","xx","wx","vx","ux","tx","sx","rx","jy"]"#,
            "true"
        ),
        (
            #"strings.any_prefix_match ["ay","by","cy","dy","ey","fy","gy","hy","iy","jy"] ; ["ax","bx","cx","dx","ex","fx","gx","hx","ix","jx"]"#,
            "false"
        ),
        (
            #"strings.any_suffix_match {"ya","yb","yc","yd","ye","yf","yg","yh","yi","yj"} ; ["xa","xb","xc","xd","xe","xf","xg","xh","yj"]"#,
            "true"
        ),
        (
            #"strings.any_suffix_match {"ya","yb","yc","yd","ye","yf","yg","yh","yi","yj"} ; ["xa","xb","xc","xd","xe","xf","xg","xh","xi","xj"]"#,
            "false"
        ),
        (#"strings.any_prefix_match 1 ; "a""#, "type: operand 1 must be one of {string, set, array} but got number"),
        (
            #"strings.any_prefix_match "a" ; [1]"#,
            "type: operand 2 must be array of strings but got array containing number"
        ),
        (
            #"strings.any_suffix_match {"a",1} ; "a""#,
            "type: operand 1 must be set of strings but got set containing number"
        ),
        ("format_int 255 ; 16", #""ff""#),
        ("format_int -255 ; 2", #""-11111111""#),
        ("format_int 15.9 ; 10", #""15""#),
        ("format_int -0.5 ; 10", #""0""#),
        ("format_int 1e30 ; 10", #""1000000000000000000024696061952""#),
        ("format_int 123456789012345678901234567890 ; 16", #""18ee90ff6c373e0ee4e3f0ad2""#),
        ("format_int -9223372036854775808 ; 8", #""-1000000000000000000000""#),
        ("format_int 1 ; 3", "type: operand 2 must be one of {2, 8, 10, 16}"),
        ("format_int 1 ; 2.0", "type: operand 2 must be one of {2, 8, 10, 16}"),
        (#"format_int "1" ; 2"#, "type: operand 1 must be number but got string"),
        (#"format_int 1 ; "2""#, "type: operand 2 must be number but got string"),
    ]

    @Test func answersAsOPA() {
        let caller = Caller()
        for (call, result) in Self.cases { #expect(caller.call(call) == result, "\(call)") }
    }

    /// A text made against plain search: the search must stay linear.
    @Test func searchIsLinear() {
        let text = String(repeating: "a", count: 200_000)
        let needle = String(repeating: "a", count: 100_000) + "b"
        let caller = Caller()
        #expect(caller.call("contains \"\(text)\" ; \"\(needle)\"") == "false")
        #expect(caller.call("contains \"\(text + needle)\" ; \"\(needle)\"") == "true")
        #expect(caller.call("indexof \"\(text)b\" ; \"\(needle)\"") == "100000")
    }

    @Test func workIsPaidFor() {
        let caller = Caller()
        caller.context.stepsLeft.pointee = 100
        let text = String(repeating: "a", count: 10_000)
        #expect(caller.call("replace \"\(text)\" ; \"a\" ; \"bb\"").hasPrefix("stepLimit"))
    }
}
