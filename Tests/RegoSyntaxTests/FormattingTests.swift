import RegoSyntax
import Testing

/// A text and its layout.
struct LayoutCase: CustomTestStringConvertible, Sendable {
    let name: String
    let source: String
    let want: String
    var version = RegoVersion.v1
    var target: RegoVersion?
    var dropsImports = false

    var testDescription: String { name }

    init(
        _ name: String, _ source: String, _ want: String, version: RegoVersion = .v1, target: RegoVersion? = nil,
        dropsImports: Bool = false
    ) {
        self.name = name
        self.source = source
        self.want = want
        self.version = version
        self.target = target
        self.dropsImports = dropsImports
    }
}

@Suite struct FormattingTests {
    @Test(arguments: LayoutCase.all)
    func layout(_ layout: LayoutCase) throws {
        let result = try #require(
            LaidOut(
                Array(layout.source.utf8), layout.version, to: layout.target, dropsImports: layout.dropsImports))
        #expect(String(decoding: result.text, as: UTF8.self) == layout.want)
        if !layout.dropsImports { #expect(result.faults == []) }
    }

    @Test func longChainsStayReadable() throws {
        // Deeper parentheses than the parser takes would make the result unreadable to it.
        let sum = (0..<400).map { "a\($0)" }.joined(separator: " + ")
        let result = try #require(LaidOut(Array("package p\n\nx := \(sum)\n".utf8)))
        #expect(result.faults == [])
    }

    @Test func keywordsInReferencesForOlderVersions() throws {
        let parsed = Parsed("package p\n\nx := input.if.a\n")
        let module = try #require(parsed.module)
        var options = FormatOptions()
        options.keepsKeywordsInReferences = false
        let text = format(module, of: parsed.file, options: options, names: parsed.names)
        #expect(String(decoding: text, as: UTF8.self) == "package p\n\nx := input[\"if\"].a\n")
    }
}

extension LayoutCase {
    static let all = statements + terms + comments + versions + logic

    private static let statements = [
        LayoutCase(
            "one-line rules stay together", "package  p\nimport data.z\nimport data.a as b\nx:=1\ny=2\n\n\nz if x==1\n",
            "package p\n\nimport data.a as b\nimport data.z\n\nx := 1\ny := 2\n\nz if x == 1\n"),
        LayoutCase(
            "else behind a brace", "package p\n\nf(x) := 1 if {\nx > 1\n} else := 2 if {\n x < 0 } else := 3\n",
            "package p\n\nf(x) := 1 if {\n\tx > 1\n} else := 2 if {\n\tx < 0\n} else := 3\n"),
        LayoutCase(
            "else on a line of its own", "package p\n\nf := 1 if input.a\nelse := 2\n",
            "package p\n\nf := 1 if input.a\n\nelse := 2\n"),
        LayoutCase(
            "a set is no body", "package p\n\nx if { {1} }\n", "package p\n\nx if {\n\t{1}\n}\n"),
        LayoutCase(
            "with on further lines",
            "package p\n\nt if {\n  a with input.x as 1\n   with input.y as 2 with data.z as 3\n}\n",
            "package p\n\nt if {\n\ta with input.x as 1\n\t\twith input.y as 2 with data.z as 3\n}\n"),
        LayoutCase(
            "gaps in a body", "package p\n\nx if {\n  a\n\n\n  b\n  c\n}\n", "package p\n\nx if {\n\ta\n\n\tb\n\tc\n}\n"
        ),
        LayoutCase(
            "every, some",
            "package p\n\nx if {\n  some a,b\n  some i,v in input.l\n  every k,v in input.o { v>k }\n}\n",
            "package p\n\nx if {\n\tsome a, b\n\tsome i, v in input.l\n\tevery k, v in input.o { v > k }\n}\n"),
        LayoutCase("a default function", "package p\ndefault f(_)=true\n", "package p\n\ndefault f(_) := true\n"),
    ]

