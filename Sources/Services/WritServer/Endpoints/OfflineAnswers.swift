import Writ

/// An answer that was made away from the event loop.
struct FinishedAnswer: Sendable {
    var head: AnswerHead
    var body: [UInt8] = []

    static func json(_ body: [UInt8], isPretty: Bool) -> FinishedAnswer {
        FinishedAnswer(
            head: AnswerHead(status: 200), body: (isPretty ? JSONLines.indented(body) : body) + [0x0A])
    }

    static func error(_ status: Int, _ body: ErrorBody) -> FinishedAnswer {
        var output = OutputBuffer()
        body.write(to: &output)
        return FinishedAnswer(head: AnswerHead(status: status), body: output.bytes)
    }

    init(head: AnswerHead, body: [UInt8] = []) {
        self.head = head
        self.body = body
    }

    init(_ failure: WriteFailure) {
        self = .error(
            failure.status, ErrorBody(code: failure.code, message: failure.message, failure: failure.failure))
    }
}

/// JSON text on many lines.
enum JSONLines {
    /// Compact JSON text with a line for every member and element, two spaces deeper each, as Go indents it.
    static func indented(_ json: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(json.count * 2)
        var depth = 0
        var isText = false
        var index = 0
        func line() -> [UInt8] { [0x0A] + [UInt8](repeating: 0x20, count: 2 * depth) }
        while index < json.count {
            let byte = json[index]
            if isText {
                result.append(byte)
                if byte == UInt8(ascii: "\\"), index + 1 < json.count {
                    index += 1
                    result.append(json[index])
                } else if byte == UInt8(ascii: "\"") {
                    isText = false
                }
                index += 1
                continue
            }
            switch byte {
            case UInt8(ascii: "\""):
                isText = true
                result.append(byte)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                result.append(byte)
                let next = index + 1 < json.count ? json[index + 1] : 0
                if next == UInt8(ascii: "}") || next == UInt8(ascii: "]") {
                    index += 1
                    result.append(next)
                } else {
                    depth += 1
                    result += line()
                }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth = max(0, depth - 1)
                result += line()
                result.append(byte)
            case UInt8(ascii: ","):
                result.append(byte)
                result += line()
            case UInt8(ascii: ":"): result += [byte, 0x20]
            default: result.append(byte)
            }
            index += 1
        }
        return result
    }
}

extension JSONLines {
    /// JSON text without the white space between its tokens.
    static func compact(_ json: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var isText = false
        var isEscaped = false
        for byte in json {
            if isText {
                result.append(byte)
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte
                    == UInt8(ascii: "\"")
                {
                    isText = false
                }
            } else if byte > 0x20 {
                result.append(byte)
                isText = byte == UInt8(ascii: "\"")
            }
        }
        return result
    }
}

/// What answers away from the event loops: everything that compiles, writes or takes long.
struct OfflineAnswers: Sendable {
    let configuration: ServerConfiguration
    let store: SnapshotStore
    let writer: PolicyWriter
    let watched = WatchedPolicies()
    let shown = ShownPolicies()

    /// `{"metrics": {...}}` where it was asked for.
    private func metrics(
        _ measures: [Measure], steps: [StepFigure] = [], _ output: inout OutputBuffer
    ) {
        output.append("\"metrics\":{")
        for (index, figure) in steps.enumerated() {
            output.append(index == 0 ? "\"" : ",\"")
            output.append(figure.name)
            output.append("\":")
            output.append(Array(figure.json.utf8))
        }
        for (index, measure) in measures.enumerated() {
            output.append(index == 0 && steps.isEmpty ? "\"" : ",\"")
            output.append(measure.name)
            output.append("\":")
            output.appendDecimal(Int(clamping: measure.nanoseconds))
        }
        output.append("}")
    }

    // MARK: Changes

    func putData(
        _ path: [[UInt8]], _ body: UnsafeBufferPointer<UInt8>, passed: @escaping (Int) -> Void,
        _ parameters: Parameters, onlyNew: Bool
    ) -> FinishedAnswer {
        dataAnswer(Worker.now(), parameters) { writer.put(path, body, passed: passed, onlyNew: onlyNew) }
    }

    func patchData(
        _ path: [[UInt8]], _ body: UnsafeBufferPointer<UInt8>, _ parameters: Parameters
    ) -> FinishedAnswer {
        dataAnswer(Worker.now(), parameters) { writer.patch(path, Array(body)) }
    }

    func deleteData(_ path: [[UInt8]], _ parameters: Parameters) -> FinishedAnswer {
        dataAnswer(Worker.now(), parameters) { writer.delete(path) }
    }

    private func dataAnswer(
        _ start: UInt64, _ parameters: Parameters, _ change: () -> WriteOutcome
    ) -> FinishedAnswer {
        switch change() {
        case .unchanged: return FinishedAnswer(head: AnswerHead(status: 304, content: .none))
        case .failed(let failure): return FinishedAnswer(failure)
        case .done(let measures):
            guard parameters.wantsMetrics else { return FinishedAnswer(head: AnswerHead(status: 204, content: .none)) }
            var output = OutputBuffer()
            output.append("{")
            metrics(
                measures + [Measure(name: "timer_server_handler_ns", nanoseconds: Worker.now() &- start)], &output)
            output.append("}")
            return .json(output.bytes, isPretty: false)
        }
    }

