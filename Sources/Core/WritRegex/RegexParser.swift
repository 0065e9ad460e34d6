/// Reads Go's (RE2's) syntax with the flags of `regexp.Compile`.
///
/// Operands wait on one stack; a frame for each open group remembers where its operands begin. Nothing recurses, so
/// the depth of groups costs no native stack.
struct RegexParser {
    struct Flags {
        var foldCase = false
        var multiLine = false
        var dotNewline = false
        var lazy = false
    }

    /// An open group, or the pattern itself.
    private struct Frame {
        /// Number of the group; 0 for one that does not capture.
        var capture: Int32
        /// The flags to restore when the group closes.
        var flags: Flags
        /// Where the operands of the alternative being read begin.
        var operands: Int
        /// Where the finished alternatives of the group begin in `alternatives`.
        var alternatives: Int
    }

    let text: UnsafeBufferPointer<UInt8>
    var position = 0
    var flags = Flags()
    var tree = SyntaxTree()
    private var operands: [Int32] = []
    private var alternatives: [Int32] = []
    private var frames: [Frame] = []
    /// Decoded on first use.
    var folds: FoldTable?
    /// The Unicode classes met so far, because a pattern may name one thousands of times.
    var unicodeClasses: [UnicodeClassUse] = []

    struct UnicodeClassUse {
        var kind: UnicodeData.Class
        var folded: Bool
        var negated: Bool
        var index: Int32
    }

    /// Ranges of all classes together may not take more than 8 MiB.
    static let maxRanges = 1 << 20

    init(_ text: UnsafeBufferPointer<UInt8>) {
        self.text = text
    }

    static func parse(_ text: UnsafeBufferPointer<UInt8>) throws(RegexError) -> SyntaxTree {
        var parser = RegexParser(text)
        try parser.run()
        return parser.tree
    }

    // MARK: Text

    var atEnd: Bool { position >= text.count }

    func fragment(_ from: Int, _ to: Int) -> Slice<UnsafeBufferPointer<UInt8>> { text[from..<max(from, to)] }

    func fail<T>(_ code: RegexError.Code, _ from: Int, _ to: Int) throws(RegexError) -> T {
        throw RegexError(code, fragment(from, to))
    }

    func peek(_ offset: Int = 0) -> UInt8? {
        position + offset < text.count ? text[position + offset] : nil
    }

    /// Reads one character. At the end it is U+FFFD, which no caller mistakes for syntax.
    mutating func nextScalar() throws(RegexError) -> UInt32 {
        guard position < text.count else { return UTF8Text.replacement }
        let (scalar, width) = UTF8Text.decode(text, position)
        if width == 1, scalar == UTF8Text.replacement { return try fail(.invalidUTF8, position, text.count) }
        position += width
        return scalar
    }

    func checkUTF8(_ from: Int, _ to: Int) throws(RegexError) {
        let part = UnsafeBufferPointer(rebasing: text[from..<to])
        var index = 0
        while index < part.count {
            let (scalar, width) = UTF8Text.decode(part, index)
            if width == 1, scalar == UTF8Text.replacement { throw RegexError(.invalidUTF8, fragment(from, to)) }
            index += width
        }
    }

    // MARK: Main loop