    private static let terms = [
        LayoutCase(
            "lists keep their lines", "package p\n\nx := [1,2,\n  3, {\"a\":1,\n \"b\":2}]\n",
            "package p\n\nx := [\n\t1, 2,\n\t3, {\n\t\t\"a\": 1,\n\t\t\"b\": 2,\n\t},\n]\n"),
        LayoutCase(
            "operators", "package p\n\nx := a+b*c\ny if a+1 == (b|c)-d\n",
            "package p\n\nx := a + (b * c)\ny if a + 1 == (b | c) - d\n"),
        LayoutCase(
            "a statement keeps its meaning", "package p\n\nx if (a+b)*c\n", "package p\n\nx if (a + b) * c\n"),
        LayoutCase(
            "membership", "package p\n\nx if (1 in a) == b\ny if 1 in (2 in c)\nz := [(1, 2 in d)]\n",
            "package p\n\nx if (1 in a) == b\ny if 1 in (2 in c)\nz := [(1, 2 in d)]\n"),
        LayoutCase(
            "a union is no comprehension", "package p\n\nx := [(a|b)]\ny := {(a|b)|c}\nz := {\"k\":(a|b)}\n",
            "package p\n\nx := [(a | b)]\ny := {(a | b) | c}\nz := {\"k\": (a | b)}\n"),
        LayoutCase(
            "references", "package p\n\nx := input[\"a\"][\"b c\"].d[e].if\n",
            "package p\n\nx := input.a[\"b c\"].d[e].if\n"),
        LayoutCase(
            "strings and numbers as written", "package p\n\nx := [\"\\u00e9\\n\", `raw`, 1.50, 1e2, -0]\n",
            "package p\n\nx := [\"\\u00e9\\n\", `raw`, 1.50, 1e2, -0]\n"),
        LayoutCase(
            "template strings", "package p\n\nx := $\"a {input.b+1} \\{c\"\n",
            "package p\n\nx := $\"a {input.b + 1} \\{c\"\n"),
        LayoutCase(
            "comprehensions", "package p\n\nx := {k:v |\n some k,v in y\n v>1 }\nz := [a|a:=b[_];a>1]\n",
            "package p\n\nx := {k: v |\n\tsome k, v in y\n\tv > 1\n}\n\nz := [a | a := b[_]; a > 1]\n"),
        LayoutCase(
            "a key below the brace", "package p\n\nx := {\n  k: v |\n  some k, v in y\n}\n",
            "package p\n\nx := {k: v |\n\tsome k, v in y\n}\n"),
    ]

    private static let comments = [
        LayoutCase(
            "comments in a body", "package p # one\n# two\nx if { # three\n   # four\n a # five\n  # six\n}# seven\n",
            "package p # one\n\n# two\nx if { # three\n\t# four\n\ta # five\n\t# six\n} # seven\n"),
        LayoutCase(
            "comments in lists", "package p\n\nx := [\n  1, # one\n  # two\n  2,\n  # last\n]\n",
            "package p\n\nx := [\n\t1, # one\n\t# two\n\t2,\n\t# last\n]\n"),
        LayoutCase(
            "behind an import", "package p\n\nimport data.b # b\nimport data.a # a\n",
            "package p\n\nimport data.a # a\nimport data.b # b\n"),
        LayoutCase(
            "where there is no place the text stays", "package p\n\nx := [ # one\n  1 # two\n]\n",
            "package p\n\nx := [ # one\n  1 # two\n]\n"),
        LayoutCase(
            "at the end of a body whose head has braces",
            "package p\n\nx := {\"a\": 1} if {\n\ty\n\t# last\n}\n\nz := 1\n",
            "package p\n\nx := {\"a\": 1} if {\n\ty\n\t# last\n}\n\nz := 1\n"),
        LayoutCase(
            "before the parenthesis of a call", "package p\n\nx := f(\n\t1,\n\t2,\n\t# last\n)\n\ny := 1\n",
            "package p\n\nx := f(\n\t1,\n\t2,\n\t# last\n)\n\ny := 1\n"),
    ]

    private static let versions = [
        LayoutCase(
            "v0 stays v0", "package p\n\nx[y] { y := 1 }\nz = 1 { x[_] } { y }\n",
            "package p\n\nx[y] {\n\ty := 1\n}\n\nz = 1 {\n\tx[_]\n}\n\nz = 1 {\n\ty\n}\n", version: .v0),
        LayoutCase(
            "v0 to both", "package p\n\nimport future.keywords.in\n\nx[y] { y := 1 }\n\nz = 1 { x[_] }\n",
            "package p\n\nimport rego.v1\n\nx contains y if y := 1\n\nz := 1 if x[_]\n", version: .v0, target: .v0v1),
        LayoutCase(
            "imports that v1 does not need", "package p\n\nimport rego.v1\nimport future.keywords.if\n\nx if y\n",
            "package p\n\nx if y\n", dropsImports: true),
        LayoutCase(
            "a function of v0 without a body", "package p\n\nf([a, # one\n{\"b\":\n# two\nc}])\n\ng = 1\n",
            "package p\n\nf([a, # one\n{\"b\":\n# two\nc}])\n\ng = 1\n", version: .v0),
        LayoutCase(
            "a set of v0 that is none", "package p\n\nimport future.keywords.if\n\nx[\"a\"] if { true }\n",
            "package p\n\nimport future.keywords.if\n\nx[\"a\"] = true\n", version: .v0),
    ]

    private static let logic = [
        LayoutCase(
            "not, and, or",
            "package p\n\nimport future.keywords.and\nimport future.keywords.not\nimport future.keywords.or\n\n"
                + "x if (a or b) and not {c;d}\ny if a or b and c\nz if not (a and b)\n",
            "package p\n\nimport future.keywords.and\nimport future.keywords.not\nimport future.keywords.or\n\n"
                + "x if (a or b) and not { c; d }\ny if a or b and c\nz if not (a and b)\n")
    ]
}
