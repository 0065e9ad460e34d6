import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// Takes spans from a tracer to a collector, in a task of its own. Failures lose spans, and disturb nobody.
public final class SpanExporter: Sendable {
    private struct State {
        var work: Task<Void, Never>?
        var timer: Task<Void, Never>?
        var isStopping = false
        /// When it was last said that spans are lost; nil while none are.
        var complained: UInt64?
    }

    private let tracer: SpanTracer
    private let batch: TraceBatch
    private let group: MultiThreadedEventLoopGroup
    private let transport: any SpanTransport
    private let log: @Sendable (String) -> Void
    private let state = Mutex(State())

    private static let complaintInterval: UInt64 = 60_000_000_000

    /// `log` receives what goes wrong, at most once a minute. Throws for certificates that cannot be read.
    public init(
        _ tracer: SpanTracer, version: String, log: @escaping @Sendable (String) -> Void
    ) throws(TracingFailure) {
        let settings = tracer.settings
        let tls = try ExportSecurity.configuration(settings)
        self.tracer = tracer
        self.log = log
        batch = TraceBatch(settings.resource, version: version)
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        switch settings.transport {
        case .http: transport = HTTPTransport(settings, tls, group)
        case .grpc: transport = try GRPCTransport(settings, tls, group)
        }
    }

    /// Begins to send. Not twice.
    public func start() {
        let queue = tracer.queue
        let pause = UInt64(tracer.settings.batchTimeout) * 1_000_000
        let timer = Task {
            while (try? await Task.sleep(nanoseconds: pause)) != nil { queue.expire() }
        }
        let work = Task { await self.run() }
        state.withLock { state in
            state.timer = timer
            state.work = work
        }
    }

    /// Sends what waits, for so many seconds at most, and ends.
    public func stop(seconds: Double) async {
        await end(seconds: seconds)
        try? await group.shutdownGracefully()
    }

    /// Does as `stop`, and holds the thread meanwhile; not for an event loop's.
    public func stopAndWait(seconds: Double) {
        let done = group.next().makePromise(of: Void.self)
        done.completeWithTask { await self.end(seconds: seconds) }
        try? done.futureResult.wait()
        try? group.syncShutdownGracefully()
    }

    private func end(seconds: Double) async {
        let (work, timer) = state.withLock { state in
            state.isStopping = true
            return (state.work, state.timer)
        }
        timer?.cancel()
        tracer.queue.close()
        let limit = Task {
            try? await Task.sleep(nanoseconds: UInt64(max(0, seconds) * 1e9))
            work?.cancel()
        }
        await work?.value
        limit.cancel()
        await transport.close()
    }

    private func run() async {
        let queue = tracer.queue
        for await _ in queue.signals {
            // What came until now; what comes meanwhile waits for its own batch or time.
            var due = queue.takeDue()
            while due > 0 {
                let spans = queue.take()
                guard !spans.isEmpty else { break }
                due -= spans.count
                await send(spans)
            }
            if queue.isClosed, queue.waiting == 0 || Task.isCancelled { break }
        }
        let lost = queue.waiting
        if lost > 0 { queue.count { $0.dropped += lost } }
    }

    private func send(_ spans: [[UInt8]]) async {
        let message = batch.message(spans)
        let deadline = Self.now() &+ Int64(tracer.settings.exportTimeout) * 1_000_000
        var pause = 1.0
        while true {
            let outcome = await transport.send(message, nanoseconds: max(1, deadline - Self.now()))
            switch outcome {
            case .taken(let refused, let reason):
                let lost = min(max(0, refused), spans.count)
                tracer.queue.count { counters in
                    counters.exported += spans.count - lost
                    counters.failed += lost
                }
                if lost > 0 { complain("\(lost) spans were refused: \(reason)") } else { rest() }
                return
            case .failed(let reason, let mayPass, let after):
                let wait = min(max(after ?? pause * Double.random(in: 0.5...1.5), 0.01), 3600)
                let isLast = Self.now() + Int64(wait * 1e9) >= deadline || state.withLock { $0.isStopping }
                guard mayPass, !isLast, !Task.isCancelled else {
                    tracer.queue.count { $0.failed += spans.count }
                    complain("\(spans.count) spans are lost: \(reason)")
                    return
                }
                pause = min(pause * 1.5, 30)
                try? await Task.sleep(nanoseconds: UInt64(wait * 1e9))
            }
        }
    }

    private func complain(_ text: String) {
        let now = UInt64(Self.now())
        let isNew = state.withLock { state in
            if let last = state.complained, now &- last < Self.complaintInterval { return false }
            state.complained = now
            return true
        }
        if isNew { log("Distributed tracing: \(text)") }
    }

    private func rest() { state.withLock { $0.complained = nil } }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
