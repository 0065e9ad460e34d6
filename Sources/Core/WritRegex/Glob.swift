/// A compiled glob, as of OPA's `glob.match`: `*` matches any run of characters that are no delimiters, `**` any run,
/// `?` one character that is no delimiter, `[abc]`, `[!abc]`, `[a-z]`, `[!a-z]` one of (or none of) the characters,
/// `{a,b}` one of the patterns, and a backslash takes the meaning from the next character.
///
/// Like `Regex` it keeps scratch memory and belongs to one machine at a time.
public final class Glob {
    /// The common kinds of pattern, matched without any automaton.
    private let segments: SegmentMatcher?
    @exclusivity(unchecked) private var regex: Regex?
    private let fixedBytes: Int
    private var tree: SyntaxTree?
    /// The delimiters as they were given; the cache compares them.
    fileprivate let delimiters: [UInt32]
    /// Where the library's answers may differ from the meaning of the pattern.
    private enum Oddity {
        case never
        /// For the empty text and beyond ASCII.
        case unusualText
        case always
    }

    private let oddity: Oddity
    @exclusivity(unchecked) private var reference: ReferenceGlob?

    /// Compiles a pattern.
    /// - Parameters:
    ///   - pattern: UTF-8.
    ///   - delimiters: the scalar values of the delimiters; empty for none. (OPA takes `.` for an empty array of them
    ///     and none for null; that is up to the caller.)
    public init(
        pattern: UnsafeBufferPointer<UInt8>, delimiters: UnsafeBufferPointer<UInt32>
    ) throws(GlobError) {
        var set = CharSet()
        for scalar in delimiters where scalar <= CharSet.maxScalar { set.add(scalar, scalar) }
        set.normalize()
        var compiler = try GlobCompiler.parse(pattern, delimiters: set)
        segments = compiler.hasAlternatives ? nil : SegmentMatcher(compiler.tokens, delimiters: set)
        self.delimiters = [UInt32](delimiters)
        oddity = Self.oddity(compiler.tokens, delimiters.count)
        reference =
            oddity == .never ? nil : ReferenceGlobBuilder.build(compiler.tokens, delimiters: self.delimiters)
        let tree = compiler.finish()
        fixedBytes = 256 + (segments?.byteCount ?? 0) + tree.nodes.count * MemoryLayout<SyntaxTree.Node>.stride
        if segments == nil {
            regex = try Self.program(tree)
        } else {
            self.tree = tree
        }
    }

    deinit { segments?.deallocate() }

    private static func program(_ tree: SyntaxTree) throws(GlobError) -> Regex {
        do throws(RegexError) {
            return try Regex(tree: tree)
        } catch {
            throw .tooComplex
        }
    }

    /// Bytes of memory in use, scratch included.
    public var byteCount: Int {
        if oddity == .never, regex == nil { return fixedBytes }
        return fixedBytes + (regex?.byteCount ?? 0) + (reference?.byteCount ?? 0)
    }

    /// Whether the pattern matches the whole text.
    public func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        switch oddity {
        case .never:
            // Then it has no set either.
            if let segments { return segments.matches(text) }
        case .unusualText:
            if Self.isASCII(text), !text.isEmpty {
                if let segments { return segments.matches(text) }
            } else if let answer = reference?.matches(text) {
                return answer
            }
        case .always:
            if let answer = reference?.matches(text) { return answer }
        }
        return matchesByRegex(text)
    }

    /// What is known of where the library's answers are those of the documented meaning: patterns of text and stars;
    /// on ASCII also with braces that hold nothing but different texts, and with `?` and brackets unless there are several
    /// delimiters.
    private static func oddity(_ tokens: [GlobParser.Token], _ delimiterCount: Int) -> Oddity {
        var previous: GlobParser.Token?
        var level = 0
        var alternatives: [[UInt32]] = []
        var isUnusual = false
        for token in tokens {
            let wasStar = previous == .any || previous == .anything
            switch token {
            case .any, .anything:
                if wasStar || level > 0 { return .always }
            case .single, .list, .range:
                if delimiterCount > 1 || level > 0 { return .always }
                isUnusual = true
            case .text(let scalars):
                if level > 0 {
                    if alternatives.contains(scalars) { return .always }
                    alternatives.append(scalars)
                }
            case .open:
                level += 1
                alternatives = []
                if level > 1 { return .always }
                isUnusual = true
            case .separator, .close:
                // An alternative is exactly one text.
                guard case .text = previous else { return .always }
                if token == .close {
                    level -= 1
                    if alternatives.count < 2 { return .always }
                }
            }
            previous = token
        }
        if level > 0 { return .always }
        return isUnusual ? .unusualText : .never
    }

    private func matchesByRegex(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        if let regex { return regex.matches(text) }
        guard let tree, let made = try? Self.program(tree) else { return false }
        regex = made
        self.tree = nil
        return made.matches(text)
    }

    private static func isASCII(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let base = text.baseAddress else { return true }
        var bits: UInt64 = 0
        var position = 0
        while position &+ 8 <= text.count {
            bits |= UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self)
            position &+= 8
        }
        while position < text.count {
            bits |= UInt64(base[position])
            position &+= 1
        }
        return bits & 0x8080_8080_8080_8080 == 0
    }
}

