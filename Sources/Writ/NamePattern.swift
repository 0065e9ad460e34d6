import WritRegex

/// A regular expression over names, with the syntax of Go's `regexp` (RE2). Not thread-safe.
public struct NamePattern {
    private let regex: Regex

    /// Nil for a pattern that is not valid.
    public init?(_ pattern: String) {
        guard let regex = try? Regex(pattern: Array(pattern.utf8)) else { return nil }
        self.regex = regex
    }

    /// Whether it matches anywhere in a text.
    public func isIn(_ text: String) -> Bool {
        Array(text.utf8).withUnsafeBufferPointer { regex.matches($0) }
    }
}
