import NIOHTTP1
import Writ
import WritRuntime

/// Decisions: `/v1/data`, `/v0/data` and `POST /`.
extension Worker {
    // MARK: /v1/data

    func data(_ request: Request, _ body: UnsafeBufferPointer<UInt8>, prefix: Int) -> AnswerHead? {
        // What the policy of authorization took is not the decision's.
        var times = DecisionTimes(start: configuration.authorizes ? Self.now() : request.start)
        let evaluator = evaluator()
        evaluator.begin()
        let isPost = request.method == .POST
        let input: Value
        do throws(InputRefusal) {
            input =
                isPost
                ? try wrappedInput(request, body, evaluator.space) : try parameterInput(request, evaluator.space)
        } catch {
            return self.error(400, ErrorBody(code: "invalid_parameter", message: error.message), varies: true)
        }
        times.input = Self.now() &- times.start
        let path = request.target.path
        let known = target(request, prefix: prefix, evaluator)
        if let problem = known.problem {
            return self.error(500, ErrorBody(code: "internal_error", message: problem), varies: true)
        }
        if !known.wasKnown { times.lookup = Self.now() &- times.start &- times.input }
        let warns = isPost && !input.isDefined
        if !Watching(request.target, explains: configuration.explain != nil).isEmpty {
            return watchedData(request, input, evaluator, times, prefix: prefix, warns: warns)
        }
        let note = note(request, evaluator)
        note?.facts.input = input
        let key = cacheKey(known, request.destination.segments, request.target, input, evaluator)
        if let key, let answer = cachedAnswer(key, warnsOfInput: warns, note, evaluator) { return answer }
        times.hits = evaluator.patternHits
        evaluator.isStrict = request.target.isSet("strict-builtin-errors")
        let evaluation: Evaluation
        do throws(DecisionFailure) { evaluation = try evaluator.start(known.target, input: input) } catch {
            return failed(error, note, evaluator)
        }
        let isRoot = path.count <= prefix + 1
        switch evaluation {
        case .finished(let value):
            times.evaluation = Self.now() &- times.start &- times.input &- (times.lookup ?? 0)
            known.evaluations &+= 1
            known.nanoseconds &+= times.evaluation
            if let key { keep(value, evaluator.space, for: key) }
            return dataAnswer(
                Self.shown(value, evaluator, isRoot), evaluator, request.target, times, note, isPost: isPost,
                warnsOfInput: warns)
        case .waiting(let wait):
            return suspend(evaluator, wait) { [unowned self] outcome in
                switch outcome {
                case .success(let value):
                    dataAnswer(
                        Self.shown(value, evaluator, isRoot), evaluator, request.target, times, note, isPost: isPost,
                        warnsOfInput: warns)
                case .failure(let failure): failed(failure, note, evaluator)
                }
            }
        }
    }

    /// The whole of the data without what is the server's own.
    static func shown(_ value: Value, _ evaluator: Evaluator, _ isRoot: Bool) -> Value {
        guard isRoot, value.isObject, evaluator.space.member(value, .short("system")).isDefined else { return value }
        return (try? evaluator.space.setting(value, .short("system"), to: .undefined)) ?? value
    }

    private func dataAnswer(
        _ value: Value, _ evaluator: Evaluator, _ target: RequestTarget, _ started: DecisionTimes,
        _ note: DecisionNote?, isPost: Bool, warnsOfInput: Bool
    ) -> AnswerHead {
        var times = started
        // A decision that stood still is over now.
        if times.evaluation == 0 {
            times.evaluation = Self.now() &- times.start &- times.input &- (times.lookup ?? 0)
        }
        metrics.evaluated(times.evaluation)
        let hits = evaluator.patternHits
        times.hits = (hits.regex &- times.hits.regex, hits.glob &- times.hits.glob)
        var response = DataResponse(target, version: configuration.version, bundles: offline.answers.writer.bundles)
        if target.isSet("metrics") { response.metrics = times.metrics(isPost: isPost) }
        // Without anything to explain with, nothing was traced.
        if target.explanation != nil { response.explanation = Array("[]".utf8) }
        response.warnsOfInput = warnsOfInput
        response.id = note?.id
        do throws(Fault) { try response.write(value, evaluator.space, to: &output) } catch { return tooLarge() }
        if let note {
            note.facts.metrics = times.values(isPost: isPost)
            if let refused = log(note, value, evaluator) { return refused }
        }
        return AnswerHead(status: 200, varies: true, decision: note?.id)
    }

