import Glibc
import WritMemory

/// The text of a large file, read once from its start to its end: what was read can be given back to the system before
/// the rest is.
final class LargeText {
    private let memory: UnsafeMutableRawPointer
    private let size: Int
    /// Bytes that are there.
    private let count: Int
    private var passed: PassedText

    /// Nil for a file that is no large one, or no plain one.
    init?(_ path: String) throws(FileFailure) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw FileFailure(operation: "open", path: path, number: errno) }
        defer { close(file) }
        var info = stat()
        guard fstat(file, &info) == 0, info.st_mode & S_IFMT == S_IFREG, info.st_size >= PassedText.least,
            info.st_size <= FileSystem.sizeLimit
        else { return nil }
        // Not the file itself mapped: that another process cuts it off would end this one.
        guard
            let memory = mmap(
                nil, Int(info.st_size), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            memory != MAP_FAILED
        else { throw FileFailure(operation: "read", path: path, number: errno) }
        let size = Int(info.st_size)
        var count = 0
        while count < size {
            let got = read(file, memory + count, min(size - count, 1 << 24))
            if got < 0, errno == EINTR { continue }
            if got < 0 {
                let number = errno
                munmap(memory, size)
                throw FileFailure(operation: "read", path: path, number: number)
            }
            if got == 0 { break }
            count += got
        }
        self.memory = memory
        self.size = size
        self.count = count
        // A mark before the text only shifts the places by less than a page.
        passed = PassedText(UnsafeBufferPointer(start: memory.assumingMemoryBound(to: UInt8.self), count: count))
    }

    deinit { munmap(memory, size) }

    /// The text without a byte order mark.
    var bytes: UnsafeBufferPointer<UInt8> {
        let all = UnsafeBufferPointer(start: memory.assumingMemoryBound(to: UInt8.self), count: count)
        return all.starts(with: [0xEF, 0xBB, 0xBF]) ? UnsafeBufferPointer(rebasing: all[3...]) : all
    }

    /// Gives back what lies before a place in `bytes`; it reads as zero bytes from then on.
    func release(upTo offset: Int) { passed.release(upTo: offset) }
}
