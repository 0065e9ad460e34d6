import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Writ
import WritDecisionLog
import WritRuntime
import WritTelemetry

/// One request, read in full.
struct Request {
    let method: HTTPMethod
    let destination: Destination
    let headers: HTTPHeaders
    let facts: HeaderFacts
    /// Whether it came over an address for diagnostics.
    var isDiagnostic = false
    /// Who the client's certificate names.
    var certificateSubject: [UInt8]?
    /// The client's certificate, as JSON text of a list.
    var certificates: [UInt8]?
    /// Where it came from, as address and port, and its number; for the log of decisions.
    var peer: [UInt8] = []
    var number = 0
    /// When it was there in full, by the worker's clock.
    var start: UInt64 = 0
    /// Its span, where requests are recorded.
    var trace: TraceContext?

    var target: RequestTarget { destination.target }
}

/// What answers away from the event loops, and the threads for it.
struct Offline: Sendable {
    let answers: OfflineAnswers
    /// Changes are made one after another.
    let writes: NIOThreadPool
    let queries: NIOThreadPool
    let metrics: ServerMetrics

    /// Ends the threads; what waits for them is not answered any more. Blocks.
    func stop() {
        try? writes.syncShutdownGracefully()
        try? queries.syncShutdownGracefully()
    }
}

/// Numbers requests over all loops, for the log.
final class RequestCounter: Sendable {
    private let count = Atomic<Int>(0)

    func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}

/// What one event loop answers requests with: an evaluator of the current snapshot, made when it is first needed, and
/// the memory that answers are put together in. Everything here runs on that loop.
final class Worker {
    let configuration: ServerConfiguration
    let store: SnapshotStore
    let counter: RequestCounter
    /// The body of the request at hand, as it came.
    var body: NIOCore.ByteBuffer?
    /// The body of the answer being made.
    var output = OutputBuffer()
    /// Where answers of HTTP/1 are put together with their heads. What the socket took at once leaves its memory to the
    /// next one.
    var outgoing = NIOCore.ByteBuffer()
    /// Connections of the loop.
    var connections: [ObjectIdentifier: Connection] = [:]
    /// Connections of HTTP/2; their streams are among `connections`.
    var multiplexed: [ObjectIdentifier: MultiplexedConnection] = [:]
    var isStopping = false
    /// Whether all plugins were ready once.
    var wasReady = false
    /// Where everything here runs.
    let loop: any EventLoop
    /// The evaluator that the next decision takes, and others beside it.
    private var current: Evaluator?
    private var spare: [Evaluator] = []
    private var generation = -1
    /// Decisions that stand still.
    private(set) var waitingCount = 0 {
        didSet { metrics.waits(waitingCount) }
    }
    /// What will answer the request at hand, until the connection takes it.
    var deferred: DeferredAnswer?
    /// The row of the table that the request at hand matched.
    var lastRoute = 0
    /// What answers away from the loop.
    let offline: Offline
    let metrics: LoopMetrics
    private var resumed: DeferredDecision?
    private var targets: [[UInt8]: KnownTarget] = [:]
    var destinations = Destinations()
    /// Answers that are kept, of the snapshot that the evaluators belong to.
    let cache: DecisionCache?
    private var date: (second: Int, text: [UInt8]) = (-1, [])
    /// Where requests are recorded, the span of the one at hand.
    var trace: TraceContext?
    /// The identifiers of this loop's spans.
    var identifiers = SpanIdentifiers()
    /// The head of most answers up to the length of what follows, as of a second.
    private var usualHead: (second: Int, text: [UInt8]) = (-1, [])
    /// Whether requests are logged, and decisions.
    let logsRequests: Bool
    let logsDecisions: Bool
    /// What logs decisions, as of a number of the log.
    private var recording: (number: Int, recorder: DecisionRecorder?) = (-1, nil)
    /// The active bundles as the log tells them, as of a snapshot's number.
    private var bundles: (generation: Int, text: [UInt8]?) = (-1, nil)

    /// Targets that are remembered for a snapshot.
    private static let targetLimit = 1_000
    /// Memory that is kept for the next answer.
    static let keptOutput = 1 << 20
    static let keptOutgoing = 64 << 10

    /// Evaluators that are kept for decisions beside others that stand still.
    private static let spareLimit = 16

    init(
        _ configuration: ServerConfiguration, _ store: SnapshotStore, _ counter: RequestCounter,
        _ loop: any EventLoop, _ offline: Offline, _ metrics: LoopMetrics
    ) {
        cache = configuration.cacheSize > 0 ? DecisionCache(limit: configuration.cacheSize) : nil
        logsRequests = configuration.logger.writes(.info)
        logsDecisions = configuration.decisionLog != nil
        self.offline = offline
        self.metrics = metrics
        self.configuration = configuration
        self.loop = loop
        self.store = store
        self.counter = counter
    }

