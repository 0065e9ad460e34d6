import NIOHTTP1
import Writ
import WritDecisionLog
import WritRuntime
import WritTelemetry

/// What the event of a decision tells of the request that asked for it.
struct DecisionOrigin: Sendable {
    private(set) var id: [UInt8]
    var path: [UInt8] = []
    let requestedBy: [UInt8]
    let number: UInt64
    let timestamp: Int64
    let trace: String
    let span: String
    /// The request's span, where requests are recorded.
    let context: TraceContext?
    let headers: [(name: String, values: [String])]
    /// The active bundles with their revisions, as JSON text; nil for none.
    let bundles: [UInt8]?

    init(_ request: Request, id: [UInt8], logging names: [String], bundles: [UInt8]?) {
        self.id = id
        self.bundles = bundles
        requestedBy = request.peer
        number = UInt64(clamping: request.number)
        timestamp = DecisionRecorder.now()
        if let context = request.trace ?? request.headers.first(name: "traceparent").flatMap({ TraceContext($0) }) {
            (trace, span) = (context.traceText, context.spanText)
        } else {
            (trace, span) = ("", "")
        }
        context = request.trace
        headers = names.compactMap { name in
            let values = request.headers[name]
            return values.isEmpty ? nil : (name, values)
        }
    }

    /// The same for another decision of the request.
    func part(id: [UInt8]) -> DecisionOrigin {
        var result = self
        result.id = id
        return result
    }

    var facts: DecisionFacts {
        DecisionFacts(
            path: path, requestedBy: requestedBy, request: number, timestamp: timestamp, trace: trace, span: span,
            headers: headers, bundles: bundles)
    }

    /// `{"name":{"revision":"r"}}`.
    static func text(of bundles: [ActiveBundle]) -> [UInt8]? {
        guard !bundles.isEmpty else { return nil }
        var text = OutputBuffer()
        for (index, bundle) in bundles.enumerated() {
            text.append(index == 0 ? "{" : ",")
            text.appendJSONString(bundle.name)
            text.append(":{")
            if !bundle.revision.isEmpty {
                text.append("\"revision\":")
                text.appendJSONString(bundle.revision)
            }
            text.append("}")
        }
        text.append("}")
        return text.bytes
    }
}

/// A decision that is to be logged, from its start on.
final class DecisionNote {
    let id: [UInt8]
    var facts: DecisionFacts
    private let recorder: DecisionRecorder

    /// Before the decision is evaluated.
    init(_ origin: DecisionOrigin, _ recorder: DecisionRecorder, _ evaluator: Evaluator) {
        id = origin.id
        facts = origin.facts
        self.recorder = recorder
        facts.results = recorder.begin(evaluator)
    }

    /// Logs what came out. Gives the error to answer with instead where the decision must not be given.
    func record(_ outcome: Result<Value, DecisionFailure>, _ evaluator: Evaluator) -> ErrorBody? {
        switch outcome {
        case .success(let value): facts.result = value
        case .failure(let failure): facts.error = ErrorBody.text(of: failure)
        }
        do throws(DecisionRefusal) {
            try recorder.record(facts, id: id, evaluator)
            return nil
        } catch {
            return ErrorBody(code: "writ_unlogged", message: "the decision is not given: \(error.message)")
        }
    }
}

extension ErrorBody {
    /// A failure as the decision log tells it.
    static func text(of failure: DecisionFailure) -> [UInt8] {
        var output = OutputBuffer()
        output.append("{\"code\":")
        output.appendJSONString(failure.code)
        if let position = failure.position {
            output.append(",\"location\":{\"col\":")
            output.appendDecimal(position.column)
            output.append(",\"file\":")
            output.appendJSONString(failure.file)
            output.append(",\"row\":")
            output.appendDecimal(position.row)
            output.append("}")
        }
        output.append(",\"message\":")
        output.appendJSONString(failure.message)
        output.append("}")
        return output.bytes
    }
}

extension Worker {
    /// What is logged of a request; nil where nothing is.
    func origin(of request: Request, _ path: @autoclosure () -> [[UInt8]]) -> DecisionOrigin? {
        guard let recorder = recorder() else { return nil }
        var origin = DecisionOrigin(
            request, id: recorder.identifier(), logging: recorder.headers, bundles: bundlesText())
        origin.path = Array(path().joined(separator: [UInt8(ascii: "/")]))
        return origin
    }

    /// A note of a decision about the request's own path; nil where none are logged.
    func note(_ request: Request, _ evaluator: Evaluator) -> DecisionNote? {
        guard let recorder = recorder() else { return nil }
        var origin = DecisionOrigin(
            request, id: recorder.identifier(), logging: recorder.headers, bundles: bundlesText())
        origin.path = request.destination.joined
        return DecisionNote(origin, recorder, evaluator)
    }

    /// A note of a decision that begins; nil where none are logged.
    func note(_ request: Request, _ path: @autoclosure () -> [[UInt8]], _ evaluator: Evaluator) -> DecisionNote? {
        guard let recorder = recorder(), let origin = origin(of: request, path()) else { return nil }
        return DecisionNote(origin, recorder, evaluator)
    }

    /// Logs a decision; gives the answer to send instead of it, if it must not be given.
    func log(_ note: DecisionNote?, _ value: Value, _ evaluator: Evaluator) -> AnswerHead? {
        guard let body = note?.record(.success(value), evaluator) else { return nil }
        var answer = error(503, body)
        answer.decision = note?.id
        return answer
    }

    /// Logs a decision that failed, and gives its answer.
    func failed(_ failure: DecisionFailure, _ note: DecisionNote?, _ evaluator: Evaluator) -> AnswerHead {
        var answer: AnswerHead
        if let body = note?.record(.failure(failure), evaluator) {
            answer = error(503, body)
        } else {
            answer = error(failure)
        }
        answer.decision = note?.id
        return answer
    }
}

extension OfflineAnswers {
    /// A note of a decision that is made away from the loops.
    func note(_ origin: DecisionOrigin?, _ evaluator: Evaluator) -> DecisionNote? {
        guard let origin, let recorder = configuration.decisionLog?.log?.recorder() else { return nil }
        return DecisionNote(origin, recorder, evaluator)
    }
}
