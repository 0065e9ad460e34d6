/// A compiled regular expression with the syntax and the semantics of Go's `regexp` (RE2): leftmost-first, in linear
/// time, over UTF-8 bytes. A byte that is no valid UTF-8 counts as U+FFFD, one byte wide.
///
/// A `Regex` keeps its scratch memory, so that matching allocates nothing once it is warm. It is therefore owned by one
/// machine at a time: it is not thread safe and not `Sendable`.
public final class Regex {
    /// The length of the pattern that it was made from; `split` treats the empty pattern specially.
    let patternLength: Int
    let program: Program
    private let names: [[UInt8]]
    /// Bytes that do not change after compilation.
    private let fixedBytes: Int
    @exclusivity(unchecked) private var dfa: LazyDFA?
    /// False once it is known that the pattern is too large for a DFA.
    private var usesDFA = true
    @exclusivity(unchecked) private var onePass: OnePass?
    /// False once it is known that the pattern leaves more than one way.
    private var usesOnePass = true
    private var bytesWithoutDFA = 0
    private static let bytesBeforeDFA = 256
    @exclusivity(unchecked) private var pike: PikeMachine?
    @exclusivity(unchecked) private var backtracker: Backtracker
    /// Slots kept for reuse between calls.
    private var wholeMatchSlots = CaptureSlots.wholeMatch
    private var allSlots = CaptureSlots()

    private struct Parts {
        var program: Program
        var names: [[UInt8]]
        var byteCount: Int
    }

    /// Compiles a pattern.
    /// - Throws: `RegexError` with Go's text if it is not valid, or is larger or deeper than the limits.
    public init(pattern: UnsafeBufferPointer<UInt8>) throws(RegexError) {
        let parts = try Self.compile(pattern)
        program = parts.program
        names = parts.names
        fixedBytes = parts.byteCount
        patternLength = pattern.count
        backtracker = Backtracker(program)
    }

    /// Compiles a pattern.
    /// - Throws: `RegexError` with Go's text if it is not valid, or is larger or deeper than the limits.
    public init(pattern: [UInt8]) throws(RegexError) {
        let parts = try pattern.withUnsafeBufferPointer { bytes throws(RegexError) in try Self.compile(bytes) }
        program = parts.program
        names = parts.names
        fixedBytes = parts.byteCount
        patternLength = pattern.count
        backtracker = Backtracker(program)
    }

    /// Makes one of a tree that did not come from a pattern.
    init(tree: SyntaxTree) throws(RegexError) {
        program = try RegexCompiler.compile(tree, pattern: UnsafeBufferPointer(start: nil, count: 0))
        names = [[]]
        fixedBytes = 512 + program.byteCount
        patternLength = 1
        backtracker = Backtracker(program)
    }

    deinit {
        dfa?.deallocate()
        onePass?.deallocate()
        backtracker.deallocate()
        pike?.deallocate()
        program.deallocate()
    }

    private static func compile(_ pattern: UnsafeBufferPointer<UInt8>) throws(RegexError) -> Parts {
        let tree = try RegexParser.parse(pattern)
        let program = try RegexCompiler.compile(tree, pattern: pattern)
        var bytes = 512 + program.byteCount
        for name in tree.captureNames { bytes += 32 + name.count }
        return Parts(program: program, names: tree.captureNames, byteCount: bytes)
    }

    /// Whether a pattern is valid syntax. Unlike `init` it has no limit on the size of the compiled program.
    public static func isValid(pattern: UnsafeBufferPointer<UInt8>) -> Bool {
        do throws(RegexError) {
            _ = try RegexParser.parse(pattern)
            return true
        } catch {
            return false
        }
    }

    /// Number of capturing groups, not counting the whole match.
    public var groupCount: Int { program.slotCount / 2 - 1 }

    /// The names of the groups by number; index 0 is the whole match, a group without a name is empty.
    public var groupNames: [[UInt8]] { names }

