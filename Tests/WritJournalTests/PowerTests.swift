import CrashReplay
import Testing
import WritFiles

@testable import WritJournal

/// A journal's files in every state that a disk may be in when the power goes, opened again.
///
/// The calls and stores of a journal at work are recorded; `CrashReplay` makes the states of them.
@Suite struct PowerTests {
    /// What a recorded journal did.
    private struct Work {
        var whenFull = JournalSettings.WhenFull.dropOldest
        var sync = JournalSettings.Sync.each
        var records = 40
        /// A record's size by its number.
        var size: @Sendable (Int) -> Int = { 500 + $0 * 37 % 300 }
        /// Every so many records what was read is acknowledged, the journal is written to the disk, or opened again.
        var acknowledges = 0
        var syncs = 0
        var reopens = 0
    }

    private static func verdict(_ number: Int) -> JournalVerdict { number % 3 == 0 ? .denied : .allowed }

    private func settings(_ folder: String, _ work: Work) -> JournalSettings {
        JournalSettings(
            directory: folder + "/log", maximumBytes: 4 * 4096, segmentBytes: 4096, sync: work.sync,
            whenFull: work.whenFull)
    }

    /// Marks: the sequences that were promised, and, as -(n + 1), up to which it was acknowledged or being so.
    private func record(_ work: Work, in folder: String) throws -> FileTrace {
        let trace = FileTrace()
        let calls = SystemCalls(recording: trace)
        var current: Journal? = try Journal(settings(folder, work), calls)
        var last = 0
        for number in 1...work.records {
            if work.reopens > 0, number > 1, number % work.reopens == 1 {
                // The folder's lock goes with the first before the next one takes it.
                current = nil
                current = try Journal(settings(folder, work), calls)
            }
            guard let journal = current else { break }
            do {
                let sequence = try journal.append(
                    payload(last + 1, size: work.size(last + 1)), verdict: Self.verdict(last + 1))
                last += 1
                #expect(sequence == UInt64(last))
                if case .each = work.sync { trace.mark(last) }
            } catch { #expect(error.code == .full && work.whenFull == .refuse) }
            if work.acknowledges > 0, number % work.acknowledges == 0 {
                let read = journal.read(maximumBytes: 2500).last?.sequence ?? 0
                trace.mark(-1 - Int(read))
                journal.acknowledge(upTo: read)
                journal.release()
            }
            if work.syncs > 0, number % work.syncs == 0 {
                try journal.sync()
                trace.mark(last)
            }
            if work.reopens > 0, number % work.reopens == 0 {
                try journal.close()
                trace.mark(last)
            }
        }
        current?.housekeeper.stop()
        return trace
    }

    private func check(_ work: Work, _ state: CrashReplay.State, _ trace: CrashReplay) throws {
        let folder = CrashFolder(state.image)
        let promised = state.marks.filter { $0 > 0 }.max() ?? 0
        let acknowledged = state.marks.filter { $0 < 0 }.map { -$0 - 1 }.max() ?? 0
        let next = try Journal(settings(folder.path, work))
        next.housekeeper.stop()
        let records = next.read(maximumBytes: .max)
        let counters = next.status.counters
        // Nothing is invented: each record is as it was appended, in the order in which it was.
        for record in records {
            #expect(
                record.payload == payload(Int(record.sequence), size: work.size(Int(record.sequence))), "\(state.text)")
            #expect(record.verdict == Self.verdict(Int(record.sequence)), "\(state.text)")
        }
        #expect(zip(records, records.dropFirst()).allSatisfy { $0.sequence < $1.sequence }, "\(state.text)")
        // What was promised is there, acknowledged, or counted among what was dropped.
        let kept = Set(records.map { Int($0.sequence) })
        let missing = promised > acknowledged ? (acknowledged + 1...promised).filter { !kept.contains($0) } : []
        let dropped = counters.droppedOldest + counters.droppedAllows
        #expect(missing.count <= Int(dropped), "lost \(missing) with \(counters) \(state.text)")
        if work.whenFull == .dropAllowsFirst, counters.droppedOldest == 0 {
            #expect(missing.allSatisfy { Self.verdict($0) == .allowed }, "lost \(missing) \(state.text)")
        }
        #expect(counters.accepted >= UInt64(promised), "\(state.text)")
        // Each record that has a number is in one place of the books.
        #expect(
            counters.accepted == counters.acknowledged + dropped + counters.damaged + next.status.pending,
            "\(counters) pending \(next.status.pending) \(state.text)")
        #expect(counters.acknowledged <= UInt64(acknowledged), "\(counters) \(state.text)")
        next.release()
        guard work.whenFull != .refuse else { return }
        #expect(try next.append(payload(1)) > UInt64(records.last?.sequence ?? 0), "\(state.text)")
    }

    private func run(_ work: Work, atLeast: Int) async throws {
        let folder = CrashFolder()
        let replay = CrashReplay(try record(work, in: folder.path), root: folder.path)
        var failed = 0
        let count = await replay.forEachState { state in
            guard failed < 3 else { return }
            do { try check(work, state, replay) } catch {
                Issue.record("does not open: \(error) \(state.text)\n\(replay.text)")
                failed += 1
            }
        }
        #expect(count > atLeast)
    }

    /// Each record is on the disk before `append` returns.
    @Test func eachRecordIsKept() async throws {
        try await run(Work(records: 24, acknowledges: 9), atLeast: 100)
    }

    @Test(arguments: [JournalSettings.WhenFull.dropOldest, .dropAllowsFirst, .refuse])
    func whatGivesWayIsCounted(_ whenFull: JournalSettings.WhenFull) async throws {
        try await run(Work(whenFull: whenFull), atLeast: 100)
    }

    @Test(arguments: [JournalSettings.WhenFull.dropOldest, .dropAllowsFirst])
    func whatIsWrittenAtIntervals(_ whenFull: JournalSettings.WhenFull) async throws {
        try await run(
            Work(
                whenFull: whenFull, sync: .interval(milliseconds: 3_600_000), records: 34, acknowledges: 14, syncs: 8),
            atLeast: 500)
    }

    @Test func openingAgainIsRecordedToo() async throws {
        try await run(
            Work(sync: .interval(milliseconds: 3_600_000), records: 30, acknowledges: 8, reopens: 7), atLeast: 200)
    }
}
