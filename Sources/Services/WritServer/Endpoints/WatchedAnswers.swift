import Synchronization
import Writ
import WritTelemetry

/// What of an evaluation is watched.
struct Watching: OptionSet, Sendable {
    let rawValue: Int

    /// What it did, for `explain`.
    static let events = Watching(rawValue: 1)
    /// What its steps took, for `instrument`.
    static let steps = Watching(rawValue: 2)

    init(rawValue: Int) { self.rawValue = rawValue }

    /// What a request asks for; `explains` where there is something to explain with.
    init(_ target: RequestTarget, explains: Bool) {
        self = []
        guard target.hasParameters else { return }
        if explains, target.explanation != nil { insert(.events) }
        if target.isSet("instrument") { insert(.steps) }
    }
}

/// The current policies in flavours whose evaluation can be watched, made when that is first asked for.
final class WatchedPolicies: Sendable {
    private let kept = Mutex<(of: Policy, flavours: [Int: Policy])?>(nil)

    /// A snapshot that decides the same, and tells how.
    func snapshot(of snapshot: Snapshot, for watching: Watching) throws(CompileFailure) -> Snapshot {
        let policy = snapshot.policy
        guard !watching.isEmpty else { return snapshot }
        if let known = kept.withLock({ $0?.of === policy ? $0?.flavours[watching.rawValue] : nil }) {
            return Snapshot(policy: known, data: snapshot.data)
        }
        var watched = policy
        if watching.contains(.events) {
            var options = policy.options
            options.isTraced = true
            watched = try Policy.compile(policy.files, options: options)
        }
        if watching.contains(.steps) { watched = try watched.measured() }
        let flavour = watched
        kept.withLock { kept in
            var flavours = kept.flatMap { $0.of === policy ? $0.flavours : nil } ?? [:]
            flavours[watching.rawValue] = flavour
            kept = (policy, flavours)
        }
        return Snapshot(policy: flavour, data: snapshot.data)
    }
}

/// `explain` and `instrument`: answers with what their evaluation did and took. The policy is compiled (for `instrument`
/// alone assembled) once more for that, and evaluated away from the event loops.
extension Worker {
    func watchedData(
        _ request: Request, _ input: Value, _ evaluator: Evaluator, _ times: DecisionTimes, prefix: Int, warns: Bool
    ) -> AnswerHead? {
        let text: [UInt8]?
        do throws(Fault) { text = input.isDefined ? try evaluator.space.json(input) : nil } catch { return tooLarge() }
        let answers = offline.answers
        let target = request.target
        let path = target.segments(after: prefix)
        let isPost = request.method == .POST
        let origin = origin(of: request, path)
        let trace = request.trace
        let patterns = evaluator.keptPatterns
        return later(on: offline.queries) {
            answers.watched(path, input: text, target, times, patterns, origin, trace, isPost: isPost, warns: warns)
        }
    }
}

extension OfflineAnswers {
    func watched(
        _ path: [[UInt8]], input: [UInt8]?, _ target: RequestTarget, _ started: DecisionTimes,
        _ patterns: KeptPatterns, _ origin: DecisionOrigin?, _ trace: TraceContext?,
        isPost: Bool, warns: Bool
    ) -> FinishedAnswer {
        var times = started
        var answer = FinishedAnswer(head: AnswerHead(status: 200))
        do throws(CompileFailure) {
            let watching = Watching(target, explains: configuration.explain != nil)
            let snapshot = try watched.snapshot(of: store.take().snapshot, for: watching)
            let query = try PreparedQuery.prepare(Snapshot.reference(path), for: snapshot)
            let evaluator = query.makeEvaluator(limits: configuration.limits)
            evaluator.isStrict = target.isSet("strict-builtin-errors")
            evaluator.attachment = trace
            evaluator.keep(patterns)
            let tracer = watching.contains(.events) ? Tracer(evaluator, .events) : nil
            let meter = watching.contains(.steps) ? StepMeter(evaluator) : nil
            evaluator.begin()
            let note = note(origin, evaluator)
            var document = Value.undefined
            let begun = Worker.now()
            let outcome: Result<Value, DecisionFailure> = value(of: query, evaluator, input, &document)
            times.evaluation = Worker.now() &- begun
            tracer?.finish()
            times.hits = evaluator.patternHits
            note?.facts.input = document
            note?.facts.metrics = times.values(isPost: isPost)
            if let refused = note?.record(outcome, evaluator) { return .error(503, refused) }
            switch outcome {
            case .failure(let failure):
                answer = .error(
                    500,
                    ErrorBody(
                        code: "internal_error", message: "error(s) occurred while evaluating query", errors: [failure]))
            case .success(let value):
                var response = DataResponse(target, version: configuration.version, bundles: writer.bundles)
                let mode = target.explanation ?? ""
                // Where the document is undefined OPA explains only in full.
                if let tracer, value.isDefined || mode == "full" {
                    response.explanation = configuration.explain?(
                        tracer, query.sources, mode, target.isSet("pretty"))
                } else if tracer == nil, target.explanation != nil {
                    response.explanation = Array("[]".utf8)
                }
                if meter != nil || target.isSet("metrics") { response.metrics = times.metrics(isPost: isPost) }
                if let meter { response.add(meter.figures) }
                response.warnsOfInput = warns
                response.id = note?.id
                var output = OutputBuffer()
                do throws(Fault) {
                    try response.write(
                        Worker.shown(value, evaluator, path.isEmpty), evaluator.space, to: &output)
                    answer.body = output.bytes
                } catch {
                    answer = .error(500, ErrorBody(code: "internal_error", message: Self.tooLarge))
                }
            }
        } catch {
            answer = .error(500, ErrorBody(code: "internal_error", message: Worker.text(of: error)))
        }
        answer.head.varies = true
        return answer
    }

    private func value(
        of query: PreparedQuery, _ evaluator: Evaluator, _ input: [UInt8]?, _ document: inout Value
    ) -> Result<Value, DecisionFailure> {
        do throws(DecisionFailure) {
            if let input {
                document = try input.withInput { (bytes) throws(DecisionFailure) in try evaluator.read(bytes) }
            }
            let answers = try evaluator.answers(to: query, input: document)
            return .success(answers.first.map { $0.expressions[0] } ?? .undefined)
        } catch {
            return .failure(error)
        }
    }
}
