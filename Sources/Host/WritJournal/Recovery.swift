import Glibc

/// Opens what is in the folder, however the process or the power that wrote it ended.
struct Recovery {
    let settings: JournalSettings
    let noted: StateFile.Contents
    let calls: SystemCalls

    init(_ settings: JournalSettings, _ noted: StateFile.Contents, _ calls: SystemCalls) {
        self.calls = calls
        self.settings = settings
        self.noted = noted
    }

    /// A drop or a replacement that was counted is done, if it was not.
    private func endWhatWasUnderWay() throws(JournalFailure) {
        if noted.replacing != 0 {
            let name = settings.directory + "/" + Segment.name(noted.replacing)
            if access(name + ".new", F_OK) == 0 { try calls.rename(name + ".new", name) }
        }
        if noted.dropping != 0 { calls.files.remove(settings.directory + "/" + Segment.name(noted.dropping)) }
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
                calls.files.remove(settings.directory + "/" + name)
            } else if let number = Segment.number(of: name) {
                numbers.append(number)
            }
        }
        for number in numbers.sorted() {
            state.nextNumber = number + 1
            guard let segment = try Segment(opening: number, in: settings.directory, calls) else {
                calls.files.remove(settings.directory + "/" + Segment.name(number))
                continue
            }
            segment.scan(acknowledged: noted.acknowledged)
            state.sequence = max(state.sequence, segment.last)
            if segment.pending == 0 {
                segment.remove(from: settings.directory)
            } else {
                state.segments.append(segment)
                // What the last process did not get to write.
                state.unsynced.append(segment)
            }
        }
        // Whatever was given a sequence and is neither here nor counted got lost on the way to the disk, or there.
        let counts = state.counters
        let known = counts.acknowledged &+ counts.droppedOldest &+ counts.droppedAllows &+ counts.damaged
        let pending = state.segments.reduce(UInt64(0)) { $0 + $1.pending }
        if state.sequence > known &+ pending { state.counters.damaged += state.sequence - known - pending }
        return state
    }
}