    /// Bytes of memory in use, scratch included.
    public var byteCount: Int {
        fixedBytes + backtracker.byteCount + (pike?.byteCount ?? 0) + (dfa?.byteCount ?? 0)
            + (onePass?.byteCount ?? 0)
    }

    /// Which engines may run. For tests; they all give the same answers.
    package enum Engines { case automatic, eagerDFA, backtrackerOnly, pikeOnly }
    package var engines = Engines.automatic

    /// Instructions executed by all engines so far. For tests of the linear bound.
    package var steps: Int { backtracker.steps + (pike?.steps ?? 0) + (dfa?.steps ?? 0) }

    /// What searches have cost so far: instructions executed, and bytes that the DFA read. A search for all matches can
    /// read a text again for each, so callers pay by this and not by the length of the text.
    public var work: Int { steps &+ (dfa?.bytesInAll ?? 0) }

    // MARK: Slots for reuse

    /// Borrowed, so that a nested call on the same `Regex` gets its own.
    func takeWholeMatchSlots() -> CaptureSlots {
        var taken = CaptureSlots()
        swap(&taken, &wholeMatchSlots)
        taken.resize(2)
        return taken
    }

    func giveBack(wholeMatchSlots slots: CaptureSlots) { wholeMatchSlots = slots }

    func takeAllSlots() -> CaptureSlots {
        var taken = CaptureSlots()
        swap(&taken, &allSlots)
        taken.resize(program.slotCount)
        return taken
    }

    func giveBack(allSlots slots: CaptureSlots) { allSlots = slots }

    // MARK: Matching

    /// Whether the pattern matches anywhere in the text.
    public func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 2) { slots in
            guard let base = slots.baseAddress else { return false }
            return search(text, from: 0, result: base, width: 0)
        }
    }

    /// The range of the first match that begins at `from` or later; nil if there is none. Assertions such as `\b` and
    /// `^` see the text before `from`.
    public func firstRange(in text: UnsafeBufferPointer<UInt8>, from: Int = 0) -> Range<Int>? {
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 2) { slots in
            guard let base = slots.baseAddress, search(text, from: from, result: base, width: 2) else { return nil }
            return slots[0]..<slots[1]
        }
    }

    /// Finds the first match that begins at `from` or later and where its groups matched.
    public func firstMatch(
        in text: UnsafeBufferPointer<UInt8>, from: Int = 0, captures: inout CaptureSlots
    ) -> Bool {
        captures.resize(program.slotCount)
        return captures.withMutableSlots { search(text, from: from, result: $0, width: program.slotCount) }
    }

    /// As `firstMatch`, but fills only the slots that `captures` has room for.
    func search(_ text: UnsafeBufferPointer<UInt8>, from: Int, captures: inout CaptureSlots) -> Bool {
        let width = min(captures.values.count, program.slotCount)
        return captures.withMutableSlots { search(text, from: from, result: $0, width: width) }
    }

    private func search(
        _ text: UnsafeBufferPointer<UInt8>, from: Int, result: UnsafeMutablePointer<Int>, width: Int
    ) -> Bool {
        guard from >= 0, from <= text.count else { return false }
        if program.isLiteral { return literalSearch(text, from: from, result: result, width: width) }
        if program.anchoredAtStart {
            guard from == 0, program.beginsWithPrefix(text) else { return false }
            if width > 2, engines == .automatic, usesOnePass {
                if onePass == nil { makeOnePass() }
                switch onePass?.search(text, result: result, width: width) {
                case .noMatch: return false
                case .match: return true
                case .unknown, nil: break
                }
            }
        }
        var start = from
        var end = text.count
        if usesDFA, isWorthDFA(text.count - from) {
            if dfa == nil { makeDFA() }
            switch dfa?.search(text, from: from, earliest: width == 0) {
            case .noMatch: return false
            case .match(let position):
                if width == 0 { return true }
                end = position
                start = dfa?.home ?? from
                if width == 2, beginsMatch(text, at: start) {
                    result[0] = start
                    result[1] = position
                    return true
                }
            case .unknown, nil: break
            }
        }
        if Backtracker.fits(program, end - start), engines != .pikeOnly {
            return backtracker.search(text, from: start, end: end, result: result, width: width)
        }
        if pike == nil { pike = PikeMachine(program) }
        return pike?.search(text, from: start, end: end, result: result, width: width) ?? false
    }

    /// Whether a match begins at a position, by the DFA: it reads faster than what else finds the beginning.
    private func beginsMatch(_ text: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
        guard case .match = dfa?.search(text, from: start, earliest: true, anchored: true) else { return false }
        return true
    }

    /// A DFA pays when what its states cost is spread over enough text.
    private func isWorthDFA(_ length: Int) -> Bool {
        if dfa != nil || engines == .eagerDFA { return true }
        if engines == .pikeOnly || engines == .backtrackerOnly { return false }
        bytesWithoutDFA += length
        return bytesWithoutDFA > Self.bytesBeforeDFA || !Backtracker.fits(program, length)
    }

    private func makeOnePass() {
        onePass = OnePass(program)
        if onePass == nil { usesOnePass = false }
    }

    private func makeDFA() {
        dfa = LazyDFA(program)
        if dfa == nil { usesDFA = false }
    }

    private func literalSearch(
        _ text: UnsafeBufferPointer<UInt8>, from: Int, result: UnsafeMutablePointer<Int>, width: Int
    ) -> Bool {
        let length = program.prefix.count
        let found: Int? = program.prefix.withUnsafeBufferPointer { needle in
            if program.anchoredAtStart {
                guard from == 0, LiteralSearch.matches(needle, text, at: 0, end: text.count) else { return nil }
                return program.literalEndsText && length != text.count ? nil : 0
            }
            if program.literalEndsText {
                let position = text.count - length
                guard position >= from, LiteralSearch.matches(needle, text, at: position, end: text.count) else {
                    return nil
                }
                return position
            }
            return length == 0 ? from : LiteralSearch.find(needle, in: text, from: from, end: text.count)
        }
        guard let found else { return false }
        if width >= 2 {
            result[0] = found
            result[1] = found + length
        }
        return true
    }
}

