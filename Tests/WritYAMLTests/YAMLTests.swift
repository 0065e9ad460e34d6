import Testing
import WritYAML

/// The answers are those of OPA 1.20.2's `yaml.unmarshal`.
@Suite struct YAMLTests {
    private func json(_ yaml: String, _ options: YAMLOptions = YAMLOptions()) throws -> String {
        String(decoding: try convertYAML(Array(yaml.utf8), options: options), as: UTF8.self)
    }

    private func message(_ yaml: String, _ options: YAMLOptions = YAMLOptions()) -> String {
        do throws(YAMLFailure) {
            return "accepted: " + String(decoding: try convertYAML(Array(yaml.utf8), options: options), as: UTF8.self)
        } catch {
            return error.message
        }
    }

    @Test(arguments: [
        ("y", "true"), ("n", "false"), ("yes", "true"), ("Off", "false"), ("on", "true"), ("NO", "false"),
        ("True", "true"), ("tRue", #""tRue""#), ("~", "null"), ("", "null"), ("null", "null"), ("Null", "null"),
        ("'yes'", #""yes""#), ("\"1\"", #""1""#), ("=", #""=""#),
    ])
    func words(_ yaml: String, _ want: String) throws { #expect(try json(yaml) == want) }

    @Test(arguments: [
        ("1_000", "1000"), ("0x1F", "31"), ("0o17", "15"), ("017", "15"), ("0b11", "3"), ("-0x10", "-16"),
        ("1.50", "1.5"), ("3.0", "3"), ("1e3", "1000"), ("1E+3", "1000"), (".5", "0.5"), ("5.", "5"), ("+1", "1"),
        ("+.5", "0.5"), ("1.e+3", "1000"), ("-0", "0"), ("08", "8"), ("12e03", "12000"), ("1__0", "10"),
        ("123456789012345678901234567890", "1.2345678901234568e+29"), ("1.234567890123456789", "1.2345678901234567"),
        ("0777777777777777777777777", "7.777777777777778e+23"), ("1e20", "100000000000000000000"), ("1e21", "1e+21"),
        ("18446744073709551615", "18446744073709551615"), ("18446744073709551616", "18446744073709552000"),
        ("-9223372036854775808", "-9223372036854775808"), ("-9223372036854775809", "-9223372036854776000"),
        ("1e-6", "0.000001"), ("0.1e-7", "1e-8"), ("1.25e-10", "1.25e-10"), ("-0.0", "-0"), ("1e-400", "0"),
        ("1E400", #""1E400""#), ("1.0e", #""1.0e""#), ("1e3x", #""1e3x""#), ("_1", #""_1""#), ("0x", #""0x""#),
        ("190:20:30", #""190:20:30""#), ("2001-01-01", #""2001-01-01""#), ("1:a", #""1:a""#), ("-", "[null]"),
        ("+", #""+""#), (".", #"".""#), (".1_0", "0.1"), (".5_5e3", "550"), (".1__0", #"".1__0""#),
        ("._10", #""._10""#), (".1_", #"".1_""#), (".1_e5", #"".1_e5""#), ("+._1", "0.1"), ("-.5__5", "-0.55"),
    ])
    func numbers(_ yaml: String, _ want: String) throws { #expect(try json(yaml) == want) }

    @Test(arguments: [
        ("!!str 1", #""1""#), ("!!int \"3\"", "3"), ("!!float 3", "3"), ("!!bool yes", "true"),
        ("!!binary aGk=", #""hi""#), ("!foo x", #""x""#), ("!!set {a, b}", #"{"a":null,"b":null}"#), ("! 1", #""1""#),
    ])
    func tags(_ yaml: String, _ want: String) throws { #expect(try json(yaml) == want) }

    @Test(arguments: [
        ("a: 1\nb: [x, {c: d}]\n", #"{"a":1,"b":["x",{"c":"d"}]}"#),
        ("1: a\ntrue: b\n1.5: c", #"{"1":"a","true":"b","1.5":"c"}"#),
        ("- a\n  b", #"["a b"]"#), ("|\n  ab\n  c\n", #""ab\nc\n""#), (">\n  ab\n  c\n", #""ab c\n""#),
        ("--- 1\n--- 2", "1"), ("{}", "{}"), ("[]", "[]"), ("# nothing\n", "null"),
        ("a:\nb:\n", #"{"a":null,"b":null}"#),
        ("\u{FEFF}a: é", #"{"a":"é"}"#), ("a: \"\\u0001<\"", #"{"a":"\u0001\u003c"}"#),
    ])
    func collections(_ yaml: String, _ want: String) throws { #expect(try json(yaml) == want) }

    /// Brackets and commas are part of a tag.
    @Test(arguments: [
        ("!!fl[at >1\n", "\"\""),
        ("!!str[ >1\n  x\n", "\" x\\n\""),
        ("![a] b", "\"b\""),
        ("a: !b,\n", "{\"a\":\"\"}"),
        ("[!a ,b]", "[\"\",\"b\"]"),
        ("[!a,b c]", "[\"c\"]"),
        ("{!a,b : 1}", "{\"\":1}"),
        ("[!a &x,b]", "[\"\",\"b\"]"),
        ("[&x !a,b d]", "[\"d\"]"),
        ("[!!str,!!int 3]", "[\"3\"]"),
        ("%TAG !y! tag:yaml.org\n---\n!y!,2002:int \"3\"", "3"),
        ("!![a] b", "\"b\""), ("{a: !b,c: d}", "{\"a\":\"d\"}"),
        ("[!a,b]", "yaml: line 1: did not find expected ',' or ']'"),
        ("[!<a>,b]", "yaml: did not find expected whitespace or line break"),
        ("{a: !b, c: d}", "yaml: did not find expected ',' or '}'"),
        ("!a{b x", "yaml: did not find expected whitespace or line break"),
    ])
    func brackets(_ yaml: String, _ want: String) { #expect(answer(yaml) == want) }

    /// Marks at the beginning of a line are characters as others.
    @Test(arguments: [
        ("a\n\u{feff}b", "\"a \u{feff}b\""),
        ("- a\n\u{feff}- b", "yaml: line 3: could not find expected ':'"),
        ("a: 1\n\u{feff}b: 2", "{\"a\":1,\"\u{feff}b\":2}"),
        ("---\n\u{feff}a", "\"\u{feff}a\""),
        ("\"x\n\u{feff}\\uE000\"", "\"x \u{feff}\u{e000}\""),
        ("[a,\n\u{feff}b]", "[\"a\",\"\u{feff}b\"]"),
        ("\"\\ufeff\n\u{feff}\"", "\"\u{feff} \u{feff}\""),
        ("'a\n\u{feff}b'", "\"a \u{feff}b\""),
        ("|\n a\n\u{feff}b: 1\n", "\"a\\n\""),
        ("a:\n\u{feff}", "yaml: line 3: could not find expected ':'"),
        ("\u{feff}a: 1\n\u{feff}b: 2", "{\"a\":1,\"\u{feff}b\":2}"),
        ("a: 1\r\u{feff}b: 2", "{\"a\":1,\"\u{feff}b\":2}"),
        ("# c\n\u{feff}# d\n", "\"\u{feff}# d\""),
    ])
    func byteOrderMarks(_ yaml: String, _ want: String) { #expect(answer(yaml) == want) }

    @Test func numbersBesideUnwritableOnes() throws {
        var options = YAMLOptions()
        options.allowsDuplicateKeys = true
        #expect(try json("a: [-.INF, x]\na: .5", options) == #"{"a":[0,"x"],"a":0.5}"#)
        #expect(try json("a: .inf\na: [-0.5, 1.25, null]", options) == #"{"a":0,"a":[-0.5,1.25,null]}"#)
    }

    private func answer(_ yaml: String) -> String {
        let text = message(yaml)
        return text.hasPrefix("accepted: ") ? String(text.dropFirst(10)) : text
    }

    @Test func aliases() throws {
        #expect(try json("{a: &x 1, b: *x}") == #"{"a":1,"b":1}"#)
        #expect(try json("a: &x {k: [1]}\nb: *x") == #"{"a":{"k":[1]},"b":{"k":[1]}}"#)
        #expect(try json("a: &x 1\nb: &x 2\nc: *x") == #"{"a":1,"b":2,"c":2}"#)
        #expect(try json("&k a: 1\nb: *k") == #"{"a":1,"b":"a"}"#)
        #expect(message("null: c").hasSuffix("key: <nil>, value: \"c\""))
        #expect(message("a: .inf\nb: [") == "yaml: line 2: did not find expected node content")
        #expect(message("a: *b") == "yaml: unknown anchor 'b' referenced")
        #expect(message("a: &x [*x]") == "yaml: anchor 'x' value contains itself")
    }

    @Test func merges() throws {
        // Members of JSON that come twice: the last one counts.
        #expect(try json("<<: {a: 1}\nb: 2") == #"{"a":1,"b":2}"#)
        #expect(try json("b: 2\n<<: {b: 1, a: 1}") == #"{"b":2,"b":1,"a":1}"#)
        #expect(try json("b: 2\n<<: {}\nc: 3") == #"{"b":2,"c":3}"#)
        #expect(try json("<<: [{a: 1}, {a: 2, c: 3}]\nb: 2") == #"{"a":2,"c":3,"a":1,"b":2}"#)
        #expect(try json("x: &d {a: 'q\",{'}\nz:\n  <<: *d") == #"{"x":{"a":"q\",{"},"z":{"a":"q\",{"}}"#)
        #expect(try json("'<<': 1") == #"{"\u003c\u003c":1}"#)
        for key in ["! <<", "! '<<'", "!!merge <<", "!!merge '<<'"] {
            #expect(try json("\(key): {a: 1}") == #"{"a":1}"#, "\(key)")
        }
        #expect(try json("!!str <<: {a: 1}") == #"{"\u003c\u003c":{"a":1}}"#)
        #expect(message("<<: 1") == "yaml: map merge requires map or sequence of maps as the value")
        var metadata = YAMLOptions()
        metadata.schema = .core
        #expect(try json("b: 2\n<<: {b: 1, a: 1}", metadata) == #"{"b":1,"a":1,"b":2}"#)
    }

    @Test func keysThatComeTwice() throws {
        #expect(message("a: 1\na: 2") == #"yaml: key "a" already set in map"#)
        var options = YAMLOptions()
        options.allowsDuplicateKeys = true
        #expect(try json("a: 1\na: 2", options) == #"{"a":1,"a":2}"#)
        // Letters that only look the same are different keys.
        #expect(try json("\u{E9}: 1\ne\u{301}: 2") == "{\"\u{E9}\":1,\"e\u{301}\":2}")
    }

    @Test(arguments: [
        ("a: b: c", "yaml: mapping values are not allowed in this context"),
        ("\tx: 1", "yaml: found character that cannot start any token"),
        ("input: [", "yaml: line 1: did not find expected node content"),
        ("{\"a\":", "yaml: line 1: did not find expected node content"),
        (".inf", "yaml: unsupported value: .inf"), ("-.INF", "yaml: unsupported value: -.inf"),
        ("[.nan]", "yaml: unsupported value: .nan"),
        ("null: d", #"unsupported map key of type: %!s(<nil>), key: <nil>, value: "d""#),
        ("{[1]: 2}", "yaml: invalid map key: keys must be scalars"),
        ("!!int x", "yaml: cannot decode !!str `x` as a !!int"),
        ("!!binary '*'", "yaml: !!binary value contains invalid base64 data"),
    ])
    func refusals(_ yaml: String, _ want: String) { #expect(message(yaml) == want) }

    @Test func placeOfAnError() {
        do throws(YAMLFailure) {
            _ = try convertYAML(Array("a: 1\nb: *c\n".utf8))
            Issue.record("accepted")
        } catch {
            #expect(error.position?.row == 2)
            #expect(error.position?.column == 4)
        }
    }

    @Test func smallTextsDoNotBecomeHuge() {
        var bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
        for level in 1...20 {
            bomb +=
                "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ",") + "]\n"
        }
        #expect(message(bomb) == "yaml: document contains excessive aliasing")
    }

    @Test func depthIsLimited() {
        #expect(message(String(repeating: "[", count: 100_000)).hasPrefix("yaml: "))
        #expect(message(String(repeating: "- ", count: 100_000)).hasPrefix("yaml: "))
        #expect(message(String(repeating: "[", count: 500) + String(repeating: "]", count: 500)).hasPrefix("accepted"))
    }

    @Test func anyBytesAreAnswered() {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("ab:-[]{}&*!|>'\"#,?% \n\t<~1.\\\u{80}".utf8) + [0, 0xFF, 0xC3]
        for _ in 0..<2_000 {
            let length = Int.random(in: 0..<40, using: &generator)
            let text = (0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
            _ = try? convertYAML(text)
        }
    }
}
