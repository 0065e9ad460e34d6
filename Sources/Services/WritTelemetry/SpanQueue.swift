import Synchronization

/// What became of spans, since the process began.
public struct SpanCounters: Sendable, Equatable {
    /// Taken by the collector.
    public var exported = 0
    /// Lost because too many waited.
    public var dropped = 0
    /// Lost because the collector did not take them.
    public var failed = 0
}

/// Spans that wait to be sent. Never holds up who adds one: beyond its limit spans are dropped, and counted.
final class SpanQueue: Sendable {
    private struct State {
        var spans: [[UInt8]] = []
        var counters = SpanCounters()
        var isClosed = false
        /// Whether what waits is to be sent though it is no whole batch.
        var isDue = false
    }

    private let state = Mutex(State())
    private let limit: Int
    private let batchSize: Int
    /// Says that a batch is full, or that there will be no more spans.
    let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    init(limit: Int, batchSize: Int) {
        self.limit = limit
        self.batchSize = batchSize
        (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    func add(_ span: [UInt8]) {
        let isFull = state.withLock { state in
            guard state.spans.count < limit, !state.isClosed else {
                state.counters.dropped += 1
                return false
            }
            state.spans.append(span)
            return state.spans.count % batchSize == 0
        }
        if isFull { signal.yield() }
    }

    /// The spans that have waited longest, a batch of them at most.
    func take() -> [[UInt8]] {
        state.withLock { state in
            let batch = Array(state.spans.prefix(batchSize))
            state.spans.removeFirst(batch.count)
            return batch
        }
    }

    /// How many spans are to be sent now: whole batches, or all.
    func takeDue() -> Int {
        state.withLock { state in
            let isDue = state.isDue || state.isClosed
            state.isDue = false
            return isDue ? state.spans.count : state.spans.count - state.spans.count % batchSize
        }
    }

    /// What waits has waited long enough.
    func expire() {
        state.withLock { $0.isDue = true }
        signal.yield()
    }

    /// Takes no more spans.
    func close() {
        state.withLock { $0.isClosed = true }
        signal.yield()
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    func count(_ change: (inout SpanCounters) -> Void) { state.withLock { change(&$0.counters) } }
    var counters: SpanCounters { state.withLock { $0.counters } }
    var waiting: Int { state.withLock { $0.spans.count } }
}