/// A `Regex` has mutable scratch memory and no lock.
@available(*, unavailable)
extension Regex: Sendable {}

/// Where the groups of a match begin and end. Reuse one value for many matches.
public struct CaptureSlots {
    /// Begin and end of the whole match, then of each group, as byte offsets; -1 for a group that took no part.
    public private(set) var values: [Int]

    public init() {
        values = []
    }

    /// Room for the whole match only.
    static var wholeMatch: CaptureSlots {
        var slots = CaptureSlots()
        slots.resize(2)
        return slots
    }

    /// Number of groups, the whole match included.
    public var count: Int { values.count / 2 }

    /// The range of a group, 0 being the whole match; nil if it took no part.
    public subscript(group: Int) -> Range<Int>? {
        let index = 2 * group
        guard index >= 0, index + 1 < values.count, values[index] >= 0, values[index + 1] >= values[index] else {
            return nil
        }
        return values[index]..<values[index + 1]
    }

    mutating func resize(_ count: Int) {
        if values.count != count { values = [Int](repeating: -1, count: count) }
    }

    mutating func withMutableSlots<R>(_ body: (UnsafeMutablePointer<Int>) -> R) -> R {
        if values.isEmpty { values = [-1, -1] }
        return values.withUnsafeMutableBufferPointer { buffer in
            // Not empty, so there is a base address.
            guard let base = buffer.baseAddress else {
                return withUnsafeTemporaryAllocation(of: Int.self, capacity: 2) { spare in
                    body(spare.baseAddress.unsafelyUnwrapped)
                }
            }
            return body(base)
        }
    }
}
