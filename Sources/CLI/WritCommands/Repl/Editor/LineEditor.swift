import Glibc
import Writ

/// Reads lines from a terminal with the keys of Emacs, history, search and completion.
final class LineEditor {
    enum Outcome: Equatable {
        case line(String)
        /// ctrl+c.
        case aborted
        /// ctrl+d on an empty line, or the terminal is gone.
        case ended
    }

    var history: LineHistory
    /// Where the word before the cursor begins, and what it may become; offsets are bytes.
    var complete: ((_ line: [UInt8], _ cursor: Int) -> (start: Int, candidates: [[UInt8]]))?
    /// Called, with the line taken off the screen, when there is something to read at `wakeDescriptor`.
    var onWake: (() -> Void)?
    var wakeDescriptor: Int32 = -1

    private let input: Int32
    private let output: Int32
    private var decoder = KeyDecoder()
    private var waiting: [UInt8] = []
    private var isPasting = false

    private var prompt = ""
    private var line = LineBuffer()
    /// The row of the cursor below the first row of the line.
    private var cursorRow = 0
    /// The place in the history; its count for the line that is being typed.
    private var place = 0
    private var typed = ""
    private var hasOffered = false

    init(input: Int32 = STDIN_FILENO, output: Int32 = STDOUT_FILENO, history: LineHistory) {
        self.input = input
        self.output = output
        self.history = history
    }

    // MARK: Reading

    func read(_ prompt: String) -> Outcome {
        self.prompt = prompt
        line.clear()
        cursorRow = 0
        place = history.lines.count
        typed = ""
        hasOffered = false
        guard RawTerminal.enter(input) else { return .ended }
        write("\u{1B}[?2004h")
        defer {
            write("\u{1B}[?2004l")
            RawTerminal.leave()
        }
        draw()
        while true {
            guard let key = nextKey() else {
                leaveLine()
                return .ended
            }
            if let outcome = handle(key) {
                draw()
                leaveLine()
                return outcome
            }
            // What is pasted is drawn once.
            if waiting.isEmpty { draw() }
        }
    }

    /// The next key; nil at the end of the input.
    private func nextKey() -> Key? {
        while true {
            while !waiting.isEmpty {
                if let key = decoder.take(waiting.removeFirst()) { return key }
            }
            var descriptors = [
                pollfd(fd: input, events: Int16(POLLIN), revents: 0),
                pollfd(fd: wakeDescriptor, events: Int16(POLLIN), revents: 0),
            ]
            let count = poll(&descriptors, wakeDescriptor >= 0 ? 2 : 1, decoder.isPending ? 50 : -1)
            if count == 0, let key = decoder.flush() { return key }
            if count < 0, errno != EINTR { return nil }
            if count > 0, descriptors[1].revents != 0, wakeDescriptor >= 0 { wake() }
            guard count > 0, descriptors[0].revents != 0 else { continue }
            var chunk = [UInt8](repeating: 0, count: 4096)
            let read = chunk.withUnsafeMutableBytes { Glibc.read(input, $0.baseAddress, $0.count) }
            if read < 0, errno == EINTR { continue }
            guard read > 0 else { return nil }
            // The newest first would be cheaper to take; a chunk is short.
            waiting = Array(chunk.prefix(read))
        }
    }

    private func wake() {
        guard let onWake else { return }
        erase()
        RawTerminal.leave()
        onWake()
        _ = RawTerminal.enter(input)
        draw()
    }

    // MARK: Keys

    private func handle(_ key: Key) -> Outcome? {
        if key == .pasteBegins || key == .pasteEnds {
            isPasting = key == .pasteBegins
            return nil
        }
        if isPasting, key == .tab {
            _ = line.insert("\t")
            return nil
        }
        if key != .tab { hasOffered = false }
        switch key {
        case .enter: return .line(line.string)
        case .control("c"):
            isPasting = false
            return .aborted
        case .control("d") where line.isEmpty: return .ended
        case .control("r"): return search()
        case .control("l"): write("\u{1B}[H\u{1B}[2J"); cursorRow = 0
        case .control("z"): suspend()
        case .tab: offer()
        case .up, .control("p"): recall(place - 1)
        case .down, .control("n"): recall(place + 1)
        case .character(let character): if !line.insert(character) { bell() }
        default: edit(key)
        }
        return nil
    }

    private func edit(_ key: Key) {
        switch key {
        case .left, .control("b"): line.left()
        case .right, .control("f"): line.right()
        case .home, .control("a"): line.home()
        case .end, .control("e"): line.end()
        case .wordLeft, .alt("b"): line.wordLeft()
        case .wordRight, .alt("f"): line.wordRight()
        case .backspace, .control("h"): line.backspace()
        case .delete, .control("d"): line.delete()
        case .control("k"): line.cutToEnd()
        case .control("u"): line.cutToStart()
        case .control("w"): line.cutBlankWordLeft()
        case .alt("\u{7F}"): line.cutWordLeft()
        case .alt("d"): line.cutWordRight()
        case .control("y"): line.paste()
        case .control("t"): line.swap()
        default: break
        }
    }

