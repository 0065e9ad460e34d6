import Testing

@testable import WritTelemetry

@Suite struct ExporterTests {
    /// Nobody listens there.
    private static let nowhere = 1

    @Test(arguments: [TracingSettings.Transport.http, .grpc])
    func failuresAreCountedAndDisturbNobody(transport: TracingSettings.Transport) async throws {
        var settings = TracingSettings(transport, host: "127.0.0.1", port: Self.nowhere)
        settings.batchTimeout = 10
        settings.exportTimeout = 200
        let tracer = SpanTracer(settings)
        let exporter = try SpanExporter(tracer, version: "1") { _ in }
        exporter.start()
        for _ in 0..<3 { tracer.end(tracer.begin(.server, below: nil)) }
        for _ in 0..<500 where tracer.counters.failed < 3 { try await Task.sleep(nanoseconds: 10_000_000) }
        await exporter.stop(seconds: 1)
        #expect(tracer.counters == SpanCounters(exported: 0, dropped: 0, failed: 3))
        tracer.end(tracer.begin(.server, below: nil))
        #expect(tracer.counters.dropped == 1)
    }

    @Test func stoppingDoesNotWaitForRetries() async throws {
        var settings = TracingSettings(.grpc, host: "127.0.0.1", port: Self.nowhere)
        settings.batchTimeout = 10
        let tracer = SpanTracer(settings)
        let exporter = try SpanExporter(tracer, version: "1") { _ in }
        exporter.start()
        tracer.end(tracer.begin(.server, below: nil))
        try await Task.sleep(nanoseconds: 100_000_000)
        await exporter.stop(seconds: 0.1)
        #expect(tracer.counters.failed + tracer.counters.dropped == 1)
    }

    @Test func filesThatAreNoneAreRefused() {
        var settings = TracingSettings(.http, host: "h", port: 1)
        settings.certificateFile = "/nowhere/cert.pem"
        func refusal() -> String? {
            do throws(TracingFailure) {
                _ = try ExportSecurity.configuration(settings)
                return nil
            } catch {
                return error.message
            }
        }
        #expect(refusal()?.contains("must be specified together") == true)
        settings.keyFile = "/nowhere/key.pem"
        #expect(refusal() == "open /nowhere/cert.pem: no such file or directory")
        settings.certificateFile = ""
        settings.keyFile = ""
        settings.encryption = .mutual
        #expect(refusal() == "distributed_tracing.tls_cert_file required but not supplied")
        settings.encryption = .tls
        settings.authorityFile = "/nowhere/ca.pem"
        #expect(refusal() == "open /nowhere/ca.pem: no such file or directory")
    }
}