    // MARK: /v0/data and /

    /// A document for a body that is the input; undefined is an error.
    func bareData(
        _ request: Request, _ body: UnsafeBufferPointer<UInt8>, segments: @autoclosure () -> [[UInt8]], path: [UInt8]
    ) -> AnswerHead? {
        let evaluator = evaluator()
        evaluator.begin()
        let input: Value
        do throws(InputRefusal) { input = try bareInput(request, body, evaluator.space) } catch {
            return self.error(
                400,
                ErrorBody(code: "invalid_parameter", message: "unexpected parse error for input: \(error.message)"),
                varies: true)
        }
        let known = target(path, segments(), evaluator)
        if let problem = known.problem {
            return self.error(500, ErrorBody(code: "internal_error", message: problem), varies: true)
        }
        let note = note(request, segments(), evaluator)
        note?.facts.input = input
        // What OPA's v0 does not take is not looked at.
        evaluator.isStrict = request.target.isSet("strict-builtin-errors")
        let isRule = known.target.isRule
        let start = Self.now()
        let evaluation: Evaluation
        do throws(DecisionFailure) {
            evaluation = try evaluator.start(known.target, input: input)
        } catch {
            return failed(error, note, evaluator)
        }
        let isPretty = request.target.isSet("pretty")
        switch evaluation {
        case .finished(let value):
            metrics.evaluated(Self.now() &- start)
            return log(note, value, evaluator)
                ?? bareAnswer(value, evaluator, segments(), isRule, note, isPretty: isPretty)
        case .waiting(let wait):
            let segments = segments()
            return suspend(evaluator, wait) { [unowned self] outcome in
                switch outcome {
                case .success(let value):
                    log(note, value, evaluator)
                        ?? bareAnswer(value, evaluator, segments, isRule, note, isPretty: isPretty)
                case .failure(let failure): failed(failure, note, evaluator)
                }
            }
        }
    }

    private func bareAnswer(
        _ value: Value, _ evaluator: Evaluator, _ segments: @autoclosure () -> [[UInt8]], _ isRule: Bool,
        _ note: DecisionNote?, isPretty: Bool
    ) -> AnswerHead {
        guard value.isDefined else {
            var answer = self.error(
                404,
                ErrorBody(
                    code: "undefined_document",
                    message: "document \(isRule ? "undefined" : "missing"): \(Self.reference(segments()))"),
                varies: true)
            answer.decision = note?.id
            return answer
        }
        do throws(Fault) {
            try evaluator.space.writeJSON(value, to: &output, style: JSONStyle(isPretty: isPretty))
        } catch {
            return tooLarge()
        }
        output.append("\n")
        return AnswerHead(status: 200, varies: true, decision: note?.id)
    }

    /// The default decision for a POST, a page for a GET.
    func root(_ request: Request, _ body: UnsafeBufferPointer<UInt8>) -> AnswerHead? {
        guard request.method == .POST else {
            output.append(Self.page)
            return AnswerHead(status: 200, content: .html)
        }
        return bareData(request, body, segments: configuration.defaultDecision, path: [])
    }

    private static let page: StaticString = """
        <!doctype html>
        <title>Writ</title>
        <h1>Writ</h1>
        <p>This server answers <code>POST /v1/data/&lt;path&gt;</code> with <code>{"input": ...}</code>.</p>

        """

    func tooLarge() -> AnswerHead {
        error(
            500, ErrorBody(code: "internal_error", message: "the document is too large or too deep to be written"),
            varies: true)
    }

    /// A path as a reference: `data.a["b-c"]`.
    static func reference(_ segments: [[UInt8]]) -> String {
        String(decoding: Snapshot.reference(segments), as: UTF8.self)
    }
}
