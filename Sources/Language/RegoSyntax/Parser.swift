import WritSource

extension DiagnosticCode {
    /// The code of every error that the parser finds.
    public static var regoParseError: DiagnosticCode { DiagnosticCode("rego_parse_error") }
}

/// A recursive-descent parser with backtracking.
///
/// Rego is ambiguous until a token far ahead (`{a | b}` may be a set or a comprehension, `{x ...` a term or a body), so
/// the parser tries one reading, and restores its state to try another. The errors of the reading that was tried last
/// remain: that choice decides what is reported, and it is OPA's.
struct Parser {
    /// Everything that going back restores. It is copied often and lies on the stack at every level of nesting, so it
    /// is kept small.
    struct State {
        private var positionBits: UInt32 = 0
        private var startBits: UInt32 = 0
        private var endBits: UInt32 = 0
        private var lastEndBits: UInt32 = 0
        var name = Name.empty
        var wildcards: UInt32 = 0
        var comments: UInt32 = 0
        var token = Token.illegal
        /// Whether a line ended between the last token and this one.
        var skippedNewline = false
        /// nil where nothing is wrong, which costs nothing to copy.
        private var log: ErrorLog?

        var errors: [Diagnostic] {
            get { log?.errors ?? [] }
            set { log = newValue.isEmpty && hints.isEmpty ? nil : ErrorLog(newValue, hints) }
        }
        /// Advice for the next error.
        var hints: [String] {
            get { log?.hints ?? [] }
            set { log = newValue.isEmpty && errors.isEmpty ? nil : ErrorLog(errors, newValue) }
        }
        var errorCount: Int { log?.errors.count ?? 0 }

        /// Takes over the errors and hints of another state.
        mutating func takeErrors(of other: State) { log = other.log }

        /// Where the lexer goes on.
        var position: Int {
            get { Int(positionBits) }
            set { positionBits = UInt32(truncatingIfNeeded: newValue) }
        }
        /// Bounds of the current token.
        var start: Int {
            get { Int(startBits) }
            set { startBits = UInt32(truncatingIfNeeded: newValue) }
        }
        var end: Int {
            get { Int(endBits) }
            set { endBits = UInt32(truncatingIfNeeded: newValue) }
        }
        /// End of the last token that was not white space.
        var lastEnd: Int {
            get { Int(lastEndBits) }
            set { lastEndBits = UInt32(truncatingIfNeeded: newValue) }
        }
    }

    final class ErrorLog {
        let errors: [Diagnostic]
        let hints: [String]

        init(_ errors: [Diagnostic], _ hints: [String]) {
            self.errors = errors
            self.hints = hints
        }
    }

    var lexer: Lexer
    var state = State()
    let options: ParserOptions
    let file: SourceFile
    /// All comments, in source order. Going back does not remove them: they are met again in the same order.
    var comments: [Comment] = []
    /// `import future.keywords.not` is in force: `not` negates the whole expression.
    var hasNotBodies = false
    var memo: TermMemo
    /// The memo of attempts to read v0 text with the keywords of v1, made for hints only.
    var futureMemo: TermMemo?
    var isInFuture = false
    private(set) var depth = 0
    private var tooDeepError: Diagnostic?
    /// The errors of statements that were skipped.
    var earlierErrors: [Diagnostic] = []
    private var wildcardNames: [Name] = []

    init(_ file: SourceFile, _ options: ParserOptions, _ names: NameTable) {
        self.file = file
        self.options = options
        var keywords: KeywordSet = options.version == .v1 ? [.not, .in, .every, .contains, .if] : [.not]
        for name in options.importedKeywords {
            let asked = name.map { names.find($0).flatMap { KeywordSet(importing: $0) } ?? [] } ?? .all
            let found = asked.intersection(options.features.importable)
            keywords.formUnion(found)
            if found.contains(.not) { hasNotBodies = true }
        }
        lexer = Lexer(text: file.text, names: names, keywords: keywords)
        memo = TermMemo(size: file.text.count + 1)
        state.position = lexer.position
    }

    // MARK: Tokens

    var token: Token {
        get { state.token }
        set { state.token = newValue }
    }

    /// The span of the current token.
    var span: Span { span(state.start, state.end) }

    func span(_ start: Int, _ end: Int) -> Span {
        Span(
            source: file.id, start: UInt32(truncatingIfNeeded: start),
            end: UInt32(truncatingIfNeeded: max(start, end)))
    }

    /// A span that starts as `start` does and ends behind the last token read.
    func extended(_ start: Span) -> Span { span(Int(start.start), state.lastEnd) }

    /// Goes to the next token that is neither white space nor a comment.
    mutating func scan() { advance(skippingSpace: true) }

    /// Goes to the next token that is not a comment.
    mutating func scanWithSpace() { advance(skippingSpace: false) }

    mutating func advance(skippingSpace: Bool) {
        noteEnd()
        lexer.position = state.position
        while true {
            take(lexer.next())
            if token == .whitespace {
                if lexer.text[state.start] == 0x0A { state.skippedNewline = true }
                if skippingSpace { continue }
            }
            if token != .comment { return }
            noteComment()
        }
    }

    /// Goes on behind the `}` of an expression in a template string.
    mutating func advanceInTemplate(raw: Bool) {
        noteEnd()
        lexer.position = state.position
        take(lexer.nextInTemplate(raw: raw))
    }

