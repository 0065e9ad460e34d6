import Glibc

/// Opens what is in the folder, however the process or the power that wrote it ended.
struct Recovery {
    let settings: JournalSettings
    let noted: StateFile.Contents

    init(_ settings: JournalSettings, _ noted: StateFile.Contents) {
        self.settings = settings
        self.noted = noted
    }

    /// A drop or a replacement that was counted is done, if it was not.
    private func endWhatWasUnderWay() throws(JournalFailure) {
        if noted.replacing != 0 {
            let name = settings.directory + "/" + Segment.name(noted.replacing)
            if access(name + ".new", F_OK) == 0 { try SystemCalls.rename(name + ".new", name) }
        }
        if noted.dropping != 0 { unlink(settings.directory + "/" + Segment.name(noted.dropping)) }
    }

    func state() throws(JournalFailure) -> Journal.State {
        var state = Journal.State()
        state.acknowledged = noted.acknowledged
        state.sequence = max(noted.sequence, noted.acknowledged)
        state.counters = noted.counters
        try endWhatWasUnderWay()
        var numbers: [UInt64] = []
        for name in try SystemCalls.names(in: settings.directory) {
            if name.hasSuffix(".wj.new") {
                // A segment that was being written anew: the old one is still there.
                unlink(settings.directory + "/" + name)
            } else if let number = Segment.number(of: name) {
                numbers.append(number)
            }
        }
        /// The last sequence of a segment that ends in damage: those up to the next segment's first are lost.
        var damagedAfter: UInt64?
        for number in numbers.sorted() {
            state.nextNumber = number + 1
            guard let segment = try Segment(opening: number, in: settings.directory) else {
                unlink(settings.directory + "/" + Segment.name(number))
                continue
            }
            let isWhole = segment.scan(acknowledged: noted.acknowledged)
            if let last = damagedAfter, segment.first > last + 1 {
                state.counters.damaged += segment.first - max(last, noted.acknowledged) - 1
                damagedAfter = nil
            }
            if !isWhole, damagedAfter == nil { damagedAfter = max(state.sequence(segment), segment.last) }
            state.sequence = max(state.sequence, segment.last)
            if segment.pending == 0 {
                segment.remove(from: settings.directory)
            } else {
                state.segments.append(segment)
                // What the last process did not get to write.
                state.unsynced.append(segment)
            }
        }
        return state
    }
}

extension Journal.State {
    /// The sequence before a segment in which no record is whole.
    fileprivate func sequence(_ segment: Segment) -> UInt64 {
        segment.last > 0 ? segment.last : segment.first > 0 ? segment.first - 1 : sequence
    }
}
