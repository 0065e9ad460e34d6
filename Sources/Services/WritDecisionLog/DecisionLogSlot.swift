import Synchronization

/// Where event loops find the log that is in force. It may be another one at any time.
public final class DecisionLogSlot: Sendable {
    private let current = Mutex<DecisionLog?>(nil)
    private let number = Atomic<Int>(0)

    public init() {}

    /// Changes with the log: who knows the log of this number need not ask for it.
    public var generation: Int { number.load(ordering: .acquiring) }

    public var log: DecisionLog? { current.withLock { $0 } }

    /// Puts another log in force, or none.
    public func replace(with log: DecisionLog?) {
        current.withLock { $0 = log }
        number.add(1, ordering: .releasing)
    }
}
