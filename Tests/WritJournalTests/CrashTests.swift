import Foundation
import Testing

@testable import WritJournal

/// What a journal has after the power went or a process ended at the worst place.
@Suite struct CrashTests {
    /// The disk has, of what was not synced, any pages and not others.
    @Test(arguments: 0..<24) func lossOfPower(seed: Int) throws {
        var chance = Chance(state: UInt64(seed))
        let folder = try Folder()
        let journal = try Journal(.small(folder, .dropOldest, segments: 12))
        var synced = try folder.files()
        var durable: UInt64 = 0
        var acknowledged: UInt64 = 0
        for number in 1...Int.random(in: 20...400, using: &chance) {
            try journal.append(payload(number, size: Int.random(in: 5...700, using: &chance)))
            switch Int.random(in: 0..<30, using: &chance) {
            case 0:
                try journal.sync()
                synced = try folder.files()
                durable = journal.status.counters.accepted
            case 1:
                if let last = journal.read(maximumBytes: 3000).last {
                    acknowledged = last.sequence
                    journal.acknowledge(upTo: acknowledged)
                }
            case 2: journal.housekeep()
            default: break
            }
        }
        let now = try folder.files()
        var dropped: UInt64 = 0
        if let first = journal.read().first { dropped = first.sequence - 1 }
        let left = try Folder()
        var image: [String: Data] = [:]
        for (name, data) in now {
            var old = synced[name] ?? Data(count: data.count)
            if old.count < data.count { old.append(Data(count: data.count - old.count)) }
            var pages = Data()
            for start in stride(from: 0, to: data.count, by: 4096) {
                let page = start..<min(start + 4096, data.count)
                pages.append(Bool.random(using: &chance) ? data[page] : old[page])
            }
            image[name] = pages
        }
        // Files that were removed since may still be there.
        for (name, data) in synced where now[name] == nil && Bool.random(using: &chance) { image[name] = data }
        try left.write(image)

        let next = try Journal(.small(left, .dropOldest, segments: 12))
        let records = next.read(maximumBytes: .max)
        for record in records {
            // Each is one that was appended, whole.
            let colon = try #require(record.payload.firstIndex(of: UInt8(ascii: ":")))
            #expect(String(decoding: record.payload[..<colon], as: UTF8.self) == "\(record.sequence)")
            #expect(record.payload == payload(Int(record.sequence), size: record.payload.count))
        }
        #expect(zip(records, records.dropFirst()).allSatisfy { $0.sequence < $1.sequence })
        let kept = Set(records.map(\.sequence))
        // What was synced is there, but for what was acknowledged or dropped since.
        let missing = (1...max(durable, 1)).filter {
            $0 <= durable && $0 > max(acknowledged, dropped) && !kept.contains($0)
        }
        #expect(missing.isEmpty, "lost \(missing)")
        // New records go on behind all that may have been seen.
        next.release()
        #expect(try next.append(payload(1)) > (records.last?.sequence ?? 0))
        _ = journal
    }

