import Foundation
import Testing

@testable import WritJournal

@Suite struct JournalTests {
    @Test func readsInOrderUntilAcknowledged() throws {
        let folder = try Folder()
        let journal = try Journal(.small(folder))
        for number in 1...20 { #expect(try journal.append(payload(number)) == UInt64(number)) }
        #expect(journal.read(maximumBytes: 500).map(\.sequence) == [1, 2, 3, 4, 5])
        #expect(journal.read(after: 5, maximumBytes: 150).map(\.sequence) == [6])
        // One record at least, or a large one would stop the reader.
        #expect(journal.read(after: 6, maximumBytes: 1).map(\.payload) == [payload(7)])
        journal.acknowledge(upTo: 7)
        #expect(journal.read().map(\.sequence) == Array(8...20))
        journal.acknowledge(upTo: 1000)
        #expect(journal.read().isEmpty)
        #expect(journal.status.counters.acknowledged == 20)
        #expect(journal.status.pending == 0)
    }

    @Test func outlivesItsProcess() throws {
        let folder = try Folder()
        let journal = try Journal(.small(folder, segments: 64))
        for number in 1...300 { try journal.append(payload(number), verdict: .allowed) }
        journal.acknowledge(upTo: 120)
        let left = try folder.asLeft()
        let next = try Journal(.small(left, segments: 64))
        #expect(next.read(maximumBytes: .max).map(\.payload) == (121...300).map { payload($0) })
        #expect(next.status.counters.accepted == 300)
        #expect(next.status.counters.acknowledged == 120)
        #expect(try next.append(payload(301)) == 301)
        _ = journal
    }

    @Test func acknowledgedSegmentsGo() throws {
        let folder = try Folder()
        let journal = try Journal(.small(folder, segments: 64))
        for number in 1...1000 {
            try journal.append(payload(number))
            if number % 50 == 0 { journal.acknowledge(upTo: UInt64(number)) }
        }
        #expect(journal.status.segments == 1)
        #expect(journal.status.counters.lost == 0)
    }

    @Test(arguments: [JournalSettings.WhenFull.dropOldest, .dropAllowsFirst, .refuse])
    func everyRecordIsAccountedFor(whenFull: JournalSettings.WhenFull) throws {
        let folder = try Folder()
        let journal = try Journal(.small(folder, whenFull))
        var chance = Chance(state: 7)
        var refused: UInt64 = 0
        var read: Set<UInt64> = []
        for number in 1...5000 {
            let verdict: JournalVerdict = Int.random(in: 0..<10, using: &chance) == 0 ? .denied : .allowed
            do {
                try journal.append(payload(number, size: Int.random(in: 10...900, using: &chance)), verdict: verdict)
            } catch {
                #expect(error.code == .full)
                refused += 1
            }
            if Int.random(in: 0..<300, using: &chance) == 0 {
                let records = journal.read(maximumBytes: 5000)
                read.formUnion(records.map(\.sequence))
                if let last = records.last { journal.acknowledge(upTo: last.sequence) }
            }
            if number % 500 == 0 { journal.housekeep() }
        }
        let status = journal.status
        let counters = status.counters
        #expect(counters.accepted + refused == 5000)
        #expect(counters.refusedFull == refused)
        #expect((refused > 0) == (whenFull == .refuse))
        #expect(counters.acknowledged == UInt64(read.count))
        #expect(
            counters.accepted == counters.acknowledged + counters.droppedOldest + counters.droppedAllows
                + status.pending)
        #expect(journal.read(maximumBytes: .max).count == Int(status.pending))
        #expect(status.bytes <= 8 * 4096)
        // The next process counts the same.
        let left = try folder.asLeft()
        let next = try Journal(.small(left, whenFull))
        #expect(next.status.counters == counters)
        #expect(next.status.pending == status.pending)
        _ = journal
    }

