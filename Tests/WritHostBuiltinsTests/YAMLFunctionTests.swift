import Testing
import Writ
import WritHostBuiltins

@Suite struct YAMLFunctionTests {
    @Test(arguments: [
        (#"yaml.unmarshal("a: [1, yes]")"#, #"{"a":[1,true]}"#),
        (#"yaml.is_valid("a: [1")"#, "false"),
        (#"yaml.is_valid("a: 1")"#, "true"),
        (#"yaml.is_valid(json.unmarshal("7"))"#, "false"),
    ])
    func value(_ expression: String, _ expected: String) throws {
        #expect(try Asked.value(expression) == expected)
    }

    /// Where OPA's parser takes more or less than libyaml, and in which order it finds what is wrong.
    @Test(arguments: [
        ("[a?]", "yaml: did not find expected ',' or ']'"),
        ("{a? b: 1}", "yaml: did not find expected ',' or '}'"),
        ("[a: b?c]", "yaml: did not find expected ',' or ']'"),
        ("a:\n  {b: 1,\n c: d ?}", "yaml: line 2: did not find expected ',' or '}'"),
        ("[http://a/?b]", "yaml: did not find expected ',' or ']'"),
        ("a?b: c?d", "{\"a?b\":\"c?d\"}"),
        ("{\"a?\": 'b?'}", "{\"a?\":\"b?\"}"),
        ("[a:]", "[\"a:\"]"),
        ("{a:, b: {c:}}", "{\"a:\":null,\"b\":{\"c:\":null}}"),
        ("[a:?]", "yaml: did not find expected ',' or ']'"),
        ("\"a\\/b\"", "yaml: found unknown escape character"),
        ("\n\"a\n\\/\"", "yaml: line 3: found unknown escape character"),
        ("%YAML 1.2\n---\na", "yaml: found incompatible YAML document"),
        ("# c\n%YAML 1.2\n---\na", "yaml: line 1: found incompatible YAML document"),
        ("%YAML 1.1\n---\na", "\"a\""),
        ("{.nan: 1, -.Inf: 2}", "{\"-.inf\":2,\".nan\":1}"),
        ("!!float .nan", "json: unsupported value: NaN"),
        ("{b: .nan, a: .inf}", "json: unsupported value: +Inf"),
        ("{b: {a: .nan}, b: 1}", "{\"b\":1}"),
        ("{b: &x {c: .nan}, <<: *x, b: 1, c: 2}", "{\"b\":1,\"c\":2}"),
        ("a: 1\n<<: {a: 2, b: 3}\nb: 4", "{\"a\":2,\"b\":4}"),
        ("a: 1\n<<: [{a: 2}, {a: 3, b: 4}]", "{\"a\":2,\"b\":4}"),
        ("x: &x {a: ~}\nz: {a: 1, <<: *x}", "{\"x\":{\"a\":null},\"z\":{\"a\":null}}"),
        ("{b: [.nan, *x]}", "yaml: unknown anchor 'x' referenced"),
        ("<<: a\nb: .inf", "yaml: map merge requires map or sequence of maps as the value"),
        ("[!!int a, &y b, *y, *z]", "yaml: unknown anchor 'z' referenced"),
        ("[&x [*x]]", "yaml: anchor 'x' value contains itself"),
        ("- *x\n a: [", "yaml: unknown anchor 'x' referenced"),
        ("null: {a: b}\n<<: +1", "yaml: map merge requires map or sequence of maps as the value"),
        ("~: 1\n!!int a: b", "yaml: cannot decode !!str `a` as a !!int"),
        ("null: 1\nb: .nan", "unsupported map key of type: %!s(<nil>), key: <nil>, value: 1"),
        ("{\"''a\": [1l, true], \"2.\":5, !!binary }", "{\"\":null,\"''a\":[\"1l\",true],\"2.\":5}"),
    ])
    func dialect(_ yaml: String, _ expected: String) throws {
        let text = yaml.utf8.map {
            $0 == 10 ? "\\n" : $0 == 34 || $0 == 92 ? "\\" + String(UnicodeScalar($0)) : String(UnicodeScalar($0))
        }
        let answer: String
        do throws(DecisionFailure) {
            answer = try Asked.text("json.marshal(yaml.unmarshal(\"\(text.joined())\"))")
        } catch { answer = String(error.message.dropFirst("yaml.unmarshal: ".count)) }
        #expect(answer == expected)
    }

    /// A text that would be a number is quoted: found by the fuzzer.
    @Test func whatIsWrittenIsReadAgain() throws {
        let text = #"{\"''a\": [1l, true], \"2.\":5, !!binary }"#
        #expect(
            try Asked.value("[equal(yaml.unmarshal(yaml.marshal(v)), v) | v := yaml.unmarshal(\"\(text)\")]")
                == "[true]")
    }

    @Test func malformedTextIsAnError() {
        #expect(throws: DecisionFailure.self) { try Asked.value(#"yaml.unmarshal("a: [1")"#) }
        do { _ = try Asked.value(#"yaml.unmarshal("a: [1")"#) } catch let error as DecisionFailure {
            #expect(error.code == "eval_builtin_error")
            #expect(error.message.utf8.starts(with: "yaml.unmarshal: ".utf8))
        } catch { Issue.record("\(error)") }
    }

    @Test func withoutTheLibraryACallDoesNotCompile() {
        let file = PolicyFile(name: "t.rego", text: Array("package t\np := yaml.unmarshal(\"a\")".utf8))
        #expect(throws: CompileFailure.self) { try Policy.compile([file]) }
        #expect(throws: Never.self) { try Policy.compile([file], options: CompileOptions(functions: .all)) }
    }
}

/// Asks for the value of one expression, with every builtin and strict errors.
enum Asked {
    /// The string that an expression gives.
    static func text(_ expression: String) throws(DecisionFailure) -> String {
        let quoted: String
        do { quoted = try value("base64.encode(\(expression))") } catch let error as DecisionFailure {
            throw error
        } catch {
            return "\(error)"
        }
        return String(decoding: decoded(quoted.utf8.dropFirst().dropLast()), as: UTF8.self)
    }

    private static func decoded(_ text: some Sequence<UInt8>) -> [UInt8] {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var (bytes, bits, count): ([UInt8], UInt32, Int) = ([], 0, 0)
        for byte in text {
            guard let digit = digits.firstIndex(of: byte) else { break }
            (bits, count) = (bits << 6 | UInt32(digit), count + 6)
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }

    static func value(_ expression: String) throws -> String {
        let file = PolicyFile(name: "t.rego", text: Array("package t\np := \(expression)".utf8))
        let snapshot = Snapshot(policy: try Policy.compile([file], options: CompileOptions(functions: .all)))
        let evaluator = Evaluator(snapshot)
        evaluator.isStrict = true
        var answer = ByteBuffer()
        let target = snapshot.target([Array("t".utf8), Array("p".utf8)])
        guard try evaluator.decide(target, input: nil, into: &answer) else { return "undefined" }
        return answer.withBytes { String(decoding: $0, as: UTF8.self) }
    }
}
