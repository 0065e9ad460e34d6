import Glibc
import Synchronization

/// Tells the process's own log what goes wrong with the log of decisions, without filling it: while the service is away
/// or the buffer is full that would be a line for each decision.
final class Complaints: Sendable {
    /// What is told apart.
    enum Kind: Int, CaseIterable {
        case shipping, buffer, policy, size, rate
    }

    private struct Told {
        /// When it was told last, in nanoseconds; nil where it is news.
        var last: UInt64?
        var withheld = 0
    }

    private let told = Mutex([Told](repeating: Told(), count: Kind.allCases.count))
    private let write: @Sendable (String) -> Void
    private let interval: UInt64

    /// Each kind is told at once, and then every `interval` seconds at most, with how often it was.
    init(interval: Double = 10, _ write: @escaping @Sendable (String) -> Void) {
        self.write = write
        self.interval = UInt64(max(0, interval) * 1e9)
    }

    func tell(_ kind: Kind, _ text: @autoclosure () -> String) {
        let now = Self.now()
        let withheld: Int? = told.withLock { told in
            if let last = told[kind.rawValue].last, now &- last < interval {
                told[kind.rawValue].withheld += 1
                return nil
            }
            let withheld = told[kind.rawValue].withheld
            told[kind.rawValue] = Told(last: now)
            return withheld
        }
        guard let withheld else { return }
        write(withheld == 0 ? text() : "\(text()) (and \(withheld) times before)")
    }

    /// What was wrong is over: it is news when it comes again.
    func rest(_ kind: Kind) { told.withLock { $0[kind.rawValue].last = nil } }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