    func putPolicy(_ id: String, _ text: [UInt8], _ parameters: Parameters) -> FinishedAnswer {
        if text.allSatisfy({ $0 <= 0x20 }) {
            return FinishedAnswer(WriteFailure("\(id):0: rego_parse_error: empty module"))
        }
        return policyAnswer(writer.put(policy: id, text), parameters)
    }

    func deletePolicy(_ id: String, _ parameters: Parameters) -> FinishedAnswer {
        policyAnswer(writer.delete(policy: id), parameters)
    }

    private func policyAnswer(_ outcome: WriteOutcome, _ parameters: Parameters) -> FinishedAnswer {
        var measures: [Measure] = []
        switch outcome {
        case .failed(let failure): return FinishedAnswer(failure)
        case .done(let found): measures = found
        case .unchanged: break
        }
        var output = OutputBuffer()
        output.append("{")
        if parameters.wantsMetrics { metrics(measures, &output) }
        output.append("}")
        return .json(output.bytes, isPretty: parameters.isPretty)
    }

    // MARK: Queries

    func query(
        _ text: [UInt8], input: [UInt8]?, _ parameters: Parameters, _ origin: DecisionOrigin?, isPost: Bool
    ) -> FinishedAnswer {
        let start = Worker.now()
        guard !text.allSatisfy({ $0 <= 0x20 }) else {
            return .error(500, ErrorBody(code: "internal_error", message: "cannot evaluate empty query"))
        }
        var snapshot = store.take().snapshot
        do throws(CompileFailure) {
            try PreparedQuery.check(syntaxOf: text, for: snapshot.policy)
        } catch {
            let message = "error(s) occurred while parsing query"
            return .error(400, ErrorBody(code: "invalid_parameter", message: message, failure: error))
        }
        let query: PreparedQuery
        var watching = parameters.watching
        if configuration.explain == nil { watching.remove(.events) }
        do throws(CompileFailure) {
            snapshot = try watched.snapshot(of: snapshot, for: watching)
            query = try PreparedQuery.prepare(
                text, for: snapshot, refusing: ["http.send"], namesFunctions: false)
        } catch {
            let message = "error(s) occurred while compiling query"
            return .error(400, ErrorBody(code: "invalid_parameter", message: message, failure: error))
        }
        let compiled = Worker.now() &- start
        let evaluator = query.makeEvaluator(limits: configuration.limits)
        let tracer = watching.contains(.events) ? Tracer(evaluator, .events) : nil
        let meter = watching.contains(.steps) ? StepMeter(evaluator) : nil
        evaluator.begin()
        let note = note(origin, evaluator)
        note?.facts.query = text
        var output = OutputBuffer()
        output.append("{")
        if let note {
            output.append("\"decision_id\":\"")
            output.append(note.id)
            output.append("\"")
        }
        var rows = OutputBuffer()
        do throws(DecisionFailure) {
            var value = Value.undefined
            if let input {
                value = try input.withInput { (bytes) throws(DecisionFailure) in try evaluator.read(bytes) }
            }
            note?.facts.input = value
            let answers = try evaluator.answers(to: query, input: value)
            let order = query.bindings.indices.sorted {
                query.bindings[$0].utf8.lexicographicallyPrecedes(query.bindings[$1].utf8)
            }
            for (index, answer) in answers.enumerated() {
                rows.append(index == 0 ? "{" : ",{")
                var isFirst = true
                for column in order where !query.bindings[column].hasPrefix("$") && query.bindings[column] != "_" {
                    if !isFirst { rows.append(",") }
                    isFirst = false
                    rows.appendJSONString(query.bindings[column])
                    rows.append(":")
                    guard (try? evaluator.space.writeJSON(answer.bindings[column], to: &rows)) != nil else {
                        return .error(500, ErrorBody(code: "internal_error", message: Self.tooLarge))
                    }
                }
                rows.append("}")
            }
        } catch {
            if let refused = note?.record(.failure(error), evaluator) { return .error(503, refused) }
            return .error(
                500,
                ErrorBody(
                    code: "internal_error", message: "error(s) occurred while evaluating query", errors: [error]))
        }
        if let note, let refused = record(rows, note, evaluator) { return .error(503, refused) }
        let evaluated = Worker.now() &- start &- compiled
        if note != nil, parameters.explanation != nil || parameters.wantsMetrics || rows.count > 0 {
            output.append(",")
        }
        if let mode = parameters.explanation {
            output.append("\"explanation\":")
            tracer?.finish()
            output.append(
                tracer.flatMap { configuration.explain?($0, query.sources, mode, parameters.isPretty) }
                    ?? Array("[]".utf8))
            if parameters.wantsMetrics || rows.count > 0 { output.append(",") }
        }
        if parameters.wantsMetrics {
            var measures = [
                Measure(name: "timer_rego_query_compile_ns", nanoseconds: compiled),
                Measure(name: "timer_rego_query_eval_ns", nanoseconds: evaluated),
            ]
            if isPost {
                measures.append(Measure(name: "timer_server_handler_ns", nanoseconds: Worker.now() &- start))
            }
            metrics(measures, steps: meter?.figures ?? [], &output)
            if rows.count > 0 { output.append(",") }
        }
        if rows.count > 0 {
            output.append("\"result\":[")
            output.append(rows.bytes)
            output.append("]")
        }
        output.append("}")
        return .json(output.bytes, isPretty: parameters.isPretty)
    }

