import NIOHTTP1
import Writ

/// `GET /v1/gate/{path}`: whether a request that a proxy holds may go on, as a status: 200 where the document at the path
/// is true (or an object whose `allowed` is), 403 where it is anything else or undefined, 500 where evaluating it failed.
///
/// nginx's `auth_request`, Traefik's `forwardAuth` and the like ask with the headers of the request that they hold. The
/// policy's input is made of them:
///
///     {"method": "GET", "path": ["api", "cars"], "query": {"id": ["7"]}, "headers": {"accept": "…"}}
///
/// The method and the target come from `X-Original-Method` and `X-Original-URI`, or from `X-Forwarded-Method` and
/// `X-Forwarded-Uri`. A path with a step `.` or `..` is refused. The proxy must set those it uses itself: a client could send them too.
extension Worker {
    func gate(_ request: Request, prefix: Int) -> AnswerHead? {
        let evaluator = evaluator()
        evaluator.begin()
        evaluator.isStrict = false
        let known = target(request, prefix: prefix, evaluator)
        if let problem = known.problem {
            return error(500, ErrorBody(code: "internal_error", message: problem))
        }
        guard let held = RequestTarget(Self.original(request, "Uri", "/")) else {
            return error(400, ErrorBody(code: "invalid_parameter", message: "the target of the request is malformed"))
        }
        // Servers disagree on where such a path leads, so what the policy allows may not be what is served.
        if held.segments(after: 0).contains(where: { $0 == [0x2E] || $0 == [0x2E, 0x2E] }) {
            return gateAnswer(.undefined, evaluator.space, nil)
        }
        let input: Value
        do throws(Fault) { input = try gateInput(request, held, evaluator.space) } catch {
            return self.error(400, ErrorBody(code: "invalid_parameter", message: "the request is too large"))
        }
        let note = note(request, request.target.segments(after: prefix), evaluator)
        note?.facts.input = input
        let start = Self.now()
        let evaluation: Evaluation
        do throws(DecisionFailure) { evaluation = try evaluator.start(known.target, input: input) } catch {
            return failed(error, note, evaluator)
        }
        switch evaluation {
        case .finished(let value):
            metrics.evaluated(Self.now() &- start)
            return log(note, value, evaluator) ?? gateAnswer(value, evaluator.space, note)
        case .waiting(let wait):
            return suspend(evaluator, wait) { [unowned self] outcome in
                switch outcome {
                case .success(let value): log(note, value, evaluator) ?? gateAnswer(value, evaluator.space, note)
                case .failure(let failure): failed(failure, note, evaluator)
                }
            }
        }
    }

    private func gateAnswer(_ value: Value, _ space: Space, _ note: DecisionNote?) -> AnswerHead {
        let isAllowed = value.isTrue || value.isObject && space.member(value, .short("allowed")).isTrue
        output.append(isAllowed ? "{\"allowed\":true}\n" : "{\"allowed\":false}\n")
        return AnswerHead(status: isAllowed ? 200 : 403, decision: note?.id)
    }

    /// What a proxy says of the request that it holds.
    private static func original(_ request: Request, _ name: String, _ other: String) -> String {
        request.headers.first(name: "X-Original-" + name) ?? request.headers.first(name: "X-Forwarded-" + name) ?? other
    }

    private func gateInput(_ request: Request, _ held: RequestTarget, _ space: Space) throws(Fault) -> Value {
        var list = ValueList()
        func add(_ name: StaticString, _ value: Value) throws(Fault) {
            try list.append(try space.string(name), in: space)
            try list.append(value, in: space)
        }
        try add("method", try space.string(Array(Self.original(request, "Method", request.method.rawValue).utf8)))
        var path = ValueList()
        for segment in held.segments(after: 0) { try path.append(try space.string(segment), in: space) }
        try add("path", try space.array(path))
        try add("query", try grouped(held.parameters(), space))
        var headers: [String: String] = [:]
        for (name, value) in request.headers {
            let name = name.lowercased()
            headers[name] = headers[name].map { $0 + ", " + value } ?? value
        }
        var pairs = ValueList()
        for (name, value) in headers {
            try pairs.append(try space.string(Array(name.utf8)), in: space)
            try pairs.append(try space.string(Array(value.utf8)), in: space)
        }
        try add("headers", try space.object(pairs: pairs))
        return try space.object(pairs: list)
    }
}
