import Synchronization
import Testing

@testable import WritServer

@Suite struct RequestTargetTests {
    @Test(arguments: [
        ("/v1/data//a", "/v1/data/a"), ("/v1/data/./a", "/v1/data/a"), ("/v1/data/x/../a?p=1", "/v1/data/a?p=1"),
        ("/..", "/"), ("/a/.", "/a"), ("//", "/"), ("/a//", "/a/"), ("/../../etc", "/etc"),
    ])
    func unclean(_ target: String, _ want: String) throws {
        #expect(try #require(RequestTarget(target)).cleaned().map { String(decoding: $0, as: UTF8.self) } == want)
    }

    @Test(arguments: [
        "/", "/v1/data", "/v1/data/a.b", "/v1/data/..a", "/v1/data/.a/b.", "/a?x=//", "/v1/data/a%2F%2Fb",
    ])
    func clean(_ target: String) throws { #expect(try #require(RequestTarget(target)).cleaned() == nil) }

    @Test(arguments: ["", "x", "/%", "/%4", "/%zz", "*", "http:/x"])
    func refused(_ target: String) { #expect(RequestTarget(target) == nil) }

    @Test func absoluteForm() throws {
        #expect(try #require(RequestTarget("http://host:1/v1/data?x")).path == Array("/v1/data".utf8))
        #expect(try #require(RequestTarget("http://host")).path == Array("/".utf8))
    }

    @Test func segments() throws {
        let target = try #require(RequestTarget("/v1/data/a%2Fb/c+d/%C3%A9"))
        #expect(target.segments(after: 8) == ["a/b", "c+d", "é"].map { Array($0.utf8) })
    }

    @Test func parameters() throws {
        let target = try #require(RequestTarget("/?a&b=&c=true&d=TRUE&e=false&f=1&g=x+y%26&h=1&h=2&%"))
        #expect(["a", "b", "c", "d"].count == 4 && target.isSet("a") && target.isSet("b"))
        #expect(target.isSet("c") && target.isSet("d"))
        #expect(!target.isSet("e") && !target.isSet("f") && !target.isSet("z"))
        #expect(target.parameter("g") == Array("x y&".utf8))
        #expect(target.parameter("h") == Array("2".utf8))
        #expect(target.parameter("z") == nil)
    }
}

@Suite struct AddressTests {
    @Test(arguments: [
        ("localhost:8181", "localhost", 8181), (":80", "0.0.0.0", 80), ("[::1]:1", "::1", 1),
        ("http://a:2", "a", 2),
    ])
    func hosts(_ text: String, _ host: String, _ port: Int) throws {
        let address = try #require(Server.hostAndPort(text))
        #expect(address.host == host)
        #expect(address.port == port)
    }

    @Test(arguments: ["", "a", "a:", "a:x", "a:70000", "a:-1"])
    func refused(_ text: String) { #expect(Server.hostAndPort(text) == nil) }

    @Test func sockets() {
        #expect(Server.unixPath("unix:///tmp/a") == "/tmp/a")
        #expect(Server.unixPath("a:1") == nil)
    }
}

@Suite struct LoggerTests {
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    private func line(_ format: ServerLogger.Format) -> String {
        let lines = Lines()
        let logger = ServerLogger(level: .info, format: format) { bytes in
            lines.all.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
        }
        logger.log(.debug, "not this")
        logger.log(.error, "a\"b\nc", [("n", .number(1)), ("addrs", .list(["x y"])), ("z", .text("\u{1}"))])
        return lines.all.withLock { $0.joined() }
    }

    @Test func json() {
        let text = line(.json)
        #expect(text.hasPrefix(#"{"addrs":["x y"],"level":"error","msg":"a\"b\nc","n":1,"time":""#))
        #expect(text.hasSuffix("Z\",\"z\":\"\\u0001\"}\n"))
    }

    @Test func text() {
        let text = line(.text)
        #expect(text.hasPrefix("time=\""))
        #expect(text.hasSuffix(#" level=error msg="a\"b\nc" addrs="[x y]" n=1 z="\u0001""# + "\n"))
    }
}
