import Testing
import WritValue

@Suite("Writing JSON and Rego text")
struct JSONWriterTests {
    /// A value of each kind that JSON has no word for.
    private func mixed(_ space: Space) throws -> Value {
        func set(_ items: [Value]) throws -> Value {
            var list = ValueList()
            for item in items { try list.append(item, in: space) }
            return try space.set(list)
        }
        func array(_ items: [Value]) throws -> Value {
            var list = ValueList()
            for item in items { try list.append(item, in: space) }
            return try space.array(list)
        }
        var list = ValueList()
        let inner = try space.readJSON(utf8(#"{"a":1}"#))
        let pairs: [(Value, Value)] = [
            (.short("z"), .integer(1)), (.integer(2), .integer(3)), (try array([.integer(1)]), .emptySet),
            (try set([.integer(1), .integer(2)]), .emptyObject), (.short("b"), .emptyArray), (.short("c"), .null),
            (.short("[0]"), .true), (inner, .integer(5)), (.null, .integer(6)), (.short("<a>"), .integer(6)),
            (try array([.short("<a>")]), .integer(7)), (.true, .integer(8)),
        ]
        for (key, value) in pairs {
            try list.append(key, in: space)
            try list.append(value, in: space)
        }
        return try space.object(pairs: list)
    }

    @Test("keys that are no strings, and sets")
    func mixedKeys() throws {
        try withSpace { (space: Space) throws in
            let value = try mixed(space)
            #expect(
                shown(try space.json(value)) == #"{"2":3,"\u003ca\u003e":6,"[\"\\u003ca\\u003e\"]":7,"[0]":true,"#
                    + #""[1,2]":{},"[1]":[],"b":[],"c":null,"null":6,"true":8,"z":1,"{\"a\":1}":5}"#)
            #expect(
                shown(try space.json(value, style: JSONStyle(escapesHTML: false))) == #"{"2":3,"<a>":6,"[\"<a>\"]":7,"#
                    + #""[0]":true,"[1,2]":{},"[1]":[],"b":[],"c":null,"null":6,"true":8,"z":1,"{\"a\":1}":5}"#)
            #expect(
                shown(try space.rego(value)) == #"{null: 6, true: 8, 2: 3, "<a>": 6, "[0]": true, "b": [], "c": null, "#
                    + #""z": 1, [1]: set(), ["<a>"]: 7, {"a": 1}: 5, {1, 2}: {}}"#)
        }
    }

    @Test("keys of the same text: the later one in Rego's order stays")
    func sameText() throws {
        try withSpace { (space: Space) throws in
            var list = ValueList()
            for (key, value) in [(Value.integer(1), 2), (.short("1"), 1), (.short("true"), 3), (.true, 4)] {
                try list.append(key, in: space)
                try list.append(.integer(value), in: space)
            }
            let value = try space.object(pairs: list)
            #expect(shown(try space.json(value)) == #"{"1":1,"true":3}"#)
        }
    }

    @Test("writing leaves the space as it was, flat forms included")
    func memory() throws {
        try withSpace { (space: Space) throws in
            let value = try mixed(space)
            var buffer = ByteBuffer()
            try space.writeJSON(value, to: &buffer)
            let before = space.mark().word
            for _ in 0..<100 { try space.writeJSON(value, to: &buffer) }
            #expect(space.mark().word == before)
            #expect(!space.allocatesTemporaries)
        }
    }

    static let pretty: [(String, String)] = [
        ("1", "1"), ("[]", "[]"), ("{}", "{}"), ("[1]", "[\n  1\n]"), ("[[],{}]", "[\n  [],\n  {}\n]"),
        (
            #"{"a":[1,{"b":"x"}],"c":{},"d":[]}"#,
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x\"\n    }\n  ],\n  \"c\": {},\n  \"d\": []\n}"
        ),
    ]

    @Test("indented text", arguments: pretty)
    func indented(_ source: String, _ want: String) throws {
        try withSpace { (space: Space) throws in
            let got = try echo(source, in: space, style: JSONStyle(isPretty: true))
            #expect(got == want)
            #expect(try echo(got, in: space) == source)
        }
    }

    @Test("escapes")
    func escapes() throws {
        try withSpace { (space: Space) throws in
            let cases: [([UInt8], String, String)] = [
                (
                    utf8("\u{7}\u{8}\u{9}\n\u{b}\u{c}\r\u{0}\u{1f}\u{7f}"),
                    #""\u0007\b\t\n\u000b\f\r\u0000\u001f"# + "\u{7f}\"", #""\a\b\t\n\v\f\r\x00\x1f\x7f""#
                ),
                (utf8("\"\\/"), #""\"\\/""#, #""\"\\/""#),
                (utf8("é€😀"), "\"é€😀\"", "\"é€😀\""),
                (
                    utf8("\u{2027}\u{2028}\u{2029}\u{202a}"), "\"\u{2027}\\u2028\\u2029\u{202a}\"",
                    "\"\u{2027}\\u2028\\u2029\\u202a\""
                ),
                ([0x80, 0xff, 0x61], #""\ufffd\ufffda""#, #""\x80\xffa""#),
                ([0xe2, 0x80], #""\ufffd\ufffd""#, #""\xe2\x80""#),
                (
                    utf8("\u{80}\u{ad}\u{a0}\u{378}\u{3000}\u{e0001}\u{feff}\u{fffd}\u{fffe}\u{200b}"),
                    "\"\u{80}\u{ad}\u{a0}\u{378}\u{3000}\u{e0001}\u{feff}\u{fffd}\u{fffe}\u{200b}\"",
                    #""\u0080\u00ad\u00a0\u0378\u3000\U000e0001\ufeff"# + "\u{fffd}" + #"\ufffe\u200b""#
                ),
            ]
            for (bytes, json, rego) in cases {
                for padding in [0, 1, 5, 9, 30] {
                    let filler = [UInt8](repeating: UInt8(ascii: "p"), count: padding)
                    let value = try space.string(filler + bytes + filler)
                    func padded(_ text: String) -> String {
                        let filler = String(repeating: "p", count: padding)
                        return "\"" + filler + text.dropFirst().dropLast() + filler + "\""
                    }
                    #expect(shown(try space.json(value)) == padded(json))
                    #expect(shown(try space.rego(value)) == padded(rego))
                }
            }
        }
    }

    @Test("every ASCII character in every place of a string")
    func asciiPlaces() throws {
        try withSpace { (space: Space) throws in
            for byte in UInt8(0)..<128 {
                let alone = try space.json(try space.string([byte]))
                let plain = try space.json(try space.string([byte]), style: JSONStyle(escapesHTML: false))
                let html: [UInt8] = [UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&")]
                #expect((alone == plain) != html.contains(byte))
                for length in [2, 7, 8, 9, 13, 14, 15, 16, 17, 23, 24, 25, 40] {
                    for place in 0..<length {
                        var bytes = [UInt8](repeating: UInt8(ascii: "."), count: length)
                        bytes[place] = byte
                        let value = try space.string(bytes)
                        let before = [UInt8](repeating: UInt8(ascii: "."), count: place)
                        let after = [UInt8](repeating: UInt8(ascii: "."), count: length - place - 1)
                        let want =
                            [UInt8(ascii: "\"")] + before + alone.dropFirst().dropLast() + after + [UInt8(ascii: "\"")]
                        let got = try space.json(value)
                        if got != want { Issue.record("\(byte) at \(place) of \(length): \(shown(got))") }
                        let back = try space.readJSON(got)
                        if space.bytes(back) != bytes { Issue.record("\(byte) at \(place) of \(length) read back") }
                    }
                }
                space.reset()
            }
        }
    }

    @Test("integers and decimals of every length")
    func numbers() throws {
        try withSpace { (space: Space) throws in
            var power: Int64 = 1
            for _ in 0..<18 {
                power = power &* 10
                for delta in [Int64(-1), 0, 1, 7] {
                    for value in [power + delta, -(power + delta)] {
                        #expect(shown(try space.json(.integer(value))) == String(value))
                        #expect(shown(try space.rego(.integer(value))) == String(value))
                    }
                }
            }
            for value in [Int64.min, Int64.max, 0, 9, 10, -1, 99_999_999, 100_000_000, 1_000_000_000_000_000_000] {
                #expect(shown(try space.json(.integer(value))) == String(value))
            }
            let decimals: [(Int64, UInt8, String)] = [
                (5, 1, "0.5"), (-5, 1, "-0.5"), (5, 2, "0.05"), (0, 1, "0.0"), (0, 3, "0.000"), (150, 2, "1.50"),
                (-12_345, 3, "-12.345"), (1, 17, "0.00000000000000001"),
                (999_999_999_999_999_999, 1, "99999999999999999.9"),
                (100, 2, "1.00"), (-999_999_999_999_999_999, 17, "-9.99999999999999999"),
            ]
            for (mantissa, scale, want) in decimals {
                #expect(shown(try space.json(.decimal(mantissa: mantissa, scale: scale))) == want)
                #expect(shown(try space.rego(.decimal(mantissa: mantissa, scale: scale))) == want)
                #expect(try echo(want, in: space) == want)
            }
            // A scale that no reader makes: whatever comes out, it stays in its memory.
            _ = try space.json(.decimal(mantissa: .min, scale: 255))
        }
    }

    @Test("limits of depth and size, and values that are no documents")
    func limits() throws {
        try withSpace { (space: Space) throws in
            var deep = Value.integer(1)
            for _ in 0..<(Space.depthLimit + 10) {
                var list = ValueList()
                try list.append(deep, in: space)
                deep = try space.array(list)
            }
            #expect(throws: Fault.self) { _ = try space.json(deep) }
            #expect(throws: Fault.self) { _ = try space.rego(deep) }
            // 2^40 leaves by sharing.
            var wide = Value.short("x")
            for _ in 0..<40 {
                var list = ValueList()
                try list.append(wide, in: space)
                try list.append(wide, in: space)
                wide = try space.array(list)
            }
            do throws(Fault) {
                var buffer = ByteBuffer(limit: 100_000)
                try space.writeJSON(wide, to: &buffer)
                Issue.record("wrote 2^40 leaves")
            } catch {
                #expect(error.code == .sizeLimit)
            }
            do throws(Fault) {
                var buffer = ByteBuffer(limit: 100_000)
                try space.writeRego(wide, to: &buffer)
                Issue.record("wrote 2^40 leaves")
            } catch {
                #expect(error.code == .sizeLimit)
            }
            let long = try space.string([UInt8](repeating: 1, count: 1000))
            var buffer = ByteBuffer(limit: 500)
            do throws(Fault) {
                try space.writeJSON(long, to: &buffer)
                Issue.record("passed the limit")
            } catch {
                #expect(error.code == .sizeLimit)
            }
            #expect(throws: Fault.self) { _ = try space.json(.undefined) }
            #expect(throws: Fault.self) { _ = try space.rego(.undefined) }
        }
    }

    @Test("a buffer appends, keeps its memory, and gives it back")
    func buffer() throws {
        try withSpace { (space: Space) throws in
            var buffer = ByteBuffer()
            buffer.append("one ")
            try space.writeJSON(.integer(2), to: &buffer)
            buffer.append(UInt8(ascii: " "))
            buffer.append(utf8("three"))
            #expect(shown(buffer.bytes) == "one 2 three")
            buffer.truncate(to: 3)
            #expect(shown(buffer.bytes) == "one")
            buffer.removeAll()
            #expect(buffer.count == 0)
            buffer.removeAll(keepingAtMost: 0)
            #expect(buffer.bytes == [])
            buffer.append("x")
            #expect(buffer.count == 1)
        }
    }

    @Test("printable characters, by samples around the table's bounds")
    func printable() {
        for scalar in [0x20, 0x7e, 0xa1, 0xac, 0xae, 0x377, 0x37a, 0x4e00, 0xfffd, 0x1f600, 0xe0100] as [UInt32] {
            #expect(Printable.contains(scalar))
        }
        for scalar in [0, 0x1f, 0x7f, 0x80, 0xa0, 0xad, 0x378, 0xd800, 0xe000, 0xfffe, 0xe01f0, 0x10ffff] as [UInt32] {
            #expect(!Printable.contains(scalar))
        }
    }
}
