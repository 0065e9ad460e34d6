import WritJournal

/// Events that wait in memory. The decision log's lock guards it.
struct MemoryBuffer {
    /// In their order; nil where one was taken away or dropped.
    private var records: [JournalRecord?] = []
    /// No record stands before these: the first of all, and the first that was allowed.
    private var first = 0
    private var firstAllowed = 0
    private var sequence: UInt64 = 0
    private(set) var count = 0
    private(set) var bytes = 0
    private let maximumBytes: Int?
    private let maximumEvents: Int?
    private let whenFull: JournalSettings.WhenFull
    /// Up to this sequence the shipper holds what it read.
    private var pinned: UInt64 = 0
    private(set) var dropped: UInt64 = 0

    init(bytes: Int?, events: Int?, whenFull: JournalSettings.WhenFull) {
        maximumBytes = bytes
        maximumEvents = events
        self.whenFull = whenFull
    }

    /// Takes a record, for which others may give way. False, and counted, where there is no room.
    mutating func append(_ payload: [UInt8], _ verdict: JournalVerdict) -> Bool {
        while isFull(payload.count) {
            guard giveWay() else {
                dropped += 1
                return false
            }
        }
        sequence += 1
        records.append(JournalRecord(sequence: sequence, verdict: verdict, payload: payload))
        bytes += payload.count
        count += 1
        return true
    }

    private func isFull(_ more: Int) -> Bool {
        if let maximumEvents, count >= maximumEvents { return true }
        if let maximumBytes, bytes + more > maximumBytes { return true }
        return false
    }

    private mutating func giveWay() -> Bool {
        guard whenFull != .refuse else { return false }
        if whenFull == .dropAllowsFirst {
            firstAllowed = max(firstAllowed, first)
            while firstAllowed < records.count {
                if let record = records[firstAllowed], record.verdict == .allowed, record.sequence > pinned { break }
                firstAllowed += 1
            }
            if firstAllowed < records.count { return drop(at: firstAllowed) }
        }
        let index = records[first...].firstIndex { $0.map { $0.sequence > pinned } ?? false }
        return index.map { drop(at: $0) } ?? false
    }

    private mutating func drop(at index: Int) -> Bool {
        remove(at: index)
        dropped += 1
        return true
    }

    private mutating func remove(at index: Int) {
        guard let record = records[index] else { return }
        bytes -= record.payload.count
        count -= 1
        records[index] = nil
        while first < records.count, records[first] == nil { first += 1 }
        // Not with each one: the others move.
        guard first > 1024, first * 2 > records.count else { return }
        records.removeFirst(first)
        firstAllowed = max(0, firstAllowed - first)
        first = 0
    }

    mutating func read(maximumBytes: Int) -> [JournalRecord] {
        var result: [JournalRecord] = []
        var size = 0
        for record in records[first...] {
            guard let record else { continue }
            if !result.isEmpty, size + record.payload.count > maximumBytes { break }
            size += record.payload.count
            result.append(record)
        }
        pinned = result.last?.sequence ?? 0
        return result
    }

    mutating func acknowledge(upTo sequence: UInt64) {
        while first < records.count, let record = records[first], record.sequence <= sequence { remove(at: first) }
        if pinned <= sequence { pinned = 0 }
        // What was pinned may give way again.
        firstAllowed = first
    }

    mutating func release() {
        pinned = 0
        firstAllowed = first
    }
}
