import Glibc
import Synchronization
import Testing
import Writ

@testable import WritServer

/// What `http.send` waits for, until the test lets it go on.
final class Gate: Sendable {
    private struct State {
        var waiting: [@Sendable () -> Void] = []
        var begun = 0
        var cancelled = 0
    }

    private let state = Mutex(State())

    var begun: Int { state.withLock { $0.begun } }
    var cancelled: Int { state.withLock { $0.cancelled } }

    /// Ends every wait that has begun.
    func open() {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for done in waiting { done() }
    }

    var functions: HostFunctions {
        var functions = HostFunctions.standard
        functions.provideWaiting("http.send") { (_, _) throws(Fault) in
            .wait(
                HostWait(
                    begin: { done in
                        self.state.withLock { state in
                            state.waiting.append(done)
                            state.begun += 1
                        }
                    },
                    cancel: { self.state.withLock { $0.cancelled += 1 } },
                    finish: { (_) throws(Fault) in .value(.integer(200)) }))
        }
        return functions
    }

    /// Waits for a condition, for some seconds at most.
    static func eventually(_ condition: () -> Bool) -> Bool {
        for _ in 0..<500 {
            if condition() { return true }
            usleep(10_000)
        }
        return false
    }
}

/// A slow host call holds up its own decision and no other.
@Suite struct WaitingTests {
    private static let policy = """
        package app

        slow := {"status": http.send({"method": "get", "url": "x"}), "input": input}

        fast := input
        """

    private func server(_ gate: Gate, limit: Int = 256) throws -> TestServer {
        let server = try TestServer { configuration in
            configuration.threads = 1
            configuration.waitingLimit = limit
        }
        let file = PolicyFile(name: "app.rego", text: Array(Self.policy.utf8))
        server.store.replace(
            with: Snapshot(policy: try Policy.compile([file], options: CompileOptions(functions: gate.functions))))
        return server
    }

    @Test func othersAreAnsweredMeanwhile() throws {
        let gate = Gate()
        let server = try server(gate)
        let slow = try Client(port: server.server.port)
        // Two slow requests and a fast one, sent ahead: their answers come in order.
        slow.send(Client.request("POST", "/v1/data/app/slow", #"{"input": 1}"#))
        slow.send(Client.request("POST", "/v0/data/app/slow", "2"))
        slow.send(Client.request("POST", "/v1/data/app/fast", #"{"input": 3}"#))
        #expect(Gate.eventually { gate.begun == 1 })
        let other = try Client(port: server.server.port)
        for number in 0..<50 {
            other.send(Client.request("POST", "/v1/data/app/fast", #"{"input": \#(number)}"#))
            #expect(try other.response().body == "{\"result\":\(number)}\n")
        }
        gate.open()
        #expect(try slow.response().body == "{\"result\":{\"input\":1,\"status\":200}}\n")
        #expect(Gate.eventually { gate.begun == 2 })
        gate.open()
        #expect(try slow.response().body == "{\"input\":2,\"status\":200}\n")
        #expect(try slow.response().body == "{\"result\":3}\n")
    }

    @Test func manyStandStillAtOnce() throws {
        let gate = Gate()
        let server = try server(gate, limit: 40)
        let clients = try (0..<40).map { _ in try Client(port: server.server.port) }
        for (number, client) in clients.enumerated() {
            client.send(Client.request("POST", "/v1/data/app/slow", #"{"input": \#(number)}"#))
        }
        #expect(Gate.eventually { gate.begun == 40 })
        // One more is one too many.
        let refused = try server.ask("POST", "/v1/data/app/slow", #"{"input": 0}"#)
        #expect(refused.status == 503)
        #expect(refused.body.contains("writ_overloaded"))
        #expect(try server.ask("POST", "/v1/data/app/fast", #"{"input": 0}"#).status == 200)
        gate.open()
        for (number, client) in clients.enumerated() {
            #expect(try client.response().body == "{\"result\":{\"input\":\(number),\"status\":200}}\n")
        }
    }

    @Test func aDecisionEndsWithTheSnapshotThatItBeganWith() throws {
        let gate = Gate()
        let server = try server(gate)
        let client = try Client(port: server.server.port)
        client.send(Client.request("POST", "/v1/data/app/slow", #"{"input": 1}"#))
        #expect(Gate.eventually { gate.begun == 1 })
        server.store.replace(with: try TestServer.snapshot("package app\n\nfast := \"new\""))
        #expect(try server.ask("POST", "/v1/data/app/fast", "{}").body.hasPrefix("{\"result\":\"new\""))
        gate.open()
        #expect(try client.response().body == "{\"result\":{\"input\":1,\"status\":200}}\n")
        #expect(try server.ask("POST", "/v1/data/app/fast", "{}").body.hasPrefix("{\"result\":\"new\""))
    }

    @Test func aClientThatLeavesCancels() throws {
        let gate = Gate()
        let server = try server(gate)
        do {
            let client = try Client(port: server.server.port)
            client.send(Client.request("POST", "/v1/data/app/slow", #"{"input": 1}"#))
            #expect(Gate.eventually { gate.begun == 1 })
        }
        #expect(Gate.eventually { gate.cancelled >= 1 })
        gate.open()
        #expect(try server.ask("POST", "/v1/data/app/fast", #"{"input": 1}"#).status == 200)
    }

    @Test func theServerEndsWithDecisionsStandingStill() throws {
        let gate = Gate()
        let server = try server(gate)
        let client = try Client(port: server.server.port)
        client.send(Client.request("POST", "/v1/data/app/slow", #"{"input": 1}"#))
        #expect(Gate.eventually { gate.begun == 1 })
        server.stop(gracePeriod: 0.1)
        #expect(try client.isClosed())
        #expect(gate.cancelled >= 1)
    }
}
