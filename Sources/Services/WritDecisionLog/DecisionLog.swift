import Glibc
import Synchronization
import Writ
import WritJournal

/// The log of decisions of one process: what its event loops share.
public final class DecisionLog: Sendable {
    /// Sends one gzipped JSON array to the service, or says why it could not.
    public typealias Upload = @Sendable (_ chunk: [UInt8]) async -> ShippingFailure?

    struct State {
        var counters = DecisionLogCounters()
        var memory: MemoryBuffer
        var limiter: RateLimiter?
        var failure: ShippingFailure?
        /// Bytes that were accepted since the last shipping.
        var fresh = 0
    }

    public let settings: DecisionLogSettings
    let writer: EventWriter
    let journal: Journal?
    let state: Mutex<State>
    let console: (@Sendable ([UInt8]) -> Void)?
    /// What went wrong, for the process's own log.
    let complaints: Complaints
    private let shipper: Mutex<DecisionShipper?>

    /// Opens the log. With `replacing`, a journal in the same folder is shared; see `takeOver`. `console` receives events
    /// as JSON text without a line feed; `upload` sends them to the service, if the settings name one.
    public init(
        _ settings: DecisionLogSettings, labels: [(name: String, value: String)], upload: Upload? = nil,
        console: (@Sendable ([UInt8]) -> Void)? = nil, complain: @escaping @Sendable (String) -> Void = { _ in },
        replacing old: DecisionLog? = nil
    ) throws(JournalFailure) {
        self.settings = settings
        writer = EventWriter(labels: labels)
        self.console = settings.isOnConsole ? console : nil
        complaints = Complaints(complain)
        var memory = MemoryBuffer(bytes: nil, events: nil, whenFull: settings.whenFull)
        switch settings.buffer {
        case .memory(let bytes, let events):
            memory = MemoryBuffer(bytes: bytes, events: events, whenFull: settings.whenFull)
            journal = nil
        case .journal(var folder):
            folder.whenFull = settings.whenFull
            if !settings.ships {
                journal = nil
            } else if let shared = old?.journal, shared.settings.directory == folder.directory {
                journal = shared
            } else {
                journal = try Journal(folder)
            }
        }
        state = Mutex(State(memory: memory, limiter: settings.maximumPerSecond.map { RateLimiter(perSecond: $0) }))
        shipper = Mutex(nil)
        if settings.ships {
            let shipper = DecisionShipper(self, upload)
            self.shipper.withLock { $0 = shipper }
        }
    }

    /// What an event loop logs its decisions with.
    public func recorder() -> DecisionRecorder { DecisionRecorder(self) }

    /// Begins to take events away, as often as the settings say.
    public func start() { shipper.withLock { $0 }?.start() }

    /// Takes away what waits now; nil where all went well.
    public func ship() async -> ShippingFailure? { await shipper.withLock { $0 }?.ship() }

    /// Ends taking events away, after a last time for at most so many seconds. What is left stays in the journal, if
    /// there is one.
    public func stop(seconds: Double) async {
        let shipper = shipper.withLock { $0 }
        await shipper?.stop(seconds: seconds)
        try? journal?.close()
    }

    /// Ends another log whose place this one takes, and waits for what is under way there; what it has left is now
    /// this one's. Before `start`.
    public func takeOver(_ old: DecisionLog) async {
        await old.endShipping()
        if let journal, journal === old.journal { return }
        while true {
            let records = old.read(maximumBytes: 1 << 20)
            guard let last = records.last else { break }
            for record in records {
                // What finds no room is counted as any other event.
                record.payload.withUnsafeBufferPointer { try? accept($0, record.verdict, isNew: false) }
            }
            old.acknowledge(upTo: last.sequence, shipped: 0)
        }
        try? old.journal?.close()
    }

    private func endShipping() async { await shipper.withLock { $0 }?.stop(seconds: 0) }

    public var status: DecisionLogStatus {
        let journal = journal?.status
        return state.withLock { state in
            var result = DecisionLogStatus()
            result.counters = state.counters
            result.counters.droppedFull += state.memory.dropped
            result.pending = UInt64(state.memory.count)
            result.bytes = state.memory.bytes
            if let journal {
                result.counters.droppedFull +=
                    journal.counters.droppedOldest + journal.counters.droppedAllows + journal.counters.refusedFull
                result.counters.damaged = journal.counters.damaged
                result.pending = journal.pending
                result.bytes = journal.bytes
                result.journal = journal
            }
            result.failure = state.failure
            return result
        }
    }

    // MARK: What recorders and the shipper do

    /// Puts an event where it waits. Throws where nothing may give way for it and nothing is to be decided then.
    func accept(
        _ event: UnsafeBufferPointer<UInt8>, _ verdict: JournalVerdict, isNew: Bool = true
    ) throws(DecisionRefusal) {
        if let console, isNew { console(Array(event)) }
        guard settings.ships else {
            state.withLock { $0.counters.accepted += 1 }
            return
        }
        if let journal {
            do throws(JournalFailure) {
                try journal.append(UnsafeRawBufferPointer(event), verdict: verdict)
            } catch {
                if error.code == .size { state.withLock { $0.counters.tooLarge += 1 } }
                complaints.tell(.buffer, "a decision is not logged: \(error.message)")
                if settings.whenFull == .refuse { throw DecisionRefusal(message: error.message) }
                return
            }
        } else {
            let isTaken = state.withLock { $0.memory.append(Array(event), verdict) }
            guard isTaken else {
                if settings.whenFull == .refuse {
                    throw DecisionRefusal(message: "the buffer of the decision log is full")
                }
                return
            }
        }
        let isDue = state.withLock { state in
            state.counters.accepted += 1
            state.fresh += event.count
            guard settings.trigger == .immediate, state.fresh >= settings.uploadBytes * 4 else { return false }
            state.fresh = 0
            return true
        }
        if isDue { shipper.withLock { $0 }?.wake() }
    }

    func read(maximumBytes: Int) -> [JournalRecord] {
        journal?.read(maximumBytes: maximumBytes) ?? state.withLock { $0.memory.read(maximumBytes: maximumBytes) }
    }

    func acknowledge(upTo sequence: UInt64, shipped: Int) {
        if let journal { journal.acknowledge(upTo: sequence) }
        state.withLock { state in
            if journal == nil { state.memory.acknowledge(upTo: sequence) }
            state.counters.shipped += UInt64(shipped)
        }
    }

    func release() {
        if let journal { return journal.release() }
        state.withLock { $0.memory.release() }
    }

    func count(_ body: (inout DecisionLogCounters) -> Void) { state.withLock { body(&$0.counters) } }
}

/// A decision that must not be given, because it cannot be logged and the settings say that none goes without.
public struct DecisionRefusal: Error, Sendable {
    public let message: String
}
