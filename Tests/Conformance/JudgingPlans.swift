import Foundation
import Writ

extension TestCase {
    /// Judges a case of plans: OPA's IR, evaluated by its reader and the machine.
    func judgePlan() -> Judgement {
        if tags.contains("needs:test.sleep") || tags.contains("needs:resolver") { return .skipped }
        return judge(evaluatePlan(), against: "want_plan_result")
    }

    private func evaluatePlan() -> Result {
        do {
            let document = try PlanDocument(reading: space.json(member("plan")), functions: Self.functions)
            var data = DataBuilder()
            let base = member("data")
            if base.isDefined { try data.add(space.json(base)) }
            return .answers(try evaluate(document, data.freeze(), nil))
        } catch let failure as PlanFailure {
            return .failure(code: failure.code, text: "\(failure.message) at \(failure.place)")
        } catch let failure as DecisionFailure {
            // The plans were made from modules of other names than the expected errors have.
            let file = String(decoding: failure.file, as: UTF8.self)
                .replacingOccurrences(of: "module-", with: "test-")
            let row = failure.position?.row ?? 0
            return .failure(code: failure.code, text: "\(file):\(row): \(failure.code): \(failure.message)")
        } catch {
            return .failure(code: "runner", text: "\(error)")
        }
    }

    /// The results of plan `eval` as comparable texts, for an input of the case's space (nil: the case's own).
    func evaluate(_ document: PlanDocument, _ data: Piece, _ given: Value?) throws -> Set<String> {
        let evaluator = document.makeEvaluator(data: data)
        evaluator.isStrict = isStrict
        evaluator.begin()
        var input = Value.undefined
        if let given {
            if given.isDefined { input = try evaluator.space.copy(given, from: space) }
        } else {
            input = try planInput(evaluator.space)
        }
        var texts = Set<String>()
        for result in try evaluator.results(of: "eval", input: input) {
            let entries = evaluator.space.entries(result)
            let names = (0..<entries.count).map { index in
                String(decoding: evaluator.space.bytes(entries.keys[index]), as: UTF8.self)
            }
            texts.insert(try Self.canonical(names, entries.values, evaluator.space, sorted: sortsBindings))
        }
        return texts
    }

    /// The input in the plan's space: JSON, or a Rego term, evaluated as a query.
    private func planInput(_ target: Space) throws -> Value {
        if let term = text("input_term") {
            let snapshot = Snapshot(policy: try Policy.compile([]))
            let prepared = try PreparedQuery.prepare(Array("x = \(term)".utf8), for: snapshot)
            let evaluator = prepared.makeEvaluator()
            evaluator.begin()
            guard let answer = try evaluator.answers(to: prepared, input: .undefined).first else { return .undefined }
            return try target.copy(answer.bindings[0], from: evaluator.space)
        }
        let input = member("input")
        return input.isDefined ? try target.copy(input, from: space) : .undefined
    }
}