/// A `Glob` has mutable scratch memory and no lock.
@available(*, unavailable)
extension Glob: Sendable {}

/// A bounded cache from pattern and delimiters to compiled `Glob`, or to the error of an invalid pattern. See
/// `RegexCache`.
public final class GlobCache {
    private struct Entry {
        var glob: Glob?
        var error: GlobError?
        /// The same object, to be used without counting references.
        var uncounted: Unmanaged<Glob>?
    }

    private let table: BoundedTable<Entry>

    /// - Parameters:
    ///   - maxEntries: the most patterns to keep, at least 1.
    ///   - maxBytes: the most memory of the patterns and their programs, scratch included, in bytes.
    public init(maxEntries: Int = 4096, maxBytes: Int = 16 << 20) {
        table = BoundedTable(maxEntries: maxEntries, maxBytes: maxBytes)
    }

    /// Number of patterns in the cache.
    public var count: Int { table.count }

    /// Bytes in use, as of the last use of each entry.
    public var byteCount: Int { table.byteCount }

    /// Keeps at most so many patterns from now on, at least 1.
    public func limit(entries: Int) { table.limit(entries: entries) }

    /// Patterns that were found in the cache so far.
    public private(set) var hits = 0

    /// The patterns that are kept compiled, with their delimiters.
    public var patterns: [(pattern: [UInt8], delimiters: [UInt32])] {
        var patterns: [(pattern: [UInt8], delimiters: [UInt32])] = []
        table.forEach { pattern, entry in
            if let glob = entry.glob { patterns.append((Array(pattern), Array(glob.delimiters))) }
        }
        return patterns
    }

    /// Whether a pattern matches the whole text.
    /// - Throws: the error of an invalid pattern, every time it is asked for.
    @inline(__always)
    public func matches(
        pattern: UnsafeBufferPointer<UInt8>, delimiters: UnsafeBufferPointer<UInt32>,
        _ text: UnsafeBufferPointer<UInt8>
    ) throws(GlobError) -> Bool {
        let salt = Self.salt(delimiters)
        let hash = ContentHash.of(pattern, seed: salt)
        let index = table.find(pattern, salt: salt, hash: hash)
        if index >= 0, delimiters.count <= 3, let glob = table[index]?.uncounted {
            hits &+= 1
            // The entry keeps it alive: nothing below evicts before the match is done.
            let (matched, size) = glob._withUnsafeGuaranteedRef { ($0.matches(text), Self.cost($0, pattern)) }
            table.resize(index, byteCount: size)
            return matched
        }
        return try glob(for: pattern, delimiters: delimiters).matches(text)
    }

    /// The compiled pattern, from the cache if it is there.
    /// - Parameter delimiters: as for `Glob.init`; their order matters to the cache but not to the meaning.
    /// - Throws: the error of an invalid pattern, every time it is asked for.
    public func glob(
        for pattern: UnsafeBufferPointer<UInt8>, delimiters: UnsafeBufferPointer<UInt32>
    ) throws(GlobError) -> Glob {
        let salt = Self.salt(delimiters)
        let hash = ContentHash.of(pattern, seed: salt)
        let index = table.find(pattern, salt: salt, hash: hash)
        if index >= 0 {
            if let glob = table[index]?.glob {
                if delimiters.count > 3, !glob.delimiters.elementsEqual(delimiters) {
                    return try Glob(pattern: pattern, delimiters: delimiters)
                }
                table.resize(index, byteCount: Self.cost(glob, pattern))
                return glob
            }
            if let error = table[index]?.error { throw error }
        }
        do throws(GlobError) {
            let glob = try Glob(pattern: pattern, delimiters: delimiters)
            table.insert(
                pattern, salt: salt, hash: hash, value: Entry(glob: glob, uncounted: .passUnretained(glob)),
                byteCount: Self.cost(glob, pattern))
            return glob
        } catch {
            table.insert(
                pattern, salt: salt, hash: hash, value: Entry(error: error), byteCount: 128 + pattern.count)
            throw error
        }
    }

    /// Up to three delimiters of 21 bits each fit exactly; more are hashed, and compared on a hit.
    @inline(__always)
    private static func salt(_ delimiters: UnsafeBufferPointer<UInt32>) -> UInt64 {
        var salt: UInt64 = 0
        if delimiters.count <= 3 {
            for scalar in delimiters { salt = salt &<< 21 | UInt64(scalar) &+ 1 }
            return salt
        }
        for scalar in delimiters { salt = ContentHash.mix(salt ^ UInt64(scalar)) | 1 << 63 }
        return salt
    }

    @inline(__always)
    private static func cost(_ glob: Glob, _ pattern: UnsafeBufferPointer<UInt8>) -> Int {
        128 + pattern.count + glob.byteCount
    }

    /// Drops everything.
    public func removeAll() { table.removeAll() }
}
