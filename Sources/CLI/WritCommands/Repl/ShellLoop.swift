import Glibc
import Writ
import WritTooling

/// Runs a shell: on a terminal with an editor, else as a script.
final class ShellLoop {
    private let shell: Shell
    private let console: Console
    /// Loads the files again.
    private let load: () throws(ProblemReport) -> LoadedFiles
    /// Written to by whoever watches the files.
    private var pipe: (read: Int32, write: Int32) = (-1, -1)

    static let exitQuestion = "Do you want to exit ([y]/n)? "

    init(_ shell: Shell, _ console: Console, load: @escaping () throws(ProblemReport) -> LoadedFiles) {
        self.shell = shell
        self.console = console
        self.load = load
        shell.interrupt = UnsafePointer(Interruption.flag)
    }

    /// Loads files again whenever one of them changes.
    func watch(_ paths: [String]) {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { return }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        pipe = (ends[0], ends[1])
        let end = ends[1]
        let watcher = FileWatcher(paths)
        Threads.detach {
            while watcher.wait() {
                var byte: UInt8 = 1
                _ = Glibc.write(end, &byte, 1)
            }
        }
    }

    // MARK: On a terminal

    func runOnTerminal(history path: String?, version: String) -> Int32 {
        let editor = LineEditor(history: LineHistory(path: path))
        editor.complete = { [shell] line, cursor in shell.complete(line, at: cursor) }
        editor.wakeDescriptor = pipe.read
        editor.onWake = { [weak self] in self?.reload() }
        RawTerminal.restoreOnSignals()
        console.print("Writ \(version)\n\nRun 'help' to see a list of commands.\n")
        while true {
            switch editor.read(shell.prompt) {
            case .line(let text):
                editor.history.add(text)
                guard Interruption.during({ shell.handle(Array(text.utf8)) }) == .goOn else {
                    editor.history.save()
                    return ExitStatus.success
                }
            case .aborted: shell.abandon()
            case .ended:
                if isLeaving(editor) {
                    editor.history.save()
                    return ExitStatus.success
                }
            }
        }
    }

    private func isLeaving(_ editor: LineEditor) -> Bool {
        while true {
            switch editor.read(Self.exitQuestion) {
            case .ended: return true
            case .aborted: return false
            case .line(let text):
                switch text.lowercased() {
                case "", "y", "yes": return true
                case "n", "no": return false
                default: continue
                }
            }
        }
    }

    // MARK: As a script

    /// Takes lines as they come. `prompts` says whether somebody sees them.
    func runScript(prompts: Bool, _ reader: LineReader) -> Int32 {
        if prompts { console.print(Array(shell.prompt.utf8)) }
        while let line = reader.next() {
            if isWoken() { reload() }
            if shell.handle(line) == .exit { return ExitStatus.success }
            if prompts { console.print(Array(shell.prompt.utf8)) }
        }
        shell.finish()
        return ExitStatus.success
    }

    // MARK: Reloading

    private func isWoken() -> Bool {
        guard pipe.read >= 0 else { return false }
        var descriptor = pollfd(fd: pipe.read, events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) > 0
    }

    private func reload() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while Glibc.read(pipe.read, &bytes, bytes.count) > 0 {}
        let start = Measurements.now()
        func took() -> String { GoDuration.text(nanoseconds: Measurements.now() &- start) }
        do throws(ProblemReport) {
            try shell.reload(try load())
            console.print("# reloaded files (took \(took()))")
        } catch {
            console.print("# reload error (took \(took())):")
            console.print(console.showsExcerpts ? error.excerpts() : error.concise())
        }
    }
}

/// ctrl+c while something is evaluated ends that, not the shell.
private enum Interruption {
    nonisolated(unsafe) static let flag: UnsafeMutablePointer<Bool> = {
        let flag = UnsafeMutablePointer<Bool>.allocate(capacity: 1)
        flag.initialize(to: false)
        return flag
    }()

    static func during<Result>(_ work: () -> Result) -> Result {
        flag.pointee = false
        let before = signal(SIGINT) { _ in Interruption.flag.pointee = true }
        defer { signal(SIGINT, before) }
        return work()
    }
}

/// The lines of a stream that is no terminal.
final class LineReader {
    private let read: () -> [UInt8]?
    private var rest: [UInt8] = []
    private var start = 0
    private var isOver = false

    /// `read` gives the next bytes, nil at the end.
    init(_ read: @escaping () -> [UInt8]?) { self.read = read }

    /// The lines of a descriptor.
    convenience init(descriptor: Int32) {
        self.init {
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                return count > 0 ? Array(chunk.prefix(count)) : nil
            }
        }
    }

    /// The next line without its end; nil when there is none.
    func next() -> [UInt8]? {
        var looked = start
        while true {
            if let end = rest[looked...].firstIndex(of: 0x0A) {
                var line = Array(rest[start..<end])
                start = end + 1
                if line.last == 0x0D { line.removeLast() }
                return line
            }
            guard !isOver, rest.count - start <= Shell.inputLimit else {
                defer {
                    rest = []
                    start = 0
                }
                return start < rest.count ? Array(rest[start...]) : nil
            }
            rest.removeFirst(start)
            start = 0
            looked = rest.count
            if let more = read() { rest += more } else { isOver = true }
        }
    }
}
