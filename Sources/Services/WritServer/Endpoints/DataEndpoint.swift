import NIOHTTP1
import Writ

/// Decisions: `/v1/data`, `/v0/data` and `POST /`.
extension Worker {
    /// Times of one request, in nanoseconds.
    private struct Times {
        var start = Worker.now()
        var input: UInt64 = 0
        /// Nil where the path's target was known.
        var lookup: UInt64?
        var evaluation: UInt64 = 0
    }

    // MARK: /v1/data

    func data(_ request: Request, _ body: UnsafeBufferPointer<UInt8>, prefix: Int) -> AnswerHead? {
        var times = Times()
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
        let (target, wasKnown) = target(path, request.target.segments(after: prefix), evaluator)
        if !wasKnown { times.lookup = Self.now() &- times.start &- times.input }
        evaluator.isStrict = request.target.isSet("strict-builtin-errors")
        let evaluation: Evaluation
        do throws(DecisionFailure) { evaluation = try evaluator.start(target, input: input) } catch {
            return self.error(error)
        }
        let isRoot = path.count <= prefix + 1
        let warns = isPost && !input.isDefined
        switch evaluation {
        case .finished(let value):
            return dataAnswer(
                shown(value, evaluator, isRoot), evaluator, request.target, times, isPost: isPost, warnsOfInput: warns)
        case .waiting(let wait):
            return suspend(evaluator, wait) { [unowned self] outcome in
                switch outcome {
                case .success(let value):
                    dataAnswer(
                        shown(value, evaluator, isRoot), evaluator, request.target, times, isPost: isPost,
                        warnsOfInput: warns)
                case .failure(let failure): error(failure)
                }
            }
        }
    }

    /// The whole of the data without what is the server's own.
    private func shown(_ value: Value, _ evaluator: Evaluator, _ isRoot: Bool) -> Value {
        guard isRoot, value.isObject, evaluator.space.member(value, .short("system")).isDefined else { return value }
        return (try? evaluator.space.setting(value, .short("system"), to: .undefined)) ?? value
    }

    private func dataAnswer(
        _ value: Value, _ evaluator: Evaluator, _ target: RequestTarget, _ started: Times, isPost: Bool,
        warnsOfInput: Bool
    ) -> AnswerHead {
        var times = started
        times.evaluation = Self.now() &- times.start &- times.input &- (times.lookup ?? 0)
        do throws(Fault) {
            try write(value, evaluator.space, target, times, isPost: isPost, warnsOfInput: warnsOfInput)
        } catch {
            return tooLarge()
        }
        return AnswerHead(status: 200, varies: true)
    }

    private func write(
        _ value: Value, _ space: Space, _ target: RequestTarget, _ times: Times, isPost: Bool, warnsOfInput: Bool
    ) throws(Fault) {
        let isPretty = target.isSet("pretty")
        var isFirst = true
        func begin(_ name: StaticString) {
            output.append(isFirst ? (isPretty ? "{\n  \"" : "{\"") : (isPretty ? ",\n  \"" : ",\""))
            output.append(name)
            output.append(isPretty ? "\": " : "\":")
            isFirst = false
        }
        if target.isSet("provenance") {
            begin("provenance")
            var members: [(StaticString, [UInt8])] = [
                ("version", quoted(configuration.version)), ("build_commit", quoted("")),
                ("build_timestamp", quoted("")), ("build_hostname", quoted("")),
            ]
            if !configuration.bundles.isEmpty { members.append(("bundles", revisions(isPretty))) }
            appendObject(members, isPretty)
        }
        if let explain = target.parameter("explain"), Self.explains.contains(explain) {
            begin("explanation")
            output.append("[]")
        }
        if target.isSet("metrics") || target.isSet("instrument") {
            begin("metrics")
            appendObject(metrics(times, isPost: isPost), isPretty)
        }
        if value.isDefined {
            begin("result")
            if isPretty {
                output.appendIndented(try space.json(value, style: JSONStyle(isPretty: true)), by: 2)
            } else {
                try space.writeJSON(value, to: &output)
            }
        }
        if warnsOfInput {
            begin("warning")
            appendObject(
                [
                    ("code", quoted("api_usage_warning")),
                    ("message", quoted("'input' key missing from the request")),
                ], isPretty)
        }
        output.append(isFirst ? "{}\n" : (isPretty ? "\n}\n" : "}\n"))
    }

    /// The traces that OPA knows; they are empty as long as nothing is traced.
    static let explains = ["notes", "fails", "full", "debug"].map { Array($0.utf8) }