    /// A process that ends between counting a replacement and making it: nothing is counted that is still there.
    @Test(arguments: 0...1) func replacementUnderWay(joined: Int) throws {
        let folder = try Folder()
        let journal = try Journal(.small(folder, .dropAllowsFirst, segments: 64))
        for number in 1...300 { try journal.append(payload(number), verdict: number % 5 == 0 ? .denied : .allowed) }
        // Twice, so that the second joins two segments.
        for _ in 0..<joined { try journal.state.withLock { state in try journal.giveWay(&state) } }
        let before = try folder.files()
        try journal.state.withLock { state in try journal.giveWay(&state) }
        let after = try folder.files()
        let name = try #require(after.keys.filter { $0.hasPrefix("segment-") && before[$0] != after[$0] }.min())
        // The state before the last write of it says what was under way.
        let left = try Folder()
        var image = before
        image[name + ".new"] = after[name]
        var state = try #require(after["state.wj"])
        let slots = [0, 512].map { start in state[start + 8..<start + 16].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        let newest = slots[0] > slots[1] ? 0 : 512
        state.replaceSubrange(newest..<newest + 512, with: Data(count: 512))
        image["state.wj"] = state
        try left.write(image)

        let next = try Journal(.small(left, .dropAllowsFirst, segments: 64))
        #expect(next.status.counters.droppedAllows == journal.status.counters.droppedAllows)
        #expect(next.status.pending == journal.status.pending)
        #expect(next.read(maximumBytes: .max) == journal.read(maximumBytes: .max))
        #expect(try left.files().keys.allSatisfy { !$0.hasSuffix(".new") })
    }

    /// A replacement that the disk refuses: the segment goes as a whole, and each record is counted once.
    @Test func replacementThatFails() throws {
        let folder = try Folder()
        let journal = try Journal(.small(folder, .dropAllowsFirst, segments: 64))
        for number in 1...300 { try journal.append(payload(number), verdict: number % 5 == 0 ? .denied : .allowed) }
        let place = folder.path + "/" + Segment.name(1)
        try FileManager.default.removeItem(atPath: place)
        try FileManager.default.createDirectory(atPath: place + "/x", withIntermediateDirectories: true)
        try journal.state.withLock { state in try journal.giveWay(&state) }
        let status = journal.status
        #expect(status.failures == 1 && status.lastFailure?.code == .system)
        #expect(status.counters.droppedOldest > 0 && status.counters.droppedAllows > 0)
        #expect(status.pending + status.counters.lost == status.counters.accepted)
        #expect(journal.read(maximumBytes: .max).count == Int(status.pending))
        #expect(try folder.files().keys.allSatisfy { !$0.hasSuffix(".new") })
    }

    /// A replacement that was not counted did not happen.
    @Test func halfWrittenReplacementGoes() throws {
        let folder = try Folder()
        let journal = try Journal(.small(folder, .dropAllowsFirst))
        for number in 1...50 { try journal.append(payload(number), verdict: .allowed) }
        let left = try folder.asLeft()
        try left.write([Segment.name(1) + ".new": Data(count: 4096)])
        let next = try Journal(.small(left, .dropAllowsFirst))
        #expect(next.read(maximumBytes: .max).count == 50)
        #expect(try left.files()[Segment.name(1) + ".new"] == nil)
        _ = journal
    }

    /// Bits that turned on the disk: what is whole before them is read, what is behind them in that segment is counted.
    @Test func damageIsCounted() throws {
        let folder = try Folder()
        let journal = try Journal(.small(folder, segments: 64))
        for number in 1...200 { try journal.append(payload(number)) }
        try journal.close()
        var files = try folder.files()
        let name = try #require(files.keys.filter { $0.hasPrefix("segment-") }.sorted().dropFirst().first)
        var second = try #require(files[name])
        second[Segment.headerSize + 3 * RecordLayout.size(100) + 60] ^= 1
        files[name] = second
        let left = try Folder()
        try left.write(files)
        let next = try Journal(.small(left, segments: 64))
        let records = next.read(maximumBytes: .max)
        #expect(next.status.counters.damaged > 0)
        #expect(UInt64(records.count) + next.status.counters.damaged == 200)
        #expect(next.status.counters.lost == next.status.counters.damaged)
    }

    /// Whatever stands in the files, opening gives records or a typed error.
    @Test(arguments: 0..<40) func anyBytes(seed: Int) throws {
        var chance = Chance(state: UInt64(seed) &+ 1000)
        let folder = try Folder()
        let journal = try Journal(.small(folder, segments: 64))
        for number in 1...120 { try journal.append(payload(number, size: Int.random(in: 1...300, using: &chance))) }
        let files = try folder.files()
        let left = try Folder()
        var image: [String: Data] = [:]
        for (name, data) in files {
            var changed = data
            for _ in 0..<Int.random(in: 1...30, using: &chance) {
                guard let index = changed.indices.randomElement(using: &chance) else { continue }
                changed[index] = UInt8.random(in: 0...255, using: &chance)
            }
            if Int.random(in: 0..<5, using: &chance) == 0 {
                changed = changed.prefix(Int.random(in: 0...changed.count, using: &chance))
            }
            image[name] = changed
        }
        try left.write(image)
        do {
            let next = try Journal(.small(left, segments: 64))
            for record in next.read(maximumBytes: .max) {
                #expect(record.payload == payload(Int(record.sequence), size: record.payload.count))
            }
            next.release()
            try next.append(payload(1))
        } catch {
            #expect(error.code == .format || error.code == .full)
        }
        _ = journal
    }

    @Test func anotherVersionIsLeftAlone() throws {
        let folder = try Folder()
        var bytes = Data(count: 4096)
        bytes.replaceSubrange(0..<8, with: Data("WRITJNL2".utf8))
        try folder.write([Segment.name(1): bytes])
        #expect { try Journal(.small(folder)) } throws: { ($0 as? JournalFailure)?.code == .format }
        #expect(try folder.files()[Segment.name(1)] == bytes)
    }
}
