import RegoSyntax
import Testing
import WritSource

/// Metadata blocks. JSON is YAML, so the tests' blocks are JSON and need no reader of YAML.
struct MetadataTests {
    private static func parse(_ text: String) -> Parsed {
        Parsed(text) { options in
            options.readYAML = { text in
                text.starts(with: Array("!".utf8))
                    ? .failure(String(decoding: text.dropFirst().dropLast(), as: UTF8.self)) : .json(text)
            }
        }
    }

    /// What is said of the last rule of a module, as Rego text.
    private static func value(_ text: String) throws -> String {
        let parsed = parse(text)
        #expect(parsed.errors == "")
        let module = try #require(parsed.module)
        var errors: [Diagnostic] = []
        let set = AnnotationSet([module], SourceMap(), &errors)
        var names = parsed.names
        let term = set.ruleValue(module.rules.count - 1, in: 0, isElse: false, at: .none, &names)
        return names.text(of: term)
    }

    @Test(
        "What a block says",
        arguments: [
            (#"{"title":"x","description":"d"}"#, #"{"description": "d", "scope": "rule", "title": "x"}"#),
            (#"{"title":null,"foo":1}"#, #"{"scope": "rule"}"#),
            ("null", #"{"scope": "rule"}"#),
            (#"{"organizations":["a",1,null,true]}"#, #"{"organizations": ["a", "1", "true"], "scope": "rule"}"#),
            (
                #"{"authors":["Jo Bl <jo@x.y>","<a@b>",{"name":"n"},{"email":" e "}]}"#,
                #"{"authors": [{"email": "jo@x.y", "name": "Jo Bl"}, {"email": "a@b"}, {"name": "n"}, "#
                    + #"{"email": "e"}], "scope": "rule"}"#
            ),
            (
                #"{"related_resources":["http://a.b/c d?x=y z",{"ref":"HTTP://x","description":" d "}]}"#,
                #"{"related_resources": [{"ref": "http://a.b/c%20d?x=y z"}, {"description": "d", "#
                    + #""ref": "http://x"}], "scope": "rule"}"#
            ),
            (
                #"{"custom":{"c":1.0,"d":1e3,"l":0.10,"o":1.5e300,"s":0.0000001,"n":[null,{"a":-0.5}]}}"#,
                #"{"custom": {"c": 1, "d": 1000, "l": 0.1, "n": [null, {"a": -0.5}], "o": 1.5e+300, "s": 1e-7}, "#
                    + #""scope": "rule"}"#
            ),
            (
                #"{"schemas":[{"input":"schema.input"},{"data.a":{"type":"string"}}]}"#,
                #"{"schemas": [{"path": ["input"], "schema": ["schema", "input"]}, "#
                    + #"{"definition": {"type": "string"}, "path": ["data", "a"]}], "scope": "rule"}"#
            ),
            (#"{"labels":{"a":[1,2]},"custom":{}}"#, #"{"labels": {"a": [1, 2]}, "scope": "rule"}"#),
            (#"{"compile":{"unknowns":["input.x"],"mask_rule":"mask"}}"#, #"{"scope": "rule"}"#),
            (#"{"scope":"document"}"#, "{}"),
            (#"{"entrypoint":"yes"}"#, "{}"),
        ])
    func says(block: String, value: String) throws {
        #expect(try Self.value("package t\n\n# METADATA\n# \(block)\np := 1\n") == value)
    }

    @Test(
        "What is refused",
        arguments: [
            (#"{"title": ["a"]}"#, "4:1 yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into string"),
            (#"{"title": {"a": 1}}"#, "4:1 yaml: unmarshal errors:\n  line 1: cannot unmarshal !!map into string"),
            (
                #""hello there people""#,
                "4:1 yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `hello t...` into ast.rawAnnotation"
            ),
            ("[]", "4:1 yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into ast.rawAnnotation"),
            (
                #"{"entrypoint": 1.5}"#,
                "4:1 yaml: unmarshal errors:\n  line 1: cannot unmarshal !!float `1.5` into bool"
            ),
            (
                #"{"organizations": "a"}"#,
                "4:1 yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `a` into []string"
            ),
            (
                #"{"authors": "x"}"#,
                "4:1 yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `x` into []interface {}"
            ),
            (
                #"{"custom": "x"}"#,
                "4:1 yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `x` into map[string]interface {}"
            ),
            (
                #"{"schemas": ["x"]}"#,
                "4:1 yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `x` into map[string]interface {}"
            ),
            (
                #"{"authors": [5]}"#,
                "3:1 invalid author definition %!s(int=5): invalid value type, must be string or map"
            ),
            (#"{"authors": [""]}"#, "3:1 invalid author definition : author is an empty string"),
            (
                #"{"authors": [{"x": 1}]}"#,
                "3:1 invalid author definition map[x:%!s(int=1)]: 'name' and/or 'email' values required in object"
            ),
            (
                #"{"related_resources": [":foo"]}"#,
                #"3:1 invalid related-resource definition :foo: parse ":foo": missing protocol scheme"#
            ),
            (
                #"{"related_resources": ["%zz"]}"#,
                #"3:1 invalid related-resource definition %zz: parse "%zz": invalid URL escape "%zz""#
            ),
            (
                #"{"related_resources": [{"a": 1}]}"#,
                "3:1 invalid related-resource definition map[a:%!s(int=1)]: 'ref' value required in object"
            ),
            (#"{"schemas": [{"data.a[": "schema.x"}]}"#, "3:1 invalid document reference"),
            (#"{"schemas": [{"input": "foo"}]}"#, "3:1 invalid schema reference"),
            (#"{"schemas": [{"input": 5}]}"#, #"3:1 invalid schema declaration for path "input""#),
            (#"{"compile": {"mask_rule": "1"}}"#, #"3:1 invalid mask_rule annotation type "1": string"#),
            (
                #"{"compile": {"unknowns": ["a["]}}"#,
                "3:1 invalid unknowns element \"a[\": failed to parse ref: failed to parse term: 1 error occurred: "
                    + "1:2: rego_parse_error: unexpected eof token\n\ta[\n\t ^"
            ),
            (
                #"{"scope": "bogus"}"#,
                "3:1 invalid annotation scope 'bogus'. Use one of 'rule', 'document', 'package', or 'subpackages'"
            ),
            (
                #"{"scope": "package"}"#, "3:1 annotation scope 'package' must be applied to package (have rule)"
            ),
            (
                #"{"scope": "subpackages"}"#,
                "3:1 annotation scope 'subpackages' must be applied to package (have rule)"
            ),
            (
                #"{"entrypoint": true, "scope": "rule"}"#,
                "3:1 annotation entrypoint applied to non-document or package scope 'rule'"
            ),
            ("", "3:1 expected METADATA block, found whitespace"),
        ])
    func refused(block: String, error: String) {
        #expect(Self.parse("package t\n\n# METADATA\n# \(block)\np := 1\n").errors == error)
    }

    @Test func brokenYAML() {
        let parsed = Self.parse("package t\n\n# METADATA\n# !yaml: line 2: no key\n# a:b\n# c: d\np := 1\n")
        let message =
            "yaml: line 2: no key\na:b\nc: d\n"
            + "  Hint: on line 5, symbol(s) ['b'] immediately following a key/value separator ':' is not a legal yaml "
            + "space character"
        #expect(parsed.errors == "6:1 " + message)
        #expect(parsed.diagnostics.first?.details == LineDetail(line: Array("# c: d".utf8), index: 0))
    }

    @Test(
        "What a block stands before",
        arguments: [
            (
                "# METADATA\n# {}\nimport data.x\n",
                "3:1 invalid annotation scope 'import'. Use one of 'rule', 'document', 'package', or 'subpackages'"
            ),
            (
                "# METADATA\n# {\"scope\": \"rule\"}\nimport data.x\n",
                "3:1 annotation scope 'rule' must be applied to rule (have import)"
            ),
            ("# METADATA\n# {\"scope\": \"rule\"}\n", "3:1 annotation scope 'rule' must be applied to rule"),
            (
                "# METADATA\n# {}\n",
                "3:1 invalid annotation scope ''. Use one of 'rule', 'document', 'package', or 'subpackages'"
            ),
            // Neither is a block: one stands behind something, the other's lines do.
            ("p := 1 # METADATA\n# [\n", ""),
            ("  # METADATA\n# [\np := 1\n", ""),
        ])
    func places(text: String, error: String) { #expect(Self.parse("package t\n\n" + text).errors == error) }

    @Test func chain() throws {
        let first = """
            # METADATA
            # {"scope": "subpackages", "title": "all"}
            package a
            # METADATA
            # {"title": "p"}
            package_rule := 1
            """
        let second = """
            # METADATA
            # {"title": "b"}
            package a.b
            # METADATA
            # {"scope": "document", "title": "doc"}
            # METADATA
            # {"title": "far"}
            # METADATA
            # {"title": "near"}
            p.q := 1 if { input.x } else := 2
            p.q := 2 if { input.y }
            """
        var sources = SourceMap()
        var names = NameTable()
        var modules: [Module] = []
        for text in [first, second] {
            let id = sources.add(name: Array("m\(sources.files.count).rego".utf8), text: Array(text.utf8))
            var options = ParserOptions()
            options.readYAML = { .json($0) }
            let file = try #require(sources.file(id))
            let (module, found) = parseModule(file, options: options, names: &names)
            #expect(found.isEmpty)
            modules.append(try #require(module))
        }
        var errors: [Diagnostic] = []
        let set = AnnotationSet(modules, sources, &errors)
        #expect(errors.isEmpty)
        func titles(_ rule: Int, isElse: Bool = false) -> [String] {
            set.chain(of: rule, in: 1, isElse: isElse).map { link in
                let path = link.path.map { names.text(of: $0) }.joined(separator: "/")
                return path + " " + (link.annotation.flatMap { set[$0].title }.map { names.text($0) } ?? "-")
            }
        }
        let outer = [#"data/"a"/"b"/"p"/"q" doc"#, #"data/"a"/"b" b"#, #"data/"a" all"#]
        #expect(titles(0) == [#"data/"a"/"b"/"p"/"q" near"#, #"data/"a"/"b"/"p"/"q" far"#] + outer)
        #expect(titles(0, isElse: true) == [#"data/"a"/"b"/"p"/"q" -"#] + outer)
        #expect(titles(1) == [#"data/"a"/"b"/"p"/"q" -"#] + outer)
    }

    @Test func redeclared() throws {
        var sources = SourceMap()
        var names = NameTable()
        var modules: [Module] = []
        for _ in 0..<2 {
            let text = "# METADATA\n# {}\npackage a\n# METADATA\n# {\"scope\": \"document\"}\np := 1\n"
            let id = sources.add(name: Array("m\(sources.files.count).rego".utf8), text: Array(text.utf8))
            var options = ParserOptions()
            options.readYAML = { .json($0) }
            let file = try #require(sources.file(id))
            modules.append(try #require(parseModule(file, options: options, names: &names).0))
        }
        var errors: [Diagnostic] = []
        _ = AnnotationSet(modules, sources, &errors)
        #expect(
            errors.map { $0.message } == [
                "package annotation redeclared: m0.rego:1", "document annotation redeclared: m0.rego:4",
            ])
        #expect(errors.map { $0.position(in: sources)?.row } == [1, 4])
    }

    @Test func inTheTree() {
        let parsed = Self.parse("package t\n# METADATA\n# {\"title\": \"x\", \"custom\": {\"a\": [1]}}\np := 1\n")
        let annotations = #""annotations":[{"scope":"rule","title":"x","custom":{"a":[1]}}]"#
        #expect(parsed.json.hasPrefix(#"{"package":{"path":[{"type":"var","value":"data"}"#))
        #expect(parsed.json.contains("," + annotations + #","rules":[{"# + annotations + ","))
    }
}