    private mutating func run() throws(RegexError) {
        frames.append(Frame(capture: 0, flags: flags, operands: 0, alternatives: 0))
        /// Where the repetition operator that was just read began; -1 if the last item was none.
        var lastRepeat = -1
        while position < text.count {
            var thisRepeat = -1
            switch text[position] {
            case UInt8(ascii: "("):
                if peek(1) == UInt8(ascii: "?") {
                    try perlGroup()
                } else {
                    position += 1
                    openCapture(name: [])
                }
            case UInt8(ascii: "|"):
                position += 1
                try finishAlternative()
            case UInt8(ascii: ")"):
                try closeGroup()
            case UInt8(ascii: "^"):
                position += 1
                push(assertion: flags.multiLine ? Assertion.beginLine : Assertion.beginText)
            case UInt8(ascii: "$"):
                position += 1
                push(assertion: flags.multiLine ? Assertion.endLine : Assertion.endText)
            case UInt8(ascii: "."):
                position += 1
                push(SyntaxTree.Node(kind: flags.dotNewline ? .any : .anyNotNewline))
            case UInt8(ascii: "["):
                try characterClass()
            case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"):
                thisRepeat = position
                let kind: SyntaxTree.Kind =
                    switch text[position] {
                    case UInt8(ascii: "*"): .star
                    case UInt8(ascii: "+"): .plus
                    default: .quest
                    }
                position += 1
                try applyRepeat(kind, 0, 0, from: thisRepeat, lastRepeat)
            case UInt8(ascii: "{"):
                let start = position
                if let (least, most) = repeatCounts() {
                    thisRepeat = start
                    if least < 0 || least > SyntaxTree.maxRepeat || most > SyntaxTree.maxRepeat
                        || (most >= 0 && least > most)
                    {
                        try fail(.invalidRepeatSize, start, position) as Void
                    }
                    try applyRepeat(.repetition, least, most, from: start, lastRepeat)
                } else {
                    position = start + 1
                    push(literal: UInt32(UInt8(ascii: "{")))
                }
            case UInt8(ascii: "\\"):
                try escape()
            default:
                push(literal: try nextScalar())
            }
            lastRepeat = thisRepeat
        }
        try finishAlternative()
        guard frames.count == 1 else { return try fail(.missingParen, 0, text.count) }
        tree.root = try alternation(from: 0)
    }

    // MARK: Operands

    mutating func push(_ node: SyntaxTree.Node) {
        operands.append(tree.append(node))
    }

    mutating func push(assertion: UInt8) {
        push(SyntaxTree.Node(kind: .assertion, isNullable: true, a: Int32(assertion)))
    }

    mutating func push(literal scalar: UInt32) {
        if flags.foldCase {
            var set = CharSet(scalar, scalar)
            set.foldCase(foldTable())
            if set.ranges.count > 1 || set.ranges.first?.hi != scalar {
                // At most four characters: no limit is at stake.
                tree.classes.append(set)
                tree.rangeCount += set.ranges.count
                push(SyntaxTree.Node(kind: .set, a: Int32(tree.classes.count - 1)))
                return
            }
        }
        push(SyntaxTree.Node(kind: .literal, a: Int32(bitPattern: scalar)))
    }

    mutating func foldTable() -> FoldTable {
        if let folds { return folds }
        let table = FoldTable()
        folds = table
        return table
    }

    /// Adds a class to the tree and returns its number. One that was there not long ago is used again.
    mutating func addClass(_ set: CharSet) throws(RegexError) -> Int32 {
        let recent = max(0, tree.classes.count - 16)
        for index in recent..<tree.classes.count where tree.classes[index] == set { return Int32(index) }
        tree.rangeCount += set.ranges.count
        if tree.rangeCount > Self.maxRanges { return try fail(.tooLarge, 0, text.count) }
        tree.classes.append(set)
        return Int32(tree.classes.count - 1)
    }

    // MARK: Repetition

    /// Reads `{n}`, `{n,}` or `{n,m}` and moves behind it; nil, leaving the position anywhere, if it is none of them.
    /// A number that is too big is -1 as lower bound.
    private mutating func repeatCounts() -> (least: Int32, most: Int32)? {
        position += 1
        guard var least = number() else { return nil }
        var most = least
        guard let next = peek() else { return nil }
        if next == UInt8(ascii: ",") {
            position += 1
            if peek() == UInt8(ascii: "}") {
                most = -1
            } else {
                guard let upper = number() else { return nil }
                most = upper
                if upper < 0 { least = -1 }
            }
        }
        guard peek() == UInt8(ascii: "}") else { return nil }
        position += 1
        return (least, most)
    }

