import Glibc
import WritTooling

/// The lines that were typed, newest last, and the file that they are kept in.
struct LineHistory {
    private(set) var lines: [String] = []
    private let path: String?

    static let limit = 1_000
    /// Files of more bytes are not read.
    private static let sizeLimit = 8 << 20

    /// Reads the lines of a file, if there is one.
    init(path: String?) {
        self.path = path
        guard let path, let bytes = try? FileSystem.read(path), bytes.count <= Self.sizeLimit else { return }
        for line in bytes.split(separator: 0x0A) { add(String(decoding: line, as: UTF8.self)) }
    }

    /// Adds a line, unless it is blank or the one before.
    mutating func add(_ line: String) {
        guard line.contains(where: { !$0.isWhitespace }), line.utf8.count <= 1 << 16 else { return }
        guard lines.last.map({ $0.utf8.elementsEqual(line.utf8) }) != true else { return }
        lines.append(line)
        if lines.count > Self.limit { lines.removeFirst(lines.count - Self.limit) }
    }

    /// Writes the file, for its owner alone: what is typed may be secret. Says nothing where it cannot.
    func save() {
        guard let path, !lines.isEmpty else { return }
        let temporary = path + ".\(getpid())"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        var bytes: [UInt8] = []
        for line in lines { bytes += Array(line.utf8) + [0x0A] }
        let count = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        close(file)
        if count != bytes.count || rename(temporary, path) != 0 { unlink(temporary) }
    }

    /// The newest line older than `index` that has `text` in it.
    func search(_ text: String, before index: Int) -> Int? {
        let wanted = Array(text.utf8)
        guard !wanted.isEmpty else { return nil }
        for number in lines.indices.prefix(max(0, index)).reversed() {
            if Array(lines[number].utf8).firstRange(of: wanted) != nil { return number }
        }
        return nil
    }
}
