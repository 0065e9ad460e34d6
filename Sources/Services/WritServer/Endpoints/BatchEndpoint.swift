import Writ
import WritTelemetry

/// `POST /v1/batch/data/{path}`: one decision for each of many inputs, as Enterprise OPA has it.
///
///     {"inputs": {"A": {...}, "B": {...}}, "common_input": {...}}
///
/// It is made away from the event loops, so that many inputs hold up nobody else.
extension OfflineAnswers {
    private struct Result {
        var key: [UInt8]
        /// The members of the answer's object.
        var members: [UInt8]
        var isFailed: Bool
    }

    func batch(
        _ path: [[UInt8]], _ body: [UInt8], isStrict: Bool, isPretty: Bool, _ origin: DecisionOrigin?,
        _ trace: TraceContext?
    ) -> FinishedAnswer {
        let inputs: [(key: [UInt8], text: [UInt8])]
        do throws(WriteFailure) { inputs = try self.inputs(body) } catch { return FinishedAnswer(error) }
        let snapshot = store.take().snapshot
        let evaluator = Evaluator(snapshot, limits: configuration.limits)
        evaluator.isStrict = isStrict
        evaluator.attachment = trace
        let target = snapshot.target(path)
        let recorder = origin == nil ? nil : configuration.decisionLog?.log?.recorder()
        var results: [Result] = []
        for (key, text) in inputs {
            evaluator.begin()
            let id = recorder?.identifier()
            var note: DecisionNote?
            if let recorder, let origin, let id {
                note = DecisionNote(origin.part(id: id), recorder, evaluator)
                note?.facts.batch = String(decoding: origin.id, as: UTF8.self)
            }
            var result = decide(target, evaluator, key, text, note)
            if let id, !result.isFailed {
                let rest = result.members.isEmpty ? [] : [UInt8(ascii: ",")] + result.members
                result.members = Array("\"decision_id\":\"".utf8) + id + [UInt8(ascii: "\"")] + rest
            }
            results.append(result)
        }
        let failures = results.filter(\.isFailed).count
        let isMixed = failures > 0 && failures < results.count
        var output = OutputBuffer()
        output.append("{")
        if let origin, recorder != nil {
            output.append("\"batch_decision_id\":\"")
            output.append(origin.id)
            output.append("\",")
        }
        output.append("\"responses\":{")
        for (index, result) in results.enumerated() {
            if index > 0 { output.append(",") }
            output.appendJSONString(result.key)
            output.append(":{")
            output.append(result.members)
            if isMixed {
                if !result.members.isEmpty { output.append(",") }
                output.append(result.isFailed ? "\"http_status_code\":\"500\"" : "\"http_status_code\":\"200\"")
            }
            output.append("}")
        }
        output.append("}}")
        var answer = FinishedAnswer.json(output.bytes, isPretty: isPretty)
        answer.head.status = isMixed ? 207 : failures > 0 ? 500 : 200
        answer.head.varies = true
        return answer
    }

    private func decide(
        _ target: DecisionTarget, _ evaluator: Evaluator, _ key: [UInt8], _ text: [UInt8], _ note: DecisionNote?
    ) -> Result {
        var part = OutputBuffer()
        do throws(DecisionFailure) {
            let input = try text.withInput { (bytes) throws(DecisionFailure) in try evaluator.read(bytes) }
            note?.facts.input = input
            let value = try evaluator.evaluate(target, input: input)
            if let refused = note?.record(.success(value), evaluator) { return failed(refused, key) }
            guard value.isDefined else { return Result(key: key, members: [], isFailed: false) }
            part.append("\"result\":")
            guard (try? evaluator.space.writeJSON(value, to: &part)) != nil else {
                part.removeAll()
                part.append("\"code\":\"internal_error\",\"message\":")
                part.appendJSONString(Self.tooLarge)
                return Result(key: key, members: part.bytes, isFailed: true)
            }
            return Result(key: key, members: part.bytes, isFailed: false)
        } catch {
            if let refused = note?.record(.failure(error), evaluator) { return failed(refused, key) }
            return failed(
                ErrorBody(
                    code: "internal_error", message: "error(s) occurred while evaluating query", errors: [error]), key)
        }
    }

    private func failed(_ body: ErrorBody, _ key: [UInt8]) -> Result {
        var part = OutputBuffer()
        body.write(to: &part)
        let whole = JSONLines.compact(part.bytes)
        return Result(key: key, members: Array(whole.dropFirst().dropLast()), isFailed: true)
    }

    /// The inputs as JSON text, each with what is common merged under it.
    private func inputs(_ body: [UInt8]) throws(WriteFailure) -> [(key: [UInt8], text: [UInt8])] {
        let space = Space.create(memoryLimit: 4 << 30)
        defer { space.destroy() }
        let document: Value
        do throws(JSONError) { document = try space.readFirstJSON(body) } catch {
            throw WriteFailure(
                "body contains malformed input document: \(String(decoding: error.message, as: UTF8.self))")
        }
        let inputs = document.isObject ? space.member(document, .short("inputs")) : .undefined
        guard inputs.isObject else {
            throw WriteFailure("body contains malformed input document: 'inputs' must be an object")
        }
        let common = space.member(document, .short("common_input"))
        let entries = space.entries(inputs)
        var result: [(key: [UInt8], text: [UInt8])] = []
        do throws(Fault) {
            for index in 0..<entries.count {
                var input = entries.values[index]
                if common.isObject, input.isObject { input = try space.merged(common, input) }
                result.append((space.bytes(entries.keys[index]), try space.json(input)))
            }
        } catch {
            throw WriteFailure("the inputs are too large")
        }
        return result
    }
}
