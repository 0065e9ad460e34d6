import Testing
import Writ

@testable import WritServer

/// What endpoints answer beyond the plain decision.
@Suite struct AnswerTests {
    private static let policy = """
        package app

        default allow := false

        allow if input.user == "jo"

        double(n) := n * 2

        text := "abc"

        matched if regex.match("^a.*$", input.text)

        edge if {
            input.method == "PUT"
            input.path == ["cars", "7 8"]
            input.query == {"a": ["1", "2"]}
            input.headers.accept == "x, y"
        }

        object := {"allowed": input.method == "GET"}
        """

    private func server() throws -> TestServer {
        let server = try TestServer {
            $0.threads = 1
            $0.explain = { tracer, _, mode, asLines in
                Array("[\"\(mode) \(asLines) \(tracer.events.isEmpty)\"]".utf8)
            }
        }
        server.store.replace(with: try TestServer.snapshot(Self.policy))
        return server
    }

    @Test func pathsThatNoQueryCouldAsk() throws {
        let server = try server()
        for (path, text) in [
            (
                "double",
                #"undefined ref: data.app.double\n\tdata.app.double\n\t^^^^^^^^^^^^^^^\n\thave: (number) =\u003e number"#
            ),
            (
                "double/x",
                #"undefined ref: data.app.double.x\n\tdata.app.double.x\n\t^^^^^^^^^^^^^^^\n\thave: (number) =\u003e number"#
            ),
            ("text/x", "undefined ref: data.app.text.x"),
        ] {
            let answer = try server.ask("GET", "/v1/data/app/\(path)")
            #expect(answer.status == 500)
            #expect(answer.body.components("1 error occurred: 1:1: rego_type_error").count == 2)
            #expect(answer.body.components(text).count == 2)
            // Known the second time.
            #expect(try server.ask("GET", "/v1/data/app/\(path)").body == answer.body)
            #expect(try server.ask("POST", "/v1/data/app/\(path)", #"{"input": 1}"#).body == answer.body)
            #expect(try server.ask("POST", "/v0/data/app/\(path)", "1").body == answer.body)
        }
        #expect(try server.ask("GET", "/v1/data/app/no%22thing").status == 500)
        #expect(try server.ask("GET", "/v1/data/app/nothing").body == "{}\n")
        #expect(try server.ask("GET", "/v1/data/k/list/0").body == "{\"result\":10}\n")
    }

    @Test func missingAndUndefined() throws {
        let server = try server()
        #expect(try server.ask("POST", "/v0/data/app/matched").body.components("document undefined").count == 2)
        #expect(try server.ask("POST", "/v0/data/app/nothing").body.components("document missing").count == 2)
    }

