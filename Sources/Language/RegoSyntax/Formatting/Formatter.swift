import WritSource

/// Two comments of different lines would end up at the end of one: the text cannot be laid out as planned.
struct CommentCollision: Error {}

/// The state of laying out one module: the text so far, and how far its comments have been written.
///
/// Text goes into one buffer from front to back. Comments are met in source order: what is laid out next says on which
/// row it stands, and the comments of the rows before it are written first (`insertComments`). A comment on the same
/// row waits for the end of the line under way.
struct Formatter {
    let file: SourceFile
    let names: NameTable
    let options: FormatOptions
    /// What the imports of the module and the target make of its layout.
    var style = FormatStyle()

    // MARK: The text

    var text: [UInt8] = []
    /// Depth of indentation.
    var level = 0
    /// Whether a line has been begun.
    var isInline = false
    /// The comment that waits for the end of the line.
    var pending: Int?
    /// The next line end is that of an opening bracket, behind which no comment can stay.
    var keepsPending = false

    // MARK: Comments

    var comments: [FormatComment] = []
    /// The first comment that has not been met.
    var next = 0
    /// Where the next rule begins: comments behind that are not the present one's, even on its row.
    var limit = UInt32.max
    /// How many terms enclose what is being written, up to one that is copied as it is when comments collide.
    var guardedDepth = 0
    /// Comments before the closing parenthesis of a call stay there rather than move behind the call.
    var closesCalls = false

    /// The last comment in the text, and whether one before it came after it.
    private(set) var lastWritten = -1
    private(set) var isOutOfOrder = false
    /// Rules that are copied as they are, by the offsets at which they start.
    var copiedRules: Set<UInt32> = []
    /// Where each rule begins in the text.
    var ruleStarts: [Int] = []
    /// Whether comments stand within rules, so that the result has to be looked at again.
    var needsProof = false

    private var cachedRow = 1

    init(_ file: SourceFile, _ names: NameTable, _ options: FormatOptions) {
        self.file = file
        self.names = names
        self.options = options
        text.reserveCapacity(file.text.count + file.text.count / 8 + 64)
    }

    // MARK: Places

    /// The row of an offset. Offsets come mostly in order, so the row found last is tried first.
    mutating func row(_ offset: UInt32) -> Int {
        let starts = file.lineStarts
        var row = cachedRow
        if starts[row - 1] <= offset {
            var steps = 0
            while row < starts.count, starts[row] <= offset {
                row += 1
                steps += 1
                if steps == 8 {
                    row = file.row(at: offset)
                    break
                }
            }
        } else {
            row = file.row(at: offset)
        }
        cachedRow = row
        return row
    }

    mutating func row(_ span: Span) -> Int { row(span.start) }

    /// The row of the last byte.
    mutating func endRow(_ span: Span) -> Int { row(span.end > span.start ? span.end - 1 : span.end) }

    // MARK: Writing

    mutating func put(_ piece: StaticString) { piece.withUTF8Buffer { text.append(contentsOf: $0) } }

    mutating func put(_ name: Name) { text.append(contentsOf: names[name]) }

    mutating func put(_ byte: UInt8) { text.append(byte) }

    /// Text of the source, as it is.
    mutating func copy(_ start: UInt32, _ end: UInt32) {
        let end = min(Int(end), file.text.count)
        let start = min(Int(start), end)
        text.append(contentsOf: file.text[start..<end])
    }

    /// Begins a line at the present depth.
    mutating func startLine() {
        isInline = true
        var count = level
        while count > 0 {
            text.append(0x09)
            count -= 1
        }
    }

    mutating func startLineIfNeeded() { if !isInline { startLine() } }

    mutating func endLine() {
        isInline = false
        if !keepsPending, let comment = pending {
            pending = nil
            text.append(0x20)
            putComment(comment)
        }
        keepsPending = false
        text.append(0x0A)
    }

    /// Ends the line under way, if any, and leaves one blank.
    mutating func blankLine() {
        if isInline { endLine() }
        text.append(0x0A)
    }

    private mutating func putComment(_ index: Int) {
        copy(comments[index].start, comments[index].end)
        noteWritten(index)
    }

    private mutating func noteWritten(_ index: Int) {
        if index < lastWritten { isOutOfOrder = true }
        lastWritten = max(lastWritten, index)
    }

    // MARK: Comments

    /// Whether a comment that was not met stands on or above a row.
    func hasComment(upTo row: Int) -> Bool {
        next < comments.count && comments[next].row <= row && comments[next].start < limit
    }

    /// Writes the comments of the rows above `row`; one on that row will end the line under way.
    mutating func insertComments(_ row: Int) throws(CommentCollision) {
        guard hasComment(upTo: row) else { return }
        let last = writeComments(above: row)
        if let last, row - last > 1 { blankLine() }
        skipTaken()
        guard next < comments.count, comments[next].row == row, comments[next].start < limit else { return }
        if pending != nil { throw CommentCollision() }
        pending = next
        next += 1
        skipTaken()
    }

