import Foundation

/// Waits for files to change, by looking at their times and sizes.
///
/// Looking works on every file system, for folders that are replaced, and for editors that write a new file and rename
/// it; a few thousand files cost milliseconds.
public final class FileWatcher {
    private let paths: [String]
    private let interval: Double
    private var known: [String: Stamp]

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
        while true {
            if isOver() { return false }
            Thread.sleep(forTimeInterval: interval)
            var now = stamps()
            guard now != known else { continue }
            // Whoever writes may not be done yet.
            while true {
                Thread.sleep(forTimeInterval: interval / 4)
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
        for path in paths { add(path, to: &found, depth: 0) }
        return found
    }

    private func add(_ path: String, to found: inout [String: Stamp], depth: Int) {
        var info = stat()
        guard depth < 64, found.count < 100_000, stat(path, &info) == 0 else { return }
        if info.st_mode & S_IFMT == S_IFDIR {
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
