import WritBuiltins
import WritPlan
import WritVM

/// What one decision may take.
public typealias DecisionLimits = Limits

/// How far an evaluation has come.
public enum Evaluation {
    /// The value, undefined if there is none. It lies in the evaluator's space until the next `begin`.
    case finished(Value)
    /// A host function waits for something outside. Start the wait, and call `Evaluator.resume` when it is over; until
    /// then the evaluator serves no other decision. `begin` gives the evaluation up.
    case waiting(HostWait)
}

/// Evaluates decisions of one snapshot, one at a time. Not thread-safe: give each thread or event loop its own.
///
/// In steady state a decision from JSON text to JSON text allocates nothing.
public final class Evaluator {
    public let snapshot: Snapshot
    let machine: Machine
    private let services: HostServices
    private var keys: [[UInt8]: Value] = [:]
    /// What watches a traced evaluation.
    var tracer: Tracer?
    /// What measures the steps of a measured one.
    var meter: StepMeter?
    /// The call that the evaluation stands still for, and the steps that are left to take into its result.
    private var waiting: (call: HostCall, wait: HostWait, rest: [[UInt8]])?

    public init(_ snapshot: Snapshot, limits: Limits = Limits()) {
        self.snapshot = snapshot
        machine = Machine(program: snapshot.program, data: snapshot.data, limits: limits)
        let clock = ContinuousClock()
        let start = clock.now
        machine.now = {
            let (seconds, attoseconds) = start.duration(to: clock.now).components
            return seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000
        }
        services = HostServices(snapshot.policy.options.functions, machine.builtins)
        machine.builtins.loadTimeZone = TimeZones.load
    }

    /// Builtin errors end a decision rather than make their expression undefined.
    public var isStrict: Bool {
        get { machine.isStrict }
        set { machine.isStrict = newValue }
    }

    /// What each evaluation may take, from the next one on.
    public var limits: Limits {
        get { machine.limits }
        set { machine.limits = newValue }
    }

    /// Where a host can say, from any thread, that the evaluation under way is to end: it then fails with
    /// `eval_cancel_error`. The memory must outlive the evaluator's use of it.
    public var interrupt: UnsafePointer<Bool>? {
        get { machine.interrupt }
        set { machine.interrupt = newValue }
    }

    /// Receives what builtins gave whose results need not be the same again (`http.send`, `time.now_ns`,
    /// `rand.intn`, …): the builtin's name, its operands and its result, undefined where it has none. For the decision
    /// log's `nd_builtin_cache`. The values are good until the hook returns.
    public var onNondeterministic: ((_ name: StaticString, _ operands: [Value], _ result: Value) -> Void)?

    /// What the host's functions are given of the request that is being decided, such as its place in a trace (see
    /// `HostContext.attachment`). Stays until it is set again.
    public var attachment: (any Sendable)? {
        get { services.context.attachment }
        set { services.context.attachment = newValue }
    }

    /// What `opa.runtime` tells, as JSON text: an object of `env`, `version`, `commit` and `config`. Empty by default.
    public var runtime: [UInt8] {
        get { services.runtime }
        set { services.runtime = newValue }
    }

    /// Receives what `print` gives, with the place of the call.
    public var onPrint: ((_ line: String, _ file: [UInt8], _ row: Int) -> Void)? {
        didSet { connectPrint() }
    }

    /// Decides: the document at `target` for an input of JSON text (nil: no input), appended to `output` as JSON.
    ///
    /// Gives false, and writes nothing, where the document is undefined. Throws for malformed input and for
    /// evaluation errors.
    public func decide(
        _ target: DecisionTarget, input: UnsafeBufferPointer<UInt8>?, into output: inout ByteBuffer,
        style: JSONStyle = JSONStyle()
    ) throws(DecisionFailure) -> Bool {
        begin()
        let document = try read(input)
        let value = try evaluate(target, input: document)
        guard value.isDefined else { return false }
        try write(value, to: &output, style)
        return true
    }

    /// How often a compiled pattern of `regex` or `glob` builtins was found among those that are kept, since the
    /// evaluator was made.
    public var patternHits: (regex: Int, glob: Int) { machine.builtins.patternHits }

    /// The texts of those patterns, for an evaluator on another thread.
    public var keptPatterns: KeptPatterns { machine.builtins.keptPatterns }

    /// Compiles and keeps the patterns that another evaluator has.
    public func keep(_ patterns: KeptPatterns) { machine.builtins.keep(patterns) }

    // MARK: Steps, for hosts that hold values themselves

    /// Forgets the decision before. Its values are dead.
    public func begin() {
        if let waiting {
            waiting.wait.cancel()
            self.waiting = nil
        }
        machine.begin()
        services.begin()
    }

    /// The space that inputs are made in and results lie in, until the next `begin`.
    public var space: Space { machine.space }

    /// Reads an input; undefined for none.
    public func read(_ input: UnsafeBufferPointer<UInt8>?) throws(DecisionFailure) -> Value {
        guard let input else { return .undefined }
        do throws(JSONError) { return try machine.space.readJSON(input) } catch {
            let position = error.position(in: input)
            throw DecisionFailure(
                code: "invalid_parameter", message: String(decoding: error.message, as: UTF8.self),
                position: Position(row: position.row, column: position.column))
        }
    }

    /// The document at `target`, undefined if it is. Holds the thread while host functions wait.
    public func evaluate(_ target: DecisionTarget, input: Value) throws(DecisionFailure) -> Value {
        try holding(try start(target, input: input))
    }

