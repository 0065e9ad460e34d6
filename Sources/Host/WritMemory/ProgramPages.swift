import Glibc

/// The pages of the program's own file that are in memory.
public enum ProgramPages {
    /// Gives back those of its code, which is only read: most of what a start touches (relocations, tables of the
    /// language's runtime, what reads files and flags) is never looked at again. What is needed still is mapped again from
    /// the page cache when it is next touched. Without it they count as the process's memory for good.
    public static func giveBack() {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &path, path.count - 1)
        guard length > 0, let text = Self.maps() else { return }
        let program = path[..<length].map { UInt8(bitPattern: $0) }
        for line in text.split(separator: UInt8(ascii: "\n")) where line.suffix(program.count).elementsEqual(program) {
            // `55d0-55f0 r-xp 00000000 fe:00 1234 /usr/bin/writ`. What is not code may have been written to, by relocation,
            // before it was made read-only.
            let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
            guard fields.count == 3, fields[1].elementsEqual("r-xp".utf8) else { continue }
            let range = fields[0].split(separator: UInt8(ascii: "-"))
            guard range.count == 2, let start = UInt(String(decoding: range[0], as: UTF8.self), radix: 16),
                let end = UInt(String(decoding: range[1], as: UTF8.self), radix: 16), start < end,
                let address = UnsafeMutableRawPointer(bitPattern: start)
            else { continue }
            madvise(address, Int(end - start), MADV_DONTNEED)
        }
    }

    /// What lies where in memory, as the system tells it; nil where it does not.
    private static func maps() -> [UInt8]? {
        let file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var text: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = read(file, &part, part.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count == 0 ? text : nil }
            text += part[..<count]
        }
    }
}