    /// Logs the answers to a query, which are the result of its event.
    private func record(_ rows: borrowing OutputBuffer, _ note: DecisionNote, _ evaluator: Evaluator) -> ErrorBody? {
        var value = Value.undefined
        if rows.count > 0, let read = try? evaluator.space.readJSON(Array("[".utf8) + rows.bytes + Array("]".utf8)) {
            value = read
        }
        return note.record(.success(value), evaluator)
    }

    static let tooLarge = "the document is too large or too deep to be written"

    /// The body of `POST /v1/query` and `POST /v1/compile`, taken apart.
    struct QueryRequest {
        var query: [UInt8] = []
        var input: [UInt8]?
        var unknowns: [[UInt8]] = []

        init(_ body: [UInt8]) throws(WriteFailure) {
            let space = Space.create(memoryLimit: 1 << 30)
            defer { space.destroy() }
            let value: Value
            do throws(JSONError) { value = try space.readFirstJSON(body) } catch {
                throw Self.failure(String(decoding: error.message, as: UTF8.self))
            }
            guard value.isObject else {
                if value.isNull { return }
                throw Self.failure("json: cannot unmarshal \(value.goKind) into Go value of type types.QueryRequestV1")
            }
            let query = space.member(value, .short("query"))
            if query.isDefined, !query.isNull {
                guard query.isString else {
                    throw Self.failure(
                        "json: cannot unmarshal \(query.goKind) into Go struct field QueryRequestV1.query of type string"
                    )
                }
                self.query = space.bytes(query)
            }
            let input = space.member(value, .short("input"))
            if input.isDefined { self.input = try? space.json(input) }
            let unknowns = space.member(value, .short("unknowns"))
            if unknowns.isArray {
                let elements = space.elements(unknowns)
                for index in 0..<elements.count where elements[index].isString {
                    self.unknowns.append(space.bytes(elements[index]))
                }
            }
        }

        private static func failure(_ text: String) -> WriteFailure {
            WriteFailure("error(s) occurred while decoding request: \(text)")
        }
    }

    func query(body: [UInt8], _ parameters: Parameters, _ origin: DecisionOrigin?) -> FinishedAnswer {
        do throws(WriteFailure) {
            let request = try QueryRequest(body)
            return query(request.query, input: request.input, parameters, origin, isPost: true)
        } catch {
            return FinishedAnswer(error)
        }
    }

    // MARK: Partial evaluation: what is checked of its requests

    func compile(body: [UInt8]) -> FinishedAnswer {
        var answer = checkedCompilation(body)
        answer.head.varies = true
        return answer
    }

    private func checkedCompilation(_ body: [UInt8]) -> FinishedAnswer {
        let policy = store.take().snapshot.policy
        do throws(WriteFailure) {
            let request = try QueryRequest(body)
            guard !request.query.isEmpty else { throw WriteFailure("missing required 'query' value") }
            do throws(CompileFailure) { try PreparedQuery.check(syntaxOf: request.query, for: policy) } catch {
                let message = "error(s) occurred while parsing query"
                return .error(400, ErrorBody(code: "invalid_parameter", message: message, failure: error))
            }
            for unknown in request.unknowns {
                do throws(CompileFailure) { try PreparedQuery.check(syntaxOf: unknown, for: policy) } catch {
                    let text = Worker.text(of: error)
                    throw WriteFailure("error(s) occurred while parsing unknowns: failed to parse term: \(text)")
                }
            }
        } catch {
            return FinishedAnswer(error)
        }
        return .error(
            501, ErrorBody(code: "writ_unsupported", message: "partial evaluation is not supported yet"))
    }
}

extension [UInt8] {
    /// Calls `body` with the bytes in place.
    func withInput<Result>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(DecisionFailure) -> Result
    ) throws(DecisionFailure) -> Result {
        let result: Swift.Result<Result, DecisionFailure> = withUnsafeBufferPointer { bytes in
            do throws(DecisionFailure) { return .success(try body(bytes)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}

/// The parameters that say how an answer is to look.
struct Parameters: Sendable {
    var isPretty = false
    var wantsMetrics = false
    /// The mode of `explain`.
    var explanation: String?
    var watching: Watching

    init(_ target: RequestTarget) {
        isPretty = target.isSet("pretty")
        wantsMetrics = target.isSet("metrics") || target.isSet("instrument")
        explanation = target.explanation
        watching = Watching(target, explains: true)
    }
}
