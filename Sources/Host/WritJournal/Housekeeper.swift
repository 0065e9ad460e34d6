import Glibc
import Synchronization

/// The thread beside a journal: it writes to the disk at intervals and prepares segments.
final class Housekeeper: Sendable {
    private struct State {
        var thread: pthread_t?
        /// A pipe: what is written wakes the thread.
        var ends: (read: Int32, write: Int32) = (-1, -1)
        var isStopping = false
    }

    private let state = Mutex(State())

    /// The journal is held weakly: it ends the thread when nobody has it any more.
    private final class Work: @unchecked Sendable {
        weak var journal: Journal?
        let housekeeper: Housekeeper
        init(_ journal: Journal, _ housekeeper: Housekeeper) {
            self.journal = journal
            self.housekeeper = housekeeper
        }
    }

    func start(_ journal: Journal) throws(JournalFailure) {
        let path = journal.settings.directory
        var ends: [Int32] = [-1, -1]
        try SystemCalls.check("pipe", path) { pipe(&ends) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        let interval: Int32
        switch journal.settings.sync {
        case .interval(let milliseconds): interval = Int32(clamping: milliseconds)
        case .each: interval = 1000
        }
        let work = Unmanaged.passRetained(WorkAndInterval(Work(journal, self), ends[0], interval))
        var thread = pthread_t()
        let number = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<WorkAndInterval>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, work.toOpaque())
        guard number == 0 else {
            work.release()
            close(ends[0])
            close(ends[1])
            throw .system("pthread_create", path, number)
        }
        state.withLock { state in
            state.thread = thread
            state.ends = (ends[0], ends[1])
        }
    }

    private final class WorkAndInterval: Sendable {
        let work: Work
        let event: Int32
        let interval: Int32
        init(_ work: Work, _ event: Int32, _ interval: Int32) {
            self.work = work
            self.event = event
            self.interval = interval
        }

        func run() {
            while !work.housekeeper.isStopping {
                var descriptor = pollfd(fd: event, events: Int16(POLLIN), revents: 0)
                let count = poll(&descriptor, 1, interval)
                if count > 0 {
                    var bytes: UInt64 = 0
                    while read(event, &bytes, 8) == 8 {}
                }
                if work.housekeeper.isStopping { return }
                guard let journal = work.journal else { return }
                journal.housekeep()
            }
        }
    }

    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Has the thread look at once.
    func wake() {
        state.withLock { state in
            // A full pipe wakes it, too.
            if state.ends.write >= 0 { _ = write(state.ends.write, "w", 1) }
        }
    }

    /// Ends the thread and waits for it, unless it is the one that calls.
    func stop() {
        let (thread, ends) = state.withLock { state in
            state.isStopping = true
            let result = (state.thread, state.ends)
            state.thread = nil
            if state.ends.write >= 0 { _ = write(state.ends.write, "w", 1) }
            return result
        }
        guard let thread else { return }
        if pthread_equal(thread, pthread_self()) != 0 {
            pthread_detach(thread)
        } else {
            pthread_join(thread, nil)
        }
        state.withLock { $0.ends = (-1, -1) }
        close(ends.read)
        close(ends.write)
    }
}

extension Journal {
    /// What the thread does each time: the next segment, then the disk.
    func housekeep() {
        prepare()
        let outcome = syncing.withLock { synced in
            Result<Void, JournalFailure> { () throws(JournalFailure) in synced = try writeUnsynced() }
        }
        if case .failure(let failure) = outcome { note(failure) }
        removeFinished()
    }
}
