import Synchronization
import Testing
import Writ

@testable import WritServer
@testable import WritTelemetry

/// A span for each request. What collectors receive is looked at with real ones, in Tests/Clients/traces.
@Suite struct TracingTests {
    private let tracer = SpanTracer(TracingSettings(.http, host: "h", port: 1))

    /// What `app.place` says of the request that is decided, as its functions are told.
    private static let policy = """
        package app

        place := http.send({"method": "get", "url": input.url}).body
        """

    private func server() throws -> TestServer {
        let server = try TestServer { $0.tracer = tracer }
        var functions = HostFunctions.standard
        functions.provideWaiting("http.send") { (context, arguments) throws(Fault) in
            let text = (context.attachment as? TraceContext)?.headers.first?.value ?? ""
            let wait = HostWait(
                begin: { done in done() },
                finish: { (context) throws(Fault) in
                    var list = ValueList()
                    try list.append(.short("body"), in: context.space)
                    try list.append(try context.space.string(Array(text.utf8)), in: context.space)
                    return .value(try context.space.object(pairs: list))
                })
            return .wait(wait)
        }
        server.store.replace(with: try TestServer.snapshot(Self.policy, functions))
        return server
    }

    private func has(_ span: [UInt8], _ text: String) -> Bool {
        let text = Array(text.utf8)
        return span.indices.contains { span[$0...].starts(with: text) }
    }

    @Test func requestsAreSpans() throws {
        let server = try server()
        #expect(try server.ask("GET", "/health").status == 200)
        #expect(try server.ask("GET", "/metrics").status == 200)
        #expect(try server.ask("GET", "/nowhere").status == 404)
        #expect(try server.ask("PUT", "/v1/data/k/new", "1").status == 204)
        let spans = tracer.queue.take()
        try #require(spans.count == 3)
        #expect(has(spans[0], "GET health") && has(spans[0], "/health"))
        #expect(has(spans[1], "GET catchall"))
        #expect(has(spans[2], "PUT v1/data") && has(spans[2], "/v1/data/{path...}"))
    }

    @Test func functionsAreToldOfTheSpan() throws {
        let server = try server()
        let trace = "0af7651916cd43dd8448eb211c80319c"
        let answers = try ["00", "01"].map { sent in
            try server.ask(
                "POST", "/v1/data/app/place", #"{"input": {"url": "u"}}"#,
                headers: "traceparent: 00-\(trace)-b7ad6b7169203331-\(sent)\r\n")
        }
        for (answer, flags) in zip(answers, ["00", "01"]) {
            #expect(answer.body.hasPrefix(#"{"result":"00-\#(trace)-"#))
            #expect(answer.body.hasSuffix("-\(flags)\"}\n") && !answer.body.contains("b7ad6b7169203331"))
        }
        // The first is not recorded, as its sender said.
        #expect(tracer.queue.take().count == 1)
        let batch = try server.ask(
            "POST", "/v1/batch/data/app/place", #"{"inputs": {"a": {"url": "u"}}}"#,
            headers: "traceparent: 00-\(trace)-b7ad6b7169203331-01\r\n")
        #expect(batch.body.contains(trace))
        // Another request's place is not this one's.
        let other = try server.ask("POST", "/v1/data/app/place", #"{"input": {"url": "u"}}"#)
        #expect(other.body.hasPrefix(#"{"result":"00-"#) && !other.body.contains(trace))
    }

    @Test func withoutATracerNothingIsTold() throws {
        let server = try TestServer()
        #expect(try server.ask("GET", "/v1/data/app/allow").status == 200)
        #expect(server.server.port > 0 && tracer.queue.waiting == 0)
    }
}
