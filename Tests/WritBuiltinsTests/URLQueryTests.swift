import Testing

/// URL queries: answers of OPA 1.20.2.
struct URLQueryTests {
    private static let cases: [(call: String, result: String)] = [
        (#"urlquery.encode "a b&c=é/~*-._!'()""#, #""a+b%26c%3D%C3%A9%2F~%2A-._%21%27%28%29""#),
        (#"urlquery.decode "a+b%20c%26""#, #""a b c&""#),
        (#"urlquery.decode "%""#, #"builtin: invalid URL escape "%""#),
        (#"urlquery.decode "%zz""#, #"builtin: invalid URL escape "%zz""#),
        (#"urlquery.decode "%4""#, #"builtin: invalid URL escape "%4""#),
        (#"urlquery.decode "a%zzb""#, #"builtin: invalid URL escape "%zz""#),
        (#"urlquery.decode "a%zé""#, #"builtin: invalid URL escape "%z\xc3""#),
        (#"urlquery.decode "%e9""#, #""\xe9""#),
        (#"urlquery.decode_object "a=1&b=2&a=3""#, #"{"a": ["1", "3"], "b": ["2"]}"#),
        (#"urlquery.decode_object "a&b=&=c&&d=1=2""#, #"{"": ["c"], "a": [""], "b": [""], "d": ["1=2"]}"#),
        (#"urlquery.decode_object "a;b=1""#, "builtin: invalid semicolon separator in query"),
        (#"urlquery.decode_object "a%zz=1""#, #"builtin: invalid URL escape "%zz""#),
        (#"urlquery.decode_object "a=%zz""#, #"builtin: invalid URL escape "%zz""#),
        (#"urlquery.decode_object "a+b=%20""#, #"{"a b": [" "]}"#),
        (#"urlquery.encode_object {"a":"1","b":["2","3"],"c":{"x","y"}}"#, #""a=1&b=2&b=3&c=x&c=y""#),
        (#"urlquery.encode_object {"b c":"é","a":[]}"#, #""b+c=%C3%A9""#),
        (
            #"urlquery.encode_object {"a":[1]}"#,
            "type: operand 1 values must be string, array[string], or set[string]"
        ),
        (#"urlquery.encode_object {1:"a"}"#, #""1=a""#),
        (#"urlquery.encode_object {[1]:"a","Z":"b"}"#, #""Z=b&%5B1%5D=a""#),
        (
            #"urlquery.encode_object {"a":{"k":"v"}}"#,
            "type: operand 1 values must be string, array[string], or set[string]"
        ),
        (#"urlquery.decode_object "a=%zz&b;c""#, "builtin: invalid semicolon separator in query"),
    ]

    @Test func answersAsOPA() {
        let caller = Caller()
        for (call, result) in Self.cases { #expect(caller.call(call) == result, "\(call)") }
    }
}
