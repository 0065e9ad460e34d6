import Testing
import Writ

/// What older engines could do, and what they refuse.
@Suite struct CapabilitiesTests {
    private func count(_ word: String, in text: String) -> Int { text.split(separator: word).count - 1 }

    /// Figures of OPA's own capabilities of these versions.
    @Test(arguments: [
        ("v0.17.0", 114, 0, 0), ("v0.25.0-rc1", 147, 0, 0), ("v0.25.0", 151, 0, 0), ("v0.40.0", 173, 0, 0),
        ("v0.44.0", 182, 9, 0), ("v0.70.0", 199, 9, 0), ("v1.0.0", 199, 9, 0), ("v1.12.0", 202, 9, 11),
        ("v1.20.2", 206, 9, 11),
    ])
    func versions(_ version: String, _ builtins: Int, _ nondeterministic: Int, _ deprecated: Int) throws {
        let capabilities = try #require(Capabilities(version: version))
        let text = String(decoding: capabilities.json(), as: UTF8.self)
        #expect(count(#"{"name":"#, in: text) == builtins)
        #expect(count(#""nondeterministic":true"#, in: text) == nondeterministic)
        #expect(count(#""deprecated":true"#, in: text) == deprecated)
    }

    @Test func language() throws {
        let wanted: [(version: String, end: String)] = [
            ("v0.17.0", "]}"), ("v0.26.0", "]}"),
            ("v0.27.0", #"],"wasm_abi_versions":[{"version":1,"minor_version":1}]}"#),
            (
                "v0.37.2",
                #","future_keywords":["in"],"wasm_abi_versions":[{"version":1,"minor_version":1},{"version":1,"minor_version":2}]}"#
            ),
            ("v0.58.0", #","features":["rule_head_ref_string_prefixes"]}"#),
            ("v0.70.0", #","features":["rule_head_ref_string_prefixes","rule_head_refs","rego_v1_import"]}"#),
            ("v1.5.1", #"{"version":1,"minor_version":2}],"features":["rego_v1"]}"#),
            ("v1.6.0", #","features":["keywords_in_refs","rego_v1"]}"#),
        ]
        for (version, end) in wanted {
            let text = String(decoding: try #require(Capabilities(version: version)).json(), as: UTF8.self)
            #expect(text.hasSuffix(end), "\(version): \(text.suffix(120))")
        }
        #expect(Capabilities(version: "v1.20.2")?.json() == Capabilities.current.json())
        #expect(Capabilities(version: "v9.0.0") == nil)
        #expect(Capabilities(version: "") == nil)
        #expect(Capabilities.versions.first == "v0.17.0")
        #expect(Capabilities.versions.last == "v1.20.2")
        #expect(Capabilities.versions.count == 149)
    }

    private func errors(
        _ text: String, _ version: String, _ rego: RegoVersion = .v1, schemas: Bool = false
    ) throws -> [String] {
        var options = CompileOptions()
        options.capabilities = try #require(Capabilities(version: version))
        do throws(CompileFailure) {
            _ = try Policy.compile(
                [PolicyFile(name: "a.rego", text: Array(text.utf8), version: rego)], options: options)
            return []
        } catch {
            return error.diagnostics.map { "\($0.code.text): \($0.message)" }
        }
    }

    @Test func builtins() throws {
        let text = "package p\nx := strings.count(\"a\", \"a\")"
        #expect(try errors(text, "v1.0.0") == [])
        #expect(try errors("package p\nx = strings.count(\"a\", \"a\")", "v0.67.0", .v0) == [])
        #expect(
            try errors("package p\nx = strings.count(\"a\", \"a\")", "v0.66.0", .v0)
                == ["rego_type_error: undefined function strings.count"])
        #expect(
            try errors("package p\nx := array.flatten([[1]])", "v1.12.0")
                == ["rego_type_error: undefined function array.flatten"])
    }

    @Test func keywordsInReferences() throws {
        #expect(try errors("package p\nx := input.if", "v1.6.0") == [])
        let refused = try errors("package p\nx := input.if", "v1.5.1")
        #expect(refused.first?.hasPrefix("rego_parse_error: unexpected if keyword") == true, "\(refused)")
        #expect(try errors("package p.not.q", "v1.6.0") == [])
        #expect(try !errors("package p.not.q", "v1.5.1").isEmpty)
    }

    @Test func heads() throws {
        let imports = "package p\nimport future.keywords.if\nimport future.keywords.contains\n"
        for (rule, version, wanted) in [
            ("a.b.c = 1", "v0.46.0", nil), ("a[x].c = 1 if { x = input }", "v0.59.0", nil),
            ("a[x] = 1 if { x = input }", "v0.44.0", nil), ("a contains 1", "v0.44.0", nil),
            ("a(1) = 2", "v0.44.0", nil),
            ("a.b.c = 1", "v0.44.0", "rego_compile_error: rule heads with refs are not supported: a.b.c"),
            ("a.b(x) = x", "v0.44.0", "rego_compile_error: rule heads with refs are not supported: a.b"),
            ("a.b contains 1", "v0.44.0", "rego_compile_error: rule heads with refs are not supported: a.b"),
            (
                "a[x].c = 1 if { x = input }", "v0.46.0",
                "rego_type_error: rule heads with general refs (containing variables) are not supported: a[x].c"
            ),
        ] as [(String, String, String?)] {
            #expect(try errors(imports + rule, version, .v0) == (wanted.map { [$0] } ?? []), "\(rule) \(version)")
        }
    }

    @Test func templates() throws {
        #expect(try errors("package p\nx := $\"{1}\"", "v1.12.0") == [])
        #expect(
            try errors("package p\nx := $\"{1}\"", "v1.11.1").first
                == "rego_parse_error: template strings are not supported by current capabilities")
        #expect(try errors("package p\nimport future.keywords.not\nx if not { input.a }", "v1.17.0") == [])
        #expect(try !errors("package p\nimport future.keywords.not\nx if not { input.a }", "v1.16.0").isEmpty)
        #expect(try !errors("package p\nimport future.keywords.or\nx if { input.a or input.b }", "v1.19.0").isEmpty)
    }
}
