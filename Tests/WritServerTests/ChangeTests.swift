import Testing
import Writ
import WritRuntime

@testable import WritServer

/// One request and what must come back; steps of a story follow each other on one server.
struct Step: Sendable {
    var method: String
    var path: String
    var body = ""
    var headers = ""
    var status: Int
    /// The whole body, or a part of it where it begins with `…`.
    var answer: String?

    init(_ method: String, _ path: String, _ status: Int, _ answer: String? = nil) {
        self.init(method, path, "", status, answer)
    }

    init(_ method: String, _ path: String, _ body: String, _ status: Int, _ answer: String? = nil) {
        (self.method, self.path, self.body, self.status, self.answer) = (method, path, body, status, answer)
    }

    func with(_ headers: String) -> Step {
        var step = self
        step.headers = headers + "\r\n"
        return step
    }

    func take(_ server: TestServer, _ place: SourceLocation) throws {
        let response = try server.ask(method, path, body, headers: headers)
        #expect(response.status == status, "\(method) \(path): \(response.body)", sourceLocation: place)
        guard let answer else { return }
        if answer.hasPrefix("…") {
            #expect(
                response.body.contains(answer.dropFirst()), "\(method) \(path): \(response.body)",
                sourceLocation: place)
        } else {
            #expect(response.body == answer, "\(method) \(path)", sourceLocation: place)
        }
    }

    static func take(
        _ steps: [Step], _ server: TestServer, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        for step in steps { try step.take(server, sourceLocation) }
    }
}

/// Policies and data that are changed over HTTP. Statuses and bodies are those of OPA.
@Suite struct ChangeTests {
    private static func error(_ code: String, _ message: String) -> String {
        "{\n  \"code\": \"\(code)\",\n  \"message\": \"\(message)\"\n}\n"
    }

