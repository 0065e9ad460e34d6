import Glibc

/// A terminal that hands over every key at once, and is given back as it was.
///
/// There is one terminal a process: what it was before stands where a signal's handler finds it.
enum RawTerminal {
    nonisolated(unsafe) private static var saved = termios()
    nonisolated(unsafe) private static var isRaw = false

    /// Gives the terminal back when a signal ends the process.
    static func restoreOnSignals() {
        for number in [SIGTERM, SIGHUP] {
            signal(number) { number in
                RawTerminal.leave()
                _exit(128 + number)
            }
        }
    }

    static func enter(_ descriptor: Int32) -> Bool {
        guard !isRaw else { return true }
        guard tcgetattr(descriptor, &saved) == 0 else { return false }
        var raw = saved
        raw.c_iflag &= ~tcflag_t(BRKINT | ICRNL | INPCK | ISTRIP | IXON)
        raw.c_lflag &= ~tcflag_t(ECHO | ICANON | IEXTEN | ISIG)
        raw.c_cflag |= tcflag_t(CS8)
        withUnsafeMutableBytes(of: &raw.c_cc) { keys in
            keys[Int(VMIN)] = 1
            keys[Int(VTIME)] = 0
        }
        isRaw = tcsetattr(descriptor, TCSADRAIN, &raw) == 0
        return isRaw
    }

    static func leave() {
        guard isRaw else { return }
        isRaw = false
        _ = tcsetattr(STDIN_FILENO, TCSADRAIN, &saved)
    }

    /// The width of the terminal in columns.
    static func columns(_ descriptor: Int32) -> Int {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}
