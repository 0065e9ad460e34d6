import Glibc
import WritFiles

/// The folder's lock: one process has a journal.
final class FolderLock: Sendable {
    private let file: OpenedFile

    init(_ folder: String, _ calls: SystemCalls) throws(JournalFailure) {
        let path = folder + "/lock"
        file = try calls.open(path, O_RDWR | O_CREAT)
        while flock(file.descriptor, LOCK_EX | LOCK_NB) != 0 {
            let number = errno
            if number == EINTR { continue }
            file.close()
            if number == EWOULDBLOCK {
                throw JournalFailure(.locked, folder, "another process has this journal", number: number)
            }
            throw .system("flock", path, number)
        }
    }

    deinit { file.close() }
}