    private func recall(_ next: Int) {
        guard next >= 0, next <= history.lines.count else { return bell() }
        if place == history.lines.count { typed = line.string }
        place = next
        line.replace(next == history.lines.count ? typed : history.lines[next])
    }

    /// Gives the terminal to the shell that started the process until it is continued.
    private func suspend() {
        erase()
        RawTerminal.leave()
        kill(0, SIGTSTP)
        _ = RawTerminal.enter(input)
    }

    // MARK: Search

    /// Searches the history backwards while a text is typed.
    private func search() -> Outcome? {
        let before = line
        let ownPrompt = prompt
        defer { prompt = ownPrompt }
        var text = ""
        var found = history.lines.count
        var isFound = true
        while true {
            prompt = "(\(isFound ? "" : "failed ")reverse-i-search)`\(text)': "
            draw()
            guard let key = nextKey() else { return .ended }
            switch key {
            case .character(let character):
                text.append(character)
                isFound = show(history.search(text, before: min(found + 1, history.lines.count)), &found)
            case .backspace:
                text = String(text.dropLast())
                found = history.lines.count
                isFound = text.isEmpty || show(history.search(text, before: found), &found)
            case .control("r"): isFound = show(history.search(text, before: found), &found)
            case .control("g"), .control("c"):
                line = before
                return nil
            case .enter:
                prompt = ownPrompt
                draw()
                return .line(line.string)
            default:
                prompt = ownPrompt
                place = min(found, history.lines.count)
                return handle(key)
            }
        }
    }

    private func show(_ number: Int?, _ found: inout Int) -> Bool {
        guard let number else {
            bell()
            return false
        }
        found = number
        line.replace(history.lines[number])
        return true
    }

    // MARK: Completion

    private func offer() {
        guard let complete else { return }
        let (bytes, cursor) = line.bytes
        let (start, candidates) = complete(bytes, cursor)
        guard let first = candidates.first, let last = candidates.last, start <= cursor else { return bell() }
        // They are sorted: what the first and the last share, all share.
        let shared = zip(first, last).prefix { $0 == $1 }.map { $0.0 }
        let text = String(decoding: candidates.count == 1 ? first : shared, as: UTF8.self)
        if text.utf8.count > cursor - start, !text.unicodeScalars.contains("\u{FFFD}") {
            line.complete(from: start, with: text)
            return
        }
        guard hasOffered else {
            hasOffered = true
            return bell()
        }
        list(candidates.map { String(decoding: $0, as: UTF8.self) })
    }

    /// Prints candidates in columns below the line.
    private func list(_ candidates: [String]) {
        let shown = candidates.prefix(200)
        let columns = RawTerminal.columns(output)
        let width = (shown.map { $0.count }.max() ?? 0) + 2
        let perRow = max(1, columns / width)
        var text = ""
        for (index, candidate) in shown.enumerated() {
            let isLast = index % perRow == perRow - 1 || index == shown.count - 1
            text += candidate + (isLast ? "\r\n" : String(repeating: " ", count: width - candidate.count))
        }
        if candidates.count > shown.count { text += "... and \(candidates.count - shown.count) more\r\n" }
        leaveLine()
        write(text)
    }

    // MARK: Drawing

    private func draw() {
        let columns = RawTerminal.columns(output)
        let layout = LineLayout(prompt: prompt, text: line.text, cursor: line.cursor, columns: columns)
        var text = cursorRow > 0 ? "\r\u{1B}[\(cursorRow)A\u{1B}[J" : "\r\u{1B}[J"
        text += prompt
        for character in line.text { text += character == "\t" ? LineLayout.tab : String(character) }
        if layout.endsAtEdge { text += "\r\n" }
        let up = layout.lastRow - layout.cursorRow
        if up > 0 { text += "\u{1B}[\(up)A" }
        text += "\r"
        if layout.cursorColumn > 0 { text += "\u{1B}[\(layout.cursorColumn)C" }
        cursorRow = layout.cursorRow
        write(text)
    }

    /// Takes the line off the screen.
    private func erase() {
        write(cursorRow > 0 ? "\r\u{1B}[\(cursorRow)A\u{1B}[J" : "\r\u{1B}[J")
        cursorRow = 0
    }

    /// Goes to the start of the row below the line.
    private func leaveLine() {
        let columns = RawTerminal.columns(output)
        let layout = LineLayout(prompt: prompt, text: line.text, cursor: line.text.count, columns: columns)
        let down = layout.lastRow - cursorRow
        write((down > 0 ? "\u{1B}[\(down)B" : "") + "\r\n")
        cursorRow = 0
    }

    private func bell() { write("\u{7}") }

    private func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(output, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
