import Testing
import WritBuiltins

/// Work is counted, and grows no faster than the operands: twice the size, about twice the steps.
struct WorkTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        /// The operands at a size.
        let operands: @Sendable (Int) -> String

        var testDescription: String { name }

        init(_ name: String, _ operands: @escaping @Sendable (Int) -> String) {
            self.name = name
            self.operands = operands
        }
    }

    private static func text(_ unit: String, _ count: Int) -> String {
        "\"" + String(repeating: unit, count: count) + "\""
    }

    private static func list(_ count: Int, _ element: (Int) -> String) -> String {
        "[" + (0..<count).map(element).joined(separator: ", ") + "]"
    }

    private static func object(_ count: Int, _ value: (Int) -> String) -> String {
        "{" + (0..<count).map { "\"k\($0)\": \(value($0))" }.joined(separator: ", ") + "}"
    }

    static let cases = [
        Case("strings.replace_n") { #"{"a": "bb", "ab": "c", "abc": "d"} ; "# + text("abc", $0) },
        Case("split") { text("a,", $0) + #" ; ",""# },
        Case("split") { text("é", $0) + #" ; """# },
        Case("indexof_n") { text("éab", $0) + #" ; "ab""# },
        // A needle that nearly stands everywhere.
        Case("indexof") { text("a", $0) + " ; \"" + String(repeating: "a", count: $0 / 2) + "b\"" },
        Case("contains") { text("a", $0) + " ; \"" + String(repeating: "a", count: $0 / 2) + "b\"" },
        Case("strings.count") { text("a", $0) + " ; \"" + String(repeating: "a", count: $0 / 2) + "b\"" },
        Case("replace") { text("a", $0) + #" ; "a" ; "bc""# },
        Case("trim") { "\"" + String(repeating: "a", count: $0) + #"c" ; "xyza""# },
        Case("strings.reverse") { text("é", $0) },
        Case("lower") { text("ÀÉ", $0) },
        Case("concat") { #"",""# + " ; " + list($0) { "\"x\($0)\"" } },
        Case("sprintf") { text("%d ", $0) + " ; " + list($0) { "\($0)" } },
        Case("sprintf") { "\"%\($0 * 10)d\" ; [1]" },
        Case("json.patch") { size in
            "[] ; " + list(size) { #"{"op": "add", "path": "/-", "value": \#($0)}"# }
        },
        Case("json.filter") { size in object(size) { "\($0)" } + " ; " + list(size) { "\"k\($0)\"" } },
        Case("json.remove") { size in object(size) { "\($0)" } + " ; " + list(size) { "\"k\($0)\"" } },
        Case("object.union_n") { size in list(size) { "{\"k\($0)\": 1}" } },
        Case("object.subset") { size in object(size) { "\($0)" } + " ; " + object(size) { "\($0)" } },
        Case("object.remove") { size in object(size) { "\($0)" } + " ; " + list(size) { "\"k\($0)\"" } },
        Case("array.concat") { size in list(size) { "\($0)" } + " ; " + list(size) { "\($0)" } },
        Case("union") { size in "{" + (0..<size).map { "{\($0), \($0 + 1)}" }.joined(separator: ", ") + "}" },
        Case("graph.reachable") { size in object(size) { "[\"k\($0 + 1)\"]" } + #" ; ["k0"]"# },
        Case("graph.reachable_paths") { size in object(size) { "[\"k\($0 + 1)\"]" } + #" ; ["k0"]"# },
        Case("numbers.range") { "1 ; \($0)" },
        Case("base64.encode") { text("é", $0) },
        Case("base64.decode") { text("aGVsbG8h", $0) },
        Case("hex.decode") { text("6869", $0) },
        Case("urlquery.decode_object") { "\"" + (0..<$0).map { "k\($0)=v" }.joined(separator: "&") + "\"" },
        Case("glob.match") { #""*a*b*c*d*" ; [] ; "# + text("abc", $0) },
        Case("glob.match") { #""{a,*b,**c}*d" ; ["/"] ; "# + text("abc", $0) },
        Case("regex.match") { #""^(a+)+$" ; "# + text("a", $0) },
        Case("regex.match") { #""(x+x+)+y" ; "# + text("x", $0) },
        Case("regex.find_n") { #""[a-z]+ing" ; "# + text("waiting here ", $0) + " ; -1" },
        Case("regex.replace") { text("ab", $0) + #" ; "(a)(b)" ; "$2$1""# },
        Case("regex.split") { #"",+" ; "# + text("a,,", $0) },
        Case("regex.template_match") { #""{a+}b" ; "# + text("a", $0) + #" ; "{" ; "}""# },
        Case("net.cidr_merge") { size in list(size) { "\"10.\($0 / 256).\($0 % 256).0/24\"" } },
        Case("json.unmarshal") { "\"[" + String(repeating: "1,", count: $0) + "1]\"" },
        Case("json.match_schema") { size in list(size) { "\($0)" } + #" ; {"uniqueItems": true}"# },
        Case("yaml.marshal") { size in list(size) { "{\"a\": \($0)}" } },
        Case("crypto.sha256") { text("a", $0) },
        Case("strings.render_template") { text("{{.a}} ", $0) + #" ; {"a": 1}"# },
    ]

    private func steps(_ example: Case, _ size: Int) -> Int64 {
        let caller = Caller()
        caller.context.stepsLeft.pointee = 1 << 60
        let result = caller.call(example.name + " " + example.operands(size))
        #expect(!result.hasPrefix("operands cannot") && !result.hasPrefix("no"), "\(result.prefix(100))")
        return 1 << 60 - caller.context.stepsLeft.pointee
    }

    @Test(arguments: cases)
    func stepsGrowWithTheOperands(_ example: Case) {
        let size = 1_500
        let small = steps(example, size)
        let large = steps(example, 2 * size)
        #expect(small >= size / 16, "hardly anything is paid: \(small)")
        #expect(large <= small * 9 / 4 + 200, "\(small) steps, then \(large)")
    }

    /// A text that is read to its end for each match: that takes the square, and every byte of it is paid.
    @Test func whatIsReadAgainIsPaidAgain() {
        let example = Case("regex.find_n") { #""a.*b|a" ; "# + Self.text("a", $0) + " ; -1" }
        let size = 4_000
        #expect(steps(example, size) > Int64(size * size / 32))
        let caller = Caller()
        caller.context.stepsLeft.pointee = 100_000
        #expect(caller.call("regex.find_n " + example.operands(size)).hasPrefix("stepLimit"))
    }
}
