import Writ

/// A line that is being edited: its characters, the cursor, and what was cut last.
struct LineBuffer: Equatable {
    private(set) var text: [Character] = []
    /// How many characters stand before the cursor.
    private(set) var cursor = 0
    private var cut: [Character] = []

    /// Longer lines are not typed.
    static let limit = 1 << 20

    var string: String { String(text) }
    var isEmpty: Bool { text.isEmpty }
    /// The bytes of the line, and how many of them stand before the cursor.
    var bytes: (all: [UInt8], cursor: Int) { (Array(string.utf8), String(text[..<cursor]).utf8.count) }

    mutating func replace(_ string: String) {
        text = Array(string)
        cursor = text.count
    }

    mutating func clear() {
        text = []
        cursor = 0
    }

    /// Inserts a character; false where it cannot stand in a line.
    mutating func insert(_ character: Character) -> Bool {
        guard text.count < Self.limit else { return false }
        for scalar in character.unicodeScalars where scalar != "\t" && DisplayWidth.isUnsafe(scalar.value) {
            return false
        }
        // A combining mark joins the character before it.
        if cursor > 0, let scalar = character.unicodeScalars.first, DisplayWidth.of(scalar.value) == 0 {
            let joined = String(text[cursor - 1]) + String(character)
            if joined.count == 1, let whole = joined.first, joined.unicodeScalars.count < 32 {
                text[cursor - 1] = whole
                return true
            }
        }
        text.insert(character, at: cursor)
        cursor += 1
        return true
    }

    /// Puts a text in place of the bytes from `start` to the cursor.
    mutating func complete(from start: Int, with candidate: String) {
        let before = String(decoding: Array(String(text[..<cursor]).utf8).prefix(start), as: UTF8.self)
        let after = text[cursor...]
        text = Array(before + candidate)
        cursor = text.count
        text += after
    }

    // MARK: Keys

    mutating func left() { cursor = max(0, cursor - 1) }
    mutating func right() { cursor = min(text.count, cursor + 1) }
    mutating func home() { cursor = 0 }
    mutating func end() { cursor = text.count }
    mutating func wordLeft() { cursor = wordStart(before: cursor) }
    mutating func wordRight() { cursor = wordEnd(behind: cursor) }

    /// Deletes the character before the cursor.
    mutating func backspace() {
        guard cursor > 0 else { return }
        cursor -= 1
        text.remove(at: cursor)
    }

    /// Deletes the character at the cursor.
    mutating func delete() { if cursor < text.count { text.remove(at: cursor) } }

    mutating func cutToEnd() { take(cursor..<text.count) }
    mutating func cutToStart() { take(0..<cursor) }
    mutating func cutWordLeft() { take(wordStart(before: cursor)..<cursor) }
    mutating func cutWordRight() { take(cursor..<wordEnd(behind: cursor)) }

    /// Cuts back to a blank, as ctrl+w does.
    mutating func cutBlankWordLeft() {
        var start = cursor
        while start > 0, text[start - 1].isWhitespace { start -= 1 }
        while start > 0, !text[start - 1].isWhitespace { start -= 1 }
        take(start..<cursor)
    }

    /// Inserts what was cut last.
    mutating func paste() {
        guard text.count + cut.count <= Self.limit else { return }
        text.insert(contentsOf: cut, at: cursor)
        cursor += cut.count
    }

    /// Swaps the characters around the cursor.
    mutating func swap() {
        guard cursor > 0, text.count > 1 else { return }
        let right = min(cursor, text.count - 1)
        text.swapAt(right - 1, right)
        cursor = right + 1
    }

    private mutating func take(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        cut = Array(text[range])
        text.removeSubrange(range)
        cursor = range.lowerBound
    }

    private func wordStart(before place: Int) -> Int {
        var start = place
        while start > 0, !Self.isWord(text[start - 1]) { start -= 1 }
        while start > 0, Self.isWord(text[start - 1]) { start -= 1 }
        return start
    }

    private func wordEnd(behind place: Int) -> Int {
        var end = place
        while end < text.count, !Self.isWord(text[end]) { end += 1 }
        while end < text.count, Self.isWord(text[end]) { end += 1 }
        return end
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }
}

/// Where the characters of a line stand on a terminal of some width.
struct LineLayout {
    /// The cursor's row and column, and the row behind the last character.
    private(set) var cursorRow = 0
    private(set) var cursorColumn = 0
    private(set) var lastRow = 0
    /// The line ends at the right edge: the terminal has not begun the next row yet.
    private(set) var endsAtEdge = false

    init(prompt: String, text: [Character], cursor: Int, columns: Int) {
        let columns = max(1, columns)
        var row = 0
        var column = 0
        func place(_ width: Int) {
            if column + width > columns {
                row += 1
                column = 0
            }
            column += width
        }
        for character in prompt { place(Self.width(character)) }
        for (index, character) in text.enumerated() {
            if index == cursor { note(row, column, columns) }
            place(Self.width(character))
        }
        if cursor >= text.count { note(row, column, columns) }
        endsAtEdge = column >= columns
        lastRow = endsAtEdge ? row + 1 : row
    }

    private mutating func note(_ row: Int, _ column: Int, _ columns: Int) {
        (cursorRow, cursorColumn) = column >= columns ? (row + 1, 0) : (row, column)
    }

    static let tab = "    "

    /// How many columns a character takes.
    static func width(_ character: Character) -> Int {
        if character == "\t" { return tab.count }
        return character.unicodeScalars.map { DisplayWidth.of($0.value) }.max() ?? 0
    }
}
