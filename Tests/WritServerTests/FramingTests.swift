import Testing

@testable import WritServer

/// Requests that one side may read otherwise than the other: what is behind them must never be answered as a request of
/// its own, unless all agree that it is one.
@Suite struct FramingTests {
    struct Case: CustomTestStringConvertible {
        let name: String
        let request: String
        /// The status of the first answer.
        var status = 400
        /// Whether what follows is a request, and answered.
        var goesOn = false

        var testDescription: String { name }
    }

    private static let host = "Host: x\r\n"
    private static let chunked = "Transfer-Encoding: chunked\r\n"
    private static func post(_ headers: String, _ body: String = "") -> String {
        "POST /v1/data/app/echo HTTP/1.1\r\n\(host)\(headers)\r\n\(body)"
    }
    private static func get(_ headers: String) -> String { "GET /health HTTP/1.1\r\n\(headers)\r\n" }

    static let cases: [Case] = [
        // Lengths and codings that contradict each other or are written in more than one way.
        Case(name: "length and coding", request: post("Content-Length: 5\r\n" + chunked, "0\r\n\r\n")),
        Case(name: "coding and length", request: post(chunked + "Content-Length: 5\r\n", "0\r\n\r\n")),
        Case(name: "two lengths", request: post("Content-Length: 5\r\nContent-Length: 6\r\n", "abcde")),
        Case(name: "one length twice", request: post("Content-Length: 2\r\nContent-Length: 2\r\n", "{}")),
        Case(name: "a list of lengths", request: post("Content-Length: 2, 2\r\n", "{}")),
        Case(name: "a length with a sign", request: post("Content-Length: +2\r\n", "{}")),
        Case(name: "a negative length", request: post("Content-Length: -2\r\n", "{}")),
        Case(name: "a hexadecimal length", request: post("Content-Length: 0x2\r\n", "{}")),
        Case(name: "a length with a space", request: post("Content-Length: 2 2\r\n", "{}")),
        Case(name: "an empty length", request: post("Content-Length: \r\n", "{}")),
        Case(name: "a length beyond 64 bits", request: post("Content-Length: 18446744073709551618\r\n", "{}")),
        Case(name: "a space before the colon", request: post("Content-Length : 2\r\n", "{}")),
        Case(name: "an unknown coding", request: post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")),
        Case(name: "identity", request: post("Transfer-Encoding: identity\r\n", "0\r\n\r\n")),
        Case(name: "chunked behind another", request: post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n")),
        Case(name: "chunked before another", request: post("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n")),
        Case(name: "chunked twice", request: post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n")),
        Case(name: "two codings", request: post(chunked + "Transfer-Encoding: identity\r\n", "0\r\n\r\n")),
        Case(name: "a coding with a parameter", request: post("Transfer-Encoding: chunked;q=1\r\n", "0\r\n\r\n")),
        Case(name: "a quoted coding", request: post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n")),
        Case(
            name: "a coding behind a vertical tab", request: post("Transfer-Encoding: \u{0B}chunked\r\n", "0\r\n\r\n")),
        Case(
            name: "a space before the colon of a coding", request: post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n")),
        Case(
            name: "a coding in HTTP/1.0",
            request: "POST /v1/data/app/echo HTTP/1.0\r\n\(host)\(chunked)Connection: keep-alive\r\n\r\n0\r\n\r\n"),
        // Chunks.
        Case(name: "a chunk size with a prefix", request: post(chunked, "0x2\r\n{}\r\n0\r\n\r\n")),
        Case(name: "a negative chunk size", request: post(chunked, "-2\r\n{}\r\n0\r\n\r\n")),
        Case(name: "a chunk size with a sign", request: post(chunked, "+2\r\n{}\r\n0\r\n\r\n")),
        Case(name: "no chunk size", request: post(chunked, "\r\n{}\r\n0\r\n\r\n")),
        Case(name: "a chunk size of letters", request: post(chunked, "zz\r\n{}\r\n0\r\n\r\n")),
        Case(name: "a chunk size beyond 64 bits", request: post(chunked, "10000000000000002\r\n{}\r\n0\r\n\r\n")),
        Case(name: "a chunk that is longer than its size", request: post(chunked, "1\r\n{}\r\n0\r\n\r\n")),
        Case(name: "a chunk that ends in a line feed", request: post(chunked, "2\r\n{}\n0\r\n\r\n")),
        Case(name: "a chunk size that ends in a line feed", request: post(chunked, "2\n{}\r\n0\r\n\r\n")),
        Case(name: "a space behind a chunk size", request: post(chunked, "2 \r\n{}\r\n0\r\n\r\n")),
        // Lines and headers.
        Case(name: "a folded header", request: get(host + "A: b\r\n c\r\n")),
        Case(name: "a folded length", request: post("Content-Length:\r\n 2\r\n", "{}")),
        Case(name: "a first header that is folded", request: get(" A: b\r\n" + host)),
        Case(name: "NUL in a value", request: get(host + "A: b\0c\r\n")),
        Case(name: "NUL in a name", request: get(host + "A\0: b\r\n")),
        Case(name: "a carriage return in a value", request: get(host + "A: b\rc\r\n")),
        Case(name: "a name of nothing", request: get(host + ": b\r\n")),
        Case(name: "a line without a colon", request: get(host + "A\r\n")),
        Case(name: "a space in a name", request: get(host + "A b: c\r\n")),
        Case(name: "a bracket in a name", request: get(host + "A(b): c\r\n")),
        Case(name: "a space before the colon of a header", request: get(host + "A : c\r\n")),
        // Request lines.
        Case(name: "no host", request: get("A: b\r\n")),
        Case(name: "two hosts", request: get("Host: x\r\nHost: y\r\n")),
        Case(name: "one host twice", request: get("Host: x\r\nHost: x\r\n")),
        Case(name: "a host with a space", request: get("Host: x y\r\n")),
        Case(name: "a host with a path", request: get("Host: x/y\r\n")),
        Case(name: "a host with a user", request: get("Host: u@x\r\n")),
        Case(name: "another version", request: "GET /health HTTP/1.2\r\n\(host)\r\n"),
        Case(name: "a version with more digits", request: "GET /health HTTP/1.10\r\n\(host)\r\n"),
        Case(name: "the version of HTTP/2", request: "GET /health HTTP/2.0\r\n\(host)\r\n"),
        Case(name: "the preface of HTTP/2", request: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        Case(name: "a method of small letters", request: "get /health HTTP/1.1\r\n\(host)\r\n"),
        Case(name: "an unknown method", request: "GETX /health HTTP/1.1\r\n\(host)\r\n"),
        Case(name: "a tab between method and target", request: "GET\t/health HTTP/1.1\r\n\(host)\r\n"),
        Case(name: "a target with a space", request: "GET /health x HTTP/1.1\r\n\(host)\r\n"),
        Case(name: "a target with a control", request: "GET /hea\u{1}lth HTTP/1.1\r\n\(host)\r\n"),
        Case(name: "a target with NUL", request: "GET /health\0 HTTP/1.1\r\n\(host)\r\n"),
        Case(name: "a target that is a host", request: "GET x:80 HTTP/1.1\r\n\(host)\r\n"),
        Case(name: "TLS where there is none", request: "\u{16}\u{3}\u{1}\0\u{5}"),
        Case(
            name: "a header that is too long",
            request: get(host + "A: " + String(repeating: "b", count: 100_000) + "\r\n"),
            status: 431),
        Case(
            name: "too many headers", request: get(host + String(repeating: "Abcdefg: hijklmno\r\n", count: 80_000)),
            status: 431),
        // What all agree on.
        Case(name: "a body of its length", request: post("Content-Length: 2\r\n", "{}"), status: 200, goesOn: true),
        Case(name: "chunks", request: post(chunked, "2\r\n{}\r\n0\r\n\r\n"), status: 200, goesOn: true),
        Case(
            name: "a chunk's extension", request: post(chunked, "2;a=b\r\n{}\r\n0\r\n\r\n"), status: 200, goesOn: true),
        Case(
            name: "a length among trailers",
            request: post(chunked, "2\r\n{}\r\n0\r\nContent-Length: 50\r\n\r\n")),
        Case(
            name: "trailers", request: post(chunked, "2\r\n{}\r\n0\r\nHost: y\r\nA: b\r\n\r\n"), status: 200,
            goesOn: true),
        Case(
            name: "a coding of capitals", request: post("Transfer-Encoding: CHUNKED\r\n", "0\r\n\r\n"), status: 200,
            goesOn: true),
        Case(name: "no body", request: post(""), status: 200, goesOn: true),
        Case(
            name: "the absolute form", request: "GET http://x/health HTTP/1.1\r\n\(host)\r\n", status: 200, goesOn: true
        ),
        Case(name: "empty lines before", request: "\r\n\r\n" + get(host), status: 200, goesOn: true),
        Case(name: "an empty value", request: get(host + "A:\r\n"), status: 200, goesOn: true),
        Case(
            name: "a body of a GET", request: "GET /health HTTP/1.1\r\n\(host)Content-Length: 5\r\n\r\nabcde",
            status: 200, goesOn: true),
    ]

    @Test(arguments: cases)
    func framing(_ item: Case) throws {
        let server = try TestServer()
        let client = try Client(port: server.server.port)
        client.send(bytes: Array((item.request + "GET /v1/data/k/list HTTP/1.1\r\nHost: x\r\n\r\n").utf8))
        #expect(try client.response().status == item.status)
        if item.goesOn {
            #expect(try client.response().body == "{\"result\":[10,20]}\n")
        } else {
            #expect(try client.isClosed(), "what is behind it was read as a request")
        }
        #expect(try server.ask("GET", "/health").status == 200)
    }
}
