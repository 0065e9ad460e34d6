import WritBuiltins
import WritPlan
import WritVM

/// What one decision may take.
public typealias DecisionLimits = Limits

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

    // MARK: Steps, for hosts that hold values themselves

    /// Forgets the decision before. Its values are dead.
    public func begin() {
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

    /// The document at `target`, undefined if it is.
    public func evaluate(_ target: DecisionTarget, input: Value) throws(DecisionFailure) -> Value {
        var value: Value
        if let function = target.function {
            value = try run(function, input: input)
        } else {
            value = machine.data
        }
        for key in target.rest {
            do throws(Fault) {
                let step = try machine.space.string(key)
                value = value.isArray ? element(value, key) : machine.space.member(value, step)
            } catch {
                throw failure(error)
            }
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

    /// Runs a function, answering what it asks of the host.
    func run(_ function: FunctionID, input: Value) throws(DecisionFailure) -> Value {
        do throws(Fault) {
            var outcome = try machine.start(function, input: input)
            while true {
                switch outcome {
                case .finished(let value): return value
                case .suspended(let call):
                    if let tracer, case .trace = call.service {
                        tracer.note(String(decoding: machine.space.bytes(call.arguments[0]), as: UTF8.self))
                    }
                    let answer: Value
                    do throws(Fault) { answer = try services.answer(call, machine.space) } catch {
                        outcome = try machine.resume(after: error)
                        continue
                    }
                    if let onNondeterministic { report(call, answer, to: onNondeterministic) }
                    outcome = try machine.resume(with: answer)
                }
            }
        } catch {
            throw failure(error)
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
                let values = space.elements(arguments[index])
                guard values.count > 0 else {
                    line += "<undefined>"
                    continue
                }
                let value = values[0]
                let text = value.isString ? space.bytes(value) : (try? space.rego(value)) ?? []
                line += String(decoding: text, as: UTF8.self)
            }
            let span = Span(source: SourceID(range.file), start: range.start, end: range.end)
            onPrint(line, sources.file(span.source)?.name ?? [], sources.position(of: span)?.row ?? 0)
        }
    }
}
