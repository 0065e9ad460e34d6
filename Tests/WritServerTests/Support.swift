import Glibc
import Testing
import Writ

@testable import WritServer

/// A server of its own for one test, on a free port of the loopback address.
final class TestServer {
    static let policy = """
        package app

        default allow := false

        allow if input.user == "jo"

        echo := input

        big := [x | some x in numbers.range(1, 20000)]

        c := 1

        c := 2 if input.n

        ratio := 1 / input.n
        """

    let server: Server
    let store: SnapshotStore
    private(set) var isStopped = false

    init(_ change: (inout ServerConfiguration) -> Void = { _ in }) throws {
        store = SnapshotStore(try Self.snapshot(Self.policy))
        var configuration = ServerConfiguration()
        configuration.addresses = ["127.0.0.1:0"]
        configuration.threads = 2
        configuration.version = "9.9"
        configuration.decodeYAML = { text in
            text == Array("input: {user: jo}".utf8)
                ? .success(Array(#"{"input":{"user":"jo"}}"#.utf8)) : .failure(YAMLRefusal("yaml: bad"))
        }
        change(&configuration)
        server = try Server.start(store, configuration)
    }

    static func snapshot(_ policy: String, _ functions: HostFunctions = .standard) throws -> Snapshot {
        var data = DataBuilder()
        try data.add(Array(#"{"k": {"list": [10, 20]}, "a/b": 1}"#.utf8))
        return Snapshot(
            policy: try Policy.compile(
                [PolicyFile(name: "app.rego", text: Array(policy.utf8))], options: CompileOptions(functions: functions)),
            data: try data.freeze())
    }

    func stop(gracePeriod: Double = 5) {
        guard !isStopped else { return }
        isStopped = true
        server.stop(gracePeriod: gracePeriod)
    }

    /// For a test that has stopped the server itself.
    func forgetStopping() { isStopped = true }

    deinit { stop() }

    /// One request over a connection of its own.
    func ask(_ method: String, _ path: String, _ body: String = "", headers: String = "") throws -> Response {
        let client = try Client(port: server.port)
        client.send(Client.request(method, path, body, headers: headers))
        return try client.response(isHead: method == "HEAD")
    }
}

struct ClientFailure: Error {
    let message: String
}

struct Response {
    var status = 0
    var headers: [String: String] = [:]
    var body = ""
    /// The body as it came.
    var bytes: [UInt8] = []
}

/// A client of plain sockets, so that any bytes can be sent at any time.
final class Client {
    private let descriptor: Int32
    private var received: [UInt8] = []

    init(port: Int, receiveBuffer: Int32 = 0) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if receiveBuffer > 0 {
            var size = receiveBuffer
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var timeout = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw ClientFailure(message: "connect: \(errno)") }
    }

    deinit { close(descriptor) }

    static func request(_ method: String, _ path: String, _ body: String = "", headers: String = "") -> String {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: x\r\n\(headers)"
        if !body.isEmpty || method == "POST" { text += "Content-Length: \(body.utf8.count)\r\n" }
        return text + "\r\n" + body
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(bytes: Array(text.utf8)) }

    @discardableResult
    func send(bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// More bytes; false at the end of the stream.
    private func more() throws -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        guard count >= 0 else {
            if errno == ECONNRESET { return false }
            throw ClientFailure(message: "recv: \(errno)")
        }
        received += chunk[..<count]
        return count > 0
    }

    /// Whether the server closes the connection without sending more.
    func isClosed() throws -> Bool { try received.isEmpty && !more() }

    /// The next answer.
    func response(isHead: Bool = false) throws -> Response {
        let gap = Array("\r\n\r\n".utf8)
        var head: Int?
        while head == nil {
            head = received.indices.first { received[$0...].starts(with: gap) }
            if head == nil, try !more() {
                throw ClientFailure(message: "closed after " + String(decoding: received, as: UTF8.self))
            }
        }
        var result = Response()
        let lines = String(decoding: received[..<(head ?? 0)], as: UTF8.self).components("\r\n")
        result.status = Int(lines[0].components(" ")[1]) ?? 0
        for line in lines.dropFirst() {
            let parts = line.components(": ")
            result.headers[parts[0].lowercased()] = parts.dropFirst().joined(separator: ": ")
        }
        received.removeFirst((head ?? 0) + 4)
        if result.status == 100 { return result }
        let length = isHead ? 0 : Int(result.headers["content-length"] ?? "") ?? 0
        while received.count < length {
            guard try more() else { throw ClientFailure(message: "closed within a body") }
        }
        result.bytes = Array(received[..<length])
        result.body = String(decoding: result.bytes, as: UTF8.self)
        received.removeFirst(length)
        return result
    }
}

extension String {
    /// Split at a separator.
    func components(_ separator: String) -> [String] {
        var parts: [String] = []
        var current: [UInt8] = []
        let bytes = Array(utf8)
        let mark = Array(separator.utf8)
        var index = 0
        while index < bytes.count {
            if bytes[index...].starts(with: mark) {
                parts.append(String(decoding: current, as: UTF8.self))
                current = []
                index += mark.count
            } else {
                current.append(bytes[index])
                index += 1
            }
        }
        return parts + [String(decoding: current, as: UTF8.self)]
    }
}
