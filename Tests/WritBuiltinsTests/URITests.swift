import Testing

/// URIs: answers of OPA 1.20.2.
struct URITests {
    private static let cases: [(call: String, result: String)] = [
        (
            #"uri.parse "http://user:p%40ss@example.com:8080/a%20b/c?x=1&y=2#frag%21""#,
            #"{"fragment": "frag!", "hostname": "example.com", "path": "/a b/c", "port": "8080", "raw_path": "/a b/c", "raw_query": "x=1&y=2", "scheme": "http"}"#
        ),
        (#"uri.parse "mailto:a@b.c""#, #"{"scheme": "mailto"}"#),
        (#"uri.parse "/a/b?c""#, #"{"path": "/a/b", "raw_path": "/a/b", "raw_query": "c"}"#),
        (#"uri.parse "//host/p""#, #"{"hostname": "host", "path": "/p", "raw_path": "/p"}"#),
        (#"uri.parse """#, "{}"),
        (
            #"uri.parse "http://[::1]:80/""#,
            #"{"hostname": "::1", "path": "/", "port": "80", "raw_path": "/", "scheme": "http"}"#
        ),
        (
            #"uri.parse "http://[fe80::1%25en0]/""#,
            #"{"hostname": "fe80::1%en0", "path": "/", "raw_path": "/", "scheme": "http"}"#
        ),
        (#"uri.parse "http://[1.2.3.4]/""#, #"builtin: parse "http://[1.2.3.4]/": invalid IP-literal"#),
        (
            #"uri.parse "http://[x]/""#,
            #"builtin: parse "http://[x]/": invalid host: ParseAddr("x"): unable to parse IP"#
        ),
        (#"uri.parse "http://a b/""#, #"builtin: parse "http://a b/": invalid character " " in host name"#),
        (#"uri.parse ":foo""#, #"builtin: parse ":foo": missing protocol scheme"#),
        (#"uri.parse "http://host:port/""#, #"builtin: parse "http://host:port/": invalid port ":port" after host"#),
        (#"uri.parse "http://h::80/""#, #"builtin: parse "http://h::80/": invalid port "::80" after host"#),
        (
            #"uri.parse "ws://h::80/""#,
            #"{"hostname": "h:", "path": "/", "port": "80", "raw_path": "/", "scheme": "ws"}"#
        ),
        (#"uri.parse "1http://x""#, #"builtin: parse "1http://x": first path segment in URL cannot contain colon"#),
        (#"uri.parse "http://%zz/""#, #"builtin: parse "http://%zz/": invalid URL escape "%zz""#),
        (#"uri.parse "HTTP://EX.com""#, #"{"hostname": "EX.com", "scheme": "http"}"#),
        (#"uri.parse "http://host/?""#, #"{"hostname": "host", "path": "/", "raw_path": "/", "scheme": "http"}"#),
        (#"uri.parse "http://u^@host""#, #"builtin: parse "http://u^@host": net/url: invalid userinfo"#),
        (
            #"uri.parse "http://host/%2f""#,
            #"{"hostname": "host", "path": "//", "raw_path": "/%2f", "scheme": "http"}"#
        ),
        (#"uri.parse "urn:isbn:123?a#b""#, #"{"fragment": "b", "raw_query": "a", "scheme": "urn"}"#),
        (
            #"uri.parse "http://host/\u0001""#,
            #"builtin: parse "http://host/\x01": net/url: invalid control character in URL"#
        ),
        (#"uri.parse "http://h#%zz""#, #"builtin: parse "http://h#%zz": invalid URL escape "%zz""#),
        (#"uri.parse "*""#, #"{"path": "*", "raw_path": "*"}"#),
        (#"uri.is_valid "http://a b/""#, "false"),
        (#"uri.is_valid "/a b""#, "true"),
        (#"uri.is_valid """#, "false"),
        ("uri.is_valid 1", "false"),
    ]

    @Test func answersAsOPA() {
        let caller = Caller()
        for (call, result) in Self.cases { #expect(caller.call(call) == result, "\(call)") }
    }
}
