import Glibc
import WritTooling

/// Where a command reads and writes: the process's streams, or memory in tests.
///
/// The only state that commands share; each runs on one thread.
public final class Console {
    private let readAll: () -> [UInt8]
    private let write: (_ bytes: [UInt8], _ isError: Bool) -> Void

    public init(
        stdin: @escaping () -> [UInt8], write: @escaping (_ bytes: [UInt8], _ isError: Bool) -> Void
    ) {
        readAll = stdin
        self.write = write
    }

    /// The process's own streams.
    public static func process() -> Console {
        Console(
            stdin: { FileSystem.read(descriptor: STDIN_FILENO) ?? [] },
            write: { bytes, isError in
                var rest = bytes[...]
                while !rest.isEmpty {
                    let count = rest.withUnsafeBytes {
                        Glibc.write(isError ? STDERR_FILENO : STDOUT_FILENO, $0.baseAddress, $0.count)
                    }
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { return }
                    rest = rest.dropFirst(count)
                }
            })
    }

    /// Everything on standard input.
    func input() -> [UInt8] { readAll() }

    func print(_ bytes: [UInt8]) { write(bytes, false) }
    func print(_ line: String) { write(Array((line + "\n").utf8), false) }
    func report(_ bytes: [UInt8]) { write(bytes, true) }
    func report(_ line: String) { write(Array((line + "\n").utf8), true) }
}
