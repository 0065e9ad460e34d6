import Testing

/// sprintf: answers of OPA 1.20.2.
struct SprintfTests {
    private static let cases: [(call: String, result: String)] = [
        (#"sprintf "%v|%[1]d|%[1]s|%[1]q|%[1]x|%[1]T" ; [5]"#, #""5|5|%!s(int64=5)|'\\x05'|5|int64""#),
        (#"sprintf "%v|%[1]d|%[1]s|%[1]q|%[1]x|%[1]T" ; [-3]"#, #""-3|-3|%!s(int64=-3)|'�'|-3|int64""#),
        (
            #"sprintf "%v|%[1]d|%[1]s|%[1]q|%[1]x|%[1]T" ; [1.5]"#,
            #""1.5|%!d(float64=1.5)|%!s(float64=1.5)|%!q(float64=1.5)|0x1.8p+00|float64""#
        ),
        (#"sprintf "%v|%[1]d|%[1]s|%[1]q|%[1]x|%[1]T" ; [1.0]"#, #""1|1|%!s(int64=1)|'\\x01'|1|int64""#),
        (#"sprintf "%v|%[1]d|%[1]s|%[1]q|%[1]x|%[1]T" ; [1e2]"#, #""1e2|%!d(string=1e2)|1e2|\"1e2\"|316532|string""#),
        (
            #"sprintf "%v|%[1]d|%[1]s|%[1]q|%[1]x|%[1]T" ; [1.5e3]"#,
            #""1500|%!d(float64=1500)|%!s(float64=1500)|%!q(float64=1500)|0x1.77p+10|float64""#
        ),
        (
            #"sprintf "%v|%[1]d|%[1]s|%[1]q|%[1]x|%[1]T" ; [12345678901234567890]"#,
            #""12345678901234567890|12345678901234567890|12345678901234567890|%!q(big.Int=12345678901234567890)|ab54a98ceb1f0ad2|*big.Int""#
        ),
        (#"sprintf "%v|%[1]d|%[1]s|%[1]q|%[1]x|%[1]T" ; ["hi"]"#, #""hi|%!d(string=hi)|hi|\"hi\"|6869|string""#),
        (
            #"sprintf "%v|%[1]d|%[1]s|%[1]q|%[1]x|%[1]T" ; [true]"#,
            #""true|%!d(string=true)|true|\"true\"|74727565|string""#
        ),
        (
            #"sprintf "%v|%[1]d|%[1]s|%[1]q|%[1]x|%[1]T" ; [null]"#,
            #""null|%!d(string=null)|null|\"null\"|6e756c6c|string""#
        ),
        (
            #"sprintf "%v|%[1]d|%[1]s|%[1]q|%[1]x|%[1]T" ; [[1,"a"]]"#,
            #""[1, \"a\"]|%!d(string=[1, \"a\"])|[1, \"a\"]|\"[1, \\\"a\\\"]\"|5b312c202261225d|string""#
        ),
        (
            #"sprintf "%v|%[1]d|%[1]s|%[1]q|%[1]x|%[1]T" ; [{"a": 1.0}]"#,
            #""{\"a\": 1.0}|%!d(string={\"a\": 1.0})|{\"a\": 1.0}|\"{\\\"a\\\": 1.0}\"|7b2261223a20312e307d|string""#
        ),
        (#"sprintf "%v|%[1]d|%[1]s|%[1]q|%[1]x|%[1]T" ; [-0]"#, #""0|0|%!s(int64=0)|'\\x00'|0|int64""#),
        (
            #"sprintf "%v|%[1]d|%[1]s|%[1]q|%[1]x|%[1]T" ; [0.1]"#,
            #""0.1|%!d(float64=0.1)|%!s(float64=0.1)|%!q(float64=0.1)|0x1.999999999999ap-04|float64""#
        ),
        (#"sprintf "hello %s, you are %d" ; ["bob",5]"#, #""hello bob, you are 5""#),
        (#"sprintf "%s" ; []"#, #""%!s(MISSING)""#),
        (#"sprintf "%d %d" ; [1]"#, #""1 %!d(MISSING)""#),
        (#"sprintf "%d" ; [1,2,"x"]"#, #""1%!(EXTRA int64=2, string=x)""#),
        (#"sprintf "100%" ; []"#, #""100%!(NOVERB)""#),
        (#"sprintf "%%" ; []"#, #""%""#),
        (#"sprintf "%%" ; [1]"#, #""%%!(EXTRA int64=1)""#),
        (#"sprintf "%!" ; [1]"#, #""%!!(int64=1)""#),
        (#"sprintf "%z" ; [1]"#, #""%!z(int64=1)""#),
        (#"sprintf "%é" ; [1]"#, #""%!é(int64=1)""#),
        (#"sprintf "%" ; [1]"#, #""%!(NOVERB)%!(EXTRA int64=1)""#),
        (#"sprintf "%5d|%-5d|%05d|%+d|% d" ; [1,2,3,4,5]"#, #""    1|2    |00003|+4| 5""#),
        (#"sprintf "%.2f|%8.3f|%-8.1f|%e|%g" ; [1.5,1.5,1.5,1.5,1.5]"#, #""1.50|   1.500|1.5     |1.500000e+00|1.5""#),
        (#"sprintf "%8.2s|%-5s|%05s" ; ["abc","é","x"]"#, #""      ab|é    |0000x""#),
        (#"sprintf "%x|%X|%#x|% x|%# x" ; ["hi","hi","hi","hi","hi"]"#, #""6869|6869|0x6869|68 69|0x68 0x69""#),
        (#"sprintf "%q|%+q|%#q" ; ["é\"","é\"","é\""]"#, #""\"é\\\"\"|\"\\u00e9\\\"\"|`é\"`""#),
        (#"sprintf "%#v|%+v" ; ["a",1]"#, #""\"a\"|1""#),
        (#"sprintf "%c|%U|%#U|%q" ; [128512,128512,128512,233]"#, #""😀|U+1F600|U+1F600 '😀'|'é'""#),
        (#"sprintf "%b|%o|%O|%#b|%#o" ; [5,5,5,5,5]"#, #""101|5|0o5|0b101|05""#),
        (#"sprintf "%t|%t" ; [true,1]"#, #""%!t(string=true)|%!t(int64=1)""#),
        (#"sprintf "%*d|%-*d|%.*f" ; [5,1,4,2,1,1.5]"#, #""    1|2   |1.5""#),
        (#"sprintf "%*d" ; ["a",1]"#, #""%!(BADWIDTH)1""#),
        (#"sprintf "%.*d" ; ["a",1]"#, #""%!(BADPREC)1""#),
        (#"sprintf "%*d" ; [-5,1]"#, #""1    ""#),
        (#"sprintf "%.*d" ; [-5,1]"#, #""%!(BADPREC)1""#),
        (#"sprintf "%[2]d %[1]d" ; [1,2]"#, #""2 1""#),
        (#"sprintf "%[3]d" ; [1]"#, #""%!d(BADINDEX)""#),
        (#"sprintf "%[x]d" ; [1]"#, #""%!d(BADINDEX)""#),
        (#"sprintf "%[]d" ; [1]"#, #""%!d(BADINDEX)""#),
        (#"sprintf "%[" ; [1]"#, #""%!(NOVERB)""#),
        (#"sprintf "%[1]" ; [1]"#, #""%!(NOVERB)""#),
        (#"sprintf "%[2]*[1]d" ; [1,5]"#, #""    1""#),
        (#"sprintf "%[1]5d" ; [1]"#, #""%!d(BADINDEX)""#),
        (#"sprintf "%[1].2d" ; [1]"#, #""%!d(BADINDEX)""#),
        (#"sprintf "%.[1]*d" ; [3]"#, #""%!d(MISSING)""#),
        (#"sprintf "%6.2f%%" ; [12.345]"#, #"" 12.35%""#),
        (#"sprintf "%v %v" ; [[1,"a",{"k": []}],{"__dummy": 1}]"#, #""[1, \"a\", {\"k\": []}] {\"__dummy\": 1}""#),
        (#"sprintf "%d" ; ["é"]"#, #""%!d(string=é)""#),
        (#"sprintf "%v" ; [123456789012345678901234567890.5]"#, #""1.2345678901234568e+29""#),
        (#"sprintf "%." ; [1]"#, #""%!.(int64=1)""#),
        (#"sprintf "%s%s%s" ; ["a","b"]"#, #""ab%!s(MISSING)""#),
        (#"sprintf "%v" ; [[]]"#, #""[]""#),
        (#"sprintf "%s" ; [[null,true]]"#, #""[null, true]""#),
        ("sprintf 1 ; []", "type: operand 1 must be string but got number"),
        (#"sprintf "a" ; 1"#, "type: operand 2 must be array but got number"),
        (#"sprintf "a" ; {}"#, "type: operand 2 must be array but got object"),
        (#"sprintf "%v" ; [[{"a": [{"b": 1}]}]]"#, #""[{\"a\": [{\"b\": 1}]}]""#),
    ]

    @Test func answersAsOPA() {
        let caller = Caller()
        for (call, result) in Self.cases { #expect(caller.call(call) == result, "\(call)") }
    }

    @Test func anUnclosedIndexIsLookedForOnce() {
        let format = String(repeating: "%[", count: 100_000)
        #expect(Caller().call("sprintf \"\(format)\" ; []").hasPrefix("\"%[%[%["))
    }

    @Test func outputIsLimited() {
        let format = String(repeating: "%100000d", count: 200)
        let list = "[" + String(repeating: "1,", count: 199) + "1]"
        let caller = Caller()
        caller.context.space.memoryLimit = 4 << 20
        #expect(caller.call("sprintf \"\(format)\" ; \(list)").hasPrefix("memoryLimit"))
    }
}
