/// The number of a source file within a `SourceMap`.
public struct SourceID: Equatable, Hashable, Sendable {
    public var index: UInt32

    public init(_ index: UInt32) { self.index = index }
}

/// A half-open range of byte offsets in one source file.
public struct Span: Equatable, Hashable, Sendable {
    public var source: SourceID
    /// Offset of the first byte.
    public var start: UInt32
    /// Offset behind the last byte.
    public var end: UInt32

    public init(source: SourceID, start: UInt32, end: UInt32) {
        self.source = source
        self.start = start
        self.end = end
    }

    /// An empty span at the start of the first file, for nodes that no source text stands behind.
    public static var none: Span { Span(source: SourceID(0), start: 0, end: 0) }

    public var isEmpty: Bool { end <= start }

    /// The smallest span that covers both. Both must be of the same file.
    public func union(_ other: Span) -> Span {
        Span(source: source, start: min(start, other.start), end: max(end, other.end))
    }
}

/// A place in a source file as people count: the row from 1, the column in code points from 1.
public struct Position: Equatable, Hashable, Sendable {
    public var row: Int
    public var column: Int

    public init(row: Int, column: Int) {
        self.row = row
        self.column = column
    }
}
