import Glibc
import NIOCore
import NIOHTTP1
import Synchronization
import Writ

/// One request, read in full.
struct Request {
    let method: HTTPMethod
    let target: RequestTarget
    let headers: HTTPHeaders
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
    /// The body of the answer being made.
    var output = OutputBuffer()
    /// Connections of the loop.
    var connections: [ObjectIdentifier: Connection] = [:]
    var isStopping = false
    /// Where everything here runs.
    let loop: any EventLoop
    /// The evaluator that the next decision takes, and others beside it.
    private var current: Evaluator?
    private var spare: [Evaluator] = []
    private var generation = -1
    /// Decisions that stand still.
    private(set) var waitingCount = 0
    /// The decision that the request at hand stands still for, until the connection takes it.
    var deferred: DeferredDecision?
    private var resumed: DeferredDecision?
    private var targets: [[UInt8]: DecisionTarget] = [:]
    private var date: (second: Int, text: [UInt8]) = (-1, [])

    /// Targets that are remembered for a snapshot.
    private static let targetLimit = 1_000
    /// Memory that is kept for the next answer.
    private static let keptOutput = 1 << 20

    /// Evaluators that are kept for decisions beside others that stand still.
    private static let spareLimit = 16

    init(
        _ configuration: ServerConfiguration, _ store: SnapshotStore, _ counter: RequestCounter,
        _ loop: any EventLoop
    ) {
        self.configuration = configuration
        self.loop = loop
        self.store = store
        self.counter = counter
    }

    // MARK: Evaluating

    /// The evaluator of the snapshot that is now current.
    func evaluator() -> Evaluator {
        if generation == store.generation {
            if let current { return current }
            if let next = spare.popLast() {
                current = next
                return next
            }
        } else {
            spare.removeAll()
            targets.removeAll()
        }
        let (snapshot, generation) = store.take()
        if generation != self.generation { targets.removeAll() }
        let fresh = Evaluator(snapshot, limits: configuration.limits)
        current = fresh
        self.generation = generation
        return fresh
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
            return error(
                503,
                ErrorBody(
                    code: "writ_overloaded", message: "too many decisions wait for something outside the server"))
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

    /// What answers for the segments of a path, and whether that was known.
    func target(_ path: [UInt8], _ segments: @autoclosure () -> [[UInt8]], _ evaluator: Evaluator) -> (
        target: DecisionTarget, wasKnown: Bool
    ) {
        if let known = targets[path] { return (known, true) }
        let target = evaluator.snapshot.target(segments())
        // Paths come from clients: what they fill is emptied.
        if targets.count >= Self.targetLimit { targets.removeAll() }
        targets[path] = target
        return (target, false)
    }

    /// Nanoseconds of a clock that never goes back.
    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
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

    // MARK: Answering

    /// Answers a request; the body lies in `output`. Nil where the decision stands still: `deferred` has it then.
    func answer(_ request: Request, _ body: UnsafeBufferPointer<UInt8>) -> AnswerHead? {
        output.removeAll(keepingAtMost: Self.keptOutput)
        let target = request.target
        if request.method != .CONNECT, let place = target.cleaned() { return redirect(request, 307, to: place) }
        let slashed = target.withoutLastSlash()
        let path = slashed == nil ? target.path : Array(target.path.dropLast())
        guard let (route, length) = Route.find(path) else { return plain(404, "404 page not found\n") }
        if let slashed { return redirect(request, 301, to: slashed) }
        if !route.methods.contains(request.method) { return refused(request, route) }
        if encoding(request) != nil, !body.isEmpty {
            return error(400, ErrorBody(code: "invalid_parameter", message: "compressed bodies are not supported yet"))
        }
        switch route.endpoint {
        case .data: return data(request, body, prefix: length)
        case .bareData:
            return bareData(request, body, segments: target.segments(after: length), path: target.path)
        case .root: return root(request, body)
        case .health: return health(request, prefix: length)
        case .pending: return pending(target.path)
        }
    }

    /// The encoding of a body that is not plain.
    private func encoding(_ request: Request) -> String? {
        request.headers.first(name: "Content-Encoding").flatMap { $0.isEmpty || $0 == "identity" ? nil : $0 }
    }

    private func refused(_ request: Request, _ route: Route) -> AnswerHead {
        if case .data = route.endpoint, Route.pendingDataMethods.contains(request.method) {
            return pending(request.target.path)
        }
        guard let allow = route.allow else { return AnswerHead(status: 405, content: .none, varies: true) }
        var head = plain(405, "Method Not Allowed\n")
        head.extra = Array("Allow: \(allow)\r\n".utf8) + head.extra
        return head
    }

    private func pending(_ path: [UInt8]) -> AnswerHead {
        let shown = String(decoding: path, as: UTF8.self)
        return error(501, ErrorBody(code: "writ_unsupported", message: "\(shown): this request is not supported yet"))
    }

    private func redirect(_ request: Request, _ status: Int, to place: [UInt8]) -> AnswerHead {
        var head = AnswerHead(status: status, content: .none, varies: true)
        head.extra = Array("Location: ".utf8) + place.filter { $0 > 0x20 && $0 != 0x7F } + [0x0D, 0x0A]
        if request.method == .GET || request.method == .HEAD {
            head.content = .html
            output.append("<a href=\"")
            for byte in place {
                switch byte {
                case UInt8(ascii: "<"): output.append("&lt;")
                case UInt8(ascii: ">"): output.append("&gt;")
                case UInt8(ascii: "\""): output.append("&#34;")
                case UInt8(ascii: "&"): output.append("&amp;")
                default: output.append(byte)
                }
            }
            output.append("\">")
            output.append(AnswerHead.phrase(status))
            output.append("</a>.\n\n")
        }
        return head
    }

    func plain(_ status: Int, _ text: StaticString) -> AnswerHead {
        output.append(text)
        return AnswerHead(status: status, content: .text, extra: Array("X-Content-Type-Options: nosniff\r\n".utf8))
    }

    func error(_ status: Int, _ body: ErrorBody, varies: Bool = false) -> AnswerHead {
        output.removeAll()
        body.write(to: &output)
        return AnswerHead(status: status, varies: varies)
    }

    /// The answer to an evaluation that failed.
    func error(_ failure: DecisionFailure) -> AnswerHead {
        error(
            500,
            ErrorBody(
                code: "internal_error", message: "error(s) occurred while evaluating query", errors: [failure]),
            varies: true)
    }
}