    private mutating func number() -> Int32? {
        let start = position
        var value: Int32 = 0
        while let digit = peek(), digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") {
            if value >= 0 {
                value = value >= 100_000_000 ? -1 : value * 10 + Int32(digit - UInt8(ascii: "0"))
            }
            position += 1
        }
        let length = position - start
        if length == 0 || (length > 1 && text[start] == UInt8(ascii: "0")) { return nil }
        return value >= 100_000_000 ? -1 : value
    }

    private mutating func applyRepeat(
        _ kind: SyntaxTree.Kind, _ least: Int32, _ most: Int32, from start: Int, _ lastRepeat: Int
    ) throws(RegexError) {
        var lazy = flags.lazy
        if peek() == UInt8(ascii: "?") {
            position += 1
            lazy.toggle()
        }
        if lastRepeat >= 0 { return try fail(.invalidRepeatOp, lastRepeat, position) }
        guard let frame = frames.last, operands.count > frame.operands, let child = operands.last else {
            return try fail(.missingRepeatArgument, start, position)
        }
        let sub = tree.nodes[Int(child)]
        var node = SyntaxTree.Node(kind: kind, isLazy: lazy, a: least, b: most, firstChild: child)
        node.height = sub.height + 1
        node.repeatProduct = sub.repeatProduct
        switch kind {
        case .star:
            node.isNullable = true
            node.size = sub.size + 2
        case .quest:
            node.isNullable = true
            node.size = sub.size + 1
        case .plus:
            node.isNullable = sub.isNullable
            node.size = sub.size + 1
        default:
            node.size =
                most >= 0
                ? Int64(most) * sub.size + Int64(most - least)
                : least == 0 ? sub.size + 2 : Int64(least) * sub.size + 1
            node.isNullable = least == 0 || sub.isNullable
            let count = most < 0 ? least : most
            if most == 0 {
                node.repeatProduct = 1
            } else if count > 0 {
                node.repeatProduct = count * sub.repeatProduct
            }
            if least >= 2 || most >= 2, node.repeatProduct > SyntaxTree.maxRepeat {
                return try fail(.invalidRepeatSize, start, position)
            }
        }
        try checkLimits(node)
        operands[operands.count - 1] = tree.append(node)
    }

    /// Sizes stay far from overflow: none is above the limit, and a factor at most 1000.
    private func checkLimits(_ node: SyntaxTree.Node) throws(RegexError) {
        if node.size > SyntaxTree.maxSize { throw RegexError(.tooLarge, text) }
        if node.height > SyntaxTree.maxHeight { throw RegexError(.nestingDepth, text) }
    }

    // MARK: Groups

    mutating func openCapture(name: [UInt8]) {
        tree.captureCount += 1
        tree.captureNames.append(name)
        openGroup(capture: Int32(tree.captureCount))
    }

    mutating func openGroup(capture: Int32 = 0) {
        frames.append(
            Frame(capture: capture, flags: flags, operands: operands.count, alternatives: alternatives.count))
    }

    /// Turns the operands since the last `(` or `|` into one alternative.
    private mutating func finishAlternative() throws(RegexError) {
        guard let frame = frames.last else { return }
        alternatives.append(try concatenation(from: frame.operands))
    }

    private mutating func closeGroup() throws(RegexError) {
        try finishAlternative()
        guard frames.count > 1, let frame = frames.popLast() else {
            // What was read so far does not matter any more.
            return try fail(.unexpectedParen, 0, text.count)
        }
        position += 1
        flags = frame.flags
        var node = try alternation(from: frame.alternatives)
        if frame.capture > 0 {
            let sub = tree.nodes[Int(node)]
            var capture = SyntaxTree.Node(
                kind: .capture, isNullable: sub.isNullable, a: frame.capture, firstChild: node)
            capture.height = sub.height + 1
            capture.repeatProduct = sub.repeatProduct
            capture.size = sub.size + 2
            try checkLimits(capture)
            node = tree.append(capture)
        }
        operands.append(node)
    }

    private mutating func concatenation(from start: Int) throws(RegexError) -> Int32 {
        let count = operands.count - start
        if count == 0 { return tree.append(SyntaxTree.Node(kind: .empty, isNullable: true)) }
        let first = operands[start]
        if count == 1 {
            operands.removeLast()
            return first
        }
        var node = SyntaxTree.Node(kind: .concatenation, isNullable: true, firstChild: first)
        node.size = 0
        var onlyLiterals = true
        var height: Int32 = 1
        for index in start..<operands.count {
            let operand = Int(operands[index])
            let child = tree.nodes[operand]
            height = max(height, child.height)
            node.repeatProduct = max(node.repeatProduct, child.repeatProduct)
            if !child.isNullable { node.isNullable = false }
            node.size += child.size
            if child.kind != .literal { onlyLiterals = false }
            if index > start { tree.nodes[Int(operands[index - 1])].nextSibling = Int32(operand) }
        }
        // A run of literals is one node in Go's tree.
        node.height = onlyLiterals ? 1 : height + 1
        operands.removeLast(count)
        try checkLimits(node)
        return tree.append(node)
    }

    private mutating func alternation(from start: Int) throws(RegexError) -> Int32 {
        let count = alternatives.count - start
        guard count > 1 else { return alternatives.removeLast() }
        var node = SyntaxTree.Node(kind: .alternation, firstChild: alternatives[start])
        node.size = -1
        var onlySets = true
        var height: Int32 = 1
        for index in start..<alternatives.count {
            let alternative = Int(alternatives[index])
            let child = tree.nodes[alternative]
            height = max(height, child.height)
            node.repeatProduct = max(node.repeatProduct, child.repeatProduct)
            if child.isNullable { node.isNullable = true }
            node.size += child.size + 1
            if child.kind != .literal, child.kind != .set { onlySets = false }
            if index > start { tree.nodes[Int(alternatives[index - 1])].nextSibling = Int32(alternative) }
        }
        alternatives.removeLast(count)
        if onlySets { return try merged(node.firstChild) }
        node.height = height + 1
        try checkLimits(node)
        return tree.append(node)
    }

    /// One class for alternatives of one character each; `child` is the first.
    private mutating func merged(_ child: Int32) throws(RegexError) -> Int32 {
        var set = CharSet()
        var index = child
        while index >= 0 {
            let node = tree.nodes[Int(index)]
            if node.kind == .set {
                set.add(tree.classes[Int(node.a)])
            } else {
                set.add(UInt32(bitPattern: node.a), UInt32(bitPattern: node.a))
            }
            index = node.nextSibling
        }
        set.normalize()
        return tree.append(SyntaxTree.Node(kind: .set, a: try addClass(set)))
    }

    // MARK: (?...)

    /// Reads what begins with `(?`: a named group, flags, or a group with flags.
    private mutating func perlGroup() throws(RegexError) {
        let start = position
        let left = text.count - start
        let withP = left > 4 && text[start + 2] == UInt8(ascii: "P") && text[start + 3] == UInt8(ascii: "<")
        let withoutP = left > 3 && text[start + 2] == UInt8(ascii: "<")
        if withP || withoutP {
            let nameStart = start + (withoutP ? 3 : 4)
            var end = start
            while end < text.count, text[end] != UInt8(ascii: ">") { end += 1 }
            guard end < text.count else {
                try checkUTF8(start, text.count)
                return try fail(.invalidNamedCapture, start, text.count)
            }
            try checkUTF8(nameStart, end)
            let name = [UInt8](text[nameStart..<end])
            if name.isEmpty || !name.allSatisfy(Assertion.isWord) {
                return try fail(.invalidNamedCapture, start, end + 1)
            }
            position = end + 1
            openCapture(name: name)
            return
        }

        position += 2
        var new = flags
        var negative = false
        var sawFlag = false
        flagLoop: while position < text.count {
            switch try nextScalar() {
            case 0x69:  // i
                new.foldCase = !negative
                sawFlag = true
            case 0x6D:  // m
                new.multiLine = !negative
                sawFlag = true
            case 0x73:  // s
                new.dotNewline = !negative
                sawFlag = true
            case 0x55:  // U
                new.lazy = !negative
                sawFlag = true
            case 0x2D:  // -
                if negative { break flagLoop }
                negative = true
                sawFlag = false
            case 0x3A, 0x29:  // : or )
                if negative, !sawFlag { break flagLoop }
                if text[position - 1] == UInt8(ascii: ":") { openGroup() }
                flags = new
                return
            default:
                break flagLoop
            }
        }
        return try fail(.invalidPerlOp, start, position)
    }
}
