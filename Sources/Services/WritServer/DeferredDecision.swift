import NIOCore
import Writ

/// An answer that comes later. Belongs to one loop.
class DeferredAnswer {
    /// Receives the answer; its body lies in the worker's output.
    var deliver: ((AnswerHead) -> Void)?
    private(set) var isAbandoned = false

    /// Nobody wants the answer any more.
    func abandon() {
        isAbandoned = true
        deliver = nil
    }
}

/// A decision that stands still for something outside, such as the response to `http.send`.
final class DeferredDecision: DeferredAnswer {
    private(set) var evaluator: Evaluator
    /// The generation of the evaluator's snapshot.
    private(set) var generation: Int
    /// Makes the answer of the outcome, or nil where the request stands still again.
    private(set) var finish: (Result<Value, DecisionFailure>) -> AnswerHead?
    /// What it waits for now.
    var wait: HostWait?
    var deadline: Scheduled<Void>?

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

    override func abandon() {
        super.abandon()
        wait?.cancel()
    }
}
