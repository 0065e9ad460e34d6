import Glibc
import Synchronization

/// A bounded queue of records on disk. Any number of threads append, one reads and acknowledges.
///
/// `README.md` says what holds when the process or the power goes.
public final class Journal: Sendable {
    /// What the journal's lock guards.
    struct State {
        /// By number; the last one takes what is appended.
        var segments: [Segment] = []
        /// The next one, empty.
        var spare: Segment?
        var nextNumber: UInt64 = 1
        var sequence: UInt64 = 0
        var acknowledged: UInt64 = 0
        /// Up to this sequence the reader holds what it read: those records are not dropped.
        var pinned: UInt64 = 0
        var counters = JournalCounters()
        var failures: UInt64 = 0
        var lastFailure: JournalFailure?
        var isClosed = false
        /// Where the last reading ended, so that the next one begins there.
        var readHint: (number: UInt64, sequence: UInt64, offset: Int)?
        /// Segments that are not on the disk, the oldest first.
        var unsynced: [Segment] = []

        /// Bytes on disk, the prepared segment among them.
        var bytes: Int { segments.reduce(spare?.size ?? 0) { $0 + $1.size } }
    }

    public let settings: JournalSettings
    let state: Mutex<State>
    /// Only one thread at a time writes to the disk; `each` shares what it wrote.
    let syncing = Mutex<UInt64>(0)
    let file: StateFile
    private let lock: FolderLock
    let calls: SystemCalls
    let housekeeper = Housekeeper()

    /// Opens the folder, and makes it if there is none. What a process left there that was ended is read again.
    public convenience init(_ settings: JournalSettings) throws(JournalFailure) {
        try self.init(settings, SystemCalls())
    }

    init(_ settings: JournalSettings, _ calls: SystemCalls) throws(JournalFailure) {
        self.calls = calls
        let settings = try settings.checked()
        self.settings = settings
        try calls.makeFolder(settings.directory)
        lock = try FolderLock(settings.directory, calls)
        file = try StateFile(in: settings.directory, calls)
        // What is noted is on the disk before files go that it makes superfluous, and says that nothing is under way
        // only after what was is done there.
        try file.sync()
        let recovered = try Recovery(settings, file.contents, calls).state()
        try calls.syncFolder(settings.directory)
        file.store(StateFile.Contents(recovered))
        try file.sync()
        state = Mutex(recovered)
        try housekeeper.start(self)
    }

    deinit { housekeeper.stop() }

    // MARK: Appending

    /// Stores a record and gives its sequence. When it returns, the record survives the end of the process; with
    /// `Sync.each` also that of the power.
    ///
    /// Throws `full` where nothing may give way, and `size` for a record larger than a segment; both are counted.
    @discardableResult
    public func append(
        _ payload: UnsafeRawBufferPointer, verdict: JournalVerdict = .other
    ) throws(JournalFailure) -> UInt64 {
        // Outside the lock, because it takes longest.
        let checksum = RecordLayout.checksum(of: payload)
        let outcome = state.withLock { state in
            Result<UInt64, JournalFailure> { () throws(JournalFailure) in
                try append(payload, checksum, verdict, &state)
            }
        }
        let sequence = try outcome.get()
        if case .each = settings.sync { try sync(upTo: sequence) }
        return sequence
    }

    /// The same for an array.
    @discardableResult
    public func append(_ payload: [UInt8], verdict: JournalVerdict = .other) throws(JournalFailure) -> UInt64 {
        let outcome = payload.withUnsafeBytes { bytes in
            Result<UInt64, JournalFailure> { () throws(JournalFailure) in try append(bytes, verdict: verdict) }
        }
        return try outcome.get()
    }

    private func append(
        _ payload: UnsafeRawBufferPointer, _ checksum: UInt32, _ verdict: JournalVerdict, _ state: inout State
    ) throws(JournalFailure) -> UInt64 {
        guard !state.isClosed else { throw JournalFailure(.closed, settings.directory, "the journal is closed") }
        // The length of 0 says that no record follows, so that an empty one cannot be told.
        guard payload.count > 0, RecordLayout.size(payload.count) <= settings.segmentBytes - Segment.headerSize else {
            state.counters.refusedSize += 1
            file.store(StateFile.Contents(state))
            throw JournalFailure(
                .size, settings.directory,
                "a record has 1 to \(settings.segmentBytes - Segment.headerSize - RecordLayout.headerSize) bytes,"
                    + " not \(payload.count)")
        }
        if !(state.segments.last?.hasRoom(for: payload.count) ?? false) {
            do {
                try nextSegment(&state)
            } catch {
                state.counters.refusedFull += 1
                file.store(StateFile.Contents(state))
                throw error
            }
        }
        guard let segment = state.segments.last else {
            throw JournalFailure(.full, settings.directory, "has no segment")
        }
        state.sequence += 1
        if segment.unsynced == nil { state.unsynced.append(segment) }
        segment.append(payload, checksum: checksum, sequence: state.sequence, verdict: verdict)
        return state.sequence
    }

