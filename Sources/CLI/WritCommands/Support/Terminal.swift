import Glibc
import Synchronization
import WritTooling

/// What is known of the streams that a command writes to.
struct Terminal: Sendable {
    /// The streams are the process's own.
    var isProcess = false
    /// Standard input is a terminal.
    var isInput = false
    /// Standard output is a terminal.
    var isOutput = false
    /// Standard error is a terminal.
    var isErrors = false
    /// Colours are wanted: `NO_COLOR` is not set and the terminal is not a dumb one.
    var hasColor = false

    /// The process's own.
    static func process(_ environment: (String) -> String?) -> Terminal {
        let isOutput = isatty(STDOUT_FILENO) == 1
        let isDumb = environment("TERM") == "dumb"
        return Terminal(
            isProcess: true, isInput: isatty(STDIN_FILENO) == 1, isOutput: isOutput,
            isErrors: isatty(STDERR_FILENO) == 1,
            hasColor: isOutput && !isDumb && (environment("NO_COLOR") ?? "").isEmpty)
    }

    enum Color: String {
        case red = "31"
        case green = "32"
        case yellow = "33"
        case dim = "2"
    }

    /// A text in a colour, where colours are wanted.
    func colored(_ text: String, _ color: Color) -> String {
        hasColor ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
    }
}

/// A line on a terminal that tells how far long work has come. Threads may tell it at once.
final class Progress: Sendable {
    private let total: Int
    private let what: String
    private let shown = Mutex(0.0)

    init(_ what: String, of total: Int) {
        self.what = what
        self.total = total
    }

    /// Ten times a second at most.
    func show(_ count: Int) {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let now = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        shown.withLock { last in
            guard now - last > 0.1 else { return }
            last = now
            Self.write("\r\(what) \(min(count, total))/\(total)")
        }
    }

    /// Says what goes on, where it cannot be told how far it is.
    func announce() {
        shown.withLock { last in
            last = 1
            Self.write("\r\(what) \(total)")
        }
    }

    /// Takes the line away.
    func clear() { shown.withLock { if $0 > 0 { Self.write("\r\u{1B}[K") } } }

    private static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
