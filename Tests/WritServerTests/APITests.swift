import Testing
import WritServer

/// Statuses, headers and bodies are those of OPA.
@Suite struct APITests {
    private func check(
        _ server: TestServer, _ method: String, _ path: String, _ status: Int, _ want: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try check(server, method, path, "", status, want, sourceLocation: sourceLocation)
    }

    private func check(
        _ server: TestServer, _ method: String, _ path: String, _ body: String, headers: String = "",
        _ status: Int, _ want: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let response = try server.ask(method, path, body, headers: headers)
        #expect(response.status == status, sourceLocation: sourceLocation)
        #expect(response.body == want, sourceLocation: sourceLocation)
    }

    @Test func documents() throws {
        let server = try TestServer()
        try check(server, "GET", "/v1/data/k", 200, "{\"result\":{\"list\":[10,20]}}\n")
        try check(server, "GET", "/v1/data/k/list/1", 200, "{\"result\":20}\n")
        try check(server, "GET", "/v1/data/k/list/5", 200, "{}\n")
        try check(server, "GET", "/v1/data/a%2Fb", 200, "{\"result\":1}\n")
        try check(server, "GET", "/v1/data/a/b", 200, "{}\n")
        try check(server, "GET", "/v1/data/app/allow", 200, "{\"result\":false}\n")
        try check(server, "GET", "/v1/data/app/allow?input=%7B%22user%22:%22jo%22%7D", 200, "{\"result\":true}\n")
        let response = try server.ask("GET", "/v1/data/k")
        #expect(response.headers["content-type"] == "application/json")
        #expect(response.headers["vary"] == "Accept-Encoding")
        #expect(response.headers["content-length"] == "28")
        #expect(response.headers["connection"] == nil)
    }

