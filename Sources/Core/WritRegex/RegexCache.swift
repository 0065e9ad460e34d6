/// A bounded cache from pattern to compiled `Regex`, or to the error of an invalid pattern.
///
/// A hit costs one hash and one comparison of the pattern's bytes, and allocates nothing. When it is full the clock
/// algorithm evicts an entry that was not used since the hand last passed. Like `Regex` it belongs to one machine at a
/// time.
public final class RegexCache {
    private struct Entry {
        var regex: Regex?
        var error: RegexError?
    }

    private let table: BoundedTable<Entry>

    /// - Parameters:
    ///   - maxEntries: the most patterns to keep, at least 1.
    ///   - maxBytes: the most memory of the patterns and their programs, scratch included, in bytes. At least the
    ///     pattern used last is kept, whatever its size.
    public init(maxEntries: Int = 1024, maxBytes: Int = 16 << 20) {
        table = BoundedTable(maxEntries: maxEntries, maxBytes: maxBytes)
    }

    /// Number of patterns in the cache.
    public var count: Int { table.count }

    /// Bytes in use, as of the last use of each entry.
    public var byteCount: Int { table.byteCount }

    /// Patterns that were found in the cache so far.
    public private(set) var hits = 0

    /// The patterns that are kept compiled.
    public var patterns: [[UInt8]] {
        var patterns: [[UInt8]] = []
        table.forEach { pattern, entry in if entry.regex != nil { patterns.append(Array(pattern)) } }
        return patterns
    }

    /// The compiled pattern, from the cache if it is there.
    /// - Throws: the error of an invalid pattern, every time it is asked for.
    public func regex(for pattern: UnsafeBufferPointer<UInt8>) throws(RegexError) -> Regex {
        let hash = ContentHash.of(pattern)
        let index = table.find(pattern, salt: 0, hash: hash)
        if index >= 0 {
            if let regex = table[index]?.regex {
                hits &+= 1
                table.resize(index, byteCount: Self.cost(regex, pattern))
                return regex
            }
            if let error = table[index]?.error { throw error }
        }
        do throws(RegexError) {
            let regex = try Regex(pattern: pattern)
            table.insert(
                pattern, salt: 0, hash: hash, value: Entry(regex: regex), byteCount: Self.cost(regex, pattern))
            return regex
        } catch {
            table.insert(
                pattern, salt: 0, hash: hash, value: Entry(error: error), byteCount: 128 + 2 * pattern.count)
            throw error
        }
    }

    private static func cost(_ regex: Regex, _ pattern: UnsafeBufferPointer<UInt8>) -> Int {
        128 + pattern.count + regex.byteCount
    }

    /// Keeps at most so many patterns from now on, at least 1.
    public func limit(entries: Int) { table.limit(entries: entries) }

    /// Drops everything.
    public func removeAll() { table.removeAll() }
}
