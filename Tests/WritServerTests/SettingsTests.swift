import Testing
import Writ
import WritRuntime

@testable import WritServer

/// OPA's configuration: what is understood, and what is refused rather than ignored.
@Suite struct SettingsTests {
    private func read(_ json: String) throws(SettingsFailure) -> ServerSettings {
        try ServerSettings(reading: Array(json.utf8), id: "i", version: "v")
    }

    @Test func whatIsUnderstood() throws {
        let settings = try read(
            #"""
            {
              "labels": {"app": "a"}, "default_decision": "/a/b", "default_authorization_decision": "x/y",
              "caching": {
                "inter_query_builtin_cache": {
                  "max_size_bytes": 1000, "forced_eviction_threshold_percentage": 80,
                  "stale_entry_eviction_period_seconds": 10
                },
                "inter_query_builtin_value_cache": {"max_num_entries": 5, "named": {"io_jwt": {"max_num_entries": 6}}}
              },
              "server": {
                "encoding": {"gzip": {"min_length": 10}}, "decoding": {"max_length": 99, "gzip": {"max_length": 77}},
                "metrics": {"prom": {"http_request_duration_seconds": {"buckets": [0.0000025, 0.5, 2]}}}
              }
            }
            """#)
        #expect(settings.cacheSize == 1000)
        #expect(settings.cacheThreshold == 80)
        #expect(settings.cacheStalePeriod == 10)
        #expect(settings.keptValues.patterns == 5)
        #expect(settings.keptValues.tokenKeys == 6)
        var configuration = ServerConfiguration()
        settings.apply(to: &configuration)
        #expect(configuration.defaultDecision == [Array("a".utf8), Array("b".utf8)])
        #expect(configuration.authorizationDecision == [Array("x".utf8), Array("y".utf8)])
        #expect(configuration.packedFrom == 10)
        #expect(configuration.bodyLimit == 77)
        #expect(configuration.durationBounds == [2.5e-6, 0.5, 2])
        let shown = String(decoding: configuration.shownConfiguration, as: UTF8.self)
        #expect(shown.contains(#""labels":{"app":"a","id":"i","version":"v"}"#))
        #expect(shown.contains(#""default_decision":"/a/b""#))
    }

    @Test func withoutAny() throws {
        let settings = try read("{}")
        #expect(
            String(decoding: settings.shown, as: UTF8.self)
                == #"{"default_authorization_decision":"/system/authz/allow","default_decision":"/system/main","#
                + #""labels":{"id":"i","version":"v"}}"#)
        #expect(settings.cacheSize == nil)
    }

    @Test(arguments: [
        (#"[]"#, "the configuration must be an object"), (#"{"#, "unexpected EOF"),
        (#"{"labls": {}}"#, "unknown key in the configuration: labls"),
        (#"{"caching": {"x": 1}}"#, "unknown key in the configuration: caching.x"),
        (#"{"decision_logs": {}}"#, "decision_logs: not supported yet"),
        (#"{"server": {"metrics": 1}}"#, "server.metrics must be an object"),
        (
            #"{"server": {"metrics": {"prom": {"http_request_duration_seconds": {"buckets": [1, 1]}}}}}"#,
            "server.metrics.prom.http_request_duration_seconds.buckets must be a list of growing numbers"
        ),
        (#"{"labels": {"a": 1}}"#, "labels must be an object of strings"),
        (#"{"default_decision": 1}"#, "default_decision must be a string"),
        (#"{"caching": 1}"#, "caching must be an object"),
        (#"{"caching": {"inter_query_builtin_cache": {"max_size_bytes": -1}}}"#, "invalid max_size_bytes -1"),
        (
            #"{"caching": {"inter_query_builtin_cache": {"forced_eviction_threshold_percentage": 101}}}"#,
            "invalid forced_eviction_threshold_percentage 101"
        ),
        (
            #"{"caching": {"inter_query_builtin_cache": {"stale_entry_eviction_period_seconds": -5}}}"#,
            "invalid stale_entry_eviction_period_seconds -5"
        ),
        (#"{"caching": {"inter_query_builtin_value_cache": {"max_num_entries": -1}}}"#, "invalid max_num_entries -1"),
    ])
    func refused(_ json: String, _ message: String) {
        let failure = #expect(throws: SettingsFailure.self) { try read(json) }
        #expect(failure?.message == message)
    }

    @Test func aKeyThatIsNearlyOne() {
        let failure = #expect(throws: SettingsFailure.self) { try read(#"{"labls": {}}"#) }
        #expect(failure?.suggestion?.known.contains("labels") == true)
    }
}