    // MARK: Reading

    /// The records behind a sequence, the oldest first, as many as have so many bytes together but at least one.
    ///
    /// They are not dropped until they are acknowledged, or something else is read.
    public func read(after sequence: UInt64 = 0, maximumBytes: Int = 1 << 20) -> [JournalRecord] {
        state.withLock { state in
            var result: [JournalRecord] = []
            var bytes = 0
            let start = max(sequence, state.acknowledged)
            let hint = state.readHint.flatMap { $0.sequence == start ? $0 : nil }
            for segment in state.segments where segment.last > start {
                let offset = hint.flatMap { $0.number == segment.number ? $0.offset : nil } ?? Segment.headerSize
                var isFull = false
                let end = segment.forEach(after: start, from: offset) { header, payload in
                    if !result.isEmpty, bytes + payload.count > maximumBytes {
                        isFull = true
                        return false
                    }
                    bytes += payload.count
                    result.append(
                        JournalRecord(sequence: header.sequence, verdict: header.verdict, payload: Array(payload)))
                    return true
                }
                if let last = result.last { state.readHint = (segment.number, last.sequence, end) }
                if isFull || bytes >= maximumBytes { break }
            }
            state.pinned = result.last?.sequence ?? 0
            return result
        }
    }

    /// Notes that all records up to a sequence are where they should go: they are not read again, and make room.
    public func acknowledge(upTo sequence: UInt64) {
        let isNew = state.withLock { state in
            let upTo = min(sequence, state.sequence)
            guard upTo > state.acknowledged else { return false }
            for segment in state.segments where segment.pending > 0 {
                state.counters.acknowledged += segment.acknowledge(after: state.acknowledged, upTo: upTo)
            }
            state.acknowledged = upTo
            if state.pinned <= upTo { state.pinned = 0 }
            file.store(StateFile.Contents(state))
            return true
        }
        // Without the lock: who appends does not wait for the disk.
        if isNew { removeFinished() }
    }

    /// Lets what was read and not acknowledged be dropped again, for a reader that gives up.
    public func release() {
        state.withLock { $0.pinned = 0 }
    }

    public var status: JournalStatus {
        state.withLock { state in
            var result = JournalStatus()
            result.counters = state.counters
            result.counters.accepted = state.sequence
            result.pending = state.segments.reduce(0) { $0 + $1.pending }
            result.bytes = state.bytes
            result.segments = state.segments.count
            result.failures = state.failures
            result.lastFailure = state.lastFailure
            return result
        }
    }

    // MARK: The disk

    /// Returns when everything that is appended or acknowledged now is on the disk itself.
    public func sync() throws(JournalFailure) {
        try sync(upTo: nil)
    }

    /// Appends no more, writes all to the disk and ends the housekeeper. Again, it does nothing.
    public func close() throws(JournalFailure) {
        let wasClosed = state.withLock { state in
            defer { state.isClosed = true }
            return state.isClosed
        }
        guard !wasClosed else { return }
        housekeeper.stop()
        try sync()
    }

    /// Threads that wait here meanwhile find their records written when their turn comes.
    private func sync(upTo sequence: UInt64?) throws(JournalFailure) {
        let outcome = syncing.withLock { synced in
            Result<Void, JournalFailure> { () throws(JournalFailure) in
                if let sequence, synced >= sequence { return }
                synced = try writeUnsynced()
            }
        }
        do {
            try outcome.get()
        } catch {
            note(error)
            throw error
        }
    }

    /// Writes what is not on the disk; gives the sequence up to which it is. Only with `syncing`.
    func writeUnsynced() throws(JournalFailure) -> UInt64 {
        let (sequence, parts, isChanged) = state.withLock { state in
            let parts = state.unsynced.compactMap { segment in segment.unsynced.map { (segment, $0) } }
            return (state.sequence, parts, file.takeChanged())
        }
        for (segment, range) in parts { try segment.write(range) }
        if isChanged { try file.sync() }
        state.withLock { state in
            for (segment, range) in parts { segment.wrote(upTo: range.upperBound) }
            state.unsynced.removeAll { $0.unsynced == nil }
        }
        return sequence
    }

    func note(_ failure: JournalFailure) {
        state.withLock { state in
            state.failures += 1
            state.lastFailure = failure
        }
    }
}

extension StateFile.Contents {
    init(_ state: Journal.State) {
        self.init(acknowledged: state.acknowledged, sequence: state.sequence, counters: state.counters)
    }
}