    // MARK: Logging

    /// What logs decisions of this loop; nil where they are not logged.
    func recorder() -> DecisionRecorder? {
        guard let slot = configuration.decisionLog else { return nil }
        let number = slot.generation
        if recording.number != number { recording = (number, slot.log?.recorder()) }
        return recording.recorder
    }

    /// The active bundles as the log tells them.
    func bundlesText() -> [UInt8]? {
        if bundles.generation != generation {
            bundles = (generation, DecisionOrigin.text(of: offline.answers.writer.bundles))
        }
        return bundles.text
    }

    // MARK: Evaluating

    /// The evaluator of the snapshot that is now current.
    func evaluator() -> Evaluator {
        let evaluator = currentEvaluator()
        if configuration.tracer != nil { evaluator.attachment = trace }
        return evaluator
    }

    private func currentEvaluator() -> Evaluator {
        if generation == store.generation {
            if let current { return current }
            if let next = spare.popLast() {
                current = next
                return next
            }
        } else {
            forgetOlder()
        }
        let (snapshot, generation) = store.take()
        if generation != self.generation { forgetTargets() }
        let fresh = Evaluator(snapshot, limits: configuration.limits)
        current = fresh
        self.generation = generation
        return fresh
    }

    /// Gives up what belongs to an older snapshot, where there is a newer one. This may be the last that keeps it alive,
    /// and to give back the memory of large data takes long: a thread away from the loop does it.
    func forgetOlder() {
        guard generation != store.generation, current != nil || !spare.isEmpty || !targets.isEmpty else { return }
        let discarded = Discarded((current, spare, targets, destinations))
        current = nil
        spare.removeAll()
        forgetTargets()
        offline.queries.submit { _ in discarded.release() }
    }

    /// What one thread gives up and another lets go of.
    private final class Discarded: @unchecked Sendable {
        private var content: Any?

        init(_ content: Any) { self.content = content }

        func release() { content = nil }
    }

    /// Nothing of an older snapshot is kept alive.
    private func forgetTargets() {
        targets.removeAll()
        destinations = Destinations()
        cache?.removeAll()
    }

    // MARK: Decisions that stand still

    /// Lets a decision stand still until what it waits for is over, and `finish` answer then; other requests are
    /// answered meanwhile. Gives an answer at once only where too many stand still already.
    func suspend(
        _ evaluator: Evaluator, _ wait: HostWait,
        _ finish: @escaping (Result<Value, DecisionFailure>) -> AnswerHead?
    ) -> AnswerHead? {
        guard resumed != nil || waitingCount < configuration.waitingLimit else {
            evaluator.begin()
            return overloaded()
        }
        if current === evaluator { current = nil }
        let decision = resumed ?? DeferredDecision(evaluator, generation, finish)
        decision.restart(evaluator, generation, finish)
        if resumed == nil {
            waitingCount += 1
            deferred = decision
        }
        isSuspendedAgain = true
        begin(decision, wait)
        return nil
    }

    private func overloaded() -> AnswerHead {
        metrics.overloaded()
        return error(
            503,
            ErrorBody(code: "writ_overloaded", message: "too many requests wait for something outside this thread"))
    }

    /// Lets a thread away from the loop answer; other requests are answered meanwhile.
    func later(on pool: NIOThreadPool, _ work: @escaping @Sendable () -> FinishedAnswer) -> AnswerHead? {
        guard resumed != nil || waitingCount < configuration.waitingLimit else { return overloaded() }
        let answer: DeferredAnswer = resumed ?? DeferredAnswer()
        if resumed == nil {
            waitingCount += 1
            deferred = answer
        }
        isSuspendedAgain = true
        let loop = loop
        let bound = NIOLoopBound((self, answer), eventLoop: loop)
        pool.submit { state in
            guard case .active = state else { return }
            let finished = work()
            loop.execute {
                let (worker, answer) = bound.value
                worker.finish(answer, finished)
            }
        }
        return nil
    }

    private func finish(_ answer: DeferredAnswer, _ finished: FinishedAnswer) {
        waitingCount -= 1
        guard !answer.isAbandoned else { return }
        output.removeAll(keepingAtMost: Self.keptOutput)
        output.append(finished.body)
        answer.deliver?(finished.head)
        answer.deliver = nil
    }

    /// Whether the decision at hand stands still again.
    private var isSuspendedAgain = false

    private func begin(_ decision: DeferredDecision, _ wait: HostWait) {
        decision.wait = wait
        let loop = loop
        let bound = NIOLoopBound((self, decision), eventLoop: loop)
        if let limit = configuration.limits.nanoseconds {
            decision.deadline = loop.assumeIsolated().scheduleTask(in: .nanoseconds(limit)) { wait.cancel() }
        }
        wait.start {
            loop.execute {
                let (worker, decision) = bound.value
                worker.resume(decision)
            }
        }
    }

