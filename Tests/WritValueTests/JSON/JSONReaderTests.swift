import Testing
import WritValue

@Suite("Reading JSON")
struct JSONReaderTests {
    /// Texts that are accepted, and how they are written again.
    static let accepted: [(String, String)] = [
        ("null", "null"), ("true", "true"), ("false", "false"), (" \t\r\n null \n", "null"),
        ("0", "0"), ("-1", "-1"), ("-0", "-0"), ("-0.0", "-0.0"), ("0.0", "0.0"), ("1.50", "1.50"),
        ("1e2", "1e2"), ("1E+2", "1E+2"), ("-1.5e-300", "-1.5e-300"), ("0e0", "0e0"), ("0.5", "0.5"),
        ("123456789012345678", "123456789012345678"), ("1234567890123456789", "1234567890123456789"),
        ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
        ("9223372036854775808", "9223372036854775808"), ("18446744073709551616", "18446744073709551616"),
        ("1.23456789012345678", "1.23456789012345678"), ("12345678901234567.8", "12345678901234567.8"),
        ("123456789012345678.9", "123456789012345678.9"), ("0.000000000000000001", "0.000000000000000001"),
        ("1e400", "1e400"), ("[0.1,-0.1,10.25]", "[0.1,-0.1,10.25]"),
        (#""""#, #""""#), (#""a""#, #""a""#), (#""1234567""#, #""1234567""#), (#""12345678""#, #""12345678""#),
        (#""1234567890123""#, #""1234567890123""#), (#""12345678901234""#, #""12345678901234""#),
        (#""123456789012345""#, #""123456789012345""#), (#""1234567890123456""#, #""1234567890123456""#),
        (#""\"\\\/\b\f\n\r\t""#, #""\"\\/\b\f\n\r\t""#), (#""\u0041\u00e9\u20AC""#, #""Aé€""#),
        (#""\ud83d\ude00""#, #""😀""#), (#""\uD83D\uDE00x""#, #""😀x""#), ("\"é€😀\u{7f}\"", "\"é€😀\u{7f}\""),
        (#""\ud800""#, "\"\u{fffd}\""), (#""\ud800A""#, "\"\u{fffd}A\""), (#""\ud800\u0041""#, "\"\u{fffd}A\""),
        (#""\udc00\ud800""#, "\"\u{fffd}\u{fffd}\""), (#""\ud800\ud83d\ude00""#, "\"\u{fffd}😀\""),
        (#""\ud800\n""#, "\"\u{fffd}\\n\""), (#""\u0000""#, #""\u0000""#),
        (#""a string of more than fourteen bytes\n""#, #""a string of more than fourteen bytes\n""#),
        ("[]", "[]"), ("[ ]", "[]"), ("{}", "{}"), ("{ }", "{}"), ("[[],{}]", "[[],{}]"), ("[1,2,3]", "[1,2,3]"),
        ("[\n1 ,\t2\r]", "[1,2]"), (#"{"b":1,"a":2}"#, #"{"a":2,"b":1}"#),
        (#"{ "b" : 1 , "a" : [ ] }"#, #"{"a":[],"b":1}"#),
        (#"{"a":1,"b":2,"a":3}"#, #"{"a":3,"b":2}"#), (#"{"\u0061":1,"a":2}"#, #"{"a":2}"#),
        (#"{"":0}"#, #"{"":0}"#), (#"{"a":{"b":{"c":null}}}"#, #"{"a":{"b":{"c":null}}}"#),
        (#"{"abcdefgh":1,"abcdefg":2,"abcdefghi":3}"#, #"{"abcdefg":2,"abcdefgh":1,"abcdefghi":3}"#),
        (
            #"{"a long key of many bytes 2":1,"a long key of many bytes 1":2,"a long key":3}"#,
            #"{"a long key":3,"a long key of many bytes 1":2,"a long key of many bytes 2":1}"#
        ),
        ("{\"a\\u0000\":1,\"a\":2}", "{\"a\":2,\"a\\u0000\":1}"), ("\"<>&\u{2028}\"", #""\u003c\u003e\u0026\u2028""#),
    ]

    @Test("accepts JSON", arguments: accepted)
    func accepts(_ source: String, _ want: String) throws {
        try withSpace { (space: Space) throws in
            #expect(try echo(source, in: space) == want)
            // Behind other text the fast paths see more bytes.
            #expect(
                try echo("[" + source + ",\"and some more text\"]", in: space) == "[" + want
                    + ",\"and some more text\"]")
        }
    }

    /// Texts that are refused: reason, offset, and message where it differs from the reason's usual one.
    static let refused: [(String, JSONError.Reason, Int, String)] = [
        ("", .empty, 0, "EOF"), ("  ", .empty, 2, "EOF"), ("{", .endOfText, 1, "unexpected EOF"),
        ("[1", .endOfText, 2, "unexpected EOF"), ("[1,", .endOfText, 3, "unexpected EOF"),
        ("[1,]", .beginningOfValue, 3, "invalid character ']' looking for beginning of value"),
        (#"{"a"}"#, .afterKey, 4, "invalid character '}' after object key"),
        (#"{"a" 1}"#, .afterKey, 5, "invalid character '1' after object key"),
        (#"{"a":1,}"#, .beginningOfKey, 7, "invalid character '}' looking for beginning of object key string"),
        (#"{"a":1 "b""#, .afterMember, 7, "invalid character '\"' after object key:value pair"),
        ("{a:1}", .beginningOfKey, 1, "invalid character 'a' looking for beginning of object key string"),
        ("{'a':1}", .beginningOfKey, 1, #"invalid character '\'' looking for beginning of object key string"#),
        ("tru", .endOfText, 3, "unexpected EOF"),
        ("trux", .inTrue, 3, "invalid character 'x' in literal true (expecting 'e')"),
        ("falsy", .inFalse, 4, "invalid character 'y' in literal false (expecting 'e')"),
        ("nulx", .inNull, 3, "invalid character 'x' in literal null (expecting 'l')"),
        ("nil", .inNull, 1, "invalid character 'i' in literal null (expecting 'u')"),
        ("NaN", .beginningOfValue, 0, "invalid character 'N' looking for beginning of value"),
        ("01", .afterTopLevel, 1, "error: invalid character '1' after top-level value"),
        ("[01]", .afterElement, 2, "invalid character '1' after array element"),
        ("+1", .beginningOfValue, 0, "invalid character '+' looking for beginning of value"),
        (".5", .beginningOfValue, 0, "invalid character '.' looking for beginning of value"),
        (#"-\"#, .inNumber, 1, #"invalid character '\\' in numeric literal"#),
        ("-", .endOfText, 1, "unexpected EOF"), ("-x", .inNumber, 1, "invalid character 'x' in numeric literal"),
        ("1.", .endOfText, 2, "unexpected EOF"),
        ("1.x", .inFraction, 2, "invalid character 'x' after decimal point in numeric literal"),
        ("1.e1", .inFraction, 2, "invalid character 'e' after decimal point in numeric literal"),
        ("1e", .endOfText, 2, "unexpected EOF"), ("1e+", .endOfText, 3, "unexpected EOF"),
        ("1ex", .inExponent, 2, "invalid character 'x' in exponent of numeric literal"),
        ("1e+x", .inExponent, 3, "invalid character 'x' in exponent of numeric literal"),
        ("0x10", .afterTopLevel, 1, "invalid character 'x' looking for beginning of value"),
        ("\"abc", .endOfText, 4, "unexpected EOF"), ("\"a\\", .endOfText, 3, "unexpected EOF"),
        (#""a\x""#, .inEscape, 3, "invalid character 'x' in string escape code"),
        (#""a\u12""#, .inHexEscape, 6, #"invalid character '"' in \u hexadecimal character escape"#),
        (#""a\u12g4""#, .inHexEscape, 6, #"invalid character 'g' in \u hexadecimal character escape"#),
        (#""\ud800\u00""#, .inHexEscape, 11, #"invalid character '"' in \u hexadecimal character escape"#),
        ("\"a\u{1}\"", .inString, 2, #"invalid character '\x01' in string literal"#),
        ("\"a\nb\"", .inString, 2, #"invalid character '\n' in string literal"#),
        ("\"a longer string with a tab\t\"", .inString, 27, #"invalid character '\t' in string literal"#),
        ("1 2", .afterTopLevel, 2, "error: invalid character '2' after top-level value"),
        ("{}}", .afterTopLevel, 2, "invalid character '}' looking for beginning of value"),
        ("\u{feff}1", .beginningOfValue, 0, "invalid character 'ï' looking for beginning of value"),
        ("[\u{0}]", .beginningOfValue, 1, #"invalid character '\x00' looking for beginning of value"#),
        ("[1\u{0}]", .afterElement, 2, #"invalid character '\x00' after array element"#),
        ("\u{b}1", .beginningOfValue, 0, #"invalid character '\v' looking for beginning of value"#),
        ("[1,,2]", .beginningOfValue, 3, "invalid character ',' looking for beginning of value"),
        ("[,1]", .beginningOfValue, 1, "invalid character ',' looking for beginning of value"),
        ("{,}", .beginningOfKey, 1, "invalid character ',' looking for beginning of object key string"),
        ("[}", .beginningOfValue, 1, "invalid character '}' looking for beginning of value"),
        ("{]", .beginningOfKey, 1, "invalid character ']' looking for beginning of object key string"),
        (#"{"a":1]"#, .afterMember, 6, "invalid character ']' after object key:value pair"),
        ("[1}", .afterElement, 2, "invalid character '}' after array element"),
        ("[1 /* no */]", .afterElement, 3, "invalid character '/' after array element"),
    ]

    @Test("refuses what is not JSON", arguments: refused)
    func refuses(_ source: String, _ reason: JSONError.Reason, _ offset: Int, _ message: String) throws {
        try withSpace { (space: Space) throws in
            do throws(JSONError) {
                _ = try space.readJSON(utf8(source))
                Issue.record("accepted \(source)")
            } catch {
                #expect(error.reason == reason)
                #expect(error.offset == offset)
                #expect(shown(error.message) == message)
            }
        }
    }

    @Test("every proper prefix of a document is refused, at its end")
    func prefixes() throws {
        let source = utf8(#"{"a":[1,-2.5,1e9,true,false,null,"x\u00e9é😀 and a longer text"],"bb":{}}"#)
        try withSpace { (space: Space) throws in
            for end in 0..<source.count {
                do throws(JSONError) {
                    _ = try space.readJSON(Array(source[..<end]))
                    Issue.record("accepted the first \(end) bytes")
                } catch {
                    #expect(error.reason == (end == 0 ? .empty : .endOfText))
                    #expect(error.offset == end)
                }
            }
            #expect(throws: Never.self) { try space.readJSON(source) }
        }
    }

    @Test("row and column of an error")
    func rowAndColumn() throws {
        let source = utf8("{\n  \"a\": 1,\n  b\n}")
        try withSpace { (space: Space) throws in
            do throws(JSONError) {
                _ = try space.readJSON(source)
                Issue.record("accepted")
            } catch {
                let position = source.withUnsafeBufferPointer { error.position(in: $0) }
                #expect(position.row == 3)
                #expect(position.column == 3)
                let fault = error.fault(in: space)
                #expect(fault.code == .syntax)
                #expect(fault.position == UInt32(error.offset))
                #expect(space.bytes(fault.message) == error.message)
            }
        }
    }

    @Test("invalid UTF-8 in strings becomes U+FFFD byte by byte")
    func invalidUTF8() throws {
        let cases: [([UInt8], String)] = [
            ([0xff], "\u{fffd}"), ([0x80, 0x61], "\u{fffd}a"), ([0xed, 0xa0, 0x80], "\u{fffd}\u{fffd}\u{fffd}"),
            ([0xc3, 0x28], "\u{fffd}("), ([0xe2, 0x82, 0x20], "\u{fffd}\u{fffd} "),
            ([0xf0, 0x9f, 0x98], "\u{fffd}\u{fffd}\u{fffd}"), ([0xc0, 0x80], "\u{fffd}\u{fffd}"),
            ([0xf4, 0x90, 0x80, 0x80], "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"), ([0xf5, 0x5c, 0x6e], "\u{fffd}\n"),
            ([0xe0, 0x80, 0x80], "\u{fffd}\u{fffd}\u{fffd}"), ([0xf4, 0x8f, 0xbf, 0xbf], "\u{10ffff}"),
        ]
        try withSpace { (space: Space) throws in
            for (bytes, want) in cases {
                for padding in [0, 3, 20] {
                    let filler = [UInt8](repeating: UInt8(ascii: "p"), count: padding)
                    let value = try space.readJSON([UInt8(ascii: "\"")] + filler + bytes + [UInt8(ascii: "\"")])
                    #expect(space.bytes(value) == filler + utf8(want))
                }
            }
        }
    }

    @Test("lengths of strings around every boundary, with what follows")
    func stringLengths() throws {
        try withSpace { (space: Space) throws in
            for length in 0...70 {
                for tail in ["", "é", "\\n", "\u{7f}"] {
                    let body = String(repeating: "x", count: length) + tail
                    for after in ["", ",1,2,3,4,5,6,7,8,9,10"] {
                        let value = try space.readJSON(utf8("[\"" + body + "\"" + after + "]"))
                        let want = utf8(tail == "\\n" ? String(repeating: "x", count: length) + "\n" : body)
                        #expect(space.bytes(space.element(value, 0)) == want)
                        #expect(space.equal(space.element(value, 0), try space.string(want)))
                        #expect(
                            space.element(value, 0).tag
                                == (want.count <= 14 ? Value.Tag.shortString : Value.Tag.longString))
                    }
                }
            }
        }
    }

    @Test("depth is limited by a fault, never by the native stack")
    func depth() throws {
        func nested(_ depth: Int, _ open: String, _ close: String) -> [UInt8] {
            utf8(String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth))
        }
        try withSpace { (space: Space) throws in
            let limit = JSONOptions.standardDepth
            for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
                let value = try space.readJSON(nested(limit, open, close))
                #expect(try space.json(value) == nested(limit, open, close))
                #expect(space.equal(value, try space.readJSON(nested(limit, open, close))))
                try space.check()
                for depth in [limit + 1, 10_000, 1_000_000] {
                    do throws(JSONError) {
                        _ = try space.readJSON(nested(depth, open, close))
                        Issue.record("accepted a depth of \(depth)")
                    } catch {
                        #expect(error.reason == .depthLimit)
                        #expect(error.fault(in: space).code == .depthLimit)
                    }
                }
            }
            #expect(throws: JSONError.self) {
                try space.readJSON(utf8("[[1]]"), options: JSONOptions(depthLimit: 1))
            }
            _ = try space.readJSON(utf8("[1]"), options: JSONOptions(depthLimit: 1))
        }
    }

    @Test("limits of size and memory")
    func limits() throws {
        try withSpace { (space: Space) throws in
            _ = try space.readJSON(utf8("[12]"), options: JSONOptions(sizeLimit: 4))
            do throws(JSONError) {
                _ = try space.readJSON(utf8("[123]"), options: JSONOptions(sizeLimit: 4))
                Issue.record("accepted")
            } catch {
                #expect(error.reason == .sizeLimit)
            }
        }
        let small = Space.create(memoryLimit: 64 << 10, firstChunk: 4096)
        defer { small.destroy() }
        for source in [
            "[" + String(repeating: "1,", count: 100_000) + "1]", "\"" + String(repeating: "x", count: 100_000) + "\"",
            "[" + String(repeating: "[1],", count: 10_000) + "1]",
        ] {
            do throws(JSONError) {
                _ = try small.readJSON(utf8(source))
                Issue.record("accepted")
            } catch {
                #expect(error.reason == .memoryLimit)
            }
            small.reset()
        }
        #expect(try echo("[1,2]", in: small) == "[1,2]")
    }

    @Test("huge numbers and many digits")
    func hugeNumbers() throws {
        try withSpace { (space: Space) throws in
            for source in [
                String(repeating: "9", count: 50_000), "-" + String(repeating: "1", count: 100) + ".5",
                "0." + String(repeating: "0", count: 10_000) + "1", "1e" + String(repeating: "9", count: 30),
                "1e-999999999999999999999",
            ] {
                #expect(try echo(source, in: space) == source)
                #expect(try echo("[" + source + "]", in: space) == "[" + source + "]")
            }
        }
    }
}
