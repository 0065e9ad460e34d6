import Glibc
import WritVM

/// What a host function gives.
public enum HostReply {
    case value(Value)
    /// The answer is made once something outside has happened.
    case wait(HostWait)
}

/// Something outside that an evaluation waits for: a response, an address.
///
/// The evaluation stands still meanwhile, and holds no thread: who drives it begins the wait, and goes on with the
/// evaluation on its own thread once the wait is over (see `Evaluator.start`). What is waited for is kept between the
/// two closures by whoever made them, as `Sendable` data.
public struct HostWait: Sendable {
    /// Begins; calls `done` once, from any thread, when `finish` has what it needs.
    let begin: @Sendable (_ done: @escaping @Sendable () -> Void) -> Void
    /// Makes the answer, or waits again. Runs on the evaluator's thread.
    let finish: @Sendable (HostContext) throws(Fault) -> HostReply
    /// Says that nobody waits any more; `done` may then be called early, or as if nothing had been said.
    public let cancel: @Sendable () -> Void

    public init(
        begin: @escaping @Sendable (_ done: @escaping @Sendable () -> Void) -> Void,
        cancel: @escaping @Sendable () -> Void = {},
        finish: @escaping @Sendable (HostContext) throws(Fault) -> HostReply
    ) {
        self.begin = begin
        self.cancel = cancel
        self.finish = finish
    }

    /// Begins to wait without holding a thread. `done` is called once, from any thread; the evaluator is then to be
    /// resumed, on its own thread.
    public func start(_ done: @escaping @Sendable () -> Void) { begin(done) }

    /// Waits on this thread. Ends early when `isOver` says so, which is asked about fifty times a second.
    func hold(until isOver: () -> Bool) {
        let gate = Gate()
        begin { gate.open() }
        while !gate.wait(milliseconds: 20) {
            if isOver() {
                cancel()
                return
            }
        }
    }
}

/// Lets one thread wait for another.
private final class Gate: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t> = .allocate(capacity: 1)
    private let changed: UnsafeMutablePointer<pthread_cond_t> = .allocate(capacity: 1)
    /// Read and written with the lock held.
    private var isOpen = false

    init() {
        pthread_mutex_init(lock, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_mutex_destroy(lock)
        pthread_cond_destroy(changed)
        lock.deallocate()
        changed.deallocate()
    }

    func open() {
        pthread_mutex_lock(lock)
        isOpen = true
        pthread_cond_signal(changed)
        pthread_mutex_unlock(lock)
    }

    /// Whether the gate is open, after at most this time.
    func wait(milliseconds: Int) -> Bool {
        var end = timespec()
        clock_gettime(CLOCK_REALTIME, &end)
        let nanoseconds = end.tv_nsec + milliseconds * 1_000_000
        end.tv_sec += nanoseconds / 1_000_000_000
        end.tv_nsec = nanoseconds % 1_000_000_000
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while !isOpen {
            if pthread_cond_timedwait(changed, lock, &end) == ETIMEDOUT { break }
        }
        return isOpen
    }
}
