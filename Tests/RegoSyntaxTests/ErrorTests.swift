import RegoSyntax
import Testing
import WritSource

struct ErrorTests {
    /// What stands under `package t` from row 3 on, and the errors as `row:column message`.
    @Test(arguments: [
        (
            "p := [1 2]",
            """
            3:9 unexpected number token: expected "," or "]"
            3:9 unexpected number token: expected rule value term (e.g., p := <VALUE> { ... })
            """
        ),
        (
            "p := [1",
            """
            4:0 unexpected eof token: expected "," or "]"
            4:0 unexpected eof token: expected rule value term (e.g., p := <VALUE> { ... })
            """
        ),
        (
            "p := {1: 2, 3}",
            """
            3:10 unexpected number token: non-terminated object
            3:10 unexpected number token: expected rule value term (e.g., p := <VALUE> { ... })
            """
        ),
        (
            "p := (1",
            """
            4:0 non-terminated expression
            4:0 unexpected eof token: expected rule value term (e.g., p := <VALUE> { ... })
            """
        ),
        ("p := \"a", "3:6 non-terminated string\n3:6 illegal token\n3:6 illegal token"),
        ("p := \"a\\qb\"", "3:6 illegal escape sequence\n3:6 illegal token\n3:6 illegal token"),
        ("p := @", "3:6 illegal token\n3:6 illegal token"),
        ("p := 1 !", "3:8 illegal ! character"),
        ("p := 1.", "3:6 expected fraction\n3:6 illegal token\n3:6 illegal token"),
        ("p := 1e", "3:6 expected exponent\n3:6 illegal token\n3:6 illegal token"),
        ("p := 12abc", "3:6 illegal number format\n3:6 illegal token\n3:6 illegal token"),
        (
            "p := 007",
            """
            3:6 unexpected number token: expected number without leading zero
            3:6 unexpected number token: expected rule value term (e.g., p := <VALUE> { ... })
            """
        ),
        (
            "p := 1e100000",
            """
            3:6 number too big
            3:6 unexpected number token: expected rule value term (e.g., p := <VALUE> { ... })
            """
        ),
        (
            "p := a.",
            """
            4:0 unexpected whitespace token: expected identifier
            4:0 unexpected whitespace token: expected rule value term (e.g., p := <VALUE> { ... })
            """
        ),
        (
            "p := a[1",
            """
            4:0 unexpected eof token: expected [
            4:0 unexpected eof token: expected rule value term (e.g., p := <VALUE> { ... })
            """
        ),
        ("p := \"a\".b", "3:6 illegal ref (head cannot be string)"),
        ("p { 1 }", "3:1 `if` keyword is required before rule body"),
        ("f(x) { 1 }", "3:1 `if` keyword is required before function body"),
        (
            "p[x] { x := 1 }",
            """
            3:1 `if` keyword is required before rule body
            3:1 `contains` keyword is required for partial set rules
            """
        ),
        ("p[1]", "3:1 `contains` keyword is required for partial set rules"),
        ("p.q.r", "3:1 rule must have value assignment and/or body declaration"),
        ("p", "3:1 var cannot be used for rule name"),
        ("1", "3:1 number cannot be used for rule name"),
        ("not p", "3:1 negated expressions cannot be used for rule head"),
        ("p := 1 with input as 2", "3:1 expressions using with keyword cannot be used for rule head"),
        ("p := 1; q := 2", "3:1 multiple expressions cannot be used for rule head"),
        ("some x", "3:1 'some' declarations cannot be used for rule head"),
        ("1 == 1", "3:1 rule name conflicts with built-in function"),
        ("package x", "3:1 unexpected package"),
        (
            "import foo",
            """
            3:8 unexpected import path, must begin with one of: {data, future, input, rego}, got: foo \
            (hint: if this is unexpected, try updating OPA)
            """
        ),
        (
            "import data.x.if",
            """
            3:15 unexpected import path, must not end with a keyword, got: if \
            (hint: import a different path or use an alias)
            """
        ),
        ("import data[1]", "3:13 unexpected number token: expecting string"),
        ("import data.x as 1", "3:18 unexpected number token: expected var"),
        ("import future.x", "3:8 invalid import, must be `future.keywords`"),
        (
            "import future.keywords.x",
            "3:8 unexpected keyword, must be one of [and contains every if in not or]"
        ),
        ("import future.keywords as x", "3:8 `future` imports cannot be aliased"),
        ("import rego.v2", "3:8 invalid import `rego.v2`, must be `rego.v1`"),
        ("default p := x", "3:1 illegal default rule (value cannot contain var)"),
        ("default p := [f(x)]", "3:1 illegal default rule (value cannot contain call)"),
        ("default p.q", "3:1 illegal default rule (must have a value)"),
        ("default f(1) := 1", "3:1 illegal default rule (arguments cannot contain number)"),
        ("default f(x, x) := 1", "3:1 illegal default rule (arguments cannot be repeated x)"),
        ("p if { x } { y }\nelse := 1", "4:1 unexpected else keyword"),
        ("p contains 1 if { x } else := 1", "3:23 else keyword cannot be used on multi-value rules"),
        ("p[x] := 1 if { x } else := 1", "3:20 else keyword cannot be used on rules with variables in head"),
        ("p {}", "3:4 found empty body"),
        ("p if { x y }", "3:10 unexpected identifier token: expected \\n or ; or }"),
        ("p if every x { y }", "3:14 unexpected { token: expected `x[, y] in xs { ... }` expression"),
        ("p if not some x in y", "3:10 unexpected some keyword: illegal negation of 'some'"),
        (
            "f(x) contains 1",
            """
            3:6 unexpected contains keyword: the contains keyword can only be used with multi-value rule definitions \
            (e.g., f contains <VALUE> { ... })
            """
        ),
        (
            "p := $\"{x := 1}\"",
            """
            3:9 unexpected assignment (':=') in template-string expression
            3:15 unexpected } token: expected rule value term (e.g., p := <VALUE> { ... })
            """
        ),
    ])
    func reports(text: String, expected: String) {
        let parsed = Parsed("package t\n\n" + text + "\n")
        #expect(parsed.errors == expected)
        for diagnostic in parsed.diagnostics { #expect(diagnostic.code == .regoParseError) }
    }

    @Test func modulesNeedAPackage() {
        #expect(Parsed("p := 1\n").errors == "1:1 package expected")
        #expect(Parsed("").errors == "0:0 empty module")
        #expect(Parsed("# only a comment\n").errors == "0:0 empty module")
    }

    @Test func everyBodilessProblemIsReported() {
        let parsed = Parsed("package t\np { 1 }\nq[1]\nr\n")
        #expect(
            parsed.errors == """
                4:1 var cannot be used for rule name
                2:1 `if` keyword is required before rule body
                3:1 `contains` keyword is required for partial set rules
                """)
    }

