import Foundation
import Synchronization
import Testing

@testable import WritServer

@Suite struct ConnectionTests {
    private static let ask = Client.request("POST", "/v1/data/app/allow", #"{"input": {"user": "jo"}}"#)
    private static let answer = "{\"result\":true}\n"

    @Test func connectionsAreKept() throws {
        let server = try TestServer()
        let client = try Client(port: server.server.port)
        for _ in 0..<3 {
            client.send(Self.ask)
            #expect(try client.response().body == Self.answer)
        }
        client.send("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(try client.response().headers["connection"] == "close")
        #expect(try client.isClosed())
    }

    @Test func olderProtocol() throws {
        let server = try TestServer()
        let client = try Client(port: server.server.port)
        client.send("GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(try client.response().headers["connection"] == "keep-alive")
        client.send("GET /health HTTP/1.0\r\n\r\n")
        #expect(try client.response().body == "{}\n")
        #expect(try client.isClosed())
    }

    @Test func requestsAheadAreAnsweredInOrder() throws {
        let server = try TestServer()
        let client = try Client(port: server.server.port)
        var text = ""
        for number in 0..<200 { text += Client.request("POST", "/v1/data/app/echo", "{\"input\": \(number)}") }
        client.send(text)
        for number in 0..<200 { #expect(try client.response().body == "{\"result\":\(number)}\n") }
    }

    @Test func bodiesInPieces() throws {
        let server = try TestServer()
        let client = try Client(port: server.server.port)
        for byte in Self.ask.utf8 {
            client.send(String(decoding: [byte], as: UTF8.self))
            usleep(100)
        }
        #expect(try client.response().body == Self.answer)
        client.send(
            "POST /v1/data/app/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "5\r\n{\"inp\r\n9\r\nut\": [1]}\r\n0\r\n\r\n")
        #expect(try client.response().body == "{\"result\":[1]}\n")
    }

    @Test func bodiesThatAreTooLarge() throws {
        let server = try TestServer { $0.bodyLimit = 100 }
        for request in [
            "POST /v1/data/k HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n",
            "POST /v1/data/k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n80\r\n"
                + String(repeating: " ", count: 128) + "\r\n",
        ] {
            let client = try Client(port: server.server.port)
            client.send(request)
            let response = try client.response()
            #expect(response.status == 400)
            #expect(
                response.body
                    == "{\n  \"code\": \"invalid_parameter\",\n  \"message\": \"request body too large\"\n}\n")
            #expect(try client.isClosed())
        }
        #expect(try server.ask("POST", "/v1/data/app/echo", "{\"input\":1}").status == 200)
    }

    @Test(arguments: [
        "nonsense\r\n\r\n", "GET /health HTTP/9.9\r\n\r\n", "GET  HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", "GET /health HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ])
    func malformedRequests(_ text: String) throws {
        let server = try TestServer()
        let client = try Client(port: server.server.port)
        client.send(text)
        #expect(try client.response().status == 400)
        #expect(try server.ask("GET", "/health").status == 200)
    }

    @Test func headersThatAreTooLong() throws {
        let server = try TestServer { $0.headerLimit = 1024 }
        let client = try Client(port: server.server.port)
        client.send("GET /health HTTP/1.1\r\nHost: x\r\nA: " + String(repeating: "b", count: 4096) + "\r\n\r\n")
        #expect(try client.response().status == 431)
        #expect(try client.isClosed())
    }

    @Test func idleConnectionsAreClosed() throws {
        let server = try TestServer { $0.idleTimeout = 0.3 }
        let silent = try Client(port: server.server.port)
        let halfway = try Client(port: server.server.port)
        halfway.send("GET /health HT")
        #expect(try silent.isClosed())
        #expect(try halfway.isClosed())
    }

    @Test func slowBodiesAreGivenUp() throws {
        let server = try TestServer { $0.stallTimeout = 0.3 }
        let client = try Client(port: server.server.port)
        client.send("POST /v1/data/k HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")
        #expect(try client.response().status == 408)
        #expect(try client.isClosed())
    }

    @Test func clientsThatDoNotRead() throws {
        let server = try TestServer { $0.stallTimeout = 0.5 }
        let client = try Client(port: server.server.port, receiveBuffer: 4096)
        client.send(Client.request("GET", "/health"))
        #expect(try client.response().status == 200)
        #expect(server.server.connectionCount == 1)
        // Some 100 KB an answer: far more than the socket holds.
        var isOpen = true
        let request = String(repeating: Client.request("GET", "/v1/data/app/big"), count: 100)
        for _ in 0..<50 where isOpen { isOpen = client.send(request) && !isGone(server) }
        let deadline = Date().addingTimeInterval(10)
        while !isGone(server), Date() < deadline { usleep(50_000) }
        #expect(isGone(server))
        #expect(try server.ask("GET", "/health").status == 200)
    }

    private func isGone(_ server: TestServer) -> Bool { server.server.connectionCount == 0 }

    @Test func bodiesThatAreAskedFor() throws {
        let server = try TestServer()
        let client = try Client(port: server.server.port)
        client.send(
            "POST /v1/data/app/echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 12\r\n\r\n")
        #expect(try client.response().status == 100)
        client.send("{\"input\": 1}")
        #expect(try client.response().body == "{\"result\":1}\n")
    }

    @Test func otherProtocolsAreNotSpoken() throws {
        let server = try TestServer()
        let client = try Client(port: server.server.port)
        client.send("GET /health HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
        #expect(try client.response().status == 200)
        #expect(try client.isClosed())
    }

    @Test func manyClients() throws {
        let server = try TestServer()
        let port = server.server.port
        let good = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            guard let client = try? Client(port: port) else { return }
            for _ in 0..<50 {
                client.send(Self.ask)
                if (try? client.response().body) == Self.answer { good.withLock { $0 += 1 } }
            }
        }
        #expect(good.withLock { $0 } == 400)
    }

    @Test func stopsWhenRequestsAreDone() throws {
        let server = try TestServer()
        let port = server.server.port
        let busy = try Client(port: port)
        let idle = try Client(port: port)
        idle.send(Self.ask)
        #expect(try idle.response().body == Self.answer)
        busy.send("POST /v1/data/app/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n{\"inp")
        usleep(100_000)
        let done = DispatchSemaphore(value: 0)
        let running = server.server
        Thread.detachNewThread {
            running.stop(gracePeriod: 20)
            done.signal()
        }
        #expect(try idle.isClosed())
        // No one is let in any more.
        #expect(throws: ClientFailure.self) {
            for _ in 0..<100 {
                _ = try Client(port: port)
                usleep(20_000)
            }
        }
        #expect(done.wait(timeout: .now()) == .timedOut)
        busy.send("ut\": 1}")
        #expect(try busy.response().body == "{\"result\":1}\n")
        #expect(try busy.isClosed())
        #expect(done.wait(timeout: .now() + 10) == .success)
        server.forgetStopping()
    }

    @Test func stopsAfterTheGracePeriod() throws {
        let server = try TestServer()
        let client = try Client(port: server.server.port)
        client.send("POST /v1/data/app/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n{")
        usleep(100_000)
        let start = Date()
        server.stop(gracePeriod: 0.2)
        #expect(Date().timeIntervalSince(start) < 5)
        #expect(try client.isClosed())
    }

    @Test func addressesInUse() throws {
        let server = try TestServer()
        var configuration = ServerConfiguration()
        configuration.addresses = ["127.0.0.1:\(server.server.port)"]
        #expect(throws: ServerFailure.self) {
            try Server.start(server.store, configuration).stop(gracePeriod: 0)
        }
        configuration.addresses = ["nowhere"]
        #expect(throws: ServerFailure.self) {
            try Server.start(server.store, configuration).stop(gracePeriod: 0)
        }
    }
}
