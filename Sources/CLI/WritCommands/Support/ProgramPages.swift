import Glibc
import WritTooling

/// The pages of the program's own file that are in memory.
enum ProgramPages {
    /// Gives back those of its code, which is only read: most of what a start touches (relocations, tables of the
    /// language's runtime, what reads files and flags) is never looked at again. What is needed still is mapped again from
    /// the page cache when it is next touched. Without it they count as the process's memory for good.
    static func giveBack() {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &path, path.count - 1)
        guard length > 0, let text = try? FileSystem.read("/proc/self/maps") else { return }
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
}
