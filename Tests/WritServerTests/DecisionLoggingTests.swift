import Foundation
import Synchronization
import Testing
import Writ
import WritDecisionLog
import WritJournal
import WritRuntime

@testable import WritServer

/// What the log is told of each way to decide.
@Suite struct DecisionLoggingTests {
    final class Lines: Sendable {
        private let all = Mutex<[String]>([])
        func add(_ line: [UInt8]) { all.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }

        /// The events since the last time this was asked.
        func take() throws -> [[String: Any]] {
            let lines = all.withLock { lines in
                defer { lines = [] }
                return lines
            }
            return try lines.map {
                try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            }
        }
    }

    private func server(
        _ lines: Lines, _ settings: DecisionLogSettings? = nil, _ change: (inout ServerConfiguration) -> Void = { _ in }
    ) throws -> TestServer {
        var settings = settings ?? DecisionLogSettings()
        settings.isOnConsole = true
        settings.headers = ["X-Who"]
        let slot = DecisionLogSlot()
        slot.replace(with: try DecisionLog(settings, labels: [("id", "i")], console: { lines.add($0) }))
        return try TestServer { configuration in
            configuration.decisionLog = slot
            configuration.bundles = [ActiveBundle(name: "b", revision: "r", roots: ["none"])]
            change(&configuration)
        }
    }

    private func json(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    /// A member as JSON text with sorted keys.
    private func text(_ value: Any?) throws -> String {
        guard let value else { return "nil" }
        let data = try JSONSerialization.data(withJSONObject: value, options: [.sortedKeys, .fragmentsAllowed])
        return String(decoding: data, as: UTF8.self)
    }

    @Test func anAnswerNamesItsEvent() throws {
        let lines = Lines()
        let server = try server(lines)
        let trace = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"
        let answer = try server.ask(
            "POST", "/v1/data/app/allow", #"{"input": {"user": "jo"}}"#, headers: trace + "X-Who: me\r\n")
        #expect(answer.status == 200 && answer.body.hasPrefix(#"{"decision_id":""#))
        let event = try #require(try lines.take().first)
        #expect(event["decision_id"] as? String == (try json(answer.body))["decision_id"] as? String)
        #expect(event["path"] as? String == "app/allow")
        #expect(try text(event["input"]) == #"{"user":"jo"}"#)
        #expect(event["result"] as? Bool == true)
        #expect(event["trace_id"] as? String == "0af7651916cd43dd8448eb211c80319c")
        #expect(event["span_id"] as? String == "b7ad6b7169203331")
        #expect((event["requested_by"] as? String)?.hasPrefix("127.0.0.1:") ?? false)
        #expect(event["req_id"] as? Int == 1)
        #expect(try text(event["bundles"]) == #"{"b":{"revision":"r"}}"#)
        #expect(try text(event["request_context"]) == #"{"http":{"headers":{"X-Who":["me"]}}}"#)
        #expect((event["metrics"] as? [String: Any])?["timer_rego_query_eval_ns"] is Int)
        server.stop()
    }

    @Test func everyWayToDecideIsLogged() throws {
        let lines = Lines()
        let server = try server(lines)
        func events(_ method: String, _ path: String, _ body: String = "") throws -> [[String: Any]] {
            _ = try server.ask(method, path, body)
            return try lines.take()
        }
        var event = try #require(try events("GET", "/v1/data/app/echo?input=%7B%22a%22:1%7D").first)
        #expect(try text(event["result"]) == #"{"a":1}"#)
        event = try #require(try events("POST", "/v1/data/app/none", "{}").first)
        #expect(event["path"] as? String == "app/none" && event["result"] == nil && event["input"] == nil)
        event = try #require(try events("POST", "/v1/data/app/c", #"{"input": {"n": 1}}"#).first)
        #expect((event["error"] as? [String: Any])?["code"] as? String == "eval_conflict_error")
        event = try #require(try events("POST", "/v0/data/app/echo", #"{"a": 2}"#).first)
        #expect(try text(event["result"]) == #"{"a":2}"#)
        event = try #require(try events("POST", "/", "{}").first)
        #expect(event["path"] as? String == "system/main")
        event = try #require(try events("GET", "/v1/query?q=x%20=%201").first)
        #expect(event["query"] as? String == "x = 1")
        #expect(try text(event["result"]) == #"[{"x":1}]"#)
        let both = try events("POST", "/v1/batch/data/app/echo", #"{"inputs": {"p": 1, "q": 2}}"#)
        #expect(try both.map { try text($0["result"]) } == ["1", "2"])
        #expect(Set(both.compactMap { $0["batch_decision_id"] as? String }).count == 1)
        #expect(Set(both.compactMap { $0["decision_id"] as? String }).count == 2)
        // What is no decision is none here either.
        #expect(try events("GET", "/v1/policies").isEmpty)
        #expect(try events("GET", "/health").isEmpty)
        #expect(try events("POST", "/v1/data/app/echo", "{").isEmpty)
        server.stop()
    }

    /// The answer that was kept is logged like one that was made.
    @Test func keptAnswersAreLogged() throws {
        let lines = Lines()
        let server = try server(lines) {
            $0.threads = 1
            $0.cacheSize = 1 << 20
            $0.cachedFrom = 0
        }
        for _ in 0..<40 { _ = try server.ask("POST", "/v1/data/app/allow", #"{"input": {"user": "jo"}}"#) }
        let answer = try server.ask("POST", "/v1/data/app/allow", #"{"input": {"user": "jo"}}"#)
        #expect((try json(answer.body))["result"] as? Bool == true)
        #expect(try server.ask("GET", "/metrics").body.contains("cache_hits"))
        let events = try lines.take()
        #expect(events.count == 41)
        #expect(events.allSatisfy { $0["result"] as? Bool == true })
        #expect(Set(events.compactMap { $0["decision_id"] as? String }).count == 41)
        server.stop()
    }

    /// Nobody gets a decision that cannot be logged, where the operator says so.
    @Test func noDecisionWithoutItsEvent() throws {
        var settings = DecisionLogSettings()
        settings.service = "nobody takes them"
        settings.trigger = .manual
        settings.buffer = .memory(bytes: nil, events: 3)
        settings.whenFull = .refuse
        let lines = Lines()
        let server = try server(lines, settings)
        for number in 0..<6 {
            let answer = try server.ask("POST", "/v1/data/app/allow", #"{"input": {"user": "jo"}}"#)
            #expect(answer.status == (number < 3 ? 200 : 503))
            if number >= 3 {
                #expect(answer.body.contains("writ_unlogged"))
                #expect(!answer.body.contains("true"))
            }
        }
        server.stop()
    }

    @Test func aLogThatComesAndGoes() throws {
        let lines = Lines()
        let slot = DecisionLogSlot()
        let server = try TestServer { $0.decisionLog = slot }
        #expect(try server.ask("POST", "/v1/data/app/allow", #"{"input": 1}"#).body == "{\"result\":false}\n")
        var settings = DecisionLogSettings()
        settings.isOnConsole = true
        slot.replace(with: try DecisionLog(settings, labels: [], console: { lines.add($0) }))
        _ = try server.ask("POST", "/v1/data/app/allow", #"{"input": 1}"#)
        #expect(try lines.take().count == 1)
        slot.replace(with: nil)
        _ = try server.ask("POST", "/v1/data/app/allow", #"{"input": 1}"#)
        #expect(try lines.take().isEmpty)
        server.stop()
    }
}
