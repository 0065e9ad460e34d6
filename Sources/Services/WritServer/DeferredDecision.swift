import NIOCore
import Writ

/// A decision that stands still for something outside, such as the response to `http.send`. Belongs to one loop.
final class DeferredDecision {
    private(set) var evaluator: Evaluator
    /// The generation of the evaluator's snapshot.
    private(set) var generation: Int
    /// Makes the answer of the outcome, or nil where the request stands still again.
    private(set) var finish: (Result<Value, DecisionFailure>) -> AnswerHead?
    /// What it waits for now.
    var wait: HostWait?
    var deadline: Scheduled<Void>?
    /// Receives the answer; its body lies in the worker's output.
    var deliver: ((AnswerHead) -> Void)?
    private(set) var isAbandoned = false

    init(
        _ evaluator: Evaluator, _ generation: Int,
        _ finish: @escaping (Result<Value, DecisionFailure>) -> AnswerHead?
    ) {
        self.evaluator = evaluator
        self.generation = generation
        self.finish = finish
    }

    func restart(
        _ evaluator: Evaluator, _ generation: Int,
        _ finish: @escaping (Result<Value, DecisionFailure>) -> AnswerHead?
    ) {
        self.evaluator = evaluator
        self.generation = generation
        self.finish = finish
    }

    /// Nobody wants the answer any more.
    func abandon() {
        isAbandoned = true
        deliver = nil
        wait?.cancel()
    }
}
