import Testing

@testable import WritTelemetry

@Suite struct TraceContextTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let span = "00f067aa0ba902b7"

    @Test(arguments: [("00", false), ("01", true), ("02", false), ("03", true)])
    func reads(flags: String, isSampled: Bool) throws {
        let context = try #require(TraceContext("00-\(Self.trace)-\(Self.span)-\(flags)"))
        #expect(context.traceText == Self.trace)
        #expect(context.spanText == Self.span)
        #expect(context.isSampled == isSampled)
        #expect(context.headers.map(\.value) == ["00-\(Self.trace)-\(Self.span)-\(isSampled ? "01" : "00")"])
    }

    @Test func laterVersionsMaySayMore() {
        #expect(TraceContext("01-\(Self.trace)-\(Self.span)-05-more") != nil)
        #expect(TraceContext("cc-\(Self.trace)-\(Self.span)-01") != nil)
    }

    @Test(arguments: [
        "", "00", "00-\(trace)", "00-\(trace)-\(span)", "00-\(trace)-\(span)-", "00-\(trace)-\(span)-0",
        "00-\(trace)-\(span)-01-", "00-\(trace)-\(span)-01x", "ff-\(trace)-\(span)-01", "01-\(trace)-\(span)-01x",
        "00-00000000000000000000000000000000-\(span)-01", "00-\(trace)-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-\(span)-01", "00-\(trace)-\(span)-0g", "00-\(trace)-\(span)-04",
        "00_\(trace)_\(span)_01", " 00-\(trace)-\(span)-01",
    ])
    func refuses(text: String) { #expect(TraceContext(text) == nil) }

    @Test func goesOnWithWhatItDoesNotKnow() throws {
        var context = try #require(TraceContext("00-\(Self.trace)-\(Self.span)-01"))
        context.state = "a=1"
        context.baggage = "user=jo"
        #expect(context.headers.map(\.name) == ["traceparent", "tracestate", "baggage"])
        let tracer = SpanTracer(TracingSettings(.http, host: "h", port: 1))
        let child = tracer.begin(.client, below: context)
        #expect(child.context.state == "a=1" && child.context.baggage == "user=jo")
        #expect(child.context.traceText == Self.trace && child.parent == context.span)
        #expect(child.context.span != context.span)
    }
}

@Suite struct SamplingTests {
    private func tracer(_ percentage: Double) -> SpanTracer {
        var settings = TracingSettings(.http, host: "h", port: 1)
        settings.samplePercentage = percentage
        return SpanTracer(settings)
    }

    @Test func decidesByTheTrace() {
        #expect(tracer(100).isSampled(.max) && tracer(100).isSampled(0))
        #expect(!tracer(0).isSampled(.max) && !tracer(0).isSampled(0))
        // The last bit does not count; half of the numbers of 63 bits are below 2^62.
        let half = tracer(50)
        #expect(half.isSampled(1 << 63 - 1) && !half.isSampled(1 << 63))
    }

    @Test func aboutAsManyAsAreAskedFor() {
        let (tracer, count) = (tracer(25), 20_000)
        let recorded = (0..<count).count { _ in tracer.begin(.server, below: nil).isRecorded }
        #expect(abs(recorded - count / 4) < count / 40)
    }

    @Test(arguments: [true, false])
    func whoeverBeganTheTraceDecides(isSampled: Bool) {
        let parent = TraceContext(trace: (1, 2), span: 3, isSampled: isSampled)
        #expect(tracer(0).begin(.server, below: parent).isRecorded == isSampled)
        #expect(tracer(100).begin(.server, below: parent).isRecorded == isSampled)
    }

    @Test func identifiersAreNotZero() {
        var identifiers = SpanIdentifiers()
        let all = Set((0..<10_000).map { _ in identifiers.next() })
        #expect(all.count == 10_000 && !all.contains(0))
    }
}

@Suite struct QueueTests {
    @Test func dropsWhatDoesNotFit() {
        var settings = TracingSettings(.http, host: "h", port: 1)
        settings.queueSize = 3
        settings.batchSize = 2
        let tracer = SpanTracer(settings)
        for _ in 0..<5 { tracer.end(tracer.begin(.server, below: nil)) }
        #expect(tracer.counters == SpanCounters(exported: 0, dropped: 2, failed: 0))
        #expect(tracer.queue.waiting == 3)
        // One batch is whole; the third span waits for its time.
        #expect(tracer.queue.takeDue() == 2)
        #expect(tracer.queue.take().count == 2)
        #expect(tracer.queue.takeDue() == 0)
        tracer.queue.expire()
        #expect(tracer.queue.takeDue() == 1)
        let text = String(decoding: tracer.metrics, as: UTF8.self)
        #expect(text.contains("\nwrit_spans_dropped_total 2\n") && text.contains("\nwrit_spans_waiting 1\n"))
    }

    @Test func takesNothingThatIsNotRecorded() {
        var settings = TracingSettings(.http, host: "h", port: 1)
        settings.samplePercentage = 0
        let tracer = SpanTracer(settings)
        tracer.end(tracer.begin(.server, below: nil))
        tracer.end(tracer.begin(.server, below: nil), ServedRequest())
        tracer.endRequest(tracer.beginRequest("GET", "http://x/", below: nil), status: 200, failure: nil)
        #expect(tracer.queue.waiting == 0 && tracer.counters == SpanCounters())
    }
}
