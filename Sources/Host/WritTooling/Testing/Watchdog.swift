import Synchronization

/// Ends evaluations that take too long: one flag and one deadline for each worker.
///
/// Its thread looks every few milliseconds, from the first deadline until `stop`.
final class Watchdog: @unchecked Sendable {
    // Sendable: the flags are single bytes that evaluators poll; everything else is behind the lock.
    private let flags: UnsafeMutablePointer<Bool>
    private let count: Int
    private let state: Mutex<State>
    private let limit: Double

    private struct State {
        var deadlines: [Double]
        var isRunning = false
        var isStopped = false
    }

    /// `limit` is in seconds; 0 for none.
    init(workers: Int, limit: Double) {
        count = workers
        self.limit = limit
        flags = .allocate(capacity: workers)
        flags.initialize(repeating: false, count: workers)
        state = Mutex(State(deadlines: [Double](repeating: .infinity, count: workers)))
    }

    deinit { flags.deallocate() }

    func flag(_ worker: Int) -> UnsafePointer<Bool> { UnsafePointer(flags + worker) }

    func begin(_ worker: Int) {
        guard limit > 0 else { return }
        let starts = state.withLock { state in
            flags[worker] = false
            state.deadlines[worker] = Self.now() + limit
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if starts { Threads.detach { self.watch() } }
    }

    func end(_ worker: Int) {
        guard limit > 0 else { return }
        state.withLock { $0.deadlines[worker] = .infinity }
    }

    func stop() { state.withLock { $0.isStopped = true } }

    private func watch() {
        while true {
            Threads.sleep(min(0.005, limit))
            let isOver = state.withLock { state in
                let now = Self.now()
                for worker in 0..<count where state.deadlines[worker] < now { flags[worker] = true }
                return state.isStopped
            }
            if isOver { return }
        }
    }

    private static func now() -> Double { Threads.uptime() }
}