    @Test func version0Hints() {
        let parsed = Parsed("package t\np { some x in y }\n", .v0)
        #expect(
            parsed.errors == """
                2:12 unexpected identifier token: expected \\n or ; or } \
                (hint: `import future.keywords.in` for `some x in xs` expressions)
                """)
        #expect(Parsed("package t\np = $\"{x}\"\n", .v0).errors.hasPrefix("2:5 template strings are not supported"))
    }

    @Test func nameOfBuiltinsComesFromOutside() {
        let isCount: @Sendable (ArraySlice<UInt8>) -> Bool = { $0.elementsEqual("count".utf8) }
        #expect(Parsed("package t\ncount(x)\n").errors == "")
        #expect(
            Parsed("package t\ncount(x)\n") { $0.isBuiltin = isCount }.errors
                == "2:1 rule name conflicts with built-in function")
    }

    /// Columns count code points, indexes bytes; a tab and a CR are one character each.
    @Test(arguments: [
        ("package t\n\np := [\"日本\", @]\n", 3, 13, "p := [\"日本\", @]", 16),
        ("package t\r\n\r\n\tp := @\r\n", 3, 7, "\tp := @", 6),
        ("package t\np := [1,\n", 3, 0, "p := [1,", 7),
        ("package t\np := [1,", 2, 8, "p := [1,", 7),
        ("\u{FEFF}package t\np := @", 2, 6, "p := @", 5),
    ])
    func placesAndDetails(text: String, row: Int, column: Int, line: String, index: Int) {
        let parsed = Parsed(text)
        let diagnostic = parsed.diagnostics.first
        let place = diagnostic?.position ?? diagnostic?.span.map { parsed.file.position(at: $0.start) }
        #expect(place == Position(row: row, column: column))
        #expect(diagnostic?.details == LineDetail(line: Array(line.utf8), index: index))
    }

    @Test(
        arguments: [
            ([0x70, 0x00, 0x3D, 0x31], "illegal null character"),
            ([0x70, 0xFF, 0x3D, 0x31], "illegal utf-8 character"),
            ([0x70, 0xED, 0xA0, 0x80], "illegal utf-8 character"),
            ([0x70, 0xEF, 0xBB, 0xBF], "illegal byte-order mark"),
        ] as [([UInt8], String)])
    func unusualBytes(bytes: [UInt8], message: String) {
        let parsed = Parsed(Array("package t\n".utf8) + bytes)
        #expect(parsed.errors.contains(message))
    }

    @Test func errorsAsExcerpts() {
        var sources = SourceMap()
        let text = "package t\n\n\tp := [\"日本\",\t1 2]\n"
        sources.add(name: Array("a.rego".utf8), text: Array(text.utf8))
        let parsed = Parsed(text)
        let excerpt = parsed.diagnostics.first.map { DiagnosticRenderer(sources: sources).excerpt($0) } ?? []
        #expect(
            String(decoding: excerpt, as: UTF8.self) == """
                error[rego_parse_error]: unexpected number token: expected "," or "]"
                  ┌─ a.rego:3:16
                3 │     p := ["日本",   1 2]
                  │                       ^

                """)
    }
}

struct RecoveryTests {
    @Test func goesOnBehindBrokenStatements() {
        let text = """
            package t

            p := [1 2]

            q if {
              x :=
            }
            r := 3
            import 1
            s := 4
            """
        let whole = Parsed(text)
        #expect(whole.rules == [])
        #expect(whole.diagnostics.allSatisfy { $0.position?.row ?? 3 == 3 })
        let recovered = Parsed(text) { $0.recovers = true }
        #expect(recovered.rules == ["r := 3", "s := 4"])
        #expect(
            recovered.errors == """
                3:9 unexpected number token: expected "," or "]"
                3:9 unexpected number token: expected rule value term (e.g., p := <VALUE> { ... })
                7:1 unexpected } token
                9:8 unexpected number token
                """)
    }

    @Test func recoveryEndsWithTheText() {
        #expect(Parsed("package t\np := [") { $0.recovers = true }.module != nil)
        #expect(Parsed("@\npackage t\np := 1\n") { $0.recovers = true }.module == nil)
    }
}
