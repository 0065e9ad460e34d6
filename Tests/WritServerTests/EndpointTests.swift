import Testing
import Writ

@testable import WritServer

/// Queries, configuration, metrics, authorization and what else there is beside decisions.
@Suite struct EndpointTests {
    @Test func queries() throws {
        let server = try TestServer()
        let empty = "{\n  \"code\": \"internal_error\",\n  \"message\": \"cannot evaluate empty query\"\n}\n"
        try Step.take(
            [
                Step("GET", "/v1/query?q=x+%3A%3D+1", 200, "{\"result\":[{\"x\":1}]}\n"),
                Step("GET", "/v1/query?q=x+%3D+data.k.list%5B_%5D", 200, "{\"result\":[{\"x\":10},{\"x\":20}]}\n"),
                Step("GET", "/v1/query?q=data.app.c+%3D+7", 200, "{}\n"),
                Step("GET", "/v1/query?q=1+%2B", 400, "…error(s) occurred while parsing query"),
                Step("GET", "/v1/query?q=foo(1)", 400, "…undefined function foo"),
                Step("GET", "/v1/query", 400, "…missing parameter 'q'"),
                Step("GET", "/v1/query?q=", 500, empty),
                Step(
                    "POST", "/v1/query", #"{"query": "input.x = y", "input": {"x": [1]}}"#, 200,
                    "{\"result\":[{\"y\":[1]}]}\n"),
                Step("POST", "/v1/query", "{}", 500, empty),
                Step("POST", "/v1/query", "{", 400, "…error(s) occurred while decoding request: unexpected EOF"),
                Step(
                    "POST", "/v1/query?pretty", #"{"query": "x = 1"}"#, 200,
                    "{\n  \"result\": [\n    {\n      \"x\": 1\n    }\n  ]\n}\n"),
                Step("POST", "/v1/query?metrics", #"{"query": "x = 1"}"#, 200, "…timer_rego_query_eval_ns"),
                Step("POST", "/v1/query", #"{"query": "data.app.c", "input": {"n": 1}}"#, 500, "…eval_conflict_error"),
            ], server)
    }

    /// A query of a client may not make the server ask others.
    @Test func queriesDoNotReachTheNetwork() throws {
        let gate = Gate()
        let server = try TestServer()
        let file = PolicyFile(
            name: "app.rego", text: Array("package app\n\np := http.send({\"method\": \"get\", \"url\": \"x\"})".utf8))
        server.store.replace(
            with: Snapshot(policy: try Policy.compile([file], options: CompileOptions(functions: gate.functions))))
        let refused = try server.ask(
            "POST", "/v1/query", #"{"query": "http.send({\"method\": \"get\", \"url\": \"x\"})"}"#)
        #expect(refused.status == 400)
        #expect(gate.begun == 0)
    }

    @Test func compileRequestsAreChecked() throws {
        try Step.take(
            [
                Step("POST", "/v1/compile", "{}", 400, "…missing required 'query' value"),
                Step("POST", "/v1/compile", "{", 400, "…error(s) occurred while decoding request: unexpected EOF"),
                Step("POST", "/v1/compile", #"{"query": "x >"}"#, 400, "…error(s) occurred while parsing query"),
                Step(
                    "POST", "/v1/compile", #"{"query": "input.x", "unknowns": ["bogus("]}"#, 400,
                    "…error(s) occurred while parsing unknowns: failed to parse term: 1 error occurred: 1:6: "),
                Step("POST", "/v1/compile/app/allow", "{}", 400, "…Accept header: missing required header"),
                Step("POST", "/v1/compile", #"{"query": "input.x"}"#, 501, "…writ_unsupported"),
                Step("GET", "/v1/compile", 307),
            ], try TestServer())
    }

    @Test func whatTheServerTellsOfItself() throws {
        let server = try TestServer { $0.shownConfiguration = Array(#"{"labels":{"id":"x"}}"#.utf8) }
        try Step.take(
            [
                Step("GET", "/v1/config", 200, "{\"result\":{\"labels\":{\"id\":\"x\"}}}\n"),
                Step("GET", "/v1/config?pretty", 200, "…\n    \"labels\": {\n      \"id\": \"x\""),
                Step("GET", "/v1/status", 500, "…status plugin not enabled"),
                Step("GET", "/v1/data/k", 200),
                Step("GET", "/bogus", 404),
                Step(
                    "GET", "/metrics", 200,
                    "…http_request_duration_seconds_count{code=\"200\",handler=\"v1/data\",method=\"get\"} 1\n"),
                Step(
                    "GET", "/metrics", 200,
                    "…http_request_duration_seconds_count{code=\"404\",handler=\"catchall\",method=\"get\"} 1\n"),
                Step("GET", "/metrics", 200, "…process_resident_memory_bytes "),
                Step("GET", "/metrics", 200, "…writ_event_loop_lag_seconds "),
            ], server)
        #expect(
            try server.ask("GET", "/metrics").headers["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
    }

    @Test func healthOfPlugins() throws {
        let server = try TestServer { configuration in
            configuration.pluginStates = { [("bundle", "NOT_READY"), ("status", "OK")] }
        }
        server.store.replace(with: try TestServer.snapshot("package system.health\n\nready := input.plugins_ready"))
        try Step.take(
            [
                Step("GET", "/health", 200, "{}\n"),
                Step("GET", "/health?bundles", 500, "{\"error\":\"one or more bundles are not activated\"}\n"),
                Step("GET", "/health?plugins", 500, "{\"error\":\"one or more plugins are not up\"}\n"),
                Step("GET", "/health?plugins&exclude-plugin=bundle", 200, "{}\n"),
                Step("GET", "/health/ready", 500),
            ], server)
    }

    @Test func aPolicySaysWhoMayAsk() throws {
        let server = try TestServer { configuration in
            configuration.authentication = .token
            configuration.authorizes = true
            configuration.diagnosticAddresses = ["127.0.0.1:0"]
        }
        #expect(try server.ask("GET", "/v1/data/k").status == 500)
        server.store.replace(
            with: try TestServer.snapshot(
                """
                package system.authz

                default allow := false

                allow if input.identity == "admin"

                allow := {"allowed": false, "reason": "no token"} if not input.identity

                allow if {
                    input.identity == "reader"
                    input.method == "GET"
                    input.path == ["v1", "data", "k", "a/b"]
                    input.params.x == ["1", "2"]
                    input.headers["X-Some-Header"] == ["y"]
                }

                allow if input.body.input.secret == 7
                """))
        let rejected =
            "{\n  \"code\": \"unauthorized\",\n  \"message\": \"request rejected by administrative policy\"\n}\n"
        let silent = "{\n  \"code\": \"unauthorized\",\n  \"message\": \"no token\"\n}\n"
        try Step.take(
            [
                Step("GET", "/v1/data/k", 401, silent),
                Step("GET", "/v1/data/k", 401, silent).with("Authorization: Basic admin"),
                Step("GET", "/v1/data/k", 401, rejected).with("Authorization: Bearer other"),
                Step("GET", "/v1/data/k/list/0", 200, "{\"result\":10}\n").with("Authorization: Bearer admin"),
                Step("PUT", "/v1/data/z", "1", 204).with("Authorization: Bearer admin"),
                Step("PUT", "/v1/data/z", "1", 401, rejected).with("Authorization: Bearer reader"),
                Step("GET", "/v1/data/k/a%2Fb?x=1&x=2", 200, "{}\n").with(
                    "Authorization: Bearer reader\r\nx-some-header: y"),
                Step("POST", "/v1/data/z", #"{"input": {"secret": 7}}"#, 200, "{\"result\":1}\n").with(
                    "Authorization: Bearer other"),
                Step("GET", "/health", 401, silent),
                Step("GET", "/bogus", 401, silent),
            ], server)
        // The address for diagnostics has no more than that, and asks nobody.
        let port = Int(server.server.addresses[1].split(separator: ":").last ?? "") ?? 0
        for (path, status) in [("/health", 200), ("/metrics", 200), ("/v1/data/k", 404), ("/v1/policies", 404)] {
            let client = try Client(port: port)
            client.send(Client.request("GET", path))
            #expect(try client.response().status == status)
        }
    }

    /// An authorization that waits holds up its own request only; what it allows is answered.
    @Test func authorizationMayWait() throws {
        let gate = Gate()
        let server = try TestServer { configuration in
            configuration.threads = 1
            configuration.authorizes = true
        }
        let text = """
            package system.authz

            default allow := false

            allow if input.path[0] == "health"

            allow if http.send({"method": "get", "url": "x"})
            """
        let app = PolicyFile(name: "app.rego", text: Array("package app\n\nok := input".utf8))
        let file = PolicyFile(name: "authz.rego", text: Array(text.utf8))
        server.store.replace(
            with: Snapshot(policy: try Policy.compile([app, file], options: CompileOptions(functions: gate.functions))))
        let client = try Client(port: server.server.port)
        client.send(Client.request("POST", "/v1/data/app/ok", #"{"input": 5}"#))
        #expect(Gate.eventually { gate.begun == 1 })
        #expect(try server.ask("GET", "/health").status == 200)
        gate.open()
        #expect(try client.response().body == "{\"result\":5}\n")
        client.send(Client.request("PUT", "/v1/data/n", "6"))
        #expect(Gate.eventually { gate.begun == 2 })
        gate.open()
        #expect(try client.response().status == 204)
    }

    @Test func packedBodies() throws {
        let server = try TestServer { $0.bodyLimit = 1 << 20 }
        func ask(_ body: [UInt8], _ headers: String = "") throws -> Response {
            let client = try Client(port: server.server.port)
            client.send(
                "POST /v1/data/app/echo HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\n\(headers)Content-Length: "
                    + "\(body.count)\r\n\r\n")
            client.send(bytes: body)
            return try client.response()
        }
        let small = Array(#"{"input": 5}"#.utf8).withUnsafeBufferPointer { Compression.pack($0) } ?? []
        #expect(try ask(small).body == "{\"result\":5}\n")
        #expect(try ask(Array(small.dropLast(9))).status == 400)
        #expect(try ask(Array("plain".utf8)).status == 400)
        // A few bytes that stand for many.
        let bomb = [UInt8](repeating: 0x20, count: 8 << 20).withUnsafeBufferPointer { Compression.pack($0) } ?? []
        #expect(bomb.count < 20_000)
        let refused = try ask(bomb)
        #expect(refused.status == 400)
        #expect(refused.body.contains("request body too large"))
        // Answers are packed where they are long and the client reads it.
        let packed = try server.ask("POST", "/v1/data/app/big", "{}", headers: "Accept-Encoding: gzip\r\n")
        #expect(packed.headers["content-encoding"] == "gzip")
        let plain = try server.ask("POST", "/v1/data/app/big", "{}")
        #expect(plain.headers["content-encoding"] == nil)
        let unpacked = try packed.bytes.withUnsafeBufferPointer { bytes in
            try Compression.unpack(bytes, limit: 1 << 20)
        }
        #expect(unpacked == plain.bytes)
        let short = try server.ask("GET", "/v1/data/k", headers: "Accept-Encoding: gzip\r\n")
        #expect(short.headers["content-encoding"] == nil)
    }

    @Test func manyInputsAtOnce() throws {
        try Step.take(
            [
                Step(
                    "POST", "/v1/batch/data/app/allow",
                    #"{"inputs": {"A": {"user": "jo"}, "B": {"user": "x"}}}"#, 200,
                    #"{"responses":{"A":{"result":true},"B":{"result":false}}}"# + "\n"),
                Step(
                    "POST", "/v1/batch/data/app/echo",
                    #"{"inputs": {"A": {"a": 1}, "B": 2}, "common_input": {"a": 0, "b": 3}}"#, 200,
                    #"{"responses":{"A":{"result":{"a":1,"b":3}},"B":{"result":2}}}"# + "\n"),
                Step("POST", "/v1/batch/data/app/nope", #"{"inputs": {"A": 1}}"#, 200, "{\"responses\":{\"A\":{}}}\n"),
                Step(
                    "POST", "/v1/batch/data/app/c", #"{"inputs": {"A": {}, "B": {"n": 1}}}"#, 207,
                    #"…{"responses":{"A":{"result":1,"http_status_code":"200"},"B":{"code":"internal_error""#),
                Step("POST", "/v1/batch/data/app/c", #"{"inputs": {"B": {"n": 1}}}"#, 500, "…eval_conflict_error"),
                Step("POST", "/v1/batch/data/app/c", "{}", 400, "…'inputs' must be an object"),
                Step("GET", "/v1/batch/data/app/c", 405, ""),
            ], try TestServer())
    }
}
