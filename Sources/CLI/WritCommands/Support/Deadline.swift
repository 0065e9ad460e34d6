import Writ
import WritTooling

/// When a command that was given a `--timeout` ends its evaluations.
struct Deadline {
    private let end: ContinuousClock.Instant?

    /// `timeout` (such as `500ms`; nil or 0 for never) from now.
    init(after timeout: String?) throws(ProblemReport) {
        guard let timeout else {
            end = nil
            return
        }
        guard let seconds = GoDuration.seconds(timeout) else {
            throw ProblemReport(
                .loading, [Problem(message: "invalid timeout \"\(timeout)\": write it like 500ms or 2s")])
        }
        end = seconds > 0 ? .now + .seconds(seconds) : nil
    }

    /// Gives an evaluator what is left of the time for its next evaluation.
    func apply(to evaluator: Evaluator) {
        guard let end else { return }
        let (seconds, attoseconds) = (end - .now).components
        // Some 292 years fit.
        let nanoseconds = min(seconds, Int64.max / 2_000_000_000) * 1_000_000_000 + attoseconds / 1_000_000_000
        evaluator.limits.nanoseconds = max(0, nanoseconds)
    }
}
