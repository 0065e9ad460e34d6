import Foundation
import Testing
import Writ
import WritJournal

@testable import WritDecisionLog

@Suite struct ShippingTests {
    @Test func nothingIsLostWhileTheServiceRefuses() async throws {
        let sink = Sink()
        let desk = try Desk("package app\n\nallow := input.ok", .uploading(), upload: sink.upload)
        sink.failure.change { $0 = ShippingFailure("no", status: 503) }
        for number in 0..<500 { try desk.decide("app/allow", #"{"ok": true, "n": \#(number)}"#) }
        #expect(await desk.log.ship()?.status == 503)
        #expect(desk.log.status.failure?.status == 503)
        #expect(desk.log.status.pending == 500)
        sink.failure.change { $0 = nil }
        #expect(await desk.log.ship() == nil)
        #expect(desk.log.status.failure == nil)
        #expect(desk.log.status.pending == 0)
        #expect(desk.log.status.counters.shipped == 500)
        let numbers = try sink.events().compactMap { ($0["input"] as? [String: Any])?["n"] as? Int }
        #expect(numbers == Array(0..<500))
    }

    /// No array is larger than the limit, and there are not many more than must be.
    @Test(arguments: [600, 2000, 32_768]) func arraysAreBounded(limit: Int) async throws {
        let sink = Sink()
        let desk = try Desk(
            "package app", .uploading { $0.uploadBytes = limit }, upload: sink.upload)
        for number in 0..<2000 {
            // Texts that compress badly and well.
            let text =
                number % 3 == 0 ? String(repeating: "a", count: 300) : "\(UInt64(number) &* 0x9E37_79B9_7F4A_7C15)"
            try desk.decide("app/x", #"{"t": "\#(text)"}"#)
        }
        #expect(await desk.log.ship() == nil)
        let chunks = sink.chunks.value
        #expect(chunks.allSatisfy { $0.count <= limit })
        let total = chunks.reduce(0) { $0 + $1.count }
        #expect(chunks.count <= total / (limit / 3) + 1)
        #expect(try sink.events().count == 2000)
    }

    @Test func whatIsTooLargeGoesWithoutItsResultsOrNotAtAll() async throws {
        let sink = Sink()
        let desk = try Desk(
            "package app\n\np := count([x | x := rand.intn(sprintf(\"%d\", [numbers.range(1, 200)[_]]), 1000000000)])",
            .uploading {
                $0.uploadBytes = 900
                $0.keepsNondeterministicResults = true
            }, upload: sink.upload)
        try desk.decide("app/p", "{}")
        let noise = (0..<2000).map { "\($0 &* 7919 % 10007)" }.joined()
        try desk.decide("app/q", #"{"noise": "\#(noise)"}"#)
        try desk.decide("app/q", "{}")
        #expect(await desk.log.ship() == nil)
        let counters = desk.log.status.counters
        #expect(counters.withoutResults == 1)
        #expect(counters.tooLarge == 1)
        #expect(counters.shipped == 2)
        #expect(try sink.events().allSatisfy { $0["nd_builtin_cache"] == nil })
    }

    @Test func theJournalGoesOnWithTheNextProcess() async throws {
        let path = try folder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let settings = DecisionLogSettings.uploading {
            $0.buffer = .journal(JournalSettings(directory: path, maximumBytes: 1 << 20))
        }
        let sink = Sink()
        do {
            let desk = try Desk("package app", settings, upload: sink.upload)
            for number in 0..<100 { try desk.decide("app/x", #"{"n": \#(number)}"#) }
            await desk.log.stop(seconds: 0)
        }
        let desk = try Desk("package app", settings, upload: sink.upload)
        #expect(desk.log.status.pending == 100)
        try desk.decide("app/x", #"{"n": 100}"#)
        #expect(await desk.log.ship() == nil)
        #expect(try sink.events().compactMap { ($0["input"] as? [String: Any])?["n"] as? Int } == Array(0...100))
        #expect(desk.log.status.journal?.counters.acknowledged == 101)
    }

    @Test func aFullBufferRefusesOrCounts() async throws {
        for whenFull in [JournalSettings.WhenFull.refuse, .dropOldest, .dropAllowsFirst] {
            let sink = Sink()
            let desk = try Desk(
                "package app\n\nallow := input.ok",
                .uploading {
                    $0.buffer = .memory(bytes: nil, events: 10)
                    $0.whenFull = whenFull
                }, upload: sink.upload)
            var refused = 0
            for number in 0..<50 {
                do {
                    try desk.decide("app/allow", #"{"ok": \#(number % 10 != 0), "n": \#(number)}"#)
                } catch is DecisionRefusal {
                    refused += 1
                }
            }
            #expect(refused == (whenFull == .refuse ? 40 : 0))
            #expect(desk.log.status.counters.droppedFull == 40)
            #expect(await desk.log.ship() == nil)
            let numbers = try sink.events().compactMap { ($0["input"] as? [String: Any])?["n"] as? Int }
            switch whenFull {
            case .refuse: #expect(numbers == Array(0..<10))
            case .dropOldest: #expect(numbers == Array(40..<50))
            case .dropAllowsFirst: #expect(numbers == [0, 10, 20, 30, 40, 45, 46, 47, 48, 49])
            }
        }
    }

    @Test func bytesOfMemoryAreBounded() throws {
        var buffer = MemoryBuffer(bytes: 1000, events: nil, whenFull: .dropOldest)
        for _ in 0..<5000 {
            let isTaken = buffer.append([UInt8](repeating: 1, count: 90), .other)
            #expect(isTaken)
        }
        #expect(buffer.bytes <= 1000 && buffer.count == 11)
        #expect(buffer.dropped == 4989)
        // What is read is not dropped.
        let held = buffer.read(maximumBytes: 300)
        for _ in 0..<100 { _ = buffer.append([UInt8](repeating: 2, count: 90), .other) }
        let again = buffer.read(maximumBytes: 300)
        #expect(again == held)
        // A record that is larger than the whole has no room.
        let isTaken = buffer.append([UInt8](repeating: 1, count: 2000), .other)
        #expect(!isTaken)
    }

    @Test func tooManyInASecondAreCounted() throws {
        var settings = DecisionLogSettings.console
        settings.maximumPerSecond = 2
        let desk = try Desk("package app", settings)
        for number in 0..<10 {
            try desk.decide("app/x", "{}") { $0.timestamp = 1_000_000_000 + Int64(number) * 100_000_000 }
        }
        // Two at once, and one more in 900 ms.
        #expect(desk.lines.value.count == 3)
        #expect(desk.log.status.counters.rateLimited == 7)
    }

    @Test func linesInAFileWithRotation() async throws {
        let path = try folder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let name = path + "/decisions.log"
        let settings = DecisionLogSettings.uploading {
            $0.service = nil
            $0.file = DecisionLogSettings.File(path: name, maximumBytes: 2000, keep: 2)
        }
        let desk = try Desk("package app", settings)
        for number in 0..<60 {
            try desk.decide("app/x", #"{"n": \#(number)}"#)
            #expect(await desk.log.ship() == nil)
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: path).sorted() == [
                "decisions.log", "decisions.log.1", "decisions.log.2",
            ])
        for file in ["", ".1", ".2"] {
            let text = try String(contentsOfFile: name + file, encoding: .utf8)
            #expect(text.utf8.count <= 2000)
            for line in text.split(separator: "\n") {
                #expect(try JSONSerialization.jsonObject(with: Data(line.utf8)) is [String: Any])
            }
        }
        #expect(desk.log.status.counters.shipped == 60)
    }

    /// A file that cannot be written holds the service back, too, and nothing is lost.
    @Test func aFileThatFailsKeepsEvents() async throws {
        let sink = Sink()
        let settings = DecisionLogSettings.uploading {
            $0.file = DecisionLogSettings.File(path: "/proc/none/x")
        }
        let desk = try Desk("package app", settings, upload: sink.upload)
        try desk.decide("app/x", "{}")
        #expect(await desk.log.ship()?.message.contains("/proc/none/x") ?? false)
        #expect(desk.log.status.pending == 1)
        #expect(sink.chunks.value.isEmpty)
    }

    @Test func shipsByItself() async throws {
        let sink = Sink()
        let desk = try Desk(
            "package app",
            .uploading {
                $0.trigger = .immediate
                $0.uploadBytes = 300
                $0.minimumDelay = 600
                $0.maximumDelay = 600
            }, upload: sink.upload)
        desk.log.start()
        for number in 0..<100 { try desk.decide("app/x", #"{"n": \#(number)}"#) }
        for _ in 0..<500 where desk.log.status.counters.shipped < 80 {
            try await Task.sleep(nanoseconds: 10_000_000)
        }
        #expect(desk.log.status.counters.shipped >= 80)
        // The end ships the rest.
        await desk.log.stop(seconds: 5)
        #expect(try sink.events().count == 100)
    }

    /// Another log takes the place of one, with another buffer each time: nothing is lost or doubled.
    @Test func anotherLogGoesOn() async throws {
        let path = try folder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let sink = Sink()
        func settings(_ buffer: DecisionLogSettings.Buffer) -> DecisionLogSettings { .uploading { $0.buffer = buffer } }
        let folders = ["a", "a", "b"].map { JournalSettings(directory: path + "/" + $0, maximumBytes: 1 << 20) }
        var desk = try Desk("package app", settings(.memory(bytes: nil, events: nil)), upload: sink.upload)
        try desk.decide("app/x", #"{"n": 0}"#)
        for (number, journal) in folders.enumerated() {
            let next = try Desk("package app", settings(.journal(journal)), upload: sink.upload, replacing: desk.log)
            await next.log.takeOver(desk.log)
            desk = next
            try desk.decide("app/x", #"{"n": \#(number + 1)}"#)
        }
        let last = try Desk(
            "package app", settings(.memory(bytes: nil, events: nil)), upload: sink.upload, replacing: desk.log)
        await last.log.takeOver(desk.log)
        #expect(await last.log.ship() == nil)
        #expect(try sink.events().compactMap { ($0["input"] as? [String: Any])?["n"] as? Int } == [0, 1, 2, 3])
    }
}
