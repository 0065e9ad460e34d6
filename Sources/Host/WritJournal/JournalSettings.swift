/// How a journal is kept.
public struct JournalSettings: Sendable, Equatable {
    /// When what was appended reaches the disk itself, so that it survives the loss of power.
    public enum Sync: Sendable, Equatable {
        /// Every so many milliseconds.
        case interval(milliseconds: Int)
        /// Before `append` returns; appends at the same time share one write.
        case each
    }

    /// What gives way when there is no room.
    public enum WhenFull: String, Sendable {
        /// The oldest records.
        case dropOldest = "drop_oldest"
        /// The oldest records of what was allowed; when there are none of them left, the oldest records.
        case dropAllowsFirst = "drop_allows_first"
        /// Nothing: appending fails, and who cannot decide without a record does not decide.
        case refuse = "refuse"
    }

    /// The folder; it is made where it is missing, readable by its owner only.
    public var directory: String
    /// Bytes of all segments together.
    public var maximumBytes: Int
    /// Bytes of one segment: what is allocated at a time, and dropped at a time. A record is smaller than that.
    public var segmentBytes: Int
    public var sync: Sync
    public var whenFull: WhenFull

    /// Without a size of segments they are a sixteenth of the whole, between 64 KiB and 16 MiB.
    public init(
        directory: String, maximumBytes: Int = 256 << 20, segmentBytes: Int? = nil,
        sync: Sync = .interval(milliseconds: 100), whenFull: WhenFull = .dropOldest
    ) {
        self.directory = directory
        self.maximumBytes = maximumBytes
        self.segmentBytes = segmentBytes ?? min(max(maximumBytes / 16, 64 << 10), 16 << 20)
        self.sync = sync
        self.whenFull = whenFull
    }

    /// The same with whole pages, or what is wrong with it.
    func checked() throws(JournalFailure) -> JournalSettings {
        var result = self
        guard segmentBytes >= 4096, segmentBytes <= 1 << 30 else {
            throw JournalFailure(
                .settings, directory, "a segment has between 4 KiB and 1 GiB, not \(segmentBytes) bytes")
        }
        result.segmentBytes = Segment.wholePages(segmentBytes)
        guard maximumBytes <= 1 << 40, maximumBytes / 4 >= result.segmentBytes else {
            throw JournalFailure(
                .settings, directory,
                "the journal holds \(maximumBytes) bytes: it must have room for four segments of \(result.segmentBytes)"
                    + " and have 1 TiB at most")
        }
        if case .interval(let milliseconds) = sync, !(1...3_600_000).contains(milliseconds) {
            throw JournalFailure(
                .settings, directory, "the interval of syncing is \(milliseconds) ms: not in 1 ms to 1 h")
        }
        return result
    }
}
