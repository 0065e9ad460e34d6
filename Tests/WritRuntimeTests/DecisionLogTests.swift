import Foundation
import Testing
import Writ
import WritDecisionLog
import WritJournal

@testable import WritRuntime
@testable import WritServer

@Suite struct DecisionLogTests {
    private func read(_ json: String) throws(SettingsFailure) -> DecisionLogSettings? {
        let services = #""services": {"acme": {"url": "http://x"}, "other": {"url": "http://y"}}"#
        let settings = try RuntimeSettings(
            reading: Array("{\(services), \"decision_logs\": \(json)}".utf8), id: "i", version: "v",
            supported: ["decision_logs"])
        return try DecisionLogPlugin.read(settings)
    }

    @Test func whatIsUnderstood() throws {
        let all = try #require(
            try read(
                #"""
                {
                  "service": "other", "resource": "/my/logs", "console": true, "nd_builtin_cache": true,
                  "mask_decision": "/a/mask", "drop_decision": "a/drop",
                  "request_context": {"http": {"headers": ["X-A"]}},
                  "reporting": {
                    "buffer_type": "event", "buffer_size_limit_events": 7, "upload_size_limit_bytes": 1000,
                    "min_delay_seconds": 1, "max_delay_seconds": 2, "max_decisions_per_second": 0.5,
                    "trigger": "immediate", "when_full": "drop_allows_first"
                  },
                  "file": {"path": "/tmp/x", "max_bytes": 5000, "keep": 1}
                }
                """#))
        #expect(all.service == "other" && all.resource == "/my/logs" && all.isOnConsole)
        #expect(all.keepsNondeterministicResults && all.headers == ["X-A"])
        #expect(
            all.mask == [Array("a".utf8), Array("mask".utf8)] && all.drop == [Array("a".utf8), Array("drop".utf8)])
        #expect(all.buffer == .memory(bytes: nil, events: 7) && all.uploadBytes == 1000)
        #expect(all.minimumDelay == 1 && all.maximumDelay == 2 && all.maximumPerSecond == 0.5)
        #expect(all.trigger == .immediate && all.whenFull == .dropAllowsFirst)
        #expect(all.file == .init(path: "/tmp/x", maximumBytes: 5000, keep: 1))
        // As OPA: the first service where nothing else is said, none where the console is.
        #expect(try read("{}")?.service == "acme")
        #expect(try read(#"{"console": true}"#)?.service == nil)
        #expect(try read(#"{"partition_name": "p"}"#)?.resource == "/logs/p")
        #expect(
            try read(#"{"console": false, "reporting": {"buffer_size_limit_bytes": 5}}"#)?.buffer
                == .memory(bytes: 5, events: nil))
        let journal = try #require(try read(#"{"journal": {"sync": "each", "max_bytes": 1048576}}"#))
        #expect(
            journal.buffer
                == .journal(JournalSettings(directory: ".opa/decisions", maximumBytes: 1 << 20, sync: .each)))
    }

    @Test(arguments: [
        (#"{"servce": "acme"}"#, "decision_logs.servce"), (#"{"service": "none"}"#, "invalid service name \"none\""),
        (#"{"plugin": "x"}"#, "decision_logs.plugin"),
        (#"{"reporting": {"min_delay_seconds": 1}}"#, "missing 'max_delay_seconds'"),
        (#"{"reporting": {"min_delay_seconds": 3, "max_delay_seconds": 2}}"#, "max reporting delay must be >="),
        (#"{"reporting": {"buffer_type": "x"}}"#, "invalid buffer type \"x\""),
        (#"{"reporting": {"buffer_size_limit_events": 1}}"#, "isn't supported for the size buffer type"),
        (#"{"reporting": {"buffer_type": "event", "buffer_size_limit_bytes": 1}}"#, "isn't supported for the event"),
        (#"{"reporting": {"buffer_size_limit_bytes": 0}}"#, "must be higher than 0"),
        (#"{"reporting": {"buffer_size_limit_bytes": 1, "max_decisions_per_second": 1}}"#, "specify either"),
        (#"{"reporting": {"trigger": "never"}}"#, "invalid trigger mode \"never\""),
        (#"{"reporting": {"when_full": "panic"}}"#, "invalid when_full \"panic\""),
        (#"{"file": {}}"#, "decision_logs.file.path is missing"),
        (#"{"journal": {"sync": "never"}}"#, "invalid sync \"never\""),
        (#"{"console": true, "journal": {}}"#, "nothing takes the events away"),
    ])
    func whatIsRefused(json: String, message: String) {
        #expect { try read(json) } throws: { (($0 as? SettingsFailure)?.message ?? "").contains(message) }
    }

    /// Events reach the service, with its credentials; a refusal shows in the status and loses nothing, and other
    /// settings go on with what waits.
    @Test func shipsToTheService() async throws {
        let server = try AnsweringServer { _ in .init(status: 503) }
        let plugin = DecisionLogPlugin()
        func json(_ more: String) -> String {
            #"""
            {"services": {"s": {"url": "\#(server.address)", "response_header_timeout_seconds": 0, "credentials": {"bearer": {"token": "t"}}}},
             "status": {"prometheus": true},
             "decision_logs": {"service": "s", "reporting": {"min_delay_seconds": 600, "max_delay_seconds": 600\#(more)}}}
            """#
        }
        let runtime = try TestRuntime(json(""), supported: ["decision_logs"], further: [plugin])
        await runtime.runtime.start()
        #expect(runtime.state("decision_logs") == .ok)
        let log = try #require(plugin.log)
        let evaluator = Evaluator(runtime.store.take().snapshot)
        func decide() throws {
            evaluator.begin()
            var facts = DecisionFacts()
            facts.path = Array("x".utf8)
            let log = try #require(plugin.log)
            try log.recorder().record(facts, id: Array("d".utf8), evaluator)
        }
        try decide()
        #expect(await log.ship()?.status == 503)
        #expect(runtime.status.contains(#""http_code":"503""#))
        #expect(runtime.metrics.contains("decision_logs_pending 1\n"))
        let generation = plugin.slot.generation
        let other = try RuntimeSettings(
            reading: Array(json(#", "trigger": "manual""#).utf8), id: "i", version: "v", supported: ["decision_logs"])
        try await runtime.runtime.reconfigure(other)
        #expect(plugin.slot.generation > generation)
        try decide()
        server.change { _ in .init(status: 204) }
        #expect(await plugin.log?.ship() == nil)
        let question = try #require(server.questions.last)
        #expect(question.method == "POST" && question.path == "/logs")
        #expect(question.headers.first(name: "authorization") == "Bearer t")
        #expect(question.headers.first(name: "content-encoding") == "gzip")
        #expect(plugin.log?.status.counters.shipped == 2)
        #expect(!runtime.status.contains("http_code"))
        await runtime.runtime.stop()
        await server.stop()
    }
}
