/// What became of the records, since the folder was made.
///
/// After a loss of power refusals may lag by what happened since the last sync; every record that has a sequence is counted.
public struct JournalCounters: Sendable, Equatable {
    /// Appended. Sequences count from 1, so this is the last one's.
    public var accepted: UInt64 = 0
    /// Read and acknowledged.
    public var acknowledged: UInt64 = 0
    /// Dropped to make room, oldest first.
    public var droppedOldest: UInt64 = 0
    /// Dropped to make room because they were allowed.
    public var droppedAllows: UInt64 = 0
    /// Not accepted, because there was no room.
    public var refusedFull: UInt64 = 0
    /// Not accepted, because they are larger than a segment.
    public var refusedSize: UInt64 = 0
    /// Accepted, and found damaged when the folder was opened.
    public var damaged: UInt64 = 0

    public init() {}

    /// All that got lost.
    public var lost: UInt64 {
        droppedOldest &+ droppedAllows &+ refusedFull &+ refusedSize &+ damaged
    }

    /// The counts in the order in which they stand in the state file; `accepted` is the sequence there.
    static let fields: [WritableKeyPath<JournalCounters, UInt64> & Sendable] = [
        \.acknowledged, \.droppedOldest, \.droppedAllows, \.refusedFull, \.refusedSize, \.damaged,
    ]
}

/// How a journal stands now.
public struct JournalStatus: Sendable, Equatable {
    public var counters = JournalCounters()
    /// Records that wait.
    public var pending: UInt64 = 0
    /// Bytes of the segments on disk.
    public var bytes = 0
    public var segments = 0
    /// Times that syncing or preparing a segment failed.
    public var failures: UInt64 = 0
    /// The last such failure.
    public var lastFailure: JournalFailure?

    public init() {}
}
