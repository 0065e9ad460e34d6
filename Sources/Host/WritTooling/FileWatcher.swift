import Glibc

/// Waits for files to change.
///
/// What changed is told by times and sizes: that works on every file system, for folders that are replaced, and for
/// editors that write a new file and rename it; a few thousand files cost milliseconds. On Linux the kernel says when to
/// look (inotify); where it does not, on other systems and on network file systems, looking is repeated.
///
/// One thread at a time may use it.
public final class FileWatcher: @unchecked Sendable {
    private let paths: [String]
    private let interval: Double
    private var known: [String: Stamp]
    private let events = FolderEvents()

    private struct Stamp: Equatable {
        var seconds: Int
        var nanoseconds: Int
        var size: Int
        var node: UInt64
    }

    /// Watches files and folders with all that is in them. `interval` is in seconds.
    public init(_ paths: [String], interval: Double = 0.2) {
        self.paths = paths
        self.interval = interval
        known = [:]
        known = stamps()
    }

    /// Returns once something changed and then stood still; false where `isOver` says to stop.
    public func wait(until isOver: () -> Bool = { false }) -> Bool {
        var idle = 0.0
        while true {
            if isOver() { return false }
            if !events.wait(seconds: interval) {
                // The kernel may know nothing of a file system's changes.
                idle += interval
                guard !events.isUsable || idle >= 2 else { continue }
            }
            idle = 0
            var now = stamps()
            guard now != known else { continue }
            // Whoever writes may not be done yet.
            while true {
                Threads.sleep(interval / 4)
                let next = stamps()
                if next == now { break }
                now = next
            }
            known = now
            return true
        }
    }

    private func stamps() -> [String: Stamp] {
        var found: [String: Stamp] = [:]
        for path in paths {
            add(path, to: &found, depth: 0)
            // A file that is replaced is a change of its folder.
            events.watch(FileSystem.clean(path + "/.."))
        }
        return found
    }

    private func add(_ path: String, to found: inout [String: Stamp], depth: Int) {
        var info = stat()
        guard depth < 64, found.count < 100_000, stat(path, &info) == 0 else { return }
        if info.st_mode & S_IFMT == S_IFDIR {
            events.watch(path)
            for name in (try? FileSystem.names(in: path)) ?? [] where !name.utf8.starts(with: ".git".utf8) {
                add(FileSystem.join(path, name), to: &found, depth: depth + 1)
            }
            return
        }
        found[path] = Stamp(
            seconds: info.st_mtim.tv_sec, nanoseconds: info.st_mtim.tv_nsec, size: Int(info.st_size),
            node: UInt64(truncatingIfNeeded: info.st_ino))
    }
}

#if os(Linux)
    /// The kernel's word that something happened in a folder.
    private final class FolderEvents {
        private let descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        private var watched: Set<String> = []

        var isUsable: Bool { descriptor >= 0 && !watched.isEmpty }

        deinit { if descriptor >= 0 { close(descriptor) } }

        func watch(_ path: String) {
            guard descriptor >= 0, watched.count < 10_000 else { return }
            let changes = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_MODIFY
            // A folder that was replaced under its name is watched anew; one that is watched stays so.
            if inotify_add_watch(descriptor, path, UInt32(changes)) >= 0 { watched.insert(path) }
        }

        /// Whether something happened within a time.
        func wait(seconds: Double) -> Bool {
            guard isUsable else {
                Threads.sleep(seconds)
                return false
            }
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, Int32(seconds * 1000)) > 0 else { return false }
            var bytes = [UInt8](repeating: 0, count: 4096)
            while read(descriptor, &bytes, bytes.count) > 0 {}
            return true
        }
    }
#else
    /// There is no such word here.
    private final class FolderEvents {
        var isUsable: Bool { false }
        func watch(_ path: String) {}
        func wait(seconds: Double) -> Bool {
            Threads.sleep(seconds)
            return false
        }
    }
#endif
