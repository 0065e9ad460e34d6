import Synchronization
import Writ
import WritTelemetry

/// The current policies compiled so that their evaluation can be watched, made when that is first asked for.
final class WatchedPolicies: Sendable {
    private let kept = Mutex<(of: Policy, watched: Policy)?>(nil)

    /// A snapshot that decides the same, and tells how.
    func snapshot(of snapshot: Snapshot) throws(CompileFailure) -> Snapshot {
        let policy = snapshot.policy
        if let watched = kept.withLock({ $0?.of === policy ? $0?.watched : nil }) {
            return Snapshot(policy: watched, data: snapshot.data)
        }
        var options = policy.options
        options.isTraced = true
        let watched = try Policy.compile(policy.files, options: options)
        kept.withLock { $0 = (policy, watched) }
        return Snapshot(policy: watched, data: snapshot.data)
    }
}

/// `explain`: answers with what their evaluation did. The policy is compiled once more for that, and evaluated away from
/// the event loops.
extension Worker {
    func explainedData(
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
        return later(on: offline.queries) {
            answers.explained(path, input: text, target, times, origin, trace, isPost: isPost, warns: warns)
        }
    }
}

extension OfflineAnswers {
    func explained(
        _ path: [[UInt8]], input: [UInt8]?, _ target: RequestTarget, _ started: DecisionTimes,
        _ origin: DecisionOrigin?, _ trace: TraceContext?,
        isPost: Bool, warns: Bool
    ) -> FinishedAnswer {
        var times = started
        var answer = FinishedAnswer(head: AnswerHead(status: 200))
        do throws(CompileFailure) {
            let snapshot = try watched.snapshot(of: store.take().snapshot)
            let query = try PreparedQuery.prepare(Snapshot.reference(path), for: snapshot)
            let evaluator = query.makeEvaluator(limits: configuration.limits)
            evaluator.isStrict = target.isSet("strict-builtin-errors")
            evaluator.attachment = trace
            let tracer = Tracer(evaluator, .events)
            evaluator.begin()
            let note = note(origin, evaluator)
            var document = Value.undefined
            let outcome: Result<Value, DecisionFailure> = value(of: query, evaluator, input, &document)
            tracer.finish()
            times.evaluation = Worker.now() &- times.start
            let hits = evaluator.patternHits
            times.hits = hits
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
                if value.isDefined || mode == "full" {
                    response.explanation = configuration.explain?(
                        tracer, query.sources, mode, target.isSet("pretty"))
                }
                if target.isSet("metrics") || target.isSet("instrument") {
                    response.metrics = times.metrics(isPost: isPost)
                }
                response.warnsOfInput = warns
                response.id = note?.id
                var output = OutputBuffer()
                do throws(Fault) {
                    try response.write(value, evaluator.space, to: &output)
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