    @Test func explanations() throws {
        let server = try server()
        func ask(_ parameters: String, _ path: String = "app/allow") throws -> String {
            try server.ask("POST", "/v1/data/\(path)?\(parameters)", #"{"input": {"user": "jo"}}"#).body
        }
        #expect(try ask("explain=notes") == "{\"explanation\":[\"notes false false\"],\"result\":true}\n")
        #expect(
            try ask("explain=full&pretty")
                == "{\n  \"explanation\": [\n    \"full true false\"\n  ],\n  \"result\": true\n}\n")
        #expect(try ask("explain=other") == "{\"result\":true}\n")
        #expect(try ask("explain=other&explain=fails") == "{\"explanation\":[\"fails false false\"],\"result\":true}\n")
        // What is undefined is explained in full only.
        #expect(try ask("explain=notes", "app/nothing") == "{}\n")
        #expect(try ask("explain=full", "app/nothing") == "{\"explanation\":[\"full false false\"]}\n")
        #expect(try ask("explain=full", "app/double").components("rego_type_error").count == 2)
        let query = try server.ask("POST", "/v1/query?explain=debug", #"{"query": "x = 1"}"#)
        #expect(query.body == "{\"explanation\":[\"debug false false\"],\"result\":[{\"x\":1}]}\n")
    }

    @Test func patternsThatWereFoundCompiled() throws {
        let server = try server()
        func ask() throws -> Bool {
            try server.ask("POST", "/v1/data/app/matched?metrics", #"{"input": {"text": "ab"}}"#).body
                .components("counter_rego_builtin_regex_interquery_value_cache_hits").count == 2
        }
        _ = try ask()
        #expect(try ask())
    }

    @Test func instruments() throws {
        let server = try server()
        func ask(_ method: String, _ path: String, _ body: String = "") throws -> String {
            try server.ask(method, path, body).body
        }
        let input = #"{"input": {"user": "jo", "text": "ab"}}"#
        // What is not asked for is not measured.
        #expect(try !ask("POST", "/v1/data/app/allow?metrics", input).contains("eval_op"))
        #expect(try !ask("POST", "/v1/data/app/allow?instrument=false&metrics", input).contains("eval_op"))
        for path in ["/v1/data/app/allow?instrument", "/v1/data/app/allow?instrument=true&metrics=true"] {
            let body = try ask("POST", path, input)
            #expect(body.hasPrefix(#"{"metrics":{"counter_eval_op_virtual_cache_miss":1,"counter_server"#))
            #expect(body.contains(#""histogram_eval_op_rule_index":{"75%":"#))
            #expect(body.contains(#","timer_eval_op_resolve_ns":"#))
            #expect(body.contains(#","timer_rego_query_eval_ns":"#))
            #expect(body.hasSuffix("},\"result\":true}\n"))
        }
        // Patterns that the loop keeps compiled are found by the evaluation beside it.
        let counter = "counter_rego_builtin_regex_interquery_value_cache_hits\":1"
        #expect(try !ask("POST", "/v1/data/app/matched?instrument", input).contains(counter))
        #expect(try ask("POST", "/v1/data/app/matched", input) == "{\"result\":true}\n")
        #expect(try ask("POST", "/v1/data/app/matched?instrument", input).contains(counter))
        let pretty = try ask("GET", "/v1/data/k/list?instrument&pretty")
        #expect(pretty.contains("\n    \"counter_eval_op_base_cache_miss\": 1,\n"))
        #expect(pretty.contains("\n    \"histogram_eval_op_resolve\": {\n      \"75%\": "))
        #expect(try ask("GET", "/v1/data/app/double?instrument").contains("undefined ref: data.app.double"))
        let both = try ask("POST", "/v1/data/app/allow?instrument&explain=full", input)
        #expect(both.hasPrefix("{\"explanation\":[\"full false false\"],\"metrics\":{\"counter_eval_op"))
        let query = try ask("POST", "/v1/query?instrument", #"{"query": "x = data.k.list[_]; x > 10"}"#)
        #expect(query.hasPrefix("{\"metrics\":{\"counter_eval_op_base_cache_hit\":"))
        #expect(query.contains(",\"histogram_eval_op_builtin_call\":{"))
    }

    @Test func switches() {
        for (query, isSet) in [
            ("pretty", true), ("pretty=", true), ("pretty=true", true), ("pretty=TRUE", true), ("pretty=false", false),
            ("pretty=1", false), ("pretty=false&pretty=true", true), ("pretty=true&pretty=false", true),
            ("pretty&pretty", false), ("prett", false), ("", false),
        ] {
            #expect(RequestTarget("/v1/data?\(query)")?.isSet("pretty") == isSet, "\(query)")
        }
    }

    @Test func gates() throws {
        let server = try server()
        func ask(_ path: String, _ headers: String) throws -> Int {
            try server.ask("GET", "/v1/gate/\(path)", headers: headers).status
        }
        let cars = "X-Original-Method: PUT\r\nX-Original-URI: /cars/7%208?a=1&a=2\r\nAccept: x\r\nAccept: y\r\n"
        #expect(try ask("app/edge", cars) == 200)
        #expect(try ask("app/edge", "X-Original-Method: PUT\r\n") == 403)
        #expect(try ask("app/nothing", cars) == 403)
        #expect(try ask("app/text", cars) == 403)
        #expect(try ask("app/object", "") == 200)
        #expect(try ask("app/object", "X-Forwarded-Method: POST\r\n") == 403)
        #expect(try ask("app/object", "X-Original-URI: /a/../b\r\n") == 403)
        #expect(try ask("app/object", "X-Original-URI: /a/%2e%2E/b\r\n") == 403)
        #expect(try ask("app/object", "X-Original-URI: nonsense\r\n") == 400)
        #expect(try ask("app/double", "") == 500)
        #expect(try server.ask("POST", "/v1/gate/app/edge").status == 405)
    }

    @Test func bucketsOfRequests() throws {
        let own = try TestServer { $0.durationBounds = [2.5e-6, 3600] }
        #expect(try own.ask("GET", "/health").status == 200)
        func bounds(_ server: TestServer) throws -> [String] {
            try server.ask("GET", "/metrics").body.split(separator: "\n").filter {
                $0.hasPrefix("http_request_duration_seconds_bucket{code=\"200\",handler=\"health\"")
            }.compactMap { $0.split(separator: "\"").dropLast().last.map(String.init) }
        }
        _ = try own.ask("GET", "/health")
        #expect(try bounds(own) == ["2.5e-06", "3600", "+Inf"])
        #expect(
            try own.ask("GET", "/metrics").body.contains(
                "http_request_duration_seconds_bucket{code=\"200\",handler=\"health\",method=\"get\",le=\"3600\"} 2\n"))
        let plain = try server()
        _ = try plain.ask("GET", "/health")
        #expect(
            try bounds(plain) == [
                "1e-06", "5e-06", "1e-05", "5e-05", "0.0001", "0.0005", "0.001", "0.01", "0.1", "1", "+Inf",
            ])
    }

    @Test func histograms() throws {
        let server = try server()
        for _ in 0..<3 { _ = try server.ask("GET", "/v1/data/app/text") }
        let text = try server.ask("GET", "/metrics").body
        #expect(text.components("writ_evaluation_duration_seconds_count 3\n").count == 2)
        #expect(text.components("# TYPE writ_event_loop_delay_seconds histogram\n").count == 2)
        #expect(text.components("writ_evaluation_duration_seconds_bucket{le=\"0.005\"} ").count == 2)
    }
}