    @Test func decisions() throws {
        let server = try TestServer()
        let path = "/v1/data/app/allow"
        try check(server, "POST", path, #"{"input": {"user": "jo"}}"#, 200, "{\"result\":true}\n")
        try check(server, "POST", path, #"{"Input": {"user": "jo"}} trailing"#, 200, "{\"result\":true}\n")
        try check(server, "POST", path, #"{"input": {"user": "x", "user": "jo"}}"#, 200, "{\"result\":true}\n")
        try check(server, "POST", "/v1/data/app/nope", #"{"input": 1}"#, 200, "{}\n")
        try check(server, "POST", path + "?pretty", #"{"input": 1}"#, 200, "{\n  \"result\": false\n}\n")
        try check(
            server, "POST", "/v1/data/app/echo?pretty=true", #"{"input": [1]}"#, 200,
            "{\n  \"result\": [\n    1\n  ]\n}\n")
        try check(
            server, "POST", path, "input: {user: jo}", headers: "Content-Type: application/yaml\r\n", 200,
            "{\"result\":true}\n")
    }

    @Test(arguments: ["", "{}", "null", #"{"input": null}"#, "  "])
    func missingInput(_ body: String) throws {
        let server = try TestServer()
        try check(
            server, "POST", "/v1/data/app/allow", body, 200,
            "{\"result\":false,\"warning\":{\"code\":\"api_usage_warning\","
                + "\"message\":\"'input' key missing from the request\"}}\n")
    }

    @Test(arguments: [
        (#"{"input":"#, "unexpected EOF"),
        ("[1]", "json: cannot unmarshal array into Go value of type types.DataRequestV1"),
        ("\"x\"", "json: cannot unmarshal string into Go value of type types.DataRequestV1"),
        ("1", "json: cannot unmarshal number into Go value of type types.DataRequestV1"),
        ("x", "invalid character 'x' looking for beginning of value"),
    ])
    func malformedInput(_ body: String, _ message: String) throws {
        let server = try TestServer()
        try check(
            server, "POST", "/v1/data/app/allow", body, 400,
            "{\n  \"code\": \"invalid_parameter\",\n  \"message\": \"body contains malformed input document: \(message)\"\n}\n"
        )
    }

    @Test func evaluationErrors() throws {
        let server = try TestServer()
        let conflict = try server.ask("POST", "/v1/data/app/c", #"{"input": {"n": true}}"#)
        #expect(conflict.status == 500)
        #expect(conflict.body.contains("\"code\": \"internal_error\""))
        #expect(conflict.body.contains("\"code\": \"eval_conflict_error\""))
        #expect(conflict.body.contains("\"file\": \"app.rego\",\n        \"row\": 13"))
        let path = "/v1/data/app/ratio"
        try check(server, "POST", path, #"{"input": {"n": 0}}"#, 200, "{}\n")
        let strict = try server.ask("POST", path + "?strict-builtin-errors", #"{"input": {"n": 0}}"#)
        #expect(strict.status == 500)
        #expect(strict.body.contains("\"message\": \"div: divide by zero\""))
        // The next request is not strict again.
        try check(server, "POST", path, #"{"input": {"n": 0}}"#, 200, "{}\n")
        try check(server, "POST", path, #"{"input": {"n": 2}}"#, 200, "{\"result\":0.5}\n")
    }

    @Test func parameters() throws {
        let server = try TestServer()
        let path = "/v1/data/app/allow"
        try check(
            server, "POST", path + "?explain=notes", #"{"input": 1}"#, 200, "{\"explanation\":[],\"result\":false}\n")
        try check(
            server, "POST", path + "?provenance", #"{"input": 1}"#, 200,
            "{\"provenance\":{\"version\":\"9.9\",\"build_commit\":\"\",\"build_timestamp\":\"\",\"build_hostname\":\"\"},"
                + "\"result\":false}\n")
        let metrics = try server.ask("POST", path + "?metrics", #"{"input": 1}"#)
        #expect(metrics.body.hasPrefix("{\"metrics\":{\"counter_server_query_cache_hit\":"))
        #expect(metrics.body.hasSuffix("},\"result\":false}\n"))
    }

    @Test func olderData() throws {
        let server = try TestServer()
        try check(server, "POST", "/v0/data/app/allow", #"{"user": "jo"}"#, 200, "true\n")
        try check(
            server, "POST", "/v0/data/app/no-pe", 404,
            "{\n  \"code\": \"undefined_document\",\n  \"message\": \"document missing: data.app[\\\"no-pe\\\"]\"\n}\n"
        )
        try check(
            server, "POST", "/v0/data/app/allow", "{", 400,
            "{\n  \"code\": \"invalid_parameter\",\n  \"message\": \"unexpected parse error for input: body contains "
                + "malformed input document: unexpected EOF\"\n}\n")
        try check(server, "GET", "/v0/data/app", 405, "")
    }

    @Test func defaultDecision() throws {
        let server = try TestServer()
        try check(
            server, "POST", "/", 404,
            "{\n  \"code\": \"undefined_document\",\n  \"message\": \"document missing: data.system.main\"\n}\n")
        server.store.replace(with: try TestServer.snapshot("package system\n\nmain := input.user"))
        try check(server, "POST", "/", #"{"user": "jo"}"#, 200, "\"jo\"\n")
        #expect(try server.ask("GET", "/").headers["content-type"] == "text/html; charset=utf-8")
    }

    @Test func health() throws {
        let server = try TestServer()
        try check(server, "GET", "/health", 200, "{}\n")
        try check(server, "GET", "/health?bundles=true&plugins=true", 200, "{}\n")
        try check(server, "HEAD", "/health", 200, "")
        try check(
            server, "GET", "/health/ready", 500,
            "{\"error\":\"health check (data.system.health.ready) was undefined\"}\n")
        server.store.replace(
            with: try TestServer.snapshot("package system.health\n\nready := input.plugins_ready\n\nlive := 1"))
        try check(server, "GET", "/health/ready", 200, "{}\n")
        try check(
            server, "GET", "/health/live", 500,
            "{\"error\":\"health check (data.system.health.live) returned unexpected value\"}\n")
        let refused = try server.ask("DELETE", "/health")
        #expect(refused.status == 405)
        #expect(refused.headers["allow"] == "GET, HEAD")
        #expect(refused.body == "Method Not Allowed\n")
    }

    @Test func pathsThatAreNone() throws {
        let server = try TestServer()
        let missing = try server.ask("GET", "/bogus")
        #expect(missing.status == 404)
        #expect(missing.body == "404 page not found\n")
        #expect(missing.headers["x-content-type-options"] == "nosniff")
        #expect(missing.headers["content-type"] == "text/plain; charset=utf-8")
        let slash = try server.ask("GET", "/v1/data/?a=1")
        #expect(slash.status == 301)
        #expect(slash.headers["location"] == "/v1/data?a=1")
        #expect(slash.body == "<a href=\"/v1/data?a=1\">Moved Permanently</a>.\n\n")
        let double = try server.ask("GET", "/v1/data//k/../app")
        #expect(double.status == 307)
        #expect(double.headers["location"] == "/v1/data/app")
        #expect(try server.ask("HEAD", "/v1/data/k").status == 405)
        #expect(try server.ask("OPTIONS", "/v1/data/k").status == 405)
    }

    @Test func newSnapshots() throws {
        let server = try TestServer()
        let client = try Client(port: server.server.port)
        client.send(Client.request("GET", "/v1/data/app/allow"))
        #expect(try client.response().body == "{\"result\":false}\n")
        server.store.replace(with: try TestServer.snapshot("package app\n\nallow := \"now\""))
        client.send(Client.request("GET", "/v1/data/app/allow"))
        #expect(try client.response().body == "{\"result\":\"now\"}\n")
    }
}
