import Glibc

/// Threads and time, by the system's own calls.
public enum Threads {
    /// Runs work on a thread of its own, which nobody waits for. False where the system gives none.
    @discardableResult
    public static func detach(_ work: @escaping @Sendable () -> Void) -> Bool {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let box = Unmanaged.passRetained(Work(run: work))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, &attributes,
            { context in
                guard let context else { return nil }
                Unmanaged<Work>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        guard status == 0 else {
            box.release()
            return false
        }
        return true
    }

    private final class Work: Sendable {
        let run: @Sendable () -> Void
        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Sleeps for some seconds.
    public static func sleep(_ seconds: Double) {
        guard seconds > 0 else { return }
        let whole = min(seconds, 1e9).rounded(.down)
        var rest = timespec(tv_sec: Int(whole), tv_nsec: Int((min(seconds, 1e9) - whole) * 1e9))
        var left = timespec()
        while nanosleep(&rest, &left) == -1, errno == EINTR { rest = left }
    }

    /// Seconds from an arbitrary start that never go back.
    public static func uptime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Processors that run.
    public static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
