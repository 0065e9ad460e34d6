import Glibc

/// The folder's lock: one process has a journal.
final class FolderLock: Sendable {
    private let file: Int32

    init(_ folder: String) throws(JournalFailure) {
        let path = folder + "/lock"
        file = try SystemCalls.open(path, O_RDWR | O_CREAT)
        while flock(file, LOCK_EX | LOCK_NB) != 0 {
            let number = errno
            if number == EINTR { continue }
            Glibc.close(file)
            if number == EWOULDBLOCK {
                throw JournalFailure(.locked, folder, "another process has this journal", number: number)
            }
            throw .system("flock", path, number)
        }
    }

    deinit { Glibc.close(file) }
}