    /// OPA's names. Finding what answers for a path stands where OPA compiles a query; nothing is resolved outside.
    private func metrics(_ times: Times, isPost: Bool) -> [(StaticString, [UInt8])] {
        func number(_ value: UInt64) -> [UInt8] { Array(String(value).utf8) }
        var metrics = [("counter_server_query_cache_hit" as StaticString, number(times.lookup == nil ? 1 : 0))]
        if isPost { metrics.append(("timer_rego_external_resolve_ns", number(0))) }
        metrics.append(("timer_rego_input_parse_ns", number(times.input)))
        if let lookup = times.lookup { metrics.append(("timer_rego_query_compile_ns", number(lookup))) }
        metrics.append(("timer_rego_query_eval_ns", number(times.evaluation)))
        metrics.append(("timer_server_handler_ns", number(Self.now() &- times.start)))
        return metrics
    }

    /// The bundles with their revisions.
    private func revisions(_ isPretty: Bool) -> [UInt8] {
        var buffer = OutputBuffer()
        for (index, bundle) in configuration.bundles.enumerated() {
            buffer.append(index == 0 ? "{" : ",")
            buffer.appendJSONString(bundle.name)
            buffer.append(":{\"revision\":")
            buffer.appendJSONString(bundle.revision)
            buffer.append("}")
        }
        buffer.append("}")
        guard isPretty else { return buffer.bytes }
        var deeper = OutputBuffer()
        deeper.appendIndented(JSONLines.indented(buffer.bytes), by: 4)
        return deeper.bytes
    }

    private func quoted(_ text: String) -> [UInt8] {
        var buffer = OutputBuffer()
        buffer.appendJSONString(text)
        return buffer.bytes
    }

    private func appendObject(_ members: [(StaticString, [UInt8])], _ isPretty: Bool) {
        for (index, member) in members.enumerated() {
            output.append(index == 0 ? "{" : ",")
            output.append(isPretty ? "\n    \"" : "\"")
            output.append(member.0)
            output.append(isPretty ? "\": " : "\":")
            output.append(member.1)
        }
        output.append(isPretty ? "\n  }" : "}")
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
        evaluator.isStrict = request.target.isSet("strict-builtin-errors")
        let evaluation: Evaluation
        do throws(DecisionFailure) {
            evaluation = try evaluator.start(target(path, segments(), evaluator).target, input: input)
        } catch {
            return self.error(error)
        }
        let isPretty = request.target.isSet("pretty")
        switch evaluation {
        case .finished(let value): return bareAnswer(value, evaluator, segments(), isPretty: isPretty)
        case .waiting(let wait):
            let segments = segments()
            return suspend(evaluator, wait) { [unowned self] outcome in
                switch outcome {
                case .success(let value): bareAnswer(value, evaluator, segments, isPretty: isPretty)
                case .failure(let failure): error(failure)
                }
            }
        }
    }

    private func bareAnswer(
        _ value: Value, _ evaluator: Evaluator, _ segments: @autoclosure () -> [[UInt8]], isPretty: Bool
    ) -> AnswerHead {
        guard value.isDefined else {
            return self.error(
                404,
                ErrorBody(
                    code: "undefined_document", message: "document undefined: \(Self.reference(segments()))"),
                varies: true)
        }
        do throws(Fault) {
            try evaluator.space.writeJSON(value, to: &output, style: JSONStyle(isPretty: isPretty))
        } catch {
            return tooLarge()
        }
        output.append("\n")
        return AnswerHead(status: 200, varies: true)
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

    private func tooLarge() -> AnswerHead {
        error(
            500, ErrorBody(code: "internal_error", message: "the document is too large or too deep to be written"),
            varies: true)
    }

    /// A path as a reference: `data.a["b-c"]`.
    static func reference(_ segments: [[UInt8]]) -> String {
        var text = "data"
        for segment in segments {
            let first = segment.first.map { $0 | 0x20 } ?? 0
            let isName =
                (first >= UInt8(ascii: "a") && first <= UInt8(ascii: "z") || segment.first == UInt8(ascii: "_"))
                && segment.allSatisfy { byte in
                    let lower = byte | 0x20
                    return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z") || byte == UInt8(ascii: "_")
                        || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
                }
            let shown = String(decoding: segment, as: UTF8.self)
            text += isName ? ".\(shown)" : "[\"\(shown)\"]"
        }
        return text
    }
}
