import Testing

/// Base64 and hexadecimal: answers of OPA 1.20.2.
struct EncodingTests {
    private static let cases: [(call: String, result: String)] = [
        (#"base64.decode "YWJj""#, #""abc""#),
        (#"base64.decode "YWI=""#, #""ab""#),
        (#"base64.decode "YWI""#, "builtin: illegal base64 data at input byte 0"),
        (#"base64.decode "YQ""#, "builtin: illegal base64 data at input byte 0"),
        (#"base64.decode "YQ=""#, "builtin: illegal base64 data at input byte 3"),
        (#"base64.decode "YQ==""#, #""a""#),
        (#"base64.decode "Y""#, "builtin: illegal base64 data at input byte 0"),
        (#"base64.decode "YW\nJj""#, #""abc""#),
        (#"base64.decode "YW Jj""#, "builtin: illegal base64 data at input byte 2"),
        (#"base64.decode "YWJj=""#, "builtin: illegal base64 data at input byte 4"),
        (#"base64.decode "YWJj====""#, "builtin: illegal base64 data at input byte 4"),
        (#"base64.decode "=YWJ""#, "builtin: illegal base64 data at input byte 0"),
        (#"base64.decode "YQ==YQ==""#, "builtin: illegal base64 data at input byte 4"),
        (#"base64.decode "YR==""#, #""a""#),
        (#"base64.decode "____""#, "builtin: illegal base64 data at input byte 0"),
        (#"base64.decode "/+==""#, #""\xff""#),
        (#"base64.decode "é""#, "builtin: illegal base64 data at input byte 0"),
        (#"base64.decode "YWJjZ""#, "builtin: illegal base64 data at input byte 4"),
        (#"base64.decode "YWJj\r\n""#, #""abc""#),
        (#"base64.decode "YQ=\n=""#, #""a""#),
        (#"base64.decode "YQ==\n""#, #""a""#),
        (#"base64.decode "YQ==a""#, "builtin: illegal base64 data at input byte 4"),
        (#"base64.decode "YQ=a""#, "builtin: illegal base64 data at input byte 2"),
        (#"base64.decode "gICA""#, #""\x80\x80\x80""#),
        (#"base64.is_valid "YQ""#, "false"),
        (#"base64.is_valid "YQ==""#, "true"),
        (#"base64.is_valid "____""#, "false"),
        (#"base64url.decode "__-_""#, #""\xff\xff\xbf""#),
        (#"base64url.decode "YQ""#, #""a""#),
        (#"base64url.decode "YQ==""#, #""a""#),
        (#"base64url.decode "YQ=""#, "builtin: illegal base64 data at input byte 3"),
        (#"base64url.decode "Y""#, "builtin: illegal base64url string: Y"),
        (#"base64url.decode "YW+/""#, "builtin: illegal base64 data at input byte 2"),
        (#"base64url.decode "aaaaa""#, "builtin: illegal base64url string: aaaaa"),
        (#"base64url.decode "YQ\n""#, "builtin: illegal base64 data at input byte 4"),
        (#"base64url.decode "a=""#, "builtin: illegal base64 data at input byte 1"),
        (#"base64url.decode "YWI\n""#, "builtin: illegal base64 data at input byte 1"),
        (#"base64url.encode "a?>""#, #""YT8-""#),
        (#"base64url.encode_no_pad "a""#, #""YQ""#),
        (#"base64url.encode_no_pad "ab""#, #""YWI""#),
        (#"base64.encode "é""#, #""w6k=""#),
        (#"base64.encode "abcdefg""#, #""YWJjZGVmZw==""#),
        (#"hex.decode "616""#, "builtin: encoding/hex: odd length hex string"),
        (#"hex.decode "6g""#, "builtin: encoding/hex: invalid byte: U+0067 'g'"),
        (#"hex.decode "g""#, "builtin: encoding/hex: invalid byte: U+0067 'g'"),
        (#"hex.decode "é1""#, "builtin: encoding/hex: invalid byte: U+00C3 'Ã'"),
        (#"hex.decode "AbCd""#, #""\xab\xcd""#),
        (#"hex.decode "\u0001\u0002""#, "builtin: encoding/hex: invalid byte: U+0001"),
        (#"hex.encode "é\n""#, #""c3a90a""#),
    ]

    @Test func answersAsOPA() {
        let caller = Caller()
        for (call, result) in Self.cases { #expect(caller.call(call) == result, "\(call)") }
    }
}