    /// Bodies of 16 MiB and more are read straight into what keeps them, and given back on the way.
    @Test func largeDocumentsArePut() throws {
        let server = try TestServer()
        defer { server.stop() }
        func document(_ letter: String) -> String {
            let one = "\"" + String(repeating: letter, count: 16_000) + "\""
            return "{\"list\": [" + Array(repeating: "[" + one + "]", count: 1_100).joined(separator: ",") + "]}"
        }
        func answer(_ letter: String) -> String {
            "{\"result\":[\"" + String(repeating: letter, count: 16_000) + "\"]}\n"
        }
        try Step.take(
            [
                Step("PUT", "/v1/data/large", document("a"), 204, ""),
                Step("GET", "/v1/data/large/list/0", 200, answer("a")),
                Step("GET", "/v1/data/large/list/1099", 200, answer("a")),
                // What is no JSON changes nothing.
                Step("PUT", "/v1/data/large", String(document("b").dropLast()), 400, "…unexpected EOF"),
                Step("GET", "/v1/data/large/list/7", 200, answer("a")),
                // What follows the first value is not looked at, as with small ones.
                Step("PUT", "/v1/data/large", document("c") + " and more", 204, ""),
                Step("GET", "/v1/data/large/list/7", 200, answer("c")),
                Step("PATCH", "/v1/data/large/list/7", #"[{"op":"replace","path":"0","value":"d"}]"#, 204, ""),
                Step("GET", "/v1/data/large/list/7", 200, "{\"result\":[\"d\"]}\n"),
                Step("GET", "/v1/data/large/list/8", 200, answer("c")),
                Step("GET", "/v1/data/k/list", 200, "{\"result\":[10,20]}\n"),
                Step("DELETE", "/v1/data/large", 204, ""),
                Step("GET", "/v1/data/large", 200, "{}\n"),
            ], server)
    }

    @Test func documentsArePut() throws {
        let server = try TestServer()
        try Step.take(
            [
                Step("PUT", "/v1/data/a/b", #"{"c": 1}"#, 204, ""),
                Step("GET", "/v1/data/a", 200, "{\"result\":{\"b\":{\"c\":1}}}\n"),
                Step("PUT", "/v1/data/a/b/c", "2", 204),
                Step("GET", "/v1/data/a/b", 200, "{\"result\":{\"c\":2}}\n"),
                Step(
                    "PUT", "/v1/data/a/b/c/d", "1", 404,
                    Self.error("resource_conflict", "storage_write_conflict_error: /a/b/c")),
                Step("PUT", "/v1/data/x", "[1,2,3]", 204),
                Step("PUT", "/v1/data/x/1", "20", 204),
                Step("GET", "/v1/data/x", 200, "{\"result\":[1,20,2,3]}\n"),
                Step(
                    "PUT", "/v1/data/x/9", "1", 404,
                    Self.error("resource_conflict", "storage_write_conflict_error: /x")),
                Step("PUT", "/v1/data/new/deep/path", #"{"k": null}"#, 204),
                Step("GET", "/v1/data/new", 200, "{\"result\":{\"deep\":{\"path\":{\"k\":null}}}}\n"),
                Step("PUT", "/v1/data/a/b", "3", 304).with("If-None-Match: *"),
                Step("PUT", "/v1/data/a/z", "3", 204).with("If-None-Match: *"),
                Step("GET", "/v1/data/a", 200, "{\"result\":{\"b\":{\"c\":2},\"z\":3}}\n"),
                Step("PUT", "/v1/data/bad", "{", 400, Self.error("invalid_parameter", "unexpected EOF")),
                Step("PUT", "/v1/data/bad", 400, Self.error("invalid_parameter", "EOF")),
                Step("PUT", "/v1/data/s%2Ft", "1.0", 204),
                Step("GET", "/v1/data/s%2Ft", 200, "{\"result\":1.0}\n"),
                Step("GET", "/v1/data/s/t", 200, "{}\n"),
                Step("PUT", "/v1/data/m?metrics", "1", 200, "…timer_server_handler_ns"),
                Step(
                    "PUT", "/v1/data/app/allow", "1", 400,
                    "…rego_compile_error: conflicting rule for data path app/allow found"),
                Step("PUT", "/v1/data/app/other", "1", 204),
                Step("PUT", "/v1/data", "[]", 400, "…root must be object"),
                Step("PUT", "/v1/data", #"{"whole": 1, "system": {"x": 1}}"#, 204),
                Step("GET", "/v1/data/whole", 200, "{\"result\":1}\n"),
                Step("GET", "/v1/data/system", 200, "{\"result\":{\"x\":1}}\n"),
                Step("GET", "/v1/data/a", 200, "{}\n"),
            ], server)
        let whole = try server.ask("GET", "/v1/data")
        #expect(!whole.body.contains("system"))
        #expect(whole.body.contains("\"whole\":1"))
    }

    @Test func documentsArePatched() throws {
        let server = try TestServer()
        try Step.take(
            [
                Step("PATCH", "/v1/data/p", #"[{"op": "add", "path": "/", "value": {"l": [1]}}]"#, 204, ""),
                Step(
                    "PATCH", "/v1/data/p",
                    #"[{"op":"add","path":"/l/-","value":2},{"op":"replace","path":"l/0","value":0},{"op":"add","path":"/q~1r","value":"s"}]"#,
                    204),
                Step("GET", "/v1/data/p", 200, "{\"result\":{\"l\":[0,2],\"q/r\":\"s\"}}\n"),
                // All or nothing.
                Step(
                    "PATCH", "/v1/data/p", #"[{"op":"add","path":"/x","value":1},{"op":"remove","path":"/y"}]"#, 404,
                    Self.error("resource_not_found", "storage_not_found_error: /p/y: document does not exist")),
                Step("GET", "/v1/data/p/x", 200, "{}\n"),
                Step(
                    "PATCH", "/v1/data/p", #"[{"op":"test","path":"/l","value":1}]"#, 400,
                    Self.error("invalid_parameter", "bad patch operation: test")),
                Step(
                    "PATCH", "/v1/data/p", "{}", 400,
                    Self.error(
                        "invalid_parameter",
                        "json: cannot unmarshal object into Go value of type []types.PatchV1")),
                Step(
                    "PATCH", "/v1/data/p", #"[{"op":"replace","path":"/l/7","value":1}]"#, 404,
                    Self.error("resource_not_found", "storage_not_found_error: /p/l/7: array index out of range")),
                Step(
                    "PATCH", "/v1/data/p", #"[{"op":"replace","path":"/l/x","value":1}]"#, 404,
                    Self.error("resource_not_found", "storage_not_found_error: /p/l/x: array index must be integer")),
                Step(
                    "PATCH", "/v1/data/p", #"[{"op":"replace","path":"/l/-","value":1}]"#, 400,
                    Self.error("invalid_parameter", "storage_invalid_patch_error: /p/l/-: invalid patch path")),
                Step("DELETE", "/v1/data/p/l/0", 204),
                Step("GET", "/v1/data/p/l", 200, "{\"result\":[2]}\n"),
                Step("DELETE", "/v1/data/p", 204),
                Step(
                    "DELETE", "/v1/data/p", 404,
                    Self.error("resource_not_found", "storage_not_found_error: /p: document does not exist")),
                Step("DELETE", "/v1/data", 405, ""),
            ], server)
    }

    @Test func policiesAreChanged() throws {
        let server = try TestServer()
        let missing = Self.error("resource_not_found", "storage_not_found_error: policy id \\\"q\\\"")
        try Step.take(
            [
                Step("GET", "/v1/policies/q", 404, missing),
                Step("PUT", "/v1/policies/q", "package q\n\np := 1\n", 200, "{}\n"),
                Step("GET", "/v1/data/q/p", 200, "{\"result\":1}\n"),
                Step(
                    "GET", "/v1/policies/q", 200,
                    #"…{"result":{"id":"q","raw":"package q\n\np := 1\n","ast":{"package""#),
                Step("GET", "/v1/policies", 200, #"…{"result":[{"id":"app.rego","raw":"package app"#),
                Step("PUT", "/v1/policies/dir/q.rego", "package r\n\nimport data.q\n\ns := q.p + 1", 200, "{}\n"),
                Step("GET", "/v1/data/r/s", 200, "{\"result\":2}\n"),
                // The tree is that of what compiling makes of the text.
                Step(
                    "GET", "/v1/policies/dir/q.rego", 200,
                    #"…{"generated":true,"index":2,"terms":[{"type":"ref","value":[{"type":"var","value":"plus"}]},"#),
                Step("PUT", "/v1/policies/q", "package q\n\np := 5\n", 200, "{}\n"),
                Step("GET", "/v1/data/r/s", 200, "{\"result\":6}\n"),
                Step(
                    "PUT", "/v1/policies/bad", "package b\n\np if x > 1\n", 400,
                    "{\n  \"code\": \"invalid_parameter\",\n  \"message\": \"error(s) occurred while compiling module(s)\","
                        + "\n  \"errors\": [\n    {\n      \"code\": \"rego_unsafe_var_error\",\n      \"message\": "
                        + "\"var x is unsafe\",\n      \"location\": {\n        \"file\": \"bad\",\n        \"row\": 3,\n"
                        + "        \"col\": 6\n      }\n    }\n  ]\n}\n"),
                Step(
                    "PUT", "/v1/policies/bad", "package b\n\np if {", 400,
                    "…\"details\": {\n        \"line\": \"p if {\""),
                Step(
                    "PUT", "/v1/policies/empty", 400,
                    Self.error("invalid_parameter", "empty:0: rego_parse_error: empty module")),
                Step(
                    "PUT", "/v1/policies/k", "package k\n\nlist := 2\n", 400,
                    "…conflicting rule for data path k/list found"),
                // What was refused is not there.
                Step("GET", "/v1/policies/bad", 404),
                Step("GET", "/v1/data/r/s", 200, "{\"result\":6}\n"),
                Step("DELETE", "/v1/policies/q", 200, "{}\n"),
                Step("GET", "/v1/data/r", 200, "{\"result\":{}}\n"),
                Step("DELETE", "/v1/policies/q", 404, missing),
                Step("PUT", "/v1/policies/m?metrics&pretty", "package m\n", 200, "…timer_rego_module_compile_ns"),
                Step("POST", "/v1/policies/p1", "package a", 405, ""),
                Step("DELETE", "/v1/policies", 405, ""),
                Step("PUT", "/v1/policies", "package a", 405, ""),
            ], server)
    }

    @Test func bundlesOwnTheirRoots() throws {
        let server = try TestServer { configuration in
            configuration.bundles = [ActiveBundle(name: "b", revision: "r7", roots: ["k", "app"])]
        }
        func owned(_ path: String) -> String {
            Self.error("invalid_parameter", "path \(path) is owned by bundle \\\"b\\\"")
        }
        try Step.take(
            [
                Step("PUT", "/v1/data/k/x", "1", 400, owned("k/x")),
                Step("DELETE", "/v1/data/k", 400, owned("k")),
                Step("PATCH", "/v1/data", #"[{"op":"remove","path":"/k"}]"#, 400, owned("k")),
                Step("PUT", "/v1/data", "{}", 400, "…document root"),
                Step("PUT", "/v1/data/other", "1", 204),
                Step("PUT", "/v1/policies/p", "package app.more\n\np := 1\n", 400, owned("app/more")),
                Step("PUT", "/v1/policies/p", "package other2\n\np := 1\n", 200, "{}\n"),
                Step("DELETE", "/v1/policies/app.rego", 400, owned("app")),
                Step(
                    "GET", "/v1/data/k/list/0?provenance", 200,
                    #"…"bundles":{"b":{"revision":"r7"}}},"result":10}"#),
            ], server)
    }

    /// Decisions go on with one snapshot or the next while others are put in place.
    @Test func changesUnderLoad() throws {
        let server = try TestServer()
        let reader = try Client(port: server.server.port)
        let writer = try Client(port: server.server.port)
        for number in 0..<40 {
            writer.send(Client.request("PUT", "/v1/data/k/n", "{\"a\": \(number), \"b\": \(number)}"))
            for _ in 0..<5 { reader.send(Client.request("GET", "/v1/data/k/n")) }
            for _ in 0..<5 {
                let body = try reader.response().body
                let numbers = body.split(whereSeparator: { !$0.isNumber })
                #expect(body == "{}\n" || numbers.count == 2 && numbers[0] == numbers[1])
            }
            #expect(try writer.response().status == 204)
        }
        #expect(try server.ask("GET", "/v1/data/k/n/a").body == "{\"result\":39}\n")
    }
}