    private mutating func noteEnd() {
        if token != .whitespace {
            state.lastEnd = state.end
            state.skippedNewline = false
        }
    }

    private mutating func take(_ token: Token) {
        state.token = token
        state.position = lexer.position
        state.start = lexer.start
        state.end = lexer.end
        state.name = lexer.name
        if !lexer.problems.isEmpty {
            for problem in lexer.problems { error(problem.description, at: span) }
            lexer.problems.removeAll()
            state.token = .illegal
        }
    }

    private mutating func noteComment() {
        state.comments += 1
        if let last = comments.last, Int(last.span.start) >= state.start { return }
        var end = state.end
        while end > state.start + 1, lexer.text[end - 1] == 0x0D { end -= 1 }
        comments.append(Comment(span: span(state.start, end)))
    }

    /// The token behind the current one, white space included.
    @inline(never)
    mutating func peek() -> Token {
        let saved = state
        scanWithSpace()
        let next = token
        state = saved
        return next
    }

    /// Whether the current token is a keyword that may stand in a reference, such as the `if` of `input.if`.
    var isKeywordInReference: Bool {
        guard options.features.hasKeywordsInReferences else { return false }
        if token.isKeyword { return true }
        // `&` goes by the name of `and`, which may be a keyword.
        return token == .and && lexer.keywords.contains(.and) || token == .or && lexer.keywords.contains(.or)
    }

    /// Makes an identifier of a keyword that begins a reference (`if.x`, `not[0]`). Returns whether it did.
    @discardableResult
    mutating func takeKeywordAsReference() -> Bool {
        guard isKeywordInReference else { return false }
        let next = peek()
        guard next == .dot || next == .leftBracket else { return false }
        token = .identifier
        return true
    }

    // MARK: Errors

    /// Reports an error, with the hints gathered for it.
    @inline(never)
    mutating func error(_ message: String, at span: Span) {
        var message = message
        if state.hints.count == 1 {
            message += " (hint: " + state.hints[0] + ")"
        } else if !state.hints.isEmpty {
            message += " (hints: "
            for (index, hint) in state.hints.enumerated() {
                if index > 0 { message += ", " }
                message += hint
            }
            message += ")"
        }
        state.hints = []
        var diagnostic = Diagnostic(.regoParseError, message, at: span)
        diagnostic.position = file.scannerPosition(at: Int(span.start))
        diagnostic.details = file.lineDetail(at: Int(span.start))
        state.errors.append(diagnostic)
    }

    @inline(never)
    mutating func hint(_ text: String) { state.hints.append(text) }

    /// Reports the current token as one that cannot stand here.
    @inline(never)
    mutating func unexpected(_ note: String? = nil) {
        if token == .illegal {
            error("illegal token", at: span)
            return
        }
        var message = "unexpected " + token.name.description + (token.isKeyword ? " keyword" : " token")
        if let note { message += ": " + note }
        error(message, at: span)
    }

    // MARK: Depth

    /// Goes one level deeper; reports an error and returns false at the limit.
    mutating func enter() -> Bool {
        guard depth < options.depthLimit, tooDeepError == nil else { return tooDeep() }
        depth += 1
        return true
    }

    mutating func leave() { depth -= 1 }

    /// Adds a link to a chain of operators. A chain makes a deep tree without recursion here, but whoever walks the
    /// tree recurses, though with less on the stack: four links count as a level.
    mutating func link(_ links: inout Int) -> Bool {
        if links & 3 == 3, !enter() { return false }
        links += 1
        return true
    }

    mutating func unlink(_ links: Int) { depth -= links >> 2 }

    /// Going back does not undo this: another reading of the same text must not succeed because it is less deep.
    @inline(never)
    private mutating func tooDeep() -> Bool {
        error("max parsing recursion depth exceeded", at: span)
        if tooDeepError == nil { tooDeepError = state.errors.last }
        return false
    }

    /// What to report in the end.
    var errors: [Diagnostic] {
        if let tooDeepError { return [tooDeepError] }
        return Array((earlierErrors + state.errors).prefix(max(1, options.errorLimit)))
    }

    // MARK: Names

    /// The variable under the current token; each `_` gets a name of its own.
    mutating func variable() -> Term {
        Term(.variable(state.name == .underscore ? wildcard() : state.name), span)
    }

    @inline(never)
    mutating func wildcard() -> Name {
        let number = Int(state.wildcards)
        state.wildcards += 1
        while wildcardNames.count <= number {
            wildcardNames.append(lexer.names.intern([0x24] + Self.decimal(wildcardNames.count)))
        }
        return wildcardNames[number]
    }

    private static func decimal(_ number: Int) -> [UInt8] {
        var digits: [UInt8] = []
        var rest = number
        repeat {
            digits.append(UInt8(truncatingIfNeeded: rest % 10) + 0x30)
            rest /= 10
        } while rest > 0
        digits.reverse()
        return digits
    }

    /// The text of a piece of the source for a message.
    func text(_ start: Int, _ end: Int) -> String {
        guard start >= 0, start < end, end <= lexer.text.count else { return "" }
        return String(decoding: lexer.text[start..<end], as: UTF8.self)
    }

    func text(_ span: Span) -> String { text(Int(span.start), Int(span.end)) }
}
