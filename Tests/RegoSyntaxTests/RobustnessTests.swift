import RegoSyntax
import Testing
import WritSource

/// Numbers from a seed, the same in every run.
private struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        var value = state ^ state >> 33
        value = value &* 0xFF51_AFD7_ED55_8CCD
        return value ^ value >> 33
    }
}

struct RobustnessTests {
    private static let modules = [
        """
        # METADATA
        # title: t
        package a.b["c"]

        import data.x.y as z
        import future.keywords

        default allow := false

        allow if {
            some i, u in input.users
            not u.blocked
            u.name == $"x{i}-{u["n"]}"
        }

        deny contains msg if { x := {y | y := data.a[_]; y > 1}; msg := sprintf("%v", [x]) } # why
        p[x].q[y] := [1.5e3, -2, {"k": null}] if { every k, v in {"a": 1} { k != v } } else := `raw`
        """,
        """
        package t
        f(x, [y, _]) = z { z = x + y * 2 % 3 } else = 0 { x } { y }
        p[x] { x = 1 | 2 }
        g(set()) := {1, 2,} & {a: b | c} with input.x as [, 1]
        """,
        """
        package u
        import future.keywords.and
        import future.keywords.or
        import future.keywords.not
        p if { {a; b} or not (c and d with input as 1) }
        q if not { "\\u00e9\\n日本" in `x`; -x.y[0](1).z }
        """,
    ].map { Array($0.utf8) }

    private static let pieces = [
        "{", "}", "[", "]", "(", ")", ",", ":", ":=", "=", "==", "|", "&", "-", "*", ".", ";", "\n", "\r\n", " ", "\t",
        "\"", "`", "$\"", "$`", "\\", "{x}", "#", "@", "!", "if", "else", "contains", "in", "every", "some", "not",
        "and",
        "or", "with input as", "import", "package", "default", "import future.keywords\n", "0", "1e99999999999", "007",
        "é", "\u{FEFF}", "\u{0}", "set()", "_", "x",
    ].map { Array($0.utf8) }

    private func mutate(_ text: [UInt8], _ random: inout Random) -> [UInt8] {
        var text = text
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0...text.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                text.insert(UInt8.random(in: 0...255, using: &random), at: place)
            case 1:
                let end = min(text.count, place + Int.random(in: 1...12, using: &random))
                text.removeSubrange(place..<end)
            case 2:
                text.removeSubrange(place...)
            case 3:
                let end = min(text.count, place + Int.random(in: 1...40, using: &random))
                text.insert(contentsOf: text[place..<end], at: Int.random(in: 0...text.count, using: &random))
            default:
                text.insert(contentsOf: Self.pieces.randomElement(using: &random) ?? [], at: place)
            }
        }
        return text
    }

    /// Whatever the bytes, parsing ends, its results lie within the text, and the same text gives the same result.
    @Test(arguments: 0..<8)
    func anyBytes(seed: Int) {
        var random = Random(state: UInt64(seed) &* 7919 &+ 1)
        for round in 0..<400 {
            let base = Self.modules[round % Self.modules.count]
            let text = mutate(base, &random)
            let version: RegoVersion = round % 2 == 0 ? .v1 : .v0
            let parsed = Parsed(text, version) { $0.depthLimit = 40 }
            #expect(parsed.module != nil || !parsed.diagnostics.isEmpty)
            var sources = SourceMap()
            sources.add(name: Array("a".utf8), text: text)
            let renderer = DiagnosticRenderer(sources: sources)
            for diagnostic in parsed.diagnostics {
                if let span = diagnostic.span { check(span, text.count) }
                if let details = diagnostic.details { #expect(details.index <= details.line.count) }
                #expect(!renderer.excerpt(diagnostic).isEmpty)
                #expect(!renderer.concise(diagnostic, includingDetails: true).isEmpty)
            }
            for comment in parsed.module?.comments ?? [] { check(comment.span, text.count) }
            for rule in parsed.module?.rules ?? [] {
                check(rule.span, text.count)
                for expression in rule.body ?? [] { check(expression.span, text.count) }
            }
            if round % 10 == 0 {
                let again = Parsed(text, version) { $0.depthLimit = 40 }
                #expect(again.errors == parsed.errors && again.json == parsed.json)
            }
        }
    }

    private func check(_ span: Span, _ count: Int) {
        #expect(span.start <= span.end && Int(span.end) <= count)
    }

    @Test func randomBytes() {
        var random = Random(state: 5)
        for _ in 0..<500 {
            let text = (0..<Int.random(in: 0...80, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
            }
            let parsed = Parsed(text)
            #expect(parsed.module != nil || !parsed.diagnostics.isEmpty)
            var names = NameTable()
            let file = SourceFile(name: [], text: text)
            _ = parseQuery(file, names: &names)
            _ = parseTerm(file, names: &names)
        }
    }

    /// Nesting ends at the limit, however it is written, and does not cost more than linear time before.
    @Test(arguments: [
        "p := [", "p := {", "p := (", "p := {1:", "p := [1|", "p := {1|", "p := f(", "p := x[", "p := 1+[", "p := $\"{",
        "p if {every x in [1] {", "p if {a} and {", "p if (a and ", "p if {not {", "p if {", "p if not (", "p := {[(",
    ])
    func deepNesting(piece: String) {
        let colon = piece.hasPrefix("p if ") ? "p if ".count : "p := ".count
        let head = String(piece.prefix(colon))
        let text =
            "package t\nimport future.keywords\n\n" + head
            + String(repeating: String(piece.dropFirst(colon)), count: 5000)
        let parsed = Parsed(text) { $0.depthLimit = 24 }
        #expect(parsed.errors.contains("max parsing recursion depth exceeded"))
    }

    @Test func chainsHaveALimitToo() {
        let long = "package t\np := 1" + String(repeating: " + 1", count: 2000) + "\n"
        #expect(Parsed(long).errors.contains("max parsing recursion depth exceeded"))
        let short = "package t\np := 1" + String(repeating: " + 1", count: 500) + "\n"
        #expect(Parsed(short).errors == "")
        let branches = "package t\np if a" + String(repeating: " else if a", count: 2000) + "\n"
        #expect(Parsed(branches).errors == "")
    }
}
