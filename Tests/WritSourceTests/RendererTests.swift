import Testing
import WritSource

struct RendererTests {
    private func map(_ texts: String...) -> SourceMap {
        var map = SourceMap()
        for (index, text) in texts.enumerated() {
            map.add(name: Array((index == 0 ? "policy/authz.rego" : "lib\(index).rego").utf8), text: Array(text.utf8))
        }
        return map
    }

    /// The span of the first occurrence of a piece of text.
    private func span(_ piece: String, in map: SourceMap, file: UInt32 = 0) -> Span {
        let text = map.file(SourceID(file))?.text ?? []
        let piece = Array(piece.utf8)
        for start in 0...max(0, text.count - piece.count) where Array(text[start...].prefix(piece.count)) == piece {
            return Span(source: SourceID(file), start: UInt32(start), end: UInt32(start + piece.count))
        }
        return .none
    }

    private func excerpt(_ map: SourceMap, _ diagnostic: Diagnostic) -> String {
        String(decoding: DiagnosticRenderer(sources: map).excerpt(diagnostic), as: UTF8.self)
    }

    @Test func excerptWithLabelAndHelp() {
        let map = map(String(repeating: "\n", count: 11) + "    input.user == usr.name\n")
        let diagnostic = Diagnostic(
            DiagnosticCode("rego_unsafe_var_error"), "variable `usr` is never bound", at: span("usr", in: map),
            label: "used only here", help: "did you mean `user`, bound on line 10?")
        #expect(
            excerpt(map, diagnostic) == """
                error[rego_unsafe_var_error]: variable `usr` is never bound
                   ┌─ policy/authz.rego:12:19
                12 │     input.user == usr.name
                   │                   ^^^ used only here
                   = help: did you mean `user`, bound on line 10?

                """)
    }

    @Test(arguments: [
        // Tabs, in front and within.
        ("\tx\t:= bad\n", "1 │     x   := bad\n  │            ^^^\n"),
        // CR LF.
        ("x := bad\r\ny\r\n", "1 │ x := bad\n  │      ^^^\n"),
        // Wide characters take two columns, combining marks none.
        ("\"日本\" + bad", "1 │ \"日本\" + bad\n  │          ^^^\n"),
        ("\"e\u{301}\" + bad", "1 │ \"e\u{301}\" + bad\n  │       ^^^\n"),
        ("\"👨\u{200D}👩\" bad", "1 │ \"👨\u{200D}👩\" bad\n  │        ^^^\n"),
        // Nothing of the source reaches the terminal as a command.
        ("\u{1B}[31m\u{202E} bad", "1 │ \u{FFFD}[31m\u{FFFD} bad\n  │        ^^^\n"),
    ])
    func marksAlign(text: String, expected: String) {
        let map = map(text)
        let diagnostic = Diagnostic(DiagnosticCode("e"), "m", at: span("bad", in: map))
        let lines = excerpt(map, diagnostic).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.dropFirst(2).joined(separator: "\n") == expected)
    }

    @Test func brokenBytesShowAsOneColumn() {
        var map = SourceMap()
        map.add(name: Array("a".utf8), text: [0x22, 0xFF, 0xC3, 0x22, 0x20, 0x62])
        let diagnostic = Diagnostic(
            DiagnosticCode("e"), "m", at: Span(source: SourceID(0), start: 5, end: 6), severity: .warning)
        #expect(excerpt(map, diagnostic) == "warning[e]: m\n  ┌─ a:1:6\n1 │ \"\u{FFFD}\u{FFFD}\" b\n  │      ^\n")
    }

    @Test func severalPlaces() {
        let map = map("one\ntwo\n\nfour\n", "other\n")
        let diagnostic = Diagnostic(
            DiagnosticCode("e"), "m\nmore", at: span("four", in: map), label: "here",
            labels: [
                DiagnosticLabel(span("one", in: map), "there"), DiagnosticLabel(span("two", in: map), "next"),
                DiagnosticLabel(span("her", in: map, file: 1), "elsewhere"),
            ], notes: ["have: number"])
        #expect(
            excerpt(map, diagnostic) == """
                error[e]: m
                  more
                  ┌─ policy/authz.rego:1:1
                1 │ one
                  │ --- there
                2 │ two
                  │ --- next
                  ·
                4 │ four
                  │ ^^^^ here
                  ┌─ lib1.rego:1:3
                1 │ other
                  │   --- elsewhere
                  = note: have: number

                """)
    }

    @Test(arguments: [
        (UInt32(0), UInt32(0), "1 │ ab\n  │ ^\n"),
        (UInt32(1), UInt32(6), "1 │ ab\n  │  ^\n"),
        (UInt32(2), UInt32(3), "1 │ ab\n  │   ^\n"),
        (UInt32(6), UInt32(6), "2 │ cd\n  │   ^\n"),
        (UInt32(90), UInt32(91), "2 │ cd\n  │   ^\n"),
    ])
    func spansBeyondLinesAndText(start: UInt32, end: UInt32, expected: String) {
        let map = map("ab\ncd\n")
        let diagnostic = Diagnostic(DiagnosticCode("e"), "m", at: Span(source: SourceID(0), start: start, end: end))
        let lines = excerpt(map, diagnostic).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.dropFirst(2).joined(separator: "\n") == expected)
    }

    @Test func placelessAndUnknownFiles() {
        let map = map("x")
        #expect(
            excerpt(map, Diagnostic(DiagnosticCode("e"), "error limit reached", at: nil))
                == "error[e]: error limit reached\n")
        let unknown = Span(source: SourceID(9), start: 0, end: 1)
        #expect(excerpt(map, Diagnostic(DiagnosticCode("e"), "m", at: unknown)) == "error[e]: m\n")
    }

    private func concise(_ map: SourceMap, _ diagnostic: Diagnostic, _ details: Bool = false) -> String {
        String(
            decoding: DiagnosticRenderer(sources: map).concise(diagnostic, includingDetails: details), as: UTF8.self)
    }

    @Test func conciseForm() {
        let map = map("x\n\t\ty\n")
        var diagnostic = Diagnostic(DiagnosticCode("rego_parse_error"), "unexpected y", at: span("y", in: map))
        #expect(concise(map, diagnostic) == "policy/authz.rego:2: rego_parse_error: unexpected y")
        diagnostic.details = LineDetail(line: Array("\t\ty z".utf8), index: 4)
        diagnostic.notes = ["note"]
        #expect(
            concise(map, diagnostic, true)
                == "policy/authz.rego:2: rego_parse_error: unexpected y\n\ty z\n\t  ^\n\tnote")
        #expect(concise(map, Diagnostic(DiagnosticCode("e"), "m", at: nil)) == "e: m")
    }

    @Test func namelessFilesShowTheColumn() {
        var map = SourceMap()
        map.add(name: [], text: Array("a b".utf8))
        let diagnostic = Diagnostic(DiagnosticCode("e"), "m", at: Span(source: SourceID(0), start: 2, end: 3))
        #expect(concise(map, diagnostic) == "1:3: e: m")
    }
}
