import Glibc

/// Making room: the next segment, and what gives way for it.
extension Journal {
    /// Begins the next segment, with the one that was prepared if there is one.
    func nextSegment(_ state: inout State) throws(JournalFailure) {
        if state.spare == nil { state.spare = try makeSegment(&state) }
        guard let spare = state.spare else { return }
        state.spare = nil
        state.segments.append(spare)
        state.unsynced.append(spare)
        housekeeper.wake()
    }

    /// Prepares the next segment before it is needed, so that appending does not wait for the disk.
    ///
    /// It makes no room: what may wait for the reader is not dropped before an append needs its place.
    func prepare() {
        let number = state.withLock { state -> UInt64? in
            guard state.spare == nil, !state.isClosed, settings.maximumBytes - state.bytes >= settings.segmentBytes
            else { return nil }
            defer { state.nextNumber += 1 }
            return state.nextNumber
        }
        guard let number else { return }
        do throws(JournalFailure) {
            let segment = try Segment(
                creating: number, in: settings.directory, size: settings.segmentBytes, calls)
            try calls.syncFolder(settings.directory)
            state.withLock { state in
                // An append that could not wait has made a later one.
                if state.spare == nil, state.segments.last.map({ $0.number < number }) ?? true {
                    state.spare = segment
                } else {
                    segment.remove(from: settings.directory)
                }
            }
        } catch {
            note(error)
        }
    }

    /// A segment within the bounds, for which others gave way if they had to.
    private func makeSegment(_ state: inout State) throws(JournalFailure) -> Segment {
        while settings.maximumBytes - state.bytes < settings.segmentBytes {
            try giveWay(&state)
        }
        while true {
            do throws(JournalFailure) {
                let segment = try Segment(
                    creating: state.nextNumber, in: settings.directory, size: settings.segmentBytes, calls)
                state.nextNumber += 1
                try calls.syncFolder(settings.directory)
                return segment
            } catch {
                fail(error, &state)
                // The disk is full before the journal is: its own oldest segments are what it can give.
                guard SystemCalls.isFull(error.number) else { throw error }
                try giveWay(&state)
            }
        }
    }

    /// Drops something, or throws `full`.
    func giveWay(_ state: inout State) throws(JournalFailure) {
        let finished = state.segments.filter { $0.pending == 0 }
        if !finished.isEmpty {
            syncNote(&state)
            for segment in finished { remove(segment, &state) }
            return
        }
        let droppable = state.segments.indices.filter { index in
            let segment = state.segments[index]
            return segment.pending > 0 && segment.first > state.pinned
        }
        if settings.whenFull == .dropAllowsFirst,
            let index = droppable.first(where: { state.segments[$0].pendingAllows > 0 })
        {
            return dropAllows(at: index, &state)
        }
        guard settings.whenFull != .refuse, let oldest = droppable.first else {
            throw JournalFailure(.full, settings.directory, "is full: \(state.bytes) bytes wait to be taken away")
        }
        drop(state.segments[oldest], &state)
    }

    /// Drops a segment as a whole.
    private func drop(_ segment: Segment, _ state: inout State) {
        state.counters.droppedAllows += settings.whenFull == .dropAllowsFirst ? segment.pendingAllows : 0
        state.counters.droppedOldest +=
            segment.pending - (settings.whenFull == .dropAllowsFirst ? segment.pendingAllows : 0)
        note(&state, dropping: segment.number)
        syncNote(&state)
        remove(segment, &state)
        endNote(&state)
    }

