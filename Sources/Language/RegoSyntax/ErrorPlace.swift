import WritSource

extension SourceFile {
    /// Row and column as OPA's scanner counts them, where that differs from the plain position of an offset.
    ///
    /// The scanner is one character ahead, so a line feed belongs to the row that it opens (column 0), and the end of
    /// the file is the place of the last character.
    func scannerPosition(at offset: Int) -> Position? {
        var index = offset
        if index >= text.count {
            guard !text.isEmpty else { return Position(row: 1, column: 0) }
            index = text.count - 1
            while index > 0, text[index] & 0xC0 == 0x80 { index -= 1 }
            if text[index] != 0x0A { return position(at: UInt32(truncatingIfNeeded: index)) }
        }
        guard text[index] == 0x0A else { return nil }
        return Position(row: row(at: UInt32(truncatingIfNeeded: index)) + 1, column: 0)
    }

    /// The line of an error and the byte in it, counted from 0. White space belongs to what stands before it.
    func lineDetail(at offset: Int) -> LineDetail {
        guard !text.isEmpty else { return LineDetail(line: [], index: 0) }
        func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }
        var offset = offset
        if offset >= text.count {
            // The end of the file lies one character, however wide, behind the last one's second byte.
            var width = 1
            while width < 4, width < text.count, text[text.count - width] & 0xC0 == 0x80 { width += 1 }
            offset = min(text.count + 1 - width, text.count - 1)
        }
        func isSpace(_ byte: UInt8) -> Bool {
            byte == 0x20 || (0x09...0x0D).contains(byte) || byte == 0x85 || byte == 0xA0
        }
        while offset > 0, isSpace(text[offset]) { offset -= 1 }
        var begin = offset
        while begin > 0, !isLineEnd(text[begin]) { begin -= 1 }
        if isLineEnd(text[begin]) { begin += 1 }
        var end = offset
        while end < text.count, !isLineEnd(text[end]) { end += 1 }
        begin = min(begin, end)
        return LineDetail(line: Array(text[begin..<end]), index: offset - begin)
    }
}