    mutating func insertComments(_ span: Span) throws(CommentCollision) {
        if next < comments.count { try insertComments(row(span)) }
    }

    /// Writes the comments above a row, each on a line of its own. Gives the row of the last one.
    @discardableResult
    mutating func writeComments(above row: Int, keepsGaps: Bool = true) -> Int? {
        var last: Int?
        var isInMetadata = false
        while next < comments.count {
            let comment = comments[next]
            if comment.isTaken {
                next += 1
                continue
            }
            guard comment.row < row else { break }
            if keepsGaps, let last {
                if comment.row - last > 1 {
                    blankLine()
                    isInMetadata = false
                } else if isInMetadata, comment.isMetadata {
                    blankLine()
                }
            }
            if comment.isMetadata { isInMetadata = true }
            writeCommentLine(next)
            last = comment.row
            next += 1
        }
        return last
    }

    private mutating func writeCommentLine(_ index: Int) {
        if let waiting = pending {
            // One comment must not become part of another.
            if isInline {
                endLine()
            } else {
                pending = nil
                startLine()
                putComment(waiting)
                endLine()
            }
        }
        startLineIfNeeded()
        putComment(index)
        endLine()
    }

    /// Passes over the comments that stand with an import.
    mutating func skipTaken() {
        while next < comments.count, comments[next].isTaken { next += 1 }
    }

    // MARK: Going back

    /// A point to which the writing can return.
    struct Mark {
        var length: Int
        var level: Int
        var isInline: Bool
        var pending: Int?
        var keepsPending: Bool
        var next: Int
        var lastWritten: Int
        var isOutOfOrder: Bool
    }

    var mark: Mark {
        Mark(
            length: text.count, level: level, isInline: isInline, pending: pending, keepsPending: keepsPending,
            next: next, lastWritten: lastWritten, isOutOfOrder: isOutOfOrder)
    }

    mutating func goBack(to mark: Mark) {
        text.removeLast(text.count - mark.length)
        level = mark.level
        isInline = mark.isInline
        pending = mark.pending
        keepsPending = mark.keepsPending
        next = mark.next
        lastWritten = mark.lastWritten
        isOutOfOrder = mark.isOutOfOrder
    }

    /// Whether comments that have not been written stand within a piece of the source.
    func hasComments(in span: Span) -> Bool {
        if let pending, comments[pending].start >= span.start, comments[pending].start < span.end { return true }
        return next < comments.count && comments[next].start < span.end
    }

    /// Whether every bracket of a piece of the source closes within it. (The place of an operator whose left side stands in
    /// parentheses begins behind the parenthesis.)
    func isBalanced(_ span: Span) -> Bool {
        var depth = 0
        var index = Int(span.start)
        while index < min(Int(span.end), file.text.count) {
            switch file.text[index] {
            case 0x28, 0x5B, 0x7B: depth += 1
            case 0x29, 0x5D, 0x7D:
                depth -= 1
                if depth < 0 { return false }
            case 0x23:
                while index < file.text.count, file.text[index] != 0x0A { index += 1 }
                continue
            case 0x22, 0x60: index = stringEnd(index)
            default: break
            }
            index += 1
        }
        return depth == 0
    }

    /// Copies a piece of the source with the comments in it.
    mutating func copyWithComments(_ span: Span) {
        if let waiting = pending, comments[waiting].start < span.end, comments[waiting].start >= span.start {
            pending = nil
            noteWritten(waiting)
        }
        copy(span.start, span.end)
        while next < comments.count, comments[next].start < span.end {
            noteWritten(next)
            next += 1
        }
        let last = endRow(span)
        if pending == nil, hasComment(upTo: last), comments[next].row == last, !comments[next].isTaken {
            pending = next
            next += 1
        }
        skipTaken()
    }
}

/// A comment with what its place means for the layout.
struct FormatComment {
    var start: UInt32
    /// Without blanks at the end.
    var end: UInt32
    var row: Int
    /// Whether it begins a block of metadata.
    var isMetadata: Bool
    /// It stands on the row of an import and moves with it.
    var isTaken = false
}

/// What a module's imports and the target decide once for all of its rules.
struct FormatStyle {
    /// Partial sets are written with `contains`.
    var usesContains = false
    /// Bodies begin with `if`.
    var usesIf = false
    /// Heads are written as references (`p.q.r`) rather than as a name with a key.
    var hasReferenceHeads = false
    /// The text is to be that of v1, or of v0 with `import rego.v1`.
    var isV1 = false
    /// The keywords that are imported one by one.
    var futureKeywords: [Name] = []
    /// The keywords that need an import and are used, in the order in which they are met.
    var usedKeywords: [Name] = []
    /// Whether rules may stay as they are in the source.
    var isSameLanguage = true
    /// Whether a variable is named like those that compilers make, whose places are not to be trusted.
    var hasGeneratedNames = false
}
