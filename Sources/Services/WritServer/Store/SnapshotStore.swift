import Synchronization
import Writ

/// The snapshot that decisions are made with. Any thread may replace it; those who read take it as it then is and
/// notice a new one by its number, without a lock.
public final class SnapshotStore: Sendable {
    private let current: Mutex<Snapshot>
    private let number = Atomic<Int>(0)

    public init(_ snapshot: Snapshot) { current = Mutex(snapshot) }

    /// Grows with every replacement.
    var generation: Int { number.load(ordering: .acquiring) }

    /// The snapshot, and a generation that is not newer than it.
    func take() -> (snapshot: Snapshot, generation: Int) {
        let generation = generation
        return (current.withLock { $0 }, generation)
    }

    /// Makes a snapshot the current one, and gives its generation. Decisions under way end with the one they began with.
    @discardableResult
    public func replace(with snapshot: Snapshot) -> Int {
        current.withLock { $0 = snapshot }
        return number.add(1, ordering: .acquiringAndReleasing).newValue
    }
}
