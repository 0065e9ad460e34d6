import Foundation
import Testing
import Writ

@testable import WritServer

@Suite struct CacheTests {
    private static let policy = """
        package app

        slow := count([1 | some a in numbers.range(1, 30); some b in numbers.range(1, 30); a * b > input.limit])

        named := input.user.name

        whole := input

        first := input.list[0]

        listed contains n if some n in input.list

        now := time.now_ns()

        hidden := x if x := lower("a") with lower as uuid.rfc4122

        masked := x if x := named with input.user.name as "other"

        fetched := http.send({"url": input.url, "method": "GET"})

        checked := io.jwt.decode_verify(input.token, {"secret": "s"})

        nothing if input.never

        base := data.k.list
        """

    private func server() throws -> TestServer {
        let server = try TestServer {
            $0.cacheSize = 1 << 20
            $0.cachedFrom = 0
            $0.threads = 1
        }
        // What a host provides; always the same here, and not to be kept all the same.
        var functions = HostFunctions.standard
        functions.provide("http.send") { (_, _) throws(Fault) in .emptyObject }
        functions.provide("io.jwt.decode_verify") { (_, _) throws(Fault) in .emptyArray }
        server.store.replace(with: try TestServer.snapshot(Self.policy, functions))
        return server
    }

    private func hits(_ server: TestServer) throws -> Int {
        let text = try server.ask("GET", "/metrics").body
        let line = text.components("\n").first { $0.hasPrefix("writ_decision_cache_hits_total ") }
        return Int(line?.components(" ").last ?? "") ?? -1
    }

    /// Asks until answers are kept, and gives the last one.
    private func ask(_ server: TestServer, _ name: String, _ input: String, times: Int = 20) throws -> String {
        let client = try Client(port: server.server.port)
        var body = ""
        for _ in 0..<times {
            client.send(Client.request("POST", "/v1/data/app/\(name)", "{\"input\": \(input)}"))
            body = try client.response().body
        }
        return body
    }

    @Test(arguments: [
        ("slow", #"{"limit": 100}"#), ("named", #"{"user": {"name": "jo"}}"#), ("whole", #"{"a": [1, {"b": null}]}"#),
        ("first", #"{"list": [1, 2]}"#), ("listed", #"{"list": [1, 2]}"#), ("nothing", "{}"), ("base", "1"),
        ("masked", #"{"user": {"name": "jo"}}"#),
    ])
    func equalReadsAreAnsweredAgain(_ name: String, _ input: String) throws {
        let server = try server()
        let first = try ask(server, name, input, times: 1)
        #expect(try hits(server) == 0)
        #expect(try ask(server, name, input) == first)
        #expect(try hits(server) > 0)
    }

    @Test(arguments: [
        ("now", "{}"), ("hidden", "{}"), ("checked", #"{"token": "x"}"#),
        ("fetched", #"{"url": "http://127.0.0.1:1"}"#),
    ])
    func whatMayDifferIsNotKept(_ name: String, _ input: String) throws {
        let server = try server()
        _ = try ask(server, name, input, times: 40)
        #expect(try hits(server) == 0)
    }

    @Test func onlyWhatIsReadCounts() throws {
        let server = try server()
        _ = try ask(server, "named", #"{"user": {"name": "jo", "age": 1}, "other": 1}"#)
        let before = try hits(server)
        #expect(try ask(server, "named", #"{"user": {"name": "jo", "age": 2}}"#, times: 1) == "{\"result\":\"jo\"}\n")
        #expect(try hits(server) == before + 1)
        for (input, want) in [
            (#"{"user": {"name": "al"}}"#, "{\"result\":\"al\"}\n"), (#"{"user": {}}"#, "{}\n"),
            (#"{"user": {"name": 1}}"#, "{\"result\":1}\n"), (#"{"user": {"name": 1.0}}"#, "{\"result\":1.0}\n"),
            (#"{"user": {"name": "1"}}"#, "{\"result\":\"1\"}\n"), (#"{"user": ["name"]}"#, "{}\n"), ("{}", "{}\n"),
            (#"{"user": {"name": null}}"#, "{\"result\":null}\n"),
            (#"{"user": {"name": [[]]}}"#, "{\"result\":[[]]}\n"),
            (#"{"user": {"name": [[], 1]}}"#, "{\"result\":[[],1]}\n"),
            (#"{"user": {"name": [[1]]}}"#, "{\"result\":[[1]]}\n"),
            (#"{"user": {"name": 123456789012345678901234567890}}"#, "{\"result\":123456789012345678901234567890}\n"),
        ] {
            // Twice: the second time from what was kept.
            #expect(try ask(server, "named", input, times: 2) == want)
        }
    }

    @Test func numbersAsSteps() throws {
        let server = try server()
        #expect(try ask(server, "first", #"{"list": [1, 2]}"#) == "{\"result\":1}\n")
        #expect(try ask(server, "first", #"{"list": [2, 2]}"#, times: 1) == "{\"result\":2}\n")
        #expect(try ask(server, "first", #"{"list": {"0": 3}}"#, times: 1) == "{}\n")
        #expect(try ask(server, "first", #"{"list": []}"#, times: 1) == "{}\n")
    }

    @Test func changesForgetAll() throws {
        let server = try server()
        #expect(try ask(server, "base", "1") == "{\"result\":[10,20]}\n")
        let patch = #"[{"op": "add", "path": "/list/-", "value": 30}]"#
        #expect(try server.ask("PATCH", "/v1/data/k", patch).status == 204)
        #expect(try ask(server, "base", "1", times: 1) == "{\"result\":[10,20,30]}\n")
    }

    @Test func itIsBounded() {
        let cache = DecisionCache(limit: 10_000)
        for number in 0..<10_000 {
            cache.keep(
                Array("key \(number)".utf8), DecisionCache.Entry(result: [UInt8](repeating: 0, count: number % 300)))
            #expect(cache.bytes <= 10_000)
        }
        #expect(cache.find(Array("key 9999".utf8)) != nil)
        #expect(cache.find(Array("key 1".utf8)) == nil)
    }
}
