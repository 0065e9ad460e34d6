import Glibc
import WritTooling

/// Where a command reads and writes: the process's streams, or memory in tests.
///
/// The only state that commands share; each runs on one thread.
public final class Console {
    private let readAll: () -> [UInt8]
    private let write: (_ bytes: [UInt8], _ isError: Bool) -> Void
    /// Whether errors are shown to a person, with excerpts of the source; else they are OPA's lines.
    let showsExcerpts: Bool
    /// A variable of the environment.
    let environment: (String) -> String?
    /// What is known of the streams: nothing in tests.
    var terminal = Terminal()

    public init(
        stdin: @escaping () -> [UInt8], showsExcerpts: Bool = true,
        environment: @escaping (String) -> String? = { _ in nil },
        write: @escaping (_ bytes: [UInt8], _ isError: Bool) -> Void
    ) {
        readAll = stdin
        self.showsExcerpts = showsExcerpts
        self.environment = environment
        self.write = write
    }

    /// The process's own streams. Errors have excerpts on a terminal, and where `WRIT_DIAGNOSTICS` says `excerpt`;
    /// never where it says `concise`.
    public static func process() -> Console {
        let wish = getenv("WRIT_DIAGNOSTICS").map { String(cString: $0) }
        let environment: (String) -> String? = { name in getenv(name).map { String(cString: $0) } }
        let console = Console(
            stdin: { FileSystem.read(descriptor: STDIN_FILENO) ?? [] },
            showsExcerpts: wish == "excerpt" || wish != "concise" && isatty(STDERR_FILENO) == 1,
            environment: environment,
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
        console.terminal = .process(environment)
        return console
    }

    /// Everything on standard input.
    func input() -> [UInt8] { readAll() }
    /// The lines of standard input, as they come.
    func lines() -> LineReader {
        if terminal.isProcess { return LineReader(descriptor: STDIN_FILENO) }
        var text: [UInt8]? = readAll()
        return LineReader {
            defer { text = nil }
            return text
        }
    }

    func print(_ bytes: [UInt8]) { write(bytes, false) }
    func print(_ line: String) { write(Array((line + "\n").utf8), false) }
    /// Tells what went wrong to whoever reads it.
    func report(_ problems: ProblemReport) {
        report(showsExcerpts ? problems.excerpts() : problems.concise())
    }

    func report(_ bytes: [UInt8]) { write(bytes, true) }
    func report(_ line: String) { write(Array((line + "\n").utf8), true) }
}
