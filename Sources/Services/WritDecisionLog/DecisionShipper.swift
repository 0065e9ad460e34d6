import Synchronization
import WritJournal

/// Takes events from the buffer to the service and the file.
///
/// An event is acknowledged when every sink has it. Where one of two fails, both get those events again: at least once.
final class DecisionShipper: Sendable {
    private let upload: DecisionLog.Upload?
    private struct State {
        var task: Task<Void, Never>?
        var waiter: AsyncStream<Void>.Continuation?
        var isStopping = false
    }
    private let state = Mutex(State())
    private let work: ShippingWork

    init(_ log: DecisionLog, _ upload: DecisionLog.Upload?) {
        self.upload = upload
        work = ShippingWork(log, upload)
    }

    deinit { state.withLock { $0.task }?.cancel() }

    func start() {
        let (stream, waiter) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let work = work
        state.withLock { state in
            guard state.task == nil, !state.isStopping else { return }
            state.waiter = waiter
            state.task = Task.detached { await work.run(stream) }
        }
    }

    func wake() { state.withLock { $0.waiter }?.yield() }

    func ship() async -> ShippingFailure? { await work.ship() }

    func stop(seconds: Double) async {
        let task = state.withLock { state in
            state.isStopping = true
            defer { state.task = nil }
            state.waiter?.finish()
            return state.task
        }
        task?.cancel()
        await task?.value
        guard seconds > 0, work.isAutomatic else { return }
        let work = work
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled, await work.ship() != nil {
                    try? await Task.sleep(nanoseconds: 200_000_000)
                }
            }
            group.addTask { try? await Task.sleep(nanoseconds: UInt64(min(seconds, 3600) * 1e9)) }
            await group.next()
            group.cancelAll()
        }
    }
}

/// One shipping at a time, and the loop around it.
actor ShippingWork {
    private weak let log: DecisionLog?
    private let upload: DecisionLog.Upload?
    private let settings: DecisionLogSettings
    private let file: EventFile?
    private var encoder: ChunkEncoder
    private var isShipping = false
    /// The last event that a sink has while another one has not.
    private var inFile: UInt64 = 0

    /// Events that are read at a time, in bytes of text: as many as an upload may hold once they are compressed, and no
    /// more, as they are memory.
    private let batch: Int

    init(_ log: DecisionLog, _ upload: DecisionLog.Upload?) {
        self.log = log
        settings = log.settings
        self.upload = settings.service == nil ? nil : upload
        file = settings.file.map { EventFile($0) }
        encoder = ChunkEncoder(limit: settings.uploadBytes)
        batch = max(512 << 10, min(4 << 20, min(1 << 20, settings.uploadBytes) * 16))
    }

    nonisolated var isAutomatic: Bool { settings.trigger != .manual }

    /// Ships at intervals, and when woken; after a failure sooner, and then less and less soon.
    func run(_ wakes: AsyncStream<Void>) async {
        guard settings.trigger != .manual else { return }
        var failures = 0
        while !Task.isCancelled {
            failures = await ship() == nil ? 0 : failures + 1
            let seconds: Double
            if failures == 0 {
                seconds = .random(
                    in: Double(settings.minimumDelay)...Double(max(settings.minimumDelay, settings.maximumDelay)))
            } else {
                let growing = 0.1 * Double(1 << min(failures, 20))
                seconds = min(growing, Double(settings.maximumDelay)) * .random(in: 0.75...1.25)
            }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await Task.sleep(nanoseconds: UInt64(seconds * 1e9)) }
                // A failing service is not asked sooner because there is more to send.
                if failures == 0 {
                    group.addTask { for await _ in wakes { return } }
                }
                await group.next()
                group.cancelAll()
            }
        }
    }

    /// Takes away what waits, after what is under way.
    func ship() async -> ShippingFailure? {
        while isShipping {
            guard (try? await Task.sleep(nanoseconds: 5_000_000)) != nil else { return nil }
        }
        guard let log else { return nil }
        isShipping = true
        defer { isShipping = false }
        do throws(ShippingFailure) {
            while !Task.isCancelled {
                let records = log.read(maximumBytes: batch)
                guard let last = records.last else { break }
                try await ship(records, log)
                if records.count == 1, last.payload.isEmpty { break }
            }
            log.state.withLock { $0.failure = nil }
            log.complaints.rest(.shipping)
            return nil
        } catch {
            log.release()
            log.state.withLock { $0.failure = error }
            log.complaints.tell(.shipping, "decisions were not shipped: \(error.message)")
            return error
        }
    }

    private func ship(_ records: [JournalRecord], _ log: DecisionLog) async throws(ShippingFailure) {
        if let file {
            let new = records.filter { $0.sequence > inFile }
            if !new.isEmpty { try file.append(new.map(\.payload)) }
            inFile = records.last?.sequence ?? inFile
        }
        guard let upload else {
            if let last = records.last { log.acknowledge(upTo: last.sequence, shipped: records.count) }
            return
        }
        var rest = records[...]
        while let first = rest.first {
            var events = rest.map(\.payload)[...]
            var isLost = false
            var chunk = try encoder.encode(events)
            if chunk == nil {
                // One event is larger than an upload: without what builtins gave it may fit.
                if let smaller = EventTrimming.withoutResults(first.payload),
                    let packed = try encoder.encode([smaller][...])
                {
                    log.count { $0.withoutResults += 1 }
                    chunk = packed
                } else {
                    log.count { $0.tooLarge += 1 }
                    log.complaints.tell(
                        .size, "a decision is not logged: its event is larger than \(settings.uploadBytes) bytes")
                    isLost = true
                }
            }
            let count = chunk?.count ?? 1
            if let chunk, let failure = await upload(chunk.bytes) { throw failure }
            events = events.dropFirst(count)
            log.acknowledge(upTo: rest[rest.startIndex + count - 1].sequence, shipped: isLost ? 0 : count)
            rest = rest.dropFirst(count)
        }
    }
}