    /// Writes a segment anew without what was allowed, together with the one before it if that was written anew and both
    /// fit into one: so a journal of denials does not become a heap of small files. Where the disk has no room for
    /// that, the segment goes as a whole.
    private func dropAllows(at index: Int, _ state: inout State) {
        let segment = state.segments[index]
        guard segment.pending > segment.pendingAllows else { return drop(segment, &state) }
        var parts = [segment]
        if index > 0 {
            let before = state.segments[index - 1]
            if before.isCompacted, before.first > state.pinned,
                Segment.headerSize + kept(of: before, state) + kept(of: segment, state) <= settings.segmentBytes
            {
                parts.insert(before, at: 0)
            }
        }
        guard let smaller = try? written(parts, state) else { return drop(segment, &state) }
        state.counters.droppedAllows += segment.pendingAllows
        note(&state, replacing: parts[0].number, dropping: parts.count > 1 ? segment.number : 0)
        syncNote(&state)
        do throws(JournalFailure) {
            try calls.rename(smaller.path, settings.directory + "/" + Segment.name(smaller.number))
        } catch {
            // Nothing was replaced, so nothing of it is counted; the file that was written is nobody's.
            calls.files.remove(smaller.path)
            fail(error, &state)
            state.counters.droppedAllows -= segment.pendingAllows
            note(&state)
            return drop(segment, &state)
        }
        if parts.count > 1 { segment.remove(from: settings.directory) }
        state.unsynced.removeAll { segment in parts.contains { $0 === segment } }
        state.segments.replaceSubrange(index + 1 - parts.count...index, with: [smaller])
        state.readHint = nil
        endNote(&state)
    }

    private func fail(_ failure: JournalFailure, _ state: inout State) {
        state.failures += 1
        state.lastFailure = failure
    }

    /// Bytes of the records that stay where what was allowed goes.
    private func kept(of segment: Segment, _ state: State) -> Int {
        var result = 0
        segment.forEach(after: state.acknowledged) { header, payload in
            if header.verdict != .allowed { result += RecordLayout.size(payload.count) }
            return true
        }
        return result
    }

    /// The segments' records but for what was allowed, on the disk under the first one's name with ".new".
    private func written(_ parts: [Segment], _ state: State) throws(JournalFailure) -> Segment {
        let size = parts.reduce(Segment.headerSize) { $0 + kept(of: $1, state) }
        let result = try Segment(
            creating: parts[0].number, in: settings.directory, as: Segment.name(parts[0].number) + ".new", size: size,
            isCompacted: true, calls)
        for part in parts {
            part.forEach(after: state.acknowledged) { header, payload in
                if header.verdict != .allowed {
                    result.append(
                        payload, checksum: RecordLayout.checksum(of: payload), sequence: header.sequence,
                        verdict: header.verdict, first: parts[0].first)
                }
                return true
            }
        }
        try result.write(0..<result.size)
        result.wrote(upTo: result.used)
        // Its name too: the note that is written next says that it is there.
        try calls.syncFolder(settings.directory)
        return result
    }

    /// Stores the counts, and what is under way.
    private func note(_ state: inout State, replacing: UInt64 = 0, dropping: UInt64 = 0) {
        var contents = StateFile.Contents(state)
        contents.replacing = replacing
        contents.dropping = dropping
        file.store(contents)
    }

    /// Has what was noted on the disk before a file goes: the other way round, after a loss of power, a count could
    /// be missing.
    private func syncNote(_ state: inout State) {
        do throws(JournalFailure) { try file.sync() } catch { fail(error, &state) }
    }

    /// Notes that nothing is under way any more, once the names in the folder say so as well.
    private func endNote(_ state: inout State) {
        do throws(JournalFailure) { try calls.syncFolder(settings.directory) } catch { fail(error, &state) }
        note(&state)
        // Before the next replacement of the same segment makes a file of that name: the note would take it for its own.
        syncNote(&state)
    }

    /// Takes away segments that nobody waits for, after what is acknowledged is on the disk.
    func removeFinished() {
        let finished = state.withLock { state in state.segments.dropLast().filter { $0.pending == 0 } }
        guard !finished.isEmpty else { return }
        do throws(JournalFailure) { try file.sync() } catch { return note(error) }
        state.withLock { state in
            for segment in finished { remove(segment, &state) }
        }
    }

    func remove(_ segment: Segment, _ state: inout State) {
        state.segments.removeAll { $0 === segment }
        state.unsynced.removeAll { $0 === segment }
        segment.remove(from: settings.directory)
    }
}