    @Test func deniedStaysWhileThereIsAnAllow() throws {
        let folder = try Folder()
        let journal = try Journal(.small(folder, .dropAllowsFirst, segments: 16))
        var denied: [UInt64] = []
        for number in 1...6000 {
            let verdict: JournalVerdict = number % 50 == 0 ? .denied : .allowed
            let sequence = try journal.append(payload(number), verdict: verdict)
            if verdict == .denied { denied.append(sequence) }
        }
        #expect(journal.status.counters.droppedOldest == 0)
        #expect(journal.status.counters.droppedAllows > 5000)
        #expect(journal.read(maximumBytes: .max).filter { $0.verdict == .denied }.map(\.sequence) == denied)
        // Denials of many segments came together in few.
        #expect(journal.status.segments <= 17)
        journal.release()
        // With denials only, the oldest of them go.
        for number in 6001...9000 { try journal.append(payload(number), verdict: .denied) }
        #expect(journal.status.counters.droppedOldest > 0)
        #expect(journal.read(maximumBytes: .max).allSatisfy { $0.verdict == .denied })
    }

    @Test func whatIsBeingReadIsNotDropped() throws {
        let folder = try Folder()
        let journal = try Journal(.small(folder))
        for number in 1...60 { try journal.append(payload(number)) }
        let inHand = journal.read(maximumBytes: 1000)
        for number in 61...2000 { try journal.append(payload(number)) }
        #expect(journal.status.counters.droppedOldest > 0)
        let records = journal.read(maximumBytes: 1000)
        #expect(records == inHand)
        journal.acknowledge(upTo: try #require(records.last).sequence)
        #expect(journal.status.counters.acknowledged == UInt64(inHand.count))
    }

    @Test func refusesWhatCannotBe() throws {
        let folder = try Folder()
        let journal = try Journal(.small(folder))
        #expect { try journal.append(payload(1, size: 5000)) } throws: { ($0 as? JournalFailure)?.code == .size }
        #expect { try journal.append([]) } throws: { ($0 as? JournalFailure)?.code == .size }
        #expect(journal.status.counters.refusedSize == 2)
        #expect { try Journal(.small(folder)) } throws: { ($0 as? JournalFailure)?.code == .locked }
        try journal.close()
        #expect { try journal.append(payload(1)) } throws: { ($0 as? JournalFailure)?.code == .closed }
        for settings in [
            JournalSettings(directory: folder.path, maximumBytes: 4096, segmentBytes: 4096),
            JournalSettings(directory: folder.path, segmentBytes: 100),
            JournalSettings(directory: folder.path, sync: .interval(milliseconds: 0)),
        ] {
            #expect { try Journal(settings) } throws: { ($0 as? JournalFailure)?.code == .settings }
        }
        let missing = JournalSettings(directory: folder.path + "/no/such")
        #expect { try Journal(missing) } throws: { ($0 as? JournalFailure)?.path == folder.path + "/no/such" }
    }

    @Test func syncsEachWhenAsked() throws {
        let folder = try Folder()
        var settings = JournalSettings.small(folder)
        settings.sync = .each
        let journal = try Journal(settings)
        try journal.append(payload(1))
        #expect(journal.state.withLock { $0.unsynced.isEmpty })
    }

    @Test func threadsAppendBesideAReader() throws {
        let folder = try Folder()
        let journal = try Journal(
            JournalSettings(directory: folder.path, maximumBytes: 8 << 20, segmentBytes: 64 << 10))
        let done = DispatchGroup()
        for thread in 0..<4 {
            DispatchQueue.global().async(group: done) {
                for number in 0..<2000 { _ = try? journal.append(payload(thread * 10000 + number)) }
            }
        }
        var seen: [[UInt8]] = []
        var last: UInt64 = 0
        while seen.count < 8000 {
            let records = journal.read(after: last, maximumBytes: 20000)
            for record in records {
                #expect(record.sequence == last + 1)
                last = record.sequence
                seen.append(record.payload)
            }
            journal.acknowledge(upTo: last)
            if records.isEmpty, done.wait(timeout: .now()) == .success, journal.status.pending == 0 { break }
        }
        done.wait()
        #expect(Set(seen) == Set((0..<4).flatMap { thread in (0..<2000).map { payload(thread * 10000 + $0) } }))
    }
}
