import Testing
import WritTelemetry

@testable import WritRuntime

/// `distributed_tracing` of the configuration.
@Suite struct TracingSettingsTests {
    private func read(_ tracing: String) throws(SettingsFailure) -> TracingSettings? {
        try RuntimeSettings(
            reading: Array(#"{"distributed_tracing": \#(tracing)}"#.utf8), id: "i", version: "v",
            supported: ["distributed_tracing"]
        ).tracing
    }

    @Test func defaults() throws {
        #expect(try RuntimeSettings(reading: Array("{}".utf8), id: "i", version: "v").tracing == nil)
        #expect(try read("{}") == nil)
        #expect(try read(#"{"type": "", "address": "x:1"}"#) == nil)
        #expect(try read(#"{"type": "grpc"}"#) == TracingSettings(.grpc, host: "localhost", port: 4317))
        #expect(try read(#"{"type": "http"}"#) == TracingSettings(.http, host: "localhost", port: 4318))
    }

    @Test func all() throws {
        var wanted = TracingSettings(.http, host: "::1", port: 9)
        wanted.serviceName = "s"
        wanted.samplePercentage = 12.5
        wanted.encryption = .mutual
        wanted.verifiesServer = false
        wanted.certificateFile = "c"
        wanted.keyFile = "k"
        wanted.authorityFile = "a"
        wanted.serviceVersion = "1"
        wanted.serviceInstance = "2"
        wanted.serviceNamespace = "3"
        wanted.environment = "4"
        wanted.batchTimeout = 1
        wanted.exportTimeout = 2
        wanted.batchSize = 4
        wanted.queueSize = 4
        #expect(
            try read(
                #"""
                {
                  "type": "http", "address": "[::1]:9", "service_name": "s", "sample_percentage": 12.5,
                  "encryption": "mtls", "allow_insecure_tls": true, "tls_cert_file": "c", "tls_private_key_file": "k",
                  "tls_ca_cert_file": "a",
                  "resource": {
                    "service_version": "1", "service_instance_id": "2", "service_namespace": "3",
                    "deployment_environment": "4"
                  },
                  "batch_span_processor_options": {
                    "blocking": false, "batch_timeout_ms": 1, "export_timeout_ms": 2, "max_export_batch_size": 5,
                    "max_queue_size": 4
                  }
                }
                """#) == wanted)
    }

    @Test(arguments: [
        (
            #"{"type": "zipkin"}"#,
            "unknown distributed_tracing.type 'zipkin', must be \"grpc\", \"http\" or \"\" (unset)"
        ),
        (#"{"sample_percentage": 101}"#, "unsupported distributed_tracing.sample_percentage '101.0'"),
        (#"{"encryption": "ssl"}"#, "unsupported distributed_tracing.encryption 'ssl'"),
        (#"{"adress": "x"}"#, "unknown key in the configuration: distributed_tracing.adress"),
        (#"{"address": "http://x:1"}"#, "distributed_tracing.address 'http://x:1' must be host:port"),
        (#"{"address": "x:0"}"#, "distributed_tracing.address 'x:0' must be host:port"),
        (#"{"address": ":1"}"#, "distributed_tracing.address ':1' must be host:port"),
        (
            #"{"batch_span_processor_options": {"blocking": true}}"#,
            "distributed_tracing.batch_span_processor_options.blocking: not supported, a decision never waits for a "
                + "collector"
        ),
        (#"{"batch_span_processor_options": {"max_queue_size": 0}}"#, "invalid max_queue_size 0"),
    ])
    func refused(_ tracing: String, _ message: String) {
        let failure = #expect(throws: SettingsFailure.self) { try read(tracing) }
        #expect(failure?.message == message)
    }
}