    /// Begins to evaluate the document at `target` as `evaluate`, without holding the thread where a host function has
    /// to wait: see `Evaluation`.
    public func start(_ target: DecisionTarget, input: Value) throws(DecisionFailure) -> Evaluation {
        guard let function = target.function else {
            do throws(Fault) { return .finished(try step(into: machine.data, target.rest)) } catch {
                throw failure(error)
            }
        }
        return try start(function, input: input, rest: target.rest)
    }

    /// Goes on after the wait that `start` or `resume` gave. Throws as `evaluate`; fails also where the evaluation was
    /// interrupted or its time ended meanwhile.
    public func resume() throws(DecisionFailure) -> Evaluation {
        guard let (call, wait, rest) = waiting else { return .finished(.undefined) }
        waiting = nil
        do throws(Fault) {
            if let code = machine.builtins.poll?() {
                wait.cancel()
                throw Fault(code)
            }
            let reply: HostReply
            do throws(Fault) { reply = try services.answer(call, after: wait) } catch {
                return try advance(try machine.resume(after: error), rest: rest)
            }
            switch reply {
            case .wait(let next):
                waiting = (call, next, rest)
                return .waiting(next)
            case .value(let answer):
                if let onNondeterministic { report(call, answer, to: onNondeterministic) }
                return try advance(try machine.resume(with: answer), rest: rest)
            }
        } catch {
            throw failure(error)
        }
    }

    /// The value at the end of steps into a value.
    private func step(into value: Value, _ keys: [[UInt8]]) throws(Fault) -> Value {
        var value = value
        for key in keys {
            let step = try machine.space.string(key)
            value = value.isArray ? element(value, key) : machine.space.member(value, step)
            if value.isUndefined { return .undefined }
        }
        return value
    }

    /// Steps of a path are text; into an array they count.
    private func element(_ array: Value, _ key: [UInt8]) -> Value {
        var index = 0
        guard !key.isEmpty, key.count < 10 else { return .undefined }
        for byte in key {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return .undefined }
            index = index * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return machine.space.element(array, index)
    }

    func write(_ value: Value, to output: inout ByteBuffer, _ style: JSONStyle) throws(DecisionFailure) {
        do throws(Fault) { try machine.space.writeJSON(value, to: &output, style: style) } catch {
            throw failure(error)
        }
    }

    /// Runs a function, answering what it asks of the host; holds the thread while host functions wait.
    func run(_ function: FunctionID, input: Value) throws(DecisionFailure) -> Value {
        try holding(try start(function, input: input))
    }

    func start(
        _ function: FunctionID, input: Value, rest: [[UInt8]] = []
    ) throws(DecisionFailure) -> Evaluation {
        do throws(Fault) { return try advance(try machine.start(function, input: input), rest: rest) } catch {
            throw failure(error)
        }
    }

    /// Runs to the end, or to what has to be waited for.
    private func advance(_ first: Outcome, rest: [[UInt8]]) throws(Fault) -> Evaluation {
        var outcome = first
        while true {
            switch outcome {
            case .finished(let value):
                return .finished(rest.isEmpty ? value : try step(into: value, rest))
            case .suspended(let call):
                if let tracer, case .trace = call.service {
                    tracer.note(String(decoding: machine.space.bytes(call.arguments[0]), as: UTF8.self))
                }
                let reply: HostReply
                do throws(Fault) { reply = try services.answer(call, machine.space) } catch {
                    outcome = try machine.resume(after: error)
                    continue
                }
                switch reply {
                case .wait(let wait):
                    waiting = (call, wait, rest)
                    return .waiting(wait)
                case .value(let answer):
                    if let onNondeterministic { report(call, answer, to: onNondeterministic) }
                    outcome = try machine.resume(with: answer)
                }
            }
        }
    }

    /// Waits on this thread for all that an evaluation waits for.
    private func holding(_ first: Evaluation) throws(DecisionFailure) -> Value {
        var evaluation = first
        while true {
            switch evaluation {
            case .finished(let value): return value
            case .waiting(let wait):
                wait.hold { machine.builtins.poll?() != nil }
                evaluation = try resume()
            }
        }
    }

    private func failure(_ fault: Fault) -> DecisionFailure {
        DecisionFailure(fault, machine.faultRange, space: machine.space, sources: snapshot.policy.sources)
    }

    private func report(
        _ call: HostCall, _ answer: Value, to hook: (StaticString, [Value], Value) -> Void
    ) {
        guard Registry.all.indices.contains(call.builtin), !Registry.all[call.builtin].isDeterministic else { return }
        hook(Registry.all[call.builtin].name, (0..<call.arguments.count).map { call.arguments[$0] }, answer)
    }

    private func connectPrint() {
        guard let onPrint else {
            machine.onPrint = nil
            return
        }
        let space = machine.space
        let sources = snapshot.policy.sources
        machine.onPrint = { arguments, range in
            var line = ""
            for index in 0..<arguments.count {
                if index > 0 { line += " " }
                let value = arguments[index]
                guard value.isDefined else {
                    line += "<undefined>"
                    continue
                }
                let text = value.isString ? space.bytes(value) : (try? space.rego(value)) ?? []
                line += String(decoding: text, as: UTF8.self)
            }
            let span = Span(source: SourceID(range.file), start: range.start, end: range.end)
            onPrint(line, sources.file(span.source)?.name ?? [], sources.position(of: span)?.row ?? 0)
        }
    }
}
