import Synchronization

/// A response as it came.
struct HTTPResponse: Sendable {
    var status: String
    var code: Int
    /// Names in lower case, in the order in which they came.
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    /// About the bytes that it takes in memory.
    var size: Int { headers.reduce(body.count + 256) { $0 + $1.name.utf8.count + $1.value.utf8.count + 32 } }
}

/// How the responses that outlive a query are kept: `caching.inter_query_builtin_cache` of OPA's configuration.
public struct InterQueryCacheOptions: Sendable, Equatable {
    /// `max_size_bytes`; 0 for no bound.
    public var sizeLimit = 100 << 20
    /// `forced_eviction_threshold_percentage`: how much of the bound may be filled.
    public var threshold = 100
    /// `stale_entry_eviction_period_seconds`: how often expired responses are thrown away; 0 for never.
    public var stalePeriod = 0

    public init() {}
}

/// Responses that outlive a query, by request. Beyond the bound the oldest go first. Used by any thread.
public final class InterQueryCache: Sendable {
    struct Entry: Sendable {
        var response: HTTPResponse
        /// Nanoseconds since 1970; long ago where the response may only be used after asking.
        var expires: Int64
    }

    private struct Slot {
        var entry: Entry
        var size: Int
        /// Its place in the order, told apart from places it had before.
        var number: Int
    }

    private struct State {
        var options: InterQueryCacheOptions
        var slots: [[UInt8]: Slot] = [:]
        /// Keys in the order in which they came; those whose number is another are dead.
        var order: [(key: [UInt8], number: Int)] = []
        var first = 0
        var next = 0
        var bytes = 0
        var swept: Int64 = 0
    }

    private let state: Mutex<State>

    public init(_ options: InterQueryCacheOptions = InterQueryCacheOptions()) {
        state = Mutex(State(options: options))
    }

    /// Changes the bounds; they hold from the next response on.
    public func configure(_ options: InterQueryCacheOptions) { state.withLock { $0.options = options } }

    /// Bytes that the kept responses take, and their number.
    public var usage: (bytes: Int, count: Int) { state.withLock { ($0.bytes, $0.slots.count) } }

    func find(_ key: [UInt8]) -> Entry? { state.withLock { $0.slots[key]?.entry } }

    /// Keeps a response; one that is too large for the bound is not kept. `now` is in nanoseconds since 1970.
    func insert(_ key: [UInt8], _ entry: Entry, now: Int64) {
        let size = entry.response.size + 2 * key.count
        state.withLock { state in
            Self.sweep(&state, now)
            Self.remove(key, &state)
            let options = state.options
            let limit = options.sizeLimit / 100 * options.threshold + options.sizeLimit % 100 * options.threshold / 100
            if options.sizeLimit > 0 {
                guard size <= limit else { return }
                while state.bytes + size > limit, state.first < state.order.count {
                    let oldest = state.order[state.first]
                    state.first += 1
                    if state.slots[oldest.key]?.number == oldest.number { Self.remove(oldest.key, &state) }
                }
            }
            state.slots[key] = Slot(entry: entry, size: size, number: state.next)
            state.order.append((key, state.next))
            state.next += 1
            state.bytes += size
            Self.compact(&state)
        }
    }

    func remove(_ key: [UInt8]) { state.withLock { Self.remove(key, &$0) } }

    /// Throws away what has expired, when it is time to.
    private static func sweep(_ state: inout State, _ now: Int64) {
        let period = Int64(state.options.stalePeriod)
        guard period > 0, now &- state.swept >= period &* 1_000_000_000 else { return }
        state.swept = now
        for (key, slot) in state.slots where slot.entry.expires < now { remove(key, &state) }
    }

    private static func remove(_ key: [UInt8], _ state: inout State) {
        guard let slot = state.slots.removeValue(forKey: key) else { return }
        state.bytes -= slot.size
    }

    /// Forgets dead places once they are most of the order.
    private static func compact(_ state: inout State) {
        guard state.order.count > 2 * state.slots.count + 64 else { return }
        let slots = state.slots
        state.order = state.order[state.first...].filter { slots[$0.key]?.number == $0.number }
        state.first = 0
    }
}
