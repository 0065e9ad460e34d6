import NIOHTTP1
import Testing

@testable import WritTelemetry

@Suite struct MessageTests {
    @Test func aSpanIsItsMessage() throws {
        var context = TraceContext(trace: (0x0102_0304_0506_0708, 0x090A_0B0C_0D0E_0F10), span: 0x1112, isSampled: true)
        context.state = "a=1"
        var span = TraceSpan(context, .server, parent: 0x2122, isParentRemote: true)
        span.name = "GET x"
        span.set("k", "v")
        span.set("n", 300)
        span.set("e", "")
        span.set("z", 0)
        span.failure = "no"
        var fields: [UInt64: [[UInt8]]] = [:]
        var reader = ProtobufReader(span.message(end: 0x55)[...])
        while let (field, content) = reader.next() {
            switch content {
            case .number(let number): fields[field, default: []].append([UInt8(truncatingIfNeeded: number)])
            case .part(let part): fields[field, default: []].append(Array(part))
            }
        }
        #expect(fields[1] == [Array(1...16)])
        #expect(fields[2] == [[0, 0, 0, 0, 0, 0, 0x11, 0x12]])
        #expect(fields[3] == [Array("a=1".utf8)])
        #expect(fields[4] == [[0, 0, 0, 0, 0, 0, 0x21, 0x22]])
        #expect(fields[5] == [Array("GET x".utf8)])
        #expect(fields[6] == [[2]])
        #expect(fields[8] == [[0x55, 0, 0, 0, 0, 0, 0, 0]])
        #expect(
            fields[9] == [
                [0x0A, 1, 0x6B, 0x12, 3, 0x0A, 1, 0x76], [0x0A, 1, 0x6E, 0x12, 3, 0x18, 0xAC, 2],
                [0x0A, 1, 0x65, 0x12, 2, 0x0A, 0], [0x0A, 1, 0x7A, 0x12, 2, 0x18, 0],
            ])
        #expect(fields[15] == [[0x12, 2, 0x6E, 0x6F, 0x18, 2]])
        #expect(fields[16] == [[0x01, 0x03, 0, 0]])
        let start = try #require(fields[7]?.first)
        #expect(start.reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) } == span.start)
    }

    @Test func longTextsAreCutBetweenLetters() {
        let context = TraceContext(trace: (1, 2), span: 3, isSampled: true)
        var span = TraceSpan(context, .client, parent: 0, isParentRemote: false)
        span.name = "x" + String(repeating: "é", count: TraceSpan.textLimit)
        var reader = ProtobufReader(span.message(end: 0)[...])
        while let (field, content) = reader.next() {
            guard field == 5, case .part(let part) = content else { continue }
            #expect(part.count == TraceSpan.textLimit - 1)
            #expect(String(validating: part, as: UTF8.self) != nil)
        }
    }

    @Test func aBatchIsARequest() {
        let batch = TraceBatch([("service.name", "w")], version: "1")
        let resource: [UInt8] =
            [0x0A, 0x15, 0x0A, 0x13, 0x0A, 0x0C] + Array("service.name".utf8) + [0x12, 0x03, 0x0A, 0x01, 0x77]
        let scope: [UInt8] = [0x0A, 0x09, 0x0A, 0x04] + Array("writ".utf8) + [0x12, 0x01, 0x31]
        let spans: [UInt8] = [0x12, 1, 7, 0x12, 2, 8, 9]
        let list = [0x12, UInt8(scope.count + spans.count)] + scope + spans
        #expect(batch.message([[7], [8, 9]]) == [0x0A, UInt8(resource.count + list.count)] + resource + list)
    }

    @Test(
        arguments: [
            ([], 0, ""), ([0x0A, 0], 0, ""), ([0x0A, 2, 0x08, 5], 5, ""), ([0x0A, 5, 0x08, 1, 0x12, 1, 0x78], 1, "x"),
            ([0x0A, 200, 1], 0, ""), ([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], 0, ""),
            ([0x0B], 0, ""), ([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1], 0, ""),
        ] as [([UInt8], UInt64, String)])
    func whatACollectorRefuses(answer: [UInt8], count: UInt64, reason: String) {
        let refused = TraceBatch.refused(answer[...])
        #expect(refused.count == count && refused.reason == reason)
    }
}

@Suite struct OutcomeTests {
    @Test func gRPCStatuses() {
        func outcome(_ status: Int, _ headers: HTTPHeaders, _ answer: [UInt8] = []) -> ExportOutcome {
            GRPCMessage.outcome(status, headers, answer)
        }
        #expect(outcome(200, ["grpc-status": "0"]) == .taken(refused: 0, reason: ""))
        #expect(
            outcome(200, ["grpc-status": "0"], GRPCMessage.framed([0x0A, 2, 0x08, 5])) == .taken(refused: 5, reason: "")
        )
        #expect(
            outcome(200, ["grpc-status": "14", "grpc-message": "later"])
                == .failed("rpc error: code = Unavailable desc = later", mayPass: true))
        #expect(
            outcome(200, ["grpc-status": "16"])
                == .failed("rpc error: code = Unauthenticated desc = ", mayPass: false))
        #expect(
            outcome(200, ["grpc-status": "-1"]) == .failed("rpc error: code = -1 desc = ", mayPass: false))
        guard case .failed(_, let mayPass, _) = outcome(503, [:]) else {
            Issue.record("taken without a status")
            return
        }
        #expect(mayPass)
    }

    @Test(arguments: [(400, false), (404, false), (429, true), (500, false), (502, true), (503, true), (504, true)])
    func httpStatuses(status: Int, mayPass: Bool) {
        let text = "failed to send to the collector: HTTP status \(status)"
        #expect(HTTPTransport.outcome(status, [], after: 2) == .failed(text, mayPass: mayPass, after: 2))
        #expect(HTTPTransport.outcome(200, [0x0A, 2, 0x08, 5], after: nil) == .taken(refused: 5, reason: ""))
    }

    @Test func frames() { #expect(GRPCMessage.framed([9, 8]) == [0, 0, 0, 0, 2, 9, 8]) }
}

@Suite struct AddressTests {
    @Test(
        arguments: [
            ("http://a.b/c?d#e", "a.b", nil, "/c", "http://a.b/c?d#e"),
            ("https://jo:pw@a:8443/x/y", "a", 8443, "/x/y", "https://a:8443/x/y"),
            ("http://a:80", "a", nil, "", "http://a:80"), ("https://a:443/", "a", nil, "/", "https://a:443/"),
            ("http://[::1]:9/", "::1", 9, "/", "http://[::1]:9/"), ("http://[::1]/", "::1", nil, "/", "http://[::1]/"),
            ("http://a:99999/", "a", nil, "/", "http://a:99999/"), ("", "", nil, "", ""),
        ] as [(String, String, Int?, String, String)])
    func parts(url: String, host: String, port: Int?, path: String, shown: String) {
        let parts = AddressParts(url)
        #expect(parts.host == host && parts.port == port && parts.path == path && parts.shown == shown)
    }
}
