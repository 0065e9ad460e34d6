import Testing
import Writ

/// What schemas let the type checker know, and what capabilities leave.
@Suite struct SchemaTests {
    static let device = """
        {"type": "object", "properties": {"name": {"type": "string"}, "size": {"type": "integer"},
         "tags": {"type": "array", "items": {"type": "string"}}, "pair": {"items": [{"type": "number"}, {"type": "null"}]},
         "any": {"anyOf": [{"type": "string"}, {"type": "object", "properties": {"a": {"type": "number"}}}]},
         "all": {"allOf": [{"properties": {"a": {"type": "number"}}}, {"properties": {"b": {"type": "string"}}}]},
         "next": {"$ref": "#/definitions/node"}, "open": {"type": "object"}, "free": {}},
         "definitions": {"node": {"type": "object", "properties": {"v": {"type": "boolean"}, "next": {"$ref": "#/definitions/node"}}}}}
        """

    private func errors(_ rules: String, _ schemas: [([String], String)], metadata: String = "{}") throws -> [String] {
        var options = CompileOptions()
        var set = SchemaSet()
        for (path, text) in schemas { try set.add(Array(text.utf8), at: path.map { Array($0.utf8) }) }
        options.schemas = set
        options.readYAML = { _ in .json(Array(metadata.utf8)) }
        do throws(CompileFailure) {
            _ = try Policy.check(
                [PolicyFile(name: "p.rego", text: Array("package p\n\n\(rules)\n".utf8))], options: options)
            return []
        } catch {
            return error.diagnostics.map { "\($0.position(in: error.sources)?.row ?? 0): \($0.message)" }
        }
    }

    @Test(arguments: [
        ("x := input.nam", "3: undefined ref: input.nam"), ("x := input.name", nil),
        ("x if input.name == 1", "3: match error"), ("x := input.name + 1", "3: plus: invalid argument(s)"),
        ("x := input.size + 1", nil), ("x := input.tags[0].a", "3: undefined ref: input.tags[0].a"),
        ("x if input.tags[_] == 1", "3: match error"), ("x := input.pair[0] + 1", nil),
        ("x := input.pair[2]", "3: undefined ref: input.pair[2]"), ("x := input.any.a", nil),
        ("x := input.any.b", "3: undefined ref: input.any.b"), ("x := input.all.a", nil), ("x := input.all.b", nil),
        ("x := input.all.c", "3: undefined ref: input.all.c"), ("x := input.next.next.next.v", nil),
        ("x := input.next.next.w", "3: undefined ref: input.next.next.w"), ("x := input.open.y.z", nil),
        ("x := input.free.y.z", nil), ("x if { some k; input[k] == 1 }", nil),
    ])
    func ofInput(_ rule: String, _ error: String?) throws {
        #expect(try errors(rule, [([], Self.device)]) == (error.map { [$0] } ?? []))
    }

    @Test(arguments: [
        (
            #"{"$ref": "http://a.example/b"}"#,
            "unable to compile the schema: schemas are not fetched: http://a.example/b"
        ),
        (#"{"type": "text"}"#, "unable to compile the schema: has a primitive type that is NOT VALID"),
        (##"{"$ref": "#/definitions/x"}"##, "unable to compile the schema: Object has no key"),
        (#"{"allOf": [{"type": "string"}, {"type": "number"}]}"#, "unable to merge these schemas: type mismatch"),
        ("[1]", "unable to compile the schema: schema is invalid"),
    ])
    func badSchemas(_ schema: String, _ error: String) throws {
        let found = try errors("x := 1", [([], schema)])
        #expect(found.count == 1 && found[0].hasPrefix("0: " + error), "\(found)")
    }

    private static let block = "# METADATA\n# x: y\n"

    @Test func ofAnnotations() throws {
        let schemas = [(["device"], Self.device)]
        let named = #"{"schemas": [{"input": "schema.device"}]}"#
        #expect(
            try errors(Self.block + "x := input.nam\n\ny := input.nam", schemas, metadata: named)
                == ["5: undefined ref: input.nam"])
        let document = #"{"scope": "document", "schemas": [{"input": "schema.device"}]}"#
        #expect(
            try errors(Self.block + "x if input.nam\n\nx if input.nm\n\ny if input.nam", schemas, metadata: document)
                == ["5: undefined ref: input.nam", "7: undefined ref: input.nm"])
        let unknown = #"{"schemas": [{"input": "schema.nope"}]}"#
        #expect(
            try errors(Self.block + "x if input.nam", schemas, metadata: unknown) == [
                "5: undefined schema: schema.nope"
            ])
    }

    @Test func overriding() throws {
        let inline = """
            {"schemas": [{"input": "schema.device"}, {"input.size": {"type": "string"}},
             {"data.acl": {"type": "object", "properties": {"a": {"type": "number"}}}}]}
            """
        let schemas = [(["device"], Self.device)]
        #expect(try errors(Self.block + "x if input.size == 1", schemas, metadata: inline) == ["5: match error"])
        #expect(try errors(Self.block + "x if input.name == 1", schemas, metadata: inline) == ["5: match error"])
        #expect(
            try errors(Self.block + "x := data.acl.b", schemas, metadata: inline) == ["5: undefined ref: data.acl.b"])
        #expect(try errors(Self.block + "x := data.other.b", schemas, metadata: inline) == [])
    }

    // MARK: Capabilities

    private func errors(_ text: String, capabilities: String, version: RegoVersion = .v1) throws -> [String] {
        var options = CompileOptions()
        options.capabilities = try Capabilities(reading: Array(capabilities.utf8))
        do throws(CompileFailure) {
            _ = try Policy.check(
                [PolicyFile(name: "p.rego", text: Array(text.utf8), version: version)], options: options)
            return []
        } catch { return error.diagnostics.map { $0.message } }
    }

    @Test func builtinsAndLanguage() throws {
        let few = #"{"builtins": [{"name": "plus"}], "features": ["rego_v1"]}"#
        #expect(try errors("package p\nx := 1 + 2", capabilities: few) == [])
        #expect(try errors("package p\nx := 1 - 2", capabilities: few) == ["undefined function minus"])
        #expect(try errors("package p\nx := count([])", capabilities: few) == ["undefined function count"])
        #expect(
            try errors("package p\nx := $\"a\"", capabilities: few)
                .contains("template strings are not supported by current capabilities"))
        #expect(
            try errors("package p\nx := 1", capabilities: "{}")
                == ["illegal capabilities: rego_v1 feature required for parsing v1 Rego"])
        #expect(
            try errors("package p\nimport rego.v1", capabilities: "{}", version: .v0)
                == ["invalid import, `rego.v1` is not supported by current capabilities"])
        #expect(
            try errors(
                "package p\nimport future.keywords.if", capabilities: #"{"future_keywords": ["in"]}"#, version: .v0)
                == ["unexpected keyword, must be one of [in]"])
        #expect(
            try errors("package p\nimport future.keywords.and", capabilities: few)
                == ["unexpected keyword, must be one of [contains every if in]"])
        #expect(throws: Capabilities.ReadFailure.self) { try Capabilities(reading: Array("[".utf8)) }
    }

    @Test func currentOnesComeBack() throws {
        let json = Capabilities.current.json()
        #expect(try Capabilities(reading: json).json() == json)
    }
}