    private func resume(_ decision: DeferredDecision) {
        decision.deadline?.cancel()
        decision.wait = nil
        let evaluator = decision.evaluator
        let generation = decision.generation
        var answer: AnswerHead?
        if !decision.isAbandoned {
            let outcome: Result<Value, DecisionFailure>
            do throws(DecisionFailure) {
                switch try evaluator.resume() {
                case .waiting(let wait):
                    begin(decision, wait)
                    return
                case .finished(let value): outcome = .success(value)
                }
            } catch {
                outcome = .failure(error)
            }
            output.removeAll(keepingAtMost: Self.keptOutput)
            if configuration.tracer != nil { trace = evaluator.attachment as? TraceContext }
            resumed = decision
            isSuspendedAgain = false
            answer = decision.finish(outcome)
            resumed = nil
            if let answer {
                decision.deliver?(answer)
            } else if isSuspendedAgain {
                recycle(evaluator, generation)
                return
            }
        }
        waitingCount -= 1
        decision.deliver = nil
        evaluator.begin()
        recycle(evaluator, generation)
    }

    private func recycle(_ evaluator: Evaluator, _ generation: Int) {
        guard generation == self.generation, generation == store.generation, spare.count < Self.spareLimit,
            current !== evaluator
        else { return }
        spare.append(evaluator)
    }

    /// What answers for a path, and what is known of that.
    final class KnownTarget {
        let target: DecisionTarget
        /// Why no query could ask for it.
        var problem: String?
        var wasKnown = false
        /// Evaluations so far, and the time that they took.
        var evaluations: UInt64 = 0
        var nanoseconds: UInt64 = 0
        /// What of the input it reads, once that was looked at; nil inside where answers cannot be kept.
        var reads: InputReads??

        init(_ target: DecisionTarget) { self.target = target }
    }

    /// What answers for the segments of a path, and whether that was known.
    func target(
        _ path: [UInt8], _ segments: @autoclosure () -> [[UInt8]], _ evaluator: Evaluator
    ) -> KnownTarget {
        if let known = targets[path] {
            known.wasKnown = true
            return known
        }
        let segments = segments()
        let fresh = KnownTarget(evaluator.snapshot.target(segments))
        if let step = segments.first(where: { $0.contains(UInt8(ascii: "\"")) }) {
            // No reference that OPA makes of a path has such a step.
            let shown = String(decoding: step, as: UTF8.self)
            fresh.problem = "invalid_parameter: invalid path: invalid ref term '\(shown)'"
        } else if fresh.target.isDoubtful {
            do throws(CompileFailure) { try evaluator.snapshot.check(segments) } catch {
                fresh.problem = Self.text(of: error)
            }
        }
        // Paths come from clients: what they fill is emptied.
        if targets.count >= Self.targetLimit { targets.removeAll() }
        targets[path] = fresh
        return fresh
    }

    /// What answers for a request's path below a prefix, and whether that was known.
    func target(_ request: Request, prefix: Int, _ evaluator: Evaluator) -> KnownTarget {
        if let known = request.destination.known(generation) {
            known.wasKnown = true
            return known
        }
        let target = request.target
        let found = self.target(target.path, target.segments(after: prefix), evaluator)
        request.destination.remember(found, generation)
        return found
    }

    /// Errors as one text, as Go shows a list of them.
    static func text(of failure: CompileFailure) -> String {
        let renderer = DiagnosticRenderer(sources: failure.sources)
        let count = failure.diagnostics.count
        var text = count == 1 ? "1 error occurred: " : "\(count) errors occurred:\n"
        for (index, diagnostic) in failure.diagnostics.enumerated() {
            if index > 0 { text += "\n" }
            text += String(decoding: renderer.concise(diagnostic, includingDetails: true), as: UTF8.self)
        }
        return text
    }

    /// Nanoseconds of a clock that never goes back.
    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// The same clock, as of some milliseconds ago: for limits of time, and far cheaper.
    static func nearlyNow() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// The head of an answer of status 200 with JSON that stays open, up to the number of its length.
    func headOfUsualAnswer() -> [UInt8] {
        let date = httpDate()
        if usualHead.second == self.date.second { return usualHead.text }
        let text = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nVary: Accept-Encoding\r\nDate: "
        usualHead = (self.date.second, Array(text.utf8) + date + Array("\r\nContent-Length: ".utf8))
        return usualHead.text
    }

    /// The value of the Date header, made once a second.
    func httpDate() -> [UInt8] {
        var now = time(nil)
        if date.second == now { return date.text }
        var parts = tm()
        gmtime_r(&now, &parts)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let text =
            "\(days[Int(parts.tm_wday) % 7]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon) % 12]) "
            + "\(Int(parts.tm_year) + 1900) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
        date = (now, Array(text.utf8))
        return date.text
    }
}
