import Synchronization

/// Begins spans, decides which are recorded, and takes them when they end. Shared by all threads.
public final class SpanTracer: Sendable {
    public let settings: TracingSettings
    let queue: SpanQueue
    /// Traces whose identifier, without its last bit, is below it are recorded.
    private let bound: UInt64
    private let shared = Mutex(SpanIdentifiers())

    public init(_ settings: TracingSettings) {
        self.settings = settings
        queue = SpanQueue(limit: settings.queueSize, batchSize: settings.batchSize)
        let fraction = settings.samplePercentage / 100
        bound = fraction >= 1 ? .max : fraction <= 0 ? 0 : UInt64(fraction * 0x1p63)
    }

    /// Begins a span below another, or a trace of its own.
    ///
    /// `identifiers` belong to the calling thread.
    public func begin(
        _ kind: TraceSpan.Kind, below parent: TraceContext?, isRemote: Bool, _ identifiers: inout SpanIdentifiers
    ) -> TraceSpan {
        let span = identifiers.next()
        guard let parent else {
            let trace = (high: identifiers.next(), low: identifiers.next())
            let context = TraceContext(trace: trace, span: span, isSampled: isSampled(trace.low))
            return TraceSpan(context, kind, parent: 0, isParentRemote: false)
        }
        var context = TraceContext(trace: parent.trace, span: span, isSampled: parent.isSampled)
        context.state = parent.state
        context.baggage = parent.baggage
        return TraceSpan(context, kind, parent: parent.span, isParentRemote: isRemote)
    }

    /// The same for threads that begin spans now and then.
    public func begin(_ kind: TraceSpan.Kind, below parent: TraceContext?, isRemote: Bool = false) -> TraceSpan {
        shared.withLock { begin(kind, below: parent, isRemote: isRemote, &$0) }
    }

    /// Ends a span; it is sent if it is recorded.
    public func end(_ span: TraceSpan) {
        guard span.isRecorded else { return }
        queue.add(span.ended())
    }

    func isSampled(_ low: UInt64) -> Bool { low >> 1 < bound }

    /// What became of spans so far.
    public var counters: SpanCounters { queue.counters }

    /// The counters as Prometheus reads them.
    public var metrics: [UInt8] {
        let counters = counters
        var text = ""
        for (name, kind, help, value) in [
            ("writ_spans_exported_total", "counter", "Spans that the collector took.", counters.exported),
            ("writ_spans_dropped_total", "counter", "Spans lost because too many waited.", counters.dropped),
            ("writ_spans_failed_total", "counter", "Spans that the collector did not take.", counters.failed),
            ("writ_spans_waiting", "gauge", "Spans that wait to be sent.", queue.waiting),
        ] {
            text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n\(name) \(value)\n"
        }
        return Array(text.utf8)
    }
}
