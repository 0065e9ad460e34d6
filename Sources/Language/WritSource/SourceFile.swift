/// One source text with its name and the offsets of its lines.
public struct SourceFile: Sendable {
    /// The largest text that spans can address.
    public static var maximumSize: Int { Int(Int32.max) }

    public let id: SourceID
    /// The file's name as shown in diagnostics (UTF-8).
    public let name: [UInt8]
    /// The text (expected to be UTF-8; any bytes are tolerated).
    public let text: [UInt8]
    /// Offset of the first byte of every line; the first entry is 0. A line ends with a line feed.
    public let lineStarts: [UInt32]

    public init(id: SourceID = SourceID(0), name: [UInt8], text: [UInt8]) {
        self.id = id
        self.name = name
        self.text = text
        var starts: [UInt32] = [0]
        var offset: UInt32 = 0
        for byte in text {
            offset &+= 1
            if byte == 0x0A { starts.append(offset) }
        }
        lineStarts = starts
    }

    /// The row (from 1) of a byte offset. Offsets behind the end count as the end.
    public func row(at offset: UInt32) -> Int {
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        return low + 1
    }

    /// Row and column (code points, both from 1) of a byte offset.
    public func position(at offset: UInt32) -> Position {
        let row = row(at: offset)
        let start = Int(lineStarts[row - 1])
        let end = min(Int(offset), text.count)
        var column = 1
        var index = start
        while index < end {
            if text[index] & 0xC0 != 0x80 { column += 1 }
            index += 1
        }
        return Position(row: row, column: column)
    }

    /// The offsets of a line's text without its line end (LF or CR LF). Rows outside the file give an empty range.
    public func lineRange(row: Int) -> Range<Int> {
        guard row >= 1, row <= lineStarts.count else { return text.count..<text.count }
        let start = Int(lineStarts[row - 1])
        var end = row < lineStarts.count ? Int(lineStarts[row]) - 1 : text.count
        if end > start, text[end - 1] == 0x0D { end -= 1 }
        return start..<end
    }

    /// The bytes of a line without its line end.
    public func line(row: Int) -> ArraySlice<UInt8> { text[lineRange(row: row)] }

    /// The bytes under a span, cut to the text.
    public func bytes(of span: Span) -> ArraySlice<UInt8> {
        let end = min(Int(span.end), text.count)
        let start = min(Int(span.start), end)
        return text[start..<end]
    }
}

/// The files of one compilation, by number.
public struct SourceMap: Sendable {
    public private(set) var files: [SourceFile] = []

    public init() {}

    /// Adds a file and returns its number.
    @discardableResult
    public mutating func add(name: [UInt8], text: [UInt8]) -> SourceID {
        let id = SourceID(UInt32(truncatingIfNeeded: files.count))
        files.append(SourceFile(id: id, name: name, text: text))
        return id
    }

    /// Gives the file of that number another text.
    public mutating func replace(_ id: SourceID, text: [UInt8]) {
        guard let file = file(id) else { return }
        files[Int(id.index)] = SourceFile(id: id, name: file.name, text: text)
    }

    /// The file of that number, or nil if there is none.
    public func file(_ id: SourceID) -> SourceFile? {
        id.index < UInt32(truncatingIfNeeded: files.count) ? files[Int(id.index)] : nil
    }

    /// Row and column where a span starts; nil if its file is unknown.
    public func position(of span: Span) -> Position? { file(span.source)?.position(at: span.start) }
}
